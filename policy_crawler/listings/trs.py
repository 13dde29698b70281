"""TRS WCM columns: static pages, articles as `./YYYYMM/tYYYYMMDD_id.html`, paging by script (cms family TRS).

Three kinds of column hold no rows in their own markup: a stub that leads to another page by script, a column whose
list stands in a frame (Ministry of Emergency Management), and one whose rows a script writes, block by block (Wuhan:
`url = "./202602/t….shtml"; title = "…"; FILENUM = "武政规〔2026〕4号"; document.writeln("2026-02-14 17:32")`).
Some hold all rows in page 1 and show them in slices (Beijing).
"""

import re
from dataclasses import replace
from datetime import date
from urllib.parse import urljoin

from parsel import Selector

from policy_crawler.items import Entry
from policy_crawler.listings.dates import date_within, url_date
from policy_crawler.listings.family import NO_PARAMS, Family
from policy_crawler.listings.hops import frame_target, stub_target
from policy_crawler.listings.links import read_links, require_sign
from policy_crawler.listings.model import Listing, ListRequest, Params
from policy_crawler.listings.paging import pager_script
from policy_crawler.reading.numbers import printed_number

_SIGN = re.compile(
    r"createPage(?:HTML)?\s*\(|\bcountPage\b|\bpagination_script_config\b|/t20\d{5,6}_\d+\.|TRS_|SiteIDCode",
    re.IGNORECASE,
)
# What a script sets or writes for a row; a row begins with its `url`.
_SET = re.compile(
    r"""\b(?P<name>url|title|filenum)\s*=\s*(?P<quote>["'])(?P<value>(?:\\.|(?!(?P=quote)).)*)(?P=quote)
      | document\.write(?:ln)?\(\s*["'][^"']*?(?P<day>20\d\d[-/.年]\d{1,2}[-/.月]\d{1,2})""",
    re.VERBOSE | re.IGNORECASE,
)
_ARTICLE = re.compile(r"t20\d{6}_\d+\.s?html?$")


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
    number = request.page if request else 1
    if target := stub_target(text, url):
        return Listing("trs", next_page=ListRequest(target, page=number), by_script=True)
    listing = read_links(text, url, today=today, request=request, params=params, family="trs")
    if not any(entry.date for entry in listing.entries):  # links of menus at most
        if written := _written_rows(text, url):
            return replace(listing, entries=written)
        if frame := frame_target(Selector(text=text or "<html></html>", type="html"), url):
            return Listing("trs", next_page=ListRequest(frame, page=number), by_script=True)
    require_sign(_SIGN, text, url, "a TRS column (createPageHTML, articles t20YYMMDD_id.html)")
    script = pager_script(text, url)
    if script is not None and script.records and len(listing.entries) >= script.records:
        return replace(listing, next_page=None, total_pages=1)
    return listing


def _written_rows(text: str, url: str) -> tuple[Entry, ...]:
    """The rows that a script writes, each URL once."""
    rows: list[dict[str, str]] = []
    for match in _SET.finditer(text):
        name, value = (match["name"] or "day").lower(), match["value"] or match["day"] or ""
        if name == "url":
            if _ARTICLE.search(value):
                rows.append({"url": value})
        elif rows:
            rows[-1].setdefault(name, value)
    found: dict[str, Entry] = {}
    for row in rows:
        title = " ".join(re.sub(r"<[^<>]*>", " ", row.get("title", "").replace("\\", "")).split())
        target = urljoin(url, row["url"])
        if title:
            day = date_within(row.get("day", "")) or url_date(target)
            entry = Entry(title, row["url"], target, day, doc_number=printed_number(row.get("filenum", "")))
            found.setdefault(target, entry)
    return tuple(found.values())


FAMILY = Family("trs", read)
