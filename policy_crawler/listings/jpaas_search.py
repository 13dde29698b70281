"""The search service of Hanweb JPAAS sites, which lists a whole category with document numbers (cms family JPAAS).

`GET /search-front-server/api/search/info` with `websiteid`, a category (`cateid` or `category`), `p` and `pg` answers
`{"data": {"searchResult": {"total", "dataResults": [{"groupData": [{"data": {title, url, deploytime,
filenumbername}}]}]}}}`; a result that stands alone has its `data` without a group. Without hits the service leaves
`searchResult` out.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from policy_crawler.listings.family import NO_PARAMS, Family
from policy_crawler.listings.model import Listing, ListRequest, Params
from policy_crawler.listings.records import Endpoint, Fields, dig, endpoint_url, load, read_listing

_API = "/search-front-server/api/search/info"
_ROWS = "data.searchResult.dataResults"
_PLACES = ("groupData.0.data", "data")


def _at(*names: str) -> tuple[str, ...]:
    return tuple(f"{place}.{name}" for name in names for place in _PLACES)


_FILTERS = ("websiteid", "cateid", "category", "columnid")
_PRINTED = re.compile(rf"\b({'|'.join(_FILTERS)})['\"]?\s*[:=]\s*['\"]?(\d+)", re.ASCII)
_FIELDS = Fields(
    title=_at("title", "title_text"),
    url=_at("url"),
    date=_at("jsearch_date", "deploytime", "publishtime", "cdate"),
    number=_at("filenumbername"),
)
# What the search page itself sends; an empty `q` finds everything, newest first.
_USUAL = {
    "scope": "basic",
    "q": "",
    "pos": "title_text,infocontent,titlepy",
    "dateField": "deploytime",
    "group": "distinct",
    "level": "6",
    "sortFields": '[{"name":"deploytime","type":"desc"}]',
    "selectFields": "title,content,deploytime,url,cdate,columnname,filenumbername,publishgroupname,publishtime,"
    "themename,typename,indexcode",
}


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
    """Read an answer of the service. Raises PageChanged when it is none."""
    document = load(text, url)
    if _found_nothing(document):
        return Listing("jpaas_search")
    return read_listing(
        "jpaas_search",
        document,
        url,
        rows=(_ROWS,),
        fields=_FIELDS,
        endpoint=_endpoint(request.url if request else url, params),
        request=request,
        total=("data.searchResult.total", "data.searchResult.totalCount", "data.searchResult.totalHits"),
        today=today,
    )


def discover(text: str, url: str) -> Params:
    """The site and the category: as the search page's URL has them, else as its script does."""
    if "/search-front-server/" in url:
        return NO_PARAMS  # the service's own URL says all
    printed: dict[str, str] = {}
    for name, value in _PRINTED.findall(text):
        printed.setdefault(name, value)
    asked = {name: value for name, value in parse_qsl(urlsplit(url).query) if name in _FILTERS}
    query = {**printed, **asked}
    return {"query": query} if query else NO_PARAMS


def _found_nothing(document: Any) -> bool:
    data = dig(document, "data")
    successful = isinstance(document, Mapping) and str(document.get("code", "200")) in {"200", "0"}
    return successful and isinstance(data, Mapping) and not data.get("searchResult")


def _endpoint(base: str, params: Params) -> Endpoint:
    where = endpoint_url(base, params, base if "/search-front-server/" in base else _API)
    query = {**_USUAL, **params.get("query", {})}
    return Endpoint(where, query=query, page_param="p", size_param="pg", size=int(params.get("page_size", 20)))


FAMILY = Family("jpaas_search", read, first, referer=True, discover=discover)
