"""What goes into the archive and what it answers: plain frozen values, so that callers need no SQL."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol, Self


class Outcome(StrEnum):
    """What `Archive.record` made of one fetched page (decision order: docs/architecture.md)."""

    ADDED = "added"  # a document not known before
    COPY = "copy"  # a known document at a URL not known before
    CHANGED = "changed"  # a new version
    SAME = "same"  # nothing that matters differs
    UPGRADED = "upgraded"  # same bytes, newer extractor: a reading was appended, nobody is told
    MISSING = "missing"  # 404, 410 or a soft 404: a first observation, not yet withdrawn
    WITHDRAWN = "withdrawn"  # missing again, at least six hours after the first observation
    RESTORED = "restored"  # was withdrawn, is back
    SUSPECT = "suspect"  # 200, but gutted or of another kind: the previous version stays
    BLOCKED = "blocked"
    ERROR = "error"


class Verdict(StrEnum):
    """How a run ended, as judged at its end."""

    OK = "ok"
    PARTIAL = "partial"  # some pages failed, others were done
    BLOCKED = "blocked"  # the source refuses us: challenge, login, robots.txt
    QUARANTINED = "quarantined"  # the run breaks the source's expectations: stored, not published
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    DIED = "died"  # its process ended without a word


class CatalogEntry(Protocol):
    """A source as the catalog has it, as far as the archive cares."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def issuer(self) -> str: ...
    @property
    def site(self) -> str: ...
    @property
    def family(self) -> str: ...
    @property
    def level(self) -> str: ...
    @property
    def publishes(self) -> str: ...
    @property
    def list_url(self) -> str: ...
    @property
    def region(self) -> str: ...
    @property
    def topics(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """What the archive must know of a source to keep its runs."""

    id: str
    name: str
    issuer: str
    site: str  # host
    family: str
    level: str
    publishes: str  # a document type, the default for its documents
    list_url: str
    region: str = ""  # province, city, district: 广东/深圳; empty for central bodies
    topics: tuple[str, ...] = ()  # what it is about

    @classmethod
    def of(cls, entry: CatalogEntry) -> Self:
        """The record of a source of the catalog."""
        texts = {name: str(getattr(entry, name)) for name in cls.__slots__ if name != "topics"}
        return cls(**texts, topics=tuple(entry.topics))


@dataclass(frozen=True, slots=True)
class Capture:
    """One answer of a server, with all that the evidence needs. `fetched_at` is aware UTC."""

    url: str
    final_url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    payload: bytes
    fetched_at: datetime
    ip_address: str | None = None
    truncated: bool = False
    tls_verified: bool | None = None


@dataclass(frozen=True, slots=True)
class ReadingRecord:
    """A reading in the archive's terms. Texts are as printed; keys are made by `storage.identity`."""

    extractor_version: str
    state: str  # document, blocked, login, missing, empty
    state_reason: str
    family: str
    charset: str
    title: str | None
    issuer: str | None
    issuers: tuple[str, ...]
    doc_number: str | None
    index_number: str | None
    topic: str | None
    kind: str | None
    type: str
    written: date | None
    published: date | None
    published_at: datetime | None  # aware UTC, when the page gives a time of day
    effective: date | None
    expires: date | None
    validity: str | None
    author: str | None
    reprinted_from: str | None
    blocks: tuple[tuple[str, str], ...]  # (role, text)
    attachments: tuple[tuple[str, str, str, str], ...]  # (href, url, name, type)
    mentions: tuple[tuple[str, str | None, str | None, str | None, str], ...]
    # Each mention: relation, title, number, URL, sentence.
    evidence: dict[str, Any] = field(default_factory=dict)
    organs: tuple[tuple[str, str | None], ...] = ()  # lead first: (one name, 机关代字 where the number is its own)
    number_normal: str | None = None
    deadline: date | None = None  # last day for comments on a consultation draft
    deadline_at: datetime | None = None  # aware UTC, where the page gives the moment
    images_carry_text: bool = False
    # For each field what other sources on the page say: (value, source, confidence), the most trusted first.
    alternatives: dict[str, tuple[tuple[str, str, float], ...]] = field(default_factory=dict)
    list_number: str | None = None  # of the list's row: the document's, where the page has none; no part of the text


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What extraction made of a file. Only `text` and `too_large` have words to compare: `state` is one of text, empty,
    scanned, picture, encrypted, damaged, unsupported, too_large, html_error_page, executable."""

    extractor_version: str
    kind: str  # as its content tells: pdf, docx, …
    state: str
    reason: str  # why there is no text, or what is missing from it
    text: str
    # (offset in the text, "page 3", "sheet 明细", "member a.doc, page 1"); words by OCR have a stretch of their own,
    # whose place ends in "OCR 97 %".
    places: tuple[tuple[int, str], ...] = ()
    waiting: int = 0  # pictures whose words are still to be recognised
    confidence: int | None = None  # how sure OCR was, in per cent; None where no words are by OCR
    recognised: tuple[tuple[str, float], ...] = ()  # what it made of the first pictures, in the order of the file


@dataclass(frozen=True, slots=True)
class WaitingFile:
    """A file of a document with pictures whose words are still to be recognised."""

    version_id: int
    document_id: int
    name: str
    type: str
    url: str
    waiting: int
    recognised: tuple[tuple[str, float], ...]  # what OCR made of its first pictures
    payload: bytes = b""


@dataclass(frozen=True, slots=True)
class FetchRecord:
    """One line of the fetch log: every request, also those that brought nothing."""

    url: str
    purpose: str  # listing, document, recheck, attachment, robots, script
    at: datetime
    status: int | None
    outcome: str  # an Outcome, or "listing", "not_modified", "refused", "robots", …
    bytes: int
    duration_ms: int | None
    error: str | None = None
    final_url: str | None = None


@dataclass(frozen=True, slots=True)
class KnownPage:
    """A URL the archive knows, with what a conditional request needs. `state`: new, fetched, failed, missing."""

    url: str
    state: str
    etag: str | None
    last_modified: str | None
    document_id: int | None
    title: str | None
    attempts: int


@dataclass(frozen=True, slots=True)
class ClauseChange:
    """One difference in the words of the text's own structure. `label`: 第八条第二款, 表1第2行, 标题, or 第3段 for a
    paragraph without a number; `operation`: changed, added, removed, moved, renumbered, split, merged.

    `was`: the label before, where the number or the place is another. `columns`: of a table's row, those that differ.
    A renumbered clause has its numbers as `before` and `after`: its words are the same."""

    operation: str
    label: str
    before: str | None
    after: str | None
    was: str | None = None
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the door answered. `changes` only for CHANGED."""

    outcome: Outcome
    document_id: int | None = None
    version_id: int | None = None
    snapshot_id: int | None = None
    reason: str = ""
    changes: tuple[ClauseChange, ...] = ()


@dataclass(frozen=True, slots=True)
class ListRecord:
    """What a run saw of page 1 of its list. `moved_to`: where its URL permanently leads, if elsewhere."""

    entries: int | None = None
    dated: int | None = None
    newest: date | None = None
    moved_to: str | None = None


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A run as its row tells it. `counts` has an entry for every outcome that occurred, plus entries, requests,
    attachments, listings, errors."""

    id: int
    source_id: str
    trigger: str
    verdict: Verdict | None
    reason: str
    backlog: bool
    started_at: datetime | None
    finished_at: datetime | None
    counts: dict[str, int]
