"""Channels and the messages of a delivery as plain frozen values."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """Where deliveries go. `address` and `secret` say where secrets are kept (file:PATH, env:NAME), not what they are.

    `disabled_reason`: why the service disabled it; None where it is enabled, or a person did."""

    id: int
    kind: str
    target: str
    owner: str
    enabled: bool
    address: str | None = None
    secret: str | None = None
    secret_before: str | None = None  # signs too, for a while after `rotated_at`
    rotated_at: datetime | None = None
    operator: bool = False
    disabled_reason: str | None = None
    failing_since: datetime | None = None
    failures: int = 0  # in a row
    probe_at: datetime | None = None
    told_at: datetime | None = None
    worked_at: datetime | None = None
    error: str | None = None

    @property
    def name(self) -> str:
        """The channel in a message or a list: its kind and target."""
        return f"{self.kind} {self.target}".rstrip()


@dataclass(frozen=True, slots=True)
class PartRow:
    """One message of a delivery; `content` is what its channel sends, None once the delivery is through."""

    number: int  # from 1
    content: dict[str, Any] | None
    sent_at: datetime | None
    receipt: str | None
