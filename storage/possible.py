"""Documents that may be one: nothing contradicts, and yet too little agrees to take them for one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from storage.models import Document, Page, PossibleCopy
from storage.works import Doubt


@dataclass(frozen=True, slots=True)
class Possible:
    """Two documents that may be one, as people need them to judge."""

    document_id: int  # the one that came later
    title: str | None
    url: str
    other_id: int
    other_title: str | None
    other_url: str
    reason: str
    found_at: datetime


def keep(session: Session, document_id: int, doubts: Iterable[Doubt], now: datetime) -> None:
    """Keep that a document which came may be one of those there were."""
    session.add_all(
        PossibleCopy(document_id=document_id, other_id=doubt.document_id, reason=doubt.reason, found_at=now)
        for doubt in doubts
    )
    session.flush()


def listed(session: Session, limit: int) -> list[Possible]:
    """The newest first."""
    later, earlier = aliased(Document), aliased(Document)
    page, other_page = aliased(Page), aliased(Page)
    query = (
        select(PossibleCopy, later.title, page.url, earlier.title, other_page.url)
        .join(later, later.id == PossibleCopy.document_id)
        .join(page, (page.document_id == later.id) & page.is_original.is_(True))
        .join(earlier, earlier.id == PossibleCopy.other_id)
        .join(other_page, (other_page.document_id == earlier.id) & other_page.is_original.is_(True))
        .order_by(PossibleCopy.document_id.desc(), PossibleCopy.other_id.desc())
        .limit(limit)
    )
    return [
        Possible(row.document_id, title, url, row.other_id, other_title, other_url, row.reason, row.found_at)
        for row, title, url, other_title, other_url in session.execute(query)
    ]


def count(session: Session) -> int:
    """How many there are."""
    return session.scalar(select(func.count()).select_from(PossibleCopy)) or 0
