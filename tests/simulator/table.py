"""The columns that the simulator knows: `table.jsonl`, one a line.

    {"id": "nfra-915", "issuer": "金监总局", "column": "政策法规", "url": "https://…",
     "shape": "nfra", "facts": {"item": "915", "size": 18}}

`shape` is how the column's site serves it, `facts` the ids and names its server insists on. It was made from the
published evidence on the sites, not from the catalog: the two must agree. Where nobody has published an id, one was
made up, which the simulated page prints as the real one does.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from simulator.documents import Document

FILE = Path(__file__).with_name("table.jsonl")
PAGES = 3  # of every list that has pages


@dataclass(frozen=True)
class Column:
    """One column of a site. `ordinal`: its place in the table."""

    id: str
    issuer: str
    column: str
    url: str
    shape: str
    ordinal: int
    facts: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def parts(self) -> SplitResult:
        return urlsplit(self.url)

    @property
    def host(self) -> str:
        return self.parts.hostname or ""

    @property
    def path(self) -> str:
        return self.parts.path or "/"

    @property
    def folder(self) -> str:
        """The path up to its last slash."""
        return self.path.rpartition("/")[0] + "/"

    @property
    def origin(self) -> str:
        return f"{self.parts.scheme}://{self.parts.netloc}"

    @cached_property
    def name(self) -> str:
        """Eight hexadecimal digits that are this column's alone."""
        return hashlib.sha256(self.id.encode()).hexdigest()[:8]

    def document(self, place: int) -> Document:
        return Document(self.id, self.issuer, place, self.ordinal * 2000 + place)

    def documents(self, count: int, start: int = 0) -> list[Document]:
        return [self.document(place) for place in range(start, start + count)]


@cache
def columns() -> dict[str, Column]:
    """The table by id."""
    return {column.id: column for column in _read()}


def _read() -> Iterator[Column]:
    for ordinal, line in enumerate(FILE.read_text(encoding="utf-8").splitlines()):
        row = json.loads(line)
        yield Column(row["id"], row["issuer"], row["column"], row["url"], row["shape"], ordinal, row.get("facts", {}))
