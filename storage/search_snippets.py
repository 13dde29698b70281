"""What is shown of a hit: a piece of its text or of a file, with the places of what was searched for. Pure.

Marks are places in plain text; whoever shows them escapes the text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from storage import tokens
from storage.query import Query

SNIPPET_LENGTH = 120  # characters
BODY: frozenset[str | None] = frozenset({None})  # what terms are marked where: those of no field, and …
TITLE: frozenset[str | None] = frozenset({None, "title"})
ATTACHMENT: frozenset[str | None] = frozenset({None, "attachment"})

Span = tuple[int, int]  # start and end in a text


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of the body, or of a file, and what of it was searched for. `page` is a page or sheet of the file."""

    text: str
    highlights: tuple[Span, ...]
    file: str | None = None
    page: str | None = None


class FileText(NamedTuple):
    """The text of an attached file; `places`: [[offset, page or sheet], …]."""

    name: str
    text: str
    places: Sequence[Any]


def best_snippet(body: str, files: Sequence[FileText], query: Query) -> Snippet:
    """A piece of the body or, where only a file has the words or they are asked of files, of the first that has."""
    found = snippet(body, query)
    if found.highlights:
        return found
    for file in files:
        spans = marked(file.text, query, ATTACHMENT)
        if spans:
            pages = [page for offset, page in file.places if offset <= spans[0][0]]
            other = snippet(file.text, query, ATTACHMENT)
            return replace(other, file=file.name, page=pages[-1] if pages else None)
    return found


def snippet(body: str, query: Query, fields: frozenset[str | None] = BODY) -> Snippet:
    """The piece of `body` that holds the most of what was searched for; its beginning where that holds nothing.

    Terms of these fields count; None stands for terms without one."""
    spans = marked(body, query, fields)
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


def marked(shown: str, query: Query, fields: frozenset[str | None]) -> tuple[Span, ...]:
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
