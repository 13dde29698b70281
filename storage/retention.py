"""Lets go by rule of what an archive need not keep for ever: bytes in WARC files, and the log of requests.

Rows of snapshots stay, with their facts and digests; only the bytes go, and every text that was read of them stays.
What a rule let go is written down beside the hash chain, which has the digest of it: so `verify` accepts that, and
nothing else. Originals, the bytes that a policy's versions and files rest on, go only where that is asked for by name
twice: in the settings and in the call.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from storage import chain, compacting, moving
from storage.archive import Archive
from storage.engine import reading as reading_session
from storage.engine import writing
from storage.errors import OperatorError
from storage.faults import fp
from storage.models import (
    Attachment,
    AttachmentVersion,
    ChainLink,
    Document,
    Fetch,
    Page,
    Reading,
    Run,
    Setting,
    Snapshot,
    Version,
)
from storage.snapshots import keeping_places
from storage.tombstones import RETENTION_SETTING, ranges

RUNS: Final = 200  # whose fetches go in one transaction
SEGMENTS: Final = 20  # written anew for one transaction


@dataclass(frozen=True, slots=True)
class Rules:
    """After how many days what goes; 0 keeps it for ever."""

    fetch_log_days: int = 0
    refused_days: int = 0
    unchanged_days: int = 0
    news_days: int = 0
    originals_days: int = 0


ABOUT: Final = {
    "fetch_log": "requests of runs that ended: which URL was asked for, when, and what came",
    "refused": "bytes of answers that were no document: challenges, error pages, what was not found",
    "unchanged": "bytes of a page between its first and its newest that no version rests on: same text, other bytes",
    "news": "bytes of news reports and of their files; title and text stay",
    "originals": "bytes that versions and files of all other documents rest on; texts stay",
}
"""The rules, in the order in which they are applied, and what each lets go."""


@dataclass(frozen=True, slots=True)
class Due:
    """What a rule lets go by now: rows (records or fetches), their bytes on the disk, and up to which moment."""

    rule: str
    days: int
    before: datetime | None
    rows: int = 0
    bytes: int = 0
    oldest: datetime | None = None
    waiting: str = ""  # why nothing goes though the rule is set


@dataclass(slots=True)
class Applied:
    """What a rule let go; `left` are records in segments that a crawl writes to now, or that cannot be read."""

    rule: str
    rows: int = 0
    bytes: int = 0
    left: int = 0


def due(archive: Archive, rules: Rules, *, originals: bool = False) -> list[Due]:
    """What each rule would let go now. Without `originals`, their rule lets nothing go."""
    found = []
    with reading_session(archive.engine) as session:
        for rule in ABOUT:
            days = int(getattr(rules, f"{rule}_days"))
            before = archive.clock.now() - timedelta(days=days) if days else None
            if before is None or (rule == "originals" and not originals):
                waiting = "only with --originals" if before else ""
                found.append(Due(rule, days, before, waiting=waiting))
            elif rule == "fetch_log":
                query = select(func.count(), func.min(Fetch.at)).join(Run, Run.id == Fetch.run_id)
                rows, oldest = session.execute(query.where(*_ended(before))).one()
                found.append(Due(rule, days, before, rows, 0, oldest))
            else:
                places = _places(session, rule, before)
                moments = [row.fetched_at for rows in places.values() for row in rows]
                size = sum(rows[0].length for rows in places.values())
                found.append(Due(rule, days, before, len(moments), size, min(moments, default=None)))
    return found


def apply(
    archive: Archive,
    rules: Rules,
    *,
    originals: bool = False,
    stop: Callable[[], bool] = lambda: False,
    step: Callable[[str, int], None] = lambda _rule, _rows: None,
) -> list[Applied]:
    """Let go what is due, in batches, until all is done or `stop` says so; what is done stays done.

    Raises PlacesTaken where a backup, a check or another move of records is under way."""
    done = []
    with keeping_places(archive.snapshots.folder, change=True, wait=False):
        moving.finish(archive)
        for rule in ABOUT:
            days = int(getattr(rules, f"{rule}_days"))
            if not days or (rule == "originals" and not originals):
                continue
            before = archive.clock.now() - timedelta(days=days)
            applied = Applied(rule)
            batches = _fetches(archive, before) if rule == "fetch_log" else _records(archive, rule, before, applied)
            for rows, size in batches:
                applied.rows += rows
                applied.bytes += size
                step(rule, applied.rows)
                if stop():
                    break
            done.append(applied)
        if any(applied.rows for applied in done if applied.rule != "fetch_log"):
            compacting.remove_empty(archive)
    return done


# -- the log of requests -----------------------------------------------------------------------------------------------


def _ended(before: datetime) -> tuple[ColumnElement[bool], ...]:
    return Run.state == "finished", Run.finished_at < before


def _fetches(archive: Archive, before: datetime) -> Iterator[tuple[int, int]]:
    """Delete the fetches of ended runs, some runs in each transaction; yields how many each time."""
    with_fetches = exists().where(Fetch.run_id == Run.id)
    query = select(Run.id).where(*_ended(before), with_fetches).order_by(Run.id).limit(RUNS)
    while True:
        with writing(archive.engine) as session:
            runs = session.scalars(query).all()
            if runs:
                count = session.scalar(select(func.count()).where(Fetch.run_id.in_(runs))) or 0
                session.execute(delete(Fetch).where(Fetch.run_id.in_(runs)))
                note(session, "fetch_log", before, archive.clock.now(), runs=runs)
        if not runs:
            return
        fp("retention-fetches")
        yield count, 0


# -- bytes -------------------------------------------------------------------------------------------------------------

Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class _Row:
    id: int
    length: int
    fetched_at: datetime


def _places(session: Session, rule: str, before: datetime) -> dict[Place, list[_Row]]:
    """The records that the rule lets go, each with the rows that name it: all of them are due."""
    columns = (Snapshot.id, Snapshot.file, Snapshot.offset, Snapshot.length, Snapshot.fetched_at)
    query = select(*columns).where(Snapshot.file != "", Snapshot.fetched_at < before, _is(rule)).order_by(Snapshot.id)
    found: dict[Place, list[_Row]] = defaultdict(list)
    for row_id, file, offset, length, moment in session.execute(query):
        found[file, offset].append(_Row(row_id, length, moment))
    ours = {row.id for rows in found.values() for row in rows}
    for some in _some(sorted({file for file, _ in found}), 500):
        sharing = select(Snapshot.id, Snapshot.file, Snapshot.offset).where(Snapshot.file.in_(some))
        for row_id, file, offset in session.execute(sharing):
            if row_id not in ours:
                found.pop((file, offset), None)  # another page has these bytes too: they stay for it
    return found


def _is(rule: str) -> ColumnElement[bool]:
    """Whether a rule is about a snapshot."""
    of_version = exists().where(Reading.snapshot_id == Snapshot.id, Version.reading_id == Reading.id)
    of_file = exists().where(AttachmentVersion.snapshot_id == Snapshot.id)
    news = _is_news()
    if rule == "news":
        return news
    if rule == "originals":
        return and_(or_(of_version, of_file), ~news)
    of_a_document = exists().where(Page.id == Snapshot.page_id, Page.document_id.is_not(None))
    refused = or_(Snapshot.status >= 400, ~of_a_document)
    if rule == "refused":
        return and_(Snapshot.page_id.is_not(None), ~of_version, refused)
    earlier, later = aliased(Snapshot), aliased(Snapshot)
    between = and_(
        exists().where(earlier.page_id == Snapshot.page_id, earlier.id < Snapshot.id),
        exists().where(later.page_id == Snapshot.page_id, later.id > Snapshot.id),
    )
    return and_(Snapshot.page_id.is_not(None), ~of_version, ~refused, ~news, between)


def _is_news() -> ColumnElement[bool]:
    """Whether the bytes are of a news report's page or file, and of no other document's."""
    of_page = exists().where(
        Page.id == Snapshot.page_id, Page.document_id == Document.id, Document.type == "news"
    )  # fmt: skip
    files = (
        exists()
        .where(AttachmentVersion.snapshot_id == Snapshot.id)
        .where(Attachment.id == AttachmentVersion.attachment_id, Document.id == Attachment.document_id)
    )
    return or_(of_page, and_(files.where(Document.type == "news"), ~files.where(Document.type != "news")))


def _records(archive: Archive, rule: str, before: datetime, applied: Applied) -> Iterator[tuple[int, int]]:
    """Cut the records out of their segments, some segments for each transaction; yields rows and bytes each time."""
    with reading_session(archive.engine) as session:
        places = _places(session, rule, before)
    by_file: dict[str, dict[int, list[_Row]]] = defaultdict(dict)
    for (file, offset), rows in places.items():
        by_file[file][offset] = rows
    for files in _some(sorted(by_file), SEGMENTS):
        cuts: dict[str, set[tuple[int, int]]] = {}
        ids: list[int] = []
        for file in files:
            rows_of_file = [row.id for rows in by_file[file].values() for row in rows]
            if not compacting.is_closed(archive.snapshots.folder / file):
                applied.left += len(rows_of_file)
                continue
            cuts[file] = {(offset, rows[0].length) for offset, rows in by_file[file].items()}
            ids += rows_of_file
        if not ids:
            continue
        size = sum(length for places_of_file in cuts.values() for _, length in places_of_file)

        def write(session: Session, ids: list[int] = ids) -> None:
            note(session, rule, before, archive.clock.now(), snapshots=ids)
            fp("retention-noted")

        with suppress(OperatorError):  # a crawl's segment, after all: the next time
            moving.cut(archive, cuts, write)
            yield len(ids), size


# -- what is written down ----------------------------------------------------------------------------------------------


def note(
    session: Session, rule: str, before: datetime, now: datetime, *,
    snapshots: Sequence[int] = (), runs: Sequence[int] = (), readings: Sequence[int] = (),
) -> None:  # fmt: skip
    """Write down what the rule let go, and link the digest of it into the chain."""
    session.flush()
    number = (session.scalar(select(func.max(ChainLink.row_id)).where(ChainLink.kind == "retention")) or 0) + 1
    value = json.dumps(
        {"rule": rule, "before": before.isoformat(), "at": now.isoformat(), "snapshots": ranges(snapshots),
         "runs": ranges(runs), "readings": ranges(readings)}
    )  # fmt: skip
    session.add(Setting(name=f"{RETENTION_SETTING}{number}", value=value))
    session.flush()
    digest = hashlib.sha256(value.encode()).hexdigest()
    chain.append(session.connection(), [("retention", number, (digest, ""))])


def _some(files: Iterable[str], size: int) -> Iterator[list[str]]:
    waiting = iter(files)
    while some := list(islice(waiting, size)):
        yield some


__all__ = ["ABOUT", "Applied", "Due", "Rules", "apply", "due"]
