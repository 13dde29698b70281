"""Epoint 国泰新点 columns: `subPage.html` or `secondPage.html` under a category's code (cms family Epoint).

Pagers print the next page in `onclick="location.href='/qwfb/010001/2.html'"`, as a link, or call
`ShowAjaxNewPage(…, 2)`, which loads the numbered file beside the column.
"""

import re
from datetime import date
from urllib.parse import urljoin

from policy_crawler.listings.family import NO_PARAMS, Family
from policy_crawler.listings.links import read_links, require_sign
from policy_crawler.listings.model import Listing, ListRequest, Params

SIGN = re.compile(
    r"/(?:subPage|secondPage|thirdPage|moreinfo)\w*\.html|EpointWebBuilder|\bewb-|categorypagingcontent|/\d{6,9}/\d+\.html",
    re.IGNORECASE,
)
_OF = re.compile(r"<(?:span|a|li)\b[^<>]*>\s*(\d+)\s*/\s*(\d+)\s*</")
_AJAX = re.compile(r"ShowAjaxNewPage\s*\(")


def read(
    text: str,
    url: str,
    *,
    today: date | None = None,
    request: ListRequest | None = None,
    params: Params = NO_PARAMS,
) -> Listing:
    """Read an Epoint column page. Raises PageChanged when nothing on it is Epoint's."""
    require_sign(SIGN, text, url, "an Epoint column (subPage.html, ewb- classes)")
    listing = read_links(text, url, today=today, request=request, params=params, family="epoint")
    position = _OF.search(text)
    total = int(position[2]) if position else listing.total_pages
    following = listing.next_page
    number = request.page if request else int(position[1]) if position else 1
    if following is None and _AJAX.search(text) and total is not None and number < total:
        following = ListRequest(urljoin(url, f"{number + 1}.html"), page=number + 1)
    return Listing("epoint", listing.entries, following, total, listing.by_script)


FAMILY = Family("epoint", read)
