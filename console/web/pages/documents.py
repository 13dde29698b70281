"""A document: its text with an outline, what is known of it and by what evidence, its versions and their differences,
references both ways, news, files, copies, what people keep on it; and its archived page in a sandbox."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from console.web.errors import Problem
from console.web.headers import SANDBOX
from console.web.people import Person, needs
from console.web.templating import page
from storage.changes import between
from storage.diff import marks
from storage.records import ClauseChange
from storage.rows import DocumentRow

router = APIRouter(include_in_schema=False)
HEADINGS = frozenset({"heading", "chapter", "section"})
LONGEST_HEADING = 60  # characters shown in the outline


@dataclass(frozen=True, slots=True)
class Part:
    """A block as shown. `anchor`: where the outline and citations point; `rows`: of a table, its cells."""

    role: str
    text: str
    anchor: str
    rows: tuple[tuple[str, ...], ...] = ()


def document_of(request: Request, document_id: int) -> DocumentRow:
    """The document. Raises Problem 404 where there is none."""
    found: DocumentRow | None = request.app.state.here.queries.document(document_id) if document_id < 2**63 else None
    if found is None:
        raise Problem(404, "not found", f"there is no document {document_id}")
    return found


@router.get("/documents/{document_id}")
def show(
    request: Request, document_id: int, person: Annotated[Person, Depends(needs("reader"))], version: int | None = None
) -> Response:
    """The document as it is now, or was in one of its versions."""
    here = request.app.state.here
    document = document_of(request, document_id)
    if document.id != document_id:  # another stands for it
        return RedirectResponse(f"/documents/{document.id}", 308)
    versions = here.queries.versions(document.id)
    shown = next((row for row in versions if row.seq == version), None) if version else (versions or [None])[-1]
    if shown is None:
        raise Problem(404, "not found", f"document {document_id} has no version {version or ''}".rstrip())
    news = document.type == "news"
    parts = parts_of(shown.blocks[:3] if news else shown.blocks)
    outline = [part for part in parts if part.role in HEADINGS][:200]
    return page(
        request, "document.html", document=document, shown=shown, versions=versions, parts=parts, outline=outline,
        news=news, validity=here.queries.validity(document.id, here.clock.today()),
        files=here.queries.attachments(document.id), copies=here.queries.copies(document.id),
        cites=here.queries.references_from(document.id), cited=here.queries.references_to(document.id),
        reports=here.queries.news_about(document.id), kept=request.app.state.desk.of([document.id], person.owner_id),
    )  # fmt: skip


@router.get("/documents/{document_id}/diff")
def compare(
    request: Request, document_id: int, _person: Annotated[Person, Depends(needs("reader"))],
    before: int | None = None, after: int | None = None, view: str = "inline",
) -> Response:  # fmt: skip
    """Two versions' differences by clause, inline or side by side; the last two, unless others are named."""
    here = request.app.state.here
    document = document_of(request, document_id)
    versions = {row.seq: row for row in here.queries.versions(document.id)}
    last = max(versions, default=0)
    new, old = versions.get(after or last), versions.get(before or max(1, (after or last) - 1))
    if old is None or new is None:
        raise Problem(404, "not found", f"document {document_id} has versions 1 to {last}")
    changes = between(here.engine, old, new) if old.seq != new.seq else ()
    return page(request, "diff.html", document=document, old=old, new=new, versions=sorted(versions),
                changes=[(change, _marked(change)) for change in changes], side_by_side=view == "sides")  # fmt: skip


@router.get("/snapshots/{snapshot_version}")
def snapshot(request: Request, snapshot_version: int, _person: Annotated[Person, Depends(needs("reader"))]) -> Response:
    """The bytes of a version's page as fetched: no script of it runs, no request leaves it."""
    here = request.app.state.here
    row = here.queries.version(snapshot_version) if snapshot_version < 2**63 else None
    if row is None:
        raise Problem(404, "not found", f"there is no version {snapshot_version}")
    kept = row.snapshot
    body = here.archive.snapshots.load(kept.file, kept.offset, kept.digest)
    media = next((value for name, value in kept.headers if name.lower() == "content-type"), "application/octet-stream")
    page_like = media.split(";")[0].strip().lower() in {"text/html", "application/xhtml+xml", "text/plain"}
    headers = {"Content-Security-Policy": SANDBOX, "Content-Type": media if page_like else "application/octet-stream"}
    if not page_like:
        headers["Content-Disposition"] = "attachment"
    return Response(body, headers=headers)


# What people keep on it.


@router.post("/documents/{document_id}/marks")
def mark(
    request: Request, document_id: int, person: Annotated[Person, Depends(needs("analyst"))],
    what: Annotated[str, Form(max_length=20)], value: Annotated[str, Form(max_length=10_000)] = "",
) -> Response:  # fmt: skip
    """Star, tag, note, assign, read: one form each, back to the document."""
    desk, document = request.app.state.desk, document_of(request, document_id)
    doing = {
        "read": lambda: desk.read(document.id, person.owner_id),
        "unread": lambda: desk.read(document.id, person.owner_id, unread=True),
        "star": lambda: desk.star(document.id, person.owner_id, on=True),
        "unstar": lambda: desk.star(document.id, person.owner_id, on=False),
        "tag": lambda: desk.tag(document.id, value, person.owner_id),
        "untag": lambda: desk.untag(document.id, value),
        "note": lambda: desk.note(document.id, value, person.owner_id),
        "assign": lambda: desk.assign(document.id, value or None, person.owner_id),
        "done": lambda: desk.done(document.id),
    }
    if what not in doing:
        raise Problem(422, "that cannot be done", f"expected one of {', '.join(doing)}; found {what!r}")
    doing[what]()
    return RedirectResponse(f"/documents/{document.id}#desk", 303)


def parts_of(blocks: tuple[tuple[str, str], ...]) -> list[Part]:
    """Blocks as they are shown: tables with their cells, each with an anchor."""
    parts = []
    for number, (role, text) in enumerate(blocks, 1):
        rows = tuple(tuple(line.split("\t")) for line in text.split("\n")) if role == "table" else ()
        parts.append(Part(role, text, f"p{number}", rows))
    return parts


def _marked(change: ClauseChange) -> tuple[tuple[str, str], ...]:
    """The stretches of a changed clause: ("=", text), ("-", text), ("+", text)."""
    return tuple(marks(change.before or "", change.after or ""))
