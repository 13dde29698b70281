"""The query language for people: one parser, one tree, evaluated in memory and by two databases in `search`. Pure.

query   = any { OR any }            OR   或
any     = not { [AND] not }         AND  与  or just a space
not     = [NOT] one                 NOT  非  -
one     = word | "phrase" | field:word | field:"phrase" | field:( query without fields ) | ( query ) | *
field   = title 标题 | issuer 发文机关 | number 文号 | type 类型 | kind 文种 | topic 主题 | source 来源 | region 地区
        | level 层级 | validity 时效 | cites 引用 | attachment 附件 | published 发布 | effective 施行 | written 成文
        | deadline 截止 | exact 原词 | change 改动 | in:change
days    = 2026 | 2026-03 | 2026-03-01 | 2026年3月1日 | days..days | days.. | ..days
"""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from storage import tokens
from storage.match_text import MatchText, asked_issuer, number_forms
from storage.query_fields import DATE_FIELDS, FIELDS, VALUES, days, known, nearest
from storage.query_tree import All, Days, Everything, Node, Not, Query, QueryError, Some, Term, TermHit
from storage.regions import CENTRAL
from storage.synonyms import Synonyms, in_use

__all__ = [
    "All", "Days", "Everything", "MatchText", "Node", "Not", "Query", "QueryError", "Some", "Term", "TermHit",
    "asked_issuer", "parse",
]  # fmt: skip

MAX_LENGTH = 2_000  # characters of a query
MAX_TERMS = 200
MAX_DEPTH = 50  # brackets inside brackets


class _Token(NamedTuple):
    kind: str  # word, phrase, field, open, close, and, or, not, everything, end
    text: str
    position: int


_OPERATORS = {"AND": "and", "与": "and", "OR": "or", "或": "or", "NOT": "not", "非": "not"}
_TRADITIONAL = str.maketrans({"與": "与"})
_QUOTES = {'"': '"', "“": "”", "„": "”", "”": "”", "＂": "＂", "「": "」"}
_WORD_END = re.compile(r"[\s()（）\"“”＂「」]")
_FIELD = re.compile(r"([A-Za-z]+|[\u4e00-\u9fff]{2,4})[:：]")


_MISTAKEN = (
    (re.compile(r"^(?:and|or|not)$", re.IGNORECASE),
     '{0} is a word here, no operator; write {1}, or "{0}" for the word'),
    (re.compile(r"[|｜]+"), "{0} is no operator; write OR between spaces"),
    (re.compile(r"&&|^&$"), "{0} is no operator; write AND, or just a space"),
    (re.compile(r"^\+$"), "{0} alone means nothing; all words are looked for as it is"),
    (re.compile(r"^[-－–—]+$"), "{0} alone means nothing; write it right before a word to leave that out, or NOT"),
    (re.compile(r"\*"), "there are no wildcards: a Chinese word is found within longer ones; {0} alone is everything"),
)  # fmt: skip
"""What other languages of queries have and this has not, so that it is said, not silently looked for."""


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
        elif (match := _FIELD.match(query, at)) and _names_field(match[1]):
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
    if (operator := _OPERATORS.get(word.translate(_TRADITIONAL))) is not None:
        return _Token(operator, word, at)
    for found, problem in _MISTAKEN:
        if (match := found.search(word)) is not None:
            raise QueryError(problem.format(match[0], match[0].upper()), query, at + match.start())
    return _Token("word", word, at)


def _names_field(word: str) -> bool:
    """Whether what stands before a colon names a field, or seems to: 发文机构. Other Chinese words may be followed by
    a colon in a text."""
    return word.isascii() or tokens.fold(word) in FIELDS or (len(word) > 2 and bool(nearest(tokens.fold(word), FIELDS)))


def parse(query: str, synonyms: Synonyms | None = None) -> Query:
    """Read a query. Raises QueryError, which says what is wrong and points at the place.

    Words are looked for by their synonyms too: those in use in this process, unless others are given."""
    if len(query) > MAX_LENGTH:
        raise QueryError(f"the query has {len(query)} characters; {MAX_LENGTH} are the most", query, MAX_LENGTH)
    return Query(query, _Parser(query, synonyms or in_use()).whole())


_WORD_FIELDS = frozenset({None, "title", "attachment", "change"})  # whose words have synonyms


class _Parser:
    def __init__(self, query: str, synonyms: Synonyms) -> None:
        self.query, self.synonyms = query, synonyms
        self.tokens = _scan(query)
        self.place = 0
        self.depth = 0
        self.terms = 0
        self.excluding = False  # within NOT
        self.within: _Token | None = None  # the field before the brackets that are open

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
        if any(isinstance(node, Term) and node.field == "in" for node in nodes):
            nodes = [_of_changes(node) for node in nodes]
        return nodes[0] if len(nodes) == 1 else All(tuple(nodes))

    def negated(self) -> Node:
        outside = self.excluding
        while self.next.kind == "not":
            self.take()
            self.excluding = not self.excluding
        node = self.one()
        negated, self.excluding = self.excluding != outside, outside
        return Not(node) if negated else node

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
                if self.within is not None:
                    return self.term(token, FIELDS[tokens.fold(self.within.text)], self.within)
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
        field = FIELDS.get(tokens.fold(token.text))
        if field is None:
            near = nearest(token.text, FIELDS)
            raise self.error(
                f"there is no field {token.text!r}{near or f'; there are {known(FIELDS)}.'} Quote it to find the words",
                token,
            )
        if field is not None and self.within is not None:
            raise self.error(
                f"the words in these brackets are looked for in {self.within.text}; no field can be there", token
            )
        right_behind = self.next.position == token.position + len(token.text) + 1
        if self.next.kind == "open" and right_behind:
            self.within = token
            node = self.group(self.take())
            self.within = None
            return node
        if self.next.kind not in {"word", "phrase", "and", "or", "not"} or not right_behind:
            place = token.position + len(token.text) + 1
            raise QueryError(f"{token.text}: needs a word or a phrase right behind it", self.query, place)
        return self.term(self.take(), field, token)

    def term(self, token: _Token, field: str | None, start: _Token) -> Term | Days:
        self.terms += 1
        if self.terms > MAX_TERMS:
            raise self.error(f"more than {MAX_TERMS} words", start)
        written = token.text.strip()
        shown = f"{start.text}:{written}" if field else written
        if field in DATE_FIELDS:
            try:
                return Days(shown, field or "", *days(written))
            except ValueError as error:
                raise self.error(str(error), token) from error
        if field == "region" and tokens.fold(written) in CENTRAL:
            field, written = "level", "central"
        if values := VALUES.get(field or ""):
            value = values.get(tokens.fold(written))
            if value is None:
                near = nearest(written, values) or f"; there {'is' if field == 'in' else 'are'} {known(values)}"
                raise self.error(f"there is no {field}:{written}{near}", token)
            return Term(shown, field, (value,), token.position)
        if field == "source":
            return Term(shown, field, (written.lower(),), token.position)
        phrases = _FORMS.get(field or "", _as_written)(written)
        if not phrases:
            raise self.error(f"{written!r} holds nothing to search for: no letter, digit or Chinese character", token)
        if field in {"kind", "region"}:
            return Term(shown, field, (written,), token.position)
        same: tuple[tuple[str, str], ...] = ()
        if token.kind != "phrase" and field in _WORD_FIELDS and not self.excluding:
            same = self.synonyms.of(phrases[0])
        phrases = (*phrases, *(canonical for canonical, _ in same))
        return Term(shown, None if field == "exact" else field, phrases, token.position, same)


def _as_written(written: str) -> tuple[str, ...]:
    return tuple(filter(None, (tokens.canonical(written),)))


def _of_changes(node: Node) -> Node:
    """The same of changed clauses alone: what `in:change` makes of the words beside it."""
    match node:
        case Term(field=None):
            return replace(node, field="change")
        case Not():
            return Not(_of_changes(node.node))
        case All() | Some():
            return type(node)(tuple(_of_changes(child) for child in node.nodes))
        case _:
            return node


_FORMS: dict[str, Callable[[str], tuple[str, ...]]] = {
    "number": number_forms,
    "issuer": asked_issuer,
    "cites": number_forms,
}
