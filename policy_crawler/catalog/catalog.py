"""Loads the catalog: the TOML files shipped beside this module, then the user's own, then what the user chose."""

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from pydantic import ValidationError

from policy_crawler.catalog.cache import keep, recall, state_of
from policy_crawler.catalog.files import CHOICES, PACKS, read_entries, source_files
from policy_crawler.catalog.packs import Pack, in_region, read_packs
from policy_crawler.catalog.source import Source
from policy_crawler.catalog.verified import SIMULATED, marked, read_marks
from policy_crawler.errors import OperatorError
from policy_crawler.reading.model import DocumentType

SHIPPED = Path(__file__).parent

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


class Facts(NamedTuple):
    """What sources are chosen by."""

    id: str
    issuer: str
    issuer_short: str
    level: str
    region: str
    topics: tuple[str, ...]
    family: str
    publishes: str
    ready: bool
    enabled: bool
    site: str


Entry = dict[str, Any] | str | Source
"""An entry as TOML or the cache's JSON gives it, or the source made of it."""


class Sources(Mapping[str, Source]):
    """Sources by id in the order of the files; a source is made of its entry when it is first asked for."""

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        self._entries = dict(entries)

    def __getitem__(self, source_id: str) -> Source:
        entry = self._entries[source_id]
        if not isinstance(entry, Source):
            entry = self._entries[source_id] = Source.model_validate(_plain(entry))
        return entry

    def __contains__(self, source_id: object) -> bool:
        return source_id in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def facts(self) -> Iterator[Facts]:
        """What each is chosen by, without making the sources."""
        for name, entry in self._entries.items():
            if isinstance(entry, str):
                entry = self._entries[name] = _plain(entry)  # noqa: PLW2901 - parsed once
            get = (entry.__dict__ if isinstance(entry, Source) else entry).get
            yield Facts(
                name,
                get("issuer", ""),
                get("issuer_short", ""),
                get("level", ""),
                get("region", ""),
                tuple(get("topics", ())),
                get("family", ""),
                get("publishes", ""),
                get("ready", True),
                get("enabled", True),
                get("site") or urlsplit(get("list_url", "")).hostname or "",
            )


class Catalog:
    """The sources by id, in the order of the files, and the packs by name.

    `notices`: what a user should know about their own files, a sentence each."""

    def __init__(
        self,
        sources: Iterable[Source] | Sources,
        origins: dict[str, Path] | None = None,
        packs: dict[str, Pack] | None = None,
        notices: tuple[str, ...] = (),
    ) -> None:
        if not isinstance(sources, Sources):
            sources = Sources({source.id: source for source in sources})
        self.sources: Sources = sources
        self.origins = origins or {}
        self.packs = packs or {}
        self.notices = notices

    @cached_property
    def hosts(self) -> frozenset[str]:
        """The hosts of all columns."""
        return frozenset(facts.site for facts in self.sources.facts() if facts.family != "page")

    def get(self, source_id: str) -> Source:
        """The source of that id.

        Raises OperatorError with the nearest id there is."""
        if source_id in self.sources:
            return self.sources[source_id]
        raise OperatorError(
            f"no source named {source_id!r}.{_nearest(source_id, self.sources)} See 'policy-crawler sources list'."
        )

    def enabled(self) -> list[Source]:
        """The sources that are crawled by schedule."""
        return self.select(enabled=True, ready=True)

    def select(
        self,
        *,
        issuer: str | None = None,
        level: str | None = None,
        region: str | None = None,
        topic: str | None = None,
        family: str | None = None,
        pack: str | None = None,
        publishes: str | None = None,
        ready: bool | None = None,
        enabled: bool | None = None,
    ) -> list[Source]:
        """The sources that agree with all that is given, in the order of the files; never the built-in `page`.

        `issuer` is in its full or its short name; `region` is a province, city or district (广东, 深圳, 广东/深圳).
        Raises OperatorError for a pack that there is not."""
        group = self.pack(pack) if pack is not None else None
        return [
            self.sources[facts.id]
            for facts in self.sources.facts()
            if facts.family != "page"
            and (issuer is None or issuer in facts.issuer or issuer in facts.issuer_short)
            and (level is None or level == facts.level)
            and (region is None or in_region(facts.region, region))
            and (topic is None or topic in facts.topics)
            and (family is None or family == facts.family)
            and (publishes is None or publishes == facts.publishes)
            and (ready is None or ready == facts.ready)
            and (enabled is None or enabled == facts.enabled)
            and (group is None or group.has(facts))
        ]

    def pack(self, name: str) -> Pack:
        """The pack of that name. Raises OperatorError with the packs there are."""
        if name not in self.packs:
            raise OperatorError(f"no pack named {name!r}; there are {', '.join(self.packs) or 'none'}")
        return self.packs[name]

    def named(self, name: str) -> list[Source]:
        """What a watch means by `name`: the source of that id, or the ready sources of the issuer of that name."""
        if name in self.sources:
            return [self.sources[name]]
        return [
            self.sources[facts.id]
            for facts in self.sources.facts()
            if facts.ready and name and name in {facts.issuer, facts.issuer_short}
        ]


def load_catalog(*folders: Path) -> Catalog:
    """The shipped sources with those of `folders` laid over them, and what the user chose there.

    A file holds `[[source]]` tables; keys of a `[defaults]` table apply to all of its sources. An entry of a later
    folder whose id is known changes the keys it gives. Shipped sources are off unless their entry says otherwise, a
    user's own are on; a folder's `choices.toml` lies over all its files. `packs.toml` names groups.
    Raises OperatorError naming the file, the source and the key."""
    said, shipped = _shipped()
    entries: dict[str, Entry] = dict(shipped)
    files = [SHIPPED / file for file in said["files"]]
    origins = {name: files[number] for name, number in zip(shipped, said["origins"], strict=True)}
    packs = {name: Pack.model_validate(pack) for name, pack in said["packs"].items()}
    notices: list[str] = []
    touched: set[str] = set()
    for folder in folders:
        own, stands = _folder(folder)
        for source_id, entry in own.items():
            if source_id not in entries and not entry.keys() & {"list_url", "family", "issuer"}:
                notices.append(f"{stands[source_id]}: source {source_id!r} is in the catalog no more")
                continue
            entries[source_id] = {**_plain(entries.get(source_id)), **entry}
            origins[source_id] = stands[source_id]
            touched.add(source_id)
        packs |= read_packs(folder)
        for entry in read_entries(folder / CHOICES) if (folder / CHOICES).is_file() else []:
            if entry["id"] in entries:
                entries[entry["id"]] = {**_plain(entries[entry["id"]]), **entry}
                touched.add(entry["id"])
            else:
                notices.append(f"{folder / CHOICES}: source {entry['id']!r} is in the catalog no more")
    for source_id in touched:
        entries[source_id] = _checked(_plain(entries[source_id]), origins[source_id])
    return Catalog(Sources({**entries, PAGE.id: PAGE}), origins, packs, tuple(notices))


def read_sources(file: Path) -> list[Source]:
    """The sources of one file, checked for themselves. Raises OperatorError."""
    return [_checked(entry, file) for entry in read_entries(file)]


def _shipped() -> tuple[dict[str, Any], Mapping[str, Entry]]:
    """What is shipped beside this module, checked: {files, origins, packs} and the entries.

    `origins`: per entry the number of its file. From the cache where that holds."""
    files = source_files(SHIPPED)
    state = state_of([*files, *(file for file in (SHIPPED / PACKS, SIMULATED) if file.exists())])
    if (kept := recall(SHIPPED, state)) is not None:
        return kept
    marks = read_marks()
    own, origins = _folder(SHIPPED)
    entries = {}
    for name, entry in own.items():
        entries[name] = marked({"enabled": False, **entry}, marks)
        _checked(entries[name], origins[name])
    numbers = {file: number for number, file in enumerate(files)}
    said = {
        "files": [str(file.relative_to(SHIPPED)) for file in files],
        "origins": [numbers[origins[name]] for name in entries],
        "packs": {name: pack.model_dump(mode="json") for name, pack in read_packs(SHIPPED).items()},
    }
    keep(SHIPPED, state, said, entries)
    return said, entries


def _folder(folder: Path) -> tuple[dict[str, dict[str, Any]], dict[str, Path]]:
    """The entries of a folder's files by id, and the file each stands in."""
    entries: dict[str, dict[str, Any]] = {}
    origins: dict[str, Path] = {}
    for file in source_files(folder):
        for entry in read_entries(file):
            source_id = entry["id"]
            if source_id in origins:
                raise OperatorError(f"{file}: source {source_id!r} stands in {origins[source_id]} already")
            if source_id == PAGE.id:
                raise OperatorError(f"{file}: source 'page' is built in; choose another id")
            entries[source_id], origins[source_id] = entry, file
    return entries, origins


def _plain(entry: Entry | None) -> dict[str, Any]:
    if isinstance(entry, Source):
        return entry.model_dump(mode="json", exclude_unset=True)
    if isinstance(entry, str):
        found: dict[str, Any] = json.loads(entry)
        return found
    return entry or {}


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


def _nearest(source_id: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(source_id, list(known), n=1, cutoff=0.5)
    return f" Did you mean {close[0]!r}?" if close else ""
