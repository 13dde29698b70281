"""The tables of the archive: one for each word of the glossary (docs/glossary.md).

Every table and column says what it holds, for people who query the database themselves; `docs/tables.md` is made
from these words. Values of `state`, `kind` and the like are listed in the column's comment.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, MetaData, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from storage.columns import Identifier, PlainJson, PlainText, UtcDateTime


class Base(DeclarativeBase):
    """Common to all tables: typed columns, and constraint names that migrations can refer to."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {str: PlainText, datetime: UtcDateTime, date: Date, dict[str, Any]: PlainJson}  # noqa: RUF012


def _id() -> Mapped[int]:
    return mapped_column(Identifier, primary_key=True, autoincrement=True, comment="Number of the row.")


def _to(target: str, comment: str, *, index: bool = False) -> Any:
    return mapped_column(Identifier, ForeignKey(target), index=index, comment=comment)


class Source(Base):
    """A source of the catalog, as far as the archive must know it."""

    __tablename__ = "source"
    __table_args__ = ({"comment": "One column (栏目) or feed of a site that publishes."},)

    id: Mapped[str] = mapped_column(primary_key=True, comment="The source's id in the catalog, e.g. miit-wjfb-tz.")
    name: Mapped[str] = mapped_column(comment="Its name for people: issuer and column.")
    issuer: Mapped[str] = mapped_column(comment="The body that runs it.")
    issuer_key: Mapped[str | None] = mapped_column(index=True, comment="The issuer in its one normal form.")
    site: Mapped[str] = mapped_column(comment="Host of the site.")
    family: Mapped[str] = mapped_column(comment="How its listing is served (jpaas, trs, feed, …).")
    level: Mapped[str] = mapped_column(comment="Administrative level of the issuer (central, province, city, …).")
    publishes: Mapped[str] = mapped_column(comment="The type of document it publishes, unless a page says otherwise.")
    list_url: Mapped[str] = mapped_column(comment="URL of its listing.")
    state: Mapped[str] = mapped_column(
        comment="new, ok, blocked, quarantined or failing: how its last judged run went."
    )
    state_since: Mapped[datetime | None] = mapped_column(comment="When it came into this state.")
    failures: Mapped[int] = mapped_column(comment="Runs in a row that did not succeed.")
    alarmed: Mapped[bool] = mapped_column(comment="Whether a source_failing event is open, to be closed by a recovery.")
    last_success_at: Mapped[datetime | None] = mapped_column(comment="End of its last successful run; null: none yet.")
    next_due_at: Mapped[datetime | None] = mapped_column(
        index=True,
        comment="Its next slot; null: not scheduled. The microseconds count how often the clock was set back.",
    )


class Run(Base):
    """One crawl of one source."""

    __tablename__ = "run"
    __table_args__ = (
        UniqueConstraint("source_id", "slot"),
        Index("ix_run_state", "state"),
        Index("ix_run_source_id_id", "source_id", "id"),
        {"comment": "One crawl of one source, with its counts and how it ended."},
    )

    id: Mapped[int] = _id()
    source_id: Mapped[str] = mapped_column(ForeignKey("source.id"), comment="The source crawled.")
    trigger: Mapped[str] = mapped_column(comment="What started it: manual, schedule, url, backfill, import, reprocess.")
    slot: Mapped[str | None] = mapped_column(comment="The due time it fills; a slot is filled once.")
    state: Mapped[str] = mapped_column(comment="queued, running or finished.")
    verdict: Mapped[str | None] = mapped_column(
        comment="ok, partial, blocked, quarantined, failed, interrupted or died; null until finished."
    )
    reason: Mapped[str] = mapped_column(comment="Why it was judged so, in words.")
    backlog: Mapped[bool] = mapped_column(comment="Whether what it finds is backlog: alerts only where a watch asks.")
    pid: Mapped[int | None] = mapped_column(comment="Process that crawls.")
    queued_at: Mapped[datetime] = mapped_column(comment="When it was asked for.")
    started_at: Mapped[datetime | None] = mapped_column(comment="When its process opened it.")
    finished_at: Mapped[datetime | None] = mapped_column(comment="When it was judged.")
    counts: Mapped[dict[str, Any]] = mapped_column(comment="How many of each outcome; entries, requests, attachments.")


class Fetch(Base):
    """One request and its outcome; every one is logged."""

    __tablename__ = "fetch"
    __table_args__ = ({"comment": "One request and its outcome: why was there no alert? is answered here."},)

    id: Mapped[int] = _id()
    run_id: Mapped[int] = _to("run.id", "The run that asked.", index=True)
    url: Mapped[str] = mapped_column(comment="URL asked for.")
    final_url: Mapped[str | None] = mapped_column(comment="URL that answered, after redirects.")
    url_key: Mapped[str] = mapped_column(index=True, comment="The URL's key, as in page.url_key.")
    purpose: Mapped[str] = mapped_column(comment="listing, document, recheck, attachment or robots.")
    at: Mapped[datetime] = mapped_column(comment="When.")
    status: Mapped[int | None] = mapped_column(comment="HTTP status; null: no answer.")
    outcome: Mapped[str] = mapped_column(
        comment="How the request went: fetched, not_modified, redirect, status, refused or error."
    )
    bytes: Mapped[int] = mapped_column(comment="Size of the answer, as transferred.")
    duration_ms: Mapped[int | None] = mapped_column(comment="Milliseconds it took.")
    error: Mapped[str | None] = mapped_column(comment="What went wrong, in words.")
    recorded: Mapped[str | None] = mapped_column(
        comment="What the archive made of the answer: added, same, changed, …; null: nothing to keep."
    )
    reason: Mapped[str | None] = mapped_column(comment="Why it did so, in words.")


class Document(Base):
    """A work that a body published, with the fields of its current version for listing."""

    __tablename__ = "document"
    __table_args__ = (
        Index("ix_document_number_key", "number_key"),
        Index("ix_document_title_key", "title_key"),
        Index("ix_document_inner_title_key", "inner_title_key"),
        {"comment": "A work that a body published: a policy, interpretation, consultation draft, news report."},
    )

    id: Mapped[int] = _id()
    type: Mapped[str] = mapped_column(comment="policy, interpretation, consultation, news, notice or other.")
    title: Mapped[str | None] = mapped_column(comment="Title of the current version.")
    number: Mapped[str | None] = mapped_column(comment="Document number (发文字号) as printed.")
    issuer: Mapped[str | None] = mapped_column(comment="Issuer as printed.")
    published: Mapped[date | None] = mapped_column(index=True, comment="Day of publication (发布日期).")
    written: Mapped[date | None] = mapped_column(comment="Day it was written (成文日期).")
    number_key: Mapped[str | None] = mapped_column(comment="The number in its one normal form.")
    issuer_key: Mapped[str | None] = mapped_column(comment="The lead issuer in its one normal form.")
    title_key: Mapped[str | None] = mapped_column(comment="The title in its one normal form.")
    inner_title_key: Mapped[str | None] = mapped_column(comment="Title of the text that a 印发/公布 notice carries.")
    state: Mapped[str] = mapped_column(comment="current, missing (seen gone once) or withdrawn.")
    versions: Mapped[int] = mapped_column(comment="Sequence number of the current version.")
    source_id: Mapped[str] = mapped_column(ForeignKey("source.id"), index=True, comment="The source it was found by.")
    first_run_id: Mapped[int] = _to("run.id", "The run that found it.")
    first_seen_at: Mapped[datetime] = mapped_column(comment="When it was found.")


class Page(Base):
    """A URL the archive knows. With a document it is one of the document's copies."""

    __tablename__ = "page"
    __table_args__ = (
        Index("ix_page_source_id_state_next_check_at", "source_id", "state", "next_check_at"),
        {"comment": "A known URL; with a document it is one of the document's copies."},
    )

    id: Mapped[int] = _id()
    url_key: Mapped[str] = mapped_column(unique=True, comment="The URL without scheme, tracking and session parts.")
    url: Mapped[str] = mapped_column(comment="The URL as first found; this is what is fetched.")
    source_id: Mapped[str] = mapped_column(ForeignKey("source.id"), comment="The source whose runs check it.")
    document_id: Mapped[int | None] = _to("document.id", "The document it shows.", index=True)
    is_original: Mapped[bool] = mapped_column(comment="Whether the document's versions are taken from this URL.")
    state: Mapped[str] = mapped_column(comment="new, fetched, failed (never read yet) or missing.")
    title: Mapped[str | None] = mapped_column(comment="Title in the listing that led here.")
    list_date: Mapped[date | None] = mapped_column(comment="Date in the listing that led here.")
    found_on: Mapped[str | None] = mapped_column(comment="URL of the page that linked here.")
    found_at: Mapped[datetime] = mapped_column(comment="When the URL was first seen.")
    backlog: Mapped[bool] = mapped_column(comment="Whether only backlog led here: then its document is backlog too.")
    checked_at: Mapped[datetime | None] = mapped_column(comment="When it was last fetched.")
    checked_run_id: Mapped[int | None] = _to("run.id", "The run that last fetched it.", index=True)
    full_check_at: Mapped[datetime | None] = mapped_column(comment="When it last answered with a body, not with a 304.")
    next_check_at: Mapped[datetime | None] = mapped_column(comment="When it is due again.")
    attempts: Mapped[int] = mapped_column(comment="Fetches in a row that brought nothing.")
    etag: Mapped[str | None] = mapped_column(comment="ETag of the bytes last read.")
    last_modified: Mapped[str | None] = mapped_column(comment="Last-Modified of the bytes last read.")
    digest: Mapped[str | None] = mapped_column(comment="SHA-256 of the bytes last read.")
    text_hash: Mapped[str | None] = mapped_column(comment="Hash of the normalised text last read.")
    extractor_version: Mapped[str | None] = mapped_column(comment="Extractor that last read it.")
    final_key: Mapped[str | None] = mapped_column(index=True, comment="Key of the URL that answered, when last read.")
    missing_since: Mapped[datetime | None] = mapped_column(comment="First time it was seen gone, while it is.")
    suspect_since: Mapped[datetime | None] = mapped_column(
        comment="First time it answered in a doubtful way, while so."
    )
    suspect_hash: Mapped[str | None] = mapped_column(comment="Hash of the doubtful text, to see whether it repeats.")
    flaps: Mapped[int] = mapped_column(comment="How often it showed an earlier version again.")
    flapped_at: Mapped[datetime | None] = mapped_column(comment="When it last did.")


class Sighting(Base):
    """A source that lists a page: a page has one source that checks it, but several may list it."""

    __tablename__ = "sighting"
    __table_args__ = ({"comment": "Which sources list a page, each since when."},)

    page_id: Mapped[int] = mapped_column(Identifier, ForeignKey("page.id"), primary_key=True, comment="The page.")
    source_id: Mapped[str] = mapped_column(ForeignKey("source.id"), primary_key=True, comment="The source.")
    seen_at: Mapped[datetime] = mapped_column(comment="When its listing first showed the page.")


class Lead(Base):
    """A news report whose link led to a page."""

    __tablename__ = "lead"
    __table_args__ = (
        Index("ix_lead_report_key", "report_key"),
        {"comment": "A news report whose link led to a page; it becomes a reference once both are documents."},
    )

    page_id: Mapped[int] = mapped_column(Identifier, ForeignKey("page.id"), primary_key=True, comment="The page.")
    report_key: Mapped[str] = mapped_column(primary_key=True, comment="URL key of the report.")


class Snapshot(Base):
    """The bytes as fetched with their headers; the bytes are in a WARC file."""

    __tablename__ = "snapshot"
    __table_args__ = (
        UniqueConstraint("page_id", "digest"),
        Index("ix_snapshot_digest", "digest"),
        Index("ix_snapshot_url_key", "url_key"),
        {"comment": "The bytes as fetched with their headers, kept in WARC; one row for each new content of a URL."},
    )

    id: Mapped[int] = _id()
    page_id: Mapped[int | None] = _to("page.id", "The page fetched; null for an attachment.")
    run_id: Mapped[int] = _to("run.id", "The run that fetched it.")
    url: Mapped[str] = mapped_column(comment="URL asked for.")
    final_url: Mapped[str] = mapped_column(comment="URL that answered, after redirects.")
    url_key: Mapped[str] = mapped_column(comment="Key of the URL asked for.")
    status: Mapped[int] = mapped_column(comment="HTTP status.")
    headers: Mapped[list[Any]] = mapped_column(PlainJson, comment="Headers as sent, in order: [[name, value], …].")
    digest: Mapped[str] = mapped_column(comment="SHA-256 of the bytes.")
    bytes: Mapped[int] = mapped_column(comment="Number of bytes.")
    file: Mapped[str] = mapped_column(comment="WARC file under snapshots/ that holds the bytes.")
    offset: Mapped[int] = mapped_column(Identifier, comment="Where its record begins in the file.")
    length: Mapped[int] = mapped_column(comment="Length of the compressed record.")
    fetched_at: Mapped[datetime] = mapped_column(comment="When they were fetched.")
    ip_address: Mapped[str | None] = mapped_column(comment="Address that answered.")
    tls_verified: Mapped[bool | None] = mapped_column(comment="Whether the certificate was verified; null: plain http.")


class Reading(Base):
    """What extraction makes of a snapshot."""

    __tablename__ = "reading"
    __table_args__ = (
        UniqueConstraint("snapshot_id", "extractor_version"),
        {"comment": "What one version of the extractor made of a snapshot. Rows are appended, never rewritten."},
    )

    id: Mapped[int] = _id()
    snapshot_id: Mapped[int] = _to("snapshot.id", "The bytes read.")
    extractor_version: Mapped[str] = mapped_column(comment="The extractor's version.")
    read_at: Mapped[datetime] = mapped_column(comment="When they were read.")
    family: Mapped[str] = mapped_column(comment="The content management system recognised.")
    charset: Mapped[str] = mapped_column(comment="The charset the bytes are in.")
    title: Mapped[str | None] = mapped_column(comment="Title.")
    issuer: Mapped[str | None] = mapped_column(comment="Issuer as printed.")
    issuers: Mapped[list[Any]] = mapped_column(PlainJson, comment="Issuers, lead organ first.")
    number: Mapped[str | None] = mapped_column(comment="Document number (发文字号) as printed.")
    index_number: Mapped[str | None] = mapped_column(comment="Index number (索引号), opaque.")
    topic: Mapped[str | None] = mapped_column(comment="Topic (主题分类).")
    kind: Mapped[str | None] = mapped_column(comment="Kind of official document (文种): 通知, 意见, …")
    type: Mapped[str] = mapped_column(comment="policy, interpretation, consultation, news, notice or other.")
    written: Mapped[date | None] = mapped_column(comment="成文日期.")
    published: Mapped[date | None] = mapped_column(comment="发布日期.")
    published_at: Mapped[datetime | None] = mapped_column(comment="Moment of publication, where the page gives one.")
    effective: Mapped[date | None] = mapped_column(comment="施行日期.")
    expires: Mapped[date | None] = mapped_column(comment="废止/失效日期.")
    validity: Mapped[str | None] = mapped_column(comment="Validity as the page states it.")
    author: Mapped[str | None] = mapped_column(comment="Author as printed.")
    reprinted_from: Mapped[str | None] = mapped_column(comment="Where the page says it took the text from.")
    blocks: Mapped[list[Any]] = mapped_column(PlainJson, comment="The body: [[role, text], …].")
    attachments: Mapped[list[Any]] = mapped_column(PlainJson, comment="Files linked: [[href, url, name, type], …].")
    mentions: Mapped[list[Any]] = mapped_column(
        PlainJson, comment="References as printed: [[relation, title, number, url, sentence], …]."
    )
    evidence: Mapped[dict[str, Any]] = mapped_column(comment="Where each field's value was found.")
    text_hash: Mapped[str] = mapped_column(comment="Hash of the normalised title, number and body.")
    text_length: Mapped[int] = mapped_column(comment="Characters of the normalised body.")


class Version(Base):
    """One state of a document over time."""

    __tablename__ = "version"
    __table_args__ = (
        UniqueConstraint("document_id", "seq"),
        {"comment": "One state of a document's text and metadata over time."},
    )

    id: Mapped[int] = _id()
    document_id: Mapped[int] = _to("document.id", "The document.")
    seq: Mapped[int] = mapped_column(comment="1, 2, 3 … within the document; never time, decides the order.")
    reading_id: Mapped[int] = _to("reading.id", "Its reading; an upgrade points it to a newer one.")
    page_id: Mapped[int] = _to("page.id", "The page it was read from.")
    run_id: Mapped[int] = _to("run.id", "The run that found it.")
    text_hash: Mapped[str] = mapped_column(comment="Hash of its normalised text.")
    text_length: Mapped[int] = mapped_column(comment="Characters of its normalised body.")
    seen_at: Mapped[datetime] = mapped_column(comment="When it was first seen.")
    reason: Mapped[str] = mapped_column(
        comment="added, changed, attachment (a file's text changed), original (read from the issuer's site), template."
    )


class Attachment(Base):
    """A file that belongs to a document."""

    __tablename__ = "attachment"
    __table_args__ = (
        UniqueConstraint("document_id", "url_key"),
        {"comment": "A file that belongs to a document."},
    )

    id: Mapped[int] = _id()
    document_id: Mapped[int] = _to("document.id", "The document.")
    url_key: Mapped[str] = mapped_column(comment="Key of the file's URL.")
    url: Mapped[str] = mapped_column(comment="The file's URL.")
    href: Mapped[str] = mapped_column(comment="The link as printed.")
    name: Mapped[str] = mapped_column(comment="Name for people.")
    type: Mapped[str] = mapped_column(comment="File extension.")
    found_at: Mapped[datetime] = mapped_column(comment="When the link was first seen.")
    checked_at: Mapped[datetime | None] = mapped_column(comment="When the file last came; null: never.")


class AttachmentVersion(Base):
    """One state of an attachment's bytes."""

    __tablename__ = "attachment_version"
    __table_args__ = (
        UniqueConstraint("attachment_id", "seq"),
        {"comment": "One state of an attachment's bytes over time."},
    )

    id: Mapped[int] = _id()
    attachment_id: Mapped[int] = _to("attachment.id", "The attachment.")
    seq: Mapped[int] = mapped_column(comment="1, 2, 3 … within the attachment.")
    snapshot_id: Mapped[int] = _to("snapshot.id", "The bytes.")
    digest: Mapped[str] = mapped_column(comment="SHA-256 of the bytes.")
    run_id: Mapped[int] = _to("run.id", "The run that fetched it.")
    seen_at: Mapped[datetime] = mapped_column(comment="When it was first seen.")
    extractor_version: Mapped[str | None] = mapped_column(comment="What read the file; null: it was not read yet.")
    kind: Mapped[str | None] = mapped_column(comment="The kind of file as its content tells: pdf, docx, doc, xlsx, …")
    text_state: Mapped[str] = mapped_column(
        comment="unread, text, empty, scanned, picture, encrypted, damaged, unsupported, too_large, html_error_page or "
        "executable."
    )
    text_reason: Mapped[str] = mapped_column(comment="Why there is no text, or what is missing from it.")
    text: Mapped[str] = mapped_column(comment="The text of the file, a paragraph or table row a line.")
    text_places: Mapped[list[Any]] = mapped_column(PlainJson, comment="Where it stands: [[offset, page or sheet], …].")
    text_hash: Mapped[str | None] = mapped_column(comment="Hash of the normalised text; null where there is none.")


class Reference(Base):
    """A link from one document to another."""

    __tablename__ = "reference"
    __table_args__ = (
        Index("ix_reference_url_key", "url_key"),
        Index("ix_reference_number_key", "number_key"),
        Index("ix_reference_title_key", "title_key"),
        {"comment": "A link from one document to another, as a reading found it."},
    )

    id: Mapped[int] = _id()
    document_id: Mapped[int] = _to("document.id", "The document that refers.", index=True)
    reading_id: Mapped[int] = _to("reading.id", "The reading that found it.", index=True)
    relation: Mapped[str] = mapped_column(
        comment="cites, implements, amends, repeals, interprets, forwards, drafts or reports."
    )
    title: Mapped[str | None] = mapped_column(comment="Title of the target, as printed.")
    number: Mapped[str | None] = mapped_column(comment="Number of the target, as printed.")
    url: Mapped[str | None] = mapped_column(comment="URL of the target.")
    sentence: Mapped[str] = mapped_column(comment="The sentence that refers.")
    title_key: Mapped[str | None] = mapped_column(comment="The title in its one normal form.")
    number_key: Mapped[str | None] = mapped_column(comment="The number in its one normal form.")
    url_key: Mapped[str | None] = mapped_column(comment="Key of the URL.")
    target_document_id: Mapped[int | None] = _to("document.id", "The target, once the archive has it.", index=True)
    resolved_by: Mapped[str | None] = mapped_column(comment="url, number or title: what found the target.")


class Event(Base):
    """Something that happened, once."""

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_state_matched_at", "state", "matched_at"),
        {"comment": "Something that happened, once: the source of all alerts."},
    )

    id: Mapped[int] = _id()
    kind: Mapped[str] = mapped_column(comment="added, changed, withdrawn, restored, source_failing, source_recovered.")
    state: Mapped[str] = mapped_column(
        comment="staged, published, quarantined, or dropped (taken back by its run's end)."
    )
    source_id: Mapped[str] = mapped_column(ForeignKey("source.id"), comment="The source.")
    run_id: Mapped[int] = _to("run.id", "The run that it is judged with.", index=True)
    document_id: Mapped[int | None] = _to("document.id", "The document; null for events of a source.", index=True)
    version_id: Mapped[int | None] = _to("version.id", "The document's version.")
    backlog: Mapped[bool] = mapped_column(comment="Whether it is backlog: alerts only where a watch asks.")
    late: Mapped[bool] = mapped_column(comment="Whether the document was dated over 30 days back when it was found.")
    at: Mapped[datetime] = mapped_column(comment="When it was seen.")
    published_at: Mapped[datetime | None] = mapped_column(comment="When its run's end published it.")
    matched_at: Mapped[datetime | None] = mapped_column(comment="When watches were matched against it.")
    payload: Mapped[dict[str, Any]] = mapped_column(comment="What a message needs: changes, reason, url.")


class Lease(Base):
    """A right that one process holds for a time."""

    __tablename__ = "lease"
    __table_args__ = ({"comment": "A right that one process holds for a time, e.g. to be the scheduler."},)

    name: Mapped[str] = mapped_column(primary_key=True, comment="What is held.")
    holder: Mapped[str | None] = mapped_column(comment="Who holds it; null: nobody.")
    fence: Mapped[int] = mapped_column(Identifier, comment="Grows with every new holder, so that an old one is told.")
    expires_at: Mapped[datetime | None] = mapped_column(comment="When it falls free.")


class SearchEntry(Base):
    """What a row of the full-text index stands for."""

    __tablename__ = "search_map"
    __table_args__ = (
        Index("ix_search_map_document_id_current", "document_id", "current"),
        {"comment": "What a row of the full-text index (document_fts) stands for."},
    )

    rowid: Mapped[int] = mapped_column(
        Identifier,
        primary_key=True,
        autoincrement=False,
        comment="Days of the date × 10,000,000 + a counter: newest last.",
    )
    document_id: Mapped[int] = _to("document.id", "The document.")
    version_id: Mapped[int] = _to("version.id", "The version indexed.")
    current: Mapped[bool] = mapped_column(
        comment="Whether it is the document's newest entry; older ones are not shown."
    )


class Setting(Base):
    """What the archive must know of itself."""

    __tablename__ = "setting"
    __table_args__ = ({"comment": "What the archive must know of itself."},)

    name: Mapped[str] = mapped_column(primary_key=True, comment="e.g. tokenizer_version.")
    value: Mapped[str] = mapped_column(comment="Its value.")
