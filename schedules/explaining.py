"""Why a watch told of an event, or did not: each condition on the way from the event to the message, in its order."""

from dataclasses import dataclass
from datetime import datetime

from schedules.kinds import DOCUMENT_EVENTS
from schedules.watches import Filters, is_new, read_filters, source_text
from storage.clock import CHINA
from storage.queries import Queries
from storage.query import All, Days, Everything, MatchText, Node, Not, Query, Term, parse
from storage.records import RunSummary
from storage.watching import AlertRow, MuteRow, UnmatchedEvent, WatchBook, WatchRow


@dataclass(frozen=True, slots=True)
class Check:
    """One condition. `met` None: it says something, and decides nothing."""

    what: str
    met: bool | None
    said: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one event was told, or was not. `verdict`: told, muted, collecting, sending, failed, no channel; or not told
    for the first check that is not met."""

    event_id: int
    kind: str
    at: datetime
    title: str | None
    verdict: str
    checks: tuple[Check, ...]


class Explainer:
    """Answers for the watches of one archive."""

    def __init__(self, book: WatchBook, queries: Queries) -> None:
        self._book, self._queries = book, queries

    def of_document(self, watch: WatchRow, document_id: int) -> list[Explanation]:
        """Every event of a document, the newest first."""
        return [self._explain(watch, event) for event in reversed(self._book.events_about(document_id=document_id))]

    def of_event(self, watch: WatchRow, event_id: int) -> Explanation | None:
        """One event; None where there is none of that number."""
        events = self._book.events_about(event_id=event_id)
        return self._explain(watch, events[0]) if events else None

    def of_url(self, url: str) -> list[Check]:
        """What is known of a URL that no document of the archive stands at."""
        fetches = self._queries.fetches(url=url)
        if not fetches:
            return [Check("page", False, "no source lists this URL, and nothing ever asked for it")]
        last = fetches[-1]
        outcome = last.recorded or last.outcome
        why = last.reason or last.error or ""
        said = f"last asked for {_when(last.at)} in run {last.run_id}: {outcome}{f' ({why})' if why else ''}"
        return [Check("page", False, f"the archive has no document of it; {said}")]

    def _explain(self, watch: WatchRow, event: UnmatchedEvent) -> Explanation:
        row = event.event
        alert = self._alert(watch, event)
        checks = [*self._published(event), *self._asked(watch, event, alert), *self._matching(watch, event)]
        if alert is None:
            failed = next((check for check in checks if check.met is False), None)
            if failed is None and (told := self._told_before(watch, event)) is not None:
                failed = Check("told before", False, told)
                checks.append(failed)
            verdict = f"not told: {failed.what}" if failed else "not told: it matches now, and did not when it came"
        else:
            checks += self._telling(alert)
            verdict = _VERDICTS.get(alert.state, alert.state)
        return Explanation(row.id, row.kind, row.at, row.title or row.source_name, verdict, tuple(checks))

    def _alert(self, watch: WatchRow, event: UnmatchedEvent) -> AlertRow | None:
        row = event.event
        found = self._book.alerts(10_000, watch=watch.name, document_id=row.document_id, kind=row.kind)
        return next((alert for alert in found if alert.event.id == row.id), None)

    def _told_before(self, watch: WatchRow, event: UnmatchedEvent) -> str | None:
        row = event.event
        if row.document_id is None:
            return None
        for alert in self._book.alerts(10_000, watch=watch.name, document_id=row.document_id):
            same = alert.event.version_id == row.version_id and alert.event.kind == row.kind
            if same or (row.kind == "added" and alert.event.kind == "added"):
                return f"this watch was told of it {_when(alert.created_at)}, by event {alert.event.id}"
        return None

    def _published(self, event: UnmatchedEvent) -> list[Check]:
        row = event.event
        run = self._queries.run(row.run_id) if row.run_id else None
        said = _run(run)
        match row.state:
            case "staged":
                held = "its run has not ended" if run is None or run.verdict is None else "the next run decides"
                return [Check("published", False, f"staged: {held} ({said})")]
            case "quarantined":
                return [Check("published", False, f"held back with its run, which is quarantined ({said})")]
            case "dropped":
                return [Check("published", False, f"taken back when its run ended ({said})")]
        checks = [Check("published", True, f"{_when(row.published_at)} with {said}")]
        if row.matched_at is None:
            checks.append(Check("matched", False, "not matched with the watches yet; the service's next pass does it"))
        return checks

    def _asked(self, watch: WatchRow, event: UnmatchedEvent, alert: AlertRow | None) -> list[Check]:
        row = event.event
        checks = []
        if alert is None:
            if watch.removed or not watch.enabled:
                checks.append(Check("enabled", False, "the watch is disabled"))
            elif is_new(watch, event):
                since = _when(watch.follows_since or watch.created_at)
                checks.append(Check("since", False, f"the watch asks what it asks since {since}, the event is older"))
        if row.backlog and not watch.include_backlog:
            checks.append(Check("backlog", False, "the event is backlog (a first crawl, a backfill, an import), which "
                                "the watch does not ask for (--include-backlog)"))  # fmt: skip
        return checks

    def _matching(self, watch: WatchRow, event: UnmatchedEvent) -> list[Check]:
        text = event.text or source_text(event)
        filters = read_filters(watch.filters)
        refused = filters.refusal(event, text)
        checks = []
        if refused is not None:
            checks.append(Check(f"filter {refused}", False, _filter(refused, filters, event, text)))
        checks += query_checks(parse(watch.query), text)
        return checks

    def _telling(self, alert: AlertRow) -> list[Check]:
        checks = [Check("alert", True, f"alert {alert.id} of {_when(alert.created_at)}")]
        if alert.later:
            checks.append(Check("later", None, f"it matched when something arrived later: {alert.later}"))
        if alert.muted:
            mutes = [mute for mute in self._book.mutes(ended=True) if _is_of(mute, alert)]
            why = "; ".join(_mute(mute) for mute in mutes) or "by a mute that has been ended since"
            return [*checks, Check("muted", False, why)]
        if not alert.deliveries:
            checks.append(Check("channel", False, "the watch had no channel that was enabled"))
        for carried in alert.deliveries:
            if carried.state == "sent":
                said = f"sent {_when(carried.sent_at)}"
            elif carried.digest and not carried.attempts:
                said = f"collected until {_when(carried.due_at)} ({carried.digest})"
            elif carried.state == "pending":
                said = f"{carried.attempts} attempts, the next {_when(carried.due_at)}"
            else:
                said = f"given up after {carried.attempts} attempts"
            if carried.error and carried.state != "sent":
                said += f": {carried.error}"
            met = {"sent": True, "pending": None}.get(carried.state, False)
            checks.append(Check(f"delivery {carried.delivery_id} to {carried.channel}", met, said))
        return checks


_VERDICTS = {
    "sent": "told", "muted": "not told: muted", "no channel": "not told: no channel", "dead": "not told: given up",
    "pending": "to be told",
}  # fmt: skip


def query_checks(query: Query, text: MatchText) -> list[Check]:
    """What a query finds of a text, part by part; a part that is not met decides that the whole is not."""
    nodes = query.root.nodes if isinstance(query.root, All) else (query.root,)
    return [_part(node, text) for node in nodes]


def _part(node: Node, text: MatchText) -> Check:
    found = Query("", node).matches(text)
    what = f"query {_written(node)}"
    if found is None:
        if isinstance(node, Not):
            inner = Query("", node.node).matches(text) or []
            where = ", ".join(dict.fromkeys(f"{hit.term} in the {hit.place}" for hit in inner))
            return Check(what, False, f"excluded by {where}" if where else "excluded")
        return Check(what, False, "not found" if isinstance(node, Term | Days) else "none of it is found")
    where = "; ".join(f"{hit.place}{f' …{hit.excerpt}…' if hit.excerpt else ''}" for hit in found[:4])
    return Check(what, True, where or "as it should be")


def _written(node: Node) -> str:
    match node:
        case Term() | Days():
            return node.text
        case Everything():
            return "*"
        case Not():
            return f"NOT {_written(node.node)}"
        case All():
            return f"({' AND '.join(map(_written, node.nodes))})"
    return f"({' OR '.join(map(_written, node.nodes))})"


def _filter(name: str, filters: Filters, event: UnmatchedEvent, text: MatchText) -> str:
    """What a filter asks for, and what the event has."""
    row = event.event
    wanted: object = sorted(getattr(filters, name))
    has: object
    match name:
        case "events":
            wanted = wanted or "any event of a document" if row.kind not in DOCUMENT_EVENTS else wanted
            has = row.kind
        case "sources":
            has = [row.source_id] if row.also else sorted({row.source_id, *event.sources})
            if row.also and not filters.sources:
                return "it was told before; a further source lists it, which is told to watches of that source alone"
        case "types":
            has = text.type
        case "issuers":
            has = row.issuer or "no issuer"
        case "regions":
            wanted, has = ["/".join(path) for path in filters.regions], list(event.regions)
        case _:
            has = list(getattr(event, name))
    return f"asks for {_list(wanted)}; the event has {_list(has)}"


def _list(value: object) -> str:
    return ", ".join(map(str, value)) or "none" if isinstance(value, list | tuple) else str(value)


def _run(run: RunSummary | None) -> str:
    if run is None:
        return "no run"
    said = f"run {run.id} of {run.source_id}, {run.verdict.value if run.verdict else 'not ended'}"
    return f"{said}: {run.reason}" if run.reason else said


def _is_of(mute: MuteRow, alert: AlertRow) -> bool:
    event = alert.event
    return (
        mute.watch in {None, alert.watch}
        and mute.source_id in {None, event.source_id}
        and mute.document_id in {None, event.document_id}
    )


def _mute(mute: MuteRow) -> str:
    what = " and ".join(
        said
        for said, there in (
            (f"watch {mute.watch}", mute.watch), (f"source {mute.source_id}", mute.source_id),
            (f"document {mute.document_id}", mute.document_id),
        )
        if there
    )  # fmt: skip
    until = f" until {_when(mute.until)}" if mute.until else ""
    return f"{what} is muted{until}{f': {mute.reason}' if mute.reason else ''} (mute {mute.id})"


def _when(moment: datetime | None) -> str:
    return "at no time" if moment is None else f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M}"
