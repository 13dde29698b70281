"""Which column of the table an entry of the catalog means, and what of its crawl is not as the simulator served it."""

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from urllib.parse import urlsplit

from simulator.asking import Served
from simulator.crawling import LIST_PAGES, Crawled
from simulator.sites import served
from simulator.table import Column, columns

from policy_crawler.catalog import Source
from policy_crawler.items import PageItem


def column_of(source: Source) -> Column | None:
    """The column that an entry stands for: by its id, else its host and name, else its address; None where the table
    has none. Parameters do not count, as they are what is tested."""
    if source.id in columns():
        return columns()[source.id]
    hosts = {source.site, urlsplit(str(source.params.get("endpoint", ""))).hostname or ""} - {""}
    near = [column for host in sorted(hosts) for column in _by_host()[host]]
    named = [column for column in near if column.column == source.column]
    here = [column for column in near if _plain(column.url) == _plain(source.list_url)]
    asked = [column for column in named if column.shape not in OF_PAGES]  # people open another address than an API's
    for found in ([column for column in here if column in named], here, asked):
        if len(found) == 1:
            return found[0]
    return None


OF_PAGES = frozenset({"feed", "liaoning", "nc", "news", "pc", "plain", "trs", "ucap", "vsb"})
"""Shapes whose list stands at the column's own address."""


@cache
def _by_host() -> dict[str, list[Column]]:
    found: dict[str, list[Column]] = defaultdict(list)
    for column in columns().values():
        hosts = {column.host, urlsplit(str(column.facts.get("endpoint", ""))).hostname or ""}
        for host in hosts - {""}:
            found[host].append(column)
    return found


def _plain(url: str) -> str:
    """A URL without what two spellings of one column differ in: scheme, index file, last slash."""
    rest = url.partition("://")[2].partition("#")[0]
    path, _, query = rest.partition("?")
    for name in ("/index.html", "/index.htm", "/index.shtml", "/"):
        path = path.removesuffix(name)
    return path + ("?" + query if query else "")


def _without_scheme(url: str) -> str:
    """The catalog may ask a site by https that was seen by http."""
    return url.partition("://")[2]


def problems(crawled: Crawled, site: Served) -> Iterator[str]:
    """What is wrong with a crawl, as "expected …, found …"; nothing when it is right."""
    if crawled.verdict != "ok":
        yield f"expected a good run, found {crawled.verdict or 'none'}: {crawled.reason}"
    wanted = min(LIST_PAGES, site.pages)
    if len(crawled.pages) != wanted:
        yield f"expected {wanted} pages of the list, found {len(crawled.pages)}"
    yield from _rows(crawled, site)
    yield from _documents(crawled, site)


def _rows(crawled: Crawled, site: Served) -> Iterator[str]:
    found = [entry for page in crawled.pages for entry in page]
    if not found or not all(crawled.pages):
        yield f"expected rows on each page of the list, found {[len(page) for page in crawled.pages]}"
        return
    expected = site.column.documents(len(found))
    for place, (entry, document) in enumerate(zip(found, expected, strict=True)):
        row = (_without_scheme(entry.url), entry.title if site.titled else "", str(entry.date))
        right = (_without_scheme(site.address(document)), document.title if site.titled else "", str(document.date))
        if row != right:
            yield f"row {place}: expected {right}, found {row}"
            return


def _documents(crawled: Crawled, site: Served) -> Iterator[str]:
    if not crawled.documents:
        yield "expected a document, found none"
    known = {_without_scheme(site.address(document)): document for document in site.documents()}
    for archived in crawled.documents:
        item = archived.item
        assert isinstance(item, PageItem)
        document = known.get(_without_scheme(item.response.url))
        if document is None and item.entry is not None:  # read from an address of its own
            document = known.get(_without_scheme(item.entry.url))
        if document is None:
            yield f"expected a document of this column, found {item.response.url}"
            continue
        reading = item.reading
        found = (archived.outcome, archived.title, str(reading.published)[:10] if reading else "")
        right = ("added", document.title, str(document.date))
        if found != right:
            yield f"{item.response.url}: expected {right}, found {found} {archived.reason}".rstrip()
        elif reading is not None and document.proof not in (reading.body or ""):
            yield f"{item.response.url}: expected the text, found {(reading.body or '')[:80]!r}"


def check(source: Source, crawled: Crawled, column: Column | None) -> list[str]:
    """What is wrong with the crawl of an entry that should bring `column`."""
    if column is None:
        where = f"{source.column!r} at {source.list_url}"
        return [f"{where} is not in tests/simulator/table.jsonl: say there how it is served"]
    return list(problems(crawled, served(column.id)))
