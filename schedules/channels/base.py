"""What every channel does, and how it says that it could not."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from schedules.alerts import Message


class ChannelError(Exception):
    """A message was not accepted. Says who answered what."""


class TemporaryError(ChannelError):
    """It may be accepted later: a busy or unreachable server, a cut connection, a wrong password."""


class RefusedError(ChannelError):
    """This target will not take it, now or later."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A delivery as a channel sees it. `key` is the same at every attempt, and no other delivery's, anywhere."""

    key: str
    target: str
    created_at: datetime  # aware UTC; the date that the message bears at every attempt


class Channel(Protocol):
    """A way to people. Called from several threads at once."""

    def send(self, message: Message, envelope: Envelope) -> str:
        """Hand `message` over; answer with the receiver's receipt.

        Raises TemporaryError or RefusedError. Returns only when the receiver has taken the message over."""
        ...
