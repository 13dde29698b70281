"""Runs: opening, judging, publishing. Events are staged while a run crawls; its end publishes them or holds them."""

from collections.abc import Callable
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage import health, mass
from storage.clock import CHINA
from storage.errors import ArchiveError
from storage.models import Event, Run, Source
from storage.records import ListRecord, RunSummary, Verdict

BACKLOG_TRIGGERS = frozenset({"backfill", "import", "reprocess"})
SUCCESSES = frozenset({Verdict.OK, Verdict.PARTIAL})
# Each page passed its own checks, so what such a run found is published, however the run ended.
PUBLISHING = frozenset({Verdict.OK, Verdict.PARTIAL, Verdict.BLOCKED, Verdict.INTERRUPTED})
# Runs in a row after which a source is said to fail. A broken expectation is certain at once; a refusal often passes
# (a firewall's bad hour), so it is told at the third.
ALARM_AFTER = {Verdict.QUARANTINED: 1, Verdict.FAILED: 1, Verdict.DIED: 1, Verdict.BLOCKED: 3}
_STATES = {Verdict.BLOCKED: "blocked", Verdict.QUARANTINED: "quarantined"}


def get(session: Session, run_id: int) -> Run:
    """The run. Raises ArchiveError where there is none."""
    run = session.get(Run, run_id)
    if run is None:
        raise ArchiveError(f"there is no run {run_id}")
    return run


def queue(session: Session, source_id: str, trigger: str, slot: str | None, now: datetime) -> Run | None:
    """A run that waits for a process; None where its slot is taken or the source already waits or runs."""
    taken = select(Run.id).where(Run.source_id == source_id, Run.state != "finished")
    if session.scalar(taken.limit(1)) is not None:
        return None
    if slot is not None and session.scalar(select(Run.id).where(Run.source_id == source_id, Run.slot == slot)):
        return None
    return add(session, source_id, trigger, slot, now)


def start(session: Session, run: Run, pid: int | None, now: datetime) -> None:
    """A queued run begins. It takes over what dead runs of its source left staged, to be judged with it."""
    if run.state != "queued":
        raise ArchiveError(f"run {run.id} cannot be started: it is {run.state}")
    source = session.get_one(Source, run.source_id)
    run.state, run.pid, run.started_at = "running", pid, now
    # A page that somebody names has no first run: its source will find it known, so this is when to tell of it.
    first = source.last_success_at is None and source.family != "page"
    run.backlog = run.trigger in BACKLOG_TRIGGERS or first
    orphans = select(Run.id).where(Run.source_id == run.source_id, Run.state == "finished")
    session.execute(
        update(Event).where(Event.state == "staged", Event.run_id.in_(orphans)).values(run_id=run.id),
        execution_options={"synchronize_session": False},
    )


def would_be_new(session: Session, run: Run, day: date | None) -> bool:
    """Whether what is dated `day` would be found by a usual run just as well, so that it is no backlog even where a
    backfill comes by it first. Days are China's."""
    last = session.get_one(Source, run.source_id).last_success_at
    return (
        run.trigger not in {"import", "reprocess"}
        and last is not None
        and day is not None
        and day >= last.astimezone(CHINA).date()
    )


def open_now(
    session: Session, source_id: str, trigger: str, now: datetime, *, slot: str | None, pid: int | None
) -> Run:
    """A run that begins at once. Raises ArchiveError where its slot is taken."""
    if slot is not None and session.scalar(select(Run.id).where(Run.source_id == source_id, Run.slot == slot)):
        raise ArchiveError(f"slot {slot} of {source_id} is already filled")
    run = add(session, source_id, trigger, slot, now)
    start(session, run, pid, now)
    return run


def add(session: Session, source_id: str, trigger: str, slot: str | None, now: datetime) -> Run:
    """A run that waits, whatever else waits. Raises ArchiveError for a source that is not known."""
    if session.get(Source, source_id) is None:
        raise ArchiveError(f"there is no source {source_id!r} in the archive; register it first")
    run = Run(source_id=source_id, trigger=trigger, slot=slot, state="queued", reason="", backlog=False,
              queued_at=now, counts={})  # fmt: skip
    session.add(run)
    session.flush()
    return run


def close(
    session: Session,
    run: Run,
    verdict: Verdict,
    now: datetime,
    *,
    reason: str,
    counts: dict[str, int],
    listing: ListRecord | None = None,
) -> None:
    """Judge a run: publish, hold or leave its staged events, and set its source's state."""
    if run.state != "running":
        raise ArchiveError(f"run {run.id} cannot be closed: it is {run.state} {run.verdict or ''}".rstrip())
    if verdict is Verdict.INTERRUPTED and run.cancelled_by is not None:
        reason = f"cancelled by {run.cancelled_by}"
    run.state, run.verdict, run.reason, run.finished_at, run.counts = "finished", verdict.value, reason, now, counts
    if listing is not None:
        run.entries, run.dated, run.newest, run.moved_to = (
            listing.entries, listing.dated, listing.newest, listing.moved_to
        )  # fmt: skip
    session.flush()
    staged = update(Event).where(Event.run_id == run.id, Event.state == "staged")
    if verdict in PUBLISHING and (held := _held_changes(session, run, now)):
        # What is new stands on its own pages; only the changes may be the template's.
        session.execute(staged.where(Event.kind == "changed").values(state="quarantined"))
        reason = f"{held}; {reason}" if reason else held
        run.verdict, run.reason = Verdict.QUARANTINED.value, reason
        _finish(session, run, Verdict.QUARANTINED, now, publish=True)
    else:
        _finish(session, run, verdict, now, publish=verdict in PUBLISHING)
    _set_source_state(session, run, Verdict(run.verdict), run.reason, now)


def _held_changes(session: Session, run: Run, now: datetime) -> str:
    """Why the changes that the run staged are held; empty where it staged none or they are believed."""
    changes = select(Event.id).where(Event.run_id == run.id, Event.state == "staged", Event.kind == "changed")
    return mass.template_change(session, run, now) if session.scalar(changes.limit(1)) is not None else ""


def _finish(session: Session, run: Run, verdict: Verdict, now: datetime, *, publish: bool) -> None:
    """Publish, hold or leave what the run staged; its withdrawals only count where all went well."""
    if verdict not in SUCCESSES:
        mass.take_back(session, run, f"the run was {verdict}", again=now)
    else:
        mass.hold_withdrawals(session, run, now)
    staged = update(Event).where(Event.run_id == run.id, Event.state == "staged")
    if publish:
        session.execute(staged.values(state="published", published_at=now))
    elif verdict is Verdict.QUARANTINED:
        session.execute(staged.values(state="quarantined"))
    session.expire_all()


def release(session: Session, run: Run, now: datetime) -> int:
    """Publish what a quarantined run held back; returns how many events."""
    if run.verdict != Verdict.QUARANTINED:
        raise ArchiveError(f"run {run.id} is not quarantined: it is {run.verdict or run.state}")
    held = session.scalars(select(Event).where(Event.run_id == run.id, Event.state == "quarantined")).all()
    for event in held:
        event.state, event.published_at = "published", now
    run.reason = f"{run.reason} (released {now:%Y-%m-%d %H:%M} UTC)"
    return len(held)


def _set_source_state(session: Session, run: Run, verdict: Verdict, reason: str, now: datetime) -> None:
    if verdict is Verdict.INTERRUPTED:
        return  # says nothing of the source
    source = session.get_one(Source, run.source_id)
    if verdict in SUCCESSES:
        source.failures, source.last_success_at = 0, now
        state, why = _state_after_success(session, source, run, reason, now)
    else:
        state, why, source.failures = _STATES.get(verdict, "broken"), reason, source.failures + 1
        if not source.alarmed and source.failures >= ALARM_AFTER[verdict]:
            source.alarmed = True
            _tell(session, run, "source_failing", reason, now)
    source.state_reason = why or None
    if state != source.state:
        source.state, source.state_since = state, now


def _state_after_success(session: Session, source: Source, run: Run, reason: str, now: datetime) -> tuple[str, str]:
    """(state, why) of a source whose run went well. One that fell quiet is alarmed too: it may have died politely."""
    if source.state == "quarantined" and mass.template_change(session, run, now):
        # A run that came by no change does not show that the template is well.
        return source.state, source.state_reason or reason
    quiet = health.quiet(session, source.id, now) if run.entries is not None else ""
    if quiet and not source.alarmed:
        source.alarmed = True
        _tell(session, run, "source_failing", quiet, now)
    elif source.alarmed and not quiet:
        source.alarmed = False
        _tell(session, run, "source_recovered", reason, now)
    moved = f"the list moved to {run.moved_to}" if run.moved_to else ""
    why = "; ".join(filter(None, (quiet, moved, reason)))
    return "degraded" if why else "ok", why


def accept(session: Session, source_id: str) -> Run:
    """The source's list is as it should be, as its last run saw it."""
    read = select(Run).where(Run.source_id == source_id, Run.entries > 0, Run.started_at.is_not(None))
    last = session.scalar(read.order_by(Run.id.desc()).limit(1))
    if last is None:
        raise ArchiveError(f"{source_id}: no run has read its list yet, so there is nothing to accept")
    session.get_one(Source, source_id).usual_since = last.started_at
    return last


def _tell(session: Session, run: Run, kind: str, reason: str, now: datetime) -> None:
    session.add(
        Event(
            kind=kind, state="published", source_id=run.source_id, run_id=run.id, backlog=False, late=False, at=now,
            published_at=now, payload={"reason": reason, "verdict": run.verdict},
        )
    )  # fmt: skip


def fail_dead(session: Session, alive: Callable[[int], bool], now: datetime) -> list[int]:
    """Finish the running runs whose process is gone as died; what they staged waits for the source's next run."""
    found = dead(session, alive)
    for run in found:
        close(session, run, Verdict.DIED, now, reason="its process ended without a word", counts=dict(run.counts))
    return [run.id for run in found]


def dead(session: Session, alive: Callable[[int], bool]) -> list[Run]:
    """The running runs whose process is gone."""
    running = session.scalars(select(Run).where(Run.state == "running").order_by(Run.id))
    return [run for run in running if run.pid is None or not alive(run.pid)]


def summary(run: Run) -> RunSummary:
    """The run as its row tells it."""
    return RunSummary(
        id=run.id,
        source_id=run.source_id,
        trigger=run.trigger,
        verdict=Verdict(run.verdict) if run.verdict else None,
        reason=run.reason,
        backlog=run.backlog,
        started_at=run.started_at,
        finished_at=run.finished_at,
        counts=dict(run.counts),
    )
