"""The query language for people: one parser, one tree, evaluated in memory here and by two databases in `search`. Pure.

query   = any { OR any }            OR   或
any     = not { [AND] not }         AND  与  or just a space
not     = [NOT] one                 NOT  非  -
one     = word | "phrase" | field:word | field:"phrase" | ( query ) | *
field   = title 标题 | issuer 发文机关 | number 文号 | type 类型 | source 来源 | validity 时效
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import NamedTuple

from storage import tokens
from storage.errors import OperatorError
from storage.match_text import MatchText, asked_issuer, number_forms

__all__ = [
    "All", "Everything", "MatchText", "Node", "Not", "Query", "QueryError", "Some", "Term", "TermHit", "asked_issuer",
    "parse",
]  # fmt: skip

MAX_LENGTH = 2_000  # characters of a query
MAX_TERMS = 200
MAX_DEPTH = 50  # brackets inside brackets

FIELDS = {
    "title": "title", "标题": "title",
    "issuer": "issuer", "发文机关": "issuer",
    "number": "number", "文号": "number",
    "type": "type", "类型": "type",
    "source": "source", "来源": "source",
    "validity": "validity", "时效": "validity", "有效性": "validity",
}  # fmt: skip
TYPES = {
    "policy": "policy", "政策": "policy",
    "interpretation": "interpretation", "解读": "interpretation",
    "consultation": "consultation", "征求意见": "consultation", "征求意见稿": "consultation",
    "news": "news", "新闻": "news",
    "notice": "notice", "公示": "notice",
    "other": "other", "其他": "other",
}  # fmt: skip


VALIDITIES = {
    "pending": "pending", "尚未生效": "pending", "尚未施行": "pending",
    "in_force": "in_force", "现行有效": "in_force", "有效": "in_force",
    "amended": "amended", "已修改": "amended", "已被修订": "amended",
    "partly_repealed": "partly_repealed", "部分废止": "partly_repealed", "部分失效": "partly_repealed",
    "repealed": "repealed", "废止": "repealed", "已废止": "repealed",
    "expired": "expired", "失效": "expired", "已失效": "expired",
    "draft": "draft", "草案": "draft",
    "unknown": "unknown", "不明": "unknown",
}  # fmt: skip


class QueryError(OperatorError):
    """A query that cannot be understood. `position` is the place in `query`, from 0; the text points at it."""

    def __init__(self, problem: str, query: str, position: int) -> None:
        self.problem, self.query, self.position = problem, query, position
        shown = re.sub(r"\s", " ", query)
        start, end = max(0, position - 60), position + 40
        width = sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in shown[start:position])
        super().__init__(f"{problem}\n  {shown[start:end]}\n  {' ' * width}^")


class TermHit(NamedTuple):
    """A term of the query and where the document has it. `place`: title, number, issuer, body, attachment, type,
    source or validity."""

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
        if self.field is not None:
            texts = document.of_field[self.field]
            found = any(tokens.contains(text, phrase) >= 0 for text in texts for phrase in self.phrases)
            return [TermHit(self.text, self.field)] if found else []
        hits = []
        for place, text in document.places:
            at = next((at for phrase in self.phrases if (at := tokens.contains(text, phrase)) >= 0), -1)
            if at >= 0:
                hits.append(
                    TermHit(self.text, place, document.around(at, place) if place in {"body", "attachment"} else None)
                )
        return hits


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


Node = Term | Everything | Not | All | Some


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
        case Term():
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


# -- the parser ----------------------------------------------------------------------------------------------------


class _Token(NamedTuple):
    kind: str  # word, phrase, field, open, close, and, or, not, everything, end
    text: str
    position: int


_OPERATORS = {"AND": "and", "与": "and", "OR": "or", "或": "or", "NOT": "not", "非": "not"}
_QUOTES = {'"': '"', "“": "”", "„": "”", "”": "”", "＂": "＂", "「": "」"}
_WORD_END = re.compile(r"[\s()（）\"“”＂「」]")
_FIELD = re.compile(r"([A-Za-z]+|[\u4e00-\u9fff]{2,4})[:：]")


def _scan(query: str) -> list[_Token]:
    found: list[_Token] = []
    at = 0
    while at < len(query):
        char = query[at]
        if char.isspace():
            at += 1
        elif char in "(（":
            found.append(_Token("open", char, at))
            at += 1
        elif char in ")）":
            found.append(_Token("close", char, at))
            at += 1
        elif char in _QUOTES:
            end = query.find(_QUOTES[char], at + 1)
            if end < 0:
                raise QueryError(f"the quotation mark {char} is never closed", query, at)
            found.append(_Token("phrase", query[at + 1 : end], at))
            at = end + 1
        elif (match := _FIELD.match(query, at)) and (match[1].isascii() or match[1] in FIELDS):
            found.append(_Token("field", match[1], at))
            at = match.end()
        else:
            token = _word(query, at)
            found.append(token)
            at += len(token.text)
    return [*found, _Token("end", "", len(query))]


def _word(query: str, at: int) -> _Token:
    if query[at] == "-" and at + 1 < len(query) and not _WORD_END.match(query, at + 1):
        return _Token("not", "-", at)
    end = _WORD_END.search(query, at)
    word = query[at : end.start() if end else len(query)]
    if word == "*":
        return _Token("everything", word, at)
    return _Token(_OPERATORS.get(word, "word"), word, at)


def parse(query: str) -> Query:
    """Read a query. Raises QueryError, which says what is wrong and points at the place."""
    if len(query) > MAX_LENGTH:
        raise QueryError(f"the query has {len(query)} characters; {MAX_LENGTH} are the most", query, MAX_LENGTH)
    return Query(query, _Parser(query).whole())


class _Parser:
    def __init__(self, query: str) -> None:
        self.query = query
        self.tokens = _scan(query)
        self.place = 0
        self.depth = 0
        self.terms = 0

    @property
    def next(self) -> _Token:
        return self.tokens[self.place]

    def take(self) -> _Token:
        self.place += 1
        return self.tokens[self.place - 1]

    def error(self, problem: str, token: _Token) -> QueryError:
        return QueryError(problem, self.query, token.position)

    def whole(self) -> Node:
        if self.next.kind == "end":
            raise self.error("the query is empty; write a word, or * for everything", self.next)
        node = self.some()
        if self.next.kind == "close":
            raise self.error("this bracket closes nothing", self.next)
        return node

    def some(self) -> Node:
        nodes = [self.all()]
        while self.next.kind == "or":
            self.take()
            nodes.append(self.all())
        return nodes[0] if len(nodes) == 1 else Some(tuple(nodes))

    def all(self) -> Node:
        nodes = [self.negated()]
        while self.next.kind not in {"or", "close", "end"}:
            if self.next.kind == "and":
                self.take()
            nodes.append(self.negated())
        return nodes[0] if len(nodes) == 1 else All(tuple(nodes))

    def negated(self) -> Node:
        negations = 0
        while self.next.kind == "not":
            self.take()
            negations += 1
        node = self.one()
        return Not(node) if negations % 2 else node

    def one(self) -> Node:
        token = self.take()
        match token.kind:
            case "open":
                return self.group(token)
            case "everything":
                return Everything()
            case "field":
                return self.fielded(token)
            case "word" | "phrase":
                return self.term(token, None, token)
            case _:
                self.place -= 1
                before = self.tokens[self.place - 1].text if self.place else ""
                what = f"after {before}" if before else "here"
                raise self.error(f"a word, a phrase or a bracket is missing {what}", token)

    def group(self, opening: _Token) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error(f"more than {MAX_DEPTH} brackets inside each other", opening)
        node = self.some()
        if self.take().kind != "close":
            raise self.error("this bracket is never closed", opening)
        self.depth -= 1
        return node

    def fielded(self, token: _Token) -> Node:
        field = FIELDS.get(token.text.lower())
        if field is None:
            known = ", ".join(name for name in FIELDS if name.isascii())
            raise self.error(f"there is no field {token.text!r}; there are {known}. Quote it to find the words", token)
        if self.next.kind not in {"word", "phrase", "and", "or", "not"} or (
            self.next.position != token.position + len(token.text) + 1
        ):
            place = token.position + len(token.text) + 1
            raise QueryError(f"{token.text}: needs a word or a phrase right behind it", self.query, place)
        return self.term(self.take(), field, token)

    def term(self, token: _Token, field: str | None, start: _Token) -> Term:
        self.terms += 1
        if self.terms > MAX_TERMS:
            raise self.error(f"more than {MAX_TERMS} words", start)
        written = token.text.strip()
        shown = f"{start.text}:{written}" if field else written
        if field == "type":
            if written.lower() not in TYPES:
                known = ", ".join(name for name in TYPES if name.isascii())
                raise self.error(f"there is no type {written!r}; there are {known}", token)
            return Term(shown, field, (TYPES[written.lower()],))
        if field == "validity":
            if written.lower() not in VALIDITIES:
                known = ", ".join(name for name in VALIDITIES if name.isascii())
                raise self.error(f"there is no validity {written!r}; there are {known}", token)
            return Term(shown, field, (VALIDITIES[written.lower()],))
        if field == "source":
            return Term(shown, field, (written.lower(),))
        forms = {"number": number_forms(written), "issuer": asked_issuer(written)}
        phrases = forms.get(field or "") or tuple(filter(None, (tokens.canonical(written),)))
        if not phrases:
            raise self.error(f"{written!r} holds nothing to search for: no letter, digit or Chinese character", token)
        return Term(shown, field, phrases)
