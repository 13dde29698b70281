"""The policy library of Hanweb JPAAS at provinces (Shandong), listed by issuing body (cms family JPAAS).

`GET /jpaas-jpolicy-console-server/interface/getPolicyByOrgId` with `orgId`, `sfzcwj`, `sortKey`, `pageNo`, `pageSize`
answers `{"data": {"total", "list": [{iid, title, publishDate, …}]}}`; people read the document at
`/jpaas-jpolicy-web-server/front/info/detail?iid=…`.
"""

import re
from dataclasses import replace

from policy_crawler.listings.model import Params
from policy_crawler.listings.records import Endpoint, Fields, endpoint_url, record_family

_API = "/jpaas-jpolicy-console-server/interface/getPolicyByOrgId"

_PRINTED = re.compile(r"\b(orgId|sfzcwj|category|validity|sortKey)['\"]?\s*[:=]\s*['\"]?([\w,]+)", re.ASCII)


def _endpoint(base: str, params: Params) -> Endpoint:
    return Endpoint(
        endpoint_url(base, params, base if "/jpaas-jpolicy-console-server/" in base else _API),
        query=params.get("query", {}),
        page_param="pageNo",
        size_param="pageSize",
        size=int(params.get("page_size", 20)),
    )


_RECORDS = record_family(
    "jpolicy",
    _endpoint,
    rows=("data.list", "data.rows", "data.records"),
    fields=Fields(
        title=("title",),
        url=("url",),
        date=("publishDate", "publish_date", "showtime", "showTime", "writeDate"),
        number=("fileNum", "fileNumber", "filenumber", "filenum", "wh", "documentNumber"),
        url_template="/jpaas-jpolicy-web-server/front/info/detail?iid={iid}",
    ),
    total=("data.total", "data.totalCount", "data.count"),
    pages=("data.pages", "data.totalPage", "data.totalPages"),
    referer=True,
)


def discover(text: str, url: str) -> Params:
    """The bodies whose documents the column lists, and what else its script fixes."""
    if _API in url:
        return {}  # the service's own URL says all
    query: dict[str, str] = {}
    for name, value in _PRINTED.findall(text):
        query.setdefault(name, value)
    return {"query": query} if "orgId" in query else {}


FAMILY = replace(_RECORDS, discover=discover)
