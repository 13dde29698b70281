"""Automatic numbers of legacy Word: lists, their uses, and styles ([MS-DOC]: PlfLst, PlfLfo, STSH)."""

import struct
from collections.abc import Iterator

from policy_crawler.attachments.numbering import Level, List

Place = tuple[str, int]  # the list's use and the level, as Numbering.count takes them

ILFO, ILVL = 0x460B, 0x260A  # sprmPIlfo, sprmPIlvl
_TABLE, _TABS = 0xD608, 0xC615  # sprmTDefTable and sprmPChgTabs have lengths of their own
_LENGTHS = {0: 1, 1: 1, 2: 2, 3: 4, 4: 2, 5: 2, 7: 3}  # of an operand by the opcode's upper three bits; 6 says its own
_FORMS = {  # MSONFC ([MS-OSHARED] 2.2.1.3): those that differ from plain digits
    1: "upperRoman", 2: "lowerRoman", 3: "upperLetter", 4: "lowerLetter", 10: "ideographDigital",
    11: "japaneseCounting", 18: "decimalEnclosedCircle", 22: "decimalZero", 28: "decimalEnclosedCircleChinese",
    33: "taiwaneseCountingThousand", 35: "taiwaneseCountingThousand", 37: "chineseCounting",
    39: "chineseCountingThousand",
}  # fmt: skip
_SILENT = frozenset({23, 255})  # bullets are ornaments, and "none" prints nothing
_LONGEST = 64  # characters of a level's text
_STYLES = 0xFFF  # "no style" as a base


def lists_of(word: bytes, table: bytes) -> dict[str, List]:
    """The uses of lists by their number, from 1. Empty where there are none; raises struct.error for damaged ones."""
    levels = _levels_of(word, table)
    start, length = struct.unpack_from("<II", word, 0x2EA)
    if not length or not levels:
        return {}
    count = struct.unpack_from("<I", table, start)[0]
    at = start + 4 + 16 * count
    found: dict[str, List] = {}
    for number in range(min(count, len(table) // 16)):
        shared, _, _, changes = struct.unpack_from("<iIIB", table, start + 4 + 16 * number)
        at += 4  # where the list begins; not needed
        own, restarts = dict(levels.get(shared, {})), {}
        for _ in range(changes):
            first, flags = struct.unpack_from("<iI", table, at)
            at += 8
            depth = flags & 0xF
            if flags & 0x20:  # the level is another one in this use
                level, at = _level(table, at)
                own.pop(depth, None)
                if level is not None:
                    own[depth] = level
            elif flags & 0x10:
                restarts[depth] = first
        found[str(number + 1)] = List(str(shared), own, restarts)
    return found


def _levels_of(word: bytes, table: bytes) -> dict[int, dict[int, Level]]:
    """The levels of each list by its id."""
    start, length = struct.unpack_from("<II", word, 0x2E2)
    if not length:
        return {}
    count = struct.unpack_from("<H", table, start)[0]
    heads = [
        (struct.unpack_from("<i", table, start + 2 + 28 * index)[0], table[start + 2 + 28 * index + 26] & 1)
        for index in range(count)
    ]
    at = start + 2 + 28 * count  # the levels follow what the length counts
    found: dict[int, dict[int, Level]] = {}
    for shared, simple in heads:
        for depth in range(1 if simple else 9):
            level, at = _level(table, at)
            if level is not None:
                found.setdefault(shared, {})[depth] = level
    return found


def _level(table: bytes, at: int) -> tuple[Level | None, int]:
    """A level (LVL, 2.9.150), None where it prints no number; and where the next thing begins."""
    start, form = struct.unpack_from("<iB", table, at)
    characters, paragraph = struct.unpack_from("<BB", table, at + 24)
    at += 28 + characters + paragraph
    length = struct.unpack_from("<H", table, at)[0]
    text = table[at + 2 : at + 2 + 2 * length].decode("utf-16-le", "replace")
    at += 2 + 2 * length
    if form in _SILENT or length > _LONGEST:
        return None, at
    printed = "".join(f"%{ord(character) + 1}" if ord(character) < 9 else character for character in text)
    return Level(start, _FORMS.get(form, "decimal"), printed), at


def styles_of(word: bytes, table: bytes) -> dict[int, Place]:
    """The paragraph styles that number their paragraphs, also by the style that they build on."""
    start, length = struct.unpack_from("<II", word, 0xA2)
    sheet = table[start : start + length]
    if len(sheet) < 6:
        return {}
    header, count, base = struct.unpack_from("<HHH", sheet)
    own: dict[int, tuple[int, dict[int, int]]] = {}
    at = 2 + header
    for index in range(count):
        size = struct.unpack_from("<H", sheet, at)[0] if at + 2 <= len(sheet) else 0
        entry = sheet[at + 2 : at + 2 + size]
        at += 2 + size + (size & 1)
        if len(entry) >= base + 2 and (word_two := struct.unpack_from("<H", entry, 2)[0]) & 0xF == 1:
            place = base + 2 + 2 * struct.unpack_from("<H", entry, base)[0] + 2
            papx = struct.unpack_from("<H", entry, place)[0] if place + 2 <= len(entry) else 0
            own[index] = word_two >> 4, dict(numbers_in(entry[place + 4 : place + 2 + papx]))
    found = {}
    for index in own:
        numbers: dict[int, int] = {}
        style, steps = index, 0
        while style in own and style != _STYLES and steps < 12:
            numbers = {**own[style][1], **numbers}
            style, steps = own[style][0], steps + 1
        if numbers.get(ILFO, 0) > 0:
            found[index] = (str(numbers[ILFO]), numbers.get(ILVL, 0))
    return found


def place_in(properties: bytes, style: Place | None) -> Place | None:
    """Where a paragraph is counted, by its own properties and those of its style."""
    numbers = dict(numbers_in(properties))
    use = numbers.get(ILFO)
    if use is None:
        return None if style is None else (style[0], numbers.get(ILVL, style[1]))
    return (str(use), numbers.get(ILVL, 0)) if use > 0 else None  # 0 takes the style's number away


def numbers_in(properties: bytes) -> Iterator[tuple[int, int]]:
    """Of a paragraph's properties the list's use and the level (2.6.1: an opcode of two bytes, then its operand)."""
    at = 0
    while at + 2 < len(properties):
        code = struct.unpack_from("<H", properties, at)[0]
        at += 2
        if code == ILFO and at + 2 <= len(properties):
            yield code, struct.unpack_from("<h", properties, at)[0]
        elif code == ILVL:
            yield code, properties[at]
        at += _length(code, properties, at)


def _length(code: int, properties: bytes, at: int) -> int:
    if code >> 13 in _LENGTHS:
        return _LENGTHS[code >> 13]
    if code == _TABLE:
        return int(struct.unpack_from("<H", properties, at)[0]) + 1 if at + 2 <= len(properties) else 2
    if code == _TABS and properties[at] == 0xFF:
        deleted = properties[at + 1] if at + 1 < len(properties) else 0
        added_at = at + 2 + 4 * deleted
        added = properties[added_at] if added_at < len(properties) else 0
        return 3 + 4 * deleted + 3 * added
    return properties[at] + 1
