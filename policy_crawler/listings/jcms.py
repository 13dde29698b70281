"""Hanweb JCMS columns: rows as CDATA records of a `datastore`, in the page or from dataproxy.jsp (cms family JCMS)."""

import html
import re
from datetime import date
from urllib.parse import urljoin

from parsel import Selector

from policy_crawler.errors import PageChanged
from policy_crawler.listings.family import NO_PARAMS, Family
from policy_crawler.listings.links import read_links
from policy_crawler.listings.model import Listing, ListRequest, Params
from policy_crawler.listings.rows import find_entries

# The XML is often not well-formed, so it is not parsed as such.
_RECORD = re.compile(r"<record>\s*<!\[CDATA\[(.*?)\]\]>\s*</record>", re.DOTALL)
_NEXT = re.compile(r"<nextgroup>\s*<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_HREF = re.compile(r"""href\s*=\s*["']([^"']+)""")


def read(
    text: str,
    url: str,
    *,
    today: date | None = None,
    request: ListRequest | None = None,
    params: Params = NO_PARAMS,
) -> Listing:
    """Read a column page with its records inside, or an answer of dataproxy.jsp.

    Raises PageChanged when there are no records and the page is not a list of links either."""
    records = _RECORD.findall(text)
    if not records:
        listing = read_links(text, url, today=today, request=request, params=params, family="jcms")
        if not listing.entries:
            raise PageChanged(f"{url}: expected <record><![CDATA[…]]> of a JCMS column, found none")
        return listing
    rows = "".join(record if "<li" in record or "<tr" in record else f"<li>{record}</li>" for record in records)
    page = Selector(text=f"<ul>{html.unescape(rows) if '&lt;' in rows[:200] else rows}</ul>", type="html")
    following = None
    if (group := _NEXT.search(text)) and (href := _HREF.search(group[1])):
        following = ListRequest(urljoin(url, html.unescape(href[1])))
    return Listing("jcms", find_entries(page, url, paged=True, today=today), following)


FAMILY = Family("jcms", read)
