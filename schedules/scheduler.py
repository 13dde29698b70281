"""The service: what is due becomes queued runs, queued runs become child processes, their events become deliveries.

APScheduler only ticks, in memory. What is due, queued, running and to be delivered are rows; so a kill at any moment
loses nothing, and a second service on the same archive stands by until the first one's lease ends.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from policy_crawler.catalog import Catalog, Source
from schedules import cadence, cadences
from schedules.cadences import Cadence
from schedules.clockwatch import ClockWatch
from schedules.dispatch import SERVICE_LEASE as LEASE
from schedules.dispatch import Dispatcher
from schedules.jobs import Crawl, CrawlError, RunEngine, site_lease
from schedules.pacing import Pacing
from schedules.signals import ended_by_signals
from schedules.vitals import Checkup, Pulse, Tell
from storage.archive import Archive
from storage.clock import Clock
from storage.faults import fp
from storage.leases import Leases
from storage.records import RunSummary, SourceRecord, Verdict
from storage.scheduling import Due, Timetable, slot_name
from storage.upkeep import Upkeep

TICK_SECONDS = 15.0
DUE_AT_ONCE = 200  # slots filled in one tick: it must end long before the lease
LISTEN_SECONDS = 1.0  # between two looks for runs that somebody asked for
LEASE_SECONDS = 45.0  # three ticks; so a second service takes over within a minute

logger = logging.getLogger(__name__)


class Service:
    """One long-lived process. `pacing` knows each source's cadence (by default every `every_minutes` where a source
    says nothing itself); at most `concurrency` crawls run at once, one to a site. `reread` answers the catalog where it
    has changed since it was last called, else None. `pulse` is beaten with every tick; what `checkup` finds wrong is
    given to `tell`. `on_run` hears how each crawl ended, `on_sent` that deliveries went out, `on_beat` every few
    seconds that the event loop runs."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        archive: Archive,
        timetable: Timetable,
        leases: Leases,
        runner: RunEngine,
        dispatcher: Dispatcher,
        clock: Clock,
        every_minutes: int = 60,
        pacing: Pacing | None = None,
        reread: Callable[[], Catalog | None] = lambda: None,
        pulse: Pulse | None = None,
        checkup: Checkup | None = None,
        tell: Tell = lambda _kind, _title, _reason: None,
        concurrency: int = 4,
        tick_seconds: float = TICK_SECONDS,
        lease_seconds: float = LEASE_SECONDS,
        on_run: Callable[[RunSummary], None] = lambda _summary: None,
        on_sent: Callable[[], None] = lambda: None,
        on_beat: Callable[[], None] = lambda: None,
        upkeep: Upkeep | None = None,
    ) -> None:
        self._sources: dict[str, Source] = {source.id: source for source in catalog.enabled()}
        self._catalog = catalog
        self._archive = archive
        self._timetable = timetable
        self._leases = leases
        self._runner = runner
        self._dispatcher = dispatcher
        self._clock = clock
        self._pacing = pacing or Pacing(archive.engine, clock, every_minutes=every_minutes)
        self._reread = reread
        self._pulse = pulse or Pulse(time.monotonic)
        self._checkup = checkup
        self._tell_operators = tell
        self._concurrency = concurrency
        self._tick_seconds = tick_seconds
        self._lease_seconds = lease_seconds
        self._on_run = on_run
        self._on_sent = on_sent
        self._on_beat = on_beat
        self._upkeep = upkeep
        self._housework: asyncio.Task[None] | None = None
        self._full = False
        self._holder = runner.holder
        self._leading = False
        self._awaited: str | None = None  # whose lease we stand by for
        self._running: dict[str, asyncio.Task[None]] = {}  # by site
        self._turn = asyncio.Lock()
        self._stopping = asyncio.Event()
        self._something_to_tell = asyncio.Event()
        self._until_idle = False
        self._ticked = 0.0

    async def run(self, *, until_idle: bool = False) -> None:
        """Serve until `stop` (or SIGTERM, SIGINT), then end crawls, give up leases and return.

        With `until_idle` also return once nothing is due, queued, running or to be delivered."""
        self._until_idle = until_idle
        ticker = AsyncIOScheduler(
            timezone=UTC,
            # Defaults would drop a tick that is 1 s late, and log a warning for each one missed in a sleep.
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        ticker.add_job(self._safe_tick, "interval", seconds=self._tick_seconds, id="tick")
        helpers = [asyncio.create_task(work) for work in (self._watch(ticker), self._tell(), self._listen())]
        with ended_by_signals(self.stop):
            ticker.start()
            try:
                await self._safe_tick()
                await self._stopping.wait()
            finally:
                ticker.shutdown(wait=False)
                for helper in helpers:
                    helper.cancel()
                await asyncio.gather(*helpers, return_exceptions=True)
                await self._end()

    async def step(self) -> None:
        """One tick by hand in place of `run`, with the crawls that it starts and the messages that follow: for a
        service whose time a simulation moves."""
        await self._safe_tick()
        while self._running:
            await asyncio.gather(*self._running.values(), return_exceptions=True)
        if self._leading:
            await asyncio.to_thread(self._dispatcher.run)

    def stop(self) -> None:
        """Make `run` return. Callable from its event loop and from signal handlers."""
        if not self._stopping.is_set():
            logger.info("stopping: %d crawls are ended first", len(self._running))
            self._stopping.set()

    @property
    def leading(self) -> bool:
        """Whether this service holds the lease; else it stands by."""
        return self._leading

    async def _end(self) -> None:
        crawls = list(self._running.values())
        for crawl in crawls:
            crawl.cancel()
        await asyncio.gather(*crawls, *([self._housework] if self._housework else []), return_exceptions=True)
        if self._leading:
            self._leading = False
            await asyncio.to_thread(self._leases.release, LEASE, self._holder)
        logger.info("stopped")

    async def _safe_tick(self) -> None:
        try:
            await self._tick()
        except Exception as error:  # a locked database, a full disk: the next tick may find it well again
            self._pulse.failed(" ".join(str(error).split())[:300] or type(error).__name__)
            logger.exception("a tick of the scheduler failed; the next one follows in %s s", self._tick_seconds)
        else:
            self._pulse.well()
        self._pulse.leading, self._pulse.running = self._leading, len(self._running)

    async def _tick(self) -> None:
        self._ticked = asyncio.get_running_loop().time()
        if self._stopping.is_set() or not await self._lead():
            return
        async with self._turn:
            await asyncio.to_thread(self._follow_catalog)
            await asyncio.to_thread(self._note_mentions)
            await asyncio.to_thread(self._queue_due)
            await self._start_queued()
        await asyncio.to_thread(self._pass_time)
        await asyncio.to_thread(self._check_up)
        await self._keep_house()
        self._something_to_tell.set()

    def _follow_catalog(self) -> None:
        """Take up sources that were added, enabled, changed or taken out since."""
        try:
            catalog = self._reread()
        except Exception:  # half-written or wrong: what was read before holds, as it does for a service that starts
            logger.exception("the catalog cannot be read anew; it stays as it was")
            return
        if catalog is not None:
            self._catalog = catalog
            self._sources = {source.id: source for source in catalog.enabled()}
            logger.info("the catalog has changed: %d sources are scheduled", len(self._sources))
            self._plan()

    def _note_mentions(self) -> None:
        """Look sooner at the sources that news reports name documents of."""
        learned = [source.id for source in self._sources.values() if self._pacing.is_learned(source)]
        try:
            if named := self._pacing.note_mentions(learned):
                logger.info("news named documents of %s", ", ".join(named))
        except Exception:  # it brings nothing but speed
            logger.exception("looking through news for what it names failed; it is tried again with the next tick")

    def _pass_time(self) -> None:
        """What comes into force today, expires, or is soon to be commented no more: told like all that happens."""
        try:
            if made := self._archive.pass_time():
                logger.info("%d documents came into force, expired, or are about to", made)
        except Exception:  # what a tick could not judge, the next one does; crawls must not wait for it
            logger.exception("judging what time has changed failed; it is tried again with the next tick")

    async def _keep_house(self) -> None:
        """In the quiet time, let go what rules let go and compact, beside the crawls; note the chain's head."""
        if self._upkeep is None or (self._housework is not None and not self._housework.done()):
            return
        try:
            await asyncio.to_thread(self._upkeep.note_head)
            if await asyncio.to_thread(self._upkeep.is_due):
                self._housework = asyncio.create_task(self._do_housework(self._upkeep))
        except Exception:  # crawls and alerts do not wait for it
            logger.exception("the upkeep of the archive failed; it is tried again with the next tick")

    async def _do_housework(self, upkeep: Upkeep) -> None:
        try:
            done = await asyncio.to_thread(upkeep.run, self._stopping.is_set)
        except Exception:
            logger.exception("the upkeep of the archive failed; it is tried again with the next tick")
            return
        for applied in done.let_go:
            if applied.rows:
                logger.info("let go by rule: %s, %d rows, %d bytes", applied.rule, applied.rows, applied.bytes)
        if done.compacted is not None and done.compacted.groups:
            told = done.compacted
            logger.info("compacted: %d files became %d", told.files_before, told.files_after)

    def _check_up(self) -> None:
        """Tell operators what is wrong with the service itself, and what is over."""
        try:
            if self._checkup is not None:
                self._checkup.tell(self._tell_operators)
        except Exception:  # the archive is locked or full, and the next tick tells
            logger.exception("what is wrong with the service could not be told; it is tried again with the next tick")

    def _has_room(self) -> bool:
        """Whether the disk has room for what crawls bring: on a full one they would fail, each told as its source's."""
        full = self._checkup is not None and self._checkup.is_full()
        if full != self._full:
            self._full = full
            logger.log(
                logging.ERROR if full else logging.INFO,
                "the disk is full: no crawl is started until there is room" if full else "there is room again",
            )
        return not full

    # The lease.

    async def _lead(self) -> bool:
        if self._leading:
            if await asyncio.to_thread(self._leases.renew, LEASE, self._holder, self._lease_seconds):
                return True
            self._leading = False
            logger.warning("lost the scheduler's lease, as after a long sleep; standing by")
        if await asyncio.to_thread(self._timetable.release_impossible):
            logger.warning("freed what was held until a time that the clock, set back since, will not see soon")
        if await asyncio.to_thread(self._leases.acquire, LEASE, self._holder, self._lease_seconds) is None:
            other = await asyncio.to_thread(self._leases.holder, LEASE)
            if other != self._awaited:
                logger.info("standing by: %s is the scheduler of this archive", other)
                self._awaited = other
            return False
        self._leading, self._awaited = True, None
        on = await asyncio.to_thread(self._take_over)
        logger.info("scheduling %d sources, %d of them newly", len(self._sources), on)
        return True

    def _take_over(self) -> int:
        self._fail_dead()
        on = self._plan()
        for due in self._timetable.scheduled():
            way = self._cadence(due)
            better = cadences.repaired(way, due.source_id, due.due_at, self._clock.now(), due.failures)
            if better is not None and self._timetable.move(due.source_id, due.due_at, better.at, better.why):
                logger.warning(
                    "%s was due at %s, later than its cadence: the clock was set back, or it is now asked more often",
                    due.source_id,
                    due.due_at,
                )
        return on

    def _plan(self) -> int:
        """Schedule the catalog's sources, and no others; answers how many are new."""
        self._archive.register_sources([SourceRecord.of(source) for source in self._sources.values()])
        return self._timetable.plan(self._sources)[0]

    def _fail_dead(self) -> None:
        for run_id in self._archive.fail_dead_runs(self._runner.is_alive):
            logger.warning("run %d died with its process", run_id)

    # From due to running.

    def _cadence(self, due: Due) -> Cadence:
        return self._pacing.of(self._sources[due.source_id], due.mentioned_at)

    def _queue_due(self) -> None:
        """Queue a run for every slot that has come. The slot is unique, so a second pass after a crash between the
        two steps, or a second service, adds none."""
        for due in self._timetable.due(limit=DUE_AT_ONCE):
            if due.source_id not in self._sources:
                continue
            slot = slot_name(due.due_at)
            run_id = self._archive.queue_run(due.source_id, "schedule", slot=slot)
            if run_id is None and self._leases.holder(site_lease(due.site)) is None:
                # A run is open, but nobody has its site: a crawl of the command line was killed with its parent. While
                # its lease lasts it may be another machine's, whose processes cannot be seen from here.
                self._fail_dead()
                run_id = self._archive.queue_run(due.source_id, "schedule", slot=slot)
            if run_id is None:
                logger.info("%s: slot %s is taken, or a run is under way", due.source_id, slot)
            fp("queued")
            following = self._cadence(due).after(
                due.source_id, self._clock.now(), due.failures, lap=due.due_at.microsecond
            )
            self._timetable.move(due.source_id, due.due_at, following.at, following.why)

    async def _start_queued(self) -> None:
        """Start waiting runs as far as there is room, one to a site. What finds no room waits for the next turn."""
        if not await asyncio.to_thread(self._has_room):
            return
        for queued in await asyncio.to_thread(self._timetable.queued):
            if len(self._running) >= self._concurrency or self._stopping.is_set():
                return
            if queued.site in self._running:
                continue
            if queued.source_id not in self._catalog.sources:
                reason = "its source is in the catalog no more"
                await asyncio.to_thread(self._timetable.withdraw, queued.run_id, reason)
                continue
            crawl = Crawl.queued(queued)
            if await self._runner.take_site(crawl):
                self._running[queued.site] = asyncio.create_task(self._crawl(crawl))

    async def _crawl(self, crawl: Crawl) -> None:
        try:
            summary = await self._runner.run_on_taken_site(crawl)
        except CrawlError as error:
            logger.error("%s", error)  # noqa: TRY400 - expected: the text says it all
        except Exception:  # one crawl's trouble stays its own
            logger.exception("%s: run %s could not be watched to its end", crawl.source_id, crawl.run_id)
        else:
            level = logging.INFO if summary.verdict in {Verdict.OK, Verdict.PARTIAL} else logging.WARNING
            counts = ", ".join(f"{number} {name}" for name, number in summary.counts.items() if number)
            said = "; ".join(filter(None, (summary.reason, counts)))
            logger.log(
                level, "%s: run %d %s: %s", crawl.source_id, summary.id, summary.verdict, said or "nothing to do"
            )
            await asyncio.to_thread(self._after, crawl.source_id, summary)
        finally:
            del self._running[crawl.site]
            self._something_to_tell.set()
        if self._leading and not self._stopping.is_set():
            async with self._turn:
                await self._start_queued()

    def _after(self, source_id: str, summary: RunSummary) -> None:
        try:
            self._space_out(source_id)
            self._on_run(summary)
        except Exception:  # the archive is locked or full: the source's next slot comes sooner, nothing else
            logger.exception("%s: what follows run %d could not be done", source_id, summary.id)

    def _space_out(self, source_id: str) -> None:
        """Move a failing source's next slot away: the failure just seen counts too."""
        due = self._timetable.due_of(source_id)
        if due is not None and due.failures and source_id in self._sources:
            later = self._cadence(due).after(source_id, self._clock.now(), due.failures, lap=due.due_at.microsecond)
            if later.at > due.due_at:
                self._timetable.move(source_id, due.due_at, later.at, later.why)

    # Beside the ticks.

    async def _listen(self) -> None:
        """Start what somebody asks for at once, not with the next tick."""
        while True:
            await asyncio.sleep(LISTEN_SECONDS)
            if not self._leading or self._stopping.is_set() or len(self._running) >= self._concurrency:
                continue
            try:
                if await asyncio.to_thread(self._runner.on_demand.asked):
                    async with self._turn:
                        await self._start_queued()
            except Exception:  # the archive is locked or full: asked again in a second, and told by the ticks
                logger.debug("looking for runs that were asked for failed", exc_info=True)

    async def _tell(self) -> None:
        """Match and deliver whenever something may have happened, and when a retry is near."""
        soon = False
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._something_to_tell.wait(), cadence.RETRY_DELAYS[0] if soon else None)
            self._something_to_tell.clear()
            if not self._leading:
                continue
            try:
                done = await asyncio.to_thread(self._dispatcher.run, at_once=self._until_idle)
            except Exception:  # the archive may be locked; nothing is marked that was not done
                logger.exception("matching and delivering failed; it is tried again with the next tick")
            else:
                if done.alerts or done.deliveries.sent:
                    logger.info("%d new alerts, %d deliveries sent", done.alerts, done.deliveries.sent)
                if done.deliveries.sent:
                    await asyncio.to_thread(self._on_sent)
                soon = done.deliveries.retrying > 0 or done.deliveries.unfinished > 0 or done.deliveries.soon
                if self._until_idle and not done.deliveries.unfinished and await asyncio.to_thread(self._idle):
                    self.stop()

    def _idle(self) -> bool:
        return not (self._running or self._timetable.queued() or self._timetable.due())

    async def _watch(self, ticker: AsyncIOScheduler) -> None:
        """Keep the ticks coming when the clock is moved: APScheduler waits for a time on the wall, and an hour that
        is set back would be an hour without a tick."""
        loop = asyncio.get_running_loop()
        clock_watch = ClockWatch(self._clock, loop.time)
        while True:
            await asyncio.sleep(min(self._tick_seconds, 10))
            self._on_beat()
            moved = clock_watch.step()
            if moved < timedelta(0) and self._leading:
                logger.warning("the clock was set back by %s; due times are moved with it", -moved)
                async with self._turn:  # a tick that moves a source on must not do so from a time that is gone
                    await asyncio.to_thread(self._timetable.set_back, -moved)
            elif moved:
                logger.warning("the clock went forward by %s, or the machine slept", moved)
            if loop.time() - self._ticked > self._tick_seconds * 1.5:
                ticker.reschedule_job("tick", trigger="interval", seconds=self._tick_seconds)
                await self._safe_tick()
