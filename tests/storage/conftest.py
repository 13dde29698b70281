"""Every test of the archive runs on SQLite and on PostgreSQL."""

import itertools
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, create_engine, text
from support.archives import Moving
from support.exchange import other_archive

from storage import migrations
from storage.archive import Archive
from storage.engine import open_engine
from storage.models import Base
from storage.snapshots import SnapshotStore

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
_NUMBERS = itertools.count(1)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def backend(request: pytest.FixtureRequest) -> str:
    """Each kind of database in turn; a test may ask for one alone (indirect)."""
    return str(request.param)


@pytest.fixture
def database_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database."""
    if backend == "sqlite":
        yield f"sqlite:///{tmp_path / 'archive.db'}"
    else:
        yield from _database(request.getfixturevalue("postgres_server"))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the schema, to be copied: quicker than migrating for each test."""
    path = tmp_path_factory.mktemp("template") / "archive.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_archive(postgres_server: str) -> str:
    """The URL of a database with the schema, to be emptied for each test: quicker than making one."""
    with _admin(postgres_server) as connection:
        connection.execute(text("CREATE DATABASE archive"))
    url = postgres_server.format("archive")
    _migrate(url)
    return url


@pytest.fixture
def archive_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database with this release's schema."""
    if backend == "sqlite":
        path = tmp_path / "archive.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        return f"sqlite:///{path}"
    url = str(request.getfixturevalue("postgres_archive"))
    tables = ", ".join(f'"{name}"' for name in ("document_fts", *Base.metadata.tables))
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
    engine.dispose()
    return url


@pytest.fixture
def engine(archive_url: str) -> Iterator[Engine]:
    """An archive's database with this release's schema."""
    engine = open_engine(archive_url)
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def other(request, tmp_path, clock) -> Archive:
    return other_archive(request.param, tmp_path, request, clock)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def shared_archive(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """An empty archive for the tests of one module, which fill it once and then only read it."""
    folder = tmp_path_factory.mktemp("shared")
    with ExitStack() as held:
        if request.param == "sqlite":
            url = f"sqlite:///{folder / 'archive.db'}"
        else:
            server = request.getfixturevalue("postgres_server")
            url = held.enter_context(contextmanager(_database)(server))
        _migrate(url)
        engine = open_engine(url)
        held.callback(engine.dispose)
        yield Archive(engine, SnapshotStore(folder / "snapshots"), Moving(START))


@pytest.fixture
def twin(request, tmp_path, clock) -> Archive:
    return other_archive("sqlite", tmp_path, request, clock)


def _migrate(url: str) -> None:
    engine = open_engine(url)
    migrations.upgrade(engine)
    engine.dispose()


@contextmanager
def _admin(server: str) -> Iterator[Connection]:
    engine = create_engine(server.format("postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def _database(server: str) -> Iterator[str]:
    name = f"archive_{next(_NUMBERS)}"
    with _admin(server) as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield server.format(name)
    with _admin(server) as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def clock() -> Moving:
    """A clock that stands until a test moves it."""
    return Moving(START)


@pytest.fixture
def snapshots(tmp_path: Path) -> SnapshotStore:
    return SnapshotStore(tmp_path / "snapshots")


@pytest.fixture
def archive(engine: Engine, snapshots: SnapshotStore, clock: Moving) -> Archive:
    return Archive(engine, snapshots, clock)
