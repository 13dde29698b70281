"""Writes the full-text index: one row for each state of a document that search may show. Rows are appended, the old
one loses its `current` mark: FTS5 cannot delete from a contentless table on every SQLite in use (3.40)."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Engine, func, select, text, update
from sqlalchemy.orm import Session

from storage import tokens
from storage.clock import CHINA
from storage.engine import reading as reading_session
from storage.engine import writing
from storage.models import (
    Attachment,
    AttachmentVersion,
    Document,
    Organ,
    Page,
    Reading,
    SearchEntry,
    Setting,
    Sighting,
    Validity,
    Version,
)
from storage.query import MatchText
from storage.search_snippets import FileText

PER_DAY = 10_000_000  # entries a day can hold: rowid = day × PER_DAY + counter, so that newest-first needs no sort
_VERSION_SETTING = "tokenizer_version"


EVERY = "\ue00f"  # a token that every document has, for questions that only exclude


def sources_of(session: Session, document_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """For each document the sources that found it or list one of its copies."""
    found: dict[int, dict[str, None]] = {document_id: {} for document_id in document_ids}
    own = select(Document.id, Document.source_id).where(Document.id.in_(document_ids))
    of_pages = select(Page.document_id, Page.source_id).where(Page.document_id.in_(document_ids)).order_by(Page.id)
    listing = (
        select(Page.document_id, Sighting.source_id)
        .join(Sighting, Sighting.page_id == Page.id)
        .where(Page.document_id.in_(document_ids))
        .order_by(Page.id, Sighting.source_id)
    )
    for query in (own, of_pages, listing):
        for document_id, source_id in session.execute(query):
            if document_id is not None:
                found[document_id][source_id] = None
    return {document_id: tuple(sources) for document_id, sources in found.items()}


def organs_of(session: Session, reading_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """For each reading the one names of the organs that issued its document, the lead first."""
    found: dict[int, list[str]] = {reading_id: [] for reading_id in reading_ids}
    query = select(Organ.reading_id, Organ.name).where(Organ.reading_id.in_(reading_ids))
    for reading_id, name in session.execute(query.order_by(Organ.reading_id, Organ.position)):
        found[reading_id].append(name)
    return {reading_id: tuple(names) for reading_id, names in found.items()}


def validity_of(session: Session, document_ids: Sequence[int]) -> dict[int, str]:
    """For each document the state of its validity, as last judged; "unknown" where it was not yet."""
    found = dict.fromkeys(document_ids, "unknown")
    judged = select(Validity.document_id, Validity.state).where(Validity.document_id.in_(document_ids))
    for document_id, state in session.execute(judged):
        found[document_id] = state
    return found


def body_text(blocks: list[list[str]]) -> str:
    """A reading's blocks as one text, a block a line."""
    return "\n".join(block[1] for block in blocks)


def file_texts(session: Session, document_ids: Sequence[int]) -> dict[int, list[FileText]]:
    """For each document that has any, the texts of the newest versions of its files."""
    newest = (
        select(AttachmentVersion.attachment_id, func.max(AttachmentVersion.seq).label("seq"))
        .join(Attachment, Attachment.id == AttachmentVersion.attachment_id)
        .where(Attachment.document_id.in_(document_ids))  # else it reads the files of all documents, for each one
        .group_by(AttachmentVersion.attachment_id)
        .subquery()
    )
    query = (
        select(Attachment.document_id, Attachment.name, AttachmentVersion.text, AttachmentVersion.text_places)
        .join(AttachmentVersion, AttachmentVersion.attachment_id == Attachment.id)
        .join(newest, (newest.c.attachment_id == Attachment.id) & (newest.c.seq == AttachmentVersion.seq))
        .where(Attachment.document_id.in_(document_ids), AttachmentVersion.text != "")
        .order_by(Attachment.id)
    )
    found: dict[int, list[FileText]] = {}
    for document_id, name, words, places in session.execute(query):
        found.setdefault(document_id, []).append(FileText(name, words, places))
    return found


def files_of(session: Session, document_ids: Sequence[int]) -> dict[int, str]:
    """For each document that has any, the texts of its files as one."""
    found = file_texts(session, document_ids)
    return {document_id: "\n".join(file.text for file in files) for document_id, files in found.items()}


def index_document(session: Session, document: Document, version: Version, reading: Reading) -> None:
    """Make `version` what search finds of `document`, in the caller's transaction."""
    session.execute(
        update(SearchEntry)
        .where(SearchEntry.document_id == document.id, SearchEntry.current.is_(True))
        .values(current=False)
    )
    rowid = _next_rowid(session, document.published or document.first_seen_at.astimezone(CHINA).date())
    session.add(SearchEntry(rowid=rowid, document_id=document.id, version_id=version.id, current=True))
    session.flush()
    sources, files = sources_of(session, [document.id])[document.id], files_of(session, [document.id])
    organs = organs_of(session, [reading.id])[reading.id]
    validity = validity_of(session, [document.id])[document.id]
    seen = match_text(document, reading, organs, sources, files=files.get(document.id, ""), validity=validity)
    _insert(session, rowid, document_tokens(seen))


def match_text(
    document: Document, reading: Reading, organs: Sequence[str], sources: Sequence[str], *, files: str = "",
    validity: str = "unknown",
) -> MatchText:  # fmt: skip
    """What queries see of a document's version; `files` is the text of its attachments."""
    return MatchText(
        title=document.title,
        number=document.number,
        issuer=document.issuer,
        body=body_text(reading.blocks),
        type=document.type,
        issuers=tuple(reading.issuers),
        sources=tuple(sources),
        attachments=files,
        organs=tuple(organs),
        number_normal=document.number_normal,
        validity=validity,
        kind=reading.kind,
        topic=reading.topic,
        cited=tuple((mention[1], mention[2]) for mention in reading.mentions),
        dates={
            "published": document.published, "effective": reading.effective, "written": document.written,
            "deadline": document.deadline,
        },
    )  # fmt: skip


PREFIXES = {
    "title": tokens.TITLE, "number": tokens.NUMBER, "issuer": tokens.ISSUER, "topic": tokens.TOPIC,
    "cites": tokens.CITES,
}  # fmt: skip
"""Fields whose words have tokens of their own."""


def document_tokens(document: MatchText) -> list[str]:
    """Every different token that a document is found by: of all that its queries are checked against."""
    found: dict[str, None] = {EVERY: None, tokens.facet(tokens.TYPE, document.type): None}
    found[tokens.facet(tokens.VALIDITY, document.validity)] = None
    found.update(dict.fromkeys(tokens.facet(tokens.SOURCE, source) for source in document.sources))
    if document.kind:
        found[tokens.facet(tokens.KIND, document.kind)] = None
    for field, day in document.dates.items():
        if day is not None:
            found.update(dict.fromkeys(tokens.date_tokens(day, tokens.DATES[field])))
    for field, forms in document.of_field.items():
        for form in forms:
            found.update(dict.fromkeys(tokens.index_tokens(form, PREFIXES[field])))
    for _, text_ in document.places:  # the longest last
        found.update(dict.fromkeys(tokens.index_tokens(text_)))
    return list(found)[: tokens.MAX_TOKENS]


def _next_rowid(session: Session, day: date) -> int:
    first = day.toordinal() * PER_DAY
    last = session.scalar(
        select(func.max(SearchEntry.rowid)).where(SearchEntry.rowid.between(first, first + PER_DAY - 1))
    )
    return first + 1 if last is None else last + 1


def _insert(session: Session, rowid: int, words: list[str]) -> None:
    if session.get_bind().dialect.name == "sqlite":
        session.execute(
            text("INSERT INTO document_fts (rowid, tokens) VALUES (:rowid, :tokens)"),
            {"rowid": rowid, "tokens": " ".join(words)},
        )
    else:  # a literal without positions: tokens hold no quote or backslash
        session.execute(
            text("INSERT INTO document_fts (rowid, tokens) VALUES (:rowid, CAST(:tokens AS tsvector))"),
            {"rowid": rowid, "tokens": " ".join(f"'{word}'" for word in words)},
        )


def rebuild(session: Session) -> int:
    """Index every document anew, in the caller's transaction; returns how many there are."""
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("INSERT INTO document_fts (document_fts) VALUES ('delete-all')"))
    else:
        session.execute(text("DELETE FROM document_fts"))
    session.execute(SearchEntry.__table__.delete())  # type: ignore[attr-defined]
    current = (
        select(Document, Version, Reading)
        .join(Version, (Version.document_id == Document.id) & (Version.seq == Document.versions))
        .join(Reading, Reading.id == Version.reading_id)
        .order_by(Document.id)
    )
    count = 0
    for document, version, reading in session.execute(current.execution_options(yield_per=200)):
        index_document(session, document, version, reading)
        count += 1
    session.merge(Setting(name=_VERSION_SETTING, value=tokens.TOKENIZER_VERSION))
    return count


def rebuild_if_outdated(session: Session) -> int | None:
    """Rebuild where the index was made by another tokenizer; returns how many documents, None where nothing was due."""
    setting = session.get(Setting, _VERSION_SETTING)
    if setting is not None and setting.value == tokens.TOKENIZER_VERSION:
        return None
    return rebuild(session)


def renew(engine: Engine) -> int | None:
    """What an archive needs when it is opened: an index made by another release's tokens is made anew, in one
    transaction. Returns how many documents that took; None, at the cost of one row read, where nothing was due."""
    with reading_session(engine) as session:
        setting = session.get(Setting, _VERSION_SETTING)
    if setting is not None and setting.value == tokens.TOKENIZER_VERSION:
        return None
    with writing(engine) as session:
        if engine.dialect.name == "postgresql":  # one process does it; the others wait and find it done
            session.execute(text("LOCK TABLE search_map IN SHARE ROW EXCLUSIVE MODE"))
        return rebuild_if_outdated(session)
