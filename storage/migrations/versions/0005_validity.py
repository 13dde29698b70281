"""Validity: whether each document is in force and why, the events that time makes, and references out of files.

Titles get the key that finds 关于X的通知 under either way of naming its issuer. Validity itself is judged when the
service, or a crawl, next runs.

Revision: 0005. Date: 2026-11-24.
"""

import sqlalchemy as sa
from alembic import op

from storage.columns import Identifier, PlainText
from storage.naming import short_title_key

# fmt: off

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SHORT = "Key of the title from its 关于 on, without organs."
FILE = "The file whose list refers; null: the text does."
STATES = "pending, in_force, amended, partly_repealed, repealed, expired, draft or unknown."
RULES = (
    "The rule that chose: stated, draft, repealed_by, superseded_by, term_ended, not_yet_effective, "
    "partly_repealed_by, amended_by, effective or no_evidence."
)
DAY = "The day that it is of, where time or another document makes it: such an event is made once."
BATCH = 2_000


def upgrade() -> None:
    """Add the columns and the table, and fill what old rows can tell."""
    for table in ("document", "reference"):
        op.add_column(table, sa.Column("short_title_key", PlainText(), nullable=True, comment=SHORT))
        op.create_index(f"ix_{table}_short_title_key", table, ["short_title_key"])
        _fill(table)
    if op.get_bind().dialect.name == "sqlite":  # which takes a foreign key only with its column
        op.execute(
            "ALTER TABLE reference ADD COLUMN attachment_id INTEGER "
            "CONSTRAINT fk_reference_attachment_id_attachment REFERENCES attachment (id)"
        )
    else:
        op.add_column("reference", sa.Column("attachment_id", Identifier, nullable=True, comment=FILE))
        op.create_foreign_key("fk_reference_attachment_id_attachment", "reference", "attachment",
                              ["attachment_id"], ["id"])
    op.add_column("event", sa.Column("day", sa.Date(), nullable=True, comment=DAY))
    op.create_index("ix_event_document_id_kind_day", "event", ["document_id", "kind", "day"], unique=True)
    _make_validity()
    if op.get_bind().dialect.name != "sqlite":  # which keeps no words about its columns
        op.alter_column("event", "kind", existing_type=PlainText(), existing_nullable=False, comment=(
            "added, changed, withdrawn, restored, repealed, in_force, expires_soon, expired, deadline_near, "
            "source_failing, source_recovered."
        ))
        op.alter_column("event", "payload", existing_nullable=False,
                        comment="What a message needs: changes, reason, url, by.")


def _make_validity() -> None:
    text, day = PlainText(), sa.Date()
    op.create_table(
        "validity",
        sa.Column("document_id", Identifier, nullable=False, autoincrement=False, comment="The document."),
        sa.Column("state", text, nullable=False, comment=STATES),
        sa.Column("rule", text, nullable=False, comment=RULES),
        sa.Column("reason", text, nullable=False, comment="Why, in words."),
        sa.Column("since", day, nullable=True, comment="From when, where that is known."),
        sa.Column("by_document_id", Identifier, nullable=True, comment="The document that repeals or amends it."),
        sa.Column("stated", text, nullable=True, comment="The state that the page states; null: it states none."),
        sa.Column("derived", text, nullable=True, comment="The state derived from dates and other documents."),
        sa.Column("derived_reason", text, nullable=True, comment="Why that is derived, in words."),
        sa.Column("judged_on", day, nullable=False, comment="The day, in China, for which it was judged."),
        sa.Column("next_day", day, nullable=True, comment="The next day on which time changes or tells something."),
        sa.Column("told_to", day, nullable=False, comment="Up to this day what time brings was made events."),
        sa.PrimaryKeyConstraint("document_id", name="pk_validity"),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name="fk_validity_document_id_document"),
        sa.ForeignKeyConstraint(["by_document_id"], ["document.id"], name="fk_validity_by_document_id_document"),
        comment="Whether a document is in force, and why, as judged on a day; the rules are storage/validity.py.",
    )
    op.create_index("ix_validity_next_day", "validity", ["next_day"])
    op.create_index("ix_validity_state", "validity", ["state"])


def _fill(table: str) -> None:
    """The short keys of the titles that are kept."""
    bind = op.get_bind()
    rows = sa.table(table, sa.column("id", Identifier), sa.column("title", PlainText()),
                    sa.column("short_title_key", PlainText()))
    last = 0
    while found := bind.execute(
        sa.select(rows.c.id, rows.c.title).where(rows.c.id > last).order_by(rows.c.id).limit(BATCH)
    ).all():
        for row_id, title in found:
            if (key := short_title_key(title)) is not None:
                bind.execute(rows.update().where(rows.c.id == row_id).values(short_title_key=key))
        last = found[-1][0]
