"""What became of what a page says beside its text: a consultation's last day, and whether it is in force. Pure."""

from datetime import date, datetime

from storage.clock import CHINA
from storage.normal import fold
from storage.records import ClauseChange

Deadline = tuple[date | None, datetime | None]  # the last day, and the moment where the page gives one


def deadline_change(before: Deadline, after: Deadline) -> ClauseChange | None:
    """What became of a consultation's last day, which may stand beside its text; None where it is the same, and where
    the later page names none: many pages drop it once it has passed."""
    (day, at), (new_day, new_at) = before, after
    if new_day is None or (day == new_day and (at is None or new_at is None or at == new_at)):
        return None
    return ClauseChange("added" if day is None else "changed", "征求意见截止日期", _printed(before), _printed(after))


def validity_change(before: str | None, after: str | None) -> ClauseChange | None:
    """What became of the validity that a page states; None where it is the same, and where one of the two pages states
    none: a template that begins or ceases to print it changes no document."""
    if not before or not after or fold(before) == fold(after):
        return None
    return ClauseChange("changed", "有效性", before, after)


def _printed(deadline: Deadline) -> str | None:
    day, at = deadline
    if at is not None:
        return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M}"
    return day.isoformat() if day else None
