"""Sources: how each one goes."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from console.web.errors import Problem
from console.web.people import Person, needs
from console.web.templating import page

router = APIRouter(include_in_schema=False)
State = Literal["", "new", "ok", "degraded", "blocked", "quarantined", "broken"]


@router.get("/sources")
def listed(
    request: Request, _person: Annotated[Person, Depends(needs("reader"))], state: State = "",
    q: Annotated[str, Query(max_length=100)] = "",
) -> Response:  # fmt: skip
    """The sources that the archive knows, those in trouble first."""
    rows = request.app.state.here.queries.sources()
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.state] = counts.get(row.state, 0) + 1
    words = q.casefold().split()
    chosen = [
        row for row in rows
        if state in {"", row.state} and all(word in f"{row.id} {row.name} {row.issuer}".casefold() for word in words)
    ]  # fmt: skip
    chosen.sort(key=lambda row: (row.state in {"ok", "new"}, row.level, row.name))
    return page(request, "sources.html", sources=chosen[:500], of=len(chosen), counts=counts, state=state, q=q)


@router.get("/sources/{source_id}")
def one(request: Request, source_id: str, _person: Annotated[Person, Depends(needs("reader"))]) -> Response:
    """A source with its last runs."""
    here = request.app.state.here
    row = next((row for row in here.queries.sources() if row.id == source_id), None)
    if row is None:
        raise Problem(404, "not found", f"the archive knows no source {source_id[:100]!r}")
    return page(request, "source.html", source=row, runs=here.queries.runs(30, source_id),
                documents=here.queries.documents(source_id=source_id, limit=20))  # fmt: skip
