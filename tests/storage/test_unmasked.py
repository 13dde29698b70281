"""Masking that is switched on later reaches what was kept before, and `verify` accepts that and nothing else."""

from pathlib import Path

import pytest
from sqlalchemy import text
from support.archives import Crawl, Moving, capture, changed, first_run, reading
from support.faults import broke, faults, passed

from storage import verifying
from storage.archive import Archive
from storage.engine import open_engine
from storage.errors import OperatorError
from storage.models import Base
from storage.records import Capture, FileRecord, ReadingRecord
from storage.reprocessing import Reprocessor, Wanted
from storage.snapshots import SnapshotStore
from storage.unmasked import mask_former

MOBILE = "13812345678"
URL = "https://www.miit.gov.cn/art/{}.html"
FILE = "https://www.miit.gov.cn/files/1.pdf"


def record(number: int) -> ReadingRecord:
    said = f"第{number}批补贴对象：张某，手机{MOBILE}，已经核实。"
    mention = ("cites", "另一通知", None, None, f"见张某{MOBILE}的申请")
    return reading(
        title=f"关于第{number}件事的通知", doc_number=f"工信部信发〔2026〕{number}号", blocks=changed(3, said),
        mentions=(mention,),
    )  # fmt: skip


@pytest.fixture
def filled(archive: Archive, clock: Moving) -> Archive:
    """An archive that did not mask, of two documents and a file with two versions; now it does."""
    first_run(archive, clock)
    crawl = Crawl(archive, clock)
    for number in (1, 2):
        crawl.page(URL.format(number), record(number), str(number), list_title=f"张某{MOBILE}")
    for state in ("old", "new"):
        clock.forward(days=1)
        file = FileRecord("1", "pdf", "text", "", f"{state}名单：{MOBILE}", ())
        answer = capture(FILE, state, clock=clock, headers=())
        archive.record_attachment(crawl.run_id, URL.format(1), "1.pdf", f"名单{MOBILE}", "pdf", answer, file)
    crawl.close()
    archive.snapshots.close()
    archive.mask = True
    return archive


def reader(answer: Capture) -> ReadingRecord | None:
    return record(int(answer.payload)) if answer.payload in {b"1", b"2"} else None


def file_reader(payload: bytes, _name: str, _type: str) -> FileRecord:
    return FileRecord("1", "pdf", "text", "", f"{payload.decode()}名单：{MOBILE}", ())


def reprocess(archive: Archive) -> None:
    for done in Reprocessor(archive, reader, file_reader, Wanted("1", "1")).run():
        assert not done.failed


def leaks(archive: Archive) -> list[str]:
    with archive.engine.connect() as connection:
        return [
            table.name
            for table in Base.metadata.sorted_tables
            for row in connection.execute(table.select()).mappings()
            if MOBILE in repr(row)
        ]


def damages(archive: Archive) -> list[tuple[str, int | None, str]]:
    found = verifying.verify(archive.engine, archive.snapshots.folder).damages
    return [(damage.table, damage.row_id, damage.what) for damage in found]


def test_what_was_kept_before_is_masked(filled: Archive) -> None:
    reprocess(filled)
    assert {"reading", "page", "attachment", "attachment_version"} <= set(leaks(filled))
    told = mask_former(filled, dry=True)
    assert (told.readings, told.left) == (2, 0)
    assert leaks(filled)
    done = mask_former(filled)
    assert (done, leaks(filled), damages(filled)) == (told, [], [])
    assert (mask_former(filled).readings, mask_former(filled).rows) == (0, 0)
    with filled.engine.begin() as connection:
        connection.execute(text("UPDATE reading SET title = NULL, blocks = '[]' WHERE id = 3"))
    assert damages(filled) == [("reading", 3, "edited")]


def test_what_a_version_rests_on_is_only_counted(filled: Archive) -> None:
    assert mask_former(filled).left == 2
    assert damages(filled) == []
    assert "reading" in leaks(filled)
    filled.mask = False
    with pytest.raises(OperatorError, match=r"privacy\.mask is false"):
        mask_former(filled)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_D1_masking_broken_anywhere_goes_on(filled: Archive, archive_url: str, tmp_path: Path, clock: Moving) -> None:
    reprocess(filled)

    def work() -> None:
        mask_former(Archive(open_engine(archive_url), SnapshotStore(filled.snapshots.folder), clock, mask=True))

    tried = faults({"committing": 2, "unmasked-emptied": 1}, ["kill", "enospc"], most=1)
    for fault in tried:
        broke(fault, work)
        assert damages(filled) == [], fault
        break
    assert passed(work, tmp_path)["committing"] > 1
    assert (leaks(filled), damages(filled)) == ([], [])
