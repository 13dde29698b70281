"""Full-text search over the current version of every document, newest first; the same answers on both databases.

The index gives a superset of the hits (see `tokens`); each row that is shown or counted is checked against its text.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain, islice
from typing import Literal

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from storage.engine import reading
from storage.errors import OperatorError
from storage.models import Document, Page, Reading, Version
from storage.query import All, MatchText, Query, QueryError, TermHit, parse
from storage.search_asking import Asked, Index, Row
from storage.search_facets import Facets, count_facets, one_in
from storage.search_index import PER_DAY, body_text, file_texts, match_text, validity_of
from storage.search_places import placed
from storage.search_question import question
from storage.search_rank import densest, ranks
from storage.search_snippets import TITLE, Snippet, Span, best_snippet, marked, snippet
from storage.search_texts import checker, kept

__all__ = [
    "COUNTED_EXACTLY", "Facets", "MatchText", "Order", "Query", "QueryError", "SearchHit", "SearchResult", "Snippet",
    "TermHit", "match_text", "matching", "parse", "search", "snippet",
]  # fmt: skip

Order = Literal["date", "relevance"]

COUNTED_EXACTLY = 1_000  # beyond, a count may be up to half a percent too high


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

    `after` asks for the next page; None: this is the last. `facets` are there where they were asked for. `synonyms`:
    the words of the query that were looked for by others too, and these."""

    hits: tuple[SearchHit, ...]
    count: int
    count_exact: bool
    after: str | None = None
    facets: Facets | None = None
    synonyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


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
    come first (see `search_rank`). `after` goes on where an earlier result of the same query and order ended.

    Raises QueryError for a text that is no query, OperatorError for an `after` that no result gave. Documents without
    a date stand at the day they were found."""
    query = parse(query) if isinstance(query, str) else query
    first = published_from.toordinal() * PER_DAY if published_from else 0
    last = (published_to or date.max).toordinal() * PER_DAY + PER_DAY - 1
    skipped, end = _cursor(after, order, last)
    _of_texts(query)
    with reading(engine) as session:
        query = placed(session, query)
        index = Index(session)
        whole = _Candidates(index, query, first, last)
        newest = list(islice(whole.walk(), COUNTED_EXACTLY + 1))
        exact = len(newest) <= COUNTED_EXACTLY
        count = len(newest) if exact else max(len(newest), whole.asked.about())
        start = offset + skipped
        walk: Iterator[Row]
        if order == "relevance":
            tiers = (_Candidates(index, tier, first, last).walk() for tier in ranks(query))
            walk = chain.from_iterable(densest(session, query, tier) for tier in tiers)
        elif exact or (after is None and start + limit < len(newest)):  # then all that is asked for is there
            walk = (row for row in newest if row.rowid <= end)
        else:
            walk = _Candidates(index, query, first, end).walk()
        found = list(islice(walk, start, start + limit + 1))
        more = len(found) > limit
        found = found[:limit]
        counted = _facets(session, whole, count, exact) if facets else None
        hits = _hits(session, found, query)
        following = None
        if more and found:
            following = f"r{start + limit}" if order == "relevance" else f"d{found[-1].rowid}"
    return SearchResult(hits, count, exact, following, counted, query.synonyms())


def _facets(session: Session, whole: "_Candidates", count: int, exact: bool) -> Facets:
    """Counts of all hits or, of more than can be looked at, of a part taken evenly from all times."""
    every = 1 if exact else one_in(count)
    return count_facets(session, list(whole.walk(every)), count, exact=exact)


def matching(engine: Engine, query: Query | str) -> list[int]:
    """All documents that match, the latest published first."""
    query = parse(query) if isinstance(query, str) else query
    _of_texts(query)
    with reading(engine) as session:
        asked = _Candidates(Index(session), placed(session, query), 0, (date.max.toordinal() + 1) * PER_DAY)
        return [row.document for row in asked.walk()]


def _of_texts(query: Query) -> None:
    asked = [term for term in query.all_terms() if term.field in {"change", "in"}]
    for term in sorted(asked, key=lambda term: term.field != "in"):
        raise QueryError(
            "in:change and change: are for watches, which are told what changed; a search looks at the texts as "
            "they are now. 'policy-crawler diff' and 'history' show what changed",
            query.text,
            term.position,
        )


def _cursor(after: str | None, order: Order, last: int) -> tuple[int, int]:
    """How many hits to skip, and the last row to look at."""
    if after is None:
        return 0, last
    if not re.fullmatch(r"[dr][0-9]{1,15}", after) or (after[0] == "r") != (order == "relevance"):
        raise OperatorError(f"{after!r} is no place in this result: give what the page before named, in the same order")
    return (int(after[1:]), last) if order == "relevance" else (0, min(last, int(after[1:]) - 1))


def _undecided(query: Query) -> Query:
    """What of a query must be looked at in a candidate: not what the index has decided for all of them."""
    if not isinstance(query.root, All):
        return query
    return Query(query.text, All(tuple(child for child in query.root.nodes if not question(child).exact)))


class _Candidates:
    """A query put to the index within a range of rows."""

    def __init__(self, index: Index, query: Query, first: int, last: int) -> None:
        self.session, self.query = index.session, query
        self.asked = Asked(index, question(query.root), first, last)
        self.exact = self.asked.question.exact
        self.holds = checker(_undecided(query))

    def walk(self, every: int = 1) -> Iterator[Row]:
        """All that match, the newest first; or about one in so many."""
        for rows in self.asked.batches(50, 400, every):
            contents = {} if self.exact else kept(self.session, [row.rowid for row in rows])
            for row in rows:
                if self.exact or self.holds(contents[row.rowid]):
                    yield row


# -- what is shown -------------------------------------------------------------------------------------------------


def _hits(session: Session, rows: Sequence[Row], query: Query) -> tuple[SearchHit, ...]:
    found = (
        select(Document, Reading, Version, Page.url)
        .join(Version, Version.document_id == Document.id)
        .join(Reading, Reading.id == Version.reading_id)
        .outerjoin(Page, (Page.document_id == Document.id) & Page.is_original.is_(True))
        .where(Version.id.in_([row.version for row in rows]))
    )
    files = file_texts(session, [row.document for row in rows])
    validity = validity_of(session, [row.document for row in rows])
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
    return tuple(by_document[row.document] for row in rows)
