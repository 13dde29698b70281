"""From events to alerts and their deliveries: what is still to be matched, and keeping what matched.

Alerts and their deliveries are staged in one transaction with marking their events as matched: a crash before it
repeats the matching, a crash after it loses nothing.
"""

import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, delete, func, or_, select
from sqlalchemy.orm import Session

from storage.clock import Clock
from storage.engine import reading, writing
from storage.models import (
    Alert,
    Channel,
    Delivery,
    DeliveryAlert,
    Enrichment,
    Event,
    Mute,
    Version,
    Watch,
    WatchChannel,
)
from storage.rows_watch import NewAlert, UnmatchedEvent
from storage.watch_list import holding
from storage.watch_queries import batched, enriched_rows, past_rows, rows_about, unmatched_rows

MOST_CARRIED = 500  # alerts of one message that waits; what comes then begins another


class Matches:
    """The events of one archive that wait for matching, and what came of those that did."""

    _engine: Engine
    _clock: Clock
    _window: timedelta  # that a message waits for more to come

    def unmatched_events(self, limit: int = 200) -> list[UnmatchedEvent]:
        """Published events that watches were not matched against, the oldest first."""
        with reading(self._engine) as session:
            return unmatched_rows(session, limit)

    def enriched_events(self, limit: int = 200) -> tuple[list[UnmatchedEvent], list[int]]:
        """Events that were matched, of versions that something arrived for since; and the numbers of all enrichments
        that are dealt with once these are. What is still being crawled waits."""
        with reading(self._engine) as session:
            return enriched_rows(session, limit, self._clock.now())

    def events_about(self, *, document_id: int | None = None, event_id: int | None = None) -> list[UnmatchedEvent]:
        """Events of a document, or the one of that number, of whatever state, the oldest first, with what watches are
        matched against now."""
        with reading(self._engine) as session:
            return rows_about(session, document_id, event_id)

    def past_events(self, after: int, since: datetime, until: datetime, limit: int) -> list[UnmatchedEvent]:
        """Events past number `after`, the oldest first: what became of documents between two moments, and the documents
        that were published then, whenever they were found. No event that was told before under another source."""
        with reading(self._engine) as session:
            return past_rows(session, after, since, until, limit)

    def store_matches(
        self, event_ids: Collection[int], alerts: Iterable[NewAlert], enrichments: Sequence[int] = ()
    ) -> list[int]:
        """Keep alerts, stage their deliveries and mark the events as matched and the enrichments as dealt with, in one
        transaction. Returns the ids of the alerts that are new: one a watch, version and kind of event, whoever
        matches it, however often.

        What is due at once is one delivery for a channel until that is begun to be sent; what is due later joins what
        the channel collects until then. An event is told once by a channel, as early as any of its watches asks, and
        names all of them."""
        now = self._clock.now()
        wanted = list(alerts)
        with writing(self._engine) as session:
            waiting = _events(session, event_ids, wanted)
            kept = _Keeper(session, waiting, now).keep(wanted)
            _stage(session, [(alert, new) for alert, new in kept if not alert.muted], now, self._window)
            for event_id in event_ids:
                if event_id in waiting:
                    waiting[event_id].matched_at = now
            for ids in batched(enrichments):
                session.execute(delete(Enrichment).where(Enrichment.id.in_(ids)))
            return [alert.id for alert, _ in kept]

    def mend_due(self, due_again: Callable[[str, datetime], datetime]) -> int:
        """Bring back what a clock that was set back since has put too far ahead: messages that wait for their first
        attempt. `due_again` says when a digest of a rhythm is due that is begun now. Returns how many were moved."""
        now = self._clock.now()
        ahead = select(Delivery).where(
            Delivery.state == "pending", Delivery.attempts == 0, Delivery.next_attempt_at > now
        )  # fmt: skip
        with reading(self._engine) as session:
            late = [row.id for row in session.scalars(ahead) if _mended(row, due_again, now) is not None]
        if not late:
            return 0
        moved = 0
        with writing(self._engine) as session:
            for row in session.scalars(ahead.where(Delivery.id.in_(late[:1_000]))):
                if (at := _mended(row, due_again, now)) is not None:
                    row.next_attempt_at, moved = at, moved + 1
        return moved


def _mended(row: Delivery, due_again: Callable[[str, datetime], datetime], now: datetime) -> datetime | None:
    if row.digest is not None:
        at = due_again(row.digest, now)
        return at if at < row.next_attempt_at else None
    return now if row.created_at > now + timedelta(minutes=1) else None


def _events(session: Session, event_ids: Collection[int], wanted: Sequence[NewAlert]) -> dict[int, Event]:
    """The events that may be told: those not matched meanwhile, and those matched before whose text is richer now."""
    found: dict[int, Event] = {}
    for ids in batched(list(event_ids)):
        query = select(Event).where(Event.id.in_(ids), Event.matched_at.is_(None))
        found |= {event.id: event for event in session.scalars(query)}
    again = {new.event_id for new in wanted if new.later is not None} - set(event_ids)
    for ids in batched(sorted(again)):
        found |= {event.id: event for event in session.scalars(select(Event).where(Event.id.in_(ids)))}
    return found


class _Keeper:
    """Keeps the alerts that are new, with a few questions for each event, however many watches it matched."""

    def __init__(self, session: Session, events: dict[int, Event], now: datetime) -> None:
        self.session, self.events, self.now = session, events, now
        self.mutes = holding(session, now)

    def keep(self, wanted: Sequence[NewAlert]) -> list[tuple[Alert, NewAlert]]:
        by_event: dict[int, dict[int, NewAlert]] = {}
        for new in wanted:
            if new.event_id in self.events:
                by_event.setdefault(new.event_id, {}).setdefault(new.watch_id, new)
        kept = [pair for event_id, news in by_event.items() for pair in self._of(self.events[event_id], news)]
        self.session.flush()
        return kept

    def _of(self, event: Event, news: dict[int, NewAlert]) -> list[tuple[Alert, NewAlert]]:
        owners = self._owners(news)
        told = self._told(event, again=any(new.later is not None for new in news.values()))
        pairs = []
        for watch_id, new in news.items():
            if watch_id in told or watch_id not in owners:
                continue
            alert = Alert(
                watch_id=watch_id, event_id=event.id, kind=event.kind, document_id=event.document_id,
                version_id=event.version_id, terms=[_plain(term) for term in new.terms], later=new.later,
                muted=any(_fits(mute, owners[watch_id], watch_id, event) for mute in self.mutes), created_at=self.now,
            )  # fmt: skip
            self.session.add(alert)
            pairs.append((alert, new))
        self.session.flush()
        return pairs

    def _owners(self, news: dict[int, NewAlert]) -> dict[int, int]:
        """The owner of each watch that is still enabled."""
        found: dict[int, int] = {}
        for ids in batched(list(news)):
            query = select(Watch.id, Watch.owner_id).where(Watch.id.in_(ids), Watch.enabled.is_(True))
            found |= {row.id: row.owner_id for row in self.session.execute(query)}
        return found

    def _told(self, event: Event, *, again: bool) -> set[int]:
        """The watches that were told of it: of the event, or of the same kind of thing about the same version."""
        if event.version_id is None:
            same = Alert.event_id == event.id
        elif event.kind == "added":  # a further source may list it once it has another version: it is added once
            versions = select(Version.id).where(Version.document_id == event.document_id)
            same = Alert.version_id.in_(versions) & (Alert.kind == "added")
        else:
            same = (Alert.version_id == event.version_id) & (Alert.kind == event.kind)
        if again:  # what arrives later for a version is told to none who was told of it
            same = same | ((Alert.version_id == event.version_id) & Alert.kind.in_(("added", "changed")))
        return set(self.session.scalars(select(Alert.watch_id).where(same)))


def _fits(mute: Mute, owner_id: int, watch_id: int, event: Event) -> bool:
    return (
        mute.owner_id == owner_id
        and mute.watch_id in {None, watch_id}
        and mute.source_id in {None, event.source_id}
        and mute.document_id in {None, event.document_id}
    )


def _stage(session: Session, alerts: Sequence[tuple[Alert, NewAlert]], now: datetime, window: timedelta) -> None:
    """Deliveries for alerts that are new."""
    channels = _channels(session, {alert.watch_id for alert, _ in alerts})
    told: dict[tuple[int, int], list[tuple[Alert, NewAlert]]] = defaultdict(list)
    for alert, new in alerts:
        for channel_id in channels[alert.watch_id]:
            told[channel_id, alert.event_id].append((alert, new))
    at_once: dict[int, list[Alert]] = defaultdict(list)
    later: dict[tuple[int, datetime], list[Alert]] = defaultdict(list)
    rhythms: dict[tuple[int, datetime], str] = {}
    for (channel_id, _), pairs in sorted(told.items(), key=lambda item: item[0]):
        first = min((new for _, new in pairs), key=lambda new: new.due_at or now)
        carried = [alert for alert, _ in pairs]
        if first.digest is None or first.due_at is None:
            at_once[channel_id] += carried
        else:
            later[channel_id, first.due_at] += carried
            rhythms.setdefault((channel_id, first.due_at), first.digest)
    for channel_id, carried in at_once.items():
        into = _waiting(session, channel_id) or _new_delivery(session, channel_id, now + window, now, None)
        _carry(session, into, carried)
    for key, carried in later.items():
        _carry(session, _collecting(session, *key) or _new_delivery(session, *key, now, rhythms[key]), carried)
    session.flush()


def _collecting(session: Session, channel_id: int, at: datetime) -> Delivery | None:
    """What the channel collects until then, if nobody has begun to send it."""
    query = select(Delivery).where(
        Delivery.channel_id == channel_id, Delivery.state == "pending", Delivery.attempts == 0,
        Delivery.next_attempt_at == at, Delivery.digest.is_not(None),
    )  # fmt: skip
    return session.scalars(query.order_by(Delivery.id).limit(1).with_for_update()).first()


def _waiting(session: Session, channel_id: int) -> Delivery | None:
    """What the channel was not sent yet, because it waits for more, is busy, at its limit or fails: it takes all that
    comes meanwhile, so that the channel says it in one message."""
    query = select(Delivery).where(
        Delivery.channel_id == channel_id, Delivery.state == "pending", Delivery.attempts + Delivery.probes == 0,
        Delivery.digest.is_(None), Delivery.notice.is_(None), Delivery.held_until.is_(None),
    )  # fmt: skip
    found = session.scalars(query.order_by(Delivery.id.desc()).limit(1).with_for_update(skip_locked=True)).first()
    if found is None:
        return None
    carried = session.scalar(select(func.count()).where(DeliveryAlert.delivery_id == found.id)) or 0
    return found if carried < MOST_CARRIED else None


def _new_delivery(session: Session, channel_id: int, at: datetime, now: datetime, digest: str | None) -> Delivery:
    channel = session.get_one(Channel, channel_id)  # one that the service disabled keeps what comes, for a replay
    delivery = Delivery(
        channel_id=channel_id, message_id=uuid.uuid4().hex, state="pending" if channel.enabled else "dead",
        error=None if channel.enabled else f"the channel was disabled: {channel.disabled_reason}",
        attempts=0, probes=0, next_attempt_at=at, created_at=now, digest=digest,
    )  # fmt: skip
    session.add(delivery)
    session.flush()
    return delivery


def _carry(session: Session, delivery: Delivery, alerts: Sequence[Alert]) -> None:
    session.add_all([DeliveryAlert(delivery_id=delivery.id, alert_id=alert.id) for alert in alerts])


def _channels(session: Session, watch_ids: Collection[int]) -> dict[int, list[int]]:
    """The enabled channels of each watch."""
    found: dict[int, list[int]] = defaultdict(list)
    for ids in batched(sorted(watch_ids)):
        used = (
            select(WatchChannel.watch_id, Channel.id)
            .join(Channel, Channel.id == WatchChannel.channel_id)
            .where(WatchChannel.watch_id.in_(ids), or_(Channel.enabled.is_(True), Channel.disabled_reason.is_not(None)))
            .order_by(WatchChannel.watch_id, Channel.id)
        )
        for watch_id, channel_id in session.execute(used):
            found[watch_id].append(channel_id)
    return found


def _plain(term: Any) -> Any:
    return term._asdict() if hasattr(term, "_asdict") else term
