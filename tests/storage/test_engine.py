"""Opening databases, and writers that take turns (rows D3, D4, D9)."""

import sqlite3
import stat
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from storage.engine import open_engine, reading, writing
from storage.errors import OperatorError


@pytest.mark.parametrize(
    "url",
    ["mysql://u@h/d", "sqlite://", "sqlite:///:memory:", "sqlite:////nowhere/at/all/archive.db", "no url", "", "oracle://x",
     "sqlite:///file:a.db?uri=true"],
)  # fmt: skip
def test_any_other_database_is_a_clear_error(url: str) -> None:
    with pytest.raises(OperatorError, match=r"Expected sqlite:///|folder of the archive does not exist"):
        open_engine(url)


def test_a_file_is_its_owners_and_is_written_safely(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'archive.db'}")
    with writing(engine) as session:
        session.execute(text("CREATE TABLE t (x)"))
        values = {name: session.execute(text(f"PRAGMA {name}")).scalar_one()
                  for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")}  # fmt: skip
    assert values == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}
    for path in tmp_path.glob("archive.db*"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    engine.dispose()


def test_a_planted_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "archive.db").symlink_to(tmp_path / "elsewhere.db")
    with pytest.raises(OperatorError, match="cannot open the archive"):
        open_engine(f"sqlite:///{tmp_path / 'archive.db'}")
    assert not (tmp_path / "elsewhere.db").exists()


@pytest.fixture
def counter(engine: Engine) -> Iterator[Engine]:
    with writing(engine) as session:
        session.execute(text("CREATE TABLE counter (value integer)"))
        session.execute(text("INSERT INTO counter VALUES (0)"))
    yield engine
    with writing(engine) as session:
        session.execute(text("DROP TABLE counter"))


def test_D9_no_update_is_lost_between_reading_and_writing(counter: Engine) -> None:
    def work() -> None:
        for _ in range(10):
            with writing(counter) as session:
                value = session.execute(text("SELECT value FROM counter")).scalar_one()
                time.sleep(0)  # let the others try
                session.execute(text("UPDATE counter SET value = :value"), {"value": value + 1})

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(counter) as session:
        assert session.execute(text("SELECT value FROM counter")).scalar_one() == 80


def test_D3_a_reader_neither_waits_for_a_writer_nor_sees_half_its_work(counter: Engine) -> None:
    with writing(counter) as writer:
        writer.execute(text("UPDATE counter SET value = 5"))
        started = time.monotonic()
        with reading(counter) as session:
            assert session.execute(text("SELECT value FROM counter")).scalar_one() == 0
        assert time.monotonic() - started < 1
    with reading(counter) as session:
        assert session.execute(text("SELECT value FROM counter")).scalar_one() == 5


def test_a_reader_sees_one_state(counter: Engine) -> None:
    with reading(counter) as session:
        first = session.execute(text("SELECT value FROM counter")).scalar_one()
        with writing(counter) as writer:
            writer.execute(text("UPDATE counter SET value = 9"))
        assert session.execute(text("SELECT value FROM counter")).scalar_one() == first


def test_D3_a_writer_that_waits_too_long_is_told(
    archive_url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.engine.WAIT_SECONDS", 1)
    impatient = open_engine(archive_url)
    with writing(engine) as holder:
        holder.execute(text("SELECT 1"))
        with pytest.raises(OperationalError), writing(impatient) as session:
            session.execute(text("SELECT 1"))
    with writing(impatient) as session:  # and goes on once the other is done
        session.execute(text("SELECT 1"))
    impatient.dispose()


def test_nothing_is_written_by_a_reader(counter: Engine) -> None:
    try:
        with reading(counter) as session:
            session.execute(text("UPDATE counter SET value = 7"))
    except Exception as error:  # PostgreSQL refuses at once
        assert "read-only" in str(error)  # noqa: PT017
    with reading(counter) as session:
        assert session.execute(text("SELECT value FROM counter")).scalar_one() == 0


def test_the_driver_is_the_standard_one() -> None:
    assert sqlite3.sqlite_version_info >= (3, 37)
