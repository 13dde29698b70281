"""Lonsun 龙讯 columns (Anhui), cms family Lonsun: lists are fragments of `/site/label/8888?labelName=…&pageIndex=N`.

The column page (`/public/column/…`, `/site/tpl/…`) shows page 1 itself, or its script names the fragment.
"""

import html
import re
from datetime import date
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from parsel import Selector

from policy_crawler.listings.family import NO_PARAMS, Family
from policy_crawler.listings.links import read_links, require_sign
from policy_crawler.listings.model import Listing, ListRequest, Params
from policy_crawler.listings.pagers import plugin_pages
from policy_crawler.listings.rows import find_entries

SIGN = re.compile(r"/site/label/\d+|/site/tpl/\d+|\bLs\.pagination|/public/(?:column/)?\d+|labelName=", re.IGNORECASE)
_LABEL = re.compile(r"""['"]([^'"\s]*/site/label/\d+\?[^'"]*labelName=[^'"]*)['"]""")
_USUAL_SIZE = 15


def first(list_url: str, params: Params) -> ListRequest:
    """Page 1: the column itself, or the fragment with `params["query"]`."""
    query = dict(params.get("query") or {})
    if not query:
        return ListRequest(list_url)
    parts = urlsplit(list_url)
    own = "/site/label/" in parts.path
    endpoint = urljoin(list_url, params.get("endpoint") or (list_url if own else "/site/label/8888"))
    return _page(endpoint, {**(dict(parse_qsl(parts.query)) if own else {}), **_texts(query)}, 1)


def read(
    text: str,
    url: str,
    *,
    today: date | None = None,
    request: ListRequest | None = None,
    params: Params = NO_PARAMS,
) -> Listing:
    """Read a fragment of the label service, or a column page. Raises PageChanged when it is neither."""
    number = request.page if request else 1
    if "/site/label/" in urlsplit(url).path:
        return _fragment(text, url, number, today)
    require_sign(SIGN, text, url, "a Lonsun column (/site/label/8888, /public/column/)")
    label = _LABEL.search(text)
    listing = read_links(text, url, today=today, request=request, params=params, family="lonsun")
    if label is None:
        return listing
    endpoint = urljoin(url, html.unescape(label[1]))
    query = dict(parse_qsl(urlsplit(endpoint).query, keep_blank_values=True))
    if not listing.entries:
        return Listing("lonsun", next_page=_page(endpoint, query, 1), by_script=True)
    total = plugin_pages(text)
    more = total is None or total > 1
    return Listing("lonsun", listing.entries, _page(endpoint, query, 2) if more else None, total)


def _fragment(text: str, url: str, number: int, today: date | None) -> Listing:
    page = Selector(text=f"<div>{text}</div>", type="html")
    query = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
    total = plugin_pages(text)
    entries = find_entries(page, url, paged=True, today=today)
    size = query.get("pageSize", "")
    full = len(entries) >= (int(size) if size.isdecimal() else _USUAL_SIZE)
    more = bool(entries) and (number < total if total is not None else full)
    return Listing("lonsun", entries, _page(url, query, number + 1) if more else None, total)


def _page(endpoint: str, query: dict[str, str], number: int) -> ListRequest:
    asked = {**query, "pageIndex": str(number)}
    return ListRequest(urlsplit(endpoint)._replace(query=urlencode(asked), fragment="").geturl(), page=number)


def _texts(query: dict[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in query.items()}


FAMILY = Family("lonsun", read, first=first)
