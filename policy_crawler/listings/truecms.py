"""TrueCMS 特创 columns: `iList.jsp?cat_id=…` or `node_id=…`, further pages by `cur_page` (cms family TrueCMS)."""

import re
from datetime import date
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from policy_crawler.listings.family import NO_PARAMS, Family
from policy_crawler.listings.links import read_links, require_sign
from policy_crawler.listings.model import Listing, ListRequest, Params

SIGN = re.compile(r"/iList\.jsp\b|[?&]cur_page=\d", re.IGNORECASE)
_PAGES = re.compile(r"共\s*(\d+)\s*页|(?<![\d/-])\d+\s*/\s*(\d+)(?:\s*页|\s*</)")


def first(list_url: str, params: Params) -> ListRequest:
    """Page 1: list_url, or `endpoint` with `query` laid over its own."""
    endpoint = urljoin(list_url, params.get("endpoint") or "")
    return ListRequest(_asked(endpoint, {name: str(value) for name, value in (params.get("query") or {}).items()}))


def read(
    text: str,
    url: str,
    *,
    today: date | None = None,
    request: ListRequest | None = None,
    params: Params = NO_PARAMS,
) -> Listing:
    """Read a TrueCMS column page. Raises PageChanged when nothing on it is TrueCMS's."""
    require_sign(SIGN, text, url, "a TrueCMS column (iList.jsp, cur_page)")
    listing = read_links(text, url, today=today, request=request, params=params, family="truecms")
    number = request.page if request else int(_query(url).get("cur_page") or 1)
    words = _PAGES.search(text)
    total = listing.total_pages or (int(words[1] or words[2]) if words else None)
    following = listing.next_page
    # Without a printed pager the next page is asked for until one has no rows or repeats itself.
    if following is None and listing.entries and "iList.jsp" in url and (number < total if total else True):
        following = ListRequest(_asked(url, {"cur_page": str(number + 1)}), page=number + 1)
    return Listing("truecms", listing.entries, following, total, listing.by_script)


def _query(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def _asked(url: str, query: dict[str, str]) -> str:
    if not query:
        return url
    return urlsplit(url)._replace(query=urlencode({**_query(url), **query}), fragment="").geturl()


FAMILY = Family("truecms", read, first=first)
