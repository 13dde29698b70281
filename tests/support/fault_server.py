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
import itertools
import json
import shutil
import ssl
import tempfile
import threading
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

import trustme
from support.behaviours import (
    Behaviour,
    Exchange,
    Received,
    big_headers,
    bomb,
    compressed,
    endless,
    hang_up,
    in_turn,
    raw,
    redirect,
    redirect_loop,
    respond,
    robots,
    silence,
)

__all__ = [
    "Behaviour",
    "Exchange",
    "FaultServer",
    "Received",
    "big_headers",
    "bomb",
    "compressed",
    "endless",
    "hang_up",
    "in_turn",
    "raw",
    "redirect",
    "redirect_loop",
    "respond",
    "robots",
    "silence",
]


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
                if request.method == "CONNECT":  # as a proxy does: a tunnel, whose other end is this server again
                    self._received.append(request)
                    writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                    await writer.start_tls(self._tls())
                    continue
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
        if method == "CONNECT":
            parts = urlsplit(f"//{target}")
        else:
            parts = urlsplit(target if "://" in target else f"//{named.get('host', '')}{target}")
        return Received(
            method=method,
            target=target,
            host=(parts.hostname or "").lower(),
            path=parts.path or ("/" if method != "CONNECT" else ""),
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
