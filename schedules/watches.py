"""Matching: published events against all watches. What matched is stored as alerts, with their deliveries staged.

An event is matched once. A crash before `store_matches` commits repeats the matching; nothing is sent from here.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from schedules.anchors import Anchors
from storage import tokens
from storage.errors import OperatorError
from storage.faults import fp
from storage.query import MatchText, Query, TermHit, asked_issuer, parse
from storage.watching import NewAlert, UnmatchedEvent, WatchBook, WatchRow

# A document's events reach every watch; a source's only those that ask for them, which are its operators'.
DOCUMENT_EVENTS: Final = frozenset(
    {"added", "changed", "withdrawn", "restored", "repealed", "in_force", "expires_soon", "expired", "deadline_near"}
)
SOURCE_EVENTS: Final = frozenset({"source_failing", "source_recovered"})

BATCH = 200  # events matched and stored in one transaction

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Filters:
    """What a watch asks for beside its query. Empty: no condition; `events` empty: every event of a document."""

    events: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    issuers: tuple[str, ...] = ()  # canonical, in every form asked for; part of a name is enough

    def admit(self, event: UnmatchedEvent, text: MatchText) -> bool:
        """Whether an event meets every condition."""
        row = event.event
        if row.kind not in (self.events or DOCUMENT_EVENTS):
            return False
        if row.also and not self.sources:
            return False
        of = {row.source_id} if row.also else {row.source_id, *event.sources}
        if self.sources and not self.sources & of:
            return False
        if self.types and text.type not in self.types:
            return False
        names = text.of_field["issuer"]
        return not self.issuers or any(tokens.contains(name, issuer) >= 0 for name in names for issuer in self.issuers)


def read_filters(given: Mapping[str, Any]) -> Filters:
    """The filters of a watch: `events`, `sources`, `types` and `issuers`, each a list of texts.

    Raises OperatorError for an unknown key, kind of event or value that is no list of texts."""
    for key, values in given.items():
        if key not in {"events", "sources", "types", "issuers"}:
            raise OperatorError(f"filters: no filter {key!r}; there are events, sources, types, issuers")
        if not isinstance(values, list | tuple) or not all(isinstance(value, str) and value for value in values):
            raise OperatorError(f"filters: {key}: expected a list of texts, found {values!r}")
    if unknown := sorted(set(given.get("events", ())) - DOCUMENT_EVENTS - SOURCE_EVENTS):
        known = ", ".join(sorted(DOCUMENT_EVENTS | SOURCE_EVENTS))
        raise OperatorError(f"filters: events: no kind of event {unknown[0]!r}; there are {known}")
    issuers = [asked_issuer(name) for name in given.get("issuers", ())]
    if not all(issuers):
        raise OperatorError("filters: issuers: a name holds no letter, digit or Chinese character")
    return Filters(
        frozenset(given.get("events", ())),
        frozenset(given.get("sources", ())),
        frozenset(given.get("types", ())),
        tuple(dict.fromkeys(form for forms in issuers for form in forms)),
    )


class WatchSet:
    """All watches, ready for matching. A watch that cannot be read is left out and said, the others go on."""

    def __init__(self, watches: Iterable[WatchRow]) -> None:
        self._watches: dict[int, tuple[WatchRow, Query, Filters]] = {}
        for watch in watches:
            try:
                self._watches[watch.id] = (watch, parse(watch.query), read_filters(watch.filters))
            except OperatorError as error:
                logger.error("watch %r cannot be matched: %s", watch.name, error)  # noqa: TRY400 - the text says it
        self._anchors = Anchors({watch_id: query for watch_id, (_, query, _) in self._watches.items()})

    def match(self, event: UnmatchedEvent) -> list[tuple[int, list[TermHit]]]:
        """The watches that an event matches, in their order, each with the terms found and where.

        Backlog counts only for watches that include it."""
        text = event.text or source_text(event)
        matched = []
        for watch_id in sorted(self._anchors.candidates(text)):
            watch, query, filters = self._watches[watch_id]
            if event.event.backlog and not watch.include_backlog:
                continue
            try:
                hits = query.matches(text) if filters.admit(event, text) else None
            except Exception:  # a mistake of ours in one query and one text must not hold up all alerts for ever
                logger.exception("watch %r could not be matched with event %d", watch.name, event.event.id)
                continue
            if hits is not None:
                matched.append((watch_id, hits))
        return matched


def source_text(event: UnmatchedEvent) -> MatchText:
    """What a query can say of a source's event: the source's name and what is wrong with it."""
    row = event.event
    return MatchText(title=row.source_name, number=None, issuer=None, body=row.reason, type="source",
                     sources=event.sources)  # fmt: skip


def match_pending(book: WatchBook) -> int:
    """Match every published event that was not matched yet; answers how many alerts are new."""
    count = 0
    watches: WatchSet | None = None
    while events := book.unmatched_events(limit=BATCH):
        watches = watches or WatchSet(book.watches())
        fp("matching")
        count += len(book.store_matches([event.event.id for event in events], _alerts(watches, events)))
        fp("matched")
    return count


def _alerts(watches: WatchSet, events: Sequence[UnmatchedEvent]) -> list[NewAlert]:
    return [
        NewAlert(watch_id=watch_id, event_id=event.event.id, terms=hits)
        for event in events
        for watch_id, hits in watches.match(event)
    ]
