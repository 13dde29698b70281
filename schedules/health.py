"""What operators are told of their sources: when one breaks and when it is well again, once each.

The archive makes the events (at the edge, never twice in a row); they travel as alerts do, through a watch that asks
for them. Analysts' watches do not get them.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from schedules.cadences import Cadence
from schedules.watches import SOURCE_EVENTS
from storage.rows import SourceRow
from storage.scheduling import OnBoard
from storage.watching import WatchBook

OPERATOR_WATCH = "source health"
LATE_AFTER = 2  # cadences without a success: then a source is late, whatever its last run said


def tell_operator(book: WatchBook, channel_ids: Iterable[int], owner: str = "local") -> None:
    """Have every source's failing and recovery told to these channels. Done again, it replaces what was there."""
    if any(watch.name == OPERATOR_WATCH and watch.owner == owner for watch in book.watches()):
        book.remove_watch(OPERATOR_WATCH, owner)
    book.add_watch(OPERATOR_WATCH, "*", {"events": sorted(SOURCE_EVENTS)}, channels=channel_ids, owner=owner)


def late(source: OnBoard | SourceRow, way: Cadence, now: datetime) -> timedelta | None:
    """How much longer than twice its cadence a scheduled source has been without a success; None where it is not.

    A source spaced out by its failures counts by the wait it has now. One that never succeeded counts from the start
    of its present state."""
    since = source.last_success_at or source.state_since
    due = source.due_at if isinstance(source, OnBoard) else source.next_due_at
    if due is None or since is None:
        return None
    over = now - since - LATE_AFTER * way.usual(since, source.failures)
    return over if over > timedelta(0) else None
