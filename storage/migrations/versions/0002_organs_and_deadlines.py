"""Organs in their order, deadlines, normal numbers, pictures that carry the text, and what else a page says.

What was read before keeps its issuers as its organs; the rest comes when its pages are read again.

Revision: 0002. Date: 2026-11-24.
"""

import sqlalchemy as sa
from alembic import op

from storage.columns import Identifier, PlainJson, PlainText, UtcDateTime
from storage.identity import bounded
from storage.organs import full_name

# fmt: off

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TEXT, JSON_VALUE, MOMENT, IDENTIFIER = PlainText(), PlainJson(), UtcDateTime(), Identifier
FLAG, COUNT, DAY = sa.Boolean(), sa.Integer(), sa.Date()

NUMBER = "The number as GB/T 9704-2012 writes it."
DEADLINE = "Last day for comments on a consultation draft."
BATCH = 500  # readings whose organs are written at once


def upgrade() -> None:
    """Add the columns and the table, and fill what old rows can tell."""
    _add("reading", "number_normal", TEXT, NUMBER)
    _add("reading", "deadline", DAY, DEADLINE)
    _add("reading", "deadline_at", MOMENT, "The moment comments end, where the page gives one.")
    _add("reading", "images_carry_text", FLAG,
         "Whether the body is pictures, so that its words are not in blocks; null: read before this was kept.")
    _add("reading", "alternatives", JSON_VALUE,
         "What other sources on the page say of a field: {field: [[value, source, confidence], …]}.")
    _add("document", "number_normal", TEXT, NUMBER)
    _add("document", "deadline", DAY, DEADLINE)
    op.create_index("ix_document_number_normal", "document", ["number_normal"])
    op.create_index("ix_document_deadline", "document", ["deadline"])
    op.create_table(
        "organ",
        sa.Column("reading_id", IDENTIFIER, nullable=False, comment="The reading; versions point to theirs."),
        sa.Column("position", COUNT, nullable=False, autoincrement=False,
                  comment="0 is the lead; 1, 2, … those that joined, in printed order."),
        sa.Column("name", TEXT, nullable=False, comment="Its one name; as printed where no table knows it."),
        sa.Column("code", TEXT, nullable=True,
                  comment="机关代字 of the document's number, where the number is its own."),
        sa.PrimaryKeyConstraint("reading_id", "position", name="pk_organ"),
        sa.ForeignKeyConstraint(["reading_id"], ["reading.id"], name="fk_organ_reading_id_reading"),
        comment="The organs that issued a document, as a reading has them: the lead first, then those who joined.",
    )
    op.create_index("ix_organ_name", "organ", ["name"])
    op.create_index("ix_version_reading_id", "version", ["reading_id"])
    if op.get_bind().dialect.name != "sqlite":  # which keeps no words about its columns
        op.alter_column(
            "reference", "relation", existing_type=TEXT, existing_nullable=False,
            comment="cites, implements, amends, repeals, supersedes, interprets, forwards, drafts or reports.",
        )
    _fill()


def _add(table, name, type_, comment):
    op.add_column(table, sa.Column(name, type_, nullable=True, comment=comment))


def _fill() -> None:
    """The key of a number is its normal form; the issuers of a reading are its organs, by the names now known."""
    connection = op.get_bind()
    document = sa.table("document", sa.column("number_key", TEXT), sa.column("number_normal", TEXT))
    connection.execute(document.update().values(number_normal=document.c.number_key))
    reading = sa.table("reading", sa.column("id", IDENTIFIER), sa.column("issuers", JSON_VALUE))
    columns = ("reading_id", IDENTIFIER), ("position", COUNT), ("name", TEXT)
    organ = sa.table("organ", *(sa.column(name, type_) for name, type_ in columns))
    last = 0
    while rows := connection.execute(
        sa.select(reading.c.id, reading.c.issuers).where(reading.c.id > last).order_by(reading.c.id).limit(BATCH)
    ).all():
        last = rows[-1].id
        organs = [
            {"reading_id": row.id, "position": position, "name": bounded(name)}
            for row in rows for position, name in enumerate(dict.fromkeys(map(full_name, row.issuers)))
        ]
        if organs:
            connection.execute(organ.insert(), organs)
