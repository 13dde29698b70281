"""`read` for files that are no pages: PDF, Word, sheets, packages …; the same fields, read from the text."""

from dataclasses import replace
from typing import Any

from policy_crawler.attachments import FileState, FileText, Part, Recognition, extract_safely
from policy_crawler.attachments.document import FILE_FAMILY, file_reading
from policy_crawler.attachments.sniff import sniff
from policy_crawler.reading import PageState, Reading

_PAGES = frozenset({"html", "bytes", "empty"})  # what a page can be; "bytes" also an answer in JSON


def is_file(body: bytes) -> bool:
    """Whether the content is that of a file and of no page, whatever it is called."""
    return sniff(body) not in _PAGES


def read_file(url: str, body: bytes, name: str, *, ocr: bool) -> tuple[Reading, FileText]:
    """The file's text as a document, and as it came. Without text the state is empty, with the reason."""
    found = extract_safely(body, name, ocr=Recognition() if ocr else None)
    reading = file_reading(Reading(url, PageState.DOCUMENT, "", "", FILE_FAMILY), found)
    if not found.parts:
        reading = replace(reading, state=PageState.EMPTY, state_reason=f"{found.state}: {found.reason}")
    return reading, found


def has_words(found: FileText) -> bool:
    """Whether the file gave text, be it cut."""
    return found.state in {FileState.TEXT, FileState.TOO_LARGE} and bool(found.parts)


def file_json(found: FileText) -> dict[str, Any]:
    """What `read --json` adds for a file: its kind, state and reason, and its text with the places."""
    return {
        "kind": found.kind,
        "state": found.state,
        "reason": found.reason or None,
        "pages": found.pages,
        "members": list(found.members),
        "confidence": found.confidence,
        "pictures_waiting": found.waiting,
        "parts": [_part(part) for part in found.parts],
    }


def _part(part: Part) -> dict[str, Any]:
    places = {
        "page": part.page,
        "sheet": part.sheet,
        "row": part.row,
        "member": part.member,
        "confidence": part.confidence,
    }
    return {name: value for name, value in places.items() if value is not None} | {"text": part.text}
