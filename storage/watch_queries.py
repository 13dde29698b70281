"""SQL that fills the watch book's rows."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from storage.clock import CHINA
from storage.delivery_queries import channel_row
from storage.match_text import MatchText
from storage.models import (
    Alert,
    Channel,
    Delivery,
    DeliveryAlert,
    Document,
    Enrichment,
    Event,
    Mute,
    Owner,
    Reading,
    Run,
    Source,
    Version,
    Watch,
    WatchChannel,
)
from storage.row_queries import event_row, event_select
from storage.rows import EventRow
from storage.rows_channels import ChannelRow
from storage.rows_watch import AlertRow, CarriedRow, MuteRow, UnmatchedEvent, WatchRow
from storage.search_index import match_texts, sources_of, validity_of

# What arrives later than this after its document was told is no news any more: told only where backlog is asked for.
ENRICHED_WITHIN = timedelta(days=30)


def watch_rows(session: Session, *which: ColumnElement[bool]) -> list[WatchRow]:
    """These watches with their channels, the oldest first."""
    query = select(Watch, Owner).join(Owner, Owner.id == Watch.owner_id).where(*which).order_by(Watch.id)
    found = session.execute(query).all()
    used = (
        select(WatchChannel.watch_id, Channel, Owner.name)
        .join(Channel, Channel.id == WatchChannel.channel_id)
        .join(Owner, Owner.id == Channel.owner_id)
        .join(Watch, Watch.id == WatchChannel.watch_id)
        .where(*which)
        .order_by(Channel.id)
    )
    channels: dict[int, list[ChannelRow]] = defaultdict(list)
    for watch_id, channel, owner in session.execute(used):
        channels[watch_id].append(channel_row(channel, owner))
    return [
        WatchRow(
            id=watch.id, name=watch.name, query=watch.query, filters=watch.filters,
            include_backlog=watch.include_backlog, enabled=watch.enabled, owner=owner.name,
            channels=tuple(channels[watch.id]), created_at=watch.created_at, cadence=watch.cadence, quiet=watch.quiet,
            zone=watch.zone or owner.zone or "Asia/Shanghai", follows_since=watch.follows_since,
            revision=watch.revision, removed=watch.removed_at is not None,
        )
        for watch, owner in found
    ]  # fmt: skip


def mute_rows(session: Session, now: datetime | None) -> list[MuteRow]:
    """The mutes that hold at `now`, or all; the oldest first."""
    query = (
        select(Mute, Owner.name, Watch.name, Document.title)
        .join(Owner, Owner.id == Mute.owner_id)
        .outerjoin(Watch, Watch.id == Mute.watch_id)
        .outerjoin(Document, Document.id == Mute.document_id)
        .order_by(Mute.id)
    )
    if now is not None:
        query = query.where(or_(Mute.until.is_(None), Mute.until > now))
    return [
        MuteRow(
            id=mute.id, owner=owner, watch=watch, source_id=mute.source_id, document_id=mute.document_id, title=title,
            until=mute.until, reason=mute.reason, created_at=mute.created_at,
        )
        for mute, owner, watch, title in session.execute(query)
    ]  # fmt: skip


def unmatched_rows(session: Session, limit: int) -> list[UnmatchedEvent]:
    """Published events that watches were not matched against, the oldest first, with their versions' texts."""
    waiting = Event.state == "published", Event.matched_at.is_(None)
    return event_rows(session, _events().where(*waiting).order_by(Event.id).limit(limit))


def rows_about(session: Session, document_id: int | None, event_id: int | None) -> list[UnmatchedEvent]:
    """Events of a document, or the one of that number, of whatever state, the oldest first."""
    about = Event.id == event_id if event_id is not None else Event.document_id == document_id
    return event_rows(session, _events().where(about).order_by(Event.id))


def past_rows(session: Session, after: int, since: datetime, until: datetime, limit: int) -> list[UnmatchedEvent]:
    """What became of documents between two moments; that one was added counts for the day of its publication."""
    first, last = since.astimezone(CHINA).date(), until.astimezone(CHINA).date()
    happened = and_(Event.backlog.is_(False), Event.at.between(since, until))
    dated = and_(Event.kind == "added", Document.published.between(first, last))
    undated = and_(Event.kind == "added", Document.published.is_(None), happened)
    query = _events().where(
        Event.id > after, Event.state == "published", Event.document_id.is_not(None),
        or_(dated, undated, and_(Event.kind != "added", happened)),
    )  # fmt: skip
    return event_rows(session, query.order_by(Event.id).limit(limit))


def enriched_rows(session: Session, limit: int, now: datetime) -> tuple[list[UnmatchedEvent], list[int]]:
    """What arrived later, each with the event that told its document last; and the enrichments that need no more than
    these. One whose run still goes on waits; one whose run is quarantined, whose version is no more the newest, or
    whose event is still to be matched, needs nothing."""
    query = (
        select(Enrichment, Version.document_id, Version.seq == Document.versions, Run.verdict)
        .join(Version, Version.id == Enrichment.version_id)
        .join(Document, Document.id == Version.document_id)
        .outerjoin(Run, Run.id == Enrichment.run_id)
        .where(or_(Enrichment.run_id.is_(None), Run.state.not_in(("queued", "running"))))
        .order_by(Enrichment.id)
        .limit(limit)
    )
    found = session.execute(query).all()
    done = [row.id for row, *_ in found]
    richer: dict[int, tuple[str, bool]] = {}
    for row, document_id, newest, verdict in found:
        if newest and verdict != "quarantined":
            reason, backlog = richer.get(document_id, (row.reason, True))
            richer[document_id] = reason, backlog and row.backlog
    told = _told_last(session, list(richer))
    events = event_rows(session, _events().where(Event.id.in_(told)).order_by(Event.id))
    return [
        replace(
            event, later=reason,
            backlog=backlog or now - (event.event.published_at or now) > ENRICHED_WITHIN,
        )
        for event in events
        for reason, backlog in (richer[event.event.document_id or 0],)
    ], done  # fmt: skip


def _told_last(session: Session, document_ids: Sequence[int]) -> list[int]:
    """For each document the events that told of its newest version that was told; none while one is unmatched, which
    will be matched with all there is."""
    query = select(Event.document_id, Event.version_id, Event.id, Event.matched_at).where(
        Event.document_id.in_(document_ids), Event.kind.in_(("added", "changed")), Event.state == "published"
    )
    newest: dict[int, tuple[int, list[int]]] = {}
    for document_id, version_id, event_id, matched_at in session.execute(query.order_by(Event.version_id, Event.id)):
        if document_id is None or version_id is None:
            continue
        if newest.get(document_id, (0, []))[0] != version_id:
            newest[document_id] = version_id, []
        newest[document_id][1].append(event_id if matched_at is not None else 0)
    return sorted(event_id for _, events in newest.values() if 0 not in events for event_id in events)


def _events() -> Select[Event, Source, Document, Version, Reading]:
    return event_select().add_columns(Reading).outerjoin(Reading, Reading.id == Version.reading_id)


def event_rows(session: Session, query: Select[Event, Source, Document, Version, Reading]) -> list[UnmatchedEvent]:
    """Events with all that watches are matched against."""
    rows = session.execute(query).all()
    texts = {
        (document.id, text.id): (document, text)
        for _, _, document, _, text in rows
        if document is not None and text is not None
    }
    found_by = sources_of(session, list({document for document, _ in texts}))
    seen = dict(zip(texts, match_texts(session, list(texts.values())), strict=True))
    facts = _facts(session, {event.source_id for event, *_ in rows}.union(*found_by.values()))
    found: list[UnmatchedEvent] = []
    for event, source, document, version, text in rows:
        row = event_row(event, source, document, version)
        read = seen[document.id, text.id] if document is not None and text is not None else None
        sources = found_by[document.id] if document is not None and read is not None else (event.source_id,)
        of = (event.source_id,) if row.also else tuple(dict.fromkeys((event.source_id, *sources)))
        levels, regions, topics = (
            tuple(dict.fromkeys(value for one in of for value in facts[one][place])) for place in range(3)
        )
        found.append(UnmatchedEvent(row, read and _changed(read, row), sources, levels, regions, topics))
    return found


def _changed(text: MatchText, row: EventRow) -> MatchText:
    """With the words of the clauses that changed, as they are now and as they were."""
    words = [words for change in row.changes for words in (change.after, change.before) if words]
    return replace(text, changes=tuple(dict.fromkeys(words))) if words else text


def _facts(session: Session, source_ids: Collection[str]) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Of each source its level, region and topics."""
    return {
        source.id: (
            (source.level,),
            tuple(filter(None, (source.region,))),
            tuple(source.topics or ()),
        )
        for source in session.scalars(select(Source).where(Source.id.in_(source_ids)))
    }


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
    carried: dict[int, list[CarriedRow]] = defaultdict(list)
    carrying = (
        select(DeliveryAlert.alert_id, Delivery, Channel)
        .join(Delivery, Delivery.id == DeliveryAlert.delivery_id)
        .join(Channel, Channel.id == Delivery.channel_id)
        .where(DeliveryAlert.alert_id.in_(alert_ids))
        .order_by(Delivery.id)
    )
    for alert_id, one, channel in session.execute(carrying):
        carried[alert_id].append(
            CarriedRow(
                one.id, channel.target or channel.kind, one.state, one.attempts, one.next_attempt_at, one.sent_at,
                one.digest, one.error,
            )
        )  # fmt: skip
    found = session.execute(query).all()
    validity = validity_of(session, list({event.document_id for event, *_ in found if event.document_id is not None}))
    rows = {
        alert.id: AlertRow(
            id=alert.id, watch_id=alert.watch_id, watch=watch, event=event_row(event, source, document, version),
            terms=tuple(alert.terms), muted=alert.muted, created_at=alert.created_at,
            state=_state(alert.muted, {one.state for one in carried[alert.id]}),
            validity=validity.get(event.document_id or 0), later=alert.later, deliveries=tuple(carried[alert.id]),
        )
        for event, source, document, version, alert, watch in found
    }  # fmt: skip
    return [rows[alert_id] for alert_id in alert_ids if alert_id in rows]


def _state(muted: bool, deliveries: set[str]) -> str:
    if muted:
        return "muted"
    return next((state for state in ("dead", "pending", "sent") if state in deliveries), "no channel")
