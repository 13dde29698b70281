"""Run by Alembic with the connection that `storage.migrations` passes in; there is no other way to call it."""

from alembic import context
from sqlalchemy import Connection

from storage.migrations.env_filter import include_name
from storage.models import Base


def run(connection: Connection) -> None:
    """Apply the migrations asked for on `connection`, whose transaction the caller owns."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        include_name=include_name,
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
