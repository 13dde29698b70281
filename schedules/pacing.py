"""Which cadence each source has: its own, the installation's, or one learned from what it published."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Engine

from policy_crawler.catalog import Source
from schedules import rhythm
from schedules.cadences import Adaptive, Cadence, Cron, Fixed
from schedules.rhythm import Publication, Rhythm
from storage.clock import CHINA, Clock
from storage.publications import note_mentions, publications

LEARN_AGAIN = timedelta(hours=12)
MENTIONED_AGAIN = timedelta(hours=1)  # a source that news names all day is not made due by each report


class Pacing:
    """The cadences of an installation's sources.

    `every_minutes` holds for sources that say nothing themselves; 0: what is learned does, between `floor` and
    `ceiling`."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        *,
        every_minutes: int = 0,
        floor: timedelta = timedelta(minutes=10),
        ceiling: timedelta = timedelta(hours=4),
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._every_minutes = every_minutes
        self._floor = floor
        self._ceiling = max(floor, ceiling)
        self._learned: dict[str, tuple[datetime, Rhythm]] = {}

    def of(self, source: Source, mentioned_at: datetime | None = None) -> Cadence:
        """The cadence of a source. `mentioned_at`: when news last named a document of it."""
        if source.cron is not None:
            return Cron(source.cron)
        if every := source.every_minutes or self._every_minutes:
            return Fixed(every)
        return Adaptive(self._rhythm(source.id), self._floor, self._ceiling, mentioned_at)

    def is_learned(self, source: Source) -> bool:
        """Whether a source's cadence is learned."""
        return source.cron is None and not (source.every_minutes or self._every_minutes)

    def note_mentions(self, source_ids: Collection[str]) -> list[str]:
        """Make those of these sources due that news reports named since the last look; answers which."""
        return note_mentions(self._engine, self._clock, source_ids, MENTIONED_AGAIN)

    def _rhythm(self, source_id: str) -> Rhythm:
        now = self._clock.now()
        known = self._learned.get(source_id)
        if known is not None and abs(now - known[0]) < LEARN_AGAIN:
            return known[1]
        today = now.astimezone(CHINA).date()
        found = publications(self._engine, source_id, today - timedelta(days=rhythm.DAYS))
        learned = rhythm.learn((Publication(one.day, one.moment) for one in found), today)
        self._learned[source_id] = (now, learned)
        return learned
