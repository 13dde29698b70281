"""Words that choose sources: one that no source can have is a mistake, and told as one."""

import difflib
from collections.abc import Collection

from policy_crawler.catalog import FAMILIES, Catalog
from policy_crawler.catalog.packs import in_region
from policy_crawler.errors import OperatorError
from storage.query import Query, QueryError, parse

STATES = ("new", "ok", "degraded", "blocked", "quarantined", "broken")
MOST_NAMED = 12  # words that a message lists; of more it names the nearest


def check_filters(
    catalog: Catalog,
    *,
    level: str | None = None,
    region: str | None = None,
    topic: str | None = None,
    family: str | None = None,
    state: str | None = None,
) -> None:
    """Raises OperatorError for a word that no source of the catalog has."""
    every = catalog.select()
    regions = {part for one in every if one.region for part in (one.region, *one.region.split("/"))}
    if region is not None and any(in_region(one.region, region) for one in every):
        regions.add(region)  # 广东省 for 广东
    known: tuple[tuple[str, str | None, Collection[str]], ...] = (
        ("level", level, {one.level for one in every}),
        ("region", region, regions),
        ("topic", topic, {name for one in every for name in one.topics}),
        ("family", family, FAMILIES),
        ("state", state, STATES),
    )
    for name, word, words in known:
        if word is not None and word not in words:
            raise OperatorError(f"--{name}: {_told(word, sorted(words))}")


def check_query(catalog: Catalog, text: str) -> Query:
    """The query of a watch. Raises QueryError where it cannot be read, or asks for a region or source that the catalog
    does not know: it would never tell anything."""
    query = parse(text)
    for term in query.all_terms():
        if term.field == "region":
            try:
                check_filters(catalog, region=term.phrases[0])
            except OperatorError as error:
                raise QueryError(str(error).removeprefix("--"), text, term.position) from error
        elif term.field == "source" and term.phrases[0] not in catalog.sources:
            raise QueryError(f"source: {_told(term.phrases[0], list(catalog.sources))}", text, term.position)
    return query


def _told(word: str, words: list[str]) -> str:
    if len(words) <= MOST_NAMED:
        return f"expected one of {', '.join(words)}, found {word!r}"
    near = difflib.get_close_matches(word, words, 3, 0.3)
    meant = f"; did you mean {' or '.join(near)}?" if near else ""
    return f"no source has {word!r}{meant}"
