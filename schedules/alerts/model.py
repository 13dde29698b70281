"""What a message tells, and the message itself. Plain frozen values."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from storage.records import ClauseChange


@dataclass(frozen=True, slots=True)
class Found:
    """A term of a watch where the document has it. `place`: title, number, issuer, body, attachment, …"""

    term: str
    place: str
    excerpt: str | None = None  # the words around it; None where the place says it all (a title)


@dataclass(frozen=True, slots=True)
class Match:
    """A watch that an event matched, and why."""

    watch: str  # its name
    found: tuple[Found, ...] = ()


@dataclass(frozen=True, slots=True)
class Links:
    """Where to read on, beside the page itself: the document in the archive's console, and the bytes as fetched. None
    where the console has no address that others can open."""

    archive: str | None = None
    snapshot: str | None = None


@dataclass(frozen=True, slots=True)
class Other:
    """Another document that a notice names: the policy that a report is about, or what repeals a document."""

    document_id: int
    name: str  # 《title》（number）, or the title
    link: str | None = None  # in the archive's console


@dataclass(frozen=True, slots=True)
class Notice:
    """One event, with all that a message says of it. `kind`: added, changed, withdrawn, …, source_failing.

    The document's fields are as printed by the issuer; None where the page does not say, or for an event of a source or
    of the service."""

    kind: str
    happened_at: datetime  # aware UTC
    source_name: str
    matches: tuple[Match, ...]
    title: str | None = None
    issuer: str | None = None
    doc_number: str | None = None
    type: str | None = None
    written: date | None = None
    published: date | None = None
    effective: date | None = None
    expires: date | None = None  # its last day in force
    deadline: date | None = None  # last day for comments on a consultation draft
    deadline_at: datetime | None = None  # aware UTC, where the page gives the moment
    url: str | None = None
    document_id: int | None = None
    version_number: int | None = None
    changes: tuple[ClauseChange, ...] = ()
    late_days: int | None = None  # days between publication and finding, where that is remarkable
    backlog: bool = False
    images_carry_text: bool = False  # the body is pictures: no watch can match its words
    reason: str | None = None  # of a source's or the service's event: what is wrong
    day: date | None = None  # the day that an event of time, or a repeal, is of
    by: Other | None = None  # the document that repeals this one
    partly: bool = False  # it repeals some clauses only
    validity: str | None = None  # now: pending, in_force, amended, partly_repealed, repealed, expired, draft
    validity_since: date | None = None
    about: Other | None = None  # the policy that a report or an interpretation is about
    event_id: int | None = None
    links: Links = Links()


@dataclass(frozen=True, slots=True)
class Message:
    """Notices in words. `subject` is one line of at most 200 characters; `html` is a whole page; `markdown` is of no
    dialect (headings, bold, links, quotes, lists; no HTML); `data` is the JSON of webhooks.

    `parts`: the same, a message for each section, for channels that have to split; none where there is one section."""

    subject: str
    text: str
    html: str
    markdown: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    parts: tuple["Message", ...] = ()
