"""Dates as Chinese pages write them. What cannot be a date gives None, never a guess and never today."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Final

CHINA: Final = timezone(timedelta(hours=8), "+08:00")
FIRST_YEAR, LAST_YEAR = 1949, 2100  # no clock in here: the storage judges what lies in the future

_WIDE = str.maketrans("０１２３４５６７８９：／－．", "0123456789:/-.")
_CN = {
    "〇": 0,
    "零": 0,
    "○": 0,
    "O": 0,
    "Ｏ": 0,
    "一": 1,
    "二": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}

# A clock may be written with U+2236 (ratio) or U+FF1A instead of a colon.
_CLOCK = (
    r"(?:[\sT日-]{0,4}(?P<hour>[01]?\d|2[0-3])\s?[:：∶时]\s?(?P<minute>[0-5]\d)(?:\s?[:：∶分]\s?(?P<second>[0-5]\d))?)?"
)
_NUMERIC = re.compile(
    r"(?<![\d/.\-])(?P<year>(?:19|20)\d\d)\s?(?P<sep>[-/.年])\s?(?P<month>0?[1-9]|1[0-2])\s?(?:(?P=sep)|月)\s?"
    r"(?P<day>3[01]|[12]\d|0?[1-9])(?!\d)" + _CLOCK
)
_COMPACT = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])(?!\d)" + _CLOCK
)
_CHINESE = re.compile(
    r"(?P<year>[一二三四五六七八九〇零○OＯ]{4})\s?年\s?(?P<month>[一二三四五六七八九十]{1,2})\s?月\s?"
    r"(?P<day>[一二三四五六七八九十廿]{1,3})\s?日"
)
_DAY_OF_MAIL = re.compile(r"[A-Za-z]{3},? ")
_DIGITS = re.compile(r"\d{2}")
_IN_PATH = (
    re.compile(r"/t(?P<year>20\d\d)(?P<month>[01]\d)(?P<day>[0-3]\d)_\d+\.s?html?"),
    re.compile(r"/(?P<year>(?:19|20)\d\d)[-/](?P<month>1[0-2]|0?[1-9])[-/](?P<day>3[01]|[12]\d|0?[1-9])/"),
    re.compile(r"/(?P<year>20\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])/"),
    re.compile(r"/(?P<year>20\d\d)/(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])/"),
)


def find_date(text: str) -> date | datetime | None:
    """The first date in `text`, with its clock when one stands behind it (then aware, +08:00)."""
    text = text.translate(_WIDE)
    for pattern in (_NUMERIC, _COMPACT):
        for match in pattern.finditer(text):
            moment = _moment(match)
            if moment is not None:
                return moment
    return find_chinese(text)


def find_day(text: str) -> date | None:
    """The first date in `text`, without a clock."""
    found = find_date(text)
    return found.date() if isinstance(found, datetime) else found


def find_chinese(text: str) -> date | None:
    """The first date written in Chinese numerals: 二〇二二年四月十三日."""
    for match in _CHINESE.finditer(text):
        year = int("".join(str(_CN[digit]) for digit in match["year"]))
        day = _day(year, _number(match["month"]), _number(match["day"]))
        if day:
            return day
    return None


def is_date_line(text: str) -> bool:
    """True when `text` is a date and nothing else."""
    if len(text) > 40 or ("年" not in text and not _DIGITS.search(text)):
        return False
    text = text.translate(_WIDE).strip(" 　（）()。.")
    for pattern in (_NUMERIC, _CHINESE):
        match = pattern.match(text)
        if match and match.end() >= len(text.removesuffix("日").rstrip()):  # 2026 年 3 月 2 日
            return True
    return False


def of_meta(text: str) -> date | datetime | None:
    """The moment a meta tag names: `2022-04-13 10:20[:30]`, `2022-04-13-10:20:30`, ISO 8601 or RFC 822."""
    text = text.strip()
    if "T" in text and re.search(r"T\d\d:\d\d.*(Z|[+-]\d\d:?\d\d)$", text):
        try:
            return datetime.fromisoformat(text).astimezone(CHINA)
        except ValueError:
            pass
    if _DAY_OF_MAIL.match(text):
        return of_mail(text)
    return find_date(text)


def of_mail(text: str) -> datetime | None:
    """The moment an RFC 822 date names, in +08:00; without a zone it is UTC."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(CHINA)


def of_path(url: str) -> date | None:
    """The date in the path of an article URL (TRS t20260203_1.html, /2020/2/28/art_…, /2019-02/13/…, /20240509/…)."""
    path = url.split("?", 1)[0]
    for pattern in _IN_PATH:
        match = pattern.search(path)
        if match:
            return _day(int(match["year"]), int(match["month"]), int(match["day"]))
    return None


def _moment(match: re.Match[str]) -> date | datetime | None:
    day = _day(int(match["year"]), int(match["month"]), int(match["day"]))
    if day is None or match["hour"] is None:
        return day
    clock = int(match["hour"]), int(match["minute"]), int(match["second"] or 0)
    return datetime(day.year, day.month, day.day, *clock, tzinfo=CHINA)


def _day(year: int, month: int, day: int) -> date | None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _number(text: str) -> int:
    """A Chinese numeral up to 31: 十三, 二十, 廿一, 三十一."""
    text = text.replace("廿", "二十")
    if "十" not in text:
        return _CN.get(text, 0)
    tens, _, ones = text.partition("十")
    return (_CN.get(tens, 1) if tens else 1) * 10 + (_CN.get(ones, 0) if ones else 0)
