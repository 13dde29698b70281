"""The archive by API: search, documents, versions, differences, references, events, sources, runs. Read-only."""

import hashlib
from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field

from console.web.errors import Problem
from console.web.people import Person, needs
from storage.changes import between
from storage.search import search

Reader = Annotated[Person, Depends(needs("reader"))]
Number = Annotated[int, Path(ge=1, lt=2**63)]
Limit = Annotated[int, Query(ge=1, le=200, description="Rows of one answer.")]


class Problemlike(BaseModel):
    """An error, as RFC 9457 says it."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""


class Row(BaseModel):
    """A row as the archive keeps it."""

    model_config = ConfigDict(from_attributes=True)


class Hit(Row):
    """A document that matches."""

    document_id: int = Field(examples=[17])
    version_id: int
    title: str | None = Field(examples=["工业和信息化部关于印发《工业互联网平台补贴办法》的通知"])
    number: str | None = Field(examples=["工信部信发〔2026〕12号"])
    issuer: str | None = Field(examples=["工业和信息化部"])
    type: str = Field(description="policy, interpretation, consultation, news, notice or other")
    published: date | None
    deadline: date | None = Field(description="last day for comments")
    state: str = Field(description="current, missing or withdrawn")
    validity: str
    source_id: str
    url: str | None
    snippet: str = Field(description="a piece of the text, or of a file")
    highlights: list[tuple[int, int]] = Field(description="start and end in the snippet of what was searched for")


class Found(BaseModel):
    """One page of hits."""

    hits: list[Hit]
    count: int = Field(description="of all hits; above 1,000 about")
    count_exact: bool
    after: str | None = Field(description="ask with this for the next page; null: this is the last")
    synonyms: dict[str, list[str]] = Field(description="words that were looked for by others, too")
    facets: dict[str, list[tuple[str, int]]] | None = None


class DocumentOut(Row):
    """A document with the fields of its current version."""

    id: int
    type: str
    title: str | None
    number: str | None
    issuer: str | None
    published: date | None
    written: date | None
    deadline: date | None
    state: str
    versions: int
    source_id: str
    url: str | None
    first_seen_at: datetime
    validity: str = Field(default="unknown", description="the state that holds today")
    validity_reason: str = ""


class VersionOut(Row):
    """A version with its text. Of news the first three blocks, as an excerpt."""

    id: int
    seq: int
    seen_at: datetime
    url: str
    title: str | None
    issuers: list[str]
    number: str | None
    index_number: str | None
    topic: str | None
    kind: str | None
    written: date | None
    published: date | None
    effective: date | None
    expires: date | None
    blocks: list[tuple[str, str]] = Field(description="(role, text): title, heading, chapter, article, table, …")
    digest: str = Field(description="SHA-256 of the archived bytes")


class ChangeOut(Row):
    """One clause that differs."""

    operation: str = Field(description="changed, added, removed, moved, renumbered, split or merged")
    label: str = Field(examples=["第八条第二款"])
    before: str | None
    after: str | None
    was: str | None = Field(description="the label before, where the number or the place is another")


class ReferenceOut(Row):
    """A reference of one document to another, resolved or not."""

    relation: str
    document_id: int
    document_title: str | None
    target_document_id: int | None
    target_title: str | None
    title: str | None
    number: str | None
    sentence: str


class EventOut(Row):
    """Something that happened."""

    id: int
    kind: str = Field(examples=["changed"])
    at: datetime
    document_id: int | None
    version_seq: int | None
    title: str | None
    number: str | None
    issuer: str | None
    url: str | None
    source_id: str
    backlog: bool
    changes: list[ChangeOut]


class Events(BaseModel):
    """Events, the oldest first."""

    events: list[EventOut]
    after: int | None = Field(description="ask with this for the next ones; null: there are none yet")


class SourceOut(Row):
    """A source and how it goes."""

    id: str
    name: str
    issuer: str
    level: str
    list_url: str
    state: str
    state_reason: str | None
    documents: int
    newest_document: date | None
    last_success_at: datetime | None
    next_due_at: datetime | None


class RunOut(Row):
    """A run."""

    id: int
    source_id: str
    trigger: str
    verdict: str | None
    reason: str
    started_at: datetime | None
    finished_at: datetime | None
    counts: dict[str, int]


_ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problemlike, "content": {"application/problem+json": {}}, "description": said}
    for status, said in ((401, "not signed in"), (404, "there is none"), (422, "the request does not fit"))
}
router = APIRouter(prefix="/api/v1", tags=["archive"], responses=_ERRORS)


@router.get("/search")
def find(  # noqa: PLR0917 - FastAPI names them all
    request: Request, _reader: Reader,
    q: Annotated[str, Query(max_length=2_000, description="as docs/search.md tells", examples=["补贴 issuer:工信部"])],
    order: Literal["date", "relevance"] = "date", limit: Limit = 20,
    after: Annotated[str | None, Query(max_length=20)] = None, facets: bool = False,
) -> Found:  # fmt: skip
    """Search the full text."""
    found = search(request.app.state.here.engine, q, limit=limit, order=order, after=after, facets=facets)
    hits = [
        Hit(**{name: getattr(hit, name) for name in Hit.model_fields if hasattr(hit, name) and name != "snippet"},
            snippet=hit.snippet.text, highlights=list(hit.snippet.highlights))
        for hit in found.hits
    ]  # fmt: skip
    counted = {name: list(counts) for name, counts in found.facets.counts().items()} if found.facets else None
    return Found(hits=hits, count=found.count, count_exact=found.count_exact, after=found.after,
                 synonyms={word: list(others) for word, others in found.synonyms.items()}, facets=counted)  # fmt: skip


@router.get("/documents/{document_id}")
def document(request: Request, response: Response, document_id: Number, _reader: Reader) -> DocumentOut:
    """A document; what was merged into another answers with that one."""
    here = request.app.state.here
    row = here.queries.document(document_id)
    if row is None:
        raise Problem(404, "not found", f"there is no document {document_id}")
    validity = here.queries.validity(row.id, here.clock.today())
    told = DocumentOut.model_validate(row)
    if validity is not None:
        told.validity, told.validity_reason = str(validity.chosen.state), validity.chosen.reason
    _tag(request, response, told)
    return told


@router.get("/documents/{document_id}/versions/{seq}")
def version(request: Request, response: Response, document_id: Number, seq: Number, _reader: Reader) -> VersionOut:
    """A version with its text."""
    row, news = _version(request, document_id, seq)
    fields = {name: getattr(row, name) for name in VersionOut.model_fields if name not in {"blocks", "digest"}}
    told = VersionOut(**fields, blocks=list(row.blocks[:3] if news else row.blocks), digest=row.snapshot.digest)
    _tag(request, response, told)
    return told


@router.get("/documents/{document_id}/diff")
def diff(
    request: Request, document_id: Number, _reader: Reader, before: Annotated[int, Query(ge=1)],
    after: Annotated[int, Query(ge=1)],
) -> list[ChangeOut]:  # fmt: skip
    """What differs between two versions, clause by clause."""
    (old, _), (new, _) = _version(request, document_id, before), _version(request, document_id, after)
    return [ChangeOut.model_validate(change) for change in between(request.app.state.here.engine, old, new)]


@router.get("/documents/{document_id}/references")
def references(
    request: Request, document_id: Number, _reader: Reader, direction: Literal["from", "to"] = "from"
) -> list[ReferenceOut]:
    """What a document refers to, or what refers to it."""
    queries = request.app.state.here.queries
    if queries.document(document_id) is None:
        raise Problem(404, "not found", f"there is no document {document_id}")
    rows = queries.references_from(document_id) if direction == "from" else queries.references_to(document_id)
    return [ReferenceOut.model_validate(row) for row in rows]


@router.get("/events")
def events(
    request: Request, _reader: Reader, after: Annotated[int, Query(ge=0, lt=2**63, description="the last one had")] = 0,
    limit: Limit = 100, kind: Annotated[list[str] | None, Query(description="only these kinds")] = None,
) -> Events:  # fmt: skip
    """What happened, in the order in which it was found. What was held back until a run was judged may come in behind
    later ones: ask again from somewhat before, or have a watch send a webhook, which misses nothing."""
    rows = request.app.state.here.queries.events(after, kind, limit=limit)
    return Events(events=[EventOut.model_validate(row) for row in rows], after=rows[-1].id if rows else None)


@router.get("/sources")
def sources(request: Request, _reader: Reader) -> list[SourceOut]:
    """All sources that the archive knows."""
    return [SourceOut.model_validate(row) for row in request.app.state.here.queries.sources()]


@router.get("/runs")
def runs(
    request: Request, _reader: Reader, source: Annotated[str | None, Query(max_length=200)] = None, limit: Limit = 50
) -> list[RunOut]:
    """The last runs, the newest first."""
    return [RunOut.model_validate(row) for row in request.app.state.here.queries.runs(limit, source)]


@router.get("/openapi.json", include_in_schema=False)
def schema(request: Request, _anybody: Annotated[Person, Depends(needs("open"))]) -> dict[str, Any]:
    """This API, told by OpenAPI."""
    ours = [one for one in request.app.routes if isinstance(one, APIRoute) and one.path.startswith("/api/v1/")]
    said = "Dates are China's, moments are UTC. Errors are problem+json."
    told: dict[str, Any] = get_openapi(title="policy-crawler", version="1", routes=ours, description=said)
    told.setdefault("components", {})["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    told["security"] = [{"token": []}, {}]
    return told


def _version(request: Request, document_id: int, seq: int) -> tuple[Any, bool]:
    queries = request.app.state.here.queries
    row = queries.document(document_id)
    found = next((one for one in queries.versions(row.id) if one.seq == seq), None) if row is not None else None
    if found is None:
        raise Problem(404, "not found", f"document {document_id} has no version {seq}")
    return found, row.type == "news"


def _tag(request: Request, response: Response, told: BaseModel) -> None:
    """Name the answer by its content; raise Problem 304 where the asker has it."""
    tag = f'"{hashlib.sha256(told.model_dump_json().encode()).hexdigest()[:32]}"'
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = "private, no-cache"
    if tag in request.headers.get("if-none-match", ""):
        raise Problem(304, "not modified", headers={"ETag": tag})
