"""Requests and answers of the simulated sites, without their transport."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urljoin

from simulator.documents import Document
from simulator.table import PAGES, Column

HTML, JSON, XML, SCRIPT = (
    "text/html; charset=utf-8",
    "application/json; charset=utf-8",
    "text/xml; charset=utf-8",
    "application/javascript; charset=utf-8",
)


@dataclass(frozen=True)
class Asked:
    """One request. `header` answers a header's value or ""."""

    method: str
    path: str
    query_string: str
    body: bytes
    header: Callable[[str], str]

    @cached_property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(self.query_string, keep_blank_values=True))

    @cached_property
    def form(self) -> dict[str, str]:
        """The body of a POST as a form."""
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    @cached_property
    def json(self) -> Any:
        """The body as JSON; {} when it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return {}

    @property
    def both(self) -> dict[str, str]:
        """Query and form, as a servlet reads its parameters."""
        return {**self.query, **(self.form if self.method == "POST" else {})}


@dataclass(frozen=True)
class Answer:
    """What is answered. A request that no column takes is answered by its path's refusal, else with 404."""

    body: str
    content_type: str = HTML
    status: int = 200
    location: str = ""


NOT_FOUND = Answer(
    "<html><head><title>404 Not Found</title></head><body><h1>404 Not Found</h1></body></html>", HTML, 404
)

Handler = Callable[[Asked], Answer | None]
"""Answers a request that is meant for its column; None leaves it to the next column of the same path."""


@dataclass(frozen=True)
class Route:
    """A path of a site: who answers it, and what is answered where nobody does."""

    path: str
    handler: Handler
    refusal: Answer = NOT_FOUND
    host: str = ""  # of another site than the column's


@dataclass(frozen=True)
class Served:
    """A column as its site serves it.

    `size`: rows of a page of the list; `link`: a document's address as the list prints it; `look`: its page, served at
    `place` (by default where the address leads, as a URL); `pages`: 1 where one file holds the whole list;
    `titled`: its rows carry titles."""

    column: Column
    size: int
    link: Callable[[Document], str]
    routes: list[Route]
    look: Callable[[Document], Answer]
    pages: int = PAGES
    place: Callable[[Document], str] | None = None
    titled: bool = True

    def documents(self) -> list[Document]:
        """All that the list holds."""
        return self.column.documents(self.size * self.pages)

    def listed(self, pages: int) -> list[Document]:
        """What the first `pages` pages of the list hold."""
        return self.column.documents(self.size * min(pages, self.pages))

    def address(self, document: Document) -> str:
        """The URL of a document as people see it."""
        return urljoin(self.column.url, self.link(document))

    def served_at(self, document: Document) -> str:
        """The URL that its page is read from."""
        return self.place(document) if self.place else self.address(document)


Shape = Callable[[Column], Served]
"""Makes of a column of the table what its site serves."""


def to_json(value: Any) -> Answer:
    return Answer(json.dumps(value, ensure_ascii=False), JSON)


def number(text: str | int | None, default: int = 0) -> int:
    """A number as servers read it."""
    text = str(text if text is not None else "")
    return int(text) if text.isdecimal() else default
