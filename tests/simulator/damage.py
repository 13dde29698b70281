"""Entries spoilt in one place each, as a slip of the pen or a redesign would: a crawl of one must not pass.

What a reader does not need (a further pages' name that the page prints, a size the server takes as it comes) is left
alone: a slip there changes nothing that could be found.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from simulator.table import Column

from policy_crawler.catalog import Source

# Which params a family's server insists on.
_IDS = frozenset(
    {
        "channel_id",
        "channel_code",
        "item_id",
        "site_code",
        "key",
        "category",
        "unitid",
        "columnid",
        "webid",
        "query",
        "form",
        "json",
        "endpoint",
        "rows",
        "title",
        "page_param",
    }
)
_TELLING = re.compile(r"id|code|key|^t$|index|type|publisher|classsql|list|chan|pageids|siteCode|^name$", re.IGNORECASE)
_ONE_SERVER = frozenset({"cac", "flk", "govcn_search", "lonsun"})
OTHER_FAMILY = {"feed": "gkmlpt"}  # what an entry's family is mistaken for; for the others a feed


def damages(source: Source, column: Column) -> Iterator[tuple[str, Source]]:
    """(what is wrong, the entry with it): a wrong path, wrong ids, a wrong way to page, a wrong family."""
    yield "family", _with(source, family=OTHER_FAMILY.get(source.family, "feed"), params={})
    if "endpoint" not in source.params and not _is_id_in_params(source):
        yield "path", _with(source, list_url=_wrong_path(source.list_url))
    for name, value in source.params.items():
        if name in _IDS and (wrong := _wrong(name, value)) is not None and not _unneeded(source, column, name):
            yield name, _with(source, params={**source.params, name: wrong})
    if source.family == "flk":  # every field of its body is wanted in its kind
        yield "query", _with(source, params={"query": {"orderByParam": "desc"}})
    if column.facts.get("pager") == "plain" and "page_url" in source.params:
        yield "page_url", _with(source, params={**source.params, "page_url": "seite{n}.html"})
    if source.family == "jpaas" and not column.facts.get("rows_in_page"):
        other = "paramJson" if source.params.get("paging") == "pageNo" else "pageNo"
        yield "paging", _with(source, params={**source.params, "paging": other})


def _with(source: Source, **changes: Any) -> Source:
    return source.model_copy(update=changes)


def _is_id_in_params(source: Source) -> bool:
    """True where the list is asked for by an id alone, or where its family has one server, whatever page is named."""
    return bool({"channel_id", "item_id"} & source.params.keys()) or source.family in _ONE_SERVER


def _wrong_path(url: str) -> str:
    """The URL with one letter of its last folder, or its query, changed."""
    parts = urlsplit(url)
    if parts.query:
        return urlunsplit(parts._replace(query=parts.query[:-1] + ("1" if parts.query[-1] != "1" else "2")))
    folder, slash, name = parts.path.rpartition("/")
    return urlunsplit(parts._replace(path=f"{folder}x{slash}{name}" if folder else f"/x{slash}{name}"))


def _wrong(name: str, value: Any) -> Any:
    """The value with one character changed; None where nothing in it is an id."""
    if isinstance(value, Mapping):
        telling = next((key for key, one in value.items() if _TELLING.search(key) and one not in ("", None)), None)
        return None if telling is None else {**value, telling: _wrong(telling, value[telling])}
    if isinstance(value, list):
        return [_wrong(name, value[0]), *value[1:]] if value else None
    if name == "endpoint":
        return _wrong_path(str(value)) if "://" in str(value) else _wrong_path("https://x" + str(value))[9:]
    if name in {"rows", "title", "page_param"}:
        return f"{value}X" if value else None
    text = str(value)
    return text[:-1] + ("0" if text[-1] != "0" else "1") if text else None


def _unneeded(source: Source, column: Column, name: str) -> bool:
    """True for what the site answers without: a number of the page that its list does not have."""
    return name == "page_param" and column.shape == "json" and not source.params.get("page_param")
