"""Shanghai's columns: `/nw39220/index.html` links one archive a year (`/hdhg2026/index.html`).

Each archive has pages (`index_2.html`, by a jQuery pagination plug-in that is told how many there are). The list goes
on from the last page of a year to the year before. A year that has just begun may be empty.
"""

import re
from datetime import date
from urllib.parse import urljoin, urlsplit

from parsel import Selector

from policy_crawler.errors import PageChanged
from policy_crawler.listings.family import NO_PARAMS, Family
from policy_crawler.listings.links import read_links
from policy_crawler.listings.model import Listing, ListRequest, Params
from policy_crawler.listings.pagers import plugin_pages

# A column itself may be called nw2019.
_YEAR = re.compile(
    r"/(?!nw(?:19|20)\d\d/)([a-z]+[a-z0-9_-]*?)((?:19|20)\d\d)/(?:index(?:_(\d+))?\.html)?$", re.IGNORECASE
)


def read(
    text: str,
    url: str,
    *,
    today: date | None = None,
    request: ListRequest | None = None,
    params: Params = NO_PARAMS,
) -> Listing:
    """Read a column's index of years, or a page of one year. Raises PageChanged when there is neither year nor row."""
    number = request.page if request else 1
    page = Selector(text=text or "<html></html>", type="html")
    years = _years(page, url)
    here = _YEAR.search(urlsplit(url).path)
    listing = read_links(text, url, today=today, request=request, params=params, family="shanghai")
    if here is None:
        if years and not _is_list(listing):
            return Listing("shanghai", next_page=ListRequest(years[max(years)], page=number), by_script=True)
        if not listing.entries:
            raise PageChanged(f"{url}: expected links to archives of years (/name2026/index.html), found none")
        return listing
    within, total = int(here[3] or 1), plugin_pages(text) or listing.total_pages
    before = _year_before(url, int(here[2]), years)
    if not listing.entries:
        if not years and total is None:
            raise PageChanged(f"{url}: expected the rows of a year or links to others, found neither")
        # The first days of a year: what is newest stands in the year before.
        if before is not None and within == 1 and number == 1:
            return Listing("shanghai", next_page=ListRequest(before, page=number), by_script=True)
        return Listing("shanghai", total_pages=total)
    following = urljoin(url, f"index_{within + 1}.html") if total is not None and within < total else before
    return Listing("shanghai", listing.entries, ListRequest(following, page=number + 1) if following else None)


def _is_list(listing: Listing) -> bool:
    """Rows of documents, not the links to the years."""
    return any(not _YEAR.search(urlsplit(entry.url).path) and entry.date for entry in listing.entries)


def _years(page: Selector, url: str) -> dict[int, str]:
    found: dict[int, str] = {}
    for href in page.css("a::attr(href)").getall():
        target = urljoin(url, href.strip())
        if match := _YEAR.search(urlsplit(target).path):
            found.setdefault(int(match[2]), target)
    return found


def _year_before(url: str, year: int, printed: dict[int, str]) -> str | None:
    """The archive of the year before: as printed, else by its name; none where the page's years begin with this one."""
    earlier = [one for one in printed if one < year]
    if earlier:
        return printed[max(earlier)]
    if printed:
        return None
    match = _YEAR.search(urlsplit(url).path)
    return urljoin(url, f"/{match[1]}{year - 1}/index.html") if match and year > 2000 else None


FAMILY = Family("shanghai", read)
