"""Automatic numbers of Word paragraphs: 第一条, 一、, （一）, 1. are often not in the text but in its numbering."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from lxml import etree

from policy_crawler.attachments.markup import attribute, local, parse
from policy_crawler.attachments.packages import Package

_DIGITS = "〇一二三四五六七八九"
_LEGAL = {"decimalEnclosedCircle": 0x2460, "decimalEnclosedCircleChinese": 0x2460}


def chinese(number: int) -> str:
    """1 → 一, 10 → 十, 21 → 二十一, 105 → 一百〇五; digits one by one from 1,000."""
    if number >= 1_000 or number <= 0:
        return "".join(_DIGITS[int(digit)] for digit in str(max(number, 0)))
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    out = f"{_DIGITS[hundreds]}百" if hundreds else ""
    if tens:
        out += ("" if tens == 1 and not hundreds else _DIGITS[tens]) + "十"
    elif hundreds and ones:
        out += "〇"
    return out + (_DIGITS[ones] if ones else "")


def _letters(number: int) -> str:
    return chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1) if 0 < number < 1_000 else str(number)


def _roman(number: int) -> str:
    out = ""
    for value, sign in ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")):
        while 0 < value <= number < 100:
            out, number = out + sign, number - value
    return out


_FORMATS: dict[str, Callable[[int], str]] = {
    "decimal": str,
    "decimalZero": lambda number: f"{number:02d}",
    "chineseCounting": chinese,
    "chineseCountingThousand": chinese,
    "japaneseCounting": chinese,
    "ideographDigital": chinese,
    "taiwaneseCountingThousand": chinese,
    "lowerLetter": _letters,
    "upperLetter": lambda number: _letters(number).upper(),
    "lowerRoman": _roman,
    "upperRoman": lambda number: _roman(number).upper(),
}


@dataclass(frozen=True, slots=True)
class Level:
    """How one level of a list is counted and printed."""

    start: int
    form: str
    text: str  # "第%1条": %n stands for the number of level n


@dataclass(frozen=True, slots=True)
class List:
    """One use of a list: those that share an abstract list count on, unless they restart a level once."""

    shared: str  # abstractNumId
    levels: dict[int, Level]
    restarts: dict[int, int]  # level → first number; taken when used


@dataclass(slots=True)
class Numbering:
    """The numberings of one document and how far each has counted."""

    lists: dict[str, List] = field(default_factory=dict)  # by numId
    styles: dict[str, tuple[str, int]] = field(default_factory=dict)  # paragraph style → (numId, level)
    _counts: dict[str, dict[int, int]] = field(default_factory=dict)  # abstract list → level → last number

    @classmethod
    def of(cls, package: Package) -> Self:
        """Read word/numbering.xml and the numberings of word/styles.xml, where there are any."""
        made = cls()
        if (xml := package.read("word/numbering.xml")) is not None:
            root = parse(xml, "word/numbering.xml")
            abstract = {
                attribute(node, "abstractNumId"): _levels(node) for node in root if local(node) == "abstractNum"
            }
            for node in root:
                if local(node) == "num":
                    shared = _value(node, "abstractNumId") or ""
                    made.lists[attribute(node, "numId") or ""] = List(shared, abstract.get(shared, {}), _restarts(node))
        if made.lists and (xml := package.read("word/styles.xml")) is not None:
            for style in parse(xml, "word/styles.xml"):
                if local(style) == "style" and (place := _place(style)) and (name := attribute(style, "styleId")):
                    made.styles[name] = place
        return made

    def label(self, paragraph: etree._Element) -> str:
        """The number that Word would print before the paragraph, or ""."""
        if not self.lists:
            return ""
        properties = _child(paragraph, "pPr")
        if properties is None:
            return ""
        style = _value(properties, "pStyle")
        place = _place(paragraph) or (self.styles.get(style) if style else None)
        if place is None:
            return ""
        return self.count(*place)

    def count(self, number: str, depth: int) -> str:
        """Count one paragraph of the list `number` at this level; what Word prints before it, or ""."""
        if number not in self.lists:
            return ""
        levels, restarts = self.lists[number].levels, self.lists[number].restarts
        if depth not in levels:
            return ""
        counts = self._counts.setdefault(self.lists[number].shared, {})
        if depth in restarts:
            counts[depth] = restarts.pop(depth) - 1
        counts[depth] = counts.get(depth, levels[depth].start - 1) + 1
        for deeper in [level for level in counts if level > depth]:
            del counts[deeper]
        text = levels[depth].text
        for level, form in levels.items():
            text = text.replace(f"%{level + 1}", _printed(form, counts.get(level, form.start)))
        return text


def _printed(level: Level, number: int) -> str:
    if level.form in _LEGAL and 0 < number <= 20:
        return chr(_LEGAL[level.form] + number - 1)
    return _FORMATS.get(level.form, str)(number)


def _levels(abstract: etree._Element) -> dict[int, Level]:
    found = {}
    for node in abstract:
        form = _value(node, "numFmt") if local(node) == "lvl" else None
        depth = attribute(node, "ilvl") or ""
        # Bullets are ornaments, and "none" prints nothing.
        if form and depth.isdecimal() and form not in {"bullet", "none"}:
            start = _value(node, "start") or "1"
            found[int(depth)] = Level(int(start) if start.isdecimal() else 1, form, _value(node, "lvlText") or "")
    return found


def _restarts(use: etree._Element) -> dict[int, int]:
    found = {}
    for node in use:
        depth, start = attribute(node, "ilvl") or "", _value(node, "startOverride") or ""
        if local(node) == "lvlOverride" and depth.isdecimal() and start.isdecimal():
            found[int(depth)] = int(start)
    return found


def _place(node: etree._Element) -> tuple[str, int] | None:
    """(numId, level) of a paragraph or style that is numbered."""
    properties = _child(node, "pPr")
    numbered = _child(properties, "numPr") if properties is not None else None
    if numbered is None or not (number := _value(numbered, "numId")):
        return None
    depth = _value(numbered, "ilvl") or "0"
    return number, int(depth) if depth.isdecimal() else 0


def _child(node: etree._Element, name: str) -> etree._Element | None:
    return next((child for child in node if local(child) == name), None)


def _value(node: etree._Element, name: str) -> str | None:
    child = _child(node, name)
    return None if child is None else attribute(child, "val")
