"""Full-text search over the current version of every document, newest first; the same answers on both databases.

The index gives a superset of the hits (see `tokens`); each row that is shown or counted is checked against its text.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, islice
from typing import Literal

from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from storage import tokens
from storage.engine import reading
from storage.errors import OperatorError
from storage.identity import number_key
from storage.match_text import number_forms
from storage.models import Document, Page, Reading, SearchEntry, Version
from storage.query import All, Days, Everything, MatchText, Node, Not, Query, QueryError, Some, Term, TermHit, parse
from storage.search_facets import Facets, count_facets
from storage.search_index import (
    EVERY,
    PER_DAY,
    PREFIXES,
    body_text,
    file_texts,
    files_of,
    match_text,
    organs_of,
    sources_of,
    validity_of,
)  # fmt: skip
from storage.search_snippets import TITLE, Snippet, Span, best_snippet, marked, snippet

__all__ = [
    "COUNTED_EXACTLY", "Facets", "MatchText", "Order", "Query", "QueryError", "SearchHit", "SearchResult", "Snippet",
    "TermHit", "match_text", "parse", "search", "snippet",
]  # fmt: skip

Order = Literal["date", "relevance"]

COUNTED_EXACTLY = 1_000  # beyond, a count may be up to half a percent too high
TOKENS_OF_A_PHRASE = 24  # enough to be rare; the recheck does the rest


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A document that matches, with the fields of its current version. `state`: current, missing or withdrawn."""

    document_id: int
    version_id: int
    title: str | None
    number: str | None
    issuer: str | None
    type: str
    published: date | None
    state: str
    source_id: str
    url: str | None
    title_highlights: tuple[Span, ...]
    snippet: Snippet
    deadline: date | None = None  # last day for comments on a consultation draft
    validity: str = "unknown"  # as last judged: pending, in_force, amended, partly_repealed, repealed, expired, draft


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Hits of one page. `count` is of all hits, exact up to 1,000 (`count_exact`), beyond about.

    `after` asks for the next page; None: this is the last. `facets` are there where they were asked for."""

    hits: tuple[SearchHit, ...]
    count: int
    count_exact: bool
    after: str | None = None
    facets: Facets | None = None


def search(
    engine: Engine,
    query: Query | str,
    *,
    limit: int = 20,
    offset: int = 0,
    published_from: date | None = None,
    published_to: date | None = None,
    order: Order = "date",
    after: str | None = None,
    facets: bool = False,
) -> SearchResult:
    """The documents that match, the latest published first; by relevance those whose number or title has the words
    come first (see `ranks`). `after` goes on where an earlier result of the same query and order ended.

    Raises QueryError for a text that is no query, OperatorError for an `after` that no result gave. Documents without
    a date stand at the day they were found."""
    query = parse(query) if isinstance(query, str) else query
    first = published_from.toordinal() * PER_DAY if published_from else 0
    last = (published_to or date.max).toordinal() * PER_DAY + PER_DAY - 1
    skipped, end = _cursor(after, order, last)
    with reading(engine) as session:
        whole = _Candidates.of(session, query, first, last)
        count, exact = whole.count()
        if order == "date":
            walk = _Candidates.of(session, query, first, end).walk()
        else:
            walk = chain.from_iterable(_Candidates.of(session, rank, first, last).walk() for rank in ranks(query))
        start = offset + skipped
        found = list(islice(walk, start, start + limit + 1))
        more = len(found) > limit
        found = found[:limit]
        counted = count_facets(session, list(islice(whole.walk(), COUNTED_EXACTLY)), exact) if facets else None
        hits = _hits(session, found, query)
        following = None
        if more and found:
            following = f"r{start + limit}" if order == "relevance" else f"d{_rowid(session, found[-1][1])}"
    return SearchResult(hits, count, exact, following, counted)


def _cursor(after: str | None, order: Order, last: int) -> tuple[int, int]:
    """How many hits to skip, and the last row to look at."""
    if after is None:
        return 0, last
    if not re.fullmatch(r"[dr][0-9]{1,15}", after) or (after[0] == "r") != (order == "relevance"):
        raise OperatorError(f"{after!r} is no place in this result: give what the page before named, in the same order")
    return (int(after[1:]), last) if order == "relevance" else (0, min(last, int(after[1:]) - 1))


def _rowid(session: Session, version_id: int) -> int:
    current = select(SearchEntry.rowid).where(SearchEntry.version_id == version_id, SearchEntry.current.is_(True))
    return session.execute(current).scalar_one()


def ranks(query: Query) -> list[Query]:
    """The query split into parts without overlap, the most relevant first: a number that was asked for is the
    document's own; its title has all the words; has one of them; the rest. Within each the newest come first.

    Both databases have what this needs; neither counts words, as bm25 would."""
    words = [term for term in query.terms() if term.field is None]
    if not words:
        return [query]
    numbers = [Term(term.text, "number", number_forms(term.text)) for term in words if number_key(term.text)]
    titles = tuple(Term(term.text, "title", term.phrases) for term in words)
    tiers: list[Node] = [Some(tuple(numbers))] if numbers else []
    tiers += [All(titles), Some(titles)] if len(titles) > 1 else [titles[0]]
    parts: list[Query] = []
    for place, tier in enumerate(tiers):
        parts.append(Query(query.text, All((query.root, tier, *(Not(better) for better in tiers[:place])))))
    return [*parts, Query(query.text, All((query.root, *(Not(tier) for tier in tiers))))]


@dataclass(frozen=True, slots=True)
class _Candidates:
    """A query put to the index within a range of rows."""

    session: Session
    query: Query
    index: "_Index"
    exact: bool  # whether the index alone decides

    @classmethod
    def of(cls, session: Session, query: Query, first: int, last: int) -> "_Candidates":
        expression, exact = _candidates(query.root)
        return cls(session, query, _Index(session, expression, first, last), exact)

    def walk(self) -> Iterator[tuple[int, int]]:
        """(document, version) of all that match, the newest first."""
        offset, batch = 0, 50
        while rows := self.index.rows(offset, batch):
            texts = {} if self.exact else _texts(self.session, rows)
            for row in rows:
                if self.exact or self.query.matches(texts[row[0]]) is not None:
                    yield row
            offset, batch = offset + len(rows), 400

    def count(self) -> tuple[int, bool]:
        """How many match, and whether that is exact."""
        if self.exact:
            count, complete = self.index.count(COUNTED_EXACTLY + 1)
        else:
            count = sum(1 for _ in islice(self.walk(), COUNTED_EXACTLY + 1))
            complete = count <= COUNTED_EXACTLY
        return (count, True) if complete else (max(count, self.index.estimate()), False)


# -- the index -----------------------------------------------------------------------------------------------------

# What the index is asked: a token, or (operator, operands). None asks nothing: every document is a candidate.
Expression = str | tuple[str, tuple["Expression", ...]]


def _candidates(node: Node) -> tuple[Expression | None, bool]:  # noqa: PLR0911 - one for each kind of node
    """What to ask the index for `node`, and whether its answer needs no check."""
    match node:
        case Everything():
            return None, True
        case Term():
            return _term(node)
        case Days():
            return ("or", tuple(tokens.range_tokens(node.first, node.last, tokens.DATES[node.field]))), True
        case Not():
            inner, exact = _candidates(node.node)
            if inner is None or not exact:
                return None, False  # a superset cannot be taken away
            return ("not", (inner,)), True
        case All():
            parts = [_candidates(child) for child in node.nodes]
            asked = tuple(part for part, _ in parts if part is not None)
            return (("and", asked) if asked else None), all(exact for _, exact in parts)
        case Some():
            parts = [_candidates(child) for child in node.nodes]
            exact = all(exact for _, exact in parts)
            if any(part is None for part, _ in parts):
                return None, exact
            return ("or", tuple(part for part, _ in parts if part is not None)), exact


_FACETS = {
    "type": tokens.TYPE, "source": tokens.SOURCE, "validity": tokens.VALIDITY, "kind": tokens.KIND,
}  # fmt: skip


def _term(term: Term) -> tuple[Expression, bool]:
    if term.field in _FACETS:
        return tokens.facet(_FACETS[term.field], term.phrases[0]), True
    forms: list[Expression] = []
    exact = term.field != "attachment"  # its words share the tokens of the whole document
    for phrase in term.phrases:
        needed, decides = tokens.query_tokens(phrase, PREFIXES.get(term.field or "", ""))
        step = max(1, -(-len(needed) // TOKENS_OF_A_PHRASE))
        forms.append(("and", tuple(needed[::step])))
        exact = exact and decides
    return (forms[0] if len(forms) == 1 else ("or", tuple(forms))), exact


class _Index:
    """The full-text table of either database, asked for one expression within a range of row ids."""

    def __init__(self, session: Session, expression: Expression | None, first: int, last: int) -> None:
        self.session = session
        self.bounds: dict[str, int | str] = {"first": first, "last": last}
        sqlite = session.get_bind().dialect.name == "sqlite"
        if expression is None:
            self.source = "search_map"
        elif sqlite:
            # CROSS JOIN: the index leads, so that rows come in its order and the first page ends early.
            self.source = "document_fts CROSS JOIN search_map ON search_map.rowid = document_fts.rowid"
            self.bounds["asked"] = _for_sqlite(expression)
        else:
            # Materialized: otherwise the planner walks all rows by date and tests each (580 ms to 0.3 ms, measured).
            self.source = (
                "(WITH found AS MATERIALIZED (SELECT rowid FROM document_fts WHERE tokens @@ CAST(:asked AS tsquery))"
                " SELECT search_map.* FROM found JOIN search_map ON search_map.rowid = found.rowid) AS search_map"
            )
            self.bounds["asked"] = _for_postgresql(expression)
        key = "document_fts.rowid" if expression is not None and sqlite else "search_map.rowid"
        matching = "document_fts MATCH :asked AND " if expression is not None and sqlite else ""
        self.where = f"{matching}{key} BETWEEN :first AND :last AND search_map.current"
        self.key = key

    def rows(self, offset: int, limit: int) -> list[tuple[int, int]]:
        """(document, version) of candidates, the newest first."""
        statement = (
            f"SELECT search_map.document_id, search_map.version_id FROM {self.source} WHERE {self.where}"  # noqa: S608
            f" ORDER BY {self.key} DESC LIMIT :limit OFFSET :offset"
        )
        bound = {**self.bounds, "limit": limit, "offset": offset}
        return [(document, version) for document, version in self.session.execute(text(statement), bound)]

    def count(self, most: int) -> tuple[int, bool]:
        """How many candidates there are, counting to `most`; and whether that is all."""
        statement = f"SELECT count(*) FROM (SELECT 1 FROM {self.source} WHERE {self.where} LIMIT :most) AS counted"  # noqa: S608
        count = int(self.session.execute(text(statement), {**self.bounds, "most": most}).scalar_one())
        return count, count < most

    def estimate(self) -> int:
        """How many candidates there are."""
        statement = f"SELECT count(*) FROM {self.source} WHERE {self.where}"  # noqa: S608
        return int(self.session.execute(text(statement), self.bounds).scalar_one())


def _for_sqlite(expression: Expression) -> str:
    """An FTS5 query. Every token is quoted; tokens hold no quotation mark, so nothing of the user's is syntax."""
    match expression:
        case str():
            return f'"{expression[:-1]}"*' if expression.endswith("*") else f'"{expression}"'
        case ("not", (inner,)):
            return f'("{EVERY}" NOT {_for_sqlite(inner)})'
        case (operator, operands):
            return "(" + f" {operator.upper()} ".join(_for_sqlite(operand) for operand in operands) + ")"


def _for_postgresql(expression: Expression) -> str:
    """A tsquery literal, quoted in the same way."""
    match expression:
        case str():
            return f"'{expression[:-1]}':*" if expression.endswith("*") else f"'{expression}'"
        case ("not", (inner,)):
            return f"('{EVERY}' & !{_for_postgresql(inner)})"
        case (operator, operands):
            sign = "&" if operator == "and" else "|"
            return "(" + f" {sign} ".join(_for_postgresql(operand) for operand in operands) + ")"


def _texts(session: Session, rows: Sequence[tuple[int, int]]) -> dict[int, MatchText]:
    documents = [document for document, _ in rows]
    sources, files = sources_of(session, documents), files_of(session, documents)
    validity = validity_of(session, documents)
    query = (
        select(Document, Reading)
        .join(Version, Version.document_id == Document.id)
        .join(Reading, Reading.id == Version.reading_id)
        .where(Version.id.in_([version for _, version in rows]))
    )
    found = session.execute(query).all()
    organs = organs_of(session, [reading_.id for _, reading_ in found])
    return {
        document.id: match_text(
            document,
            reading_,
            organs[reading_.id],
            sources[document.id],
            files=files.get(document.id, ""),
            validity=validity[document.id],
        )
        for document, reading_ in found
    }


# -- what is shown -------------------------------------------------------------------------------------------------


def _hits(session: Session, rows: Sequence[tuple[int, int]], query: Query) -> tuple[SearchHit, ...]:
    found = (
        select(Document, Reading, Version, Page.url)
        .join(Version, Version.document_id == Document.id)
        .join(Reading, Reading.id == Version.reading_id)
        .outerjoin(Page, (Page.document_id == Document.id) & Page.is_original.is_(True))
        .where(Version.id.in_([version for _, version in rows]))
    )
    files = file_texts(session, [document for document, _ in rows])
    validity = validity_of(session, [document for document, _ in rows])
    by_document = {
        document.id: SearchHit(
            document_id=document.id, version_id=version.id, title=document.title, number=document.number,
            issuer=document.issuer, type=document.type, published=document.published, state=document.state,
            source_id=document.source_id, url=url, title_highlights=marked(document.title or "", query, TITLE),
            snippet=best_snippet(body_text(reading_.blocks), files.get(document.id, ()), query),
            deadline=document.deadline, validity=validity[document.id],
        )
        for document, reading_, version, url in session.execute(found)
    }  # fmt: skip
    return tuple(by_document[document] for document, _ in rows)
