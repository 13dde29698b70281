"""Questions to the archive; each is answered from one state of it. Search has a module of its own."""

import re
import unicodedata
from collections.abc import Collection
from datetime import date

from sqlalchemy import Engine, func, select

from storage import runs as runs_of
from storage.engine import reading
from storage.identity import is_bare, number_key, url_key
from storage.merged import survivors
from storage.models import (
    Attachment,
    AttachmentVersion,
    Document,
    Event,
    Fetch,
    Organ,
    Page,
    Reference,
    Run,
    Snapshot,
    Source,
    Version,
    in_order,
)
from storage.organs import full_name
from storage.records import RunSummary
from storage.row_queries import (
    document_rows,
    document_select,
    event_row,
    event_select,
    reference_rows,
    reference_select,
    version_rows,
    version_select,
)
from storage.rows import (
    AttachmentRow,
    CopyRow,
    DocumentRow,
    EventRow,
    FetchRow,
    ReferenceRow,
    SourceRow,
    VersionRow,
)
from storage.validity import Validity
from storage.validity_rows import judge

SEEN = ("entries", "dated", "newest", "moved_to")  # what a run says of page 1 of the list


class Queries:
    """Reads the archive; never writes, never holds up a writer."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    # -- documents -------------------------------------------------------------------------------------------------

    def document(self, document_id: int) -> DocumentRow | None:
        """The document, or what it was merged into; None where there is none."""
        with reading(self.engine) as session:
            standing = survivors(session, [document_id]).get(document_id)
            return next(iter(document_rows(session, document_select().where(Document.id == standing))), None)

    def find_documents(self, ref: str) -> list[DocumentRow]:
        """The documents that `ref` names: an id, a URL of one of its pages, or a document number in any spelling."""
        ref = ref.strip()
        with reading(self.engine) as session:
            if re.fullmatch(r"[0-9]{1,18}", ref):
                standing = sorted(survivors(session, [int(ref)]).values())
                return document_rows(session, document_select().where(Document.id.in_(standing)))
            if "://" in ref or re.match(r"[\w.-]+\.[a-z]{2,}/", ref):
                of_page = select(Page.document_id).where(Page.url_key == url_key(ref))
                return document_rows(session, document_select().where(Document.id.in_(of_page)))
            key = number_key(ref)
            fits = Document.number_normal == re.sub(r"\s+", "", unicodedata.normalize("NFKC", ref))
            if key is not None:
                fits = Document.number_key == key
            if key is not None and is_bare(key):  # 第50号 is the end of 工业和信息化部令第50号
                fits = fits | Document.number_key.endswith(key, autoescape=True)
            named = session.scalars(select(Document.id).where(fits).order_by(Document.id.desc()).limit(200)).all()
            standing = sorted(set(survivors(session, named).values()))
            return document_rows(
                session, document_select().where(Document.id.in_(standing)).order_by(Document.id.desc())
            )

    def documents(
        self, *, source_id: str | None = None, limit: int = 50, before_id: int | None = None
    ) -> list[DocumentRow]:
        """The documents last found, newest first; `before_id` pages on."""
        query = document_select().where(Document.merged_into.is_(None)).order_by(Document.id.desc()).limit(limit)
        if source_id is not None:
            query = query.where(Document.source_id == source_id)
        if before_id is not None:
            query = query.where(Document.id < before_id)
        with reading(self.engine) as session:
            return document_rows(session, query)

    def documents_of_organ(
        self, name: str, *, lead: bool | None = None, limit: int = 50, before_id: int | None = None
    ) -> list[DocumentRow]:
        """The documents that an organ issued, alone or with others, newest first, by their current versions.

        `name` is its one name or one that it is short for (工信部). `lead`: only those that it leads (True), or only
        those that it joined (False). `before_id` pages on."""
        query = (
            document_select()
            .join(Version, (Version.document_id == Document.id) & (Version.seq == Document.versions))
            .join(Organ, Organ.reading_id == Version.reading_id)
            .where(Organ.name == full_name(name))
        )
        if lead is not None:
            query = query.where(Organ.position == 0 if lead else Organ.position > 0)
        if before_id is not None:
            query = query.where(Document.id < before_id)
        with reading(self.engine) as session:
            return document_rows(session, query.order_by(Document.id.desc()).limit(limit))

    def versions(self, document_id: int) -> list[VersionRow]:
        """All versions of a document, the first first."""
        with reading(self.engine) as session:
            return version_rows(
                session, version_select().where(Version.document_id == document_id).order_by(Version.seq)
            )

    def version(self, version_id: int) -> VersionRow | None:
        """One version, or None."""
        with reading(self.engine) as session:
            return next(iter(version_rows(session, version_select().where(Version.id == version_id))), None)

    def latest_version(self, document_id: int) -> VersionRow | None:
        """The current version of a document, or None where there is no such document."""
        newest = version_select().where(Version.document_id == document_id).order_by(Version.seq.desc()).limit(1)
        with reading(self.engine) as session:
            return next(iter(version_rows(session, newest)), None)

    def copies(self, document_id: int) -> list[CopyRow]:
        """Every URL that shows the document, its original first."""
        query = (
            select(Page, Version.text_hash)
            .join(Document, Document.id == Page.document_id)
            .join(Version, (Version.document_id == Document.id) & (Version.seq == Document.versions))
            .where(Page.document_id == document_id)
            .order_by(Page.is_original.desc(), Page.id)
        )
        with reading(self.engine) as session:
            return [
                CopyRow(
                    url=page.url, source_id=page.source_id, is_original=page.is_original, state=page.state,
                    found_at=page.found_at, checked_at=page.checked_at, next_check_at=page.next_check_at,
                    missing_since=page.missing_since, flaps=page.flaps, differs=page.text_hash not in (None, text_hash),
                )
                for page, text_hash in session.execute(query)
            ]  # fmt: skip

    def attachments(self, document_id: int) -> list[AttachmentRow]:
        """The document's files with their newest bytes."""
        newest = (
            select(AttachmentVersion.attachment_id, func.max(AttachmentVersion.seq).label("seq"))
            .group_by(AttachmentVersion.attachment_id)
            .subquery()
        )
        query = (
            select(Attachment, AttachmentVersion, Snapshot)
            .outerjoin(newest, newest.c.attachment_id == Attachment.id)
            .outerjoin(
                AttachmentVersion,
                (AttachmentVersion.attachment_id == Attachment.id) & (AttachmentVersion.seq == newest.c.seq),
            )
            .outerjoin(Snapshot, Snapshot.id == AttachmentVersion.snapshot_id)
            .where(Attachment.document_id == document_id)
            .order_by(*in_order())
        )
        with reading(self.engine) as session:
            return [
                AttachmentRow(
                    id=file.id, document_id=file.document_id, url=file.url, href=file.href, name=file.name,
                    type=file.type, versions=version.seq if version else 0,
                    digest=version.digest if version else None, bytes=snapshot.bytes if snapshot else None,
                    file=snapshot.file if snapshot else None, offset=snapshot.offset if snapshot else None,
                    fetched_at=snapshot.fetched_at if snapshot else None, kind=version.kind if version else None,
                    text_state=version.text_state if version else "unread",
                    text_reason=version.text_reason if version else "", text=version.text if version else "",
                    text_places=tuple((place, name) for place, name in version.text_places) if version else (),
                    pictures_waiting=(version.pictures_waiting or 0) if version else 0,
                    ocr_confidence=version.ocr_confidence if version else None,
                )
                for file, version, snapshot in session.execute(query)
            ]  # fmt: skip

    # -- references ------------------------------------------------------------------------------------------------

    def references_from(self, document_id: int) -> list[ReferenceRow]:
        """What the current version of a document refers to."""
        with reading(self.engine) as session:
            return reference_rows(session, reference_select().where(Reference.document_id == document_id))

    def references_to(self, document_id: int) -> list[ReferenceRow]:
        """What refers to a document, by the current versions of those that do."""
        with reading(self.engine) as session:
            return reference_rows(session, reference_select().where(Reference.target_document_id == document_id))

    def news_about(self, document_id: int) -> list[DocumentRow]:
        """News reports that refer to a document, the latest first."""
        about = select(Reference.document_id).where(Reference.target_document_id == document_id)
        query = document_select().where(Document.id.in_(about), Document.type == "news")
        with reading(self.engine) as session:
            return document_rows(session, query.order_by(Document.published.desc(), Document.id.desc()))

    def validity(self, document_id: int, day: date) -> Validity | None:
        """Whether a document is in force on `day`, and why; None where there is no such document."""
        with reading(self.engine) as session:
            return judge(session, [document_id], day).get(document_id)

    # -- sources, runs, events -------------------------------------------------------------------------------------

    def sources(self) -> list[SourceRow]:
        """Every source the archive knows, by id."""
        last_run = select(func.max(Run.id)).where(Run.source_id == Source.id).correlate(Source).scalar_subquery()
        of_source = select(func.count(), func.max(Document.published), Document.source_id)
        counted = of_source.group_by(Document.source_id).subquery()
        columns = list(counted.c)
        query = (
            select(Source, Run, columns[0], columns[1])
            .outerjoin(counted, columns[2] == Source.id)
            .outerjoin(Run, Run.id == last_run)
            .order_by(Source.id)
        )
        with reading(self.engine) as session:
            return [
                SourceRow(
                    id=source.id, name=source.name, issuer=source.issuer, site=source.site, family=source.family,
                    level=source.level, publishes=source.publishes, list_url=source.list_url, state=source.state,
                    state_since=source.state_since, failures=source.failures, last_success_at=source.last_success_at,
                    next_due_at=source.next_due_at, last_run_id=run.id if run else None, documents=documents or 0,
                    newest_document=newest, state_reason=source.state_reason,
                    **({name: getattr(run, name) for name in SEEN} if run else {}),
                )
                for source, run, documents, newest in session.execute(query)
            ]  # fmt: skip

    def run(self, run_id: int) -> RunSummary | None:
        """The run, or None."""
        with reading(self.engine) as session:
            row = session.get(Run, run_id)
            return runs_of.summary(row) if row else None

    def runs(self, limit: int = 50, source_id: str | None = None) -> list[RunSummary]:
        """The last runs, newest first."""
        query = select(Run).order_by(Run.id.desc()).limit(limit)
        if source_id is not None:
            query = query.where(Run.source_id == source_id)
        with reading(self.engine) as session:
            return [runs_of.summary(row) for row in session.scalars(query)]

    def events(
        self,
        since_id: int = 0,
        kinds: Collection[str] | None = None,
        state: str | None = "published",
        *,
        run_id: int | None = None,
        document_id: int | None = None,
        limit: int = 1_000,
    ) -> list[EventRow]:
        """Events after `since_id`, the oldest first; of any state with None."""
        query = event_select().where(Event.id > since_id).order_by(Event.id).limit(limit)
        if kinds is not None:
            query = query.where(Event.kind.in_(list(kinds)))
        if state is not None:
            query = query.where(Event.state == state)
        if run_id is not None:
            query = query.where(Event.run_id == run_id)
        if document_id is not None:
            query = query.where(Event.document_id == document_id)
        with reading(self.engine) as session:
            return [event_row(*row) for row in session.execute(query)]

    def unpublished_events(self) -> list[EventRow]:
        """Events held back: staged by a run that has not ended, or quarantined with it."""
        query = event_select().where(Event.state.in_(("staged", "quarantined"))).order_by(Event.id)
        with reading(self.engine) as session:
            return [event_row(*row) for row in session.execute(query)]

    def fetches(self, run_id: int | None = None, *, url: str | None = None, limit: int = 10_000) -> list[FetchRow]:
        """The fetch log of a run, or of a URL over all runs, the oldest first."""
        query = select(Fetch).order_by(Fetch.id).limit(limit)
        if run_id is not None:
            query = query.where(Fetch.run_id == run_id)
        if url is not None:
            query = query.where(Fetch.url_key == url_key(url))
        with reading(self.engine) as session:
            return [
                FetchRow(
                    id=row.id, run_id=row.run_id, url=row.url, final_url=row.final_url, purpose=row.purpose, at=row.at,
                    status=row.status, outcome=row.outcome, bytes=row.bytes, duration_ms=row.duration_ms,
                    error=row.error, recorded=row.recorded, reason=row.reason,
                )
                for row in session.scalars(query)
            ]  # fmt: skip
