"""From our own items to the archive's records, field by field."""

from dataclasses import asdict
from datetime import UTC, date, datetime

from policy_crawler.attachments import EXTRACTOR_VERSION as EXTRACTOR
from policy_crawler.attachments import FileText, Part, extract_safely
from policy_crawler.errors import Unreadable
from policy_crawler.items import FetchedResponse
from policy_crawler.reading import EXTRACTOR_VERSION, read
from policy_crawler.reading.model import Reading
from policy_crawler.reading.organs import organ_of_code, organs_of
from storage.clock import CHINA
from storage.records import Capture, FileRecord, ReadingRecord

# Raise it when the archive keeps or compares otherwise what a reading says: old bytes are then read again, and nobody
# is told.
KEPT = 3
PRESENT = f"{EXTRACTOR_VERSION}-{KEPT}"  # the extractor's version, as readings in the archive name it


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
    sure = None if found.confidence is None else round(found.confidence * 100)
    return FileRecord(
        EXTRACTOR, found.kind, found.state.value, found.reason, found.text, tuple(places),
        waiting=found.waiting, confidence=sure, recognised=found.recognised,
    )  # fmt: skip


def place_of(part: Part) -> str:
    """Where a part stands, for people: member 附表.xls, sheet 明细, page 3; words by OCR with how sure it was."""
    sure = f"{part.confidence * 100:.0f} %" if part.confidence is not None else None
    named = (("member", part.member), ("sheet", part.sheet), ("page", part.page), ("OCR", sure))
    return ", ".join(f"{name} {value}" for name, value in named if value is not None)


def read_file(payload: bytes, name: str, type_: str) -> FileRecord:
    """A kept file read by the present extractor."""
    return file_record(extract_safely(payload, name, type_))


def reading_record(reading: Reading) -> ReadingRecord:
    """A reading in the archive's terms: a moment becomes its date in China and the moment in UTC."""
    published, published_at = _day_and_moment(reading.published)
    deadline, deadline_at = _day_and_moment(reading.deadline)
    return ReadingRecord(
        extractor_version=PRESENT,
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
        published=published,
        published_at=published_at,
        effective=reading.effective,
        expires=reading.expires,
        validity=reading.validity,
        author=reading.author,
        reprinted_from=reading.reprinted_from,
        blocks=tuple((block.role, block.text) for block in reading.blocks),
        attachments=tuple((a.href, a.url, a.name, a.type) for a in reading.attachments),
        mentions=tuple((m.relation, m.title, m.number, m.url, m.sentence) for m in reading.mentions),
        evidence={field: asdict(found) for field, found in reading.evidence.items()},
        organs=_organs(reading),
        number_normal=reading.number_normal,
        deadline=deadline,
        deadline_at=deadline_at,
        images_carry_text=reading.images_carry_text,
        alternatives={
            field: tuple((_printed(value), found.source, found.confidence) for value, found in others)
            for field, others in reading.alternatives.items()
        },
    )


def _day_and_moment(value: date | datetime | None) -> tuple[date | None, datetime | None]:
    if not isinstance(value, datetime):
        return value, None
    return value.astimezone(CHINA).date(), value.astimezone(UTC)


def _printed(value: str | date | datetime) -> str:
    return value if isinstance(value, str) else value.isoformat()


def _organs(reading: Reading) -> tuple[tuple[str, str | None], ...]:
    """The organs, lead first, each once (a ministry and its office are one); beside the one that gave the document its
    number, that number's 机关代字."""
    known = organ_of_code(reading.number_normal)
    owners = organs_of(tuple(known[0].split("、")), None) if known else ()
    code = (reading.number_normal or "").partition("〔")[0]
    owner = next((name for name in reading.organs if name in owners), None)
    return tuple((name, code if name == owner else None) for name in dict.fromkeys(reading.organs))
