"""The number that a list's row prints beside a document: the document's own where its page shows none.

Revision: 0007. Date: 2026-11-24.
"""

import sqlalchemy as sa
from alembic import op

from storage.columns import PlainText

# fmt: off

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NUMBER = "Document number in the listing that led here."


def upgrade() -> None:
    """Add the column. Rows already read are not asked again for it."""
    op.add_column("page", sa.Column("list_number", PlainText(), nullable=True, comment=NUMBER))
