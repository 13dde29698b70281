"""Requests of channels: one POST, to a public address over TLS, without redirects, proxies or waiting for ever."""

import http.client
import re
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from policy_crawler.addresses import Network, is_public, vet_url
from schedules.alerts.text import clean
from schedules.channels.base import TemporaryError
from storage.errors import OperatorError

SECONDS = 15.0  # for the whole exchange, as Standard Webhooks advises
MOST_READ = 4_096  # bytes of an answer
LONGEST_WAIT = timedelta(hours=24)  # that a Retry-After is followed


@dataclass(frozen=True, slots=True)
class Guard:
    """What may be asked. `allow`: the operator's own networks; there plain HTTP may be spoken too. `ca_file`:
    certificates that are trusted beside the system's."""

    allow: tuple[Network, ...] = ()
    ca_file: str = ""
    seconds: float = SECONDS

    def vet(self, url: str) -> None:
        """Refuse a URL that must not be asked, whatever it resolves to. Raises OperatorError, which does not say the
        URL: there may be a token in it."""
        try:
            vet_url(url, allow=self.allow, error=_UrlError)
        except _UrlError as error:
            raise OperatorError(f"the URL is refused: {str(error).rpartition(' is refused: ')[2]}") from None
        if urlsplit(url).scheme.lower() != "https" and not self.allow:
            raise OperatorError("the URL is refused: expected https; what is sent by http can be read on the way")

    def addresses(self, host: str, port: int) -> list[str]:
        """The addresses of `host` that may be connected to. Raises TemporaryError where there is none."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise TemporaryError(f"{host}: no address: {error.strerror or error}") from error
        every = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        allowed = [address for address in every if is_public(address, self.allow)]
        if not allowed:
            raise TemporaryError(
                f"{host} is {', '.join(every)}, which is not of the public internet. deliveries.allow_networks in "
                "config.toml can allow it."
            )
        return allowed

    def context(self) -> ssl.SSLContext:
        """TLS that verifies."""
        context = ssl.create_default_context()
        if self.ca_file:
            context.load_verify_locations(self.ca_file)
        return context


class _UrlError(Exception):
    """A URL was refused."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver said: of the body its first 4 KiB."""

    host: str
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case

    @property
    def text(self) -> str:
        """The body's beginning as one line."""
        said = re.sub(r"<[^>]*>", " ", self.body.decode("utf-8", "replace"))
        return clean(said, 200)

    def retry_after(self, now: datetime) -> timedelta | None:
        """How long it wants to be left alone (RFC 9110, 10.2.3), a day at most; None where it does not say."""
        value = self.headers.get("retry-after", "").strip()
        if value.isascii() and value.isdecimal():
            return min(timedelta(seconds=min(int(value[:9]), 10**8)), LONGEST_WAIT)
        with suppress(ValueError, TypeError, OverflowError):
            moment = parsedate_to_datetime(value)
            wait = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
            return min(max(wait, timedelta(0)), LONGEST_WAIT)
        return None


def post(url: str, body: bytes, headers: Mapping[str, str], guard: Guard) -> Answer:
    """Send one request and read the answer. Raises TemporaryError where there is none: refused, cut, too slow, bad TLS.

    A redirect is an answer like another; it is not followed."""
    guard.vet(url)
    parts = urlsplit(url)
    host, secure = str(parts.hostname), parts.scheme.lower() == "https"
    port = parts.port or (443 if secure else 80)
    addresses = guard.addresses(host, port)
    if not secure and not all(is_public(address) or _inside(address, guard) for address in addresses):
        raise TemporaryError(f"{host}: plain http is spoken inside deliveries.allow_networks alone")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        with _connected(host, port, addresses, guard, secure=secure) as connection:
            named = host if port == (443 if secure else 80) else f"{host}:{port}"
            sent = {"Host": named, "User-Agent": "policy-crawler", "Accept": "application/json", **headers}
            connection.request("POST", path, body, sent)
            response = connection.getresponse()
            kept = response.read(MOST_READ)
            told = {name.lower(): value for name, value in response.getheaders()}
            return Answer(host, response.status, kept, told)
    except TemporaryError:
        raise
    except (OSError, http.client.HTTPException) as error:  # says nothing of the path, where a token may be
        said = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        reason = str(error) if isinstance(error, ssl.SSLCertVerificationError) else said
        raise TemporaryError(f"{host}: {clean(reason, 200)}") from None


def _inside(address: str, guard: Guard) -> bool:
    return not is_public(address) and is_public(address, guard.allow)


@contextmanager
def _connected(
    host: str, port: int, addresses: list[str], guard: Guard, *, secure: bool
) -> Iterator[http.client.HTTPConnection]:
    """A connection to one of the vetted addresses, cut when the time for the whole exchange is over."""
    stream = _open(addresses, port, guard.seconds)
    late = threading.Event()

    def cut() -> None:
        late.set()
        with suppress(OSError):
            stream.shutdown(socket.SHUT_RDWR)

    watchdog = threading.Timer(guard.seconds, cut)  # a time-out holds for each byte, and bytes may come one by one
    watchdog.daemon = True
    watchdog.start()
    try:
        connection = http.client.HTTPConnection(host, port, timeout=guard.seconds)
        connection.sock = guard.context().wrap_socket(stream, server_hostname=host) if secure else stream
        yield connection
    except (OSError, http.client.HTTPException):
        if late.is_set():
            raise TemporaryError(f"{host}: no answer within {guard.seconds:g} seconds") from None
        raise
    finally:
        watchdog.cancel()
        with suppress(OSError):
            stream.close()
        with suppress(OSError, UnboundLocalError):
            connection.close()


def _open(addresses: list[str], port: int, seconds: float) -> socket.socket:
    for address in addresses[:-1]:
        with suppress(OSError):
            return socket.create_connection((address, port), seconds / len(addresses))
    return socket.create_connection((addresses[-1], port), seconds / len(addresses))
