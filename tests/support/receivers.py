"""Receivers on loopback that act like DingTalk, Feishu, WeCom and a Standard Webhooks endpoint.

Each checks what the vendor checks, by its own reading of the documented algorithm, and answers as the vendor does. A
test gives it a programme: how it fails the next times.
"""

import base64
import hashlib
import hmac
import json
import socket
import ssl
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "6ac9d8f1e0b34d52a7c1f3e5b8d7a902"  # in every robot's URL


@dataclass(frozen=True)
class Request:
    """What came. `taken`: the receiver answered that it took it."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    taken: bool
    at: datetime | None

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def id(self) -> str:
        return self.headers.get("webhook-id", "")


@dataclass(frozen=True)
class Fault:
    """One way to fail. `process`: the receiver has taken the message all the same."""

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    seconds: float = 0  # before it answers
    reset: bool = False  # cut in place of an answer
    endless: int = 0  # MiB of body
    drip: bool = False  # a byte of the answer now and then, for ever
    process: bool = False


def said(code: int, words: str = "", key: str = "errcode", told: str = "errmsg") -> Fault:
    """An error inside a 200."""
    return Fault(body=json.dumps({key: code, told: words}).encode())


@dataclass
class Receiver:
    """A running receiver and what it got."""

    secret: str | None
    now: Callable[[], datetime]
    port: int = 0
    scheme: str = "http"
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    programme: deque[Fault] = field(default_factory=deque)
    always: Fault | None = None
    kind: str = "webhook"

    @property
    def url(self) -> str:
        place = f"{self.scheme}://127.0.0.1:{self.port}"
        return {
            "dingtalk": f"{place}/robot/send?access_token={TOKEN}",
            "feishu": f"{place}/open-apis/bot/v2/hook/{TOKEN}",
            "wecom": f"{place}/cgi-bin/webhook/send?key={TOKEN}",
        }.get(self.kind, f"{place}/hook")

    def will(self, fault: Fault, times: int = 1) -> None:
        """Fail so the next times."""
        self.programme.extend([fault] * times)

    def taken(self) -> list[Request]:
        return [request for request in self.requests if request.taken]

    def judge(self, path: str, query: dict[str, str], headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        """The answer to a request that no fault meets: (status, body)."""
        answer = getattr(self, f"_{self.kind}")(query, headers, body)
        return answer if isinstance(answer, tuple) else (200, json.dumps(answer, ensure_ascii=False).encode())

    def is_taken(self, fault: Fault | None, answer: bytes) -> bool:
        """Whether the receiver works on what came, whatever it says then."""
        if fault is not None:
            return fault.process or (self.kind == "webhook" and 200 <= fault.status < 300)
        return self.kind == "webhook" or 0 in {json.loads(answer).get("errcode"), json.loads(answer).get("code")}

    # Each vendor's own rules.

    def _recent(self, seconds: float, tolerance: float) -> bool:
        return abs(self.now().timestamp() - seconds) <= tolerance

    def _dingtalk(self, query: dict[str, str], headers: dict[str, str], body: bytes) -> dict[str, Any]:
        if query.get("access_token") != TOKEN:
            return {"errcode": 300005, "errmsg": "token is not exist"}
        if self.secret is not None:
            stamp = query.get("timestamp", "0")
            signed = hmac.new(self.secret.encode(), (stamp + "\n" + self.secret).encode(), hashlib.sha256).digest()
            if query.get("sign") != base64.b64encode(signed).decode() or not self._recent(int(stamp) / 1000, 3600):
                return {"errcode": 310000, "errmsg": "sign not match"}
        message = json.loads(body)
        if message["msgtype"] != "markdown" or not message["markdown"]["title"]:
            return {"errcode": 400105, "errmsg": "unsupported message type"}
        if len(body) > 20_000:
            return {"errcode": 460101, "errmsg": "message too long, exceed 20000 bytes"}
        if message["at"].get("isAtAll") or message["at"].get("atMobiles"):
            return {"errcode": 1, "errmsg": "the test wants nobody mentioned"}
        return {"errcode": 0, "errmsg": "ok"}

    def _feishu(self, query: dict[str, str], headers: dict[str, str], body: bytes) -> dict[str, Any]:
        message = json.loads(body)
        if self.secret is not None:
            stamp = str(message.get("timestamp", "0"))
            signed = hmac.new((stamp + "\n" + self.secret).encode(), b"", hashlib.sha256).digest()
            if message.get("sign") != base64.b64encode(signed).decode() or not self._recent(int(stamp), 3600):
                return {"code": 19021, "msg": "sign match fail or timestamp is not within one hour from current time"}
        if len(body) > 20 * 1024:
            return {"code": 9499, "msg": "Bad Request: body too large"}
        if message["msg_type"] != "interactive" or message["card"]["elements"][0]["tag"] != "markdown":
            return {"code": 19002, "msg": "params error, msg_type need"}
        return {"code": 0, "msg": "success", "data": {}}

    def _wecom(self, query: dict[str, str], headers: dict[str, str], body: bytes) -> dict[str, Any]:
        if query.get("key") != TOKEN:
            return {"errcode": 93000, "errmsg": "invalid webhook url"}
        message = json.loads(body)
        if message["msgtype"] != "markdown":
            return {"errcode": 40008, "errmsg": "invalid message type"}
        if len(message["markdown"]["content"].encode()) > 4096:
            return {"errcode": 40058, "errmsg": "markdown.content exceed max length 4096"}
        return {"errcode": 0, "errmsg": "ok"}

    def _webhook(self, query: dict[str, str], headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        return 200, b"thank you"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "_Server"

    def log_message(self, *_arguments: Any) -> None:
        pass

    def do_POST(self) -> None:
        state = self.server.state
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        with self.server.lock:
            fault = state.programme.popleft() if state.programme else state.always
            status, answer = state.judge(parts.path, query, headers, body)
            state.requests.append(Request(parts.path, query, headers, body, state.is_taken(fault, answer), state.now()))
        if fault is None:
            self._write(status, answer, ())
        else:
            self._fail(fault)

    def _fail(self, fault: Fault) -> None:
        time.sleep(fault.seconds)
        if fault.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
            return
        if fault.drip:
            with suppress(OSError):
                while True:
                    self.wfile.write(b"H")
                    time.sleep(0.1)
        else:
            self._write(fault.status, fault.body + b"x" * (fault.endless << 20), fault.headers)

    def _write(self, status: int, body: bytes, headers: tuple[tuple[str, str], ...]) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            if status != 204:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if status != 204:
                self.wfile.write(body)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    state: Receiver
    lock: threading.Lock

    def get_request(self) -> Any:
        found = super().get_request()
        self.state.connections += 1
        return found

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away, a handshake that failed: the test asks for it."""


@contextmanager
def receiver(
    kind: str, *, secret: str | None = None, now: Callable[[], datetime], tls: ssl.SSLContext | None = None
) -> Iterator[Receiver]:
    """A running receiver that acts like `kind`: webhook, dingtalk, feishu or wecom."""
    server = _Server(("127.0.0.1", 0), _Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.lock = threading.Lock()
    server.state = state = Receiver(secret, now, kind=kind, scheme="https" if tls else "http")
    state.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
