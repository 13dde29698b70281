"""Schema versions of the archive, as an Alembic environment inside the package.

`upgrade` brings a database to this release's schema, `check` only looks. A database of a newer release is refused.

Alembic is imported only to upgrade: it takes a tenth of a second, and every crawl looks.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from storage.errors import OperatorError


def upgrade(engine: Engine) -> None:
    """Bring the database to this release's schema, in one transaction: done whole or not at all.

    Raises OperatorError for a database of a newer release, or one that cannot be opened."""
    with _opened(engine), engine.begin() as connection:
        if _current(connection) != _head():
            _refuse_newer(connection)
            _apply(connection)


@contextmanager
def _opened(engine: Engine) -> Iterator[None]:
    """An archive that is not there or lets nobody in is for the operator to mend."""
    try:
        yield
    except DBAPIError as error:
        raise OperatorError(
            f"cannot open the archive {engine.url.render_as_string()}: {str(error.orig).strip()}. Does the server run, "
            "does the database exist, may this user use it? The setting is 'archive'."
        ) from error


def check(engine: Engine) -> None:
    """Raises OperatorError unless the database has exactly this release's schema."""
    with _opened(engine), engine.connect() as connection:
        current = _current(connection)
        _refuse_newer(connection)
    if current != _head():
        found = f"schema {current}" if current else "no schema"
        raise OperatorError(
            f"the archive {engine.url.render_as_string()} has {found}, expected {_head()}. "
            "Run 'policy-crawler db upgrade'."
        )


def current(engine: Engine) -> str | None:
    """The schema that the database has; None where it has none."""
    with _opened(engine), engine.connect() as connection:
        return _current(connection)


def _apply(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", "storage:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def revisions() -> list[str]:
    """The schema versions this release knows, oldest first: `0001_first_release.py` makes version 0001."""
    return sorted(file.name.split("_")[0] for file in Path(__file__).with_name("versions").glob("[0-9]*_*.py"))


def _head() -> str:
    return revisions()[-1]


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    current: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return current


def _refuse_newer(connection: Connection) -> None:
    current = _current(connection)
    if current is not None and current not in revisions():
        raise OperatorError(
            f"the archive {connection.engine.url.render_as_string()} has schema {current}, made by a newer release; "
            f"this one knows up to {_head()}. Install the newer release, or name another archive."
        )
