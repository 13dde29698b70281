"""What the watch book answers: watches, alerts and deliveries as plain frozen values."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from storage.query import MatchText
from storage.rows import EventRow


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """Where deliveries go."""

    id: int
    kind: str
    target: str
    owner: str
    enabled: bool


@dataclass(frozen=True, slots=True)
class WatchRow:
    """A watch with its channels."""

    id: int
    name: str
    query: str
    filters: dict[str, Any]
    include_backlog: bool
    enabled: bool
    owner: str
    channels: tuple[ChannelRow, ...]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class UnmatchedEvent:
    """A published event that no watch was matched against yet. `text` is what its version said; None for a source's
    event, which watches with a query do not match."""

    event: EventRow
    text: MatchText | None
    sources: tuple[str, ...] = ()  # every source that the document was found by


@dataclass(frozen=True, slots=True)
class NewAlert:
    """A watch matched an event. `terms`: what of the query was found where, as plain values for JSON."""

    watch_id: int
    event_id: int
    terms: Sequence[Any] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An alert with its event. `state`: muted, no channel, pending, sent or dead — how far it has come."""

    id: int
    watch_id: int
    watch: str
    event: EventRow
    terms: tuple[Any, ...]
    muted: bool
    created_at: datetime
    state: str
    validity: str | None = None  # of the event's document, as last judged


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A delivery and the alerts it carries. `message_id` is the same in every attempt."""

    id: int
    channel: ChannelRow
    message_id: str
    state: str
    attempts: int
    next_attempt_at: datetime
    held_until: datetime | None
    created_at: datetime
    sent_at: datetime | None
    receipt: str | None
    error: str | None
    alerts: tuple[AlertRow, ...]
