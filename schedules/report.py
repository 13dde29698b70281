"""What is due, running and late, source by source, and why each is due when it is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from policy_crawler.catalog import Source
from schedules import health
from schedules.pacing import Pacing
from storage.clock import Clock
from storage.scheduling import OnBoard, Timetable

START_WITHIN = timedelta(seconds=60)  # of its slot: later is late

State = Literal["running", "waiting", "late", "due", "scheduled"]


@dataclass(frozen=True, slots=True)
class Line:
    """A source on the schedule. `late`: how long its slot has waited beyond a minute for a process; `silent`: how much
    longer than twice its cadence it has been without a success."""

    source: str
    name: str
    state: State
    due: datetime | None
    why: str
    late: timedelta | None
    silent: timedelta | None
    run: int | None
    requests: int
    queued: int
    documents: dict[str, int]
    failures: int
    last_success: datetime | None


def schedule(timetable: Timetable, pacing: Pacing, sources: Mapping[str, Source], clock: Clock) -> Iterator[Line]:
    """The schedule's lines, the next due first. `sources`: the catalog's, by id."""
    now = clock.now()
    for row in timetable.board():
        waited = _waited(row, now)
        source = sources.get(row.source_id)
        silent = None
        if source is not None and row.due_at is not None:
            silent = health.late(row, pacing.of(source, row.mentioned_at), now)
        said: dict[str, Any] = row.progress if row.run_state == "running" else {}
        yield Line(
            source=row.source_id,
            name=row.name,
            state=_state(row, now, waited),
            due=row.due_at,
            why=row.why,
            late=waited if waited > START_WITHIN else None,
            silent=silent,
            run=row.run_id,
            requests=said.get("requests", 0),
            queued=said.get("queued", 0),
            documents=dict(said.get("documents") or {}),
            failures=row.failures,
            last_success=row.last_success_at,
        )


def _waited(row: OnBoard, now: datetime) -> timedelta:
    """How long a slot of the source has waited for a process."""
    if row.run_state == "queued" and row.run_queued_at is not None:
        return now - row.run_queued_at
    if row.run_state is None and row.due_at is not None:
        return max(now - row.due_at, timedelta(0))
    return timedelta(0)


def _state(row: OnBoard, now: datetime, waited: timedelta) -> State:
    if row.run_state == "running":
        return "running"
    if waited > START_WITHIN:
        return "late"
    if row.run_state == "queued":
        return "waiting"
    return "due" if row.due_at is not None and row.due_at <= now else "scheduled"
