"""Pagers that are neither a `createPageHTML` call nor a plain link saying 下一页.

- Huilan eportal and EasySite (PBC, customs, Liaoning …): `<a onclick="queryArticleByCondition(this,'/a/21892-2.html')"
  tagname="/a/21892-2.html">下一页</a>` beside `<input name="article_paging_list_hidden" totalpage="6">`. The name
  before the number differs per column and is no other id of the page, so it is read, never made.
- Epoint and others: any element whose `onclick` goes to `location.href='…'`.
- `index_pc_N.html` with the variables `totalData` and `showData` (National Data Administration and its centres).
- Numbers without a word for "next".
"""

import math
import re
from urllib.parse import urljoin, urlsplit

from parsel import Selector

from policy_crawler.listings.model import ListRequest

NEXT = re.compile(r"\s*(?:下一页|下页|下一頁|后一页|后页|next(?: page)?)\s*[>»›]*\s*|[>»›]", re.IGNORECASE)
_PREVIOUS = re.compile(r"\s*(?:上一页|上页|前一页|前页)\s*")
_GOES_TO = re.compile(
    r"""(?:queryArticleByCondition\s*\(\s*this\s*,\s*|location(?:\.href)?\s*=\s*)(['"])([^'"]+)\1""", re.IGNORECASE
)
# What jQuery pagination plug-ins and vendors' scripts call the number of pages.
_PLUGIN_PAGES = re.compile(r"\b(?:pageCount|totalPages?|total_pages?|pagecount|maxPage)['\"]?\s*[:=]\s*['\"]?(\d+)\b")
_TOTAL_DATA = re.compile(r"\btotalData\s*=\s*['\"]?(\d+)")
_SHOW_DATA = re.compile(r"\bshowData\s*=\s*['\"]?(\d+)")
_INDEX_PC = re.compile(r"index_pc_(\d+)(?=\.s?html?$)")
_BEFORE_NUMBER = re.compile(r"\d+(?=\D*$)")

Step = tuple[ListRequest | None, int | None]
"""The next page, and the number of pages where the page tells it."""


def next_by_pager(page: Selector, text: str, url: str, number: int = 1) -> Step | None:
    """The way on by one of these pagers; None when the page has none of them. `number`: which page this is."""
    found = _by_action(page, url) or _by_data(text, url)
    if found is not None:
        return found
    return _by_number(page, url, number)


def has_previous(page: Selector) -> bool:
    """Whether a pager's word for the page before stands on the page: so it has a pager, if no next page."""
    return any(_PREVIOUS.fullmatch(words) for words in page.xpath("//body//text()[contains(., '页')]").getall())


def plugin_pages(text: str) -> int | None:
    """The number of pages that a pagination plug-in is told; None without one."""
    match = _PLUGIN_PAGES.search(text)
    return int(match[1]) if match else None


def _by_action(page: Selector, url: str) -> Step | None:
    total = next(
        (int(count) for count in page.css("input[name=article_paging_list_hidden]::attr(totalpage)").getall() if count),
        None,
    )
    printed = total is not None
    for element in page.xpath("//*[@onclick or @tagname]"):
        target = element.attrib.get("tagname", "").strip()
        if not target.startswith(("/", "http", ".")):
            told = _GOES_TO.search(element.attrib.get("onclick", ""))
            if told is None:
                continue
            target = told[2].strip()
        printed = printed or "queryArticleByCondition" in element.attrib.get("onclick", "")
        if NEXT.fullmatch(element.xpath("string()").get(default="")) and _is_other(target, url):
            return ListRequest(urljoin(url, target)), total
    return (None, total) if printed else None


def _is_other(target: str, url: str) -> bool:
    return bool(target) and urljoin(url, target).partition("#")[0] != url.partition("#")[0]


def _by_data(text: str, url: str) -> Step | None:
    total, shown = _TOTAL_DATA.search(text), _SHOW_DATA.search(text)
    here = _INDEX_PC.search(urlsplit(url).path)
    if total is None or shown is None or not int(shown[1]):
        return None
    pages = max(1, math.ceil(int(total[1]) / int(shown[1])))
    current = int(here[1]) if here else 1
    if current >= pages:
        return None, pages
    return ListRequest(urljoin(url, f"index_pc_{current + 1}.html")), pages


def _is_beside(target: str, url: str) -> bool:
    there, here = urlsplit(target), urlsplit(url)
    folder = there.path.rpartition("/")[0]
    return there.netloc == here.netloc and folder in {here.path.rpartition("/")[0], here.path.rpartition(".")[0]}


def _by_number(page: Selector, url: str, number: int) -> Step | None:
    """The link that says the next page's number, in a row of links that say numbers and lead to like names."""
    links: dict[int, str] = {}
    for link in page.xpath("//a[@href]"):
        words = link.xpath("string()").get(default="").strip(" []\n\r\t\xa0")
        href = link.attrib["href"].strip()
        if words.isdecimal() and len(words) <= 4 and href and not href.startswith(("#", "javascript:")):
            links.setdefault(int(words), urljoin(url, href))
    following = links.get(number + 1)
    if following is None or len(links) < 2 or not _is_other(following, url):
        return None
    printed = _BEFORE_NUMBER.search(urlsplit(following)._replace(scheme="", netloc="").geturl())
    # A page stands beside its column and carries its number, counted from 1 or from 0; a day of a calendar does not.
    if printed is None or int(printed[0]) not in {number, number + 1} or not _is_beside(following, url):
        return None
    return ListRequest(following), max(links)
