"""Words that OCR reads in files: which pictures wait for it, and how sure it was of those that it read.

Scans and pictures that were kept before wait, as many as are not known: one each.

Revision: 0004. Date: 2026-11-24.
"""

import sqlalchemy as sa
from alembic import op

from storage.columns import PlainJson, PlainText

# fmt: off

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

VERSION = "attachment_version"


def upgrade() -> None:
    """Add the columns, and let what was kept without words wait."""
    _add("pictures_waiting", sa.Integer(),
         "Pictures and pages that are pictures whose words are still to be recognised; null or 0: none.")
    _add("ocr_confidence", sa.Integer(),
         "How sure OCR was of the words it read, in per cent; null: none of the text is by OCR.")
    _add("ocr_pictures", PlainJson(),
         "What OCR made of the first pictures, while others wait: [[words, confidence], …].")
    op.create_index("ix_attachment_version_pictures_waiting", VERSION, ["pictures_waiting"])
    version = sa.table(VERSION, sa.column("pictures_waiting", sa.Integer()), sa.column("text_state", PlainText()))
    op.get_bind().execute(
        version.update().where(version.c.text_state.in_(("scanned", "picture"))).values(pictures_waiting=1)
    )


def _add(name, type_, comment):
    op.add_column(VERSION, sa.Column(name, type_, nullable=True, comment=comment))
