"""Runs: what ran, why it ended so, and every request behind "why was there no alert?"."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from console.web.errors import Problem
from console.web.people import Person, needs
from console.web.templating import page

router = APIRouter(include_in_schema=False)


@router.get("/runs")
def listed(
    request: Request, _person: Annotated[Person, Depends(needs("reader"))],
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:  # fmt: skip
    """The last runs."""
    return page(request, "runs.html", runs=request.app.state.here.queries.runs(limit))


@router.get("/runs/{run_id}")
def one(request: Request, run_id: int, _person: Annotated[Person, Depends(needs("reader"))]) -> Response:
    """A run with its events and its fetch log."""
    queries = request.app.state.here.queries
    run = queries.run(run_id) if run_id < 2**63 else None
    if run is None:
        raise Problem(404, "not found", f"there is no run {run_id}")
    return page(request, "run.html", run=run, events=queries.events(state=None, run_id=run_id),
                fetches=queries.fetches(run_id, limit=500))  # fmt: skip
