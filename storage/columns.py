"""Column types that behave alike on SQLite and PostgreSQL."""

import json
import re
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, Text, TypeDecorator

Identifier = BigInteger().with_variant(Integer(), "sqlite")  # SQLite numbers rows itself only in an INTEGER column

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # PostgreSQL refuses NUL, both refuse lone surrogates


def storable(text: str) -> str:
    """`text` without the characters that no database keeps."""
    return _UNSTORABLE.sub("", text)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment in UTC; SQLite alone would give it back without its zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """UTC, naive for SQLite. Raises ValueError for a moment without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment without a time zone cannot be stored: {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """The same moment, aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class PlainText(TypeDecorator[str]):
    """Text of any length, cleaned of what no database keeps."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        """The text without NUL and lone surrogates."""
        return None if value is None else storable(value)


class PlainJson(TypeDecorator[Any]):
    """A JSON value (JSONB on PostgreSQL), its texts cleaned like PlainText. None is null in SQL, not in JSON."""

    impl = JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        """JSONB where there is one."""
        if dialect.name != "postgresql":
            return dialect.type_descriptor(JSON(none_as_null=True))
        from sqlalchemy.dialects.postgresql import JSONB  # noqa: PLC0415 - 50 ms that SQLite need not wait

        return dialect.type_descriptor(JSONB(none_as_null=True))

    def process_bind_param(self, value: Any, _dialect: Dialect) -> Any:
        """The value as plain lists and dictionaries."""
        return None if value is None else storable_json(value)


def storable_json(value: Any) -> Any:
    """`value` as plain lists and dictionaries, as the databases keep it."""
    return _clean(json.loads(json.dumps(value, default=str)))


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {storable(key): _clean(item) for key, item in value.items()}
    return value
