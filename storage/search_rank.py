"""Relevance that both databases share: tiers that the index tells apart, and density within a bounded number of hits.

First documents whose own number was asked for, then those whose title has all the words, then those whose title has
one, then the rest; each tier in blocks of the newest 200, and in a block those first whose text has most of the words,
then those that have them most often for their length, then the newest. No word is counted over the whole archive, as
bm25 would: PostgreSQL has no such counts, and at a million documents it took 712 ms (measured 2026-11)."""

from collections.abc import Iterator
from itertools import islice

from sqlalchemy.orm import Session

from storage import tokens
from storage.identity import number_key
from storage.match_text import MatchText, number_forms
from storage.query_tree import All, Node, Not, Query, Some, Term
from storage.search_asking import Row
from storage.search_texts import kept_texts

BLOCK = 200  # hits that are compared with each other by density
SHORT = 1_000  # characters; a shorter text counts as so long, else a caption of three words would be the densest


def ranks(query: Query) -> list[Query]:
    """The query split into parts without overlap, the most relevant first."""
    words = _words(query)
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


def densest(session: Session, query: Query, rows: Iterator[Row]) -> Iterator[Row]:
    """Rows of one tier, newest first, in the order of density within each block."""
    if not _words(query):
        yield from rows
        return
    while block := list(islice(rows, BLOCK)):
        texts = kept_texts(session, [row.rowid for row in block])
        yield from sorted(block, key=lambda row: density(query, texts[row.rowid]), reverse=True)


def density(query: Query, document: MatchText) -> tuple[int, int]:
    """How many of the query's words its text and files have, and how often they stand in a million characters."""
    texts = [text for place, text in document.places if place in {"body", "attachment"}]
    counts = [sum(_occurrences(text, word) for text in texts) for word in _words(query)]
    return sum(1 for count in counts if count), sum(counts) * 1_000_000 // max(SHORT, sum(map(len, texts)))


def _occurrences(canonical_text: str, word: Term) -> int:
    """How often it stands there, in any of its forms; one that holds another is counted with it."""
    forms = [
        form
        for form in word.phrases
        if not any(other != form and tokens.contains(form, other) >= 0 for other in word.phrases)
    ]
    return sum(tokens.count(canonical_text, form) for form in forms)


def _words(query: Query) -> list[Term]:
    return [term for term in query.terms() if term.field is None]
