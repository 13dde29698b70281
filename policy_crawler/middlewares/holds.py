"""Hosts that asked us to wait, for this run and, through the ledger, for the runs after it; and hosts that are down."""

import asyncio
import contextlib
import logging
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from weakref import WeakKeyDictionary, ref

from policy_crawler.middlewares.ledger import Ledger, ledger_of
from policy_crawler.network import Refused
from storage.clock import Clock

logger = logging.getLogger(__name__)

LONGEST_PAUSE = timedelta(seconds=60)  # shorter holds are waited out; longer ones end the run for that host
LONGEST_HOLD = timedelta(hours=24)  # whatever a server asks for
AFTER_REPEATED_429 = timedelta(minutes=10)  # a host that goes on refusing without saying for how long
MOST_FAILURES = 6  # in a row, two requests with their retries: a site that is down is not asked 500 times
PAUSES = (5.0, 20.0)  # seconds before each retry of a request; POLICY_RETRY_PAUSES sets others
TICK = 0.25  # seconds between two looks whether the crawl is ending

_held: WeakKeyDictionary[Any, "Holds"] = WeakKeyDictionary()


class Holds:
    """Until when each host is left alone, and why. One per crawl: `Holds.of(crawler)`."""

    def __init__(self, crawler: Any, ledger: Ledger | None, clock: Clock, pauses: list[float]) -> None:
        self._crawler = ref(crawler)  # weak, as it is the key that this object is kept by
        self._ledger = ledger
        self._until: dict[str, datetime | None] = {}
        self._why: dict[str, str] = {}
        self._failures: dict[str, int] = {}
        self._turns: dict[str, asyncio.Semaphore] = {}
        self._at_once = crawler.settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN")
        self.clock = clock
        self.pauses = pauses

    @classmethod
    def of(cls, crawler: Any) -> "Holds":
        if crawler not in _held:
            pauses = [float(pause) for pause in crawler.settings.getlist("POLICY_RETRY_PAUSES", PAUSES)]
            _held[crawler] = cls(crawler, ledger_of(crawler), Clock.from_environment(), pauses)
        return _held[crawler]

    def turn(self, host: str) -> asyncio.Semaphore:
        """What a request to `host` holds while it is under way, over http or https. Scrapy's own limit starts all that
        is queued at once where there is no delay between requests (2.19)."""
        return self._turns.setdefault(host, asyncio.Semaphore(self._at_once))

    def heed(self, host: str, response: Any, tried: int) -> timedelta | None:
        """Hold the host when its answer asks for time: 503 with Retry-After, or 429. A 429 that names no time asks for
        the pause before the next retry, and for ten minutes when the request was retried `tried` times already.
        Answers how long, None when the answer asks for nothing.

        Called before the next request can leave, which is why no middleware does it: Scrapy sends the next one while
        an answer is still on its way up."""
        if response.status not in (429, 503):
            return None
        wait = retry_after(response, self.clock.now())
        if wait is None:
            if response.status == 503:
                return None
            wait = timedelta(seconds=self.pauses[tried]) if tried < len(self.pauses) else AFTER_REPEATED_429
        self.hold(host, wait, f"it answered {response.status} and asked for {round(wait.total_seconds())} s")
        if wait > LONGEST_PAUSE:
            logger.warning("%s answered %d: left alone for %s", host, response.status, wait)
        return wait

    def hold(self, host: str, wait: timedelta, why: str) -> None:
        """Leave `host` alone for `wait`, at most 24 hours. A longer hold already set stays."""
        until = self.clock.now() + min(wait, LONGEST_HOLD)
        known = self.until(host)
        if known is not None and known >= until:
            return
        self._until[host], self._why[host] = until, why
        if self._ledger is not None and wait > LONGEST_PAUSE:
            self._ledger.hold(host, until)

    def until(self, host: str) -> datetime | None:
        """When `host` may be asked again; None when it may be now."""
        if host not in self._until:
            self._until[host] = self._ledger.held_until(host) if self._ledger is not None else None
        until = self._until[host]
        return until if until is not None and until > self.clock.now() else None

    def answered(self, host: str) -> None:
        """`host` is there."""
        self._failures[host] = 0

    def failed(self, host: str) -> None:
        """`host` gave no answer: no address, no connection, no end. After six in a row it is taken to be down, and
        asked nothing more in this run."""
        self._failures[host] = self._failures.get(host, 0) + 1

    def check(self, host: str) -> None:
        """Raises Refused: "held" when `host` is held for longer than a request waits, "unreachable" when it is down."""
        if self._failures.get(host, 0) >= MOST_FAILURES:
            raise Refused("unreachable", f"{host} gave no answer {MOST_FAILURES} times in a row; not asked again now")
        until = self.until(host)
        if until is not None and until - self.clock.now() > LONGEST_PAUSE:
            why = self._why.get(host, "it asked for this in an earlier run")
            raise Refused("held", f"{host} is left alone until {until:%Y-%m-%d %H:%M:%S} UTC: {why}")

    async def wait(self, host: str) -> None:
        """Return when `host` may be asked. Raises Refused("held") rather than waiting more than a minute, or when the
        crawl ends meanwhile."""
        self.check(host)
        while (until := self.until(host)) is not None:
            if not await self.pause((until - self.clock.now()).total_seconds()):
                raise Refused("held", f"the crawl ended while {host} was left alone")
            self.check(host)

    async def pause(self, seconds: float) -> bool:
        """Wait; False when the crawl is ending, which nobody should have to wait for."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while not self._closing():
            left = end - loop.time()
            if left <= 0:
                return True
            await asyncio.sleep(min(left, TICK))
        return False

    def _closing(self) -> bool:
        crawler = self._crawler()
        engine = crawler.engine if crawler is not None else None
        slot = engine._slot if engine is not None else None  # noqa: SLF001 (Scrapy has no signal for it)
        return slot is None or slot.closing is not None


def retry_after(response: Any, now: datetime) -> timedelta | None:
    """How long Retry-After (RFC 9110 §10.2.3: seconds or a date) asks us to wait, at most 24 hours; None when it says
    nothing usable: absent, zero, negative, past, unreadable.

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
