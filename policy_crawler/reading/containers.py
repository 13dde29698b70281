"""Where the text of a document stands: the marks a CMS leaves, its family's containers, then density."""

from bisect import bisect_left
from dataclasses import dataclass

from policy_crawler.reading.density import Density
from policy_crawler.reading.files import file_type
from policy_crawler.reading.page import Page, hides, is_data_table
from policy_crawler.reading.selecting import Selectors
from policy_crawler.reading.text import clean
from policy_crawler.reading.tree import Tree

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
_NO_BOX = frozenset({"a", "li", "input"})
_FEW = 60  # characters under which a family's container must hold a picture or a file to be believed


@dataclass(frozen=True, slots=True)
class Container:
    """The element that holds the body. `start` and `end` mark the text inside it (ContentStart, ContentEnd), if any."""

    node: int  # its place
    stop: int  # the place behind the last node inside
    family: str
    source: str  # for the evidence
    confidence: float
    start: int | None = None  # place of the mark
    end: int | None = None
    first_order: int | None = None  # its first and last text among the page's texts; None without any
    last_order: int | None = None

    def holds(self, place: int) -> bool:
        """True for what stands inside."""
        return self.node < place < self.stop


def find_container(
    page: Page, without: frozenset[str] = frozenset(), tables: frozenset[int] = frozenset()
) -> Container | None:
    """The element that holds the document's text; None when the page has no prose at all.

    The marks and containers of the families `without` count for nothing, nor do the words of disclosure `tables`
    in the search for prose.
    """
    marked = None if without & _MARKING else _marked(page)
    return marked or _specific(page, without) or _densest(page, tables)


def texts_above(page: Page, container: Container | None, word: str) -> list[str]:
    """The short texts with this word before the body, each cleaned."""
    last = container.first_order if container and container.first_order is not None else 0
    return [line for _, text in page.texts[:last] if word in text and len(text) < 400 and (line := clean(text))]


def _container(page: Page, node: int, family: str, source: str, confidence: float, **marks: int) -> Container:
    """The container at `node`, with its texts among those of the page."""
    stop = page.tree.ends[node]
    first, behind = bisect_left(page.texts, (node,)), bisect_left(page.texts, (stop,))
    orders = {"first_order": first, "last_order": behind - 1} if first < behind else {}
    return Container(node, stop, family, source, confidence, **marks, **orders)


def _marked(page: Page) -> Container | None:
    """Between the tags ContentStart and ContentEnd that Hanweb and TRS templates print around the text."""
    if not page.marked:
        return None
    tree = page.tree
    metas = [(place, tree.attributes[place].get("name")) for place in tree.named("meta")]
    for start in (place for place, name in metas if name == "ContentStart"):
        parent = tree.above[start]
        if tree.tags[parent] in {"head", "html"} or _is_out(tree, parent):
            continue
        end = next(
            (place for place, name in metas if name == "ContentEnd" and parent < place < tree.ends[parent]), None
        )
        if end is not None and _holds(tree, parent):
            family = _FAMILY_OF.get(f"#{tree.attributes[parent].get('id')}", "generic")
            return _container(page, parent, family, "meta ContentStart", 0.95, start=start, end=end)
    return None


def _specific(page: Page, without: frozenset[str]) -> Container | None:
    """The first family container, in the list's order, that is shown and holds anything."""
    tree = page.tree
    places = [place for place in page.select(_SPECIFIC) if tree.tags[place] not in _NO_BOX and _holds(tree, place)]
    shown = {place for place in places if not _is_out(tree, place)} or set(places)
    for selector, family in _FAMILY_OF.items() if shown else ():
        if family in without or not (named := page.index.find(selector)):
            continue
        matching = _outermost(tree, [place for place in named if place in shown])
        if not matching:
            continue
        place = max(matching, key=lambda found: len(tree.text(found)))
        if _is_text(tree, place):
            return _container(page, place, family, f"container {selector}", 0.9)
    return None


def _densest(page: Page, tables: frozenset[int]) -> Container | None:
    tree = page.tree
    density = Density(page)
    best = density.best()
    if best is None:
        return None
    if best in tables or not tables.isdisjoint(tree.ancestors(best)):
        beside = Density(page, tables)  # a disclosure table says more than a short text
        other = beside.best()
        if other is not None:
            density, best = beside, other
    data = (place for place in tree.ancestors(best) if tree.tags[place] == "table" and is_data_table(tree, place))
    best = next((tree.above[table] for table in data), best)
    for place in page.select(_GENERIC):
        if density.same_text(place, best) and not _is_out(tree, place):
            return _container(page, place, "generic", f"container {tree.identity(place)}", 0.7)
    return _container(page, best, "generic", "text density", 0.5)


def _outermost(tree: Tree, places: list[int]) -> list[int]:
    """Those of `places`, which are in order, that stand in none of the others (editors nest their own wrapper)."""
    outer: list[int] = []
    for place in places:
        if not outer or place >= tree.ends[outer[-1]]:
            outer.append(place)
    return outer


def _holds(tree: Tree, place: int) -> bool:
    text = tree.text(place)
    return bool(text and not text.isspace()) or bool(tree.named("img", place) or tree.links(place))


def _is_text(tree: Tree, place: int) -> bool:
    """True unless the container is nearly empty and has neither picture nor file: then the text stands elsewhere."""
    if len("".join(tree.text(place).split())) >= _FEW or tree.named("img", place):
        return True
    return any(file_type(href) is not None for _, href in tree.links(place))


def _is_out(tree: Tree, place: int) -> bool:
    """True when the element or one of its parents is hidden, or a parent is furniture."""
    return hides(tree.attributes[place]) or any(
        hides(tree.attributes[above]) or tree.tags[above] in {"nav", "footer"} for above in tree.ancestors(place)
    )
