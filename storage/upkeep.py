"""What is done for an archive in its quiet time: lets go what rules let go, compacts what is closed, notes its head."""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Final

from storage import compacting, heads, retention
from storage.archive import Archive
from storage.clock import CHINA
from storage.compacting import Compacted
from storage.engine import reading as reading_session
from storage.engine import writing
from storage.models import Setting
from storage.retention import Applied, Rules
from storage.snapshots import PlacesTaken

_log = logging.getLogger(__name__)

SETTING: Final = "upkeep"  # the day, in China, on which all was done last
HEAD_EVERY: Final = timedelta(hours=1)
_HOURS: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


@dataclass(slots=True)
class Done:
    """What came of it; `whole`: nothing is left to do until tomorrow."""

    let_go: list[Applied] = field(default_factory=list)
    compacted: Compacted | None = None
    whole: bool = False


class Upkeep:
    """The upkeep of one archive. A service asks `is_due` with every tick, and does `run` in a thread of its own."""

    def __init__(
        self,
        archive: Archive,
        rules: Rules | None = None,
        *,
        compact: bool = False,
        hours: str = "02:00-05:00",
        head_file: Path | None = None,
    ) -> None:
        """`hours` are the quiet ones, in China's time; over midnight too. Raises ValueError where they are none."""
        self._archive, self._rules, self._compact, self._head_file = archive, rules or Rules(), compact, head_file
        self._hours = read_hours(hours)
        self._noted: datetime | None = None

    def is_due(self) -> bool:
        """Whether it is the time, there is something that may be done, and it was not done today."""
        if not (self._compact or self._rules != Rules()) or not self._is_quiet():
            return False
        with reading_session(self._archive.engine) as session:
            setting = session.get(Setting, SETTING)
        return setting is None or setting.value != self._day()

    def run(self, stop: Callable[[], bool] = lambda: False) -> Done:
        """Do what there is to do, until `stop` says so or the quiet time is over; the next one goes on.

        Where a backup or a check is under way, nothing is done until the next call. Originals are never let go."""
        done, day = Done(), self._day()

        def enough() -> bool:
            return stop() or not self._is_quiet()

        try:
            done.let_go = retention.apply(self._archive, self._rules, stop=enough)
            if self._compact and not enough():
                done.compacted = compacting.compact(self._archive, stop=enough)
        except PlacesTaken as error:
            _log.info("upkeep waits: %s", error)
            return done
        done.whole = not enough()
        if done.whole:
            with writing(self._archive.engine) as session:
                session.merge(Setting(name=SETTING, value=day))
        return done

    def note_head(self) -> None:
        """Note the chain's head in the file of heads, once an hour at most. Raises OperatorError where that fails."""
        now = self._archive.clock.now()
        if self._head_file is None or (self._noted is not None and abs(now - self._noted) < HEAD_EVERY):
            return
        heads.note(self._archive.engine, self._head_file, now)
        self._noted = now

    def _day(self) -> str:
        """The day on which the quiet time that it is now began."""
        here = self._archive.clock.now().astimezone(CHINA)
        begins, ends = self._hours
        if begins > ends and here.time() < ends:
            here -= timedelta(days=1)
        return here.date().isoformat()

    def _is_quiet(self) -> bool:
        here = self._archive.clock.now().astimezone(CHINA).time()
        begins, ends = self._hours
        return begins <= here < ends if begins < ends else here >= begins or here < ends


def read_hours(text: str) -> tuple[time, time]:
    """When quiet hours begin and end, from HH:MM-HH:MM. Raises ValueError."""
    match = _HOURS.fullmatch(text)
    if match is None or match[1] + match[2] == match[3] + match[4]:
        raise ValueError(f"expected hours as 02:00-05:00, found {text!r}")
    begin_hour, begin_minute, end_hour, end_minute = map(int, match.groups())
    return time(begin_hour, begin_minute), time(end_hour, end_minute)
