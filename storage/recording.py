"""One fetched page on its way into the archive, inside one transaction. `archive.py` is the door; here it is judged."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from sqlalchemy import select

from storage import decisions, documents, enriching, possible, references, search_index
from storage.diff import compare, deadline_change, text_hash, validity_change
from storage.documents import At, Place
from storage.identity import url_key
from storage.models import Document, Page, Reading, Sighting, Snapshot, Source, Version
from storage.normal import fold_body
from storage.records import Capture, ClauseChange, Outcome, ReadingRecord, Recorded
from storage.search_index import index_document
from storage.works import find_work, pairs, same_but_framed, still_shows


@dataclass(frozen=True, slots=True)
class Reread:
    """A version's bytes, read again by the extractor that read the page now."""

    version_id: int
    snapshot_id: int
    record: ReadingRecord


class Recording:
    """What `Archive.record` does with one capture."""

    def __init__(
        self,
        at: At,
        capture: Capture,
        reading: ReadingRecord | None,
        *,
        place: Place | None,
        rereads: Sequence[Reread] = (),
    ) -> None:
        """`place` is where the bytes are kept; None when they are not."""
        self.at, self.session, self.run, self.page, self.now = at, at.session, at.run, at.page, at.now
        self.capture, self.record, self.place, self.rereads = capture, reading, place, rereads
        self.document = self.session.get(Document, at.page.document_id) if at.page.document_id is not None else None

    def judge(self, hint: Outcome | None) -> Recorded:
        """The decision order of docs/architecture.md; the first that fits decides."""
        page = self.page
        page.checked_at, page.checked_run_id = self.now, self.run.id
        refusal = decisions.without_text(self.capture, self.record, hint) or self._leads_away()
        if refusal is not None:
            outcome, reason = refusal
            return self._missing(reason) if outcome is Outcome.MISSING else self._failed(outcome, reason)
        page.full_check_at = self.now
        self._upgrade_first()
        suspicion = self._suspicion(hint)
        if suspicion:
            return self._suspect(suspicion)
        record = self._record()
        page.suspect_since = page.suspect_hash = None
        snapshot = self._snapshot()
        if self.document is None:
            return self._unknown(record, snapshot)
        if not page.is_original:
            return self._copy_again(self.document, record, snapshot)
        return self._known(self.document, record, snapshot)

    def _leads_away(self) -> tuple[Outcome, str] | None:
        """What to say where a known document's URL is answered by another URL than before, with another document: its
        own is gone from there. A page that moved with its number, title or text is still itself."""
        page, document, record = self.page, self.document, self.record
        if document is None or record is None or page.final_key is None:
            return None
        final = url_key(self.capture.final_url)
        if final == page.final_key or still_shows(self.session, document, record):
            return None
        return Outcome.MISSING, f"redirected to another page, {self.capture.final_url}"

    # -- without a text --------------------------------------------------------------------------------------------

    def _failed(self, outcome: Outcome, reason: str) -> Recorded:
        """Error or refusal: whatever was known stays as it is."""
        page = self.page
        page.attempts += 1
        if page.state == "new":
            page.state = "failed"
        wait = decisions.retry_interval(page.attempts)
        if outcome is Outcome.BLOCKED:
            wait = max(wait, decisions.retry_after(self.capture))
        page.next_check_at = self.now + wait
        return self._answer(outcome, self._snapshot() if self.place else None, reason=reason)

    def _missing(self, reason: str) -> Recorded:
        """Gone once is missing; gone again six hours later is withdrawn, once, unless the whole source is in doubt."""
        page, document = self.page, self.document
        snapshot = self._snapshot() if self.place else None
        first = page.missing_since is None
        page.missing_since = page.missing_since or self.now
        page.state, page.attempts = "missing", page.attempts + 1
        page.etag = page.last_modified = None
        if document is None or not page.is_original:
            page.next_check_at = self.now + max(decisions.MISSING_AGAIN_AFTER, decisions.retry_interval(page.attempts))
            return self._answer(Outcome.MISSING, snapshot, reason=reason)
        if document.state == "withdrawn":
            page.next_check_at = self.now + max(
                timedelta(days=1), decisions.check_interval(page.url, self.now - page.missing_since)
            )
            return self._answer(Outcome.MISSING, snapshot, reason=f"{reason}; withdrawn before")
        page.next_check_at = self.now + decisions.MISSING_AGAIN_AFTER
        if first or self.now - page.missing_since < decisions.MISSING_AGAIN_AFTER or self._source_in_doubt():
            document.state = "missing"
            return self._answer(Outcome.MISSING, snapshot, reason=reason)
        if (elsewhere := self._moved_to(document)) is not None:
            page.is_original, elsewhere.is_original = False, True
            document.state = "current"
            elsewhere.next_check_at = self.now
            return self._answer(Outcome.MISSING, snapshot, reason=f"{reason}; it stands at {elsewhere.url} now")
        document.state = "withdrawn"
        page.next_check_at = self.now + timedelta(days=1)
        version = documents.last_versions(self.session, document)[0]
        documents.stage(self.at, "withdrawn", document, version, reason=reason)
        return self._answer(Outcome.WITHDRAWN, snapshot, version, reason=reason)

    def _moved_to(self, document: Document) -> Page | None:
        """A copy as near to the issuer as this page was, that still answers: the document has only moved."""
        level = documents.originality(self.session, document, self.page)
        copies = self.session.scalars(
            select(Page)
            .where(Page.document_id == document.id, Page.id != self.page.id, Page.state == "fetched")
            .order_by(Page.checked_at.desc(), Page.id)
        )
        return next((c for c in copies if documents.originality(self.session, document, c) >= level), None)

    def _source_in_doubt(self) -> bool:
        source = self.session.get_one(Source, self.page.source_id)
        return source.state not in {"ok", "new"}

    # -- a doubtful text -------------------------------------------------------------------------------------------

    def _suspicion(self, hint: Outcome | None) -> str:
        """Why the text is doubtful; empty when it is not, or when the same came again at least a minute later."""
        record, document = self.record, self.document
        if record is None or document is None or record.state == "empty":
            reason = decisions.suspicion(record, 0, (), had_title=False)
        elif self._hash == self.page.text_hash and hint is not Outcome.SUSPECT:
            return ""
        else:
            lengths = [version.text_length for version in documents.last_versions(self.session, document)]
            length = len(fold_body(record.blocks))
            reason = decisions.suspicion(record, length, lengths, had_title=document.title is not None)
            reason = reason or self._read_otherwise(document, record)
        if hint is Outcome.SUSPECT:
            return reason or (record.state_reason if record else "") or "the reading doubts it"
        if not reason or record is None or record.state == "empty":
            return reason
        since = self.page.suspect_since
        repeated = self.page.suspect_hash == self._hash and since is not None
        return "" if repeated and since and self.now - since >= decisions.REPEAT_AFTER else reason

    def _read_otherwise(self, document: Document, record: ReadingRecord) -> str:
        """Why a text is doubtful that another family's rules found: a part of the page may be missing for a moment."""
        versions = documents.last_versions(self.session, document)
        before = self.session.get_one(Reading, versions[0].reading_id)
        alike = before.family == record.family or before.extractor_version != record.extractor_version
        if alike or self._hash in {version.text_hash for version in versions} or same_but_framed(before, record):
            return ""
        return f"read by the rules of {record.family}, before by those of {before.family}"

    def _suspect(self, reason: str) -> Recorded:
        page = self.page
        hash_ = self._hash if self.record else self.place[0] if self.place else ""
        if page.suspect_hash != hash_:
            page.suspect_since, page.suspect_hash = self.now, hash_
        page.attempts += 1
        if page.document_id is None:
            page.state = "failed"
        soon = page.attempts <= 2  # fetched again in another minute, twice; then like any failure
        page.next_check_at = self.now + (decisions.REPEAT_AFTER if soon else decisions.retry_interval(page.attempts))
        return self._answer(Outcome.SUSPECT, self._snapshot() if self.place else None, reason=reason)

    # -- a text ----------------------------------------------------------------------------------------------------

    def _unknown(self, record: ReadingRecord, snapshot: Snapshot) -> Recorded:
        """A URL without a document yet: a copy of one that is known, or a new one."""
        session, page = self.session, self.page
        reading = documents.keep_reading(session, snapshot, record, self.now)
        type_ = documents.type_of(session, record, page)
        document, doubts = find_work(session, record, type_, page, self.capture)
        if document is not None:
            return self._new_copy(document, record, reading, snapshot)
        document = self.document = documents.add(self.at, record)
        possible.keep(session, document.id, doubts, self.now)
        version = documents.add_version(self.at, document, record, reading, "added")
        self._accept(document, snapshot, reading)
        documents.stage(self.at, "added", document, version)
        return self._answer(Outcome.ADDED, snapshot, version)

    def _new_copy(self, document: Document, record: ReadingRecord, reading: Reading, snapshot: Snapshot) -> Recorded:
        """A known document at a further URL. Where that is nearer to the issuer, versions come from there from now
        on; what then differs is no change of the document, so nobody is told."""
        session, page = self.session, self.page
        self.document = document
        known_to = search_index.sources_of(session, [document.id])[document.id]
        listed = session.get(Sighting, (page.id, self.run.source_id)) is not None
        new_to_source = listed and self.run.source_id not in known_to
        page.document_id = document.id
        version = documents.last_versions(session, document)[0]
        original = documents.original_page(session, document)
        nearer = documents.originality(session, document, page) - documents.originality(session, document, original)
        moved = nearer == 0 and original.state == "missing"  # a site that was rebuilt gives its pages other addresses
        if nearer > 0 or moved:
            original.is_original, page.is_original = False, True
            returned = document.state == "withdrawn"
            document.state = "current"
            if reading.text_hash != version.text_hash:
                version = documents.add_version(self.at, document, record, reading, "original")
                enriching.note(session, version.id, "reading", self.now, run_id=self.run.id)
            if returned:
                documents.stage(self.at, "restored", document, version)
        self._accept(document, snapshot, reading)
        references.resolve_to(session, document)
        references.keep_reports(session, page)
        if new_to_source:
            documents.found_also(self.at, document)
        else:
            index_document(session, document, version, session.get_one(Reading, version.reading_id))
        return self._answer(Outcome.COPY, snapshot, version)

    def _copy_again(self, document: Document, record: ReadingRecord, snapshot: Snapshot) -> Recorded:
        """A copy's text may differ by its site; that is kept as its reading and makes no version."""
        differs = self._hash != self.page.text_hash
        reading = documents.keep_reading(self.session, snapshot, record, self.now) if differs else None
        self._accept(document, snapshot, reading)
        return self._answer(Outcome.SAME, snapshot, reason="a copy's text differs" if differs else "")

    def _known(self, document: Document, record: ReadingRecord, snapshot: Snapshot) -> Recorded:
        """The original page of a known document: upgraded, same or changed; restored if it had been withdrawn."""
        session, page = self.session, self.page
        versions = documents.last_versions(session, document)
        current = versions[0]
        returned = document.state == "withdrawn"
        document.state = "current"
        seen = self._hash in {version.text_hash for version in versions}
        read_anew = snapshot.digest == page.digest and page.extractor_version != record.extractor_version
        if read_anew and page.text_hash == current.text_hash:
            reading = documents.keep_reading(session, snapshot, record, self.now)
            documents.upgrade_version(self.at, document, current, record, reading)
            self._accept(document, snapshot, reading)
            if returned:
                return self._restored(document, current, snapshot)
            return self._answer(Outcome.UPGRADED, snapshot, current)
        if read_anew or (seen and not self._beside(versions)):
            flapped = self._hash != current.text_hash
            if flapped:
                page.flaps, page.flapped_at = page.flaps + 1, self.now
            self._accept(document, snapshot, None)
            if returned:
                return self._restored(document, current, snapshot)
            return self._answer(Outcome.SAME, snapshot, current, reason="shows an earlier version" if flapped else "")
        return self._another_text(document, record, snapshot, returned=returned)

    def _another_text(
        self, document: Document, record: ReadingRecord, snapshot: Snapshot, *, returned: bool
    ) -> Recorded:
        """A text, a deadline or a stated validity that none of the last versions had: a change, unless only the site's
        frame around the text is another."""
        session, versions = self.session, documents.last_versions(self.session, document)
        current, changes = versions[0], self._beside(versions)
        reading = documents.keep_reading(session, snapshot, record, self.now)
        before = session.get_one(Reading, current.reading_id)
        framed = before.family != record.family and same_but_framed(before, record)
        if not framed:
            changes += compare(
                [("title", before.title or ""), ("number", before.number or ""), *pairs(before.blocks)],
                [("title", record.title or ""), ("number", record.doc_number or ""), *record.blocks],
            )
        version = documents.add_version(
            self.at, document, record, reading, "template" if framed and not changes else "changed"
        )
        self._accept(document, snapshot, reading)
        if returned:
            return self._restored(document, version, snapshot, changes)
        if framed and not changes:
            return self._answer(Outcome.SAME, snapshot, version, reason="the same text in another template")
        documents.stage(self.at, "changed", document, version, changes=changes)
        return self._answer(Outcome.CHANGED, snapshot, version, changes=changes)

    def _beside(self, versions: Sequence[Version]) -> tuple[ClauseChange, ...]:
        """What became of the deadline and of the validity stated, which need not stand in the text; nothing where one
        of the last versions had them. Compared only with what this extractor read, so that our own progress is no
        change."""
        record = self._record()
        readings = [self.session.get_one(Reading, version.reading_id) for version in versions]
        if readings[0].extractor_version != record.extractor_version:
            return ()
        now = (record.deadline, record.deadline_at)
        found = (
            [deadline_change((reading.deadline, reading.deadline_at), now) for reading in readings],
            [validity_change(reading.validity, record.validity) for reading in readings],
        )
        return tuple(changes[0] for changes in found if changes[0] is not None and all(changes))

    def _restored(
        self, document: Document, version: Version, snapshot: Snapshot, changes: tuple[ClauseChange, ...] = ()
    ) -> Recorded:
        documents.stage(self.at, "restored", document, version, changes=changes)
        return self._answer(Outcome.RESTORED, snapshot, version, changes=changes)

    def _upgrade_first(self) -> None:
        """Where another extractor made the last versions, compare with what this one makes of the old bytes, so
        that our own progress is never told as a change of the document."""
        if not self.rereads or self.document is None:
            return
        versions = {version.id: version for version in documents.last_versions(self.session, self.document)}
        for reread in self.rereads:
            version = versions.get(reread.version_id)
            if version is None:
                continue  # another writer came between
            snapshot = self.session.get_one(Snapshot, reread.snapshot_id)
            page = self.session.get_one(Page, version.page_id)
            reading = documents.keep_reading(self.session, snapshot, reread.record, self.now)
            shown = page.text_hash == version.text_hash
            documents.upgrade_version(replace(self.at, page=page), self.document, version, reread.record, reading)
            if shown:
                page.text_hash, page.extractor_version = reading.text_hash, reading.extractor_version

    # -- common ----------------------------------------------------------------------------------------------------

    def _record(self) -> ReadingRecord:
        if self.record is None:
            raise AssertionError("decisions.without_text lets no page pass without a reading")
        return self.record

    @cached_property
    def _hash(self) -> str:
        record = self._record()
        return text_hash(record.title, record.doc_number, record.blocks)

    def _snapshot(self) -> Snapshot:
        if self.place is None:
            raise AssertionError("the bytes of every answer but an error are kept before the transaction")
        return documents.keep_snapshot(self.session, self.page, self.run, self.capture, self.place)

    def _accept(self, document: Document, snapshot: Snapshot, reading: Reading | None) -> None:
        """The page answered well: remember what it showed, and when it is due again."""
        page, headers = self.page, {name.lower(): value for name, value in self.capture.headers}
        page.state, page.attempts, page.missing_since = "fetched", 0, None
        page.etag, page.last_modified = headers.get("etag"), headers.get("last-modified")
        page.final_key = url_key(self.capture.final_url)
        page.digest, page.text_hash = snapshot.digest, reading.text_hash if reading else self._hash
        page.extractor_version = self._record().extractor_version
        schedule(page, document, self.now)

    def _answer(
        self, outcome: Outcome, snapshot: Snapshot | None = None, version: Version | None = None,
        *, reason: str = "", changes: tuple[ClauseChange, ...] = (),
    ) -> Recorded:  # fmt: skip
        self.session.flush()
        return Recorded(
            outcome=outcome,
            document_id=self.document.id if self.document else None,
            version_id=version.id if version else None,
            snapshot_id=snapshot.id if snapshot else None,
            reason=reason,
            changes=changes,
        )


def schedule(page: Page, document: Document | None, now: datetime) -> None:
    """Set when a page that answered well is due again, by its document's age."""
    published = document.published if document else None
    age = decisions.age_of(published, page.found_at, now)
    page.next_check_at = now + decisions.check_interval(page.url, age)
