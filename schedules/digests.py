"""When what a watch matched is sent: at once, or collected until the hour, the day or the week comes round; never in
its quiet hours. Pure: every moment is an argument.

A message that collects is a row from its first alert on, with the moment at which it is due: a restart forgets nothing.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from storage.errors import OperatorError

CHINA_ZONE: Final = "Asia/Shanghai"
AT_ONCE: Final = "at_once"
USUAL_TIME: Final = "09:00"
# Not at the full hour: robots' servers are at their busiest then, and refuse (Feishu's 11232).
HOURLY_MINUTE: Final = 7

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_WORDS = {
    **{day: day for day in DAYS},
    **dict(zip(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), DAYS, strict=True)),
    **{f"周{number}": day for number, day in zip("一二三四五六日", DAYS, strict=True)},
    "周天": "sun",
}
_CADENCE = re.compile(r"(at[_ -]?once|immediate(?:ly)?|hourly|daily|weekly)(?:\s+(.*))?", re.IGNORECASE)
_TIME = re.compile(r"(\d{1,2})[:：](\d{2})")
_DIGEST = re.compile(r"(?P<cadence>\S+(?: [a-z]{3})?(?: \d\d:\d\d)?)(?: quiet (?P<quiet>\S+))? (?P<zone>\S+)")
_HOW = "say at_once, hourly, 'daily 08:00' or 'weekly mon 09:00'"


@dataclass(frozen=True, slots=True)
class Due:
    """When to send. `digest`: the rhythm of the message that collects until then; None: at once, with its run."""

    at: datetime
    digest: str | None = None


def read_cadence(written: str) -> str:
    """A cadence in its one form: at_once, hourly, daily HH:MM, weekly mon HH:MM. Raises OperatorError."""
    match = _CADENCE.fullmatch(written.strip())
    if match is None:
        raise OperatorError(f"cadence: cannot read {written!r}; {_HOW}")
    kind, rest = match[1].lower(), (match[2] or "").split()
    if kind in {"hourly", "daily", "weekly"}:
        day = ""
        if kind == "weekly":
            day = _DAY_WORDS.get(rest.pop(0).lower(), "") if rest else "mon"
            if not day:
                raise OperatorError(f"cadence: cannot read the day in {written!r}; there are {', '.join(DAYS)}")
        if kind == "hourly" and not rest:
            return kind
        clock = _clock(rest.pop(0), "cadence") if rest else USUAL_TIME
        if not rest and kind != "hourly":
            return " ".join(filter(None, (kind, day, clock)))
    elif not rest:
        return AT_ONCE
    raise OperatorError(f"cadence: too much in {written!r}; {_HOW}")


def read_quiet(written: str) -> str | None:
    """Quiet hours in their one form, HH:MM-HH:MM; None for 'none' or nothing. Raises OperatorError."""
    if written.strip().lower() in {"", "none", "no"}:
        return None
    parts = re.split(r"\s*(?:-|–|—|~|至)\s*", written.strip())
    if len(parts) != 2:
        raise OperatorError(f"quiet hours: cannot read {written!r}; say when they begin and end, as 22:00-07:00")
    start, end = (_clock(part, "quiet hours") for part in parts)
    if start == end:
        raise OperatorError(f"quiet hours: {written!r} ends when it begins; say none, or disable the watch")
    return f"{start}-{end}"


def read_zone(name: str | None) -> str:
    """A time zone's name, China's where none is given. Raises OperatorError for one that is not known."""
    try:
        return ZoneInfo(name or CHINA_ZONE).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise OperatorError(f"no time zone {name!r}; use a name as Asia/Shanghai or Europe/Berlin") from error


def check(cadence: str, quiet: str | None) -> None:
    """Raises OperatorError where a digest's time lies in the quiet hours, so that it never came when asked for."""
    if quiet and cadence.startswith(("daily", "weekly")) and _within(_at(cadence.rsplit(maxsplit=1)[-1]), quiet):
        raise OperatorError(f"the time of {cadence!r} lies within the quiet hours {quiet}; change one of them")


def due(cadence: str, quiet: str | None, zone: str, now: datetime) -> Due:
    """When what is matched at `now` (aware) is sent, and with which digest."""
    here = now.astimezone(ZoneInfo(zone))
    at = _next(cadence, here)
    if quiet and _within(at.timetz().replace(tzinfo=None), quiet):
        at = _moment(at.date(), quiet.split("-")[1], after=at)
    elif cadence == AT_ONCE:
        return Due(now.astimezone(UTC))
    return Due(at.astimezone(UTC), " ".join([cadence, *(["quiet", quiet] if quiet else []), zone]))


def due_again(digest: str, now: datetime) -> datetime:
    """When a digest of this rhythm that is begun at `now` is due: sooner than it is, where the clock was set back."""
    match = _DIGEST.fullmatch(digest)
    if match is None:  # written by hand into the database
        return now
    return due(match["cadence"], match["quiet"], match["zone"], now).at


def _next(cadence: str, here: datetime) -> datetime:
    """The first moment of the cadence after `here`."""
    kind, *rest = cadence.split()
    if kind == "hourly":  # on the clock of UTC: an hour that comes twice has two messages
        utc = here.astimezone(UTC)
        at = utc.replace(minute=HOURLY_MINUTE, second=0, microsecond=0)
        return (at if at > utc else at + timedelta(hours=1)).astimezone(here.tzinfo)
    if kind == "daily":
        return _moment(here.date(), rest[0], after=here)
    if kind == "weekly":
        ahead = (DAYS.index(rest[0]) - here.weekday()) % 7
        return _moment(here.date() + timedelta(days=ahead), rest[1], after=here, step=7)
    return here


def _moment(day: date, clock: str, *, after: datetime, step: int = 1) -> datetime:
    """The time `clock` on `day`, or `step` days later where that is not after `after`. A time that the change to
    summer time leaves out is an hour later."""
    at = datetime.combine(day, _at(clock), after.tzinfo)
    if at.astimezone(UTC) <= after.astimezone(UTC):
        at = datetime.combine(day + timedelta(days=step), _at(clock), after.tzinfo)
    return at


def _within(clock: time, quiet: str) -> bool:
    start, end = (_at(part) for part in quiet.split("-"))
    return start <= clock < end if start < end else clock >= start or clock < end


def _at(clock: str) -> time:
    return time(int(clock[:2]), int(clock[3:5]))


def _clock(written: str, what: str) -> str:
    match = _TIME.fullmatch(written)
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:
        raise OperatorError(f"{what}: {written!r} is no time of day; write it as 08:00")
    return f"{int(match[1]):02}:{match[2]}"
