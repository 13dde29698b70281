"""Fixtures for scheduling, watches and delivery."""

import itertools
import os
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from sqlalchemy import create_engine, text
from support.mailbox import Mailbox, mailbox
from support.world import MovingClock, World

_NUMBERS = itertools.count(1)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("POLICY_CRAWLER_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """An installation on SQLite."""
    made = World(tmp_path / "home", f"sqlite:///{tmp_path / 'archive.db'}")
    yield made
    made.close()


@pytest.fixture
def moving_world(tmp_path: Path) -> Iterator[World]:
    """An installation whose clock the test moves."""
    made = World(tmp_path / "moving", f"sqlite:///{tmp_path / 'moving.db'}", MovingClock())
    yield made
    made.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def pair_world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """An installation, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        yield request.getfixturevalue("world")
        return
    server = request.getfixturevalue("postgres_server")
    name = f"schedules_{next(_NUMBERS)}"
    admin = create_engine(server.format("postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    made = World(tmp_path / "home", server.format(name))
    yield made
    made.close()
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def box() -> Iterator[Mailbox]:
    """A plain SMTP server on loopback."""
    with mailbox() as running:
        yield running


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    """A throw-away certificate authority (its PEM file) and a server context for 127.0.0.1."""
    ca = trustme.CA()
    file = tmp_path_factory.mktemp("ca") / "ca.pem"
    ca.cert_pem.write_to_path(str(file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1").configure_cert(context)
    return file, context
