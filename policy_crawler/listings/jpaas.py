"""Hanweb JPAAS columns: a script fetches the list from a unit API (cms family JPAAS).

The column page carries `<script src="…unitbuild.js" url="…/front/page/build/unit" querydata="{'webId': …}">` (older:
AuthorizedRead.js), or a pager with `unitUrl` and `queryData`; the ids change on a redesign, so they are read from the
page each time, misspellings (`parseType=bulidstatic`) and all. The API answers
`{"data": {"html": "<ul>…</ul><div count='386' rows='24' …>"}}`. Further pages are asked for through
`paramJson={"pageNo":N,"pageSize":P}`, at Zhejiang and Hangzhou through `pageNo=N&rows=P` (`params["paging"]`).
From abroad some answer page 1 for every page: the crawl ends a list whose page begins like an earlier one.
"""

import ast
import contextlib
import json
import math
import re
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from parsel import Selector

from policy_crawler.errors import OperatorError, PageChanged
from policy_crawler.listings.family import NO_PARAMS, Family
from policy_crawler.listings.model import Listing, ListRequest, Params
from policy_crawler.listings.records import count_at, dig, first_of, keys_of
from policy_crawler.listings.rows import find_entries

PAGINGS = ("paramJson", "pageNo")

_API = "/api-gateway/jpaas-publish-server/front/page/build/unit"
_REQUIRED = ("webId", "pageId", "tagId")
_KEYS = ("parseType", "webId", "tplSetId", "pageType", "tagId", "editType", "pageId")
# The list stands in a block named like these; others build menus and banners.
_LIST_BLOCK = re.compile(r"list|列表|右侧|内容|分页|信息")


@dataclass(frozen=True, slots=True)
class Unit:
    """One block of a column page that is filled from the unit API."""

    endpoint: str  # absolute
    query: tuple[tuple[str, str], ...]
    page_size: int | None = None
    total: int | None = None  # entries, where the page's pager tells

    @property
    def tag(self) -> str:
        """The block's name, e.g. 右侧内容."""
        return dict(self.query).get("tagId", "")

    def page(self, number: int, size: int | None = None, paging: str = "paramJson") -> ListRequest:
        """The request for page `number` (from 1); the first page's tells no number.

        By `paramJson` further pages go without `editType`, as the vendor's script asks."""
        query = [(name, value) for name, value in self.query if name not in {"paramJson", "pageNo", "rows"}]
        size = size or self.page_size or 15
        if number > 1 and paging == "pageNo":
            query += [("pageNo", str(number)), ("rows", str(size))]
        elif number > 1:
            wanted = json.dumps({"pageNo": number, "pageSize": size}, separators=(",", ":"))
            query = [(name, value) for name, value in query if name != "editType"]
            query.append(("paramJson", wanted))
        return ListRequest(f"{self.endpoint}?{urlencode(query)}", page=number)


def units(text: str, url: str) -> list[Unit]:
    """The blocks of a column page, the one that looks like its list first."""
    page = Selector(text=text, type="html")
    found = []
    for element in page.xpath("//*[@querydata]"):
        endpoint = element.attrib.get("url") or element.attrib.get("uniturl") or _API
        query = _query(element.attrib["querydata"])
        if query is None:
            continue
        count, rows = element.attrib.get("count", ""), element.attrib.get("rows", "")
        found.append(
            Unit(
                urljoin(url, endpoint),
                query,
                int(rows) if rows.isdecimal() else None,
                int(count) if count.isdecimal() else None,
            )
        )
    if not found and "jpaas-publish-server" in text and (query := _query_of_script(text)):
        found.append(Unit(urljoin(url, _API), query))
    return sorted(found, key=lambda unit: (unit.total is None, not _LIST_BLOCK.search(unit.tag)))


def read(
    text: str,
    url: str,
    *,
    today: date | None = None,
    request: ListRequest | None = None,
    params: Params = NO_PARAMS,
) -> Listing:
    """Read a column page (a shell that names its unit) or an answer of the unit API.

    Raises PageChanged when it is neither."""
    paging = str(params.get("paging") or "paramJson")
    if paging not in PAGINGS:
        raise OperatorError(f"paging: expected {' or '.join(PAGINGS)}, found {paging!r}")
    if text.lstrip("\ufeff \r\n\t")[:1] == "{":
        return _read_answer(text, request or ListRequest(url), today, params, paging)
    blocks = units(text, url)
    if not blocks:
        raise PageChanged(
            f"{url}: expected a script or pager with url and querydata (webId, pageId, tagId), found none; "
            "the column may have moved to another system"
        )
    unit = blocks[0]
    page = Selector(text=text, type="html")
    if unit.total is not None:  # the first page is in the page itself, the pager names the unit for the others
        entries = find_entries(page, url, paged=True, today=today)
        if entries:
            size = unit.page_size or params.get("page_size") or len(entries)
            pages = _pages(unit.total, size)
            following = unit.page(2, size, paging) if pages > 1 else None
            return Listing("jpaas", entries, following, pages)
    return Listing("jpaas", next_page=unit.page(1), by_script=True)


def _read_answer(text: str, request: ListRequest, today: date | None, params: Params, paging: str) -> Listing:
    url = request.url
    try:
        answer = json.loads(text.lstrip("\ufeff"))
    except json.JSONDecodeError as error:
        raise PageChanged(f"{url}: expected the unit API's JSON, found: {error}") from error
    fragment = dig(answer, "data.html")
    if not isinstance(fragment, str):
        said = first_of(answer, ("message", "msg"))
        words = f", which says {str(said)[:100]!r}" if said else ""
        raise PageChanged(f"{url}: expected data.html in the unit API's answer, found {keys_of(answer)}{words}")
    page = Selector(text=f"<div>{fragment}</div>", type="html")
    asked = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    number, size = _asked(dict(asked))
    # The address of the column is not in the answer; its links are absolute or start at the root.
    entries = find_entries(page, url, paged=True, today=today)
    count = _printed(page, "count") if page.xpath("//*[@count]") else count_at(answer, ["data.count"])
    size = _printed(page, "rows") or size or params.get("page_size") or len(entries)
    total = _pages(count, size) if count is not None and size else None
    more = bool(entries) and (number < total if total is not None else size <= len(entries))
    unit = Unit(url.partition("?")[0], tuple(asked), size)
    return Listing("jpaas", entries, unit.page(number + 1, size, paging) if more else None, total)


def _printed(page: Selector, name: str) -> int | None:
    """The number that the pager in an answer carries as attribute `name`."""
    return next((int(value) for value in page.xpath(f"//@{name}").getall() if value.isdecimal() and int(value)), None)


def _asked(query: dict[str, str]) -> tuple[int, int | None]:
    """(page number, page size) of the request, from its paramJson, or pageNo and rows; the first page has none."""
    try:
        wanted = json.loads(query.get("paramJson") or "{}")
        number, size = wanted.get("pageNo") or query.get("pageNo", 1), wanted.get("pageSize") or query.get("rows")
        return int(number), int(size) if size else None
    except (ValueError, TypeError, AttributeError):
        return 1, None


def _query(printed: str) -> tuple[tuple[str, str], ...] | None:
    """The `querydata` attribute, a Python-like dict with single quotes or JSON; None for another block's data."""
    values: Any = None
    try:
        values = ast.literal_eval(printed.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        with contextlib.suppress(ValueError, RecursionError):  # null, true: no words of Python
            values = json.loads(printed.replace("'", '"'))
    if not isinstance(values, dict) or not all(name in values for name in _REQUIRED):
        return None
    return tuple((str(name), "null" if value is None else str(value)) for name, value in values.items())


def _query_of_script(text: str) -> tuple[tuple[str, str], ...] | None:
    """The ids where a script sets them one by one: `webId: '149', pageId: …`."""
    found = {
        name: match[1]
        for name in _KEYS
        if (match := re.search(rf"\b{name}[\"']?\s*[:=]\s*[\"']([^\"'<>]+)[\"']", text))
    }
    return tuple(found.items()) if all(name in found for name in _REQUIRED) else None


def _pages(count: int, rows: int) -> int:
    return max(1, math.ceil(count / rows))


FAMILY = Family("jpaas", read, referer=True)
