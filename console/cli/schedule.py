"""`schedule`: what is due, running and late, and why."""

from datetime import timedelta
from typing import Annotated, Any

import typer
from rich.markup import escape

from console.cli.output import AsJson, json_line, out, shown, table
from console.installation import Installation
from policy_crawler.errors import OperatorError
from schedules.dispatch import SERVICE_LEASE
from schedules.report import Line, schedule


def add_to(app: typer.Typer) -> None:
    app.command("schedule")(show_schedule)


def show_schedule(
    sources: Annotated[
        list[str] | None, typer.Argument(metavar="[SOURCE]...", help="Only these; else all that are scheduled.")
    ] = None,
    late: Annotated[
        bool, typer.Option("--late", help="Only what waits too long, or had no success for twice its cadence.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, help="Sources to list, the next due first.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show when each source is due and why then, what runs and how far it is, and what is late by how much.

    Example: policy-crawler schedule --late
    """
    here = Installation()
    for source_id in sources or []:
        here.catalog.get(source_id)
    lines = list(schedule(here.timetable, here.pacing, here.catalog.sources, here.clock))
    if sources:
        lines = [line for line in lines if line.source in sources]
        if missing := sorted(set(sources) - {line.source for line in lines}):
            raise OperatorError(
                f"{missing[0]} is not scheduled. 'policy-crawler sources enable {missing[0]}' and a running "
                "'policy-crawler serve' schedule it."
            )
    chosen = [line for line in lines if not late or line.late is not None or line.silent is not None]
    if as_json:
        for line in chosen[:limit]:
            json_line(_plain(line))
        return
    holder = here.leases.holder(SERVICE_LEASE)
    counts = ", ".join(
        f"{sum(line.state == state for line in lines)} {state}" for state in ("running", "waiting", "late")
    )
    silent = sum(line.silent is not None for line in lines)
    out().print(f"{len(lines)} sources scheduled; {counts}, {silent} without a success for twice their cadence")
    out().print(
        f"[dim]the service: {escape(holder)}[/dim]"
        if holder
        else "[yellow]no service runs: nothing is crawled[/yellow]"
    )
    rows = ((x.source, x.state, x.due, _delay(x.late), _delay(x.silent), _doing(x), x.why) for x in chosen[:limit])
    table("Schedule", ("source", "state", "due", "late", "silent", "run", "why then"), rows)
    if len(chosen) > limit:
        out().print(f"[dim]{len(chosen) - limit} more: --limit[/dim]")


def _plain(line: Line) -> dict[str, Any]:
    said = {name: getattr(line, name) for name in line.__dataclass_fields__}
    for name in ("late", "silent"):
        waited = said.pop(name)
        said[f"{name}_seconds"] = None if waited is None else round(waited.total_seconds())
    return said


def _delay(waited: timedelta | None) -> str:
    if waited is None:
        return shown(None)
    minutes = round(waited.total_seconds() / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h" if minutes < 2_880 else f"{minutes // 1_440} d"


def _doing(line: Line) -> str:
    if line.run is None:
        return shown(None)
    found = "".join(f", {number} {outcome}" for outcome, number in line.documents.items())
    return (
        f"run {line.run}: {line.requests} requests, {line.queued} waiting{found}"
        if line.state == "running"
        else (f"run {line.run} waits")
    )
