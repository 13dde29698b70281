"""The order of a document's files is that of its page, not that in which they came.

Revision: 0009. Date: 2026-11-24.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the place; of files known before it is not known, and they stand in the order in which they came."""
    op.add_column(
        "attachment",
        sa.Column(
            "position",
            sa.Integer(),
            nullable=True,
            comment="Its place among the files of the page, from 1; null: not known, and before the others.",
        ),
    )
