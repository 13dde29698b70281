"""The way from one page of a listing to the next: a printed link, or the arguments of a paging script.

Two vendors call their script `createPageHTML` and mean different things (measured on copies of both):
TRS: `createPageHTML(9, 0, "index", "html")` = pages, current from 0, stem, ending; page N is `index_{N-1}.html`.
UCAP: `createPageHTML('page_div', 5, 1, 'list', 'shtml', 89)` = div, pages, current from 1, …; page N is `list_N.shtml`.
Some TRS sites (Hunan) call it the second way; the call decides, not the site.
Others write the pager out (`countPage`, `currentPage`, `"index_" + nextPage`) or hand it to a widget
(`pagination_script_config`).
"""

import re
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from parsel import Selector

from policy_crawler.listings.model import ListRequest

_CALL = re.compile(r"createPage(?:HTML)?\s*\(([^()]*)\)")
_COUNT = re.compile(r"\b(?:countPage|pageCount)\s*=\s*['\"]?(\d+)")
_CURRENT = re.compile(r"\bcurrentPage\s*=\s*['\"]?(\d+)")
_WIDGET = re.compile(r"\bpagination_script_config\s*=\s*\{([^{}]*)\}")
# `"index_" + nextPage + ".html"`, also in pieces: `"index"+"_" + nextPage + "."+"shtml"`; else the bare name that a
# script loads: `index_8555_1.shtml`.
_WRITTEN = re.compile(
    r"\b([A-Za-z0-9][\w-]{0,60}?)(?:[\"']\s*\+\s*[\"'])?_[\"']\s*\+\s*\(?\s*(?:nextPage|currentPage\s*\+\s*1)\s*\)?\s*"
    r"\+\s*[\"']\.(?:[\"']\s*\+\s*[\"'])?(\w+)"
)
_LOADED = re.compile(r"[\"'/]((?:index|list)_\d{3,})_(?:\d+|[\"']\s*\+\s*\w+\s*\+\s*[\"'])\.(s?html?)\b")
_ARTICLE = re.compile(r"/t20\d{6}_\d+\.(s?html?)\b", re.ASCII)
_NEXT_WORDS = re.compile(r"\s*(?:下一页|下页|下一頁|后一页|next(?: page)?)\s*[>»›]*\s*", re.IGNORECASE)
_LAST_WORDS = re.compile(r"\s*(?:尾页|末页|最后一页|last)\s*", re.IGNORECASE)
_PAGES_WORDS = re.compile(r"共\s*(\d+)\s*页|第?\s*\d+\s*/\s*(\d+)\s*页")
_NUMBER = re.compile(r"(\d+)(?=\D*$)")


@dataclass(frozen=True, slots=True)
class PageScript:
    """A pager's script understood. `current` counts from 1 in both dialects."""

    dialect: str  # "trs" or "ucap"
    pages: int
    current: int
    stem: str
    ending: str
    records: int | None = None  # entries of the whole list, where the call tells
    named: bool = True  # False: the names are those that are usual, as neither the script nor the address tells

    def name(self, page: int) -> str:
        """The file name of `page` (from 1) beside the column's first page."""
        if page == 1:
            return f"{self.stem}.{self.ending}"
        return f"{self.stem}_{page if self.dialect == 'ucap' else page - 1}.{self.ending}"


def page_script(text: str) -> PageScript | None:
    """The first `createPageHTML` call in `text` that names a file; None when there is none."""
    for match in _CALL.finditer(text):
        quoted = [part.strip() for part in match[1].split(",")]
        arguments = [part.strip("'\"") for part in quoted]
        ucap = not arguments[0].isdigit() and quoted[0][:1] in {"'", '"'}
        if ucap:
            arguments = arguments[1:]
        numbers = 0
        while numbers < len(arguments) and arguments[numbers].isdigit():
            numbers += 1
        counts, words = [int(part) for part in arguments[:numbers]], arguments[numbers:]
        records = None
        if len(counts) == 3:  # a wrapper that is told the number of records first
            records, *counts = counts
        if len(counts) == 2 and len(words) >= 2 and all(re.fullmatch(r"[\w.-]+", word) for word in words[:2]):
            pages, current = counts
            if ucap and len(words) > 2 and words[2].isdigit():
                records = int(words[2])
            dialect = "ucap" if ucap else "trs"
            return PageScript(dialect, pages, current if ucap else current + 1, words[0], words[1], records)
    return None


def script_variables(text: str) -> tuple[int, int] | None:
    """(pages, current from 1) of a TRS page whose paging is written out (`countPage`, `currentPage` from 0), or is a
    widget's (`pagination_script_config = {pageNumber: '0', total: '12'}`)."""
    count, current = _COUNT.search(text), _CURRENT.search(text)
    if count and current:
        return int(count[1]), int(current[1]) + 1
    if widget := _WIDGET.search(text):
        count = re.search(r"\btotal['\"]?\s*:\s*['\"]?(\d+)", widget[1])
        current = re.search(r"\bpageNumber['\"]?\s*:\s*['\"]?(\d+)", widget[1])
        return (int(count[1]), int(current[1]) + 1) if count and current else None
    return None


def pager_script(text: str, url: str) -> PageScript | None:
    """The page's paging script: a call, or variables with the names that the script writes; None without one."""
    if script := page_script(text):
        return script
    variables = script_variables(text)
    if variables is None:
        return None
    pages, current = variables
    stem, _, ending = urlsplit(url).path.rsplit("/", 1)[-1].rpartition(".")
    if current > 1:
        stem = stem.removesuffix(f"_{current - 1}")
    if written := _WRITTEN.search(text) or _LOADED.search(text):
        return PageScript("trs", pages, current, written[1], written[2])
    if ending:
        return PageScript("trs", pages, current, stem, ending)
    article = _ARTICLE.search(text)  # the address is a folder; a TRS site gives all its pages one ending
    return PageScript("trs", pages, current, "index", article[1] if article else "html", named=False)


def next_by_script(
    text: str, url: str, base: str = "", name: str | None = None
) -> tuple[ListRequest | None, int] | None:
    """The next page and the number of pages by the page's script; None when it has none.

    `base`: the page's base. `name`: the next page's name as told for a script that names none."""
    script = pager_script(text, url)
    if script is None:
        return None
    if script.current >= script.pages:
        return None, script.pages
    following = name if name and not script.named else script.name(script.current + 1)
    return ListRequest(urljoin(base or url, following)), script.pages


def next_by_link(page: Selector, url: str) -> tuple[ListRequest | None, int | None]:
    """The next page by its printed link, and the number of pages where the pager tells it."""
    base = urljoin(url, page.css("base::attr(href)").get() or "")
    following = last = None
    numbers: dict[int, str] = {}
    for link in page.xpath("//a[@href]"):
        words = link.xpath("string()").get(default="").strip()
        href = link.attrib["href"].strip()
        if href.startswith(("javascript:", "#")) or not href:
            continue
        if _NEXT_WORDS.fullmatch(words) and following is None:
            following = urljoin(base, href)
        elif _LAST_WORDS.fullmatch(words):
            last = href
        elif words.isdecimal() and len(words) <= 4:
            numbers.setdefault(int(words), href)
    if following is None:
        return None, None
    step = None if following.partition("#")[0] == url.partition("#")[0] else ListRequest(following)
    return step, _total(page, last, numbers)


def pages_in_words(page: Selector) -> int | None:
    """The number of pages where the page says it: 共 12 页, 第 1/12 页."""
    words = _PAGES_WORDS.search(page.xpath("string(//body)").get(default=""))
    return int(words[1] or words[2]) if words else None


def _total(page: Selector, last: str | None, numbers: dict[int, str]) -> int | None:
    if (told := pages_in_words(page)) is not None:
        return told
    if last and (end := _NUMBER.search(last)):
        for shown, href in numbers.items():
            if shown > 1 and (printed := _NUMBER.search(href)):
                return int(end[1]) + shown - int(printed[1])
    return max(numbers, default=None)
