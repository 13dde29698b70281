"""Fingerprints: clauses of each document's current text, by which copies are found; and documents that may be one.

Revision: 0008. Date: 2026-11-24.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.columns import Identifier, PlainJson, PlainText, UtcDateTime
from storage.sameness import clauses, prints

# fmt: off

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BATCH = 500  # documents at once: their texts are whole


def upgrade() -> None:
    """Make both tables, and find what the documents there are will be found by."""
    op.create_table(
        "fingerprint",
        sa.Column("hash", sa.BigInteger(), nullable=False, autoincrement=False,
                  comment="The clause's hash (storage/sameness.py)."),
        sa.Column("document_id", Identifier, nullable=False, autoincrement=False, comment="The document."),
        sa.PrimaryKeyConstraint("hash", "document_id", name="pk_fingerprint"),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name="fk_fingerprint_document_id_document"),
        comment="Some clauses of each document's current text, hashed: by them a copy without a number is found.",
    )
    op.create_index("ix_fingerprint_document_id", "fingerprint", ["document_id"])
    op.create_table(
        "possible_copy",
        sa.Column("document_id", Identifier, nullable=False, autoincrement=False, comment="The one that came later."),
        sa.Column("other_id", Identifier, nullable=False, autoincrement=False, comment="The one there was."),
        sa.Column("reason", PlainText(), nullable=False, comment="What agrees, and what did not suffice."),
        sa.Column("found_at", UtcDateTime(), nullable=False, comment="When it was found."),
        sa.PrimaryKeyConstraint("document_id", "other_id", name="pk_possible_copy"),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name="fk_possible_copy_document_id_document"),
        sa.ForeignKeyConstraint(["other_id"], ["document.id"], name="fk_possible_copy_other_id_document"),
        comment="Two documents that may be one: what speaks for it did not suffice; a person should look.",
    )
    op.create_index("ix_possible_copy_other_id", "possible_copy", ["other_id"])
    _fill()


def _fill() -> None:
    document = sa.table("document", sa.column("id", Identifier), sa.column("versions", sa.Integer()))
    version = sa.table("version", sa.column("document_id", Identifier), sa.column("seq", sa.Integer()),
                       sa.column("reading_id", Identifier))
    reading = sa.table("reading", sa.column("id", Identifier), sa.column("blocks", PlainJson()))
    fingerprint = sa.table("fingerprint", sa.column("hash", sa.BigInteger()), sa.column("document_id", Identifier))
    current = (
        sa.select(document.c.id, reading.c.blocks)
        .join(version, (version.c.document_id == document.c.id) & (version.c.seq == document.c.versions))
        .join(reading, reading.c.id == version.c.reading_id)
        .order_by(document.c.id)
        .limit(BATCH)
    )
    last = 0
    while found := op.get_bind().execute(current.where(document.c.id > last)).all():
        rows: list[dict[str, Any]] = [
            {"hash": hash_, "document_id": number}
            for number, blocks in found
            for hash_ in prints(clauses([(role, text) for role, text in blocks]))
        ]
        if rows:
            op.get_bind().execute(fingerprint.insert(), rows)
        last = found[-1][0]
