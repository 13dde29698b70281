"""Full-text search over the current version of every document, newest first; the same answers on both databases.

The index gives a superset of the hits (see `tokens`); each row that is shown or counted is checked against its text.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from storage import tokens
from storage.engine import reading
from storage.models import Document, Page, Reading, Version
from storage.query import All, Days, Everything, MatchText, Node, Not, Query, QueryError, Some, Term, TermHit, parse
from storage.search_index import (
    EVERY,
    PER_DAY,
    PREFIXES,
    body_text,
    files_of,
    match_text,
    organs_of,
    sources_of,
    validity_of,
)

__all__ = [
    "COUNTED_EXACTLY", "MatchText", "Query", "QueryError", "SearchHit", "SearchResult", "Snippet", "TermHit",
    "match_text", "parse", "search", "snippet",
]  # fmt: skip

COUNTED_EXACTLY = 1_000  # beyond, a count may be up to half a percent too high
TOKENS_OF_A_PHRASE = 24  # enough to be rare; the recheck does the rest
SNIPPET_LENGTH = 120  # characters

BODY: frozenset[str | None] = frozenset({None})  # what terms are marked where: those of no field, and …
TITLE: frozenset[str | None] = frozenset({None, "title"})
ATTACHMENT: frozenset[str | None] = frozenset({None, "attachment"})

Span = tuple[int, int]  # start and end in a text


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of the body and what of it was searched for."""

    text: str
    highlights: tuple[Span, ...]


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
    """Hits of one page. `count` is of all hits, exact up to 1,000 (`count_exact`), beyond about."""

    hits: tuple[SearchHit, ...]
    count: int
    count_exact: bool


def search(
    engine: Engine,
    query: Query | str,
    *,
    limit: int = 20,
    offset: int = 0,
    published_from: date | None = None,
    published_to: date | None = None,
) -> SearchResult:
    """The documents that match, the latest published first. Raises QueryError for a text that is no query.

    Documents without a date stand at the day they were found."""
    query = parse(query) if isinstance(query, str) else query
    expression, exact = _candidates(query.root)
    first = published_from.toordinal() * PER_DAY if published_from else 0
    last = (published_to or date.max).toordinal() * PER_DAY + PER_DAY - 1
    with reading(engine) as session:
        index = _Index(session, expression, first, last)
        found: list[tuple[int, int]] = []
        count = 0
        complete = False
        if exact:
            count, complete = index.count(COUNTED_EXACTLY + 1)
            found = index.rows(offset, limit)
        else:
            for row in _checked(session, index, query):
                if offset <= count < offset + limit:
                    found.append(row)
                count += 1
                if count > COUNTED_EXACTLY and count >= offset + limit:
                    break
            else:
                complete = True
        if not complete:
            count = max(count, index.estimate())
        hits = _hits(session, found, query)
    return SearchResult(hits, count, complete and count <= COUNTED_EXACTLY)


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


def _checked(session: Session, index: _Index, query: Query) -> Iterator[tuple[int, int]]:
    """The candidates whose text really matches."""
    offset, batch = 0, 50
    while rows := index.rows(offset, batch):
        texts = _texts(session, rows)
        for row in rows:
            if query.matches(texts[row[0]]) is not None:
                yield row
        offset, batch = offset + len(rows), 400


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
    files = files_of(session, [document for document, _ in rows])
    validity = validity_of(session, [document for document, _ in rows])
    by_document = {
        document.id: SearchHit(
            document_id=document.id, version_id=version.id, title=document.title, number=document.number,
            issuer=document.issuer, type=document.type, published=document.published, state=document.state,
            source_id=document.source_id, url=url, title_highlights=_spans(document.title or "", query, TITLE),
            snippet=_snippet(body_text(reading_.blocks), files.get(document.id, ""), query), deadline=document.deadline,
            validity=validity[document.id],
        )
        for document, reading_, version, url in session.execute(found)
    }  # fmt: skip
    return tuple(by_document[document] for document, _ in rows)


def _snippet(body: str, files: str, query: Query) -> Snippet:
    """A piece of the body or, where only an attachment has the words, of that."""
    found = snippet(body, query)
    if found.highlights or not files:
        return found
    other = snippet(files, query, ATTACHMENT)
    return other if other.highlights else found


def snippet(body: str, query: Query, fields: frozenset[str | None] = BODY) -> Snippet:
    """The piece of `body` that holds the most of what was searched for; its beginning where that holds nothing.

    Terms of these fields count; None stands for terms without one."""
    spans = _spans(body, query, fields)
    best = 0
    if spans:
        counted = [
            (sum(1 for other in spans if start <= other[0] < start + SNIPPET_LENGTH - 20), -start) for start, _ in spans
        ]
        best = max(0, -max(counted)[1] - 20)
    end = min(len(body), best + SNIPPET_LENGTH)
    inside = tuple(
        (max(start, best) - best, min(stop, end) - best) for start, stop in spans if start < end and stop > best
    )
    return Snippet(body[best:end].replace("\n", " "), inside)


def _spans(shown: str, query: Query, fields: frozenset[str | None]) -> tuple[Span, ...]:
    """Where in `shown` the query's words stand; those of `fields` count."""
    canonical, places = tokens.canonical_with_places(shown)
    spans: set[Span] = set()
    for term in query.terms():
        if term.field not in fields:
            continue
        for phrase in term.phrases:
            start, tail = 0, canonical
            while (at := tokens.contains(tail, phrase)) >= 0 and len(spans) < 200:
                spans.add((places[start + at], places[start + at + len(phrase) - 1] + 1))
                start += at + len(phrase)
                tail = canonical[start:]
    return tuple(_merged(sorted(spans)))


def _merged(spans: list[Span]) -> Iterator[Span]:
    current: Span | None = None
    for start, end in spans:
        if current is not None and start <= current[1]:
            current = (current[0], max(current[1], end))
        else:
            if current is not None:
                yield current
            current = (start, end)
    if current is not None:
        yield current
