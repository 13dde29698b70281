"""Writes the full-text index: one row for each state of a document that search may show. Rows are appended, the old
one loses its `current` mark: FTS5 cannot delete from a contentless table on every SQLite in use (3.40)."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Engine, delete, func, insert, select, text, update
from sqlalchemy.orm import Session

from storage import search_texts, tokens
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
    SearchText,
    Setting,
    Sighting,
    Validity,
    Version,
    in_order,
)
from storage.query import MatchText
from storage.search_places import SourcePlace, places_of
from storage.search_snippets import FileText

PER_DAY = 10_000_000  # entries a day can hold: rowid = day × PER_DAY + counter, so that newest-first needs no sort
_VERSION_SETTING = "tokenizer_version"
AT_ONCE = 200  # documents that are indexed together: their texts are whole


EVERY = "\ue00f"  # a token that every document has, for questions that only exclude
LARGE = "\ue00e"  # a token of every row of a document that has several

PARTS = 1_000  # further rows that a document can have; they stand below zero: -(rowid × PARTS + part)


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
        .order_by(*in_order())
    )
    found: dict[int, list[FileText]] = {}
    for document_id, name, words, places in session.execute(query):
        found.setdefault(document_id, []).append(FileText(name, words, places))
    return found


def files_of(session: Session, document_ids: Sequence[int]) -> dict[int, str]:
    """For each document that has any, the texts of its files as one."""
    found = file_texts(session, document_ids)
    return {document_id: "\n".join(file.text for file in files) for document_id, files in found.items()}


State = tuple[Document, Version, Reading]


def index_document(session: Session, document: Document, version: Version, reading: Reading) -> None:
    """Make `version` what search finds of `document`, in the caller's transaction."""
    index_documents(session, [(document, version, reading)])


def index_documents(session: Session, states: Sequence[State]) -> None:
    """The same for several documents at once; in the order of their dates they are written quickest."""
    session.flush()
    ids = [document.id for document, _, _ in states]
    shown = (SearchEntry.document_id.in_(ids), SearchEntry.current.is_(True))
    if old := session.scalars(select(SearchEntry.rowid).where(*shown)).all():
        session.execute(delete(SearchText).where(SearchText.rowid.in_(old)))
        session.execute(update(SearchEntry).where(SearchEntry.rowid.in_(old)).values(current=False))
    seen = match_texts(session, [(document, reading) for document, _, reading in states])
    texts = dict(zip(ids, seen, strict=True))
    rowids = _next_rowids(session, [document for document, _, _ in states])
    entries = [
        {"rowid": rowids[document.id], "document_id": document.id, "version_id": version.id, "current": True}
        for document, version, _ in states
    ]
    session.execute(insert(SearchEntry), entries)
    session.execute(insert(SearchText), [search_texts.row(rowids[number], texts[number]) for number in ids])
    _insert_tokens(session, {rowids[number]: document_tokens(texts[number]) for number in ids})


def texts_of(session: Session, version_ids: Sequence[int]) -> dict[int, MatchText]:
    """What queries see of these versions, by document; of a document one version may be asked for."""
    query = (
        select(Document, Reading)
        .join(Version, Version.document_id == Document.id)
        .join(Reading, Reading.id == Version.reading_id)
        .where(Version.id.in_(version_ids))
    )
    found = [(document, reading) for document, reading in session.execute(query)]
    return {document.id: text for (document, _), text in zip(found, match_texts(session, found), strict=True)}


def match_texts(session: Session, rows: Sequence[tuple[Document, Reading]]) -> list[MatchText]:
    """What queries see of documents by these readings, in their order."""
    documents = list({document.id: None for document, _ in rows})
    sources, files = sources_of(session, documents), files_of(session, documents)
    validity, organs = validity_of(session, documents), organs_of(session, [reading.id for _, reading in rows])
    places = places_of(session, {source for found in sources.values() for source in found})
    return [
        match_text(
            document, reading, organs[reading.id], sources[document.id],
            files=files.get(document.id, ""), validity=validity[document.id], places=places,
        )
        for document, reading in rows
    ]  # fmt: skip


def match_text(
    document: Document, reading: Reading, organs: Sequence[str], sources: Sequence[str], *, files: str = "",
    validity: str = "unknown", places: Mapping[str, SourcePlace] | None = None,
) -> MatchText:  # fmt: skip
    """What queries see of a document's version. `files`: the text of its attachments; `places`: its sources' places."""
    there = [places[source] for source in sources if source in places] if places else []
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
        regions=tuple(dict.fromkeys(place.region for place in there if place.region)),
        levels=tuple(dict.fromkeys(place.level for place in there)),
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
    for _, text_ in document.places:
        found.update(dict.fromkeys(tokens.index_tokens(text_)))
    return list(found)


def _next_rowids(session: Session, documents: Sequence[Document]) -> dict[int, int]:
    """For each document the next row that is free on its day."""
    of_day: dict[int, list[int]] = {}
    for document in documents:
        day = document.published or document.first_seen_at.astimezone(CHINA).date()
        of_day.setdefault(day.toordinal(), []).append(document.id)
    found: dict[int, int] = {}
    for day_, ids in of_day.items():
        first = day_ * PER_DAY
        last = session.scalar(
            select(func.max(SearchEntry.rowid)).where(SearchEntry.rowid.between(first, first + PER_DAY - 1))
        )
        found |= zip(ids, range((first if last is None else last) + 1, first + PER_DAY), strict=False)
    return found


def _insert_tokens(session: Session, words: Mapping[int, Sequence[str]]) -> None:
    """Put documents' tokens into the index. One that has more than a row can hold has several, each with LARGE."""
    rows: list[dict[str, int | str]] = []
    sqlite = session.get_bind().dialect.name == "sqlite"
    for rowid in sorted(words):  # FTS5 writes a new piece of its index wherever a row is lower than the one before
        parts = list(tokens.rows(words[rowid]))
        for part, some in enumerate(parts):
            number = rowid if part == 0 else -(rowid * PARTS + part)
            row = some if len(parts) == 1 else [LARGE, *some]
            # For PostgreSQL a literal without positions: tokens hold no quote or backslash.
            literal = " ".join(row) if sqlite else " ".join(f"'{word}'" for word in row)
            rows.append({"rowid": number, "tokens": literal})
    value = ":tokens" if sqlite else "CAST(:tokens AS tsvector)"
    session.execute(text(f"INSERT INTO document_fts (rowid, tokens) VALUES (:rowid, {value})"), rows)  # noqa: S608


def forget(session: Session, *document_ids: int) -> None:
    """Take documents out of the index, where they may be gone already. SQLite's cannot forget single rows: it is made
    anew."""
    of_document = SearchEntry.document_id.in_(document_ids)
    if session.get_bind().dialect.name == "sqlite":
        rebuild(session)
    else:
        for rowid in session.scalars(select(SearchEntry.rowid).where(of_document)):
            last = -(rowid * PARTS)
            statement = "DELETE FROM document_fts WHERE rowid = :rowid OR (rowid > :first AND rowid < :last)"
            session.execute(text(statement), {"rowid": rowid, "first": last - PARTS, "last": last})
    session.execute(delete(SearchEntry).where(of_document))


def rebuild(session: Session) -> int:
    """Index every document anew, in the caller's transaction; returns how many there are."""
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("INSERT INTO document_fts (document_fts) VALUES ('delete-all')"))
    else:
        session.execute(text("DELETE FROM document_fts"))
    session.execute(SearchEntry.__table__.delete())  # type: ignore[attr-defined]
    ids = session.scalars(select(Document.id).order_by(Document.published, Document.id)).all()
    for start in range(0, len(ids), AT_ONCE):
        current = (
            select(Document, Version, Reading)
            .join(Version, (Version.document_id == Document.id) & (Version.seq == Document.versions))
            .join(Reading, Reading.id == Version.reading_id)
            .where(Document.id.in_(ids[start : start + AT_ONCE]))
            .order_by(Document.published, Document.id)
        )
        index_documents(
            session, [(document, version, reading) for document, version, reading in session.execute(current)]
        )
    session.merge(Setting(name=_VERSION_SETTING, value=tokens.TOKENIZER_VERSION))
    return len(ids)


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
