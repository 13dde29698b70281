"""How the service itself is: does it tick, does the database answer, is there room on the disk. What operators hear of
it, once when it begins and once when it is over."""

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine, text

from storage.clock import Clock
from storage.engine import reading
from storage.scheduling import Timetable
from storage.troubles import Troubles

STALLED_AFTER = 60.0  # seconds without a tick that went well; longer than a few that found the archive locked
FULL_MIB = 64  # room below which no crawl is started: what is left is for rows, alerts and the log
LATE_AFTER = timedelta(minutes=15)  # that a slot waits for its process, before operators hear of it

logger = logging.getLogger(__name__)

Tell = Callable[[str, str, str], object]  # kind, title, reason


class Pulse:
    """The service's ticks, by a clock that nobody sets. `leading`: this service holds the lease."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._well_at = monotonic()
        self.leading = False
        self.running = 0
        self.error = ""

    def well(self) -> None:
        """A tick went well."""
        self._well_at, self.error = self._monotonic(), ""

    def failed(self, error: str) -> None:
        """A tick failed."""
        self.error = error

    @property
    def age(self) -> float:
        """Seconds since a tick went well."""
        return self._monotonic() - self._well_at


@dataclass(frozen=True, slots=True)
class Vitals:
    """How the service is. `reasons`: what is wrong, in words; healthy when there are none."""

    role: str  # leading or standby
    tick_age: float  # seconds since a tick went well
    database: str  # ok, or what it answered
    disk_free_mib: int
    running: int
    late_seconds: float  # that a slot has waited for its process
    troubles: dict[str, str] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()

    @property
    def healthy(self) -> bool:
        return not self.reasons


def free_mib(folder: Path) -> int:
    """Room for this user on the disk that holds `folder`."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize >> 20


@dataclass(frozen=True, slots=True)
class Checkup:
    """Looks at one service. `disk_low_mib`: less room than that is a trouble."""

    pulse: Pulse
    engine: Engine
    timetable: Timetable
    troubles: Troubles
    folder: Path
    disk_low_mib: int
    stalled_after: float = STALLED_AFTER
    late_after: timedelta = LATE_AFTER

    @classmethod
    def of(cls, pulse: Pulse, engine: Engine, clock: Clock, folder: Path, disk_low_mib: int) -> "Checkup":
        """The checkup of the service that beats `pulse`."""
        return cls(pulse, engine, Timetable(engine, clock), Troubles(engine, clock), folder, disk_low_mib)

    def look(self) -> Vitals:
        """How the service is now. Never raises: what cannot be looked at is a reason."""
        reasons = []
        age, free = self.pulse.age, free_mib(self.folder)
        if age > self.stalled_after:
            reasons.append(f"no tick went well for {age:.0f} s" + (f": {self.pulse.error}" if self.pulse.error else ""))
        elif self.pulse.error:
            reasons.append(f"the last tick failed: {self.pulse.error}")
        database, late, troubles = "ok", timedelta(0), {}
        try:
            with reading(self.engine) as session:
                session.execute(text("SELECT 1"))
            late, troubles = self.timetable.lateness(), self.troubles.known()
        except Exception as error:
            database = " ".join(str(error).split())[:300]
            reasons.append(f"the database: {database}")
        if free < self.disk_low_mib:
            reasons.append(f"{free} MiB are free on the disk of {self.folder}, fewer than {self.disk_low_mib}")
        return Vitals(
            role="leading" if self.pulse.leading else "standby",
            tick_age=round(age, 1),
            database=database,
            disk_free_mib=free,
            running=self.pulse.running,
            late_seconds=round(late.total_seconds(), 1),
            troubles=troubles,
            reasons=tuple(reasons),
        )

    def is_full(self) -> bool:
        """Whether the disk has no room for crawls."""
        return free_mib(self.folder) < min(FULL_MIB, self.disk_low_mib)

    def tell(self, tell: Tell) -> None:
        """Tell operators what began or is over since the last call."""
        free = free_mib(self.folder)
        said = f"{free} MiB are free on the disk of {self.folder}"
        # Told well above the limit again, so that what hovers around it is one trouble.
        self._told(tell, "disk", "low", said, there=free < self.disk_low_mib, over=free >= self.disk_low_mib * 1.2)
        late = self.timetable.lateness()
        waited = f"the slot that waits longest has waited {round(late.total_seconds() / 60)} minutes for its crawl"
        self._told(tell, "scheduler", "late", waited, there=late > self.late_after, over=late <= self.late_after / 2)

    def _told(self, tell: Tell, what: str, wrong: str, reason: str, *, there: bool, over: bool) -> None:
        name = f"{what}_{wrong}"
        if there and self.troubles.begin(name):
            logger.warning("%s: %s", name, reason)
            tell(name, "", reason)
        elif over and self.troubles.end(name):
            logger.info("%s_recovered: %s", what, reason)
            tell(f"{what}_recovered", "", reason)
