"""What merging, splitting and undoing them share: versions and files put in order, and what is derived made anew."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from storage import documents, fingerprints, references, validity_rows
from storage.clock import CHINA
from storage.models import (
    Alert,
    Attachment,
    AttachmentVersion,
    Document,
    Enrichment,
    Event,
    Page,
    Reading,
    Reference,
    SearchEntry,
    Snapshot,
    Validity,
    Version,
)
from storage.sameness import clauses
from storage.search_index import index_document
from storage.works import pairs


def versions_of(session: Session, document_id: int) -> Sequence[Version]:
    """All versions of a document, in their order."""
    return session.scalars(select(Version).where(Version.document_id == document_id).order_by(Version.seq)).all()


def in_time(one: Sequence[Version], other: Sequence[Version]) -> list[Version]:
    """Two documents' versions as one history: in time, each document's in their own order."""
    placed = []
    for side, versions in enumerate((one, other)):
        latest = None
        for version in versions:
            latest = version.seen_at if latest is None else max(latest, version.seen_at)
            placed.append((latest, side, version.seq, version))
    return [version for *_, version in sorted(placed, key=lambda place: place[:3])]


def number(session: Session, document: Document, versions: Sequence[Version]) -> None:
    """Make these, in this order, the versions of the document. No two have one number at any time."""
    session.flush()
    for version in versions:
        session.execute(update(Version).where(Version.id == version.id).values(seq=-version.id))
    for seq, version in enumerate(versions, 1):
        session.execute(update(Version).where(Version.id == version.id).values(seq=seq, document_id=document.id))
    document.versions = len(versions)
    session.flush()
    for version in versions:
        session.refresh(version)


def made_version(session: Session, document: Document, shown: tuple[Page, Reading], now: datetime, why: str) -> Version:
    """A further version: what the document's page showed already, now that it is the document's."""
    page, reading = shown
    snapshot = session.get_one(Snapshot, reading.snapshot_id)
    document.versions += 1
    version = Version(
        document_id=document.id, seq=document.versions, reading_id=reading.id, page_id=page.id, run_id=snapshot.run_id,
        text_hash=reading.text_hash, text_length=reading.text_length, seen_at=now, reason=why,
    )  # fmt: skip
    session.add(version)
    session.flush()
    return version


def unmake_version(session: Session, version: Version, instead: Version) -> bool:
    """Take a made version away again, unless something was told of it since."""
    for model in (Event, Alert, Enrichment):
        if session.scalar(select(model.id).where(model.version_id == version.id).limit(1)) is not None:
            return False
    session.execute(update(SearchEntry).where(SearchEntry.version_id == version.id).values(version_id=instead.id))
    session.delete(version)
    session.flush()
    return True


def shown_reading(session: Session, page: Page) -> Reading | None:
    """The reading of what a page shows, as last read."""
    read = select(Reading).join(Snapshot, Snapshot.id == Reading.snapshot_id).where(Snapshot.page_id == page.id)
    same = read.where(Reading.text_hash == page.text_hash).order_by(Reading.id.desc()).limit(1)
    return session.scalar(same) or session.scalar(read.order_by(Reading.id.desc()).limit(1))


def merge_files(session: Session, into: Attachment, other: Attachment) -> list[list[int]]:
    """Put the states of one file, found under two documents, together; answers [id, file, seq] as they were."""
    both = (AttachmentVersion.attachment_id.in_((into.id, other.id)),)
    versions = session.scalars(select(AttachmentVersion).where(*both).order_by(AttachmentVersion.seq)).all()
    known = {version.digest for version in versions if version.attachment_id == into.id}
    new = [one for one in versions if one.attachment_id == other.id and one.digest not in known]
    if not new:
        return []
    before = [[one.id, one.attachment_id, one.seq] for one in versions if one.attachment_id == into.id or one in new]
    kept = [one for one in versions if one.attachment_id == into.id]
    placed = sorted([*kept, *new], key=lambda one: (one.seen_at, one.attachment_id != into.id, one.seq))
    put_files(session, [[one.id, into.id, seq] for seq, one in enumerate(placed, 1)])
    return before


def put_files(session: Session, places: Iterable[Sequence[int]]) -> None:
    """Give states of files the file and the number in [id, file, seq]; no two have one number at any time."""
    places = list(places)
    session.flush()
    for version_id, *_ in places:
        session.execute(update(AttachmentVersion).where(AttachmentVersion.id == version_id).values(seq=-version_id))
    for version_id, file_id, seq in places:
        row = update(AttachmentVersion).where(AttachmentVersion.id == version_id)
        session.execute(row.values(attachment_id=file_id, seq=seq))
    session.expire_all()


def renew(session: Session, document: Document, now: datetime) -> None:
    """Make anew what is derived from a document's current version: fields, references, validity, and what search finds
    it by. Nobody is told."""
    version = session.scalars(
        select(Version).where(Version.document_id == document.id, Version.seq == document.versions)
    ).one()
    reading = session.get_one(Reading, version.reading_id)
    page = session.get_one(Page, version.page_id)
    documents.describe_by(document, reading, page)
    fingerprints.keep(session, document.id, clauses(pairs(reading.blocks)))
    references.keep(session, document, reading)
    references.resolve_to(session, document)
    for shown in session.scalars(select(Page).where(Page.document_id == document.id)).all():
        references.keep_reports(session, shown)
    references.keep_reports_by(session, document)
    validity_rows.follow(session, document, day_of(now), indexed=False)
    index_document(session, document, version, reading)


def retire(session: Session, document: Document, into: Document) -> None:
    """Leave a document's row as what it was known by, with nothing of its own: another stands for it now."""
    document.state, document.merged_into, document.versions = "merged", into.id, 0
    session.execute(delete(Validity).where(Validity.document_id == document.id))
    session.execute(update(SearchEntry).where(SearchEntry.document_id == document.id).values(current=False))
    session.flush()


def judged_by(session: Session, document_id: int) -> list[int]:
    """The documents whose validity was last judged by what this one does to them."""
    return list(session.scalars(select(Validity.document_id).where(Validity.by_document_id == document_id)))


def highest_reference(session: Session) -> int:
    """The number of the newest reference."""
    return session.scalar(select(func.max(Reference.id))) or 0


def day_of(now: datetime) -> date:
    """The day in China."""
    return now.astimezone(CHINA).date()
