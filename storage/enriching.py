"""What arrives for a version after watches were matched against it: a row, so that they are matched again."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import Enrichment, Event


def note(
    session: Session, version_id: int, reason: str, now: datetime, *, run_id: int | None = None, backlog: bool = False
) -> None:
    """Keep that something arrived for a version: attachment, ocr, reference or reading. `backlog`: only watches that
    ask for backlog are to be told.

    While the event that brought the version is staged, nothing is kept: matching it will see all there is."""
    staged = select(Event.id).where(Event.version_id == version_id, Event.state == "staged", Event.run_id == run_id)
    if run_id is not None and session.scalar(staged.limit(1)) is not None:
        return
    known = session.scalars(select(Enrichment).where(Enrichment.version_id == version_id)).first()
    if known is not None and known.run_id == run_id:
        known.backlog = known.backlog and backlog
        return
    session.add(Enrichment(version_id=version_id, run_id=run_id, reason=reason, backlog=backlog, at=now))
    session.flush()
