"""Checks WARC segments as a whole, as `warcio check` does, and goes on after a damaged record."""

import hashlib
import io
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong in a segment: the part from `offset` on, and whether a row names a record there."""

    offset: int
    what: str  # missing, damaged or unfinished
    reason: str
    named: bool


def record_digest(member: bytes) -> str:
    """The SHA-256 of the payload of the one record that a gzip member holds.

    Raises ValueError where the member is not whole, or does not have the digests that it says it has."""
    inflate = zlib.decompressobj(wbits=31)
    try:
        inflate.decompress(member)
        if not inflate.eof or inflate.unused_data:
            raise ValueError("it is not one whole gzip member")
        record = next(iter(ArchiveIterator(io.BytesIO(member), check_digests="raise")), None)
        if record is None:
            raise ValueError("there is no record in it")
        payload = record.raw_stream.read()
    except (zlib.error, ArchiveLoadFailed, EOFError, OSError) as error:
        raise ValueError(str(error) or type(error).__name__) from error
    return hashlib.sha256(payload).hexdigest()


def record_kind(member: bytes) -> str:
    """The WARC-Type of the one record that a gzip member holds, e.g. response or warcinfo."""
    record = next(iter(ArchiveIterator(io.BytesIO(member))), None)
    return str(record.rec_type) if record is not None else ""


def unnamed_records(path: Path, records: Mapping[int, int]) -> list[tuple[int, int]]:
    """(offset, length) of each whole record between and after those at `records`: {offset: length}.

    What was not written to its end is none. Raises ValueError where anything else cannot be read."""
    size, position, found = path.stat().st_size, 0, []
    while position < size:
        if position in records:
            position += records[position]
            continue
        length, reason = _unnamed(path, position)
        if not length:
            if reason == UNFINISHED and not any(offset > position for offset in records):
                break
            raise ValueError(f"{path.name} at {position}: {reason}")
        found.append((position, length))
        position += length
    return found


def check_record(path: Path, offset: int, length: int, digest: str) -> Flaw | None:
    """What is wrong with the record at `offset`, whose payload has the SHA-256 `digest`; None where nothing is."""
    try:
        with path.open("rb") as stream:
            stream.seek(offset)
            member = stream.read(length)
    except FileNotFoundError:
        return Flaw(offset, "missing", f"the file {path.name} is not there", True)
    except OSError as error:
        return Flaw(offset, "damaged", f"{path.name} cannot be read: {error.strerror}", True)
    if len(member) < length:
        return Flaw(offset, "missing", f"{path.name} ends before the end of the record", True)
    try:
        found = record_digest(member)
    except ValueError as error:
        return Flaw(offset, "damaged", f"{path.name} at {offset}: {error}", True)
    if found != digest:
        return Flaw(offset, "damaged", f"{path.name} at {offset}: the bytes are others: SHA-256 {found}", True)
    return None


def check_segment(path: Path, records: Mapping[int, tuple[int, str]]) -> Iterator[Flaw]:
    """What is wrong with a segment, in which rows name `records`: {offset: (length, digest)}.

    Records that no row names are checked too. What a killed process left at the end is `unfinished`, no damage."""
    if not path.is_file():
        yield from (Flaw(offset, "missing", f"the file {path.name} is not there", True) for offset in sorted(records))
        return
    size, position, offsets = path.stat().st_size, 0, sorted(records)
    while position < size:
        if position in records:
            length, digest = records[position]
            if (flaw := check_record(path, position, length, digest)) is not None:
                yield flaw
            position += length
            continue
        following = next((offset for offset in offsets if offset > position), None)
        length, reason = _unnamed(path, position)
        if length:
            position += length
        elif following is None and reason == UNFINISHED:
            yield Flaw(position, "unfinished", f"{path.name} from {position} on: {reason}", False)
            break
        else:
            yield Flaw(position, "damaged", f"{path.name} at {position}, where no row names a record: {reason}", False)
            position = following if following is not None else size
    yield from (
        Flaw(offset, "missing", f"{path.name} ends before the record", True) for offset in offsets if offset >= size
    )


UNFINISHED = "a record that was not written to its end"


def _unnamed(path: Path, offset: int) -> tuple[int, str]:
    """The length of the record at `offset`; or 0, and what is wrong with it."""
    inflate, length = zlib.decompressobj(wbits=31), 0
    with path.open("rb") as stream:
        stream.seek(offset)
        try:
            while not inflate.eof:
                if not (data := stream.read(CHUNK)):
                    return 0, UNFINISHED
                inflate.decompress(data)
                length += len(data) - len(inflate.unused_data)
            stream.seek(offset)
            record_digest(stream.read(length))
        except (zlib.error, ValueError) as error:
            return 0, str(error)
    return length, ""
