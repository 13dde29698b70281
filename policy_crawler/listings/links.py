"""Any list of links with dates: the reader of families without one of their own, and of sites of no family."""

from datetime import date
from urllib.parse import urljoin

from parsel import Selector

from policy_crawler.listings.family import NO_PARAMS, Family
from policy_crawler.listings.model import Listing, ListRequest, Params
from policy_crawler.listings.paging import next_by_link, next_by_script
from policy_crawler.listings.rows import find_entries


def read(
    text: str,
    url: str,
    *,
    today: date | None = None,
    request: ListRequest | None = None,
    params: Params = NO_PARAMS,
) -> Listing:
    """Read the list on a page; its pager is a script's call or a printed link, or told by `params`."""
    return read_links(text, url, today=today, request=request, params=params, family="links")


def read_links(
    text: str,
    url: str,
    *,
    today: date | None,
    request: ListRequest | None,
    params: Params,
    family: str,
) -> Listing:
    """The reader under every family whose lists are pages of links.

    `params["page_url"]` names the further pages where the page itself does not: a URL beside the column's with `{n}`
    for the page's number or `{n-1}` for one less, such as `index_{n-1}.html`."""
    page = Selector(text=text, type="html")
    scripted = next_by_script(text, url)
    following, total = scripted or next_by_link(page, url)
    number = request.page if request else 1
    if scripted is None and following is None and (template := params.get("page_url")):
        following = ListRequest(urljoin(url, page_name(template, number + 1)))
    if following is not None:
        following = ListRequest(following.url, page=number + 1)
    entries = find_entries(page, url, paged=following is not None or (total or 0) > 1, today=today)
    return Listing(family, entries, following, total)


def page_name(template: str, number: int) -> str:
    """The name of page `number` (from 1) by a `page_url` template."""
    return template.replace("{n}", str(number)).replace("{n-1}", str(number - 1))


FAMILY = Family("links", read)
