"""SQL that fills the rows of questions to the archive."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from storage.models import Attachment, Document, Event, Organ, Page, Reading, Reference, Run, Snapshot, Source, Version
from storage.records import ClauseChange
from storage.rows import ActorRow, DocumentRow, EventRow, OrganRow, ReferenceRow, SnapshotRow, VersionRow


def document_select() -> Select[Document, str, bool]:
    """Documents with the URL of their original page, and whether backlog found them."""
    return (
        select(Document, Page.url, Run.backlog)
        .outerjoin(Page, (Page.document_id == Document.id) & Page.is_original.is_(True))
        .join(Run, Run.id == Document.first_run_id)
    )


def document_rows(session: Session, query: Select[Document, str, bool]) -> list[DocumentRow]:
    """What a question for documents answers."""
    return [
        DocumentRow(
            id=document.id, type=document.type, title=document.title, number=document.number, issuer=document.issuer,
            published=document.published, written=document.written, state=document.state, versions=document.versions,
            source_id=document.source_id, url=url, first_seen_at=document.first_seen_at, backlog=backlog,
            number_normal=document.number_normal, deadline=document.deadline,
        )
        for document, url, backlog in session.execute(query)
    ]  # fmt: skip


def version_select() -> Select[Version, Reading, Snapshot, str]:
    """Versions with their reading, its bytes and their page."""
    return (
        select(Version, Reading, Snapshot, Page.url)
        .join(Reading, Reading.id == Version.reading_id)
        .join(Snapshot, Snapshot.id == Reading.snapshot_id)
        .join(Page, Page.id == Version.page_id)
    )


def version_rows(session: Session, query: Select[Version, Reading, Snapshot, str]) -> list[VersionRow]:
    """What a question for versions answers, each with its organs."""
    rows = session.execute(query).all()
    organs: dict[int, list[OrganRow]] = defaultdict(list)
    of_these = select(Organ).where(Organ.reading_id.in_([reading_.id for _, reading_, _, _ in rows]))
    for organ in session.scalars(of_these.order_by(Organ.reading_id, Organ.position)):
        organs[organ.reading_id].append(OrganRow(organ.name, organ.code))
    return [
        VersionRow(
            id=version.id, document_id=version.document_id, seq=version.seq, seen_at=version.seen_at,
            reason=version.reason, run_id=version.run_id, url=url, text_hash=version.text_hash,
            extractor_version=reading_.extractor_version, title=reading_.title, issuer=reading_.issuer,
            issuers=tuple(reading_.issuers), number=reading_.number, index_number=reading_.index_number,
            topic=reading_.topic, kind=reading_.kind, type=reading_.type, written=reading_.written,
            published=reading_.published, published_at=reading_.published_at, effective=reading_.effective,
            expires=reading_.expires, validity=reading_.validity, author=reading_.author,
            reprinted_from=reading_.reprinted_from, blocks=tuple((role, text) for role, text in reading_.blocks),
            evidence=reading_.evidence, snapshot=_snapshot(snapshot), organs=tuple(organs[reading_.id]),
            number_normal=reading_.number_normal, deadline=reading_.deadline, deadline_at=reading_.deadline_at,
            images_carry_text=reading_.images_carry_text, alternatives=reading_.alternatives,
        )
        for version, reading_, snapshot, url in rows
    ]  # fmt: skip


def _snapshot(row: Snapshot) -> SnapshotRow:
    return SnapshotRow(
        id=row.id, url=row.url, final_url=row.final_url, status=row.status,
        headers=tuple((name, value) for name, value in row.headers), digest=row.digest, bytes=row.bytes, file=row.file,
        offset=row.offset, length=row.length, fetched_at=row.fetched_at, ip_address=row.ip_address,
        tls_verified=row.tls_verified,
    )  # fmt: skip


_Target = aliased(Document)


def reference_select() -> Select[Reference, Document, Document, str | None]:
    """References of current versions only."""
    return (
        select(Reference, Document, _Target, Attachment.name)
        .join(Document, Document.id == Reference.document_id)
        .join(Version, (Version.document_id == Document.id) & (Version.seq == Document.versions))
        .outerjoin(_Target, _Target.id == Reference.target_document_id)
        .outerjoin(Attachment, Attachment.id == Reference.attachment_id)
        .where(Reference.reading_id == Version.reading_id)
        .order_by(Reference.id)
    )


def reference_rows(session: Session, query: Select[Reference, Document, Document, str | None]) -> list[ReferenceRow]:
    """What a question for references answers."""
    return [
        ReferenceRow(
            id=row.id, document_id=row.document_id, document_title=document.title,
            document_published=document.published, relation=row.relation, title=row.title, number=row.number,
            url=row.url, sentence=row.sentence, target_document_id=row.target_document_id,
            target_title=target.title if target else None, resolved_by=row.resolved_by, document_type=document.type,
            document_number=document.number, target_type=target.type if target else None,
            target_number=target.number if target else None, target_published=target.published if target else None,
            file=file,
        )
        for row, document, target, file in session.execute(query)
    ]  # fmt: skip


def event_select() -> Select[Event, Source, Document, Version]:
    """Events with what their rows need."""
    return (
        select(Event, Source, Document, Version)
        .join(Source, Source.id == Event.source_id)
        .outerjoin(Document, Document.id == Event.document_id)
        .outerjoin(Version, Version.id == Event.version_id)
    )


def event_row(event: Event, source: Source, document: Document | None, version: Version | None) -> EventRow:
    """The event as its row tells it."""
    changes: Sequence[dict[str, Any]] = event.payload.get("changes") or ()
    return EventRow(
        id=event.id, kind=event.kind, state=event.state, source_id=event.source_id, source_name=source.name,
        run_id=event.run_id, document_id=event.document_id, version_id=event.version_id,
        version_seq=version.seq if version else None, title=document.title if document else None,
        number=document.number if document else None, issuer=document.issuer if document else None,
        type=document.type if document else None, published=document.published if document else None,
        url=event.payload.get("url"), backlog=event.backlog, late=event.late, at=event.at,
        published_at=event.published_at, matched_at=event.matched_at, reason=event.payload.get("reason") or "",
        changes=tuple(
            ClauseChange(
                str(change["operation"]), str(change["label"]), change["before"], change["after"], change.get("was"),
                tuple(change.get("columns") or ()),
            )
            for change in changes
        ),
        also=bool(event.payload.get("also")), day=event.day,
        by=ActorRow(**event.payload["by"]) if event.payload.get("by") else None,
    )  # fmt: skip
