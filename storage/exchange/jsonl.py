"""A complete export: JSON lines of one state of the archive, which `importing` reads again."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine

from storage.engine import reading
from storage.exchange.choosing import Choice, batches
from storage.exchange.gathering import FORMAT, VERSION, document_lines, source_line, sources_named


def objects(engine: Engine, choice: Choice, now: datetime) -> Iterator[dict[str, Any]]:
    """The header, then documents, each source before the first document that names it."""
    yield {
        "record": "export", "format": FORMAT, "version": VERSION, "everything": choice.everything,
        "query": choice.query, "exported_at": now.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
    }  # fmt: skip
    told: set[str] = set()
    with reading(engine) as session:
        for ids in batches(engine, session, choice):
            for line in document_lines(session, ids):
                for source_id in sources_named(line):
                    if source_id not in told:
                        told.add(source_id)
                        yield source_line(session, source_id, everything=choice.everything)
                yield line


def text_lines(engine: Engine, choice: Choice, now: datetime) -> Iterator[str]:
    """The lines of the file, each with its end."""
    for line in objects(engine, choice, now):
        yield json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n"
