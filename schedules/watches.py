"""Matching: published events against all watches. What matched is stored as alerts, with their deliveries staged.

An event is matched once; a version that something arrives for later is matched again, for watches that did not match.
A crash before `store_matches` commits repeats the matching; nothing is sent from here.
"""

import gc
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from schedules import digests
from schedules.alike import SharedTerms
from schedules.anchors import EVENT, LEVEL, PLACE, SUBJECT, Anchors, Asked, any_of, asked, fact, tokens_of
from schedules.kinds import DOCUMENT_EVENTS, EVENTS, OPERATOR_EVENTS, SOURCE_EVENTS
from storage import tokens
from storage.errors import OperatorError
from storage.faults import fp
from storage.query import MatchText, Query, TermHit, asked_issuer, parse
from storage.regions import lies_in, path_of
from storage.search_index import PREFIXES
from storage.watching import NewAlert, UnmatchedEvent, WatchBook, WatchRow

__all__ = [
    "DOCUMENT_EVENTS", "FILTERS", "OPERATOR_EVENTS", "SOURCE_EVENTS", "Filters", "Matcher", "WatchSet", "match_pending",
    "read_filters", "source_text",
]  # fmt: skip

MANY = 10_000  # watches that are worth keeping from the garbage collector
BATCH = 200  # events matched and stored in one transaction

FILTERS: Final = ("events", "sources", "types", "issuers", "levels", "regions", "topics")
LEVELS: Final = frozenset({"central", "province", "city", "district", "news", "any"})

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Filters:
    """What a watch asks for beside its query. Empty: no condition; `events` empty: every event of a document.

    Levels, regions and topics are those of the sources that found the document. A region holds those within it: 广东 or
    深圳 finds 广东/深圳."""

    events: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    issuers: tuple[str, ...] = ()  # canonical, in every form asked for; part of a name is enough
    levels: frozenset[str] = frozenset()
    regions: tuple[tuple[str, ...], ...] = ()  # paths, as 广东, 深圳
    topics: frozenset[str] = frozenset()

    def admit(self, event: UnmatchedEvent, text: MatchText) -> bool:
        """Whether an event meets every condition."""
        return self.refusal(event, text) is None

    def refusal(self, event: UnmatchedEvent, text: MatchText) -> str | None:
        """The filter that an event does not meet, the first of FILTERS; None where it meets them all."""
        row = event.event
        names = text.of_field["issuer"]
        rules = (
            ("events", row.kind in (self.events or DOCUMENT_EVENTS)),
            ("sources", not self.sources.isdisjoint(_sources(event)) if self.sources else not row.also),
            ("types", not self.types or text.type in self.types),
            ("issuers", not self.issuers or any(tokens.contains(n, one) >= 0 for n in names for one in self.issuers)),
            ("levels", not self.levels or not self.levels.isdisjoint(event.levels)),
            ("regions", not self.regions or any(lies_in(one, path) for one in event.regions for path in self.regions)),
            ("topics", not self.topics or not self.topics.isdisjoint(event.topics)),
        )
        return next((name for name, met in rules if not met), None)

    def asked(self) -> Asked:
        """The tokens that an event which meets every condition has (`event_tokens`, and those of its text)."""
        groups = (
            (EVENT, self.events or DOCUMENT_EVENTS), (tokens.SOURCE, self.sources), (tokens.TYPE, self.types),
            (LEVEL, self.levels), (PLACE, [path[-1] for path in self.regions]), (SUBJECT, self.topics),
        )  # fmt: skip
        found = Asked()
        for prefix, values in groups:
            if values and values != DOCUMENT_EVENTS:
                found += any_of(fact(prefix, value) for value in values)
        names = [frozenset(_name_tokens(issuer)) for issuer in self.issuers]
        if names and all(names):
            found += Asked(one_of=(tuple(names),)) if len(names) > 1 else Asked(names[0])
        return found


NO_FILTERS: Final = Filters()


def _name_tokens(issuer: str) -> list[str]:
    needed = tokens.query_tokens(issuer, PREFIXES["issuer"])[0]
    return [token for token in needed if not token.endswith("*")]


def _sources(event: UnmatchedEvent) -> set[str]:
    row = event.event
    return {row.source_id} if row.also else {row.source_id, *event.sources}


def event_tokens(event: UnmatchedEvent) -> Iterator[str]:
    """What filters look for beside the text."""
    yield fact(EVENT, event.event.kind)
    yield from (fact(tokens.SOURCE, source) for source in _sources(event))
    yield from (fact(LEVEL, level) for level in event.levels)
    yield from (fact(PLACE, place) for region in event.regions for place in path_of(region))
    yield from (fact(SUBJECT, topic) for topic in event.topics)


def read_filters(given: Mapping[str, Any]) -> Filters:
    """The filters of a watch, by the names in FILTERS, each a list of texts.

    Raises OperatorError for an unknown key, kind of event or level, or a value that is no list of texts."""
    for key, values in given.items():
        if key not in FILTERS:
            raise OperatorError(f"filters: no filter {key!r}; there are {', '.join(FILTERS)}")
        if not isinstance(values, list | tuple) or not all(isinstance(value, str) and value for value in values):
            raise OperatorError(f"filters: {key}: expected a list of texts, found {values!r}")
    for key, what, known in (("events", "kind of event", EVENTS), ("levels", "level", LEVELS)):
        if unknown := sorted(set(given.get(key, ())) - known):
            raise OperatorError(f"filters: {key}: no {what} {unknown[0]!r}; there are {', '.join(sorted(known))}")
    issuers = [asked_issuer(name) for name in given.get("issuers", ())]
    if not all(issuers):
        raise OperatorError("filters: issuers: a name holds no letter, digit or Chinese character")
    sets = {key: frozenset(given.get(key, ())) for key in FILTERS if key not in {"issuers", "regions"}}
    regions = tuple(dict.fromkeys(path for region in given.get("regions", ()) if (path := path_of(region))))
    return Filters(**sets, regions=regions, issuers=tuple(dict.fromkeys(form for forms in issuers for form in forms)))


class WatchSet:
    """All watches, ready for matching. They come and go one by one. A watch that cannot be read is left out and said,
    the others go on."""

    def __init__(self, watches: Iterable[WatchRow] = ()) -> None:
        self._watches: dict[int, tuple[WatchRow, Query, Filters]] = {}
        self._anchors: Anchors[int] = Anchors()
        self._terms = SharedTerms()
        self.put(watches)

    def __len__(self) -> int:
        return len(self._watches)

    def put(self, watches: Iterable[WatchRow]) -> None:
        """Add watches, or what became of them; one that is disabled goes."""
        questions: dict[int, Asked] = {}
        for watch in watches:
            self._anchors.remove(watch.id)
            self._watches.pop(watch.id, None)
            if not watch.enabled:
                continue
            try:
                query, filters = parse(watch.query), read_filters(watch.filters) if watch.filters else NO_FILTERS
            except OperatorError as error:
                logger.error("watch %r cannot be matched: %s", watch.name, error)  # noqa: TRY400 - the text says it
                continue
            self._watches[watch.id] = watch, self._terms.within(query), filters
            questions[watch.id] = asked(query.root) + filters.asked()
        self._anchors.add_all(questions)

    def watch(self, watch_id: int) -> WatchRow:
        """The watch of that id."""
        return self._watches[watch_id][0]

    def match(self, event: UnmatchedEvent) -> list[tuple[int, list[TermHit]]]:
        """The watches that an event matches, in their order, each with the terms found and where.

        Backlog counts only for watches that include it; what arrives later, only for those that there were before."""
        text = event.text or source_text(event)
        has = tokens_of(text)
        has.update(event_tokens(event))
        self._terms.begin(has)
        unfiltered = NO_FILTERS.admit(event, text)
        matched = []
        for watch_id in sorted(self._anchors.candidates(has)):
            watch, query, filters = self._watches[watch_id]
            if (event.is_backlog and not watch.include_backlog) or (event.later and is_new(watch, event)):
                continue
            try:
                admitted = unfiltered if filters is NO_FILTERS else filters.admit(event, text)
                hits = query.matches(text) if admitted else None
            except Exception:  # a mistake of ours in one query and one text must not hold up all alerts for ever
                logger.exception("watch %r could not be matched with event %d", watch.name, event.event.id)
                continue
            if hits is not None:
                matched.append((watch_id, hits))
        return matched


def is_new(watch: WatchRow, event: UnmatchedEvent) -> bool:
    """Whether a watch asks what it asks only since the event was told: what arrives later for it is none of its."""
    published = event.event.published_at
    return published is not None and published < (watch.follows_since or watch.created_at)


def source_text(event: UnmatchedEvent) -> MatchText:
    """What a query can say of a source's event: the source's name and what is wrong with it."""
    row = event.event
    return MatchText(title=row.source_name, number=None, issuer=None, body=row.reason, type="source",
                     sources=event.sources)  # fmt: skip


@dataclass(slots=True)
class Matcher:
    """Matches on one archive. The watches are kept between passes; a pass reads those that changed since."""

    book: WatchBook
    watches: WatchSet = field(default_factory=WatchSet)
    revision: int = -1

    def refresh(self) -> WatchSet:
        """The watches as they are now."""
        self.revision, changed = self.book.changed_watches(self.revision)
        self.watches.put(changed)
        if len(changed) >= MANY:
            gc.collect()
            gc.freeze()  # else each full collection looks at millions of objects: 2 s in the middle of a document
        return self.watches

    def run(self) -> int:
        """Match every published event that was not matched yet, and what arrived later; answers how many alerts are
        new. What a clock that was set back has put too far ahead is brought back, too."""
        count = 0
        while events := self.book.unmatched_events(limit=BATCH):
            self.refresh()
            fp("matching")
            count += len(self.book.store_matches([event.event.id for event in events], self._alerts(events)))
            fp("matched")
        while True:
            events, enrichments = self.book.enriched_events(limit=BATCH)
            if not enrichments:
                break
            self.refresh()
            fp("matching-again")
            count += len(self.book.store_matches([], self._alerts(events), enrichments))
            fp("matched-again")
        if moved := self.book.mend_due(digests.due_again):
            logger.warning("%d messages waited for a time that the clock, set back since, put too far ahead", moved)
        return count

    def _alerts(self, events: Sequence[UnmatchedEvent]) -> list[NewAlert]:
        now = self.book.clock.now()
        alerts: list[NewAlert] = []
        dues: dict[tuple[str, str | None, str], digests.Due] = {}
        for event in events:
            for watch_id, hits in self.watches.match(event):
                watch = self.watches.watch(watch_id)
                rhythm = watch.cadence, watch.quiet, watch.zone
                if rhythm not in dues:
                    dues[rhythm] = _due(watch, now)
                due = dues[rhythm]
                alerts.append(NewAlert(watch_id, event.event.id, hits, due.at, due.digest, event.later))
        return alerts


def _due(watch: WatchRow, now: datetime) -> digests.Due:
    try:
        return digests.due(watch.cadence, watch.quiet, watch.zone, now)
    except (OperatorError, ValueError, LookupError):  # written by hand into the database: told at once is told
        logger.exception("watch %r: its cadence cannot be read; it tells at once", watch.name)
        return digests.Due(now)


def match_pending(book: WatchBook) -> int:
    """Match everything once; answers how many alerts are new."""
    return Matcher(book).run()
