"""Loads the catalog: the TOML files shipped beside this module, then the user's own."""

import difflib
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from policy_crawler.catalog.source import Source
from policy_crawler.errors import OperatorError
from policy_crawler.reading.model import DocumentType

SHIPPED = Path(__file__).parent
CHOICES = "choices.toml"
"""The file in a user's folder that the commands keep: which sources are crawled, and how repaired ones are read. It lies
over all other files; what it says of sources that are gone is passed over."""

PAGE = Source(
    id="page",
    issuer="（按地址）",
    issuer_short="单页",
    site="-",
    column="任一地址",
    list_url="",
    family="page",
    publishes=DocumentType.OTHER,
    level="any",
    evidence="built in: one page given by its URL, never scheduled",
)
"""The built-in source for a single URL."""


class Catalog:
    """The sources by id, in the order of the files."""

    def __init__(self, sources: Iterable[Source], origins: dict[str, Path] | None = None) -> None:
        self.sources: dict[str, Source] = {source.id: source for source in sources}
        self.origins = origins or {}
        self.hosts = frozenset(source.site for source in self.sources.values() if source.family != "page")

    def get(self, source_id: str) -> Source:
        """The source of that id.

        Raises OperatorError with the nearest id there is."""
        if source_id in self.sources:
            return self.sources[source_id]
        close = difflib.get_close_matches(source_id, self.sources, n=1, cutoff=0.5)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise OperatorError(f"no source named {source_id!r}.{hint} See 'policy-crawler sources list'.")

    def enabled(self) -> list[Source]:
        """The sources that are crawled by schedule."""
        return [s for s in self.sources.values() if s.enabled and s.ready and s.family != "page"]


def load_catalog(*folders: Path) -> Catalog:
    """The shipped sources with those of `folders` laid over them.

    A file holds `[[source]]` tables; keys of a `[defaults]` table apply to all of its sources. An entry of a later
    folder whose id is known changes the keys it gives (`enabled = false` is enough to switch a source off).
    Raises OperatorError naming the file, the source and the key."""
    entries: dict[str, dict[str, Any]] = {}
    origins: dict[str, Path] = {}
    for folder in (SHIPPED, *folders):
        here: dict[str, Path] = {}
        for file in sorted(folder.rglob("*.toml")) if folder.is_dir() else []:
            if file == folder / CHOICES:
                continue
            for entry in _entries(file):
                source_id = entry["id"]
                if source_id in here:
                    raise OperatorError(f"{file}: source {source_id!r} stands in {here[source_id]} already")
                if source_id == PAGE.id:
                    raise OperatorError(f"{file}: source 'page' is built in; choose another id")
                here[source_id] = file
                entries[source_id] = {**entries.get(source_id, {}), **entry}
                origins[source_id] = file
        for entry in _entries(folder / CHOICES) if (folder / CHOICES).is_file() else []:
            if entry["id"] in entries:
                entries[entry["id"]] = {**entries[entry["id"]], **entry}
    sources = [_checked(entry, origins[source_id]) for source_id, entry in entries.items()]
    return Catalog([*sources, PAGE], origins)


def read_sources(file: Path) -> list[Source]:
    """The sources of one file, checked for themselves. Raises OperatorError."""
    return [_checked(entry, file) for entry in _entries(file)]


def _entries(file: Path) -> list[dict[str, Any]]:
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise OperatorError(f"{file}: not valid TOML: {error}") from error
    except OSError as error:
        raise OperatorError(f"{file}: cannot be read: {error.strerror}") from error
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


def _checked(entry: dict[str, Any], file: Path) -> Source:
    try:
        return Source.model_validate(entry)
    except ValidationError as error:
        problems = []
        for detail in error.errors():
            key = ".".join(map(str, detail["loc"]))
            found = "" if detail["type"] in {"missing", "value_error"} else f" (found {detail['input']!r})"
            message = detail["msg"].removeprefix("Value error, ")
            problems.append(f"{file}: source {entry['id']!r}: {f'{key}: ' if key else ''}{message}{found}")
        raise OperatorError("\n".join(problems)) from error
