"""The run's only way to the archive: what a crawl asks it, and what a crawl tells it.

One ledger a crawl: `of(crawler)`. Nothing else under policy_crawler touches the storage.
"""

import hashlib
import os
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from policy_crawler import attachments
from policy_crawler.catalog import Expect, Source
from policy_crawler.config import Home, load
from policy_crawler.errors import OperatorError
from policy_crawler.items import AttachmentItem, Entry, PageItem
from policy_crawler.judgement import Judgement, ListingFacts, RunFacts, Usual, drift, judge
from policy_crawler.pipelines.convert import capture_of, file_record, read_file, reading_record, reread
from storage import errors
from storage.archive import Archive
from storage.clock import Clock
from storage.engine import open_engine
from storage.errors import ArchiveError
from storage.identity import url_key
from storage.leases import Leases
from storage.migrations import upgrade
from storage.pictures import Pictures
from storage.records import (
    Capture,
    FetchRecord,
    KnownPage,
    ListRecord,
    Outcome,
    Recorded,
    RunSummary,
    SourceRecord,
    Verdict,
)
from storage.snapshots import SnapshotStore

__all__ = ["ArchiveError", "Ledger", "of"]

_ledgers: "WeakKeyDictionary[Any, Ledger]" = WeakKeyDictionary()


def of(crawler: Any) -> "Ledger | None":
    """The ledger of this crawl; None where nothing is recorded (`POLICY_RECORD` off, or a spider that
    is no source: previews, scrapy shell)."""
    if crawler not in _ledgers:
        if not crawler.settings.getbool("POLICY_RECORD") or getattr(crawler.spider, "source", None) is None:
            return None
        _ledgers[crawler] = Ledger.open(Home.find(), Clock.from_environment())
    return _ledgers[crawler]


class Ledger:
    """The archive as one run sees it. `counts` is what its row will say."""

    def __init__(self, archive: Archive, clock: Clock) -> None:
        self._archive = archive
        self._leases = Leases(archive.engine, clock)
        self.pictures = Pictures(archive.engine, archive.snapshots, mask=archive.mask, clock=archive.clock)
        self.clock = clock
        self.run_id: int | None = None
        self._source: Source | None = None
        self._usual: Usual | None = None
        self.counts: dict[str, int] = {}
        self._seen: set[str] = set()

    @classmethod
    def open(cls, home: Home, clock: Clock) -> "Ledger":
        """Open the archive of `home`, making or upgrading its tables. Raises OperatorError, ArchiveError."""
        home.create()
        config = load(home)
        try:
            engine = open_engine(home.database_url(config))
            upgrade(engine)
        except errors.OperatorError as error:  # one kind of wrong use for whoever crawls
            raise OperatorError(str(error)) from error
        archive = Archive(
            engine, SnapshotStore(home.snapshots), clock, reader=reread, file_reader=read_file, mask=config.privacy.mask
        )
        return cls(archive, clock)

    # The run

    def begin(self, source: Source, trigger: str, run_id: int | None = None) -> int:
        """Open the run's row, or start the one that was queued. Answers its id."""
        self._archive.register_sources([SourceRecord.of(source)])
        self._source = source
        if known := self._archive.usual(source.id):
            self._usual = Usual(known.runs, known.entries, known.dated)
        if run_id is None:
            self.run_id = self._archive.open_run(source.id, trigger, pid=os.getpid())
        else:
            self._archive.start_run(run_id, os.getpid())
            self.run_id = run_id
        return self.run_id

    @property
    def run(self) -> int:
        if self.run_id is None:
            raise RuntimeError("the run is not open yet; the run recorder opens it when the spider opens")
        return self.run_id

    def drift(self, listing: ListingFacts) -> str:
        """Why page 1 of the list is not believed; empty when it is."""
        return drift(listing, self._expect, self.clock.today(), self._usual)

    def judge(self, facts: RunFacts) -> Judgement:
        """How the run ended."""
        return judge(facts, self._expect, self.clock.today(), self._usual)

    @property
    def _expect(self) -> Expect:
        return self._source.expect if self._source else Expect()

    def end(self, judgement: Judgement, listing: ListingFacts | None = None) -> RunSummary:
        """Close the run's row: publish or quarantine what it staged."""
        seen = None
        if listing is not None and listing.first_page is not None:
            seen = ListRecord(listing.first_page, listing.dated, listing.newest, listing.moved_to or None)
        verdict = Verdict(judgement.end.value)
        return self._archive.close_run(self.run, verdict, judgement.reason, dict(self.counts), seen)

    def is_backlog(self) -> bool:
        """True until a first run of the source succeeded."""
        return self._archive.run_is_backlog(self.run)

    def count(self, name: str, by: int = 1) -> None:
        """Add to a number of the run's row."""
        self.counts[name] = self.counts.get(name, 0) + by

    # What is known

    def discover(self, entries: Iterable[Entry], found_on: str, reported_by: str | None = None) -> list[bool]:
        """Keep the URLs of entries that the page `found_on` lists; for each, whether it was new."""
        rows = [(entry.url, entry.title, entry.date, entry.doc_number) for entry in entries]
        return self._archive.discover(self.run, rows, found_on=found_on, reported_by=reported_by)

    def waits(self, entries: Iterable[Entry]) -> bool:
        """True when one of the entries was found before and never fetched."""
        pages = (self._archive.known_page(entry.url) for entry in entries)
        return any(page is not None and page.state == "new" for page in pages)

    def kept_as_row(self, url: str) -> bool:
        """False where the archive has the document at `url` as a page: a row of a list is no later state of it."""
        kind = self._archive.content_type(url)
        return kind is None or "json" in kind

    def pending(self, source_id: str, limit: int) -> list[KnownPage]:
        """Pages found by earlier runs and not fetched yet."""
        return self._archive.pending_pages(source_id, limit)

    def due(self, source_id: str, limit: int) -> list[KnownPage]:
        """Known pages whose next check is due."""
        return self._archive.due_pages(source_id, limit)

    def every(self, source_id: str, limit: int) -> list[KnownPage]:
        """Known pages whether due or not, the one that is due soonest first."""
        return self._archive.due_pages(source_id, limit, early=True)

    def listed(self, source_id: str, limit: int) -> list[str]:
        """URLs that the source's listing showed before, the newest first."""
        return self._archive.listed_pages(source_id, limit)

    def validators(self, url: str) -> tuple[str | None, str | None]:
        """(ETag, Last-Modified) to ask conditionally with; Nones where that is not safe."""
        page = self._archive.known_page(url)
        if page is None or page.state != "fetched":
            return None, None
        return page.etag, page.last_modified

    def first_time(self, *parts: str) -> bool:
        """True once a run for each key: the run records no page and no file twice."""
        key = " ".join(url_key(part) for part in parts)
        if key in self._seen:
            return False
        self._seen.add(key)
        return True

    # What happened

    def record_page(self, item: PageItem) -> Recorded:
        """Bring a page to the archive's door."""
        entry = item.entry
        recorded = self._archive.record(
            self.run,
            capture_of(item.response),
            replace(reading_record(item.reading), list_number=entry.doc_number if entry else None)
            if item.reading
            else None,
            purpose=item.purpose,
            list_title=entry.title if entry else None,
            list_date=entry.date if entry else None,
            found_on=item.found_on,
            reported_by=item.reported_by,
        )
        self.count(recorded.outcome.value)
        return recorded

    def page_failed(self, url: str, purpose: str) -> Recorded:
        """A page without an answer: what was known stays, and a later run asks again."""
        nothing = Capture(url, url, 0, (), b"", self.clock.now())
        recorded = self._archive.record(self.run, nothing, None, purpose=purpose, hint=Outcome.ERROR)
        self.count(recorded.outcome.value)
        return recorded

    def files_due(self, document_url: str, urls: Iterable[str], linked: Collection[str] = ()) -> list[str]:
        """Those of an unchanged document's files that are to be asked for again, and of `linked` those never kept."""
        return self._archive.files_due(document_url, urls, linked)

    def knows_file(self, item: AttachmentItem) -> bool:
        """True when the archive has these bytes of the file, read as they would be now."""
        digest = hashlib.sha256(item.response.body).hexdigest()
        return self._archive.knows_file(item.document_url, item.response.url, digest, attachments.EXTRACTOR_VERSION)

    def record_attachment(self, item: AttachmentItem) -> Recorded:
        """Keep a file of a document."""
        recorded = self._archive.record_attachment(
            self.run, item.document_url, item.href, item.name, item.type, capture_of(item.response),
            file_record(item.text) if item.text else None, position=item.position,
        )  # fmt: skip
        self.count("attachments")
        return recorded

    def log_fetch(
        self,
        *,
        url: str,
        final_url: str | None,
        purpose: str,
        at: datetime,
        status: int | None,
        outcome: str,
        size: int,
        duration_ms: int | None,
        error: str | None,
    ) -> None:
        """Keep one line of the fetch log."""
        self.count("requests")
        if self.run_id is not None:
            self._archive.log_fetch(
                self.run_id, FetchRecord(url, purpose, at, status, outcome, size, duration_ms, error, final_url)
            )

    # Hosts that asked to be left alone

    def hold(self, host: str, until: datetime) -> None:
        """Remember that `host` is left alone until then, for later runs too. A lease whose holder is that moment."""
        name, now = f"hold:{host}", self.clock.now()
        if former := self._leases.holder(name):
            self._leases.release(name, former)
        self._leases.acquire(name, until.isoformat(), (until - now).total_seconds())

    def held_until(self, host: str) -> datetime | None:
        """Until when `host` is left alone."""
        holder = self._leases.holder(f"hold:{host}")
        return datetime.fromisoformat(holder) if holder else None
