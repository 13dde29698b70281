"""Where people are told, and what became of each message: channels, deliveries and their parts."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from storage.columns import Identifier, PlainJson
from storage.models.base import Base, row_id, to


class Channel(Base):
    """Where deliveries go. No secret is kept here: `address` and `secret` say where it is, file:PATH or env:NAME."""

    __tablename__ = "channel"
    __table_args__ = (
        UniqueConstraint("owner_id", "kind", "target"),
        {"comment": "Where deliveries go."},
    )

    id: Mapped[int] = row_id()
    owner_id: Mapped[int] = to("owner.id", "Whose it is.")
    kind: Mapped[str] = mapped_column(comment="email, terminal, webhook, dingtalk, feishu, wecom, apprise or feed.")
    target: Mapped[str] = mapped_column(comment="An address that is no secret, or the channel's name.")
    address: Mapped[str | None] = mapped_column(
        comment="Where its URL is kept, which is a secret: file:PATH or env:NAME; null: the target says it."
    )
    secret: Mapped[str | None] = mapped_column(
        comment="Where the secret that signs is kept: file:PATH or env:NAME; null: nothing is signed."
    )
    secret_before: Mapped[str | None] = mapped_column(comment="Where the secret before the last change is kept.")
    rotated_at: Mapped[datetime | None] = mapped_column(comment="When the secret was changed.")
    operator: Mapped[bool] = mapped_column(
        server_default=false(), comment="Whether it is told of the service's own troubles, as failing channels."
    )
    enabled: Mapped[bool] = mapped_column(comment="Whether anything is sent there.")
    disabled_reason: Mapped[str | None] = mapped_column(
        comment="Why the service disabled it; null: it is enabled, or was disabled by a person."
    )
    failing_since: Mapped[datetime | None] = mapped_column(comment="Since when nothing gets through; null: it does.")
    failures: Mapped[int] = mapped_column(server_default="0", comment="Failed attempts in a row.")
    probe_at: Mapped[datetime | None] = mapped_column(
        comment="When one delivery is tried to see whether it works again; null: it works."
    )
    told_at: Mapped[datetime | None] = mapped_column(comment="When its owner was told that it fails.")
    worked_at: Mapped[datetime | None] = mapped_column(comment="When something got through last.")
    error: Mapped[str | None] = mapped_column(comment="What went wrong last.")
    removed_at: Mapped[datetime | None] = mapped_column(comment="When it was removed; its deliveries stay.")
    created_at: Mapped[datetime] = mapped_column(comment="When made.")


class Delivery(Base):
    """One attempt series to bring alerts to one channel."""

    __tablename__ = "delivery"
    __table_args__ = (
        Index("ix_delivery_state_next_attempt_at", "state", "next_attempt_at"),
        {"comment": "One attempt series to bring alerts to one channel."},
    )

    id: Mapped[int] = row_id()
    channel_id: Mapped[int] = to("channel.id", "The channel.", index=True)
    message_id: Mapped[str] = mapped_column(unique=True, comment="Stable id of the message, the same in every attempt.")
    state: Mapped[str] = mapped_column(comment="pending, sent or dead (given up).")
    attempts: Mapped[int] = mapped_column(comment="Attempts by its schedule so far.")
    probes: Mapped[int] = mapped_column(
        server_default="0", comment="Attempts to see whether a failing channel works again; they do not count."
    )
    next_attempt_at: Mapped[datetime] = mapped_column(comment="When the next attempt is due.")
    digest: Mapped[str | None] = mapped_column(
        comment="The rhythm of a message that collects until it is due, as daily 08:00 Asia/Shanghai; null: at once."
    )
    notice: Mapped[dict[str, Any] | None] = mapped_column(
        PlainJson, comment="What it tells of the service itself, as a failing channel; null: it carries alerts."
    )
    holder: Mapped[str | None] = mapped_column(comment="Who is sending it now.")
    held_until: Mapped[datetime | None] = mapped_column(comment="Until when nobody else may send it.")
    created_at: Mapped[datetime] = mapped_column(comment="When staged.")
    sent_at: Mapped[datetime | None] = mapped_column(comment="When the channel took it.")
    receipt: Mapped[str | None] = mapped_column(comment="What the channel answered.")
    error: Mapped[str | None] = mapped_column(comment="What went wrong last.")


class DeliveryAlert(Base):
    """Which alerts a delivery carries."""

    __tablename__ = "delivery_alert"
    __table_args__ = ({"comment": "Which alerts a delivery carries."},)

    delivery_id: Mapped[int] = mapped_column(
        Identifier, ForeignKey("delivery.id"), primary_key=True, comment="The delivery."
    )
    alert_id: Mapped[int] = mapped_column(Identifier, ForeignKey("alert.id"), primary_key=True, comment="The alert.")


class DeliveryPart(Base):
    """One message of a delivery, which a channel with limits takes in several. Written before the first attempt."""

    __tablename__ = "delivery_part"
    __table_args__ = (
        Index("ix_delivery_part_channel_id_sent_at", "channel_id", "sent_at"),
        {"comment": "The messages of a delivery, as they are sent in every attempt."},
    )

    delivery_id: Mapped[int] = mapped_column(
        Identifier, ForeignKey("delivery.id"), primary_key=True, comment="The delivery."
    )
    number: Mapped[int] = mapped_column(primary_key=True, comment="Its place, from 1.")
    channel_id: Mapped[int] = to("channel.id", "The delivery's channel, whose messages in a minute are counted.")
    content: Mapped[dict[str, Any] | None] = mapped_column(
        PlainJson, comment="What is sent, the same in every attempt; null once the delivery is through."
    )
    sent_at: Mapped[datetime | None] = mapped_column(comment="When the channel took it; null: not yet.")
    receipt: Mapped[str | None] = mapped_column(comment="What the channel answered.")
