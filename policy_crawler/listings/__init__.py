"""Listings: bytes of a list page and its URL in, entries out. Pure: no clock, network, SQL or files.

One module a CMS family, each with a `FAMILY`; `recognise` tells them apart, `links` reads every list of links with
dates.
"""

from datetime import date
from importlib import import_module

from policy_crawler.listings.family import NO_PARAMS, Family, Reader
from policy_crawler.listings.model import Listing, ListRequest, Params
from policy_crawler.listings.recognise import recognise

__all__ = ["FAMILIES", "Family", "ListRequest", "Listing", "Params", "Reader", "family_of", "read_listing", "recognise"]

FAMILIES: tuple[str, ...] = (
    "api",
    "cac",
    "epoint",
    "feed",
    "flk",
    "gkmlpt",
    "govcn_json",
    "govcn_search",
    "hanweb_xxgk",
    "hebei",
    "huilan",
    "jcms",
    "jpaas",
    "jpaas_search",
    "jpolicy",
    "links",
    "lonsun",
    "nc",
    "ndrc_query",
    "nfra",
    "shanghai",
    "sichuan",
    "sitemap",
    "suzhou",
    "trs",
    "trs_search",
    "truecms",
    "ucap",
    "ucap_api",
    "vsb",
    "xinhua",
)
"""The families with a module of their own, `listings/<name>.py`; imported when one is asked for."""


def family_of(name: str) -> Family:
    """The family of that name; `links` for a name without a module."""
    module = import_module(f"policy_crawler.listings.{name if name in FAMILIES else 'links'}")
    family: Family = module.FAMILY
    return family


def read_listing(
    body: bytes,
    url: str,
    *,
    content_type: str | None = None,
    family: str | None = None,
    today: date | None = None,
    request: ListRequest | None = None,
    params: Params = NO_PARAMS,
) -> Listing:
    """Read one page of a listing.

    `family`: how the source is served; None recognises it. `today` (in China) completes dates printed without a
    year; without it they stay empty unless the URL tells the year. `request`, `params`: see `Reader`.
    Raises PageChanged when the structure of a told family is absent."""
    from policy_crawler.reading import decode  # noqa: PLC0415 - a listing alone needs no extractor

    text, _ = decode(body, content_type)
    name = family or recognise(text, url)
    return family_of(name).read(text, url, today=today, request=request, params=params)
