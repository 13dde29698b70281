"""UCAP in Suzhou: the library of documents and the columns of news, each with a service of its own (cms family UCAP).

`POST /szinf/xxgk/interfacesWebZcwj/loadData?pageSize=15` with the form `pageIndex=N[&channel_id=]` answers
`{"data": {"allRow", "totalPage", "list": [{TITLE, URL, C_WJBH, PUBLISHED_TIME_FORMAT}]}}`;
`GET /szinf/info/getInfoCommon/?pagesize=15&currpage=N&channelid=` serves columns of news.
"""

import re
from datetime import date
from urllib.parse import parse_qs, urlsplit

from policy_crawler.errors import OperatorError
from policy_crawler.listings.family import NO_PARAMS, Family
from policy_crawler.listings.model import Listing, ListRequest, Params
from policy_crawler.listings.records import Endpoint, Fields, endpoint_url, load, read_listing

_LIBRARY, _NEWS = "/szinf/xxgk/interfacesWebZcwj/loadData", "getInfoCommon"
_PRINTED = re.compile(r"channel_?id['\"]?\s*[:=]\s*['\"]?([0-9a-f]{32})", re.ASCII | re.IGNORECASE)
_FIELDS = Fields(
    title=("TITLE", "title"),
    url=("URL", "url", "link"),
    date=("PUBLISHED_TIME_FORMAT", "pubDate", "pubtime", "publishedTimeStr", "publishedTime", "date"),
    number=("C_WJBH",),
)


def first(list_url: str, params: Params) -> ListRequest:
    """The request for page 1. Raises OperatorError where a column of news has no channel."""
    return _endpoint(list_url, params).page(1)


def read(
    text: str,
    url: str,
    *,
    today: date | None = None,
    request: ListRequest | None = None,
    params: Params = NO_PARAMS,
) -> Listing:
    """Read an answer of either service. Raises PageChanged when it is none."""
    return read_listing(
        "suzhou",
        load(text, url),
        url,
        rows=("data.list", "list", "infolist", "data.infolist", "data.rows", "rows", "data"),
        fields=_FIELDS,
        endpoint=_endpoint(request.url if request else url, params),
        request=request,
        total=("data.allRow", "data.total", "total", "allRow"),
        pages=("data.totalPage", "totalPage"),
        today=today,
    )


def discover(text: str, url: str) -> Params:
    """The service that the column's script asks, and the channel where it prints one."""
    printed = None if "channelid=" in url else _PRINTED.search(text)
    channel: Params = {"channel_id": printed[1]} if printed else NO_PARAMS
    if _NEWS in text and _NEWS not in url and "loadData" not in text:
        return {"endpoint": "/szinf/info/getInfoCommon/", **channel}
    return channel


def _endpoint(base: str, params: Params) -> Endpoint:
    where = endpoint_url(base, params, base if _NEWS in base else _LIBRARY)
    size = int(params.get("page_size", 15))
    if _NEWS not in where:
        channel = {"channel_id": params["channel_id"]} if params.get("channel_id") else {}
        return Endpoint(
            where,
            "POST-FORM",
            query={"pageSize": size},
            form={"pageIndex": 1, **channel},
            page_param="pageIndex",
            size=size,
        )
    channel_id = params.get("channel_id") or parse_qs(urlsplit(base).query).get("channelid", [""])[0]
    if not channel_id:
        raise OperatorError(f"{base}: params: expected channel_id, the channel of 32 hexadecimal digits")
    query = {"pagesize": size, "currpage": 1, "channelid": channel_id}
    return Endpoint(where, query=query, page_param="currpage", size_param="pagesize", size=size)


FAMILY = Family("suzhou", read, first, referer=True, discover=discover)
