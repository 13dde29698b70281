"""URLs that the archive knows, who lists them, and the bytes that came from them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.columns import Identifier, PlainJson
from storage.models.base import Base, row_id, to


class Page(Base):
    """A URL the archive knows. With a document it is one of the document's copies."""

    __tablename__ = "page"
    __table_args__ = (
        Index("ix_page_source_id_state_next_check_at", "source_id", "state", "next_check_at"),
        {"comment": "A known URL; with a document it is one of the document's copies."},
    )

    id: Mapped[int] = row_id()
    url_key: Mapped[str] = mapped_column(unique=True, comment="The URL without scheme, tracking and session parts.")
    url: Mapped[str] = mapped_column(comment="The URL as first found; this is what is fetched.")
    source_id: Mapped[str] = mapped_column(ForeignKey("source.id"), comment="The source whose runs check it.")
    document_id: Mapped[int | None] = to("document.id", "The document it shows.", index=True)
    is_original: Mapped[bool] = mapped_column(comment="Whether the document's versions are taken from this URL.")
    state: Mapped[str] = mapped_column(comment="new, fetched, failed (never read yet) or missing.")
    title: Mapped[str | None] = mapped_column(comment="Title in the listing that led here.")
    list_date: Mapped[date | None] = mapped_column(comment="Date in the listing that led here.")
    list_number: Mapped[str | None] = mapped_column(comment="Document number in the listing that led here.")
    found_on: Mapped[str | None] = mapped_column(comment="URL of the page that linked here.")
    found_at: Mapped[datetime] = mapped_column(comment="When the URL was first seen.")
    backlog: Mapped[bool] = mapped_column(comment="Whether only backlog led here: then its document is backlog too.")
    checked_at: Mapped[datetime | None] = mapped_column(comment="When it was last fetched.")
    checked_run_id: Mapped[int | None] = to("run.id", "The run that last fetched it.", index=True)
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
        Index("ix_snapshot_file_offset", "file", "offset"),
        {"comment": "The bytes as fetched with their headers, kept in WARC; one row for each new content of a URL."},
    )

    id: Mapped[int] = row_id()
    page_id: Mapped[int | None] = to("page.id", "The page fetched; null for an attachment.")
    run_id: Mapped[int] = to("run.id", "The run that fetched it.")
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
