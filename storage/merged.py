"""What persons decided about which documents are one: who stands for a document now, and what must stay apart."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from storage.models import Document, IdentityDecision

MERGED = "merged"  # the state of a document that another stands for


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided. `document_id` stays, `other_id` was merged into it, split off it, or is another."""

    id: int
    kind: str
    document_id: int
    other_id: int
    url: str | None
    reason: str
    by: str
    at: datetime
    undone_by: str | None
    undone_at: datetime | None


def survivors(session: Session, ids: Collection[int]) -> dict[int, int]:
    """For each document of the archive the one that stands for it now: itself, or what it was merged into."""
    stand_for: dict[int, int] = {}
    waiting = {one: one for one in ids}  # a document: as far as its merges were followed
    while waiting:
        asked = sorted(set(waiting.values()))
        found: dict[int, int | None] = {}
        for start in range(0, len(asked), 500):
            rows = select(Document.id, Document.merged_into).where(Document.id.in_(asked[start : start + 500]))
            found.update((number, into) for number, into in session.execute(rows))
        following: dict[int, int] = {}
        for first, at in waiting.items():
            if at not in found:
                continue
            into = found[at]
            if into is None:
                stand_for[first] = at
            else:
                following[first] = into
        waiting = following
    return stand_for


def survivor(session: Session, document: Document) -> Document:
    """The document that stands for `document` now."""
    while document.merged_into is not None:
        document = session.get_one(Document, document.merged_into)
    return document


def merged_into(session: Session, document_id: int) -> list[int]:
    """The documents that `document_id` stands for, by one merge or by several."""
    found: list[int] = []
    last = [document_id]
    while last:
        last = list(session.scalars(select(Document.id).where(Document.merged_into.in_(last)).order_by(Document.id)))
        found += last
    return found


def never(session: Session, url_keys: Iterable[str]) -> tuple[set[int], int | None]:
    """The documents that pages of these keys were split from, which they never show again; and the one split off."""
    query = select(IdentityDecision).where(
        IdentityDecision.url_key.in_(sorted(set(url_keys))), IdentityDecision.kind == "split",
        IdentityDecision.undone_at.is_(None),
    )  # fmt: skip
    decisions = session.scalars(query.order_by(IdentityDecision.id)).all()
    sides = survivors(session, [side for one in decisions for side in (one.document_id, one.other_id)])
    apart = {sides[one.document_id] for one in decisions if one.document_id in sides}
    own = [sides[one.other_id] for one in decisions if one.other_id in sides]
    return apart, own[-1] if own and own[-1] not in apart else None


def are_distinct(session: Session, one: int, other: int) -> IdentityDecision | None:
    """The decision that says that two documents are two, where one holds: they were split, or said to be distinct."""
    mine, theirs = [one, *merged_into(session, one)], [other, *merged_into(session, other)]
    query = select(IdentityDecision).where(
        or_(
            IdentityDecision.document_id.in_(mine) & IdentityDecision.other_id.in_(theirs),
            IdentityDecision.document_id.in_(theirs) & IdentityDecision.other_id.in_(mine),
        ),
        IdentityDecision.kind.in_(("distinct", "split")),
        IdentityDecision.undone_at.is_(None),
    )
    return session.scalar(query.order_by(IdentityDecision.id.desc()).limit(1))


def of_documents(session: Session, ids: Collection[int]) -> list[Decision]:
    """The decisions about these documents, the oldest first."""
    query = select(IdentityDecision).where(
        or_(IdentityDecision.document_id.in_(sorted(ids)), IdentityDecision.other_id.in_(sorted(ids)))
    )
    return [as_told(row) for row in session.scalars(query.order_by(IdentityDecision.id))]


def listed(session: Session, limit: int) -> list[Decision]:
    """The decisions, the newest first."""
    query = select(IdentityDecision).order_by(IdentityDecision.id.desc()).limit(limit)
    return [as_told(row) for row in session.scalars(query)]


def as_told(row: IdentityDecision) -> Decision:
    """A decision as people see it."""
    return Decision(
        row.id, row.kind, row.document_id, row.other_id, row.url, row.reason, row.by, row.at, row.undone_by,
        row.undone_at,
    )  # fmt: skip
