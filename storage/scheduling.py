"""The scheduler's questions: what is due, which runs wait for a process. Due times live in `source.next_due_at`."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Engine, case, exists, func, or_, select, update

from storage.clock import Clock
from storage.engine import reading, writing
from storage.models import Channel, Delivery, Event, Lease, Run, Source

LONGEST_CLAIM = timedelta(minutes=10)  # no lease or claim is taken for longer
LONGEST_RETRY = timedelta(hours=27)  # nor does a delivery wait longer for its next attempt


@dataclass(frozen=True, slots=True)
class Due:
    """A scheduled source. `failures`: runs in a row that did not succeed."""

    source_id: str
    site: str
    due_at: datetime  # aware UTC; its microseconds count the times that the clock was set back
    failures: int
    mentioned_at: datetime | None = None  # when news last named a document of it


@dataclass(frozen=True, slots=True)
class Queued:
    """A run that waits for a process."""

    run_id: int
    source_id: str
    site: str
    trigger: str
    request: dict[str, Any] = field(default_factory=dict)  # what was asked for beside the usual


@dataclass(frozen=True, slots=True)
class OnBoard:
    """A source as the schedule shows it, with the run that waits or is under way, if any."""

    source_id: str
    name: str
    due_at: datetime | None
    why: str
    state: str
    state_since: datetime | None
    failures: int
    last_success_at: datetime | None
    mentioned_at: datetime | None
    run_id: int | None
    run_state: str | None
    run_queued_at: datetime | None
    run_started_at: datetime | None
    progress: dict[str, Any]


def slot_name(due: datetime) -> str:
    """The name of a slot: its moment in UTC. One run row per source and name can exist."""
    return due.astimezone(UTC).isoformat(timespec="microseconds")


def _site_of(site: str, request: dict[str, Any] | None) -> str:
    """The host that a run asks: its source's, or that of the one page it is to read."""
    url = (request or {}).get("url")
    return (urlsplit(url).hostname or site) if url else site


class Timetable:
    """When sources are due, in SQL, so that a restart forgets nothing and no two services disagree."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def plan(self, source_ids: Collection[str]) -> tuple[int, int]:
        """Make exactly these sources scheduled: new ones are due now, others are taken off.

        Answers (how many were put on, how many taken off). Their rows must exist (`Archive.register_sources`)."""
        wanted = set(source_ids)
        with writing(self._engine) as session:
            rows = session.execute(select(Source.id, Source.next_due_at)).all()
            on = [source_id for source_id, due in rows if due is None and source_id in wanted]
            off = [source_id for source_id, due in rows if due is not None and source_id not in wanted]
            # Whole seconds: the microseconds have a meaning of their own.
            now = self._clock.now().replace(microsecond=0)
            if on:
                why = "it is scheduled from now on"
                session.execute(
                    update(Source), [{"id": source_id, "next_due_at": now, "due_reason": why} for source_id in on]
                )
            if off:
                session.execute(
                    update(Source), [{"id": source_id, "next_due_at": None, "due_reason": None} for source_id in off]
                )
        return len(on), len(off)

    def scheduled(self) -> list[Due]:
        """Every scheduled source, the next due first."""
        return self._dues(None)

    def due(self, limit: int | None = None) -> list[Due]:
        """The sources whose slot has come, the longest waiting first."""
        return self._dues(self._clock.now(), limit)

    def _dues(self, until: datetime | None, limit: int | None = None) -> list[Due]:
        query = select(Source.id, Source.site, Source.next_due_at, Source.failures, Source.mentioned_at)
        query = query.where(Source.next_due_at.is_not(None) if until is None else Source.next_due_at <= until)
        with reading(self._engine) as session:
            rows = session.execute(query.order_by(Source.next_due_at, Source.id).limit(limit)).all()
        return [Due(source_id, site, due, fails, named) for source_id, site, due, fails, named in rows if due]

    def due_of(self, source_id: str) -> Due | None:
        """A scheduled source; None where it is not."""
        query = select(Source.id, Source.site, Source.next_due_at, Source.failures, Source.mentioned_at)
        with reading(self._engine) as session:
            row = session.execute(query.where(Source.id == source_id, Source.next_due_at.is_not(None))).first()
        return None if row is None or row[2] is None else Due(row[0], row[1], row[2], row[3], row[4])

    def move(self, source_id: str, due_at: datetime, next_due_at: datetime, why: str | None = None) -> bool:
        """Set the next slot of a source whose present one is `due_at`, and why it is then. False where another has
        moved it already."""
        with writing(self._engine) as session:
            found = session.execute(
                update(Source)
                .where(Source.id == source_id, Source.next_due_at == due_at)
                .values(next_due_at=next_due_at, due_reason=why)
                .returning(Source.id)
            ).all()
        return bool(found)

    def hurry(self, source_id: str) -> None:
        """Make a scheduled source due now. A slot is filled once: where those of the last seconds are, one before."""
        now = self._clock.now().replace(microsecond=0)
        with writing(self._engine) as session:
            source = session.get(Source, source_id)
            if source is None or source.next_due_at is None or source.next_due_at <= now:
                return
            slot = (now - timedelta(seconds=1)).replace(microsecond=source.next_due_at.microsecond)
            while session.scalar(select(Run.id).where(Run.source_id == source_id, Run.slot == slot_name(slot))):
                slot -= timedelta(seconds=1)
            source.next_due_at, source.due_reason = slot, "somebody asked for it"

    def queued(self) -> list[Queued]:
        """The runs that wait for a process: first those that somebody asked for, in the order of their asking."""
        query = (
            select(Run.id, Run.source_id, Source.site, Run.trigger, Run.request)
            .join(Source, Source.id == Run.source_id)
            .where(Run.state == "queued")
            .order_by(case((Run.trigger == "schedule", 1), else_=0), Run.id)
        )
        with reading(self._engine) as session:
            found = session.execute(query).all()
        return [
            Queued(run_id, source_id, _site_of(site, request), trigger, dict(request or {}))
            for run_id, source_id, site, trigger, request in found
        ]

    def lateness(self) -> timedelta:
        """How long the slot that has waited longest has waited for its process: 0 where none waits."""
        now = self._clock.now()
        with reading(self._engine) as session:
            due = session.scalar(select(func.min(Source.next_due_at)).where(Source.next_due_at <= now))
            queued = session.scalar(
                select(func.min(Run.queued_at)).where(Run.state == "queued", Run.trigger == "schedule")
            )
        return max((now - moment for moment in (due, queued) if moment is not None), default=timedelta(0))

    def board(self) -> list[OnBoard]:
        """Every source that is scheduled, waits or runs, the next due first."""
        open_run = (
            select(func.max(Run.id)).where(Run.source_id == Source.id, Run.state != "finished").correlate(Source)
        ).scalar_subquery()
        query = select(Source, Run).outerjoin(Run, Run.id == open_run)
        query = query.where(or_(Source.next_due_at.is_not(None), Run.id.is_not(None)))
        with reading(self._engine) as session:
            rows = session.execute(query.order_by(Source.next_due_at.is_(None), Source.next_due_at, Source.id)).all()
            return [
                OnBoard(
                    source_id=source.id, name=source.name, due_at=source.next_due_at, why=source.due_reason or "",
                    state=source.state, state_since=source.state_since, failures=source.failures,
                    last_success_at=source.last_success_at, mentioned_at=source.mentioned_at,
                    run_id=run.id if run else None, run_state=run.state if run else None,
                    run_queued_at=run.queued_at if run else None, run_started_at=run.started_at if run else None,
                    progress=dict(run.progress or {}) if run else {},
                )
                for source, run in rows
            ]  # fmt: skip

    def explain(self, run_id: int, reason: str) -> None:
        """Say in the row of a run that died or was ended, and in the event that tells of it, what its parent saw."""
        with writing(self._engine) as session:
            run = session.get(Run, run_id)
            if run is None or run.verdict not in {"died", "interrupted"}:
                return
            run.reason = reason[:2_000]
            for event in session.scalars(select(Event).where(Event.run_id == run_id, Event.kind == "source_failing")):
                event.payload = {**event.payload, "reason": run.reason}

    def withdraw(self, run_id: int, reason: str) -> None:
        """Close a queued run that nobody can make."""
        now = self._clock.now()
        with writing(self._engine) as session:
            session.execute(
                update(Run)
                .where(Run.id == run_id, Run.state == "queued")
                .values(state="finished", verdict="failed", reason=reason, finished_at=now)
            )

    def set_back(self, by: timedelta) -> None:
        """Move everything that waits for a moment after the clock was set back: due times (into the next lap, so that
        an hour that comes twice has slots of its own), retries, claims and leases."""
        with writing(self._engine) as session:
            sources = session.execute(
                select(Source.id, Source.next_due_at).where(Source.next_due_at.is_not(None))
            ).all()
            moved = [
                {"id": source_id, "next_due_at": (due - by).replace(microsecond=due.microsecond + 1)}
                for source_id, due in sources
                if due is not None
            ]
            if moved:
                session.execute(update(Source), moved)
            for delivery in session.scalars(select(Delivery).where(Delivery.state == "pending")):
                delivery.next_attempt_at -= by
                delivery.held_until = delivery.held_until and delivery.held_until - by
            for channel in session.scalars(select(Channel).where(Channel.probe_at.is_not(None))):
                channel.probe_at = channel.probe_at and channel.probe_at - by
            for lease in session.scalars(select(Lease).where(Lease.expires_at.is_not(None))):
                lease.expires_at = lease.expires_at and lease.expires_at - by

    def release_impossible(self) -> bool:
        """Free every lease and claim that runs longer than any is taken for, and every first attempt that lies ahead:
        they are from before the clock was set back, perhaps to 1970, while nothing ran. Answers whether there were."""
        now = self._clock.now()
        too_long = now + LONGEST_CLAIM
        leases = Lease.expires_at > too_long
        pending = Delivery.state == "pending"
        claims = pending & (Delivery.held_until > too_long)
        first = pending & (Delivery.attempts == 0) & (Delivery.next_attempt_at > now)
        later = pending & (Delivery.next_attempt_at > now + LONGEST_RETRY)
        with reading(self._engine) as session:
            found = session.scalar(select(exists().where(leases))) or session.scalar(
                select(exists().where(claims | first | later))
            )
        if not found:
            return False
        with writing(self._engine) as session:
            session.execute(update(Lease).where(leases).values(holder=None, expires_at=None))
            session.execute(update(Delivery).where(claims).values(holder=None, held_until=None))
            session.execute(update(Delivery).where(first | later).values(next_attempt_at=now))
        return True
