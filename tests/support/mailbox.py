"""A real SMTP server on loopback that keeps what it is sent and can be told to misbehave."""

import asyncio
import email
import email.policy
import re
import ssl
import threading
import time
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

CUT = "cut the connection"
HANG = "never answer"


@dataclass(frozen=True)
class Received:
    """A mail whose text arrived whole, whatever the server answered then. `accepted`: it answered 250."""

    sender: str
    recipient: str
    content: bytes
    accepted: bool

    @property
    def mail(self) -> EmailMessage:
        return email.message_from_bytes(self.content, policy=email.policy.default)  # type: ignore[return-value]

    @property
    def message_id(self) -> str:
        return str(self.mail["Message-ID"])

    def part(self, subtype: str) -> str:
        body = self.mail.get_body((subtype,))
        assert body is not None
        return str(body.get_content())


class Mailbox:
    """What a test sees of the server."""

    def __init__(self, username: str | None, password: str | None) -> None:
        self.port = 0
        self.received: list[Received] = []
        self.connections = 0
        self.login = (username, password)
        self._planned: defaultdict[tuple[str, str | None], deque[str]] = defaultdict(deque)
        self._changed = threading.Condition()

    def will(self, step: str, answer: str, times: int = 1, recipient: str | None = None) -> None:
        """At the next `times` passes of `step` ("mail", "rcpt", "text"; the last is after the mail's text arrived)
        answer so instead of with 250; for one recipient only if named."""
        self._planned[step, recipient].extend([answer] * times)

    def wait(self, count: int, seconds: float = 20) -> list[Received]:
        """The mails, when there are at least `count`."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.received) >= count, seconds), f"{len(self.received)} mails"
            return list(self.received)

    def accepted(self) -> list[Received]:
        return [received for received in self.received if received.accepted]

    def _answer(self, step: str, recipient: str | None) -> str | None:
        for key in ((step, recipient), (step, None)):
            if self._planned[key]:
                return self._planned[key].popleft()
        return None

    # aiosmtpd calls these.

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        right = isinstance(data, LoginPassword) and (data.login.decode(), data.password.decode()) == self.login
        return AuthResult(success=right, handled=right)

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        self.connections += 1
        answer = self._answer("mail", None)
        if answer is not None:
            return answer
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        answer = self._answer("rcpt", address)
        if answer is not None:
            return await self._perform(server, answer)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        (recipient,) = envelope.rcpt_tos
        answer = self._answer("text", recipient)
        assert isinstance(envelope.content, bytes)
        with self._changed:
            self.received.append(Received(str(envelope.mail_from), recipient, envelope.content, answer is None))
            self._changed.notify_all()
        return "250 2.0.0 taken" if answer is None else await self._perform(server, answer)

    async def _perform(self, server: SMTP, answer: str) -> str:
        if answer == CUT:
            assert server.transport is not None
            server.transport.abort()  # type: ignore[attr-defined]
            return "421 never seen"
        if answer == HANG:
            await asyncio.sleep(3600)
        return answer


@contextmanager
def mailbox(
    *,
    tls: ssl.SSLContext | None = None,
    starttls: ssl.SSLContext | None = None,
    username: str | None = None,
    password: str | None = None,
) -> Iterator[Mailbox]:
    """A running server: plain, TLS from the first byte (`tls`) or on request (`starttls`), with or without login."""
    box = Mailbox(username, password)
    loop = asyncio.new_event_loop()
    started = threading.Event()

    def factory() -> SMTP:
        return SMTP(
            box,
            hostname="mail.test",
            tls_context=starttls,
            authenticator=box.authenticate if username else None,
            auth_required=bool(username),
            auth_require_tls=starttls is not None,
            loop=loop,
        )

    async def serve() -> None:
        server = await loop.create_server(factory, "127.0.0.1", 0, ssl=tls)
        box.port = server.sockets[0].getsockname()[1]
        started.set()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(serve())
        loop.run_forever()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert started.wait(10)
    try:
        yield box
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        deadline = time.monotonic() + 5
        for task in asyncio.all_tasks(loop):
            task.cancel()
        while asyncio.all_tasks(loop) and time.monotonic() < deadline:
            loop.run_until_complete(asyncio.sleep(0))
        loop.close()


def flowing(text: str) -> str:
    """A message's plain text as one line, without what lines, columns and marks of changes add to it."""
    return re.sub(r"\s+|\[-|-\]|\{\+|\+\}", "", text)
