"""Alerts as notices: what the archive knows of each event, so that a message can say it."""

from collections.abc import Sequence
from datetime import date

from schedules.alerts import Found, Links, Match, Notice, Other
from storage.clock import CHINA, Clock
from storage.queries import Queries
from storage.rows import EventRow, ReferenceRow, VersionRow
from storage.watching import AlertRow

# What a report or an interpretation is about: the most telling of its references.
_TELLING = ("reports", "interprets", "implements", "cites")


class Notices:
    """Makes notices on one archive. `console`: the address at which others open the console, empty where none."""

    def __init__(self, queries: Queries, clock: Clock, console: str = "") -> None:
        self._queries = queries
        self._clock = clock
        self._console = console.rstrip("/")

    def of(self, alerts: Sequence[AlertRow]) -> list[Notice]:
        """The events behind alerts, in their order, each once: several watches, and several sources that list one
        document, are one notice."""
        together: dict[tuple[object, ...], list[AlertRow]] = {}
        for alert in alerts:
            together.setdefault(_same(alert.event), []).append(alert)
        return [self._notice(of_one) for of_one in together.values()]

    def document_link(self, document_id: int | None) -> str | None:
        """The document's page in the console."""
        return f"{self._console}/documents/{document_id}" if self._console and document_id is not None else None

    def _notice(self, alerts: Sequence[AlertRow]) -> Notice:
        event = alerts[0].event
        version = None if event.version_id is None else self._queries.version(event.version_id)
        judged = None
        if event.document_id is not None:
            judged = self._queries.validity(event.document_id, self._clock.today())
        return Notice(
            kind=event.kind,
            happened_at=event.at,
            source_name="、".join(dict.fromkeys(alert.event.source_name for alert in alerts)),
            matches=_matches(alerts),
            title=event.title,
            issuer=event.issuer,
            doc_number=event.number,
            type=event.type,
            written=version.written if version else None,
            published=event.published,
            effective=version.effective if version else None,
            expires=version.expires if version else None,
            deadline=version.deadline if version else None,
            deadline_at=version.deadline_at if version else None,
            url=event.url,
            document_id=event.document_id,
            version_number=event.version_seq,
            changes=event.changes,
            late_days=_late_days(event),
            backlog=event.backlog,
            images_carry_text=bool(version and version.images_carry_text),
            reason=event.reason or None,
            day=event.day,
            by=Other(event.by.document, event.by.name, self.document_link(event.by.document)) if event.by else None,
            partly=bool(event.by and event.by.partly),
            validity=judged.chosen.state.value if judged else None,
            validity_since=judged.chosen.since if judged else None,
            about=self._about(event),
            event_id=event.id,
            links=Links(self.document_link(event.document_id), self._snapshot_link(version)),
        )

    def _snapshot_link(self, version: VersionRow | None) -> str | None:
        return f"{self._console}/snapshots/{version.snapshot.id}" if self._console and version else None

    def _about(self, event: EventRow) -> Other | None:
        """The policy that a report or an interpretation is about, where the archive has it."""
        if event.document_id is None or event.type not in {"news", "interpretation"}:
            return None
        found = [
            row
            for row in self._queries.references_from(event.document_id)
            if row.target_document_id is not None and row.relation in _TELLING
        ]
        if not found:
            return None
        row = min(found, key=lambda row: _TELLING.index(row.relation))  # the first of the most telling
        target = row.target_document_id or 0
        return Other(target, _name(row), self.document_link(target))


def _same(event: EventRow) -> tuple[object, ...]:
    """What one notice is made of."""
    if event.document_id is None or event.changes:
        return ("event", event.id)
    return (event.kind, event.document_id, event.version_id, event.day)


def _name(row: ReferenceRow) -> str:
    title = row.target_title or row.title or ""
    number = f"（{row.target_number}）" if row.target_number else ""
    return f"《{title}》{number}" if title else row.target_number or ""


def _matches(alerts: Sequence[AlertRow]) -> tuple[Match, ...]:
    """Each watch once, with all its terms."""
    found: dict[int, tuple[str, dict[Found, None]]] = {}
    for alert in alerts:
        _, terms = found.setdefault(alert.watch_id, (alert.watch, {}))
        terms.update(dict.fromkeys(Found(**term) for term in alert.terms))
    return tuple(Match(name, tuple(terms)) for name, terms in found.values())


def _late_days(event: EventRow) -> int | None:
    if not event.late or event.published is None:
        return None
    found: date = event.at.astimezone(CHINA).date()
    return (found - event.published).days
