"""Documents that may be one: nothing contradicts, and yet too little agrees to take them for one."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from storage.models import Document, IdentityDecision, Page, PossibleCopy, Reading, Version
from storage.sameness import clauses
from storage.works import Doubt, pairs

SHOWN = 3  # clauses shown of what only one text has
LONGEST = 120  # characters shown of a clause


@dataclass(frozen=True, slots=True)
class Difference:
    """What two documents differ in: a field (title, number, issuer, written, published, type) or `text`. Of a text, the
    clauses that only one has, the first few, and how many more."""

    field: str
    one: str | None
    other: str | None


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
    differences: tuple[Difference, ...] = ()


def keep(session: Session, document_id: int, doubts: Iterable[Doubt], now: datetime) -> None:
    """Keep that a document which came may be one of those there were."""
    session.add_all(
        PossibleCopy(document_id=document_id, other_id=doubt.document_id, reason=doubt.reason, found_at=now)
        for doubt in doubts
    )
    session.flush()


def listed(session: Session, limit: int, offset: int = 0) -> list[Possible]:
    """The undecided, the newest first, with what differs."""
    later, earlier = aliased(Document), aliased(Document)
    page, other_page = aliased(Page), aliased(Page)
    query = (
        _undecided(select(PossibleCopy, later, page.url, earlier, other_page.url))
        .join(later, later.id == PossibleCopy.document_id)
        .join(page, (page.document_id == later.id) & page.is_original.is_(True))
        .join(earlier, earlier.id == PossibleCopy.other_id)
        .join(other_page, (other_page.document_id == earlier.id) & other_page.is_original.is_(True))
        .order_by(PossibleCopy.document_id.desc(), PossibleCopy.other_id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [
        Possible(
            one.id, one.title, url, other.id, other.title, other_url, row.reason, row.found_at,
            tuple(differences(session, one, other)),
        )
        for row, one, url, other, other_url in session.execute(query).all()
    ]  # fmt: skip


def count(session: Session) -> int:
    """How many are undecided."""
    return session.scalar(_undecided(select(func.count()).select_from(PossibleCopy))) or 0


def _undecided(query: Any) -> Any:
    """Those of which no decision says that they are two, and none was merged."""
    pair = or_(
        and_(
            IdentityDecision.document_id == PossibleCopy.document_id, IdentityDecision.other_id == PossibleCopy.other_id
        ),
        and_(
            IdentityDecision.document_id == PossibleCopy.other_id, IdentityDecision.other_id == PossibleCopy.document_id
        ),
    )
    two = exists().where(pair, IdentityDecision.undone_at.is_(None), IdentityDecision.kind.in_(("distinct", "split")))
    gone = exists().where(
        Document.id.in_((PossibleCopy.document_id, PossibleCopy.other_id)), Document.merged_into.is_not(None)
    )
    return query.where(~two, ~gone)


def differences(session: Session, one: Document, other: Document) -> list[Difference]:
    """What two documents differ in, by their current versions."""
    found = []
    for field in ("type", "title", "number", "issuer", "written", "published"):
        mine, theirs = getattr(one, field), getattr(other, field)
        if mine != theirs:
            found.append(Difference(field, _plain(mine), _plain(theirs)))
    mine, theirs = Counter(_clauses(session, one)), Counter(_clauses(session, other))
    if mine != theirs:
        found.append(Difference("text", _only(mine - theirs), _only(theirs - mine)))
    return found


def _clauses(session: Session, document: Document) -> list[str]:
    current = select(Reading.blocks).join(Version, Version.reading_id == Reading.id)
    blocks = session.scalar(current.where(Version.document_id == document.id, Version.seq == document.versions))
    return clauses(pairs(blocks or []))


def _only(left: Counter[str]) -> str | None:
    """The clauses that one text has alone."""
    texts = list(left)
    shown = [text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…" for text in texts[:SHOWN]]
    more = [f"and {len(texts) - SHOWN} more"] if len(texts) > SHOWN else []
    return "; ".join([*shown, *more]) or None


def _plain(value: Any) -> str | None:
    return None if value is None else str(value)
