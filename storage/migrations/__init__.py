"""Schema versions of the archive, as an Alembic environment inside the package.

`upgrade` brings a database to this release's schema, `check` only looks. A database of a newer release is refused.
"""

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from storage.errors import OperatorError


def upgrade(engine: Engine) -> None:
    """Bring the database to this release's schema, in one transaction: done whole or not at all.

    Raises OperatorError for a database of a newer release."""
    with engine.begin() as connection:
        if _current(connection) != _head():
            _refuse_newer(connection)
            command.upgrade(_config(connection), "head")


def check(engine: Engine) -> None:
    """Raises OperatorError unless the database has exactly this release's schema."""
    with engine.connect() as connection:
        current = _current(connection)
        _refuse_newer(connection)
    if current != _head():
        found = f"schema {current}" if current else "no schema"
        raise OperatorError(
            f"the archive {engine.url.render_as_string()} has {found}, expected {_head()}. "
            "Run 'policy-crawler db upgrade'."
        )


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", "storage:migrations")
    config.attributes["connection"] = connection
    return config


def _head() -> str:
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise AssertionError("the package holds no migration")
    return head


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _refuse_newer(connection: Connection) -> None:
    current = _current(connection)
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if current is not None and current not in known:
        raise OperatorError(
            f"the archive {connection.engine.url.render_as_string()} has schema {current}, made by a newer release; "
            f"this one knows up to {_head()}. Install the newer release, or name another archive."
        )
