"""OCR in a crawl: when all is fetched and kept, pictures in files are read, under a budget, before the run is judged.

So a long scan holds up nothing: the documents are in the archive by then, and what the time does not reach waits for a
later run of the source, or for `policy-crawler ocr`.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

from scrapy import signals
from scrapy.exceptions import DontCloseSpider, NotConfigured

from policy_crawler.attachments import FileState, Recognition, extract_safely
from policy_crawler.attachments.ocr import available
from policy_crawler.pipelines.convert import file_record
from policy_crawler.pipelines.ledger import Ledger, of
from storage.pictures import Pictures
from storage.records import WaitingFile

logger = logging.getLogger(__name__)

FILES_A_RUN = 200  # looked at; the time ends it before
PICTURES_AT_ONCE = 20  # of one file in one child, whose memory is then given back
SECONDS_A_FILE = 60.0  # in one run, so that one long scan leaves time for the others
MARGIN = 60.0  # seconds of the run's time that are left for its end

Stop = Callable[[], bool]


def recognise(book: Pictures, file: WaitingFile, *, seconds: float, stop: Stop | None = None) -> int:
    """Read the next pictures of a file and keep their words; answers how many were read.

    A file that OCR fails on waits no longer, and says why. Nothing is kept where `stop` ended it."""
    file = book.load(file)
    asked = Recognition(PICTURES_AT_ONCE, seconds, file.recognised)
    found = extract_safely(file.payload, file.name, file.type, ocr=asked, stop=stop)
    if stop is not None and stop():
        return 0
    read = len(found.recognised) - len(file.recognised)
    if found.state in {FileState.TOO_LARGE, FileState.DAMAGED} and not found.recognised:
        book.give_up(file, f"OCR failed: {found.reason}")
        return 0
    book.keep(file, file_record(found))
    logger.info("OCR read %d pictures of %s, %d wait", read, file.url, found.waiting)
    return max(read, 0)


class PictureReader:
    """Scrapy extension that keeps a crawl open while it reads pictures. Ends at once when the crawl is stopped."""

    def __init__(self, crawler: Any, ledger: Ledger, seconds: float) -> None:
        self._crawler, self._ledger, self._seconds = crawler, ledger, seconds
        self._began = time.monotonic()
        self._task: asyncio.Task[None] | None = None
        self._done = self._stopped = False

    @classmethod
    def from_crawler(cls, crawler: Any) -> "PictureReader":
        ledger = of(crawler)
        if ledger is None or crawler.settings["POLICY_OCR"] == "off":
            raise NotConfigured("nothing is recorded, or attachments.ocr is off")
        reader = cls(crawler, ledger, 60 * crawler.settings.getfloat("POLICY_OCR_MINUTES"))
        crawler.signals.connect(reader.idle, signals.spider_idle)
        crawler.signals.connect(reader.closed, signals.spider_closed)
        return reader

    def idle(self, spider: Any) -> None:
        """All is fetched: read pictures, if there are any, and close the spider after that."""
        if self._done:
            return
        if self._task is None:
            waiting = self._ledger.pictures.waiting(FILES_A_RUN, spider.source.id)
            self._ledger.counts["pictures_waiting"] = len(waiting)
            if not waiting or not available():
                self._done = True
                if waiting:
                    logger.info("%d files are pictures; their words need OCR, which is not installed", len(waiting))
                else:
                    del self._ledger.counts["pictures_waiting"]
                return
            self._task = asyncio.ensure_future(self._read(spider.source.id, waiting))
        raise DontCloseSpider

    def closed(self, spider: Any) -> None:
        self._stopped = True  # the child is ended within a tenth of a second

    async def _read(self, source_id: str, waiting: list[WaitingFile]) -> None:
        run = 60 * self._crawler.settings.getfloat("POLICY_MAX_MINUTES") - (time.monotonic() - self._began) - MARGIN
        until = time.monotonic() + min(self._seconds, run)
        read = 0
        try:
            for file in waiting:
                left = min(SECONDS_A_FILE, until - time.monotonic())
                if left <= 0 or self._stopped:
                    break
                read += await asyncio.to_thread(
                    recognise, self._ledger.pictures, file, seconds=left, stop=lambda: self._stopped
                )
            left_over = len(self._ledger.pictures.waiting(FILES_A_RUN, source_id))
            self._ledger.counts.update({"pictures_read": read, "pictures_waiting": left_over})
            if left_over:
                logger.info("%d files wait for OCR: a later run reads on, or 'policy-crawler ocr'", left_over)
        except Exception:  # what cannot be read is no reason to lose what was fetched
            logger.exception("OCR failed")
        finally:
            self._done = True
            if not self._stopped and self._crawler.engine.spider_is_idle():
                # Not awaited from here: closing waits for nothing of ours. Without it Scrapy would look in 5 s.
                self._closing = asyncio.ensure_future(self._crawler.engine.close_spider_async(reason="finished"))
