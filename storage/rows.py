"""What questions to the archive answer: plain frozen values. Moments are aware UTC, dates are local to China."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from storage.records import ClauseChange


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source and how it goes. `state`: new, ok, degraded, blocked, quarantined or broken.

    `entries`, `dated`, `newest`, `moved_to`: what its last run saw of page 1 of the list."""

    id: str
    name: str
    issuer: str
    site: str
    family: str
    level: str
    publishes: str
    list_url: str
    state: str
    state_since: datetime | None
    failures: int
    last_success_at: datetime | None
    next_due_at: datetime | None
    last_run_id: int | None
    documents: int
    newest_document: date | None  # the latest day of publication
    state_reason: str | None = None
    entries: int | None = None
    dated: int | None = None
    newest: date | None = None
    moved_to: str | None = None


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document with the fields of its current version. `state`: current, missing or withdrawn."""

    id: int
    type: str
    title: str | None
    number: str | None
    issuer: str | None
    published: date | None
    written: date | None
    state: str
    versions: int
    source_id: str
    url: str | None  # of its original page
    first_seen_at: datetime
    backlog: bool  # found by a backlog run
    number_normal: str | None = None  # as GB/T 9704-2012 writes it
    deadline: date | None = None  # last day for comments on a consultation draft


@dataclass(frozen=True, slots=True)
class OrganRow:
    """An organ that issued a document. `code`: 机关代字 of the document's number, where the number is its own."""

    name: str
    code: str | None


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version with its reading. `blocks`: (role, text); `headers` and `digest` are the snapshot's."""

    id: int
    document_id: int
    seq: int
    seen_at: datetime
    reason: str
    run_id: int
    url: str
    text_hash: str
    extractor_version: str
    title: str | None
    issuer: str | None
    issuers: tuple[str, ...]
    number: str | None
    index_number: str | None
    topic: str | None
    kind: str | None
    type: str
    written: date | None
    published: date | None
    published_at: datetime | None
    effective: date | None
    expires: date | None
    validity: str | None
    author: str | None
    reprinted_from: str | None
    blocks: tuple[tuple[str, str], ...]
    evidence: dict[str, Any]
    snapshot: "SnapshotRow"
    organs: tuple[OrganRow, ...] = ()  # the lead first
    number_normal: str | None = None
    deadline: date | None = None  # last day for comments on a consultation draft
    deadline_at: datetime | None = None  # the moment, where the page gives one
    images_carry_text: bool | None = None  # the body is pictures; None: read before this was kept
    alternatives: dict[str, Any] | None = None  # for each field: [[value, source, confidence], …]

    @property
    def body(self) -> str:
        """The text, a block a line."""
        return "\n".join(text for _, text in self.blocks)


@dataclass(frozen=True, slots=True)
class SnapshotRow:
    """Where the bytes are, and the facts of their fetch."""

    id: int
    url: str
    final_url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    digest: str
    bytes: int
    file: str
    offset: int
    length: int
    fetched_at: datetime
    ip_address: str | None
    tls_verified: bool | None


@dataclass(frozen=True, slots=True)
class CopyRow:
    """A URL that shows a document. `state`: new, fetched, failed or missing."""

    url: str
    source_id: str
    is_original: bool
    state: str
    found_at: datetime
    checked_at: datetime | None
    next_check_at: datetime | None
    missing_since: datetime | None
    flaps: int
    differs: bool  # its text differs from the current version's


@dataclass(frozen=True, slots=True)
class AttachmentRow:
    """A file of a document; without a digest where it was never fetched."""

    id: int
    document_id: int
    url: str
    href: str
    name: str
    type: str
    versions: int
    digest: str | None
    bytes: int | None
    file: str | None
    offset: int | None
    fetched_at: datetime | None
    kind: str | None = None  # as its content tells
    text_state: str = "unread"
    text_reason: str = ""
    text: str = ""
    text_places: tuple[tuple[int, str], ...] = ()
    pictures_waiting: int = 0  # whose words are still to be recognised
    ocr_confidence: int | None = None  # per cent; None where no words are by OCR


@dataclass(frozen=True, slots=True)
class ReferenceRow:
    """A reference, with the titles of both ends where they are known."""

    id: int
    document_id: int
    document_title: str | None
    document_published: date | None
    relation: str
    title: str | None
    number: str | None
    url: str | None
    sentence: str
    target_document_id: int | None
    target_title: str | None
    resolved_by: str | None
    document_type: str = "other"
    document_number: str | None = None
    target_type: str | None = None
    target_number: str | None = None
    target_published: date | None = None
    file: str | None = None  # the file of the referring document whose list says it; None: its text does

    @property
    def days_after(self) -> int | None:
        """How many days the referring document was published after its target (negative: before); None: unknown."""
        if self.document_published is None or self.target_published is None:
            return None
        return (self.document_published - self.target_published).days


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event with what a message says of its document or source."""

    id: int
    kind: str
    state: str
    source_id: str
    source_name: str
    run_id: int
    document_id: int | None
    version_id: int | None
    version_seq: int | None
    title: str | None
    number: str | None
    issuer: str | None
    type: str | None
    published: date | None
    url: str | None
    backlog: bool
    late: bool
    at: datetime
    published_at: datetime | None
    matched_at: datetime | None
    reason: str
    changes: tuple[ClauseChange, ...]
    also: bool = False  # told before under another source: only for watches of `source_id`
    day: date | None = None  # the day that an event of time, or of another document, is of
    by: "ActorRow | None" = None  # the document that repeals this one


@dataclass(frozen=True, slots=True)
class ActorRow:
    """The document that repealed or superseded another. `name`: 《title》（number）; `partly`: some clauses only."""

    document: int
    name: str
    relation: str
    partly: bool


@dataclass(frozen=True, slots=True)
class FetchRow:
    """One line of the fetch log."""

    id: int
    run_id: int
    url: str
    final_url: str | None
    purpose: str
    at: datetime
    status: int | None
    outcome: str
    bytes: int
    duration_ms: int | None
    error: str | None
    recorded: str | None  # what the archive made of the answer, an Outcome
    reason: str | None
