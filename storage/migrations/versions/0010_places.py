"""Rows are found by the segment that holds their bytes, as compaction moves records from one to another.

Revision: 0010. Date: 2026-11-24.
"""

from alembic import op

from storage.columns import PlainText

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

KIND = (
    "snapshot, reading, run (the fetches of one that ended), erasure (of a document) or retention (what a rule let go)."
)


def upgrade() -> None:
    """Add the index; PostgreSQL also learns the new kind of link."""
    op.create_index("ix_snapshot_file_offset", "snapshot", ["file", "offset"])
    if op.get_bind().dialect.name != "sqlite":  # which keeps no words about its columns
        op.alter_column("chain", "kind", existing_type=PlainText(), existing_nullable=False, comment=KIND)
