"""The edges of a text: what stands before and behind it in its container and is none of it."""

import re
from dataclasses import replace

from policy_crawler.reading.blocks import Line, is_attachment_only
from policy_crawler.reading.noise import (
    is_boilerplate,
    is_editor_line,
    is_furniture_line,
    is_promotion_line,
    is_related_line,
    is_sentence,
    is_source_line,
)
from policy_crawler.reading.numbers import number_line
from policy_crawler.reading.text import folded, squeezed

_HEAD = 10  # lines at the top among which a title is repeated and labels stand
_SUMMARY = 3  # lines of a summary above a title at most
_MENU = 4  # lines of a link each that make a menu
_PIECE = 16  # characters of a piece of a date line at most
_CLOCK = re.compile(r"(?:.{0,10}\s)?\d{1,2}:\d{2}(?::\d{2})?")
_NO_WORDS = re.compile(r"^[^\w\u4e00-\u9fff]*(?:[A-Za-z]\W*){0,3}$")  # `T + -`: a tool for the size of letters
_BACK_LINK = re.compile(r"返回\S{2,8}(?:首页|[，,]查看更多)\s*[>》]*$")
# The act that a rule is made public by stands above its title, and is text.
_PROMULGATES = re.compile(r"现予|予以公布|予以发布|印发给|现公布|现发布")
_ATTACHMENT_HEAD = re.compile(r"^(?:附\s*件?\s*\d{0,2}|相关附件|附件下载)\s*[:：]?$")


def trim_head(lines: list[Line], title: str | None, *, media: bool) -> list[Line]:
    """`lines` without what stands before the text: the title again, its number, labels, a promotion."""
    start = _behind_title(lines, title)
    if media:
        start += _byline(lines[start : start + _HEAD])
    while start < len(lines):
        line = lines[start]
        text = line.text
        number = number_line(text)
        if (
            not text
            or is_furniture_line(text)
            or is_source_line(text)
            or is_editor_line(text)
            or (number and "令" not in number and len(lines) - start > 3)
            or (
                start < _HEAD
                and ((media and is_promotion_line(text)) or _NO_WORDS.match(text) or _opens_list(lines, start))
            )
            or (
                line.is_link_only()
                and not line.file_links()
                and start < _HEAD
                and len(lines) - start > 3
                and len(text) < 60
            )
        ):
            start += 1
            continue
        break
    return lines[start:]


def _byline(lines: list[Line]) -> int:
    """How many lines above a report's text are the pieces of its date and source: 2019 / 09/07 / 19:02 / 示例网."""
    length = next((place for place, line in enumerate(lines) if len(line.text) > _PIECE), 0)
    pieces = [line.text for line in lines[:length]]
    return length if any(_CLOCK.fullmatch(text) for text in pieces) and not any(map(is_sentence, pieces)) else 0


def _opens_list(lines: list[Line], place: int) -> bool:
    """True for 相关新闻： above the text with nothing but links under it."""
    below = lines[place + 1] if place + 1 < len(lines) else None
    return below is not None and is_related_line(lines[place].text) and below.is_link_only() and not below.file_links()


def _behind_title(lines: list[Line], title: str | None) -> int:
    """The place behind the title's repetition (in one line or several) near the top; 0 when it is not repeated.

    Behind a whole sentence (a summary) only the whole title counts; one that makes public what the title names is text.
    """
    wanted = folded(title or "")
    if not wanted:
        return 0
    whole = False
    for start, line in enumerate(lines[:_HEAD]):
        rest, place = wanted, start
        while place < len(lines) and (key := _opening(rest, lines[place].text)):
            rest = rest[len(key) :]
            place += 1
        if place > start and (not rest or (start == 0 and len(rest) < len(wanted) // 2)):
            return place
        if _PROMULGATES.search(line.text) and wanted in folded(line.text):
            return 0
        whole = whole or line.text.endswith(("。", "！", "？", "；"))
        if whole and start >= _SUMMARY:
            break
    return 0


def _opening(title: str, text: str) -> str:
    """`text` folded when the folded `title` begins with it, else ""; another first letter is told without folding."""
    first = text[:1]
    if "一" <= first <= "龥" and title[:1] != first:
        return ""
    key = folded(text)
    return key if title.startswith(key) else ""


def trim_tail(lines: list[Line], *, media: bool) -> list[Line]:
    """`lines` without what stands behind the text: editor, source, related pages, tools, attachment links alone."""
    end, before = len(lines), -1
    while end != before:
        before = end
        end = _before_menu(lines[: _before_furniture(lines, end, media=media)])
    kept = lines[:end]
    if kept and (back := _BACK_LINK.search(kept[-1].text)):
        kept[-1] = replace(kept[-1], text=kept[-1].text[: back.start()].rstrip())
    return kept


def _before_furniture(lines: list[Line], end: int, *, media: bool) -> int:
    """Where the text ends before tools, editors' lines, rights, and a list of related pages under its heading."""
    while end and _is_behind(lines[end - 1], media=media):
        end -= 1
    for index in range(max(0, end - 30), end):
        if is_related_line(lines[index].text) and (_is_list(lines[index:end]) or _is_signed_off(lines, index)):
            return index
    return end


def _before_menu(lines: list[Line]) -> int:
    """Where the text ends when a menu stands behind it: many lines that are a link each, with their heading."""
    end = len(lines)
    while end and lines[end - 1].is_link_only() and not lines[end - 1].file_links():
        end -= 1
    if len(lines) - end < _MENU or not any(is_sentence(line.text) for line in lines[:end]):
        return len(lines)
    heading = lines[end - 1]
    return end - 1 if len(heading.text) <= _PIECE and not heading.links and not is_sentence(heading.text) else end


def _is_signed_off(lines: list[Line], place: int) -> bool:
    """True when an editor's line stands shortly above: what is recommended behind it is none of the text."""
    return any(is_editor_line(line.text) for line in lines[max(0, place - 4) : place])


def _is_behind(line: Line, *, media: bool) -> bool:
    """True for a line that is none of the text when nothing of the text follows it."""
    text = line.text
    if not text or is_furniture_line(text) or is_editor_line(text) or is_source_line(text) or is_boilerplate(text):
        return True
    if is_attachment_only(line) or _ATTACHMENT_HEAD.match(text) or (media and is_promotion_line(text)):
        return True
    crowd = len(line.links) > 1 or is_related_line(text) or ">>" in text or text[0] == "#"
    return crowd and line.is_link_only() and not line.file_links()


def _is_list(lines: list[Line]) -> bool:
    """True when what follows a head such as 相关链接 is links (or nothing)."""
    length = sum(len(squeezed(line.text)) for line in lines)
    linked = sum(line.linked for line in lines)
    return length - linked <= 30 + 0.3 * length
