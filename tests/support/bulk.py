"""Writes made-up documents straight into an archive's tables, many at a time; the archive's own code indexes them.

A crawl's door would take hours for a million. Rows are numbered by the documents' places, so that filling can go on
where it was cut off; the sequences of PostgreSQL are not moved on."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time
from itertools import islice
from typing import Any

from sqlalchemy import Engine, Table, func, insert, select
from sqlalchemy.orm import Session
from support.generated import SOURCES, Made

from storage import search_index
from storage.engine import reading, writing
from storage.identity import issuer_key, number_key, title_key
from storage.models import (
    Attachment,
    AttachmentVersion,
    Base,
    Document,
    Organ,
    Page,
    Reading,
    Run,
    Snapshot,
    Source,
    Validity,
    Version,
)

NOON = time(12, tzinfo=UTC)
NEVER: dict[str, Any] = {"file": "none.warc.gz", "offset": 0, "length": 0}


def url_of(made: Made) -> str:
    """Where a made-up document stands."""
    return f"https://www.made.example/{made.place}.html"


def fill(engine: Engine, documents: Iterable[Made], *, batch: int = 500) -> int:
    """Keep the documents, without indexing them; each batch is one transaction. Returns how many there were."""
    _sources(engine)
    rest = iter(documents)
    count = 0
    while some := list(islice(rest, batch)):
        with writing(engine) as session:
            keep(session, some)
        count += len(some)
    return count


def kept(engine: Engine) -> int:
    """How many documents the archive has."""
    with reading(engine) as session:
        return int(session.scalar(select(func.max(Document.id))) or 0)


def characters(engine: Engine) -> int:
    """Of all bodies."""
    with reading(engine) as session:
        return int(session.scalar(select(func.sum(Reading.text_length))) or 0)


def index(engine: Engine, *, first: int = 1, last: int | None = None, batch: int = 500) -> int:
    """Index the documents from number `first` on; each batch is one transaction. Returns how many there were."""
    last, count = kept(engine) if last is None else last, 0
    while first <= last:
        with writing(engine) as session:
            states = (
                select(Document, Version, Reading)
                .join(Version, Version.document_id == Document.id)
                .join(Reading, Reading.id == Version.reading_id)
                .where(Document.id.between(first, min(last, first + batch - 1)))
                .order_by(Document.id)
            )
            found = [tuple(row) for row in session.execute(states)]
            search_index.index_documents(session, found)
        first, count = first + batch, count + len(found)
    return count


def _sources(engine: Engine) -> None:
    with writing(engine) as session:
        if session.scalar(select(func.count()).select_from(Source)):
            return
        now = datetime(2026, 3, 2, tzinfo=UTC)
        for number, name in enumerate(SOURCES, 1):
            session.add(
                Source(
                    id=name, name=name, issuer=name, site="www.made.example", family="demo", level="central",
                    publishes="policy", list_url=f"https://www.made.example/{name}/", state="ok", failures=0,
                    alarmed=False,
                )
            )  # fmt: skip
            session.flush()
            session.add(
                Run(
                    id=number, source_id=name, trigger="manual", state="finished", verdict="ok", reason="",
                    backlog=True, queued_at=now, counts={},
                )
            )  # fmt: skip


def keep(session: Session, documents: Sequence[Made]) -> None:
    """Write the rows of these documents, in the caller's transaction."""
    rows: dict[type[Base], list[dict[str, Any]]] = {
        table: []
        for table in (Document, Page, Snapshot, Reading, Organ, Version, Validity, Attachment, AttachmentVersion)
    }
    for made in documents:
        for table, row in _rows(made):
            rows[table].append(row)
    for model, some in rows.items():
        if some:
            table = model.__table__
            assert isinstance(table, Table)
            session.execute(insert(table), some)


def _rows(made: Made) -> Iterable[tuple[type[Base], dict[str, Any]]]:
    number, url = made.place + 1, url_of(made)
    run, now = int(made.source.rpartition("-")[2]) + 1, datetime.combine(made.found, NOON)
    facts = {"title": made.title, "number": made.number, "issuer": made.issuer, "type": made.type,
             "published": made.published, "written": made.written, "number_normal": number_key(made.number),
             "deadline": None}  # fmt: skip
    digest = f"{number:064x}"
    yield Document, {
        **facts, "id": number, "number_key": number_key(made.number), "issuer_key": issuer_key(made.organs[0]),
        "title_key": title_key(made.title), "inner_title_key": None, "state": "current", "versions": 1,
        "source_id": made.source, "first_run_id": run, "first_seen_at": now, "short_title_key": None,
    }  # fmt: skip
    yield Page, {
        "id": number, "url_key": url.removeprefix("https://"), "url": url, "source_id": made.source,
        "document_id": number, "is_original": True, "state": "fetched", "found_at": now, "backlog": True,
        "attempts": 0, "flaps": 0,
    }  # fmt: skip
    fetched = {"run_id": run, "status": 200, "headers": [], "bytes": 0, **NEVER, "fetched_at": now}
    yield Snapshot, {
        **fetched, "id": number * 10, "page_id": number, "url": url, "final_url": url,
        "url_key": url.removeprefix("https://"), "digest": digest,
    }  # fmt: skip
    yield Reading, {
        **facts, "id": number, "snapshot_id": number * 10, "extractor_version": "1", "read_at": now, "family": "demo",
        "charset": "utf-8", "issuers": list(made.organs), "topic": made.topic, "kind": made.kind,
        "effective": made.effective, "blocks": [list(block) for block in made.blocks], "attachments": [],
        "mentions": [["cites", title, cited, None, ""] for title, cited in made.cited], "evidence": {},
        "text_hash": digest, "text_length": sum(len(text) for _, text in made.blocks),
    }  # fmt: skip
    for position, organ in enumerate(made.organs):
        yield Organ, {"reading_id": number, "position": position, "name": organ, "code": None}
    yield Version, {
        "id": number, "document_id": number, "seq": 1, "reading_id": number, "page_id": number, "run_id": run,
        "text_hash": digest, "text_length": 0, "seen_at": now, "reason": "added",
    }  # fmt: skip
    if made.validity != "unknown":
        yield Validity, {
            "document_id": number, "state": made.validity, "rule": "stated", "reason": "", "judged_on": made.found,
            "told_to": made.found,
        }  # fmt: skip
    for position, (name, text) in enumerate(made.files, 1):
        file, of_file = number * 10 + position, f"{url}/{position}.docx"
        yield Snapshot, {
            **fetched, "id": file, "page_id": None, "url": of_file, "final_url": of_file,
            "url_key": of_file.removeprefix("https://"), "digest": f"{file:064x}",
        }  # fmt: skip
        yield Attachment, {
            "id": file, "document_id": number, "url_key": of_file.removeprefix("https://"), "url": of_file,
            "href": f"{position}.docx", "name": name, "type": "docx", "position": position, "found_at": now,
        }  # fmt: skip
        yield AttachmentVersion, {
            "id": file, "attachment_id": file, "seq": 1, "snapshot_id": file, "digest": f"{file:064x}", "run_id": run,
            "seen_at": now, "text_state": "text", "text_reason": "", "text": text, "text_places": [],
        }  # fmt: skip
