"""A backup made while others write is one whole state; a killed one leaves nothing; a damaged one is refused."""

import os
import shutil
import signal
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, text
from support.archives import Crawl, Moving, first_run, reading

from storage import backup, verifying
from storage.archive import Archive
from storage.engine import check_database, open_engine
from storage.engine import reading as reading_session
from storage.errors import OperatorError
from storage.faults import VARIABLE
from storage.models import Document
from storage.snapshots import SnapshotStore

ROOT = Path(__file__).parents[2]
URL = "https://www.miit.gov.cn/art/{}.html"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "added.toml").write_text("# mine\n")
    (tmp_path / "synonyms.txt").write_text("国补 => 补贴\n", encoding="utf-8")
    (tmp_path / "config.toml").write_text('language = "en"\narchive = "sqlite:////old/one.db"\n\n[mail]\nport = 25\n')
    return tmp_path


@pytest.fixture
def elsewhere(engine: Engine, backend: str, request: pytest.FixtureRequest) -> Iterator[str | None]:
    """The URL of an empty PostgreSQL database, where the archive is one."""
    if backend == "sqlite":
        yield None
        return
    if shutil.which("pg_dump") is None:
        pytest.skip("no pg_dump here: install Debian's package postgresql-client")
    server = str(request.getfixturevalue("postgres_server"))
    admin = open_engine(server.format("postgres")).execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS restored"))
        connection.execute(text("CREATE DATABASE restored"))
    yield server.format("restored").replace("+psycopg", "")
    with admin.connect() as connection:
        connection.execute(text("DROP DATABASE restored WITH (FORCE)"))
    admin.dispose()


def fill(archive: Archive, clock: Moving, first: int, last: int) -> None:
    crawl = Crawl(archive, clock)
    for number in range(first, last):
        crawl.page(
            URL.format(number), reading(title=f"关于第{number}件事的通知", doc_number=f"工信部信发〔2026〕{number}号")
        )
    crawl.close()


def opened(home: Path, elsewhere: str | None) -> tuple[Engine, int]:
    engine = open_engine(elsewhere or f"sqlite:///{home / 'archive.db'}")
    with reading_session(engine) as session:
        return engine, session.scalar(select(func.count()).select_from(Document)) or 0


def test_D7_a_backup_made_while_others_write_is_one_whole_state(
    archive: Archive, clock: Moving, home: Path, elsewhere: str | None
) -> None:
    first_run(archive, clock)
    fill(archive, clock, 1, 10)
    writer = threading.Thread(target=fill, args=(archive, clock, 10, 60))
    writer.start()
    made = backup.back_up(archive.engine, home, home / "backup.tar", clock.now())
    writer.join()
    archive.snapshots.close()
    assert (home / "backup.tar").stat().st_mode & 0o777 == 0o600
    new = home / "restored" / "home"
    told = backup.restore(home / "backup.tar", new, archive=elsewhere)
    assert (told.head, told.schema, told.members) == (made.head, made.schema, made.members)
    engine, documents = opened(new, elsewhere)
    assert 9 <= documents <= 59
    found = verifying.verify(engine, new / "snapshots", head=made.head if elsewhere is None else None)
    assert (found.damages, found.notes) == ([], [])
    assert check_database(engine) == []
    assert (new / "sources" / "added.toml").read_text() == "# mine\n"
    assert (new / "synonyms.txt").read_text(encoding="utf-8") == "国补 => 补贴\n"
    settings = (new / "config.toml").read_text()
    named = f'archive = "{elsewhere}"\n' if elsewhere else ""
    assert settings == f'{named}language = "en"\n\n[mail]\nport = 25\n'
    later = Archive(engine, SnapshotStore(new / "snapshots"), clock)
    fill(later, clock, 100, 102)  # and it goes on
    assert verifying.verify(engine, new / "snapshots").damages == []
    engine.dispose()


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_what_is_there_is_not_overwritten(archive: Archive, clock: Moving, home: Path) -> None:
    file = home / "backup.tar"
    backup.back_up(archive.engine, home, file, clock.now())
    with pytest.raises(OperatorError, match="exists; name another"):
        backup.back_up(archive.engine, home, file, clock.now())
    with pytest.raises(OperatorError, match="not empty"):
        backup.restore(file, home)
    with pytest.raises(OperatorError, match="leave --archive out"):
        backup.restore(file, home / "new", archive="postgresql://x/y")
    assert not (home / "new").exists()


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_damaged_or_foreign_file_is_refused(archive: Archive, clock: Moving, home: Path) -> None:
    file = home / "backup.tar"
    backup.back_up(archive.engine, home, file, clock.now())
    whole = file.read_bytes()
    file.write_bytes(whole[:5000] + b"x" + whole[5001:])
    with pytest.raises(OperatorError, match=r"damaged: archive\.db"):
        backup.restore(file, home / "new")
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(OperatorError, match=r"cannot be read|no whole backup"):
        backup.restore(file, home / "new")
    for name in ("../evil", "/etc/evil", "sources/../evil", "bin/evil"):
        with tarfile.open(file, "w") as tar:
            tar.addfile(tarfile.TarInfo(name))
        with pytest.raises(OperatorError, match="is no backup"):
            backup.restore(file, home / "new")
    link = tarfile.TarInfo("archive.db")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    with tarfile.open(file, "w") as tar:
        tar.addfile(link)
    with pytest.raises(OperatorError, match="is no backup"):
        backup.restore(file, home / "new")
    assert sorted(path.name for path in home.iterdir() if "new" in path.name or "evil" in path.name) == []


CHILD = """
import sys
from datetime import UTC, datetime
from pathlib import Path
sys.path.insert(0, {root!r})
from storage import backup
from storage.engine import open_engine
home = Path({home!r})
if {restoring!r}:
    backup.restore(home / "backup.tar", home / "new")
else:
    backup.back_up(open_engine({url!r}), home, home / "backup.tar", datetime(2026, 3, 3, tzinfo=UTC))
"""


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize("fault", ["backup-copied", "backup-written", "restored"])
def test_D7_a_killed_one_leaves_no_file_that_looks_whole(
    archive: Archive, archive_url: str, clock: Moving, home: Path, fault: str
) -> None:
    first_run(archive, clock)
    fill(archive, clock, 1, 4)
    restoring = fault == "restored"
    if restoring:
        backup.back_up(archive.engine, home, home / "backup.tar", clock.now())
    program = CHILD.format(root=str(ROOT), home=str(home), url=archive_url, restoring=restoring)
    environment = {**os.environ, VARIABLE: f"{fault}:1:kill"}
    ended = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert not (home / "new").exists()
    if not restoring:
        assert not (home / "backup.tar").exists()
        backup.back_up(archive.engine, home, home / "backup.tar", clock.now())
    backup.restore(home / "backup.tar", home / "new")
    engine, documents = opened(home / "new", None)
    assert documents == 3
    engine.dispose()


@pytest.mark.parametrize("backend", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
def test_without_pg_dump_it_says_what_to_do(
    archive: Archive, clock: Moving, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(home))
    with pytest.raises(OperatorError, match="pg_dump is not installed"):
        backup.back_up(archive.engine, home, home / "backup.tar", clock.now())
    assert not (home / "backup.tar").exists()
