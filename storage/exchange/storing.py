"""Keeps what a checked line holds, as rows; the caller owns the transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import fingerprints, tombstones
from storage.draft_titles import work_title_key
from storage.exchange import decided
from storage.exchange.checking import Checked, Fields
from storage.identity import has_year, issuer_key, number_key
from storage.merged import survivor
from storage.models import (
    Attachment,
    AttachmentVersion,
    Document,
    Event,
    Lead,
    Organ,
    Page,
    Reading,
    Reference,
    Run,
    Sighting,
    Snapshot,
    Source,
    Validity,
    Version,
)
from storage.sameness import clauses
from storage.search_index import index_document
from storage.works import pairs

Link = tuple[int, str, str | None]  # a reference, its target's URL key, and what found the target


@dataclass(frozen=True, slots=True)
class Made:
    """A document that was kept, and what it points to: by URL key, since its targets may come later in the file."""

    document_id: int
    links: list[Link]
    by: str | None  # what repeals or amends it


def known_as(session: Session, line: Checked) -> tuple[int, str] | None:
    """The document of the archive that the line is of, and what says so; None where it is a new one."""
    keys = [page["url_key"] for page in line.pages]
    if (gone := tombstones.erased(session, keys)) is not None:
        return gone, "it was erased here"
    at = select(Page.document_id, Page.url).where(Page.url_key.in_(keys), Page.document_id.is_not(None))
    for document_id, url in session.execute(at.order_by(Page.id).limit(1)):
        if document_id is not None:
            return document_id, f"the archive has {url}"
    document = line.document
    key, issuer = number_key(document["number"]), document["issuer_key"] or issuer_key(document["issuer"])
    if key is None or issuer is None or document["type"] == "news":
        return None
    same = select(Document).where(
        Document.number_key == key, Document.issuer_key == issuer, Document.type == document["type"]
    )
    day = document["written"] or document["published"]
    apart = decided.apart_from(session, line.decisions)
    for found in session.scalars(same.order_by(Document.id)):
        other = survivor(session, found)
        if other.id in apart:
            continue
        theirs = other.written or other.published
        # 令第50号 and the like name a document only together with their year.
        if has_year(key) or (day is not None and theirs is not None and day.year == theirs.year):
            return other.id, f"the archive has {other.number} of {other.issuer}"
    return None


def made_before(session: Session, document_id: int, line: Checked) -> Made | None:
    """What an import that was killed may have left to do for a document that it kept; None where none did."""
    document = session.get(Document, document_id)
    run = session.get(Run, document.first_run_id) if document is not None else None
    if run is None or run.trigger != "import":
        return None
    rows = session.scalars(select(Reference).where(Reference.document_id == document_id).order_by(Reference.id)).all()
    if len(rows) != len(line.references):  # read again since
        return None
    links: list[Link] = [
        (row.id, fields["_target"], fields["resolved_by"])
        for row, fields in zip(rows, line.references, strict=True)
        if fields["_target"] is not None and row.target_document_id is None
    ]
    return Made(document_id, links, line.validity["_by"] if line.validity else None)


def store_source(session: Session, fields: Fields, now: datetime) -> None:
    """Make a source known that the archive does not know; what it knows of one stays."""
    if session.get(Source, fields["id"]) is None:
        session.add(Source(**fields, state="new", state_since=now, failures=0, alarmed=False))
        session.flush()


def store(session: Session, line: Checked, run: Run, now: datetime) -> Made:
    """Keep a document that the archive does not have."""
    document = Document(**_own(line.document), first_run_id=run.id)
    document.work_title_key = work_title_key(document.title)  # exports of earlier releases have none
    if line.id is not None and session.get(Document, line.id) is None:
        document.id = line.id
    session.add(document)
    session.flush()
    pages = [_page(session, fields, document, run) for fields in line.pages]
    held = [_snapshot(session, fields, pages, run) for fields in line.snapshots]
    readings = [_reading(session, fields, held) for fields in line.readings]
    versions = [
        Version(
            **_own(fields), document_id=document.id, reading_id=readings[fields["_reading"]].id,
            page_id=pages[fields["_page"]].id, run_id=run.id,
        )
        for fields in line.versions
    ]  # fmt: skip
    session.add_all(versions)
    session.flush()
    files = [_attachment(session, fields, document, held, run) for fields in line.attachments]
    links = _references(session, line, document, readings, files)
    for fields in line.events:
        session.add(_event(fields, document, versions, run, now))
    decided.store_merged(session, line.decisions, document, readings, run)
    if line.validity is not None:
        session.add(Validity(**_own(line.validity), document_id=document.id))
    session.flush()
    current = versions[-1]
    reading = session.get_one(Reading, current.reading_id)
    fingerprints.keep(session, document.id, clauses(pairs(reading.blocks)))
    index_document(session, document, current, reading)
    return Made(document.id, links, line.validity["_by"] if line.validity else None)


def _own(fields: Fields) -> Fields:
    """The columns among the fields."""
    return {name: value for name, value in fields.items() if not name.startswith("_")}


def _page(session: Session, fields: Fields, document: Document, run: Run) -> Page:
    """The page's row; a URL that is known without a document, by a listing, is that page."""
    page = session.scalar(select(Page).where(Page.url_key == fields["url_key"]))
    if page is None:
        page = Page()
        session.add(page)
    for name, value in _own(fields).items():
        setattr(page, name, value)
    page.document_id, page.checked_run_id, page.backlog = document.id, run.id, True
    session.flush()
    known = set(session.scalars(select(Sighting.source_id).where(Sighting.page_id == page.id)))
    session.add_all(Sighting(page_id=page.id, **row) for row in fields["_sightings"] if row["source_id"] not in known)
    led = set(session.scalars(select(Lead.report_key).where(Lead.page_id == page.id)))
    session.add_all(Lead(page_id=page.id, report_key=key) for key in fields["_leads"] if key not in led)
    session.flush()
    return page


def _snapshot(session: Session, fields: Fields, pages: list[Page], run: Run) -> Snapshot:
    """The facts of a fetch. An export carries no bytes; the row names the file that held them, so that they are there
    again once that file is, and a later fetch that brings them mends the row."""
    page = pages[fields["_page"]] if fields["_page"] is not None else None
    if page is not None:
        same = select(Snapshot).where(Snapshot.page_id == page.id, Snapshot.digest == fields["digest"])
        if (known := session.scalar(same.limit(1))) is not None:
            return known
    snapshot = Snapshot(**_own(fields), page_id=page.id if page else None, run_id=run.id)
    session.add(snapshot)
    session.flush()
    return snapshot


def _reading(session: Session, fields: Fields, held: list[Snapshot]) -> Reading:
    snapshot = held[fields["_snapshot"]]
    same = select(Reading).where(
        Reading.snapshot_id == snapshot.id, Reading.extractor_version == fields["extractor_version"]
    )
    if (known := session.scalar(same)) is not None:
        return known
    reading = Reading(**_own(fields), snapshot_id=snapshot.id)
    session.add(reading)
    session.flush()
    session.add_all(Organ(**organ, reading_id=reading.id) for organ in fields["_organs"])
    session.flush()
    return reading


def _attachment(session: Session, fields: Fields, document: Document, held: list[Snapshot], run: Run) -> Attachment:
    file = Attachment(**_own(fields), document_id=document.id)
    session.add(file)
    session.flush()
    session.add_all(
        AttachmentVersion(
            **_own(version), attachment_id=file.id, snapshot_id=held[version["_snapshot"]].id, run_id=run.id
        )
        for version in fields["_versions"]
    )
    session.flush()
    return file


def _references(
    session: Session, line: Checked, document: Document, readings: list[Reading], files: list[Attachment]
) -> list[Link]:
    links: list[Link] = []
    for fields in line.references:
        own: dict[str, Any] = {**_own(fields), "resolved_by": None}
        file = files[fields["_attachment"]].id if fields["_attachment"] is not None else None
        reading_id = readings[fields["_reading"]].id
        reference = Reference(**own, document_id=document.id, reading_id=reading_id, attachment_id=file)
        session.add(reference)
        session.flush()
        if fields["_target"] is not None:
            links.append((reference.id, fields["_target"], fields["resolved_by"]))
    return links


def _event(fields: Fields, document: Document, versions: list[Version], run: Run, now: datetime) -> Event:
    """An event as it was, but backlog. That a document came may be told to a watch that asks for backlog; what became
    of it before this archive had it is told to nobody."""
    version = versions[fields["_version"] - 1].id if fields["_version"] is not None else None
    return Event(
        **{**_own(fields), "backlog": True}, state="published", matched_at=None if fields["kind"] == "added" else now,
        document_id=document.id, version_id=version, run_id=run.id,
    )  # fmt: skip
