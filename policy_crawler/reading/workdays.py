"""Terms in working days (工作日): weekdays without public holidays, and the weekends that are worked in their stead."""

from datetime import date, timedelta

LONGEST = 366  # working days; no term for comments is longer


def after_workdays(start: date, count: int) -> tuple[date, bool]:
    """The last of `count` working days after `start`, which is not counted itself (Civil Code, article 201).

    And whether its holidays were announced, as the State Council does each November for the next year; beyond that
    weekdays count. Raises ValueError for more than LONGEST."""
    if not 0 <= count <= LONGEST:
        raise ValueError(f"expected up to {LONGEST} working days, found {count}")
    day, announced = start, True
    while count:
        day += timedelta(days=1)
        works, known = _works(day)
        count -= works
        announced = announced and known
    return day, announced


def _works(day: date) -> tuple[bool, bool]:
    import chinese_calendar  # noqa: PLC0415 - few pages count working days

    try:
        return bool(chinese_calendar.is_workday(day)), True
    except NotImplementedError:  # a year that was not announced when the library was made
        return day.weekday() < 5, False
