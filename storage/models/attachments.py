"""Files that belong to documents, and their versions."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Index, UniqueConstraint, func
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from storage.columns import PlainJson
from storage.models.base import Base, row_id, to


class Attachment(Base):
    """A file that belongs to a document."""

    __tablename__ = "attachment"
    __table_args__ = (
        UniqueConstraint("document_id", "url_key"),
        {"comment": "A file that belongs to a document."},
    )

    id: Mapped[int] = row_id()
    document_id: Mapped[int] = to("document.id", "The document.")
    url_key: Mapped[str] = mapped_column(comment="Key of the file's URL.")
    url: Mapped[str] = mapped_column(comment="The file's URL.")
    href: Mapped[str] = mapped_column(comment="The link as printed.")
    name: Mapped[str] = mapped_column(comment="Name for people.")
    type: Mapped[str] = mapped_column(comment="File extension.")
    position: Mapped[int | None] = mapped_column(
        comment="Its place among the files of the page, from 1; null: not known, and before the others."
    )
    found_at: Mapped[datetime] = mapped_column(comment="When the link was first seen.")
    checked_at: Mapped[datetime | None] = mapped_column(comment="When the file last came; null: never.")


def in_order() -> tuple[ColumnElement[int], InstrumentedAttribute[int]]:
    """How a document's files are ordered: as its page shows them."""
    return func.coalesce(Attachment.position, 0), Attachment.id


class AttachmentVersion(Base):
    """One state of an attachment's bytes."""

    __tablename__ = "attachment_version"
    __table_args__ = (
        UniqueConstraint("attachment_id", "seq"),
        Index("ix_attachment_version_pictures_waiting", "pictures_waiting"),  # the column lies behind whole texts
        {"comment": "One state of an attachment's bytes over time."},
    )

    id: Mapped[int] = row_id()
    attachment_id: Mapped[int] = to("attachment.id", "The attachment.")
    seq: Mapped[int] = mapped_column(comment="1, 2, 3 … within the attachment.")
    snapshot_id: Mapped[int] = to("snapshot.id", "The bytes.")
    digest: Mapped[str] = mapped_column(comment="SHA-256 of the bytes.")
    run_id: Mapped[int] = to("run.id", "The run that fetched it.")
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
    pictures_waiting: Mapped[int | None] = mapped_column(
        comment="Pictures and pages that are pictures whose words are still to be recognised; null or 0: none."
    )
    ocr_confidence: Mapped[int | None] = mapped_column(
        comment="How sure OCR was of the words it read, in per cent; null: none of the text is by OCR."
    )
    ocr_pictures: Mapped[list[Any] | None] = mapped_column(
        PlainJson, comment="What OCR made of the first pictures, while others wait: [[words, confidence], …]."
    )
