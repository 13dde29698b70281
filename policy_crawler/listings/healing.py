"""When a listing finds nothing where it used to: other ways of reading the same page, and what they find again.

Nothing is switched by itself. A way that brings back the entries that are known from before is proposed to a person.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from urllib.parse import urldefrag

from policy_crawler.errors import OperatorError, SourceError
from policy_crawler.listings.family import NO_PARAMS
from policy_crawler.listings.model import Listing, ListRequest, Params

FEWEST_KNOWN = 3  # entries found again; fewer may be links that stand on every page of a site


@dataclass(frozen=True, slots=True)
class Proposal:
    """A way to read a page. `found_again`: how many of the known entries it brings, of `known` there are.

    `new`: entries it reads besides; `fetch`: the request that would bring the list, where the page itself has none."""

    family: str
    params: Params
    listing: Listing
    found_again: int
    known: int
    fetch: ListRequest | None = None

    @property
    def new(self) -> int:
        return len(self.listing.entries) - self.found_again

    def __str__(self) -> str:
        return f"read as {self.family!r}: {self.found_again} of the {self.known} entries known from before"


def propose(
    text: str,
    url: str,
    known: Collection[str],
    *,
    families: Collection[str],
    today: date | None = None,
    params: Params = NO_PARAMS,
) -> list[Proposal]:
    """The ways that find known entries again, the best first.

    `known`: URLs of the entries that the source listed last; `families`: the ways to try, the likely ones first;
    `params` are tried besides each family's own discovery. A way that asks for another request is not tried further
    here: it is proposed with no entries and its `fetch`, after those that found some."""
    from policy_crawler.listings import family_of  # noqa: PLC0415 - the families import this package

    wanted = {_key(one) for one in known}
    found: list[Proposal] = []
    for name in dict.fromkeys(families):
        family = family_of(name)
        if family.name != name:
            continue
        for given in (family.discover(text, url), params):
            try:
                listing = family.read(text, url, today=today, params=given)
            except (SourceError, OperatorError, ValueError, KeyError):
                continue
            again = len({_key(entry.url) for entry in listing.entries} & wanted)
            fetch = listing.next_page if listing.by_script else None
            if again >= min(FEWEST_KNOWN, len(wanted)) and again:
                found.append(Proposal(name, given, listing, again, len(wanted)))
            elif fetch is not None:
                found.append(Proposal(name, given, listing, 0, len(wanted), fetch))
    # The better way finds more again and less besides: a reader of any links finds the menu too.
    found.sort(key=lambda one: (-one.found_again, one.new))
    return [one for number, one in enumerate(found) if one.listing.entries or one.fetch not in _fetches(found[:number])]


def _fetches(proposals: list[Proposal]) -> list[ListRequest | None]:
    return [one.fetch for one in proposals]


def _key(url: str) -> str:
    """http or https, with or without a fragment: the same entry."""
    return urldefrag(url).url.split("://", 1)[-1]
