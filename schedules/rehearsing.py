"""What a watch would have told over the archive's last year, had it been there: matches, and messages a week."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from schedules import digests
from schedules.watches import WatchSet
from storage.clock import CHINA
from storage.query import TermHit
from storage.rows import EventRow
from storage.watching import UnmatchedEvent, WatchBook, WatchRow

WEEKS = 52
BATCH = 200
OFFICE = time(10, 0)  # what has a day but no moment is taken to have come in the morning


@dataclass(frozen=True, slots=True)
class Sample:
    """One event that would have been told. `on`: the day that it counts for, in China."""

    event: EventRow
    on: date
    terms: tuple[TermHit, ...]


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a watch would have told. `matches` and `messages` are by week, the oldest first; a message counts for the
    week in which it would have been sent."""

    since: date
    until: date
    looked_at: int  # events
    matches: tuple[int, ...]
    messages: tuple[int, ...]
    kinds: dict[str, int]
    samples: tuple[Sample, ...]  # the newest first
    complete: bool  # False: there were more events than were to be looked at; the newest are missing

    @property
    def matches_a_week(self) -> float:
        """On average."""
        return sum(self.matches) / len(self.matches)

    @property
    def messages_a_week(self) -> float:
        """On average, for each channel."""
        return sum(self.messages) / len(self.messages)


def rehearse(
    book: WatchBook,
    watch: WatchRow,
    *,
    samples: int = 5,
    most: int = 200_000,
    step: Callable[[int], None] = lambda _done: None,
) -> Rehearsal:
    """Match a watch with what the archive holds of the last 52 weeks.

    A document counts for the day on which it was published, whenever it was found, as if it had been watched for then;
    what became of it for when that was seen. At once means a message for each source and hour: about a crawl."""
    now = book.clock.now()
    since = now - timedelta(weeks=WEEKS)
    matching = WatchSet([watch])
    found: list[tuple[datetime, Sample]] = []
    looked_at = last = 0
    while looked_at < most and (events := book.past_events(last, since, now, min(BATCH, most - looked_at))):
        last, looked_at = events[-1].event.id, looked_at + len(events)
        step(looked_at)
        for event in events:
            for _, hits in matching.match(_as_news(event)):
                moment = _moment(event.event)
                found.append((moment, Sample(event.event, moment.astimezone(CHINA).date(), tuple(hits))))
    sent = {_message(watch, moment, sample) for moment, sample in found}
    ordered = sorted(found, key=lambda pair: (pair[0], pair[1].event.id), reverse=True)
    return Rehearsal(
        since=since.astimezone(CHINA).date(), until=now.astimezone(CHINA).date(), looked_at=looked_at,
        matches=_by_week([moment for moment, _ in found], since),
        messages=_by_week([moment for moment, _ in sent], since),
        kinds=dict(Counter(sample.event.kind for _, sample in found).most_common()),
        samples=tuple(sample for _, sample in ordered[:samples]),
        complete=looked_at < most or not book.past_events(last, since, now, 1),
    )  # fmt: skip


def _as_news(event: UnmatchedEvent) -> UnmatchedEvent:
    """As if it had been seen when it was published: backlog only came too early for the watch."""
    row = event.event
    news = EventRow(**{name: getattr(row, name) for name in EventRow.__slots__ if name != "backlog"}, backlog=False)
    return UnmatchedEvent(news, event.text, event.sources, event.levels, event.regions, event.topics)


def _moment(row: EventRow) -> datetime:
    if row.kind == "added" and row.published is not None:
        seen = row.at.astimezone(CHINA)
        at = seen.timetz() if seen.date() == row.published else OFFICE.replace(tzinfo=CHINA)
        return datetime.combine(row.published, at).astimezone(UTC)
    return row.at


def _message(watch: WatchRow, moment: datetime, sample: Sample) -> tuple[datetime, str]:
    """What decides whether two matches are one message: when it is sent, and, at once, of which source and hour."""
    due = digests.due(watch.cadence, watch.quiet, watch.zone, moment)
    if due.digest is not None:
        return due.at, ""
    return moment.replace(minute=0, second=0, microsecond=0), sample.event.source_id


def _by_week(moments: list[datetime], since: datetime) -> tuple[int, ...]:
    weeks = Counter(min(WEEKS - 1, max(0, (moment - since) // timedelta(weeks=1))) for moment in moments)
    return tuple(weeks[week] for week in range(WEEKS))
