"""UCAP columns whose rows come from an API, asked for by channel (cms family UCAP).

`/common/search/{channelId}` and `/searchList/{channelId}` answer `{"data": {"total", "results": [{title, url,
publishedTimeStr, contentHtml, domainMetaList}]}}` with the document's text in each row; `getFileListByCodeId` is posted
for and answers the same under `results.data`. The channel's id stands in the column page, or is asked for by the
channel's code: `/getLocalList?channelCode=c101953` answers `{"results": {"channelLevel": [{"channelId"}]}}`.
"""

import re
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from policy_crawler.errors import OperatorError, PageChanged
from policy_crawler.listings.endpoint import Endpoint
from policy_crawler.listings.family import NO_PARAMS, Family
from policy_crawler.listings.links import read_links
from policy_crawler.listings.model import Listing, ListRequest, Params
from policy_crawler.listings.records import Fields, dig, endpoint_url, load, read_listing
from policy_crawler.listings.ucap import printed_channel

_CHANNEL = re.compile(r"/(?:common/search|searchList)/([0-9a-f]{32})", re.ASCII)
_CODE = re.compile(r"/(c\d{5,})/", re.ASCII)
_CODEID_URL = re.compile(r"[\"']((?:https?:)?//[\w.:-]+/(?:[\w/]+/)?getFileListByCodeId)\b")
_CODEID_OF_TAXES = "https://www.chinatax.gov.cn/getFileListByCodeId"
_QUERY = {"_isAgg": "true", "_isJson": "true", "_template": "index", "_rangeTimeGte": "", "_channelName": ""}
_NUMBERS = tuple(f"domainMetaList[].resultList[key={key}].value" for key in ("refno", "writtentext", "wh", "fwzh"))
_FIELDS = Fields(
    title=("title", "showTitle", "aT"),
    url=("url", "aU.common", "urls.common"),
    # The moment in milliseconds was seen eight hours behind the text, so the text comes first.
    date=("publishedTimeStr", "publishedTime", "aPd"),
    number=_NUMBERS,
)
_RESULTS = ("data.results", "results.data.results", "results.results", "data.rows", "data.list", "rows", "list")
_TOTALS = ("data.total", "results.data.total", "results.total", "total")
SERVICES = ("search", "channel", "codeid", "querylist")


def first(list_url: str, params: Params) -> ListRequest:
    """The request for page 1, or for what names its channel. Raises OperatorError."""
    service = _service(list_url, params)
    if service == "channel":
        code = params.get("channel_code") or next(iter(_CODE.findall(list_url)), None)
        if not code:
            raise OperatorError(f"{list_url}: params: expected channel_code, such as c101953")
        return Endpoint(urljoin(list_url, "/getLocalList"), query={"channelCode": code}).page(1)
    if service == "querylist":
        return _endpoint(list_url, params, "").page(1)
    channel = params.get("channel_id") or next(iter(_CHANNEL.findall(list_url)), None)
    return _endpoint(list_url, params, channel).page(1) if channel else ListRequest(list_url)


def read(
    text: str,
    url: str,
    *,
    today: date | None = None,
    request: ListRequest | None = None,
    params: Params = NO_PARAMS,
) -> Listing:
    """Read an answer of the API, or what names the channel: a column page or the answer of getLocalList.

    Raises PageChanged when it is none of them."""
    base = request.url if request else url
    if text.lstrip("\ufeff \r\n\t")[:1] not in {"{", "["}:
        if _CHANNEL.search(base):
            return _read_rendered(text, url, today, request, params)
        channel = printed_channel(text)
        if channel is None:
            raise PageChanged(f"{url}: expected JSON, or a page that prints its channelId, found neither")
        return _named(_endpoint(base, params, channel))
    document = load(text, url)
    levels = dig(document, "results.channelLevel")
    if "/getLocalList" in urlsplit(base).path or levels:
        told = dig(document, "results.channelLevel[].channelId")
        if not told:
            raise PageChanged(f"{url}: expected results.channelLevel[].channelId, found none")
        return _named(_endpoint(base, params, str(told[0])))
    return read_listing(
        "ucap_api",
        document,
        url,
        rows=_RESULTS,
        fields=_FIELDS,
        endpoint=_endpoint(base, params, _channel_of(request, base)),
        request=request,
        total=_TOTALS,
        today=today,
        keep=params.get("body") == "api",
    )


def _read_rendered(text: str, url: str, today: date | None, request: ListRequest | None, params: Params) -> Listing:
    """Rows as HTML, as `_isJson=false` with the site's `_template` answers. The rows alone: no count, so the list ends
    with a page shorter than asked for."""
    entries = read_links(text, url, today=today, request=request, params=NO_PARAMS, family="ucap_api").entries
    if not entries and params.get("query", {}).get("_isJson") != "false":
        raise PageChanged(f"{url}: expected JSON, found a page without a list")
    endpoint = _endpoint(request.url if request else url, params, "")
    number = request.page if request else 1
    more = bool(entries) and len(entries) >= (endpoint.size or 1)
    return Listing("ucap_api", entries, endpoint.page(number + 1) if more else None)


def discover(text: str, url: str) -> Params:
    """Which service the column page's script asks; the channel itself is read from the page or its URL."""
    if "getFileListByCodeId" in text:
        printed = _CODEID_URL.search(text)
        # The tax administration's columns on other hosts ask its main site by a script in a file of its own.
        main = (urlsplit(url).hostname or "").endswith(".chinatax.gov.cn") and _CODEID_OF_TAXES
        endpoint = printed[1] if printed else main
        return {"service": "codeid", **({"endpoint": endpoint} if endpoint else {})}
    if "getLocalList" in text and printed_channel(text) is None:
        return {"service": "channel"}
    if urlsplit(url).path.endswith("/queryList"):
        return {"service": "querylist"}
    if "/queryList" in text and not _CHANNEL.search(text):
        channel, code = printed_channel(text), _CODE.search(url)
        named = {"channelId": channel} if channel else {"channelCode": code[1]} if code else {}
        return {"service": "querylist", **({"query": named} if named else {})}
    return NO_PARAMS


def _named(endpoint: Endpoint) -> Listing:
    return Listing("ucap_api", next_page=endpoint.page(1), by_script=True)


def _service(base: str, params: Params) -> str:
    service = params.get("service", "search")
    if service not in SERVICES:
        raise OperatorError(f"{base}: params: service: expected one of {', '.join(SERVICES)}, found {service!r}")
    return str(service)


def _channel_of(request: ListRequest | None, base: str) -> str:
    """The channel that was asked for, from the request for the page at hand."""
    if found := _CHANNEL.search(base):
        return found[1]
    form = dict(parse_qsl((request.body or b"").decode())) if request else {}
    return form.get("channelId", "")


def _endpoint(base: str, params: Params, channel: str) -> Endpoint:
    service = _service(base, params)
    own: dict[str, Any] = dict(params.get("query", {}))
    if service == "codeid":
        size = int(params.get("page_size", 100))
        form = {"codeId": "", "channelId": channel, **own}
        where = endpoint_url(base, params, "/getFileListByCodeId")
        return Endpoint(where, "POST-FORM", form=form, page_param="page", size_param="size", size=size)
    if service == "querylist":
        size = int(params.get("page_size", 15))
        where = endpoint_url(base, params, "/queryList")
        return Endpoint(where, query=own, page_param="current", size_param="pageSize", size=size)
    where = endpoint_url(base, params, _CHANNEL.sub("", base.partition("?")[0]) if not _CHANNEL.search(base) else base)
    if not _CHANNEL.search(where):
        folder = "/searchList" if service == "channel" else "/common/search"
        folder = str(params.get("endpoint") or folder).rstrip("/")
        where = urljoin(base, f"{folder}/{channel}")
    return Endpoint(
        where,
        query={**_QUERY, **dict(parse_qsl(urlsplit(where).query, keep_blank_values=True)), **own},
        page_param="page",
        size_param="_pageSize",
        size=int(params.get("page_size", 15)),
    )


FAMILY = Family("ucap_api", read, first, referer=True, discover=discover)
