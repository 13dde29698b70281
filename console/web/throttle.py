"""How often something may be tried: in memory, as one service serves the console."""

import threading
from collections import OrderedDict, deque
from datetime import datetime, timedelta

from storage.clock import Clock

MOST_KEYS = 10_000  # remembered at once; the oldest are forgotten


class Throttle:
    """At most `times` in each `within`, for each key."""

    def __init__(self, clock: Clock, times: int, within: timedelta) -> None:
        self._clock = clock
        self._times = times
        self._within = within
        self._seen: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, key: str) -> int:
        """Seconds until the key may be tried again; 0: now."""
        with self._lock:
            seen = self._recent(key)
            if len(seen) < self._times:
                return 0
            return max(1, round((seen[0] + self._within - self._clock.now()).total_seconds()))

    def count(self, key: str) -> None:
        """It was tried."""
        with self._lock:
            self._recent(key).append(self._clock.now())
            self._seen.move_to_end(key)
            while len(self._seen) > MOST_KEYS:
                self._seen.popitem(last=False)

    def forget(self, key: str) -> None:
        """It went well: what was tried before does not count."""
        with self._lock:
            self._seen.pop(key, None)

    def _recent(self, key: str) -> deque[datetime]:
        seen = self._seen.setdefault(key, deque(maxlen=self._times))
        now = self._clock.now()
        while seen and not timedelta(0) <= now - seen[0] < self._within:  # a clock set back frees, too
            seen.popleft()
        return seen
