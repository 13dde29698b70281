"""Closed segments become one file for each site and month; a crawl, a check and a backup go on meanwhile."""

import gzip
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from support.archives import MIIT, PROVINCE, Crawl, Moving, capture, reading
from support.faults import broke, faults, passed
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from storage import backup, compacting, erasing, moving, payloads, verifying
from storage.archive import Archive
from storage.engine import open_engine
from storage.engine import reading as session_of
from storage.models import Snapshot
from storage.records import FileRecord, Outcome
from storage.snapshots import PlacesTaken, SnapshotStore, keeping_places

# The loops over PostgreSQL take their time: `make test-long`.
BOTH = pytest.mark.parametrize(
    "backend", ["sqlite", pytest.param("postgresql", marks=[pytest.mark.postgres, pytest.mark.long])], indirect=True
)

A, B = "https://www.miit.gov.cn/art/{}.html", "https://gxt.jiangsu.gov.cn/art/{}.html"


class _Quiet:
    def __init__(self, path: Path) -> None:
        self.inputs, self.verbose = [str(path)], False


def policy(number: int) -> dict[str, object]:
    return {"title": f"关于第{number}件事的通知", "doc_number": f"工信部信发〔2026〕{number}号"}


def crawl(archive: Archive, clock: Moving, *pages: tuple[str, int], source=MIIT) -> None:
    """One run, in a segment of its own."""
    run = Crawl(archive, clock, source)
    for url, number in pages:
        run.page(url.format(number), reading(**policy(number)))
    run.close()
    archive.snapshots.close()


@pytest.fixture
def filled(archive: Archive, clock: Moving) -> Archive:
    """Six runs: two sites in March, one segment with both and a file, and one over the end of the month; then April."""
    crawl(archive, clock, (A, 1), (A, 2))
    crawl(archive, clock, (A, 3))
    crawl(archive, clock, (B, 11), source=PROVINCE)
    mixed = Crawl(archive, clock)
    mixed.page(A.format(4), reading(**policy(4)))
    answer = capture("https://static.jiangsu.gov.cn/1.pdf", b"%PDF-1.4", clock=clock, headers=())
    archive.record_attachment(
        mixed.run_id, A.format(4), "1.pdf", "附件", "pdf", answer, FileRecord("1", "pdf", "text", "", "附件的文字", ())
    )
    mixed.page(B.format(12), reading(**policy(12)))
    clock.forward(days=30)
    mixed.page(A.format(5), reading(**policy(5)))
    mixed.close()
    archive.snapshots.close()
    crawl(archive, clock, (A, 6))
    return archive


def files(archive: Archive) -> list[str]:
    return sorted(path.name for path in archive.snapshots.folder.glob("*.warc.gz"))


def contents(archive: Archive) -> dict[int, bytes]:
    """What each row of a snapshot gives back."""
    with session_of(archive.engine) as session:
        rows = session.scalars(select(Snapshot).order_by(Snapshot.id)).all()
    return {row.id: archive.snapshots.load(row.file, row.offset, row.digest) for row in rows}


def damages(archive: Archive) -> list[object]:
    found = verifying.verify(archive.engine, archive.snapshots.folder)
    return [*found.damages, *found.notes]


def records(path: Path) -> list[tuple[str, str]]:
    with path.open("rb") as stream:
        return [
            (record.rec_type, record.rec_headers.get_header("WARC-Target-URI") or "")
            for record in ArchiveIterator(stream, check_digests="raise")
        ]


def test_many_segments_become_one_for_each_site_and_month(filled: Archive) -> None:
    before, bytes_before = contents(filled), len(files(filled))
    assert bytes_before == 5
    planned = compacting.plan(filled)
    assert [(group.month, group.site, group.records) for group in planned] == [
        ("202603", "gxt.jiangsu.gov.cn", 2), ("202603", "static.jiangsu.gov.cn", 1), ("202603", "www.miit.gov.cn", 4),
    ]  # fmt: skip
    done = compacting.compact(filled)
    assert (done.groups, done.records, done.files_before, done.files_after, done.left) == (3, 7, 5, 5, {})
    names = files(filled)
    assert [name[:-18] for name in names if name.startswith("policy-202603-")] == [
        "policy-202603-gxt.jiangsu.gov.cn", "policy-202603-static.jiangsu.gov.cn", "policy-202603-www.miit.gov.cn",
    ]  # fmt: skip
    (miit,) = filled.snapshots.folder.glob("*www.miit.gov.cn*")
    assert records(miit)[0] == ("warcinfo", "")
    assert sorted(records(miit)[1:]) == [("response", A.format(number)) for number in (1, 2, 3, 4)]
    assert (contents(filled), damages(filled)) == (before, [])
    for name in names:
        checker = Checker(_Quiet(filled.snapshots.folder / name))
        checker.process_all()
        assert int(checker.exit_value) == 0, name
    # Nothing is left to do; the rest of the segment over the month's end and April's wait until that is over.
    again = compacting.compact(filled)
    assert (again.groups, files(filled)) == (0, names)
    assert compacting.compact(filled, month="202604").groups == 1
    assert (len(files(filled)), contents(filled), damages(filled)) == (4, before, [])


def test_what_comes_late_joins_its_month(filled: Archive, clock: Moving) -> None:
    compacting.compact(filled)
    object.__setattr__(clock, "moment", datetime(2026, 3, 28, tzinfo=UTC))
    crawl(filled, clock, (A, 7))
    clock.forward(days=30)
    before = contents(filled)
    (group,) = compacting.plan(filled)
    assert (group.site, group.records) == ("www.miit.gov.cn", 1)
    compacting.compact(filled, site="www.miit.gov.cn")
    (miit,) = filled.snapshots.folder.glob("*www.miit.gov.cn*")
    assert sorted(url for kind, url in records(miit) if kind == "response") == [A.format(n) for n in (1, 2, 3, 4, 7)]
    assert (contents(filled), damages(filled)) == (before, [])


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_large_month_becomes_several_files(filled: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compacting, "PART_BYTES", 1500)
    before = contents(filled)
    compacting.compact(filled, site="www.miit.gov.cn")
    parts = list(filled.snapshots.folder.glob("*www.miit.gov.cn*"))
    assert len(parts) > 1
    assert (contents(filled), damages(filled)) == (before, [])
    assert compacting.compact(filled, site="www.miit.gov.cn").groups == 0


def test_an_open_segment_and_a_damaged_one_are_left_alone(filled: Archive, clock: Moving) -> None:
    going_on = Crawl(filled, clock)
    object.__setattr__(clock, "moment", datetime(2026, 3, 29, tzinfo=UTC))
    going_on.page(A.format(8), reading(**policy(8)))
    clock.forward(days=30)
    with session_of(filled.engine) as session:
        row = session.scalars(select(Snapshot).where(Snapshot.url == A.format(3))).one()
    path = filled.snapshots.folder / row.file
    whole = path.read_bytes()
    at = row.offset + row.length // 2
    path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
    done = compacting.compact(filled)
    assert list(done.left) == [row.file]
    assert path.exists()
    found = verifying.verify(filled.engine, filled.snapshots.folder)
    assert [(damage.table, damage.row_id) for damage in found.damages] == [("snapshot", row.id)]
    path.write_bytes(whole)
    assert damages(filled) == []
    assert going_on.page(A.format(9), reading(**policy(9))).outcome is Outcome.ADDED
    going_on.close()
    filled.snapshots.close()
    assert compacting.compact(filled).groups == 1
    assert damages(filled) == []


def test_records_that_no_row_names_come_along_and_half_ones_do_not(filled: Archive, clock: Moving) -> None:
    object.__setattr__(clock, "moment", datetime(2026, 3, 20, tzinfo=UTC))
    run = Crawl(filled, clock)
    run.page(A.format(21), reading(**policy(21)))
    lost = "https://www.miit.gov.cn/lost.html"
    _, name, *_ = filled.snapshots.append(capture(lost, "a killed writer's", clock=clock))
    run.close()
    filled.snapshots.close()
    with (filled.snapshots.folder / name).open("ab") as stream:
        stream.write(gzip.compress(b"WARC/1.1\r\nhalf of a record")[:20])
    clock.forward(days=40)
    compacting.compact(filled)
    (miit,) = filled.snapshots.folder.glob("*202603-www.miit.gov.cn*")
    assert lost in [url for _, url in records(miit)]
    assert not (filled.snapshots.folder / name).exists()
    assert damages(filled) == []


def test_a_reader_finds_what_was_moved_meanwhile_and_a_writer_names_it_right(filled: Archive, clock: Moving) -> None:
    with session_of(filled.engine) as session:
        row = session.scalars(select(Snapshot).where(Snapshot.url == A.format(1))).one()
    place = filled._keep(capture(A.format(1), contents(filled)[row.id], clock=clock))
    run = Crawl(filled, clock)
    compacting.compact(filled)
    assert payloads.load(filled.engine, filled.snapshots, row.file, row.offset, row.digest)
    # A page of the same bytes whose place was looked up before the move.
    filled._keep = lambda _capture: place  # type: ignore[method-assign]
    same = run.page("https://www.miit.gov.cn/copy.html", reading(**policy(1)), contents(filled)[row.id].decode())
    assert same.outcome is Outcome.COPY
    assert damages(filled) == []


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_backup_or_a_check_holds_it_up_and_fits_after(filled: Archive, tmp_path: Path, clock: Moving) -> None:
    with keeping_places(filled.snapshots.folder), pytest.raises(PlacesTaken, match="try again later"):
        compacting.compact(filled)
    compacting.compact(filled)
    made = backup.back_up(filled.engine, tmp_path, tmp_path / "backup.tar", clock.now())
    backup.restore(tmp_path / "backup.tar", tmp_path / "new")
    engine = open_engine(f"sqlite:///{tmp_path / 'new' / 'archive.db'}")
    found = verifying.verify(engine, tmp_path / "new" / "snapshots", head=made.head)
    assert (found.damages, found.records) == ([], 9)
    engine.dispose()


def test_an_erased_document_is_in_no_segment_after(filled: Archive) -> None:
    compacting.compact(filled)
    erasing.erase(filled, 3, "x")
    (miit,) = filled.snapshots.folder.glob("*www.miit.gov.cn*")
    assert A.format(3) not in [url for _, url in records(miit)]
    assert compacting.compact(filled).groups == 0
    assert damages(filled) == []
    everything = b"".join(
        gzip.GzipFile(fileobj=io.BytesIO(path.read_bytes())).read()
        for path in filled.snapshots.folder.glob("*.warc.gz")
    )
    assert "第3件事" not in everything.decode()


def _opened(url: str, folder: Path) -> Archive:
    return Archive(open_engine(url), SnapshotStore(folder), Moving(datetime(2026, 5, 2, tzinfo=UTC)))


POINTS = ["compact-copied", "compact-written", "compact-moved", "moving-removed", "committing", "committed"]


@BOTH
def test_D1_a_compaction_broken_anywhere_leaves_old_or_new(
    filled: Archive, archive_url: str, tmp_path: Path, clock: Moving
) -> None:
    folder = filled.snapshots.folder

    def late(number: int) -> None:
        """Something new for the month that is over."""
        object.__setattr__(clock, "moment", datetime(2026, 3, 30, tzinfo=UTC))
        crawl(filled, clock, (A, number))
        clock.forward(days=30)

    def work() -> None:
        compacting.compact(_opened(archive_url, folder), site="www.miit.gov.cn")

    work()
    late(99)
    most = 3 if filled.engine.dialect.name == "sqlite" else 1
    tried = list(faults(passed(work, tmp_path), most=most, only=POINTS))
    assert len(tried) == 3 * (4 + 2 * most)
    for number, fault in enumerate(tried, 100):
        late(number)
        before = contents(filled)
        broke(fault, work)
        assert (contents(filled), verifying.verify(filled.engine, folder).damages) == (before, []), fault
        work()
        assert (contents(filled), damages(filled)) == (before, []), fault
        assert compacting.plan(filled, site="www.miit.gov.cn") == [], fault
    assert not list(folder.glob(".*.part"))
    assert len(list(folder.glob("*202603-www.miit.gov.cn*"))) == 1
    with session_of(filled.engine) as session:
        assert moving.waiting(session) == []
