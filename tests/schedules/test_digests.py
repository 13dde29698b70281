"""When digests are due: cadences, quiet hours, zones, clocks that are changed or set back. Pure."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules import digests
from storage.errors import OperatorError

CHINA = "Asia/Shanghai"
BERLIN = "Europe/Berlin"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("at once", "at_once"), ("immediately", "at_once"), ("hourly", "hourly"), ("daily", "daily 09:00"),
        ("daily 8:05", "daily 08:05"), ("Weekly Fri 17:30", "weekly fri 17:30"), ("weekly", "weekly mon 09:00"),
        ("weekly 周五 8：00", "weekly fri 08:00"),
    ],
)  # fmt: skip
def test_cadences_have_one_form(written: str, read: str) -> None:
    assert digests.read_cadence(written) == read
    assert digests.read_cadence(read) == read


@pytest.mark.parametrize(
    "written",
    ["", "often", "daily 24:00", "daily 8", "weekly someday", "hourly 08:00", "at_once 08:00", "daily 08:00 x"],
)
def test_cadences_that_cannot_be_read(written: str) -> None:
    with pytest.raises(OperatorError, match="cadence"):
        digests.read_cadence(written)


def test_quiet_hours_and_zones_are_read() -> None:
    assert digests.read_quiet("22:00 - 7:00") == "22:00-07:00"
    assert digests.read_quiet("none") is None
    assert digests.read_zone(None) == CHINA
    for wrong in ("22:00", "22:00-22:00", "25:00-07:00"):
        with pytest.raises(OperatorError, match="quiet hours"):
            digests.read_quiet(wrong)
    for wrong in ("Mars/Olympus", "../../etc/passwd"):
        with pytest.raises(OperatorError, match="no time zone"):
            digests.read_zone(wrong)
    with pytest.raises(OperatorError, match="within the quiet hours"):
        digests.check("daily 06:00", "22:00-07:00")
    digests.check("daily 07:00", "22:00-07:00")


def at(day: int, clock: str, zone: str = CHINA, month: int = 3) -> datetime:
    return datetime(2026, month, day, int(clock[:2]), int(clock[3:]), tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("cadence", "quiet", "now", "due"),
    [
        ("at_once", None, (2, "10:00"), (2, "10:00")),
        ("at_once", "22:00-07:00", (2, "21:59"), (2, "21:59")),
        ("at_once", "22:00-07:00", (2, "22:00"), (3, "07:00")),
        ("at_once", "22:00-07:00", (3, "00:30"), (3, "07:00")),
        ("at_once", "22:00-07:00", (3, "07:00"), (3, "07:00")),
        ("at_once", "12:00-14:00", (3, "13:00"), (3, "14:00")),
        ("hourly", None, (2, "10:00"), (2, "10:07")),
        ("hourly", None, (2, "10:07"), (2, "11:07")),
        ("hourly", "22:00-07:00", (2, "21:30"), (3, "07:00")),
        ("daily 08:00", None, (2, "07:59"), (2, "08:00")),
        ("daily 08:00", None, (2, "08:00"), (3, "08:00")),
        ("daily 08:00", "22:00-07:00", (2, "23:00"), (3, "08:00")),
        ("weekly mon 09:00", None, (2, "08:00"), (2, "09:00")),  # 2026-03-02 is a Monday
        ("weekly mon 09:00", None, (2, "09:00"), (9, "09:00")),
        ("weekly sun 09:00", None, (2, "09:00"), (8, "09:00")),
    ],
)
def test_when_it_is_due(cadence: str, quiet: str | None, now: tuple[int, str], due: tuple[int, str]) -> None:
    found = digests.due(cadence, quiet, CHINA, at(*now))
    assert found.at == at(*due)
    assert (found.digest is None) == (cadence == "at_once" and now == due)


def test_a_change_to_summer_time_and_back_leaves_one_message_a_day() -> None:
    spring = digests.due("daily 02:30", None, BERLIN, at(28, "12:00", BERLIN)).at  # 02:30 is left out on the 29th
    assert spring == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert digests.due("daily 02:30", None, BERLIN, spring).at == at(30, "02:30", BERLIN)
    autumn = digests.due("daily 02:30", None, BERLIN, at(24, "12:00", BERLIN, 10)).at  # comes twice on the 25th
    assert autumn == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert digests.due("daily 02:30", None, BERLIN, autumn).at == at(26, "02:30", BERLIN, 10)


cadences = st.sampled_from(["at_once", "hourly", "daily 08:00", "weekly wed 12:15"])
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda moment: moment.replace(tzinfo=UTC))


@given(cadences, st.sampled_from([None, "22:00-07:00", "12:30-13:00"]), st.sampled_from([CHINA, BERLIN]), moments)
def test_what_is_due_is_near_and_never_quiet(cadence: str, quiet: str | None, zone: str, now: datetime) -> None:
    if cadence == "weekly wed 12:15" and quiet == "12:30-13:00":
        cadence = "weekly wed 13:15"
    found = digests.due(cadence, quiet, zone, now)
    assert now <= found.at <= now + timedelta(days=8)
    if found.digest is None:
        assert (cadence, found.at) == ("at_once", now)
        return
    assert found.at > now
    middle = now + (found.at - now) / 2
    assert digests.due_again(found.digest, middle) >= found.at  # nothing is brought back while time goes on
    if quiet:
        again = digests.due("at_once", quiet, zone, found.at)
        assert again.at == found.at  # it is not in its quiet hours


def test_a_clock_that_is_set_back_brings_a_digest_nearer() -> None:
    found = digests.due("daily 08:00", None, CHINA, at(3, "12:00"))
    assert digests.due_again(found.digest or "", at(2, "12:00")) == at(3, "08:00")
    assert digests.due_again("nonsense", at(2, "12:00")) == at(2, "12:00")
