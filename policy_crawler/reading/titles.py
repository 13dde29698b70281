"""The title of a document, whole: from the official tag, the table, the CMS's mark, a heading, or <title> confirmed."""

import re

from policy_crawler.reading.fragments import restored_title
from policy_crawler.reading.labels import Label
from policy_crawler.reading.model import Evidence
from policy_crawler.reading.page import Page, ancestors, is_hidden, shown_text
from policy_crawler.reading.text import clean, folded, squeezed

LONGEST = 500  # I5: a longer title is an attack or a whole page
_MARKED = (
    "ucaptitle",
    "#con_title",
    "#article_title",
    "#ivs_title",
    ".con-title",
    ".sp_title",
    ".article-title",
    ".xxgk_title",
    ".arti_title",
    ".h-title",
    "[itemprop=headline]",
    "#activity-name",
    ".main-title",
    ".artTitle",
    ".post_title",
    ".pages-title",
    ".title-text",
)
_HEADINGS = "h1, h2, h3"
_SEPARATOR = re.compile(r"\s*(?:_{1,2}|\||｜|－{1,2}|-{1,3}|—{2}|——|>>|<<|›|·)\s*")
_SITE = re.compile(
    r"(?:网|网站|门户|频道|政府|平台|首页|新闻|官网|Com|\.com|\.cn|委员会|总局|部|厅|局|中心|栏目|客户端)$"
)
_NO_TITLE = frozenset(
    {"", "无", "首页", "正文", "详情", "详细内容", "内容页", "文章页", "信息公开", "政府信息公开", "通知公告"}
)


def find_title(
    page: Page, labels: list[Label], front: dict[str, str], first_lines: list[str]
) -> tuple[str, Evidence] | None:
    """The title with its evidence; None when the page has none. `first_lines`: centred lines the body opens with."""
    if front.get("title"):
        printed = [
            value
            for image in page.tree.css("img")
            for value in (image.attributes.get("title"), image.attributes.get("alt"))
            if value
        ]
        title = restored_title(front["title"], printed)
        return _made(title, "front matter title", 0.9)
    best: tuple[str, Evidence] | None = None
    for name in ("articletitle", "dc.title"):
        value = page.meta(name)
        if value and not _is_site(value, page):
            best = _made(value, "meta ArticleTitle", 0.98)
            break
    table = next(
        (label for label in labels if label.field == "title" and label.cell and len(squeezed(label.value)) >= 4), None
    )
    if table:
        if best is None or _extends(table.value, best[0]):
            best = _made(table.value, f"table {table.word}", 0.95)
    if best:
        longer = _printed_whole(page, best[0])
        return _made(longer, best[1].source, best[1].confidence) if longer else best
    return _from_page(page, first_lines)


def _from_page(page: Page, first_lines: list[str]) -> tuple[str, Evidence] | None:
    document = page.document_title
    wanted = folded(document)
    for selector in _MARKED:
        node = page.tree.css_first(selector)
        text = _text(node) if node is not None else ""
        if 4 <= len(text) <= LONGEST and text not in _NO_TITLE and not _is_site(text, page):
            return _made(text, f"mark {selector}", 0.92)
    headings = [node for node in page.tree.css(_HEADINGS) if not _is_hidden_deep(node)]
    for node in headings:
        text = _text(node)
        key = folded(text)
        if len(key) >= 5 and key in wanted and not _is_site(text, page):
            return _made(text, f"{node.tag} that <title> repeats", 0.92)
    opened = page.meta("og:title", "twitter:title", "title")
    if opened and len(opened) >= 4 and not _is_site(opened, page):
        confirmed = _confirmed(opened, page)
        return _made(confirmed or opened, "meta og:title", 0.85)
    ones = [
        text
        for node in headings
        if node.tag == "h1" and 6 <= len(text := _text(node)) <= LONGEST and not _is_site(text, page)
    ]
    if len(ones) == 1:
        return _made(ones[0], "only h1", 0.8)
    if document:
        confirmed = _confirmed(document, page)
        if confirmed:
            return _made(confirmed, "<title> confirmed by the page", 0.85)
    if first_lines:
        return _made("".join(first_lines), "centred first lines", 0.6)
    stripped = _without_site(document)
    return _made(stripped, "<title>", 0.6) if stripped else None


def _made(text: str, source: str, confidence: float) -> tuple[str, Evidence]:
    title = clean(re.sub(r"<br\s*/?>", " ", text, flags=re.IGNORECASE))
    return title[:LONGEST], Evidence(source, confidence)


def _text(node) -> str:  # type: ignore[no-untyped-def]
    return shown_text(node)[: LONGEST + 1]


def _is_hidden_deep(node) -> bool:  # type: ignore[no-untyped-def]
    return is_hidden(node) or any(is_hidden(parent) for parent in ancestors(node))


def _is_site(text: str, page: Page) -> bool:
    """True when the text is the site's or the column's name."""
    key = squeezed(text)
    return key in _NO_TITLE or key in {
        squeezed(page.meta(name) or "\0") for name in ("sitename", "columnname", "og:site_name")
    }


def _extends(longer: str, shorter: str) -> bool:
    a, b = folded(longer), folded(shorter.rstrip("….．。 "))
    return len(a) > len(b) and a.startswith(b)


def _printed_whole(page: Page, title: str) -> str | None:
    """A tag's title may be cut with …: the whole one as a heading prints it."""
    if not title.rstrip().endswith(("…", "...", "..")):
        return None
    for node in page.tree.css("h1, h2, h3, .title"):
        text = _text(node)
        if _extends(text, title) and len(text) <= LONGEST:
            return text
    return page.document_title if _extends(page.document_title, title) else None


def _confirmed(document: str, page: Page) -> str | None:
    """The longest part of <title> between separators that a text of the page prints as a whole."""
    printed = page.short_texts
    cuts = [match.span() for match in _SEPARATOR.finditer(document)]
    parts: list[str] = [document]
    parts += [document[:start] for start, _ in cuts]
    parts += [document[end:] for _, end in cuts]
    parts += [document[end:start] for (_, end), (start, _) in zip(cuts, cuts[1:], strict=False)]
    parts += [document[gap.end() :] for gap in re.finditer(r"\s+", document)]
    parts += [document[: gap.start()] for gap in re.finditer(r"\s+", document)]
    fitting = [
        part for part in parts if len(squeezed(part)) >= 6 and squeezed(part) in printed and not _is_site(part, page)
    ]
    return max(fitting, key=len, default=None)


def _without_site(document: str) -> str:
    """<title> without the names of column and site behind (or before) separators."""
    parts = [part for part in _SEPARATOR.split(document) if part]
    if len(parts) < 2:
        return document
    if len(parts) == 2 and _SITE.search(parts[0]) and not _SITE.search(parts[1]):
        return parts[1]
    match = re.search(r"\s*(?:_{1,2}|\||｜|—{2})\s*", document)
    if match and match.start() >= 4:
        return document[: match.start()]
    while len(parts) > 1 and _SITE.search(parts[-1]):
        document = document[: document.rfind(parts[-1])].rstrip(" -－_|｜—·")
        parts.pop()
    return document
