"""Where the issuer of a source is: what is searched and watched by region.

Revision: 0016. Date: 2026-11-24.
"""

import sqlalchemy as sa
from alembic import op

from storage.columns import PlainText

# fmt: off

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

REGION = "Province, city, district: 广东/深圳; empty: central; null: not said since the archive knows regions."


def upgrade() -> None:
    """Add the column; the catalog fills it when the archive is opened, and no document has to be indexed anew."""
    op.add_column("source", sa.Column("region", PlainText(), nullable=True, comment=REGION))


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("source", "region")
