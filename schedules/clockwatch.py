"""Notices that the clock on the wall was moved, by comparing it with one that nobody can move."""

from collections.abc import Callable
from datetime import timedelta

from storage.clock import Clock

TOLERANCE = timedelta(seconds=30)  # NTP's slewing and a busy machine stay far below


class ClockWatch:
    """Compares the clock with `monotonic` (seconds from anywhere) from one `step` to the next."""

    def __init__(self, clock: Clock, monotonic: Callable[[], float]) -> None:
        self._clock = clock
        self._monotonic = monotonic
        self._seen = (clock.now(), monotonic())

    def step(self) -> timedelta:
        """How far the clock was moved since the last call: positive forward (or the machine slept), negative back,
        zero within the tolerance."""
        wall, steady = self._clock.now(), self._monotonic()
        moved = (wall - self._seen[0]) - timedelta(seconds=steady - self._seen[1])
        self._seen = (wall, steady)
        return moved if abs(moved) > TOLERANCE else timedelta(0)
