"""TRS WCM columns: static pages, articles as `./YYYYMM/tYYYYMMDD_id.html`, paging by script (cms family TRS)."""

import re
from datetime import date

from policy_crawler.errors import PageChanged
from policy_crawler.listings.family import NO_PARAMS, Family
from policy_crawler.listings.links import read_links
from policy_crawler.listings.model import Listing, ListRequest, Params

_SIGN = re.compile(r"createPage(?:HTML)?\s*\(|\bcountPage\b|/t20\d{5,6}_\d+\.|TRS_|SiteIDCode", re.IGNORECASE)


def read(
    text: str,
    url: str,
    *,
    today: date | None = None,
    request: ListRequest | None = None,
    params: Params = NO_PARAMS,
) -> Listing:
    """Read a TRS column page.

    Raises PageChanged when nothing on the page is TRS's."""
    if not _SIGN.search(text):
        raise PageChanged(
            f"{url}: expected a TRS column (createPageHTML, articles t20YYMMDD_id.html), found none of its signs; "
            "see `policy-crawler entries` for what the page gives as plain links"
        )
    return read_links(text, url, today=today, request=request, params=params, family="trs")


FAMILY = Family("trs", read)
