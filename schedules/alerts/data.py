"""Notices as JSON for programs; docs/messages.md describes it, docs/alert.schema.json is made from it.

Texts are as printed, cleaned of what is not seen: who shows them escapes them. Fields are only added; none changes its
meaning without another name of the schema.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from schedules.alerts import model
from schedules.alerts.text import clean, web_link
from storage.records import ClauseChange

SCHEMA: Final = "policy-crawler.alert.v1"
_LONG = 20_000  # characters of a clause
_EXCERPT = 160


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Other(_Part):
    """Another document that the event names."""

    id: int = Field(description="Its id in the archive.")
    name: str = Field(description="Its title, with its number where it has one.")
    archive: str | None = Field(description="Its page in the console.")


class Document(_Part):
    """The document that the event is of, as its issuer prints it."""

    id: int = Field(description="Its id in the archive; it stays.")
    version: int | None = Field(description="Which of its versions, from 1.")
    title: str | None
    issuer: str | None = Field(description="发文机关.")
    number: str | None = Field(description="发文字号.")
    type: str | None = Field(description="policy, interpretation, consultation, news, notice, other.")
    written: date | None = Field(description="成文日期.")
    published: date | None = Field(description="发布日期.")
    effective: date | None = Field(description="施行日期.")
    expires: date | None = Field(description="Its last day in force.")
    deadline: date | None = Field(description="The last day for comments on a consultation draft.")
    deadline_at: datetime | None = Field(description="The moment, where the page gives it.")
    validity: str | None = Field(
        description="Now: pending, in_force, amended, partly_repealed, repealed, expired, draft, unknown."
    )
    validity_since: date | None
    images_carry_text: bool = Field(description="Whether the body is pictures, whose words no watch can match.")


class Change(_Part):
    """One difference between the last version and this one, in the words of the text's own structure."""

    operation: str = Field(description="changed, added, removed, moved, renumbered, split, merged.")
    label: str = Field(description="第八条第二款, 表1第2行, 标题, …")
    was: str | None = Field(description="The label before, where it is another.")
    before: str | None
    after: str | None
    columns: tuple[str, ...] = Field(description="Of a table's row: the columns that differ.")


class Found(_Part):
    """A term of the watch where the document has it."""

    term: str
    place: str = Field(description="title, number, issuer, body, attachment, …")
    excerpt: str | None = Field(description="The words around it.")


class Match(_Part):
    """A watch that the event matched."""

    watch: str = Field(description="Its name.")
    found: tuple[Found, ...]


class Links(_Part):
    """Where to read on."""

    source: str | None = Field(description="The page at its issuer's site.")
    archive: str | None = Field(description="The document in the console; null where the console has no address.")
    snapshot: str | None = Field(description="The bytes as fetched, in the console.")


class Event(_Part):
    """Something that happened, once."""

    id: int | None = Field(description="The event's id in the archive, the same in every delivery that tells it.")
    kind: str = Field(
        description="added, changed, withdrawn, restored, repealed, in_force, expires_soon, expired, deadline_near, "
        "source_failing, source_recovered, …"
    )
    happened_at: datetime = Field(description="When it was seen, UTC.")
    source: str = Field(description="The column or feed that it was found by.")
    document: Document | None = Field(description="Null for an event of a source or of the service.")
    about: Other | None = Field(description="The policy that a report or an interpretation is about.")
    by: Other | None = Field(description="What repeals the document.")
    partly: bool = Field(description="Whether some of its clauses only are repealed.")
    day: date | None = Field(description="The day that an event of time, or a repeal, is of.")
    backlog: bool = Field(description="Whether it was there before its source was first crawled.")
    late_days: int | None = Field(description="Days between publication and finding, where they are many.")
    reason: str | None = Field(description="Of an event of a source or of the service: what is wrong.")
    changes: tuple[Change, ...] = Field(description="Of news none: its text is its publisher's.")
    matches: tuple[Match, ...]
    links: Links


class Alert(_Part):
    """What a webhook carries."""

    schema_: Literal["policy-crawler.alert.v1"] = Field(alias="schema", description="Name and version of this form.")
    events: tuple[Event, ...]


def document(notices: Sequence[model.Notice]) -> dict[str, Any]:
    """A whole message as plain values for JSON."""
    alert = Alert(schema=SCHEMA, events=tuple(_event(notice) for notice in notices))
    return alert.model_dump(mode="json", by_alias=True)


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a message."""
    made = Alert.model_json_schema(by_alias=True, mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


def _event(notice: model.Notice) -> Event:
    news = notice.type == "news"
    return Event(
        id=notice.event_id,
        kind=clean(notice.kind, 40),
        happened_at=notice.happened_at,
        source=clean(notice.source_name),
        document=_document(notice),
        about=_other(notice.about),
        by=_other(notice.by),
        partly=notice.partly,
        day=notice.day,
        backlog=notice.backlog,
        late_days=notice.late_days,
        reason=_text(notice.reason, 2_000),
        changes=() if news else tuple(_change(change) for change in notice.changes),
        matches=_matches(notice.matches, excerpts=1 if news else None),
        links=Links(
            source=web_link(notice.url),
            archive=web_link(notice.links.archive),
            snapshot=None if news else web_link(notice.links.snapshot),
        ),
    )


def _document(notice: model.Notice) -> Document | None:
    if notice.document_id is None:
        return None
    return Document(
        id=notice.document_id,
        version=notice.version_number,
        title=_text(notice.title),
        issuer=_text(notice.issuer),
        number=_text(notice.doc_number),
        type=_text(notice.type),
        written=notice.written,
        published=notice.published,
        effective=notice.effective,
        expires=notice.expires,
        deadline=notice.deadline,
        deadline_at=notice.deadline_at,
        validity=notice.validity,
        validity_since=notice.validity_since,
        images_carry_text=notice.images_carry_text,
    )


def _other(other: model.Other | None) -> Other | None:
    if other is None:
        return None
    return Other(id=other.document_id, name=clean(other.name, 500), archive=web_link(other.link))


def _change(change: ClauseChange) -> Change:
    return Change(
        operation=clean(change.operation, 40),
        label=clean(change.label),
        was=_text(change.was),
        before=_text(change.before, _LONG),
        after=_text(change.after, _LONG),
        columns=tuple(clean(column) for column in change.columns),
    )


def _matches(matches: Sequence[model.Match], excerpts: int | None) -> tuple[Match, ...]:
    """Each watch with its terms; of their excerpts the first `excerpts` (None: all)."""
    left = excerpts
    told = []
    for match in matches:
        found = []
        for one in match.found:
            excerpt = _text(one.excerpt, _EXCERPT) if left is None or left > 0 else None
            if left is not None and excerpt is not None:
                left -= 1
            found.append(Found(term=clean(one.term), place=clean(one.place), excerpt=excerpt))
        told.append(Match(watch=clean(match.watch), found=tuple(found)))
    return tuple(told)


def _text(value: str | None, limit: int = 500) -> str | None:
    return None if value is None else clean(value, limit)
