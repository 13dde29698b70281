"""Texts found again by their clauses, in SQL: for a copy that comes without a number or under another title."""

from collections.abc import Sequence

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from storage.models import Fingerprint
from storage.sameness import prints

COMMON = 50  # documents that share a clause; from here on it is a phrase of the trade and finds nothing
NEEDED = 2  # clauses in common that make a candidate; of a text that has but one, that one
CANDIDATES = 20


def keep(session: Session, document_id: int, clauses: Sequence[str]) -> None:
    """Keep what the document's current text is found by, in place of what there was."""
    session.execute(delete(Fingerprint).where(Fingerprint.document_id == document_id))
    if hashes := prints(clauses):
        session.execute(insert(Fingerprint), [{"hash": hash_, "document_id": document_id} for hash_ in hashes])


def candidates(session: Session, clauses: Sequence[str]) -> list[int]:
    """Documents that share clauses with a text, those that share most first."""
    hashes = prints(clauses)
    if not hashes:
        return []
    common = (
        select(Fingerprint.hash)
        .where(Fingerprint.hash.in_(hashes))
        .group_by(Fingerprint.hash)
        .having(func.count() > COMMON)
    )
    rare = set(hashes) - set(session.scalars(common))
    shared = func.count()
    found = (
        select(Fingerprint.document_id)
        .where(Fingerprint.hash.in_(sorted(rare)))
        .group_by(Fingerprint.document_id)
        .having(shared >= min(NEEDED, len(hashes)))
        .order_by(shared.desc(), Fingerprint.document_id.desc())
        .limit(CANDIDATES)
    )
    return list(session.scalars(found)) if rare else []
