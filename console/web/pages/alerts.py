"""Alerts: what one's watches told, and how far each has come."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from console.web.people import Person, needs
from console.web.templating import page

router = APIRouter(include_in_schema=False)


@router.get("/alerts")
def listed(
    request: Request, person: Annotated[Person, Depends(needs("analyst"))],
    watch: Annotated[str | None, Query(max_length=200)] = None, limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> Response:  # fmt: skip
    """The last alerts of the person's own watches."""
    book = request.app.state.here.watches
    own = [row for row in book.watches() if row.owner == person.owner]
    mine = {row.id for row in own}
    alerts = [row for row in book.alerts(limit * 5, watch=watch) if row.watch_id in mine][:limit]
    return page(request, "alerts.html", alerts=alerts, watches=own, watch=watch)
