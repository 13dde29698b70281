"""The title of a document, whole: from the official tag, the table, the CMS's mark, a heading, or <title> confirmed."""

import re
from collections.abc import Iterator
from itertools import islice, pairwise

from policy_crawler.reading.blocks import Line
from policy_crawler.reading.body import first_lines
from policy_crawler.reading.fragments import restored_title
from policy_crawler.reading.labelled import Labels
from policy_crawler.reading.model import Evidence
from policy_crawler.reading.page import Page, is_hidden, shown_text
from policy_crawler.reading.selecting import Selectors
from policy_crawler.reading.text import clean, folded, squeezed
from policy_crawler.reading.tree import Tree

LONGEST = 500  # I5: a longer title is an attack or a whole page
_MARKED = Selectors(
    "ucaptitle, #con_title, #article_title, #ivs_title, .con-title, .sp_title, .article-title, .xxgk_title, "
    ".arti_title, .h-title, [itemprop=headline], #activity-name, .main-title, .artTitle, .post_title, .pages-title"
)
_CALLED_TITLE = Selectors(".title")
_SEPARATOR = re.compile(r"\s*(?:_{1,2}|[|｜]|－{1,2}|-{1,3}|—{2}|>>|<<|›|·)\s*")
_SURE_SEPARATOR = re.compile(r"\s*(?:_{1,2}|[|｜]|—{2})\s*|\s+-{1,2}\s+|-{2}")
_SITE = re.compile(
    r"(?:网|网站|门户|频道|政府|平台|首页|新闻|官网|Com|\.com|\.cn|委员会|总局|部|厅|局|中心|栏目|客户端)$"
)
_BREAK, _TAG = re.compile(r"<br\s*/?>", re.IGNORECASE), re.compile(r"</?[a-zA-Z][^<>]*>")
_ORGAN = re.compile(r"(?:医院|办事处|大学|学院|学校|协会|学会|公司|管委会|管理委员会|法院|检察院|集团|研究院|研究所)$")
_NO_TITLE = frozenset(
    [
        "",
        "无",
        "首页",
        "正文",
        "详情",
        "详细内容",
        "内容页",
        "文章页",
        "信息公开",
        "政府信息公开",
        "通知公告",
        "无标题文档",
        "新闻详情",
        "文章详情",
        "详细信息",
    ]
)

Found = tuple[str, Evidence]


def find_title(page: Page, labels: Labels, front: dict[str, str], lines: list[Line]) -> Found | None:
    """The title with its evidence; None when the page has none. `lines` are the body's, furniture included."""
    if front.get("title"):
        images = [page.tree.attributes[place] for place in page.tree.named("img")]
        printed = [value for image in images for value in (image.get("title"), image.get("alt")) if value]
        return _made(restored_title(front["title"], printed), "front matter title", 0.9)
    best: Found | None = None
    official = page.meta("articletitle")
    if official and not _is_site(official, page):
        best = _made(official, "meta ArticleTitle", 0.98)
    table = next((label for label in labels.table if label.field == "title" and len(squeezed(label.value)) >= 4), None)
    if table and (best is None or _extends(table.value, best[0])):
        best = _made(table.value, f"table {table.word}", 0.95)
    if best:
        longer = _printed_whole(page, best[0])
        return _made(longer, best[1].source, best[1].confidence) if longer else best
    return next(_from_page(page, labels, lines), None)


def _from_page(page: Page, labels: Labels, lines: list[Line]) -> Iterator[Found]:
    """Titles as the page itself prints them, most trusted first."""
    wanted = folded(page.document_title)
    tree = page.tree
    for place in page.select(_MARKED):
        text = _text(tree, place)
        if 4 <= len(text) <= LONGEST and not _is_site(text, page) and not is_hidden(tree, place):
            yield _made(text, f"mark {tree.identity(place)}", 0.92)
    headings = [(tree.tags[place], _text(tree, place)) for place in _headings(tree) if not is_hidden(tree, place)]
    for tag, text in headings:
        if len(key := folded(text)) >= 5 and key in wanted and not _is_site(text, page):
            yield _made(text, f"{tag} that <title> repeats", 0.92)
    opened = page.meta("og:title", "twitter:title")
    if opened and len(opened) >= 4 and not _is_site(opened, page):
        yield _made(_confirmed(opened, page, lines) or opened, "meta og:title", 0.85)
    headline = page.structured.get("headline", "")
    if len(headline) >= 4 and squeezed(clean(headline)) in page.short_texts and not _is_site(headline, page):
        yield _made(headline, "structured data headline", 0.85)
    ones = [text for tag, text in headings if tag == "h1" and 6 <= len(text) <= LONGEST and not _is_site(text, page)]
    if len(ones) == 1:
        yield _made(ones[0], "only h1", 0.8)
    confirmed = _confirmed(page.document_title, page, lines)
    if confirmed:
        yield _made(confirmed, "<title> confirmed by the page", 0.85)
    above = _above_label(page, labels)
    if above:
        yield _made(above, "text above the date or source", 0.7)
    opening = first_lines(lines)
    if opening:
        yield _made("".join(opening), "first lines of the text", 0.6)
    stripped = _without_site(page.document_title)
    if stripped and not _is_site(stripped, page):
        yield _made(stripped, "<title>", 0.6)


def other_titles(page: Page, labels: Labels) -> Iterator[Found]:
    """What tags, table and headings call the page, whichever of them was chosen: for those who ask why."""
    official = page.meta("articletitle")
    if official:
        yield _made(official, "meta ArticleTitle", 0.98)
    for label in labels.table:
        if label.field == "title" and label.value:
            yield _made(label.value, f"table {label.word}", 0.95)
    for place in page.tree.named("h1"):
        if not is_hidden(page.tree, place) and (text := _text(page.tree, place)):
            yield _made(text, "h1", 0.8)
    opened = page.meta("og:title")
    if opened:
        yield _made(opened, "meta og:title", 0.85)
    if page.document_title:
        yield _made(_without_site(page.document_title), "<title>", 0.6)


def _above_label(page: Page, labels: Labels) -> str | None:
    """The short text right above the line of date and source, where a title stands that nothing else marks."""
    for label in (*labels.above, *labels.inside):
        if label.field in {"published", "source"} and label.order:
            place, text = page.texts[label.order - 1]
            title = clean(text) if len(text) < 600 else ""
            near = islice(page.tree.ancestors(place), 3)
            linked = any(page.tree.tags[above] in {"a", "li", "td"} for above in near)
            if (
                6 <= len(title) <= 120
                and not linked
                and not title.endswith(("。", "：", ":", ">", "；"))
                and not _is_site(title, page)
            ):
                return title
            return None
    return None


def _made(text: str, source: str, confidence: float) -> Found:
    title = clean(_TAG.sub("", _BREAK.sub(" ", text)))
    return title[:LONGEST].rstrip(), Evidence(source, confidence)


def _text(tree: Tree, place: int) -> str:
    return shown_text(tree, place)[: LONGEST + 1]


def _headings(tree: Tree) -> list[int]:
    return sorted(place for tag in ("h1", "h2", "h3") for place in tree.named(tag))


def _is_site(text: str, page: Page) -> bool:
    """True when the text is the site's or the column's name, or a template's word for any page."""
    key = squeezed(text)
    return key in _NO_TITLE or key in {
        squeezed(page.meta(name) or "\n") for name in ("sitename", "columnname", "og:site_name")
    }


def _extends(longer: str, shorter: str) -> bool:
    whole, part = folded(longer), folded(shorter.rstrip("….．。 "))
    return len(whole) > len(part) and whole.startswith(part)


def _printed_whole(page: Page, title: str) -> str | None:
    """A tag's title may be cut with …: the whole one as a heading or <title> prints it."""
    if not title.rstrip().endswith(("…", "...", "..")):
        return None
    for place in sorted({*_headings(page.tree), *page.select(_CALLED_TITLE)}):
        text = _text(page.tree, place)
        if _extends(text, title) and len(text) <= LONGEST:
            return text
    whole = _without_site(page.document_title)
    return whole if _extends(whole, title) else None


def _confirmed(document: str, page: Page, lines: list[Line]) -> str | None:
    """The longest part of <title> between separators that the page prints as a text of its own."""
    cuts = [match.span() for match in _SEPARATOR.finditer(document)]
    parts = [document, *(document[:start] for start, _ in cuts), *(document[end:] for _, end in cuts)]
    parts += [document[end:start] for (_, end), (start, _) in pairwise(cuts)]
    # Some templates put site and column in front, parted by spaces: what follows a space may be the title. What
    # precedes one may be only where the name of a site or an organ follows.
    parts += [document[gap.end() :] for gap in re.finditer(r"\s+", document)]
    gaps = [
        gap
        for gap in re.finditer(r"\s+", document)
        if _SITE.search(document[gap.end() :]) or _ORGAN.search(document[gap.end() :])
    ]
    parts += [document[: gap.start()] for gap in gaps]
    opening = squeezed("".join(line.text for line in lines[:6]))[: len(document) + 20]
    fitting = [
        part
        for part in parts
        if len(key := squeezed(part)) >= 6
        and (key in page.short_texts or opening.startswith(key))
        and not _is_site(part, page)
    ]
    return max(fitting, key=len, default=None)


def _without_site(document: str) -> str:
    """<title> without the names of column and site behind (or before) separators."""
    parts = [part for part in _SEPARATOR.split(document) if part]
    if len(parts) < 2:
        return document
    if len(parts) == 2 and _SITE.search(parts[0]) and not _SITE.search(parts[1]):
        return parts[1]
    sure = _SURE_SEPARATOR.search(document)
    if sure and sure.start() >= 4:
        return document[: sure.start()]
    while len(parts) > 1 and _SITE.search(parts[-1]):
        document = document[: document.rfind(parts[-1])].rstrip(" -－_|｜—·")
        parts.pop()
    return document
