"""From our own items to the archive's records, field by field."""

from dataclasses import asdict
from datetime import UTC, datetime

from policy_crawler.attachments import EXTRACTOR_VERSION as EXTRACTOR
from policy_crawler.attachments import FileText, Part, extract_safely
from policy_crawler.errors import Unreadable
from policy_crawler.items import FetchedResponse
from policy_crawler.reading import EXTRACTOR_VERSION, read
from policy_crawler.reading.model import Reading
from storage.clock import CHINA
from storage.records import Capture, FileRecord, ReadingRecord


def capture_of(response: FetchedResponse) -> Capture:
    """The answer as evidence."""
    return Capture(
        url=response.url,
        final_url=response.final_url,
        status=response.status,
        headers=response.headers,
        payload=response.body,
        fetched_at=response.fetched_at,
        ip_address=response.ip_address,
        truncated=response.truncated,
        tls_verified=response.tls_verified,
    )


def reread(capture: Capture) -> ReadingRecord | None:
    """A kept answer read by the present extractor; None when it gives no reading."""
    kind = next((value for name, value in capture.headers if name.lower() == "content-type"), None)
    try:
        return reading_record(read(capture.payload, capture.final_url, content_type=kind, status=capture.status))
    except Unreadable:
        return None


def file_record(found: FileText) -> FileRecord:
    """A file's text in the archive's terms: one text, and where its pages, sheets and members begin."""
    places: list[tuple[int, str]] = []
    at = 0
    for part in found.parts:
        if (place := place_of(part)) and (not places or places[-1][1] != place):
            places.append((at, place))
        at += len(part.text) + 1
    return FileRecord(EXTRACTOR, found.kind, found.state.value, found.reason, found.text, tuple(places))


def place_of(part: Part) -> str:
    """Where a part stands, for people: member 附表.xls, sheet 明细, page 3."""
    named = (("member", part.member), ("sheet", part.sheet), ("page", part.page))
    return ", ".join(f"{name} {value}" for name, value in named if value is not None)


def read_file(payload: bytes, name: str, type_: str) -> FileRecord:
    """A kept file read by the present extractor."""
    return file_record(extract_safely(payload, name, type_))


def reading_record(reading: Reading) -> ReadingRecord:
    """A reading in the archive's terms: a moment of publishing becomes its date in China and the moment in UTC."""
    moment = reading.published if isinstance(reading.published, datetime) else None
    day = moment.astimezone(CHINA).date() if moment else reading.published
    return ReadingRecord(
        extractor_version=EXTRACTOR_VERSION,
        state=reading.state.value,
        state_reason=reading.state_reason,
        family=reading.family,
        charset=reading.charset,
        title=reading.title,
        issuer=reading.issuer,
        issuers=reading.issuers,
        doc_number=reading.doc_number,
        index_number=reading.index_number,
        topic=reading.topic,
        kind=reading.kind,
        type=reading.type.value,
        written=reading.written,
        published=day,
        published_at=moment.astimezone(UTC) if moment else None,
        effective=reading.effective,
        expires=reading.expires,
        validity=reading.validity,
        author=reading.author,
        reprinted_from=reading.reprinted_from,
        blocks=tuple((block.role, block.text) for block in reading.blocks),
        attachments=tuple((a.href, a.url, a.name, a.type) for a in reading.attachments),
        mentions=tuple((m.relation, m.title, m.number, m.url, m.sentence) for m in reading.mentions),
        evidence={field: asdict(found) for field, found in reading.evidence.items()},
    )
