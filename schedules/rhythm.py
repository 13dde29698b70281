"""When a source publishes, learned from what it published, and how often that makes it worth asking. Pure.

Documents come at a rate that depends on the hour and on whether offices work. Asking every Δ hours at a rate of λ
documents an hour costs 1/Δ requests and λΔ/2 hours of delay an hour; the sum is least at Δ = √(2c/λ), where c is the
delay that one request is worth. So a column that publishes four times as much is asked twice as often, and one that
publishes at five in the afternoon is asked then.
"""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from storage.clock import CHINA
from storage.workdays import is_workday

DAYS = 120  # that are looked back on
WORTH_HOURS = 1 / 60  # c: a request is worth it where it brings documents forward by a minute in all
MENTION = timedelta(hours=6)  # how long a source that news named is asked at the floor

# What is taken for granted until the source's own documents say otherwise, with the weight of so many days.
PRIOR_DAYS = 5.0
PRIOR_WORKDAY = 0.5  # documents; the median of the catalog's columns with a known pace is one in two working days
PRIOR_REST_DAY = 0.05
# Hours are trusted slowly: a prior as strong as eight documents. Offices publish before noon and before they close.
PRIOR_DOCUMENTS = 8.0
OFFICE_HOURS = (
    0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.3, 1, 3, 7, 10, 8, 4, 4, 7, 10, 12, 11, 6, 4, 3, 2, 1, 0.5,
)  # fmt: skip
WEEKS = 4.0  # the weight of "every working day alike" against what single weekdays show


@dataclass(frozen=True, slots=True)
class Publication:
    """Something that a source published. `moment` (aware): where it is known to the hour."""

    day: date
    moment: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Documents a source is expected to publish. `workday`: a day, from Monday on (Saturday and Sunday when they are
    worked); `rest`: on a day that is none; the hours' shares sum to 1. `documents`: how many it was learned from."""

    workday: tuple[float, ...]
    rest: float
    workday_hours: tuple[float, ...]
    rest_hours: tuple[float, ...]
    documents: int

    def rate(self, moment: datetime) -> float:
        """Documents an hour that are expected at an aware `moment`."""
        local = moment.astimezone(CHINA)
        if is_workday(local.date()):
            return self.workday[local.weekday()] * self.workday_hours[local.hour]
        return self.rest * self.rest_hours[local.hour]

    @property
    def peak(self) -> int:
        """The hour of a working day at which most is expected."""
        return max(range(24), key=self.workday_hours.__getitem__)

    @property
    def a_week(self) -> float:
        """Documents expected in a week without holidays."""
        return sum(self.workday[:5]) + 2 * self.rest


def learn(publications: Iterable[Publication], today: date) -> Rhythm:
    """The rhythm of a source by what it published in the DAYS up to `today`; few or none leave the usual one."""
    first = today - timedelta(days=DAYS)
    known = [one for one in publications if first <= one.day <= today]
    if known:
        first = max(first, min(one.day for one in known))
        days = [first + timedelta(days=number) for number in range((today - first).days + 1)]
    else:
        days = []
    worked = Counter(day.weekday() for day in days if is_workday(day))
    on_workdays = Counter(one.day.weekday() for one in known if is_workday(one.day))
    resting = len(days) - worked.total()
    on_rest = len(known) - on_workdays.total()
    usual = (on_workdays.total() + PRIOR_WORKDAY * PRIOR_DAYS) / (worked.total() + PRIOR_DAYS)
    return Rhythm(
        workday=tuple((on_workdays[day] + usual * WEEKS) / (worked[day] + WEEKS) for day in range(7)),
        rest=(on_rest + PRIOR_REST_DAY * PRIOR_DAYS) / (resting + PRIOR_DAYS),
        workday_hours=_hours(one.moment for one in known if is_workday(one.day)),
        rest_hours=_hours(one.moment for one in known if not is_workday(one.day)),
        documents=len(known),
    )


def _hours(moments: Iterable[datetime | None]) -> tuple[float, ...]:
    """Each hour's share of a day's documents. What came at 16:50 speaks for 17 o'clock, too."""
    counts = Counter(moment.astimezone(CHINA).hour for moment in moments if moment is not None)
    smooth = [counts[h] / 2 + (counts[(h - 1) % 24] + counts[(h + 1) % 24]) / 4 for h in range(24)]
    scale = PRIOR_DOCUMENTS / sum(OFFICE_HOURS)
    total = counts.total() + PRIOR_DOCUMENTS
    return tuple((seen + scale * prior) / total for seen, prior in zip(smooth, OFFICE_HOURS, strict=True))


def interval(rate: float, floor: timedelta, ceiling: timedelta) -> timedelta:
    """The time between two requests that a rate of documents an hour is worth, within floor and ceiling."""
    hours = math.sqrt(2 * WORTH_HOURS / rate) if rate > 0 else math.inf
    return min(max(timedelta(hours=min(hours, 1_000)), floor), ceiling)


def following(
    rhythm: Rhythm,
    now: datetime,
    floor: timedelta,
    ceiling: timedelta,
    *,
    mentioned_at: datetime | None = None,
    share: float = 1.0,
) -> datetime:
    """When to ask next after `now`: where the intervals of the hours in between add up to one, so that a quiet night
    does not delay the first look of the morning. `share` (about 1) of it, to keep sources apart. Whole seconds, UTC."""
    at, left = now.astimezone(UTC), share
    while True:
        step = interval(rhythm.rate(at), floor, ceiling)
        if mentioned_at is not None and mentioned_at <= at < mentioned_at + MENTION:
            step = floor
        hour_end = at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        part = (hour_end - at) / step
        if part >= left:
            return (at + step * left).replace(microsecond=0) + timedelta(seconds=1)
        left -= part
        at = hour_end
