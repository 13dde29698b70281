"""Today: what came in and changed, what comes into force, whose deadline is near, which sources are in trouble."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from console.web.people import Person, needs
from console.web.templating import language_of, page
from storage.diff import summary
from storage.outlook import outlook

router = APIRouter(include_in_schema=False)
TROUBLE = ("broken", "blocked", "quarantined", "degraded")


@router.get("/")
def show(
    request: Request, person: Annotated[Person, Depends(needs("reader"))],
    days: Annotated[int, Query(ge=1, le=30)] = 1,
) -> Response:  # fmt: skip
    """The last days' events by day and issuer, and what is near."""
    here = request.app.state.here
    now = here.clock.now()
    seen = outlook(here.engine, here.clock.today(), now - timedelta(days=days))
    sources = here.queries.sources()
    kept = request.app.state.desk.of({event.document_id for event in seen.events if event.document_id}, person.owner_id)
    language: Any = language_of(request)
    said = {event.id: summary(event.changes, language) for event in seen.events if event.changes}
    return page(
        request, "today.html", days=days, seen=seen, said=said, kept=kept, empty=not sources or not any(
            source.documents for source in sources), trouble=[one for one in sources if one.state in TROUBLE],
        sources=len(sources),
    )  # fmt: skip
