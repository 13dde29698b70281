"""Hosts that asked us to wait, for this run and, through the ledger, for the runs after it."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

from policy_crawler.middlewares.ledger import Ledger, ledger_of
from policy_crawler.network import Refused
from storage.clock import Clock

LONGEST_PAUSE = timedelta(seconds=60)  # shorter holds are waited out; longer ones end the run for that host
LONGEST_HOLD = timedelta(hours=24)  # whatever a server asks for

_held: WeakKeyDictionary[Any, "Holds"] = WeakKeyDictionary()


class Holds:
    """Until when each host is left alone, and why. One per crawl: `Holds.of(crawler)`."""

    def __init__(self, ledger: Ledger | None, clock: Clock) -> None:
        self._ledger = ledger
        self.clock = clock
        self._until: dict[str, datetime | None] = {}
        self._why: dict[str, str] = {}

    @classmethod
    def of(cls, crawler: Any) -> "Holds":
        if crawler not in _held:
            _held[crawler] = cls(ledger_of(crawler), Clock.from_environment())
        return _held[crawler]

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

    def check(self, host: str) -> None:
        """Raises Refused("held") when `host` is held for longer than a request waits."""
        until = self.until(host)
        if until is not None and until - self.clock.now() > LONGEST_PAUSE:
            why = self._why.get(host, "said so in an earlier run")
            raise Refused("held", f"{host} is left alone until {until:%Y-%m-%d %H:%M:%S} UTC: {why}")

    async def wait(self, host: str) -> None:
        """Return when `host` may be asked. Raises Refused("held") rather than waiting more than a minute."""
        self.check(host)
        while (until := self.until(host)) is not None:
            await asyncio.sleep((until - self.clock.now()).total_seconds())
            self.check(host)
