"""The run: opened before the first request, limited, told about, and judged at its end."""

import asyncio
import logging
import time
from dataclasses import replace
from typing import Any
from weakref import WeakKeyDictionary

from scrapy import signals
from scrapy.exceptions import NotConfigured

from policy_crawler.events import EventWriter
from policy_crawler.items import Archived, PageItem
from policy_crawler.judgement import End, Judgement, ListingFacts, RunFacts
from policy_crawler.network import assert_guarded

logger = logging.getLogger(__name__)

PROGRESS_SECONDS = 0.2  # between two progress events
INTERRUPTED = "interrupted"  # reason of a spider closed by a signal to our own process
QUIET = frozenset({"same", "upgraded"})  # outcomes that nobody needs told while a run goes on


_recorders: "WeakKeyDictionary[Any, RunRecorder]" = WeakKeyDictionary()


class RunRecorder:
    """Scrapy extension, the only one that opens and closes runs, whoever started the crawl.

    `judgement` is set when the run was closed, `run_id` when it was opened."""

    def __init__(self, crawler: Any, ledger: Any) -> None:
        self.crawler = crawler
        self.ledger = ledger
        self.events = EventWriter.from_environment()
        self.run_id: int | None = None
        self.judgement: Judgement | None = None
        self._limit = ""
        self._crashed = ""
        self._told_at = 0.0
        self._made = 0
        self._tasks: set[asyncio.Task[None]] = set()

    @classmethod
    def from_crawler(cls, crawler: Any) -> "RunRecorder":
        """Opens the run. Raises OperatorError or ArchiveError, so that a crawl that cannot be recorded never starts."""
        from policy_crawler.pipelines import ledger  # noqa: PLC0415 - previews need no storage

        assert_guarded(crawler)
        book = ledger.of(crawler)
        if book is None:
            raise NotConfigured("nothing is recorded")
        recorder = _recorders[crawler] = cls(crawler, book)
        connect = crawler.signals.connect
        connect(recorder.opened, signals.spider_opened)
        connect(recorder.reached, signals.request_reached_downloader)
        connect(recorder.received, signals.response_received)
        connect(recorder.archived, signals.item_scraped)
        connect(recorder.failed, signals.spider_error)
        connect(recorder.failed_item, signals.item_error)
        connect(recorder.closed, signals.spider_closed)
        recorder.begin()
        return recorder

    @staticmethod
    def of(crawler: Any) -> "RunRecorder | None":
        """The recorder of a crawl; None where none was made, as the crawl failed before or records nothing."""
        return _recorders.get(crawler)

    def begin(self) -> None:
        """Open the run's row."""
        settings, spider = self.crawler.settings, self.crawler.spider
        self.run_id = self.ledger.begin(spider.source, spider.trigger or settings["POLICY_TRIGGER"],
                                        settings.getint("POLICY_RUN") or None)  # fmt: skip
        logger.info("run %d of %s began", self.run_id, spider.source.id)
        self.events.write("opened", run=self.run_id, source=spider.source.id, name=spider.source.name)

    def opened(self, spider: Any) -> None:
        minutes = self.crawler.settings.getfloat("POLICY_MAX_MINUTES")
        asyncio.get_running_loop().call_later(minutes * 60, self._stop, f"{minutes:g} minutes were over")

    def reached(self, request: Any, spider: Any) -> None:
        self._made += 1  # here and not when answers come, as several requests wait in the downloader
        most = self.crawler.settings.getint("POLICY_MAX_PAGES")
        if self._made >= most:
            self._stop(f"{most} requests were made")

    def received(self, response: Any, request: Any, spider: Any) -> None:
        now = time.monotonic()
        if now - self._told_at >= PROGRESS_SECONDS:
            self._told_at = now
            self._progress()

    def archived(self, item: Any, spider: Any) -> None:
        if not isinstance(item, Archived) or item.outcome in QUIET or not isinstance(item.item, PageItem):
            return
        logger.info("%s: %s %s", item.outcome, item.title or item.item.response.url, item.reason)
        self.events.write(
            "document",
            run=self.run_id,
            outcome=item.outcome,
            reason=item.reason,
            title=item.title,
            url=item.item.response.url,
            doc_number=item.doc_number,
            document=item.document_id,
            changes=[{"operation": operation, "label": label} for operation, label in item.changes],
        )

    def failed(self, failure: Any, response: Any, spider: Any) -> None:
        """An error of ours in a spider: the run cannot be trusted, though it goes on."""
        self._crashed = self._crashed or f"an error of this program at {response.url}: {_named(failure.value)}"

    def failed_item(self, item: Any, response: Any, spider: Any, failure: Any) -> None:
        """An error of the archive or of ours in a pipeline ends the run: what cannot be kept is not worth fetching."""
        self._crashed = self._crashed or f"could not be kept: {_named(failure.value)}"
        self._stop("")

    def closed(self, spider: Any, reason: str) -> None:
        """Judge the run and close its row."""
        self._progress()
        facts: RunFacts = replace(spider.facts, limit=self._limit, crashed=self._crashed, listing=spider.listing)
        if reason in {INTERRUPTED, "shutdown"}:
            facts = replace(facts, interrupted="stopped by a signal before its end")
        elif reason != "finished" and not self._limit and not self._crashed:
            facts = replace(facts, crashed=f"the crawl ended early: {reason}")
        self.finish(self.ledger.judge(facts), facts.listing)

    def finish(self, judgement: Judgement, listing: ListingFacts | None = None) -> None:
        """Close the run's row with this judgement, once."""
        if self.judgement is not None or self.run_id is None:
            return
        summary = self.ledger.end(judgement, listing)
        # Only now: what could not be closed was not judged. And as the archive says it, which may hold changes back.
        judgement = Judgement(End(summary.verdict), summary.reason)
        self.judgement = judgement
        logger.info("run %d ended: %s %s", summary.id, judgement.end.value, judgement.reason)
        self.events.write(
            "closed",
            run=summary.id,
            source=summary.source_id,
            verdict=judgement.end.value,
            reason=judgement.reason,
            counts=summary.counts,
            backlog=summary.backlog,
        )

    def _progress(self) -> None:
        engine = self.crawler.engine
        queued = len(engine._slot.scheduler) if engine and engine._slot and engine._slot.scheduler else 0  # noqa: SLF001
        self.events.write("progress", run=self.run_id, requests=self.ledger.counts.get("requests", 0), queued=queued)

    def _stop(self, limit: str) -> None:
        if self._tasks or self.crawler.engine.spider is None:
            return  # it ends already
        self._limit = limit
        self._tasks.add(asyncio.ensure_future(self.crawler.engine.close_spider_async(reason="limit")))


def _named(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:500]
