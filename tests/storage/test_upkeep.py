"""The quiet time: once a day, in its hours, from where the last one was stopped; the head is noted outside."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from support.archives import Crawl, Moving, first_run, reading

from storage import compacting, heads, verifying
from storage.archive import Archive
from storage.engine import writing
from storage.errors import OperatorError
from storage.retention import Rules
from storage.snapshots import keeping_places
from storage.upkeep import Upkeep, read_hours

URL = "https://www.miit.gov.cn/art/{}.html"


def fill(archive: Archive, clock: Moving, *numbers: int) -> None:
    for number in numbers:
        crawl = Crawl(archive, clock)
        crawl.page(
            URL.format(number), reading(title=f"关于第{number}件事的通知", doc_number=f"工信部信发〔2026〕{number}号")
        )
        crawl.close()
        archive.snapshots.close()


def at(clock: Moving, *moment: int) -> None:
    object.__setattr__(clock, "moment", datetime(*moment, tzinfo=UTC))


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_once_a_day_in_its_hours(archive: Archive, clock: Moving) -> None:
    first_run(archive, clock)
    fill(archive, clock, 1, 2, 3)
    upkeep = Upkeep(archive, Rules(news_days=30), compact=True, hours="23:00-02:00")
    assert not Upkeep(archive, hours="00:00-23:59").is_due()  # nothing is asked for
    at(clock, 2026, 4, 1, 14, 59)
    assert not upkeep.is_due()
    at(clock, 2026, 4, 1, 15, 0)  # 23:00 in China
    assert upkeep.is_due()
    with keeping_places(archive.snapshots.folder):
        assert not upkeep.run().whole  # a backup is under way
    assert not upkeep.run(lambda: True).whole
    assert upkeep.is_due()
    done = upkeep.run()
    assert done.whole
    assert done.compacted is not None
    assert (done.compacted.files_before, done.compacted.files_after) == (3, 1)
    at(clock, 2026, 4, 1, 17, 30)  # 01:30 the next day: the same night
    assert not upkeep.is_due()
    at(clock, 2026, 4, 2, 15, 30)
    assert upkeep.is_due()
    assert compacting.plan(archive) == []


@pytest.mark.parametrize("hours", ["2-5", "02:00-02:00", "25:00-01:00", "", "02:00-05:60"])
def test_hours_that_are_none(hours: str) -> None:
    with pytest.raises(ValueError, match="expected hours as 02:00-05:00"):
        read_hours(hours)


def test_D6_what_is_cut_off_the_chain_shows_by_a_head_noted_outside(
    archive: Archive, clock: Moving, tmp_path: Path
) -> None:
    file, folder = tmp_path / "elsewhere.heads", archive.snapshots.folder
    upkeep = Upkeep(archive, head_file=file)
    upkeep.note_head()
    assert not file.exists()  # there is no link yet
    first_run(archive, clock)
    fill(archive, clock, 1)
    clock.forward(hours=2)
    upkeep.note_head()
    fill(archive, clock, 2)
    upkeep.note_head()  # within the hour
    assert len(heads.read(file)) == 1
    clock.forward(hours=2)
    upkeep.note_head()
    first, second = heads.read(file)
    assert (first.links, second.links, file.stat().st_mode & 0o777) == (4, 7, 0o600)
    assert heads.note(archive.engine, file, clock.now()) is None
    fill(archive, clock, 3)
    assert verifying.verify(archive.engine, folder, noted=heads.read(file)).damages == []
    with writing(archive.engine) as session:  # the end is cut off: links and, in part, their rows
        session.execute(text("DELETE FROM chain WHERE id > 5"))
    assert verifying.verify(archive.engine, folder, noted=heads.read(file)[:1]).damages != []
    (damage, *_) = [d for d in verifying.verify(archive.engine, folder, noted=heads.read(file)).damages
                    if d.table == "chain"]  # fmt: skip
    assert (damage.row_id, damage.what) == (6, "removed")
    with file.open("a") as stream:
        stream.write(f"{clock.now().isoformat()} 4 {'0' * 64}\n2026-")  # another chain's, and one half written
    damages = verifying.verify(archive.engine, folder, noted=heads.read(file)).damages
    assert ("chain", 4, "edited") in [(d.table, d.row_id, d.what) for d in damages]
    file.write_text("what is this\n")
    with pytest.raises(OperatorError, match="1: expected moment, number of links and hash"):
        heads.read(file)
