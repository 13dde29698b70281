"""The application that `serve` serves: /healthz and /metrics."""

import ipaddress
from collections.abc import Awaitable, Callable
from dataclasses import asdict

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from schedules.metrics import Metrics
from schedules.vitals import Checkup

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})  # a Host header that a page elsewhere cannot make a browser send
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

Next = Callable[[Request], Awaitable[Response]]


def is_loopback(host: str) -> bool:
    """Whether nobody outside this machine can reach what listens there."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def create_app(checkup: Checkup, metrics: Metrics) -> FastAPI:
    """The application. It answers only those who ask this machine by its own names (DNS rebinding)."""
    app = FastAPI(title="policy-crawler", docs_url=None, redoc_url=None, openapi_url=None)

    @app.middleware("http")
    async def guard(request: Request, following: Next) -> Response:
        host = request.headers.get("host", "")
        name = host if host.endswith("]") else host.rpartition(":")[0] or host
        if name.lower() not in NAMES:
            return Response("unknown host\n", status_code=421, headers=HEADERS)
        response = await following(request)
        for header, value in HEADERS.items():
            response.headers.setdefault(header, value)
        return response

    # Plain functions: FastAPI runs them in threads, so that a locked archive does not hold up the scheduler's loop.

    @app.get("/healthz")
    def healthz() -> JSONResponse:
        """How the service is: 200, or 503 with what is wrong."""
        vitals = checkup.look()
        said = {"status": "ok" if vitals.healthy else "unhealthy", **asdict(vitals)}
        return JSONResponse(said, status_code=200 if vitals.healthy else 503)

    @app.get("/metrics")
    def figures() -> Response:
        """What the service counts, for Prometheus."""
        return Response(metrics.text(), media_type=METRICS_TYPE)

    return app
