"""Documents and their versions: which document a page shows, what is kept of a reading, and what is told of it."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import annexes, enriching, fingerprints, references, runs, validity_rows
from storage.clock import CHINA
from storage.decisions import LATE_AFTER, VERSIONS_COMPARED, is_late
from storage.diff import text_hash
from storage.draft_titles import work_title_key
from storage.identity import bounded, host_of, issuer_key, number_key, same_site, title_key, url_key
from storage.models import Attachment, Document, Event, Organ, Page, Reading, Run, Sighting, Snapshot, Source, Version
from storage.naming import short_title_key
from storage.normal import fold_body
from storage.records import Capture, ClauseChange, ReadingRecord
from storage.sameness import clauses
from storage.search_index import index_document
from storage.works import lead


@dataclass(frozen=True, slots=True)
class At:
    """Where and when something is kept: one transaction of one run, at one page."""

    session: Session
    run: Run
    page: Page
    now: datetime


Place = tuple[str, str, int, int]  # SHA-256 of the bytes, WARC file, offset, length


def digest_of(payload: bytes) -> str:
    """The SHA-256 that bytes are known by."""
    return hashlib.sha256(payload).hexdigest()


def type_of(session: Session, reading: ReadingRecord, page: Page) -> str:
    """The reading's type; where it could not tell, what the sources that list the page publish, or what its source
    publishes on its own site. A page that only a report's link led to may be anything."""
    if reading.type != "other":
        return reading.type
    if (listed := listed_type(session, page)) is not None:
        return listed
    source = session.get_one(Source, page.source_id)
    return source.publishes if same_site(host_of(page.url), source.site) else reading.type


def originality(session: Session, document: Document, page: Page) -> int:
    """How near a page stands to the issuer: 2 its own site, 1 the State Council's, 0 another."""
    host = host_of(page.url)
    if document.issuer_key:
        sites = session.scalars(select(Source.site).where(Source.issuer_key == document.issuer_key).distinct())
        if any(same_site(host, site) for site in sites):
            return 2
    return 1 if host == "www.gov.cn" else 0


def original_page(session: Session, document: Document) -> Page:
    """The page that the document's versions are taken from; there is always one."""
    return session.scalars(select(Page).where(Page.document_id == document.id, Page.is_original.is_(True))).one()


def keep_snapshot(
    session: Session, page: Page | None, run: Run, capture: Capture, place: tuple[str, str, int, int]
) -> Snapshot:
    """The row for these bytes; the same bytes of the same page are one snapshot.

    `place` is where they were before the transaction; another row may know that they were moved since."""
    digest, *where = place
    if page is not None:
        known = select(Snapshot).where(Snapshot.page_id == page.id, Snapshot.digest == digest)
    else:
        known = select(Snapshot).where(
            Snapshot.page_id.is_(None), Snapshot.url_key == url_key(capture.url), Snapshot.digest == digest
        )
    snapshot = session.scalar(known.limit(1))
    if snapshot is None:
        now_at = select(Snapshot.file, Snapshot.offset, Snapshot.length)
        moved = session.execute(now_at.where(Snapshot.digest == digest, Snapshot.file != "").limit(1)).first()
        file, offset, length = moved or where
        snapshot = Snapshot(
            page_id=page.id if page else None,
            run_id=run.id,
            url=capture.url,
            final_url=capture.final_url,
            url_key=url_key(capture.url),
            status=capture.status,
            headers=[list(pair) for pair in capture.headers],
            digest=digest,
            bytes=len(capture.payload),
            file=file,
            offset=offset,
            length=length,
            fetched_at=capture.fetched_at,
            ip_address=capture.ip_address,
            tls_verified=capture.tls_verified,
        )
        session.add(snapshot)
        session.flush()
    return snapshot


def keep_reading(session: Session, snapshot: Snapshot, record: ReadingRecord, now: datetime) -> Reading:
    """The row for what this extractor made of the snapshot."""
    reading = session.scalar(
        select(Reading).where(Reading.snapshot_id == snapshot.id, Reading.extractor_version == record.extractor_version)
    )
    if reading is None:
        reading = Reading(
            snapshot_id=snapshot.id, extractor_version=record.extractor_version, read_at=now, family=record.family,
            charset=record.charset, title=record.title, issuer=record.issuer, issuers=list(record.issuers),
            number=record.doc_number, index_number=record.index_number, topic=record.topic, kind=record.kind,
            type=record.type, written=record.written, published=record.published, published_at=record.published_at,
            effective=record.effective, expires=record.expires, validity=record.validity, author=record.author,
            reprinted_from=record.reprinted_from, blocks=[list(block) for block in record.blocks],
            attachments=[list(link) for link in record.attachments],
            mentions=[list(mention) for mention in record.mentions], evidence=record.evidence,
            text_hash=text_hash(record.title, record.doc_number, record.blocks),
            text_length=len(fold_body(record.blocks)), number_normal=record.number_normal, deadline=record.deadline,
            deadline_at=record.deadline_at, images_carry_text=record.images_carry_text,
            alternatives={name: [list(other) for other in others] for name, others in record.alternatives.items()},
        )  # fmt: skip
        session.add(reading)
        session.flush()
        session.add_all(
            Organ(reading_id=reading.id, position=position, name=bounded(name), code=code)
            for position, (name, code) in enumerate(record.organs)
        )
        session.flush()
    return reading


def add(at: At, record: ReadingRecord) -> Document:
    """A new document, shown at its page; it has no version yet."""
    document = Document(
        type=type_of(at.session, record, at.page), state="current", versions=0, source_id=at.page.source_id,
        first_run_id=at.run.id, first_seen_at=at.now,
    )  # fmt: skip
    _describe(at, document, record)
    at.session.add(document)
    at.session.flush()
    at.page.document_id, at.page.is_original = document.id, True
    return document


def add_version(at: At, document: Document, record: ReadingRecord, reading: Reading, reason: str) -> Version:
    """The document's next version; UNIQUE(document, seq) refuses it to two writers at once."""
    document.versions += 1
    version = Version(
        document_id=document.id, seq=document.versions, reading_id=reading.id, page_id=at.page.id, run_id=at.run.id,
        text_hash=reading.text_hash, text_length=reading.text_length, seen_at=at.now, reason=reason,
    )  # fmt: skip
    at.session.add(version)
    at.session.flush()
    _refresh(at, document, version, record, reading)
    return version


def upgrade_version(at: At, document: Document, version: Version, record: ReadingRecord, reading: Reading) -> None:
    """Point the version to a newer extractor's reading of the same text; nobody is told, but who asks for backlog."""
    version.reading_id, version.text_hash, version.text_length = reading.id, reading.text_hash, reading.text_length
    if version.seq == document.versions:
        _refresh(at, document, version, record, reading)
        enriching.note(at.session, version.id, "reading", at.now, run_id=at.run.id, backlog=True)


def _refresh(at: At, document: Document, version: Version, record: ReadingRecord, reading: Reading) -> None:
    """Bring what is derived from the current reading up to it: fields for listing, files, references, search."""
    session = at.session
    _describe(at, document, record)
    known = set(session.scalars(select(Attachment.url_key).where(Attachment.document_id == document.id)))
    for position, (href, url, name, type_) in enumerate(record.attachments, 1):
        if (key := url_key(url)) not in known:
            known.add(key)
            session.add(
                Attachment(
                    document_id=document.id,
                    url_key=key,
                    url=url,
                    href=href,
                    name=name,
                    type=type_,
                    position=position,
                    found_at=at.now,
                )
            )
    fingerprints.keep(session, document.id, clauses(record.blocks))
    references.keep(session, document, reading)
    references.resolve_to(session, document)
    references.keep_reports(session, at.page)
    references.keep_reports_by(session, document)
    validity_rows.follow(session, document, at.now.astimezone(CHINA).date(), indexed=False)
    index_document(session, document, version, reading)


def _describe(at: At, document: Document, record: ReadingRecord) -> None:
    at.page.list_number = at.page.list_number or record.list_number
    document.type = type_of(at.session, record, at.page)
    document.title, document.issuer = record.title or at.page.title, record.issuer or lead(record)
    document.number = record.doc_number or at.page.list_number
    document.published, document.written = record.published or at.page.list_date, record.written
    document.number_normal, document.deadline = bounded(record.number_normal or "") or None, record.deadline
    _make_keys(document, lead(record))


def describe_by(document: Document, reading: Reading, page: Page) -> None:
    """The fields for listing as a reading that is kept has them; the type stays where the reading could not tell."""
    leading = reading.issuers[0] if reading.issuers else reading.issuer
    if reading.type != "other":
        document.type = reading.type
    document.title, document.issuer = reading.title or page.title, reading.issuer or leading
    document.number = reading.number or page.list_number
    document.published, document.written = reading.published or page.list_date, reading.written
    document.number_normal, document.deadline = bounded(reading.number_normal or "") or None, reading.deadline
    _make_keys(document, leading)


def _make_keys(document: Document, leading: str | None) -> None:
    title = document.title
    document.number_key, document.issuer_key = number_key(document.number), issuer_key(leading)
    document.title_key, document.inner_title_key = title_key(title), references.inner_title_key(title)
    document.short_title_key, document.work_title_key = short_title_key(title), work_title_key(title)


def last_versions(session: Session, document: Document) -> Sequence[Version]:
    """The versions a text is compared with, the current one first."""
    return session.scalars(
        select(Version).where(Version.document_id == document.id).order_by(Version.seq.desc()).limit(VERSIONS_COMPARED)
    ).all()


def stage(
    at: At, kind: str, document: Document, version: Version, *, changes: Sequence[ClauseChange] = (), reason: str = "",
    source_id: str | None = None, also: bool = False,
) -> Event:  # fmt: skip
    """An event of the document, published or held when its run ends. `source_id`: the source that it is told of, where
    that is not the page's; `also`: told before, so that only watches of that source are still to be told."""
    backlog = _is_backlog(at, kind, document)
    event = Event(
        kind=kind, state="staged", source_id=source_id or at.page.source_id, run_id=at.run.id, document_id=document.id,
        version_id=version.id, backlog=backlog, at=at.now,
        late=kind == "added" and not backlog and is_late(document.published, at.now.astimezone(CHINA).date()),
        payload={
            "url": at.page.url, "reason": reason, "changes": [asdict(change) for change in changes],
            **({"also": True} if also else {}),
        },
    )  # fmt: skip
    at.session.add(event)
    at.session.flush()
    if kind in {"withdrawn", "restored"}:  # what it repealed is in force again, or repealed again
        validity_rows.follow(at.session, document, at.now.astimezone(CHINA).date())
    else:
        validity_rows.tell_repealed(at.session, document, run_id=at.run.id, now=at.now, backlog=backlog)
    return event


def _is_backlog(at: At, kind: str, document: Document) -> bool:
    """Whether an event is backlog: by the page that led to its document, not by the run that came to read it, since
    what a first run leaves unread is no news either. A change of what was known is news, in whatever run it is seen;
    save one that is read out of old bytes."""
    if kind != "added":
        return at.run.trigger in {"import", "reprocess"}
    found_now = at.run.started_at is not None and at.page.found_at >= at.run.started_at
    return at.page.backlog and not (found_now and runs.would_be_new(at.session, at.run, document.published))


def found_also(at: At, document: Document) -> None:
    """A further source lists a document that the archive has: it is found under that source from now on, and told to
    whoever follows that source. To everyone, where it was nowhere told, as with what another source's first run
    found. What is old and was long known stays quiet: it was only listed again."""
    session, now = at.session, at.now
    version = last_versions(session, document)[0]
    reading = session.get_one(Reading, version.reading_id)
    if document.type == "other":
        document.type = listed_type(session, at.page) or document.type
    index_document(session, document, version, reading)
    today, known_for = now.astimezone(CHINA).date(), now - document.first_seen_at
    if at.run.backlog or document.state == "withdrawn":
        return
    if known_for > LATE_AFTER and is_late(document.published or document.first_seen_at.date(), today):
        return
    told = select(Event.id).where(
        Event.document_id == document.id, Event.kind == "added", Event.backlog.is_(False),
        Event.state.in_(("published", "staged")),
    )  # fmt: skip
    at.page.backlog = False
    stage(
        at, "added", document, version, source_id=at.run.source_id,
        also=session.scalar(told.limit(1)) is not None,
    )  # fmt: skip


def follow_list(at: At, file: Attachment, *, tell: bool) -> None:
    """The text of a file came or changed: what it lists as repealed or amended is so from now on, in the archive too.
    `tell`: make events of it; not for what a better reader found in old bytes."""
    session, day = at.session, at.now.astimezone(CHINA).date()
    document = session.get_one(Document, file.document_id)
    if not annexes.may_list(document.title, file.name):
        return
    reading = session.get_one(Reading, last_versions(session, document)[0].reading_id)
    if targets := references.keep_listed(session, document, reading, file):
        validity_rows.refresh(session, targets, day)
    if tell:
        backlog = _is_backlog(at, "added", document)
        validity_rows.tell_repealed(session, document, run_id=at.run.id, now=at.now, backlog=backlog)


def follow_reread_list(session: Session, file: Attachment, now: datetime) -> None:
    """The text of a file came by OCR, or was read anew out of old bytes: what it lists acts, and nobody is told."""
    document = session.get_one(Document, file.document_id)
    if document.merged_into is not None:
        return  # the same file under the document that stands for it is what acts
    page = original_page(session, document)
    run = session.get_one(Run, last_versions(session, document)[0].run_id)
    follow_list(At(session, run, page, now), file, tell=False)


def listed_type(session: Session, page: Page) -> str | None:
    """What the sources that list the page publish: its own source's word first. None where none lists it."""
    listed = (
        select(Source.publishes)
        .join(Sighting, Sighting.source_id == Source.id)
        .where(Sighting.page_id == page.id)
        .order_by(Source.id != page.source_id, Source.id)
    )
    return session.scalar(listed.limit(1))
