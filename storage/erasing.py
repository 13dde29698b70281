"""Erases a document: its texts, its files' texts, its place in the index, and its records in the WARC files.

Rows stay as empty shells, with a tombstone that says what was erased and why; the hash chain has the tombstone's
digest, so that `verify` accepts what it names and nothing else. A URL of it is not archived again.

The segments are written anew without the records, then one transaction blanks the rows and names the new segments, then
the old ones are removed (storage/moving.py). Whatever is killed in between is completed or taken back by `finish`.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from storage import chain, desk, moving, search_index
from storage.archive import Archive
from storage.engine import reading as reading_session
from storage.errors import OperatorError
from storage.faults import fp
from storage.merged import merged_into
from storage.models import (
    Alert,
    Attachment,
    AttachmentVersion,
    Base,
    Document,
    Event,
    Organ,
    Page,
    Reading,
    Reference,
    Setting,
    Snapshot,
    Validity,
    Version,
)
from storage.snapshots import keeping_places
from storage.tombstones import URL_SETTING, setting_of


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased. `shared`: records that another document's page has too, which stay for it."""

    document_id: int
    urls: tuple[str, ...]
    readings: int
    records: int
    shared: int


@dataclass(frozen=True, slots=True)
class _Parts:
    """The rows of a document that carry what it said."""

    pages: Sequence[Page]
    files: Sequence[Attachment]
    readings: Sequence[int]
    snapshots: Sequence[Snapshot]
    shared: frozenset[str]  # digests that other snapshots have too


def erase(archive: Archive, document_id: int, reason: str) -> Erased:
    """Erase a document for good. Raises OperatorError where there is none or a crawl writes to its segments now."""
    if not reason.strip():
        raise OperatorError("say why with --reason: the tombstone keeps it")
    with keeping_places(archive.snapshots.folder, change=True):
        moving.finish(archive)
        with reading_session(archive.engine) as session:
            parts = _parts(session, document_id)
        gone = [snapshot for snapshot in parts.snapshots if snapshot.digest not in parts.shared]
        places: dict[str, set[tuple[int, int]]] = defaultdict(set)
        for snapshot in gone:
            places[snapshot.file].add((snapshot.offset, snapshot.length))

        def write(session: Session) -> None:
            _blank(session, document_id, parts)
            _bury(session, document_id, parts, reason, archive.clock.now().isoformat())
            search_index.forget(session, document_id, *merged_into(session, document_id))
            desk.forget(session, document_id)
            fp("erase-blanked")

        moving.cut(archive, places, write)
    urls = (*(page.url for page in parts.pages), *(file.url for file in parts.files))
    return Erased(document_id, urls, len(parts.readings), len(gone), len(parts.snapshots) - len(gone))


def finish(archive: Archive) -> None:
    """Complete or take back what a killed `erase`, or another move of records, left."""
    if archive.snapshots.folder.is_dir():
        with keeping_places(archive.snapshots.folder, change=True):
            moving.finish(archive)


# -- what belongs to the document --------------------------------------------------------------------------------------


def _parts(session: Session, document_id: int) -> _Parts:
    if session.get(Document, document_id) is None:
        raise OperatorError(f"no document {document_id} in the archive")
    if session.get(Setting, setting_of(document_id)) is not None:
        raise OperatorError(f"document {document_id} is erased already")
    if session.get_one(Document, document_id).merged_into is not None:
        raise OperatorError(f"document {document_id} was merged into another: erase that one")
    standing = [document_id, *merged_into(session, document_id)]
    pages = session.scalars(select(Page).where(Page.document_id == document_id)).all()
    files = session.scalars(select(Attachment).where(Attachment.document_id.in_(standing))).all()
    versions = select(Version.reading_id).where(Version.document_id == document_id)
    of_files = select(AttachmentVersion.snapshot_id).join(Attachment).where(Attachment.document_id.in_(standing))
    of_others = select(AttachmentVersion.snapshot_id).join(Attachment).where(Attachment.document_id.not_in(standing))
    ours = (
        Snapshot.page_id.in_([page.id for page in pages])
        | (Snapshot.id.in_(of_files) & Snapshot.id.not_in(of_others))
        | Snapshot.id.in_(select(Reading.snapshot_id).where(Reading.id.in_(versions)))
    )
    snapshots = session.scalars(select(Snapshot).where(ours, Snapshot.file != "")).all()
    ids = [snapshot.id for snapshot in snapshots]
    readings = session.scalars(select(Reading.id).where(Reading.snapshot_id.in_(ids))).all()
    digests = {snapshot.digest for snapshot in snapshots}
    shared = session.scalars(select(Snapshot.digest).where(Snapshot.digest.in_(digests), Snapshot.id.not_in(ids)))
    return _Parts(pages, files, readings, snapshots, frozenset(shared))


# -- the rows ----------------------------------------------------------------------------------------------------------

NO_TEXT: dict[str, Any] = {
    "title": None, "issuer": None, "issuers": [], "number": None, "index_number": None, "topic": None, "kind": None,
    "author": None, "reprinted_from": None, "blocks": [], "attachments": [], "mentions": [], "evidence": {},
    "text_hash": "", "text_length": 0, "number_normal": None, "alternatives": None,
}  # fmt: skip


def _blank(session: Session, document_id: int, parts: _Parts) -> None:
    """Empty every row that carries what the document said, and what was merged into it."""
    standing = [document_id, *merged_into(session, document_id)]
    session.execute(update(Reading).where(Reading.id.in_(parts.readings)).values(**NO_TEXT))
    session.execute(
        update(Snapshot).where(Snapshot.id.in_([snapshot.id for snapshot in parts.snapshots])).values(headers=[])
    )
    session.execute(delete(Organ).where(Organ.reading_id.in_(parts.readings)))
    known_by = ("title", "number", "issuer", "number_key", "issuer_key", "title_key", "inner_title_key",
                "number_normal", "short_title_key", "work_title_key", "deadline")  # fmt: skip
    session.execute(update(Document).where(Document.id.in_(standing)).values(dict.fromkeys(known_by)))
    session.get_one(Document, document_id).state = "withdrawn"
    ours = Version.document_id == document_id
    session.execute(update(Version).where(ours).values(text_hash="", text_length=0))
    for page in session.scalars(select(Page).where(Page.document_id == document_id)):
        page.title = page.list_number = page.etag = page.last_modified = page.text_hash = page.digest = None
        page.next_check_at = None
    for file in session.scalars(select(Attachment).where(Attachment.document_id.in_(standing))):
        file.name = file.href = ""
        session.execute(
            update(AttachmentVersion)
            .where(AttachmentVersion.attachment_id == file.id)
            .values(text="", text_places=[], text_hash=None, text_state="unread", text_reason="erased",
                    ocr_pictures=None, pictures_waiting=None, extractor_version=None)
        )  # fmt: skip
    session.execute(delete(Reference).where(Reference.document_id.in_(standing)))
    session.execute(
        update(Reference)
        .where(Reference.target_document_id == document_id)
        .values(target_document_id=None, resolved_by=None)
    )
    session.execute(delete(Validity).where(Validity.document_id.in_(standing)))
    session.execute(update(Validity).where(Validity.by_document_id == document_id).values(by_document_id=None))
    for event in session.scalars(select(Event).where(Event.document_id.in_(standing))):
        event.payload = {"reason": "erased"}
    session.execute(update(Alert).where(Alert.document_id.in_(standing)).values(terms=[]))
    for name in ("fingerprint", "possible_copy"):  # what is derived from the text to find it again
        if (table := Base.metadata.tables.get(name)) is not None:
            session.execute(table.delete().where(table.c.document_id.in_(standing)))
            if "other_id" in table.c:
                session.execute(table.delete().where(table.c.other_id.in_(standing)))
    session.flush()


def _bury(session: Session, document_id: int, parts: _Parts, reason: str, moment: str) -> None:
    """The tombstone, its link in the chain, and a mark for each URL."""
    value = json.dumps(
        {"document": document_id, "reason": reason, "at": moment, "readings": sorted(parts.readings),
         "snapshots": sorted(snapshot.id for snapshot in parts.snapshots),
         "records": sorted({snapshot.digest for snapshot in parts.snapshots} - parts.shared)},
        ensure_ascii=False,
    )  # fmt: skip
    session.add(Setting(name=setting_of(document_id), value=value))
    keys: set[str | None] = {file.url_key for file in parts.files}
    for page in parts.pages:
        keys |= {page.url_key, page.final_key}
    for key in filter(None, keys):
        session.merge(Setting(name=f"{URL_SETTING}{key}", value=str(document_id)))
    digest = hashlib.sha256(value.encode()).hexdigest()
    chain.append(session.connection(), [("erasure", document_id, (digest, ""))])
