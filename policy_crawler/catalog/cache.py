"""What a folder's files said, kept between commands: parsing two thousand sources takes a second, reading this a
hundredth of it.

The cache lies in the user's cache folder by platform convention, one file a folder. It is taken only when every file
of the folder and of this package is as it was (size and time of change); what cannot be read or written is as if it
were not there."""

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import platformdirs

CODE = Path(__file__).parent
SMALLEST = 20_000
"""Folders whose files hold fewer bytes are read anew each time: that is as quick."""


def state_of(files: Iterable[Path]) -> str | None:
    """A digest of the sizes and times of these files and of this package's modules; None: not worth keeping."""
    total, parts = 0, []
    try:
        for file in files:
            stat = file.stat()
            total += stat.st_size
            parts.append(f"{file}:{stat.st_size}:{stat.st_mtime_ns}")
        if total < SMALLEST:
            return None
        for module in sorted(CODE.glob("*.py")):
            stat = module.stat()
            parts.append(f"{module.name}:{stat.st_size}:{stat.st_mtime_ns}")
    except OSError:
        return None
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def cache_file(folder: Path) -> Path:
    """Where what `folder` said is kept."""
    name = hashlib.sha256(str(folder).encode()).hexdigest()[:16]
    return Path(platformdirs.user_cache_dir("policy-crawler", False)) / f"catalog-{name}.json"


def recall(folder: Path, state: str | None) -> tuple[dict[str, Any], dict[str, str]] | None:
    """What was kept for `folder` in that state: what was said besides, and the JSON of each entry by id.

    None where it must be read anew."""
    if state is None:
        return None
    try:
        head, *lines = cache_file(folder).read_text(encoding="utf-8").split("\n")
        kept = json.loads(head)
        if kept["state"] != state or kept["entries"] != len(lines):
            return None
        return kept["said"], dict(line.split("\t", 1) for line in lines)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep(folder: Path, state: str | None, said: dict[str, Any], entries: Mapping[str, dict[str, Any]]) -> None:
    """Keep what `folder` said in that state. An entry is a line of its own, so that only those asked for are parsed."""
    if state is None:
        return
    head = json.dumps({"state": state, "entries": len(entries), "said": said}, ensure_ascii=False)
    lines = [f"{name}\t{json.dumps(entry, ensure_ascii=False, default=_plain)}" for name, entry in entries.items()]
    with contextlib.suppress(OSError):
        _replace(cache_file(folder), "\n".join([head, *lines]))


def _replace(file: Path, text: str) -> None:
    """Put `text` in the place of `file` in one step: who reads finds the old or the new. Raises OSError."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _plain(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"no plain form of {value!r}")
