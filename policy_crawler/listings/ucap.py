"""UCAP columns: static pages paged from 1, or a page whose script carries the articles as JSON (cms family UCAP).

Two scripts: `articleList: [{title, urls, pubDate}]`, and on the newer platform an escaped list whose rows are
`{"aT": title, "aPd": "2026-11-02 09:30", "aU": {"common": "/…/content_1.html"}}`; there `/queryList` gives further
pages of the channel that the page prints.
"""

import json
import re
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from parsel import Selector

from policy_crawler.listings.endpoint import Endpoint
from policy_crawler.listings.family import NO_PARAMS, Family
from policy_crawler.listings.links import read_links
from policy_crawler.listings.model import Listing, ListRequest, Params
from policy_crawler.listings.records import Fields, load, read_listing, read_rows

_ARTICLES = re.compile(r"\barticleList\s*:\s*(?=\[)")
_ROW = re.compile(r"\\?\"aT\\?\"\s*:")
_FIELDS = Fields(
    title=("title", "showTitle", "aT"),
    url=("urls.pc", "urls.common", "url", "aU.common", "aU.pc", "aU"),
    date=("pubDate", "aPd"),
    pinned=("topStatus",),
)
_CHANNEL = re.compile(
    r"<meta[^>]*name\s*=\s*['\"]channelId['\"][^>]*content\s*=\s*['\"]([0-9a-f]{32})"
    r"|\bchannelId\\?['\"]?\s*[:=]\s*\\?['\"]([0-9a-f]{32})",
    re.ASCII | re.IGNORECASE,
)
_ROWS = ("data.results", "data.list", "data.rows", "data.records", "results", "list", "rows")
_MOST_STARTS = 50  # brackets before the first row that may begin the list


def read(
    text: str,
    url: str,
    *,
    today: date | None = None,
    request: ListRequest | None = None,
    params: Params = NO_PARAMS,
) -> Listing:
    """Read a UCAP column page: the script's JSON where it has one, else its rows.

    Raises PageChanged when the script's rows have no titles or URLs."""
    asked = request.url if request else url
    if "/queryList?" in asked:
        return read_listing(
            "ucap", load(text, url), url, rows=_ROWS, fields=_FIELDS, endpoint=_further(asked),
            request=request, total=("data.total", "total"), today=today,
        )  # fmt: skip
    rows = _article_list(text)
    channel = printed_channel(text) if rows is None else None
    rows = rows or _escaped_list(text)
    if rows is None:
        return read_links(text, url, today=today, request=request, params=params, family="ucap")
    base = urljoin(url, Selector(text=text, type="html").css("base::attr(href)").get() or "")
    entries, rejected = read_rows([_row(row) for row in rows], base, _FIELDS, today=today)
    following = _further(urljoin(asked, f"/queryList?channelId={channel}"), len(rows)).page(2) if channel else None
    return Listing("ucap", entries, following if entries else None, rejected=rejected)


def printed_channel(text: str) -> str | None:
    """The channel's id that a column page prints, in its head or a script."""
    printed = _CHANNEL.search(text)
    return (printed[1] or printed[2]) if printed else None


def _further(url: str, size: int | None = None) -> Endpoint:
    """Where further pages of a channel of the newer platform are asked."""
    size = size or int(dict(parse_qsl(urlsplit(url).query)).get("pageSize", 15))
    return Endpoint(url, page_param="current", size_param="pageSize", size=size)


def _article_list(text: str) -> list[dict[str, Any]] | None:
    match = _ARTICLES.search(text)
    return _list_at(text, match.end()) if match else None


def _escaped_list(text: str) -> list[dict[str, Any]] | None:
    """The list around the first row of the newer platform; in the page it is a string of a script."""
    first = _ROW.search(text)
    if first is None:
        return None
    plain = re.sub(r'\\(["\\/])', r"\1", text) if "\\" in first[0] else text
    at = plain.index('"aT"')
    for _ in range(_MOST_STARTS):
        at = plain.rfind("[", 0, at)
        if at < 0:
            return None
        if rows := _list_at(plain, at):
            return rows
    return None


def _list_at(text: str, start: int) -> list[dict[str, Any]] | None:
    try:
        rows, _ = json.JSONDecoder(strict=False).raw_decode(text, start)
    except (ValueError, RecursionError):
        return None
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else None


def _row(row: dict[str, Any]) -> dict[str, Any]:
    """The row with its URLs readable: they may be JSON inside a JSON string."""
    opened = dict(row)
    for key in ("urls", "aU"):
        value = row.get(key)
        if isinstance(value, str) and value.lstrip()[:1] == "{":
            try:
                opened[key] = json.loads(value)
            except (ValueError, RecursionError):
                opened[key] = None
    return opened


FAMILY = Family("ucap", read)
