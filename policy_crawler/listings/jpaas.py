"""Hanweb JPAAS columns: a script fetches the list from a unit API (cms family JPAAS).

The column page carries `<script src="…unitbuild.js" url="…/front/page/build/unit" querydata="{'webId': …}">`;
the ids change on a redesign, so they are read from the page each time. The API answers
`{"data": {"html": "<ul>…</ul><div count='386' rows='24' …>"}}`; further pages are asked for through `paramJson`.
"""

import ast
import json
import math
import re
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from parsel import Selector

from policy_crawler.errors import PageChanged
from policy_crawler.listings.family import NO_PARAMS, Family
from policy_crawler.listings.model import Listing, ListRequest, Params
from policy_crawler.listings.rows import find_entries

_REQUIRED = ("webId", "pageId", "tagId")
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

    def page(self, number: int, size: int | None = None) -> ListRequest:
        """The request for page `number` (from 1). From the second on `paramJson` says which, without `editType`."""
        query = list(self.query)
        if number > 1:
            wanted = json.dumps({"pageNo": number, "pageSize": size or self.page_size or 15}, separators=(",", ":"))
            query = [(name, value) for name, value in query if name not in {"editType", "paramJson"}]
            query.append(("paramJson", wanted))
        return ListRequest(f"{self.endpoint}?{urlencode(query)}", page=number)


def units(text: str, url: str) -> list[Unit]:
    """The blocks of a column page, the one that looks like its list first."""
    page = Selector(text=text, type="html")
    found = []
    for element in page.xpath("//*[@querydata]"):
        endpoint = element.attrib.get("url") or element.attrib.get("uniturl") or ""
        query = _query(element.attrib["querydata"], url)
        if not endpoint or query is None:
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
    if text.lstrip()[:1] == "{":
        return _read_answer(text, url, today)
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
            pages = _pages(unit.total, unit.page_size or len(entries))
            following = unit.page(2, unit.page_size or len(entries)) if pages > 1 else None
            return Listing("jpaas", entries, following, pages)
    return Listing("jpaas", next_page=unit.page(1), by_script=True)


def _read_answer(text: str, url: str, today: date | None) -> Listing:
    try:
        answer = json.loads(text)
    except json.JSONDecodeError as error:
        raise PageChanged(f"{url}: expected the unit API's JSON, found: {error}") from error
    data = answer.get("data") if isinstance(answer, dict) else None
    fragment = data.get("html") if isinstance(data, dict) else None
    if not isinstance(fragment, str):
        raise PageChanged(f"{url}: expected data.html in the unit API's answer, found keys {_keys(answer)}")
    page = Selector(text=f"<div>{fragment}</div>", type="html")
    asked = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
    number, size = _asked(asked)
    # The address of the column is not in the answer; its links are absolute or start at the root.
    entries = find_entries(page, url, paged=True, today=today)
    pager = page.xpath("//*[@count]")
    count = next((int(c) for c in pager.xpath("@count").getall() if c.isdecimal()), None)
    rows = (
        next((int(r) for r in pager.xpath("@rows").getall() if r.isdecimal() and int(r)), None) or size or len(entries)
    )
    total = _pages(count, rows) if count is not None and rows else None
    more = bool(entries) and (total is None or number < total) and (total is not None or rows <= len(entries))
    unit = Unit(url.partition("?")[0], tuple(asked.items()), rows)
    return Listing("jpaas", entries, unit.page(number + 1, rows) if more else None, total)


def _asked(query: dict[str, str]) -> tuple[int, int | None]:
    """(page number, page size) of the request, from its paramJson; the first page has none."""
    try:
        wanted = json.loads(query.get("paramJson") or "{}")
        return int(wanted.get("pageNo", 1)), int(wanted["pageSize"]) if "pageSize" in wanted else None
    except (ValueError, TypeError, AttributeError):
        return 1, None


def _query(printed: str, url: str) -> tuple[tuple[str, str], ...] | None:
    """The `querydata` attribute, a Python-like dict with single quotes; None for another block's data."""
    try:
        values: Any = ast.literal_eval(printed.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    if not isinstance(values, dict) or not all(name in values for name in _REQUIRED):
        return None
    return tuple((str(name), "null" if value is None else str(value)) for name, value in values.items())


def _pages(count: int, rows: int) -> int:
    return max(1, math.ceil(count / rows))


def _keys(answer: Any) -> list[str]:
    return sorted(map(str, answer))[:8] if isinstance(answer, dict) else [type(answer).__name__]


FAMILY = Family("jpaas", read, referer=True)
