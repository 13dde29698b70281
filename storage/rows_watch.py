"""What the watch book answers: watches, alerts and deliveries as plain frozen values."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from storage.query import MatchText
from storage.rows import EventRow
from storage.rows_channels import ChannelRow, PartRow


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
    cadence: str = "at_once"
    quiet: str | None = None
    zone: str = "Asia/Shanghai"  # its own, or its owner's
    follows_since: datetime | None = None
    revision: int = 0
    removed: bool = False


@dataclass(frozen=True, slots=True)
class MuteRow:
    """What an owner wants to hear nothing of: what is given must all fit."""

    id: int
    owner: str
    watch: str | None
    source_id: str | None
    document_id: int | None
    title: str | None  # of the document
    until: datetime | None
    reason: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class UnmatchedEvent:
    """A published event to be matched. `text` is what its version says; None for a source's event, which watches with a
    query do not match.

    `later`: something arrived for a version whose event was matched before (attachment, ocr, reference, reading);
    `backlog` then says whether only watches that ask for backlog are told."""

    event: EventRow
    text: MatchText | None
    sources: tuple[str, ...] = ()  # every source that the document was found by
    levels: tuple[str, ...] = ()  # of those sources
    regions: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    later: str | None = None
    backlog: bool = False

    @property
    def is_backlog(self) -> bool:
        """Whether only watches that ask for backlog are told."""
        return self.event.backlog or self.backlog


@dataclass(frozen=True, slots=True)
class NewAlert:
    """A watch matched an event. `terms`: what of the query was found where, as plain values for JSON. `due_at` and
    `digest`: when it is told, and in which rhythm; None: at once."""

    watch_id: int
    event_id: int
    terms: Sequence[Any] = field(default_factory=tuple)
    due_at: datetime | None = None
    digest: str | None = None
    later: str | None = None


@dataclass(frozen=True, slots=True)
class CarriedRow:
    """How far one channel has come with an alert. `due_at`: of a pending one, its next attempt."""

    delivery_id: int
    channel: str  # its target, or its kind
    state: str
    attempts: int
    due_at: datetime
    sent_at: datetime | None
    digest: str | None
    error: str | None


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
    later: str | None = None  # what arrived later and made it match; None: it matched at once
    deliveries: tuple[CarriedRow, ...] = ()


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
    digest: str | None = None  # the rhythm of one that collects until it is due
    probes: int = 0  # attempts to see whether the channel works again
    notice: dict[str, Any] | None = None  # of the service itself, in place of alerts
    parts: tuple[PartRow, ...] = ()  # its messages, from the first attempt on
