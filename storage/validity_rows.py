"""Keeps what `validity` judges: a row a document, judged anew when what it rests on changes, and when time passes.

What it rests on: the document's own reading, and the documents in the archive that repeal or amend it by their current
versions. One that is withdrawn, or corrected so that it names this one no more, undoes what it did.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session, aliased

from storage.clock import CHINA
from storage.models import Attachment, Document, Event, Page, Reading, Reference, Validity, Version
from storage.search_index import index_document
from storage.validity import (
    ACTORS,
    ACTS,
    Act,
    Facts,
    act_day,
    acts_partly,
    is_draft,
    milestones,
    next_day,
    performs,
    validity_on,
)
from storage.validity import Validity as Judged

Current = tuple[Document, Version, Reading]
_BATCH = 500  # ids in one statement
AT_ONCE = 50  # documents judged and indexed in one transaction; other writers wait for it


def facts_of(session: Session, document_ids: Collection[int]) -> dict[int, tuple[Facts, Current]]:
    """For each document what its validity is judged by, with its current version and reading."""
    ids = list(document_ids)
    acts = _acts_on(session, ids)
    current = (
        select(Document, Version, Reading)
        .join(Version, (Version.document_id == Document.id) & (Version.seq == Document.versions))
        .join(Reading, Reading.id == Version.reading_id)
    )
    found = {}
    for start in range(0, len(ids), _BATCH):
        for document, version, reading in session.execute(
            current.where(Document.id.in_(ids[start : start + _BATCH]))
        ).all():
            found[document.id] = (_facts(document, reading, acts.get(document.id, ())), (document, version, reading))
    return found


def judge(session: Session, document_ids: Collection[int], day: date) -> dict[int, Judged]:
    """What holds of each document on `day`; writes nothing."""
    return {key: validity_on(facts, day) for key, (facts, _) in facts_of(session, document_ids).items()}


def refresh(session: Session, document_ids: Collection[int], day: date, *, indexed: bool = True) -> None:
    """Judge documents for `day` and keep it; where the state is another, search is told, but for a caller that indexes
    them itself (`indexed` false). Of very many, as a list of repealed ones has, the next passes of time judge the rest.
    """
    ids = sorted(document_ids)
    for start in range(AT_ONCE, len(ids), _BATCH):
        later = update(Validity).where(Validity.document_id.in_(ids[start : start + _BATCH]))
        session.execute(later.values(next_day=day))
    for document_id, (facts, current) in facts_of(session, ids[:AT_ONCE]).items():
        row = session.get(Validity, document_id)
        before = row.state if row else "unknown"  # what the index says of those never judged
        if row is None:
            row = Validity(document_id=document_id, told_to=day)
            session.add(row)
        _set(row, validity_on(facts, day), facts, day, withdrawn=current[0].state == "withdrawn")
        session.flush()
        if indexed and before != row.state:
            index_document(session, *current)


def follow(session: Session, document: Document, day: date, *, indexed: bool = True) -> None:
    """A document came, changed or went: judge it, and those it acts on or did by an earlier reading."""
    refresh(session, [document.id], day, indexed=indexed)
    if targets := _targets(session, document):
        refresh(session, targets, day)


def tell_repealed(
    session: Session, document: Document, *, run_id: int, now: datetime, backlog: bool, state: str = "staged"
) -> list[Event]:
    """Events for the documents that `document`, which has come or changed, repeals or supersedes in the archive: each
    once, and judged with the run that brought it."""
    if document.state == "withdrawn" or document.type not in ACTORS or is_draft(document.type, document.title):
        return []
    day = now.astimezone(CHINA).date()
    targets = _targets(session, document)
    urls, known, told = _urls(session, targets), _told(session, targets), []
    for facts, (target, version, _) in facts_of(session, targets).values():
        mine = [act for act in facts.acts if act.document_id == document.id and act.relation != "amends"]
        earlier = [act for act in facts.acts if act.document_id != document.id and act.relation != "amends"]
        if not mine or any(not act.partly and act.day <= mine[0].day for act in earlier):
            continue
        if validity_on(facts, day).chosen.rule in {"term_ended", "draft"}:
            continue  # it was over by itself: that another names it changes nothing
        if (target.id, mine[0].day) in known:
            continue
        told.append(_event(
            "repealed", mine[0].day, target, version, url=urls.get(target.id), run_id=run_id, now=now, backlog=backlog,
            state=state,
            by={"document": document.id, "name": mine[0].name, "relation": mine[0].relation, "partly": mine[0].partly},
        ))  # fmt: skip
    session.add_all(told)
    session.flush()
    return told


def make_event(
    session: Session, kind: str, day: date, document: Document, version: Version, *, now: datetime, backlog: bool
) -> Event | None:
    """An event of time, published at once; None where there is one of this document, kind and day already."""
    known = select(Event.id).where(Event.document_id == document.id, Event.kind == kind, Event.day == day)
    if session.scalar(known.limit(1)) is not None:
        return None
    event = _event(
        kind, day, document, version, url=_urls(session, [document.id]).get(document.id), run_id=version.run_id,
        now=now, backlog=backlog, state="published",
    )  # fmt: skip
    session.add(event)
    session.flush()
    return event


def _event(
    kind: str, day: date, document: Document, version: Version, *, url: str | None, run_id: int, now: datetime,
    backlog: bool, state: str, by: dict[str, object] | None = None,
) -> Event:  # fmt: skip
    return Event(
        kind=kind, state=state, source_id=document.source_id, run_id=run_id, document_id=document.id,
        version_id=version.id, backlog=backlog, late=False, at=now, day=day,
        published_at=now if state == "published" else None,
        payload={"url": url, "reason": "", "changes": [], **({"by": by} if by else {})},
    )  # fmt: skip


def _urls(session: Session, document_ids: Sequence[int]) -> dict[int, str]:
    """The URLs of the documents' original pages."""
    found: dict[int, str] = {}
    for start in range(0, len(document_ids), _BATCH):
        some = Page.document_id.in_(document_ids[start : start + _BATCH])
        pages = session.execute(select(Page.document_id, Page.url).where(some, Page.is_original.is_(True)))
        found.update((document_id, url) for document_id, url in pages if document_id is not None)
    return found


def _told(session: Session, document_ids: Sequence[int]) -> set[tuple[int | None, date | None]]:
    """(document, day) of the repeals of these documents that events were made of."""
    found: set[tuple[int | None, date | None]] = set()
    for start in range(0, len(document_ids), _BATCH):
        some = Event.document_id.in_(document_ids[start : start + _BATCH])
        told = select(Event.document_id, Event.day).where(some, Event.kind == "repealed")
        found.update((document_id, day) for document_id, day in session.execute(told))
    return found


# -- facts -------------------------------------------------------------------------------------------------------------


def _facts(document: Document, reading: Reading, acts: Sequence[Act]) -> Facts:
    places = {name: reading.evidence.get(name) for name in ("effective", "expires")}
    return Facts(
        type=document.type, title=document.title, printed=reading.validity, effective=reading.effective,
        expires=reading.expires, deadline=reading.deadline, acts=tuple(acts),
        sources=tuple((name, str(place["source"])) for name, place in places.items() if place and "source" in place),
    )  # fmt: skip


def _acts_on(session: Session, document_ids: Sequence[int]) -> dict[int, list[Act]]:
    """What other documents of the archive do to these, by their current versions."""
    found: dict[int, list[Act]] = {}
    target = aliased(Document)
    query = (
        select(Reference, Document, Reading, Attachment.name, target.written, target.published)
        .join(Document, Document.id == Reference.document_id)
        .join(Version, (Version.document_id == Document.id) & (Version.seq == Document.versions))
        .join(Reading, Reading.id == Version.reading_id)
        .join(target, target.id == Reference.target_document_id)
        .outerjoin(Attachment, Attachment.id == Reference.attachment_id)
        .where(
            Reference.reading_id == Version.reading_id, Reference.relation.in_(ACTS), Document.type.in_(ACTORS),
            Document.state != "withdrawn",
        )
        .order_by(Reference.id)
    )  # fmt: skip
    for start in range(0, len(document_ids), _BATCH):
        some = Reference.target_document_id.in_(document_ids[start : start + _BATCH])
        for reference, actor, reading, file, written, published in session.execute(query.where(some)).all():
            act = _act(reference, actor, reading, file)
            made = written or published
            if is_draft(actor.type, actor.title) or (made is not None and _dated(actor) < made):
                continue  # a draft repeals nothing, and nothing repeals what was written after it
            name, listed = reference.title or reference.number, file is not None
            if not performs(reference.relation, reference.sentence, name, actor.title, listed=listed):
                continue
            if reference.target_document_id is not None:
                found.setdefault(reference.target_document_id, []).append(act)
    return found


def _act(reference: Reference, actor: Document, reading: Reading, file: str | None) -> Act:
    name = f"《{actor.title or f'#{actor.id}'}》" + (f"（{actor.number}）" if actor.number else "")
    repeals = reference.relation != "amends"
    return Act(
        relation=reference.relation, document_id=actor.id, name=name,
        day=(act_day(reference.sentence) if repeals else None) or reading.effective or _dated(actor),
        partly=repeals and acts_partly(reference.sentence, reference.title, reference.number),
        sentence=reference.sentence, file=file,
    )  # fmt: skip


def _dated(document: Document) -> date:
    return document.written or document.published or document.first_seen_at.astimezone(CHINA).date()


def _targets(session: Session, document: Document) -> list[int]:
    """The documents that any reading of `document` acts on."""
    acted = select(Reference.target_document_id).where(
        Reference.document_id == document.id, Reference.relation.in_(ACTS), Reference.target_document_id.is_not(None)
    )
    return [target for target in session.scalars(acted.distinct()) if target is not None]


def _set(row: Validity, judged: Judged, facts: Facts, day: date, *, withdrawn: bool) -> None:
    chosen, stated, derived = judged.chosen, judged.stated, judged.derived
    row.state, row.rule, row.reason, row.since = chosen.state.value, chosen.rule, chosen.reason, chosen.since
    row.by_document_id = chosen.document_id
    row.stated = stated.state.value if stated else None
    row.derived, row.derived_reason = (derived.state.value, derived.reason) if derived else (None, None)
    row.judged_on = day
    row.told_to = min(row.told_to, day)  # a clock that ran ahead has told nothing of what is still to come
    row.next_day = None if withdrawn else _next(row, facts, day)


def _next(row: Validity, facts: Facts, day: date) -> date | None:
    """The next day on which this row needs a look: a state that changes, or an event that was not made yet."""
    untold = (when for when, _ in milestones(facts) if row.told_to < when <= day)
    return min(untold, default=None) or next_day(facts, day)
