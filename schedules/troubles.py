"""What the service tells of itself, as a channel that fails, in the words of a notice."""

from datetime import datetime
from typing import Any

from schedules.alerts import Notice


def notice_of(told: dict[str, Any]) -> Notice:
    """The notice that a delivery carries in place of alerts (`storage.channels.notice`)."""
    return Notice(
        kind=told["kind"],
        happened_at=datetime.fromisoformat(told["at"]),
        source_name="",
        matches=(),
        reason=": ".join(filter(None, (told["title"], told["reason"]))) or None,
    )
