"""Counts of hits by issuer, type, year, validity and source."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import Document, Version
from storage.search_asking import Row
from storage.search_index import organs_of, sources_of, validity_of

Counts = tuple[tuple[str, int], ...]  # (value, documents), the most frequent first


@dataclass(frozen=True, slots=True)
class Facets:
    """How many hits have each value; a document counts under each of its issuers and sources.

    `of` is how many hits were counted: all, or the newest 1,000 where `exact` is false."""

    issuer: Counts
    type: Counts
    year: Counts  # of publication
    validity: Counts
    source: Counts
    of: int
    exact: bool


def count_facets(session: Session, rows: Sequence[Row], exact: bool) -> Facets:
    """Count these; `exact` says that they are all hits."""
    ids = [row.document for row in rows]
    query = (
        select(Document, Version.reading_id)
        .join(Version, Version.document_id == Document.id)
        .where(Version.id.in_([row.version for row in rows]))
    )
    found = session.execute(query).all()
    organs = organs_of(session, [reading_id for _, reading_id in found])
    issuers = (name for document, reading_id in found for name in organs[reading_id] or _printed(document))
    return Facets(
        issuer=_counted(issuers),
        type=_counted(document.type for document, _ in found),
        year=_counted(str(document.published.year) for document, _ in found if document.published),
        validity=_counted(validity_of(session, ids).values()),
        source=_counted(source for sources in sources_of(session, ids).values() for source in sources),
        of=len(rows),
        exact=exact,
    )


def _printed(document: Document) -> tuple[str, ...]:
    return (document.issuer,) if document.issuer else ()


def _counted(values: Iterable[str]) -> Counts:
    return tuple(sorted(Counter(values).items(), key=lambda item: (-item[1], item[0])))
