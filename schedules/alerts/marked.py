"""A clause before and after a change as stretches, those that differ marked, shortened to what tells. Pure."""

from collections.abc import Iterable

from schedules.alerts.text import CLAUSE_LIMIT, clean, unlinked
from storage.diff import marks

Stretch = tuple[bool, str]  # (whether it differs, its text)
Side = tuple[Stretch, ...]

_COMPARED = 12_000  # characters of a clause that are looked at; marks of longer ones are coarse
_AROUND = 40  # characters of what is the same that are kept on each side of what differs, in a long clause
_LEAST = 24


def sides(before: str | None, after: str | None) -> tuple[Side | None, Side | None]:
    """Both states of a clause, each about `CLAUSE_LIMIT` characters at most; None where there is none."""
    old = None if before is None else _words(before)
    new = None if after is None else _words(after)
    if old is None or new is None:
        return _whole(old), _whole(new)
    found = marks(old, new)
    was = _tidy((sign == "-", text) for sign, text in found if sign != "+")
    now = _tidy((sign == "+", text) for sign, text in found if sign != "-")
    return shortened(was), shortened(now)


def _tidy(side: Iterable[Stretch]) -> Side:
    """Without the space before what differs among what is marked."""
    made: list[Stretch] = []
    for differs, text in side:
        words = text.lstrip(" ") if differs else text
        if differs and len(words) < len(text):
            made.append((False, " " * (len(text) - len(words))))
        if words:
            made.append((differs, words))
    return tuple(made)


def _words(clause: str) -> str:
    return unlinked(clean(clause.replace("\t", " | "), _COMPARED))


def _whole(text: str | None) -> Side | None:
    return None if text is None else shortened(((False, text),))


def shortened(side: Side, limit: int = CLAUSE_LIMIT) -> Side:
    """`side` within `limit` characters or little more, with what differs in sight."""
    if sum(len(text) for _, text in side) <= limit:
        return side
    if not any(differs for differs, _ in side):
        return ((False, side[0][1][: limit - 1] + "…"),) if side else ()
    kept: list[Stretch] = []
    room = limit
    for place, (differs, text) in enumerate(side):
        if room < _LEAST:
            kept.append((False, "…"))
            break
        part = _cut(text, room) if differs else _around(text, first=place == 0, last=place == len(side) - 1)
        kept.append((differs, part))
        room -= len(part)
    return tuple(kept)


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 1] + "…"


def _around(text: str, *, first: bool, last: bool) -> str:
    """Of what is the same, the ends beside what differs."""
    if first:
        return text if len(text) <= _AROUND else "…" + text[-_AROUND:]
    if last:
        return text if len(text) <= _AROUND else text[:_AROUND] + "…"
    return text if len(text) <= 2 * _AROUND else f"{text[:_AROUND]}…{text[-_AROUND:]}"
