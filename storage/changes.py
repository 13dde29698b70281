"""What differs between two versions of a document, its files with it, and between a draft and its final text."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from storage import drafting
from storage.attachments import COMPARED, blocks_of, comparable, differences, own_words
from storage.diff import Difference, compare, deadline_change, validity_change
from storage.drafting import Became, Text
from storage.engine import reading
from storage.identity import url_key
from storage.models import Attachment, AttachmentVersion, Reading, Version, in_order
from storage.records import ClauseChange
from storage.rows import VersionRow


@dataclass(frozen=True, slots=True)
class DocumentsCompared:
    """Two documents, compared by the texts that share most. `before`, `after`: where those stand."""

    before: str
    after: str
    difference: Difference

    @property
    def changes(self) -> tuple[ClauseChange, ...]:
        """What differs, each label as in its text."""
        return self.difference.changes


def between(engine: Engine, before: VersionRow, after: VersionRow) -> tuple[ClauseChange, ...]:
    """What differs between two versions of one document: deadline, title, number, text, and files, named."""
    alike = before.extractor_version == after.extractor_version  # else our own progress would be told
    until = [(row.deadline, row.deadline_at) for row in (before, after)]
    beside = (deadline_change(until[0], until[1]), validity_change(before.validity, after.validity)) if alike else ()
    with reading(engine) as session:
        files = _files(session, before, after, alike=alike)
    return (*filter(None, beside), *compare(_blocks(before), _blocks(after)), *files)


def _blocks(row: VersionRow) -> tuple[tuple[str, str], ...]:
    """Title and number count too."""
    return (("title", row.title or ""), ("number", row.number or ""), *row.blocks)


def _files(session: Session, before: VersionRow, after: VersionRow, *, alike: bool) -> list[ClauseChange]:
    found: list[ClauseChange] = []
    old, new = _texts(session, before), _texts(session, after)
    for file in sorted(new):
        if file in old and old[file].id != new[file].id and comparable(old[file], new[file]):
            name = session.get_one(Attachment, file).name
            if old[file].text_hash != new[file].text_hash:
                found.extend(differences(name, own_words(old[file]), own_words(new[file])))
    return found + _links(session, before, after) if alike else found


def _texts(session: Session, row: VersionRow) -> dict[int, AttachmentVersion]:
    """The files' versions at the end of a version's time, by attachment."""
    next_seen = select(Version.seen_at).where(Version.document_id == row.document_id, Version.seq == row.seq + 1)
    until: datetime | None = session.scalar(next_seen)
    query = (
        select(AttachmentVersion)
        .join(Attachment, Attachment.id == AttachmentVersion.attachment_id)
        .where(Attachment.document_id == row.document_id)
        .order_by(AttachmentVersion.seq)
    )
    if until is not None:
        query = query.where(AttachmentVersion.seen_at < until)
    return {version.attachment_id: version for version in session.scalars(query)}


def _links(session: Session, before: VersionRow, after: VersionRow) -> list[ClauseChange]:
    """Files that the later page links and the earlier did not, and the other way round."""
    old, new = _linked(session, before), _linked(session, after)
    gone = [name for key, name in old.items() if key not in new and name not in new.values()]
    come = [name for key, name in new.items() if key not in old and name not in old.values()]
    return [
        *(ClauseChange("added", f"附件《{name[:80]}》", None, name) for name in come),
        *(ClauseChange("removed", f"附件《{name[:80]}》", name, None) for name in gone),
    ]


def _linked(session: Session, row: VersionRow) -> dict[str, str]:
    version = session.get_one(Version, row.id)
    links = session.get_one(Reading, version.reading_id).attachments
    return {url_key(url): name for _, url, name, _ in links}


def counterparts(engine: Engine, document_id: int) -> list[int]:
    """The final texts of a draft, or the drafts of a final text, the nearest in time first."""
    with reading(engine) as session:
        return drafting.counterparts(session, document_id)


def documents(engine: Engine, before: int, after: int) -> DocumentsCompared | None:
    """Compare two documents, as a draft and its final text, by their texts, body or file, that share most; None where
    no two share anything to speak of."""
    with reading(engine) as session:
        found: Became | None = drafting.became(_all_texts(session, before), _all_texts(session, after))
    return None if found is None else DocumentsCompared(found.before.name, found.after.name, found.difference)


def _all_texts(session: Session, document_id: int) -> list[Text]:
    """A document's texts: body and files. A long file is left out."""
    texts = [Text("正文", drafting.current_blocks(session, document_id))]
    newest: dict[int, tuple[Attachment, AttachmentVersion]] = {}
    rows = session.execute(
        select(Attachment, AttachmentVersion)
        .join(AttachmentVersion, AttachmentVersion.attachment_id == Attachment.id)
        .where(Attachment.document_id == document_id)
        .order_by(*in_order(), AttachmentVersion.seq)
    )
    for file, version in rows:
        newest[file.id] = file, version
    for file, version in newest.values():
        words = own_words(version)
        if words.strip() and len(words) <= COMPARED:
            texts.append(Text(f"附件《{file.name[:80]}》", blocks_of(words)))
    return texts


__all__ = ["DocumentsCompared", "between", "counterparts", "documents"]
