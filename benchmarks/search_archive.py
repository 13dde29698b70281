"""Archives of made-up documents for the search benchmark; a build that was cut off goes on where it was."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func, select, text

from benchmarks import report
from storage import migrations
from storage.engine import open_engine, reading, writing
from storage.models import SearchEntry

sys.path.append(str(report.ROOT / "tests"))  # the generator is the tests'

from support import bulk, generated

BATCH = 2_000  # documents of a transaction
HASHSIZE = "INSERT INTO document_fts (document_fts, rank) VALUES ('hashsize', {})"


def build(url: str, size: int, of: int, notes: Path) -> tuple[Engine, dict[str, Any]]:
    """The archive of the first `size` documents of `of`, and the seconds that `fill` and `index` took, CPU and wall.

    `notes` keeps the times of a build that was cut off. Rows are written straight into the tables, in the order of
    their dates; the index is made by the archive's own code."""
    engine = open_engine(url)
    migrations.upgrade(engine)
    known: dict[str, Any] = json.loads(notes.read_text()) if notes.is_file() else {}
    while (start := bulk.kept(engine)) < size:
        with timed(known, "fill", notes):
            bulk.fill(engine, generated.documents(start, min(size, start + 5 * BATCH), of=of), batch=BATCH)
        said(engine, "rows", size, bulk.kept(engine))
    sqlite = engine.dialect.name == "sqlite"
    if sqlite:
        with writing(engine) as session:
            session.execute(text(HASHSIZE.format(1 << 26)))
    while (done := indexed(engine)) < size:
        with timed(known, "index", notes):
            bulk.index(engine, first=done + 1, last=min(size, done + 5 * BATCH), batch=BATCH)
        said(engine, "index", size, indexed(engine))
    with writing(engine) as session:
        if sqlite:
            session.execute(text(HASHSIZE.format(1 << 20)))
        session.execute(text("ANALYZE"))
    return engine, known


def indexed(engine: Engine) -> int:
    """The last document in the index."""
    with reading(engine) as session:
        return int(session.scalar(select(func.max(SearchEntry.document_id))) or 0)


def said(engine: Engine, what: str, size: int, done: int) -> None:
    """Tell how far it is, for those who wait."""
    if done % 50_000 == 0 or done == size:
        print(f"{engine.dialect.name}, {size:,} documents: {what} {done:,}", file=sys.stderr, flush=True)


@contextmanager
def timed(known: dict[str, Any], part: str, notes: Path) -> Iterator[None]:
    """Add what the block takes."""
    cpu, wall = time.process_time(), time.perf_counter()
    yield
    known[f"{part} cpu"] = known.get(f"{part} cpu", 0.0) + time.process_time() - cpu
    known[f"{part} wall"] = known.get(f"{part} wall", 0.0) + time.perf_counter() - wall
    notes.write_text(json.dumps(known))


def sizes(engine: Engine) -> dict[str, int]:
    """Bytes of the documents' texts, of the index with the texts kept beside it, and of everything."""
    with reading(engine) as session:
        if engine.dialect.name == "sqlite":
            page = "SELECT sum(pgsize) FROM dbstat WHERE aggregate = 1 AND (name {})"
            try:
                index = session.execute(text(page.format("LIKE 'document_fts%' OR name LIKE '%search_map%'"))).scalar()
                texts = session.execute(text(page.format("= 'search_text'"))).scalar()
            except Exception:
                index = texts = None
            whole = session.execute(
                text("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
            ).scalar()
        else:
            size = "SELECT sum(pg_total_relation_size(name)) FROM unnest(ARRAY[{}]::regclass[]) AS name"
            index = session.execute(text(size.format("'document_fts', 'search_map'"))).scalar()
            texts = session.execute(text(size.format("'search_text'"))).scalar()
            whole = session.execute(text("SELECT pg_database_size(current_database())")).scalar()
    return {"index": int(index or 0), "texts": int(texts or 0), "whole": int(whole or 0)}
