"""Everything that apprise speaks (extra `apprise`): Telegram, Slack, ntfy, Matrix, Bark, ServerChan and a hundred more.

A channel is one apprise URL. It holds tokens, so it is a secret.
"""

import logging
from typing import Any, ClassVar

from schedules.alerts import Message
from schedules.channels import secrets
from schedules.channels.base import Channel, Envelope, TemporaryError
from storage.errors import OperatorError

MISSING = "apprise is not installed: pip install 'policy-crawler[apprise]'"


class AppriseChannel(Channel):
    """Hands messages to apprise. It says whether a message was taken, not why not; and where it connects is not vetted
    here, so that only the operator should add such channels."""

    keeps: ClassVar[tuple[str, ...]] = ("subject", "text")

    def send(self, message: Message, envelope: Envelope) -> str:
        """Notify by the URL. What apprise does not bring raises TemporaryError."""
        if envelope.address is None:
            raise TemporaryError("the channel's URL is not kept anywhere; add the channel again", about="us")
        url = secrets.read(envelope.address)
        try:
            taken = _receiver(url).notify(body=message.text, title=message.subject, body_format="text")
        except OperatorError as error:
            raise TemporaryError(str(error), about="us") from None
        except Exception as error:  # of any of a hundred libraries
            raise TemporaryError(secrets.hide(f"apprise: {type(error).__name__}: {error}", [url])) from None
        if not taken:
            raise TemporaryError(f"apprise: {url.partition(':')[0]} did not take it")
        return f"apprise: {url.partition(':')[0]} took it"


def check(url: str) -> None:
    """Raise OperatorError unless apprise is there and knows such URLs; the URL is not said again."""
    _receiver(url)


def _receiver(url: str) -> Any:
    try:
        import apprise  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise OperatorError(MISSING) from error
    logging.getLogger("apprise").setLevel(logging.CRITICAL)  # its messages say whole URLs, tokens included
    receiver = apprise.Apprise()
    if not receiver.add(url):
        raise OperatorError("apprise knows no such URL; see its page of services")
    return receiver
