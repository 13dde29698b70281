"""Working days in China: weekdays without public holidays, and the weekends worked in their stead.

The holidays are those the State Council announces each November (library chinesecalendar, 2004 on). Beyond the years it
knows, weekdays count: the error is at most a week of holidays.
"""

from datetime import date, timedelta
from functools import lru_cache

import chinese_calendar

LONGEST = 3_660  # days; longer spans are counted by the usual five days of seven


@lru_cache(maxsize=4_096)  # the library takes 20 µs, and due times ask for every hour
def is_workday(day: date) -> bool:
    """Whether offices work on `day`."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:  # a year that was not announced when the library was made
        return day.weekday() < 5


def workdays_between(before: date, after: date) -> int:
    """How many working days there are after `before`, up to and with `after`; 0 where `after` is not later."""
    days = (after - before).days
    if days > LONGEST:
        return days * 5 // 7
    return sum(is_workday(before + timedelta(days=number)) for number in range(1, days + 1))
