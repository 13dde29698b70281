"""Channels with secrets kept elsewhere, probes of failing ones, and deliveries in parts.

Revision: 0015. Date: 2026-11-24.
"""

import sqlalchemy as sa
from alembic import op

from storage.columns import Identifier, PlainJson, PlainText, UtcDateTime

# fmt: off

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

ATTEMPTS = "Attempts by its schedule so far."
KINDS = "email, terminal, webhook, dingtalk, feishu, wecom, apprise or feed."
TARGET = "An address that is no secret, or the channel's name."


def upgrade() -> None:
    """Add the columns and the parts; the channels that are there have no secrets, and work."""
    _add("channel", "address", PlainText(),
         "Where its URL is kept, which is a secret: file:PATH or env:NAME; null: the target says it.")
    _add("channel", "secret", PlainText(),
         "Where the secret that signs is kept: file:PATH or env:NAME; null: nothing is signed.")
    _add("channel", "secret_before", PlainText(), "Where the secret before the last change is kept.")
    _add("channel", "rotated_at", UtcDateTime(), "When the secret was changed.")
    _add("channel", "operator", sa.Boolean(),
         "Whether it is told of the service's own troubles, as failing channels.", sa.false())
    _add("channel", "disabled_reason", PlainText(),
         "Why the service disabled it; null: it is enabled, or was disabled by a person.")
    _add("channel", "failing_since", UtcDateTime(), "Since when nothing gets through; null: it does.")
    _add("channel", "failures", sa.Integer(), "Failed attempts in a row.", "0")
    _add("channel", "probe_at", UtcDateTime(),
         "When one delivery is tried to see whether it works again; null: it works.")
    _add("channel", "told_at", UtcDateTime(), "When its owner was told that it fails.")
    _add("channel", "worked_at", UtcDateTime(), "When something got through last.")
    _add("channel", "error", PlainText(), "What went wrong last.")
    _add("channel", "removed_at", UtcDateTime(), "When it was removed; its deliveries stay.")
    _add("delivery", "probes", sa.Integer(),
         "Attempts to see whether a failing channel works again; they do not count.", "0")
    _add("delivery", "notice", PlainJson(),
         "What it tells of the service itself, as a failing channel; null: it carries alerts.")
    op.create_table(
        "delivery_part",
        sa.Column("delivery_id", Identifier, nullable=False, comment="The delivery."),
        sa.Column("number", sa.Integer(), nullable=False, comment="Its place, from 1."),
        sa.Column("channel_id", Identifier, nullable=False,
                  comment="The delivery's channel, whose messages in a minute are counted."),
        sa.Column("content", PlainJson(), nullable=True,
                  comment="What is sent, the same in every attempt; null once the delivery is through."),
        sa.Column("sent_at", UtcDateTime(), nullable=True, comment="When the channel took it; null: not yet."),
        sa.Column("receipt", PlainText(), nullable=True, comment="What the channel answered."),
        sa.PrimaryKeyConstraint("delivery_id", "number", name="pk_delivery_part"),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name="fk_delivery_part_delivery_id_delivery"),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name="fk_delivery_part_channel_id_channel"),
        comment="The messages of a delivery, as they are sent in every attempt.",
    )
    op.create_index("ix_delivery_part_channel_id_sent_at", "delivery_part", ["channel_id", "sent_at"])
    if op.get_bind().dialect.name != "sqlite":  # which keeps no words about its columns
        for table, column, comment in (
            ("delivery", "attempts", ATTEMPTS), ("channel", "kind", KINDS), ("channel", "target", TARGET),
        ):
            op.alter_column(table, column, comment=comment)


def _add(table: str, name: str, kind: object, comment: str, default: object = None) -> None:
    op.add_column(table, sa.Column(
        name, kind, nullable=default is None, server_default=default, comment=comment,
    ))


def downgrade() -> None:
    """Forget the parts and the columns."""
    op.drop_index("ix_delivery_part_channel_id_sent_at", "delivery_part")
    op.drop_table("delivery_part")
    for table, names in (
        ("delivery", ("notice", "probes")),
        ("channel", ("removed_at", "error", "worked_at", "told_at", "probe_at", "failures", "failing_since",
                     "disabled_reason", "operator", "rotated_at", "secret_before", "secret", "address")),
    ):
        for name in names:
            op.drop_column(table, name)
