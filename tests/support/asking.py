"""Queries made at random over made-up or real documents: every kind of word, field and operator, written in the ways in
which people write them. Each as a tree for `brute` and as a text for the search."""

import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from support.brute import Seen, Tree, parts_of

_NEEDS_QUOTES = re.compile(
    r"[\s()（）\"“”＂「」„:：*|｜]|&&|^-|^[&+–—－]+$|^(?:and|or|not|与|或|非|與)$", re.IGNORECASE
)
_OPERATORS = {"and": (" ", " ", " AND ", " 与 "), "or": (" OR ", " 或 ")}
_NAMES = {
    "title": ("title", "标题"), "issuer": ("issuer", "发文机关"), "number": ("number", "文号"),
    "type": ("type", "类型"), "kind": ("kind", "文种"), "topic": ("topic", "主题"), "source": ("source", "来源"),
    "validity": ("validity", "时效"),
    "cites": ("cites", "引用"), "attachment": ("attachment", "附件"), "published": ("published", "发布"),
    "effective": ("effective", "施行"), "written": ("written", "成文"),
}  # fmt: skip
_WHOLE = frozenset({"type", "validity", "source", "kind"})


class Asker:
    """Makes queries from what some documents hold, and from words that none or many hold."""

    def __init__(
        self, documents: Sequence[Seen], words: Sequence[str], traditional: Mapping[str, str], synonyms: Iterable[str],
        seed: int,
    ) -> None:  # fmt: skip
        self.chance = random.Random(seed)  # noqa: S311
        self.documents, self.words, self.synonyms = documents, words, frozenset(synonyms)
        self.traditional = {plain: old for old, plain in traditional.items()}

    def query(self, depth: int = 0) -> Tree:
        """A query of any shape."""
        what = self.chance.random()
        if depth >= 3 or what < (0.35 if depth == 0 else 0.6):
            return self.one()
        parts = tuple(self.query(depth + 1) for _ in range(self.chance.randint(2, 3)))
        if what < 0.75:
            return ("and", parts)
        if what < 0.9:
            return ("or", parts)
        return ("and", (parts[0], ("not", parts[1]))) if what < 0.98 else ("not", parts[0])

    def one(self) -> Tree:
        """A word, or a field's."""
        what = self.chance.random()
        if what < 0.02:
            return ("all",)
        seen = self.chance.choice(self.documents)
        if what < 0.6:
            return ("word", self._word(seen))
        name = self.chance.choice(list(_NAMES))
        if name in {"published", "effective", "written"}:
            return self._days(name, seen)
        value = self._value(name, seen)
        return ("field", name, value) if value else ("word", self._word(seen))

    def _word(self, seen: Seen) -> str:
        what = self.chance.random()
        if what < 0.35:
            return self.chance.choice(self.words)
        if what < 0.45 and seen.number:
            return seen.number
        texts = [text for text in (seen.title, seen.body, seen.body, *seen.files) if text]
        return self._piece(self.chance.choice(texts))

    def _piece(self, text: str) -> str:
        """Some characters of a text, in which there is something to find."""
        for _ in range(20):
            length = self.chance.choice((1, 2, 2, 2, 3, 4, 5, 6, 8, 12, 20))
            start = self.chance.randrange(max(1, len(text) - length + 1))
            piece = _whole(text, start, start + length).strip()
            if re.search(r"[\u4e00-\u9fffA-Za-z0-9]", piece) and not re.search(r"[\"“”＂„「」]", piece):
                return piece
        return self.chance.choice(self.words)

    def _value(self, name: str, seen: Seen) -> str | None:
        """What `seen` has of a field; None where it has nothing."""
        cited = [form for pair in seen.cited for form in pair if form]
        some: dict[str, Callable[[], str | None]] = {
            "title": lambda: self._piece(seen.title),
            "topic": lambda: self._piece(seen.topic) if seen.topic else None,
            "attachment": lambda: self._piece(self.chance.choice(seen.files)) if seen.files else None,
            "issuer": lambda: self.chance.choice(seen.issuers) if seen.issuers else None,
            "source": lambda: self.chance.choice(seen.sources),
            "number": lambda: self._number(seen.number),
            "cites": lambda: self._number(self.chance.choice(cited)) if cited else None,
        }
        value: Any = some[name]() if name in some else getattr(seen, name)
        return value if value is None else str(value)

    def _number(self, written: str | None) -> str | None:
        """A number in another spelling, a part of it, or a piece of a title."""
        parts = parts_of(written) if written else None
        if parts is None or "公告" in parts[0]:
            return written and self._piece(written)
        code, year, serial = parts
        left, right = self.chance.choice(("〔〕", "[]", "()", "【】", "（）"))
        return self.chance.choice((
            f"{code}{left}{year}{right}{serial}号", f"{code}{left}{year}{right}{serial}号", f"{serial}号", code,
            f"{code} {left}{year}{right} {serial} 号", f"{left}{year}{right}{serial}号",
        ))  # fmt: skip

    def _days(self, name: str, seen: Seen) -> Tree:
        day = seen.dates.get(name) or seen.day
        match self.chance.randrange(5):
            case 0:
                return ("days", name, date(day.year, 1, 1), date(day.year, 12, 31), str(day.year))
            case 1:
                first = day.replace(day=1)
                last = (first + timedelta(31)).replace(day=1) - timedelta(1)
                return ("days", name, first, last, f"{day:%Y-%m}")
            case 2:
                return ("days", name, day, date.max, f"{day}..")
            case 3:
                return ("days", name, date.min, day, f"..{day}")
        last = day + timedelta(self.chance.randint(0, 800))
        return ("days", name, day, last, f"{day}..{last.year}年{last.month}月{last.day}日")

    def text(self, tree: Tree, outer: str = "") -> str:
        """The query as it is typed."""
        match tree:
            case ("all",):
                return "*"
            case ("word", word):
                return self._typed(word)
            case ("field", name, value):
                typed = self._typed(value, plain=name in _WHOLE)
                return f"{self.chance.choice(_NAMES[name])}{self.chance.choice(':：')}{typed}"
            case ("days", name, _, _, days):
                return f"{self.chance.choice(_NAMES[name])}:{days}"
            case ("not", inner):
                return f"{self.chance.choice(('NOT ', '非 '))}{self.text(inner, 'not')}"
            case (operator, parts):
                joined = self.chance.choice(_OPERATORS[operator]).join(self.text(part, operator) for part in parts)
                return self.chance.choice(("({})", "（{}）")).format(joined) if outer else joined
        raise AssertionError(tree)

    def _typed(self, word: str, *, plain: bool = False) -> str:
        typed = word
        if not plain and self.chance.random() < 0.1:
            typed = "".join(self.traditional.get(char, char) for char in typed)
        if not plain and self.chance.random() < 0.1:
            typed = "".join(chr(ord(char) + 0xFEE0) if char.isascii() and char.isalnum() else char for char in typed)
        quoted = _NEEDS_QUOTES.search(typed) or (word not in self.synonyms and self.chance.random() < 0.1)
        return f'"{typed}"' if quoted else typed


def _whole(text: str, start: int, end: int) -> str:
    """A piece of a text that cuts no Latin word."""

    def latin(place: int) -> bool:
        return 0 <= place < len(text) and bool(re.match(r"[A-Za-z0-9Ａ-Ｚａ-ｚ０-９]", text[place]))

    while latin(start) and latin(start - 1):
        start -= 1
    while latin(end) and latin(end - 1):
        end += 1
    return text[start:end]
