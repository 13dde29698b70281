"""Rows of tables as JSON and back. A field has the name and the meaning of its column (docs/tables.md).

What comes back is checked column by column: it may come from anywhere."""

import math
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

from sqlalchemy import Boolean, Column, Date, Float, Integer, inspect

from storage.columns import PlainJson, UtcDateTime
from storage.models import Base


class BadLine(Exception):
    """What is wrong with a line of an import: where in it, expected against found."""


# Columns with a JSON value: the kinds of each item's parts. A part may be null where None is among its kinds.
_TEXT, _MAYBE = (str,), (str, type(None))
_ITEMS: Final[dict[str, tuple[tuple[type, ...], ...] | None]] = {
    "issuers": None,  # plain texts
    "blocks": (_TEXT, _TEXT),
    "headers": (_TEXT, _TEXT),
    "attachments": (_TEXT, _TEXT, _TEXT, _TEXT),
    "mentions": (_TEXT, _MAYBE, _MAYBE, _MAYBE, _TEXT),
    "text_places": ((int,), _TEXT),
    "ocr_pictures": (_TEXT, (int, float)),
}
_VALUES: Final[dict[tuple[str, str], Collection[str]]] = {
    ("document", "type"): ("policy", "interpretation", "consultation", "news", "notice", "other"),
    ("document", "state"): ("current", "missing", "withdrawn"),
    ("page", "state"): ("new", "fetched", "failed", "missing"),
}
_LINKS = frozenset({"url", "final_url", "list_url"})  # what a crawl may fetch
_LARGEST = 2**63 - 1


def dump(row: Base, leave: Collection[str] = ()) -> dict[str, Any]:
    """The row's columns but those of `leave`: dates in ISO form, moments in UTC."""
    return {column.key: _plain(getattr(row, column.key)) for column in columns(type(row)) if column.key not in leave}


def columns(model: type[Base]) -> list[Column[Any]]:
    """The columns of a table, each keyed by its attribute's name."""
    return list(inspect(model).local_table.columns)  # type: ignore[arg-type]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else value


def load(model: type[Base], data: Any, where: str, leave: Collection[str] = ()) -> dict[str, Any]:
    """The values of the row's columns but those of `leave`. Fields that the table does not have are left out: see
    `unknown`. Raises BadLine."""
    fields = mapping(data, where)
    table = model.__tablename__
    return {
        column.key: _checked(column, fields.get(column.key), f"{where}.{column.key}", table)
        for column in columns(model)
        if column.key not in leave
    }


def unknown(model: type[Base], data: Mapping[str, Any], also: Collection[str]) -> list[str]:
    """The fields of `data` that this release has no column for: those of a newer one."""
    known = {column.key for column in columns(model)} | set(also)
    return [f"{model.__tablename__}.{name}" for name in data if name not in known]


def mapping(data: Any, where: str) -> dict[str, Any]:
    """`data` as an object. Raises BadLine."""
    if not isinstance(data, dict):
        raise BadLine(f"{where}: expected an object, found {found(data)}")
    return data


def items(data: Mapping[str, Any], name: str, where: str = "") -> list[Any]:
    """The list `name` of `data`. Raises BadLine."""
    value = data.get(name)
    if not isinstance(value, list):
        raise BadLine(f"{where}{name}: expected a list, found {found(value)}")
    return value


def place(data: Mapping[str, Any], name: str, among: Collection[Any], where: str, *, optional: bool = False) -> Any:
    """The place in a list of this line that `name` of `data` gives: 0 is the first. Raises BadLine."""
    value = data.get(name)
    if value is None and optional:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < len(among):
        raise BadLine(f"{where}.{name}: expected a place from 0 to {len(among) - 1}, found {found(value)}")
    return value


def found(value: Any) -> str:
    """A value as a message shows it, at most 80 characters."""
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"


def _checked(column: Column[Any], value: Any, where: str, table: str) -> Any:
    if value is None:
        if not column.nullable:
            raise BadLine(f"{where}: expected {_expected(column)}, found nothing")
        return None
    read = _reader(column)
    try:
        result = read(value)
    except (ValueError, TypeError, OverflowError) as error:
        raise BadLine(f"{where}: expected {_expected(column)}, found {found(value)}") from error
    if (values := _VALUES.get((table, column.key))) and result not in values:
        raise BadLine(f"{where}: expected one of {', '.join(values)}, found {found(value)}")
    if column.key in _LINKS and not (table == "reference" or result.startswith(("http://", "https://"))):
        raise BadLine(f"{where}: expected a URL of http or https, found {found(value)}")
    return result


def _reader(column: Column[Any]) -> Callable[[Any], Any]:
    kind = column.type
    for type_, read in (
        (UtcDateTime, _moment), (Date, _date), (Boolean, _boolean), (Float, _real), (Integer, _integer),
    ):  # fmt: skip
        if isinstance(kind, type_):
            return read
    if isinstance(kind, PlainJson):
        return lambda value: _json(column.key, value)
    return _text


def _expected(column: Column[Any]) -> str:
    if column.key in _ITEMS:
        shape = _ITEMS[column.key]
        return f"a list of {f'lists of {len(shape)}' if shape else 'texts'}"
    kinds = (
        (UtcDateTime, "a moment with its zone, as 2026-03-02T01:00:00Z"), (Date, "a date, as 2026-03-02"),
        (Boolean, "true or false"), (Float, "a number"), (Integer, "a whole number"),
        (PlainJson, "an object or a list"),
    )  # fmt: skip
    return next((words for type_, words in kinds if isinstance(column.type, type_)), "a text")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _date(value: Any) -> date:
    if len(_text(value)) != 10:
        raise ValueError
    return date.fromisoformat(value)


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(_text(value))
    if moment.tzinfo is None:
        raise ValueError
    return moment.astimezone(UTC)


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _integer(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError
    if abs(value) > _LARGEST:
        raise OverflowError
    return value


def _real(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError
    return float(value)


def _json(name: str, value: Any) -> Any:
    if name not in _ITEMS:
        if not isinstance(value, dict | list):
            raise TypeError
        return value
    shape = _ITEMS[name]
    if not isinstance(value, list):
        raise TypeError
    for item in value:
        if shape is None:
            _text(item)
        elif not isinstance(item, list) or len(item) != len(shape):
            raise ValueError
        elif any(
            isinstance(part, bool) or not isinstance(part, kinds) for part, kinds in zip(item, shape, strict=True)
        ):
            raise TypeError
    return value
