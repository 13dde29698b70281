"""`crawl`: read sources now, tell what was found, deliver this crawl's alerts."""

import asyncio
import signal
import sys
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer
from rich.markup import escape

from console.cli.output import DONE, FAILED, REFUSED, AsJson, err, json_line, out
from console.cli.progress import Report
from console.installation import Installation
from policy_crawler.errors import OperatorError
from schedules.dispatch import deliver_pending
from schedules.jobs import Crawl, CrawlError
from storage.records import RunSummary, Verdict

Signals = list[signal.Signals]
Result = RunSummary | CrawlError
REFUSALS = {Verdict.BLOCKED, Verdict.QUARANTINED}
# Counts of a run in the words of the summary, where the count's own name is not one for any number.
PLURALS = {"request": "requests", "listing": "listings", "entry": "entries", "attachment": "attachments"}
SINGULARS = {many: one for one, many in PLURALS.items()}


class Recheck(StrEnum):
    """Which known pages a crawl looks at again."""

    DUE = "due"
    ALL = "all"
    NONE = "none"


def add_to(app: typer.Typer) -> None:
    app.command("crawl")(crawl)


def crawl(
    sources: Annotated[
        list[str] | None, typer.Argument(metavar="[SOURCE]...", help="Ids of sources; see 'sources list'.")
    ] = None,
    url: Annotated[str | None, typer.Option(help="Read and archive this one page instead.")] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Go back through the listing to this date.")
    ] = None,
    pages: Annotated[int | None, typer.Option(min=1, help="Read this many pages of the listing, known or not.")] = None,
    recheck: Annotated[Recheck, typer.Option(help="Which known pages to look at again.")] = Recheck.DUE,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Also show the log of the crawls.")] = False,
    as_json: AsJson = False,
) -> None:
    """Crawl sources now: new entries, their documents and attachments, and known pages that are due.

    Example: policy-crawler crawl miit-wjfb-tz ithome-rss
    """
    if bool(sources) == bool(url):
        raise OperatorError("name sources, or one page with --url. 'policy-crawler sources list' shows the sources.")
    if url is not None and (since or pages):
        raise OperatorError("--since and --pages read listings; with --url there is one page and no listing.")
    here = Installation()
    crawls = _crawls(here, sources or [], url, since, pages, recheck)
    received: Signals = []
    with Report(quiet=as_json and not sys.stderr.isatty() and not verbose, verbose=verbose) as report:
        results = asyncio.run(_run(here, crawls, report, received))
    _summarise(crawls, results, report.documents, as_json)
    _deliver(here)
    raise typer.Exit(128 + received[0] if received else exit_code(list(results.values())))


def _crawls(
    here: Installation,
    sources: list[str],
    url: str | None,
    since: datetime | None,
    pages: int | None,
    recheck: Recheck,
) -> list[Crawl]:
    if url is not None:
        from policy_crawler.network import vet_url  # noqa: PLC0415 -- loads Twisted: only where a URL is given

        vet_url(url)
        here.register([here.catalog.get("page")])
        return [Crawl("page", urlsplit(url).hostname or "", url=url, recheck="none")]
    chosen = [here.catalog.get(source_id) for source_id in dict.fromkeys(sources)]
    for source in chosen:
        if source.family == "page":
            raise OperatorError(f"{source.id} reads one page: say which, with 'policy-crawler crawl --url URL'.")
        if not source.ready:
            raise OperatorError(
                f"{source.id} cannot be read yet: no reader for its site; see 'policy-crawler sources show {source.id}'"
            )
    here.register(chosen)
    day = since.date() if since else None
    return [Crawl(s.id, s.site, since=day, pages=pages, recheck=recheck.value) for s in chosen]


async def _run(here: Installation, crawls: list[Crawl], report: Report, received: Signals) -> dict[str, Result]:
    """Run the crawls; answers how each ended, by source. A signal ends them cleanly: what they had done is kept, and
    crawls that had not begun are left out."""
    runner = here.runner("crawl", report.heard, report.logged)
    work = asyncio.create_task(runner.run_all(crawls, here.config.schedule.concurrency))
    this = asyncio.current_task()

    def stop(number: signal.Signals) -> None:
        received.append(number)
        if len(received) == 1:
            report.note("stopping; what was fetched is kept, the next crawl goes on from there. Once more: at once.")
            work.cancel()
            return
        for task in asyncio.all_tasks() - {this}:  # a group that is cancelled already takes no notice of a second time
            task.cancel()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop, number)
    try:
        return dict(zip((crawl.source_id for crawl in crawls), await work, strict=True))
    except asyncio.CancelledError:
        here.archive.fail_dead_runs(runner.is_alive)  # those that were stopped at once
        rows = {source_id: here.queries.run(run_id) for source_id, run_id in report.runs.items()}
        return {source_id: row for source_id, row in rows.items() if row is not None}


def _deliver(here: Installation) -> None:
    """Match and deliver what this crawl brought, unless a service is there to do it."""
    here.archive.pass_time()
    done = deliver_pending(here.dispatcher("crawl"), here.leases)
    if done is None:
        err().print("[dim]a service is running on this archive: it sends the alerts[/dim]")
    elif done.alerts:
        err().print(f"{done.alerts} new {'alert' if done.alerts == 1 else 'alerts'}; see 'policy-crawler alerts'")


def exit_code(results: list[Result]) -> int:
    """0 all done; 1 anything failed; 3 nothing failed but a source is blocked or quarantined."""
    verdicts = {result.verdict if isinstance(result, RunSummary) else Verdict.FAILED for result in results}
    if verdicts - REFUSALS - {Verdict.OK}:
        return FAILED
    return REFUSED if verdicts & REFUSALS else DONE


def _summarise(
    crawls: list[Crawl], results: dict[str, Result], documents: Mapping[str, list[dict[str, Any]]], as_json: bool
) -> None:
    for crawl in crawls:
        result = results.get(crawl.source_id)
        if result is None:
            err().print(f"{escape(crawl.source_id)}: not begun", soft_wrap=True)
        elif as_json:
            json_line(_summary_json(crawl, result, documents.get(crawl.source_id, [])))
        elif isinstance(result, CrawlError):
            out().print(f"{escape(crawl.source_id)}: [red]failed[/red]: {escape(str(result))}", soft_wrap=True)
        else:
            out().print(_summary_line(result), soft_wrap=True)


def _summary_json(crawl: Crawl, result: Result, documents: list[dict[str, Any]]) -> dict[str, Any]:
    if isinstance(result, CrawlError):
        return {
            "source": crawl.source_id,
            "run": None,
            "verdict": "failed",
            "reason": str(result),
            "documents": documents,
        }
    return {
        "source": result.source_id,
        "run": result.id,
        "verdict": result.verdict,
        "reason": result.reason,
        "backlog": result.backlog,
        "started": result.started_at,
        "finished": result.finished_at,
        "counts": result.counts,
        "documents": documents,
    }


def _summary_line(result: RunSummary) -> str:
    colour = {Verdict.OK: "green", Verdict.BLOCKED: "yellow", Verdict.QUARANTINED: "yellow"}.get(
        result.verdict or Verdict.FAILED, "red"
    )
    shown = ", ".join(counted(number, name) for name, number in result.counts.items() if number) or "nothing to do"
    line = f"{escape(result.source_id)}: [{colour}]{result.verdict or 'unjudged'}[/{colour}]: {escape(shown)}"
    if result.reason:
        line += f"\n  {escape(result.reason)}"
    if result.verdict not in {Verdict.OK, Verdict.INTERRUPTED}:
        line += f"\n  [dim]its requests one by one: policy-crawler runs show {result.id}[/dim]"
    elif result.backlog:
        line += "\n  [dim]first crawl or backfill: what it added is told only where a watch asks for backlog[/dim]"
    return line


def counted(number: int, name: str) -> str:
    """A count of a run in words: 1 listing, 2 listings, 3 added."""
    return f"{number} {SINGULARS.get(name, name) if number == 1 else PLURALS.get(name, name)}"
