"""How the fault server answers: behaviours of real servers, and of broken ones. See `support.fault_server`."""

import asyncio
import contextlib
import datetime as dt
import gzip
import zlib
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from typing import Literal

HTML = "text/html; charset=utf-8"
Headers = Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it came. `at` is seconds on the monotonic clock; `connection` counts connections from 1."""

    method: str
    target: str  # as on the wire
    host: str  # without the port, lower case
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    at: float
    connection: int
    tls: bool

    def header(self, name: str) -> str | None:
        """The first header of that name, in any case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


class Exchange:
    """One request with the means to answer it. `visit` counts the requests for this host and path from 1."""

    def __init__(self, request: Received, visit: int, writer: asyncio.StreamWriter, stopping: asyncio.Event) -> None:
        self.request = request
        self.visit = visit
        self.keep_alive = request.header("Connection") != "close"
        self._writer = writer
        self._stopping = stopping

    async def send(self, data: bytes) -> None:
        """Write bytes as they are and wait until the client takes them. Raises ConnectionError when it left."""
        if self._writer.is_closing() or self._stopping.is_set():
            raise ConnectionResetError
        self._writer.write(data)
        await self._writer.drain()

    async def head(self, status: int, headers: Headers, reason: str | None = None) -> None:
        """Write the status line, the headers and the empty line."""
        if reason is None:
            reason = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Unknown"
        lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {value}" for name, value in headers), "", ""]
        await self.send("\r\n".join(lines).encode("utf-8", "surrogateescape"))

    async def pause(self, seconds: float) -> None:
        """Wait, or stop waiting when the server shuts down."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)
        if self._stopping.is_set():
            raise ConnectionResetError

    def hang_up(self) -> None:
        """Close the connection now, with a reset, whatever was announced."""
        self.keep_alive = False
        self._writer.transport.abort()

    async def close(self) -> None:
        """Close the connection in good order after what was written."""
        self.keep_alive = False
        with contextlib.suppress(ConnectionError):
            await self._writer.drain()
        self._writer.close()


Behaviour = Callable[[Exchange], Awaitable[None]]


def respond(
    body: str | bytes = b"",
    *,
    status: int = 200,
    headers: Headers = (),
    content_type: str | None = HTML,
    framing: Literal["length", "chunked", "close"] = "length",
    cut: int | None = None,
    delay: float = 0,
    drip: tuple[int, float] | None = None,
    etag: str | None = None,
    last_modified: dt.datetime | None = None,
    coding: Literal["gzip", "deflate"] | None = None,
) -> Behaviour:
    """An ordinary answer, or a spoilt one.

    `framing`: how its end is told; `cut`: close the connection after that many bytes of the body; `delay`: seconds
    before anything is sent; `drip`: (bytes, seconds) between pieces of the body; `etag`, `last_modified` (aware):
    also answer 304 to a conditional request that names them; `coding`: compress the body.
    """
    content = body.encode() if isinstance(body, str) else body
    if coding == "gzip":
        content = gzip.compress(content)
    elif coding == "deflate":
        content = zlib.compress(content)

    async def behave(exchange: Exchange) -> None:
        if delay:
            await exchange.pause(delay)
        validators = _validators(etag, last_modified)
        if _not_modified(exchange.request, etag, last_modified):
            await exchange.head(304, [*validators, *headers])
            return
        out = [*_framing(framing, len(content)), *validators, *headers]
        if content_type:
            out.append(("Content-Type", content_type))
        if coding:
            out.append(("Content-Encoding", coding))
        await exchange.head(status, out)
        if exchange.request.method == "HEAD" or status in (204, 304):
            return
        await _send_body(exchange, content if cut is None else content[:cut], framing == "chunked", drip)
        if cut is not None or framing == "close":
            await exchange.close()
        elif framing == "chunked":
            await exchange.send(b"0\r\n\r\n")

    return behave


def _validators(etag: str | None, last_modified: dt.datetime | None) -> list[tuple[str, str]]:
    validators = [("ETag", etag)] if etag else []
    if last_modified:
        validators.append(("Last-Modified", format_datetime(last_modified.astimezone(dt.UTC), usegmt=True)))
    return validators


def _framing(framing: str, length: int) -> list[tuple[str, str]]:
    if framing == "length":
        return [("Content-Length", str(length))]
    return [("Transfer-Encoding", "chunked") if framing == "chunked" else ("Connection", "close")]


async def _send_body(exchange: Exchange, content: bytes, chunked: bool, drip: tuple[int, float] | None) -> None:
    size, seconds = drip or (max(len(content), 1), 0.0)
    for start in range(0, len(content), size):
        piece = content[start : start + size]
        await exchange.send(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
        if seconds:
            await exchange.pause(seconds)


def robots(text: str) -> Behaviour:
    """A robots.txt."""
    return respond(text, content_type="text/plain; charset=utf-8")


def redirect(location: str, status: int = 302, headers: Headers = ()) -> Behaviour:
    """A redirect to `location`, sent as it is."""
    return respond(status=status, headers=[("Location", location), *headers])


def redirect_loop() -> Behaviour:
    """Redirects to the same path with a new query each time, for ever."""

    async def behave(exchange: Exchange) -> None:
        await redirect(f"{exchange.request.path}?turn={exchange.visit}")(exchange)

    return behave


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """The first behaviour for the first visit, and so on; the last for all further ones."""

    async def behave(exchange: Exchange) -> None:
        await behaviours[min(exchange.visit, len(behaviours)) - 1](exchange)

    return behave


def endless(piece: bytes = b"<p>x</p>" * 8192, seconds: float = 0) -> Behaviour:
    """A chunked body that never ends, one piece every `seconds`."""

    async def behave(exchange: Exchange) -> None:
        await exchange.head(200, [("Content-Type", HTML), ("Transfer-Encoding", "chunked")])
        while True:
            await exchange.send(b"%x\r\n%b\r\n" % (len(piece), piece))
            if seconds:
                await exchange.pause(seconds)

    return behave


def silence() -> Behaviour:
    """Takes the request and never answers."""

    async def behave(exchange: Exchange) -> None:
        while True:
            await exchange.pause(3600)

    return behave


def hang_up() -> Behaviour:
    """Takes the request and resets the connection."""

    async def behave(exchange: Exchange) -> None:
        exchange.hang_up()

    return behave


def raw(data: bytes, *, then_close: bool = True) -> Behaviour:
    """Exactly these bytes, status line and all."""

    async def behave(exchange: Exchange) -> None:
        await exchange.send(data)
        if then_close:
            await exchange.close()

    return behave


def big_headers(total: int, *, name: str = "X-Filler", line: int = 1000) -> Behaviour:
    """About `total` bytes of headers in lines of `line` bytes, then a short page."""

    async def behave(exchange: Exchange) -> None:
        exchange.keep_alive = False
        await exchange.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n")
        one = f"{name}: ".encode()
        one += b"a" * (line - len(one) - 2) + b"\r\n"
        block = one * max(1, 65536 // len(one))
        for _ in range(max(1, total // len(block))):
            await exchange.send(block)
        await exchange.send(b"\r\nok")

    return behave


def bomb(size: int, coding: Literal["gzip", "deflate", "br", "zstd", "gzip, gzip"] = "gzip") -> Behaviour:
    """A page of `size` equal characters, compressed as well as `coding` can. Made at once, sent as it is."""
    content = compressed(b"a" * size, coding)
    return respond(content, headers=[("Content-Encoding", coding)])


def compressed(data: bytes, coding: str) -> bytes:
    """`data` under a Content-Encoding value."""
    for one in coding.split(","):
        match one.strip():
            case "gzip":
                data = gzip.compress(data, 9)
            case "deflate":
                data = zlib.compress(data, 9)
            case "br":
                import brotli  # comes with scrapy

                data = brotli.compress(data)
            case "zstd":
                from backports import zstd  # comes with scrapy

                data = zstd.compress(data)
            case other:
                raise ValueError(f"no such coding: {other}")
    return data


def _not_modified(request: Received, etag: str | None, last_modified: dt.datetime | None) -> bool:
    """RFC 9110 §13.2.2: If-None-Match decides where it is present."""
    asked = request.header("If-None-Match")
    if asked is not None:
        return etag is not None and etag in [one.strip() for one in asked.split(",")]
    since = request.header("If-Modified-Since")
    if since is None or last_modified is None:
        return False
    return last_modified.replace(microsecond=0) <= parsedate_to_datetime(since)
