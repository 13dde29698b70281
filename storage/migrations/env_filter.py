"""Which tables of a database belong to the models."""

from typing import Any


def include_name(name: str | None, type_: str, _parents: Any) -> bool:
    """Leave the full-text tables alone: they are made by hand, and SQLite adds four of its own."""
    return not (type_ == "table" and name is not None and name.startswith("document_fts"))
