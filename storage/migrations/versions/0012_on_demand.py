"""Runs that somebody asks for: with what wishes, how far they are, who had them ended. Why a source is due when it is.

Revision: 0012. Date: 2026-11-24.
"""

import sqlalchemy as sa
from alembic import op

from storage.columns import PlainJson, PlainText, UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; all may be null."""
    _add(
        "run", "request", PlainJson(), "What was asked for beside the usual: url, since, pages, recheck; null: nothing."
    )
    _add(
        "run",
        "progress",
        PlainJson(),
        "How far it is while it runs: requests, queued, documents by outcome, the last one's title.",
    )
    _add("run", "progress_at", UtcDateTime(), "When that was said.")
    _add("run", "cancelled_by", PlainText(), "Who asked that it end before its time.")
    _add("source", "due_reason", PlainText(), "Why the next slot is when it is, in words.")
    _add(
        "source",
        "mentioned_at",
        UtcDateTime(),
        "When a news report last named a document of its site or issuer that the archive has not.",
    )


def _add(table: str, name: str, type_: sa.types.TypeEngine[object], comment: str) -> None:
    op.add_column(table, sa.Column(name, type_, nullable=True, comment=comment))
