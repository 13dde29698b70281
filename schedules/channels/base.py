"""What every channel does, and how it says that it could not."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Literal, NamedTuple

from schedules.alerts import Message

About = Literal["channel", "message", "us"]


class ChannelError(Exception):
    """A message was not accepted. Says who answered what, and never a secret."""


class TemporaryError(ChannelError):
    """It may be accepted later: a busy or unreachable server, a cut connection, a wrong password.

    `about`: the channel, so that nothing else gets through either; this message alone; or us, as where no mail server
    is set: then the channel is not disabled, however long it lasts. `retry_after`: how long the receiver wants to be
    left alone."""

    def __init__(self, text: str, *, about: About = "channel", retry_after: timedelta | None = None) -> None:
        super().__init__(text)
        self.about = about
        self.retry_after = retry_after


class RefusedError(ChannelError):
    """The receiver will not take this message, now or later."""


class GoneError(RefusedError):
    """The receiver takes nothing from us any more: it is gone, or our token or signature is wrong."""


class Pace(NamedTuple):
    """At most `most` messages in any `seconds`."""

    most: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Envelope:
    """A delivery as a channel sees it. `key` is the same at every attempt, and no other message's, anywhere.

    `address` and `secrets` say where secrets are kept (`schedules.channels.secrets`): the channel's URL, and what
    signs, the newest first."""

    key: str
    target: str
    created_at: datetime  # aware UTC; the date that the message bears at every attempt
    address: str | None = None
    secrets: tuple[str, ...] = ()


class Channel(ABC):
    """A way to people. Called from several threads at once."""

    keeps: ClassVar[tuple[str, ...]] = ("subject", "text", "html")  # what `send` needs of a message
    paces: ClassVar[tuple[Pace, ...]] = ()

    def split(self, message: Message) -> Sequence[Message]:
        """The messages in which this channel says it, the first first: several where one would be too long."""
        return [message]

    @abstractmethod
    def send(self, message: Message, envelope: Envelope) -> str:
        """Hand `message` over; answer with the receiver's receipt.

        Raises TemporaryError or RefusedError. Returns only when the receiver has taken the message over."""
