"""Opening the archive: what the file's other users must not feel."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from storage.engine import open_engine, reading, writing
from storage.errors import OperatorError

ROOT = Path(__file__).parents[2]
OTHER_PROCESS = """
import sys
from sqlalchemy import text
from storage.engine import open_engine, writing
engine = open_engine(sys.argv[1])
with writing(engine) as session:
    session.execute(text("INSERT INTO t VALUES (1)"))
engine.dispose()
"""


def test_opening_an_archive_twice_keeps_the_locks_that_guard_its_wal(tmp_path):
    url = f"sqlite:///{tmp_path / 'archive.db'}"
    first = open_engine(url)
    with writing(first) as session:
        session.execute(text("CREATE TABLE t (x)"))
    second = open_engine(url)
    subprocess.run([sys.executable, "-c", OTHER_PROCESS, url], check=True, cwd=ROOT)
    assert (tmp_path / "archive.db-wal").exists(), "the other process deleted the WAL that the first engine writes to"
    with writing(first) as session:
        session.execute(text("INSERT INTO t VALUES (2)"))
    with reading(second) as session:
        assert session.scalar(text("SELECT count(*) FROM t")) == 2


def test_a_new_archive_is_its_owners_alone_and_no_link_is_followed(tmp_path):
    open_engine(f"sqlite:///{tmp_path / 'archive.db'}")
    assert (tmp_path / "archive.db").stat().st_mode & 0o777 == 0o600
    (tmp_path / "link.db").symlink_to(tmp_path / "archive.db")
    with pytest.raises(OperatorError, match="no plain file"):
        open_engine(f"sqlite:///{tmp_path / 'link.db'}")
