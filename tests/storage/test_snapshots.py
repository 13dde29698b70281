"""WARC files: valid for any tool, verified when read, whole after a kill (rows D1, D4, D5, D8)."""

import gzip
import io
import os
import random
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from support.archives import Moving, capture
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from storage.errors import ArchiveError
from storage.segments import check_record
from storage.snapshots import SnapshotStore

URL = "https://www.miit.gov.cn/art/1.html"


class _Quiet:
    """The arguments of `warcio check`."""

    def __init__(self, path: Path) -> None:
        self.inputs = [str(path)]
        self.verbose = False


def check(path: Path) -> int:
    """What `warcio check` exits with: 0 when every digest and block is right."""
    checker = Checker(_Quiet(path))
    checker.process_all()
    return int(checker.exit_value)


def files(store: SnapshotStore) -> list[Path]:
    return sorted(store.folder.glob("*"))


def test_records_are_valid_and_load_back(snapshots: SnapshotStore, clock: Moving) -> None:
    bodies = ["一个页面".encode("gb18030"), b"", os.urandom(100_000), b"a\r\n\r\nWARC/1.1\r\n"]
    headers = (("Content-Type", "text/html"), ("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked"),
               ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2\r\nX-Smuggled: 1"))  # fmt: skip
    kept = [
        snapshots.append(capture(URL, body, clock=clock, headers=headers, ip_address="203.0.113.9")) for body in bodies
    ]
    for (digest, file, offset, length), body in zip(kept, bodies, strict=True):
        assert snapshots.load(file, offset, digest) == body
        raw = (snapshots.folder / file).read_bytes()[offset : offset + length]
        assert gzip.decompress(raw).startswith(b"WARC/1.1\r\n")
    snapshots.close()
    (path,) = files(snapshots)
    assert check(path) == 0
    done = subprocess.run([sys.executable, "-m", "warcio.cli", "check", str(path)], capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (0, b"")
    with path.open("rb") as stream:
        records = list(ArchiveIterator(stream, no_record_parse=False))
        assert [record.rec_type for record in records] == ["warcinfo", *["response"] * len(bodies)]
        record = records[1]
        assert record.rec_headers.get_header("WARC-Target-URI") == URL
        assert record.rec_headers.get_header("WARC-Date") == "2026-03-02T01:00:00Z"
        assert record.rec_headers.get_header("WARC-IP-Address") == "203.0.113.9"
        assert record.http_headers.get_statuscode() == "200"
        # What was true of the transfer is not true of the body kept.
        assert record.http_headers.get_header("Content-Encoding") is None
        assert record.http_headers.get_header("X-Archive-Orig-Content-Encoding") == "gzip"
        assert record.http_headers.get_header("Content-Length") == str(len(bodies[0]))
        assert record.http_headers.get_header("X-Smuggled") is None


def test_D8_only_the_owner_may_read_and_no_name_leads_out(
    snapshots: SnapshotStore, clock: Moving, tmp_path: Path
) -> None:
    digest, file, _, _ = snapshots.append(capture(URL, "x", clock=clock))
    assert stat.S_IMODE((snapshots.folder / file).stat().st_mode) == 0o600
    assert stat.S_IMODE(snapshots.folder.stat().st_mode) == 0o700
    (tmp_path / "secret.warc.gz").write_bytes((snapshots.folder / file).read_bytes())
    (snapshots.folder / "link.warc.gz").symlink_to(tmp_path / "secret.warc.gz")
    for name in (
        "../secret.warc.gz",
        str(tmp_path / "secret.warc.gz"),
        "a\x00.warc.gz",
        "",
        "link.warc.gz",
        "none.warc.gz",
    ):
        with pytest.raises(ArchiveError):
            snapshots.load(name, 0, digest)


def test_D5_a_flipped_bit_is_found(snapshots: SnapshotStore, clock: Moving) -> None:
    """Of 1,000 flips all are found, but for those that change nothing of the record: gzip leaves some bits unused."""
    digest, file, offset, length = snapshots.append(capture(URL, os.urandom(500), clock=clock))
    snapshots.close()
    path, chance = snapshots.folder / file, random.Random(5)  # noqa: S311 - the same flips each time
    whole = path.read_bytes()
    record = gzip.decompress(whole[offset : offset + length])
    missed = 0
    for _ in range(1000):
        damaged = bytearray(whole)
        damaged[offset + chance.randrange(length)] ^= 1 << chance.randrange(8)
        path.write_bytes(damaged)
        if check_record(path, offset, length, digest) is None:
            missed += 1
            assert gzip.decompress(damaged[offset : offset + length]) == record
            assert snapshots.load(file, offset, digest) in record
    assert missed < 20


def test_D5_a_lost_end_or_another_digest_is_found(snapshots: SnapshotStore, clock: Moving) -> None:
    digest, file, offset, _ = snapshots.append(capture(URL, os.urandom(500), clock=clock))
    snapshots.close()
    path = snapshots.folder / file
    whole = path.read_bytes()
    path.write_bytes(whole[:-60])
    with pytest.raises(ArchiveError):
        snapshots.load(file, offset, digest)
    path.write_bytes(whole)
    with pytest.raises(ArchiveError, match="damaged"):
        snapshots.load(file, offset, "0" * 64)


def test_a_torn_end_is_cut_and_nothing_else(snapshots: SnapshotStore, clock: Moving) -> None:
    kept = [snapshots.append(capture(URL, os.urandom(3_000), clock=clock)) for _ in range(3)]
    assert snapshots.repair() == []  # its own segment is open and left alone
    snapshots.close()
    path = snapshots.folder / kept[0][1]
    whole = path.read_bytes()
    assert snapshots.repair() == []
    last = kept[-1][2]
    for end in (last + 1, last + 20, last + kept[-1][3] - 1):
        path.write_bytes(whole[:end])
        assert snapshots.repair() == [path.name]
        assert path.read_bytes() == whole[:last]
        assert check(path) == 0
    assert snapshots.load(kept[1][1], kept[1][2], kept[1][0])


def test_a_full_disk_leaves_no_half_record(snapshots: SnapshotStore, clock: Moving) -> None:
    """Row D2: the limit on file size stands for a full disk."""
    script = """
import resource, signal, sys
from pathlib import Path
from datetime import datetime, UTC
from storage.records import Capture
from storage.snapshots import SnapshotStore
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = SnapshotStore(Path(sys.argv[1]))
def keep(size):
    store.append(Capture("https://a/", "https://a/", 200, (), bytes(__import__("os").urandom(size)), datetime.now(UTC)))
keep(5_000)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    keep(50_000)
except OSError as error:
    print(error.errno)
keep(5_000)
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(snapshots.folder)], capture_output=True, check=True, cwd=Path.cwd()
    )
    assert done.stdout.decode().strip() == "27"  # EFBIG
    (path,) = files(snapshots)
    assert check(path) == 0
    with path.open("rb") as stream:
        assert len(list(ArchiveIterator(stream))) == 3


def test_a_child_process_writes_a_segment_of_its_own(snapshots: SnapshotStore, clock: Moving) -> None:
    snapshots.append(capture(URL, "parent", clock=clock))
    child = os.fork()
    if child == 0:
        snapshots.append(capture(URL, "child", clock=clock))
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    digest, file, offset, _ = snapshots.append(capture(URL, "parent again", clock=clock))
    assert snapshots.load(file, offset, digest) == b"parent again"
    snapshots.close()
    assert [check(path) for path in files(snapshots)] == [0, 0]


def test_a_long_segment_is_followed_by_another(
    snapshots: SnapshotStore, clock: Moving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.snapshots.SEGMENT_BYTES", 4_000)
    kept = [snapshots.append(capture(URL, os.urandom(3_000), clock=clock)) for _ in range(4)]
    assert len({file for _, file, _, _ in kept}) == 2
    assert all(snapshots.load(file, offset, digest) for digest, file, offset, _ in kept)


def test_D4_bytes_are_on_the_disk_before_append_returns(
    snapshots: SnapshotStore, clock: Moving, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    real_write, real_fsync = os.write, os.fsync
    monkeypatch.setattr(os, "write", lambda fd, data: (calls.append("write"), real_write(fd, data))[1])
    monkeypatch.setattr(os, "fsync", lambda fd: (calls.append("fsync"), real_fsync(fd))[1])
    snapshots.append(capture(URL, "first", clock=clock))
    snapshots.append(capture(URL, "second", clock=clock))
    # the segment's description and its folder entry, then each record
    assert calls == ["write", "fsync", "fsync", "write", "fsync", "write", "fsync"]


def test_what_is_not_a_record_is_an_error(snapshots: SnapshotStore, clock: Moving) -> None:
    _, file, offset, _ = snapshots.append(capture(URL, "x", clock=clock))
    for place in (offset + 1, 10**9):
        with pytest.raises(ArchiveError):
            snapshots.load(file, place)
    (snapshots.folder / "junk.warc.gz").write_bytes(io.BytesIO(b"junk" * 100).getvalue())
    with pytest.raises(ArchiveError):
        snapshots.load("junk.warc.gz", 0)
