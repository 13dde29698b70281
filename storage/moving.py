"""Moves records from closed segments into new ones, or out of them, so that a kill at any moment leaves every row with
its bytes: what is to come and to go is written down first, the new segments are whole on the disk before one
transaction moves the rows, and the old ones are removed last. `finish` completes or takes back what was killed.
"""

import fcntl
import json
import os
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from storage.archive import Archive
from storage.engine import reading as reading_session
from storage.engine import writing
from storage.errors import ArchiveError, OperatorError
from storage.faults import fp
from storage.models import Setting, Snapshot
from storage.snapshots import description, fsync_folder

SETTING = "moving"  # what is under way: {"new": [names], "old": [names], "moved": whether the rows name the new ones}
CHUNK = 1 << 20

Places = Mapping[str, set[tuple[int, int]]]  # file: {(offset, length)}


@contextmanager
def closed(path: Path) -> Iterator[IO[bytes]]:
    """The segment, which no process appends to; while it lasts, none can.

    Raises ArchiveError where it is not there, OperatorError where a crawl writes to it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise ArchiveError(f"{path.name} is not there; 'policy-crawler verify' says what is lost") from error
    with os.fdopen(descriptor, "rb") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise OperatorError(f"a crawl is writing to {path.name}; try again once it has ended") from error
        yield stream


class NewSegment:
    """A segment in the making: it has its name once it is whole on the disk."""

    def __init__(self, folder: Path, name: str, moment: datetime | None = None) -> None:
        """Begins with a record that describes the file as of `moment`, or with nothing."""
        self.folder, self.name, self.length = folder, name, 0
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        self._stream = os.fdopen(os.open(folder / part_name(name), flags, 0o600), "wb")
        if moment is not None:
            self.append(description(name, moment))

    def append(self, member: bytes) -> int:
        """Add bytes, e.g. a record's gzip member; returns where they begin."""
        offset = self.length
        self._stream.write(member)
        self.length += len(member)
        return offset

    def keep(self) -> None:
        """Put it on the disk, under its name."""
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self._stream.close()
        (self.folder / part_name(self.name)).rename(self.folder / self.name)
        fsync_folder(self.folder)

    def close(self) -> None:
        """Let go of the file; without `keep` before, `finish` removes it."""
        self._stream.close()


def part_name(name: str) -> str:
    """What a segment in the making is called: nothing that looks for segments finds it."""
    return f".{name}.part"


def intend(archive: Archive, new: Sequence[str], old: Sequence[str]) -> None:
    """Write down which segments are to come, and which they are made of."""
    with writing(archive.engine) as session:
        session.merge(Setting(name=SETTING, value=json.dumps({"new": list(new), "old": list(old), "moved": False})))


def moved(session: Session, new: Sequence[str], old: Sequence[str]) -> None:
    """In the transaction in which rows come to name `new`: from now on `old` are to be removed."""
    session.merge(Setting(name=SETTING, value=json.dumps({"new": list(new), "old": list(old), "moved": True})))


def finish(archive: Archive) -> bool:
    """Remove what is to go: the old segments where the rows were moved, else what there is of the new ones.

    Returns whether there was anything. The caller holds `keeping_places(…, change=True)`."""
    with reading_session(archive.engine) as session:
        setting = session.get(Setting, SETTING)
    if setting is None:
        return False
    said = json.loads(setting.value)
    folder = archive.snapshots.folder
    for name in said["old"] if said["moved"] else said["new"]:
        (folder / name).unlink(missing_ok=True)
    for name in said["new"]:
        (folder / part_name(name)).unlink(missing_ok=True)
    fp("moving-removed")
    fsync_folder(folder)
    with writing(archive.engine) as session:
        session.execute(delete(Setting).where(Setting.name == SETTING))
    return True


def waiting(session: Session) -> list[str]:
    """The segments that a killed move left to be removed; `finish` does."""
    setting = session.get(Setting, SETTING)
    if setting is None:
        return []
    said = json.loads(setting.value)
    return list(said["old"] if said["moved"] else said["new"])


def cut(archive: Archive, places: Places, write: Callable[[Session], None]) -> None:
    """Take the records at `places` out of their segments, for good; rows name what is left, those of the records that
    are gone name none. `write` adds to the transaction. The caller holds `keeping_places(…, change=True)`.

    Raises OperatorError where a crawl writes to one of the segments; nothing is changed then."""
    folder = archive.snapshots.folder
    with ExitStack() as held:
        streams = {file: held.enter_context(closed(folder / file)) for file in places}
        names = {file: anew(file) for file in places}
        if names:
            intend(archive, list(names.values()), list(places))
        for file, stream in streams.items():
            without(stream, sorted(places[file]), NewSegment(folder, names[file]))
        fp("moving-written")
        with writing(archive.engine) as session:
            for file, name in names.items():
                _shift(session, file, name, sorted(places[file]))
            write(session)
            if names:
                moved(session, list(names.values()), list(places))
        finish(archive)


def anew(file: str) -> str:
    """A name for a segment that is written anew."""
    stem = file.removesuffix(".warc.gz")
    before, mark, tail = stem.rpartition(".e")
    stem = before if mark and len(tail) == 8 and set(tail) <= set("0123456789abcdef") else stem
    return f"{stem}.e{uuid.uuid4().hex[:8]}.warc.gz"


def without(source: IO[bytes], cuts: Sequence[tuple[int, int]], target: NewSegment) -> None:
    """Write the segment anew as `target` without the records at `cuts` (offset, length), in their order."""
    try:
        at, end = 0, source.seek(0, os.SEEK_END)
        for offset, length in (*cuts, (end, 0)):
            source.seek(at)
            left = offset - at
            while left > 0 and (data := source.read(min(left, CHUNK))):
                target.append(data)
                left -= len(data)
            at = offset + length
        target.keep()
    finally:
        target.close()


def shifted(offset: int, cuts: Sequence[tuple[int, int]]) -> int:
    """Where the record that began at `offset` begins without those at `cuts`."""
    return offset - sum(length for before, length in cuts if before < offset)


def _shift(session: Session, file: str, name: str, cuts: Sequence[tuple[int, int]]) -> None:
    """Let rows name the new segment; those of the records that were cut out name none."""
    gone = {offset for offset, _ in cuts}
    for snapshot in session.scalars(select(Snapshot).where(Snapshot.file == file)):
        if snapshot.offset in gone:
            snapshot.file, snapshot.offset, snapshot.length = "", 0, 0
        else:
            snapshot.file, snapshot.offset = name, shifted(snapshot.offset, cuts)
