"""Counts of hits by issuer, region, kind, type, year, validity, topic and source."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isqrt

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import Document, Reading, Version
from storage.search_asking import Row
from storage.search_index import organs_of, sources_of, validity_of
from storage.search_places import SourcePlace, places_of

Counts = tuple[tuple[str, int], ...]  # (value, documents), the most frequent first

LOOKED_AT = 2_000  # hits of very many by which their facets are estimated
BATCH = 500  # looked at with one question to the database


@dataclass(frozen=True, slots=True)
class Facets:
    """How many hits have each value; a document counts under each of its issuers, sources and their regions.

    `of`: how many hits there are. Where `exact` is false, counts are those of `looked_at` hits, taken evenly from all
    times and scaled: about."""

    issuer: Counts
    region: Counts  # of its sources: 广东, 广东/深圳; 中央 for central bodies
    kind: Counts
    type: Counts
    year: Counts  # of publication
    validity: Counts
    topic: Counts
    source: Counts
    of: int
    exact: bool
    looked_at: int

    def counts(self) -> dict[str, Counts]:
        """The counts of each field."""
        return {name: getattr(self, name) for name in _COUNTED}


_COUNTED = ("issuer", "region", "kind", "type", "year", "validity", "topic", "source")


def one_in(count: int) -> int:
    """Of how many hits one is looked at, so that it is about `LOOKED_AT` of them: 1, or a prime that is not 2 or 5."""
    step = max(1, count // LOOKED_AT)
    while step > 1 and (step in {2, 5} or any(step % divisor == 0 for divisor in range(2, isqrt(step) + 1))):
        step += 1
    return step


def count_facets(session: Session, rows: Sequence[Row], count: int, *, exact: bool) -> Facets:
    """Count these hits; there are `count` of them in all, where `exact` is false about so many."""
    places = places_of(session)
    counters: dict[str, Counter[str]] = {name: Counter() for name in _COUNTED}
    for start in range(0, len(rows), BATCH):
        for name, value in _values(session, rows[start : start + BATCH], places):
            if value:
                counters[name][value] += 1
    scale = count / len(rows) if rows and not exact else 1
    counts = {name: _sorted(counter, scale) for name, counter in counters.items()}
    return Facets(**counts, of=count, exact=exact, looked_at=len(rows))


def _sorted(counter: Counter[str], scale: float) -> Counts:
    scaled = ((value, round(number * scale)) for value, number in counter.items())
    return tuple(sorted(scaled, key=lambda item: (-item[1], item[0])))


def _values(
    session: Session, rows: Sequence[Row], places: Mapping[str, SourcePlace]
) -> Iterator[tuple[str, str | None]]:
    """(field, value) for each value of each document."""
    ids = [row.document for row in rows]
    query = (
        select(Document.type, Document.published, Document.issuer, Reading.id, Reading.kind, Reading.topic)
        .join(Version, Version.document_id == Document.id)
        .join(Reading, Reading.id == Version.reading_id)
        .where(Version.id.in_([row.version for row in rows]))
    )
    found = session.execute(query).all()
    organs = organs_of(session, [row.id for row in found])
    for type_, published, issuer, reading_id, kind, topic in found:
        yield from (("kind", kind), ("topic", topic), ("type", type_))
        yield "year", str(published.year) if published else None
        yield from (("issuer", name) for name in organs[reading_id] or (issuer,))
    yield from (("validity", state) for state in validity_of(session, ids).values())
    for sources in sources_of(session, ids).values():
        yield from (("source", source) for source in sources)
        yield from (("region", region) for region in _regions(places[source] for source in sources))


def _regions(places: Iterable[SourcePlace]) -> set[str]:
    """Each region and those that it lies in, as a query names them."""
    found: set[str] = set()
    for place in places:
        parts = place.region.split("/") if place.region else []
        found.update("/".join(parts[:end]) for end in range(1, len(parts) + 1))
        if place.level == "central":
            found.add("中央")
    return found
