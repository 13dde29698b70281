"""SQL that fills the watch book's rows."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import Alert, Channel, Delivery, DeliveryAlert, Event, Owner, Reading, Version, Watch, WatchChannel
from storage.row_queries import event_row, event_select
from storage.rows_watch import AlertRow, ChannelRow, DeliveryRow, UnmatchedEvent, WatchRow
from storage.search_index import files_of, match_text, organs_of, sources_of, validity_of


def channel_row(channel: Channel, owner: str) -> ChannelRow:
    """The channel as its row tells it."""
    return ChannelRow(channel.id, channel.kind, channel.target, owner, channel.enabled)


def watch_rows(session: Session) -> list[WatchRow]:
    """The enabled watches with their channels, the oldest first."""
    used = (
        select(WatchChannel.watch_id, Channel, Owner.name)
        .join(Channel, Channel.id == WatchChannel.channel_id)
        .join(Owner, Owner.id == Channel.owner_id)
        .order_by(Channel.id)
    )
    channels: dict[int, list[ChannelRow]] = defaultdict(list)
    for watch_id, channel, owner in session.execute(used):
        channels[watch_id].append(channel_row(channel, owner))
    query = select(Watch, Owner.name).join(Owner, Owner.id == Watch.owner_id).where(Watch.enabled.is_(True))
    return [
        WatchRow(
            id=watch.id, name=watch.name, query=watch.query, filters=watch.filters,
            include_backlog=watch.include_backlog, enabled=watch.enabled, owner=owner,
            channels=tuple(channels[watch.id]), created_at=watch.created_at,
        )
        for watch, owner in session.execute(query.order_by(Watch.id))
    ]  # fmt: skip


def unmatched_rows(session: Session, limit: int) -> list[UnmatchedEvent]:
    """Published events that watches were not matched against, the oldest first, with their versions' texts."""
    query = (
        event_select()
        .add_columns(Reading)
        .outerjoin(Reading, Reading.id == Version.reading_id)
        .where(Event.state == "published", Event.matched_at.is_(None))
        .order_by(Event.id)
        .limit(limit)
    )
    rows = session.execute(query).all()
    documents = list({document.id for _, _, document, _, _ in rows if document is not None})
    sources, files = sources_of(session, documents), files_of(session, documents)
    validity = validity_of(session, documents)
    organs = organs_of(session, [text.id for *_, text in rows if text is not None])
    found: list[UnmatchedEvent] = []
    for event, source, document, version, text in rows:
        row = event_row(event, source, document, version)
        if document is None or text is None:
            found.append(UnmatchedEvent(row, None, (event.source_id,)))
        else:
            found_by = sources[document.id]
            seen = match_text(
                document, text, organs[text.id], found_by,
                files=files.get(document.id, ""), validity=validity[document.id],
            )  # fmt: skip
            found.append(UnmatchedEvent(row, seen, found_by))
    return found


def alert_rows(session: Session, alert_ids: Sequence[int]) -> list[AlertRow]:
    """The alerts of these ids, in their order."""
    return [row for ids in batched(alert_ids) for row in _alert_rows(session, ids)]


def batched(ids: Sequence[int], size: int = 1_000) -> Iterator[Sequence[int]]:
    """`ids` in parts that fit into one statement: databases take 32,766 (SQLite) or 65,535 values at most, and after
    days without a mail server more alerts than that may wait."""
    return (ids[start : start + size] for start in range(0, len(ids), size))


def _alert_rows(session: Session, alert_ids: Sequence[int]) -> list[AlertRow]:
    query = (
        event_select()
        .add_columns(Alert, Watch.name)
        .join(Alert, Alert.event_id == Event.id)
        .join(Watch, Watch.id == Alert.watch_id)
        .where(Alert.id.in_(alert_ids))
    )
    states: dict[int, set[str]] = defaultdict(set)
    carried = (
        select(DeliveryAlert.alert_id, Delivery.state)
        .join(Delivery, Delivery.id == DeliveryAlert.delivery_id)
        .where(DeliveryAlert.alert_id.in_(alert_ids))
    )
    for alert_id, state in session.execute(carried):
        states[alert_id].add(state)
    found = session.execute(query).all()
    validity = validity_of(session, list({event.document_id for event, *_ in found if event.document_id is not None}))
    rows = {
        alert.id: AlertRow(
            id=alert.id, watch_id=alert.watch_id, watch=watch, event=event_row(event, source, document, version),
            terms=tuple(alert.terms), muted=alert.muted, created_at=alert.created_at,
            state=_state(alert.muted, states[alert.id]), validity=validity.get(event.document_id or 0),
        )
        for event, source, document, version, alert, watch in found
    }  # fmt: skip
    return [rows[alert_id] for alert_id in alert_ids if alert_id in rows]


def _state(muted: bool, deliveries: set[str]) -> str:
    if muted:
        return "muted"
    return next((state for state in ("dead", "pending", "sent") if state in deliveries), "no channel")


def delivery_rows(session: Session, delivery_ids: Sequence[int]) -> list[DeliveryRow]:
    """The deliveries of these ids, in their order, each with its alerts."""
    alert_ids: dict[int, list[int]] = defaultdict(list)
    carried = (
        select(DeliveryAlert.delivery_id, DeliveryAlert.alert_id)
        .where(DeliveryAlert.delivery_id.in_(delivery_ids))
        .order_by(DeliveryAlert.alert_id)
    )
    for delivery_id, alert_id in session.execute(carried):
        alert_ids[delivery_id].append(alert_id)
    alerts = {alert.id: alert for alert in alert_rows(session, [one for many in alert_ids.values() for one in many])}
    query = (
        select(Delivery, Channel, Owner.name)
        .join(Channel, Channel.id == Delivery.channel_id)
        .join(Owner, Owner.id == Channel.owner_id)
        .where(Delivery.id.in_(delivery_ids))
    )
    rows = {
        row.id: DeliveryRow(
            id=row.id, channel=channel_row(channel, owner), message_id=row.message_id, state=row.state,
            attempts=row.attempts, next_attempt_at=row.next_attempt_at, held_until=row.held_until,
            created_at=row.created_at, sent_at=row.sent_at, receipt=row.receipt, error=row.error,
            alerts=tuple(alerts[alert_id] for alert_id in alert_ids[row.id]),
        )
        for row, channel, owner in session.execute(query)
    }  # fmt: skip
    return [rows[delivery_id] for delivery_id in delivery_ids if delivery_id in rows]
