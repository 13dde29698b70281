"""Dates as lists print them: 2026-09-16, [2026/9/16], 2026年9月16日 08:30, 09-16, and the date inside a URL."""

import itertools
import re
from datetime import date, timedelta

_FULL = r"(?P<y>(?:19|20)\d\d)\s*[-/.年]\s*(?P<m>\d{1,2})\s*[-/.月]\s*(?P<d>\d{1,2})\s*日?"
_TIME = r"(?:[\sT]+\d{1,2}:\d{2}(?::\d{2})?)?"
_LABEL = r"(?:(?:发布|公布|发文|印发|成文|更新|公开)?(?:时间|日期)\s*[:：]\s*)?"
_WHOLE = re.compile(rf"[\[(（【]?\s*{_LABEL}{_FULL}{_TIME}\s*[\])）】]?")
_WITHIN = re.compile(rf"(?<!\d){_FULL}(?!\d)")
_MONTH_DAY = re.compile(
    r"[\[(（【]?\s*(?P<m>\d{1,2})\s*[-/.月]\s*(?P<d>\d{1,2})\s*日?(?:\s+\d{1,2}:\d{2}(?::\d{2})?)?\s*[\])）】]?"
)
_YEAR_MONTH = re.compile(r"(?P<y>(?:19|20)\d\d)\s*[-/.年]\s*(?P<m>\d{1,2})\s*月?")
_DAY = re.compile(r"\d{1,2}")
_YEAR = re.compile(r"((?:19|20)\d\d)年?")
_AGO = re.compile(r"(?P<n>\d{1,3})\s*(?P<unit>分钟|小时|天|日)前")
_CLOCK = re.compile(r"(?:今天|今日)?\s*\d{1,2}:\d{2}(?::\d{2})?")
# The article names of the families (cms families: TRS, Hanweb, Xinhua, Huilan …) carry the publishing date.
_URL_DATES = (
    re.compile(r"/t(?P<y>20\d\d)(?P<m>\d\d)(?P<d>\d\d)_\d+\.", re.ASCII),
    re.compile(r"/(?P<y>20\d\d)-(?P<m>\d{1,2})[-/](?P<d>\d{1,2})/", re.ASCII),
    re.compile(r"/(?P<y>20\d\d)/(?P<m>\d{1,2})/?-?(?P<d>\d{1,2})/", re.ASCII),
    re.compile(r"/(?P<y>20\d\d)(?P<m>\d\d)(?P<d>\d\d)/", re.ASCII),
)


def whole_date(text: str) -> date | None:
    """The date that `text` is, brackets, a label and a time of day allowed; None when it says anything else."""
    match = _WHOLE.fullmatch(text.strip())
    return _made(match) if match else None


def date_within(text: str) -> date | None:
    """The first full date inside `text`."""
    return next((found for match in _WITHIN.finditer(text) if (found := _made(match))), None)


def url_date(url: str) -> date | None:
    """The date an article's URL carries."""
    for pattern in _URL_DATES:
        if (match := pattern.search(url)) and (found := _made(match)):
            return found
    return None


def split_date(texts: list[str]) -> date | None:
    """A date printed in two boxes: "16" beside "2026-09", or "09-16" beside "2026"."""
    for one, other in itertools.pairwise(texts):
        for part, rest in ((one, other), (other, one)):
            if _DAY.fullmatch(part) and (match := _YEAR_MONTH.fullmatch(rest)):
                return _valid(int(match["y"]), int(match["m"]), int(part))
            if (year := _YEAR.fullmatch(part)) and (match := _MONTH_DAY.fullmatch(rest)):
                return _valid(int(year[1]), int(match["m"]), int(match["d"]))
    return None


def short_date(text: str, hint: date | None, today: date | None) -> date | None:
    """A date without its year ("09-16"), a time of today ("08:30"), or one before now ("3小时前", "2天前").

    The year comes from `hint` (the URL's date), else from `today`: its year, or the one before if that would be
    in the future. None when neither is known."""
    if today and (days := _days_ago(text)) is not None:
        return today - timedelta(days=days)
    match = _MONTH_DAY.fullmatch(text)
    if not match or not (hint or today):
        return None
    years = [hint.year, hint.year + 1, hint.year - 1] if hint else []
    if today and not hint:
        years = [today.year, today.year - 1]
    found = [day for year in years if (day := _valid(year, int(match["m"]), int(match["d"])))]
    if hint:
        return min(found, key=lambda day: abs((day - hint).days), default=None)
    return next((day for day in found if today and day <= today), None)


def _days_ago(text: str) -> int | None:
    if _CLOCK.fullmatch(text) or text in {"今天", "今日"}:
        return 0
    if text in {"昨天", "昨日"}:
        return 1
    ago = _AGO.fullmatch(text)
    if ago is None:
        return None
    return int(ago["n"]) if ago["unit"] in "天日" else 0


def _made(match: re.Match[str]) -> date | None:
    return _valid(int(match["y"]), int(match["m"]), int(match["d"]))


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
