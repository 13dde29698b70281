"""The national database of laws and regulations, flk.npc.gov.cn (cms family flk).

`POST /law-search/search/list` takes JSON in which every field has to stand and `orderByParam` has to be an object, else
it answers 500; rows are `{bbbs, title, gbrq, sxrq, sxx, zdjgName}`. People see a law at `/detail?id={bbbs}`, a script
reads it from `/law-search/search/flfgDetails?bbbs=`.
"""

from typing import Any

from policy_crawler.listings.details import detail_url
from policy_crawler.listings.model import Params
from policy_crawler.listings.records import Endpoint, Fields, endpoint_url, record_family

_BODY: dict[str, Any] = {
    "searchRange": 1,
    "sxrq": [],
    "gbrq": [],
    "searchType": 2,
    "sxx": [],
    "gbrqYear": [],
    "flfgCodeId": [],
    "zdjgCodeId": [],
    "searchContent": "",
    "orderByParam": {"order": "-1", "sort": ""},
    "pageNum": 1,
}


def _endpoint(base: str, params: Params) -> Endpoint:
    return Endpoint(
        endpoint_url(base, params, "/law-search/search/list"),
        "POST-JSON",
        json={**_BODY, **params.get("query", {})},
        page_param="pageNum",
        size_param="pageSize",
        size=int(params.get("page_size", 20)),
    )


FAMILY = record_family(
    "flk",
    _endpoint,
    rows=("rows", "data.rows", "data.list"),
    fields=Fields(title=("title",), date=("gbrq",), url_template="/detail?id={bbbs}"),
    total=("total", "data.total"),
    fetch_url=detail_url,
)
