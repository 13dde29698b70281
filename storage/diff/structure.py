"""A text as the clauses that people cite: 编, 章, 节, 条, 款, 项, 目; 一、（一）1.（1） (GB/T 9704-2012, 7.3.3); the
rows of its tables. Pure.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from storage.diff.numerals import chinese
from storage.diff.rows import rows_of
from storage.normal import Blocks, fold, without_counter

# Where a clause stands; what follows with a greater level belongs to it.
PART, DIVISION, CHAPTER, SECTION, ARTICLE, PARAGRAPH = range(6)
FIRST_ITEM, LEAF = 6, 20
ALONE = "-"  # the key of a number whose text stands in the next line

_NUMERAL = "[〇零一二三四五六七八九十百千0-9]{1,7}"
_ARTICLE = re.compile(rf"第{_NUMERAL}条(?:之{_NUMERAL})?")
_HEADING = re.compile(rf"第{_NUMERAL}(分?编|章|节|部分)")
# The four levels of GB/T 9704-2012 and the one below, by their folded form.
_ITEMS: Final = (
    re.compile(r"[一二三四五六七八九十百]{1,4}[,.]"),
    re.compile(r"\([一二三四五六七八九十]{1,3}\)"),
    re.compile(r"[0-9]{1,3}[.,)](?![0-9])"),
    re.compile(r"\([0-9]{1,3}\)"),
    re.compile(r"[①-⑳]"),
)
_PART = re.compile(r"附(?:件|录|表)[0-9一二三四五六七八九十]{0,3}")
_OPENING = frozenset("第(附0123456789一二三四五六七八九十百①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳")
# A clause within a paragraph: pages join and part lines, and a clause is the same in both.
_INLINE = re.compile(
    rf"(?<=[。；：;:])\s*(?=第{_NUMERAL}条(?:之{_NUMERAL})?[\s\u3000]|[（(](?:[一二三四五六七八九十]{{1,3}}|[0-9]{{1,2}})[）)])"
)
_COUNTER = re.compile(
    "浏览|阅读|点击|访问|查看|已阅|人气|热度|上一|下一|今天是|当前"
)  # without_counter looks for these


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause. `text` as printed; `key` is what it is compared by, folded and without its own number.

    `label`: as people cite it (第八条第二款第（三）项). `whole`: the same with all that belongs to it (第八条).
    `kind`: title, number, part, division, chapter, section, article, paragraph, item, row, closing. `level`: what
    follows with a greater one belongs to it. Of a table's row: `table` counts from 1, `identity` is its key cell."""

    kind: str
    number: str  # as printed before the text, folded; empty where there is none
    label: str
    whole: str
    text: str
    key: str
    level: int
    table: int = 0
    header: tuple[str, ...] = ()  # folded
    titles: tuple[str, ...] = ()  # the same as printed
    compared: tuple[str, ...] = ()  # the columns that the key is of; all where that is empty
    identity: str = ""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A clause's own words: text as printed, folded, and its number."""

    text: str
    key: str
    kind: str
    level: int
    number: str


class Folding:
    """Lines read once, however often they stand in the texts that are compared."""

    def __init__(self) -> None:
        self._pieces: dict[str, tuple[_Piece, ...]] = {}

    def pieces(self, line: str) -> tuple[_Piece, ...]:
        """The clauses that a line holds."""
        known = self._pieces.get(line)
        if known is None:
            known = self._pieces[line] = tuple(_pieces(line))
        return known


def _pieces(line: str) -> Iterator[_Piece]:
    for part in _INLINE.split(line):
        key = without_counter(part) if _COUNTER.search(part) else fold(part)
        if key:
            yield _piece(part.strip(), key)


def _piece(text: str, key: str) -> _Piece:
    if key[0] in _OPENING:
        if match := _ARTICLE.match(key):
            return _Piece(text, key, "article", ARTICLE, match[0])
        if match := _HEADING.match(key):
            kind, level = _HEADINGS[match[1]]
            return _Piece(text, key, kind, level, match[0])
        for depth, pattern in enumerate(_ITEMS):
            if match := pattern.match(key):
                return _Piece(text, key, "item", FIRST_ITEM + depth, match[0])
        if _PART.fullmatch(key):
            return _Piece(text, key, "part", PART, "")
    return _Piece(text, key, "paragraph", LEAF, "")


_HEADINGS: Final = {
    "编": ("division", DIVISION),
    "分编": ("division", DIVISION),
    "章": ("chapter", CHAPTER),
    "部分": ("chapter", CHAPTER),
    "节": ("section", SECTION),
}


def parse(blocks: Blocks, folding: Folding | None = None) -> list[Clause]:
    """The clauses of a body, in its order; (role, text) in, each clause labelled by where it stands."""
    folding = folding or Folding()
    place = _Place()
    title: str | None = None
    tables = 0
    found: list[Clause] = []
    for role, text in blocks:
        if role in {"title", "number"}:
            key = fold(text)
            if not key or (role == "title" and key == title):
                continue  # many pages print the title again above the text
            title = key if role == "title" and title is None else title
            label = "标题" if role == "title" else "文号"
            found.append(Clause(role, "", label, label, text, f"{role}:{key}", PART))
        elif role == "table":
            tables += 1
            named = place.table(tables)
            for row in rows_of(text):
                label = named + row.label
                found.append(
                    Clause("row", row.number, label, named, row.text, "|" + row.key, LEAF, tables, row.header,
                           row.titles, identity=row.identity)
                )  # fmt: skip
        else:
            for line in text.splitlines():
                found.extend(place.clause(role, piece) for piece in folding.pieces(line))
    return place.with_first_paragraphs(found)


@dataclass(slots=True)
class _Place:
    """Where in the text's structure the next clause stands."""

    count: int = 0  # clauses so far, for texts without numbers
    part: str = ""  # 附件1
    tables: int = 0  # of the part
    headings: dict[int, str] = field(default_factory=dict)  # 编, 章, 节 by level
    article: str = ""
    paragraph: int = 0  # 款 of the article, or paragraphs below a number
    items: dict[int, str] = field(default_factory=dict)  # by level
    open: bool = False  # the last 款 ends with a colon: a list follows
    _several: set[str] = field(default_factory=set)  # articles of more than one 款

    def clause(self, role: str, piece: _Piece) -> Clause:
        """The next clause, labelled."""
        self.count += 1
        kind, level, number = piece.kind, piece.level, piece.number
        if role in {"signature", "date", "attachment"} and kind == "paragraph":
            self._leave(LEAF)
            kind, level, number = "closing", PART, ""
            label = whole = self.part + ("附件说明" if role == "attachment" else "落款")
            if role == "attachment":
                self.headings = {CHAPTER: "附件说明"}
        elif kind == "part":
            self._leave(PART)
            self.part = whole = label = piece.key
            self.count = self.tables = 0
        elif kind == "item":
            label = whole = self._item(level, number)
        elif kind == "article":
            self._leave(ARTICLE)
            self.article = number
            self.paragraph = 1 if len(piece.key) > len(number) else 0
            label = whole = self.part + number
        elif level in range(DIVISION, ARTICLE):
            self._leave(level)
            self.headings[level] = number
            label = whole = self._headed()
        else:
            kind, number = "paragraph", ""
            level = PARAGRAPH if self.article else LEAF
            label = whole = self._paragraph()
        self.open = piece.key[-1] == ":"
        return Clause(kind, number, label, whole, piece.text, piece.key[len(number) :] or ALONE, level)

    def table(self, number: int) -> str:
        """What the next table is called, the `number`th of the text: 表2, 附件1表2; or 附表1, where it has that."""
        self.tables += 1
        return self.part if self.part.startswith("附表") and self.tables == 1 else f"{self.part}表{number}"

    def _leave(self, level: int) -> None:
        """Forget what stood at `level` and below."""
        self.article, self.paragraph = "", 0
        self.items.clear()
        if self.headings:
            self.headings = {at: number for at, number in self.headings.items() if at < level}

    def _item(self, level: int, number: str) -> str:
        """一、 within an article is a list only after a colon or as its next; else the articles have ended."""
        if self.article and level == FIRST_ITEM and level not in self.items and not self.open:
            self._leave(LEAF)
        self.items = {at: own for at, own in self.items.items() if at < level}
        self.items[level] = number
        if not self.article:
            self.paragraph = 0
        return self._label()

    def _paragraph(self) -> str:
        self.paragraph += 1
        if self.article:
            self.items.clear()
            if self.paragraph > 1:
                self._several.add(self.part + self.article)
            return self._label()
        if self.items or self.headings:
            return f"{self._label()}第{self.paragraph}段"
        return f"{self.part}第{self.count}段"

    def _headed(self) -> str:
        """编, 章 and 节 are cited within each other: 第二章第一节."""
        return self.part + "".join(self.headings[level] for level in sorted(self.headings))

    def _label(self) -> str:
        levels = sorted(self.items)
        if not self.article:
            return (self._headed() if self.headings and not levels else self.part or self._noted()) + "".join(
                _printed(self.items[level], level) for level in levels
            )
        own = f"{self.part}{self.article}"
        if self.paragraph:
            own += f"第{chinese(self.paragraph)}款"
        return own + "".join(
            f"第{_printed(self.items[level], level).rstrip('.、')}{'目' if depth else '项'}"
            for depth, level in enumerate(levels)
        )

    def _noted(self) -> str:
        return self.headings.get(CHAPTER, "") if self.headings.get(CHAPTER) == "附件说明" else ""

    def with_first_paragraphs(self, found: list[Clause]) -> list[Clause]:
        """第一款 is said only in an article that has a second one."""
        several = self._several
        for place, clause in enumerate(found):
            if clause.kind == "article":
                article = clause.whole
                if article in several:
                    found[place] = replace(clause, label=f"{article}第一款")
            elif "条第一款" in clause.label:
                start, _, rest = clause.label.partition("第一款")
                if start not in several:
                    found[place] = replace(clause, label=start + rest, whole=start + rest)
        return found


def _printed(number: str, level: int) -> str:
    """An item's number as it is printed: 一、 （一） 1. （1） ①."""
    bare = number.strip("().,")
    if level == FIRST_ITEM:
        return f"{bare}、"
    if level in {FIRST_ITEM + 1, FIRST_ITEM + 3}:
        return f"（{bare}）"
    return f"{bare}." if level == FIRST_ITEM + 2 else bare
