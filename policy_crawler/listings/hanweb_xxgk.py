"""Hanweb's catalogue of government information: rows asked for by category and organ (cms family xxgk).

`POST /module/xxgk/search.jsp` (also subjectinfo.jsp, serviceinfo.jsp, ruleinfo.jsp, search_custom.jsp) with
`infotypeId`, `jdid`, `area`, `divid` and `currpage=N` answers a fragment of HTML: `tr.tr_main_value_odd` and `_even`
with a link (on older sites with the title in `mc` and the day in `rq`), and `共12页` in the pager.
"""

import html
import re
from datetime import date
from urllib.parse import parse_qsl, urlsplit

from parsel import Selector

from policy_crawler.errors import OperatorError, PageChanged
from policy_crawler.listings.family import NO_PARAMS, Family
from policy_crawler.listings.model import Listing, ListRequest, Params
from policy_crawler.listings.paging import pages_in_words
from policy_crawler.listings.records import Endpoint, endpoint_url
from policy_crawler.listings.rows import find_entries

METHODS = ("POST", "GET")

_API = "/module/xxgk/search.jsp"
_SIGN = re.compile(r"tr_main_value|tb_title|vc_title|共\s*(?:&nbsp;)*\s*\d+\s*(?:&nbsp;)*\s*[页条]", re.IGNORECASE)
_CALL = re.compile(r"(/module/xxgk/(?!tree)\w+\.jsp)(?:\?([^\"'<>\s]*))?")
_FIELD = re.compile(r"\b(infotypeId|jdid|divid|area)[\"']?\s*[:=]\s*[\"']?([\w-]+)")
_CATEGORY = re.compile(r"[A-Z]\w{3,}")


def first(list_url: str, params: Params) -> ListRequest:
    """The request for page 1. Raises OperatorError for an unknown method."""
    return _endpoint(list_url, params).page(1)


def read(
    text: str,
    url: str,
    *,
    today: date | None = None,
    request: ListRequest | None = None,
    params: Params = NO_PARAMS,
) -> Listing:
    """Read the fragment. Raises PageChanged when it is none of the catalogue's."""
    request = request or ListRequest(url)
    page = Selector(text=text or "<html></html>", type="html")
    _show_marks(page)
    entries = find_entries(page, url, paged=True, today=today)
    if not entries and not _SIGN.search(text):
        raise PageChanged(
            f"{url}: expected rows of the catalogue (tr_main_value_odd) or 共0页, found {' '.join(text[:80].split())!r}"
        )
    total = pages_in_words(page)
    more = bool(entries) and (total is None or request.page < total)
    following = _endpoint(request.url, params).page(request.page + 1) if more else None
    return Listing("hanweb_xxgk", entries, following, total)


def discover(text: str, url: str) -> Params:
    """The service and its form as the column's page calls it; the category also stands behind the URL's `#`."""
    called = _CALL.search(text) or _CALL.search(url)
    form = dict(parse_qsl(html.unescape(called[2] or ""), keep_blank_values=True)) if called else {}
    form.pop("currpage", None)
    for name, value in _FIELD.findall(text):
        form.setdefault(name, value)
    if _CATEGORY.fullmatch(urlsplit(url).fragment):
        form["infotypeId"] = urlsplit(url).fragment
    found: dict[str, object] = {"form": form} if form else {}
    if called and called[1] != _API and called[1] not in url:
        found["endpoint"] = called[1]
    return found


def _show_marks(page: Selector) -> None:
    """Write what links carry unseen where rows show it: `mc`, the whole title, and `rq`, the day."""
    for link in page.xpath("//a[@href and (@mc or @rq)]"):
        element = link.root
        if element.get("mc"):
            element.set("title", element.get("mc"))
        if element.get("rq") and not (element.tail or "").strip():
            element.tail = element.get("rq")


def _endpoint(base: str, params: Params) -> Endpoint:
    method = str(params.get("method") or "POST").upper()
    if method not in METHODS:
        raise OperatorError(f"{base}: params: method: expected {' or '.join(METHODS)}, found {method!r}")
    where = endpoint_url(base, params, base.partition("#")[0] if "/module/xxgk/" in base else _API)
    page_param = str(params.get("page_param") or "currpage")
    form = dict(params.get("form", {}))
    if method == "GET":
        return Endpoint(where, query=form, page_param=page_param)
    return Endpoint(where, "POST-FORM", form=form, page_param=page_param)


FAMILY = Family("hanweb_xxgk", read, first, discover=discover, referer=True)
