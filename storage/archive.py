"""The one door for writing documents. Every method is one transaction; nothing slow happens inside one."""

import logging
import os
from collections.abc import Callable, Collection, Iterable
from datetime import date

from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from storage import (
    attachments,
    decisions,
    documents,
    fetchlog,
    health,
    masking,
    pages,
    payloads,
    runs,
    search_index,
    timekeeping,
    tombstones,
)
from storage.attachments import File
from storage.clock import Clock
from storage.diff import text_hash
from storage.documents import At, Place
from storage.engine import reading as reading_session
from storage.engine import writing
from storage.errors import ArchiveError
from storage.identity import issuer_key, url_key
from storage.models import Document, Page, Reading, Snapshot, Source, Version
from storage.recording import Recording, Reread, schedule
from storage.records import (
    Capture,
    FetchRecord,
    FileRecord,
    KnownPage,
    ListRecord,
    Outcome,
    ReadingRecord,
    Recorded,
    RunSummary,
    SourceRecord,
    Verdict,
)
from storage.snapshots import SnapshotStore

_log = logging.getLogger(__name__)

Reader = Callable[[Capture], ReadingRecord | None]
FileReader = Callable[[bytes, str, str], FileRecord]  # bytes, name, type


class Archive:
    """Keeps sources, runs, pages and documents. Safe to use from several threads and processes: writers take turns."""

    def __init__(
        self,
        engine: Engine,
        snapshots: SnapshotStore,
        clock: Clock,
        *,
        reader: Reader | None = None,
        file_reader: FileReader | None = None,
        mask: bool = False,
    ) -> None:
        """`reader` reads a capture with the present extractor, `file_reader` an attachment. With them, a version made
        by an older extractor is read again before anything is compared with it, so that our own progress is never told
        as a change. With `mask`, numbers of persons are masked in whatever text comes in (storage/masking.py)."""
        self.engine = engine
        self.snapshots = snapshots
        self.clock = clock
        self.mask = mask
        self._reader = reader
        self._file_reader = file_reader

    def as_kept(self, record: ReadingRecord) -> ReadingRecord:
        """A reading as this archive keeps it."""
        return masking.mask_reading(record) if self.mask else record

    def file_as_kept(self, record: FileRecord) -> FileRecord:
        """A file's text as this archive keeps it."""
        return masking.mask_file(record) if self.mask else record

    def version_of(self, extractor_version: str) -> str:
        """What this archive calls an extractor's version: whether a text is masked is part of how it was read."""
        return masking.masked_version(extractor_version) if self.mask else extractor_version

    # -- sources and runs ------------------------------------------------------------------------------------------

    def register_sources(self, sources: Iterable[SourceRecord]) -> None:
        """Make the sources of the catalog known; what is known of their runs stays."""
        with writing(self.engine) as session:
            for record in sources:
                source = session.get(Source, record.id)
                if source is None:
                    source = Source(id=record.id, state="new", failures=0, alarmed=False)
                    session.add(source)
                source.name, source.issuer, source.issuer_key = record.name, record.issuer, issuer_key(record.issuer)
                source.site, source.family, source.level = record.site.lower(), record.family, record.level
                source.publishes, source.list_url, source.region = record.publishes, record.list_url, record.region
                source.topics = list(record.topics)

    def open_run(self, source_id: str, trigger: str, *, slot: str | None = None, pid: int | None = None) -> int:
        """Begin a run at once; returns its id. Events that dead runs of the source left staged are judged with it.

        `pid` is the process that crawls; by default this one."""
        pid = os.getpid() if pid is None else pid
        with writing(self.engine) as session:
            return runs.open_now(session, source_id, trigger, self.clock.now(), slot=slot, pid=pid).id

    def queue_run(self, source_id: str, trigger: str, slot: str | None = None) -> int | None:
        """Ask for a run; None where the slot is taken, or a run of the source already waits or runs."""
        with writing(self.engine) as session:
            run = runs.queue(session, source_id, trigger, slot, self.clock.now())
            return run.id if run else None

    def start_run(self, run_id: int, pid: int | None = None) -> None:
        """Begin a queued run, crawled by the process `pid` (by default this one). Raises ArchiveError where it is
        not queued."""
        pid = os.getpid() if pid is None else pid
        with writing(self.engine) as session:
            runs.start(session, runs.get(session, run_id), pid, self.clock.now())

    def run_is_backlog(self, run_id: int) -> bool:
        """Whether what the run finds is backlog."""
        with reading_session(self.engine) as session:
            return runs.get(session, run_id).backlog

    def close_run(
        self,
        run_id: int,
        verdict: Verdict,
        reason: str,
        counts: dict[str, int],
        listing: ListRecord | None = None,
    ) -> RunSummary:
        """Judge a run: its staged events are published (ok, partial, blocked, interrupted), quarantined, or left for
        the source's next run (failed, died); the source's state follows. Raises ArchiveError if it is not running."""
        with writing(self.engine) as session:
            run = runs.get(session, run_id)
            runs.close(session, run, verdict, self.clock.now(), reason=reason, counts=counts, listing=listing)
            return runs.summary(run)

    def release_run(self, run_id: int) -> int:
        """Publish the events of a quarantined run, once a person has found that nothing was wrong; returns how many.

        Raises ArchiveError where the run was not quarantined."""
        with writing(self.engine) as session:
            return runs.release(session, runs.get(session, run_id), self.clock.now())

    def fail_dead_runs(self, alive: Callable[[int], bool]) -> list[int]:
        """Finish running runs whose process is gone as died; returns their ids."""
        with reading_session(self.engine) as session:
            if not runs.dead(session, alive):
                return []  # the usual case need not wait for its turn to write
        with writing(self.engine) as session:
            return runs.fail_dead(session, alive, self.clock.now())

    # -- pages -----------------------------------------------------------------------------------------------------

    def discover(
        self,
        run_id: int,
        entries: Iterable[pages.Entry],
        *,
        found_on: str | None = None,
        reported_by: str | None = None,
    ) -> list[bool]:
        """Keep the URLs of a listing (URL, title, date); answers for each whether it was new. `found_on` is the page
        that lists them, `reported_by` the news report whose links they are."""
        if self.mask:
            entries = [(entry[0], masking.mask(entry[1]) if entry[1] else entry[1], *entry[2:]) for entry in entries]
        with writing(self.engine) as session:
            run = runs.get(session, run_id)
            now = self.clock.now()
            return pages.discover(session, run, entries, now, found_on=found_on, reported_by=reported_by)

    def pending_pages(self, source_id: str, limit: int) -> list[KnownPage]:
        """Pages of the source that were found and never read: new, or failed and due to be tried again."""
        with reading_session(self.engine) as session:
            return pages.pending(session, source_id, limit, self.clock.now())

    def due_pages(self, source_id: str, limit: int, *, early: bool = False) -> list[KnownPage]:
        """Pages of the source's documents that are due to be checked: missing ones, then the longest overdue.

        `early`: also those whose time has not come."""
        with reading_session(self.engine) as session:
            return pages.due(session, source_id, limit, self.clock.now(), early=early)

    def known_page(self, url: str) -> KnownPage | None:
        """What is known of `url`, however it is written."""
        with reading_session(self.engine) as session:
            page = pages.find(session, url)
            return pages.known(page, self.clock.now()) if page else None

    def listed_pages(self, source_id: str, limit: int) -> list[str]:
        """URLs that the source's listing showed, the newest first: what a healthy list should bring back."""
        with reading_session(self.engine) as session:
            return pages.listed(session, source_id, limit)

    def content_type(self, url: str) -> str | None:
        """The Content-Type of what the text at hand of `url` was read from; None when there is none."""
        with reading_session(self.engine) as session:
            return pages.content_type(session, url)

    def usual(self, source_id: str) -> health.Usual | None:
        """What page 1 of the source's list usually shows; None while too little is known."""
        with reading_session(self.engine) as session:
            return health.usual(session, source_id)

    def accept_list(self, source_id: str) -> RunSummary:
        """A person says that the source's list is right as its last run saw it: what is usual is learned anew from that
        run on, which is answered. Raises ArchiveError where no run has read the list."""
        with writing(self.engine) as session:
            return runs.summary(runs.accept(session, source_id))

    # -- documents -------------------------------------------------------------------------------------------------

    def record(
        self,
        run_id: int,
        capture: Capture,
        reading: ReadingRecord | None,
        *,
        purpose: str,
        list_title: str | None = None,
        list_date: date | None = None,
        found_on: str | None = None,
        reported_by: str | None = None,
        hint: Outcome | None = None,
    ) -> Recorded:
        """Keep one fetched page and answer what it means for its document (decision order: docs/architecture.md).

        `hint` is what the transport or the reading already knows (ERROR, BLOCKED, MISSING, SUSPECT). The bytes are
        on the disk before a row names them; version and event are one transaction."""
        reading = self.as_kept(reading) if reading is not None else None
        list_title = masking.mask(list_title) if self.mask and list_title else list_title
        if (gone := self._erased(capture.url, capture.final_url)) is not None:
            return gone
        if capture.status == 304 and (unchanged := self.record_unchanged(run_id, capture)) is not None:
            return unchanged
        refusal = decisions.without_text(capture, reading, hint)
        place = None if refusal and refusal[0] is Outcome.ERROR else self._keep(capture)
        rereads = self._rereads(capture.url, reading, place) if refusal is None and reading is not None else []
        with writing(self.engine) as session:
            run, now = runs.get(session, run_id), self.clock.now()
            page, _ = pages.find_or_add(
                session, run, capture.url, now,
                title=list_title, list_date=list_date, found_on=found_on, reported_by=reported_by,
            )  # fmt: skip
            recording = Recording(At(session, run, page, now), capture, reading, place=place, rereads=rereads)
            recorded = recording.judge(hint)
            fetchlog.note(session, run_id, capture.url, recorded)
        _log.debug("%s %s: %s %s", purpose, capture.url, recorded.outcome, recorded.reason)
        return recorded

    def record_unchanged(self, run_id: int, capture: Capture) -> Recorded | None:
        """A 304: the page is as it was; it is due again later. None where the archive has nothing that it could be
        unchanged against; `record` then takes the answer for an error of the server."""
        with writing(self.engine) as session:
            run, now = runs.get(session, run_id), self.clock.now()
            page = pages.find(session, capture.url)
            if page is None or page.document_id is None or page.state != "fetched":
                return None
            page.checked_at, page.checked_run_id, page.attempts = now, run.id, 0
            schedule(page, session.get(Document, page.document_id), now)
            recorded = Recorded(Outcome.SAME, document_id=page.document_id, reason="not modified")
            fetchlog.note(session, run_id, capture.url, recorded)
            return recorded

    def record_attachment(  # noqa: PLR0917 - a link's facts in the order of the listing's tuple
        self, run_id: int, document_url: str, href: str, name: str, type_: str, capture: Capture,
        record: FileRecord | None = None, *, position: int | None = None,
    ) -> Recorded:  # fmt: skip
        """Keep a file of the document at `document_url` with its text: ADDED, SAME, UPGRADED, or CHANGED. It is the
        `position`-th of its page.

        Only another text is a change of the document and makes an event; a file saved anew with the same text is a
        version of the file. Without `record` the text stays unread, and nothing can be told of it."""
        if (gone := self._erased(document_url, capture.url, capture.final_url)) is not None:
            return gone
        name = masking.mask(name) if self.mask else name
        file = File(document_url, href, name, type_, capture, self.file_as_kept(record) if record else None,
                    position)  # fmt: skip
        refusal = attachments.refusal(file)
        place = self._keep(capture) if refusal is None else None
        reread = self._reread_file(file, place) if place is not None else None
        with writing(self.engine) as session:
            run, now = runs.get(session, run_id), self.clock.now()
            if refusal is not None or place is None:
                recorded = attachments.refused(session, document_url, refusal)
            else:
                recorded = attachments.keep(session, run, file, place, now, reread=reread)
            fetchlog.note(session, run_id, capture.url, recorded)
            return recorded

    def files_due(self, document_url: str, urls: Iterable[str], linked: Collection[str] = ()) -> list[str]:
        """Those of a document's files that are to be asked for though its page is as it was: what did not come for a
        week, since a file may be replaced under its address, and of `linked` what is not known, since it may be
        replaced under another."""
        with reading_session(self.engine) as session:
            keys = attachments.due(session, document_url, self.clock.now())
            known = attachments.known(session, document_url)
            return [url for url in urls if url_key(url) in keys or (url in linked and url_key(url) not in known)]

    def knows_file(self, document_url: str, url: str, digest: str, extractor_version: str) -> bool:
        """Whether the newest version of a file has these bytes (SHA-256), read by this extractor."""
        with reading_session(self.engine) as session:
            version = attachments.newest(session, document_url, url)
            return version is not None and (version.digest, version.extractor_version) == (
                digest,
                self.version_of(extractor_version),
            )

    def log_fetch(self, run_id: int, fetch: FetchRecord) -> None:
        """Log one request, whatever came of it."""
        with writing(self.engine) as session:
            fetchlog.log(session, run_id, fetch)

    def rebuild_search(self, *, only_if_outdated: bool = True) -> int | None:
        """Index all documents anew; by default only where the index was made by another tokenizer."""
        with writing(self.engine) as session:
            return search_index.rebuild_if_outdated(session) if only_if_outdated else search_index.rebuild(session)

    def pass_time(self) -> int:
        """Judge what time has changed: documents that came into force, expired, or whose deadline is near. Answers how
        many events that made; cheap where nothing is due (docs/architecture.md)."""
        return timekeeping.pass_time(self.engine, self.clock.now())

    # -- before the transaction ------------------------------------------------------------------------------------

    def _erased(self, *urls: str) -> Recorded | None:
        """The answer for a URL of a document that was erased: nothing of it is kept again."""
        with reading_session(self.engine) as session:
            document_id = tombstones.erased(session, [url_key(url) for url in urls])
        if document_id is None:
            return None
        return Recorded(Outcome.SAME, document_id=document_id, reason="erased; not archived again")

    def _keep(self, capture: Capture) -> Place:
        """Where the capture's bytes are kept; written only where the archive does not have them yet.

        Where it has, but they are damaged or gone, these take their place: a fetch mends what `verify` names. What a
        rule let go of a news report is not kept again; of other pages it is, as a version may come to rest on it."""
        digest = documents.digest_of(capture.payload)
        with reading_session(self.engine) as session:
            rows = session.scalars(select(Snapshot).where(Snapshot.digest == digest).order_by(Snapshot.id)).all()
            ours = [row.id for row in rows if not row.file and row.url_key == url_key(capture.url)]
            news = bool(ours) and _is_news(session, capture.url)
        known = next((row for row in rows if row.file), None)
        if known is not None:
            try:
                payloads.load(self.engine, self.snapshots, known.file, known.offset, digest)
            except ArchiveError as error:
                _log.warning("%s; %s brought the same bytes again", error, capture.url)
            else:
                return digest, known.file, known.offset, known.length
        elif news:
            return digest, "", 0, 0
        place = self.snapshots.append(capture)
        if known is not None or ours:
            mended = Snapshot.id.in_([*(row.id for row in rows if row.file), *ours])
            with writing(self.engine) as session:
                values = {"file": place[1], "offset": place[2], "length": place[3]}
                session.execute(update(Snapshot).where(mended).values(**values))
        return place

    def _rereads(self, url: str, record: ReadingRecord, place: Place | None) -> list[Reread]:
        """The bytes of the last versions read by the present extractor, where another made them.

        Where the text is none of theirs, of all that it is compared with: a stale server may show an older version just
        after an upgrade. Where it is the current version's in other bytes, of that one, for what else it says."""
        if self._reader is None or place is None:
            return []
        with reading_session(self.engine) as session:
            found = _versions_at(session, url)
        text = text_hash(record.title, record.doc_number, record.blocks)
        same_text = bool(found) and found[0][0].text_hash == text and found[0][2].digest != place[0]
        if same_text:
            found = found[:1]
        elif any(version.text_hash == text for version, _, _ in found):
            return []
        rereads = []
        for version, reading, snapshot in found:
            if reading.extractor_version == record.extractor_version:
                continue
            payload = self._held(snapshot)
            if payload is None:
                continue
            before = Capture(
                url=snapshot.url,
                final_url=snapshot.final_url,
                status=snapshot.status,
                headers=tuple((name, value) for name, value in snapshot.headers),
                payload=payload,
                fetched_at=snapshot.fetched_at,
            )
            again = self._reader(before)
            again = self.as_kept(again) if again is not None else None
            if again is None or again.state != "document" or again.extractor_version != record.extractor_version:
                continue
            if not same_text or text_hash(again.title, again.doc_number, again.blocks) == text:
                rereads.append(Reread(version.id, snapshot.id, again))
        return rereads

    def _reread_file(self, file: File, place: Place) -> attachments.Reread | None:
        """The newest version's bytes read by the present extractor, where another read them and the bytes differ."""
        if self._file_reader is None or file.record is None:
            return None
        with reading_session(self.engine) as session:
            version = attachments.newest(session, file.document_url, file.capture.url)
            snapshot = session.get(Snapshot, version.snapshot_id) if version else None
        if version is None or snapshot is None or version.digest == place[0]:
            return None
        if version.extractor_version == file.record.extractor_version:
            return None
        payload = self._held(snapshot)
        if payload is None:
            return None
        return attachments.Reread(version.id, self.file_as_kept(self._file_reader(payload, file.name, file.type)))

    def _held(self, snapshot: Snapshot) -> bytes | None:
        """The bytes, or None where they are gone or damaged, or never came with an import: what was read of them is
        then compared as it is, so that no change goes untold."""
        try:
            return payloads.load(self.engine, self.snapshots, snapshot.file, snapshot.offset, snapshot.digest)
        except ArchiveError as error:
            _log.warning("%s; %s is compared as it was read", error, snapshot.url)
            return None


def _is_news(session: Session, url: str) -> bool:
    """Whether the page at `url` shows a news report."""
    shown = select(Document.type).join(Page, Page.document_id == Document.id).where(Page.url_key == url_key(url))
    return session.scalar(shown) == "news"


def _versions_at(session: Session, url: str) -> list[tuple[Version, Reading, Snapshot]]:
    """The last versions of the document whose original page is `url`, with their readings and bytes."""
    rows = session.execute(
        select(Version, Reading, Snapshot)
        .join(Page, Page.document_id == Version.document_id)
        .join(Reading, Reading.id == Version.reading_id)
        .join(Snapshot, Snapshot.id == Reading.snapshot_id)
        .where(Page.url_key == url_key(url), Page.is_original.is_(True))
        .order_by(Version.seq.desc())
        .limit(decisions.VERSIONS_COMPARED)
    )
    return [(version, reading, snapshot) for version, reading, snapshot in rows]
