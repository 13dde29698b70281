"""Compaction: the closed segments of a month become one WARC file for each site.

A record is copied byte for byte, once its digests are right; rows are moved to it in one transaction, and a segment
goes when no row names it any more (storage/moving.py: what is killed is completed or taken back). Records that no row
names come along. A segment with anything in it that cannot be read stays as it is: `verify` names what is wrong.
"""

import re
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final
from urllib.parse import urlsplit

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from storage import moving
from storage.archive import Archive
from storage.engine import reading as reading_session
from storage.engine import writing
from storage.errors import ArchiveError, OperatorError
from storage.faults import fp
from storage.models import Snapshot
from storage.moving import NewSegment, closed
from storage.segments import check_segment, record_kind, unnamed_records
from storage.snapshots import keeping_places

PART_BYTES: Final = 1024 * 1024 * 1024  # a site's month that is larger becomes several files, of about this size
_COMPACT: Final = re.compile(r"policy-(\d{6})-(.+)-c[0-9a-f]{8}(?:\.e[0-9a-f]{8})?\.warc\.gz")
_DESCRIPTION_BYTES: Final = 4096  # no record that describes a file is larger
Key = tuple[str, str]  # month as 202603 (UTC, as in WARC-Date), site
Place = tuple[str, int]  # file, offset


@dataclass(frozen=True, slots=True)
class Group:
    """What is to become one file: a site's month, and the segments that hold parts of it."""

    month: str
    site: str
    files: tuple[str, ...]
    records: int
    bytes: int


@dataclass(slots=True)
class Compacted:
    """What came of it; `left` are segments that stayed as they were, and why."""

    groups: int = 0
    records: int = 0
    files_before: int = 0
    files_after: int = 0
    bytes_before: int = 0
    bytes_after: int = 0
    left: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Record:
    """A record to be copied; without a moment, no row names it."""

    file: str
    offset: int
    length: int
    fetched_at: datetime | None


def plan(archive: Archive, *, month: str | None = None, site: str | None = None) -> list[Group]:
    """The groups that have something to gain: of months that are over, or of one month (202603), even the present."""
    folder = archive.snapshots.folder
    begun = archive.clock.now().astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    with reading_session(archive.engine) as session:
        files = session.scalars(select(Snapshot.file).where(Snapshot.file != "").distinct()).all()
        loose = sorted(file for file in files if not _COMPACT.fullmatch(file) and is_closed(folder / file))
        found: dict[Key, dict[Place, int]] = defaultdict(dict)
        for some in _batches(loose):
            for row in _rows(session, some):
                key = key_of(row.url, row.fetched_at)
                if (key[0] == month if month else row.fetched_at < begun) and site in {None, key[1]}:
                    found[key][row.file, row.offset] = row.length
    return [
        Group(*key, tuple(sorted({file for file, _ in places})), len(places), sum(places.values()))
        for key, places in sorted(found.items())
    ]


def compact(
    archive: Archive,
    *,
    month: str | None = None,
    site: str | None = None,
    stop: Callable[[], bool] = lambda: False,
    step: Callable[[Group, int, int], None] = lambda _group, _done, _all: None,
) -> Compacted:
    """Compact what `plan` names, a group at a time, until all is done or `stop` says so. What is done stays done.

    Raises PlacesTaken where a backup, a check or another one is under way."""
    folder, done = archive.snapshots.folder, Compacted()
    done.files_before, done.bytes_before = _size(folder)
    with keeping_places(folder, change=True, wait=False):
        moving.finish(archive)
    groups, renamed = plan(archive, month=month, site=site), dict[str, str]()
    for number, group in enumerate(groups):
        if stop():
            break
        step(group, number, len(groups))
        with keeping_places(folder, change=True, wait=False):
            moving.finish(archive)
            files = [_latest(file, renamed) for file in group.files]
            if count := _Compaction(archive, (group.month, group.site), done.left, renamed).run(files):
                done.groups += 1
                done.records += count
    with keeping_places(folder, change=True, wait=False):
        remove_empty(archive)
    done.files_after, done.bytes_after = _size(folder)
    return done


def _latest(file: str, renamed: dict[str, str]) -> str:
    """The name that a segment has by now, which lost records to a group before."""
    while file in renamed:
        file = renamed[file]
    return file


def key_of(url: str, moment: datetime) -> Key:
    """The month and the site that a record belongs to."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        host = ""
    site = re.sub(r"[^a-z0-9.-]+", "-", host.lower()).strip("-.")[:60] or "unknown"
    return moment.astimezone(UTC).strftime("%Y%m"), site


class _Compaction:
    """One group. The caller holds `keeping_places(…, change=True)`, so that no other process moves records."""

    def __init__(self, archive: Archive, key: Key, left: dict[str, str], renamed: dict[str, str]) -> None:
        """`left` learns of segments that stay as they are, `renamed` of those that are written anew."""
        self._archive, self._key, self._left, self._renamed = archive, key, left, renamed
        self._folder = archive.snapshots.folder

    def run(self, files: Sequence[str]) -> int:
        """Make the group's file; returns how many records came into it."""
        with ExitStack() as held:
            sources = [source for file in files if (source := self._source(held, file)) is not None]
            if not any(source.taken for source in sources):
                return 0
            if (base := self._base()) is not None and (source := self._source(held, base)) is not None:
                sources.append(source)
            return self._write([source for source in sources if source.taken])

    def _source(self, held: ExitStack, file: str) -> "_Source | None":
        """A segment that is closed and whole, with what the group takes from it."""
        try:
            stream = held.enter_context(closed(self._folder / file))
        except (ArchiveError, OperatorError, OSError) as error:
            self._left[file] = str(error)
            return None
        with reading_session(self._archive.engine) as session:
            rows = _rows(session, [file])
        named = {row.offset: (row.length, row.digest) for row in rows}
        for flaw in check_segment(self._folder / file, named):
            if flaw.what != "unfinished":
                self._left[file] = f"{flaw.what}: {flaw.reason}"
                return None
        taken: dict[int, _Record] = {}
        for row in rows:
            if key_of(row.url, row.fetched_at) == self._key:
                taken.setdefault(row.offset, _Record(file, row.offset, row.length, row.fetched_at))
        emptied = taken.keys() == named.keys()
        if emptied:
            lengths = {offset: length for offset, (length, _) in named.items()}
            for offset, length in unnamed_records(self._folder / file, lengths):
                record = _Record(file, offset, length, None)
                if record_kind(_member(stream, record)) != "warcinfo":
                    taken[offset] = record
        return _Source(file, stream, taken, emptied)

    def _base(self) -> str | None:
        """The group's file of an earlier compaction that still has room."""
        month, site = self._key
        with reading_session(self._archive.engine) as session:
            like = Snapshot.file.startswith(f"policy-{month}-{site}-c", autoescape=True)
            files = session.scalars(select(Snapshot.file).where(like).distinct()).all()
        ours = [file for file in files if (match := _COMPACT.fullmatch(file)) and match.groups() == self._key]
        sizes = {path: path.stat().st_size for file in ours if (path := self._folder / file).is_file()}
        small = min(sizes, key=lambda path: sizes[path], default=None)
        return small.name if small is not None and sizes[small] < PART_BYTES else None

    def _write(self, sources: list["_Source"]) -> int:
        """Copy what is taken, and what is left in segments that hold other groups' records too; then move the rows."""
        records = sorted((record for source in sources for record in source.taken.values()), key=_in_order)
        streams = {source.file: source.stream for source in sources}
        names = [f"policy-{self._key[0]}-{self._key[1]}-c{uuid.uuid4().hex[:8]}.warc.gz" for _ in _parts(records)]
        rests = {source.file: moving.anew(source.file) for source in sources if not source.emptied}
        new, old = [*names, *rests.values()], list(streams)
        moving.intend(self._archive, new, old)
        where: dict[Place, Place] = {}
        for name, some in zip(names, _parts(records), strict=True):
            segment = NewSegment(self._folder, name, self._archive.clock.now())
            try:
                for record in some:
                    where[record.file, record.offset] = name, segment.append(_member(streams[record.file], record))
                fp("compact-copied")
                segment.keep()
            finally:
                segment.close()
        for source in sources:
            if source.file in rests:
                moving.without(source.stream, source.cuts(), NewSegment(self._folder, rests[source.file]))
        fp("compact-written")
        with writing(self._archive.engine) as session:
            _move(session, sources, where, rests)
            moving.moved(session, new, old)
        fp("compact-moved")
        moving.finish(self._archive)
        self._renamed.update(rests)
        return len(records)


@dataclass(frozen=True, slots=True)
class _Source:
    """A segment, and the records that are taken from it by their offsets; all of them, where it is emptied."""

    file: str
    stream: IO[bytes]
    taken: dict[int, _Record]
    emptied: bool

    def cuts(self) -> list[tuple[int, int]]:
        return [(offset, self.taken[offset].length) for offset in sorted(self.taken)]


def _move(session: Session, sources: list[_Source], where: dict[Place, Place], rests: dict[str, str]) -> None:
    """Let rows name the new places, those too that came to name one of the records meanwhile."""
    for source in sources:
        cuts = source.cuts()
        for snapshot in session.scalars(select(Snapshot).where(Snapshot.file == source.file)):
            if (place := where.get((snapshot.file, snapshot.offset))) is not None:
                snapshot.file, snapshot.offset = place
            elif not source.emptied:
                snapshot.file, snapshot.offset = rests[source.file], moving.shifted(snapshot.offset, cuts)
            else:
                raise ArchiveError(f"snapshot {snapshot.id}: there is no record at {snapshot.offset} of {source.file}")


def _rows(session: Session, files: Sequence[str]) -> Sequence[Row[str, int, int, str, str, datetime]]:
    query = select(
        Snapshot.file, Snapshot.offset, Snapshot.length, Snapshot.digest, Snapshot.url, Snapshot.fetched_at
    )  # fmt: skip
    return session.execute(query.where(Snapshot.file.in_(files)).order_by(Snapshot.id)).all()


def _member(stream: IO[bytes], record: _Record) -> bytes:
    stream.seek(record.offset)
    return stream.read(record.length)


def _in_order(record: _Record) -> tuple[bool, float, str, int]:
    """By the time of fetching; what no row names comes last."""
    moment = record.fetched_at.timestamp() if record.fetched_at else 0.0
    return record.fetched_at is None, moment, record.file, record.offset


def _parts(records: Sequence[_Record]) -> list[list[_Record]]:
    """The records of each file: one, unless they are very many."""
    parts: list[list[_Record]] = [[]]
    length = 0
    for record in records:
        if length >= PART_BYTES:
            parts.append([])
            length = 0
        parts[-1].append(record)
        length += record.length
    return parts


def remove_empty(archive: Archive) -> None:
    """Remove closed segments that hold no record: what a crawl left that kept nothing, or erasing of all in it."""
    with reading_session(archive.engine) as session:
        named = set(session.scalars(select(Snapshot.file).distinct()))
    for path in archive.snapshots.folder.glob("*.warc.gz"):
        if path.name in named or path.stat().st_size > _DESCRIPTION_BYTES:
            continue
        with suppress(ArchiveError, OperatorError, OSError, ValueError), closed(path) as stream:
            held = [_Record(path.name, offset, length, None) for offset, length in unnamed_records(path, {})]
            if all(record_kind(_member(stream, record)) == "warcinfo" for record in held):
                path.unlink()


def is_closed(path: Path) -> bool:
    """Whether the segment is there and no process appends to it; none ever will then."""
    with suppress(ArchiveError, OperatorError, OSError), closed(path):
        return True
    return False


def _size(folder: Path) -> tuple[int, int]:
    """How many segments there are, and their bytes together."""
    sizes = [path.stat().st_size for path in folder.glob("*.warc.gz")] if folder.is_dir() else []
    return len(sizes), sum(sizes)


def _batches(files: Sequence[str], size: int = 500) -> Iterator[Sequence[str]]:
    for start in range(0, len(files), size):
        yield files[start : start + size]
