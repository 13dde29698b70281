"""Recorded pages: a folder holds one page as it came, how it was asked for, and what a person says it contains.

    NAME/page.html       the bytes
    NAME/request.json    {"kind": "document" or "listing", "file", "url", "content_type", "status", "note", "reviewed"}
    NAME/expected.json   one key a field; a field that is not there is not tested

`policy-crawler record` makes the folder, a person reviews it against the page, tests/pages tests one item a field.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from console.cli.output import plain
from policy_crawler.errors import OperatorError, SourceError
from policy_crawler.items import Entry
from policy_crawler.listings import read_listing
from policy_crawler.reading import is_refusal, read

REQUEST = "request.json"
EXPECTED = "expected.json"

DOCUMENT_FIELDS = (
    "state", "family", "charset", "title", "issuer", "issuers", "doc_number", "index_number", "topic", "kind", "type",
    "written", "published", "effective", "expires", "validity", "author", "reprinted_from", "body", "roles",
    "attachments", "mentions", "links", "images", "error",
)  # fmt: skip
LISTING_FIELDS = ("refusal", "family", "entries", "next_page", "total_pages", "by_script", "rejected", "error")


class Request(BaseModel):
    """How a recorded page was asked for, and what it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["document", "listing"]
    file: str
    url: str
    content_type: str | None = None  # of the answer's header; None: it had none
    status: int = 200
    family: str | None = None  # of a listing: as its source tells; None: recognised
    today: date | None = None  # the day in China that completes dates without a year
    note: str = ""  # why this page is worth keeping
    reviewed: bool = False  # a person has checked expected.json against the page


@dataclass(frozen=True, slots=True)
class Recording:
    """One recorded page. `expected` maps fields to what a person says they hold."""

    name: str
    request: Request
    body: bytes
    expected: dict[str, Any]


def load(folder: Path) -> Recording:
    """Read a recorded page.

    Raises OperatorError that names the file and the key."""
    try:
        request = Request.model_validate_json((folder / REQUEST).read_bytes())
        expected = TypeAdapter(dict[str, Any]).validate_json((folder / EXPECTED).read_bytes())
        body = (folder / request.file).read_bytes()
    except OSError as error:
        raise OperatorError(f"{error.filename}: {error.strerror}; a recorded page needs all three files") from error
    except ValidationError as error:
        raise OperatorError(f"{folder}: {error}") from error
    known = DOCUMENT_FIELDS if request.kind == "document" else LISTING_FIELDS
    if unknown := sorted(set(expected) - set(known)):
        raise OperatorError(f"{folder / EXPECTED}: no field {unknown[0]!r} of a {request.kind}; there are {known}")
    return Recording(folder.name, request, body, expected)


def found(request: Request, body: bytes) -> dict[str, Any]:
    """What is read from a page now, field by field as JSON. `error` is the name of the error it ends with, if any."""
    return _document(request, body) if request.kind == "document" else _listing(request, body)


def _document(request: Request, body: bytes) -> dict[str, Any]:
    try:
        reading = read(body, request.url, content_type=request.content_type, status=request.status)
    except SourceError as error:
        return {"error": type(error).__name__}
    values = {name: plain(getattr(reading, name)) for name in DOCUMENT_FIELDS if hasattr(reading, name)}
    return values | {
        # A table is one block with a line a row: the lines are what a person compares.
        "body": [line for block in reading.blocks for line in block.text.split("\n")],
        "roles": [block.role for block in reading.blocks],
        "mentions": [
            {"relation": item.relation, "title": item.title, "number": item.number, "url": item.url}
            for item in reading.mentions
        ],
        "error": None,
    }


def _listing(request: Request, body: bytes) -> dict[str, Any]:
    state, _reason = is_refusal(body, request.url, request.content_type, request.status)
    try:
        listing = read_listing(
            body, request.url, content_type=request.content_type, family=request.family, today=request.today
        )
    except SourceError as error:
        return {"refusal": state.value, "error": type(error).__name__}
    return {
        "refusal": state.value,
        "family": listing.family,
        "entries": [_entry(entry) for entry in listing.entries],
        "next_page": listing.next_page.url if listing.next_page else None,
        "total_pages": listing.total_pages,
        "by_script": listing.by_script,
        "rejected": listing.rejected,
        "error": None,
    }


def _entry(entry: Entry) -> dict[str, Any]:
    """A row as a person compares it: without what it does not have, and without the bytes of its document."""
    told = plain(entry)
    told.pop("record")
    return told if told["doc_number"] else {name: value for name, value in told.items() if name != "doc_number"}


@cache
def found_in(folder: Path) -> dict[str, Any]:
    """`found` for a recorded page, read once however many of its fields are asked for."""
    recording = load(folder)
    return found(recording.request, recording.body)
