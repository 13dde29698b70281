"""Documents that persons merge, split and keep apart; drafts and final texts found by the work their titles name.

Revision: 0013. Date: 2026-11-24.
"""

import sqlalchemy as sa
from alembic import op

from storage.columns import Identifier, PlainJson, PlainText, UtcDateTime
from storage.draft_titles import work_title_key

# fmt: off

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

INTO = "The document that this one was merged into by a person; null: it stands for itself."
STATES = "current, missing (seen gone once), withdrawn, or merged into another."
REASONS = (
    "added, changed, attachment (a file's text changed), original (read from the issuer's site), template, "
    "merged or split (what its page showed when a person merged it with another or split it off)."
)
WORK = "Key of the title of the work that a draft, a call for comments or a final notice is about."
BATCH = 2_000


def upgrade() -> None:
    """Make the table and the columns, and find what titles name."""
    if op.get_bind().dialect.name == "sqlite":  # which takes a foreign key only with its column
        op.execute("ALTER TABLE document ADD COLUMN merged_into INTEGER "
                   "CONSTRAINT fk_document_merged_into_document REFERENCES document (id)")
    else:
        op.add_column("document", sa.Column("merged_into", Identifier, nullable=True, comment=INTO))
        op.create_foreign_key("fk_document_merged_into_document", "document", "document", ["merged_into"], ["id"])
        op.alter_column("document", "state", existing_type=PlainText(), existing_nullable=False, comment=STATES)
        op.alter_column("version", "reason", existing_type=PlainText(), existing_nullable=False, comment=REASONS)
    op.create_index("ix_document_merged_into", "document", ["merged_into"])
    op.add_column("document", sa.Column("work_title_key", PlainText(), nullable=True, comment=WORK))
    op.create_index("ix_document_work_title_key", "document", ["work_title_key"])
    _fill()
    op.create_table(
        "identity_decision",
        sa.Column("id", Identifier, nullable=False, autoincrement=True, comment="Number of the row."),
        sa.Column("kind", PlainText(), nullable=False, comment="merge, split or distinct (said to be two)."),
        sa.Column("document_id", Identifier, nullable=False,
                  comment="What stays: merged into, split from, or the one of two."),
        sa.Column("other_id", Identifier, nullable=False,
                  comment="What went or came: merged, split off, or the other of two."),
        sa.Column("url", PlainText(), nullable=True, comment="The URL split off; null: nothing was."),
        sa.Column("url_key", PlainText(), nullable=True,
                  comment="Its key; this URL is never again taken for a copy."),
        sa.Column("reading_id", Identifier, nullable=True,
                  comment="The merged document's text, by which copies of it are found."),
        sa.Column("reason", PlainText(), nullable=False, comment="Why, in the words of who decided; may be empty."),
        sa.Column("by", PlainText(), nullable=False, comment="Who decided."),
        sa.Column("at", UtcDateTime(), nullable=False, comment="When."),
        sa.Column("undone_by", PlainText(), nullable=True, comment="Who took it back; null: it holds."),
        sa.Column("undone_at", UtcDateTime(), nullable=True, comment="When."),
        sa.Column("moved", PlainJson(), nullable=False,
                  comment="The rows that went from one to the other and what they were, so that it can be undone."),
        sa.PrimaryKeyConstraint("id", name="pk_identity_decision"),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name="fk_identity_decision_document_id_document"),
        sa.ForeignKeyConstraint(["other_id"], ["document.id"], name="fk_identity_decision_other_id_document"),
        sa.ForeignKeyConstraint(["reading_id"], ["reading.id"], name="fk_identity_decision_reading_id_reading"),
        comment="What a person decided about which documents are one; it holds against every later crawl.",
    )
    for column in ("document_id", "other_id", "url_key"):
        op.create_index(f"ix_identity_decision_{column}", "identity_decision", [column])


def _fill() -> None:
    table = sa.table("document", sa.column("id", Identifier), sa.column("title", PlainText()),
                     sa.column("work_title_key", PlainText()))
    last = 0
    query = sa.select(table.c.id, table.c.title).order_by(table.c.id).limit(BATCH)
    set_key = table.update().where(table.c.id == sa.bindparam("number")).values(work_title_key=sa.bindparam("key"))
    while rows := op.get_bind().execute(query.where(table.c.id > last)).all():
        keys = [{"number": number, "key": work_title_key(title)} for number, title in rows]
        if found := [one for one in keys if one["key"]]:
            op.get_bind().execute(set_key, found)
        last = rows[-1][0]
