"""Finding the rows of a list in a page: the one reader under all HTML families.

1. Every link that could be an entry is given its row: the nearest `li`, `tr` or `article`, else the largest box
   that holds no other link.
2. A row's date is sought in its own text, nested lists and the link's text left out.
3. Rows that hang at the same path of tags and classes form a group. The list is the largest dated group; on a page
   without a pager (a column's front page) the first one at least half as large, as such pages lead with their own.
4. Without any dated group only links that look like articles count.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

from parsel import Selector

from policy_crawler.items import Entry
from policy_crawler.listings.articles import looks_like_article, site_of
from policy_crawler.listings.dates import date_within, short_date, split_date, url_date, whole_date
from policy_crawler.reading.numbers import number_line

_ROW_TAGS = frozenset({"li", "tr", "article"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_TITLE_CLASS = re.compile(r"^(?:title|tit|bt|biaoti)$|[-_](?:title|tit|bt)$", re.IGNORECASE)
_SILENT = frozenset({"script", "style", "noscript", "template"})
_NAVIGATION = re.compile(
    r"(首\s*页|上一页|下一页|上页|下页|尾页|末页|更多|查看更多|查看详[情细]|详情|返回.{0,6}|打印|关闭|全部|more|next|prev(ious)?|\d+|[<>«»‹›\s>]+)[>》»]*",
    re.IGNORECASE,
)
_STATUS = re.compile(r"^\s*[【\[](?:置顶|进行中|已结束|征集中|已截止|最新|热点|new)[】\]]\s*", re.IGNORECASE)
_PINNED = re.compile(r"置顶")
_NO_PAGE = re.compile(r"\.(?:jpe?g|png|gif|bmp|svg|css|js|ico|mp4|mp3)$", re.IGNORECASE)
_MOST_LINKS_OF_A_ROW = 4  # more distinct links in one `li` or `tr`: it lays out the page and is no row
_OFF_SITE_WEIGHT = 0.4  # reposts of other sites stand beside a column, seldom in it


@dataclass(frozen=True, slots=True)
class _Row:
    entry: Entry
    dated: bool  # by its own text, not by the URL
    own_site: bool
    path: str


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a page stands and when it is read."""

    url: str
    base: str
    today: date | None


def find_entries(page: Selector, url: str, *, paged: bool, today: date | None = None) -> tuple[Entry, ...]:
    """The entries of the list on `page`, in page order, each URL once. `paged`: the page has a pager."""
    base = urljoin(url, page.css("base::attr(href)").get() or "")
    groups: dict[str, list[_Row]] = defaultdict(list)
    for row in _rows(page, _Place(url, base, today)):
        groups[row.path].append(row)
    chosen = _dated_group(list(groups.values()), url, paged) or _article_group(list(groups.values()), url)
    entries: dict[str, Entry] = {}
    for row in chosen:
        entries.setdefault(row.entry.url, row.entry)
    return tuple(entries.values())


def _dated_group(groups: list[list[_Row]], url: str, paged: bool) -> list[_Row]:
    dated = [
        group
        for group in groups
        if sum(row.dated for row in group) * 2 >= len(group)
        and (len(group) > 2 or all(_is_surely_a_row(row, url, paged) for row in group))
    ]
    if not dated:
        return []
    largest = max(map(_weight, dated))
    if paged:
        return next(group for group in dated if _weight(group) == largest)
    return next(group for group in dated if _weight(group) * 2 >= largest)


def _is_surely_a_row(row: _Row, url: str, paged: bool) -> bool:
    """Of one or two rows, as last pages have: the link of an article, or on a paged list a dated one with a title."""
    if looks_like_article(row.entry.url, url):
        return True
    return paged and row.dated and row.own_site and len(row.entry.title) >= 8


def _article_group(groups: list[list[_Row]], url: str) -> list[_Row]:
    articles = [
        [row for row in group if looks_like_article(row.entry.url, url) and len(row.entry.title) >= 8]
        for group in groups
    ]
    return max(articles, key=_weight, default=[])


def _weight(group: list[_Row]) -> float:
    return sum(1.0 if row.own_site else _OFF_SITE_WEIGHT for row in group)


def _rows(page: Selector, place: _Place) -> Iterator[_Row]:
    links = [link.root for link in page.xpath("//a[@href]")]
    links = [link for link in links if _is_candidate(link, place)]
    holding: dict[Any, set[str]] = defaultdict(set)  # element -> the distinct links under it
    for link in links:
        for element in (link, *link.iterancestors()):
            holding[element].add(link.get("href").strip())
    by_row: dict[Any, list[Any]] = defaultdict(list)
    for link in links:
        by_row[_row_of(link, holding)].append(link)
    candidates = frozenset(links)
    for element, inside in by_row.items():
        link = max(inside, key=lambda one: len(_title(one)))  # `max` answers the first of equals
        yield _read_row(element, link, candidates, place)


def _is_candidate(link: Any, place: _Place) -> bool:
    href = link.get("href").strip()
    if not href or href.startswith(("#", "javascript:", "mailto:", "tel:")):
        return False
    title = _title(link)
    if len(title) < 4 or _NAVIGATION.fullmatch(title):
        return False
    try:
        target = urlsplit(urljoin(place.base, href))
    except ValueError:
        return False
    if target.scheme not in {"http", "https"} or not target.hostname or _NO_PAGE.search(target.path):
        return False
    return bool(urldefrag(target.geturl()).url != urldefrag(place.url).url)


def _row_of(link: Any, holding: dict[Any, set[str]]) -> Any:
    for depth, element in enumerate(link.iterancestors()):
        if element.tag in _ROW_TAGS:
            if _links_of_row(element, holding) <= _MOST_LINKS_OF_A_ROW:
                return element
            break
        if depth == 6:
            break
    row = link
    while (parent := row.getparent()) is not None and len(holding[parent]) == 1 and parent.tag != "body":
        row = parent
    return row


def _links_of_row(element: Any, holding: dict[Any, set[str]]) -> int:
    """Distinct links of a row that do not belong to a row nested in it."""
    nested: set[str] = set()
    for inner in element.iterdescendants(*_ROW_TAGS):
        nested |= holding.get(inner, set())
    return len(holding[element] - nested)


def _read_row(element: Any, link: Any, candidates: frozenset[Any], place: _Place) -> _Row:
    href = link.get("href").strip()
    target = urljoin(place.base, href)
    texts = list(_own_texts(element, candidates))
    if not texts:
        texts = list(_texts_after(element, candidates))
    in_url = url_date(target)
    found = _date_of(texts, in_url, place.today)
    if found is None:
        found = next((day for text in _texts(link) if (day := whole_date(text))), None)
    title = _title(link)
    pinned = bool(
        _PINNED.search(title + "".join(texts)) or any(_PINNED.search(i.get("alt") or "") for i in element.iter("img"))
    )
    number = next((one for text in texts if (one := number_line(text))), None)
    entry = Entry(_STATUS.sub("", title), href, target, found or in_url, pinned=pinned, doc_number=number)
    return _Row(entry, found is not None, site_of(target) == site_of(place.url), _path(element))


def _date_of(texts: list[str], in_url: date | None, today: date | None) -> date | None:
    """The last box that is a date: tables print the written date before the published one. Not a deadline."""
    boxes = [found for text in texts if (found := whole_date(text))]
    past = [found for found in boxes if today is None or found <= today]
    if past or boxes:
        return (past or boxes)[-1]
    return (
        split_date(texts)
        or date_within(" ".join(texts))
        or next((found for text in texts if (found := short_date(text, in_url, today))), None)
    )


def _own_texts(element: Any, candidates: frozenset[Any]) -> Iterator[str]:
    """The texts of a row outside its links and outside rows nested in it."""
    if element in candidates:
        return
    if element.text and element.text.strip() and isinstance(element.tag, str):
        yield element.text.strip()
    for child in element:
        nested = child.tag in _ROW_TAGS and any(inner in candidates for inner in child.iter("a"))
        if isinstance(child.tag, str) and child.tag not in _SILENT and child.tag != "a" and not nested:
            yield from _own_texts(child, candidates)
        if child.tail and child.tail.strip():
            yield child.tail.strip()


def _texts_after(element: Any, candidates: frozenset[Any]) -> Iterator[str]:
    """The texts behind a row without a box of its own (`<a>…</a> 2026-09-16<br>`), up to the next link."""
    if element.tail and element.tail.strip():
        yield element.tail.strip()
    for sibling in element.itersiblings():
        if not isinstance(sibling.tag, str) or sibling.tag in _SILENT:
            continue
        if sibling in candidates or any(inner in candidates for inner in sibling.iter("a")):
            return
        yield from _texts(sibling)
        if sibling.tail and sibling.tail.strip():
            yield sibling.tail.strip()


def _texts(element: Any) -> Iterator[str]:
    for text in element.itertext():
        if text.strip():
            yield text.strip()


def _title(link: Any) -> str:
    """The link's words: its `title` where the text is cut short, without a date printed inside the link.

    A link around a whole card names its title in a heading, or in a box whose class says so."""
    heading = next((one for one in link.iterdescendants() if _is_heading(one)), None)
    words = list(_texts(link if heading is None else heading))
    text = " ".join(" ".join(part for part in words if not whole_date(part)).split())
    full = " ".join(re.sub(r"<[^<>]*>", " ", link.get("title") or "").split())
    begins = re.sub(r"(?:\.{2,}|…+)$", "", text)
    return full if full and (not text or full.startswith(begins) or len(full) > len(text)) else text


def _is_heading(element: Any) -> bool:
    if not isinstance(element.tag, str) or not "".join(element.itertext()).strip():
        return False
    return element.tag in _HEADINGS or any(_TITLE_CLASS.search(name) for name in (element.get("class") or "").split())


def _path(element: Any) -> str:
    steps = [f"{one.tag}.{'.'.join(sorted((one.get('class') or '').split()))}" for one in element.iterancestors()]
    return "/".join([*reversed(steps), element.tag])
