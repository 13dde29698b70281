"""`watch dry-run` and `watch explain`: what a watch would have told, and why it told of something or did not."""

import dataclasses
from typing import Annotated

import typer
from rich.markup import escape

from console.cli.output import AsJson, err, json_line, out, shown
from console.cli.stats import sparkline
from console.installation import Installation
from schedules import digests
from schedules.explaining import Check, Explainer, Explanation
from schedules.rehearsing import Rehearsal, rehearse
from schedules.watches import read_filters
from storage.errors import OperatorError
from storage.query import parse
from storage.rows_watch import WatchRow

MARKS = {True: "[green]yes[/green]", False: "[red]no[/red] ", None: "[dim]—[/dim]  "}


def dry_run(
    query: Annotated[str, typer.Argument(help="A query, or the name of a watch.")],
    source: Annotated[list[str] | None, typer.Option(help="Only documents of this source. Repeatable.")] = None,
    issuer: Annotated[list[str] | None, typer.Option(help="Only issuers whose name contains this. Repeatable.")] = None,
    kind: Annotated[list[str] | None, typer.Option("--type", help="Only this type. Repeatable.")] = None,
    event: Annotated[list[str] | None, typer.Option(help="Only this kind of event. Repeatable.")] = None,
    level: Annotated[list[str] | None, typer.Option(help="Only sources of this level. Repeatable.")] = None,
    region: Annotated[list[str] | None, typer.Option(help="Only sources of this region. Repeatable.")] = None,
    topic: Annotated[list[str] | None, typer.Option(help="Only sources about this. Repeatable.")] = None,
    cadence: Annotated[str | None, typer.Option(help="at_once, hourly, 'daily 08:00' or 'weekly mon 09:00'.")] = None,
    quiet: Annotated[str | None, typer.Option(help="Quiet hours, as 22:00-07:00.")] = None,
    samples: Annotated[int, typer.Option(min=0, max=1000, help="Matches to show, the newest first.")] = 5,
    as_json: AsJson = False,
) -> None:
    """Try a query or a watch on the archive's last year: how many matches, and messages a week, that would have been.

    Example: policy-crawler watch dry-run '工业互联网 OR 5G' --cadence 'daily 08:00'
    """
    here = Installation()
    watch = next((row for row in here.watches.watches(disabled=True) if row.name == query), None)
    given = {
        "sources": source, "issuers": issuer, "types": kind, "events": event, "levels": level, "regions": region,
        "topics": topic,
    }  # fmt: skip
    filters = {**(watch.filters if watch else {}), **{key: values for key, values in given.items() if values}}
    read_filters(filters)
    now = here.clock.now()
    base = watch or WatchRow(0, query, query, {}, False, True, "local", (), now)
    trial = dataclasses.replace(
        base, filters=filters, enabled=True, cadence=digests.read_cadence(cadence or base.cadence),
        quiet=digests.read_quiet(quiet) if quiet is not None else base.quiet,
    )  # fmt: skip
    parse(trial.query)
    digests.check(trial.cadence, trial.quiet)
    with err().status("looking at the last year …") as status:
        found = rehearse(
            here.watches, trial, samples=samples, step=lambda done: status.update(f"{done} events looked at …")
        )
    if as_json:
        json_line({
            "query": trial.query, "filters": filters, "cadence": trial.cadence, "quiet": trial.quiet,
            "matches_a_week": round(found.matches_a_week, 2), "messages_a_week": round(found.messages_a_week, 2),
            **dataclasses.asdict(found),
        })  # fmt: skip
        return
    _print_rehearsal(found, trial)


def _print_rehearsal(found: Rehearsal, watch: WatchRow) -> None:
    total, sent = sum(found.matches), sum(found.messages)
    rhythm = watch.cadence.replace("_", " ") + (f", quiet {watch.quiet}" if watch.quiet else "")
    kinds = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in found.kinds.items())
    out().print(f"{found.since} to {found.until}, {found.looked_at} events: {total} would have matched", soft_wrap=True)
    if not found.complete:
        out().print("[yellow]there are more events than were looked at: the newest are missing[/yellow]")
    if not total:
        out().print("nothing: 'policy-crawler search' finds what the archive has")
        return
    out().print(f"  {kinds}")
    out().print(
        f"{_a_week(found.messages_a_week)} messages a week for each channel ({rhythm}), "
        f"{_a_week(found.matches_a_week)} matches; at most {max(found.messages)} in a week, {sent} in the year",
        soft_wrap=True,
    )
    out().print(f"  matches   {sparkline(found.matches)}")
    out().print(f"  messages  {sparkline(found.messages)}")
    for sample in found.samples:
        event = sample.event
        terms = ", ".join(dict.fromkeys(f"{hit.term} in {hit.place}" for hit in sample.terms))
        facts = "  ".join(filter(None, (event.number, event.issuer, terms)))
        out().print(f"{sample.on}  {event.kind}  {escape(event.title or event.source_name)}", soft_wrap=True)
        out().print(f"  [dim]{escape(facts)}[/dim]", soft_wrap=True)


def _a_week(number: float) -> str:
    return f"{number:.1f}" if number < 10 else f"{number:.0f}"


def explain(
    watch: Annotated[str, typer.Argument(help="The watch's name.")],
    what: Annotated[
        str, typer.Argument(help="A document by its number in the archive, document number or URL; or event:N.")
    ],
    as_json: AsJson = False,
) -> None:
    """Say why a watch told of a document or an event, or why it did not: each condition, in its order.

    Example: policy-crawler watch explain 工业互联网 https://www.miit.gov.cn/art/1.html
    """
    here = Installation()
    row = here.watches.find_watch(watch)
    explainer = Explainer(here.watches, here.queries)
    if what.startswith("event:"):
        number = what.removeprefix("event:")
        one = explainer.of_event(row, int(number)) if number.isascii() and number.isdigit() else None
        if one is None:
            raise OperatorError(
                f"there is no event {number!r}. 'policy-crawler alerts --json' shows the events' numbers."
            )
        _tell([one], as_json=as_json)
        return
    found = here.queries.find_documents(what)
    if not found:
        _unknown(explainer.of_url(what) if "/" in what else [], what, as_json=as_json)
        return
    _tell([one for document in found for one in explainer.of_document(row, document.id)], as_json=as_json)


def _unknown(checks: list[Check], what: str, *, as_json: bool) -> None:
    if not checks:
        raise OperatorError(f"the archive has no document {what!r}")
    if as_json:
        json_line({"event_id": None, "verdict": "not told: no document", "checks": checks})
        return
    out().print("[bold]not told: no document[/bold]")
    _print(checks)


def _tell(explanations: list[Explanation], *, as_json: bool) -> None:
    if as_json:
        for one in explanations:
            json_line(one)
        return
    if not explanations:
        out().print("nothing was ever told of this document: it has no events (it may have been merged or imported)")
    for one in explanations:
        out().print(
            f"[bold]{one.verdict}[/bold]  {one.kind} {shown(one.at)}  {escape(one.title or '')}  "
            f"[dim]event {one.event_id}[/dim]",
            soft_wrap=True,
        )
        _print(list(one.checks))


def _print(checks: list[Check]) -> None:
    for check in checks:
        out().print(f"  {MARKS[check.met]}  {escape(check.what)}: {escape(check.said)}", soft_wrap=True)
