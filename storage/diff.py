"""Tells whether a text differs, and where, in the words of its own structure (条, 款, 项). Pure.

`text_hash` decides whether there is a new version, `compare` says what differs, clause by clause.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from difflib import SequenceMatcher

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel

from storage.clock import CHINA
from storage.identity import number_key
from storage.normal import Blocks, fold, fold_body, without_counter
from storage.records import ClauseChange

Deadline = tuple[date | None, datetime | None]  # the last day, and the moment where the page gives one

ALIKE = 50  # percent: two paragraphs this much alike are one that was changed
STILL_ALIKE = 90  # percent: the same over a distance, where chance likeness is more likely
PAIRS_COMPARED = 60_000  # bounds the time for texts that share nothing
DIFFLIB_PARAGRAPHS = 1_000  # beyond, repeated paragraphs make difflib quadratic; the longest common sequence is not


def text_hash(title: str | None, number: str | None, blocks: Blocks) -> str:
    """SHA-256 of the normalised title, document number and body."""
    named = (fold(title or ""), number_key(number) or fold(number or ""), fold_body(blocks))
    return hashlib.sha256("\x00".join(named).encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """One paragraph: where it stands, as printed, and what it is compared by (without its own number)."""

    label: str
    text: str
    key: str
    number: str  # 第八条, （二）: as printed before the text; empty where there is none


def compare(before: Blocks, after: Blocks) -> tuple[ClauseChange, ...]:
    """What differs between two bodies, in the order of the later one.

    A paragraph is `changed`, `added`, `removed`, or `moved` (same words under another number or in another place).
    Its label is the 条 it stands in (第八条, 第八条第二款, 第八条第（三）项), 标题, 文号, 表2行5, 一、（二）,
    or, in a text without numbers, 第3段."""
    old, new = list(_paragraphs(before)), list(_paragraphs(after))
    found: list[tuple[float, ClauseChange]] = []
    gone: set[int] = set()
    come: set[int] = set()
    for equal, olds, news in _aligned([item.key for item in old], [item.key for item in new]):
        if equal:
            renumbered = ((a, b) for a, b in zip(olds, news, strict=True) if old[a].number != new[b].number)
            found.extend((b, _change("moved", old[a], new[b])) for a, b in renumbered)
            continue
        pairs = _pairs(old, new, olds, news, ALIKE)
        found.extend((b, _change("changed", old[a], new[b])) for a, b in pairs)
        gone.update(set(olds) - {a for a, _ in pairs})
        come.update(set(news) - {b for _, b in pairs})
    for a, b in _pairs(old, new, sorted(gone), sorted(come), STILL_ALIKE):
        gone.remove(a)
        come.remove(b)
        found.append((b, _change("moved" if old[a].key == new[b].key else "changed", old[a], new[b])))
    found.extend((b, _change("added", None, new[b])) for b in come)
    # A removed paragraph stands where it would come: before what followed it.
    share = len(new) / max(len(old), 1)
    found.extend((a * share - 0.5, _change("removed", old[a], None)) for a in gone)
    return tuple(change for _, change in sorted(found, key=lambda item: item[0]))


def deadline_change(before: Deadline, after: Deadline) -> ClauseChange | None:
    """What became of a consultation's last day, which may stand beside its text; None where it is the same, and where
    the later page names none: many pages drop it once it has passed."""
    (day, at), (new_day, new_at) = before, after
    if new_day is None or (day == new_day and (at is None or new_at is None or at == new_at)):
        return None
    return ClauseChange("added" if day is None else "changed", "征求意见截止日期", _printed(before), _printed(after))


def _printed(deadline: Deadline) -> str | None:
    day, at = deadline
    if at is not None:
        return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M}"
    return day.isoformat() if day else None


def _change(operation: str, old: _Paragraph | None, new: _Paragraph | None) -> ClauseChange:
    standing = new or old
    label = standing.label if standing else ""
    return ClauseChange(operation, label, old.text if old else None, new.text if new else None)


def _aligned(old: list[str], new: list[str]) -> Iterator[tuple[bool, range, range]]:
    """Stretches of both texts, in order: equal ones, and what lies between them."""
    blocks: Iterable[tuple[int, int, int]]
    if max(len(old), len(new)) <= DIFFLIB_PARAGRAPHS:
        blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    else:
        blocks = ((block.a, block.b, block.size) for block in Indel.opcodes(old, new).as_matching_blocks())
    a = b = 0
    for start_a, start_b, size in blocks:
        if a < start_a or b < start_b:
            yield False, range(a, start_a), range(b, start_b)
        a, b = start_a + size, start_b + size
        if size:
            yield True, range(start_a, a), range(start_b, b)


def _pairs(
    old: list[_Paragraph], new: list[_Paragraph], olds: Sequence[int], news: Sequence[int], alike: int
) -> list[tuple[int, int]]:
    """Which of the old paragraphs became which of the new ones: the most alike first, near before far."""
    if not olds or not news:
        return []
    reach = max(1, PAIRS_COMPARED // max(len(olds), len(news)))
    scored: list[tuple[float, int, int, int]] = []
    for i, a in enumerate(olds):
        middle = round(i * len(news) / len(olds))
        for j in range(max(0, middle - reach), min(len(news), middle + reach + 1)):
            b = news[j]
            score = fuzz.ratio(old[a].key, new[b].key, score_cutoff=alike)
            if score >= alike:
                scored.append((-score, abs(middle - j), a, b))
    taken_old: set[int] = set()
    taken_new: set[int] = set()
    pairs = []
    for _, _, a, b in sorted(scored):
        if a not in taken_old and b not in taken_new:
            taken_old.add(a)
            taken_new.add(b)
            pairs.append((a, b))
    return sorted(pairs, key=lambda pair: pair[1])


_NUMERAL = "[〇零一二三四五六七八九十百千0-9]{1,7}"
_ARTICLE = re.compile(rf"(第{_NUMERAL}条(?:之{_NUMERAL})?)")
_CHAPTER = re.compile(rf"(第{_NUMERAL}[编章节])")
_SECTION = re.compile(r"([一二三四五六七八九十百]{1,4})[,、.]")
_ITEM = re.compile(r"(\([一二三四五六七八九十]{1,3}\)|\([0-9]{1,3}\)|[0-9]{1,3}[.,、)](?![0-9]))")
_INLINE_ARTICLE = re.compile(rf"(?<=[。；])\s*(?=第{_NUMERAL}条(?:之{_NUMERAL})?[\s\u3000])")


def _paragraphs(blocks: Blocks) -> Iterator[_Paragraph]:
    """The body's paragraphs with their labels; rows of tables are paragraphs."""
    place = _Place()
    title: str | None = None
    tables = 0
    for role, text in blocks:
        if role in {"title", "number"}:
            key = fold(text)
            if not key or (role == "title" and key == title):
                continue  # many pages print the title again above the text
            title = key if role == "title" and title is None else title
            yield _Paragraph("标题" if role == "title" else "文号", text, key, "")
        elif role == "table":
            tables += 1
            for row, line in enumerate(text.splitlines(), 1):
                key = "|".join(fold(cell) for cell in line.split("\t"))
                if key.strip("|"):
                    yield _Paragraph(f"表{tables}行{row}", line, key, "")
        else:
            for line in text.splitlines():
                for part in _INLINE_ARTICLE.split(line):
                    if key := without_counter(part):
                        yield place.paragraph(part.strip(), key)


class _Place:
    """Where in the text's structure the next paragraph stands."""

    def __init__(self) -> None:
        self.count = 0  # paragraphs so far, for texts without numbers
        self.article = self.section = self.item = ""
        self.part = 0  # 款 within the article, or paragraphs below a section's heading

    def paragraph(self, text: str, key: str) -> _Paragraph:
        """The next paragraph, labelled."""
        self.count += 1
        number = ""
        if match := _ARTICLE.match(key):
            number = self.article = match[1]
            self.part, self.item = 1, ""
        elif match := _CHAPTER.match(key):
            number = self.section = match[1]
            self.article = self.item = ""
            self.part = 0
        elif match := _ITEM.match(key):
            number = match[1]
            self.item = f"（{number.strip('().,、')}）"
        elif not self.article and (match := _SECTION.match(key)):
            number = match[0]
            self.section, self.item, self.part = f"{match[1]}、", "", 0
        else:
            self.part, self.item = self.part + 1, ""
        return _Paragraph(self._label(), text, key[len(number) :] or key, number)

    def _label(self) -> str:
        if self.article:
            within = f"第{_chinese(self.part)}款" if self.part > 1 else ""
            return f"{self.article}{within}{f'第{self.item}项' if self.item else ''}"
        if self.section or self.item:
            within = f"第{self.part}段" if self.part and not self.item else ""
            return f"{self.section}{self.item}{within}"
        return f"第{self.count}段"


def _chinese(number: int) -> str:
    digits = "零一二三四五六七八九"
    if number < 10:
        return digits[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return (digits[tens] if tens > 1 else "") + "十" + (digits[ones] if ones else "")
    return str(number)
