"""Questions to the graph of references: what a document stands on and who names it, what is named but missing, and
which serial numbers of an issuer were never seen."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Engine, and_, case, func, or_, select
from sqlalchemy.orm import Session

from storage.engine import reading
from storage.identity import title_key
from storage.merged import survivors
from storage.models import Document, Organ, Reference, Version
from storage.naming import order_keys, serial_of
from storage.organs import full_name
from storage.row_queries import reference_rows, reference_select
from storage.rows import ReferenceRow

MOST_DOCUMENTS = 500  # that a walk through the graph comes to: some laws are cited by everything

_WITH_ISSUER = ("令", "公告", "通告", "公报")

# Relations in the order in which people ask for them, each with what it is called from the other end.
RELATIONS = {
    "repeals": "repealed by",
    "supersedes": "superseded by",
    "amends": "amended by",
    "implements": "implemented by",
    "forwards": "forwarded by",
    "interprets": "explained by",
    "drafts": "drafted in",
    "cites": "cited by",
    "reports": "reported by",
}


@dataclass(frozen=True, slots=True)
class Step:
    """A reference come upon in walking from a document. `depth`: 1 for its own; `outgoing`: it refers to another (else
    it is referred to); `relation` in the words of that direction: cites, or cited by."""

    depth: int
    outgoing: bool
    relation: str
    reference: ReferenceRow

    @property
    def other_id(self) -> int | None:
        """The document at the other end, where the archive has it."""
        return self.reference.target_document_id if self.outgoing else self.reference.document_id


def walk(engine: Engine, document_id: int, *, depth: int = 1) -> list[Step]:
    """The references of a document in both directions, and those of what they lead to, `depth` steps far.

    Outgoing ones are followed outgoing and incoming ones incoming, so that a law that all cite does not bring all in.
    Each reference once, the nearer first, in the order of RELATIONS; it ends after MOST_DOCUMENTS documents."""
    steps: list[Step] = []
    with reading(engine) as session:
        for outgoing in (True, False):
            seen, last = {document_id}, [document_id]
            for level in range(1, depth + 1):
                found = [Step(level, outgoing, *named) for named in _from(session, last, outgoing=outgoing)]
                steps += sorted(found, key=_order)
                others = dict.fromkeys(step.other_id for step in found)
                last = [one for one in others if one is not None and one not in seen][: MOST_DOCUMENTS - len(seen)]
                seen.update(last)
                if not last:
                    break
    return steps


def _from(session: Session, ids: list[int], *, outgoing: bool) -> Iterator[tuple[str, ReferenceRow]]:
    column = Reference.document_id if outgoing else Reference.target_document_id
    rows = reference_rows(session, reference_select().where(column.in_(ids)))
    told = {(row.document_id, row.target_document_id) for row in rows if row.relation == "reports"}
    for row in rows:
        relation = row.relation
        if row.document_type == "news" and row.target_document_id is not None and relation != "reports":
            if (row.document_id, row.target_document_id) in told:
                continue  # a report names what it reports many times
            relation = "reports" if relation in {"cites", "implements"} else relation
        yield (relation if outgoing else RELATIONS[relation]), row


def _order(step: Step) -> tuple[int, int, int]:
    names = list(RELATIONS) if step.outgoing else list(RELATIONS.values())
    return step.depth, names.index(step.relation), step.reference.id


# -- wanted ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wanted:
    """A document that others name and the archive has not. `relations`: how often each names it."""

    title: str | None
    number: str | None
    url: str | None
    documents: int
    relations: dict[str, int]


def wanted(engine: Engine, *, issuer: str | None = None, limit: int = 50, offset: int = 0) -> list[Wanted]:
    """What documents name and the archive has not, the most named first, by the current versions of those that do.

    `issuer`: only what its name or the code of its numbers says is that organ's."""
    own_number = case((Reference.number_key.contains("〔"), Reference.number_key), else_=None)
    key = func.coalesce(own_number, Reference.title_key, Reference.number_key, Reference.url_key)
    named = (
        select(key.label("key"), Reference.id, Reference.relation, Reference.document_id)
        .join(Document, Document.id == Reference.document_id)
        .join(Version, and_(Version.document_id == Document.id, Version.seq == Document.versions))
        .where(Reference.reading_id == Version.reading_id, Reference.target_document_id.is_(None))
    )
    with reading(engine) as session:
        if issuer is not None:
            named = named.where(_of_issuer(session, issuer))
        rows = named.subquery()
        count, first = func.count(rows.c.document_id.distinct()), func.min(rows.c.id)
        most = select(rows.c.key, count, first).group_by(rows.c.key).order_by(count.desc(), first)
        found = session.execute(most.limit(limit).offset(offset)).all()
        each = (
            select(rows.c.key, rows.c.relation, func.count(rows.c.document_id.distinct()))
            .where(rows.c.key.in_([key for key, _, _ in found]))
            .group_by(rows.c.key, rows.c.relation)
        )
        relations: dict[str, dict[str, int]] = defaultdict(dict)
        for name, relation, number in session.execute(each):
            relations[name][relation] = number
        shown = {
            row.id: row for row in session.scalars(select(Reference).where(Reference.id.in_([f for *_, f in found])))
        }
    return [
        Wanted(
            title=shown[first].title, number=shown[first].number, url=shown[first].url, documents=documents,
            relations={name: relations[key][name] for name in RELATIONS if name in relations[key]},
        )
        for key, documents, first in found
    ]  # fmt: skip


def _of_issuer(session: Session, issuer: str) -> ColumnElement[bool]:
    """The condition that a reference names a document of `issuer`."""
    organ = full_name(issuer)
    codes = session.scalars(select(Organ.code).where(Organ.name == organ, Organ.code.is_not(None)).distinct()).all()
    names = {key for key in (title_key(organ), title_key(issuer)) if key}
    return or_(
        *(Reference.title_key.startswith(name, autoescape=True) for name in names),
        *(Reference.number_key.startswith(name, autoescape=True) for name in names),
        *(Reference.number_key.startswith(f"{code}〔", autoescape=True) for code in codes),
    )


# -- gaps --------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Series:
    """The serial numbers of one code in one year (None: an order's, which run through the years).

    `missing` lie below the highest that is archived or cited; `cited` are named by documents of the archive and not
    among them."""

    code: str
    year: int | None
    archived: dict[int, int] = field(default_factory=dict)  # serial: a document that has it
    cited: dict[int, int] = field(default_factory=dict)  # serial: how many documents name it

    @property
    def highest(self) -> int:
        """The highest serial that counts: of those cited only one that is near the archived (a misprint is not)."""
        known = max(self.archived, default=0)
        near = [serial for serial in self.cited if serial <= max(2 * known, known + 50)]
        return max([known, *near], default=0)

    @property
    def missing(self) -> list[int]:
        """Serials that nothing in the archive has or names."""
        first = 1 if self.year is not None else min(self.archived, default=1)
        return [one for one in range(first, self.highest + 1) if one not in self.archived and one not in self.cited]


def gaps(engine: Engine, *, code: str | None = None, year: int | None = None) -> list[Series]:
    """The series of document numbers the archive has documents of, by code and year; `code` and `year` choose."""
    series: dict[tuple[str, int | None], Series] = {}
    owned = select(Document.number_key, Document.issuer_key, Document.id).where(
        Document.number_key.is_not(None), Document.type != "news"
    )
    owned = owned.where(Document.type != "interpretation").order_by(Document.id)
    named = (
        select(Reference.number_key, func.count(Reference.document_id.distinct()))
        .where(Reference.number_key.is_not(None), Reference.target_document_id.is_(None))
        .group_by(Reference.number_key)
    )
    if code is not None:
        if not code.endswith(_WITH_ISSUER):  # an order is 第50号 on its own page
            owned = owned.where(Document.number_key.startswith(code, autoescape=True))
        named = named.where(Reference.number_key.startswith(code, autoescape=True))
    with reading(engine) as session:
        merged = survivors(session, session.scalars(select(Document.id).where(Document.merged_into.is_not(None))).all())
        for key, issuer, document_id in session.execute(owned):
            for name in order_keys(key, issuer) or {key or ""}:
                if (found := _place(series, name, code, year, make=True)) is not None:
                    found[0].archived.setdefault(found[1], merged.get(document_id, document_id))
        for key, count in session.execute(named):
            if (found := _place(series, key, code, year, make=code is not None)) is not None:
                found[0].cited[found[1]] = count
    for one in series.values():
        one.cited = {serial: count for serial, count in one.cited.items() if serial not in one.archived}
    return sorted(series.values(), key=lambda one: (-(one.year or 0), one.code))


def _place(
    series: dict[tuple[str, int | None], Series], key: str | None, code: str | None, year: int | None, *, make: bool
) -> tuple[Series, int] | None:
    """The series that a number belongs to, and its serial; None where it is none that was asked for."""
    serial = serial_of(key or "")
    if serial is None or (code is not None and serial[0] != code) or (year is not None and serial[1] != year):
        return None
    name = (serial[0], serial[1])
    if make:
        series.setdefault(name, Series(*name))
    return (series[name], serial[2]) if name in series else None
