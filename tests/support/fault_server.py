"""An HTTP server on loopback that misbehaves as told, and remembers every request.

It runs in a thread of its own, speaks http and https, and plays any number of hosts. Crawls reach it under the hosts'
real names through a connection map (`policy_crawler.connections`):

    with FaultServer() as server:
        server.on("www.miit.gov.cn", "/zwgk/index.html", respond("<html>…</html>", etag='"1"'))
        server.on("www.miit.gov.cn", "/robots.txt", respond("User-agent: *\\nDisallow: /", content_type="text/plain"))
        server.on("www.miit.gov.cn", "/gone", in_turn(respond("here"), respond(status=404)))
        monkeypatch.setenv("POLICY_CRAWLER_CONNECTION_MAP", str(server.map_for(["https://www.miit.gov.cn"])))
        …crawl in a child process…
        assert [r.path for r in server.requests("www.miit.gov.cn")] == ["/robots.txt", "/zwgk/index.html"]
        assert server.trapped() == []

A behaviour is any `async def behaviour(exchange: Exchange) -> None`; those below cover what real servers do. A path
that was not scripted answers 404, so an unscripted robots.txt allows everything. `path` may be "/a/b" (any query),
"/a/b?x=1" (that query first), or "*" (the host's default); the host "*" stands for every host.
"""

import asyncio
import contextlib
import datetime as dt
import gzip
import itertools
import json
import shutil
import ssl
import tempfile
import threading
import time
import warnings
import zlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

import trustme

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


def _speak_tls_1_0(context: ssl.SSLContext) -> None:
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that it is old is the point
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1


class FaultServer:
    """The server. A context manager; `stop()` ends every open exchange."""

    def __init__(self, *, only_tls_1_0: bool = False) -> None:
        self._only_tls_1_0 = only_tls_1_0
        self.folder = Path(tempfile.mkdtemp(prefix="fault-server-"))
        self.ca = trustme.CA()
        self._other_ca = trustme.CA()
        self.ca_file = self.folder / "ca.pem"
        self.ca.cert_pem.write_to_path(str(self.ca_file))
        self._script: dict[tuple[str, str], Behaviour] = {}
        self._certificates: dict[str, ssl.SSLContext] = {}
        self._visits: dict[tuple[str, str], int] = {}
        self._received: list[Received] = []
        self._connections = itertools.count(1)
        self._maps = itertools.count(1)
        self._traps: list[Path] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True, name="fault-server")
        self.port = 0
        self.tls_port = 0

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(10):
            raise RuntimeError("the fault server did not start within 10 s")
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def stop(self) -> None:
        """End every exchange, close both ports, and wait for the thread."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join(10)

    # What it does

    def on(self, host: str, path: str, behaviour: Behaviour) -> None:
        """Answer requests for `path` on `host` so, from now on, and count its visits from 1 again."""
        self._visits.pop((host, path), None)
        self._script[host, path] = behaviour

    def certificate(self, host: str, kind: Literal["valid", "expired", "self-signed", "wrong-host"] = "valid") -> None:
        """Choose what the https side of `host` presents. Not chosen: a valid certificate of the throwaway CA."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ca = self._other_ca if kind == "self-signed" else self.ca
        name = "other.example" if kind == "wrong-host" else host
        expired = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
        dates = {"not_before": expired, "not_after": expired + dt.timedelta(days=90)} if kind == "expired" else {}
        ca.issue_cert(name, **dates).configure_cert(context)
        self._certificates[host] = context

    def map_for(
        self, urls: Sequence[str], *, answers: dict[str, list[list[str]]] | None = None, trap: Path | None = None
    ) -> Path:
        """A connection map that leads these hosts here. A URL without a port stands for its scheme's own, and a bare
        host for both schemes. `answers` scripts what names resolve to (see `policy_crawler.connections`)."""
        pairs: dict[str, str] = {}
        for url in urls:
            parts = urlsplit(url if "://" in url else f"//{url}")
            host = parts.hostname or ""
            shown = f"[{host}]" if ":" in host else host
            for scheme in [parts.scheme] if parts.scheme else ["http", "https"]:
                port = parts.port or (443 if scheme == "https" else 80)
                pairs[f"{shown}:{port}"] = f"127.0.0.1:{self.tls_port if scheme == 'https' else self.port}"
        number = next(self._maps)
        trap = trap or self.folder / f"trap-{number}.jsonl"
        self._traps.append(trap)
        path = self.folder / f"map-{number}.json"
        data = {"connections": pairs, "ca": str(self.ca_file), "trap": str(trap), "answers": answers or {}}
        path.write_text(json.dumps(data), encoding="utf-8")
        return path

    # What it saw

    def requests(self, host: str | None = None, path: str | None = None) -> list[Received]:
        """The requests so far, in order of arrival, for a host and a path (with or without its query)."""
        return [
            request
            for request in list(self._received)
            if host in (None, request.host) and (path is None or path in (request.path, request.target))
        ]

    def trapped(self) -> list[dict[str, object]]:
        """What was refused by the maps of this server: {"kind": "connect" or "resolve", "host", "port"}."""
        lines = [line for trap in self._traps if trap.exists() for line in trap.read_text("utf-8").splitlines()]
        return [json.loads(line) for line in lines]

    def forget(self) -> None:
        """Forget the requests and visits so far; the script stays."""
        self._received.clear()
        self._visits.clear()

    # How it works

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        plain = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=2**20)
        secure = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=2**20, ssl=self._tls())
        self.port = plain.sockets[0].getsockname()[1]
        self.tls_port = secure.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stopping.wait()
        plain.close()
        secure.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _tls(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.ca.issue_cert("localhost").configure_cert(context)
        if self._only_tls_1_0:
            _speak_tls_1_0(context)

        def choose(connection: ssl.SSLObject | ssl.SSLSocket, name: str | None, _: ssl.SSLContext) -> None:
            if name is not None:
                if name not in self._certificates:
                    self.certificate(name)
                connection.context = self._certificates[name]

        context.sni_callback = choose  # type: ignore[assignment]
        return context

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        number = next(self._connections)
        with contextlib.suppress(ConnectionError, ssl.SSLError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while (request := await self._read(reader, number, writer)) is not None:
                key, behaviour = self._find(request)
                self._visits[key] = visit = self._visits.get(key, 0) + 1
                self._received.append(request)
                exchange = Exchange(request, visit, writer, self._stopping)
                await behaviour(exchange)
                await writer.drain()
                if not exchange.keep_alive:
                    break
        self._tasks.discard(task)
        writer.close()

    async def _read(
        self, reader: asyncio.StreamReader, connection: int, writer: asyncio.StreamWriter
    ) -> Received | None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return None
        first, *lines = head.decode("latin-1").split("\r\n")[:-2]
        method, target, _ = first.split(" ", 2)
        pairs = [line.split(":", 1) for line in lines]
        headers = tuple((name, value.strip()) for name, value in pairs)
        named = {name.lower(): value for name, value in headers}
        body = await reader.readexactly(int(named.get("content-length", "0")))
        # A proxy is asked with the whole URL.
        parts = urlsplit(target if "://" in target else f"//{named.get('host', '')}{target}")
        return Received(
            method=method,
            target=target,
            host=(parts.hostname or "").lower(),
            path=parts.path or "/",
            query=parts.query,
            headers=headers,
            body=body,
            at=time.monotonic(),
            connection=connection,
            tls=writer.get_extra_info("ssl_object") is not None,
        )

    def _find(self, request: Received) -> tuple[tuple[str, str], Behaviour]:
        whole = f"{request.path}?{request.query}" if request.query else request.path
        for host in (request.host, "*"):
            for path in (whole, request.path, "*"):
                if (host, path) in self._script:
                    return (host, path), self._script[host, path]
        return (request.host, request.path), respond("<html><title>404</title>not scripted</html>", status=404)
