"""Many writers at once, and writers that are killed (rows D1, D9)."""

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, text
from support.archives import ARTICLES, Crawl, Moving, changed, first_run, reading
from warcio.archiveiterator import ArchiveIterator

from storage.archive import Archive
from storage.engine import reading as session_of
from storage.models import Document, Event, SearchEntry, Snapshot, Version
from storage.records import Outcome, Recorded, Verdict
from storage.search import search
from storage.snapshots import SnapshotStore

URL = "https://www.miit.gov.cn/art/1.html"
TESTS = Path(__file__).parents[1]


def count(engine: Engine, table: type) -> int:
    with session_of(engine) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def at_once(*jobs: object) -> list[Recorded]:
    """Run all jobs in threads that start together."""
    gate = threading.Barrier(len(jobs))

    def run(job: object) -> Recorded:
        gate.wait()
        return job()  # type: ignore[operator, no-any-return]

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def test_D9_workers_that_store_the_same_text_make_one_version(archive: Archive, clock: Moving, engine: Engine) -> None:
    first_run(archive, clock)
    crawls = [Crawl(archive, clock) for _ in range(8)]
    added = at_once(*(lambda crawl=crawl: crawl.page(URL, reading()) for crawl in crawls))
    assert Counter(recorded.outcome for recorded in added) == {Outcome.ADDED: 1, Outcome.SAME: 7}
    newer = reading(blocks=changed(3, ARTICLES[3][1].replace("30%", "20%")))
    after = at_once(*(lambda crawl=crawl: crawl.page(URL, newer) for crawl in crawls))
    assert Counter(recorded.outcome for recorded in after) == {Outcome.CHANGED: 1, Outcome.SAME: 7}
    assert (count(engine, Document), count(engine, Version), count(engine, Event)) == (1, 2, 2)


def test_D9_workers_that_find_one_work_at_many_urls_make_one_document(
    archive: Archive, clock: Moving, engine: Engine
) -> None:
    crawls = [Crawl(archive, clock) for _ in range(6)]
    found = at_once(*(lambda crawl=crawl, n=n: crawl.page(f"{URL}?{n}", reading()) for n, crawl in enumerate(crawls)))
    assert Counter(recorded.outcome for recorded in found) == {Outcome.ADDED: 1, Outcome.COPY: 5}
    assert count(engine, Document) == 1


def test_D9_different_changes_at_once_are_versions_in_a_row(archive: Archive, clock: Moving, engine: Engine) -> None:
    Crawl(archive, clock).page(URL, reading())
    crawls = [Crawl(archive, clock) for _ in range(5)]
    texts = [changed(3, ARTICLES[3][1].replace("30%", f"{share}%")) for share in (5, 10, 15, 20, 25)]
    after = at_once(*(lambda crawl=crawl, blocks=blocks: crawl.page(URL, reading(blocks=blocks))
                      for crawl, blocks in zip(crawls, texts, strict=True)))  # fmt: skip
    assert {recorded.outcome for recorded in after} == {Outcome.CHANGED}
    with session_of(engine) as session:
        assert session.scalars(select(Version.seq).order_by(Version.seq)).all() == [1, 2, 3, 4, 5, 6]
        assert session.scalar(select(func.count()).where(SearchEntry.current.is_(True))) == 1


CHILD = """
import os, sys
from pathlib import Path
from support.archives import Crawl, reading
from storage.archive import Archive
from storage.clock import Clock
from storage.engine import open_engine
from storage.snapshots import SnapshotStore
clock = Clock()
archive = Archive(open_engine(sys.argv[1]), SnapshotStore(Path(sys.argv[2])), clock)
crawl = Crawl(archive, clock)
for number in range(int(sys.argv[3]), int(sys.argv[4])):
    blocks = (("paragraph", f"标记{number}末" * 30),)
    record = reading(doc_number=f"工信部信发〔2026〕{number}号", title=f"第{number}件", blocks=blocks)
    recorded = crawl.page(f"https://www.miit.gov.cn/art/{number}.html", record)
    os.write(1, f"{number} {recorded.outcome} {recorded.version_id} {recorded.snapshot_id}\\n".encode())
"""


def child(url: str, folder: Path, first: int, last: int) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS.parent)])}
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, url, str(folder), str(first), str(last)],
        stdout=subprocess.PIPE, env=environment, cwd=TESTS.parent,
    )  # fmt: skip


def test_D9_processes_that_read_the_same_pages_make_each_document_once(
    archive_url: str, engine: Engine, snapshots: SnapshotStore
) -> None:
    writers = [child(archive_url, snapshots.folder, 1, 13) for _ in range(2)]
    lines = [line.decode().split() for writer in writers for line in writer.communicate()[0].splitlines()]
    assert [writer.returncode for writer in writers] == [0, 0]
    assert Counter(outcome for _, outcome, *_ in lines) == {"added": 12, "same": 12}
    assert (count(engine, Document), count(engine, Version), count(engine, Event)) == (12, 12, 12)


@pytest.mark.parametrize("after", [1, 4, 9])
def test_D1_what_was_answered_survives_a_kill(
    archive_url: str, engine: Engine, snapshots: SnapshotStore, archive: Archive, after: int
) -> None:
    writer = child(archive_url, snapshots.folder, 1, 10_000)
    assert writer.stdout is not None
    lines = [writer.stdout.readline() for _ in range(after)]
    writer.send_signal(signal.SIGKILL)
    lines += writer.stdout.readlines()
    writer.wait()
    answered = [line.decode().split() for line in lines if line.endswith(b"\n")]
    assert len(answered) >= after
    assert {outcome for _, outcome, *_ in answered} == {"added"}
    with session_of(engine) as session:
        versions = set(session.scalars(select(Version.id)))
        assert {int(version) for _, _, version, _ in answered} <= versions
        taken = session.scalars(select(Snapshot)).all()
        assert {int(snapshot) for *_, snapshot in answered} <= {row.id for row in taken}
        if engine.dialect.name == "sqlite":
            assert session.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
            assert session.execute(text("PRAGMA foreign_key_check")).all() == []
        # Every document is whole: version, event and search entry are one transaction.
        documents = session.scalar(select(func.count()).select_from(Document))
        for table in (Version, Event, SearchEntry):
            assert session.scalar(select(func.count()).select_from(table)) == documents
    snapshots.repair()
    for row in taken:
        assert snapshots.load(row.file, row.offset, row.digest)
    for path in snapshots.folder.glob("*.warc.gz"):
        with path.open("rb") as stream:
            assert len(list(ArchiveIterator(stream, check_digests="raise"))) > 0
    number = answered[-1][0]
    assert search(engine, f'"标记{number}末"').count == 1
    # The run that died says so, and its events are judged with the next one.
    assert len(archive.fail_dead_runs(lambda pid: False)) == 1
    following = archive.open_run("miit-tz", "manual")
    archive.close_run(following, Verdict.OK, "", {})
    with session_of(engine) as session:
        states = Counter(session.scalars(select(Event.state).where(Event.kind == "added")))
    assert states == {"published": documents}
