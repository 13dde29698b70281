"""A parsed query as a tree, and whether a document matches it: the one answer that both databases are held to. Pure."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field as option
from datetime import date
from typing import NamedTuple

from storage import tokens
from storage.errors import OperatorError
from storage.match_text import MatchText, words_around
from storage.regions import lies_in, path_of


class QueryError(OperatorError):
    """A query that cannot be understood. `position` is the place in `query`, from 0; the text points at it."""

    def __init__(self, problem: str, query: str, position: int) -> None:
        self.problem, self.query, self.position = problem, query, position
        shown = re.sub(r"\s", " ", query)
        start, end = max(0, position - 60), position + 40
        width = sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in shown[start:position])
        super().__init__(f"{problem}\n  {shown[start:end]}\n  {' ' * width}^")


class TermHit(NamedTuple):
    """A term of the query and where the document has it. `place`: title, number, issuer, body or attachment; or the
    field asked for. Where only a synonym stands there, `term` says so: 补贴 = 补助."""

    term: str
    place: str
    excerpt: str | None = None  # the words around it in the body


@dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase. `phrases` are the canonical ways to write it; one of them must stand in the text. `same` says
    for those of them that are synonyms how the list of synonyms writes them."""

    text: str  # as the user wrote it
    field: str | None
    phrases: tuple[str, ...]
    position: int = option(default=0, compare=False)  # of its value in the query
    same: tuple[tuple[str, str], ...] = ()  # (canonical, as listed)

    def find(self, document: MatchText) -> list[TermHit]:
        """Where `document` has the term; empty where it does not."""
        if self.field is None or self.field == "attachment":
            return self._in_places(document)
        if self.field == "change":
            return self._in_changes(document)
        if self.field in _WHOLE:
            return [TermHit(self.text, self.field)] if _WHOLE[self.field](self.phrases, document) else []
        found = next(filter(None, map(self.first, document.of_field[self.field])), None)
        return [TermHit(self._told(found[1]), self.field)] if found else []

    def _in_places(self, document: MatchText) -> list[TermHit]:
        hits = []
        for place, text in document.places:
            if self.field in {None, place} and (found := self.first(text)) is not None:
                at, phrase = found
                around = document.around(at, place) if place in {"body", "attachment"} else None
                hits.append(TermHit(self._told(phrase), place, around))
        return hits

    def _in_changes(self, document: MatchText) -> list[TermHit]:
        for canonical, clause in document.changed:
            if (found := self.first(canonical)) is not None:
                at, phrase = found
                around = words_around(clause, tokens.canonical_with_places(clause)[1][at])
                return [TermHit(self._told(phrase), "change", around)]
        return []

    def first(self, canonical_text: str) -> tuple[int, str] | None:
        """Where the text has the first of the phrases that it has, and which."""
        for phrase in self.phrases:
            if (at := tokens.contains(canonical_text, phrase)) >= 0:
                return at, phrase
        return None

    def _told(self, phrase: str) -> str:
        listed = dict(self.same).get(phrase)
        return f"{self.text} = {listed}" if listed else self.text


_WHOLE: dict[str, Callable[[tuple[str, ...], MatchText], bool]] = {
    "type": lambda values, document: document.type in values,
    "source": lambda values, document: not set(values).isdisjoint(document.sources),
    "validity": lambda values, document: document.validity in values,
    "level": lambda values, document: not set(values).isdisjoint(document.levels),
    "kind": lambda values, document: tokens.facet("", document.kind or "") == tokens.facet("", values[0]),
    "region": lambda values, document: any(lies_in(region, path_of(values[0])) for region in document.regions),
    "in": lambda _, document: bool(document.changes),
}
"""Fields that are found by a whole value."""


@dataclass(frozen=True, slots=True)
class Days:
    """A date of the document must lie between two days, both included."""

    text: str  # as the user wrote it
    field: str  # published, effective, written or deadline
    first: date
    last: date

    def find(self, document: MatchText) -> list[TermHit]:
        """Where `document` has such a date; empty where it has none, or another."""
        day = document.dates.get(self.field)
        return [TermHit(self.text, self.field)] if day is not None and self.first <= day <= self.last else []


@dataclass(frozen=True, slots=True)
class Everything:
    """`*`: every document."""


@dataclass(frozen=True, slots=True)
class Not:
    """What the document must not be found by."""

    node: "Node"


@dataclass(frozen=True, slots=True)
class All:
    """All must match."""

    nodes: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Some:
    """One must match."""

    nodes: tuple["Node", ...]


Node = Term | Days | Everything | Not | All | Some


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query."""

    text: str
    root: Node

    def matches(self, document: MatchText) -> list[TermHit] | None:
        """The terms found and where; None where the document does not match."""
        return _matches(self.root, document)

    def synonyms(self) -> dict[str, tuple[str, ...]]:
        """The words that were looked for by their synonyms too, and these."""
        found: dict[str, dict[str, None]] = {}
        for term in self.all_terms():
            if term.same:
                found.setdefault(term.text, {}).update(dict.fromkeys(listed for _, listed in term.same))
        return {word: tuple(listed) for word, listed in found.items()}

    def terms(self) -> tuple[Term, ...]:
        """The terms that a matching document may contain, none of those excluded by NOT."""
        return tuple(_wanted(self.root))

    def all_terms(self) -> tuple[Term, ...]:
        """Every term, those excluded by NOT too."""
        return tuple(_all_terms(self.root))


def _matches(node: Node, document: MatchText) -> list[TermHit] | None:
    match node:
        case Everything():
            return []
        case Term() | Days():
            return node.find(document) or None
        case Not():
            return [] if _matches(node.node, document) is None else None
        case All():
            hits: list[TermHit] = []
            for child in node.nodes:
                found = _matches(child, document)
                if found is None:
                    return None
                hits.extend(found)
            return hits
        case Some():
            each = [found for child in node.nodes if (found := _matches(child, document)) is not None]
            return [hit for found in each for hit in found] if each else None


def _all_terms(node: Node) -> list[Term]:
    match node:
        case Term():
            return [node]
        case Not():
            return _all_terms(node.node)
        case All() | Some():
            return [term for child in node.nodes for term in _all_terms(child)]
        case _:
            return []


def _wanted(node: Node) -> list[Term]:
    match node:
        case Term():
            return [node]
        case All() | Some():
            return [term for child in node.nodes for term in _wanted(child)]
        case _:
            return []
