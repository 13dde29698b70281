"""The head of the hash chain, kept outside the archive: what was cut off its end cannot be seen from within.

A file of heads has a line for each, oldest first: moment, number of links, hash. It is only appended to; keep it where
whoever can write the database cannot write, e.g. on another machine or a disk that only grows.
"""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from storage import chain
from storage.engine import reading
from storage.errors import OperatorError
from storage.models import ChainLink

_LINE = re.compile(r"(\S+) (\d+) ([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Head:
    """How many links the chain had, and the hash of the last; `at` is when that was noted."""

    links: int
    hash: str
    at: datetime | None = None


def of(session: Session) -> Head:
    """The head that the session sees."""
    last = session.execute(select(ChainLink.id, ChainLink.hash).order_by(ChainLink.id.desc()).limit(1)).first()
    return Head(last[0], last[1]) if last else Head(0, chain.START)


def current(engine: Engine) -> Head:
    """The chain's head now."""
    with reading(engine) as session:
        return of(session)


def note(engine: Engine, file: Path, now: datetime) -> Head | None:
    """Append the head to `file` if it is another than the last there; returns it, or None where it is the same.

    Raises OperatorError where the file cannot be written, or holds anything else."""
    head = current(engine)
    noted = read(file) if file.exists() else []
    if (noted and (noted[-1].links, noted[-1].hash) == (head.links, head.hash)) or head.links == 0:
        return None
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        descriptor = os.open(file, flags, 0o600)
        try:
            os.write(descriptor, f"{now.isoformat()} {head.links} {head.hash}\n".encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise OperatorError(
            f"cannot note the head in {file}: {error.strerror}. The setting is keeping.head_file"
        ) from error
    return Head(head.links, head.hash, now)


def read(file: Path) -> list[Head]:
    """The heads noted in `file`, oldest first. What was not written to its end is left out.

    Raises OperatorError where it cannot be read, or a line is no head."""
    try:
        lines = file.read_text(encoding="ascii").splitlines(keepends=True)
    except (OSError, UnicodeDecodeError) as error:
        raise OperatorError(f"cannot read the heads in {file}: {error}") from error
    heads = []
    for number, line in enumerate(lines, 1):
        if not line.endswith("\n"):
            break
        if (match := _LINE.fullmatch(line.strip())) is None:
            raise OperatorError(f"{file}:{number}: expected moment, number of links and hash, found {line.strip()!r}")
        heads.append(Head(int(match[2]), match[3], _moment(match[1], file, number)))
    return heads


def _moment(text: str, file: Path, number: int) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise OperatorError(f"{file}:{number}: {text!r} is no moment") from error


def by_place(heads: Sequence[Head]) -> dict[int, set[str]]:
    """The hashes that heads give the links at their places: one each, unless somebody wrote another chain."""
    places: dict[int, set[str]] = {}
    for head in heads:
        places.setdefault(head.links, set()).add(head.hash)
    return places
