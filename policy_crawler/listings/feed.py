"""RSS, Atom and RDF feeds, as Chinese sites write them: any charset, any date, CDATA cut in pieces."""

import html
import io
import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from urllib.parse import urljoin, urlsplit

import feedparser
from dateutil import parser as dateparser

from policy_crawler.errors import PageChanged
from policy_crawler.items import Entry
from policy_crawler.listings.dates import date_within, url_date
from policy_crawler.listings.family import NO_PARAMS, Family
from policy_crawler.listings.model import Listing, ListRequest, Params

_CHINA = timezone(timedelta(hours=8))  # no summer time since 1991; feeds without a zone mean this one
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_CHINESE_DATE = re.compile(r"[年月]")
_ZONES = {"CST": _CHINA, "GMT": UTC, "UTC": UTC, "BJT": _CHINA}


def read(
    text: str,
    url: str,
    *,
    today: date | None = None,
    request: ListRequest | None = None,
    params: Params = NO_PARAMS,
) -> Listing:
    """Read a feed that was decoded to `text`. Its dates carry years, so `today` is not needed.

    Raises PageChanged when it is no feed at all."""
    # The text is handed over as a stream of UTF-8: a string would be taken for a URL or a file name.
    body = _DECLARATION.sub("", text.lstrip("\ufeff")).encode()
    parsed = feedparser.parse(
        io.BytesIO(b'<?xml version="1.0" encoding="utf-8"?>' + body),
        response_headers={"content-type": "application/xml; charset=utf-8"},
    )
    if not parsed.get("version"):
        raise PageChanged(f"{url}: expected an RSS, Atom or RDF feed, found something else")
    entries: dict[str, Entry] = {}
    rejected = 0
    for item in parsed.entries:
        entry = _entry(item, url)
        if entry is None:
            rejected += 1
        else:
            entries.setdefault(entry.url, entry)
    return Listing("feed", tuple(entries.values()), rejected=rejected)


def _entry(item: Any, url: str) -> Entry | None:
    href = (item.get("link") or "").strip()
    if not href and str(item.get("id") or "").startswith(("http://", "https://")):
        href = item["id"].strip()  # a guid that is the address
    target = urljoin(url, href)
    title = _plain(item.get("title") or "")
    if not href or urlsplit(target).scheme not in {"http", "https"}:
        return None
    if not title:
        title = _plain(item.get("summary") or "")[:60]
    if not title:
        return None
    printed = item.get("published") or item.get("updated") or item.get("created") or ""
    return Entry(title, href, target, feed_date(printed) or url_date(target))


def feed_date(printed: str) -> date | None:
    """The day in China that a feed's date means; without a zone it is China's time. None when it says no date."""
    printed = printed.strip()
    if not printed:
        return None
    if _CHINESE_DATE.search(printed):
        return date_within(printed)
    try:
        moment = dateparser.parse(printed, tzinfos=_ZONES, default=datetime(1, 1, 1))  # noqa: DTZ001
    except (ValueError, OverflowError, TypeError):
        return date_within(printed)
    if moment.year == 1:
        return None
    return moment.date() if moment.tzinfo is None else moment.astimezone(_CHINA).date()


def _plain(markup: str) -> str:
    """Words without tags. Titles in CDATA carry entities, which no XML parser resolves."""
    return " ".join(html.unescape(re.sub(r"<[^<>]*>", " ", markup)).split())


FAMILY = Family("feed", read)
