"""Many documents of one source that go or change at once: a broken or a rebuilt site, until that is disproved."""

import math
from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import Session

from storage import validity_rows
from storage.clock import CHINA
from storage.decisions import (
    MASS_CHANGED_LEAST,
    MASS_CHANGED_SHARE,
    MASS_MISSING_PATIENCE,
    MASS_MISSING_SHARE,
    MISSING_AGAIN_AFTER,
)
from storage.models import Document, Event, Page, Run
from storage.records import Verdict

WINDOW = timedelta(hours=24)  # a site's pages are due at different times: one run alone may see only a few of them
MOST_WITNESSES = 50  # pages asked for again to tell a broken site from real withdrawals


def hold_withdrawals(session: Session, run: Run, now: datetime) -> bool:
    """Take back the run's withdrawals where over 30 % of the source's documents looked at in a day are missing.

    The next run asks for some of the others, which decide; what stays missing for two weeks is believed. Answers
    whether anything was taken back."""
    staged = select(Event.document_id).where(
        Event.run_id == run.id, Event.state == "staged", Event.kind == "withdrawn", Event.document_id.is_not(None)
    )
    if session.scalar(staged.limit(1)) is None:
        return False
    recent = (
        select(Page.id, Page.state, Page.document_id)
        .join(Document, Document.id == Page.document_id)
        .where(
            Page.source_id == run.source_id,
            Page.is_original.is_(True),
            Page.checked_at > now - WINDOW,
            or_(Document.state != "withdrawn", Document.id.in_(staged)),  # those gone long ago say nothing
        )
    ).subquery()
    looked_at = session.scalar(select(func.count()).select_from(recent)) or 0
    missing = session.scalar(select(func.count()).select_from(recent).where(recent.c.state == "missing")) or 0
    if missing < 2 or missing <= MASS_MISSING_SHARE * looked_at:
        return False
    doubtful = staged.join(Page, and_(Page.document_id == Event.document_id, Page.is_original.is_(True))).where(
        Page.missing_since > now - MASS_MISSING_PATIENCE
    )
    taken_back = set(session.scalars(doubtful))
    take_back(
        session, run, "too many documents of the source were missing at once",
        again=now + MISSING_AGAIN_AFTER, documents=taken_back,
    )  # fmt: skip
    if taken_back:
        wanted = min(math.floor(missing / MASS_MISSING_SHARE) - looked_at + 1, MOST_WITNESSES)
        _ask_witnesses(session, run, now, wanted)
    return bool(taken_back)


def _ask_witnesses(session: Session, run: Run, now: datetime, wanted: int) -> None:
    """Make some pages that were well when last seen due now, those first that were not seen for long."""
    witnesses = (
        select(Page.id)
        .where(
            Page.source_id == run.source_id, Page.state == "fetched", Page.is_original.is_(True),
            Page.checked_at <= now - WINDOW,
        )
        .order_by(Page.checked_at, Page.id)
        .limit(max(wanted, 0))
    )  # fmt: skip
    ids = session.scalars(witnesses).all()
    session.execute(
        update(Page).where(Page.id.in_(ids)).values(next_check_at=now),
        execution_options={"synchronize_session": False},
    )


def take_back(
    session: Session, run: Run, why: str, *, again: datetime, documents: set[int | None] | None = None
) -> None:
    """Make withdrawals staged by the run (of `documents`; None: all) first observations again, asked for at `again`."""
    for event in session.scalars(
        select(Event).where(Event.run_id == run.id, Event.state == "staged", Event.kind == "withdrawn")
    ):
        if event.document_id is None or (documents is not None and event.document_id not in documents):
            continue
        event.state = "dropped"
        event.payload = {**event.payload, "dropped": why}
        document = session.get_one(Document, event.document_id)
        if document.state == "withdrawn":
            document.state = "missing"
            validity_rows.follow(session, document, again.astimezone(CHINA).date())
        originals = update(Page).where(Page.document_id == event.document_id, Page.is_original.is_(True))
        session.execute(originals.values(next_check_at=again))
    session.flush()


def template_change(session: Session, run: Run, now: datetime) -> str:
    """Why the source's changes are not believed: over 30 % (and at least five) of its documents that were looked at
    in a day changed. Empty where they are. Changes of a released run do not count: a person has judged them."""
    published = and_(Event.state == "published", Run.verdict != Verdict.QUARANTINED)
    counted = or_(Event.run_id == run.id, and_(Event.at > now - WINDOW, or_(Event.state == "quarantined", published)))
    changed = session.scalar(
        select(func.count(Event.document_id.distinct()))
        .join(Run, Run.id == Event.run_id)
        .where(Event.source_id == run.source_id, Event.kind == "changed", counted)
    )
    looked_at = session.scalar(
        select(func.count())
        .select_from(Page)
        .join(Document, Document.id == Page.document_id)
        .where(
            Page.source_id == run.source_id,
            Page.is_original.is_(True),
            Page.checked_at > now - WINDOW,
            Page.checked_run_id != Document.first_run_id,  # seen again, not just found
        )
    )
    changed, looked_at = changed or 0, max(looked_at or 0, changed or 0)
    if changed < MASS_CHANGED_LEAST or changed <= MASS_CHANGED_SHARE * looked_at:
        return ""
    return f"probable template change: {changed} of {looked_at} documents looked at within a day changed"
