"""What people working together note on documents: read, starred, assigned, tagged, noted."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from storage.columns import Identifier
from storage.models.base import Base, row_id, to


class Mark(Base):
    """What one owner keeps of a document for themself."""

    __tablename__ = "mark"
    __table_args__ = (
        Index("ix_mark_document_id", "document_id"),
        {"comment": "What one owner keeps of a document: whether it was read, and a star."},
    )

    owner_id: Mapped[int] = mapped_column(Identifier, ForeignKey("owner.id"), primary_key=True, comment="Whose mark.")
    document_id: Mapped[int] = mapped_column(
        Identifier, ForeignKey("document.id"), primary_key=True, comment="The document."
    )
    read_version: Mapped[int | None] = mapped_column(comment="The version's number that was read; null: none.")
    read_at: Mapped[datetime | None] = mapped_column(comment="When it was read.")
    starred_at: Mapped[datetime | None] = mapped_column(comment="Since when it has a star; null: it has none.")


class Assignment(Base):
    """A document that somebody is to look after."""

    __tablename__ = "assignment"
    __table_args__ = (
        Index("ix_assignment_owner_id", "owner_id"),
        {"comment": "Who looks after a document, for all to see; one a document."},
    )

    document_id: Mapped[int] = mapped_column(
        Identifier, ForeignKey("document.id"), primary_key=True, comment="The document."
    )
    owner_id: Mapped[int] = to("owner.id", "Who looks after it.")
    by_id: Mapped[int] = to("owner.id", "Who said so.")
    assigned_at: Mapped[datetime] = mapped_column(comment="When.")
    done_at: Mapped[datetime | None] = mapped_column(comment="When it was done; null: it is not.")


class Tag(Base):
    """A word that people file a document under."""

    __tablename__ = "tag"
    __table_args__ = (
        Index("ix_tag_document_id", "document_id"),
        {"comment": "A word that people file a document under, for all to see."},
    )

    tag: Mapped[str] = mapped_column(primary_key=True, comment="The word, in small letters.")
    document_id: Mapped[int] = mapped_column(
        Identifier, ForeignKey("document.id"), primary_key=True, comment="The document."
    )
    owner_id: Mapped[int] = to("owner.id", "Who tagged it.")
    created_at: Mapped[datetime] = mapped_column(comment="When.")


class Note(Base):
    """What somebody wrote on a document."""

    __tablename__ = "note"
    __table_args__ = (
        Index("ix_note_document_id", "document_id"),
        {"comment": "What somebody wrote on a document, for all to see."},
    )

    id: Mapped[int] = row_id()
    document_id: Mapped[int] = to("document.id", "The document.")
    owner_id: Mapped[int] = to("owner.id", "Who wrote it.")
    text: Mapped[str] = mapped_column(comment="The note, plain text.")
    clause: Mapped[str | None] = mapped_column(comment="The clause it is on, by its label; null: the whole document.")
    created_at: Mapped[datetime] = mapped_column(comment="When written.")
    edited_at: Mapped[datetime | None] = mapped_column(comment="When last edited; null: never.")
