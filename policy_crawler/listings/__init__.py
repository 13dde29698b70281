"""Listings: bytes of a list page and its URL in, entries out. Pure: no clock, network, SQL or files.

One module a CMS family; `recognise` tells them apart, `links` reads every list of links with dates.
"""

from datetime import date
from typing import Protocol

from policy_crawler.listings import feed, jcms, jpaas, links, trs, ucap
from policy_crawler.listings.model import Listing, NextPage
from policy_crawler.listings.recognise import recognise

__all__ = ["FAMILIES", "Listing", "NextPage", "read_listing", "recognise"]


class _Reader(Protocol):
    def __call__(self, text: str, url: str, *, today: date | None = None) -> Listing: ...


FAMILIES: dict[str, _Reader] = {
    "feed": feed.read,
    "jcms": jcms.read,
    "jpaas": jpaas.read,
    "links": links.read,
    "trs": trs.read,
    "ucap": ucap.read,
}
"""The families with a reader of their own."""


def read_listing(
    body: bytes, url: str, *, content_type: str | None = None, family: str | None = None, today: date | None = None
) -> Listing:
    """Read one page of a listing.

    `family`: how the source is served; None recognises it. `today` (in China) completes dates printed without a
    year; without it they stay empty unless the URL tells the year.
    Raises PageChanged when the structure of a told family is absent."""
    from policy_crawler.reading import decode  # noqa: PLC0415 - a listing alone needs no extractor

    text, _ = decode(body, content_type)
    name = family or recognise(text, url)
    return FAMILIES.get(name, links.read)(text, url, today=today)
