"""How healthy a source is: what its runs saw of page 1 of the list, and why it is in its state.

Revision: 0003. Date: 2026-11-24.
"""

import sqlalchemy as sa
from alembic import op

from storage.columns import PlainText, UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; a source that was called failing is now called broken."""
    _add("source", "state_reason", PlainText(), "Why it is in this state, in words.")
    _add(
        "source",
        "usual_since",
        UtcDateTime(),
        "Start of the run whose list a person accepted: what is usual is learned from there on.",
    )
    _add("run", "entries", sa.Integer(), "Entries on page 1 of the list; null: it was not read.")
    _add("run", "dated", sa.Integer(), "How many of them had a date.")
    _add("run", "newest", sa.Date(), "The newest of their dates.")
    _add("run", "moved_to", PlainText(), "Where the list's URL permanently leads, if elsewhere.")
    source = sa.table("source", sa.column("state", PlainText()))
    op.get_bind().execute(source.update().where(source.c.state == "failing").values(state="broken"))
    if op.get_bind().dialect.name != "sqlite":  # which keeps no words about its columns
        op.alter_column(
            "source",
            "state",
            existing_type=PlainText(),
            existing_nullable=False,
            comment="new, ok, degraded, blocked, quarantined or broken: how its last judged run went.",
        )


def _add(table: str, name: str, type_: sa.types.TypeEngine[object], comment: str) -> None:
    op.add_column(table, sa.Column(name, type_, nullable=True, comment=comment))
