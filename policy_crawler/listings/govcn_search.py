"""The search service of gov.cn over the library of policy documents (cms family gov.cn).

`GET /search-gov/data` answers `{"searchVO": {"totalCount", "listVO": […]}}`; where `t` asks in several buckets at once,
`totalCount` is 0 and each bucket of `catMap` (gongwen, bumenfile, gongbao …) has its own page of rows. It refuses
requests without a Referer of its own site.
"""

from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from policy_crawler.listings.family import NO_PARAMS, Family
from policy_crawler.listings.model import Listing, ListRequest, Params
from policy_crawler.listings.records import (
    Endpoint,
    Fields,
    count_at,
    day_of,
    dig,
    endpoint_url,
    first_of,
    load,
    read_listing,
    rows_at,
)

REFERER = "https://sousuo.www.gov.cn/"
_QUERY: dict[str, Any] = {
    "t": "zhengcelibrary",
    "q": "",
    "timetype": "timeqb",
    "mintime": "",
    "maxtime": "",
    "sort": "pubtime",
    "sortType": "1",
    "searchfield": "title",
    "pcodeJiguan": "",
    "childtype": "",
    "subchildtype": "",
    "tsbq": "",
    "pubtimeyear": "",
    "puborg": "",
    "pcodeYear": "",
    "pcodeNum": "",
    "filetype": "",
    "p": 1,
    "n": 20,
    "inpro": "",
    "bmfl": "",
    "dup": "",
    "orpro": "",
}
# pubtimeStr is null in some rows; pubtime, in milliseconds, never.
_DATES = ("pubtimeStr", "pubtime", "ptime")
_FIELDS = Fields(title=("title",), url=("url",), date=_DATES, number=("pcode", "wenhao"))
_BUCKETS = "searchVO.catMap[].listVO"


def first(list_url: str, params: Params) -> ListRequest:
    """The request for page 1."""
    return _endpoint(list_url, params).page(1)


def read(
    text: str,
    url: str,
    *,
    today: date | None = None,
    request: ListRequest | None = None,
    params: Params = NO_PARAMS,
) -> Listing:
    """Read an answer of the service; rows of several buckets come together, the newest first.

    Raises PageChanged when it is none."""
    document = load(text, url)
    counted = first_of(document, ["searchVO.totalCount"]) or not dig(document, "searchVO.catMap")
    if not counted:
        rows = rows_at(document, [_BUCKETS], url)
        rows.sort(key=lambda row: _day(row) or date.min, reverse=True)
        counts = [count_at(bucket, ["totalCount"]) or 0 for bucket in dig(document, "searchVO.catMap[]") or ()]
        document = {"searchVO": {"listVO": rows, "totalCount": max(counts, default=0) or None}}
    endpoint = _endpoint(request.url if request else url, params)
    number = request.page if request else 1
    listing = read_listing(
        "govcn_search",
        document,
        url,
        rows=("searchVO.listVO",),
        fields=_FIELDS,
        endpoint=endpoint,
        request=request,
        total=("searchVO.totalCount",) if counted else (),
        pages=("searchVO.totalpage",) if counted else (),
        today=today,
    )
    if counted or not listing.entries:
        return listing
    # A page of several buckets is as long as they are together: the longest bucket says whether more follows.
    total = dig(document, "searchVO.totalCount")
    pages = -(-total // (endpoint.size or 1)) if total else None
    more = pages is None or number < pages
    return Listing("govcn_search", listing.entries, endpoint.page(number + 1) if more else None, pages)


def discover(text: str, url: str) -> Params:
    """What the library is asked for, by the URL of its search page or of the service: `t` and the filters."""
    asked = dict(parse_qsl(urlsplit(url).query))
    query = {name: asked[name] for name in _QUERY if name in asked and name not in {"p", "n"}}
    return {"query": query} if query else NO_PARAMS


def _day(row: dict[str, Any]) -> date | None:
    return next((day for key in _DATES if (day := day_of(row.get(key)))), None)


def _endpoint(base: str, params: Params) -> Endpoint:
    query = {**_QUERY, **params.get("query", {})}
    return Endpoint(
        endpoint_url(base, params, "/search-gov/data"),
        query=query,
        page_param="p",
        size_param="n",
        size=int(params.get("page_size") or query["n"]),
        headers=(("Referer", REFERER),),
    )


FAMILY = Family("govcn_search", read, first, discover=discover)
