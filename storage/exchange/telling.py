"""Documents as people's formats carry them: the fields of a version, its text, its files' names. News has no text."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from storage.engine import reading
from storage.exchange.choosing import Choice, batches
from storage.exchange.gathering import excerpt
from storage.models import Attachment, Document, Version, in_order
from storage.row_queries import document_rows, document_select, version_rows, version_select
from storage.rows import DocumentRow, VersionRow
from storage.search_index import validity_of


@dataclass(frozen=True, slots=True)
class Entry:
    """One version of a document. `text` is empty for news, of which there is the excerpt alone."""

    document: DocumentRow
    version: VersionRow
    validity: str
    files: tuple[tuple[str, str], ...]  # (name, URL)
    text: str
    excerpt: str

    @property
    def url(self) -> str:
        """Where the document stands."""
        return self.document.url or self.version.url

    @property
    def published(self) -> date | None:
        """The day of publication, or else the day it was written."""
        return self.version.published or self.version.written or self.document.published

    @property
    def title(self) -> str:
        """The version's title; for pages without one, what the listing says."""
        return self.version.title or self.document.title or ""

    @property
    def organs(self) -> tuple[str, ...]:
        """Who issued it, the lead first: by their one names, or as printed."""
        names = tuple(organ.name for organ in self.version.organs) or self.version.issuers
        return names or ((self.version.issuer,) if self.version.issuer else ())


def entries(engine: Engine, choice: Choice, *, with_versions: bool = False) -> Iterator[Entry]:
    """The current version of each document chosen; with `with_versions` all of them, the first first."""
    with reading(engine) as session:
        for ids in batches(engine, session, choice):
            yield from _entries(session, ids, with_versions=with_versions)
            session.expunge_all()


def _entries(session: Session, ids: Sequence[int], *, with_versions: bool) -> Iterator[Entry]:
    documents = {row.id: row for row in document_rows(session, document_select().where(Document.id.in_(ids)))}
    query = version_select().where(Version.document_id.in_(ids)).order_by(Version.document_id, Version.seq)
    if not with_versions:
        query = query.join(Document, (Document.id == Version.document_id) & (Document.versions == Version.seq))
    versions: dict[int, list[VersionRow]] = defaultdict(list)
    for row in version_rows(session, query):
        versions[row.document_id].append(row)
    files: dict[int, list[tuple[str, str]]] = defaultdict(list)
    of_these = select(Attachment).where(Attachment.document_id.in_(ids)).order_by(*in_order())
    for file in session.scalars(of_these):
        files[file.document_id].append((file.name, file.url))
    validity = validity_of(session, ids)
    for key in ids:
        for version in versions[key]:
            document, body = documents[key], version.body
            yield Entry(
                document=document, version=version, validity=validity[key], files=tuple(files[key]),
                text="" if "news" in {document.type, version.type} else body, excerpt=excerpt(body),
            )  # fmt: skip
