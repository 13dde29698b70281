"""Keeps bytes as fetched in WARC files that any WARC tool can read, and gives them back verified.

One gzip member a record, so that a record is found by its offset alone. Each process writes segments of its own,
named by the time of their first record and the process; a segment is locked while its process may write to it.
"""

import fcntl
import hashlib
import io
import os
import re
import threading
import uuid
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from storage.errors import ArchiveError, OperatorError
from storage.records import Capture

SEGMENT_BYTES = 256 * 1024 * 1024  # a new segment after this: small enough to copy, large enough to stay few
# True of the bytes on the wire, no longer of the body we keep; kept under another name, as other archives do.
_OF_THE_TRANSFER = frozenset({"content-encoding", "transfer-encoding", "content-length"})
_GZIP = b"\x1f\x8b"  # begins every record: each is a gzip member of its own (ISO 28500, annex D)
_SEGMENT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,120}\.warc\.gz")


class SnapshotStore:
    """The folder of WARC files. Safe to use from several threads and processes."""

    def __init__(self, folder: Path) -> None:
        """`folder` is made, readable by its owner alone, when the first snapshot is kept."""
        self.folder = folder
        self._lock = threading.Lock()
        self._segment: _Segment | None = None
        self._before: _Segment | None = None  # full, but closed only with the next: its last rows may not be committed

    def append(self, capture: Capture) -> tuple[str, str, int, int]:
        """Keep `capture`; returns (SHA-256 of the payload, file name, offset, length of the record).

        When it returns, the bytes and the file's name are on the disk (fsync)."""
        digest = hashlib.sha256(capture.payload).hexdigest()
        record = _record(capture)
        with self._lock:
            segment = self._open_segment(capture.fetched_at)
            offset = segment.write(record)
        return digest, segment.name, offset, len(record)

    def load(self, file: str, offset: int, digest: str | None = None) -> bytes:
        """The payload of the record at `offset` of `file`.

        Raises ArchiveError where there is no such record, or where its bytes do not have the SHA-256 `digest`."""
        where = f"snapshot {file} at {offset}"
        if not _SEGMENT_NAME.fullmatch(file):
            raise ArchiveError(f"{where}: not the name of a WARC file")
        try:
            descriptor = os.open(self.folder / file, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            with os.fdopen(descriptor, "rb") as stream:
                stream.seek(offset)
                if stream.read(len(_GZIP)) != _GZIP:  # the iterator would take other bytes for a record of a bare file
                    raise ArchiveError(f"{where}: no record begins there")
                stream.seek(offset)
                record = next(iter(ArchiveIterator(stream, check_digests="raise")), None)
                if record is None:
                    raise ArchiveError(f"{where}: the file ends before it")
                payload = bytes(record.raw_stream.read())
        except (OSError, ArchiveLoadFailed, zlib.error, EOFError) as error:
            raise ArchiveError(f"{where}: cannot be read: {error}") from error
        if digest is not None and hashlib.sha256(payload).hexdigest() != digest:
            raise ArchiveError(f"{where}: damaged: its bytes are not those of {digest}")
        return payload

    def close(self) -> None:
        """Close the open segments, if any, once rows name all that is in them; the next snapshot begins a new one."""
        with self._lock:
            for segment in filter(None, (self._before, self._segment)):
                segment.close()
            self._before = self._segment = None

    def repair(self) -> list[str]:
        """Cut what a killed process left half-written at the end of its segment; returns the files cut.

        A record is only ever named by a row after it is whole on the disk, so nothing that counts is lost."""
        cut = []
        for path in sorted(self.folder.glob("*.warc.gz")):
            descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
            with os.fdopen(descriptor, "r+b") as stream:
                try:
                    fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    continue  # its process lives
                whole = _whole_length(stream)
                if whole < path.stat().st_size:
                    stream.truncate(whole)
                    os.fsync(stream.fileno())
                    cut.append(path.name)
        return cut

    def _open_segment(self, moment: datetime) -> "_Segment":
        current = self._segment
        if current is not None and current.pid != os.getpid():  # a fork's parent writes to it
            for segment in filter(None, (self._before, current)):
                segment.close()
            self._before = current = None
        if current is not None and current.length >= SEGMENT_BYTES:
            if self._before is not None:
                self._before.close()
            self._before, current = current, None
        if current is None:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            current = self._segment = _Segment(self.folder, moment)
        return current


class PlacesTaken(OperatorError):
    """Another process keeps records where they are, or moves them."""


@contextmanager
def keeping_places(folder: Path, *, change: bool = False, wait: bool = True) -> Iterator[None]:
    """While it lasts, no other process moves or removes records of kept segments; with `change`, this one may.

    Appending needs no leave: it moves nothing. Without `wait`, raises PlacesTaken where another process has it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / ".places", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_EX if change else fcntl.LOCK_SH) | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError as error:
            raise PlacesTaken("a backup, a check or another move of records is under way; try again later") from error
        yield
    finally:
        os.close(descriptor)


class _Segment:
    """One WARC file that this process appends to."""

    def __init__(self, folder: Path, moment: datetime) -> None:
        self.pid = os.getpid()
        self.name = f"policy-{moment.astimezone(UTC):%Y%m%d%H%M%S}-{self.pid}-{uuid.uuid4().hex[:8]}.warc.gz"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        self._descriptor = os.open(folder / self.name, flags, 0o600)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self.length = 0
        self.write(description(self.name, moment))
        fsync_folder(folder)

    def write(self, record: bytes) -> int:
        """Append and fsync; returns where the record begins. A failed write is cut off again."""
        offset = self.length
        try:
            view = memoryview(record)
            while view:
                view = view[os.write(self._descriptor, view) :]
            os.fsync(self._descriptor)
        except OSError:
            os.ftruncate(self._descriptor, offset)
            raise
        self.length += len(record)
        return offset

    def close(self) -> None:
        """Release the file. After a fork the parent still holds its own lock on it."""
        os.close(self._descriptor)


def _record(capture: Capture) -> bytes:
    """`capture` as one gzip member that holds a WARC response record."""
    headers = [
        (f"X-Archive-Orig-{name}" if name.lower() in _OF_THE_TRANSFER else name, _one_line(value))
        for name, value in capture.headers
    ]
    headers.append(("Content-Length", str(len(capture.payload))))
    warc_headers = {
        "WARC-Date": capture.fetched_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "WARC-Identified-Payload-Digest": f"sha256:{hashlib.sha256(capture.payload).hexdigest()}",
    }
    if capture.ip_address:
        warc_headers["WARC-IP-Address"] = capture.ip_address
    if capture.truncated:
        warc_headers["WARC-Truncated"] = "disconnect"
    stream = io.BytesIO()
    writer = WARCWriter(stream, gzip=True, warc_version="1.1")
    record = writer.create_warc_record(
        _one_line(capture.final_url),
        "response",
        payload=io.BytesIO(capture.payload),
        length=len(capture.payload),
        http_headers=StatusAndHeaders(f"{capture.status} {_reason(capture.status)}", headers, protocol="HTTP/1.1"),
        warc_headers_dict=warc_headers,
    )
    writer.write_record(record)
    return stream.getvalue()


def description(name: str, moment: datetime) -> bytes:
    """The warcinfo record that opens a segment."""
    stream = io.BytesIO()
    writer = WARCWriter(stream, gzip=True, warc_version="1.1")
    record = writer.create_warcinfo_record(name, {"software": "policy-crawler", "format": "WARC File Format 1.1"})
    record.rec_headers.replace_header("WARC-Date", moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    writer.write_record(record)
    return stream.getvalue()


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def _one_line(text: str) -> str:
    """A header's value that cannot begin another header."""
    return re.sub(r"[\r\n\x00]+", " ", text)


def _whole_length(stream: io.BufferedRandom) -> int:
    """The length of the file's part that consists of whole gzip members."""
    whole = position = 0
    inflate = zlib.decompressobj(wbits=31)
    stream.seek(0)
    data = stream.read(1 << 20)
    try:
        while data:
            inflate.decompress(data)
            if inflate.eof:
                position += len(data) - len(inflate.unused_data)
                whole = position
                data = inflate.unused_data or stream.read(1 << 20)
                inflate = zlib.decompressobj(wbits=31)
            else:
                position += len(data)
                data = stream.read(1 << 20)
    except zlib.error:
        pass
    return whole


def fsync_folder(folder: Path) -> None:
    """Put the folder's names on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
