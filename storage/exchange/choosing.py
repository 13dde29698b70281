"""Which documents an export carries, a few at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from storage.clock import CHINA
from storage.models import Document, SearchEntry
from storage.search import Query, parse, search
from storage.search_index import sources_of

BATCH = 50  # documents held in memory at a time
_HITS = 500  # asked of search at a time


@dataclass(frozen=True, slots=True)
class Choice:
    """What an export is asked for; without anything, the whole archive."""

    query: str | None = None
    source: str | None = None  # documents that this source found or lists
    since: date | None = None  # published, or else found, on this day or later
    type: str | None = None

    @property
    def everything(self) -> bool:
        """Whether no document is left out."""
        return self == Choice()


def batches(engine: Engine, session: Session, choice: Choice) -> Iterator[list[int]]:
    """The ids of the documents chosen, at most BATCH at a time: in the order of search, the oldest first; those of a
    query the newest first. Raises QueryError for a text that is no query."""
    found = _of_query(engine, session, parse(choice.query), choice.since) if choice.query else _all(session)
    for ids in found:
        if kept := _kept(session, ids, choice):
            yield kept


def _all(session: Session) -> Iterator[list[int]]:
    last = -1
    shown = select(SearchEntry.rowid, SearchEntry.document_id).where(SearchEntry.current.is_(True))
    while rows := session.execute(shown.where(SearchEntry.rowid > last).order_by(SearchEntry.rowid).limit(BATCH)).all():
        last = rows[-1][0]
        yield [document_id for _, document_id in rows]


def _of_query(engine: Engine, session: Session, query: Query, since: date | None) -> Iterator[list[int]]:
    """Hits from the newest day on, each window beginning at the day where the one before ended: an offset alone would
    check all hits before it again."""
    until: date | None = None
    seen: set[int] = set()  # of the day that two windows share
    offset = 0
    while True:
        result = search(engine, query, limit=_HITS, offset=offset, published_from=since, published_to=until)
        hits = [hit.document_id for hit in result.hits]
        new = [one for one in hits if one not in seen]
        for start in range(0, len(new), BATCH):
            yield new[start : start + BATCH]
        if len(hits) < _HITS:
            return
        days = _days(session, hits)
        last = days.get(hits[-1])
        if last is None or last == until:
            offset += _HITS  # one day that fills a window
            seen |= set(hits)
        else:
            until, offset = last, 0
            seen = {one for one in hits if days.get(one) == last}


def _days(session: Session, ids: list[int]) -> dict[int, date]:
    """The day at which each stands in search."""
    query = select(Document.id, Document.published, Document.first_seen_at).where(Document.id.in_(ids))
    return {one: day or seen.astimezone(CHINA).date() for one, day, seen in session.execute(query)}


def _kept(session: Session, ids: list[int], choice: Choice) -> list[int]:
    """Those of `ids` that the other conditions leave, in their order."""
    if choice.type is not None:
        of_type = set(session.scalars(select(Document.id).where(Document.id.in_(ids), Document.type == choice.type)))
        ids = [one for one in ids if one in of_type]
    if choice.since is not None:
        days = _days(session, ids)
        ids = [one for one in ids if one in days and days[one] >= choice.since]
    if choice.source is not None:
        sources = sources_of(session, ids)
        ids = [one for one in ids if choice.source in sources[one]]
    return ids
