"""Watches, channels, alerts and deliveries: all SQL of telling. `schedules` matches and sends; here it is kept.

Alerts and their deliveries are staged in one transaction with marking their events as matched: a crash before it
repeats the matching, a crash after it loses nothing.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, delete, func, or_, select
from sqlalchemy.orm import Session

from storage.clock import Clock
from storage.engine import reading, writing
from storage.errors import OperatorError
from storage.models import Alert, Channel, Delivery, DeliveryAlert, Event, Mute, Owner, Version, Watch, WatchChannel
from storage.rows_watch import AlertRow, ChannelRow, DeliveryRow, NewAlert, UnmatchedEvent, WatchRow
from storage.watch_queries import alert_rows, channel_row, delivery_rows, unmatched_rows, watch_rows

__all__ = ["AlertRow", "ChannelRow", "DeliveryRow", "NewAlert", "UnmatchedEvent", "WatchBook", "WatchRow"]


class WatchBook:
    """Keeps who wants to know what, and what became of it."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    # -- watches, channels, mutes ----------------------------------------------------------------------------------

    def add_watch(
        self,
        name: str,
        query: str,
        filters: dict[str, Any] | None = None,
        *,
        include_backlog: bool = False,
        channels: Iterable[int] = (),
        owner: str = "local",
    ) -> int:
        """Keep a watch; returns its id. The query is taken as given: parse it first.

        Raises OperatorError where the owner has a watch of that name, or a channel does not exist."""
        with writing(self._engine) as session:
            owner_id = self._owner(session, owner)
            if session.scalar(select(Watch.id).where(Watch.owner_id == owner_id, Watch.name == name)) is not None:
                raise OperatorError(f"there is a watch named {name!r} already. Remove it, or choose another name.")
            watch = Watch(
                owner_id=owner_id, name=name, query=query, filters=dict(filters or {}),
                include_backlog=include_backlog, cadence="at_once", enabled=True, created_at=self._clock.now(),
            )  # fmt: skip
            session.add(watch)
            session.flush()
            for channel_id in dict.fromkeys(channels):
                if session.get(Channel, channel_id) is None:
                    raise OperatorError(f"there is no channel {channel_id}")
                session.add(WatchChannel(watch_id=watch.id, channel_id=channel_id))
            return watch.id

    def remove_watch(self, name: str, owner: str = "local") -> None:
        """Stop a watch; its alerts stay. Raises OperatorError where there is none of that name."""
        with writing(self._engine) as session:
            watch = session.scalar(select(Watch).join(Owner).where(Owner.name == owner, Watch.name == name))
            if watch is None:
                raise OperatorError(f"there is no watch named {name!r}. See 'policy-crawler watch list'.")
            watch.enabled = False
            watch.name = f"{name} (removed {watch.id})"
            session.execute(delete(WatchChannel).where(WatchChannel.watch_id == watch.id))

    def watches(self) -> list[WatchRow]:
        """The enabled watches, the oldest first."""
        with reading(self._engine) as session:
            return watch_rows(session)

    def add_channel(self, kind: str, target: str, owner: str = "local") -> int:
        """Keep a channel; the one that is there already is used again. Returns its id."""
        with writing(self._engine) as session:
            owner_id = self._owner(session, owner)
            channel = session.scalar(
                select(Channel).where(Channel.owner_id == owner_id, Channel.kind == kind, Channel.target == target)
            )
            if channel is None:
                channel = Channel(
                    owner_id=owner_id, kind=kind, target=target, enabled=True, created_at=self._clock.now()
                )
                session.add(channel)
            channel.enabled = True
            session.flush()
            return channel.id

    def channels(self) -> list[ChannelRow]:
        """All channels, the oldest first."""
        query = select(Channel, Owner.name).join(Owner, Owner.id == Channel.owner_id).order_by(Channel.id)
        with reading(self._engine) as session:
            return [channel_row(channel, owner) for channel, owner in session.execute(query)]

    def mute(
        self,
        *,
        watch_id: int | None = None,
        source_id: str | None = None,
        document_id: int | None = None,
        until: datetime | None = None,
        reason: str = "",
        owner: str = "local",
    ) -> int:
        """Deliver nothing of this watch, source or document (what is given must all fit) until then, or for ever.

        Raises OperatorError where nothing is given, which would mute everything."""
        if watch_id is None and source_id is None and document_id is None:
            raise OperatorError("say what to mute: a watch, a source or a document")
        with writing(self._engine) as session:
            mute = Mute(
                owner_id=self._owner(session, owner), watch_id=watch_id, source_id=source_id,
                document_id=document_id, until=until, reason=reason, created_at=self._clock.now(),
            )  # fmt: skip
            session.add(mute)
            session.flush()
            return mute.id

    def unmute(self, mute_id: int) -> None:
        """End a mute."""
        with writing(self._engine) as session:
            session.execute(delete(Mute).where(Mute.id == mute_id))

    def _owner(self, session: Session, name: str) -> int:
        owner = session.scalar(select(Owner).where(Owner.name == name))
        if owner is None:
            owner = Owner(name=name, created_at=self._clock.now())
            session.add(owner)
            session.flush()
        return owner.id

    # -- events to alerts ------------------------------------------------------------------------------------------

    def unmatched_events(self, limit: int = 200) -> list[UnmatchedEvent]:
        """Published events that watches were not matched against, the oldest first."""
        with reading(self._engine) as session:
            return unmatched_rows(session, limit)

    def store_matches(self, event_ids: Collection[int], alerts: Iterable[NewAlert]) -> list[int]:
        """Keep alerts, stage their deliveries and mark the events as matched, in one transaction. Returns the ids of
        the alerts that are new: one a watch, version and kind of event, whoever matches it, however often.

        A delivery carries the new alerts of one run for one channel; an alert of several watches is one message."""
        now = self._clock.now()
        with writing(self._engine) as session:
            waiting = {
                event.id: event
                for event in session.scalars(
                    select(Event).where(Event.id.in_(list(event_ids)), Event.matched_at.is_(None))
                )
            }
            kept: list[Alert] = []
            for new in alerts:
                event = waiting.get(new.event_id)
                if event is not None and not self._is_told(session, new.watch_id, event):
                    kept.append(self._keep_alert(session, new, event, now))
                    session.flush()
            self._stage(session, [alert for alert in kept if not alert.muted], waiting, now)
            for event in waiting.values():
                event.matched_at = now
            return [alert.id for alert in kept]

    def _is_told(self, session: Session, watch_id: int, event: Event) -> bool:
        same = select(Alert.id).where(Alert.watch_id == watch_id)
        if event.version_id is None:
            same = same.where(Alert.event_id == event.id)
        elif event.kind == "added":  # a further source may list it once it has another version: it is added once
            versions = select(Version.id).where(Version.document_id == event.document_id)
            same = same.where(Alert.version_id.in_(versions), Alert.kind == event.kind)
        else:
            same = same.where(Alert.version_id == event.version_id, Alert.kind == event.kind)
        return session.scalar(same.limit(1)) is not None

    def _keep_alert(self, session: Session, new: NewAlert, event: Event, now: datetime) -> Alert:
        watch = session.get_one(Watch, new.watch_id)
        fits = (
            Mute.owner_id == watch.owner_id,
            or_(Mute.until.is_(None), Mute.until > now),
            or_(Mute.watch_id.is_(None), Mute.watch_id == watch.id),
            or_(Mute.source_id.is_(None), Mute.source_id == event.source_id),
            or_(Mute.document_id.is_(None), Mute.document_id == event.document_id),
        )
        alert = Alert(
            watch_id=watch.id, event_id=event.id, kind=event.kind, document_id=event.document_id,
            version_id=event.version_id, terms=[_plain(term) for term in new.terms],
            muted=session.scalar(select(Mute.id).where(*fits).limit(1)) is not None, created_at=now,
        )  # fmt: skip
        session.add(alert)
        return alert

    def _stage(self, session: Session, alerts: list[Alert], events: dict[int, Event], now: datetime) -> None:
        groups: dict[tuple[int, int], list[Alert]] = defaultdict(list)
        for alert in alerts:
            used = (
                select(Channel.id).join(WatchChannel, WatchChannel.channel_id == Channel.id)
                .where(WatchChannel.watch_id == alert.watch_id, Channel.enabled.is_(True))
            )  # fmt: skip
            for channel_id in session.scalars(used):
                groups[channel_id, events[alert.event_id].run_id].append(alert)
        for (channel_id, _), carried in sorted(groups.items(), key=lambda item: item[0]):
            delivery = Delivery(
                channel_id=channel_id, message_id=uuid.uuid4().hex, state="pending", attempts=0,
                next_attempt_at=now, created_at=now,
            )  # fmt: skip
            session.add(delivery)
            session.flush()
            session.add_all([DeliveryAlert(delivery_id=delivery.id, alert_id=alert.id) for alert in carried])
        session.flush()

    # -- deliveries ------------------------------------------------------------------------------------------------

    def due_deliveries(self, now: datetime, per_channel: int = 100) -> list[DeliveryRow]:
        """Deliveries that should be sent now and that nobody is sending, the longest waiting first. At most so many of
        one channel: a server that is down piles up hundreds, which must not hide those of the others."""
        free = or_(Delivery.held_until.is_(None), Delivery.held_until <= now)
        waiting = (
            select(
                Delivery.id, Delivery.next_attempt_at,
                func.row_number()
                .over(partition_by=Delivery.channel_id, order_by=(Delivery.next_attempt_at, Delivery.id))
                .label("place"),
            )
            .where(Delivery.state == "pending", Delivery.next_attempt_at <= now, free)
            .subquery()
        )  # fmt: skip
        query = (
            select(waiting.c.id).where(waiting.c.place <= per_channel).order_by(waiting.c.next_attempt_at, waiting.c.id)
        )
        with reading(self._engine) as session:
            return delivery_rows(session, list(session.scalars(query)))

    def claim_delivery(self, delivery_id: int, holder: str, until: datetime) -> DeliveryRow | None:
        """Take a due delivery for oneself until then; None where it is sent, not due, or another's."""
        now = self._clock.now()
        with writing(self._engine) as session:
            delivery = session.get(Delivery, delivery_id)
            if delivery is None or delivery.state != "pending" or delivery.next_attempt_at > now:
                return None
            if delivery.holder not in {None, holder} and delivery.held_until and delivery.held_until > now:
                return None
            delivery.holder, delivery.held_until = holder, until
            delivery.attempts += 1
            session.flush()
            return delivery_rows(session, [delivery.id])[0]

    def delivery_sent(self, delivery_id: int, receipt: str) -> None:
        """The channel took it."""
        with writing(self._engine) as session:
            delivery = session.get_one(Delivery, delivery_id)
            delivery.state, delivery.receipt, delivery.sent_at = "sent", receipt, self._clock.now()
            delivery.holder = delivery.held_until = delivery.error = None

    def delivery_failed(
        self, delivery_id: int, error: str, next_attempt_at: datetime | None, *, holder: str | None = None
    ) -> None:
        """It did not get through; it is tried again then, or given up with None.

        With `holder`, nothing happens where the claim has passed to another meanwhile."""
        with writing(self._engine) as session:
            delivery = session.get_one(Delivery, delivery_id)
            if delivery.state != "pending" or (holder is not None and delivery.holder not in {None, holder}):
                return
            delivery.error, delivery.holder, delivery.held_until = error, None, None
            if next_attempt_at is None:
                delivery.state = "dead"
            else:
                delivery.next_attempt_at = next_attempt_at

    def deliveries(self, limit: int = 100) -> list[DeliveryRow]:
        """The last deliveries, newest first."""
        with reading(self._engine) as session:
            ids = session.scalars(select(Delivery.id).order_by(Delivery.id.desc()).limit(limit))
            return delivery_rows(session, list(ids))

    def alerts(self, limit: int = 100, *, run_id: int | None = None) -> list[AlertRow]:
        """The last alerts, newest first."""
        query = select(Alert.id).order_by(Alert.id.desc()).limit(limit)
        if run_id is not None:
            query = query.join(Event, Event.id == Alert.event_id).where(Event.run_id == run_id)
        with reading(self._engine) as session:
            return alert_rows(session, list(session.scalars(query)))


def _plain(term: Any) -> Any:
    return term._asdict() if hasattr(term, "_asdict") else term
