"""Where the text of a document stands: the marks a CMS leaves, its family's containers, then density."""

from dataclasses import dataclass, replace
from functools import cached_property

from selectolax.lexbor import LexborNode

from policy_crawler.reading.density import Density
from policy_crawler.reading.files import file_type
from policy_crawler.reading.page import TEXT, Page, ancestors, is_data_table, is_hidden
from policy_crawler.reading.selecting import Selectors
from policy_crawler.reading.text import clean

# One list a family, most specific first: an editor's own wrapper says exactly where text begins.
FAMILY_CONTAINERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("ucap", ("ucapcontent",)),
    ("govcn", ("#UCAP-CONTENT",)),
    ("trs", (".trs_editor_view", ".TRS_UEDITOR", ".TRS_Editor", ".Custom_UnionStyle", ".trs_paper_default")),
    ("vsb", ("[id^=vsb_content]", ".v_news_content")),
    ("jpaas", ("#con_con", "[ergodic=article]", ".zc_article_con", ".Three_xilan_07")),
    ("jcms", ("#zoom", "#Zoom", "#zoomcon", "#ZoomCon", ".bt_content", ".artile_zw")),
    ("nfra", ("#wenzhang-content",)),
    ("ucap", ("#detailContent", ".detail-news", ".article_content", "#xw_box")),
    ("xinhua", ("#p-detail", "#detail")),
    ("govcn", (".pages_content",)),
    ("cac", ("#BodyLabel",)),
    ("shanghai", ("#ivs_content", ".Article_content")),
    ("easysite", (".easysite-news-peruse",)),
    ("lonsun", (".gzk-article", ".j-fontContent", ".wzcon")),
    ("hebei", (".xxgk_gfxwjk-xqy-neir", ".incontent")),
    ("nc", (".zsy_comain",)),
    ("ithome", ("#paragraph",)),
    ("people", ("#rwb_zw", ".rm_txt_con", "#rm_txt_zw", ".show_text")),
    ("sina", ("#artibody",)),
    ("netease", ("#endText", ".post_body", ".post_text")),
    ("sohu", ("#mp-editor", "article.article")),
    ("tencent", ("#Cnt-Main-Article-QQ", ".content-article", "#ArticleCnt")),
    ("chinanews", (".left_zw",)),
    ("gmw", (".u-mainText", "#contentMain")),
    ("wechat", ("#js_content",)),
    (
        "generic",
        (
            ".xxgk-content",
            ".xxgk_content",
            ".article_con",
            ".article-con",
            ".my_doccontent",
            ".main-txt",
            "[itemprop=articleBody]",
        ),
    ),
)
# Names many templates use for more than the text: taken only when they hold the page's densest prose.
_GENERIC = Selectors(
    "#content, .content, article, .article, #article, .article-text, .article-content, .content-text, .content-body, "
    ".content-main, .content-box, .detail-content, .pub-detail, .con, .text, .news_content, #news_content, "
    ".articleCon, .post_content, .art-con"
)
_FAMILY_OF = {selector: family for family, selectors in FAMILY_CONTAINERS for selector in selectors}
_SPECIFIC = Selectors(", ".join(_FAMILY_OF))
_MARKING = frozenset({"jcms", "trs"})  # families whose templates print ContentStart and ContentEnd
_FEW = 60  # characters under which a family's container must hold a picture or a file to be believed


@dataclass(frozen=True)
class Container:
    """The element that holds the body. `start` and `end` mark the text inside it (ContentStart, ContentEnd), if any."""

    node: LexborNode
    family: str
    source: str  # for the evidence
    confidence: float
    start: int | None = None  # mem_id of the mark
    end: int | None = None

    first_order: int | None = None  # places of its first and last text among the page's texts
    last_order: int | None = None

    @cached_property
    def text_ids(self) -> frozenset[int]:
        """The ids of the text nodes inside that are not white space."""
        nodes = self.node.traverse(include_text=True, skip_empty=True)
        return frozenset(node.mem_id for node in nodes if node.tag_id == TEXT)


def find_container(
    page: Page, without: frozenset[str] = frozenset(), tables: frozenset[int] = frozenset()
) -> Container | None:
    """The element that holds the document's text; None when the page has no prose at all.

    The marks and containers of the families `without` count for nothing, nor do the words of disclosure `tables`
    (element ids) in the search for prose.
    """
    marked = None if without & _MARKING else _marked(page)
    found = marked or _specific(page, without) or _densest(page, tables)
    return _placed(page, found) if found else None


def texts_above(page: Page, container: Container | None) -> list[str]:
    """The short texts of the page before its body, each cleaned."""
    last = container.first_order if container and container.first_order is not None else 0
    return [line for _, text in page.texts[:last] if len(text) < 400 and (line := clean(text))]


def _placed(page: Page, container: Container) -> Container:
    """The container with the places of its texts on the page."""
    ids = container.text_ids
    texts = page.texts
    first = next((order for order, (node, _) in enumerate(texts) if node.mem_id in ids), None)
    if first is None:
        return container
    last = next(order for order in range(len(texts) - 1, -1, -1) if texts[order][0].mem_id in ids)
    return replace(container, first_order=first, last_order=last)


def _marked(page: Page) -> Container | None:
    """Between the tags ContentStart and ContentEnd that Hanweb and TRS templates print around the text."""
    for start in page.tree.css("meta[name=ContentStart]") if page.marked else ():
        parent = start.parent
        if parent is None or parent.tag in {"head", "html"} or _is_out(parent):
            continue
        end = parent.css_first("meta[name=ContentEnd]")
        if end is not None and _holds(parent):
            family = _FAMILY_OF.get(f"#{parent.id}", "generic") if parent.id else "generic"
            return Container(parent, family, "meta ContentStart", 0.95, start.mem_id, end.mem_id)
    return None


def _specific(page: Page, without: frozenset[str]) -> Container | None:
    """The first family container, in the list's order, that is shown and holds anything."""
    nodes = [node for node in page.select(_SPECIFIC) if node.tag not in {"a", "li", "input"} and _holds(node)]
    shown = [node for node in nodes if not _is_out(node)] or nodes
    for selector, family in _FAMILY_OF.items() if shown else ():
        if family in without or not page.index.may_have(selector):
            continue
        matching = _outermost([node for node in shown if node.css_matches(selector)])
        if not matching:
            continue
        node = max(matching, key=lambda found: len(found.text(deep=True)))
        if _is_text(node):
            return Container(node, family, f"container {selector}", 0.9)
    return None


def _densest(page: Page, tables: frozenset[int]) -> Container | None:
    density = Density(page)
    best = density.best()
    if best is None:
        return None
    if best.mem_id in tables or any(parent.mem_id in tables for parent in ancestors(best)):
        beside = Density(page, tables)  # a disclosure table says more than a short text
        other = beside.best()
        if other is not None:
            density, best = beside, other
    best = next(
        (table.parent or table for table in ancestors(best) if table.tag == "table" and is_data_table(table)), best
    )
    for node in page.select(_GENERIC):
        if density.same_text(node, best) and not _is_out(node):
            name = node.id or node.attributes.get("class") or node.tag
            return Container(node, "generic", f"container {name}", 0.7)
    return Container(best, "generic", "text density", 0.5)


def _outermost(nodes: list[LexborNode]) -> list[LexborNode]:
    """Those of `nodes` that stand in none of the others (editors nest their own wrapper)."""
    if len(nodes) < 2:
        return nodes
    ids = {node.mem_id for node in nodes}
    return [node for node in nodes if not any(parent.mem_id in ids for parent in ancestors(node))] or nodes


def _holds(node: LexborNode) -> bool:
    text = node.text(deep=True)
    return bool(text and not text.isspace()) or node.css_first("img, a[href]") is not None


def _is_text(node: LexborNode) -> bool:
    """True unless the container is nearly empty and has neither picture nor file: then the text stands elsewhere."""
    if len("".join(node.text(deep=True).split())) >= _FEW or node.css_first("img") is not None:
        return True
    return any(file_type(link.attributes.get("href") or "") is not None for link in node.css("a[href]"))


def _is_out(node: LexborNode) -> bool:
    """True when the element or one of its parents is hidden or is furniture."""
    return is_hidden(node) or any(is_hidden(parent) or parent.tag in {"nav", "footer"} for parent in ancestors(node))
