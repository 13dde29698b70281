"""The query service of the National Development and Reform Commission over its documents (cms family NDRC).

`GET https://fwfx.ndrc.gov.cn/api/query` wants the `siteCode` and the `key` that the search page's script prints, and
answers `{"data": {"totalHits", "resultList": [{title, dreTitle, url, docDate}]}}`.
"""

from typing import Any

from policy_crawler.listings.model import Params
from policy_crawler.listings.records import Endpoint, Fields, endpoint_url, record_family

_QUERY: dict[str, Any] = {"qt": "", "tab": "all", "page": 1, "pageSize": 20}
_ORDER: dict[str, Any] = {"startDateStr": "", "endDateStr": "", "timeOption": 0, "sort": "dateDesc"}
# Printed in the script of the search page (seen 2026-10); a public constant, the same for every visitor.
_SITE, _KEY = "bm04000fgk", "CAB549A94CF659904A7D6B0E8FC8A7E9"


def _endpoint(base: str, params: Params) -> Endpoint:
    own = {"siteCode": params.get("site_code") or _SITE, "key": params.get("key") or _KEY}
    return Endpoint(
        endpoint_url(base, params, "/api/query"),
        query={**_QUERY, **own, **_ORDER, **params.get("query", {})},
        page_param="page",
        size_param="pageSize",
        size=int(params.get("page_size", 20)),
    )


FAMILY = record_family(
    "ndrc_query",
    _endpoint,
    rows=("data.resultList",),
    fields=Fields(title=("title", "dreTitle"), url=("url",), date=("docDate",)),
    total=("data.totalHits",),
)
