"""Any list of links with dates: the reader of families without one of their own, and of sites of no family."""

from datetime import date

from parsel import Selector

from policy_crawler.listings.model import Listing
from policy_crawler.listings.paging import next_by_link, next_by_script
from policy_crawler.listings.rows import find_entries


def read(text: str, url: str, *, today: date | None = None, family: str = "links") -> Listing:
    """Read the list on a page; its pager is a script's call or a printed link."""
    page = Selector(text=text, type="html")
    scripted = next_by_script(text, url)
    following, total = scripted or next_by_link(page, url)
    entries = find_entries(page, url, paged=following is not None or (total or 0) > 1, today=today)
    return Listing(family, entries, following, total)
