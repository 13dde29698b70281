"""Crawls, one child process each: the one way they run, from the service and from the command line.

A crawl has its site to itself while it runs: a lease in SQL says so to every other process on the same archive.
"""

import asyncio
import logging
import os
import secrets
import socket
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, Protocol

from schedules.child import MODULE, Ended, Limits, environment, is_crawl, run_child
from schedules.forkserver import ForkServer
from schedules.progress import Tally
from storage.archive import Archive
from storage.clock import Clock
from storage.leases import Leases
from storage.on_demand import OnDemand
from storage.queries import Queries
from storage.records import RunSummary, Verdict
from storage.scheduling import Queued, Timetable

SITE_SECONDS = 90.0  # how long a site stays taken when the process that took it vanished
HEARTBEAT_SECONDS = 20.0
SITE_POLL_SECONDS = 0.5
PROGRESS_SECONDS = 1.0  # how often a crawl's row says how far it is, and is asked whether it shall end

logger = logging.getLogger(__name__)

OnEvent = Callable[["Crawl", dict[str, Any]], None]


class CrawlError(Exception):
    """A crawl left no run behind. Says what its process said last."""


@dataclass(frozen=True, slots=True)
class Crawl:
    """One crawl to make. `run_id`: a queued run that it fills; None: its process opens one itself."""

    source_id: str
    site: str  # host: no two crawls run on one at a time
    run_id: int | None = None
    url: str | None = None
    since: date | None = None
    pages: int | None = None
    recheck: Literal["due", "all", "none"] = "due"

    @classmethod
    def queued(cls, waiting: Queued) -> "Crawl":
        """The crawl that a waiting run stands for."""
        wishes = dict(waiting.request)
        if wishes.get("since"):
            wishes["since"] = date.fromisoformat(wishes["since"])
        return cls(waiting.source_id, waiting.site, waiting.run_id, **wishes)

    def request(self) -> dict[str, Any]:
        """What is asked for beside the usual, as a run's row keeps it."""
        given: dict[str, Any] = {"url": self.url, "since": self.since and self.since.isoformat(), "pages": self.pages}
        if self.url is None and self.recheck != "due":
            given["recheck"] = self.recheck
        return {name: value for name, value in given.items() if value is not None}

    @property
    def trigger(self) -> str:
        """What a run that somebody asks for is called."""
        if self.url is not None:
            return "url"
        return "backfill" if self.since is not None or self.pages is not None else "manual"

    def arguments(self) -> list[str]:
        """The arguments of the crawl's process."""
        given = [f"--source={self.source_id}", f"--recheck={self.recheck}"]
        for name in ("url", "since", "pages"):
            value = getattr(self, name)
            if value is not None:
                given.append(f"--{name}={value}")
        if self.run_id is not None:
            given.append(f"--run={self.run_id}")
        return given


def site_lease(site: str) -> str:
    """The name of the lease that says who crawls a site."""
    return f"site:{site}"


def new_holder(role: str) -> str:
    """A name for this process in leases and claims; unlike every other, also after a restart with the same number."""
    return f"{role}/{socket.gethostname()}/{os.getpid()}/{secrets.token_hex(4)}"


class RunEngine(Protocol):
    """What makes the service's runs: `Runner`, by a child process each, or what takes its place under a simulated
    clock. Whatever makes a run opens its row (`Archive.start_run`) and closes it."""

    @property
    def holder(self) -> str:
        """Who this process is in leases."""
        ...

    @property
    def on_demand(self) -> OnDemand:
        """The runs that people ask for."""
        ...

    def is_alive(self, pid: int) -> bool:
        """Whether process `pid` is a crawl that still runs."""
        ...

    async def take_site(self, crawl: Crawl) -> bool:
        """Take the crawl's site if nobody has it."""
        ...

    async def run_on_taken_site(self, crawl: Crawl) -> RunSummary:
        """Make the run and give its site free. Raises CrawlError where it left no row."""
        ...


@dataclass(slots=True)
class Runner:
    """Starts crawls and says how they ended.

    `base` is the environment to choose from (`os.environ`), `settings` what every crawl gets beside it
    (POLICY_CRAWLER_HOME, a connection map). Events are passed to `on_event` as they come: `waiting` (the site is
    taken), then those of the crawl itself; log lines to `on_log`."""

    archive: Archive
    queries: Queries
    timetable: Timetable
    leases: Leases
    clock: Clock
    base: Mapping[str, str]
    settings: Mapping[str, str]
    holder: str
    limits: Limits = field(default_factory=Limits)
    on_event: OnEvent = lambda _crawl, _event: None
    on_log: Callable[[Crawl, str], None] = lambda _crawl, _line: None
    module: str = MODULE
    forks: ForkServer | None = None  # what starts crawls quickly; None: each is a fresh process
    on_demand: OnDemand = field(init=False)

    def __post_init__(self) -> None:
        self.on_demand = OnDemand(self.archive.engine, self.clock)

    async def run(self, crawl: Crawl) -> RunSummary:
        """Wait until the site is free, crawl, and answer with the run's row.

        Cancelled, it ends the child (SIGTERM, then SIGKILL) before it gives up the site. Raises CrawlError when the
        process opened no run."""
        told = False
        while not await self.take_site(crawl):
            if not told:
                self.on_event(crawl, {"event": "waiting", "site": crawl.site})
                told = True
            await asyncio.sleep(SITE_POLL_SECONDS)
        return await self.run_on_taken_site(crawl)

    async def run_all(self, crawls: Iterable[Crawl], concurrency: int) -> list[RunSummary | CrawlError]:
        """Run several crawls, at most `concurrency` at once and never two on one site; results in their order."""
        sites: dict[str, asyncio.Lock] = {}
        slots = asyncio.Semaphore(concurrency)

        async def one(crawl: Crawl) -> RunSummary | CrawlError:
            async with sites.setdefault(crawl.site, asyncio.Lock()), slots:
                try:
                    return await self.run(crawl)
                except CrawlError as error:
                    return error

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(crawl)) for crawl in crawls]
        return [task.result() for task in tasks]

    def is_alive(self, pid: int) -> bool:
        """Whether process `pid` is a crawl that still runs."""
        return is_crawl(pid, self.module)

    async def take_site(self, crawl: Crawl) -> bool:
        """Take the crawl's site if nobody has it."""
        name, holder = self._lease(crawl)
        return await asyncio.to_thread(self.leases.acquire, name, holder, SITE_SECONDS) is not None

    def _lease(self, crawl: Crawl) -> tuple[str, str]:
        return site_lease(crawl.site), f"{self.holder}/{crawl.source_id}"

    async def run_on_taken_site(self, crawl: Crawl) -> RunSummary:
        """Crawl a site taken by `take_site`, and give it free."""
        name, holder = self._lease(crawl)
        keeping = asyncio.create_task(self._keep_site(name, holder))
        try:
            return await self._run(crawl)
        finally:
            keeping.cancel()
            with suppress(asyncio.CancelledError):
                await keeping
            await asyncio.to_thread(self.leases.release, name, holder)

    async def _keep_site(self, name: str, holder: str) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            await asyncio.to_thread(self.leases.renew, name, holder, SITE_SECONDS)

    async def _run(self, crawl: Crawl) -> RunSummary:
        tally, stop = Tally(), asyncio.Event()
        tally.run_id = crawl.run_id

        def heard(event: dict[str, Any]) -> None:
            tally.hear(event)
            self.on_event(crawl, event)

        following = asyncio.create_task(self._follow(tally, stop))
        try:
            ended = await run_child(
                crawl.arguments(),
                environment(self.base, {**self.settings, **self.clock.environment()}),
                self.limits,
                on_event=heard,
                on_log=lambda line: self.on_log(crawl, line),
                module=self.module,
                stop=stop,
                forks=self.forks,
            )
        finally:
            following.cancel()
            with suppress(asyncio.CancelledError):
                await following
        run_id = crawl.run_id if crawl.run_id is not None else ended.run_id
        if run_id is None:
            raise CrawlError(f"{crawl.source_id}: the crawl opened no run: {ended.reason}")
        if tally.changed:
            await asyncio.to_thread(self._say, run_id, tally)
        return await asyncio.to_thread(self._judge, run_id, ended)

    async def _follow(self, tally: Tally, stop: asyncio.Event) -> None:
        """While a crawl runs: keep in its row how far it is, and end it when somebody asks."""
        while not stop.is_set():
            await asyncio.sleep(PROGRESS_SECONDS)
            if tally.run_id is not None and await asyncio.to_thread(self._say, tally.run_id, tally):
                stop.set()

    def _say(self, run_id: int, tally: Tally) -> bool:
        """Keep how far a run is; answers whether it shall end."""
        try:
            if tally.changed:
                self.on_demand.say(run_id, tally.take())
            return self.on_demand.cancelled_by(run_id) is not None
        except Exception:  # the archive may be locked or full: the crawl itself finds out and says so
            logger.warning("run %d: how far it is could not be kept", run_id, exc_info=True)
            return False

    def _judge(self, run_id: int, ended: Ended) -> RunSummary:
        """The run's row; where the process left it open, closed as died (as interrupted, where it was told to end),
        with the reason as we saw it."""
        summary = self._row(run_id)
        if summary.verdict is None:
            if summary.started_at is None:
                self.archive.start_run(run_id, ended.pid)
            if ended.stopped:
                self.archive.close_run(run_id, Verdict.INTERRUPTED, "", summary.counts)
            self.archive.fail_dead_runs(lambda other: other != ended.pid and self.is_alive(other))
            summary = self._row(run_id)
        # Died: the service may have seen that it was gone.
        if summary.verdict is Verdict.DIED or ended.timed_out:
            self.timetable.explain(run_id, ended.reason)
            return self._row(run_id)
        return summary

    def _row(self, run_id: int) -> RunSummary:
        summary = self.queries.run(run_id)
        if summary is None:
            raise CrawlError(f"the archive has no run {run_id}, which a crawl said it opened")
        return summary
