"""The static JSON lists of www.gov.cn: the whole column in one array, the newest first (cms family gov.cn)."""

from datetime import date

from policy_crawler.listings.family import NO_PARAMS, Family
from policy_crawler.listings.model import Listing, ListRequest, Params
from policy_crawler.listings.records import Fields, load, read_listing

_FIELDS = Fields(title=("TITLE",), url=("URL",), date=("DOCRELPUBTIME",))


def read(
    text: str,
    url: str,
    *,
    today: date | None = None,
    request: ListRequest | None = None,
    params: Params = NO_PARAMS,
) -> Listing:
    """Read `[{"TITLE", "SUB_TITLE", "URL", "DOCRELPUBTIME"}]`. There is no second page.

    Raises PageChanged when it is something else."""
    return read_listing(
        "govcn_json",
        load(text, url),
        url,
        rows=("",),
        fields=_FIELDS,
        endpoint=None,
        request=request,
        today=today,
    )


FAMILY = Family("govcn_json", read)
