"""Files of documents: their bytes over time."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import decisions, documents, pages
from storage.identity import url_key
from storage.models import Attachment, AttachmentVersion, Run
from storage.records import Capture, Outcome, Recorded

_PAGES = frozenset({"htm", "html", "shtml", "xhtml", "jsp", "php", "asp", "aspx", "do", "xml", "svg", "txt"})


@dataclass(frozen=True, slots=True)
class File:
    """An attachment as fetched."""

    document_url: str
    href: str
    name: str
    type: str
    capture: Capture


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


def keep(session: Session, run: Run, file: File, place: documents.Place, now: datetime) -> Recorded:
    """A version of the file where its bytes are new."""
    capture = file.capture
    page = pages.find(session, file.document_url)
    if page is None or page.document_id is None:
        return Recorded(Outcome.ERROR, reason=f"no document is archived at {file.document_url}")
    key = url_key(capture.url)
    attachment = session.scalar(
        select(Attachment).where(Attachment.document_id == page.document_id, Attachment.url_key == key)
    )
    if attachment is None:
        attachment = Attachment(
            document_id=page.document_id, url_key=key, url=capture.url, href=file.href, name=file.name,
            type=file.type, found_at=now,
        )  # fmt: skip
        session.add(attachment)
        session.flush()
    snapshot = documents.keep_snapshot(session, None, run, capture, place)
    current = session.scalar(
        select(AttachmentVersion)
        .where(AttachmentVersion.attachment_id == attachment.id)
        .order_by(AttachmentVersion.seq.desc())
        .limit(1)
    )
    if current is not None and current.digest == snapshot.digest:
        return Recorded(Outcome.SAME, document_id=page.document_id, snapshot_id=snapshot.id)
    session.add(
        AttachmentVersion(
            attachment_id=attachment.id,
            seq=current.seq + 1 if current else 1,
            snapshot_id=snapshot.id,
            digest=snapshot.digest,
            run_id=run.id,
            seen_at=now,
        )
    )
    session.flush()
    outcome = Outcome.CHANGED if current else Outcome.ADDED
    return Recorded(outcome, document_id=page.document_id, snapshot_id=snapshot.id)
