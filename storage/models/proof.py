"""What shows that the archive still holds what it once wrote."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from storage.columns import Identifier
from storage.models.base import Base


class ChainLink(Base):
    """One link of the chain over what was written."""

    __tablename__ = "chain"
    __table_args__ = (
        Index("ix_chain_kind_row_id", "kind", "row_id"),
        {"comment": "A hash chain over rows as they were written; `policy-crawler verify` compares them with it."},
    )

    id: Mapped[int] = mapped_column(
        Identifier, primary_key=True, autoincrement=False, comment="Its place in the chain: 1, 2, 3 … without a gap."
    )
    kind: Mapped[str] = mapped_column(
        comment="snapshot, reading, run (the fetches of one that ended), erasure (of a document) or retention (what a "
        "rule let go)."
    )
    row_id: Mapped[int] = mapped_column(Identifier, comment="Number of the row in that table.")
    form: Mapped[int] = mapped_column(comment="Which fields, in which form, the digest is over (storage/chain.py).")
    digest: Mapped[str] = mapped_column(comment="SHA-256 of the row as it was written.")
    marks: Mapped[str] = mapped_column(comment="The start of each field's own SHA-256, to say which one differs.")
    hash: Mapped[str] = mapped_column(comment="SHA-256 over this link and the hash of the one before.")
