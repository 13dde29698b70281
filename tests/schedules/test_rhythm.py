"""Learned cadences: rhythms of synthetic sources, what asking by them costs, cron by China's clock, news that names."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.archives import MIIT, NEWS, PROVINCE, Crawl, Moving, first_run, reading
from support.publishing import EVENING, KINDS, Kind, history, measure
from support.world import World, source

from policy_crawler.catalog.cron import cron_trigger
from schedules.cadences import Adaptive, Cron, Fixed, repaired
from schedules.pacing import Pacing
from schedules.rhythm import MENTION, Publication, Rhythm, following, interval, learn
from storage.clock import CHINA
from storage.publications import publications
from storage.scheduling import Timetable

FLOOR, CEILING = timedelta(minutes=10), timedelta(hours=4)
FIRST = date(2026, 3, 2)  # a Monday
moments = st.datetimes(datetime(2025, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))


def china(*at: int) -> datetime:
    return datetime(*at, tzinfo=CHINA).astimezone(UTC)


def learned(kind: Kind, days: int = 90, seed: int = 1) -> Rhythm:
    published = history(kind, FIRST, days, seed)
    until = FIRST + timedelta(days=days)
    return learn([Publication(at.astimezone(CHINA).date(), at) for at in published], until)


def test_a_source_of_late_afternoons_is_asked_then() -> None:
    known = learned(Kind(2, 0, EVENING))
    assert known.peak in {17, 18}
    way = Adaptive(known, FLOOR, CEILING)
    now, asked = china(2026, 6, 9, 0, 0), []
    while now < china(2026, 6, 10, 0, 0):
        now = way.after("s", now).at
        asked.append(now.astimezone(CHINA).hour)
    assert sum(hour in {16, 17, 18} for hour in asked) > sum(hour < 9 for hour in asked) * 2


def test_holidays_and_weekends_are_quiet_and_worked_saturdays_are_not() -> None:
    known = learned(Kind(2, 0, EVENING))
    workday, holiday, sunday = (known.rate(china(2026, *day, 17, 0)) for day in ((6, 9), (5, 1), (6, 14)))
    assert workday > 5 * holiday
    assert holiday == sunday
    assert known.rate(china(2026, 5, 9, 17, 0)) > 3 * holiday  # a Saturday worked for the holiday of May


def test_weekdays_are_learned() -> None:
    tuesdays = [FIRST + timedelta(days=1 + 7 * week) for week in range(16)]
    known = learn([Publication(day) for day in tuesdays], FIRST + timedelta(days=112))
    assert known.workday[1] > 2 * known.workday[2]


def test_without_documents_offices_hours_are_taken() -> None:
    known = learn([], FIRST)
    assert known.documents == 0
    assert known.rate(china(2026, 6, 9, 16, 0)) > 10 * known.rate(china(2026, 6, 9, 3, 0))
    assert "nothing learned yet" in Adaptive(known, FLOOR, CEILING).after("s", china(2026, 6, 9, 3, 0)).why


@given(moments, st.integers(0, 4), st.integers(0, 12), st.sampled_from(sorted(KINDS)))
def test_a_learned_slot_lies_ahead_within_floor_and_ceiling(now: datetime, lap: int, failures: int, kind: str) -> None:
    way = Adaptive(RHYTHMS[kind], FLOOR, CEILING)
    slot = way.after("s", now, failures, lap)
    assert slot.at - now <= way.longest(now, failures) + timedelta(seconds=1)
    assert slot.at - now >= FLOOR * 0.89
    assert slot.at.microsecond == lap
    assert slot.at.utcoffset() == timedelta(0)
    assert repaired(way, "s", slot.at, now, failures) is None


RHYTHMS = {name: learned(kind) for name, kind in KINDS.items()}


def test_four_times_as_much_is_asked_twice_as_often() -> None:
    once, twice = interval(0.1, timedelta(0), timedelta(days=9)), interval(0.4, timedelta(0), timedelta(days=9))
    assert once == pytest.approx(2 * twice, abs=timedelta(seconds=1))
    assert interval(0, FLOOR, CEILING) == CEILING


def test_a_quiet_night_does_not_delay_the_morning() -> None:
    known = RHYTHMS["ministry, three a working day"]
    late = china(2026, 6, 9, 7, 30)
    assert interval(known.rate(late), FLOOR, CEILING) > timedelta(minutes=60)
    assert following(known, late, FLOOR, CEILING) <= china(2026, 6, 9, 9, 30)


def test_after_news_named_it_a_source_is_asked_at_the_floor() -> None:
    known = RHYTHMS["column, two a month"]
    night = china(2026, 6, 9, 2, 0)
    way = Adaptive(known, FLOOR, CEILING, mentioned_at=night)
    slot = way.after("s", night)
    assert slot.at - night <= FLOOR * 1.11
    assert "news named a document of it at 02:00" in slot.why
    assert way.after("s", night + MENTION).at - (night + MENTION) > 3 * FLOOR


def test_failures_space_a_learned_cadence_out() -> None:
    way = Adaptive(RHYTHMS["ministry, three a working day"], FLOOR, CEILING)
    now = china(2026, 6, 9, 15, 0)
    waits = [way.after("s", now, failures).at - now for failures in (0, 2, 3, 5, 20)]
    assert waits[0] == waits[1] < waits[2] < waits[3] < waits[4] <= timedelta(days=1, seconds=2)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_learned_against_hourly(kind: str) -> None:
    """Over two months, after two of learning: sooner for as many looks or fewer, or far fewer looks."""
    published = history(KINDS[kind], FIRST, 122, seed=7)
    start = datetime(2026, 5, 2, tzinfo=UTC)
    known = learn([Publication(at.astimezone(CHINA).date(), at) for at in published if at < start], start.date())
    hourly = measure(Fixed(60), published, start, 60)
    adaptive = measure(Adaptive(known, FLOOR, CEILING), published, start, 60, relearn=True)
    for name, found in (("hourly", hourly), ("learned", adaptive)):
        print(f"{kind}: {name}: p50 {found.delay}, p95 {found.p95}, {found.a_day:.1f} looks a day")
    if KINDS[kind].workday >= 1:
        assert adaptive.delay < hourly.delay * 0.75
        assert adaptive.a_day / hourly.a_day < (6.5 if KINDS[kind].workday > 10 else 2)
    else:
        assert adaptive.a_day < hourly.a_day * 0.9
        assert adaptive.delay < hourly.delay * 1.6


# Cron.


def fires(expression: str, now: datetime, count: int) -> list[str]:
    found = []
    for _ in range(count):
        now = Cron(expression).after("s", now).at
        found.append(now.astimezone(CHINA).strftime("%a %d %H:%M"))
    return found


def test_cron_counts_weekdays_as_cron_does_by_china_s_clock() -> None:
    friday = china(2026, 11, 20, 18, 55)
    assert fires("*/10 8-18 * * 1-5", friday, 2) == ["Mon 23 08:00", "Mon 23 08:10"]
    assert fires("*/10 8-18 * * mon-fri", friday, 1) == ["Mon 23 08:00"]
    assert fires("0 9 * * 0", friday, 2) == fires("0 9 * * 7", friday, 2) == ["Sun 22 09:00", "Sun 29 09:00"]
    assert fires("0 9 * * sat-mon", friday, 3) == ["Sat 21 09:00", "Sun 22 09:00", "Mon 23 09:00"]
    assert fires("0 9 * * */2", friday, 4) == ["Sat 21 09:00", "Sun 22 09:00", "Tue 24 09:00", "Thu 26 09:00"]


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("* * * *", "five fields"),
        ("0 9 * * 8", "weekday"),
        ("0 25 * * *", "maximum value"),
        ("0 9 * * mon/0", "number after /"),
    ],
)
def test_a_wrong_cron_is_said(expression: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        cron_trigger(expression)
    with pytest.raises(ValueError, match="cron: "):
        source("one").model_validate({**source("one").model_dump(), "cron": expression})


def test_cron_and_minutes_exclude_each_other() -> None:
    with pytest.raises(ValueError, match="either cron or every_minutes"):
        source("one").model_validate({**source("one").model_dump(), "cron": "0 9 * * *", "every_minutes": 60})


def test_S3_a_daily_source_runs_once_on_every_date_of_china_whatever_summer_time_the_host_keeps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for zone, day in (("Europe/Berlin", datetime(2026, 10, 24, tzinfo=UTC)), ("America/New_York", china(2026, 3, 7))):
        monkeypatch.setenv("TZ", zone)
        now, dates = day, []
        for _ in range(5):
            now = Cron("30 2 * * *").after("s", now).at
            dates.append(now.astimezone(CHINA))
        assert all(at.strftime("%H:%M") == "02:30" for at in dates)
        assert all(later - earlier == timedelta(days=1) for earlier, later in pairwise(dates))


def test_a_failing_cron_source_is_asked_less_often() -> None:
    now = china(2026, 6, 9, 9, 0)
    way = Cron("*/10 * * * *")
    assert [(way.after("s", now, f).at - now) / timedelta(minutes=10) for f in (0, 3, 5)] == [1, 2, 8]
    assert way.after("s", now, 30).at - now <= timedelta(days=1)


# What the archive knows.


def test_a_source_without_a_word_of_its_own_learns(pair_world: World) -> None:
    clock = Moving(datetime(2026, 3, 2, 1, 0, tzinfo=UTC))
    pair_world.archive.clock = clock
    pacing = Pacing(pair_world.engine, clock)
    assert isinstance(pacing.of(source("one", every_minutes=30)), Fixed)
    assert isinstance(Pacing(pair_world.engine, clock, every_minutes=60).of(source("one")), Fixed)
    way = pacing.of(source("one"))
    assert isinstance(way, Adaptive)
    assert way.known.documents == 0
    crawl = Crawl(pair_world.archive, clock)
    urls = [f"https://www.miit.gov.cn/zwgk/art/{number}.html" for number in range(3)]
    pair_world.archive.discover(crawl.run_id, [(url, f"通知{url[-6]}", date(2026, 3, 2)) for url in urls])
    crawl.page(urls[0], reading(published_at=datetime(2026, 3, 2, 0, 30, tzinfo=UTC), published=date(2026, 3, 2)))
    crawl.close()
    found = publications(pair_world.engine, MIIT.id, date(2026, 1, 1))
    assert [(one.day, one.moment) for one in found] == [
        (date(2026, 3, 2), None),  # backlog: found on that day by chance
        (date(2026, 3, 2), None),
        (date(2026, 3, 2), datetime(2026, 3, 2, 0, 30, tzinfo=UTC)),
    ]
    way = Pacing(pair_world.engine, clock).of(source(MIIT.id))
    assert isinstance(way, Adaptive)
    assert way.known.documents == 3


REPORT = ("cites", None, None, "https://www.miit.gov.cn/zwgk/zcwj/a.html", "据悉，工信部印发了通知。")


def test_news_that_names_a_document_hurries_its_source_once(pair_world: World) -> None:
    clock = Moving(datetime(2026, 3, 2, 18, 0, tzinfo=UTC))
    pair_world.archive.clock = clock
    pacing, timetable = Pacing(pair_world.engine, clock), Timetable(pair_world.engine, clock)
    first_run(pair_world.archive, clock)
    first_run(pair_world.archive, clock, NEWS)
    timetable.plan([MIIT.id, PROVINCE.id])
    for due in timetable.scheduled():
        timetable.move(due.source_id, due.due_at, due.due_at + timedelta(hours=3))
    assert pacing.note_mentions([MIIT.id, PROVINCE.id]) == []  # what was there before says nothing of now
    for number, expected in ((1, [MIIT.id]), (2, [])):
        clock.forward(minutes=1)
        crawl = Crawl(pair_world.archive, clock, NEWS)
        report = reading(
            type="news", title=f"报道{number}", doc_number=None, issuer=None, issuers=(), mentions=(REPORT,)
        )
        crawl.page(f"https://www.news.example/{number}.html", report)
        crawl.close()
        assert pacing.note_mentions([MIIT.id, PROVINCE.id]) == expected
    due = timetable.due_of(MIIT.id)
    assert due is not None
    assert due.due_at == datetime(2026, 3, 2, 18, 1, 5, tzinfo=UTC)
    assert due.mentioned_at == datetime(2026, 3, 2, 18, 1, tzinfo=UTC)
    other = timetable.due_of(PROVINCE.id)
    assert other is not None
    assert other.mentioned_at is None
