"""Files of documents: their bytes and their texts over time.

Other bytes with the same text are a new version of the file and no event; another text is a change of its document.
"""

import hashlib
import re
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage import decisions, documents, enriching, pages
from storage.diff import compare
from storage.identity import url_key
from storage.models import Attachment, AttachmentVersion, Document, Event, Reading, Run, Snapshot, Version
from storage.normal import Blocks, fold_body
from storage.records import Capture, ClauseChange, FileRecord, Outcome, Recorded
from storage.search_index import index_document

WITH_WORDS = frozenset({"text", "too_large"})
COMPARED = 300_000  # characters: longer texts are only said to differ
MOST_CHANGES = 50  # of one file, kept with the event
BROKEN_FROM = 20  # characters: a shorter line without an end is a heading, and not broken for the page's width
ENDS = "。；：！？.;:!?"
_BEGINS = re.compile(
    r"\s*(?:第[一二三四五六七八九十百千零〇0-9]+[章节条]|[（(]?[一二三四五六七八九十0-9]+[)）、.．]|附件)"
)

_OCR = re.compile(r"(?:^|, )OCR \d+ %$")  # ends the place of words by OCR

_PICTURES = frozenset({"jpg", "jpeg", "png", "gif", "bmp", "webp", "svg", "tif", "tiff"})
_PAGES = frozenset({"htm", "html", "shtml", "xhtml", "jsp", "php", "asp", "aspx", "do", "xml", "svg", "txt"})


@dataclass(frozen=True, slots=True)
class File:
    """An attachment as fetched."""

    document_url: str
    href: str
    name: str
    type: str
    capture: Capture
    record: FileRecord | None = None  # what it says; None where it was not read
    position: int | None = None  # its place among the files of the page, from 1


@dataclass(frozen=True, slots=True)
class Reread:
    """The newest version's bytes read again, where another extractor had read them."""

    version_id: int
    record: FileRecord


def refusal(file: File) -> tuple[Outcome, str] | None:
    """Why the answer is not the file, or None. An HTML page in place of a PDF is an error page or a challenge."""
    capture = file.capture
    found = decisions.without_text(capture, None, Outcome.SUSPECT)  # SUSPECT: files have no reading
    if found is not None:
        return found
    if not capture.payload:
        return Outcome.ERROR, "the file is empty"
    start = capture.payload[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if file.type.lower() not in _PAGES and start.startswith((b"<!doctype html", b"<html", b"<head", b"<script")):
        return Outcome.SUSPECT, f"a web page came in place of a {file.type or 'file'}"
    return None


def refused(session: Session, document_url: str, why: tuple[Outcome, str] | None) -> Recorded:
    """The answer for a file that did not come; what was known of it stays."""
    page = pages.find(session, document_url)
    outcome, reason = why or (Outcome.ERROR, "")
    return Recorded(outcome, document_id=page.document_id if page else None, reason=reason)


def newest(session: Session, document_url: str, url: str) -> AttachmentVersion | None:
    """The newest version of the file at `url` of the document at `document_url`."""
    page = pages.find(session, document_url)
    if page is None or page.document_id is None:
        return None
    return _newest(session, _find(session, page.document_id, url))


def known(session: Session, document_url: str) -> set[str]:
    """The files of the document at `document_url`: their URLs' keys."""
    page = pages.find(session, document_url)
    if page is None or page.document_id is None:
        return set()
    return set(session.scalars(select(Attachment.url_key).where(Attachment.document_id == page.document_id)))


def due(session: Session, document_url: str, now: datetime) -> set[str]:
    """The files of the document at `document_url` that did not come for a week: their URLs' keys."""
    page = pages.find(session, document_url)
    if page is None or page.document_id is None:
        return set()
    last = func.coalesce(Attachment.checked_at, Attachment.found_at)
    return set(
        session.scalars(
            select(Attachment.url_key).where(
                Attachment.document_id == page.document_id, last <= now - decisions.FULL_CHECK_EVERY
            )
        )
    )


def keep(
    session: Session, run: Run, file: File, place: documents.Place, now: datetime, *, reread: Reread | None = None
) -> Recorded:
    """A version of the file where its bytes are new, and a change of its document where its text is.

    ADDED, SAME (also for other bytes with the same text), UPGRADED (same bytes, read by another extractor), CHANGED."""
    page = pages.find(session, file.document_url)
    if page is None or page.document_id is None:
        return Recorded(Outcome.ERROR, reason=f"no document is archived at {file.document_url}")
    attachment = _find(session, page.document_id, file.capture.url)
    if attachment is None and (attachment := _moved(session, run, page.document_id, file, place[0])) is not None:
        attachment.url_key, attachment.url, attachment.href = url_key(file.capture.url), file.capture.url, file.href
    is_new = attachment is None
    if attachment is None:
        attachment = Attachment(
            document_id=page.document_id, url_key=url_key(file.capture.url), url=file.capture.url, href=file.href,
            name=file.name, type=file.type, position=file.position, found_at=now,
        )  # fmt: skip
        session.add(attachment)
        session.flush()
    attachment.checked_at = now
    attachment.position = file.position or attachment.position
    snapshot = documents.keep_snapshot(session, None, run, file.capture, place)
    current = _newest(session, attachment)
    if current is not None and reread is not None and reread.version_id == current.id:
        upgrade_text(current, reread.record)
    at = documents.At(session, run, page, now)
    if current is not None and current.digest == snapshot.digest:
        recorded = _same_bytes(at, current, file.record)
    else:
        recorded = _new_bytes(at, attachment, current, snapshot, file.record)
    if is_new and not _was_linked(at, attachment):
        change = ClauseChange("added", f"附件《{attachment.name[:80]}》", None, attachment.name)
        told = _tell(at, attachment, (change,), f"{attachment.name} was added")
        recorded = replace(recorded, version_id=told, changes=(change,))
    if recorded.outcome is not Outcome.SAME or recorded.reason:
        documents.follow_list(at, attachment, tell=recorded.outcome in {Outcome.ADDED, Outcome.CHANGED})
    return replace(recorded, document_id=page.document_id, snapshot_id=snapshot.id)


def _same_bytes(at: documents.At, current: AttachmentVersion, record: FileRecord | None) -> Recorded:
    """Nothing but perhaps a better reading, which nobody is told of."""
    if record is None or record.extractor_version == current.extractor_version:
        return Recorded(Outcome.SAME)
    outcome = Outcome.SAME if current.extractor_version is None else Outcome.UPGRADED
    upgrade_text(current, record)
    _index(at)
    _note(at, "attachment" if outcome is Outcome.SAME else "reading", backlog=outcome is Outcome.UPGRADED)
    return Recorded(outcome)


def _new_bytes(
    at: documents.At, attachment: Attachment, current: AttachmentVersion | None, snapshot: Snapshot,
    record: FileRecord | None,
) -> Recorded:  # fmt: skip
    known = _known_hashes(at.session, attachment)
    version = AttachmentVersion(
        attachment_id=attachment.id, seq=current.seq + 1 if current else 1, snapshot_id=snapshot.id,
        digest=snapshot.digest, run_id=at.run.id, seen_at=at.now,
    )  # fmt: skip
    _set_text(version, record)
    at.session.add(version)
    at.session.flush()
    if current is None or not comparable(current, version):
        _index(at)
        if version.text:
            _note(at, "attachment")
        return Recorded(Outcome.CHANGED, reason="the texts cannot be compared") if current else Recorded(Outcome.ADDED)
    if version.text_hash in known:
        if version.text_hash != current.text_hash:
            _index(at)
        return Recorded(Outcome.SAME, reason="other bytes, a known text")
    changes = differences(attachment.name, own_words(current), own_words(version))
    return Recorded(Outcome.CHANGED, version_id=_tell(at, attachment, changes), changes=changes)


def _find(session: Session, document_id: int, url: str) -> Attachment | None:
    return session.scalar(
        select(Attachment).where(Attachment.document_id == document_id, Attachment.url_key == url_key(url))
    )


def _moved(session: Session, run: Run, document_id: int, file: File, digest: str) -> Attachment | None:
    """The file that stood at another address: the same bytes, or the same name in the same place of the page. What the
    run has met at its own address is another."""
    last = func.coalesce(Attachment.checked_at, Attachment.found_at)
    known = session.scalars(
        select(Attachment)
        .where(Attachment.document_id == document_id, last < (run.started_at or run.queued_at))
        .order_by(Attachment.id)
    ).all()
    for attachment in known:
        newest_ = _newest(session, attachment)
        if newest_ is not None and newest_.digest == digest:
            return attachment
    at = (file.name, file.type, file.position)
    same = (one for one in known if file.position is not None and (one.name, one.type, one.position) == at)
    return next(same, None)


def _was_linked(at: documents.At, attachment: Attachment) -> bool:
    """Whether the document's text at hand links the file, so that it is not new but came late. What the run has just
    read is told itself; pictures are shown, not linked."""
    _, version, reading = _current(at)
    if version.run_id == at.run.id or attachment.type.lower() in _PICTURES:
        return True
    return any(url_key(url) == attachment.url_key or name == attachment.name for _, url, name, _ in reading.attachments)


def _newest(session: Session, attachment: Attachment | None) -> AttachmentVersion | None:
    if attachment is None:
        return None
    return session.scalar(
        select(AttachmentVersion)
        .where(AttachmentVersion.attachment_id == attachment.id)
        .order_by(AttachmentVersion.seq.desc())
        .limit(1)
    )


def _known_hashes(session: Session, attachment: Attachment) -> set[str | None]:
    """The texts of the last versions: two servers out of step make no change (as for pages)."""
    last = (
        select(AttachmentVersion.text_hash)
        .where(AttachmentVersion.attachment_id == attachment.id)
        .order_by(AttachmentVersion.seq.desc())
        .limit(decisions.VERSIONS_COMPARED)
    )
    return set(session.scalars(last))


def upgrade_text(version: AttachmentVersion, record: FileRecord) -> None:
    """The same bytes read again. Words that OCR read are kept where the new record waits for them."""
    if record.waiting and version.ocr_confidence is not None and len(record.text) < len(version.text):
        version.extractor_version = record.extractor_version
        version.pictures_waiting, version.ocr_pictures = record.waiting, None
        return
    _set_text(version, record)


def _set_text(version: AttachmentVersion, record: FileRecord | None) -> None:
    version.extractor_version = record.extractor_version if record else None
    version.kind = record.kind if record else None
    version.text_state = record.state if record else "unread"
    version.text_reason = record.reason if record else ""
    version.text = record.text.replace("\0", "") if record else ""
    version.text_places = [list(place) for place in record.places] if record else []
    version.pictures_waiting = record.waiting if record else None
    version.ocr_confidence = record.confidence if record else None
    version.ocr_pictures = [list(words) for words in record.recognised] if record and record.waiting else None
    words = own_words(version) if record is not None and record.state in WITH_WORDS else ""
    version.text_hash = text_hash(words) if words.strip() else None


def own_words(version: AttachmentVersion) -> str:
    """The file's text without what OCR read, which errs otherwise with every scan and cannot be compared."""
    text, places = version.text, version.text_places
    starts = [0, *(at for at, _ in places), len(text)]
    names = ["", *(place for _, place in places)]
    return "".join(
        text[at:end] for at, end, place in zip(starts, starts[1:], names, strict=False) if not _OCR.search(place)
    )


def text_hash(text: str) -> str:
    """SHA-256 of a file's text without differences of width and spacing. Where lines break does not matter."""
    return hashlib.sha256(fold_body([("paragraph", text)]).encode("utf-8", "surrogatepass")).hexdigest()


def comparable(before: AttachmentVersion, after: AttachmentVersion) -> bool:
    """Both have words, read alike: else a better reader, or a scan in place of a text, would be told as a change."""
    read = before.text_hash is not None and after.text_hash is not None
    return read and before.extractor_version == after.extractor_version


def differences(name: str, before: str, after: str) -> tuple[ClauseChange, ...]:
    """What differs between two texts of the file `name`, at most MOST_CHANGES of it; each label names the file."""
    title = f"附件《{name[:80]}》"
    if max(len(before), len(after)) > COMPARED:
        return (ClauseChange("changed", title, None, None),)
    found = compare(blocks_of(before), blocks_of(after)) or (ClauseChange("changed", "", None, None),)
    return tuple(
        replace(change, label=f"{title}{change.label}", was=change.was and f"{title}{change.was}")
        for change in found[:MOST_CHANGES]
    )


def blocks_of(text: str) -> Blocks:
    """Lines as paragraphs. A line that was broken for the page's width is joined to the next; rows are one table."""
    blocks: list[tuple[str, str]] = []
    for line in text.split("\n"):
        role, last = "table" if "\t" in line else "paragraph", blocks[-1] if blocks else ("", "")
        if role == last[0] == "table":
            blocks[-1] = ("table", f"{last[1]}\n{line}")
        elif role == last[0] and len(last[1]) >= BROKEN_FROM and last[1][-1] not in ENDS and not _BEGINS.match(line):
            blocks[-1] = ("paragraph", last[1] + line)
        elif line.strip():
            blocks.append((role, line))
    return blocks


def _tell(
    at: documents.At, attachment: Attachment, changes: tuple[ClauseChange, ...], reason: str | None = None
) -> int:
    """The document's change: told with what else the run found changed in it, or as a version of its own.

    Such a version has the same reading: alerts are one a version, so a change of a file needs one to be told."""
    document, version, reading = _current(at)
    staged = at.session.scalars(
        select(Event).where(
            Event.run_id == at.run.id, Event.document_id == document.id, Event.kind == "changed",
            Event.state == "staged", Event.version_id == version.id,
        )
    ).first()  # fmt: skip
    if staged is not None:
        told = [*staged.payload.get("changes", ()), *(asdict(change) for change in changes)]
        staged.payload = {**staged.payload, "changes": told}
        index_document(at.session, document, version, reading)
        return version.id
    document.versions += 1
    made = Version(
        document_id=document.id, seq=document.versions, reading_id=reading.id, page_id=version.page_id,
        run_id=at.run.id, text_hash=version.text_hash, text_length=version.text_length, seen_at=at.now,
        reason="attachment",
    )  # fmt: skip
    at.session.add(made)
    at.session.flush()
    index_document(at.session, document, made, reading)
    documents.stage(
        at, "changed", document, made, changes=changes, reason=reason or f"the text of {attachment.name} changed"
    )
    return made.id


def _index(at: documents.At) -> None:
    """Search finds the document by its files' texts too."""
    document, version, reading = _current(at)
    index_document(at.session, document, version, reading)


def _note(at: documents.At, reason: str, *, backlog: bool = False) -> None:
    """Watches are to be matched again: what a newer extractor reads is news only to those who ask for backlog."""
    enriching.note(at.session, _current(at)[1].id, reason, at.now, run_id=at.run.id, backlog=backlog)


def _current(at: documents.At) -> tuple[Document, Version, Reading]:
    row = at.session.execute(
        select(Document, Version, Reading)
        .join(Version, (Version.document_id == Document.id) & (Version.seq == Document.versions))
        .join(Reading, Reading.id == Version.reading_id)
        .where(Document.id == at.page.document_id)
    ).one()
    return row[0], row[1], row[2]
