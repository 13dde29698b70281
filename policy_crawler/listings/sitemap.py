"""Sitemaps (sitemaps.org 0.9): `urlset` with `lastmod`, and the `sitemapindex` above several of them.

An entry's title is that of the news extension where there is one, else the file's name: the page names itself. Of an
index the newest sitemap is read first; page N of the source is its N-th newest, and the index is the request's Referer.
"""

import re
from datetime import date
from itertools import chain
from urllib.parse import unquote, urljoin, urlsplit

from lxml import etree

from policy_crawler.errors import OperatorError, PageChanged
from policy_crawler.items import Entry
from policy_crawler.listings.dates import url_date
from policy_crawler.listings.family import NO_PARAMS, Family
from policy_crawler.listings.feed import feed_date
from policy_crawler.listings.model import Listing, ListRequest, Params

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_MOST = 50_000  # URLs a sitemap may hold by the protocol


def read(
    text: str,
    url: str,
    *,
    today: date | None = None,
    request: ListRequest | None = None,
    params: Params = NO_PARAMS,
) -> Listing:
    """Read a sitemap or an index of sitemaps. `params["match"]`: a pattern that URLs of documents have.

    Entries are newest first, those without a day last. Raises PageChanged when it is no sitemap."""
    root = _root(text, url)
    number = request.page if request else 1
    if etree.QName(root).localname == "sitemapindex":
        return _index(root, url, number)
    match = _pattern(params)
    found: dict[str, Entry] = {}
    rejected = 0
    for node in _children(root, "url")[:_MOST]:
        entry = _entry(node, url)
        if entry is None or (match and not match.search(entry.url)):
            rejected += 1
        else:
            found.setdefault(entry.url, entry)
    entries = sorted(found.values(), key=lambda entry: entry.date or date.min, reverse=True)
    above = dict(request.headers).get("Referer") if request else None
    following = ListRequest(above, page=number + 1) if above else None
    return Listing("sitemap", tuple(entries), following, rejected=rejected)


def _index(root: etree._Element, url: str, number: int) -> Listing:
    maps = [(_day(node), order, _text(node, "loc")) for order, node in enumerate(_children(root, "sitemap"))]
    newest_first = sorted(maps, key=lambda one: (one[0] or date.min, -one[1]), reverse=True)
    if number > len(newest_first):
        return Listing("sitemap", total_pages=len(maps))
    target = urljoin(url, newest_first[number - 1][2])
    request = ListRequest(target, headers=(("Referer", url),), page=number)
    return Listing("sitemap", next_page=request, total_pages=len(maps), by_script=True)


def _root(text: str, url: str) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=False)
    body = _DECLARATION.sub("", text.lstrip("\ufeff"))
    try:
        root = etree.fromstring(body.encode(), parser)
    except etree.XMLSyntaxError:
        root = None
    if root is None or etree.QName(root).localname not in {"urlset", "sitemapindex"}:
        raise PageChanged(f"{url}: expected <urlset> or <sitemapindex>, found something else")
    return root


def _children(node: etree._Element, name: str) -> list[etree._Element]:
    return [child for child in node if isinstance(child.tag, str) and etree.QName(child).localname == name]


def _text(node: etree._Element, *path: str) -> str:
    nodes = [node]
    for name in path:
        nodes = list(chain.from_iterable(_children(one, name) for one in nodes))
    return " ".join((nodes[0].text or "").split()) if nodes else ""


def _day(node: etree._Element) -> date | None:
    return feed_date(_text(node, "news", "publication_date") or _text(node, "lastmod"))


def _entry(node: etree._Element, url: str) -> Entry | None:
    href = _text(node, "loc")
    target = urljoin(url, href)
    if not href or urlsplit(target).scheme not in {"http", "https"}:
        return None
    return Entry(_text(node, "news", "title") or _file_name(target), href, target, _day(node) or url_date(target))


def _file_name(url: str) -> str:
    return unquote(urlsplit(url).path.rstrip("/").rsplit("/", 1)[-1]) or url


def _pattern(params: Params) -> re.Pattern[str] | None:
    try:
        return re.compile(params["match"]) if params.get("match") else None
    except re.error as error:
        raise OperatorError(
            f"params: match: expected a regular expression, found {params['match']!r}: {error}"
        ) from error


FAMILY = Family("sitemap", read)
