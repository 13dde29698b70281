"""Webhooks, signed as Standard Webhooks 1.0.0 says (symmetric, v1).

The receiver can verify who sent it and when, and drop what it got before by `webhook-id`.
"""

import base64
import binascii
import hmac
import json
import secrets as randomness
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any, ClassVar, Final

from schedules.alerts import Message
from schedules.channels import secrets
from schedules.channels.base import About, Channel, Envelope, GoneError, TemporaryError
from schedules.channels.web import Answer, Guard, post
from storage.clock import Clock
from storage.errors import OperatorError

PREFIX: Final = "whsec_"
MOST_BYTES: Final = 200_000  # of the events of one request; a single event is never cut
# Answers that may be about this message: others are sent all the same.
_ABOUT_MESSAGE: Final = frozenset({400, 406, 413, 415, 422})


class WebhookChannel(Channel):
    """Sends the JSON of docs/messages.md to a URL."""

    keeps: ClassVar[tuple[str, ...]] = ("data",)

    def __init__(self, guard: Guard, clock: Clock) -> None:
        self._guard = guard
        self._clock = clock

    def split(self, message: Message) -> Sequence[Message]:
        """Requests of at most 200 kB, cut between events."""
        groups: list[list[Any]] = [[]]
        size = 0
        for event in message.data.get("events", []):
            length = len(encoded(event))
            if groups[-1] and size + length > MOST_BYTES:
                groups.append([])
                size = 0
            groups[-1].append(event)
            size += length
        return [replace(message, data={**message.data, "events": group}, parts=()) for group in groups]

    def send(self, message: Message, envelope: Envelope) -> str:
        """POST it. 2xx: taken. 410: gone, GoneError. All else may pass: TemporaryError."""
        url = secrets.read(envelope.address) if envelope.address else envelope.target
        keys = [line for where in envelope.secrets for line in secrets.lines(where)]
        known = [*keys, url] if envelope.address else keys
        body, moment = encoded(message.data), str(int(self._clock.now().timestamp()))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "webhook-id": envelope.key,
            "webhook-timestamp": moment,
            "webhook-signature": " ".join(signature(key, envelope.key, moment, body) for key in keys),
        }
        answer = post(url, body, headers if keys else _unsigned(headers), self._guard)
        said = secrets.hide(f"{answer.host}: {answer.status} {answer.text}".rstrip(), known)
        if 200 <= answer.status < 300:
            return said
        raise _judged(answer, said, self._clock)


def _unsigned(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name != "webhook-signature"}


def _judged(answer: Answer, said: str, clock: Clock) -> GoneError | TemporaryError:
    if answer.status == 410:
        return GoneError(f"{said}: it wants no more")
    if 300 <= answer.status < 400:
        said += ": redirects are not followed; add the channel with the address that it leads to"
    about: About = "message" if answer.status in _ABOUT_MESSAGE else "channel"
    return TemporaryError(said, about=about, retry_after=answer.retry_after(clock.now()))


def encoded(value: Any) -> bytes:
    """JSON as it is sent: the same bytes for the same value."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8", "replace")


def signature(secret: str, key: str, timestamp: str, body: bytes) -> str:
    """The signature of a request by one secret, as it stands in `webhook-signature`."""
    signed = hmac.digest(key_of(secret), f"{key}.{timestamp}.".encode() + body, sha256)
    return f"v1,{base64.b64encode(signed).decode()}"


def key_of(secret: str) -> bytes:
    """The bytes of a secret, whsec_ and base64. Raises TemporaryError where it is none."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not 16 <= len(key) <= 128:
        raise TemporaryError(
            "the webhook's secret is none: expected whsec_ and 24 to 64 bytes in base64, as 'channels add' makes it",
            about="us",
        )
    return key


def new_secret() -> str:
    """A secret of 32 random bytes."""
    return PREFIX + base64.b64encode(randomness.token_bytes(32)).decode()


def check(url: str, guard: Guard) -> None:
    """Raise OperatorError unless a webhook can be at `url`."""
    if not url:
        raise OperatorError("a webhook needs its URL, or --url-file or --url-env where the URL holds a secret")
    guard.vet(url)
