"""Any other list that is JSON or JSONP: a source's params say how it is asked for and where its rows stand.

`rows`, `title`, `url`, `date`, `number`, `total` and `pages` are dotted keys, several parted by "|" of which the first
that says something counts; `url_template` makes the page's URL from keys of the row.
"""

from datetime import date
from typing import Any

from policy_crawler.errors import OperatorError
from policy_crawler.listings.described import describe
from policy_crawler.listings.details import detail_url
from policy_crawler.listings.endpoint import METHODS
from policy_crawler.listings.family import NO_PARAMS, Family
from policy_crawler.listings.model import Listing, ListRequest, Params
from policy_crawler.listings.records import Endpoint, Fields, endpoint_url, load, read_listing


def first(list_url: str, params: Params) -> ListRequest:
    """The request for page 1. Raises OperatorError naming what is wrong in params."""
    if not params.get("title"):
        raise OperatorError(f"{list_url}: params: expected title, the key of a row's title")
    if not params.get("url") and not params.get("url_template"):
        raise OperatorError(f"{list_url}: params: expected url or url_template, for the URL of a row's page")
    return _endpoint(list_url, params).page(1)


def read(
    text: str,
    url: str,
    *,
    today: date | None = None,
    request: ListRequest | None = None,
    params: Params = NO_PARAMS,
) -> Listing:
    """Read an answer as `params` describe it. Raises PageChanged when it is not like that."""
    endpoint = _endpoint(request.url if request else url, params)
    return read_listing(
        "api",
        load(text, url, jsonp=str(params.get("jsonp", ""))),
        url,
        rows=_keys(params, "rows") or ("",),
        fields=Fields(
            title=_keys(params, "title"),
            url=_keys(params, "url"),
            date=_keys(params, "date"),
            number=_keys(params, "number"),
            url_template=str(params.get("url_template", "")),
        ),
        # A list without a parameter for its pages has one page only.
        endpoint=endpoint if endpoint.page_param or "{page}" in endpoint.url else None,
        request=request,
        total=_keys(params, "total"),
        pages=_keys(params, "pages"),
        today=today,
        keep=params.get("body") == "api",
    )


def _endpoint(base: str, params: Params) -> Endpoint:
    method = str(params.get("method", "GET"))
    if method not in METHODS:
        raise OperatorError(f"{base}: params: method: expected one of {', '.join(METHODS)}, found {method!r}")
    return Endpoint(
        endpoint_url(base, params, base),
        method,
        query=_table(base, params, "query"),
        form=_table(base, params, "form"),
        json=_table(base, params, "json"),
        page_param=str(params.get("page_param", "")),
        first_page=int(params.get("first_page", 1)),
        step=int(params.get("step", 1)),
        size_param=str(params.get("size_param", "")),
        size=int(params["size"]) if "size" in params else None,
    )


def _keys(params: Params, name: str) -> tuple[str, ...]:
    return tuple(key.strip() for key in str(params.get(name, "")).split("|") if key.strip())


def _table(base: str, params: Params, name: str) -> dict[str, Any]:
    table = params.get(name, {})
    if not isinstance(table, dict):
        raise OperatorError(f"{base}: params: {name}: expected a table, found {table!r}")
    return dict(table)


FAMILY = Family("api", read, first, detail_url, referer=True, discover=describe)
