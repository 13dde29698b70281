"""What is usual for a source, learned from its own good runs, and when a source is too quiet to be believed.

A column that publishes nothing answers like one whose page was left behind by a redesign. So the pace is learned: the
gaps, in working days, between the days on which documents came. Public holidays make no gap.
"""

import itertools
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.clock import CHINA
from storage.models import Page, Run, Sighting, Source
from storage.workdays import workdays_between

RUNS = 30  # good runs that are looked back on
FEWEST_RUNS = 3  # fewer tell nothing of what is usual
DAYS = 60  # days with new documents that are looked back on
FEWEST_DAYS = 6
QUIET_FACTOR = 3  # times the widest usual gap
QUIET_AT_LEAST = 15  # working days: three weeks


@dataclass(frozen=True, slots=True)
class Usual:
    """What page 1 of a source's list usually shows, over `runs` good runs: entries, and the share with dates (0-1)."""

    runs: int
    entries: float
    dated: float


def usual(session: Session, source_id: str) -> Usual | None:
    """What is usual for the source; None while too little is known."""
    since = session.scalar(select(Source.usual_since).where(Source.id == source_id))
    good = Run.verdict.in_(("ok", "partial"))
    query = select(Run.entries, Run.dated).where(Run.source_id == source_id, Run.entries > 0)
    # The run that a person accepted counts as good, whatever its verdict was.
    query = (
        query.where(good) if since is None else query.where(good | (Run.started_at == since), Run.started_at >= since)
    )
    found = session.execute(query.order_by(Run.id.desc()).limit(RUNS))
    rows = [(entries, dated or 0) for entries, dated in found if entries]
    if len(rows) < (FEWEST_RUNS if since is None else 1):
        return None
    return Usual(
        len(rows),
        statistics.median(entries for entries, _ in rows),
        statistics.median(dated / entries for entries, dated in rows),
    )


def widest_gap(days: Sequence[date]) -> int | None:
    """The gap in working days that nine of ten gaps between these days keep within; None where there are too few."""
    ordered = sorted(set(days))
    if len(ordered) < FEWEST_DAYS:
        return None
    gaps = sorted(workdays_between(before, after) for before, after in itertools.pairwise(ordered))
    return max(1, gaps[min(len(gaps) - 1, len(gaps) * 9 // 10)])


def pace(session: Session, source_id: str) -> tuple[int | None, date | None]:
    """(the widest usual gap in working days, the newest day) of what the source's list showed, by the list's dates."""
    query = (
        select(Page.list_date)
        .join(Sighting, Sighting.page_id == Page.id)
        .where(Sighting.source_id == source_id, Page.list_date.is_not(None))
        .group_by(Page.list_date)
        .order_by(Page.list_date.desc())
        .limit(DAYS)
    )
    days = [day for day in session.scalars(query) if day is not None]
    return widest_gap(days), max(days, default=None)


def quiet(session: Session, source_id: str, now: datetime) -> str:
    """Why the source is too quiet, in words; empty while its pace is as usual or not known."""
    gap, newest = pace(session, source_id)
    if gap is None or newest is None:
        return ""
    silent = workdays_between(newest, now.astimezone(CHINA).date())
    longest = max(QUIET_AT_LEAST, QUIET_FACTOR * gap)
    if silent <= longest:
        return ""
    each = "every working day" if gap == 1 else f"at least every {gap} working days"
    return f"nothing new for {silent} working days (newest of {newest}), usually {each}"
