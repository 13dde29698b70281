"""Lists served as JSON or JSONP: the one engine under every family whose rows are records.

A family says where its parts stand (`Fields`) and how its server is asked (`Endpoint`); both are data. Paths are dotted
keys, a number picks from a list, `[]` walks through all of one, `[key=refno]` through those that say so:
`data.results`, `results.0.rows`, `groups[].data`, `meta[].items[key=refno].value`.
"""

import html
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from dateutil import parser as dateparser

from policy_crawler.errors import PageChanged
from policy_crawler.items import Entry
from policy_crawler.listings.dates import date_within, short_date, url_date
from policy_crawler.listings.endpoint import Endpoint, endpoint_url
from policy_crawler.listings.family import NO_PARAMS, Family
from policy_crawler.listings.model import Listing, ListRequest, Params
from policy_crawler.reading.numbers import is_empty

__all__ = [
    "Endpoint",
    "Fields",
    "count_at",
    "day_of",
    "dig",
    "endpoint_url",
    "first_of",
    "goes_on",
    "load",
    "page_count",
    "read_listing",
    "read_rows",
    "record_family",
    "rows_at",
    "words",
]

_CHINA = timezone(timedelta(hours=8))
_CALL = re.compile(r"\s*(?:/\*.*?\*/\s*)?(?:try\s*\{\s*)?(?:(?:window|this)\.)?([A-Za-z_$][\w.$]*)\s*\(\s*", re.DOTALL)
_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<!--.*?-->", re.DOTALL)
_EPOCH = re.compile(r"[1-9]\d{8,9}(?:\d{3})?")
_COMPACT = re.compile(r"((?:19|20)\d\d)(0[1-9]|1[0-2])([0-3]\d)(?:\d{6})?")
_ZONED = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)")
_HOLE = re.compile(r"\{([\w.]+)\}")
_STEP = re.compile(r"\[[^\]]*\]|[^.\[\]]+")
_MESSAGES = ("msg", "message", "errorMsg", "errmsg", "error", "rptDesc")
_LONGEST = 2000  # characters of a title, or of anything else that stands in a row for people
_FAR = 9_999_999_999  # an epoch above it counts milliseconds (as seconds it would be the year 2286)


@dataclass(frozen=True, slots=True)
class Fields:
    """Where a row's parts stand: dotted keys, the first that says something counts.

    `url_template` builds the page's URL from keys of the row (`/doc?id={docId}`) where no key holds it."""

    title: tuple[str, ...]
    url: tuple[str, ...] = ()
    date: tuple[str, ...] = ()
    number: tuple[str, ...] = ()
    pinned: tuple[str, ...] = ()
    url_template: str = ""


def load(text: str, url: str, *, jsonp: str = "") -> Any:
    """The JSON of an answer; a JSONP call around it is taken off. `jsonp`: the name that call must have.

    Raises PageChanged when it is neither."""
    text = text.strip().lstrip("\ufeff").strip()
    try:
        if text[:1] in {"{", "["}:
            return json.loads(text, strict=False)
        if (call := _CALL.match(text)) and (not jsonp or call[1] == jsonp):
            return json.JSONDecoder(strict=False).raw_decode(text, call.end())[0]
    except (ValueError, RecursionError) as error:  # also a number of thousands of digits
        raise PageChanged(f"{url}: expected JSON, found something broken: {error}") from error
    wanted = f"JSON or {jsonp}(…)" if jsonp else "JSON"
    raise PageChanged(f"{url}: expected {wanted}, found {' '.join(text[:80].split())!r}")


def dig(value: Any, path: str) -> Any:
    """What stands at a dotted path; None when nothing does. For a path with `[]`: the list of all that do."""
    if "[" in path:
        return list(_walk(value, _STEP.findall(path))) or None
    for key in path.split(".") if path else ():
        if isinstance(value, Mapping):
            value = value.get(key)
        elif isinstance(value, Sequence) and not isinstance(value, str) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            return None
    return value


def first_of(value: Any, paths: Iterable[str]) -> Any:
    """What stands at the first of `paths` that is neither missing nor empty."""
    return next((found for path in paths if (found := dig(value, path)) not in (None, "", [], {})), None)


def rows_at(document: Any, paths: Iterable[str], url: str) -> list[dict[str, Any]]:
    """The records at the first of `paths` that there is; an empty list where the server says there are none.

    Raises PageChanged, with the answer's own message, when no path is there."""
    paths = tuple(paths)
    for path in paths:
        found = dig(document, path)
        if isinstance(found, str) and found.lstrip()[:1] == "[":
            found = load(found, url)  # some servers write the rows as JSON inside JSON
        if isinstance(found, list):
            return [row for row in found if isinstance(row, dict)]
        if found is None and _is_null(document, path):
            return []
    said = first_of(document, _MESSAGES) if isinstance(document, Mapping) else None
    words = f", which says {str(said)[:100]!r}" if said else ""
    raise PageChanged(f"{url}: expected a list at {' or '.join(paths)}, found {keys_of(document)}{words}")


def read_rows(
    rows: Sequence[Mapping[str, Any]], url: str, fields: Fields, *, today: date | None = None, keep: bool = False
) -> tuple[tuple[Entry, ...], int]:
    """(entries in order and each URL once, number of rows that are none). `keep`: rows bring the documents' text and
    are kept whole in their entries.

    Raises PageChanged when there are rows and none of them has a title and a URL."""
    found: dict[str, Entry] = {}
    rejected = 0
    for row in rows:
        entry = _entry(row, url, fields, today, keep=keep)
        if entry is None:
            rejected += 1
        else:
            found.setdefault(entry.url, entry)
    if rows and not found:
        wanted = f"{' or '.join(fields.title)} and {fields.url_template or ' or '.join(fields.url)}"
        raise PageChanged(f"{url}: expected rows with {wanted}, found {len(rows)} with {keys_of(rows[0])}")
    return tuple(found.values()), rejected


def read_listing(
    family: str,
    document: Any,
    url: str,
    *,
    rows: Iterable[str],
    fields: Fields,
    endpoint: Endpoint | None,
    request: ListRequest | None,
    total: Iterable[str] = (),
    pages: Iterable[str] = (),
    today: date | None = None,
    keep: bool = False,
) -> Listing:
    """One answer as a Listing. `endpoint` None: the answer is the whole list.

    `total` and `pages`: where the number of records and of pages stands. Raises PageChanged."""
    found = rows_at(document, rows, url)
    entries, rejected = read_rows(found, url, fields, today=today, keep=keep)
    number = request.page if request else 1
    size = endpoint.size if endpoint else None
    last = page_count(document, number, len(found), total=total, pages=pages, size=size)
    following = None
    if endpoint is not None and goes_on(document, number, len(found), total=total, size=size, last=last):
        following = endpoint.page(number + 1)
    return Listing(family, entries, following, last if endpoint else None, rejected=rejected)


def record_family(
    name: str,
    endpoint: Callable[[str, Params], Endpoint],
    *,
    rows: Iterable[str],
    fields: Fields,
    total: Iterable[str] = (),
    pages: Iterable[str] = (),
    referer: bool = False,
    fetch_url: Callable[[str], str] = lambda url: url,
) -> Family:
    """A family whose every page is an answer of one endpoint.

    `endpoint(base, params)` gets the source's list_url for page 1 and the URL that was asked for further ones."""

    def first(list_url: str, params: Params) -> ListRequest:
        return endpoint(list_url, params).page(1)

    def read(
        text: str,
        url: str,
        *,
        today: date | None = None,
        request: ListRequest | None = None,
        params: Params = NO_PARAMS,
    ) -> Listing:
        return read_listing(
            name,
            load(text, url),
            url,
            rows=rows,
            fields=fields,
            endpoint=endpoint(request.url if request else url, params),
            request=request,
            total=total,
            pages=pages,
            today=today,
        )

    return Family(name, read, first, fetch_url, referer=referer)


def page_count(
    document: Any, number: int, found: int, *, total: Iterable[str] = (), pages: Iterable[str] = (), size: int | None
) -> int | None:
    """How many pages there are, as the answer says or by its number of records; None when it says neither.

    `found`: the rows of page `number`; `size`: how many were asked for. A page that is shorter than asked, and not
    because it is the last, shows that the server gives fewer: pages are counted by what it gives."""
    if (told := count_at(document, pages)) is not None:
        return max(1, told)
    records = count_at(document, total)
    if size is None and number == 1:
        size = found
    if records is None or not size:
        return None
    if 0 < found < size and (number - 1) * size + found != records:
        size = found
    return max(1, -(-records // size))


def goes_on(
    document: Any, number: int, found: int, *, total: Iterable[str] = (), size: int | None = None, last: int | None
) -> bool:
    """Whether a page follows page `number` that held `found` rows. Where the server tells no count, a short page is
    the last; where it tells not even its page size, an empty one."""
    if not found:
        return False
    if last is not None:
        return number < last
    records = count_at(document, total)
    if records is not None:  # the page size is not known beyond page 1: an empty page ends the list
        return found < records
    return size is None or found >= size


def count_at(document: Any, paths: Iterable[str]) -> int | None:
    """A number, also written as text; None when there is none."""
    value = first_of(document, paths)
    if isinstance(value, str) and value.strip().isdecimal():
        return int(value)
    return int(value) if _is_number(value) else None


def words(value: Any) -> str:
    """Text without markup and superfluous white space. Rows carry <em> around what was searched for, and entities."""
    text = str(value if value is not None else "")[:_LONGEST]
    text = _TAG.sub("", html.unescape(_TAG.sub("", text)))
    return " ".join(text.split())


def day_of(value: Any, today: date | None = None) -> date | None:
    """The day in China of a date in any form rows have: text, 20261102, epoch seconds or milliseconds, ISO with zone.

    `today` completes dates without a year."""
    if isinstance(value, Mapping):  # Java's old Date object: {"time": 1761955200000, …}
        value = value.get("time")
    text = str(int(value)) if _is_number(value) else value.strip()[:_LONGEST] if isinstance(value, str) else ""
    if compact := _COMPACT.fullmatch(text):
        return date_within("-".join(compact.groups()))
    if _EPOCH.fullmatch(text):
        moment = int(text)
        return datetime.fromtimestamp(moment / 1000 if moment > _FAR else moment, _CHINA).date()
    if _ZONED.fullmatch(text):
        return dateparser.isoparse(text).astimezone(_CHINA).date()
    return date_within(text) or short_date(text, None, today)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def keys_of(value: Any) -> str:
    """The shape of a JSON value, for messages."""
    if isinstance(value, Mapping):
        return "keys " + (", ".join(sorted(str(key)[:40] for key in value)[:8]) or "none")
    return f"a list of {len(value)}" if isinstance(value, list) else type(value).__name__


def _entry(row: Mapping[str, Any], url: str, fields: Fields, today: date | None, *, keep: bool) -> Entry | None:
    title = _words_at(row, fields.title) or ""
    href = _href(row, fields)
    if not title or not href:
        return None
    try:
        target = urljoin(url, href)
        parts = urlsplit(target)
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return None
    printed = next((day for path in fields.date if (day := day_of(dig(row, path), today))), None)
    pinned = str(first_of(row, fields.pinned) or "").lower() not in {"", "0", "false", "none", "n"}
    whole = json.dumps(row, ensure_ascii=False, sort_keys=True) if keep else None
    number = _words_at(row, fields.number)
    if number and is_empty(number):  # 无
        number = None
    return Entry(title, href, target, printed or url_date(target), pinned, number, whole)


def _words_at(row: Mapping[str, Any], paths: Iterable[str]) -> str | None:
    for path in paths:
        found = dig(row, path)
        text = words(found[0] if isinstance(found, list) and found else found)
        if text:
            return text
    return None


def _href(row: Mapping[str, Any], fields: Fields) -> str:
    for path in fields.url:
        found = dig(row, path)
        if isinstance(found, str) and found.strip() and not found.strip().startswith(("#", "javascript:")):
            return html.unescape(found.strip())
    if not fields.url_template:
        return ""
    values = {name: dig(row, name) for name in _HOLE.findall(fields.url_template)}
    if any(value in (None, "") or isinstance(value, (dict, list)) for value in values.values()):
        return ""
    return _HOLE.sub(lambda hole: quote(str(values[hole[1]]), safe=""), fields.url_template)


def _walk(value: Any, keys: list[str]) -> Iterator[Any]:
    if not keys:
        if isinstance(value, list):
            yield from value
        elif value is not None:
            yield value
        return
    key, *rest = keys
    if key.startswith("["):
        inner = value if isinstance(value, list) else value.values() if isinstance(value, Mapping) else ()
        name, _, wanted = key[1:-1].partition("=")
        for one in inner:
            if not name or (isinstance(one, Mapping) and str(one.get(name)) == wanted):
                yield from _walk(one, rest)
    elif isinstance(value, Mapping) and key in value:
        yield from _walk(value[key], rest)


def _is_null(document: Any, path: str) -> bool:
    """Whether the path's last key is there and says null, as servers answer for an empty list."""
    if "[" in path:
        outer, _, rest = path.partition("[")
        holders, key = dig(document, outer.rstrip(".")), rest.partition("]")[2].strip(".").partition(".")[0]
        if not isinstance(holders, (list, Mapping)):
            return False
        inner = holders if isinstance(holders, list) else list(holders.values())
        return not inner or any(isinstance(one, Mapping) and key in one for one in inner)
    outer, _, key = path.rpartition(".")
    holder = dig(document, outer)
    return isinstance(holder, Mapping) and key in holder
