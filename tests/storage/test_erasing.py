"""An erased document is gone from every table, the index and the WARC files; its tombstone is respected."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text
from support.archives import Crawl, Moving, capture, first_run, reading
from warcio.checker import Checker

from storage import erasing, verifying
from storage.archive import Archive
from storage.deciding import Decisions
from storage.errors import OperatorError
from storage.faults import VARIABLE
from storage.models import Base
from storage.records import FileRecord, Outcome
from storage.search import search

ROOT = Path(__file__).parents[2]
URL = "https://www.miit.gov.cn/art/{}.html"
FILE = "https://www.miit.gov.cn/files/1.pdf"
SECRET = "不可留存的内容"


@pytest.fixture
def filled(archive: Archive, clock: Moving) -> Archive:
    """Three documents of which the second, with a file, is to go; the first cites it."""
    first_run(archive, clock)
    crawl = Crawl(archive, clock)
    for number in (1, 2, 3):
        said = SECRET if number == 2 else "可以留存的内容"
        cites = (("cites", f"关于{SECRET}的通知", None, URL.format(2), "见另一通知"),) if number == 1 else ()
        record = reading(
            title=f"关于{said}的通知", doc_number=f"工信部信发〔2026〕{number}号", mentions=cites,
            blocks=(("paragraph", f"第{number}件事：{said}，自发布之日起施行，请遵照执行，并按时报送有关材料。"),),
            evidence={"title": {"value": said}},
        )  # fmt: skip
        crawl.page(URL.format(number), record, f"<p>{said}{number}</p>", list_title=f"关于{said}的通知")
    answer = capture(FILE, f"%PDF {SECRET}", clock=clock, headers=())
    archive.record_attachment(
        crawl.run_id, URL.format(2), "1.pdf", SECRET, "pdf", answer, FileRecord("1", "pdf", "text", "", SECRET, ())
    )
    crawl.close()
    archive.snapshots.close()
    return archive


def check(archive: Archive) -> list[tuple[str, int | None, str]]:
    found = verifying.verify(archive.engine, archive.snapshots.folder)
    return [(damage.table, damage.row_id, damage.what) for damage in found.damages]


def leaks(archive: Archive) -> list[str]:
    """Where the secret still stands: tables (but for what other documents say of it) and WARC files."""
    found = []
    with archive.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            for row in connection.execute(table.select()).mappings():
                citing = table.name in {"reading", "reference"} and "见另一通知" in repr(row)
                citing = citing or (table.name == "search_text" and "第1件事" in repr(row))
                if SECRET in repr(row) and not citing:
                    found.append(f"{table.name} {row}")
    for path in archive.snapshots.folder.glob("*.warc.gz"):
        from warcio.archiveiterator import ArchiveIterator

        with path.open("rb") as stream:
            found += [path.name for record in ArchiveIterator(stream) if SECRET.encode() in record.raw_stream.read()]
    return found


class _Quiet:
    def __init__(self, path: Path) -> None:
        self.inputs, self.verbose = [str(path)], False


def test_nothing_is_left_but_the_tombstone(filled: Archive, clock: Moving) -> None:
    assert leaks(filled)
    done = erasing.erase(filled, 2, "个人信息")
    assert (done.urls, done.readings, done.records, done.shared) == ((URL.format(2), FILE), 1, 2, 0)
    assert leaks(filled) == []
    assert check(filled) == []
    (path,) = filled.snapshots.folder.glob("*.warc.gz")
    checker = Checker(_Quiet(path))
    checker.process_all()
    assert int(checker.exit_value) == 0
    assert search(filled.engine, SECRET).count <= 1  # what cites it says its title
    assert 2 not in {hit.document_id for hit in search(filled.engine, "内容 OR 遵照执行").hits}
    assert {hit.document_id for hit in search(filled.engine, "可以留存").hits} == {1, 3}
    with pytest.raises(OperatorError, match="erased already"):
        erasing.erase(filled, 2, "again")
    with pytest.raises(OperatorError, match="no document 99"):
        erasing.erase(filled, 99, "x")
    with pytest.raises(OperatorError, match="say why"):
        erasing.erase(filled, 1, " ")


def test_a_later_crawl_respects_it(filled: Archive, clock: Moving) -> None:
    erasing.erase(filled, 2, "个人信息")
    clock.forward(days=400)
    assert URL.format(2) not in [page.url for page in filled.due_pages("miit-tz", 99)]
    crawl = Crawl(filled, clock)
    again = crawl.page(URL.format(2), reading(title=f"关于{SECRET}的通知"), f"<p>{SECRET}2</p>")
    assert (again.outcome, again.reason) == (Outcome.SAME, "erased; not archived again")
    moved = crawl.page("https://www.miit.gov.cn/x.html", reading(title=SECRET), SECRET, final_url=URL.format(2))
    assert moved.outcome is Outcome.SAME
    answer = capture(FILE, f"%PDF {SECRET}", clock=clock, headers=())
    filled.record_attachment(crawl.run_id, URL.format(1), "1.pdf", SECRET, "pdf", answer, None)
    assert crawl.page(URL.format(4), reading(title="关于第4件事的通知", doc_number=None), "4").outcome is Outcome.ADDED
    crawl.close()
    filled.snapshots.close()
    assert leaks(filled) == []
    assert check(filled) == []


def test_only_what_was_erased_by_right_is_accepted(filled: Archive) -> None:
    erasing.erase(filled, 2, "个人信息")
    with filled.engine.begin() as connection:
        connection.execute(text("UPDATE reading SET blocks = '[]', title = NULL WHERE id = 3"))
        connection.execute(text("UPDATE reading SET title = '又有了' WHERE id = 2"))
    assert check(filled) == [("reading", 2, "edited"), ("reading", 3, "edited")]
    with filled.engine.begin() as connection:
        connection.execute(text("UPDATE setting SET value = '{}' WHERE name = 'erased:2'"))
    assert ("document", 2, "edited") in check(filled)


def test_bytes_that_another_page_has_too_stay_for_it(filled: Archive, clock: Moving) -> None:
    crawl = Crawl(filled, clock)
    same = reading(title="关于另一件事的通知", doc_number="工信部信发〔2026〕9号")
    crawl.page(URL.format(9), same, f"<p>{SECRET}2</p>")
    crawl.close()
    filled.snapshots.close()
    done = erasing.erase(filled, 2, "x")
    assert (done.records, done.shared) == (1, 1)
    assert check(filled) == []


def test_a_segment_that_a_crawl_writes_is_left_alone(filled: Archive, clock: Moving) -> None:
    crawl = Crawl(filled, clock)
    crawl.page(URL.format(5), reading(title="关于第5件事的通知", doc_number="工信部信发〔2026〕5号"))
    with pytest.raises(OperatorError, match="a crawl is writing"):
        erasing.erase(filled, 4, "x")
    assert check(filled) == []


CHILD = """
import sys
from datetime import UTC, datetime
from pathlib import Path
sys.path[:0] = [{root!r}, {tests!r}]
from support.archives import Moving
from storage import erasing
from storage.archive import Archive
from storage.engine import open_engine
from storage.snapshots import SnapshotStore
archive = Archive(open_engine({url!r}), SnapshotStore(Path({folder!r})), Moving(datetime(2026, 3, 3, tzinfo=UTC)))
erasing.erase(archive, 2, "x")
"""


@pytest.mark.parametrize("fault", ["moving-written", "erase-blanked", "moving-removed"])
def test_a_killed_one_is_whole_before_or_after(filled: Archive, archive_url: str, fault: str) -> None:
    program = CHILD.format(
        root=str(ROOT), tests=str(ROOT / "tests"), url=archive_url, folder=str(filled.snapshots.folder)
    )
    environment = {**os.environ, VARIABLE: f"{fault}:1:kill"}
    ended = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert check(filled) == []
    erasing.finish(filled)
    assert check(filled) == []
    assert len(list(filled.snapshots.folder.glob("*.warc.gz*"))) == 1
    if fault != "moving-removed":
        assert leaks(filled)
        erasing.erase(filled, 2, "x")
    assert (leaks(filled), check(filled)) == ([], [])


def test_what_was_merged_into_it_is_erased_with_it(filled: Archive) -> None:
    decide = Decisions(filled.engine, filled.clock.now(), by="li")
    (done,) = decide.merge([2, 3], into=3)
    with pytest.raises(OperatorError, match="was merged into another"):
        erasing.erase(filled, 2, "x")
    erasing.erase(filled, 3, "x")
    assert (leaks(filled), check(filled)) == ([], [])
    with pytest.raises(OperatorError, match="was erased since"):
        decide.undo(done.decision)
