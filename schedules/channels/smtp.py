"""Mail through the operator's SMTP server (RFC 5321), one recipient a transaction."""

import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import blake2b
from pathlib import Path
from typing import Literal

from schedules.alerts import Message
from schedules.alerts.text import clean
from schedules.channels.base import Channel, Envelope, RefusedError, TemporaryError
from storage.errors import OperatorError

SECONDS = 100.0  # for a whole session: less than an outbox holds a delivery
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """The server that mail leaves by. `security`: starttls (refused by us where the server does not offer it), tls
    from the first byte, or none."""

    host: str
    port: int = 587
    sender: str = "policy-crawler@localhost"
    username: str = ""
    password_file: str = ""
    security: Literal["starttls", "tls", "none"] = "starttls"
    timeout: float = 30.0  # seconds for each answer; RFC 5321 allows minutes, an alert does not
    ca_file: str | None = None  # certificates to trust beside none other; None: the system's


class MailChannel(Channel):
    """Sends each delivery as one mail. A 250 after the text counts as delivered; what the server does then, bounces
    included, is not seen."""

    def __init__(self, server: SmtpServer | None) -> None:
        if server is not None and server.host:
            check_address(server.sender)
        self._server = server

    def send(self, message: Message, envelope: Envelope) -> str:
        """Send by SMTP. A 4xx, a cut connection or trouble with us (login, sender, TLS) raises TemporaryError; a
        5xx to the recipient or the text raises RefusedError."""
        if self._server is None or not self._server.host:
            raise TemporaryError(
                "no SMTP server is set: give mail.host in config.toml, or POLICY_CRAWLER_MAIL__HOST", about="us"
            )
        mail = compose(message, envelope, self._server.sender)
        try:
            with _connected(self._server) as connection:
                return _transfer(connection, self._server, envelope.target, mail.as_bytes())
        except smtplib.SMTPResponseException as error:
            raise TemporaryError(_said(self._server, error.smtp_code, error.smtp_error), about="us") from error
        except (smtplib.SMTPException, OSError) as error:  # includes time-outs and TLS errors
            raise TemporaryError(
                f"{self._server.host}:{self._server.port}: {type(error).__name__}: {error}", about="us"
            ) from error


def compose(message: Message, envelope: Envelope, sender: str) -> EmailMessage:
    """The mail of a delivery: the same bytes at every attempt, so that receivers can drop a second copy."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address("policy-crawler", addr_spec=sender)
    mail["To"] = Address(addr_spec=envelope.target)
    mail["Subject"] = clean(message.subject)
    mail["Date"] = format_datetime(envelope.created_at)
    mail["Message-ID"] = message_id(envelope.key, sender)
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(message.text, cte="base64")
    mail.add_alternative(message.html, subtype="html", cte="base64")
    mail.set_boundary(f"=_{blake2b(envelope.key.encode(), digest_size=16).hexdigest()}")
    return mail


def message_id(key: str, sender: str) -> str:
    """The Message-ID of the delivery `key`."""
    return f"<{re.sub('[^A-Za-z0-9.-]', '-', key)}@{sender.rpartition('@')[2]}>"


def check_address(target: str) -> None:
    """Raise OperatorError unless `target` is one mail address."""
    try:
        Address(addr_spec=target)
    except (HeaderParseError, ValueError, IndexError) as error:
        raise OperatorError(f"not a mail address: {target!r}: {error}") from error
    if not _ADDRESS.fullmatch(target) or len(target) > 254:
        raise OperatorError(
            f"not one mail address: {target!r}; expected name@host in ASCII. For several people add one channel each, "
            "so that one refused address holds up no other."
        )


@contextmanager
def _connected(server: SmtpServer) -> Iterator[smtplib.SMTP]:
    """A session with `server`, encrypted and logged in as configured."""
    context = ssl.create_default_context(cafile=server.ca_file)
    name = socket.gethostname()
    helo = name if "." in name else "[127.0.0.1]"  # getfqdn, smtplib's default, may wait for a name server
    if server.security == "tls":
        connection: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, helo, timeout=server.timeout, context=context
        )
    else:
        connection = smtplib.SMTP(server.host, server.port, helo, timeout=server.timeout)
    watchdog = threading.Timer(SECONDS, _cut, [connection])
    watchdog.daemon = True
    watchdog.start()
    try:
        connection.ehlo_or_helo_if_needed()
        if server.security == "starttls":
            if not connection.has_extn("starttls"):
                raise TemporaryError(
                    f"{server.host}:{server.port} offers no STARTTLS; nothing was sent in the clear. "
                    "Set mail.security to 'tls' or, on a trusted network, 'none'.",
                    about="us",
                )
            connection.starttls(context=context)
            connection.ehlo()
        if server.username:
            connection.login(server.username, _password(server))
        yield connection
    finally:
        watchdog.cancel()
        connection.close()


def _cut(connection: smtplib.SMTP) -> None:
    """End a session that takes too long: the time-out holds for each answer, and a delivery's claim for them all."""
    with suppress(OSError, AttributeError):
        connection.sock.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]


def _password(server: SmtpServer) -> str:
    try:
        return Path(server.password_file).expanduser().read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as error:
        raise TemporaryError(f"mail.password_file: {error}", about="us") from error


def _transfer(connection: smtplib.SMTP, server: SmtpServer, target: str, content: bytes) -> str:
    """One mail transaction. Written out, since smtplib's own hides which command was answered how."""
    most = connection.esmtp_features.get("size", "") if connection.does_esmtp else ""
    if most.isdecimal() and 0 < int(most) < len(content):
        raise RefusedError(f"{server.host}:{server.port} takes mails of {most} bytes; this one has {len(content)}")
    code, answer = connection.mail(server.sender, [f"size={len(content)}"] if most else [])
    if code == 552:  # RFC 1870: larger than it takes
        raise RefusedError(_said(server, code, answer))
    if code != 250:  # about us, not about the recipient
        raise TemporaryError(_said(server, code, answer), about="us")
    code, answer = connection.rcpt(target)
    if code not in {250, 251}:
        raise _judged(server, code, answer, f"recipient {target}")
    try:
        code, answer = connection.data(content)
    except smtplib.SMTPDataError as error:  # refused before the text
        raise _judged(server, error.smtp_code, error.smtp_error, "the text") from error
    if code != 250:
        raise _judged(server, code, answer, "the text")
    receipt = _one_line(answer)
    try:
        connection.quit()
    except (smtplib.SMTPException, OSError):
        return receipt  # the mail is taken over; how the server says goodbye does not matter
    return receipt


def _judged(server: SmtpServer, code: int, answer: bytes | str, what: str) -> RefusedError | TemporaryError:
    said = f"{_said(server, code, answer)} (to {what})"
    return RefusedError(said) if 500 <= code < 600 else TemporaryError(said)


def _said(server: SmtpServer, code: int, answer: bytes | str) -> str:
    return f"{server.host}:{server.port}: {code} {_one_line(answer)}"


def _one_line(answer: bytes | str) -> str:
    return clean(answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer), 300)
