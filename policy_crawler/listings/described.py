"""How a list served as JSON is described, found out from an answer: where its rows stand and what is what in a row.

Names of keys go first, as interfaces of many sites share them; what stands there decides: a title is text of some
length, a link leads somewhere, a date is one. What cannot be told is left out.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from policy_crawler.errors import PageChanged
from policy_crawler.listings.model import Params
from policy_crawler.listings.records import day_of, dig, load, words

FEWEST_ROWS = 2  # one record may be anything
_ROWS_READ = 20
_MOST_DEPTH = 6
_JSON = re.compile(r"\s*\ufeff?\s*(?:[{\[]|(?:/\*.*?\*/\s*)?(?P<call>[A-Za-z_$][\w.$]*)\s*\(\s*[{\[])", re.DOTALL)
_TITLES = ("title", "titleo", "doctitle", "showtitle", "docsubtitle", "subject", "topic", "bt", "name", "filename")
_LINKS = ("url", "docurl", "docpuburl", "chnldocurl", "link", "href", "infourl", "titlelink", "puburl", "weburl")
_DATES = ("pubdate", "publishdate", "pubtime", "publishtime", "publishedtimestr", "docreltime", "docdate", "date",
          "releasetime", "publicationdate", "deploytime", "createtime", "time")  # fmt: skip
_NUMBERS = ("filenum", "fileno", "filenumber", "docnumber", "documentnumber", "documentno", "wenhao", "wh", "fwzh",
            "pcode", "refno", "filenumbername")  # fmt: skip
_TOTALS = ("total", "totalcount", "totalhits", "totalrec", "recordcount", "allrow", "totalelements", "count")
_PAGES = ("totalpage", "totalpages", "pagecount", "pages", "maxpagesize")
_PAGE_PARAMS = ("page", "pageno", "pagenum", "pagenumber", "pageindex", "currentpage", "currpage", "current", "pn", "p")
_SIZE_PARAMS = ("pagesize", "size", "perpage", "rows", "limit", "n")
_LEADS = re.compile(r"(?:https?:)?//[\w.-]+/\S+|\.{0,2}/\S+|[\w/-]+\.s?html?")
_NO_PAGE = re.compile(r"\.(?:jpe?g|png|gif|webp|svg|mp4|js|css)(?:\?|$)", re.IGNORECASE)
_NUMBER = re.compile(r"[〔\[［(（]\s*(?:19|20)\d\d\s*[〕\]］)）]\s*第?\d+号")


def is_json(text: str) -> bool:
    """Whether an answer is JSON or a JSONP call by how it begins."""
    return _JSON.match(text) is not None


def describe(text: str, url: str) -> Params:
    """The params of family `api` for an answer; empty where it has no rows with a title and a link. Never raises."""
    begun = _JSON.match(text)
    if begun is None:
        return {}
    try:
        document = load(text, url)
    except PageChanged:
        return {}
    lists = sorted(_lists(document), key=lambda one: -len(one[1]))
    for path, rows in lists:
        if fields := _fields(rows[:_ROWS_READ]):
            jsonp = {"jsonp": begun["call"]} if begun["call"] else {}
            return {"rows": path, **fields, **_counts(document, path, len(rows)), **_paging(url), **jsonp}
    return {}


def _lists(value: Any, path: str = "", depth: int = 0) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    """(dotted path, rows) of every list of records that a path reaches."""
    if isinstance(value, list):
        rows = [row for row in value if isinstance(row, Mapping)]
        if len(rows) >= FEWEST_ROWS:
            yield path, rows
    elif isinstance(value, Mapping) and depth < _MOST_DEPTH:
        for key, inner in value.items():
            if key and not re.search(r"[.\[\]|]", key):
                yield from _lists(inner, f"{path}.{key}".lstrip("."), depth + 1)


def _fields(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    keys = list(dict.fromkeys(key for row in rows for key in _leaves(row)))
    title, link = _pick(rows, keys, _TITLES, _is_title), _pick(rows, keys, _LINKS, _is_link)
    if not title or not link:
        return {}
    further = {"date": _pick(rows, keys, _DATES, lambda value: day_of(value) is not None)}
    further["number"] = _pick(rows, keys, _NUMBERS, lambda value: bool(_NUMBER.search(words(value))))
    return {"title": title, "url": link} | {name: key for name, key in further.items() if key}


def _leaves(row: Mapping[str, Any], outer: str = "") -> Iterator[str]:
    for key, value in row.items():
        if re.search(r"[.\[\]|]", key):
            continue
        if isinstance(value, Mapping) and not outer:
            yield from _leaves(value, f"{key}.")
        elif isinstance(value, (str, int, float)):
            yield f"{outer}{key}"


def _pick(rows: Sequence[Mapping[str, Any]], keys: Sequence[str], names: tuple[str, ...], fits: Any) -> str:
    """The key of a known name whose values mostly fit, the usual names first; else one whose name ends like them."""

    def holds(key: str) -> bool:
        values = [value for row in rows if (value := dig(row, key)) not in (None, "")]
        return bool(values) and sum(bool(fits(value)) for value in values) * 2 > len(values)

    own = {key: re.sub(r"[_-]", "", key.rpartition(".")[2]).lower() for key in keys}
    for name in names:
        found = [key for key, word in own.items() if word == name and holds(key)]
        if found:
            return found[0]
    return next((key for key, word in own.items() if word.endswith(names[:3]) and holds(key)), "")


def _is_title(value: Any) -> bool:
    return isinstance(value, str) and len(words(value)) >= 4 and not _LEADS.fullmatch(value.strip())


def _is_link(value: Any) -> bool:
    return isinstance(value, str) and bool(_LEADS.fullmatch(value.strip())) and not _NO_PAGE.search(value)


def _counts(document: Any, path: str, rows: int) -> dict[str, str]:
    """Where the numbers of records and of pages stand: beside the rows, or above them."""
    found: dict[str, str] = {}
    while path:
        path = path.rpartition(".")[0]
        beside = dig(document, path)
        for key, value in beside.items() if isinstance(beside, Mapping) else ():
            word = re.sub(r"[_-]", "", key).lower()
            number = int(value) if str(value).isdecimal() else -1
            place = f"{path}.{key}".lstrip(".")
            if word in _TOTALS and number >= rows:
                found.setdefault("total", place)
            elif word in _PAGES and number > 0:
                found.setdefault("pages", place)
    return found


def _paging(url: str) -> dict[str, Any]:
    """The parameters of the URL that count pages and rows."""
    query = dict(parse_qsl(urlsplit(url).query))
    numbers = {name.lower().replace("_", ""): name for name, value in query.items() if value.isdecimal()}
    page = next((numbers[name] for name in _PAGE_PARAMS if name in numbers), None)
    size = next((numbers[name] for name in _SIZE_PARAMS if name in numbers), None)
    found: dict[str, Any] = {}
    if page:
        found["page_param"] = page
        if query[page] == "0":
            found["first_page"] = 0
    if size:
        found |= {"size_param": size, "size": int(query[size])}
    return found
