"""SQL that fills the rows of channels and deliveries."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from storage.models import Channel, Delivery, DeliveryAlert, DeliveryPart, Owner
from storage.rows_channels import ChannelRow, PartRow
from storage.rows_watch import AlertRow, DeliveryRow

LONGEST_PROBE = timedelta(hours=25)  # no probe is set further ahead; one that is was set before the clock was set back
# Tries of one delivery, six hours of probes, after which a failing channel is tried with the next: it may be the
# message that a receiver cannot take. Before, the oldest: what is told stays in its order.
_PATIENCE = 72


def channel_row(channel: Channel, owner: str) -> ChannelRow:
    """The channel as its row tells it."""
    return ChannelRow(
        id=channel.id, kind=channel.kind, target=channel.target, owner=owner, enabled=channel.enabled,
        address=channel.address, secret=channel.secret, secret_before=channel.secret_before,
        rotated_at=channel.rotated_at, operator=channel.operator, disabled_reason=channel.disabled_reason,
        failing_since=channel.failing_since, failures=channel.failures, probe_at=channel.probe_at,
        told_at=channel.told_at, worked_at=channel.worked_at, error=channel.error,
    )  # fmt: skip


def probe_is_due(now: datetime) -> ColumnElement[bool]:
    """Channels that may be sent to: those that work, and failing ones whose probe's time has come."""
    return or_(Channel.probe_at.is_(None), Channel.probe_at <= now, Channel.probe_at > now + LONGEST_PROBE)


def due_query(now: datetime, per_channel: int, *, early: bool) -> Select[Any]:
    """(delivery, channel) of what to send now, the oldest of a channel first: at most so many of one channel; of a
    failing one the oldest alone, whenever its own time comes. `early`: first attempts too that wait for more."""
    free = or_(Delivery.held_until.is_(None), Delivery.held_until <= now)
    due: ColumnElement[bool] = Delivery.next_attempt_at <= now
    tries = Delivery.attempts + Delivery.probes
    if early:
        due = or_(due, (tries == 0) & Delivery.digest.is_(None))
    waiting = (
        select(
            Delivery.id, Delivery.channel_id, Channel.probe_at,
            func.row_number()
            .over(partition_by=Delivery.channel_id, order_by=(tries // _PATIENCE, Delivery.id))
            .label("place"),
        )
        .join(Channel, Channel.id == Delivery.channel_id)
        .where(
            Delivery.state == "pending", free, Channel.enabled.is_(True), probe_is_due(now),
            or_(due, and_(Channel.probe_at.is_not(None), tries > 0)),
        )
        .subquery()
    )  # fmt: skip
    most = or_(waiting.c.place == 1, and_(waiting.c.probe_at.is_(None), waiting.c.place <= per_channel))
    return select(waiting.c.id, waiting.c.channel_id).where(most).order_by(waiting.c.place, waiting.c.id)


def parts_of(session: Session, delivery_ids: Sequence[int]) -> dict[int, tuple[PartRow, ...]]:
    """The messages of deliveries, in their order; none for those never attempted."""
    query = (
        select(DeliveryPart)
        .where(DeliveryPart.delivery_id.in_(delivery_ids))
        .order_by(DeliveryPart.delivery_id, DeliveryPart.number)
    )
    found: dict[int, list[PartRow]] = defaultdict(list)
    for part in session.scalars(query):
        found[part.delivery_id].append(PartRow(part.number, part.content, part.sent_at, part.receipt))
    return {delivery_id: tuple(parts) for delivery_id, parts in found.items()}


def delivery_rows(
    session: Session, delivery_ids: Sequence[int], alerts: dict[int, AlertRow], carried: dict[int, list[int]]
) -> list[DeliveryRow]:
    """The deliveries of these ids, in their order, each with the alerts that it carries."""
    query = (
        select(Delivery, Channel, Owner.name)
        .join(Channel, Channel.id == Delivery.channel_id)
        .join(Owner, Owner.id == Channel.owner_id)
        .where(Delivery.id.in_(delivery_ids))
    )
    parts = parts_of(session, delivery_ids)
    rows = {
        row.id: DeliveryRow(
            id=row.id, channel=channel_row(channel, owner), message_id=row.message_id, state=row.state,
            attempts=row.attempts, probes=row.probes, next_attempt_at=row.next_attempt_at, held_until=row.held_until,
            created_at=row.created_at, sent_at=row.sent_at, receipt=row.receipt, error=row.error, digest=row.digest,
            notice=row.notice, parts=parts.get(row.id, ()), alerts=tuple(alerts[one] for one in carried[row.id]),
        )
        for row, channel, owner in session.execute(query)
    }  # fmt: skip
    return [rows[delivery_id] for delivery_id in delivery_ids if delivery_id in rows]


def carried_by(session: Session, delivery_ids: Sequence[int]) -> dict[int, list[int]]:
    """The ids of the alerts that deliveries carry."""
    query = (
        select(DeliveryAlert.delivery_id, DeliveryAlert.alert_id)
        .where(DeliveryAlert.delivery_id.in_(delivery_ids))
        .order_by(DeliveryAlert.alert_id)
    )
    found: dict[int, list[int]] = defaultdict(list)
    for delivery_id, alert_id in session.execute(query):
        found[delivery_id].append(alert_id)
    return found
