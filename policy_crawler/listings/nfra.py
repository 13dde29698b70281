"""The National Financial Regulatory Administration: lists and documents are JSON (cms family NFRA).

`/cbircweb/DocInfo/SelectDocByItemIdAndChild?itemId=&pageSize=&pageIndex=` answers `{"data": {"total", "rows": [{docId,
docTitle, docSubtitle, publishDate, isTitleLink, titleLink}]}}`; `SelectItemAndDocByItemPId` answers the newest of each
column under one as `data[].docInfoVOList[]`. People see a document at `/cn/view/pages/ItemDetail.html?docId=&itemId=`,
whose script reads `/cn/static/data/DocInfo/SelectByDocId/data_docId=<id>.json`.
"""

from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

from policy_crawler.errors import OperatorError
from policy_crawler.listings.details import detail_url
from policy_crawler.listings.family import NO_PARAMS, Family
from policy_crawler.listings.model import Listing, ListRequest, Params
from policy_crawler.listings.records import Endpoint, Fields, endpoint_url, load, read_listing, rows_at

_ITEMS, _TREE = "/cbircweb/DocInfo/SelectDocByItemIdAndChild", "/cbircweb/DocInfo/SelectItemAndDocByItemPId"
_FIELDS = Fields(
    title=("docSubtitle", "docTitle"),
    url=("link",),
    date=("publishDate", "builddate"),
    number=("documentNo",),
    url_template="/cn/view/pages/ItemDetail.html?docId={docId}&itemId={itemId}&generaltype=0",
)


def first(list_url: str, params: Params) -> ListRequest:
    """The request for page 1. Raises OperatorError without an item_id."""
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
    base = request.url if request else url
    endpoint = _endpoint(base, params)
    document = load(text, url)
    tree = _is_tree(base, params)
    rows = rows_at(document, ["data[].docInfoVOList"] if tree else ["data.rows"], url)
    item = str(endpoint.query["itemId"])
    total = document["data"].get("total") if not tree else None
    return read_listing(
        "nfra",
        {"rows": [_row(row, item) for row in rows], "total": total},
        url,
        rows=("rows",),
        fields=_FIELDS,
        endpoint=None if tree else endpoint,
        request=request,
        total=("total",),
        today=today,
    )


def _row(row: dict[str, Any], item: str) -> dict[str, Any]:
    linked = str(row.get("isTitleLink")) in {"1", "true", "True"}
    return {**row, "itemId": row.get("itemId") or item, "link": row.get("titleLink") if linked else None}


def _is_tree(base: str, params: Params) -> bool:
    return params.get("service") == "tree" or (not params.get("service") and "SelectItemAndDocByItemPId" in base)


def _endpoint(base: str, params: Params) -> Endpoint:
    asked = parse_qs(urlsplit(base).query)
    item = params.get("item_id") or asked.get("itemId", [""])[0]
    if not item:
        raise OperatorError(f"{base}: params: expected item_id, the number of the column, such as 915")
    tree = _is_tree(base, params)
    return Endpoint(
        endpoint_url(base, params, _TREE if tree else _ITEMS),
        query={"itemId": item},
        page_param="" if tree else "pageIndex",
        size_param="pageSize",
        size=int(params.get("page_size", 20 if tree else 18)),
    )


FAMILY = Family("nfra", read, first, detail_url)
