"""The hash chain: what an archive holds by now becomes its first links, in the order of the row ids.

Revision: 0006. Date: 2026-11-24.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from storage import chain
from storage.columns import Identifier, PlainJson, PlainText, UtcDateTime

# fmt: off

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

FORM = 1
BATCH = 500  # rows at once: readings hold whole texts

_JSON = {"headers", "issuers", "blocks", "attachments", "mentions", "evidence", "alternatives"}
_DAYS = {"written", "published", "effective", "expires", "deadline"}
_MOMENTS = {"fetched_at", "read_at", "published_at", "deadline_at", "at"}
_NUMBERS = {"id", "run_id", "snapshot_id", "status", "bytes", "duration_ms", "text_length"}
_TRUTHS = {"tls_verified", "images_carry_text"}


def upgrade() -> None:
    """Make the table and link every snapshot, reading and ended run's fetches."""
    text = PlainText()
    op.create_table(
        "chain",
        sa.Column("id", Identifier, nullable=False, autoincrement=False,
                  comment="Its place in the chain: 1, 2, 3 … without a gap."),
        sa.Column("kind", text, nullable=False,
                  comment="snapshot, reading, run (the fetches of one that ended) or erasure (of a document)."),
        sa.Column("row_id", Identifier, nullable=False, comment="Number of the row in that table."),
        sa.Column("form", sa.Integer(), nullable=False,
                  comment="Which fields, in which form, the digest is over (storage/chain.py)."),
        sa.Column("digest", text, nullable=False, comment="SHA-256 of the row as it was written."),
        sa.Column("marks", text, nullable=False,
                  comment="The start of each field's own SHA-256, to say which one differs."),
        sa.Column("hash", text, nullable=False, comment="SHA-256 over this link and the hash of the one before."),
        sa.PrimaryKeyConstraint("id", name="pk_chain"),
        comment="A hash chain over rows as they were written; `policy-crawler verify` compares them with it.",
    )
    op.create_index("ix_chain_kind_row_id", "chain", ["kind", "row_id"])
    links = Links()
    for table in ("snapshot", "reading"):
        for row in rows(table):
            links.add(table, row["id"], chain.row_digests(table, row, FORM))
    finished = sa.text("SELECT id FROM run WHERE state = 'finished' ORDER BY id")
    for run_id in op.get_bind().execute(finished).scalars().all():
        links.add("run", run_id, chain.fetches_digests(rows("fetch", run_id), FORM))
    links.write()


class Links:
    """The links made so far; written in batches."""

    def __init__(self) -> None:
        self.number, self.previous, self.waiting = 0, chain.START, []

    def add(self, kind: str, row_id: int, digests: chain.Digests) -> None:
        self.number += 1
        link: dict[str, Any] = {"id": self.number, "kind": kind, "row_id": row_id, "form": FORM,
                                "digest": digests[0], "marks": digests[1]}
        self.previous = link["hash"] = chain.link_hash(self.previous, link)
        self.waiting.append(link)
        if len(self.waiting) >= BATCH:
            self.write()

    def write(self) -> None:
        if self.waiting:
            names = ("id", "kind", "row_id", "form", "digest", "marks", "hash")
            op.get_bind().execute(sa.table("chain", *(sa.column(name) for name in names)).insert(), self.waiting)
            self.waiting = []


def rows(table: str, run_id: int | None = None) -> Any:
    """The rows of a table as this schema has them, by id."""
    names = dict.fromkeys(("id", *chain.FIELDS[FORM][table]))
    source = sa.table(table, *(sa.column(name, kind(name)) for name in names))
    last = 0
    while True:
        query = sa.select(source).where(source.c.id > last).order_by(source.c.id).limit(BATCH)
        if run_id is not None:
            query = query.where(source.c.run_id == run_id)
        found = op.get_bind().execute(query).mappings().all()
        yield from found
        if len(found) < BATCH:
            return
        last = found[-1]["id"]


def kind(name: str) -> Any:
    """The type of a column by its name; the three tables use each name alike."""
    if name in _JSON:
        return PlainJson()
    if name in _DAYS:
        return sa.Date()
    if name in _MOMENTS:
        return UtcDateTime()
    if name in _NUMBERS:
        return Identifier
    return sa.Boolean() if name in _TRUTHS else PlainText()
