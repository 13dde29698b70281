"""Commands that are killed, meet a full disk or a lock, at every durable step: what was there is there, `verify` is
content, and the next one finishes (D1, D2, D3)."""

import io
import resource
import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from support.archives import Crawl, Moving, first_run, reading
from support.exchange import exported
from support.exchange import fill as fill_for_export
from support.faults import Fault, broke, faults, passed, survived

from storage import backup, erasing, verifying
from storage.archive import Archive
from storage.engine import check_database, open_engine
from storage.engine import reading as session_of
from storage.exchange.importing import Import
from storage.models import Document, Reading, Reference, Version
from storage.records import Capture, Outcome, ReadingRecord
from storage.reprocessing import Reprocessor, Wanted
from storage.search import search
from storage.snapshots import SnapshotStore

URL = "https://www.miit.gov.cn/art/{}.html"
NOW = datetime(2026, 3, 5, tzinfo=UTC)


# The loops over PostgreSQL take their time: `make test-long`.
BOTH = pytest.mark.parametrize(
    "backend", ["sqlite", pytest.param("postgresql", marks=[pytest.mark.postgres, pytest.mark.long])], indirect=True
)


def broken_ways(passes: Mapping[str, int], *points: str) -> Iterator[Fault]:
    """Kills before and after each commit and at the points; a full disk and a lock where that can be."""
    yield from faults(passes, ["kill"], most=3, only=("committing", "committed", *points))
    yield from faults(passes, ["enospc", "locked"], most=1, only=("writing", "committing", *points))


def policy(number: int, version: str = "1") -> ReadingRecord:
    blocks = (("paragraph", f"第{number}件事：标记{number}末，自发布之日起施行，请遵照执行。"),)
    return reading(
        title=f"关于第{number}件事的通知", doc_number=f"工信部信发〔2026〕{number}号", blocks=blocks,
        extractor_version=version,
    )  # fmt: skip


def opened(url: str, folder: Path) -> Archive:
    """The archive as another process has it."""
    return Archive(open_engine(url), SnapshotStore(folder), Moving(NOW))


def is_sound(archive: Archive, context: object) -> None:
    found = verifying.verify(archive.engine, archive.snapshots.folder)
    assert found.damages == [], context
    assert check_database(archive.engine) == [], context


def count(archive: Archive, table: type) -> int:
    with session_of(archive.engine) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


@BOTH
def test_D1_a_page_recorded_and_a_run_closed(archive: Archive, clock: Moving, archive_url: str, tmp_path: Path) -> None:
    """From the answer to the published event: what was said to be kept is kept, and done again it is kept once."""
    first_run(archive, clock)
    folder, number = archive.snapshots.folder, 0

    def work() -> None:
        here = opened(archive_url, folder)
        crawl = Crawl(here, Moving(NOW))
        crawl.page(URL.format(number), policy(number), f"<p>{number}</p>")
        crawl.close()

    for number, fault in enumerate(broken_ways(passed(work, tmp_path)), 1):
        broke(fault, work)
        is_sound(archive, fault)
        archive.fail_dead_runs(lambda _pid: False)
        crawl = Crawl(archive, clock)
        assert crawl.page(URL.format(number), policy(number), f"<p>{number}</p>").outcome in {
            Outcome.ADDED, Outcome.SAME,
        }, fault  # fmt: skip
        crawl.close()
        assert search(archive.engine, f'"标记{number}末"').count == 1, fault
    assert count(archive, Document) == count(archive, Version) == number + 1


@BOTH
def test_D1_erasing_broken_anywhere_is_done_or_not(
    archive: Archive, clock: Moving, archive_url: str, tmp_path: Path
) -> None:
    first_run(archive, clock)
    folder, document = archive.snapshots.folder, 1
    crawl = Crawl(archive, clock)
    for number in range(1, 40):
        crawl.page(URL.format(number), policy(number))
    crawl.close()
    archive.snapshots.close()

    def work() -> None:
        erasing.erase(opened(archive_url, folder), document, "x")

    points = ("moving-written", "moving-removed", "erase-blanked")
    for document, fault in enumerate(broken_ways(passed(work, tmp_path), *points), 2):
        broke(fault, work)
        is_sound(archive, fault)
        erasing.finish(archive)
        if search(archive.engine, f'"标记{document}末"').count:
            work()
        assert search(archive.engine, f'"标记{document}末"').count == 0, fault
        is_sound(archive, fault)
        assert [path.suffix for path in folder.iterdir() if path.name != ".places"] == [".gz"], (
            fault
        )  # nothing half made
    assert search(archive.engine, "遵照执行").count == 39 - document


@BOTH
def test_D1_reprocessing_broken_anywhere_goes_on(
    archive: Archive, clock: Moving, archive_url: str, tmp_path: Path
) -> None:
    first_run(archive, clock)
    crawl = Crawl(archive, clock)
    for number in (1, 2, 3):
        crawl.page(URL.format(number), policy(number), str(number))
    crawl.close()
    archive.snapshots.close()
    folder, version = archive.snapshots.folder, 1

    def reader(capture: Capture) -> ReadingRecord:
        return policy(int(capture.payload), str(version))

    def work() -> None:
        wanted = Wanted(extractor_version=str(version), files_version="1")
        here = opened(archive_url, folder)
        assert all(not done.failed for done in Reprocessor(here, reader, _no_file, wanted).run())

    version = 2
    points = ("reprocess-read", "reprocess-upgraded", "reprocess-committed")
    for version, fault in enumerate(broken_ways(passed(work, tmp_path), *points), 3):
        broke(fault, work)
        is_sound(archive, fault)
        work()
        with session_of(archive.engine) as session:
            used = select(Reading.extractor_version).join(Version, Version.reading_id == Reading.id)
            assert session.scalars(used).all() == [str(version)] * 3, fault
    is_sound(archive, "the end")


def _no_file(*_arguments: object) -> None:
    raise AssertionError("there is no file")


@BOTH
def test_D1_an_import_broken_anywhere_goes_on(
    archive: Archive, twin: Archive, clock: Moving, archive_url: str, tmp_path: Path
) -> None:
    fill_for_export(twin, clock)
    data = exported(twin)
    folder, number = archive.snapshots.folder, 0

    def work() -> None:
        shifted = data.replace("工信部信发".encode(), f"工信部信{number}发".encode())
        shifted = shifted.replace(b"www.miit.gov.cn", b"www%d.miit.gov.cn" % number)
        shifted = shifted.replace(b"news.example", b"news%d.example" % number).replace(
            b"www.gov.cn", b"w%d.gov.cn" % number
        )
        here = opened(archive_url, folder)
        Import(here.engine, here.clock).run(io.BytesIO(shifted))

    passes = passed(work, tmp_path)
    documents = count(archive, Document)
    joined = _joined(archive)
    assert (documents, joined) == (3, 2)
    for number, fault in enumerate(broken_ways(passes), 1):
        broke(fault, work)
        assert check_database(archive.engine) == [], fault
        work()
        assert (count(archive, Document), _joined(archive)) == (documents * (number + 1), joined * (number + 1)), fault
    assert {d.what for d in verifying.verify(archive.engine, folder).damages} <= {"missing"}  # no bytes come with it


def _joined(archive: Archive) -> int:
    """References whose targets are known."""
    with session_of(archive.engine) as session:
        return session.scalar(select(func.count()).where(Reference.target_document_id.is_not(None))) or 0


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_D7_a_backup_and_a_restore_broken_anywhere_leave_nothing_half(
    archive: Archive, clock: Moving, archive_url: str, tmp_path: Path
) -> None:
    first_run(archive, clock)
    crawl = Crawl(archive, clock)
    for number in (1, 2, 3):
        crawl.page(URL.format(number), policy(number))
    crawl.close()
    file, new = tmp_path / "backup.tar", tmp_path / "new"

    def back_up() -> None:
        backup.back_up(open_engine(archive_url), tmp_path, file, NOW)

    for fault in faults(passed(back_up, tmp_path)):
        file.unlink(missing_ok=True)
        broke(fault, back_up)
        assert not file.exists(), fault
        for left in tmp_path.glob(".backup-*"):
            shutil.rmtree(left)
        back_up()

    def restore() -> None:
        backup.restore(file, new)

    for fault in faults(passed(restore, tmp_path)):
        shutil.rmtree(new, ignore_errors=True)
        broke(fault, restore)
        assert not new.exists(), fault
        restore()
        engine = open_engine(f"sqlite:///{new / 'archive.db'}")
        assert verifying.verify(engine, new / "snapshots").damages == [], fault
        engine.dispose()


@pytest.mark.parametrize("action", ["enospc", "eio", "locked"])
def test_D2_a_run_survives_its_disk(archive: Archive, clock: Moving, archive_url: str, action: str) -> None:
    """A page that could not be kept is no reason to lose the others, nor to tell of a change."""
    first_run(archive, clock)
    folder = archive.snapshots.folder

    def work() -> None:
        here = opened(archive_url, folder)
        crawl, kept = Crawl(here, Moving(NOW)), 0
        for number in range(5):
            try:
                kept += crawl.page(URL.format(number), policy(number)).outcome is Outcome.ADDED
            except (OSError, OperationalError):  # the crawl goes on with the next page
                continue
        crawl.close()
        assert kept == 4

    # Two transactions make the sources known and open the run; then each page is one.
    assert survived(Fault("committing", 5, action), work).status == 0
    is_sound(archive, action)
    assert count(archive, Document) == 4


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize("limit", [700_000, 1_500_000])
def test_D2_what_was_answered_before_the_disk_was_full_is_there(
    archive: Archive, clock: Moving, archive_url: str, tmp_path: Path, limit: int
) -> None:
    """No file may grow past the limit, as on a full disk: first the segment meets it, or the database."""
    first_run(archive, clock)
    folder, told = archive.snapshots.folder, tmp_path / "answered"
    archive.engine.dispose()  # its last connection empties the WAL file

    def work() -> None:
        here = opened(archive_url, folder)
        crawl = Crawl(here, Moving(NOW))
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        with told.open("ab", buffering=0) as stream:
            for number in range(1000):
                page = "".join(chr(0x4E00 + (number * 7919 + at * 104729) % 20000) for at in range(4000))
                recorded = crawl.page(URL.format(number), policy(number), page)
                stream.write(f"{number} {recorded.outcome}\n".encode())

    ended = survived(Fault("nowhere", 1, "enospc"), work)
    assert ended.status == 1
    assert "File too large" in ended.said or "disk I/O error" in ended.said or "full" in ended.said
    answered = told.read_text().split()[::2]
    assert answered
    is_sound(archive, ended.said)
    archive.snapshots.repair()
    for number in answered:
        assert search(archive.engine, f'"标记{number}末"').count == 1
    archive.fail_dead_runs(lambda _pid: False)
    crawl = Crawl(archive, clock)  # there is room again: it goes on by itself
    assert crawl.page(URL.format(5000), policy(5000)).outcome is Outcome.ADDED
    crawl.close()
    is_sound(archive, "the end")
