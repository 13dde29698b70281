"""The Cyberspace Administration: columns whose rows are posted for by the column's code (cms family CAC).

The column page is `…/A093702index_1.htm`; `POST /cms/JsonList` with `channelCode`, `perPage`, `pageno` answers
`{"list": [{"topic", "infourl": "//www.cac.gov.cn/…", "pubtime"}], "totalRec": N}`.
"""

import re
from datetime import date
from urllib.parse import parse_qsl

from policy_crawler.errors import OperatorError
from policy_crawler.listings.family import NO_PARAMS, Family
from policy_crawler.listings.model import Listing, ListRequest, Params
from policy_crawler.listings.records import Endpoint, Fields, endpoint_url, load, read_listing

_CODE = re.compile(r"/(A\d{4,})index_\d+\.html?$", re.ASCII)
_PRINTED = re.compile(r"channelCode['\"]?\s*[:=]\s*['\"](A\d{4,})", re.ASCII)


def first(list_url: str, params: Params) -> ListRequest:
    """The request for page 1. Raises OperatorError where neither params nor the URL tell the column's code."""
    code = params.get("channel_code") or next(iter(_CODE.findall(list_url)), None)
    if not code:
        raise OperatorError(f"{list_url}: params: expected channel_code, such as A093702, or a URL that carries it")
    return _endpoint(list_url, params, str(code)).page(1)


def read(
    text: str,
    url: str,
    *,
    today: date | None = None,
    request: ListRequest | None = None,
    params: Params = NO_PARAMS,
) -> Listing:
    """Read an answer of the service. Raises PageChanged when it is none."""
    asked = dict(parse_qsl((request.body or b"").decode())) if request else {}
    code = asked.get("channelCode") or params.get("channel_code", "")
    return read_listing(
        "cac",
        load(text, url),
        url,
        rows=("list",),
        fields=Fields(title=("topic",), url=("infourl",), date=("pubtime",)),
        endpoint=_endpoint(request.url if request else url, params, str(code)),
        request=request,
        total=("totalRec", "total"),
        today=today,
    )


def discover(text: str, url: str) -> Params:
    """The column's code, where the page prints it and the URL does not."""
    printed = None if _CODE.search(url) else _PRINTED.search(text)
    return {"channel_code": printed[1]} if printed else NO_PARAMS


def _endpoint(base: str, params: Params, code: str) -> Endpoint:
    return Endpoint(
        endpoint_url(base, params, "/cms/JsonList"),
        "POST-FORM",
        form={"channelCode": code},
        page_param="pageno",
        size_param="perPage",
        size=int(params.get("page_size", 20)),
    )


FAMILY = Family("cac", read, first, referer=True, discover=discover)
