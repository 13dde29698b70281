"""Opens the archive's database: SQLite by default, PostgreSQL by URL. One behaviour on both.

Writers take turns on either database, so that what a transaction has compared still holds when it commits:
SQLite by `BEGIN IMMEDIATE` (with its default, 32 of 80 read-then-write commits were lost, measured 2026-11),
PostgreSQL by one advisory lock that every writing transaction takes first. Keep transactions short: nothing slow
(network, extraction, fsync of snapshots) may happen inside one.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError
from sqlalchemy.orm import Session

from storage import chain
from storage.errors import OperatorError
from storage.faults import fp

WAIT_SECONDS = 30  # how long a writer waits for its turn; a crawl's transaction takes milliseconds
WRITERS_LOCK = 7_034_161_955_081_267  # the advisory lock's key: any constant, the same in every release
_READ_ONLY = "archive_read_only"


def open_engine(url: str) -> Engine:
    """The engine for `url`: `sqlite:///path/to/archive.db` or `postgresql://user@host/database`.

    A new SQLite file is readable by its owner alone (mode 0600); its folder must exist. Raises OperatorError for any
    other database, a URL that cannot be read, or a folder that is missing."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise OperatorError(f"cannot read the database URL: {error}. Expected {_EXPECTED}.") from error
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        return _open_sqlite(parsed)
    if backend == "postgresql":
        return _open_postgresql(parsed)
    raise OperatorError(f"database {backend!r} is not supported. Expected {_EXPECTED}.")


_EXPECTED = "sqlite:///path/to/archive.db or postgresql://user@host/database"


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """A session in a transaction that is alone in writing; commits at the end, rolls back on an error.

    What it writes that must never be rewritten is linked into the hash chain."""
    fp("writing")
    with Session(engine, expire_on_commit=False) as session, session.begin():
        chain.follow(session)
        yield session
        session.flush()
        fp("committing")
    fp("committed")


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session that sees one state of the archive and cannot hold up a writer. Nothing it does is kept."""
    with Session(engine.execution_options(**_reader_options(engine)), expire_on_commit=False) as session:
        yield session


def check_database(engine: Engine) -> list[str]:
    """What the database itself finds wrong with its file and its references; PostgreSQL minds both by itself."""
    if engine.dialect.name != "sqlite":
        return []
    try:
        with reading(engine) as session:
            connection = session.connection()
            found = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check")]
            dangling = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    except DatabaseError as error:
        return [str(error.orig)]
    problems = [] if found == ["ok"] else found
    return problems + [
        f"{table} {row} refers to a row of {parent} that is not there" for table, row, parent, _ in dangling
    ]


def _reader_options(engine: Engine) -> dict[str, Any]:
    if engine.dialect.name == "postgresql":
        return {_READ_ONLY: True, "isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    return {_READ_ONLY: True}


def _open_sqlite(url: URL) -> Engine:
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise OperatorError(f"an archive is a file; {url} names none. Expected {_EXPECTED}.")
    path = Path(url.database)
    if not path.parent.is_dir():
        raise OperatorError(f"the folder of the archive does not exist: {path.parent}. Make it, or name another.")
    _create(path)
    engine = create_engine(
        url.set(drivername="sqlite+pysqlite"),
        connect_args={"timeout": WAIT_SECONDS, "check_same_thread": False},
        json_serializer=_json,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin transactions by itself: see `begin`
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout = {WAIT_SECONDS * 1000}",
            "journal_mode = WAL",
            "synchronous = FULL",  # default NORMAL in WAL may lose the last commits on power loss
            "foreign_keys = ON",
            "temp_store = MEMORY",
            "cache_size = -65536",
            "journal_size_limit = 67108864",  # a long reader lets the WAL grow; give the space back afterwards
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        read_only = connection.get_execution_options().get(_READ_ONLY)
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


def _json(value: Any) -> str:
    """JSON with Chinese as Chinese: readable for people who query the database, and half the size."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _create(path: Path) -> None:
    """Make the file if it is not there; WAL and shared-memory files inherit its mode.

    A file that exists is not opened here: closing it would drop the locks that another engine of this process holds on
    it (POSIX), and a second process would then delete the WAL under it (rows were lost, measured 2026-11)."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
    except FileExistsError as error:
        if not path.is_file() or path.is_symlink():
            raise OperatorError(f"cannot open the archive {path}: it is no plain file") from error
    except OSError as error:
        raise OperatorError(f"cannot open the archive {path}: {error.strerror}") from error


def _open_postgresql(url: URL) -> Engine:
    engine = create_engine(url.set(drivername="postgresql+psycopg"), pool_pre_ping=True, json_serializer=_json)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = '{WAIT_SECONDS}s'")
            cursor.execute("SET timezone = 'UTC'")
        connection.commit()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if not connection.get_execution_options().get(_READ_ONLY):
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITERS_LOCK})")

    return engine
