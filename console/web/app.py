"""The application that `serve` serves: the console, and how the service is (/healthz, /metrics)."""

import ipaddress
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

from fastapi import Depends, FastAPI, Response
from fastapi.responses import JSONResponse

from console.installation import Installation
from console.web.people import Person, needs
from console.web.site import add_site
from schedules.metrics import Metrics
from schedules.vitals import Checkup

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def is_loopback(host: str) -> bool:
    """Whether nobody outside this machine can reach what listens there."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def create_app(here: Installation, checkup: Checkup, metrics: Metrics, hosts: Sequence[str] = ()) -> FastAPI:
    """The application. `hosts`: names that it is asked by, beside this machine's own and that of `[console] url`."""
    app = FastAPI(title="policy-crawler", docs_url=None, redoc_url=None, openapi_url=None)

    # Plain functions: FastAPI runs them in threads, so that a locked archive does not hold up the scheduler's loop.

    @app.get("/healthz")
    def healthz(_anybody: Annotated[Person, Depends(needs("open"))]) -> JSONResponse:
        """How the service is: 200, or 503 with what is wrong."""
        vitals = checkup.look()
        said = {"status": "ok" if vitals.healthy else "unhealthy", **asdict(vitals)}
        return JSONResponse(said, status_code=200 if vitals.healthy else 503)

    @app.get("/metrics")
    def figures(_operator: Annotated[Person, Depends(needs("operator"))]) -> Response:
        """What the service counts, for Prometheus; where there are accounts, with an operator's token."""
        return Response(metrics.text(), media_type=METRICS_TYPE)

    add_site(app, here, hosts)
    return app
