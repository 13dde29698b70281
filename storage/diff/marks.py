"""What differs within a clause, in words: dates, numbers and Latin words are whole, Chinese goes by character. Pure."""

import re
from typing import Final, Literal

from rapidfuzz.distance import Indel

from storage.normal import fold

Sign = Literal["=", "-", "+"]
Mark = tuple[Sign, str]  # the same, only before, only after

MOST = 150_000_000  # tokens times tokens compared; beyond, the whole middle is told as another
UNLIKE = 0.35  # share of equal characters below which two texts are told as one and another
ISLAND = 2  # an equal stretch shorter than this between two differences is part of them

_CHINESE = "〇零一二三四五六七八九十百千万亿两"
_TOKEN: Final = re.compile(
    rf"\s*(?:[0-9０-９]+年(?:[0-9０-９]+月(?:[0-9０-９]+[日号])?)?|[0-9０-９]+月[0-9０-９]+[日号]"
    rf"|[{_CHINESE}]{{4}}年(?:[{_CHINESE}]{{1,3}}月(?:[{_CHINESE}]{{1,3}}日)?)?|[{_CHINESE}]{{1,3}}月[{_CHINESE}]{{1,3}}日"
    rf"|第[{_CHINESE}0-9]+[编章节条款项目]|[0-9]{{4}}[-/.][0-9]{{1,2}}[-/.][0-9]{{1,2}}"
    rf"|[0-9０-９]+(?:[,，][0-9]{{3}})*(?:[.．][0-9０-９]+)*[%％‰]?|[A-Za-zＡ-Ｚａ-ｚ]+|[{_CHINESE}]{{2,}}|\S)|\s+"
)


def marks(before: str, after: str) -> tuple[Mark, ...]:
    """`before` and `after` as stretches that are the same, that went and that came, in order.

    "=" and "+" make `after`; "=" and "-" make `before` but for width and spacing, which do not count."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    one, other = [fold(token) for token in old], [fold(token) for token in new]
    if len(one) * len(other) > MOST:
        start, end = _ends(one, other)
        spans = [("=", 0, start, 0, start), ("!", start, len(one) - end, start, len(other) - end),
                 ("=", len(one) - end, len(one), len(other) - end, len(other))]  # fmt: skip
    else:
        spans = [
            ("=" if code.tag == "equal" else "!", code.src_start, code.src_end, code.dest_start, code.dest_end)
            for code in Indel.opcodes(one, other)
        ]
    same = sum(len("".join(new[c:d])) for sign, _, _, c, d in spans if sign == "=")
    if same < UNLIKE * min(len(before), len(after)):
        spans = [("!", 0, len(old), 0, len(new))]
    return tuple(_told(_joined(spans, new), old, new))


_Span = tuple[str, int, int, int, int]


def _ends(one: list[str], other: list[str]) -> tuple[int, int]:
    """How many tokens are equal at the start and at the end."""
    most = min(len(one), len(other))
    start = next((at for at in range(most) if one[at] != other[at]), most)
    end = next((at for at in range(most - start) if one[-1 - at] != other[-1 - at]), most - start)
    return start, end


def _joined(spans: list[_Span], new: list[str]) -> list[_Span]:
    """Differences with next to nothing between them are one."""
    joined: list[_Span] = []
    for place, (tag, a, b, c, d) in enumerate(spans):
        island = 0 < place < len(spans) - 1 and len("".join(new[c:d])) < ISLAND
        sign = "=" if tag == "=" and not island else "!"
        if joined and sign == joined[-1][0] == "!":
            _, start_a, _, start_c, _ = joined[-1]
            joined[-1] = ("!", start_a, b, start_c, d)
        else:
            joined.append((sign, a, b, c, d))
    return joined


def _told(spans: list[_Span], old: list[str], new: list[str]) -> list[Mark]:
    told: list[Mark] = []
    for sign, a, b, c, d in spans:
        went, came = "".join(old[a:b]), "".join(new[c:d])
        if sign == "=" or fold(went) == fold(came):
            told.append(("=", came))
            continue
        told.extend(mark for mark in (("-", went), ("+", came)) if mark[1])
    merged: list[Mark] = []
    for mark in told:
        if merged and mark[0] == merged[-1][0] == "=":
            merged[-1] = ("=", merged[-1][1] + mark[1])
        elif mark[1]:
            merged.append(mark)
    return merged
