"""One file that holds a whole installation, made while others write, and brought back into a new home.

A tar: the database (SQLite's file, or PostgreSQL's dump), the WARC segments as far as the database's rows name them,
config.toml, synonyms.txt, sources/, and a manifest with the SHA-256 of each.
"""

import hashlib
import io
import json
import os
import re
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from sqlalchemy import URL, Engine, func, make_url, select

from storage import heads, migrations
from storage.engine import open_engine
from storage.engine import reading as reading_session
from storage.errors import ArchiveError, OperatorError
from storage.faults import fp
from storage.models import Snapshot
from storage.snapshots import keeping_places

MANIFEST, SQLITE, DUMP = "manifest.json", "archive.db", "archive.dump"
FORMAT = 1
_MEMBER = re.compile(
    r"archive\.(?:db|dump)|config\.toml|synonyms\.txt|(?:sources|snapshots)/[A-Za-z0-9][A-Za-z0-9._-]{0,120}"
)
_ARCHIVE_KEY = re.compile(r"(?m)^\s*archive\s*=.*\n?")
CHUNK = 1 << 20

Step = Callable[[str, int], None]  # a member's name, bytes of it


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds. `head` is the chain's newest hash, for `verify --head`."""

    file: Path
    bytes: int
    members: int
    schema: str | None
    head: str


def back_up(engine: Engine, home: Path, file: Path, now: datetime, *, step: Step = lambda _name, _size: None) -> Backup:
    """Write the installation at `home`, whose archive is `engine`, to `file`, which appears when it is whole.

    Raises OperatorError where `file` exists, or where PostgreSQL's pg_dump is not there."""
    if file.exists():
        raise OperatorError(f"{file} exists; name another file, or remove it")
    snapshots, members = home / "snapshots", {}
    with keeping_places(snapshots), tempfile.TemporaryDirectory(prefix=".backup-", dir=file.parent) as folder:
        before = heads.current(engine)  # of PostgreSQL, whose dump has no less
        database = _copy_database(engine, Path(folder))
        fp("backup-copied")
        lengths, head = _named(engine, database, before.hash)
        part = Path(folder) / "backup.tar"
        with tarfile.open(part, "w", format=tarfile.PAX_FORMAT) as tar:
            for name, path, length in _contents(home, database, lengths):
                step(name, length)
                members[name] = [length, _add(tar, name, path, length)]
            about = {
                "format": FORMAT, "made_at": now.isoformat(), "schema": migrations.current(engine), "head": head,
                "database": engine.dialect.name, "members": members,
            }  # fmt: skip
            _add_bytes(tar, MANIFEST, json.dumps(about, indent=1).encode())
        descriptor = os.open(part, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
        fp("backup-written")
        part.chmod(0o600)
        os.link(part, file)  # unlike a rename, it never takes the place of a file that came meanwhile
    return Backup(file, file.stat().st_size, len(members), migrations.current(engine), head)


def _copy_database(engine: Engine, folder: Path) -> Path:
    """One state of the database as a file; writers go on meanwhile."""
    if engine.dialect.name == "sqlite":
        copy = folder / SQLITE
        connection = engine.raw_connection()
        target = sqlite3.connect(copy)
        try:
            driver: Any = connection.driver_connection
            driver.backup(target)  # in one step: in WAL mode it holds up no writer, and none makes it begin anew
            target.execute("PRAGMA journal_mode = DELETE")
        finally:
            target.close()
            connection.close()
        return copy
    dump = folder / DUMP
    _run_tool("pg_dump", engine.url, ["--format=custom", "--no-owner", f"--file={dump}"])
    return dump


def _run_tool(tool: str, url: URL, arguments: list[str]) -> None:
    """Run one of PostgreSQL's own tools on the database at `url`; its password is in no argument."""
    program = shutil.which(tool)
    if program is None:
        raise OperatorError(
            f"{tool} is not installed, which copies PostgreSQL's databases (Debian: apt install postgresql-client). "
            "The snapshots in the home can be copied as they are; the database by your server's own backup."
        )
    plain = url.set(drivername="postgresql", password=None).render_as_string()
    environment = {**os.environ, **({"PGPASSWORD": str(url.password)} if url.password else {})}
    ended = subprocess.run(  # noqa: S603 - a fixed program; what comes from the settings is one argument
        [program, f"--dbname={plain}", *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if ended.returncode:
        raise ArchiveError(f"{tool} failed: {ended.stderr.strip()}")


def _named(engine: Engine, database: Path, before: str) -> tuple[dict[str, int], str]:
    """How far each segment is named by rows of the copy, or of PostgreSQL just after its dump, which names no less; and
    the head of the copy's chain, or the one `before` PostgreSQL's dump, which is in it."""
    source = open_engine(f"sqlite:///{database}") if database.name == SQLITE else engine
    with reading_session(source) as session:
        ends = select(Snapshot.file, func.max(Snapshot.offset + Snapshot.length)).group_by(Snapshot.file)
        lengths = {file: int(end) for file, end in session.execute(ends) if file}
        head = before if source is engine else heads.of(session).hash
    if source is not engine:
        source.dispose()  # the last connection takes its WAL file along
    return lengths, head


def _contents(home: Path, database: Path, lengths: dict[str, int]) -> Iterator[tuple[str, Path, int]]:
    """(name in the backup, file, bytes of it to copy)."""
    yield database.name, database, database.stat().st_size
    for file, length in sorted(lengths.items()):
        path = home / "snapshots" / file
        there = path.stat().st_size if path.is_file() else 0
        if there:  # what is missing `verify` names, here and in the copy
            yield f"snapshots/{file}", path, min(length, there)
    others = [home / "config.toml", home / "synonyms.txt", *sorted((home / "sources").glob("*.toml"))]
    for path in others:
        if path.is_file() and not path.is_symlink():
            yield path.relative_to(home).as_posix(), path, path.stat().st_size


class _Hashing:
    """The first `length` bytes of a stream, and their SHA-256 once they are read."""

    def __init__(self, stream: IO[bytes], length: int) -> None:
        self._stream, self._left, self.digest = stream, length, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(data)
        self.digest.update(data)
        return data


def _add(tar: tarfile.TarFile, name: str, path: Path, length: int) -> str:
    """Add the first `length` bytes of a file; returns their SHA-256."""
    member = tarfile.TarInfo(name)
    member.size, member.mode, member.mtime = length, 0o600, int(path.stat().st_mtime)
    with path.open("rb") as stream:
        source = _Hashing(stream, length)
        tar.addfile(member, source)
    return source.digest.hexdigest()


def _add_bytes(tar: tarfile.TarFile, name: str, body: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(body), 0o600
    tar.addfile(member, io.BytesIO(body))


# -- back again --------------------------------------------------------------------------------------------------------


def restore(file: Path, home: Path, *, archive: str | None = None) -> Backup:
    """Bring a backup back into the new folder `home`; PostgreSQL's into the empty database `archive` (a URL).

    The folder appears when all is there and every SHA-256 is right. Raises OperatorError for a home that is there, and
    for a file that is no backup or is damaged."""
    if home.exists() and any(home.iterdir()):
        raise OperatorError(f"{home} exists and is not empty; name a new folder")
    home.parent.mkdir(parents=True, exist_ok=True)
    with _staging(home) as staging:
        about = _unpack(file, staging)
        postgresql = about["database"] == "postgresql"
        if postgresql and archive is None:
            raise OperatorError("the backup is of PostgreSQL: name an empty database with --archive postgresql://…")
        if not postgresql and archive is not None:
            raise OperatorError("the backup is of SQLite, which lies in its home; leave --archive out")
        for folder in ("snapshots", "sources"):
            (staging / folder).mkdir(mode=0o700, exist_ok=True)
        if archive is not None:
            _run_tool("pg_restore", make_url(archive), [*_RESTORE, str(staging / DUMP)])
            (staging / DUMP).unlink()
        _point_to(staging / "config.toml", archive)
        fp("restored")
        if home.exists():
            home.rmdir()
        staging.rename(home)
    return Backup(file, file.stat().st_size, len(about["members"]), about["schema"], about["head"])


_RESTORE = ["--no-owner", "--exit-on-error", "--single-transaction"]


@contextmanager
def _staging(home: Path) -> Iterator[Path]:
    """A folder beside `home` that is gone afterwards, unless it became it."""
    staging = Path(tempfile.mkdtemp(prefix=f".{home.name}-", dir=home.parent))
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _unpack(file: Path, folder: Path) -> dict[str, Any]:
    """Write the members into `folder`, each checked against the manifest, which is returned."""
    digests, about = {}, None
    try:
        with tarfile.open(file, "r:") as tar:
            for member in tar:
                stream = tar.extractfile(member) if member.isreg() else None
                if stream is None or not (member.name == MANIFEST or _MEMBER.fullmatch(member.name)):
                    raise OperatorError(f"{file} is no backup: it holds {member.name!r}")
                if member.name == MANIFEST:
                    about = json.load(stream)
                    continue
                target = folder / member.name
                target.parent.mkdir(mode=0o700, exist_ok=True)
                source = _Hashing(stream, member.size)
                with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as output:
                    shutil.copyfileobj(source, output, CHUNK)
                    output.flush()
                    os.fsync(output.fileno())
                digests[member.name] = [member.size, source.digest.hexdigest()]
    except (OSError, tarfile.TarError, ValueError) as error:
        raise OperatorError(f"{file} cannot be read as a backup: {error}") from error
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        raise OperatorError(f"{file} is no whole backup: its manifest is missing, or of a newer release")
    if wrong := [name for name in {*digests, *about["members"]} if digests.get(name) != about["members"].get(name)]:
        raise OperatorError(f"{file} is damaged: {', '.join(sorted(wrong))}")
    return about


def _point_to(config: Path, archive: str | None) -> None:
    """Let the settings name the archive that was restored, and never the one that was backed up."""
    text = config.read_text(encoding="utf-8") if config.exists() else ""
    head, table, rest = text.partition("\n[") if not text.startswith("[") else ("", "", text)
    named = f"archive = {json.dumps(archive)}\n" if archive else ""
    if named or _ARCHIVE_KEY.search(head):
        with os.fdopen(os.open(config, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as output:
            output.write(named + _ARCHIVE_KEY.sub("", head) + table + rest)
