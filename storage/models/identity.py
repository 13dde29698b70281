"""What documents are found again by, and which may be one."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from storage.columns import Identifier, PlainJson
from storage.models.base import Base, row_id, to


class Fingerprint(Base):
    """A clause of a document's current text, as a hash."""

    __tablename__ = "fingerprint"
    __table_args__ = (
        Index("ix_fingerprint_document_id", "document_id"),
        {"comment": "Some clauses of each document's current text, hashed: by them a copy without a number is found."},
    )

    hash: Mapped[int] = mapped_column(
        BigInteger, primary_key=True, autoincrement=False, comment="The clause's hash (storage/sameness.py)."
    )
    document_id: Mapped[int] = mapped_column(
        Identifier, ForeignKey("document.id"), primary_key=True, autoincrement=False, comment="The document."
    )


class PossibleCopy(Base):
    """Two documents that may be one; a person should look."""

    __tablename__ = "possible_copy"
    __table_args__ = (
        Index("ix_possible_copy_other_id", "other_id"),
        {"comment": "Two documents that may be one: what speaks for it did not suffice; a person should look."},
    )

    document_id: Mapped[int] = mapped_column(
        Identifier, ForeignKey("document.id"), primary_key=True, autoincrement=False, comment="The one that came later."
    )
    other_id: Mapped[int] = mapped_column(
        Identifier, ForeignKey("document.id"), primary_key=True, autoincrement=False, comment="The one there was."
    )
    reason: Mapped[str] = mapped_column(comment="What agrees, and what did not suffice.")
    found_at: Mapped[datetime] = mapped_column(comment="When it was found.")


class IdentityDecision(Base):
    """What a person decided about which documents are one."""

    __tablename__ = "identity_decision"
    __table_args__ = (
        Index("ix_identity_decision_url_key", "url_key"),
        {"comment": "What a person decided about which documents are one; it holds against every later crawl."},
    )

    id: Mapped[int] = row_id()
    kind: Mapped[str] = mapped_column(comment="merge, split or distinct (said to be two).")
    document_id: Mapped[int] = to("document.id", "What stays: merged into, split from, or the one of two.", index=True)
    other_id: Mapped[int] = to("document.id", "What went or came: merged, split off, or the other of two.", index=True)
    url: Mapped[str | None] = mapped_column(comment="The URL split off; null: nothing was.")
    url_key: Mapped[str | None] = mapped_column(comment="Its key; this URL is never again taken for a copy.")
    reading_id: Mapped[int | None] = to("reading.id", "The merged document's text, by which copies of it are found.")
    reason: Mapped[str] = mapped_column(comment="Why, in the words of who decided; may be empty.")
    by: Mapped[str] = mapped_column(comment="Who decided.")
    at: Mapped[datetime] = mapped_column(comment="When.")
    undone_by: Mapped[str | None] = mapped_column(comment="Who took it back; null: it holds.")
    undone_at: Mapped[datetime | None] = mapped_column(comment="When.")
    moved: Mapped[dict[str, Any]] = mapped_column(
        PlainJson, comment="The rows that went from one to the other and what they were, so that it can be undone."
    )
