"""Files of documents: their bytes over time."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import decisions, documents, pages
from storage.identity import url_key
from storage.models import Attachment, AttachmentVersion, Run
from storage.records import Capture, Outcome, Recorded

_PAGES = frozenset({"htm", "html", "shtml", "xhtml", "jsp", "php", "asp", "aspx", "do", "xml", "svg", "txt"})


def refusal(type_: str, capture: Capture) -> tuple[Outcome, str] | None:
    """Why the answer is not the file, or None. An HTML page in place of a PDF is an error page or a challenge."""
    found = decisions.without_text(capture, None, Outcome.SUSPECT)  # SUSPECT: files have no reading
    if found is not None:
        return found
    if not capture.payload:
        return Outcome.ERROR, "the file is empty"
    start = capture.payload[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if type_.lower() not in _PAGES and start.startswith((b"<!doctype html", b"<html", b"<head", b"<script")):
        return Outcome.SUSPECT, f"a web page came in place of a {type_ or 'file'}"
    return None


def refused(session: Session, document_url: str, why: tuple[Outcome, str] | None) -> Recorded:
    """The answer for a file that did not come; what was known of it stays."""
    page = pages.find(session, document_url)
    outcome, reason = why or (Outcome.ERROR, "")
    return Recorded(outcome, document_id=page.document_id if page else None, reason=reason)


def keep(
    session: Session,
    run: Run,
    document_url: str,
    link: tuple[str, str, str],
    capture: Capture,
    place: documents.Place,
    now: datetime,
) -> Recorded:
    """A version of the file where its bytes are new. `link` is (href, name, type)."""
    page = pages.find(session, document_url)
    if page is None or page.document_id is None:
        return Recorded(Outcome.ERROR, reason=f"no document is archived at {document_url}")
    key = url_key(capture.url)
    attachment = session.scalar(
        select(Attachment).where(Attachment.document_id == page.document_id, Attachment.url_key == key)
    )
    if attachment is None:
        href, name, type_ = link
        attachment = Attachment(
            document_id=page.document_id, url_key=key, url=capture.url, href=href, name=name, type=type_, found_at=now
        )
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
