"""Hebei's blocks: `/columns/<uuid>/templates/<uuid>/blocks/<uuid>?page=N&fix=0` answers a list as a fragment."""

import re
from datetime import date
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from parsel import Selector

from policy_crawler.listings.family import NO_PARAMS, Family
from policy_crawler.listings.links import read_links, require_sign
from policy_crawler.listings.model import Listing, ListRequest, Params
from policy_crawler.listings.pagers import plugin_pages
from policy_crawler.listings.rows import find_entries

_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_BLOCK = re.compile(rf"/columns/{_UUID}/templates/{_UUID}/blocks/{_UUID}", re.IGNORECASE)
SIGN = re.compile(rf"/columns/{_UUID}", re.IGNORECASE)
_PAGES = re.compile(r"共\s*(\d+)\s*页|\bdata-(?:total-?)?pages?=['\"](\d+)")


def first(list_url: str, params: Params) -> ListRequest:
    """Page 1: the block with `page=1&fix=0`, or the column's page whose script names its block."""
    return _page(list_url, 1) if _BLOCK.search(list_url) else ListRequest(list_url)


def read(
    text: str,
    url: str,
    *,
    today: date | None = None,
    request: ListRequest | None = None,
    params: Params = NO_PARAMS,
) -> Listing:
    """Read a block, or a column page that names one. Raises PageChanged when it is neither."""
    if not _BLOCK.search(url):
        return _column(text, url, today, request, params)
    require_sign(SIGN, text, url, "a block of rows that lead to /columns/<uuid>/…")
    number = request.page if request else int(dict(parse_qsl(urlsplit(url).query)).get("page") or 1)
    entries = find_entries(Selector(text=f"<div>{text}</div>", type="html"), url, paged=True, today=today)
    words = _PAGES.search(text)
    total = int(words[1] or words[2]) if words else plugin_pages(text)
    more = bool(entries) and (total is None or number < total)
    return Listing("hebei", entries, _page(url, number + 1) if more else None, total)


def _column(text: str, url: str, today: date | None, request: ListRequest | None, params: Params) -> Listing:
    require_sign(SIGN, text, url, "a column with blocks (/columns/<uuid>/templates/<uuid>/blocks/<uuid>)")
    listing = read_links(text, url, today=today, request=request, params=params, family="hebei")
    block = _BLOCK.search(text)
    if listing.entries or block is None:
        return listing
    return Listing("hebei", next_page=_page(urljoin(url, block[0]), 1), by_script=True)


def _page(block: str, number: int) -> ListRequest:
    parts = urlsplit(block)
    query = {**dict(parse_qsl(parts.query)), "page": str(number), "fix": "0"}
    return ListRequest(parts._replace(query=urlencode(query), fragment="").geturl(), page=number)


FAMILY = Family("hebei", read, first=first)
