"""A parsed query as a tree, and whether a document matches it: the one answer that both databases are held to. Pure."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from storage import tokens
from storage.errors import OperatorError
from storage.match_text import MatchText


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
    field asked for."""

    term: str
    place: str
    excerpt: str | None = None  # the words around it in the body


@dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase. `phrases` are the canonical ways to write it; one of them must stand in the text."""

    text: str  # as the user wrote it
    field: str | None
    phrases: tuple[str, ...]

    def find(self, document: MatchText) -> list[TermHit]:
        """Where `document` has the term; empty where it does not."""
        if self.field == "type":
            return [TermHit(self.text, "type")] if document.type in self.phrases else []
        if self.field == "source":
            return [TermHit(self.text, "source")] if self.phrases[0] in document.sources else []
        if self.field == "validity":
            return [TermHit(self.text, "validity")] if document.validity in self.phrases else []
        if self.field == "kind":
            found = tokens.facet("", document.kind or "") == tokens.facet("", self.phrases[0])
            return [TermHit(self.text, "kind")] if found else []
        if self.field not in {None, "attachment"}:
            texts = document.of_field[self.field or ""]
            found = any(tokens.contains(text, phrase) >= 0 for text in texts for phrase in self.phrases)
            return [TermHit(self.text, self.field)] if found else []
        hits = []
        for place, text in document.places:
            if self.field not in {None, place}:
                continue
            at = next((at for phrase in self.phrases if (at := tokens.contains(text, phrase)) >= 0), -1)
            if at >= 0:
                hits.append(
                    TermHit(self.text, place, document.around(at, place) if place in {"body", "attachment"} else None)
                )
        return hits


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

    def terms(self) -> tuple[Term, ...]:
        """The terms that a matching document may contain, none of those excluded by NOT."""
        return tuple(_wanted(self.root))


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


def _wanted(node: Node) -> list[Term]:
    match node:
        case Term():
            return [node]
        case All() | Some():
            return [term for child in node.nodes for term in _wanted(child)]
        case _:
            return []
