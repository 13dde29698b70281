"""What a search must answer, told without an index: every document looked at, by docs/search.md alone.

Nothing here comes from the code of search: it has its own normal form of a text (the table of traditional characters is
data, and handed in), and queries are trees made here, put into words for the search and evaluated as trees here."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

END = "\x01"  # between texts, so that nothing is found across them
EDGE = "\x00"  # around a Latin word, so that it is found whole


@lru_cache(maxsize=200_000)
def _sort(char: str) -> str:
    """chinese, latin, nothing (a format character), joining (a bracket, quotation mark or blank) or break."""
    if char.isascii() and char.isalnum():
        return "latin"
    if char == "〇" or unicodedata.name(char, "").startswith(("CJK UNIFIED", "CJK COMPATIBILITY IDEOGRAPH")):
        return "chinese"
    category = unicodedata.category(char)
    if category in {"Ps", "Pe", "Pi", "Pf"} or char in "\"'" or char.isspace():
        return "joining"
    return "break"


class Normal:
    """The normal form of texts: runs of Chinese, Latin words between EDGEs, one `|` for whatever parts them."""

    def __init__(self, simplified: Mapping[str, str]) -> None:
        self.simplified = simplified

    def __call__(self, text: str) -> str:
        """The normal form of `text`."""
        found: list[str] = []
        parted, joins, last = False, True, ""
        for raw in text:
            folded = unicodedata.normalize("NFKC", raw) if "\uff00" <= raw <= "\uff5e" or raw == "\u3000" else raw
            char = self.simplified.get(folded, folded)
            char = char.lower() if char.isascii() else char
            sort = _sort(char)
            if sort in {"joining", "break"}:
                parted, joins = True, joins and sort == "joining"
                continue
            if parted and last and not (joins and last == sort == "chinese"):
                found.append((EDGE if last == "latin" else "") + "|")
                last = ""
            if (sort == "latin" and last != "latin") or (last == "latin" and sort != "latin"):
                found.append(EDGE)
            found.append(char)
            parted, joins, last = False, True, sort
        return "".join(found) + (EDGE if last == "latin" else "")


@dataclass(frozen=True)
class Seen:
    """A document as it is printed, and what the archive knows of it. `issuers`: by every name that they have."""

    id: int
    title: str
    number: str | None
    issuer: str | None  # as printed
    issuers: tuple[str, ...]
    type: str
    kind: str | None
    topic: str | None
    sources: tuple[str, ...]
    validity: str
    dates: Mapping[str, date | None]
    day: date  # by which it is ordered
    body: str
    files: tuple[str, ...]
    cited: tuple[tuple[str | None, str | None], ...]
    numbers: tuple[str, ...] = ()  # further ways in which its number is known
    organs: tuple[str, ...] = ()  # by whose names it is counted


# A query: ("word", text), ("field", name, text), ("days", name, first, last, text), ("all",), ("not", query),
# ("and", queries) or ("or", queries).
Tree = tuple  # type: ignore[type-arg]


@dataclass
class Brute:
    """All documents, each looked at for every query."""

    documents: Sequence[Seen]
    normal: Normal
    synonyms: Mapping[str, Sequence[str]] = field(default_factory=dict)  # what else is looked for, if not quoted
    found: dict[Tree, frozenset[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        everywhere: list[str] = []
        self.of_field: dict[str, list[str]] = {"title": [], "issuer": [], "topic": [], "attachment": []}
        self.numbers: list[list[str]] = []
        self.cited: list[list[str]] = []
        for seen in self.documents:
            files = self._joined(seen.files)
            everywhere.append(self._joined((seen.title, seen.number, seen.issuer, seen.body)) + files)
            self.of_field["title"].append(self._joined((seen.title,)))
            self.of_field["issuer"].append(self._joined((seen.issuer, *seen.issuers)))
            self.of_field["topic"].append(self._joined((seen.topic,)))
            self.of_field["attachment"].append(files)
            self.numbers.append([number for number in (seen.number, *seen.numbers) if number])
            self.cited.append([form for pair in seen.cited for form in pair if form])
        self.everywhere = everywhere

    def _joined(self, texts: Iterable[str | None]) -> str:
        return END + END.join(self.normal(text) for text in texts if text) + END

    def answer(self, tree: Tree) -> frozenset[int]:
        """The places in `documents` of all that match."""
        if tree not in self.found:
            self.found[tree] = self._answer(tree)
        return self.found[tree]

    def _answer(self, tree: Tree) -> frozenset[int]:  # noqa: PLR0911 - one for each kind
        match tree:
            case ("all",):
                return frozenset(range(len(self.documents)))
            case ("not", inner):
                return self.answer(("all",)) - self.answer(inner)
            case ("and", parts):
                return frozenset.intersection(*map(self.answer, parts))
            case ("or", parts):
                return frozenset.union(*map(self.answer, parts))
            case ("days", name, first, last, _):
                return self._where(lambda seen: (day := seen.dates.get(name)) is not None and first <= day <= last)
            case ("word", text):
                return self._having(self.everywhere, text)
            case ("field", name, text) if name in self.of_field:
                return self._having(self.of_field[name], text)
            case ("field", "number", text):
                return frozenset(place for place, forms in enumerate(self.numbers) if self._numbered(text, forms))
            case ("field", "cites", text):
                return frozenset(place for place, forms in enumerate(self.cited) if self._numbered(text, forms))
            case ("field", name, text):
                return self._where(
                    lambda seen: text in seen.sources if name == "source" else getattr(seen, name) == text
                )
        raise AssertionError(tree)

    def _having(self, texts: Sequence[str], word: str) -> frozenset[int]:
        wanted = [self.normal(form) for form in (word, *self.synonyms.get(word, ()))]
        return frozenset(place for place, text in enumerate(texts) if any(form in text for form in wanted))

    def _where(self, holds: Callable[[Seen], bool]) -> frozenset[int]:
        return frozenset(place for place, seen in enumerate(self.documents) if holds(seen))

    def _numbered(self, text: str, forms: Iterable[str]) -> bool:
        """Whether one of these is the number, in any spelling, or has the words."""
        wanted, number = self.normal(text), parts_of(text)
        return any(wanted in self.normal(form) or (number and number == parts_of(form)) for form in forms)

    def tier(self, tree: Tree, place: int) -> int:
        """How relevant a hit is: 0 the number that was written, 1 all words in the title, 2 one of them, 3 the rest."""
        words = list(wanted_words(tree))
        numbered = [word for word in words if parts_of(word)]
        if any(self._numbered(word, self.numbers[place]) for word in numbered):
            return 0
        titled = [bool(self._having([self.of_field["title"][place]], word)) for word in words]
        return 1 if titled and all(titled) else 2 if any(titled) else 3


_NUMBER = re.compile(r"(.*?)[\[(〔【]?([12]\d{3})年?[\])〕】]?第?(\d+)号$")


@lru_cache(maxsize=200_000)
def parts_of(number: str) -> tuple[str, str, str] | None:
    """(code, year, serial) of a number in any spelling; None for what is none."""
    match = _NUMBER.fullmatch(re.sub(r"\s", "", unicodedata.normalize("NFKC", number)))
    return (match[1], match[2], match[3].lstrip("0")) if match and match[1] else None


def wanted_words(tree: Tree) -> Iterable[str]:
    """The words without a field that a hit may have."""
    match tree:
        case ("word", text):
            yield text
        case ("and", parts) | ("or", parts):
            for part in parts:
                yield from wanted_words(part)
