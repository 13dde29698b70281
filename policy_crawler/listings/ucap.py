"""UCAP columns: static pages paged from 1, or a page whose script carries the articles as JSON (cms family UCAP)."""

import json
import re
from datetime import date, datetime, timedelta, timezone
from typing import Any
from urllib.parse import urljoin

from parsel import Selector

from policy_crawler.items import Entry
from policy_crawler.listings.dates import date_within
from policy_crawler.listings.family import NO_PARAMS, Family
from policy_crawler.listings.links import read_links
from policy_crawler.listings.model import Listing, ListRequest, Params

_CHINA = timezone(timedelta(hours=8))
_ARTICLES = re.compile(r"\barticleList\s*:\s*(?=\[)")


def read(
    text: str,
    url: str,
    *,
    today: date | None = None,
    request: ListRequest | None = None,
    params: Params = NO_PARAMS,
) -> Listing:
    """Read a UCAP column page: the script's JSON where it has one, else its rows."""
    match = _ARTICLES.search(text)
    if not match:
        return read_links(text, url, today=today, request=request, params=params, family="ucap")
    try:
        rows, _ = json.JSONDecoder().raw_decode(text, match.end())
    except json.JSONDecodeError:
        return read_links(text, url, today=today, request=request, params=params, family="ucap")
    base = urljoin(url, Selector(text=text, type="html").css("base::attr(href)").get() or "")
    entries = [_entry(row, base) for row in rows]
    found = {entry.url: entry for entry in entries if entry}
    return Listing("ucap", tuple(found.values()), rejected=sum(entry is None for entry in entries))


def _entry(row: dict[str, Any], base: str) -> Entry | None:
    """`urls` is JSON inside a JSON string; `showTitle` may hold markup, `title` does not."""
    urls = row.get("urls") or {}
    try:
        href = (json.loads(urls) if isinstance(urls, str) else urls).get("pc")
    except (json.JSONDecodeError, AttributeError):
        return None
    title = " ".join(re.sub(r"<[^<>]*>", " ", row.get("title") or row.get("showTitle") or "").split())
    if not href or not title:
        return None
    return Entry(title, href, urljoin(base, href), _day(row.get("pubDate")), pinned=bool(row.get("topStatus")))


def _day(value: Any) -> date | None:
    if isinstance(value, (int, float)):
        return datetime.fromtimestamp(value / 1000, _CHINA).date()
    return date_within(str(value or ""))


FAMILY = Family("ucap", read)
