"""The desk: what has my star, is mine to look after, or bears a tag."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from console.web.people import Person, needs
from console.web.templating import page

router = APIRouter(include_in_schema=False)


@router.get("/desk")
def show(
    request: Request, person: Annotated[Person, Depends(needs("reader"))],
    show: Annotated[str, Query(max_length=60, pattern="^(starred|assigned|tag:.+)$")] = "starred",
) -> Response:  # fmt: skip
    """The documents of one list."""
    here, desk = request.app.state.here, request.app.state.desk
    ids = desk.listed(person.owner_id, show)
    found = [row for number in ids if (row := here.queries.document(number)) is not None]
    return page(request, "desk.html", show=show, documents=found, tags=desk.tags(), kept=desk.of(ids, person.owner_id))
