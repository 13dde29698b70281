"""What a family module gives: how its lists are asked for and read."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from policy_crawler.listings.model import Listing, ListRequest, Params

NO_PARAMS: Params = {}


class Reader(Protocol):
    """Reads one page of a list.

    `request` is what was asked (its `page`, method and body say which page this is); None for a page at hand.
    `today` (in China) completes dates printed without a year.
    Raises PageChanged when the family's structure is absent."""

    def __call__(
        self,
        text: str,
        url: str,
        *,
        today: date | None = None,
        request: ListRequest | None = None,
        params: Params = NO_PARAMS,
    ) -> Listing: ...


def _first(list_url: str, params: Params) -> ListRequest:
    return ListRequest(list_url)


def _same(url: str) -> str:
    return url


def _nothing(text: str, url: str) -> Params:
    return NO_PARAMS


@dataclass(frozen=True, slots=True)
class Family:
    """One way a list is served. Every module of a family has one as its `FAMILY`.

    `first`: the request for page 1, from the source's list_url and params. Raises OperatorError naming a missing param.
    `fetch_url`: where the document that people see at a URL is read from, as some sites serve it as JSON only. A pure
    function of the URL, so that first reading and recheck see the same thing.
    `discover`: the params that an entry for a column needs, read from the column's page and URL, so that `sources add`
    asks for none of them. Empty where the page alone is enough.
    `referer`: the list's server wants the column as Referer."""

    name: str
    read: Reader
    first: Callable[[str, Params], ListRequest] = _first
    fetch_url: Callable[[str], str] = _same
    referer: bool = False
    discover: Callable[[str, str], Params] = _nothing
