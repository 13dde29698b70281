"""What documents are found again by, and which may be one."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from storage.columns import Identifier
from storage.models.base import Base


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
