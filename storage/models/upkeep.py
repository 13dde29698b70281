"""What the archive keeps for itself: leases, what the full-text index stands for, settings."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from storage.columns import Identifier
from storage.models.base import Base, to


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
    document_id: Mapped[int] = to("document.id", "The document.")
    version_id: Mapped[int] = to("version.id", "The version indexed.")
    current: Mapped[bool] = mapped_column(
        comment="Whether it is the document's newest entry; older ones are not shown."
    )


class SearchText(Base):
    """What queries see of a document, as its row of the full-text index has it."""

    __tablename__ = "search_text"
    __table_args__ = (
        {"comment": "What queries see of a document's present state: what the index finds is checked against it."},
    )

    rowid: Mapped[int] = mapped_column(
        Identifier,
        ForeignKey("search_map.rowid", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        comment="The row of the full-text index.",
    )
    content: Mapped[str] = mapped_column(comment="Canonical texts and whole values, JSON; derived, no text for people.")


class Setting(Base):
    """What the archive must know of itself."""

    __tablename__ = "setting"
    __table_args__ = ({"comment": "What the archive must know of itself."},)

    name: Mapped[str] = mapped_column(primary_key=True, comment="e.g. tokenizer_version.")
    value: Mapped[str] = mapped_column(comment="Its value.")
