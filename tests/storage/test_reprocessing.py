"""`reprocess`: old bytes read by a newer extractor. Appended, never rewritten, never told; goes on after a kill."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from support.archives import Crawl, Moving, changed, first_run, reading

from storage import verifying
from storage.archive import Archive
from storage.engine import reading as reading_session
from storage.faults import VARIABLE
from storage.models import Alert, Document, Event, Reading, Setting, Version
from storage.records import Capture, FileRecord, Outcome, ReadingRecord
from storage.reprocessing import Reprocessor, Summary, Wanted
from storage.search import search

ROOT = Path(__file__).parents[2]
URL = "https://www.miit.gov.cn/art/{}.html"
DOCUMENTS = 50


def read_again(capture: Capture) -> ReadingRecord | None:
    """The newer extractor: finds a topic that the older one did not, and cannot read page 7."""
    number = capture.payload.decode()
    if number == "7":
        return None
    return record_of(number, extractor_version="2", topic="新主题", number_normal=None)


def read_file(payload: bytes, name: str, type_: str) -> FileRecord:
    return FileRecord("2", "pdf", "text", "", "新读出的附件", ())


def record_of(number: str, **more: object) -> ReadingRecord:
    return reading(title=f"关于第{number}件事的通知", doc_number=f"工信部信发〔2026〕{number}号", **more)


def fill(archive: Archive, clock: Moving, documents: int = DOCUMENTS) -> None:
    first_run(archive, clock)
    crawl = Crawl(archive, clock)
    for number in map(str, range(1, documents + 1)):
        crawl.page(URL.format(number), record_of(number), number)
    crawl.close()
    archive.snapshots.close()


def work(archive: Archive, **more: object) -> Reprocessor:
    return Reprocessor(archive, read_again, read_file, Wanted("2", "2", **more))  # type: ignore[arg-type]


def counts(engine: Engine) -> tuple[int, int, int, int, int]:
    with reading_session(engine) as session:
        old = select(func.count()).select_from(Version).join(Reading, Reading.id == Version.reading_id)
        return (
            session.scalar(select(func.count()).select_from(Version)) or 0,
            session.scalar(old.where(Reading.extractor_version == "1")) or 0,
            session.scalar(select(func.count()).select_from(Reading)) or 0,
            session.scalar(select(func.count()).select_from(Event)) or 0,
            session.scalar(select(func.count()).select_from(Alert)) or 0,
        )


def test_a_dry_run_tells_and_keeps_nothing(archive: Archive, clock: Moving) -> None:
    fill(archive, clock, 10)
    before, head = counts(archive.engine), verifying.verify(archive.engine, archive.snapshots.folder).head
    summary = Summary()
    for done in work(archive).run(dry=True):
        summary.add(done)
    assert (summary.read, summary.upgraded, summary.failed) == (10, 9, 1)
    assert summary.fields == {"topic": 9}
    assert counts(archive.engine) == before
    assert verifying.verify(archive.engine, archive.snapshots.folder).head == head


def test_versions_point_to_the_new_reading_and_nobody_is_told(archive: Archive, clock: Moving) -> None:
    fill(archive, clock, 10)
    _, _, _, events, _ = counts(archive.engine)
    done = list(work(archive).run())
    assert [(row.id, row.failed) for row in done if row.failed] == [(7, "it cannot be read")]
    assert {row.fields for row in done} == {("topic",), ()}
    assert counts(archive.engine) == (10, 1, 19, events, 0)
    assert verifying.verify(archive.engine, archive.snapshots.folder).damages == []
    assert [row.id for row in work(archive).run()] == [7]  # what failed is tried again, the rest is not
    clock.forward(days=1)
    crawl = Crawl(archive, clock)  # the next crawl, by the new extractor: no change, and nothing to upgrade
    assert crawl.page(URL.format(1), read_again_at("1"), "1").outcome is Outcome.SAME
    assert crawl.page(
        URL.format(2), replace(read_again_at("2"), blocks=changed(3, "第三条　不再补贴。")), "2b"
    ).outcome is (Outcome.CHANGED)
    crawl.close()


def read_again_at(number: str) -> ReadingRecord:
    record = read_again(Capture(URL.format(number), URL.format(number), 200, (), number.encode(), Moving.now))  # type: ignore[arg-type]
    assert record is not None
    return record


def test_only_what_is_wanted_in_steps(archive: Archive, clock: Moving) -> None:
    fill(archive, clock, 10)
    assert list(work(archive, source_id="gxt-js").run()) == []
    assert list(work(archive, since=clock.now() + timedelta(days=1)).run()) == []
    steps = []
    while step := [row.id for row in work(archive, since=clock.now()).run(4)]:
        steps.append(step)
        if len(steps) > 3:
            break
    # page 7 is not read over and over while others wait; once all were looked at, it is tried again
    assert steps[:3] == [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10]]
    assert steps[3] == [7]


def test_a_damaged_record_is_told_and_the_rest_goes_on(archive: Archive, clock: Moving) -> None:
    fill(archive, clock, 3)
    (path,) = archive.snapshots.folder.glob("*.warc.gz")
    path.write_bytes(path.read_bytes()[:-30])
    assert [bool(row.failed) for row in work(archive).run()] == [False, False, True]


def test_files_are_read_again_and_found(archive: Archive, clock: Moving) -> None:
    from support.archives import capture

    fill(archive, clock, 2)
    crawl = Crawl(archive, clock)
    answer = capture("https://www.miit.gov.cn/1.pdf", b"%PDF-1", clock=clock, headers=())
    archive.record_attachment(
        crawl.run_id, URL.format(1), "1.pdf", "附件", "pdf", answer, FileRecord("1", "pdf", "text", "", "旧文字", ())
    )
    crawl.close()
    done = [row for row in work(archive).run() if row.kind == "file"]
    assert [row.fields for row in done] == [("file text",)]
    assert [hit.document_id for hit in search(archive.engine, "新读出的附件").hits] == [1]
    assert [row for row in work(archive).run() if row.kind == "file"] == []


CHILD = """
import sys
from datetime import UTC, datetime
sys.path[:0] = [{root!r}, {tests!r}, {here!r}]
from pathlib import Path
from support.archives import Moving
from storage.archive import Archive
from storage.engine import open_engine
from storage.snapshots import SnapshotStore
from test_reprocessing import work
archive = Archive(open_engine({url!r}), SnapshotStore(Path({folder!r})), Moving(datetime(2026, 3, 3, tzinfo=UTC)))
print(sum(1 for _ in work(archive).run()))
"""


@pytest.mark.parametrize("fault", ["reprocess-read:2", "reprocess-upgraded:2", "reprocess-committed:2", ""])
def test_a_killed_one_goes_on(archive: Archive, archive_url: str, clock: Moving, fault: str) -> None:
    fill(archive, clock)
    _, _, _, events, _ = counts(archive.engine)
    program = CHILD.format(
        root=str(ROOT), tests=str(ROOT / "tests"), here=str(ROOT / "tests/storage"), url=archive_url,
        folder=str(archive.snapshots.folder),
    )  # fmt: skip
    environment = {**os.environ, VARIABLE: f"{fault}:kill" if fault else ""}
    ended = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == (-signal.SIGKILL if fault else 0), ended.stderr
    versions, old, readings, _, _ = counts(archive.engine)
    kept = {"reprocess-committed:2": 40, "": DOCUMENTS}.get(fault, 20)
    assert old == DOCUMENTS - kept + 1  # 7 stays as it was
    assert readings == DOCUMENTS + kept - 1
    rest = [row.id for row in work(archive).run()]
    assert rest == (list(range(kept + 1, DOCUMENTS + 1)) if fault else [7])
    assert counts(archive.engine) == (versions, 1, 2 * DOCUMENTS - 1, events, 0)
    assert verifying.verify(archive.engine, archive.snapshots.folder).damages == []
    with reading_session(archive.engine) as session:
        assert session.get(Setting, "reprocess") is None
        assert session.scalar(select(func.count()).select_from(Document)) == DOCUMENTS
