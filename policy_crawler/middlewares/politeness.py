"""Keeps what servers ask for: Retry-After, few retries with growing pauses, nothing more after a refusal."""

import logging
from typing import Any

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
)
from scrapy.utils.httpobj import urlparse_cached

from policy_crawler.handler import TlsError
from policy_crawler.middlewares.holds import LONGEST_PAUSE, Holds
from policy_crawler.middlewares.transfer import looks_cut

logger = logging.getLogger(__name__)

TRANSIENT_STATUSES = frozenset({408, 429, 500, 502, 503, 504, 522, 524})
TRANSIENT_ERRORS = (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    DownloadFailedError,
    ResponseDataLossError,
)
LONGEST_DELAY = 30.0  # seconds between two requests, whatever robots.txt or a 429 asks for


class PolitenessMiddleware:
    """Retries what passes by itself, and asks a held host nothing.

    429 and 503 with Retry-After hold the host (`Holds.heed`, called by the handler): up to a minute is waited out and
    retried; longer, the answer goes to the callback and further requests to that host are refused as held, in this run
    and in later ones until the time is over."""

    def __init__(self, crawler: Any) -> None:
        self._crawler = crawler
        self._holds = Holds.of(crawler)

    @classmethod
    def from_crawler(cls, crawler: Any) -> "PolitenessMiddleware":
        return cls(crawler)

    async def process_request(self, request: Any) -> None:
        self._holds.check(urlparse_cached(request).hostname or "")

    async def process_response(self, request: Any, response: Any) -> Any:
        request.meta["truncated"] = looks_cut(response)
        wait = request.meta.get("asked_to_wait")
        if wait is not None:
            raise_delay(self._crawler, request, 2 * self._crawler.settings.getfloat("DOWNLOAD_DELAY"))
            if wait > LONGEST_PAUSE.total_seconds():
                return response
            return await self._retry(request, f"status {response.status}", wait) or response
        if response.status in TRANSIENT_STATUSES:
            return await self._retry(request, f"status {response.status}") or response
        if (
            request.meta["truncated"] and request.meta.get("purpose") != "robots"
        ):  # the end of plain text cannot be told
            return await self._retry(request, "the body was cut short") or response
        return response

    async def process_exception(self, request: Any, exception: Exception) -> Any:
        if isinstance(exception, TRANSIENT_ERRORS) and not isinstance(exception, TlsError):
            return await self._retry(request, f"{type(exception).__name__}: {exception}")
        return None

    async def _retry(self, request: Any, why: str, pause: float | None = None) -> Any:
        """The request again, after a pause; None when it was tried often enough or the crawl is ending."""
        tried = request.meta.get("retry_times", 0)
        if tried >= len(self._holds.pauses) or request.meta.get("dont_retry"):
            return None
        pause = self._holds.pauses[tried] if pause is None else pause
        logger.info("%s: %s; trying again in %.0f s", request.url, why, pause)
        self._crawler.stats.inc_value("policy/retries")
        if not await self._holds.pause(pause):
            return None
        again = request.copy()
        again.meta["retry_times"] = tried + 1
        again.dont_filter = True
        return again


def raise_delay(crawler: Any, request: Any, seconds: float) -> None:
    """Put at least `seconds` (at most 30) between two requests to the host of `request` for the rest of the crawl."""
    downloader = crawler.engine.downloader
    key = downloader.get_slot_key(request)
    settings = downloader.per_slot_settings.setdefault(key, {})
    slot = downloader.slots.get(key)
    current = slot.delay if slot else settings.get("delay", crawler.settings.getfloat("DOWNLOAD_DELAY"))
    delay = max(current, min(seconds, LONGEST_DELAY))
    settings.update(delay=delay, concurrency=1, jitter=0.0)
    if slot is not None:
        slot.delay, slot.concurrency, slot.jitter = delay, 1, 0.0
