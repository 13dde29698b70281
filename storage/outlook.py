"""What is new and what is near: the last events, and the days that documents have before them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Engine, select

from storage.engine import reading
from storage.models import Document, Event, Reading, Validity, Version
from storage.row_queries import document_rows, document_select, event_row, event_select
from storage.rows import DocumentRow, EventRow

NEWS: Final = ("added", "changed", "withdrawn", "restored", "repealed")  # of documents, told as they happened


@dataclass(frozen=True, slots=True)
class Coming:
    """A document with a day before it."""

    day: date
    document: DocumentRow


@dataclass(frozen=True, slots=True)
class Outlook:
    """What happened since `since`, the newest first (backlog apart), and what the next weeks bring."""

    events: tuple[EventRow, ...]
    backlog: int
    in_force: tuple[Coming, ...]
    deadlines: tuple[Coming, ...]


def outlook(engine: Engine, today: date, since: datetime, *, days: int = 30, limit: int = 200) -> Outlook:
    """The newest `limit` published events since then, and what the next `days` bring."""
    until = today + timedelta(days=days)
    happened = (Event.state == "published", Event.kind.in_(NEWS), Event.at >= since)
    told = event_select().where(*happened, Event.backlog.is_(False)).order_by(Event.id.desc()).limit(limit)
    old = select(Event.id).where(*happened, Event.backlog.is_(True)).limit(10_000)
    with reading(engine) as session:
        events = tuple(event_row(*row) for row in session.execute(told))
        backlog = len(session.scalars(old).all())
        starts = session.execute(
            select(Document.id, Reading.effective)
            .join(Version, (Version.document_id == Document.id) & (Version.seq == Document.versions))
            .join(Reading, Reading.id == Version.reading_id)
            .join(Validity, Validity.document_id == Document.id)
            .where(Validity.next_day.between(today, until), Reading.effective.between(today, until))
            .order_by(Reading.effective, Document.id).limit(limit)
        ).all()  # fmt: skip
        ends = session.execute(
            select(Document.id, Document.deadline).where(Document.deadline.between(today, until))
            .order_by(Document.deadline, Document.id).limit(limit)
        ).all()  # fmt: skip
        ids = {number for number, _ in (*starts, *ends)}
        rows = {row.id: row for row in document_rows(session, document_select().where(Document.id.in_(ids)))}
    return Outlook(
        events, backlog, tuple(Coming(day, rows[one]) for one, day in starts if one in rows and day is not None),
        tuple(Coming(day, rows[one]) for one, day in ends if one in rows and day is not None),
    )  # fmt: skip
