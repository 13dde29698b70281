"""The n/c system (SASAC, audit, public security, civil affairs …): `/n1/n2/index.html`, articles
`/n1/n2/c3/content.html` (cms family n/c).

Further pages are `index_<component>_<n>.html`. Which component and which n is the next cannot be computed, it is read
from the pager, which on many sites is a hidden box of links without words. Such a page is the rows alone; the way on
from it follows the two first links of the pager, and is kept in the fragment of the request's URL (`#step=-1`), which
is not sent.
"""

import re
from datetime import date
from urllib.parse import urljoin, urlsplit

from parsel import Selector

from policy_crawler.listings.family import NO_PARAMS, Family
from policy_crawler.listings.links import read_links, require_sign
from policy_crawler.listings.model import Listing, ListRequest, Params

SIGN = re.compile(r"/n\d+/(?:n\d+/)*c\d+/content\.s?html?|/n\d+/(?:n\d+/)*(?:index(?:_\d+_\d+)?\.html?)?(?:$|[\"'#?])")
_PAGE = re.compile(r"index_(\d+)_(\d+)(?=\.s?html?)")
_STEP = re.compile(r"step=(-?1)$")


def read(
    text: str,
    url: str,
    *,
    today: date | None = None,
    request: ListRequest | None = None,
    params: Params = NO_PARAMS,
) -> Listing:
    """Read a column page or the fragment of a further page. Raises PageChanged when it is neither."""
    require_sign(SIGN, text, url, "an n/c column (/n…/c…/content.html)")
    listing = read_links(text, url, today=today, request=request, params=params, family="nc")
    if listing.next_page is not None or listing.by_script or not listing.entries:
        return listing
    number = request.page if request else 1
    here = _PAGE.search(urlsplit(url).path)
    if here is None:
        return _from_pager(listing, text, url, number)
    step = _STEP.search(urlsplit(request.url).fragment if request else "")
    following = int(here[2]) + int(step[1]) if step else 0
    if following < 1:
        return listing
    name = _PAGE.sub(f"index_{here[1]}_{following}", url.partition("#")[0])
    return Listing("nc", listing.entries, ListRequest(f"{name}#step={step[1] if step else 1}", page=number + 1))


def _from_pager(listing: Listing, text: str, url: str, number: int) -> Listing:
    """The column's own page: its printed further pages, in the pager's order, of the component that has most."""
    pages: dict[str, list[tuple[int, str]]] = {}
    for href in Selector(text=text, type="html").css("a::attr(href)").getall():
        if match := _PAGE.search(href):
            found = pages.setdefault(match[1], [])
            if all(printed != int(match[2]) for printed, _ in found):
                found.append((int(match[2]), urljoin(url, href.strip())))
    if not pages:
        return listing
    further = max(pages.values(), key=len)
    second, target = further[0]
    step = 1 if len(further) < 2 or further[1][0] > second else -1
    return Listing("nc", listing.entries, ListRequest(f"{target}#step={step}", page=number + 1), len(further) + 1)


FAMILY = Family("nc", read)
