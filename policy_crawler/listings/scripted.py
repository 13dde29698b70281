"""Lists that stand in a page's script as arrays, each row begun by its URL (Beijing's science commission):

urls[i]='./202601/t20260105_1.html'; headers[i]="…"; year[i]='2026'; month[i]='1'; day[i]='5'; i++;
"""

import html
import re
from collections.abc import Iterator
from urllib.parse import urljoin

from policy_crawler.items import Entry
from policy_crawler.listings.dates import date_within, url_date

_STRING = r"""(?:'(?P<single>(?:\\.|[^'\\\n])*)'|"(?P<double>(?:\\.|[^"\\\n])*)")"""
_ARRAY = re.compile(rf"\b(?P<name>urls?|headers?|titles?|year|month|day|dates?)\[\s*\w+\s*\]\s*=\s*{_STRING}")


def script_entries(text: str, url: str) -> tuple[Entry, ...]:
    """The rows in a page's scripts, each URL once; empty when there are none."""
    found: dict[str, Entry] = {}
    for row in _rows(text):
        day = row.get("date") or "-".join(row.get(part, "") for part in ("year", "month", "day"))
        target = urljoin(url, row["url"])
        title = row.get("header") or row["title"]
        found.setdefault(target, Entry(title, row["url"], target, date_within(day) or url_date(target)))
    return tuple(found.values())


def _rows(text: str) -> Iterator[dict[str, str]]:
    rows: list[dict[str, str]] = []
    for match in _ARRAY.finditer(text):
        name = match["name"].rstrip("s")
        if name == "url":
            rows.append({})
        if rows:
            rows[-1].setdefault(name, _said(match))
    for row in rows:
        if row.get("url") and (row.get("header") or row.get("title")):
            yield row


def _said(match: re.Match[str]) -> str:
    said = match["single"] if match["single"] is not None else match["double"]
    return " ".join(html.unescape(re.sub(r"<[^<>]*>", " ", re.sub(r"\\(.)", r"\1", said))).split())
