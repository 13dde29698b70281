"""Any list of links with dates: the reader of families without one of their own, and of sites of no family."""

import re
from datetime import date
from urllib.parse import urljoin, urlsplit

from parsel import Selector

from policy_crawler.errors import PageChanged
from policy_crawler.listings.family import NO_PARAMS, Family
from policy_crawler.listings.hops import frame_target, stub_target
from policy_crawler.listings.model import Listing, ListRequest, Params
from policy_crawler.listings.pagers import Step, has_previous, next_by_pager, plugin_pages
from policy_crawler.listings.paging import next_by_link, next_by_script
from policy_crawler.listings.rows import find_entries
from policy_crawler.listings.scripted import script_entries


def read(
    text: str,
    url: str,
    *,
    today: date | None = None,
    request: ListRequest | None = None,
    params: Params = NO_PARAMS,
) -> Listing:
    """Read the list on a page; its pager is a script's call or a printed link, or told by `params`.

    A page that only leads on, or that has its list in a frame, answers with where that is (`by_script`)."""
    number = request.page if request else 1
    if target := stub_target(text, url):
        return Listing("links", next_page=ListRequest(target, page=number), by_script=True)
    listing = read_links(text, url, today=today, request=request, params=params, family="links")
    frame = None if listing.entries else frame_target(Selector(text=text or "<html></html>", type="html"), url)
    # Frames of other hosts hold counters, players and scan codes.
    if frame and urlsplit(frame).hostname == urlsplit(url).hostname:
        return Listing("links", next_page=ListRequest(frame, page=number), by_script=True)
    return listing


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
    page = Selector(text=text or "<html></html>", type="html")
    number = request.page if request else 1
    following, total = next_step(page, text, url, number, params)
    if following is not None:
        following = ListRequest(following.url, page=number + 1)
    paged = number > 1 or following is not None or (total or 0) > 1 or has_previous(page)
    entries = find_entries(page, url, paged=paged, today=today)
    return Listing(family, entries or script_entries(text, url), following, total)


def require_sign(sign: re.Pattern[str], text: str, url: str, expected: str) -> None:
    """Raises PageChanged when nothing of a family stands on a page or in its URL. `expected`: what does, in words."""
    if not sign.search(url) and not sign.search(text):
        raise PageChanged(
            f"{url}: expected {expected}, found none of its signs; "
            "see `policy-crawler entries` for what the page gives as plain links"
        )


def next_step(page: Selector, text: str, url: str, number: int, params: Params) -> Step:
    """The next page by whatever the page has for it, else by `params["page_url"]`, and the number of pages."""
    base = urljoin(url, page.css("base::attr(href)").get() or "")
    template = params.get("page_url")
    told = page_name(template, number + 1) if template else None
    if scripted := next_by_script(text, url, base, told):
        return scripted
    following, total = next_by_link(page, url)
    if following is None and (found := next_by_pager(page, text, url, number)):
        following, total = found[0], found[1] or total
    if following is None and told:
        total = total or plugin_pages(text)
        if total is None or number < total:
            following = ListRequest(urljoin(url, told))
    return following, total


def page_name(template: str, number: int) -> str:
    """The name of page `number` (from 1) by a `page_url` template."""
    return template.replace("{n}", str(number)).replace("{n-1}", str(number - 1))


FAMILY = Family("links", read)
