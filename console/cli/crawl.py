"""`crawl`: read sources now, tell what was found, deliver this crawl's alerts."""

import asyncio
import signal
import sys
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from urllib.parse import urlsplit

import typer

from console.cli.following import Followed, end_or_leave, follow
from console.cli.output import DONE, FAILED, AsJson, err, json_line, out
from console.cli.progress import Report
from console.cli.summaries import Result, exit_code, summarise
from console.installation import Installation
from policy_crawler.errors import OperatorError
from schedules.dispatch import SERVICE_LEASE, deliver_pending
from schedules.jobs import Crawl
from storage.on_demand import OnDemand

Signals = list[signal.Signals]


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
    detach: Annotated[
        bool, typer.Option("--detach", help="Leave it to the running service, and do not wait for the end.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Also show the log of the crawls.")] = False,
    as_json: AsJson = False,
) -> None:
    """Crawl sources now: new entries, their documents and attachments, and known pages that are due.

    Where a service runs on the archive it makes the crawl, at once and before what it has scheduled; one of the same
    that is under way already is joined. Else this command makes it.

    Example: policy-crawler crawl miit-wjfb-tz ithome-rss
    """
    if bool(sources) == bool(url):
        raise OperatorError("name sources, or one page with --url. 'policy-crawler sources list' shows the sources.")
    if url is not None and (since or pages):
        raise OperatorError("--since and --pages read listings; with --url there is one page and no listing.")
    here = Installation()
    crawls = _crawls(here, sources or [], url, since, pages, recheck)
    if here.leases.holder(SERVICE_LEASE) is not None:
        raise typer.Exit(_by_service(here, crawls, detach=detach, as_json=as_json))
    if detach:
        raise OperatorError("no service runs on this archive to leave it to. Start 'policy-crawler serve' first.")
    received: Signals = []
    with Report(quiet=as_json and not sys.stderr.isatty() and not verbose, verbose=verbose) as report:
        results = asyncio.run(_run(here, crawls, report, received))
    summarise(crawls, results, report.documents, as_json)
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


def _by_service(here: Installation, crawls: list[Crawl], *, detach: bool, as_json: bool) -> int:
    """Put the crawls into the service's queue and, unless detached, follow them. Answers the exit code."""
    rows = OnDemand(here.engine, here.clock)
    asked = {crawl.source_id: rows.ask(crawl.source_id, crawl.trigger, crawl.request()) for crawl in crawls}
    crawls = [replace(crawl, run_id=asked[crawl.source_id].run_id) for crawl in crawls]
    if detach:
        for crawl in crawls:
            one = asked[crawl.source_id]
            if as_json:
                json_line({"source": crawl.source_id, "run": one.run_id, "joined": one.joined})
            else:
                how = "joined, it was asked for already" if one.joined else "queued"
                out().print(f"{crawl.source_id}: run {one.run_id} {how}; policy-crawler runs watch {one.run_id}")
        return DONE
    with Report(quiet=as_json and not sys.stderr.isatty()) as report:
        for crawl in crawls:
            if asked[crawl.source_id].joined:
                report.say(crawl, f"run {crawl.run_id} does this already; it is joined")
        followed: Followed = follow(here, crawls, report)
    if followed.interrupted:
        return end_or_leave(here, crawls)
    summarise(crawls, followed.results, report.documents, as_json)
    return FAILED if followed.deserted else exit_code(list(followed.results.values()))


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
