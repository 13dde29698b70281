"""Hanweb JCMS columns: rows as CDATA records of a `datastore`, in the page or from dataproxy.jsp (cms family JCMS).

The first block of records stands in the page, or is asked for as the others are. Three ways on:

- windows of records, both ends inclusive, from record 1 or, on some sites, 0 (`params["first_record"]`), up to the
  printed total or the first empty window;
- the link in `<nextgroup>`, whose ids are encrypted: it is followed as printed, with another `page=` only;
- `?uid=<unitid>&pageNum=N` of the column's own URL, rendered by the server (`params["paging"] = "uid"`).
"""

import html
import re
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from parsel import Selector

from policy_crawler.errors import OperatorError, PageChanged
from policy_crawler.items import Entry
from policy_crawler.listings.family import NO_PARAMS, Family
from policy_crawler.listings.jpage import Widget, asked_window, widget_of
from policy_crawler.listings.links import read_links
from policy_crawler.listings.model import Listing, ListRequest, Params
from policy_crawler.listings.rows import find_entries

PAGINGS = ("dataproxy", "uid")

# The XML is often not well-formed, so it is not parsed as such.
_RECORD = re.compile(r"<record>\s*<!\[CDATA\[")
_STORE = re.compile(r"<datastore\b|<recordset\b", re.IGNORECASE)
_NEXT = re.compile(r"<nextgroup>\s*<!\[CDATA\[([^\]<]*<[^<>]*>)")
_HREF = re.compile(r"""href\s*=\s*["']([^"']+)""")
_TOTAL = re.compile(r"<totalrecord>\s*(\d+)", re.IGNORECASE)
_PAGE = re.compile(r"\bpage=(\d+)")


@dataclass(frozen=True, slots=True)
class _Block:
    """Records as one answer has them. `store` is the part of the text that they stand in."""

    text: str
    store: str
    records: list[str]
    request: ListRequest
    today: date | None

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The rows. A record holds an `li` or a `tr`, or the inside of one; on some sites escaped once more."""
        if not self.records:
            return ()
        plain = [html.unescape(record) if "&lt;" in record[:200] else record for record in self.records]
        rows = "".join(record if "<li" in record or "<tr" in record else f"<li>{record}</li>" for record in plain)
        around = "table" if "<tr" in plain[0] else "ul"
        page = Selector(text=f"<{around}>{rows}</{around}>", type="html")
        return find_entries(page, self.request.url, paged=True, today=self.today)


def first(list_url: str, params: Params) -> ListRequest:
    """The column's page; by uid with the list's number in its URL."""
    paging = str(params.get("paging") or "dataproxy")
    if paging not in PAGINGS:
        raise OperatorError(f"paging: expected {' or '.join(PAGINGS)}, found {paging!r}")
    if paging == "uid" and params.get("unitid") and "uid=" not in list_url:
        return _by_uid(list_url, str(params["unitid"]), 1)
    return ListRequest(list_url)


def read(
    text: str,
    url: str,
    *,
    today: date | None = None,
    request: ListRequest | None = None,
    params: Params = NO_PARAMS,
) -> Listing:
    """Read a column page with its records inside, or an answer of dataproxy.jsp.

    Raises PageChanged when there are no records, nothing to ask for them, and the page is no list of links either."""
    request = replace(request, url=url) if request else ListRequest(url)
    answer = "dataproxy" in url or text.lstrip("\ufeff \r\n\t")[:10].lower() == "<datastore"
    widget = None if answer else widget_of(text, url, params)
    block = _Block(text, *_records(text, str(widget.fields["unitid"]) if widget else ""), request, today)
    if answer:
        return _read_answer(block, params)
    if params.get("paging") == "uid":
        return _read_by_uid(block, widget, params)
    if block.records:
        return _listing(block, widget, _base(params), params)
    told = _TOTAL.search(block.store)
    if (told and not int(told[1])) or (widget is not None and widget.total == 0):
        return Listing("jcms")
    if widget is not None:
        return Listing("jcms", next_page=widget.window(_base(params), request.page), by_script=True)
    listing = read_links(text, url, today=today, request=request, params=params, family="jcms")
    if not listing.entries and not listing.by_script:
        raise PageChanged(
            f"{url}: expected <record><![CDATA[…]]> of a JCMS column, or its columnid, unitid and webid in a script "
            "(or in params), found none"
        )
    return listing


def discover(text: str, url: str) -> Params:
    """Pages rendered by the server, by the `uid` in the URL, where the page prints nothing to ask for records with."""
    uid = dict(parse_qsl(urlsplit(url).query)).get("uid")
    if uid and not _RECORD.search(text) and widget_of(text, url, NO_PARAMS) is None:
        return {"paging": "uid", "unitid": uid}
    return NO_PARAMS


def _read_answer(block: _Block, params: Params) -> Listing:
    request = block.request
    if not block.records and not _STORE.search(block.text):
        if request.page > 1 and len(block.text.strip()) < 200 and "<html" not in block.text.lower():
            return Listing("jcms")  # deep pages may answer an empty body
        found = " ".join(block.text[:80].split())
        raise PageChanged(f"{request.url}: expected a <datastore> with records, found {found!r}")
    widget, start = asked_window(request) or (None, _base(params))
    return _listing(block, widget, start, params)


def _listing(block: _Block, widget: Widget | None, start: int, params: Params) -> Listing:
    """The records that begin at `start`, and the way to those after them."""
    entries, page = block.entries, block.request.page
    if following := _next_group(block.store, block.request.url, page):
        return Listing("jcms", entries, following if entries else None)
    if widget is None or not entries:
        return Listing("jcms", entries)
    told = _TOTAL.search(block.store)
    total = int(told[1]) if told else widget.total
    after = start + len(block.records)  # by what came: some servers answer less than was asked for
    if total is None:
        return Listing("jcms", entries, widget.window(after, page + 1))
    left = max(0, _base(params) + total - after)
    following = widget.window(after, page + 1) if left else None
    return Listing("jcms", entries, following, page + -(-left // widget.size))


def _read_by_uid(block: _Block, widget: Widget | None, params: Params) -> Listing:
    request = block.request
    uid = dict(parse_qsl(urlsplit(request.url).query)).get("uid") or str(params.get("unitid") or "")
    uid = uid or (str(widget.fields["unitid"]) if widget else "")
    if not uid:
        raise PageChanged(f"{request.url}: expected the list's unitid in the page, the URL or params, found none")
    entries = block.entries
    if not block.records:
        page = Selector(text=block.text or "<html></html>", type="html")
        entries = find_entries(page, request.url, paged=True, today=block.today)
    pages = None
    if widget is not None and widget.total is not None:
        pages = max(1, -(-widget.total // widget.per_page))
    more = bool(entries) and (pages is None or request.page < pages)
    return Listing("jcms", entries, _by_uid(request.url, uid, request.page + 1) if more else None, pages)


def _by_uid(url: str, uid: str, number: int) -> ListRequest:
    parts = urlsplit(url)
    kept = [pair for pair in parse_qsl(parts.query) if pair[0] not in {"uid", "pageNum"}]
    query = urlencode([*kept, ("uid", uid), ("pageNum", str(number))])
    return ListRequest(parts._replace(query=query, fragment="").geturl(), page=number)


def _base(params: Params) -> int:
    return int(params.get("first_record", 1))


def _records(text: str, unit: str) -> tuple[str, list[str]]:
    """The store of the list and its records: the store in the widget's box, else the largest, where a page has more."""
    places = [match.start() for match in re.finditer(r"<datastore\b", text)] or [0]
    stores = []
    for start, end in zip(places, [*places[1:], len(text)], strict=True):
        records = _inside(text[start:end])
        own = bool(unit and records) and f'"{unit}"' in text[max(0, start - 300) : start]
        stores.append((own, len(records), text[start:end], records))
    *_, store, records = max(stores, key=lambda one: one[:2])
    return store, records


def _inside(store: str) -> list[str]:
    """What the records of a store hold. A record that is not closed ends them."""
    found: list[str] = []
    opened = _RECORD.search(store)
    while opened and (end := store.find("]]>", opened.end())) >= 0:
        found.append(store[opened.end() : end])
        opened = _RECORD.search(store, end)
    return found


def _next_group(text: str, url: str, page: int) -> ListRequest | None:
    """The printed link to the next block. Its number is raised where it does not lead past the page just asked for."""
    group = _NEXT.search(text)
    href = _HREF.search(group[1]) if group else None
    if href is None:
        return None
    target = urljoin(url, html.unescape(href[1]))
    asked, printed = _PAGE.search(urlsplit(url).query), _PAGE.search(target)
    if asked and printed and int(printed[1]) <= int(asked[1]):
        target = f"{target[: printed.start(1)]}{int(asked[1]) + 1}{target[printed.end(1) :]}"
    return ListRequest(target, page=page + 1)


FAMILY = Family("jcms", read, first, discover=discover, referer=True)
