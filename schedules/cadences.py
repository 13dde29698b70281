"""The three ways of a source's due times: every so many minutes, by cron, or as often as its rhythm makes it worth.
Pure: every moment is an argument."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from policy_crawler.catalog.cron import cron_trigger
from schedules import cadence, rhythm
from schedules.rhythm import Rhythm
from storage.clock import CHINA

SPREAD = 0.1  # of an interval: so much earlier or later, by the source, that what was asked together comes apart


@dataclass(frozen=True, slots=True)
class Slot:
    """A due time (UTC; its microseconds count the clock's laps) and why it is then, in words."""

    at: datetime
    why: str


class Cadence(Protocol):
    """How a source's due times follow one another."""

    def after(self, source_id: str, now: datetime, failures: int = 0, lap: int = 0) -> Slot:
        """The first slot after `now` (aware); a later one after failed runs in a row."""
        ...

    def longest(self, now: datetime, failures: int = 0) -> timedelta:
        """No slot that is set at `now` lies further ahead."""
        ...

    def usual(self, now: datetime, failures: int = 0) -> timedelta:
        """The time from `now` to the next slot, where the last one was just then."""
        ...


def repaired(way: Cadence, source_id: str, due: datetime, now: datetime, failures: int = 0) -> Slot | None:
    """A slot to take the place of `due` where it lies further ahead than any is set: the clock was set back while no
    service ran, by how much nobody knows. Else None."""
    if due - now <= way.longest(now, failures) + cadence.FORWARD:
        return None
    return way.after(source_id, now, lap=due.microsecond + 1)


def _backed_off(gap: timedelta, failures: int) -> timedelta:
    """The wait in place of `gap` after so many failed runs in a row."""
    return cadence.wait(max(1, round(gap / timedelta(minutes=1))), failures) if failures >= 3 else gap


def _why(said: str, failures: int) -> str:
    return f"{said}; less often after {failures} failed runs in a row" if failures >= 3 else said


@dataclass(frozen=True, slots=True)
class Fixed:
    """Every so many minutes."""

    every_minutes: int

    def after(self, source_id: str, now: datetime, failures: int = 0, lap: int = 0) -> Slot:
        """The next of its slots, which a restart or a late run never shifts."""
        at = cadence.next_due(source_id, self.every_minutes, now, failures, lap)
        return Slot(at, _why(f"every {self.every_minutes} minutes", failures))

    def longest(self, now: datetime, failures: int = 0) -> timedelta:
        """Its cadence, or what failures make of it."""
        return cadence.wait(self.every_minutes, failures)

    usual = longest


@dataclass(frozen=True, slots=True)
class Cron:
    """At the minutes that a cron expression names, by China's clock."""

    expression: str

    def after(self, source_id: str, now: datetime, failures: int = 0, lap: int = 0) -> Slot:
        """The next minute named."""
        at = self._next(now)
        if failures >= 3:
            gap = self._next(at) - at
            at = self._next(now + _backed_off(gap, failures) - gap)
        return Slot(at.replace(microsecond=lap), _why(f"cron {self.expression}", failures))

    def longest(self, now: datetime, failures: int = 0) -> timedelta:
        """Until its next minute."""
        return self.after("", now, failures).at - now

    usual = longest

    def _next(self, now: datetime) -> datetime:
        earliest = now.astimezone(CHINA).replace(microsecond=0) + cadence.FORWARD
        at = cron_trigger(self.expression).get_next_fire_time(None, earliest)
        if at is None:
            raise ValueError(f"cron {self.expression!r} names no moment to come")
        due: datetime = at.astimezone(UTC)
        return due


@dataclass(frozen=True, slots=True)
class Adaptive:
    """As often as the source's rhythm makes it worth, not more often than `floor`, nor less than `ceiling`."""

    known: Rhythm
    floor: timedelta
    ceiling: timedelta
    mentioned_at: datetime | None = None  # when news last named a document of it that the archive has not

    def after(self, source_id: str, now: datetime, failures: int = 0, lap: int = 0) -> Slot:
        """Sooner where more is expected, or where news named a document of the source."""
        share = 1 - SPREAD + 2 * SPREAD * cadence.fraction(f"{source_id}/{now:%Y-%m-%dT%H}")
        at = rhythm.following(self.known, now, self.floor, self.ceiling, mentioned_at=self.mentioned_at, share=share)
        if failures >= 3:
            at = (now + _backed_off(at - now, failures)).astimezone(UTC)
        return Slot(at.replace(microsecond=lap), _why(self._said(now, at), failures))

    def _said(self, now: datetime, at: datetime) -> str:
        minutes = max(1, round((at - now) / timedelta(minutes=1)))
        if self.mentioned_at is not None and self.mentioned_at <= now < self.mentioned_at + rhythm.MENTION:
            return f"{minutes} minutes on: news named a document of it at {self.mentioned_at.astimezone(CHINA):%H:%M}"
        if not self.known.documents:
            return f"{minutes} minutes on: nothing learned yet, taken to publish as offices do"
        return (
            f"{minutes} minutes on: {self.known.a_week:.1f} documents a week expected, most about {self.known.peak}:00 "
            f"(learned from {self.known.documents})"
        )

    def longest(self, now: datetime, failures: int = 0) -> timedelta:
        """The ceiling and its spread, or what failures make of it."""
        most = self.ceiling * (1 + SPREAD) + cadence.FORWARD
        return max(most, cadence.LONGEST_BACKOFF) if failures >= 3 else most

    def usual(self, now: datetime, failures: int = 0) -> timedelta:
        """What its rhythm makes worth at that hour."""
        return self.after("", now, failures).at - now
