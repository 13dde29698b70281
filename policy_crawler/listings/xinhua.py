"""Xinhua's superEdit: a column page names its datasource, a JSON file beside it (cms family Xinhua).

The page has `<ul data="datasource:<32 hex digits>">`, or mentions `ds_<32 hex digits>.json`; that file holds up to a
thousand rows, newest first: `{"categoryName", "datasource": [{title, showTitle, publishUrl, publishTime}]}`, in which
`publishUrl` is relative to the file and titles may hold markup.
"""

import re
from datetime import date
from urllib.parse import urljoin

from policy_crawler.errors import PageChanged
from policy_crawler.listings.family import NO_PARAMS, Family
from policy_crawler.listings.links import read_links
from policy_crawler.listings.model import Listing, ListRequest, Params
from policy_crawler.listings.records import Fields, load, read_listing

_NAMED = re.compile(r"\bdata\s*=\s*['\"]datasource:([0-9a-f]{32})|\bds_([0-9a-f]{32})\.json", re.ASCII)
_FIELDS = Fields(title=("showTitle", "title"), url=("publishUrl",), date=("publishTime",))


def read(
    text: str,
    url: str,
    *,
    today: date | None = None,
    request: ListRequest | None = None,
    params: Params = NO_PARAMS,
) -> Listing:
    """Read a column page, which only names its datasource, or the datasource itself, which has no second page; a page
    without a datasource is read as the list it prints.

    Raises PageChanged when it is none of them."""
    if text.lstrip("\ufeff \r\n\t")[:1] not in {"{", "["}:
        named = _NAMED.search(text)
        if named is None:  # older columns are printed as pages
            listing = read_links(text, url, today=today, request=request, params=params, family="xinhua")
            if not listing.entries:
                raise PageChanged(f"{url}: expected data='datasource:<32 hex digits>' or a list, found neither")
            return listing
        beside = urljoin(request.url if request else url, f"ds_{named[1] or named[2]}.json")
        return Listing("xinhua", next_page=ListRequest(beside), by_script=True)
    return read_listing(
        "xinhua",
        load(text, url),
        url,
        rows=("datasource",),
        fields=_FIELDS,
        endpoint=None,
        request=request,
        today=today,
    )


FAMILY = Family("xinhua", read, referer=True)
