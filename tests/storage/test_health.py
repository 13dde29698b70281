"""A source never dies silently: what is usual is learned from its own runs, and too long a silence is told once."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, text
from support.archives import MIIT, Crawl, Moving

from storage.archive import Archive
from storage.errors import ArchiveError
from storage.health import widest_gap
from storage.queries import Queries
from storage.records import ListRecord, Verdict
from storage.rows import SourceRow
from storage.workdays import is_workday, workdays_between

LIST = "https://www.miit.gov.cn/zwgk/zcwj/wjfb/tz/art/2026/art_{}.html"


def run(
    archive: Archive, clock: Moving, day: date, seen: ListRecord, verdict: Verdict = Verdict.OK, *, found: bool = True
) -> None:
    """One run on `day` whose list shows `seen`; where `found`, with an entry of that day."""
    object.__setattr__(clock, "moment", datetime(day.year, day.month, day.day, 2, tzinfo=UTC))
    crawl = Crawl(archive, clock)
    if found:
        archive.discover(crawl.run_id, [(LIST.format(day.isoformat()), "通知", day)], found_on=MIIT.list_url)
    archive.close_run(crawl.run_id, verdict, "", {}, seen)


def state(engine: Engine) -> SourceRow:
    return next(row for row in Queries(engine).sources() if row.id == MIIT.id)


def events(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.execute(text("SELECT kind FROM event WHERE kind LIKE 'source%' ORDER BY id")).scalars())


def weekly(archive: Archive, clock: Moving, first: date, weeks: int) -> date:
    """A source that publishes every Tuesday; answers the last one."""
    for number in range(weeks):
        day = first + timedelta(weeks=number)
        run(archive, clock, day, ListRecord(20, 20, day))
    return day


def test_holidays_are_no_working_days_and_the_weekends_worked_for_them_are() -> None:
    assert not is_workday(date(2026, 10, 1))
    assert is_workday(date(2026, 10, 10)), "a Saturday worked for the National Day"
    assert workdays_between(date(2026, 9, 30), date(2026, 10, 8)) == 1, "seven days of holiday"
    assert workdays_between(date(2026, 3, 2), date(2026, 3, 9)) == 5
    assert workdays_between(date(2026, 3, 9), date(2026, 3, 2)) == 0
    assert is_workday(date(2060, 3, 1)), "beyond what was announced, weekdays count"
    assert workdays_between(date(2001, 1, 1), date(2026, 1, 1)) == 9131 * 5 // 7


def test_the_pace_is_the_gap_that_nine_of_ten_keep() -> None:
    days = [date(2026, 3, 3) + timedelta(weeks=number) for number in range(4)]
    assert widest_gap(days) is None, "too few to tell"
    assert widest_gap([date(2026, 3, 2) + timedelta(days=number) for number in range(5)] * 9) is None
    days = [date(2026, 5, 12) + timedelta(weeks=number) for number in range(20)]
    assert widest_gap(days) == 5


def test_a_source_that_falls_silent_is_degraded_and_alarmed_once_and_its_return_is_told(
    archive: Archive, clock: Moving, engine: Engine
) -> None:
    last = weekly(archive, clock, date(2026, 5, 12), 9)
    source = state(engine)
    assert (source.state, source.state_reason, source.entries, source.newest) == ("ok", None, 20, last)
    run(archive, clock, last + timedelta(weeks=2), ListRecord(20, 20, last), found=False)
    assert events(engine) == []
    for weeks in (4, 5, 6):
        run(archive, clock, last + timedelta(weeks=weeks), ListRecord(20, 20, last), found=False)
    source = state(engine)
    assert source.state == "degraded"
    assert source.state_reason is not None
    assert "nothing new for 30 working days" in source.state_reason
    assert "usually at least every 5 working days" in source.state_reason
    assert events(engine) == ["source_failing"]
    run(archive, clock, last + timedelta(weeks=7), ListRecord(20, 20, last))
    assert events(engine) == ["source_failing", "source_recovered"]
    assert state(engine).state == "ok"


def test_the_spring_festival_is_no_silence(archive: Archive, clock: Moving, engine: Engine) -> None:
    for number in range(30):  # every working day up to the festival of 2026 (15 to 23 February)
        day = date(2026, 1, 16) + timedelta(days=number)
        if is_workday(day) and day < date(2026, 2, 14):
            run(archive, clock, day, ListRecord(20, 20, day))
    run(archive, clock, date(2026, 3, 3), ListRecord(20, 20, date(2026, 2, 13)), found=False)
    assert events(engine) == []


def test_what_is_usual_is_learned_from_good_runs_and_a_person_may_accept_another_list(
    archive: Archive, clock: Moving
) -> None:
    assert archive.usual(MIIT.id) is None
    day = date(2026, 5, 12)
    for number in range(5):
        run(archive, clock, day + timedelta(days=number), ListRecord(20, 19, day), found=False)
    usual = archive.usual(MIIT.id)
    assert usual is not None
    assert (usual.runs, usual.entries, usual.dated) == (5, 20, 0.95)
    run(archive, clock, day + timedelta(days=7), ListRecord(8, 8, day), Verdict.QUARANTINED, found=False)
    assert archive.usual(MIIT.id) == usual, "a run that was not believed teaches nothing"
    assert archive.accept_list(MIIT.id).verdict is Verdict.QUARANTINED
    accepted = archive.usual(MIIT.id)
    assert accepted is not None
    assert (accepted.runs, accepted.entries, accepted.dated) == (1, 8, 1.0)


def test_a_list_that_was_never_read_cannot_be_accepted(archive: Archive, clock: Moving) -> None:
    Crawl(archive, clock).close(Verdict.BLOCKED)
    with pytest.raises(ArchiveError, match="no run has read its list yet"):
        archive.accept_list(MIIT.id)


def test_a_list_that_moved_for_good_is_said_and_no_alarm(archive: Archive, clock: Moving, engine: Engine) -> None:
    run(archive, clock, date(2026, 5, 12), ListRecord(20, 20, None, "https://new.miit.gov.cn/tz/"), found=False)
    source = state(engine)
    assert (source.state, source.state_reason) == ("degraded", "the list moved to https://new.miit.gov.cn/tz/")
    assert (source.moved_to, events(engine)) == ("https://new.miit.gov.cn/tz/", [])
