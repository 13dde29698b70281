"""What a rule lets go is gone from the disk, accepted by `verify`, and nothing else is; originals stay."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from support.archives import NEWS, Crawl, Moving, capture, changed, first_run, reading
from support.faults import broke, faults, passed

from storage import backup, compacting, erasing, retention, verifying
from storage.archive import Archive
from storage.engine import open_engine
from storage.engine import reading as session_of
from storage.models import Fetch, Setting, Snapshot
from storage.records import FetchRecord, FileRecord, Outcome
from storage.retention import Rules
from storage.snapshots import SnapshotStore

URL = "https://www.miit.gov.cn/art/{}.html"
REPORT = "https://www.news.example/{}.html"
FILE = "https://www.miit.gov.cn/files/1.pdf"


# The loops over PostgreSQL take their time: `make test-long`.
BOTH = pytest.mark.parametrize(
    "backend", ["sqlite", pytest.param("postgresql", marks=[pytest.mark.postgres, pytest.mark.long])], indirect=True
)


def report(number: int) -> dict[str, object]:
    blocks = (("paragraph", f"第{number}篇报道说，补贴标准有了新的规定。" * 8),)
    return {
        "title": f"补贴新闻{number}", "type": "news", "doc_number": None, "issuer": "新闻网", "issuers": ("新闻网",),
        "blocks": blocks,
    }  # fmt: skip


def policy(number: int, **more: object) -> dict[str, object]:
    return {"title": f"关于第{number}件事的通知", "doc_number": f"工信部信发〔2026〕{number}号", **more}


@pytest.fixture
def filled(archive: Archive, clock: Moving) -> Archive:
    """A policy with two versions, a file and four states of its bytes; two news reports; a challenge; a log."""
    first_run(archive, clock)
    first_run(archive, clock, NEWS)
    crawl = Crawl(archive, clock)
    for at in (URL.format(1), URL.format(2)):
        archive.log_fetch(crawl.run_id, FetchRecord(at, "document", clock.now(), 200, "fetched", 5, 7, None, None))
    crawl.page(URL.format(1), reading(**policy(1)), "<p>first</p>")
    answer = capture(FILE, b"%PDF-1.7", clock=clock, headers=())
    archive.record_attachment(
        crawl.run_id,
        URL.format(1),
        "1.pdf",
        "附件",
        "pdf",
        answer,
        FileRecord("1", "pdf", "text", "", "附件的文字", ()),
    )
    crawl.page(URL.format(2), None, "<p>are you a robot?</p>", status=403)
    for state in ("second", "third"):
        clock.forward(hours=1)
        crawl.page(URL.format(1), reading(**policy(1)), f"<p>{state}</p>")
    clock.forward(hours=1)
    crawl.page(
        URL.format(1), reading(**policy(1), blocks=changed(3, "第三条　补贴标准不超过投资额的50%。")), "<p>fourth</p>"
    )
    crawl.close()
    told = Crawl(archive, clock, NEWS)
    for number in (1, 2):
        told.page(REPORT.format(number), reading(**report(number)), f"<p>news {number}</p>")
    told.close()
    archive.snapshots.close()
    clock.forward(days=100)
    return archive


ALL = Rules(90, 90, 90, 90, 90)


def damages(archive: Archive) -> list[object]:
    found = verifying.verify(archive.engine, archive.snapshots.folder)
    return [*found.damages, *found.notes]


def kept(archive: Archive) -> list[str]:
    """What bytes rows still name."""
    with session_of(archive.engine) as session:
        rows = session.scalars(select(Snapshot).where(Snapshot.file != "").order_by(Snapshot.id)).all()
    return [archive.snapshots.load(row.file, row.offset, row.digest).decode()[:30] for row in rows]


def on_disk(archive: Archive) -> str:
    from warcio.archiveiterator import ArchiveIterator

    found = []
    for path in archive.snapshots.folder.glob("*.warc.gz"):
        with path.open("rb") as stream:
            found += [record.raw_stream.read().decode() for record in ArchiveIterator(stream)]
    return "".join(found)


def test_each_rule_lets_its_own_go_and_verify_accepts_it(filled: Archive) -> None:
    told = {due.rule: (due.rows, due.waiting) for due in retention.due(filled, ALL)}
    assert told == {
        "fetch_log": (2, ""), "refused": (1, ""), "unchanged": (2, ""), "news": (2, ""),
        "originals": (0, "only with --originals"),
    }  # fmt: skip
    assert {due.rule: due.rows for due in retention.due(filled, Rules())} == dict.fromkeys(told, 0)
    done = retention.apply(filled, ALL)
    assert {applied.rule: applied.rows for applied in done} == {"fetch_log": 2, "refused": 1, "unchanged": 2, "news": 2}
    assert all(applied.bytes > 0 for applied in done if applied.rule != "fetch_log")
    assert kept(filled) == ["<p>first</p>", "%PDF-1.7", "<p>fourth</p>"]
    assert "robot" not in on_disk(filled)
    assert "news" not in on_disk(filled)
    with session_of(filled.engine) as session:
        assert session.scalar(select(func.count()).select_from(Fetch)) == 0
        assert session.scalar(select(func.count()).select_from(Snapshot)) == 8  # their facts and digests stay
    assert damages(filled) == []
    assert [applied.rows for applied in retention.apply(filled, ALL)] == [0, 0, 0, 0]


def test_originals_go_only_when_asked_for_by_name(filled: Archive) -> None:
    assert {due.rule: due.rows for due in retention.due(filled, ALL, originals=True)}["originals"] == 3
    retention.apply(filled, ALL, originals=True)
    assert kept(filled) == []
    assert damages(filled) == []
    assert list(filled.snapshots.folder.glob("*.warc.gz")) == []


def test_what_is_not_old_enough_stays_and_so_do_bytes_that_another_page_has(filled: Archive, clock: Moving) -> None:
    crawl = Crawl(filled, clock)
    crawl.page(URL.format(9), reading(**policy(9)), "<p>news 1</p>")
    crawl.close()
    filled.snapshots.close()
    assert [applied.rows for applied in retention.apply(filled, Rules(news_days=90))] == [1]
    assert sum(text == "<p>news 1</p>" for text in kept(filled)) == 2
    assert [applied.rows for applied in retention.apply(filled, Rules(120, 120, 120, 120))] == [0, 0, 0, 0]
    assert damages(filled) == []


def test_only_what_a_rule_let_go_is_accepted(filled: Archive) -> None:
    retention.apply(filled, Rules(fetch_log_days=90, news_days=90))
    with filled.engine.begin() as connection:
        connection.execute(text("""UPDATE snapshot SET file = '', "offset" = 0, length = 0 WHERE id = 1"""))
    assert [(damage.table, damage.row_id, damage.what) for damage in damages(filled)] == [("snapshot", 1, "missing")]
    with filled.engine.begin() as connection:
        connection.execute(text("UPDATE setting SET value = replace(value, 'news', 'olds') WHERE name = 'retention:2'"))
    named = {(damage.table, damage.row_id, damage.what) for damage in damages(filled)}
    assert named == {("snapshot", 1, "missing"), ("snapshot", 7, "missing"), ("snapshot", 8, "missing"),
                     ("setting", 2, "edited")}  # fmt: skip


def test_a_crawl_that_brings_them_again(filled: Archive, clock: Moving) -> None:
    retention.apply(filled, ALL)
    told = Crawl(filled, clock, NEWS)
    assert told.page(REPORT.format(1), reading(**report(1)), "<p>news 1</p>").outcome is Outcome.SAME
    told.close()
    assert "<p>news 1</p>" not in kept(filled)
    crawl = Crawl(filled, clock)
    clock.forward(hours=7)
    # An earlier state that is published again is a version in the end: its bytes are kept again.
    crawl.page(URL.format(1), reading(**policy(1)), "<p>second</p>")
    crawl.close()
    filled.snapshots.close()
    assert "<p>second</p>" in kept(filled)
    assert damages(filled) == []


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_backup_after_it_is_whole_and_compaction_and_erasing_go_on(
    filled: Archive, tmp_path: Path, clock: Moving
) -> None:
    retention.apply(filled, ALL)
    compacting.compact(filled)
    made = backup.back_up(filled.engine, tmp_path, tmp_path / "backup.tar", clock.now())
    backup.restore(tmp_path / "backup.tar", tmp_path / "new")
    engine = open_engine(f"sqlite:///{tmp_path / 'new' / 'archive.db'}")
    assert verifying.verify(engine, tmp_path / "new" / "snapshots", head=made.head).damages == []
    engine.dispose()
    erasing.erase(filled, 2, "x")
    assert damages(filled) == []


def test_an_open_segment_waits(filled: Archive, clock: Moving) -> None:
    told = Crawl(filled, clock, NEWS)
    told.page(REPORT.format(3), reading(**report(3)), "<p>news 3</p>")
    told.close()
    clock.forward(days=100)
    (applied,) = retention.apply(filled, Rules(news_days=90))
    assert (applied.rows, applied.left) == (2, 1)
    filled.snapshots.close()
    (applied,) = retention.apply(filled, Rules(news_days=90))
    assert (applied.rows, applied.left) == (1, 0)
    assert damages(filled) == []


POINTS = ["retention-fetches", "retention-noted", "moving-written", "moving-removed", "committing", "committed"]


@BOTH
def test_D1_a_rule_broken_anywhere_goes_on(filled: Archive, archive_url: str, tmp_path: Path, clock: Moving) -> None:
    folder, number = filled.snapshots.folder, 10

    def more() -> None:
        """Something more that a rule lets go."""
        nonlocal number
        number += 1
        told = Crawl(filled, clock, NEWS)
        fetch = FetchRecord(REPORT.format(number), "document", clock.now(), 200, "fetched", 5, 7, None, None)
        filled.log_fetch(told.run_id, fetch)
        told.page(REPORT.format(number), reading(**report(number)), f"<p>news {number}</p>")
        told.close()
        filled.snapshots.close()
        clock.forward(days=100)

    def work() -> None:
        archive = Archive(open_engine(archive_url), SnapshotStore(folder), Moving(datetime(2100, 1, 1, tzinfo=UTC)))
        retention.apply(archive, Rules(fetch_log_days=90, news_days=90))

    work()
    more()
    for fault in faults(passed(work, tmp_path), most=2 if filled.engine.dialect.name == "sqlite" else 1, only=POINTS):
        more()
        broke(fault, work)
        assert verifying.verify(filled.engine, folder).damages == [], fault
        work()
        assert damages(filled) == [], fault
        assert [due.rows for due in retention.due(filled, Rules(fetch_log_days=90, news_days=90))[:1]] == [0]
        assert "<p>first</p>" in kept(filled)
    assert "news" not in on_disk(filled)
    with session_of(filled.engine) as session:
        marks = session.scalar(select(func.count()).where(Setting.name.startswith("retention:")))
    assert marks
