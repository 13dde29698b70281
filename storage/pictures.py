"""Files whose words are pictures: which wait for OCR, and what came of it.

Text that arrives so is an upgrade: search sees it from then on and nobody is told of a change; watches that did not
match the document are matched again.
"""

from dataclasses import replace

from sqlalchemy import Engine, Select, func, select
from sqlalchemy.orm import Session, aliased

from storage import attachments, documents, enriching, payloads
from storage.clock import Clock
from storage.engine import reading, writing
from storage.masking import mask_file
from storage.models import Attachment, AttachmentVersion, Document, Reading, Snapshot, Version
from storage.records import FileRecord, WaitingFile
from storage.search_index import index_document
from storage.snapshots import SnapshotStore


class Pictures:
    """The files that wait for OCR, and the door for what it read."""

    def __init__(
        self, engine: Engine, snapshots: SnapshotStore, *, mask: bool = False, clock: Clock | None = None
    ) -> None:
        """With `mask`, numbers of persons are masked in what OCR read."""
        self.engine, self._snapshots, self._mask, self._clock = engine, snapshots, mask, clock or Clock()

    def waiting(self, limit: int, source_id: str | None = None) -> list[WaitingFile]:
        """The newest versions that have pictures to recognise, the last kept first; of one source's documents, or all.

        Without their bytes: `load` adds them."""
        query = _newest(source_id).order_by(AttachmentVersion.id.desc()).limit(limit)
        with reading(self.engine) as session:
            return [_waiting(version, file) for version, file in session.execute(query)]

    def find(self, version_id: int) -> WaitingFile | None:
        """What still waits of one version of a file; None where nothing does."""
        with reading(self.engine) as session:
            row = session.execute(_newest(None).where(AttachmentVersion.id == version_id)).first()
            return _waiting(row[0], row[1]) if row else None

    def count(self) -> int:
        """How many files wait."""
        with reading(self.engine) as session:
            return session.scalar(_newest(None).with_only_columns(func.count())) or 0

    def load(self, file: WaitingFile) -> WaitingFile:
        """The file with its bytes, from the snapshots. Raises ArchiveError where they are not as they were kept."""
        with reading(self.engine) as session:
            version = session.get_one(AttachmentVersion, file.version_id)
            snapshot = session.get_one(Snapshot, version.snapshot_id)
            place = snapshot.file, snapshot.offset, snapshot.digest
        return replace(file, payload=payloads.load(self.engine, self._snapshots, *place))

    def keep(self, file: WaitingFile, record: FileRecord) -> bool:
        """Put what was recognised in the place of the former reading. Answers whether the text is another now: then
        watches that did not match are matched again."""
        record = mask_file(record) if self._mask else record
        with writing(self.engine) as session:
            version = session.get_one(AttachmentVersion, file.version_id)
            before = version.text
            attachments.upgrade_text(version, record)
            if version.text == before:
                return False
            documents.follow_reread_list(session, session.get_one(Attachment, version.attachment_id), self._clock.now())
            if (newest := _index(session, file.document_id)) is not None:
                enriching.note(session, newest, "ocr", self._clock.now())
            return True

    def give_up(self, file: WaitingFile, reason: str) -> None:
        """Let the file wait no longer: OCR fails on it. What was read of it stays."""
        with writing(self.engine) as session:
            version = session.get_one(AttachmentVersion, file.version_id)
            version.pictures_waiting, version.ocr_pictures, version.text_reason = 0, None, reason


def _waiting(version: AttachmentVersion, file: Attachment) -> WaitingFile:
    return WaitingFile(
        version_id=version.id, document_id=file.document_id, name=file.name, type=file.type, url=file.url,
        waiting=version.pictures_waiting or 0,
        recognised=tuple((words, sure) for words, sure in version.ocr_pictures or ()),
    )  # fmt: skip


def _newest(source_id: str | None) -> Select[AttachmentVersion, Attachment]:
    later = aliased(AttachmentVersion)
    newer = select(later.id).where(
        later.attachment_id == AttachmentVersion.attachment_id, later.seq > AttachmentVersion.seq
    )
    query = (
        select(AttachmentVersion, Attachment)
        .join(Attachment, Attachment.id == AttachmentVersion.attachment_id)
        .where(AttachmentVersion.pictures_waiting > 0, ~newer.exists())
    )
    if source_id is None:
        return query
    # No join: SQLite would begin with the source's documents, of which few have files that wait.
    ours = select(Document.id).where(Document.id == Attachment.document_id, Document.source_id == source_id)
    return query.where(ours.exists())


def _index(session: Session, document_id: int) -> int | None:
    """Search finds the document by what was recognised; answers its newest version, None where it was merged."""
    found = session.execute(
        select(Document, Version, Reading)
        .join(Version, (Version.document_id == Document.id) & (Version.seq == Document.versions))
        .join(Reading, Reading.id == Version.reading_id)
        .where(Document.id == document_id)
    ).first()
    if found is None:
        return None
    document, version, read = found
    index_document(session, document, version, read)
    return version.id
