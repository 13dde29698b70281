"""What a listing page gives: entries, and the way to the next page."""

from dataclasses import dataclass, field

from policy_crawler.items import Entry


@dataclass(frozen=True, slots=True)
class NextPage:
    """The request for the next page of a listing. `headers` are sent besides the usual ones."""

    url: str
    method: str = "GET"
    body: bytes | None = None
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a listing, in the order of the page.

    `by_script`: the page holds no entries itself, a script fetches them from `next_page`.
    `rejected`: how many rows looked like entries but were refused (no title, no usable link)."""

    family: str
    entries: tuple[Entry, ...] = field(default=())
    next_page: NextPage | None = None
    total_pages: int | None = None
    by_script: bool = False
    rejected: int = 0
