"""Reads kept bytes again by the present extractor: an upgrade. A reading is appended and the version points to it;
what was read before stays, and nobody is told.

Each batch is one transaction, which also keeps how far it came: a process that is killed loses at most the batch that
it was at, and the next one goes on from there.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from storage import attachments, documents, enriching, payloads
from storage.archive import Archive, FileReader, Reader
from storage.documents import At
from storage.engine import reading as reading_session
from storage.engine import writing
from storage.errors import ArchiveError
from storage.faults import fp
from storage.models import (
    Attachment,
    AttachmentVersion,
    Document,
    Page,
    Reading,
    Run,
    Setting,
    Snapshot,
    Version,
)
from storage.records import Capture, FileRecord, ReadingRecord
from storage.search_index import index_document

BATCH = 20  # versions in one transaction: what a kill costs, against one fsync for each
SETTING = "reprocess"  # how far the last one came, while it is not at its end

# Names of a reading's record where they differ from those of its row.
_COLUMNS = {"doc_number": "number"}
_NOT_COMPARED = frozenset({"extractor_version", "state", "state_reason", "organs", "evidence", "alternatives"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which versions to read again: of one source's documents, seen since a moment; and by which extractors."""

    extractor_version: str
    files_version: str
    source_id: str | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reprocessed:
    """One version or file that was read again. `fields`: what differs. `failed`: why it stays as it was read before."""

    kind: str  # version or file
    id: int
    document_id: int
    fields: tuple[str, ...] = ()
    failed: str = ""


@dataclass(slots=True)
class Summary:
    """What came of it, by field; `left` are still to be read."""

    read: int = 0
    upgraded: int = 0
    failed: int = 0
    left: int = 0
    fields: Counter[str] = field(default_factory=Counter)

    def add(self, done: Reprocessed) -> None:
        """Count one."""
        self.read += 1
        self.failed += bool(done.failed)
        self.upgraded += not done.failed
        self.fields.update(done.fields)


class Reprocessor:
    """Reads versions and files again. `reader` and `file_reader` are the present extractors."""

    def __init__(self, archive: Archive, reader: Reader, file_reader: FileReader, wanted: Wanted) -> None:
        self._archive, self._reader, self._file_reader = archive, reader, file_reader
        self._wanted = replace(
            wanted,
            extractor_version=archive.version_of(wanted.extractor_version),
            files_version=archive.version_of(wanted.files_version),
        )
        self._after = {"version": 0, "file": 0}

    def count(self) -> int:
        """How many versions and files wait to be read again."""
        self._resume()
        with reading_session(self._archive.engine) as session:
            return sum(
                session.scalar(query.with_only_columns(func.count()).order_by(None)) or 0
                for query in (self._versions(), self._files())
            )

    def run(self, limit: int | None = None, *, dry: bool = False) -> Iterator[Reprocessed]:
        """Read up to `limit` versions and files again, oldest first; `dry` keeps nothing.

        Begins where a former one was ended, if it wanted the same."""
        self._resume()
        left = limit
        for kind, batch_of in (("version", self._some_versions), ("file", self._some_files)):
            while left is None or left > 0:
                done = batch_of(BATCH if left is None else min(BATCH, left), dry)
                if not done:
                    break
                self._after[kind] = done[-1].id
                left = None if left is None else left - len(done)
                yield from done
        if not dry and (left is None or left > 0):
            with writing(self._archive.engine) as session:
                if (setting := session.get(Setting, SETTING)) is not None:
                    session.delete(setting)

    # -- how far it came ---------------------------------------------------------------------------------------------

    def _key(self) -> list[str | None]:
        wanted = self._wanted
        since = wanted.since.isoformat() if wanted.since else None
        return [wanted.extractor_version, wanted.files_version, wanted.source_id, since]

    def _resume(self) -> None:
        with reading_session(self._archive.engine) as session:
            setting = session.get(Setting, SETTING)
            kept = json.loads(setting.value) if setting else {}
        self._after = dict(kept["after"]) if kept.get("key") == self._key() else {"version": 0, "file": 0}

    def _remember(self, session: Session, kind: str, last: int) -> None:
        value = json.dumps({"key": self._key(), "after": {**self._after, kind: last}})
        setting = session.get(Setting, SETTING)
        if setting is None:
            session.add(Setting(name=SETTING, value=value))
        else:
            setting.value = value

    # -- versions ----------------------------------------------------------------------------------------------------

    def _versions(self) -> Select[Version, Reading, Snapshot]:
        return (
            select(Version, Reading, Snapshot)
            .join(Reading, Reading.id == Version.reading_id)
            .join(Snapshot, Snapshot.id == Reading.snapshot_id)
            .where(
                Version.id > self._after["version"], Snapshot.file != "",  # erased, or let go by a rule
                Reading.extractor_version != self._wanted.extractor_version,
                *self._of_source(Version.document_id), *self._since(Version.seen_at),
            )
            .order_by(Version.id)
        )  # fmt: skip

    def _of_source(self, document_id: InstrumentedAttribute[int]) -> list[ColumnElement[bool]]:
        if self._wanted.source_id is None:
            return []
        return [document_id.in_(select(Document.id).where(Document.source_id == self._wanted.source_id))]

    def _since(self, seen_at: InstrumentedAttribute[datetime]) -> list[ColumnElement[bool]]:
        return [] if self._wanted.since is None else [seen_at >= self._wanted.since]

    def _some_versions(self, limit: int, dry: bool) -> list[Reprocessed]:
        with reading_session(self._archive.engine) as session:
            rows = session.execute(self._versions().limit(limit)).all()
        read = [(version, *self._read(before, snapshot)) for version, before, snapshot in rows]
        if not dry and read:
            fp("reprocess-read")
            with writing(self._archive.engine) as session:
                for version, _done, record in read:
                    if record is not None:
                        _upgrade(session, version, record, self._archive.clock.now())
                self._remember(session, "version", read[-1][0].id)
                fp("reprocess-upgraded")
            fp("reprocess-committed")
        return [Reprocessed("version", v.id, v.document_id, d.fields, d.failed) for v, d, _ in read]

    def _read(self, before: Reading, snapshot: Snapshot) -> tuple["_Read", ReadingRecord | None]:
        """What the present extractor makes of a snapshot; nothing of it where it is no document any more: a kept
        version does not become less by a reader that cannot read it."""
        try:
            record = self._reader(capture_of(snapshot, self._load(snapshot)))
        except ArchiveError as error:
            return _Read(failed=str(error)), None
        if record is None:
            return _Read(failed="it cannot be read"), None
        if record.state != "document":
            return _Read(failed=f"it is read as {record.state}: {record.state_reason}"), None
        record = self._archive.as_kept(record)
        if record.extractor_version != self._wanted.extractor_version:
            return _Read(failed=f"it was read by {record.extractor_version}"), None
        return _Read(differing(before, record)), record

    # -- files -------------------------------------------------------------------------------------------------------

    def _files(self) -> Select[AttachmentVersion, Attachment, Snapshot]:
        """The newest version of each file; older ones are compared with nothing."""
        later = aliased(AttachmentVersion)
        newer = select(later.id).where(
            later.attachment_id == AttachmentVersion.attachment_id, later.seq > AttachmentVersion.seq
        )
        return (
            select(AttachmentVersion, Attachment, Snapshot)
            .join(Attachment, Attachment.id == AttachmentVersion.attachment_id)
            .join(Snapshot, Snapshot.id == AttachmentVersion.snapshot_id)
            .where(
                AttachmentVersion.id > self._after["file"], ~newer.exists(), Snapshot.file != "",
                AttachmentVersion.extractor_version != self._wanted.files_version,
                *self._of_source(Attachment.document_id), *self._since(AttachmentVersion.seen_at),
            )
            .order_by(AttachmentVersion.id)
        )  # fmt: skip

    def _some_files(self, limit: int, dry: bool) -> list[Reprocessed]:
        with reading_session(self._archive.engine) as session:
            rows = session.execute(self._files().limit(min(limit, 1 if not dry else limit))).all()
        read: list[tuple[AttachmentVersion, Attachment, FileRecord | None, _Read]] = []
        for version, file, snapshot in rows:
            try:
                record = self._archive.file_as_kept(self._file_reader(self._load(snapshot), file.name, file.type))
                told = ("file text",) if record.text != version.text else ()
                read.append((version, file, record, _Read(told)))
            except ArchiveError as error:
                read.append((version, file, None, _Read(failed=str(error))))
        if not dry and read:
            with writing(self._archive.engine) as session:
                for version, file, found, _ in read:
                    if found is not None:
                        _upgrade_file(session, version.id, file.document_id, found, self._archive.clock.now())
                self._remember(session, "file", read[-1][0].id)
        return [Reprocessed("file", v.id, f.document_id, d.fields, d.failed) for v, f, _, d in read]

    def _load(self, snapshot: Snapshot) -> bytes:
        archive = self._archive
        return payloads.load(archive.engine, archive.snapshots, snapshot.file, snapshot.offset, snapshot.digest)


@dataclass(frozen=True, slots=True)
class _Read:
    fields: tuple[str, ...] = ()
    failed: str = ""


def capture_of(snapshot: Snapshot, payload: bytes) -> Capture:
    """The answer as it was fetched."""
    return Capture(
        url=snapshot.url,
        final_url=snapshot.final_url,
        status=snapshot.status,
        headers=tuple((name, value) for name, value in snapshot.headers),
        payload=payload,
        fetched_at=snapshot.fetched_at,
    )


def differing(before: Reading, record: ReadingRecord) -> tuple[str, ...]:
    """The fields in which a reading's row differs from a new record of the same bytes."""
    names = [(item.name, _COLUMNS.get(item.name, item.name)) for item in fields(ReadingRecord)]
    return tuple(
        column
        for name, column in names
        if name not in _NOT_COMPARED
        and column in Reading.__table__.columns
        and _listed(getattr(before, column)) != _listed(getattr(record, name))
    )


def _listed(value: object) -> object:
    """Tuples as the lists that the database gives back; nothing kept is nothing found."""
    if isinstance(value, tuple | list):
        return [_listed(item) for item in value]
    return value


def _upgrade(session: Session, seen: Version, record: ReadingRecord, now: datetime) -> None:
    """Append the reading and point the version to it, unless a crawl did so, or changed it, meanwhile."""
    version = session.get_one(Version, seen.id)
    if version.reading_id != seen.reading_id:
        return
    before = session.get_one(Reading, version.reading_id)
    snapshot = session.get_one(Snapshot, before.snapshot_id)
    document = session.get_one(Document, version.document_id)
    page = session.get_one(Page, version.page_id)
    reading = documents.keep_reading(session, snapshot, record, now)
    at = At(session, session.get_one(Run, version.run_id), page, now)
    documents.upgrade_version(at, document, version, record, reading)
    if page.digest == snapshot.digest:  # else the next crawl would take the page for one that shows another text
        page.text_hash, page.extractor_version = reading.text_hash, reading.extractor_version


def _upgrade_file(session: Session, version_id: int, document_id: int, record: FileRecord, now: datetime) -> None:
    """The file's newest text by the present extractor; search finds the document by it."""
    kept = session.get_one(AttachmentVersion, version_id)
    attachments.upgrade_text(kept, record)
    session.flush()
    documents.follow_reread_list(session, session.get_one(Attachment, kept.attachment_id), now)
    found = session.execute(
        select(Document, Version, Reading)
        .join(Version, (Version.document_id == Document.id) & (Version.seq == Document.versions))
        .join(Reading, Reading.id == Version.reading_id)
        .where(Document.id == document_id)
    ).first()
    if found is None:
        return  # merged into another by a person
    document, version, read = found
    index_document(session, document, version, read)
    enriching.note(session, version.id, "reading", now, backlog=True)


__all__ = ["Reprocessed", "Reprocessor", "Summary", "Wanted", "capture_of", "differing"]
