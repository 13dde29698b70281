"""Keeps what servers ask for: Retry-After, few retries with growing pauses, nothing more after a refusal."""

import asyncio
import contextlib
import logging
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
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
from policy_crawler.middlewares.holds import LONGEST_HOLD, LONGEST_PAUSE, Holds
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
PAUSES = (5.0, 20.0)  # seconds before each retry of a request; POLICY_RETRY_PAUSES sets others
AFTER_REPEATED_429 = timedelta(minutes=10)  # a host that goes on refusing without saying for how long
LONGEST_DELAY = 30.0  # seconds between two requests, whatever robots.txt or a 429 asks for


class PolitenessMiddleware:
    """Retries what passes by itself, and holds the host when it asks for time.

    429 and 503 with Retry-After (seconds or date; negative and unreadable values count as none, more than 24 hours as
    24 hours): up to a minute is waited out and retried; longer, the answer goes to the callback and further requests
    to that host are refused as held, in this run and in later ones until the time is over."""

    def __init__(self, crawler: Any) -> None:
        self._crawler = crawler
        self._holds = Holds.of(crawler)
        self._pauses = [float(pause) for pause in crawler.settings.getlist("POLICY_RETRY_PAUSES", PAUSES)]

    @classmethod
    def from_crawler(cls, crawler: Any) -> "PolitenessMiddleware":
        return cls(crawler)

    async def process_request(self, request: Any) -> None:
        self._holds.check(urlparse_cached(request).hostname or "")

    async def process_response(self, request: Any, response: Any) -> Any:
        request.meta["truncated"] = looks_cut(response)
        if response.status in (429, 503):
            asked = retry_after(response, self._holds.clock.now())
            if response.status == 429 or asked is not None:
                return await self._asked_to_wait(request, response, asked)
        if response.status in TRANSIENT_STATUSES:
            return await self._retry(request, f"status {response.status}") or response
        if request.meta["truncated"]:
            return await self._retry(request, "the body was cut short") or response
        return response

    async def process_exception(self, request: Any, exception: Exception) -> Any:
        if isinstance(exception, TRANSIENT_ERRORS) and not isinstance(exception, TlsError):
            return await self._retry(request, f"{type(exception).__name__}: {exception}")
        return None

    async def _asked_to_wait(self, request: Any, response: Any, asked: timedelta | None) -> Any:
        host = urlparse_cached(request).hostname or ""
        tried = request.meta.get("retry_times", 0)
        wait = asked
        if wait is None:
            wait = timedelta(seconds=self._pauses[tried]) if tried < len(self._pauses) else AFTER_REPEATED_429
        self._holds.hold(host, wait, f"it answered {response.status} and asked for {round(wait.total_seconds())} s")
        raise_delay(self._crawler, request, 2 * self._crawler.settings.getfloat("DOWNLOAD_DELAY"))
        if wait > LONGEST_PAUSE:
            logger.warning("%s answered %d: left alone for %s", host, response.status, min(wait, LONGEST_HOLD))
            return response
        return await self._retry(request, f"status {response.status}", wait.total_seconds()) or response

    async def _retry(self, request: Any, why: str, pause: float | None = None) -> Any:
        """The request again, after a pause; None when it was tried often enough."""
        tried = request.meta.get("retry_times", 0)
        if tried >= len(self._pauses) or request.meta.get("dont_retry"):
            return None
        pause = self._pauses[tried] if pause is None else pause
        logger.info("%s: %s; trying again in %.0f s", request.url, why, pause)
        self._crawler.stats.inc_value("policy/retries")
        await asyncio.sleep(pause)
        again = request.copy()
        again.meta["retry_times"] = tried + 1
        again.dont_filter = True
        return again


def retry_after(response: Any, now: datetime) -> timedelta | None:
    """How long Retry-After (RFC 9110 §10.2.3) asks us to wait, at most 24 hours; None when it says nothing usable.

    A date is taken relative to the answer's own Date, so that a wrong clock here or there does not count."""
    text = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
    if text.isascii() and text.isdigit():
        seconds = int(text[:12])
        return min(timedelta(seconds=seconds), LONGEST_HOLD) if seconds else None
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    with contextlib.suppress(ValueError):
        now = parsedate_to_datetime((response.headers.get("Date") or b"").decode("latin-1"))
    if until.tzinfo is None or now.tzinfo is None:
        return None
    wait = until - now
    return min(wait, LONGEST_HOLD) if wait > timedelta(0) else None


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
