"""Packs: named groups of sources, told by what the sources have in common."""

from pathlib import Path
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from policy_crawler.catalog.files import PACKS, read_toml
from policy_crawler.errors import OperatorError


class Member(Protocol):
    """What a pack asks of a source."""

    @property
    def id(self) -> str: ...
    @property
    def level(self) -> str: ...
    @property
    def region(self) -> str: ...
    @property
    def topics(self) -> tuple[str, ...]: ...
    @property
    def family(self) -> str: ...
    @property
    def publishes(self) -> str: ...


class Pack(BaseModel):
    """A group of sources: those named by id, and those that agree with every other key that is given."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field(min_length=1, description="What it holds, for people.")
    ids: tuple[str, ...] = Field(default=(), description="Sources by id.")
    topics: tuple[str, ...] = Field(default=(), description="Any of these topics.")
    levels: tuple[str, ...] = Field(default=(), description="Any of these levels.")
    regions: tuple[str, ...] = Field(default=(), description="In any of these provinces, cities or districts.")
    publishes: tuple[str, ...] = Field(default=(), description="Any of these kinds of documents.")

    def has(self, source: Member) -> bool:
        """Whether the source belongs to the pack."""
        if source.id in self.ids:
            return True
        rules = (self.topics, self.levels, self.regions, self.publishes)
        if source.family == "page" or not any(rules):
            return False
        return (
            (not self.topics or bool(set(self.topics) & set(source.topics)))
            and (not self.levels or source.level in self.levels)
            and (not self.regions or any(in_region(source.region, region) for region in self.regions))
            and (not self.publishes or source.publishes in self.publishes)
        )


def in_region(region: str, wanted: str) -> bool:
    """Whether `region` (广东/深圳/龙岗区) is `wanted` or lies in it; any part may be named, with or without 省, 市."""
    parts = [part.removesuffix("省").removesuffix("市") for part in wanted.split("/") if part]
    here = region.split("/")
    return any(here[start : start + len(parts)] == parts for start in range(len(here))) if parts else True


def read_packs(folder: Path) -> dict[str, Pack]:
    """The packs of a folder's packs.toml: `[finance] title = …`; none where it is not there. Raises OperatorError."""
    file = folder / PACKS
    if not file.exists():
        return {}
    return {name: _checked(name, table, file) for name, table in read_toml(file).items()}


def _checked(name: str, table: Any, file: Path) -> Pack:
    try:
        return Pack.model_validate(table)
    except ValidationError as error:
        detail = error.errors()[0]
        key = ".".join(map(str, (name, *detail["loc"])))
        raise OperatorError(f"{file}: {key}: {detail['msg']} (found {detail['input']!r})") from error
