"""The search services that TRS sites list documents with (cms family TRS search).

| service   | asked for                                                  | answers                                     |
|-----------|------------------------------------------------------------|---------------------------------------------|
| was5      | /was5/web/search?channelid=…&page=N                        | a page of links                             |
| was5_json | the same with templet=docs.jsp, prepage=…; /fjdzapp/search | {"docs": [{title, url or chnldocurl}]}      |
| jsonp     | /was5/…/response_….jsp?callback=…&pageIndex=N&pageSize=…   | callback({"data": [{docpuburl, doctitle}]}) |
| infogate  | /govsearch/jsonp/….jsp?callback=…&page=N&size=…            | callback({"nPage", "data" or "list": […]})  |
| igs       | /igs/front/search/list.html?index=…&type=…&pageNumber=N    | {"page": {"content": […], "totalPages"}}    |
| ssp       | /ssp/search/api/apiSearch?apiName=…&page=N&rows=…          | {"datas": [{_doctitle, docpuburl}]}         |
"""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from parsel import Selector

from policy_crawler.errors import OperatorError, PageChanged
from policy_crawler.listings.family import NO_PARAMS, Family
from policy_crawler.listings.model import Listing, ListRequest, Params
from policy_crawler.listings.paging import next_by_link, pages_in_words
from policy_crawler.listings.records import Endpoint, Fields, endpoint_url, load, read_listing
from policy_crawler.listings.rows import find_entries

_NOTHING = ("没有", "无相关", "未找到", "未检索到", "0条", "0 条")  # how a page of results says that there are none
# A line that the template docs.jsp prints to close its list.
_DUMMY = "文章标题"
_PATH = (
    r"(?:/was5?/[\w/]*\w+(?:\.jsp)?|/fjdzapp/search|/govsearch/jsonp/\w+\.jsp"
    r"|/igs/front/search/list|/ssp/search/api/\w+)"
)
_SERVICE = re.compile(_PATH)
_PRINTED = re.compile(rf"[\"']((?:(?:https?:)?//[\w.:-]+)?{_PATH}[^\"'\s<>]*)[\"']")

_FIELDS = Fields(
    title=("doctitle", "_doctitle", "DOCTITLE", "title", "tip.title", "docTitle"),
    url=("chnldocurl", "docpuburl", "DOCPUBURL", "puburl", "url", "URL"),
    date=(
        "pubdate",
        "PUBDATE",
        "pubDate",
        "tip.dates",
        "RELEASEDATE",
        "docreltime",
        "DOCRELTIME",
        "pubtime",
        "time",
        "date",
        "gentime",
    ),
    number=("fileno", "fileNum", "filenum", "tip.filenum", "FILENUM", "fileNumber", "wenhao", "docNo"),
)


@dataclass(frozen=True, slots=True)
class Service:
    """How a service counts its pages, and where its rows stand."""

    page_param: str
    rows: tuple[str, ...] = ()  # none: a page of links
    size_param: str = ""
    size: int | None = None
    query: Mapping[str, Any] = field(default_factory=dict)
    total: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()


SERVICES: dict[str, Service] = {
    "was5": Service("page"),
    "was5_json": Service("page", ("docs",), "prepage", 10, {"templet": "docs.jsp"}, ("total", "count", "recordcount")),
    "jsonp": Service(
        "pageIndex",
        ("data", "list", "docs", "datas", "results"),
        "pageSize",
        10,
        {"callback": "result"},
        ("total", "count", "totalCount", "recordCount"),
        ("pages", "pageCount", "totalPage"),
    ),
    "infogate": Service(
        "page",
        ("list", "data"),
        "size",
        15,
        {"callback": "result"},
        ("total", "count"),
        ("nPage", "pages", "totalPage"),
    ),
    "igs": Service(
        "pageNumber", ("page.content",), "pageSize", 10, {}, ("page.total", "page.totalElements"), ("page.totalPages",)
    ),
    "ssp": Service(
        "page", ("datas", "data.datas", "data"), "rows", 15, {}, ("total", "pager.total", "count"), ("pager.pageCount",)
    ),
}


def first(list_url: str, params: Params) -> ListRequest:
    """The request for page 1. Raises OperatorError without a known `service`."""
    return _endpoint(list_url, params).page(1)


def read(
    text: str,
    url: str,
    *,
    today: date | None = None,
    request: ListRequest | None = None,
    params: Params = NO_PARAMS,
) -> Listing:
    """Read an answer of the service. Raises PageChanged when it is another's."""
    request = request or ListRequest(url)
    endpoint, service = _endpoint(request.url, params), _service(request.url, params)
    if not service.rows:
        return _read_page(text, url, request, endpoint, today)
    document = load(text, url)
    if isinstance(document, dict) and isinstance(document.get("docs"), list):
        document["docs"] = [row for row in document["docs"] if not _is_dummy(row)]
    return read_listing(
        "trs_search",
        document,
        url,
        rows=service.rows,
        fields=_FIELDS,
        endpoint=endpoint,
        request=request,
        total=service.total,
        pages=service.pages,
        today=today,
    )


def discover(text: str, url: str) -> Params:
    """The service by its URL; for a column whose script asks one, where and with what besides."""
    if not _SERVICE.search(url) and (printed := _PRINTED.search(html.unescape(text))):
        endpoint = urljoin(url, printed[1])
        service = _service_at(endpoint)
        paging = {SERVICES[service].page_param, SERVICES[service].size_param, "callback"}
        asked = parse_qsl(urlsplit(endpoint).query)
        fixed = {name: value for name, value in asked if name not in paging}
        return {"service": service, "endpoint": endpoint.partition("?")[0], **({"query": fixed} if fixed else {})}
    return {"service": _service_at(url, text)}


def _service_at(url: str, text: str = "") -> str:
    signs = {
        "/igs/front/search": "igs",
        "/ssp/search/api": "ssp",
        "/govsearch/jsonp/": "infogate",
        "templet=docs.jsp": "was5_json",
        "/fjdzapp/search": "was5_json",
    }
    told = next((service for sign, service in signs.items() if sign in url), None)
    if told is None and text.lstrip("\ufeff \r\n\t")[:1] == "{":
        told = "was5_json"
    return told or ("was5" if "/web/search" in url else "jsonp")


def _read_page(text: str, url: str, request: ListRequest, endpoint: Endpoint, today: date | None) -> Listing:
    page = Selector(text=text or "<html></html>", type="html")
    entries = find_entries(page, url, paged=True, today=today)
    if not entries:
        words = page.xpath("string()").get(default="")
        if not any(said in words for said in _NOTHING) and request.page == 1:
            raise PageChanged(f"{url}: expected a page of results with links and dates, found none")
        return Listing("trs_search")
    total = pages_in_words(page) or next_by_link(page, url)[1]
    more = total is None or request.page < total
    return Listing("trs_search", entries, endpoint.page(request.page + 1) if more else None, total)


def _is_dummy(row: Any) -> bool:
    return isinstance(row, Mapping) and str(row.get("title", row.get("doctitle", ""))).strip() == _DUMMY


def _service(base: str, params: Params) -> Service:
    name = str(params.get("service") or _service_at(base))
    if name not in SERVICES:
        raise OperatorError(f"{base}: params: service: expected one of {', '.join(SERVICES)}, found {name!r}")
    return SERVICES[name]


def _endpoint(base: str, params: Params) -> Endpoint:
    service = _service(base, params)
    query = {**service.query, **params.get("query", {})}
    size_param = str(params.get("size_param") or service.size_param)
    size = params.get("size") or query.get(size_param) or service.size
    return Endpoint(
        endpoint_url(base, params, base),
        query=query,
        page_param=str(params.get("page_param") or service.page_param),
        first_page=int(params.get("first_page", 1)),
        size_param=size_param,
        size=int(size) if size else None,
    )


FAMILY = Family("trs_search", read, first, discover=discover, referer=True)
