"""`crawl`: read sources now, tell what was found, deliver this crawl's alerts."""

import asyncio
import os
import signal
import sys
from collections import defaultdict
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer
from rich.console import Console
from rich.markup import escape

from console.cli.output import DONE, FAILED, REFUSED, AsJson, err, json_line, out
from console.installation import Installation
from policy_crawler.errors import OperatorError
from schedules.dispatch import deliver_pending
from schedules.jobs import Crawl, CrawlError
from storage.records import RunSummary, Verdict

Signals = list[signal.Signals]
REFUSALS = {Verdict.BLOCKED, Verdict.QUARANTINED}
TOLD = ("added", "copy", "changed", "withdrawn", "restored", "missing", "suspect", "blocked", "error")


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
    as_json: AsJson = False,
) -> None:
    """Crawl sources now: new entries, their documents and attachments, and known pages that are due.

    Example: policy-crawler crawl miit-wjfb-tz ithome-rss
    """
    if bool(sources) == bool(url):
        raise OperatorError("name sources, or one page with --url. 'policy-crawler sources list' shows the sources.")
    here = Installation()
    crawls = _crawls(here, sources or [], url, since, pages, recheck)
    report = Report(as_json)
    received: Signals = []
    results = asyncio.run(_run(here, crawls, report, received))
    _summarise(crawls, results, report, as_json)
    _deliver(here)
    raise typer.Exit(128 + received[0] if received else exit_code(results))


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
    here.register(chosen)
    day = since.date() if since else None
    return [Crawl(s.id, s.site, since=day, pages=pages, recheck=recheck.value) for s in chosen]


async def _run(
    here: Installation, crawls: list[Crawl], report: "Report", received: Signals
) -> list[RunSummary | CrawlError]:
    """Run the crawls; a signal ends them cleanly, and what they had done is kept."""
    runner = here.runner("crawl", report.heard, report.logged)
    work = asyncio.create_task(runner.run_all(crawls, here.config.schedule.concurrency))

    def stop(number: signal.Signals) -> None:
        received.append(number)
        work.cancel()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop, number)
    try:
        return await work
    except asyncio.CancelledError:
        err().print("interrupted: what was fetched is kept; the next crawl goes on from there")
        return []


def _deliver(here: Installation) -> None:
    """Match and deliver what this crawl brought, unless a service is there to do it."""
    done = deliver_pending(here.dispatcher("crawl"), here.leases)
    if done is None:
        err().print("[dim]a service is running on this archive: it sends the alerts[/dim]")
    elif done.alerts:
        err().print(f"{done.alerts} new {'alert' if done.alerts == 1 else 'alerts'}; see 'policy-crawler alerts'")


class Report:
    """Says on standard error what happens, as it happens; gathers what was recorded."""

    def __init__(self, as_json: bool) -> None:
        self.documents: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._console: Console = err()
        self._quiet = as_json and not sys.stderr.isatty()

    def heard(self, crawl: Crawl, event: dict[str, Any]) -> None:
        """An event of a crawl's process."""
        if event["event"] == "document" and event.get("outcome") in TOLD:
            self.documents[crawl.source_id].append({k: v for k, v in event.items() if k != "event"})
        if self._quiet:
            return
        match event["event"]:
            case "waiting":
                self._say(crawl, f"waiting: another crawl is at {event.get('site', crawl.site)}")
            case "opened":
                self._say(crawl, "started")
            case "document" if event.get("outcome") in TOLD:
                title = event.get("title") or event.get("url")
                self._say(crawl, f"{event['outcome']}: {title}")
            case "progress":
                counts = f"{event.get('requests', 0)} requests, {event.get('queued', 0)} waiting"
                if self._console.is_terminal:
                    self._say(crawl, counts)

    def logged(self, crawl: Crawl, line: str) -> None:
        """A log line of a crawl's process: shown where the user asked for them."""
        if os.environ.get("POLICY_CRAWLER_LOG"):
            self._say(crawl, line)

    def _say(self, crawl: Crawl, text: str) -> None:
        self._console.print(f"[dim]{escape(crawl.source_id)}[/dim]  {escape(text)}", soft_wrap=True)


def exit_code(results: list[RunSummary | CrawlError]) -> int:
    """0 all done; 1 anything failed; 3 nothing failed but a source is blocked or quarantined."""
    verdicts = {result.verdict if isinstance(result, RunSummary) else Verdict.FAILED for result in results}
    if verdicts - REFUSALS - {Verdict.OK}:
        return FAILED
    return REFUSED if verdicts & REFUSALS else DONE


def _summarise(crawls: list[Crawl], results: list[RunSummary | CrawlError], report: Report, as_json: bool) -> None:
    for crawl, result in zip(crawls, results, strict=False):
        documents = report.documents[crawl.source_id]
        if as_json:
            json_line(_summary_json(crawl, result, documents))
        elif isinstance(result, CrawlError):
            out().print(f"{crawl.source_id}: [red]failed[/red]: {escape(str(result))}", soft_wrap=True)
        else:
            out().print(_summary_line(result), soft_wrap=True)


def _summary_json(crawl: Crawl, result: RunSummary | CrawlError, documents: list[dict[str, Any]]) -> dict[str, Any]:
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
    shown = ", ".join(f"{number} {name}" for name, number in result.counts.items() if number) or "nothing to do"
    line = f"{escape(result.source_id)}: [{colour}]{result.verdict or 'unjudged'}[/{colour}]: {escape(shown)}"
    if result.reason:
        line += f"\n  {escape(result.reason)}"
    if result.backlog:
        line += "\n  [dim]first successful crawl of this source: backlog, alerts only where a watch asks for it[/dim]"
    return line
