"""What queries see of each document beside the index, so that what it finds is checked without making it anew.

Revision: 0014. Date: 2026-11-24.
"""

import sqlalchemy as sa
from alembic import op

from storage.columns import Identifier, PlainText

# fmt: off

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; it fills when the archive is opened, with the index that this release makes anew."""
    op.create_table(
        "search_text",
        sa.Column("rowid", Identifier, nullable=False, autoincrement=False, comment="The row of the full-text index."),
        sa.Column("content", PlainText(), nullable=False,
                  comment="Canonical texts and whole values, JSON; derived, no text for people."),
        sa.PrimaryKeyConstraint("rowid", name="pk_search_text"),
        sa.ForeignKeyConstraint(["rowid"], ["search_map.rowid"], name="fk_search_text_rowid_search_map",
                                ondelete="CASCADE"),
        comment="What queries see of a document's present state: what the index finds is checked against it.",
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("search_text")
