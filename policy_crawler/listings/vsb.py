"""VSB 博达 columns: rows `li#line_u9_0`, and pages numbered backwards (cms family VSB).

Of T pages the first is `xx.htm`, the second `xx/{T-1}.htm`, the last `xx/1.htm`: old pages never change their names.
"""

import re
from datetime import date
from urllib.parse import urljoin, urlsplit

from parsel import Selector

from policy_crawler.listings.family import NO_PARAMS, Family
from policy_crawler.listings.links import read_links, require_sign
from policy_crawler.listings.model import Listing, ListRequest, Params

SIGN = re.compile(
    r"/system/resource/(?:js|css)/|\.vsb\.css|\bid=['\"]line_u\d|class=['\"](?:p_pages|pb_sys_common)|_showDynClicks"
    r"|urltype=(?:tree|news)\.",
    re.IGNORECASE,
)
_OF = re.compile(r"(?<![\d/])(\d{1,5})\s*/\s*(\d{1,5})(?![\d/])")


def read(
    text: str,
    url: str,
    *,
    today: date | None = None,
    request: ListRequest | None = None,
    params: Params = NO_PARAMS,
) -> Listing:
    """Read a VSB column page. Raises PageChanged when nothing on it is VSB's."""
    require_sign(SIGN, text, url, "a VSB column (li#line_u…, span.p_pages, /system/resource/)")
    listing = read_links(text, url, today=today, request=request, params=params, family="vsb")
    current, total = _position(text)
    following = listing.next_page
    if following is None and total is not None and current is not None and current < total:
        following = ListRequest(_name(url, total - current), page=(request.page if request else current) + 1)
    return Listing("vsb", listing.entries, following, total, listing.by_script)


def _position(text: str) -> tuple[int | None, int | None]:
    """(current page, pages) as the pager prints them: 1/11."""
    page = Selector(text=text, type="html")
    for words in page.xpath(
        "//*[contains(@class, 'p_pages') or contains(@class, 'pb_sys_common') or contains(@id, 'fanye')]"
    ):
        if match := _OF.search(words.xpath("string()").get(default="")):
            return int(match[1]), int(match[2])
    return None, None


def _name(url: str, number: int) -> str:
    """The address of file `number` of the column at `url`, which is its first page or one of its folder."""
    path = urlsplit(url).path
    if re.search(r"/\d+\.htm$", path):
        return urljoin(url, f"{number}.htm")
    stem = path.rsplit("/", 1)[-1].removesuffix(".htm")
    return urljoin(url, f"{stem}/{number}.htm")


FAMILY = Family("vsb", read)
