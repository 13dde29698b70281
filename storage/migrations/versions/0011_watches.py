"""Watches: cadence, quiet hours and time zones, digests, what matches later, and what sources are about.

Revision: 0011. Date: 2026-11-24.
"""

import sqlalchemy as sa
from alembic import op

from storage.columns import Identifier, PlainJson, PlainText, UtcDateTime

# fmt: off

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; what watches there are tell at once, as before."""
    _add("source", "topics", PlainJson(), "What it is about, as the catalog says.")
    _add("owner", "zone", PlainText(), "Time zone of the owner's hours; null: Asia/Shanghai.")
    _add("watch", "quiet", PlainText(), "Hours in which nothing is sent, HH:MM-HH:MM; null: none.")
    _add("watch", "zone", PlainText(), "Time zone of its hours; null: the owner's.")
    _add("watch", "removed_at", UtcDateTime(), "When it was removed; its alerts stay.")
    _add("watch", "follows_since", UtcDateTime(),
         "Since when it asks what it asks; of what was published before, nothing that arrives later is told. "
         "Null: since it was made.")
    op.add_column("watch", sa.Column(
        "revision", sa.Integer(), nullable=False, server_default="0",
        comment="Counts on with every change of any watch; what a service knows is up to one.",
    ))
    op.create_index("ix_watch_revision", "watch", ["revision"])
    _add("alert", "later", PlainText(),
         "What arrived later and made it match: attachment, ocr, reference or reading; null: it matched at once.")
    _add("delivery", "digest", PlainText(),
         "The rhythm of a message that collects until it is due, as daily 08:00 Asia/Shanghai; null: at once.")
    op.create_table(
        "enrichment",
        sa.Column("id", Identifier, autoincrement=True, nullable=False, comment="Number of the row."),
        sa.Column("version_id", Identifier, nullable=False, comment="The version."),
        sa.Column("run_id", Identifier, nullable=True,
                  comment="The run that brought it, whose verdict decides; null: no run did."),
        sa.Column("reason", PlainText(), nullable=False, comment="attachment, ocr, reference or reading."),
        sa.Column("backlog", sa.Boolean(), nullable=False,
                  comment="Whether only watches that ask for backlog are told."),
        sa.Column("at", UtcDateTime(), nullable=False, comment="When it arrived."),
        sa.PrimaryKeyConstraint("id", name="pk_enrichment"),
        sa.ForeignKeyConstraint(["version_id"], ["version.id"], name="fk_enrichment_version_id_version"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_enrichment_run_id_run"),
        comment="Versions of which something arrived later, to be matched again; a row goes when it was.",
    )
    op.create_index("ix_enrichment_version_id", "enrichment", ["version_id"])
    # A removed watch was known by its name alone.
    watch = sa.table("watch", sa.column("name", PlainText()), sa.column("enabled", sa.Boolean()),
                     sa.column("removed_at", UtcDateTime()), sa.column("created_at", UtcDateTime()))
    removed = watch.c.enabled.is_(False) & watch.c.name.like("% (removed %)")
    op.get_bind().execute(watch.update().where(removed).values(removed_at=watch.c.created_at))
    if op.get_bind().dialect.name != "sqlite":  # which keeps no words about its columns
        op.alter_column("watch", "cadence", existing_type=PlainText(), existing_nullable=False,
                        comment="at_once, hourly, daily HH:MM, weekly mon HH:MM.")


def _add(table: str, name: str, type_: sa.types.TypeEngine[object], comment: str) -> None:
    op.add_column(table, sa.Column(name, type_, nullable=True, comment=comment))
