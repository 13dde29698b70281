"""Huilan 慧兰 eportal columns: `/eportal/ui?pageId=…`, and static columns of the same pager (cms family Huilan).

The pager prints the next page's address in `tagname` and `onclick`, as a static file or as
`/eportal/ui?pageId=…&currentPage=2&moduleId=…`. Older columns call `javascript:next(N)` for the static `index_N.html`.
"""

import re
from datetime import date
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from parsel import Selector

from policy_crawler.listings.family import NO_PARAMS, Family
from policy_crawler.listings.links import page_name, read_links, require_sign
from policy_crawler.listings.model import Listing, ListRequest, Params
from policy_crawler.listings.pagers import NEXT, plugin_pages

SIGN = re.compile(
    r"/eportal/(?:ui|fileDir|uiFramework|admin)\b|huilan-jquery-ui|article_paging_list_hidden|eprotalCurrentPageId"
    r"|queryArticleByCondition|javascript:\s*next\(\d+\)",
    re.IGNORECASE,
)
_NEXT_CALL = re.compile(r"javascript:\s*next\(\s*(\d+)\s*\)", re.IGNORECASE)
_PAGES = re.compile(r"共\s*(\d+)\s*页|第?\s*\d+\s*/\s*(\d+)\s*页")


def read(
    text: str,
    url: str,
    *,
    today: date | None = None,
    request: ListRequest | None = None,
    params: Params = NO_PARAMS,
) -> Listing:
    """Read an eportal column page. Raises PageChanged when nothing on it is the eportal's."""
    require_sign(SIGN, text, url, "a Huilan eportal column (/eportal/, article_paging_list_hidden, next(N))")
    listing = read_links(text, url, today=today, request=request, params=params, family="huilan")
    if listing.next_page is not None or listing.by_script:
        return listing
    number = request.page if request else 1
    page = Selector(text=text, type="html")
    total = listing.total_pages or _total(page, text)
    following = _by_call(page, url, number, params)
    if following is None and total is not None and number < total:
        following = _by_query(page, url, number + 1)
    return Listing("huilan", listing.entries, following, total)


def _total(page: Selector, text: str) -> int | None:
    words = _PAGES.search(page.xpath("string(//body)").get(default=""))
    return int(words[1] or words[2]) if words else plugin_pages(text)


def _by_call(page: Selector, url: str, number: int, params: Params) -> ListRequest | None:
    """`javascript:next(N)`: its argument is the number in the next file's name, unless `page_url` names it."""
    for link in page.xpath("//a[@href]"):
        call = _NEXT_CALL.search(link.attrib["href"])
        if call and NEXT.fullmatch(link.xpath("string()").get(default="")):
            template = params.get("page_url")
            name = page_name(template, number + 1) if template else f"index_{call[1]}.html"
            return ListRequest(urljoin(url, name), page=number + 1)
    return None


def _by_query(page: Selector, url: str, number: int) -> ListRequest | None:
    """A dynamic column asked again with `currentPage`; its list block is named by `moduleId` where the page has one."""
    parts = urlsplit(url)
    if not parts.path.endswith("/eportal/ui"):
        return None
    query = {**dict(parse_qsl(parts.query)), "currentPage": str(number)}
    module = page.css("input[name=article_paging_list_hidden]::attr(moduleid)").get()
    if module:
        query.setdefault("moduleId", module)
    return ListRequest(parts._replace(query=urlencode(query), fragment="").geturl(), page=number)


FAMILY = Family("huilan", read)
