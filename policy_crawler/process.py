"""Runs crawls in this process under our settings: one recorded crawl, or fetches for a preview."""

import logging
import os
import signal
from typing import Any

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings

# Not used here, but needed soon: Scrapy's TLS module walks the whole stack when it is imported, which takes three times
# as long from inside the running reactor (2.19).
import policy_crawler.handler  # noqa: F401
from policy_crawler.extensions import INTERRUPTED, RunRecorder
from policy_crawler.judgement import End, Judgement


def settings(more: dict[str, Any]) -> Settings:
    """Our settings with `more` over them."""
    made = Settings()
    made.setmodule("policy_crawler.settings", priority="project")
    made.update(more, priority="cmdline")
    return made


class CrawlProcess:
    """Scrapy's process with our signals. `signal` is the one that interrupted it, or 0."""

    def __init__(self, more: dict[str, Any]) -> None:
        logging.getLogger("scrapy.utils.log").setLevel(logging.WARNING)
        self._process = AsyncCrawlerProcess(settings(more))
        # Settings, components, migrations: a hundred lines a crawl. `scrapy crawl` still tells them. Only now, as the
        # process sets up logging anew.
        for name in ("scrapy.addons", "scrapy.crawler", "scrapy.middleware", "scrapy.statscollectors", "alembic"):
            logging.getLogger(name).setLevel(logging.WARNING)
        self.signal = 0

    def run(self, spider: Any, arguments: dict[str, Any]) -> RunRecorder | None:
        """Crawl and return when it is over. Answers the run's recorder; None where nothing is recorded.

        Raises what kept the crawl from starting."""
        from twisted.internet import reactor  # noqa: PLC0415 - the process above has installed ours

        crawler = self._process.create_crawler(spider)
        task = self._process.crawl(crawler, **arguments)
        reactor.addSystemEventTrigger("after", "startup", self._listen, crawler)
        self._process.start()
        recorder = RunRecorder.of(crawler)
        error = task.exception() if task.done() and not task.cancelled() else None
        if error is not None:
            if recorder is not None:
                recorder.finish(Judgement(End.FAILED, f"the crawl could not start: {type(error).__name__}: {error}"))
            raise error
        return recorder

    def _listen(self, crawler: Any) -> None:
        from twisted.internet import reactor  # noqa: PLC0415

        # A turn later, in place of Scrapy's handlers, which would not tell which signal it was.
        reactor.callLater(0, self._take_signals, crawler)

    def _take_signals(self, crawler: Any) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda number, _: self._interrupt(number, crawler))

    def _interrupt(self, number: int, crawler: Any) -> None:
        """The first signal ends the crawl in good order, the second at once."""
        from twisted.internet import reactor  # noqa: PLC0415

        if self.signal:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
            return
        self.signal = number
        reactor.callFromThread(self._close, crawler)

    def _close(self, crawler: Any) -> None:
        from scrapy.utils.defer import deferred_from_coro  # noqa: PLC0415
        from twisted.internet import reactor  # noqa: PLC0415

        try:
            opened = crawler.engine.spider is not None
        except RuntimeError:  # there is no engine yet
            opened = False
        if opened:
            deferred_from_coro(crawler.engine.close_spider_async(reason=INTERRUPTED))
        else:
            reactor.callLater(0.1, self._close, crawler)
