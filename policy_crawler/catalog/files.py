"""The catalog's files: TOML read with its mistakes told."""

import tomllib
from pathlib import Path
from typing import Any

from policy_crawler.errors import OperatorError

PACKS = "packs.toml"
"""The file of a folder that names groups of sources."""
CHOICES = "choices.toml"
"""The file in a user's folder that the commands keep: which sources are crawled, how repaired ones are read. It lies
over all other files; what it says of sources that are gone is passed over."""
RESERVED = frozenset({PACKS, CHOICES})


def read_toml(file: Path) -> dict[str, Any]:
    """The tables of `file`. Raises OperatorError that names it."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise OperatorError(f"{file}: not valid TOML: {error}") from error
    except OSError as error:
        raise OperatorError(f"{file}: cannot be read: {error.strerror}") from error


def read_entries(file: Path) -> list[dict[str, Any]]:
    """The `[[source]]` tables of `file`, each with the keys of `[defaults]` under its own. Raises OperatorError."""
    data = read_toml(file)
    if unknown := sorted(set(data) - {"defaults", "source"}):
        raise OperatorError(f"{file}: {unknown[0]}: expected only [defaults] and [[source]] tables")
    defaults, sources = data.get("defaults", {}), data.get("source", [])
    if not isinstance(defaults, dict) or not isinstance(sources, list):
        raise OperatorError(f"{file}: expected one [defaults] table and [[source]] tables (two brackets)")
    found = []
    for number, source in enumerate(sources, 1):
        if not isinstance(source, dict) or not isinstance(source.get("id"), str):
            raise OperatorError(
                f"{file}: [[source]] number {number}: id: expected a slug such as 'miit-wjfb-tz', found none"
            )
        found.append({**defaults, **source})
    return found


def source_files(folder: Path) -> list[Path]:
    """The files of `folder` and below that hold sources, in the order of their names; none where it is not there."""
    if not folder.is_dir():
        return []
    return [file for file in sorted(folder.rglob("*.toml")) if file.name not in RESERVED]
