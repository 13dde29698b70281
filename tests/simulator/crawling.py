"""Crawls of many sources in one process: the real spiders, engine, reading and archive, against the simulator.

Only the waiting is left out: no delay between requests, and after two documents of a source the others it asks for are
not fetched. All crawls of a process write to one archive (SQLite).
"""

import asyncio
import logging
import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from datetime import time as time_of_day
from pathlib import Path
from typing import Any

from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess
from simulator.asking import Served
from simulator.documents import TODAY
from simulator.sites import Simulator
from support.fault_server import FaultServer

from policy_crawler.catalog import Catalog, Source
from policy_crawler.config import Home
from policy_crawler.connections import VARIABLE
from policy_crawler.extensions import RunRecorder
from policy_crawler.items import Archived, Entry, PageItem
from policy_crawler.pipelines import ledger as ledgers
from policy_crawler.process import settings
from policy_crawler.spiders.loader import CatalogSpiderLoader
from storage.clock import Clock

AT_ONCE = 6  # crawls in one process
LIST_PAGES = 2
DOCUMENTS = 2
QUICK = {
    "DOWNLOAD_DELAY": 0,
    "DOWNLOAD_DELAY_JITTER": 0,
    "POLICY_RETRY_PAUSES": [0.01],
    "POLICY_MAX_MINUTES": 2,
    "LOG_LEVEL": "ERROR",
    "SPIDER_MIDDLEWARES": {"simulator.crawling.FewDocuments": 10},
}


class FewDocuments:
    """Spider middleware: passes on the requests for the first documents of a crawl only."""

    def __init__(self) -> None:
        self._left = DOCUMENTS

    async def process_spider_output(self, response: Any, result: Any, spider: Any) -> Any:
        async for one in result:
            if getattr(one, "meta", {}).get("purpose") == "document":
                self._left -= 1
                if self._left < 0:
                    continue
            yield one


@dataclass
class Crawled:
    """What one crawl found and how it was judged."""

    source: str
    verdict: str = ""
    reason: str = ""
    pages: list[list[Entry]] = field(default_factory=list)
    documents: list[Archived] = field(default_factory=list)
    seconds: float = 0.0


class WatchedLedger(ledgers.Ledger):
    """The crawl's ledger, with the rows of each list page kept for comparison. The archive is shared."""

    def __init__(self, archive: Any, clock: Clock) -> None:
        super().__init__(archive, clock)
        self.pages: list[list[Entry]] = []

    def discover(self, entries: Any, found_on: str, reported_by: str | None = None) -> list[bool]:
        entries = list(entries)
        if reported_by is None:
            self.pages.append(entries)
        return super().discover(entries, found_on, reported_by)


Told = Callable[[Crawled], None]


def crawl(sources: Sequence[Source], sites: list[Served], home: Path, told: Told, *, apart: bool = False) -> None:
    """Crawl each source against a server of `sites`, and tell of each when it is over. Once a process, as a reactor
    starts only once. `apart`: an archive for each, so that none knows what another brought."""
    os.environ["POLICY_CRAWLER_HOME"] = str(home)
    noon = datetime.combine(TODAY, time_of_day(4), UTC)
    os.environ["POLICY_CRAWLER_CLOCK_OFFSET"] = str((noon - datetime.now(UTC)).total_seconds())
    simulator = Simulator(sites)
    with FaultServer() as server:
        server.on("*", "*", simulator)
        hosts = sorted({*simulator.hosts, *(source.site for source in sources)})
        os.environ[VARIABLE] = str(server.map_for(hosts))
        _Crawls(sources, home, told, apart).run()


class _Crawls:
    def __init__(self, sources: Sequence[Source], home: Path, told: Told, apart: bool) -> None:
        self.told, self.home, self.apart = told, home, apart
        self.loader = CatalogSpiderLoader(Catalog(sources))
        self.process = AsyncCrawlerProcess(settings(QUICK))
        for name in ("scrapy", "policy_crawler", "alembic"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self.clock = Clock.from_environment()
        self.archive = ledgers.Ledger.open(Home(home), self.clock)._archive
        self.waiting = list(sources)

    def run(self) -> None:
        loop = asyncio.get_event_loop()
        main = loop.create_task(self._all())
        self.process.start(stop_after_crawl=False, install_signal_handlers=False)
        main.result()

    async def _all(self) -> None:
        from twisted.internet import reactor

        try:
            await asyncio.gather(*(self._some() for _ in range(AT_ONCE)))
        finally:
            reactor.stop()  # type: ignore[attr-defined]

    async def _some(self) -> None:
        while self.waiting:
            self.told(await self._one(self.waiting.pop(0)))

    def _archive(self, source: Source) -> Any:
        own = Home(self.home / source.id)
        own.create()
        with (
            closing(sqlite3.connect(self.home / "archive.db")) as empty,
            closing(sqlite3.connect(own.path / "archive.db")) as copy,
        ):
            empty.backup(copy)  # its tables
        return ledgers.Ledger.open(own, self.clock)._archive

    async def _one(self, source: Source) -> Crawled:
        crawled, started = Crawled(source.id), time.monotonic()
        ledger = WatchedLedger(self._archive(source) if self.apart else self.archive, self.clock)
        crawler = self.process.create_crawler(self.loader.load(source.id))
        ledgers._ledgers[crawler] = ledger

        def archived(item: Any) -> None:
            if isinstance(item, Archived) and isinstance(item.item, PageItem):
                crawled.documents.append(item)

        crawler.signals.connect(archived, signals.item_scraped)
        try:
            await self.process.crawl(crawler, pages=str(LIST_PAGES), recheck="none")
        except Exception as error:
            crawled.reason = f"{type(error).__name__}: {error}"
        recorder = RunRecorder.of(crawler)
        if recorder is not None and recorder.judgement is not None:
            crawled.verdict, crawled.reason = recorder.judgement.end.value, recorder.judgement.reason
        crawled.pages = ledger.pages
        crawled.seconds = time.monotonic() - started
        return crawled
