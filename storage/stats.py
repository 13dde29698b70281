"""What came into the archive: how many documents, by who issued them, by month, source or type."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy import Engine, Select, SQLColumnExpression, case, cast, func, select
from sqlalchemy.types import String

from storage.clock import CHINA, Clock
from storage.engine import reading
from storage.models import Document, Organ, Version
from storage.organs import full_name

By = Literal["issuer", "month", "source", "type"]
UNKNOWN = ""  # the group of documents that do not say


@dataclass(frozen=True, slots=True)
class Came:
    """A group of documents. `months`: how many of each of the months told, the oldest first."""

    group: str
    documents: int
    months: tuple[int, ...]
    newest: date | None  # the latest day of publication


@dataclass(frozen=True, slots=True)
class Stats:
    """The groups, the largest first (months: the newest first), and the months that `Came.months` counts."""

    by: By
    months: tuple[str, ...]  # 2026-03, …
    groups: tuple[Came, ...]
    documents: int


def stats(engine: Engine, clock: Clock, *, by: By = "issuer", issuer: str | None = None, months: int = 12) -> Stats:
    """Count documents by the month in which they were published; undated ones by that in which they were found.

    `issuer`: only documents that this body issued, alone or with others, by any of its names. By issuer, a document
    counts for its lead."""
    month = _month(engine)
    shown = last_months(clock.today(), months)
    group: SQLColumnExpression[str] = {
        "issuer": func.coalesce(Document.issuer_key, Document.issuer, UNKNOWN), "month": month,
        "source": Document.source_id, "type": Document.type,
    }[by]  # fmt: skip
    # Named first: PostgreSQL takes an expression with values in it, written twice, for two.
    each = _of(select(group.label("name"), month.label("month"), Document.published.label("published")), issuer)
    one = each.subquery().c
    totals = select(one.name, func.count(), func.max(one.published)).group_by(one.name)
    spread = select(one.name, one.month, func.count()).where(one.month.in_(shown)).group_by(one.name, one.month)
    with reading(engine) as session:
        counted: dict[str, dict[str, int]] = {}
        for name, when, number in session.execute(spread):
            counted.setdefault(name, {})[when] = number
        groups = [
            Came(name, number, tuple(counted.get(name, {}).get(when, 0) for when in shown), newest)
            for name, number, newest in session.execute(totals)
        ]
    groups.sort(key=(lambda came: came.group) if by == "month" else (lambda came: (came.documents, came.group)))
    groups.reverse()
    return Stats(by, shown, tuple(groups), sum(came.documents for came in groups))


def last_months(today: date, number: int) -> tuple[str, ...]:
    """The last months up to that of `today`, the oldest first, as 2026-03."""
    first = today.year * 12 + today.month - number
    return tuple(f"{count // 12:04d}-{count % 12 + 1:02d}" for count in range(first, first + number))


def _month(engine: Engine) -> SQLColumnExpression[str]:
    """A document's month in China, as 2026-03."""
    if engine.dialect.name == "sqlite":
        found = func.strftime("%Y-%m", Document.first_seen_at, "+8 hours")
    else:
        found = func.to_char(func.timezone(str(CHINA), Document.first_seen_at), "YYYY-MM")
    return case((Document.published.is_not(None), func.substr(cast(Document.published, String), 1, 7)), else_=found)


def _of(query: Select, issuer: str | None) -> Select:  # type: ignore[type-arg]
    if issuer is None:
        return query
    issued = (
        select(Version.document_id)
        .join(Organ, Organ.reading_id == Version.reading_id)
        .join(Document, (Document.id == Version.document_id) & (Document.versions == Version.seq))
        .where(Organ.name == full_name(issuer))
    )
    return query.where((Document.issuer_key == full_name(issuer)) | Document.id.in_(issued))
