"""Where secrets are: in files or in the environment. The archive keeps a reference, file:PATH or env:NAME, and no more.

A token inside a robot's URL is a secret like a password: so is then the whole URL.
"""

import os
import re
import stat
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote

from schedules.channels.base import TemporaryError
from storage.errors import OperatorError

LONGEST = 16_384  # bytes of a file with a secret
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
HIDDEN = "***"


def reference(file: str | None = None, variable: str | None = None) -> str | None:
    """The reference to a secret in a file or an environment variable; None where neither is given.

    Raises OperatorError where both are, or where nothing can be read there."""
    if file is not None and variable is not None:
        raise OperatorError("a secret is in a file or in the environment; give one of both")
    if file is not None:
        made = f"file:{Path(file).expanduser().absolute()}"
    elif variable is not None:
        if not _NAME.fullmatch(variable):  # perhaps the secret itself: it is not said again
            raise OperatorError("that is no name of an environment variable; give its name, not what it holds")
        made = f"env:{variable}"
    else:
        return None
    try:
        read(made)
    except TemporaryError as error:
        raise OperatorError(str(error)) from error
    return made


def read(where: str) -> str:
    """The first line that is kept at a reference. Raises TemporaryError that says where it is missing."""
    return lines(where)[0]


def lines(where: str) -> list[str]:
    """All lines that are kept at a reference, without those that are empty."""
    kind, _, name = where.partition(":")
    if kind == "env":
        text = os.environ.get(name, "")
        if not text.strip():
            raise TemporaryError(f"the environment variable {name} holds no secret", about="us")
    else:
        text = _of_file(Path(name))
        if not text.strip():
            raise TemporaryError(f"{name}: empty; expected a secret in its first line", about="us")
    return [line.strip() for line in text.splitlines() if line.strip()]


def _of_file(path: Path) -> str:
    try:
        if path.stat().st_mode & stat.S_IWOTH:
            raise TemporaryError(f"{path}: anybody may write to it; chmod 600 it", about="us")
        with path.open("rb") as stream:
            return stream.read(LONGEST).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not text"
        raise TemporaryError(f"{path}: {reason}", about="us") from error


def is_open_to_others(where: str) -> bool:
    """Whether others on this machine can read the file of a reference."""
    kind, _, name = where.partition(":")
    try:
        return kind == "file" and bool(Path(name).stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))
    except OSError:
        return False


def store(folder: Path, name: str, secret: str) -> str:
    """Write a secret to a new file that its owner alone can read; answers with its reference."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-") or "secret"
    for number in range(1, 10_000):
        path = folder / f"{stem}-{number}"
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        except FileExistsError:
            continue
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(secret + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        return f"file:{path.absolute()}"
    raise OperatorError(f"{folder}: no free name for {stem}")


def hide(text: str, known: Iterable[str]) -> str:
    """`text` without the secrets `known`, as they are and as they stand in URLs."""
    for secret in sorted({form for one in known for form in _forms(one)}, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return text


def _forms(secret: str) -> list[str]:
    parts = re.split(r"[/?&=#]", secret) if "://" in secret else []
    found = [secret, unquote(secret), *(part for part in parts[3:] if len(part) >= 12)]
    return [form for form in found if len(form) >= 6]
