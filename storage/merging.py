"""Merges documents that a person says are one, and takes it back.

The pages, versions, files, references, events, alerts and mutes of the one that is merged become the other's, in one
transaction; nothing that the hash chain covers is touched. Its row stays, without versions, and points to the other:
its number is still understood, and a later copy of its text is still found by it. The decision's row says what went,
so that undoing it brings exactly that back, and with it what came to its pages since."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from storage import merged, regrouping, validity_rows
from storage.documents import original_page, originality
from storage.errors import OperatorError
from storage.faults import fp
from storage.models import (
    Alert,
    Attachment,
    Document,
    Event,
    IdentityDecision,
    Mute,
    Page,
    PossibleCopy,
    Reading,
    Reference,
    Setting,
    Snapshot,
    Validity,
    Version,
)
from storage.tombstones import setting_of

MANY = 500  # ids in one statement


@dataclass(frozen=True, slots=True)
class Regrouped:
    """What a merge, a split, or undoing one did: how much went from one document to the other, and where to.

    `note`: what a person should know before saying yes."""

    decision: int
    kind: str
    document_id: int
    title: str | None
    other_id: int
    other_title: str | None
    urls: tuple[str, ...]
    versions: int
    files: int
    references: int
    named_by: int
    events: int
    note: str = ""


def chosen(session: Session, ids: list[int], into: int | None) -> tuple[Document, list[Document]]:
    """The document that stays and those that are merged into it: the one named by `into`; else the one whose page
    stands nearest to the issuer; else the one known longest. Raises OperatorError where they cannot be merged."""
    if len(set(ids)) < 2:
        raise OperatorError("name at least two documents to merge")
    rows = [usable(session, one) for one in dict.fromkeys(ids)]
    if into is not None and into not in {row.id for row in rows}:
        raise OperatorError(f"--into {into}: expected one of {', '.join(str(row.id) for row in rows)}")
    for at, row in enumerate(rows):
        for other in rows[at + 1 :]:
            if (said := merged.are_distinct(session, row.id, other.id)) is not None:
                raise OperatorError(
                    f"documents {row.id} and {other.id} were kept apart by decision {said.id}; "
                    f"'policy-crawler documents undo {said.id}' takes that back"
                )
    stays = next((row for row in rows if row.id == into), None) or min(
        rows, key=lambda row: (-originality(session, row, original_page(session, row)), row.first_seen_at, row.id)
    )
    return stays, [row for row in rows if row is not stays]


def usable(session: Session, document_id: int) -> Document:
    """The document, which can be merged and split. Raises OperatorError where it cannot, or is not there."""
    document = session.get(Document, document_id)
    if document is None:
        raise OperatorError(f"no document {document_id} in the archive")
    if session.get(Setting, setting_of(document_id)) is not None:
        raise OperatorError(f"document {document_id} is erased")
    if document.merged_into is not None:
        now = merged.survivor(session, document).id
        raise OperatorError(f"document {document_id} was merged into {now} already: name {now}")
    return document


def merge(session: Session, into: Document, other: Document, *, by: str, reason: str, now: datetime) -> Regrouped:
    """Make `other` one with `into`. The caller owns the transaction."""
    current = _current(session, other)
    note = "" if into.type == other.type else f"one is a {into.type}, the other a {other.type}"
    moved: dict[str, Any] = {"state": other.state, "last_reference": regrouping.highest_reference(session)}
    acted_on = regrouping.judged_by(session, other.id)
    title, urls = other.title, _move_pages(session, into, other, moved)
    _move_versions(session, into, other, moved, now)
    _move_files(session, into, other, moved)
    _move_references(session, into, other, moved)
    fp("merge-moved")
    _move_told(session, into, other, moved)
    _move_possible(session, into, other, moved)
    validity = session.get(Validity, other.id)
    moved["told_to"] = validity.told_to.isoformat() if validity else None
    regrouping.retire(session, other, into)
    decision = IdentityDecision(
        kind="merge", document_id=into.id, other_id=other.id, reading_id=current.reading_id, reason=reason, by=by,
        at=now, moved=moved,
    )  # fmt: skip
    session.add(decision)
    session.flush()
    fp("merge-retired")
    regrouping.renew(session, into, now)
    if acted_on:
        validity_rows.refresh(session, acted_on, regrouping.day_of(now))
    versions = moved["versions"]["other"]
    return Regrouped(
        decision.id, "merge", into.id, into.title, other.id, title, urls, len(versions), len(moved["files"]),
        len(moved["references"]), len(moved["named"]), len(moved["events"]), note,
    )  # fmt: skip


def _current(session: Session, document: Document) -> Version:
    return session.scalars(
        select(Version).where(Version.document_id == document.id, Version.seq == document.versions)
    ).one()


def _move_pages(session: Session, into: Document, other: Document, moved: dict[str, Any]) -> tuple[str, ...]:
    pages = session.scalars(select(Page).where(Page.document_id == other.id).order_by(Page.id)).all()
    moved["pages"] = [page.id for page in pages]
    moved["original"] = next((page.id for page in pages if page.is_original), None)
    for page in pages:
        page.document_id, page.is_original = into.id, False
    session.flush()
    return tuple(page.url for page in pages)


def _move_versions(session: Session, into: Document, other: Document, moved: dict[str, Any], now: datetime) -> None:
    """One history, in time; the last version is what the page shows that stays the original."""
    mine, theirs = regrouping.versions_of(session, into.id), regrouping.versions_of(session, other.id)
    moved["versions"] = {
        "document": [[one.id, one.seq] for one in mine], "other": [[one.id, one.seq] for one in theirs], "made": None,
    }  # fmt: skip
    current, order = mine[-1], regrouping.in_time(mine, theirs)
    regrouping.number(session, into, order)
    if order[-1] is not current:
        shown = session.get_one(Page, current.page_id), session.get_one(Reading, current.reading_id)
        moved["versions"]["made"] = regrouping.made_version(session, into, shown, now, "merged").id


def _move_files(session: Session, into: Document, other: Document, moved: dict[str, Any]) -> None:
    known = {row.url_key: row for row in rows_of(session, Attachment, Attachment.document_id == into.id)}
    moved["files"], moved["file_versions"] = [], []
    for file in rows_of(session, Attachment, Attachment.document_id == other.id):
        if (same := known.get(file.url_key)) is not None:
            moved["file_versions"] += regrouping.merge_files(session, same, file)
        else:
            moved["files"].append(file.id)
            file.document_id = into.id
    session.flush()


def _move_references(session: Session, into: Document, other: Document, moved: dict[str, Any]) -> None:
    own = rows_of(session, Reference, Reference.document_id == other.id)
    moved["references"] = [row.id for row in own]
    set_on(session, Reference, moved["references"], document_id=into.id)
    pair = Reference.target_document_id.in_((into.id, other.id))
    inner = rows_of(session, Reference, (Reference.document_id == into.id) & pair)
    moved["own"] = [[row.id, row.target_document_id, row.resolved_by] for row in inner]
    set_on(session, Reference, [row.id for row in inner], target_document_id=None, resolved_by=None)
    named = rows_of(session, Reference, Reference.target_document_id == other.id)
    moved["named"] = [row.id for row in named]
    set_on(session, Reference, moved["named"], target_document_id=into.id)


def _move_told(session: Session, into: Document, other: Document, moved: dict[str, Any]) -> None:
    """Events, alerts and mutes. Where time made one event of both on one day, the other's stays with its row."""
    days = (Event.document_id == into.id) & Event.day.is_not(None)
    known = {(row.kind, row.day) for row in rows_of(session, Event, days)}
    events = rows_of(session, Event, Event.document_id == other.id)
    moved["events"] = [row.id for row in events if row.day is None or (row.kind, row.day) not in known]
    set_on(session, Event, moved["events"], document_id=into.id)
    alerts = rows_of(session, Alert, Alert.document_id == other.id)
    moved["alerts"] = [row.id for row in alerts if row.event_id in set(moved["events"])]
    set_on(session, Alert, moved["alerts"], document_id=into.id)
    moved["mutes"] = [row.id for row in rows_of(session, Mute, Mute.document_id == other.id)]
    set_on(session, Mute, moved["mutes"], document_id=into.id)


def _move_possible(session: Session, into: Document, other: Document, moved: dict[str, Any]) -> None:
    """Whether a third document is the merged one is now asked of the one that stands for it."""
    moved["possible"] = []
    both = or_(PossibleCopy.document_id == other.id, PossibleCopy.other_id == other.id)
    for row in session.scalars(select(PossibleCopy).where(both)).all():
        third = row.other_id if row.document_id == other.id else row.document_id
        pair = (max(third, into.id), min(third, into.id))
        asked = [session.get(PossibleCopy, (one, two)) for one, two in (pair, pair[::-1])]
        if third == into.id or any(asked):
            continue
        moved["possible"].append([row.document_id, row.other_id, *pair])
        session.add(PossibleCopy(document_id=pair[0], other_id=pair[1], reason=row.reason, found_at=row.found_at))
        session.delete(row)
        session.flush()


# -- undoing -----------------------------------------------------------------------------------------------------------


def unmerge(session: Session, decision: IdentityDecision, *, by: str, now: datetime) -> Regrouped:
    """Bring back the document that `decision` merged, with what came to its pages since. Nobody is told."""
    into, other = session.get_one(Document, decision.document_id), session.get_one(Document, decision.other_id)
    moved = decision.moved
    other.merged_into, other.state = None, moved["state"]
    for page in rows_of(session, Page, Page.id.in_(moved["pages"])):
        page.document_id, page.is_original = other.id, page.id == moved["original"]
    session.flush()
    original_of(session, into)
    original_of(session, other)
    versions = _part_versions(session, into, other, moved)
    set_on(session, Attachment, moved["files"], document_id=other.id)
    regrouping.put_files(session, moved["file_versions"])
    named = _part_references(session, into, other, moved)
    set_on(session, Event, moved["events"], document_id=other.id)
    set_on(session, Alert, moved["alerts"], document_id=other.id)
    set_on(session, Mute, moved["mutes"], document_id=other.id)
    _part_told(session, into, other)
    for document_id, other_id, new_document, new_other in moved["possible"]:
        row = session.get(PossibleCopy, (new_document, new_other))
        if row is not None:
            session.add(
                PossibleCopy(document_id=document_id, other_id=other_id, reason=row.reason, found_at=row.found_at)
            )
            session.delete(row)
    decision.undone_at, decision.undone_by = now, by
    session.flush()
    fp("unmerge-parted")
    told_to = date.fromisoformat(moved["told_to"]) if moved["told_to"] else regrouping.day_of(now)
    judged = regrouping.judged_by(session, into.id)
    regrouping.renew(session, into, now)
    regrouping.renew(session, other, now)
    session.get_one(Validity, other.id).told_to = told_to
    validity_rows.refresh(session, {other.id, *judged}, regrouping.day_of(now))
    return Regrouped(
        decision.id, "unmerge", into.id, into.title, other.id, other.title,
        tuple(page.url for page in rows_of(session, Page, Page.document_id == other.id)), versions, len(moved["files"]),
        len(moved["references"]), named, len(moved["events"]),
    )  # fmt: skip


def original_of(session: Session, document: Document) -> Page:
    """The page that the document's versions are taken from; where none is left, the best of its pages becomes it."""
    pages: list[Page] = rows_of(session, Page, Page.document_id == document.id)
    originals = [page for page in pages if page.is_original]
    if not originals:
        best = max(pages, key=lambda page: (originality(session, document, page), page.state == "fetched", -page.id))
        best.is_original = True
        originals = [best]
    session.flush()
    return originals[0]


def _part_versions(session: Session, into: Document, other: Document, moved: dict[str, Any]) -> int:
    """Give each of two documents its versions: those it had, then what its pages brought since."""
    there, pages = regrouping.versions_of(session, into.id), set(moved["pages"])
    at = {version.id: version for version in there}
    known = {"document": dict(moved["versions"]["document"]), "other": dict(moved["versions"]["other"])}
    since = [one for one in there if one.id not in known["document"] and one.id not in known["other"]]
    sides: dict[str, list[Version]] = {}
    for side, before in known.items():
        own = [at[one] for one in sorted(before, key=lambda one: before[one]) if one in at]
        own += [one for one in since if (one.page_id in pages) == (side == "other")]
        sides[side] = own
    if (made := moved["versions"]["made"]) in at:
        rest = [one for one in sides["document"] if one.id != made]
        if regrouping.unmake_version(session, at[made], rest[-1]):
            sides["document"] = rest
    regrouping.number(session, other, sides["other"])
    regrouping.number(session, into, sides["document"])
    return len(sides["other"])


def _part_references(session: Session, into: Document, other: Document, moved: dict[str, Any]) -> int:
    """Give each its references, in both directions; those that came since are pointed anew."""
    pages = Snapshot.page_id.in_(moved["pages"])
    of_pages = select(Reading.id).join(Snapshot, Snapshot.id == Reading.snapshot_id).where(pages)
    new = Reference.id > moved["last_reference"]
    came = rows_of(session, Reference, (Reference.document_id == into.id) & new & Reference.reading_id.in_(of_pages))
    set_on(session, Reference, [*moved["references"], *(row.id for row in came)], document_id=other.id)
    set_on(session, Reference, moved["named"], target_document_id=other.id)
    for reference_id, target, resolved_by in moved["own"]:
        set_on(session, Reference, [reference_id], target_document_id=target, resolved_by=resolved_by)
    since = rows_of(session, Reference, (Reference.target_document_id == into.id) & new)
    set_on(session, Reference, [row.id for row in since], target_document_id=None, resolved_by=None)
    return len(moved["named"])


def _part_told(session: Session, into: Document, other: Document) -> None:
    """What was told of the other's versions since belongs to it; an event of time stays where it was made."""
    own = select(Version.id).where(Version.document_id == other.id)
    ids = [
        row.id
        for row in rows_of(session, Event, (Event.document_id == into.id) & Event.version_id.in_(own))
        if row.day is None
    ]
    set_on(session, Event, ids, document_id=other.id)
    for start in range(0, len(ids), MANY):
        some = Alert.event_id.in_(ids[start : start + MANY])
        session.execute(update(Alert).where(some).values(document_id=other.id))


def rows_of(session: Session, model: type[Any], condition: ColumnElement[bool]) -> list[Any]:
    """The rows of a table that fit, in the order of their numbers."""
    return list(session.scalars(select(model).where(condition).order_by(model.id)))


def set_on(session: Session, model: type[Any], ids: list[int], **values: Any) -> None:
    """Give rows these values."""
    session.flush()
    for start in range(0, len(ids), MANY):
        session.execute(update(model).where(model.id.in_(ids[start : start + MANY])).values(**values))
