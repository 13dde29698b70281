"""`runs`: what ran and how it ended; what runs now, and ending it."""

import sys
from typing import Annotated

import typer
from rich.markup import escape

from console.cli.following import end_or_leave, follow, who
from console.cli.output import FAILED, AsJson, json_line, out, table
from console.cli.progress import Report
from console.cli.summaries import exit_code, summarise
from console.installation import Installation
from policy_crawler.errors import OperatorError
from schedules.jobs import Crawl
from storage.errors import ArchiveError
from storage.on_demand import OnDemand


def add_to(app: typer.Typer) -> None:
    runs = typer.Typer(help="What ran, how it ended, and every request it made.", no_args_is_help=True)
    runs.command("list")(list_runs)
    runs.command("show")(show_run)
    runs.command("watch")(watch_run)
    runs.command("cancel")(cancel_run)
    runs.command("release")(release_run)
    app.add_typer(runs, name="runs")


def list_runs(
    source: Annotated[str | None, typer.Option(help="Only this source's runs.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Runs to list, newest first.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List runs, newest first.

    Example: policy-crawler runs list --source miit-wjfb-tz
    """
    rows = Installation().queries.runs(limit, source)
    if as_json:
        for row in rows:
            json_line(row)
        return
    table(
        "Runs",
        ("run", "source", "trigger", "started", "verdict", "counts", "reason"),
        (
            (r.id, r.source_id, r.trigger, r.started_at, r.verdict or "not finished", _counts(r.counts), r.reason)
            for r in rows
        ),
    )


def _counts(counts: dict[str, int]) -> str:
    return " ".join(f"{name}={number}" for name, number in counts.items() if number)


def show_run(
    run: Annotated[int, typer.Argument(help="The run's number.")],
    as_json: AsJson = False,
) -> None:
    """Show a run and every request it made: why there was an alert, or none.

    Example: policy-crawler runs show 12
    """
    here = Installation()
    summary = here.queries.run(run)
    if summary is None:
        raise OperatorError(f"no run {run}. See 'policy-crawler runs list'.")
    fetches = here.queries.fetches(run)
    if as_json:
        json_line({"run": summary, "fetches": fetches})
        return
    out().print(
        f"run {summary.id} of {summary.source_id}: {summary.verdict or 'not finished'}  {escape(summary.reason)}"
    )
    out().print(_counts(summary.counts))
    table(
        "Requests",
        ("at", "purpose", "status", "outcome", "archive", "bytes", "ms", "url", "why"),
        (
            (f.at, f.purpose, f.status, f.outcome, f.recorded, f.bytes, f.duration_ms, f.url, f.error or f.reason)
            for f in fetches
        ),
    )


def release_run(
    run: Annotated[int, typer.Argument(help="The run's number.")],
    as_json: AsJson = False,
) -> None:
    """Publish what a quarantined run holds back, once you have found that nothing was wrong.

    Alerts go out with the next pass of the service, or of a crawl.

    Example: policy-crawler runs release 12
    """
    try:
        published = Installation().archive.release_run(run)
    except ArchiveError as error:
        raise OperatorError(f"{error}. See 'policy-crawler runs list'.") from error
    if as_json:
        json_line({"run": run, "published": published})
        return
    out().print(f"run {run} released: {published} events published")


def watch_run(
    run: Annotated[int, typer.Argument(help="The run's number.")],
    as_json: AsJson = False,
) -> None:
    """Follow a run to its end, whichever process makes it. Ctrl-C asks whether to end the run, too.

    Example: policy-crawler runs watch 12
    """
    here = Installation()
    found = _on_demand(here).progress(run)
    if found is None:
        raise OperatorError(f"no run {run}. See 'policy-crawler runs list'.")
    crawl = Crawl(found.source_id, "", run)
    with Report(quiet=as_json and not sys.stderr.isatty()) as report:
        ended = follow(here, [crawl], report)
    if ended.interrupted:
        raise typer.Exit(end_or_leave(here, [crawl]))
    if ended.deserted:
        raise typer.Exit(FAILED)
    summarise([crawl], ended.results, report.documents, as_json)
    raise typer.Exit(exit_code(list(ended.results.values())))


def cancel_run(
    run: Annotated[int, typer.Argument(help="The run's number.")],
    as_json: AsJson = False,
) -> None:
    """End a run before its time: one that waits is dropped; one that is under way ends cleanly, with what it found.

    Example: policy-crawler runs cancel 12
    """
    try:
        state = _on_demand(Installation()).cancel(run, who())
    except ArchiveError as error:
        raise OperatorError(f"{error}. See 'policy-crawler runs list'.") from error
    if as_json:
        json_line({"run": run, "state": state})
    elif state == "finished":
        out().print(f"run {run} will not begin")
    else:
        out().print(f"run {run} is told to end; 'policy-crawler runs watch {run}' shows when it has")


def _on_demand(here: Installation) -> OnDemand:
    return OnDemand(here.engine, here.clock)
