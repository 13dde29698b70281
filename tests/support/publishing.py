"""Sources that publish by chance, as real ones do, and what asking them by a cadence costs and brings. No network."""

import random
from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from schedules.cadences import Adaptive, Cadence
from schedules.rhythm import Publication, learn
from storage.clock import CHINA
from storage.workdays import is_workday

# Shares of a working day's documents by hour; unlike what is taken for granted before anything is learned.
EVENING = {16: 3, 17: 6, 18: 4, 19: 1}
OFFICE = {9: 3, 10: 4, 11: 3, 14: 2, 15: 4, 16: 5, 17: 4}
ROUND = dict.fromkeys(range(24), 1) | dict.fromkeys(range(8, 22), 4)


@dataclass(frozen=True)
class Kind:
    """A kind of source: documents a working day and a day of rest, and the hours at which they come."""

    workday: float
    rest: float
    hours: dict[int, int]


KINDS = {
    "ministry, one a working day, late afternoon": Kind(1, 0.02, EVENING),
    "ministry, three a working day": Kind(3, 0.1, OFFICE),
    "department, two a week": Kind(0.4, 0.01, OFFICE),
    "column, two a month": Kind(0.1, 0, OFFICE),
    "news site, 30 a day": Kind(30, 18, ROUND),
}


def history(kind: Kind, first: date, days: int, seed: int) -> list[datetime]:
    """The moments (UTC) at which a source publishes, over `days` from `first`."""
    chance = random.Random(seed)  # noqa: S311 - the same every time
    found = []
    for number in range(days):
        day = first + timedelta(days=number)
        rate = kind.workday if is_workday(day) else kind.rest
        left = chance.expovariate(1) if rate else 0
        while rate and left < rate:
            hour = chance.choices(list(kind.hours), weights=list(kind.hours.values()))[0]
            at = datetime.combine(day, time(hour, chance.randrange(60), chance.randrange(60)), CHINA)
            found.append(at.astimezone(UTC))
            left += chance.expovariate(1)
    return sorted(found)


@dataclass(frozen=True)
class Measured:
    """`delay`: the median time from publication to the next look; `p95` likewise; `a_day`: looks a day."""

    delay: timedelta
    p95: timedelta
    a_day: float


def measure(way: Cadence, published: list[datetime], first: datetime, days: int, *, relearn: bool = False) -> Measured:
    """Look at a source by a cadence for `days` from `first`; with `relearn` its rhythm is learned anew each week."""
    now, end = first, first + timedelta(days=days)
    looks = []
    learned = first
    while now < end:
        looks.append(now)
        if relearn and isinstance(way, Adaptive) and now - learned >= timedelta(days=7):
            seen = [at for at in published if at <= now]
            today = now.astimezone(CHINA).date()
            known = learn([Publication(at.astimezone(CHINA).date(), at) for at in seen], today)
            way, learned = Adaptive(known, way.floor, way.ceiling), now
        now = way.after("simulated", now).at
    delays = sorted(
        looks[place] - at for at in published if first <= at < end and (place := bisect_right(looks, at)) < len(looks)
    )
    return Measured(delays[len(delays) // 2], delays[len(delays) * 95 // 100], len(looks) / days)
