"""Lists served as JSON or JSONP: the one engine under every family whose rows are records.

A family says where its parts stand (`Fields`) and how its server is asked (`Endpoint`); both are data. Paths are dotted
keys, a number picks from a list, `[]` walks through all of one: `data.results`, `results.0.rows`, `groups[].data`.
The next request is always built from the source's own endpoint, never from a URL in an answer.
"""

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote, urlencode, urljoin, urlsplit

from dateutil import parser as dateparser

from policy_crawler.errors import OperatorError, PageChanged
from policy_crawler.items import Entry
from policy_crawler.listings.dates import date_within, short_date, url_date
from policy_crawler.listings.model import Listing, ListRequest

METHODS = ("GET", "POST-FORM", "POST-JSON")

_CHINA = timezone(timedelta(hours=8))
_CALL = re.compile(r"\s*(?:/\*.*?\*/\s*)?(?:try\s*\{\s*)?(?:(?:window|this)\.)?([A-Za-z_$][\w.$]*)\s*\(\s*", re.DOTALL)
_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<!--.*?-->", re.DOTALL)
_EPOCH = re.compile(r"[1-9]\d{8,9}(?:\d{3})?")
_COMPACT = re.compile(r"((?:19|20)\d\d)(0[1-9]|1[0-2])([0-3]\d)(?:\d{6})?")
_ZONED = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)")
_HOLE = re.compile(r"\{([\w.]+)\}")
_MESSAGES = ("msg", "message", "errorMsg", "errmsg", "error", "rptDesc")
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


@dataclass(frozen=True, slots=True)
class Endpoint:
    """How a list's server is asked for page N.

    `query` goes into the URL, `form` or `json` into the body, by `method`. The page's number goes where `page_param`
    is already written, else where the method's own parameters go; it is `first_page` + (N-1) * `step`, of the type
    that stands there. A dotted `page_param` reaches into a JSON body."""

    url: str
    method: str = "GET"
    query: Mapping[str, Any] = field(default_factory=dict)
    form: Mapping[str, Any] = field(default_factory=dict)
    json: Mapping[str, Any] = field(default_factory=dict)
    page_param: str = ""
    first_page: int = 1
    step: int = 1
    size_param: str = ""
    size: int | None = None
    headers: tuple[tuple[str, str], ...] = ()

    def page(self, number: int) -> ListRequest:
        """The request for page `number` (from 1). Raises OperatorError for an unknown method."""
        if self.method not in METHODS:
            raise OperatorError(f"{self.url}: method: expected one of {', '.join(METHODS)}, found {self.method!r}")
        tables = {"query": dict(self.query), "form": dict(self.form), "json": _copied(self.json)}
        if self.size_param and self.size is not None:
            self._set(tables, self.size_param, self.size)
        if self.page_param:
            self._set(tables, self.page_param, self.first_page + (number - 1) * self.step)
        url, headers, body = self.url, list(self.headers), None
        if tables["query"]:
            url += ("&" if "?" in url else "?") + _encoded(tables["query"])
        if self.method == "POST-FORM":
            body = _encoded(tables["form"]).encode()
            headers.append(("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"))
        elif self.method == "POST-JSON":
            body = json.dumps(tables["json"], ensure_ascii=False, separators=(",", ":")).encode()
            headers.append(("Content-Type", "application/json;charset=UTF-8"))
        return ListRequest(url, "GET" if self.method == "GET" else "POST", body, tuple(headers), number)

    def _set(self, tables: dict[str, dict[str, Any]], name: str, value: int) -> None:
        own = {"GET": "query", "POST-FORM": "form", "POST-JSON": "json"}[self.method]
        place = next((table for table in tables.values() if name in table), None)
        if place is None:
            place = tables[own]
            if own == "json":
                *outer, name = name.split(".")
                for key in outer:
                    place = place.setdefault(key, {})
        place[name] = str(value) if isinstance(place.get(name), str) else value


def endpoint_url(list_url: str, params: Mapping[str, Any], default: str = "") -> str:
    """Where the list is asked: `params["endpoint"]`, absolute or from the root of the site, else `default`."""
    return urljoin(list_url, str(params.get("endpoint") or default))


def load(text: str, url: str, *, jsonp: str = "") -> Any:
    """The JSON of an answer; a JSONP call around it is taken off. `jsonp`: the name that call must have.

    Raises PageChanged when it is neither."""
    text = text.strip().lstrip("\ufeff").strip()
    try:
        if text[:1] in {"{", "["}:
            return json.loads(text, strict=False)
        if (call := _CALL.match(text)) and (not jsonp or call[1] == jsonp):
            return json.JSONDecoder(strict=False).raw_decode(text, call.end())[0]
    except (json.JSONDecodeError, RecursionError) as error:
        raise PageChanged(f"{url}: expected JSON, found something broken: {error}") from error
    wanted = f"JSON or {jsonp}(…)" if jsonp else "JSON"
    raise PageChanged(f"{url}: expected {wanted}, found {' '.join(text[:80].split())!r}")


def dig(value: Any, path: str) -> Any:
    """What stands at a dotted path; None when nothing does. For a path with `[]`: the list of all that do."""
    if "[]" in path:
        return list(_walk(value, path.replace("[]", ".[]").strip(".").split("."))) or None
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
    rows: Sequence[Mapping[str, Any]], url: str, fields: Fields, *, today: date | None = None, record: str = ""
) -> tuple[tuple[Entry, ...], int]:
    """(entries in order and each URL once, number of rows that are none).

    `record`: the key of the document's text; a row that brings it is kept whole in its entry.
    Raises PageChanged when there are rows and none of them has a title and a URL."""
    found: dict[str, Entry] = {}
    rejected = 0
    for row in rows:
        entry = _entry(row, url, fields, today, record)
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
    record: str = "",
) -> Listing:
    """One answer as a Listing. `endpoint` None: the answer is the whole list.

    `total` and `pages`: where the number of records and of pages stands. Raises PageChanged."""
    found = rows_at(document, rows, url)
    entries, rejected = read_rows(found, url, fields, today=today, record=record)
    number = request.page if request else 1
    size = endpoint.size if endpoint else None
    last = page_count(document, number, len(found), total=total, pages=pages, size=size)
    following = None
    if endpoint is not None and goes_on(document, number, len(found), total=total, size=size, last=last):
        following = endpoint.page(number + 1)
    return Listing(family, entries, following, last if endpoint else None, rejected=rejected)


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
    return int(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def words(value: Any) -> str:
    """Text without markup and superfluous white space. Rows carry <em> around what was searched for, and entities."""
    text = _TAG.sub("", html.unescape(_TAG.sub("", str(value if value is not None else ""))))
    return " ".join(text.split())


def day_of(value: Any, today: date | None = None) -> date | None:
    """The day in China of a date in any form rows have: text, 20261102, epoch seconds or milliseconds, ISO with zone.

    `today` completes dates without a year."""
    if isinstance(value, Mapping):  # Java's old Date object: {"time": 1761955200000, …}
        value = value.get("time")
    text = str(value).strip() if isinstance(value, (str, int, float)) and not isinstance(value, bool) else ""
    if isinstance(value, float):
        text = str(int(value))
    if compact := _COMPACT.fullmatch(text):
        return date_within("-".join(compact.groups()))
    if _EPOCH.fullmatch(text):
        moment = int(text)
        return datetime.fromtimestamp(moment / 1000 if moment > _FAR else moment, _CHINA).date()
    if _ZONED.fullmatch(text):
        return dateparser.isoparse(text).astimezone(_CHINA).date()
    return date_within(text) or short_date(text, None, today)


def keys_of(value: Any) -> str:
    """The shape of a JSON value, for messages."""
    if isinstance(value, Mapping):
        return "keys " + (", ".join(sorted(map(str, value))[:8]) or "none")
    return f"a list of {len(value)}" if isinstance(value, list) else type(value).__name__


def _entry(row: Mapping[str, Any], url: str, fields: Fields, today: date | None, record: str) -> Entry | None:
    title = next((text for path in fields.title if (text := words(dig(row, path)))), "")
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
    number = next((text for path in fields.number if (text := words(dig(row, path)))), None)
    pinned = str(first_of(row, fields.pinned) or "").lower() not in {"", "0", "false", "none", "n"}
    whole = json.dumps(row, ensure_ascii=False, sort_keys=True) if record and first_of(row, [record]) else None
    return Entry(title, href, target, printed or url_date(target), pinned, number, whole)


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
    if key == "[]":
        inner = value if isinstance(value, list) else value.values() if isinstance(value, Mapping) else ()
        for one in inner:
            yield from _walk(one, rest)
    elif isinstance(value, Mapping) and key in value:
        yield from _walk(value[key], rest)


def _is_null(document: Any, path: str) -> bool:
    """Whether the path's last key is there and says null, as servers answer for an empty list."""
    if "[]" in path:
        outer = dig(document, path.partition("[]")[0])
        return isinstance(outer, (list, Mapping)) and not outer
    outer, _, key = path.rpartition(".")
    holder = dig(document, outer)
    return isinstance(holder, Mapping) and key in holder


def _encoded(table: Mapping[str, Any]) -> str:
    return urlencode(
        [
            (name, _as_text(one))
            for name, value in table.items()
            for one in (value if isinstance(value, (list, tuple)) else [value])
        ]
    )


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return "" if value is None else str(value)


def _copied(table: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _copied(value) if isinstance(value, Mapping) else value for name, value in table.items()}
