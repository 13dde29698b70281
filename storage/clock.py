"""The one clock. Everything that asks for the time is given one; nothing else reads the machine's."""

import os
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")  # every policy date is local to it; it has had no summer time since 1991
OFFSET_VARIABLE = "POLICY_CRAWLER_CLOCK_OFFSET"  # seconds; set by the demonstration and by tests, never by users


@dataclass(frozen=True, slots=True)
class Clock:
    """Wall time as an aware UTC moment, moved by `offset`."""

    offset: timedelta = timedelta(0)

    @classmethod
    def from_environment(cls) -> "Clock":
        """The clock a child process inherits from its parent."""
        return cls(timedelta(seconds=float(os.environ.get(OFFSET_VARIABLE, "0"))))

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC) + self.offset

    def today(self) -> date:
        """The present date in China."""
        return self.now().astimezone(CHINA).date()

    def moved(self, by: timedelta) -> "Clock":
        """A clock that is `by` ahead of this one."""
        return Clock(self.offset + by)

    def environment(self) -> dict[str, str]:
        """What a child process needs to share this clock."""
        return {OFFSET_VARIABLE: str(self.offset.total_seconds())}
