"""Splits a copy off a document, where a person says that it is another document, and takes that back.

The page takes its versions with it, what was read of it, the files that it links and what it refers to; a page that
was a copy all along has no versions, so that one is made of what it shows. Its URL is never again taken for a copy of
the document that it was split from."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from storage import references, regrouping, validity_rows
from storage.documents import originality
from storage.errors import OperatorError
from storage.faults import fp
from storage.identity import url_key
from storage.merging import Regrouped, original_of, rows_of, set_on, usable
from storage.models import (
    Alert,
    Attachment,
    AttachmentVersion,
    Document,
    Event,
    IdentityDecision,
    Page,
    Reading,
    Reference,
    Snapshot,
    Version,
)


def split(session: Session, document_id: int, url: str, *, by: str, reason: str, now: datetime) -> Regrouped:
    """Make the copy at `url` a document of its own. The caller owns the transaction. Raises OperatorError where
    `url` is no copy of the document, or all there is of it."""
    document = usable(session, document_id)
    page = _page_of(session, document, url)
    reading = regrouping.shown_reading(session, page)
    if reading is None:
        raise OperatorError(f"nothing was read from {page.url} yet; it can be split off after a crawl")
    snapshot = session.get_one(Snapshot, reading.snapshot_id)
    new = Document(
        type=document.type, state="current", versions=0, source_id=page.source_id, first_run_id=snapshot.run_id,
        first_seen_at=page.found_at,
    )  # fmt: skip
    session.add(new)
    session.flush()
    was_original = page.is_original
    page.document_id, page.is_original = new.id, True
    session.flush()
    _choose_original(session, document)
    moved: dict[str, Any] = {"page": page.id, "original": was_original}
    versions = _part_versions(session, document, new, moved, now)
    fp("split-versions")
    files = _part_files(session, document, new, page, moved)
    out = _part_references(session, document, new, page, moved)
    events = _part_told(session, document, new, moved)
    regrouping.renew(session, document, now)
    regrouping.renew(session, new, now)
    named = _part_named(session, document, new, moved)
    if named:
        validity_rows.refresh(session, [document.id, new.id], regrouping.day_of(now))
    decision = IdentityDecision(
        kind="split", document_id=document.id, other_id=new.id, url=page.url, url_key=page.url_key, reason=reason,
        by=by, at=now, moved=moved,
    )  # fmt: skip
    session.add(decision)
    session.flush()
    fp("split-decided")
    return Regrouped(
        decision.id, "split", document.id, document.title, new.id, new.title, (page.url,), versions, files, out,
        named, events,
    )  # fmt: skip


def _page_of(session: Session, document: Document, url: str) -> Page:
    page = session.scalar(select(Page).where(Page.url_key == url_key(url)))
    copies = rows_of(session, Page, Page.document_id == document.id)
    if page is None or page.document_id != document.id:
        shown = "\n".join(f"  {copy.url}" for copy in copies)
        raise OperatorError(f"{url} is no copy of document {document.id}; its copies are\n{shown}")
    if len(copies) == 1:
        raise OperatorError(f"document {document.id} stands at {page.url} alone: there is nothing to split it from")
    return page


def _choose_original(session: Session, document: Document) -> None:
    """Where the original was split off, the best page that something was read from takes its place."""
    pages = rows_of(session, Page, Page.document_id == document.id)
    if any(page.is_original for page in pages):
        return
    read = [page for page in pages if regrouping.shown_reading(session, page) is not None]
    if not read:
        raise OperatorError(f"nothing was read yet from what would be left of document {document.id}")
    best = max(read, key=lambda page: (originality(session, document, page), page.state == "fetched", -page.id))
    best.is_original = True
    session.flush()


def _part_versions(session: Session, document: Document, new: Document, moved: dict[str, Any], now: datetime) -> int:
    """Each keeps the versions read from its pages, and ends with what its page shows now."""
    page = session.get_one(Page, moved["page"])
    there = regrouping.versions_of(session, document.id)
    theirs = [version for version in there if version.page_id == page.id]
    mine = [version for version in there if version.page_id != page.id]
    moved["versions"] = {
        "document": [[one.id, one.seq] for one in mine], "other": [[one.id, one.seq] for one in theirs], "made": [],
    }  # fmt: skip
    regrouping.number(session, new, theirs)
    regrouping.number(session, document, mine)
    for one, versions, at in ((new, theirs, page), (document, mine, original_of(session, document))):
        reading = regrouping.shown_reading(session, at)
        if reading is not None and (not versions or versions[-1].text_hash != reading.text_hash):
            seen = now if versions else session.get_one(Snapshot, reading.snapshot_id).fetched_at
            made = regrouping.made_version(session, one, (at, reading), seen, "split")
            moved["versions"]["made"].append(made.id)
    return len(theirs)


def _links(session: Session, condition: Any) -> set[str]:
    """Keys of the files that readings link."""
    read = select(Reading.attachments).join(Snapshot, Snapshot.id == Reading.snapshot_id).where(condition)
    return {url_key(link[1]) for links in session.scalars(read) for link in links}


def _part_files(session: Session, document: Document, new: Document, page: Page, moved: dict[str, Any]) -> int:
    """The files that the page links go with it; of those that other copies link too it gets its own rows."""
    ours = _links(session, Snapshot.page_id == page.id)
    others = [row.id for row in rows_of(session, Page, Page.document_id == document.id)]
    theirs = _links(session, Snapshot.page_id.in_(others))
    moved["files"], moved["copied"] = [], []
    for file in rows_of(session, Attachment, Attachment.document_id == document.id):
        if file.url_key not in ours:
            continue
        if file.url_key not in theirs:
            moved["files"].append(file.id)
            file.document_id = new.id
            continue
        twin = _copied(file, document_id=new.id)
        session.add(twin)
        session.flush()
        moved["copied"].append(twin.id)
        states = select(AttachmentVersion).where(AttachmentVersion.attachment_id == file.id)
        for version in session.scalars(states.order_by(AttachmentVersion.seq)).all():
            session.add(_copied(version, attachment_id=twin.id))
    session.flush()
    return len(moved["files"]) + len(moved["copied"])


def _copied(row: Any, **other: Any) -> Any:
    values = {column.key: getattr(row, column.key) for column in row.__table__.columns if column.key != "id"}
    return type(row)(**{**values, **other})


def _part_references(session: Session, document: Document, new: Document, page: Page, moved: dict[str, Any]) -> int:
    read = select(Reading.id).join(Snapshot, Snapshot.id == Reading.snapshot_id).where(Snapshot.page_id == page.id)
    own = rows_of(session, Reference, (Reference.document_id == document.id) & Reference.reading_id.in_(read))
    moved["references"] = [row.id for row in own]
    set_on(session, Reference, moved["references"], document_id=new.id)
    return len(own)


def _part_told(session: Session, document: Document, new: Document, moved: dict[str, Any]) -> int:
    """Events and alerts of the versions that went."""
    versions = [version_id for version_id, _ in moved["versions"]["other"]]
    told = Event.version_id.in_(versions)
    moved["events"] = [row.id for row in rows_of(session, Event, (Event.document_id == document.id) & told)]
    set_on(session, Event, moved["events"], document_id=new.id)
    alerts = rows_of(session, Alert, (Alert.document_id == document.id) & Alert.version_id.in_(versions))
    moved["alerts"] = [row.id for row in alerts]
    set_on(session, Alert, moved["alerts"], document_id=new.id)
    return len(moved["events"])


def _part_named(session: Session, document: Document, new: Document, moved: dict[str, Any]) -> int:
    """References that mean the one split off now that there are two; those that fit both stay."""
    moved["named"] = []
    for row in rows_of(session, Reference, Reference.target_document_id == document.id):
        before = (row.target_document_id, row.resolved_by)
        row.target_document_id = row.resolved_by = None
        references.point(session, row)
        if row.target_document_id == new.id:
            moved["named"].append([row.id, *before])
        else:
            row.target_document_id, row.resolved_by = before
    session.flush()
    return len(moved["named"])


# -- undoing -----------------------------------------------------------------------------------------------------------


def unsplit(session: Session, decision: IdentityDecision, *, by: str, now: datetime) -> Regrouped:
    """Make what was split off a copy again, with what came to it since. Its number stays understood."""
    document, new = session.get_one(Document, decision.document_id), session.get_one(Document, decision.other_id)
    moved = decision.moved
    pages = rows_of(session, Page, Page.document_id == new.id)
    for page in pages:
        page.document_id, page.is_original = document.id, False
    if moved["original"]:
        for page in rows_of(session, Page, Page.document_id == document.id):
            page.is_original = page.id == moved["page"]
    session.flush()
    versions = _join_versions(session, document, new, moved)
    _join_files(session, document, new, moved)
    own = [row.id for row in rows_of(session, Reference, Reference.document_id == new.id)]
    set_on(session, Reference, own, document_id=document.id)
    named = [row.id for row in rows_of(session, Reference, Reference.target_document_id == new.id)]
    set_on(session, Reference, named, target_document_id=document.id)
    days = {(row.kind, row.day) for row in rows_of(session, Event, Event.document_id == document.id) if row.day}
    told = [
        row.id
        for row in rows_of(session, Event, Event.document_id == new.id)
        if row.day is None or (row.kind, row.day) not in days
    ]
    set_on(session, Event, told, document_id=document.id)
    alerts = rows_of(session, Alert, (Alert.document_id == new.id) & Alert.event_id.in_(told))
    set_on(session, Alert, [row.id for row in alerts], document_id=document.id)
    judged = regrouping.judged_by(session, new.id)
    title = new.title
    regrouping.retire(session, new, document)
    decision.undone_at, decision.undone_by = now, by
    session.flush()
    fp("unsplit-joined")
    regrouping.renew(session, document, now)
    if judged:
        validity_rows.refresh(session, judged, regrouping.day_of(now))
    return Regrouped(
        decision.id, "unsplit", document.id, document.title, new.id, title, tuple(page.url for page in pages),
        versions, len(moved["files"]) + len(moved["copied"]), len(own), len(named), len(told),
    )  # fmt: skip


def _join_versions(session: Session, document: Document, new: Document, moved: dict[str, Any]) -> int:
    """The versions as they were before the split, then those that came since, in time."""
    mine, theirs = regrouping.versions_of(session, document.id), regrouping.versions_of(session, new.id)
    at: dict[int, Version] = {version.id: version for version in (*mine, *theirs)}
    before = {**dict(moved["versions"]["document"]), **dict(moved["versions"]["other"])}
    order = [at[one] for one in sorted(before, key=lambda one: before[one]) if one in at]
    since = [version for version in regrouping.in_time(mine, theirs) if version.id not in before]
    for version in list(since):
        if version.id in moved["versions"]["made"] and order and regrouping.unmake_version(session, version, order[-1]):
            since.remove(version)
    regrouping.number(session, document, [*order, *since])
    return len(theirs)


def _join_files(session: Session, document: Document, new: Document, moved: dict[str, Any]) -> None:
    known = {row.url_key: row for row in rows_of(session, Attachment, Attachment.document_id == document.id)}
    for file in rows_of(session, Attachment, Attachment.document_id == new.id):
        if (same := known.get(file.url_key)) is None:
            file.document_id = document.id
            continue
        regrouping.merge_files(session, same, file)
        if file.id in moved["copied"]:
            lists = rows_of(session, Reference, Reference.attachment_id == file.id)
            set_on(session, Reference, [row.id for row in lists], attachment_id=same.id)
            session.execute(delete(AttachmentVersion).where(AttachmentVersion.attachment_id == file.id))
            session.delete(session.get_one(Attachment, file.id))
    session.flush()
