"""`verify`: each row edited, removed or added, and each record damaged or gone, is named, and nothing else."""

import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from support.archives import Crawl, Moving, capture, changed, first_run, reading

from storage import chain, verifying
from storage.archive import Archive
from storage.engine import writing
from storage.models import ChainLink
from storage.records import FetchRecord, FileRecord
from storage.verifying import Damage, Verified

URL = "https://www.miit.gov.cn/art/{}.html"
FILE = "https://www.miit.gov.cn/files/1.pdf"


@pytest.fixture
def filled(archive: Archive, clock: Moving) -> Archive:
    """Three documents, one with two versions and a file, and a log of fetches."""
    first_run(archive, clock)
    crawl = Crawl(archive, clock)
    for number in (1, 2, 3):
        fetch = FetchRecord(URL.format(number), "document", clock.now(), 200, "fetched", 5, 7, None, None)
        archive.log_fetch(crawl.run_id, fetch)
        record = reading(title=f"关于第{number}件事的通知", doc_number=f"工信部信发〔2026〕{number}号")
        crawl.page(URL.format(number), record)
    file = FileRecord("1", "pdf", "text", "", "附件的正文", ())
    answer = capture(FILE, b"%PDF-1.7", clock=clock, headers=(("Content-Type", "application/pdf"),))
    archive.record_attachment(crawl.run_id, URL.format(1), "1.pdf", "附件", "pdf", answer, file)
    clock.forward(days=1)
    crawl.page(URL.format(1), reading(title="关于第1件事的通知", doc_number="工信部信发〔2026〕1号",
                                      blocks=changed(3, "第三条　补贴标准不超过投资额的50%。")))  # fmt: skip
    crawl.close()
    archive.snapshots.close()
    return archive


def check(archive: Archive, **more: object) -> Verified:
    return verifying.verify(archive.engine, archive.snapshots.folder, **more)  # type: ignore[arg-type]


def named(archive: Archive, **more: object) -> list[tuple[str, int | None, str, tuple[str, ...]]]:
    return [(d.table, d.row_id, d.what, d.fields) for d in check(archive, **more).damages]


def edit(archive: Archive, statement: str) -> None:
    """Change the database behind the archive's back, by another program that minds no foreign keys."""
    if archive.engine.dialect.name == "sqlite":
        other = sqlite3.connect(str(archive.engine.url.database))
        other.execute(statement)
        other.commit()
        other.close()
        return
    with archive.engine.connect() as connection:
        connection.execute(text("SET session_replication_role = replica"))
        connection.execute(text(statement))
        connection.execute(text("SET session_replication_role = DEFAULT"))
        connection.commit()


def place(archive: Archive, snapshot: int) -> tuple[Path, int, int]:
    with archive.engine.connect() as connection:
        row = connection.execute(
            text('SELECT file, "offset", length FROM snapshot WHERE id = :id'), {"id": snapshot}
        ).one()
    return archive.snapshots.folder / row[0], row[1], row[2]


def test_a_whole_archive_is_found_whole(filled: Archive) -> None:
    found = check(filled)
    assert found.damages == []
    # five snapshots, four readings, two runs; three fetches
    assert (found.links, found.rows, found.records, found.segments) == (11, 12, 5, 1)
    sampled = check(filled, sample=3)
    assert (sampled.damages, sampled.links, sampled.records, sampled.head) == ([], 11, 3, found.head)
    assert named(filled, head=found.head) == []
    assert check(filled, head="f" * 64).damages[0].reason.startswith("the head ffff")


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE reading SET title = '别的标题' WHERE id = 2", ("reading", 2, "edited", ("title",))),
        ("UPDATE reading SET written = '2026-02-01', topic = 'x' WHERE id = 3",
         ("reading", 3, "edited", ("topic", "written"))),
        ("UPDATE snapshot SET fetched_at = '2026-01-01 00:00:00.000000', status = 203 WHERE id = 1",
         ("snapshot", 1, "edited", ("status", "fetched_at"))),
        ('UPDATE "fetch" SET status = 404 WHERE id = 2', ("fetch", 2, "edited", ())),
        ('DELETE FROM "fetch" WHERE id = 1', ("fetch", 1, "removed", ())),
        ("DELETE FROM reading WHERE id = 2", ("reading", 2, "removed", ())),
        ("UPDATE chain SET digest = 'x' WHERE id = 1", ("chain", 1, "edited", ())),
        ("DELETE FROM version WHERE id = 4", ("document", 1, "dangling", ("versions",))),
        ("UPDATE attachment_version SET snapshot_id = 99", ("attachment_version", 1, "dangling", ())),
    ],
)  # fmt: skip
def test_D6_what_was_edited_or_removed_is_named_and_nothing_else(
    filled: Archive, statement: str, expected: tuple[object, ...]
) -> None:
    edit(filled, statement)
    assert named(filled) == [expected]


def test_a_row_slipped_in_and_a_chain_cut_short_are_named(filled: Archive) -> None:
    head = check(filled).head
    edit(filled, "DELETE FROM chain WHERE id = 11")
    assert named(filled) == []  # nothing in the archive itself can show it
    assert named(filled, head=head) == [("chain", 10, "removed", ())]
    edit(filled, "DELETE FROM chain WHERE kind = 'reading' AND row_id = 4")
    assert ("reading", 4, "added", ()) in named(filled)


def test_D5_a_damaged_and_a_lost_record_are_named_with_their_url(filled: Archive) -> None:
    path, offset, length = place(filled, 2)
    whole = path.read_bytes()
    for at in range(offset, offset + length, 97):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x41]) + whole[at + 1 :])
        assert named(filled) == [("snapshot", 2, "damaged", ())], at - offset
    path.write_bytes(whole[:offset] + bytes(length) + whole[offset + length :])
    (damage,) = check(filled).damages
    assert (damage.url, damage.refetch, damage.document_id) == (URL.format(2), URL.format(2), 2)
    last, offset, _ = place(filled, 5)
    last.write_bytes(whole[:offset])
    assert named(filled) == [("snapshot", 5, "missing", ())]
    last.write_bytes(whole[:-1] if offset + 1 < len(whole) else whole)
    assert [row[:3] for row in named(filled)] == [("snapshot", 5, "missing")]
    path.unlink()
    assert named(filled) == [("snapshot", number, "missing", ()) for number in range(1, 6)]
    (file,) = (damage for damage in check(filled).damages if damage.url == FILE)
    assert file.refetch == URL.format(1)
    assert named(filled, sample=5) == [("snapshot", number, "missing", ()) for number in range(1, 6)]


def test_what_a_killed_process_left_is_a_note(filled: Archive) -> None:
    path, offset, length = place(filled, 2)
    whole = path.read_bytes()
    path.write_bytes(whole + whole[offset : offset + length // 2])
    found = check(filled)
    assert (found.damages, len(found.notes)) == ([], 1)
    path.write_bytes(whole + whole[offset : offset + length])  # whole, but its row never came
    assert (check(filled).damages, check(filled).notes) == ([], [])
    path.write_bytes(whole + b"nonsense")
    assert [(d.table, d.what) for d in check(filled).damages] == [("segment", "damaged")]


def test_damaged_pages_are_made_due_in_full(filled: Archive, clock: Moving) -> None:
    edit(filled, "UPDATE page SET etag = 'a', last_modified = 'b', next_check_at = '2027-01-01 00:00:00.000000'")
    path, offset, _ = place(filled, 2)
    whole = path.read_bytes()
    path.write_bytes(whole[: offset + 40] + b"\0\0\0\0" + whole[offset + 44 :])
    assert verifying.make_due(filled.engine, check(filled).damages, clock.now()) == 1
    known = filled.known_page(URL.format(2))
    assert known is not None
    assert (known.etag, known.last_modified) == (None, None)
    assert [page.url for page in filled.due_pages("miit-tz", 9)] == [URL.format(2)]
    gone = Damage("snapshot", 1, "damaged", "")
    assert verifying.make_due(filled.engine, [gone], clock.now()) == 0


def test_two_writers_append_one_chain(filled: Archive, engine: Engine) -> None:
    def write(kind: str) -> None:
        for number in range(20):
            with writing(engine) as session:
                chain.append(session.connection(), [(kind, number, ("d", "m"))])

    threads = [threading.Thread(target=write, args=(kind,)) for kind in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = check(filled)
    assert (found.damages, found.links) == ([], 51)
    link = {"id": 51, "kind": "a", "row_id": 1, "form": 1, "digest": "", "marks": "", "hash": ""}
    with pytest.raises(IntegrityError), writing(engine) as session:
        session.add(ChainLink(**link))


def test_the_same_bytes_fetched_again_mend_a_damaged_record(filled: Archive, clock: Moving) -> None:
    path, _, _ = place(filled, 2)
    path.unlink()
    crawl = Crawl(filled, clock)
    crawl.page(URL.format(2), reading(title="关于第2件事的通知", doc_number="工信部信发〔2026〕2号"))
    crawl.close()
    assert named(filled) == [("snapshot", number, "missing", ()) for number in (1, 3, 4, 5)]
