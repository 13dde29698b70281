"""Documents with all that the archive holds of them, each as one JSON object: the lines of a JSONL export.

The fields are those of the tables (docs/tables.md); where a row points to another, the object has its place in the list
of the same object, and where it points to another document, that document's URL. docs/export.md describes the whole."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.exchange.decided import Told
from storage.exchange.fields import dump
from storage.models import (
    Attachment,
    AttachmentVersion,
    Base,
    Document,
    Event,
    Lead,
    Organ,
    Page,
    Reading,
    Reference,
    Sighting,
    Snapshot,
    Source,
    Validity,
    Version,
)

FORMAT: Final = "policy-crawler-export"
VERSION: Final = 1  # raise it when an older release could not read what is written
EXCERPT = 200  # characters that an export carries of a news report's text

# What each object does not carry of its table: numbers of rows, which are the archive's own.
LEFT_OUT: Final[dict[type[Base], frozenset[str]]] = {
    Source: frozenset(
        {"state", "state_reason", "state_since", "failures", "alarmed", "usual_since", "next_due_at", "last_success_at"}
    ),
    Document: frozenset({"id", "first_run_id", "merged_into"}),
    Page: frozenset({"id", "document_id", "checked_run_id"}),
    Sighting: frozenset({"page_id"}),
    Snapshot: frozenset({"id", "page_id", "run_id"}),
    Reading: frozenset({"id", "snapshot_id"}),
    Organ: frozenset({"reading_id"}),
    Version: frozenset({"id", "document_id", "reading_id", "page_id", "run_id"}),
    Attachment: frozenset({"id", "document_id"}),
    AttachmentVersion: frozenset({"id", "attachment_id", "snapshot_id", "run_id"}),
    Reference: frozenset({"id", "document_id", "reading_id", "target_document_id", "attachment_id"}),
    Event: frozenset({"id", "run_id", "document_id", "version_id", "state", "matched_at"}),
    Validity: frozenset({"document_id", "by_document_id"}),
}

Row = TypeVar("Row", bound=Base)


def excerpt(text: str) -> str:
    """The beginning of a text on one line, at most EXCERPT characters."""
    line = " ".join(text.split())
    return line if len(line) <= EXCERPT else f"{line[: EXCERPT - 1]}…"


def source_line(session: Session, source_id: str, *, everything: bool) -> dict[str, Any]:
    """A source as a line. With everything the archive holds goes also when it last succeeded, so that what comes after
    is news."""
    source = session.get_one(Source, source_id)
    line = {"record": "source", **dump(source, LEFT_OUT[Source])}
    if everything:
        line["last_success_at"] = dump(source)["last_success_at"]
    return line


def document_lines(session: Session, ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    """A line for each document, in the order of `ids`."""
    rows = _Rows(session, ids)
    for document_id in ids:
        if document_id in rows.documents:
            yield _Line(rows, rows.documents[document_id]).object()
    session.expunge_all()


def sources_named(line: dict[str, Any]) -> list[str]:
    """The sources that a document's line names, each once."""
    named = dict.fromkeys([line["document"]["source_id"]])
    for page in line["pages"]:
        named.update(dict.fromkeys([page["source_id"], *(sighting["source_id"] for sighting in page["sightings"])]))
    named.update(dict.fromkeys(event["source_id"] for event in line["events"]))
    named.update(dict.fromkeys(one["merged"]["document"]["source_id"] for one in line["decisions"] if "merged" in one))
    return list(named)


def _by(rows: Iterable[Row], key: str) -> dict[Any, list[Row]]:
    grouped: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[getattr(row, key)].append(row)
    return grouped


def _of(session: Session, model: type[Row], condition: Any, *order: Any) -> list[Row]:
    return list(session.scalars(select(model).where(condition).order_by(*order)))


class _Rows:
    """All rows of a few documents, by what they belong to: one question a table, whatever their number."""

    def __init__(self, session: Session, ids: Sequence[int]) -> None:
        self.documents = {row.id: row for row in _of(session, Document, Document.id.in_(ids), Document.id)}
        pages = _of(session, Page, Page.document_id.in_(ids), Page.is_original.desc(), Page.id)
        self.pages = _by(pages, "document_id")
        page_ids = [page.id for page in pages]
        self.sightings = _by(
            _of(session, Sighting, Sighting.page_id.in_(page_ids), Sighting.page_id, Sighting.source_id), "page_id"
        )
        self.leads = _by(_of(session, Lead, Lead.page_id.in_(page_ids), Lead.page_id, Lead.report_key), "page_id")
        versions = _of(session, Version, Version.document_id.in_(ids), Version.seq)
        self.versions = _by(versions, "document_id")
        self.references = _by(_of(session, Reference, Reference.document_id.in_(ids), Reference.id), "document_id")
        self.events = _by(
            _of(session, Event, Event.document_id.in_(ids) & (Event.state == "published"), Event.id), "document_id"
        )
        self.validity = {row.document_id: row for row in _of(session, Validity, Validity.document_id.in_(ids))}
        files = _of(session, Attachment, Attachment.document_id.in_(ids), Attachment.id)
        self.files = _by(files, "document_id")
        file_ids = [file.id for file in files]
        file_versions = _of(
            session, AttachmentVersion, AttachmentVersion.attachment_id.in_(file_ids), AttachmentVersion.seq
        )
        self.file_versions = _by(file_versions, "attachment_id")
        of_pages = select(Reading.id).join(Snapshot, Snapshot.id == Reading.snapshot_id)
        of_pages = of_pages.where(Snapshot.page_id.in_(page_ids))
        read = {version.reading_id for version in versions} | set(session.scalars(of_pages))
        read |= {row.reading_id for rows in self.references.values() for row in rows}
        self.readings = {row.id: row for row in _of(session, Reading, Reading.id.in_(sorted(read)), Reading.id)}
        self.organs = _by(_of(session, Organ, Organ.reading_id.in_(sorted(read)), Organ.position), "reading_id")
        held = {row.snapshot_id for row in self.readings.values()} | {row.snapshot_id for row in file_versions}
        fits = Snapshot.id.in_(sorted(held)) | Snapshot.page_id.in_(page_ids)
        self.snapshots = {row.id: row for row in _of(session, Snapshot, fits, Snapshot.id)}
        self.told = Told(session, ids)
        targets = {row.target_document_id for rows in self.references.values() for row in rows}
        targets |= {row.by_document_id for row in self.validity.values()}
        original = select(Page.document_id, Page.url).where(Page.document_id.in_(targets), Page.is_original.is_(True))
        self.urls: dict[int | None, str] = {row[0]: row[1] for row in session.execute(original)}


class _Line:
    """One document's object."""

    def __init__(self, rows: _Rows, document: Document) -> None:
        self.rows, self.document, self.is_news = rows, document, document.type == "news"
        self.pages = rows.pages[document.id]
        self.page_at = _places(page.id for page in self.pages)
        self.files = rows.files[document.id]
        self.file_versions = [version for file in self.files for version in rows.file_versions[file.id]]
        read = {row.reading_id for row in rows.versions[document.id]}
        read |= {row.reading_id for row in rows.references[document.id]}
        own = {key for key, row in rows.snapshots.items() if row.page_id in self.page_at}
        self.readings = [row for row in rows.readings.values() if row.id in read or row.snapshot_id in own]
        self.reading_at = _places(row.id for row in self.readings)
        held = own | {row.snapshot_id for row in self.readings} | {row.snapshot_id for row in self.file_versions}
        self.snapshots = [row for key, row in rows.snapshots.items() if key in held]
        self.snapshot_at = _places(row.id for row in self.snapshots)
        self.seq = {version.id: version.seq for version in rows.versions[document.id]}

    def object(self) -> dict[str, Any]:
        """The whole line."""
        rows, key = self.rows, self.document.id
        validity = rows.validity.get(key)
        return {
            "record": "document",
            "id": key,
            "document": _dump(self.document),
            "pages": [self._page(page) for page in self.pages],
            "snapshots": [{**_dump(row), "page": self.page_at.get(row.page_id)} for row in self.snapshots],
            "readings": [self._reading(row) for row in self.readings],
            "versions": [
                {**_dump(row), "reading": self.reading_at[row.reading_id], "page": self.page_at.get(row.page_id, 0)}
                for row in rows.versions[key]
            ],
            "attachments": [
                {**_dump(file), "versions": [self._file_version(row) for row in rows.file_versions[file.id]]}
                for file in self.files
            ],
            "references": [self._reference(row) for row in rows.references[key]],
            "events": [self._event(row) for row in rows.events[key]],
            "decisions": rows.told.decisions(key, self.reading_at),
            "possible": rows.told.may_be(key),
            "validity": {**_dump(validity), "by": rows.urls.get(validity.by_document_id)} if validity else None,
        }

    def _page(self, page: Page) -> dict[str, Any]:
        return {
            **_dump(page),
            "sightings": [_dump(row) for row in self.rows.sightings[page.id]],
            "leads": [row.report_key for row in self.rows.leads[page.id]],
        }

    def _reading(self, row: Reading) -> dict[str, Any]:
        fields = {**_dump(row), "snapshot": self.snapshot_at[row.snapshot_id]}
        if self.is_news:
            fields["blocks"] = [["paragraph", excerpt("\n".join(text for _, text in row.blocks))]]
        return {**fields, "organs": [_dump(organ) for organ in self.rows.organs[row.id]]}

    def _file_version(self, row: AttachmentVersion) -> dict[str, Any]:
        fields = {**_dump(row), "snapshot": self.snapshot_at[row.snapshot_id]}
        return {**fields, "text": "", "text_places": [], "ocr_pictures": None} if self.is_news else fields

    def _reference(self, row: Reference) -> dict[str, Any]:
        file_at = _places(file.id for file in self.files)
        return {
            **_dump(row),
            "reading": self.reading_at[row.reading_id],
            "attachment": file_at.get(row.attachment_id),
            "target": self.rows.urls.get(row.target_document_id),
        }

    def _event(self, row: Event) -> dict[str, Any]:
        fields = {**_dump(row), "version": self.seq.get(row.version_id or 0)}
        if self.is_news:
            fields["payload"] = {**row.payload, "changes": []}
        return fields


def _dump(row: Base) -> dict[str, Any]:
    return dump(row, LEFT_OUT[type(row)])


def _places(keys: Iterable[int]) -> dict[int | None, int]:
    return {key: place for place, key in enumerate(keys)}
