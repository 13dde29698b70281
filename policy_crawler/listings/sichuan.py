"""UCAP in Sichuan: documents of chosen channels, posted for as JSON (cms family UCAP).

`POST /cms-scsrmzf/qryZFWJListByConditionsNew` with `{"pageSize": 15, "pageNum": "1", "channelId": [...]}` answers
`{"results": [{title, url, publishedTime}]}`. The page's number is text.
"""

import re
from dataclasses import replace

from policy_crawler.errors import OperatorError
from policy_crawler.listings.model import Params
from policy_crawler.listings.records import Endpoint, Fields, endpoint_url, record_family

_PRINTED = re.compile(r"channelId\s*=\s*['\"]([0-9a-f]{32})['\"]", re.IGNORECASE | re.ASCII)


def _endpoint(base: str, params: Params) -> Endpoint:
    channels = params.get("channel_id")
    if not channels:
        raise OperatorError(f"{base}: params: expected channel_id, one channel of 32 hexadecimal digits or a list")
    return Endpoint(
        endpoint_url(base, params, "/cms-scsrmzf/qryZFWJListByConditionsNew"),
        "POST-JSON",
        json={
            "pageSize": int(params.get("page_size", 15)),
            "pageNum": "1",
            "channelId": [channels] if isinstance(channels, str) else list(channels),
        },
        page_param="pageNum",
        size=int(params.get("page_size", 15)),
    )


def discover(text: str, url: str) -> Params:
    """The channels whose documents the page shows, as its menu prints them."""
    channels = list(dict.fromkeys(_PRINTED.findall(text)))
    return {"channel_id": channels[0] if len(channels) == 1 else channels} if channels else {}


_RECORDS = record_family(
    "sichuan",
    _endpoint,
    rows=("results", "data.results"),
    fields=Fields(
        title=("title", "showTitle"),
        url=("url",),
        date=("publishedTimeStr", "publishedTime"),
        number=("fwzh", "wh", "domainMetaList[].resultList[key=refno].value"),
    ),
    total=("total", "data.total"),
    referer=True,
)

FAMILY = replace(_RECORDS, discover=discover)
