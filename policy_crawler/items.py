"""The items that spiders yield and pipelines pass on. Frozen: a pipeline that changes one makes a new one."""

import datetime as dt
from dataclasses import dataclass

from policy_crawler.attachments.model import FileText
from policy_crawler.reading.model import Reading


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a listing. `href` as printed, `url` absolute, `date` as the row shows it.

    `record`: the row as JSON where the list's server brings the document's text with it."""

    title: str
    href: str
    url: str
    date: dt.date | None = None  # spelt out: the field hides a bare `date`
    pinned: bool = False  # the page marks it as kept on top (置顶)
    doc_number: str | None = None  # as the row shows it
    record: str | None = None


@dataclass(frozen=True, slots=True)
class FetchedResponse:
    """One answer of a server, as it came. `headers` in order, names as sent; `body` decompressed."""

    url: str  # as asked
    final_url: str  # after redirects
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    fetched_at: dt.datetime  # aware, UTC
    ip_address: str | None
    truncated: bool  # the connection closed before the announced end
    tls_verified: bool | None  # None over plain http

    @property
    def content_type(self) -> str | None:
        """The Content-Type header."""
        return next((value for name, value in self.headers if name.lower() == "content-type"), None)


@dataclass(frozen=True, slots=True)
class PageItem:
    """A document page, fetched and read. `reading` is None when there was nothing to read (404, 5xx, 304)."""

    source_id: str
    purpose: str  # "document", "recheck"
    response: FetchedResponse
    reading: Reading | None
    entry: Entry | None = None  # the listing row that led here
    found_on: str | None = None  # the URL of the page that linked here
    reported_by: str | None = None  # the URL of the news report whose link led here


@dataclass(frozen=True, slots=True)
class AttachmentItem:
    """A file that belongs to the document at `document_url`."""

    source_id: str
    document_url: str
    href: str
    name: str
    type: str
    response: FetchedResponse
    text: FileText | None = None  # what the file says, once a pipeline has read it
    position: int | None = None  # its place among the files of the page, from 1


@dataclass(frozen=True, slots=True)
class Archived:
    """What the archive made of an item, for progress and for the spider: `outcome` as in `storage.records.Outcome`.

    `title` and `doc_number` as read; `changes`: (operation, label) of each changed clause."""

    item: PageItem | AttachmentItem
    outcome: str
    reason: str = ""
    document_id: int | None = None
    title: str | None = None
    doc_number: str | None = None
    changes: tuple[tuple[str, str], ...] = ()
