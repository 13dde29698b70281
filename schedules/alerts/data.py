"""Notices as JSON for programs: what docs/messages.md describes. Texts are as printed, cleaned of what is not seen; who
shows them escapes them.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from schedules.alerts.model import Match, Notice
from schedules.alerts.text import clean, web_link
from storage.records import ClauseChange

SCHEMA: Final = "policy-crawler.alert.v1"
_LONG = 20_000  # characters of a clause


def document(notices: Sequence[Notice]) -> dict[str, Any]:
    """A whole message."""
    return {"schema": SCHEMA, "events": [_event(notice) for notice in notices]}


def _event(notice: Notice) -> dict[str, Any]:
    return {
        "id": notice.event_id,
        "kind": notice.kind,
        "happened_at": _moment(notice.happened_at),
        "source": clean(notice.source_name),
        "document": _document(notice) if notice.document_id is not None else None,
        "day": _day(notice.day),
        "by": _text(notice.by),
        "partly": notice.partly,
        "backlog": notice.backlog,
        "late_days": notice.late_days,
        "reason": _text(notice.reason),
        "changes": [_change(change) for change in notice.changes],
        "matches": [_match(match) for match in notice.matches],
        "links": {
            "source": web_link(notice.url),
            "archive": web_link(notice.links.archive),
            "snapshot": web_link(notice.links.snapshot),
        },
    }


def _document(notice: Notice) -> dict[str, Any]:
    return {
        "id": notice.document_id,
        "version": notice.version_number,
        "title": _text(notice.title),
        "issuer": _text(notice.issuer),
        "number": _text(notice.doc_number),
        "type": _text(notice.type),
        "written": _day(notice.written),
        "published": _day(notice.published),
        "effective": _day(notice.effective),
        "expires": _day(notice.expires),
        "deadline": _moment(notice.deadline_at) or _day(notice.deadline),
        "validity": notice.validity,
        "validity_since": _day(notice.validity_since),
        "images_carry_text": notice.images_carry_text,
    }


def _change(change: ClauseChange) -> dict[str, Any]:
    return {
        "operation": clean(change.operation),
        "label": clean(change.label),
        "was": _text(change.was),
        "before": _text(change.before, _LONG),
        "after": _text(change.after, _LONG),
        "columns": [clean(column) for column in change.columns],
    }


def _match(match: Match) -> dict[str, Any]:
    found = [{"term": clean(one.term), "place": clean(one.place), "excerpt": _text(one.excerpt, 400)}
             for one in match.found]  # fmt: skip
    return {"watch": clean(match.watch), "found": found}


def _text(value: str | None, limit: int = 500) -> str | None:
    return None if value is None else clean(value, limit)


def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def _moment(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat()
