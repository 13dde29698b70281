"""Deliveries: what is due, who is sending it, and what became of it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Select, delete, select, update
from sqlalchemy.orm import Session

from storage.channels import give_up_channel, tell_of_channel
from storage.clock import Clock
from storage.delivery_queries import LONGEST_PROBE, carried_by, delivery_rows, due_query, parts_of
from storage.engine import reading, writing
from storage.errors import OperatorError
from storage.models import Channel, Delivery, DeliveryPart
from storage.rows_channels import PartRow
from storage.rows_watch import DeliveryRow
from storage.watch_queries import alert_rows, batched


@dataclass(frozen=True, slots=True)
class Failure:
    """An attempt that did not get through. `again`: when this delivery is tried by its schedule, None: never. `probe`:
    when the channel is tried again with whatever waits; None where nothing is wrong with it. `disable`: why nothing
    more is sent there at all."""

    error: str
    again: datetime | None
    probe: datetime | None = None
    disable: str | None = None


class Deliveries:
    """The deliveries of one archive."""

    _engine: Engine
    _clock: Clock

    def due_deliveries(self, now: datetime, per_channel: int = 100, *, early: bool = False) -> list[tuple[int, int]]:
        """Deliveries that should be sent now and that nobody is sending, as (delivery, channel), each channel's oldest
        first. At most so many of one channel: a server that is down piles up hundreds, which must not hide those of
        the others. Of a failing channel one alone, when it may be tried. `early`: also what waits a moment for more to
        come."""
        with reading(self._engine) as session:
            return [(row[0], row[1]) for row in session.execute(due_query(now, per_channel, early=early))]

    def claim_delivery(
        self, delivery_id: int, holder: str, until: datetime, *, early: bool = False
    ) -> DeliveryRow | None:
        """Take a due delivery for oneself until then; None where it is sent, not due, or another's. A failing channel
        is tried by one claim at a time."""
        now = self._clock.now()
        with writing(self._engine) as session:
            delivery = session.get(Delivery, delivery_id, with_for_update=True)
            if delivery is None or delivery.state != "pending":
                return None
            if delivery.holder not in {None, holder} and delivery.held_until and delivery.held_until > now:
                return None
            channel = session.get_one(Channel, delivery.channel_id, with_for_update=True)
            by_schedule = early or delivery.next_attempt_at <= now
            if not channel.enabled or not _may_try(channel, delivery, now, by_schedule=by_schedule):
                return None
            if channel.probe_at is not None:
                channel.probe_at = until
            delivery.holder, delivery.held_until = holder, until
            if not by_schedule:
                delivery.probes += 1
            elif delivery.attempts == 0 or delivery.error is not None:  # else it was cut short, as by a limit
                delivery.attempts += 1
            session.flush()
            return rows_of(session, [delivery.id])[0]

    def freeze_delivery(self, delivery_id: int, contents: Iterable[dict[str, Any]]) -> tuple[PartRow, ...]:
        """Write down what is sent, before the first attempt: every attempt sends the same. Returns what was written
        first."""
        with writing(self._engine) as session:
            delivery = session.get_one(Delivery, delivery_id)
            known = parts_of(session, [delivery_id]).get(delivery_id, ())
            if known and all(part.content is not None or part.sent_at is not None for part in known):
                return known
            session.add_all(
                DeliveryPart(delivery_id=delivery_id, number=number, channel_id=delivery.channel_id, content=content)
                for number, content in enumerate(contents, 1)
            )
            session.flush()
            return parts_of(session, [delivery_id])[delivery_id]

    def part_sent(self, delivery_id: int, number: int, receipt: str, held_until: datetime) -> None:
        """The channel took one message of a delivery; the claim holds until then."""
        with writing(self._engine) as session:
            part = session.get_one(DeliveryPart, (delivery_id, number))
            part.sent_at, part.receipt = self._clock.now(), receipt
            session.get_one(Delivery, delivery_id).held_until = held_until

    def sent_since(self, channel_id: int, moment: datetime) -> list[datetime]:
        """When a channel took messages since then, the latest last."""
        query = select(DeliveryPart.sent_at).where(
            DeliveryPart.channel_id == channel_id, DeliveryPart.sent_at > moment
        )  # fmt: skip
        with reading(self._engine) as session:
            return [at for at in session.scalars(query.order_by(DeliveryPart.sent_at)) if at is not None]

    def delivery_sent(self, delivery_id: int, receipt: str) -> None:
        """The channel took it, whole. If the channel had failed, what failed with it is due again now."""
        now = self._clock.now()
        with writing(self._engine) as session:
            delivery = session.get_one(Delivery, delivery_id)
            delivery.state, delivery.receipt, delivery.sent_at = "sent", receipt, now
            delivery.holder = delivery.held_until = delivery.error = None
            for part in session.scalars(select(DeliveryPart).where(DeliveryPart.delivery_id == delivery_id)):
                part.content, part.sent_at = None, part.sent_at or now
            _works(session, session.get_one(Channel, delivery.channel_id), now)

    def delivery_failed(self, delivery_id: int, failure: Failure, *, holder: str | None = None) -> None:
        """It did not get through. With `holder`, nothing happens where the claim has passed to another meanwhile."""
        now = self._clock.now()
        with writing(self._engine) as session:
            delivery = session.get_one(Delivery, delivery_id)
            if delivery.state != "pending" or (holder is not None and delivery.holder not in {None, holder}):
                return
            delivery.error, delivery.holder, delivery.held_until = failure.error, None, None
            if failure.again is None:
                delivery.state = "dead"
            else:
                delivery.next_attempt_at = failure.again
            channel = session.get_one(Channel, delivery.channel_id)
            channel.error = failure.error
            if failure.probe is not None:
                channel.failing_since, channel.probe_at = channel.failing_since or now, failure.probe
                channel.failures += 1
            elif channel.probe_at is not None:  # the probe reached it, and only this message was not taken
                channel.probe_at = now
            session.flush()
            if failure.disable is not None and channel.enabled:
                give_up_channel(session, channel, failure.disable, now)

    def postpone_delivery(self, delivery_id: int, until: datetime, *, holder: str) -> None:
        """Give up the claim until then: the channel takes no more messages before."""
        with writing(self._engine) as session:
            delivery = session.get_one(Delivery, delivery_id)
            if delivery.state == "pending" and delivery.holder in {None, holder}:
                delivery.next_attempt_at = until
                delivery.holder = delivery.held_until = delivery.error = None

    def delivery(self, delivery_id: int) -> DeliveryRow:
        """One delivery. Raises OperatorError where there is none of that number."""
        with reading(self._engine) as session:
            found = rows_of(session, [delivery_id])
        if not found:
            raise OperatorError(f"there is no delivery {delivery_id}. See 'policy-crawler deliveries list'.")
        return found[0]

    def deliveries(
        self,
        limit: int = 100,
        *,
        state: str | None = None,
        channel_id: int | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> list[DeliveryRow]:
        """The last deliveries, newest first."""
        with reading(self._engine) as session:
            query = _chosen(state, channel_id, since, until).order_by(Delivery.id.desc()).limit(limit)
            return rows_of(session, list(session.scalars(query)))

    def replay(self, delivery_ids: Collection[int]) -> int:
        """Send these again, with the ids they had: what was given up goes on at the message not yet taken, what was
        sent is sent anew. What waits is left alone. Returns how many."""
        now = self._clock.now()
        with writing(self._engine) as session:
            found = 0
            for ids in batched(sorted(delivery_ids)):
                rows = session.scalars(select(Delivery).where(Delivery.id.in_(ids), Delivery.state != "pending"))
                for delivery in rows.all():
                    if delivery.state == "sent":
                        session.execute(delete(DeliveryPart).where(DeliveryPart.delivery_id == delivery.id))
                    delivery.state, delivery.attempts, delivery.probes = "pending", 0, 0
                    delivery.next_attempt_at, delivery.sent_at, delivery.receipt = now, None, None
                    found += 1
            return found

    def given_up(
        self, *, channel_id: int | None = None, since: datetime | None = None, until: datetime | None = None
    ) -> list[int]:
        """The ids of deliveries that were given up, the oldest first."""
        with reading(self._engine) as session:
            return list(session.scalars(_chosen("dead", channel_id, since, until).order_by(Delivery.id)))


def rows_of(session: Session, delivery_ids: Sequence[int]) -> list[DeliveryRow]:
    """The deliveries of these ids, in their order, each with its alerts."""
    carried = carried_by(session, delivery_ids)
    alerts = {alert.id: alert for alert in alert_rows(session, [one for many in carried.values() for one in many])}
    return delivery_rows(session, delivery_ids, alerts, carried)


def _may_try(channel: Channel, delivery: Delivery, now: datetime, *, by_schedule: bool) -> bool:
    if channel.probe_at is None:
        return by_schedule
    due = channel.probe_at <= now or channel.probe_at > now + LONGEST_PROBE
    return due and (by_schedule or delivery.attempts + delivery.probes > 0)


def _works(session: Session, channel: Channel, now: datetime) -> None:
    """The channel took something. What it failed to take is due again, and who was told that it fails is told."""
    if channel.failing_since is not None:
        failed = (Delivery.channel_id == channel.id) & (Delivery.state == "pending") & Delivery.error.is_not(None)
        session.execute(update(Delivery).where(failed).values(next_attempt_at=now))
    if channel.told_at is not None:
        tell_of_channel(session, channel, "delivery_recovered", "", now)
    channel.failing_since = channel.probe_at = channel.told_at = channel.error = None
    channel.failures, channel.worked_at = 0, now


def _chosen(state: str | None, channel_id: int | None, since: datetime | None, until: datetime | None) -> Select[int]:
    query = select(Delivery.id)
    if state is not None:
        query = query.where(Delivery.state == state)
    if channel_id is not None:
        query = query.where(Delivery.channel_id == channel_id)
    if since is not None:
        query = query.where(Delivery.created_at >= since)
    return query if until is None else query.where(Delivery.created_at < until)
