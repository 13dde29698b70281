"""Run by Alembic with the connection that `storage.migrations` passes in; there is no other way to call it."""

from typing import Any

from alembic import context
from sqlalchemy import Connection

import storage.models_watch  # noqa: F401 - its tables belong to the metadata
from storage.models import Base


def include_name(name: str | None, type_: str, _parents: Any) -> bool:
    """Leave the full-text tables alone: they are made by hand, and SQLite adds four of its own."""
    return not (type_ == "table" and name is not None and name.startswith("document_fts"))


def run(connection: Connection) -> None:
    """Apply the migrations asked for on `connection`, whose transaction the caller owns."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        include_name=include_name,
        compare_type=False,
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
