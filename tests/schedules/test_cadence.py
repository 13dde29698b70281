"""Due times are pure: spread by id, whole slots, never in the past; the retry schedule is as promised."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules import cadence
from storage.scheduling import slot_name

NOW = datetime(2026, 11, 24, 3, 20, 7, tzinfo=UTC)
moments = st.datetimes(datetime(2025, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))


@given(st.text(min_size=1, max_size=20), st.integers(1, 20_000), moments)
def test_next_due_is_the_first_slot_after_now(source_id: str, every: int, now: datetime) -> None:
    due = cadence.next_due(source_id, every, now)
    assert now < due <= now + timedelta(minutes=every, seconds=1)
    assert due.utcoffset() == timedelta(0)
    later = cadence.next_due(source_id, every, due)
    assert later - due == timedelta(minutes=every)


@given(st.integers(1, 3000), st.integers(0, 40), moments)
def test_failures_space_the_runs_out_to_a_day_and_no_further(every: int, failures: int, now: datetime) -> None:
    longest = cadence.wait(every, failures)
    assert timedelta(minutes=every) <= longest <= max(timedelta(days=1), timedelta(minutes=every))
    assert cadence.next_due("s", every, now, failures) - now <= longest + cadence.FORWARD


def test_failures_double_the_wait() -> None:
    hours = [cadence.wait(60, failures) / timedelta(hours=1) for failures in range(9)]
    assert hours == [1, 1, 1, 2, 4, 8, 16, 24, 24]


def test_sources_of_one_cadence_are_spread() -> None:
    dues = [cadence.next_due(f"source-{n}", 60, NOW) for n in range(600)]
    in_each_minute = [0] * 60
    for due in dues:
        in_each_minute[due.minute] += 1
    assert max(in_each_minute) <= 25  # 10 would be even
    assert min(in_each_minute) >= 1


def test_a_restart_or_a_late_run_does_not_shift_the_slots() -> None:
    due = cadence.next_due("miit-wjfb-tz", 30, NOW)
    for seconds in (1, 60, 1_000):
        assert cadence.next_due("miit-wjfb-tz", 30, due + timedelta(seconds=seconds)) == due + timedelta(minutes=30)


def test_eight_hours_asleep_are_one_slot() -> None:
    due = cadence.next_due("s", 15, NOW)
    woken = due + timedelta(hours=8, minutes=1)
    assert woken < cadence.next_due("s", 15, woken) <= woken + timedelta(minutes=15)


def test_an_hour_that_comes_twice_has_slots_of_its_own() -> None:
    first_lap, second_lap = set(), set()
    for lap, names in enumerate((first_lap, second_lap)):
        moment = NOW
        for _ in range(10):
            moment = cadence.next_due("s", 15, moment, lap=lap)
            names.add(slot_name(moment))
    assert len(first_lap) == len(second_lap) == 10
    assert not first_lap & second_lap


@pytest.mark.parametrize(("ahead", "anomalous"), [(timedelta(minutes=59), False), (timedelta(hours=2), True)])
def test_a_due_time_too_far_ahead_is_repaired(ahead: timedelta, anomalous: bool) -> None:
    found = cadence.repaired("s", 60, NOW + ahead, NOW)
    if anomalous:
        assert found is not None
        assert NOW < found <= NOW + timedelta(hours=1, seconds=2)
        assert found.microsecond == 1
    else:
        assert found is None


def test_a_source_spaced_out_by_failures_is_no_anomaly() -> None:
    due = cadence.next_due("s", 60, NOW, failures=9)
    assert cadence.repaired("s", 60, due, NOW, failures=9) is None


def test_the_retry_schedule_is_the_promised_one() -> None:
    moments = [NOW]
    while (following := cadence.retry_at("delivery-1", len(moments), moments[-1])) is not None:
        moments.append(following)
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(moments)]
    promised = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]
    assert len(gaps) == len(promised)  # with the first attempt: ten
    for gap, expected in zip(gaps, promised, strict=True):
        assert 0.9 * expected <= gap <= 1.1 * expected


def test_the_spread_of_a_retry_is_the_same_every_time_and_differs_by_delivery() -> None:
    assert cadence.retry_at("a", 2, NOW) == cadence.retry_at("a", 2, NOW)
    assert len({cadence.retry_at(str(n), 2, NOW) for n in range(50)}) == 50
