"""The Guangdong platform for government information, /gkmlpt/ (cms family gkmlpt).

The index page carries `window._CONFIG = {… SID: '755018' … TREE: [...]}`; a script asks
`/gkmlpt/api/all/{category}?page=N&sid=` for a hundred articles at a time, category 0 for all. Moments are seconds since
1970. An article that stands in several categories comes several times, with one URL.
"""

import re
from datetime import date
from urllib.parse import urljoin

from policy_crawler.errors import PageChanged
from policy_crawler.listings.endpoint import Endpoint
from policy_crawler.listings.family import NO_PARAMS, Family
from policy_crawler.listings.model import Listing, ListRequest, Params
from policy_crawler.listings.records import Fields, load, read_listing

_SIZE = 100  # what the server gives; it takes no other
_SID = re.compile(r"\bSID\s*[:=]\s*['\"]?(\d+)")
_FIELDS = Fields(
    title=("title",),
    url=("url", "post_url"),
    date=("display_publish_time", "publish_time", "first_publish_time", "created_at", "date"),
    number=("document_number",),
)


def read(
    text: str,
    url: str,
    *,
    today: date | None = None,
    request: ListRequest | None = None,
    params: Params = NO_PARAMS,
) -> Listing:
    """Read the index page, which tells the site's number, or an answer of the API.

    Raises PageChanged when it is neither."""
    base = request.url if request else url
    if text.lstrip("\ufeff \r\n\t")[:1] == "{":
        return read_listing(
            "gkmlpt",
            load(text, url),
            url,
            rows=("articles",),
            fields=_FIELDS,
            endpoint=Endpoint(base, page_param="page", size=_SIZE),
            request=request,
            total=("classify.post_count", "total", "count"),
            today=today,
        )
    site = _SID.search(text) if "_CONFIG" in text else None
    if site is None:
        raise PageChanged(f"{url}: expected window._CONFIG with a SID, found none")
    # A site of several offices has one platform each: https://host/office/gkmlpt/index.
    root = base.partition("/gkmlpt/")[0] + "/" if "/gkmlpt/" in base else urljoin(base, "/")
    query = {"page": 1, "sid": site[1]}
    api = Endpoint(f"{root}gkmlpt/api/all/{_category(base, params)}", query=query, page_param="page")
    return Listing("gkmlpt", next_page=api.page(1), by_script=True)


def _category(base: str, params: Params) -> int:
    """The category: of the source, else of the URL's fragment (`/gkmlpt/index#21022`), else all."""
    fragment = base.partition("#")[2]
    return int(params.get("category") or (fragment if fragment.isdecimal() else 0))


FAMILY = Family("gkmlpt", read, referer=True)
