"""Runs that somebody asks for: they wait in the queue of the scheduled ones, go before them, say how far they are, and
can be ended. All of it is in the run's row, so that any process on the archive can ask, look and end."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from storage import runs
from storage.clock import Clock
from storage.engine import reading, writing
from storage.errors import ArchiveError
from storage.models import Run

TOLD_AT_MOST = 50  # documents that a run's progress names: who looks every second misses none


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of a wish. `joined`: a run for the same was waiting or under way already."""

    run_id: int
    joined: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is. `state`: queued, running or finished.

    `documents`: how many of each outcome so far; `latest`: what was said of the last ones, the oldest first, of `told`
    in all; `ahead`: runs that wait before it, while it waits itself."""

    run_id: int
    source_id: str
    trigger: str
    state: str
    verdict: str | None
    reason: str
    requests: int
    queued: int
    documents: dict[str, int]
    latest: tuple[dict[str, Any], ...]
    told: int
    at: datetime | None  # when it said so
    queued_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    cancelled_by: str | None
    ahead: int = 0
    request: dict[str, Any] = field(default_factory=dict)


class OnDemand:
    """The archive's runs as people ask for them."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def ask(self, source_id: str, trigger: str, request: Mapping[str, Any] | None = None) -> Asked:
        """Put a run into the queue, or join the one that does the same: waiting or under way, with the same wishes.

        A run with other wishes is queued beside one that is open; the site's lease keeps them apart. Raises
        ArchiveError for a source that the archive does not know."""
        wishes = dict(request or {})
        with writing(self._engine) as session:
            open_runs = select(Run).where(Run.source_id == source_id, Run.state != "finished").order_by(Run.id.desc())
            for run in session.scalars(open_runs):
                if (run.request or {}) == wishes and run.cancelled_by is None:
                    return Asked(run.id, joined=True)
            run = runs.add(session, source_id, trigger, None, self._clock.now())
            run.request = wishes or None
            session.flush()
            return Asked(run.id, joined=False)

    def cancel(self, run_id: int, by: str) -> str:
        """End a run before its time: one that waits is closed now ("finished"), one that runs is told ("running") and
        ends as a crawl does that is stopped: what it found is kept.

        Raises ArchiveError where there is no such run, or it has ended."""
        with writing(self._engine) as session:
            run = runs.get(session, run_id)
            if run.state == "finished":
                raise ArchiveError(f"run {run_id} has ended: {run.verdict}")
            run.cancelled_by = run.cancelled_by or by
            if run.state == "queued":
                run.state, run.verdict, run.finished_at = "finished", "interrupted", self._clock.now()
                run.reason = f"cancelled by {by} before it began"
            return run.state

    def cancelled_by(self, run_id: int) -> str | None:
        """Who asked that a run end, if anybody did."""
        with reading(self._engine) as session:
            return session.scalar(select(Run.cancelled_by).where(Run.id == run_id))

    def asked(self) -> bool:
        """Whether a run that somebody asked for waits."""
        query = select(Run.id).where(Run.state == "queued", Run.trigger != "schedule").limit(1)
        with reading(self._engine) as session:
            return session.scalar(query) is not None

    def say(self, run_id: int, progress: Mapping[str, Any]) -> None:
        """Keep how far a run is: requests, queued, documents, latest, told."""
        with writing(self._engine) as session:
            run = session.get(Run, run_id)
            if run is not None:
                run.progress, run.progress_at = dict(progress), self._clock.now()

    def progress(self, run_id: int) -> Progress | None:
        """How far a run is; None where there is none."""
        with reading(self._engine) as session:
            run = session.get(Run, run_id)
            return _progress(session, run) if run is not None else None

    def under_way(self) -> list[Progress]:
        """Every run that waits or runs, in the order of the queue."""
        with reading(self._engine) as session:
            found = session.scalars(select(Run).where(Run.state != "finished").order_by(Run.id)).all()
            return [_progress(session, run) for run in found]


def _progress(session: Session, run: Run) -> Progress:
    said = run.progress or {}
    ahead = 0
    if run.state == "queued":
        before = select(func.count()).select_from(Run).where(Run.state == "queued", Run.id < run.id)
        if run.trigger != "schedule":  # which wait for those that are asked for
            before = before.where(Run.trigger != "schedule")
        ahead = session.scalar(before) or 0
    return Progress(
        run_id=run.id, source_id=run.source_id, trigger=run.trigger, state=run.state, verdict=run.verdict,
        reason=run.reason, requests=said.get("requests", 0), queued=said.get("queued", 0),
        documents=dict(said.get("documents") or {}), latest=tuple(said.get("latest") or ()), told=said.get("told", 0),
        at=run.progress_at, queued_at=run.queued_at, started_at=run.started_at, finished_at=run.finished_at,
        cancelled_by=run.cancelled_by, ahead=ahead, request=dict(run.request or {}),
    )  # fmt: skip
