"""Reads a JSONL export into the archive: documents that it does not have yet, with all that the export holds of them.

Every line is checked before anything of it is written; a few documents are one transaction. What an import brings is
backlog. A document that the archive knows by one of its URLs, or by its number and issuer, stays as it is here."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from storage import references, validity_rows
from storage.clock import CHINA, Clock
from storage.engine import writing
from storage.errors import OperatorError
from storage.exchange import decided
from storage.exchange.checking import Checked, check_document, check_source
from storage.exchange.fields import BadLine, found, mapping
from storage.exchange.gathering import FORMAT, VERSION
from storage.exchange.masked import mask_line
from storage.exchange.storing import Made, known_as, made_before, store, store_source
from storage.models import Document, Page, Reference, Run, Validity

BATCH = 50  # lines in one transaction
LONGEST_LINE = 512 * 1024 * 1024  # bytes; a document with every version and file's text has seldom a tenth of a percent


@dataclass(frozen=True, slots=True)
class Skipped:
    """A document of the file that the archive has: `document_id` here, `why` it is the same."""

    line: int
    title: str | None
    document_id: int
    why: str


@dataclass(frozen=True, slots=True)
class Bad:
    """A line that was left out, and why."""

    line: int
    problem: str


@dataclass(slots=True)
class Imported:
    """What an import did. `unknown`: fields that a newer release wrote, which were left out."""

    documents: int = 0
    skipped: int = 0
    bad: int = 0
    unknown: set[str] = field(default_factory=set)


class Import:
    """One import of one file. Running it again goes on where it was cut off: what is there is skipped, and what
    was left to join is joined."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        *,
        name: str = "a file",
        tell: Callable[[Skipped | Bad], None] = lambda _: None,
        mask: bool = False,
    ) -> None:
        """`name` is what runs say they were made of; `tell` hears of every line that brings nothing. With `mask`,
        numbers of persons are masked in all texts, as in what is crawled."""
        self.mask = mask
        self.engine, self.clock, self.name, self.tell = engine, clock, name, tell
        self.result = Imported()
        self._sources: dict[str, dict[str, Any]] = {}
        self._runs: dict[str, int] = {}

    def run(self, stream: IO[bytes]) -> Imported:
        """Read the whole file. Raises OperatorError where it is no export that this release reads."""
        lines = _numbered(stream)
        self._header(next(lines, None))
        with TemporaryFile("w+", encoding="utf-8") as links:
            while batch := list(islice(lines, BATCH)):
                self._write(batch, links)
            links.seek(0)
            self._join(links)
        return self.result

    def _header(self, first: tuple[int, bytes] | None) -> None:
        expected = f"expected an export of version {VERSION} on line 1, as 'policy-crawler export --format jsonl' makes"
        try:
            header = _object(first[1]) if first else {}
        except BadLine as error:
            raise OperatorError(f"{self.name}: {expected}; {error}") from error
        if (header.get("record"), header.get("format")) != ("export", FORMAT):
            raise OperatorError(f"{self.name}: {expected}; found {found(header.get('format'))}")
        if header.get("version") != VERSION:
            raise OperatorError(f"{self.name}: {expected}; found version {found(header.get('version'))}")

    # -- documents -------------------------------------------------------------------------------------------------

    def _write(self, batch: list[tuple[int, bytes]], links: IO[str]) -> None:
        """Check the lines, then keep what they hold, in one transaction."""
        checked = [(number, line) for number, raw in batch if (line := self._check(number, raw)) is not None]
        if not checked:
            return
        told: list[Skipped | Bad] = []
        joined: list[str] = []
        runs, done = dict(self._runs), 0
        with writing(self.engine) as session:
            for number, line in checked:
                if isinstance(line, dict):
                    store_source(session, line, self.clock.now())
                elif (known := known_as(session, line)) is not None:
                    told.append(Skipped(number, line.title, *known))
                    if (made := made_before(session, known[0], line)) is not None:
                        joined.append(_joining(made, line))
                elif (problem := self._keep(session, line, runs, joined)) is not None:
                    told.append(Bad(number, problem))
                else:
                    done += 1
            _free_numbers(session)
        self._runs = runs
        links.writelines(joined)
        self.result.documents += done
        for one in told:
            self._say(one)

    def _check(self, number: int, raw: bytes) -> Checked | dict[str, Any] | None:
        """The line's document or source, or None where it is neither."""
        try:
            data = _object(raw)
            if data.get("record") == "source":
                source = check_source(data, self.result.unknown)
                self._sources[source["id"]] = source
                return source
            if data.get("record") != "document":
                self._say(Bad(number, f"record: expected document or source, found {found(data.get('record'))}"))
                return None
            line = check_document(data, self._sources, self.result.unknown)
        except BadLine as error:
            self._say(Bad(number, str(error)))
            return None
        if self.mask:
            mask_line(line)
        return line

    def _keep(self, session: Session, line: Checked, runs: dict[str, int], joined: list[str]) -> str | None:
        """Keep one document, whole or not at all; answers what the database has against it."""
        now = self.clock.now()
        source_id = line.document["source_id"]
        if source_id not in runs:
            run = Run(
                source_id=source_id, trigger="import", state="finished", verdict="ok", reason=f"read from {self.name}",
                backlog=True, queued_at=now, started_at=now, finished_at=now, counts={},
            )  # fmt: skip
            session.add(run)
            session.flush()
            runs[source_id] = run.id
        run = session.get_one(Run, runs[source_id])
        try:
            with session.begin_nested():
                made = store(session, line, run, now)
        except DBAPIError as error:
            return f"the archive refuses it: {str(error.orig).splitlines()[0]}"
        run.counts = {**run.counts, "added": run.counts.get("added", 0) + 1}
        run.finished_at = now
        joined.append(_joining(made, line))
        return None

    def _say(self, one: Skipped | Bad) -> None:
        if isinstance(one, Bad):
            self.result.bad += 1
        else:
            self.result.skipped += 1
        self.tell(one)

    # -- what points from one document to another ------------------------------------------------------------------

    def _join(self, links: IO[str]) -> None:
        """Point references to their targets, now that all are there, and judge validity by them."""
        while batch := [json.loads(line) for line in islice(links, BATCH)]:
            with writing(self.engine) as session:
                for line in batch:
                    _point(session, line, self.clock.now())


def _joining(made: Made, line: Checked) -> str:
    said = {
        name: [one["_raw"] for one in rows if one["_other"] is not None]
        for name, rows in (("decisions", line.decisions), ("possible", line.possible))
    }
    return json.dumps({"document": made.document_id, "links": made.links, "by": made.by, **said}) + "\n"


def _point(session: Session, line: dict[str, Any], now: datetime) -> None:
    document = session.get(Document, line["document"])
    if document is None:
        return
    wanted = {key for _, key, _ in line["links"]} | ({line["by"]} if line["by"] else set())
    found_at = session.execute(select(Page.url_key, Page.document_id).where(Page.url_key.in_(wanted)))
    at: dict[str, int | None] = {row[0]: row[1] for row in found_at}
    for reference_id, key, resolved_by in line["links"]:
        reference, target = session.get(Reference, reference_id), at.get(key)
        if reference is not None and target is not None and target != document.id:
            reference.target_document_id, reference.resolved_by = target, resolved_by
    row = session.get(Validity, document.id)
    if row is not None and line["by"] and at.get(line["by"]):
        row.by_document_id = at[line["by"]]
    decided.join(session, document.id, line)
    session.flush()
    references.resolve_from(session, document)
    references.resolve_to(session, document)
    validity_rows.follow(session, document, now.astimezone(CHINA).date())


def _free_numbers(session: Session) -> None:
    """Documents keep their numbers where these are free; PostgreSQL's own count must not come by them again."""
    if session.get_bind().dialect.name == "postgresql":
        session.flush()
        highest = session.scalar(select(func.max(Document.id)))
        if highest:
            count = "SELECT setval(s, GREATEST(:highest, nextval(s))) FROM pg_get_serial_sequence('document', 'id') s"
            session.execute(text(count), {"highest": highest})


def _numbered(stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Lines with their numbers, the first is 1; empty ones are left out."""
    number = 0
    while raw := stream.readline(LONGEST_LINE):
        number += 1
        if raw.strip():
            yield number, raw


def _object(raw: bytes) -> dict[str, Any]:
    if len(raw) >= LONGEST_LINE:
        raise BadLine(f"expected a line of less than {LONGEST_LINE >> 20} MB")
    try:
        return mapping(json.loads(raw), "the line")
    except UnicodeDecodeError as error:
        raise BadLine(f"expected UTF-8, found byte {raw[error.start]:#04x} at column {error.start + 1}") from error
    except json.JSONDecodeError as error:
        raise BadLine(f"expected JSON: {error.msg} at column {error.colno}") from error
    except RecursionError as error:
        raise BadLine("expected JSON of at most some hundred levels") from error


def import_file(path: Path, importer: Import) -> Imported:
    """Read the file at `path`. Raises OperatorError where it cannot be opened."""
    try:
        with path.open("rb") as stream:
            return importer.run(stream)
    except OSError as error:
        raise OperatorError(f"cannot read {path}: {error.strerror}") from error


__all__ = ["Bad", "Import", "Imported", "Skipped", "import_file"]
