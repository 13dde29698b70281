"""Following runs that another process makes: what their rows say, until they end."""

import getpass
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import typer

from console.cli.output import INTERRUPTED, err
from console.cli.progress import Report
from console.cli.summaries import Result
from console.installation import Installation
from schedules.dispatch import SERVICE_LEASE
from schedules.jobs import Crawl
from storage.errors import ArchiveError
from storage.on_demand import OnDemand, Progress

POLL_SECONDS = 0.5
DESERTED_AFTER = 90.0  # seconds without a service, for runs that wait for one: twice its lease


@dataclass(slots=True)
class Followed:
    """How following ended: `results` by source of the runs that ended; `interrupted` by Ctrl-C; `deserted`: no service
    is there any more to make those that wait."""

    results: dict[str, Result] = field(default_factory=dict)
    interrupted: bool = False
    deserted: bool = False


def who() -> str:
    """Who sits here, for the row of a run that is cancelled."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as in containers
        return "the command line"


def follow(here: Installation, crawls: Sequence[Crawl], report: Report) -> Followed:
    """Report the runs of `crawls` (each has its number) until all have ended."""
    rows = OnDemand(here.engine, here.clock)
    seen = {crawl.source_id: _Seen(crawl, report) for crawl in crawls}
    followed = Followed()
    alone_since: float | None = None
    try:
        while True:
            waiting = False
            for crawl in crawls:
                if crawl.source_id in followed.results or crawl.run_id is None:
                    continue
                progress = rows.progress(crawl.run_id)
                if progress is None:
                    continue
                seen[crawl.source_id].show(progress)
                waiting = waiting or progress.state == "queued"
                if progress.state == "finished" and (summary := here.queries.run(crawl.run_id)) is not None:
                    followed.results[crawl.source_id] = summary
            if len(followed.results) == len(crawls):
                return followed
            served = not waiting or here.leases.holder(SERVICE_LEASE) is not None
            alone_since = None if served else alone_since or time.monotonic()
            if alone_since is not None and time.monotonic() - alone_since > DESERTED_AFTER:
                report.note("no service runs any more; what waits begins when 'policy-crawler serve' does")
                followed.deserted = True
                return followed
            time.sleep(POLL_SECONDS)
    except KeyboardInterrupt:
        followed.interrupted = True
        return followed


class _Seen:
    """What of a run was reported."""

    def __init__(self, crawl: Crawl, report: Report) -> None:
        self._crawl = crawl
        self._report = report
        self._told = 0
        self._opened = False
        self._waited: int | None = None

    def show(self, progress: Progress) -> None:
        """Report what is new."""
        if progress.state == "queued":
            if progress.ahead != self._waited:
                self._waited = progress.ahead
                self._report.say(self._crawl, f"run {progress.run_id} waits, {progress.ahead} before it")
            return
        if not self._opened:
            self._opened = True
            self._report.heard(self._crawl, {"event": "opened", "run": progress.run_id})
        new = progress.latest[len(progress.latest) - min(progress.told - self._told, len(progress.latest)) :]
        for document in new:
            self._report.heard(self._crawl, {"event": "document", **document})
        self._told = progress.told
        self._report.heard(self._crawl, {"event": "progress", "requests": progress.requests, "queued": progress.queued})
        if progress.state == "finished":
            self._report.heard(self._crawl, {"event": "closed"})


def end_or_leave(here: Installation, crawls: Sequence[Crawl]) -> int:
    """After Ctrl-C: ask whether the runs shall end, too; where nobody answers they go on. Answers the exit code."""
    rows = OnDemand(here.engine, here.clock)
    running = [crawl.run_id for crawl in crawls if crawl.run_id is not None]
    running = [number for number in running if (row := rows.progress(number)) and row.state != "finished"]
    if not running:
        return INTERRUPTED
    named = ", ".join(map(str, running))
    if sys.stdin.isatty() and typer.confirm(f"End the crawl, too (run {named})?", default=False, err=True):
        for number in running:
            try:
                rows.cancel(number, who())
            except ArchiveError as error:  # it ended while the question was asked
                err().print(str(error), soft_wrap=True)
        err().print("told to end; what was fetched is kept")
    else:
        err().print(f"it goes on: policy-crawler runs watch {running[0]}, or runs cancel {running[0]} to end it")
    return INTERRUPTED
