"""What a source published and when, as far as it shows; and which sources news reports led to."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Engine, Select, func, or_, select

from storage.clock import CHINA, Clock
from storage.engine import reading, writing
from storage.identity import host_of, issuer_key
from storage.models import Document, Organ, Page, Reading, Reference, Run, Setting, Sighting, Snapshot, Source, Version
from storage.naming import serial_of

MOST = 400  # publications of a source that are looked back on
_CURSOR = "mentions_seen"
BATCH = 500  # references looked at in one pass


@dataclass(frozen=True, slots=True)
class Published:
    """A document of a source's list: its day and, where that is known to the hour, the moment (aware)."""

    day: date
    moment: datetime | None


def publications(engine: Engine, source_id: str, since: date) -> list[Published]:
    """What the source's list showed since a day, the newest found first.

    The moment is the page's own; where it gives a day only, that at which a usual run found it on that same day."""
    day = func.coalesce(Page.list_date, Document.published)
    query = (
        select(day, Reading.published_at, Page.found_at, Page.backlog)
        .select_from(Sighting)
        .join(Page, Page.id == Sighting.page_id)
        .outerjoin(Document, Document.id == Page.document_id)
        .outerjoin(Version, (Version.document_id == Document.id) & (Version.seq == 1))
        .outerjoin(Reading, Reading.id == Version.reading_id)
        .where(Sighting.source_id == source_id, day >= since)
        .order_by(Page.id.desc())
        .limit(MOST)
    )
    with reading(engine) as session:
        rows = session.execute(query).all()
    return [Published(shown, _moment(shown, at, found, backlog)) for shown, at, found, backlog in rows]


def _moment(day: date, published_at: datetime | None, found_at: datetime, backlog: bool) -> datetime | None:
    if published_at is not None and published_at.astimezone(CHINA).date() == day:
        return published_at
    return found_at if not backlog and found_at.astimezone(CHINA).date() == day else None


def note_mentions(engine: Engine, clock: Clock, among: Collection[str], again: timedelta) -> list[str]:
    """Make those sources `among` these due now whose site or issuer news reports named a document of that the archive
    has not. Looks at the reports that came in since the last call; answers the sources' ids.

    One that was named less than `again` ago, or that fails, is left as it is."""
    with reading(engine) as session:
        newest = session.scalar(select(func.max(Reference.id))) or 0
        kept = session.get(Setting, _CURSOR)
        seen = int(kept.value) if kept is not None else None
    if seen is not None and newest <= seen:
        return []
    now = clock.now()
    with writing(engine) as session:
        named = [] if seen is None else session.execute(_named_by_news(seen, newest)).all()
        session.merge(Setting(name=_CURSOR, value=str(newest)))
        sites = {host_of(url) for url, _ in named if url}
        codes = {serial[0] for _, number in named if number and (serial := serial_of(number))}
        if not sites and not codes:
            return []
        issuers = {issuer_key(name) for name in session.scalars(select(Organ.name).where(Organ.code.in_(codes)))}
        query = select(Source).where(
            or_(Source.site.in_(sites), Source.issuer_key.in_(issuers)),
            Source.next_due_at.is_not(None),
            Source.publishes != "news",
            Source.failures < 3,
            or_(Source.mentioned_at.is_(None), Source.mentioned_at <= now - again),
        )
        moved = []
        for source in session.scalars(query):
            if source.id not in among or source.next_due_at is None:
                continue
            source.mentioned_at = now
            soon = now.replace(microsecond=source.next_due_at.microsecond) + timedelta(seconds=5)
            if soon < source.next_due_at:
                source.next_due_at, source.due_reason = soon, "news named a document of it"
            moved.append(source.id)
        return moved


def _named_by_news(seen: int, newest: int) -> Select[str | None, str | None]:
    return (
        select(Reference.url, Reference.number_key)
        .join(Document, Document.id == Reference.document_id)
        .join(Reading, Reading.id == Reference.reading_id)
        .join(Snapshot, Snapshot.id == Reading.snapshot_id)
        .join(Run, Run.id == Snapshot.run_id)
        .where(Reference.id > max(seen, newest - BATCH), Reference.id <= newest, Document.type == "news")
        .where(Reference.target_document_id.is_(None), Run.backlog.is_(False))
    )
