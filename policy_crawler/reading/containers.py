"""Where the text of a document stands: the marks a CMS leaves, its family's containers, then the mass of the text."""

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

from policy_crawler.reading.noise import is_noise
from policy_crawler.reading.page import BLOCK_TAGS, Page, ancestors, is_hidden

# One selector list a family (cms.md §2-§14), most specific first: an editor's own wrapper says exactly where text begins.
FAMILY_CONTAINERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("ucap", ("ucapcontent",)),
    ("govcn", ("#UCAP-CONTENT",)),
    ("trs", (".trs_editor_view", ".TRS_UEDITOR", ".TRS_Editor", ".Custom_UnionStyle", ".trs_paper_default")),
    ("vsb", ("[id^=vsb_content]", ".v_news_content")),
    ("jpaas", ("#con_con", "[ergodic=article]", ".art-con")),
    ("jcms", ("#zoom", "#Zoom", "#zoomcon", "#ZoomCon", ".bt_content", ".artile_zw", ".zc_article_con")),
    ("gkmlpt", (".article-content", "#gkmlpt .content")),
    ("nfra", ("#wenzhang-content",)),
    ("ucap", ("#detailContent", ".detail-news", ".article_content", "#xw_box")),
    ("xinhua", ("#detailContent", "#p-detail", "#detail")),
    ("govcn", (".pages_content",)),
    ("cac", ("#BodyLabel",)),
    ("shanghai", ("#ivs_content", ".Article_content")),
    ("easysite", (".easysite-news-peruse",)),
    ("lonsun", (".gzk-article", ".j-fontContent", ".wzcon")),
    ("ithome", ("#paragraph", ".post_content")),
    ("people", ("#rwb_zw", ".rm_txt_con", "#rm_txt_zw", ".show_text")),
    ("sina", ("#artibody", "#article_content .article")),
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
# Names many templates use for more than the text: taken only when they hold most of the page's prose.
_GENERIC = (
    "#content",
    ".content",
    "article",
    ".article",
    "#article",
    ".article-text",
    ".content-text",
    ".content-body",
    ".content-main",
    ".content-box",
    ".detail-content",
    ".pub-detail",
    ".con",
    ".text",
    "#nr",
    ".news_content",
    "#news_content",
    ".articleCon",
)
_FAMILY_OF = {selector: family for family, selectors in FAMILY_CONTAINERS for selector in selectors}
_SPECIFIC = ", ".join(_FAMILY_OF)
_GENERIC_LIST = ", ".join(_GENERIC)
_PROSE = re.compile("[，。；！？、：,;]")
_INLINE_TEXT = frozenset(
    {
        "p",
        "span",
        "font",
        "b",
        "strong",
        "em",
        "i",
        "u",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "blockquote",
        "a",
        "li",
        "center",
    }
)


@dataclass(frozen=True, slots=True)
class Container:
    """The element that holds the body. `start` and `end` are marks inside it (ContentStart, ContentEnd) when it has them."""

    node: LexborNode
    family: str
    source: str  # for the evidence
    confidence: float
    start: int | None = None  # mem_id of the mark
    end: int | None = None


def find_container(page: Page) -> Container | None:
    """The element that holds the document's text; None when the page has no prose at all."""
    marked = _marked(page)
    if marked:
        return marked
    mass = _Mass(page)
    specific = _specific(page, mass)
    if specific:
        return specific
    heaviest = mass.heaviest()
    generic = _generic(page, mass, heaviest)
    if generic:
        return generic
    if heaviest is not None:
        return Container(heaviest, "generic", "text mass", 0.5)
    return None


def _marked(page: Page) -> Container | None:
    """Between the tags ContentStart and ContentEnd that Hanweb and TRS templates print around the text."""
    for start in page.tree.css("meta[name=ContentStart]"):
        parent = start.parent
        if parent is None or _is_out(parent):
            continue
        end = next((node for node in parent.css("meta[name=ContentEnd]")), None)
        outer = parent
        if end is None or not (outer.text(deep=True).strip() or outer.css_first("img")):
            continue
        family = _FAMILY_OF.get(f"#{parent.id}", "") if parent.id else ""
        return Container(outer, family or "generic", "meta ContentStart", 0.95, start.mem_id, end.mem_id)
    return None


def _specific(page: Page, mass: "_Mass") -> Container | None:
    """The first family container, in the list's order, that is shown and holds anything."""
    nodes = [node for node in page.tree.css(_SPECIFIC) if _holds(node)]
    if not nodes:
        return None
    shown = [node for node in nodes if not _is_out(node)] or nodes
    for selector, family in _FAMILY_OF.items():
        matching = [node for node in shown if node.css_matches(selector)]
        if not matching:
            continue
        node = max(_outermost(matching), key=mass.of)
        return Container(node, family, f"container {selector}", 0.9)
    return None


def _generic(page: Page, mass: "_Mass", heaviest: LexborNode | None) -> Container | None:
    if heaviest is None:
        return None
    needed = mass.of(heaviest) * 0.8
    fitting = [
        node
        for node in page.tree.css(_GENERIC_LIST)
        if needed <= mass.of(node) <= mass.of(heaviest) * 1.3 and not _is_out(node)
    ]
    if not fitting:
        return None
    node = min(fitting, key=mass.of)
    return Container(
        node, "generic", f"container {node.tag}.{node.attributes.get('class') or node.id or ''}".rstrip("."), 0.7
    )


def _outermost(nodes: list[LexborNode]) -> list[LexborNode]:
    """Those of `nodes` that stand in none of the others (editors nest their own wrapper)."""
    ids = {node.mem_id for node in nodes}
    return [node for node in nodes if not any(parent.mem_id in ids for parent in ancestors(node))] or nodes


def _holds(node: LexborNode) -> bool:
    return bool((node.text(deep=True) or "").strip()) or node.css_first("img, a[href]") is not None


def _is_out(node: LexborNode) -> bool:
    """True when the element or one of its parents is hidden or is furniture."""
    if is_hidden(node):
        return True
    return any(is_hidden(parent) or parent.tag in {"nav", "footer"} for parent in ancestors(node))


class _Mass:
    """How much prose stands under each element: text outside links that reads like sentences."""

    def __init__(self, page: Page) -> None:
        self.weights: dict[int, int] = {}
        self.nodes: dict[int, LexborNode] = {}
        out: dict[int, bool] = {}
        for node, text in page.texts:
            length = len(text)
            if length < 12 or (length < 60 and not _PROSE.search(text)):
                continue
            weight = length - text.count(" ")
            path: list[LexborNode] = []
            skip = False
            for parent in ancestors(node):
                known = out.get(parent.mem_id)
                if known is None:
                    known = (
                        parent.tag in {"a", "nav", "footer", "header", "button", "textarea", "head"}
                        or is_hidden(parent)
                        or is_noise(parent)
                    )
                    out[parent.mem_id] = known
                if known:
                    skip = True
                    break
                path.append(parent)
            if skip:
                continue
            for parent in path:
                key = parent.mem_id
                self.weights[key] = self.weights.get(key, 0) + weight
                self.nodes[key] = parent
        self._body = page.body

    def of(self, node: LexborNode) -> int:
        """The prose under `node`, in characters."""
        return self.weights.get(node.mem_id, 0)

    def heaviest(self) -> LexborNode | None:
        """From the body down to the innermost element that still holds (nearly) all prose of its parent."""
        current = self._body
        if not self.of(current):
            return None
        while True:
            children = [child for child in current.iter() if child.tag not in _INLINE_TEXT and self.of(child)]
            best = max(children, key=self.of, default=None)
            if best is None:
                return current
            share = self.of(best) / self.of(current)
            if share >= 0.9 or (share >= 0.55 and self._is_text_box(best)):
                current = best
                continue
            return current

    def _is_text_box(self, node: LexborNode) -> bool:
        """True when `node`, and not just one paragraph of it, is where the paragraphs are."""
        bearing = 0
        for child in node.traverse():
            if child.tag in BLOCK_TAGS and self.of(child):
                bearing += 1
            elif child.tag == "br":
                bearing += 1
            if bearing > 3:
                return True
        return False
