"""What a listing page gives: entries, and the way to the next page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from policy_crawler.items import Entry

Params = Mapping[str, Any]
"""What a source's family needs beyond its URL: the `params` table of its catalog entry."""


@dataclass(frozen=True, slots=True)
class ListRequest:
    """The request for one page of a listing. `headers` are sent besides the usual ones.

    `page` counts from 1, whatever the server counts from."""

    url: str
    method: str = "GET"
    body: bytes | None = None
    headers: tuple[tuple[str, str], ...] = ()
    page: int = 1


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a listing, in the order of the page.

    `by_script`: the page holds no entries itself, a script fetches them from `next_page`.
    `rejected`: how many rows looked like entries but were refused (no title, no usable link)."""

    family: str
    entries: tuple[Entry, ...] = field(default=())
    next_page: ListRequest | None = None
    total_pages: int | None = None
    by_script: bool = False
    rejected: int = 0
