"""The query service of the National Development and Reform Commission over its documents (cms family NDRC).

`GET https://fwfx.ndrc.gov.cn/api/query` wants the `siteCode` and the `key` that the search page's script prints, and
answers `{"data": {"totalHits", "resultList": [{title, dreTitle, url, docDate}]}}`.
"""

import re
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from policy_crawler.listings.model import Params
from policy_crawler.listings.records import Endpoint, Fields, endpoint_url, record_family

_QUERY: dict[str, Any] = {"qt": "", "tab": "all", "page": 1, "pageSize": 20}
_ORDER: dict[str, Any] = {"startDateStr": "", "endDateStr": "", "timeOption": 0, "sort": "dateDesc"}
# Printed in the script of the search page (seen 2026-10); a public constant, the same for every visitor.
_SITE, _KEY = "bm04000fgk", "CAB549A94CF659904A7D6B0E8FC8A7E9"

_SITE_CODE = re.compile(r"\bsiteCode['\"]?\s*[:=]\s*['\"](\w{10})['\"]")
_PRINTED_KEY = re.compile(r"\bkey['\"]?\s*[:=]\s*['\"]([0-9A-F]{32})['\"]")


def _endpoint(base: str, params: Params) -> Endpoint:
    own = {"siteCode": params.get("site_code") or _SITE, "key": params.get("key") or _KEY}
    return Endpoint(
        endpoint_url(base, params, "/api/query"),
        query={**_QUERY, **own, **_ORDER, **params.get("query", {})},
        page_param="page",
        size_param="pageSize",
        size=int(params.get("page_size", 20)),
    )


_RECORDS = record_family(
    "ndrc_query",
    _endpoint,
    rows=("data.resultList",),
    fields=Fields(title=("title", "dreTitle"), url=("url",), date=("docDate",)),
    total=("data.totalHits",),
)


def discover(text: str, url: str) -> Params:
    """The site's code and key: in the service's URL, else in the script of its search page."""
    asked = dict(parse_qsl(urlsplit(url).query))
    found = {"site_code": asked.get("siteCode"), "key": asked.get("key")}
    for name, sign in (("site_code", _SITE_CODE), ("key", _PRINTED_KEY)):
        if not found[name] and (printed := sign.search(text)):
            found[name] = printed[1]
    return {name: value for name, value in found.items() if value}


FAMILY = replace(_RECORDS, discover=discover)
