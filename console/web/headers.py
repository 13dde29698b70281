"""What every answer carries and every request must keep to, whatever the route."""

from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.web.people import VISIT

BODY_LIMIT = 1_000_000  # bytes of a request's body
LONGEST_PATH = 8_000  # bytes of path and query

# No script or style but our own files; nothing of this site in another's frame; no request to another host.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# An archived page: its own scripts, forms and requests do nothing, and it is nobody's origin.
SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"

ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cache-Control": "no-store",
}


class Guard:
    """ASGI middleware: known hosts, bodies and addresses of a bearable size, and the headers above on each answer that
    does not set them itself. A name that was rebound to this machine is no known host."""

    def __init__(self, app: ASGIApp, hosts: Iterable[str], secure: bool) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts)
        self._secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if refused := self._refusal(scope, headers):
            await PlainTextResponse(refused[1], refused[0], headers=ALWAYS)(scope, receive, send)
            return
        scope.setdefault("state", {})
        body, over = 0, False

        async def limited() -> Message:
            nonlocal body, over
            message = await receive()
            body += len(message.get("body", b""))
            if body > BODY_LIMIT:
                over = True
                return {"type": "http.disconnect"}
            return message

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                if over:
                    message = {"type": "http.response.start", "status": 413, "headers": []}
                answer = MutableHeaders(scope=message)
                for name, value in ALWAYS.items():
                    answer.setdefault(name, value)
                if self._secure:
                    answer.setdefault("Strict-Transport-Security", "max-age=31536000")
                if (visit := scope["state"].get("new_visit")) is not None:
                    answer.append("set-cookie", cookie(VISIT, visit, secure=self._secure))
            await send(message)

        await self._app(scope, limited, guarded)

    def _refusal(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        host = headers.get("host", "")
        name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
        if name.lower() not in self._hosts:
            return 421, f"This console is not served as {host[:100]!r}; [console] url names its address."
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > BODY_LIMIT:
            return 413, f"A request's body has at most {BODY_LIMIT:,} bytes."
        if len(scope.get("raw_path") or b"") + len(scope.get("query_string") or b"") > LONGEST_PATH:
            return 414, "The address is too long."
        return None


def cookie(name: str, value: str, *, secure: bool, seconds: int | None = None) -> str:
    """A Set-Cookie value: for this host only, out of scripts' reach, not sent with other sites' forms."""
    parts = [f"{name}={value}", "Path=/", "HttpOnly", "SameSite=Lax"]
    if secure:
        parts.append("Secure")
    if seconds is not None:
        parts.append(f"Max-Age={seconds}")
    return "; ".join(parts)
