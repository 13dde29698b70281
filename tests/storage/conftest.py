"""Every test of the archive runs on SQLite and on PostgreSQL."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import missing
from sqlalchemy import Engine, create_engine, text
from support import postgres
from support.archives import Moving

from storage import migrations
from storage.archive import Archive
from storage.engine import open_engine
from storage.snapshots import SnapshotStore

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A running PostgreSQL: its URL with {} for the database."""
    binaries = postgres.find_binaries()
    if binaries is None:
        missing("postgres", postgres.MISSING)
    assert binaries is not None
    with postgres.running(binaries) as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database, once for each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'archive.db'}"
        return
    server = request.getfixturevalue("postgres_server")
    name = f"archive_{next(_NUMBERS)}"
    admin = create_engine(server.format("postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield server.format(name)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An archive's database with this release's schema."""
    engine = open_engine(database_url)
    migrations.upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def clock() -> Moving:
    """A clock that stands until a test moves it."""
    return Moving(datetime(2026, 3, 2, 1, 0, tzinfo=UTC))


@pytest.fixture
def snapshots(tmp_path: Path) -> SnapshotStore:
    return SnapshotStore(tmp_path / "snapshots")


@pytest.fixture
def archive(engine: Engine, snapshots: SnapshotStore, clock: Moving) -> Archive:
    return Archive(engine, snapshots, clock)
