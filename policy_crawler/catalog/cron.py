"""Cron expressions of sources: five fields by China's clock, weekdays counted as cron does."""

from functools import lru_cache
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

CHINA = ZoneInfo("Asia/Shanghai")
WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


@lru_cache(maxsize=4096)
def cron_trigger(expression: str) -> CronTrigger:
    """The trigger of an expression like `*/10 8-18 * * mon-fri`. Raises ValueError that says what is wrong with it."""
    fields = expression.split()
    if len(fields) != 5:
        raise ValueError("expected five fields: minute hour day month weekday, as in */10 8-18 * * mon-fri")
    minute, hour, day, month, weekday = fields
    return CronTrigger(minute=minute, hour=hour, day=day, month=month, day_of_week=_weekdays(weekday), timezone=CHINA)


def _weekdays(field: str) -> str:
    """A field of weekdays in names: APScheduler counts from Monday, cron from Sunday, so that 1-5 would be Tue-Sat."""
    chosen = set()
    for part in field.lower().split(","):
        span, _, step = part.partition("/")
        first, dash, last = span.partition("-")
        start = 0 if span == "*" else _number(first)
        end = _number(last) if dash else 6 if span == "*" or step else start
        if not (step or "1").isdigit() or int(step or 1) < 1:
            raise ValueError(f"weekday: expected a number after /, found {part!r}")
        chosen |= {number % 7 for number in range(start, end + (7 if end < start else 0) + 1, int(step or 1))}
    return ",".join(WEEKDAYS[number] for number in sorted(chosen))


def _number(name: str) -> int:
    if name in WEEKDAYS:
        return WEEKDAYS.index(name)
    if name.isdigit() and int(name) <= 7:
        return int(name)
    raise ValueError(f"weekday: expected 0-7 or {', '.join(WEEKDAYS)}, found {name!r}")
