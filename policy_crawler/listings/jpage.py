"""The jpage widget of Hanweb JCMS: which list blocks a page has, and how their records are asked for.

`$('#356383').jpage({totalRecord:386, perPage:15, groupSize:3, proxyUrl:'/module/web/jpage/dataproxy.jsp',
ajaxParam:{webid:1, columnid:84242, unitid:'356383', webname:'…', …}})` posts `ajaxParam` to `proxyUrl` with a window of
records in the URL. Where `ajaxParam` is missing the ids stand in the URL: `dataproxy.jsp?columnid=…&unitid=…&webid=…`.
"""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from policy_crawler.listings.model import ListRequest, Params

_PROXY = "/module/web/jpage/dataproxy.jsp"
# What the widget sends besides the ids, where the page does not print it.
_USUAL = {"col": "1", "appid": "1", "path": "/", "sourceContentType": "1", "permissiontype": "0"}
_IDS = ("columnid", "unitid", "webid")
_FORM = (("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"),)

_COLUMN = re.compile(r"/col/col(\d+)")
_CALL = re.compile(r"\.jpage\s*\(\s*\{")
_PROXY_NAME = "dataproxy.jsp?"
_PATH_END = re.compile(r"[\w./:-]*$")
_QUERY = re.compile(r"[^\"'<>\s]*")
_AJAX = re.compile(r"ajaxParam['\"]?\s*:\s*\{([^{}]*)\}")
_PAIR = re.compile(r"""\b(\w{1,40})['"]?\s*:\s*(?:'([^']*)'|"([^"]*)"|([\w./-]+))""")


@dataclass(frozen=True, slots=True)
class Widget:
    """A list block that is filled from dataproxy.jsp. `fields` are its ids and what else is sent with them."""

    endpoint: str  # absolute
    fields: Mapping[str, str]
    per_page: int = 15
    group: int = 1  # pages asked for at once
    total: int | None = None  # records of the whole list

    @property
    def size(self) -> int:
        """Records of one window."""
        return self.per_page * self.group

    def window(self, start: int, page: int) -> ListRequest:
        """The request for the records from `start` on, as page `page` of the list."""
        query = urlencode({"startrecord": start, "endrecord": start + self.size - 1, "perpage": self.per_page})
        return ListRequest(f"{self.endpoint}?{query}", "POST", urlencode(self.fields).encode(), _FORM, page)


def asked_window(request: ListRequest) -> tuple[Widget, int] | None:
    """(the widget, the first record) of a request for a window; None for another request."""
    asked = dict(parse_qsl(urlsplit(request.url).query))
    start, end = number_of(asked.get("startrecord")), number_of(asked.get("endrecord"))
    if start is None or end is None:
        return None
    size = max(1, end - start + 1)
    per_page = number_of(asked.get("perpage")) or size
    fields = dict(parse_qsl((request.body or b"").decode(), keep_blank_values=True))
    return Widget(request.url.partition("?")[0], fields, per_page, max(1, size // per_page)), start


def widget_of(text: str, url: str, params: Params) -> Widget | None:
    """The list block that the page fills by script, with what `params` tells beside; None without its ids.

    What the page prints counts: ids change with its template. `params["unitid"]` chooses among several blocks."""
    wanted = str(params.get("unitid") or "")
    printed = _printed(text, url)
    found = next((widget for widget in printed if wanted and widget.fields.get("unitid") == wanted), None)
    found = found or max(printed, key=lambda widget: widget.total or 0, default=None)
    fields = dict(found.fields) if found else {}
    for name in _IDS:
        if name in params:
            fields.setdefault(name, str(params[name]))
    if column := _COLUMN.search(urlsplit(url).path):
        fields.setdefault("columnid", column[1])
    fields = {**fields, **{name: value for name, value in _USUAL.items() if name not in fields}}
    if not all(fields.get(name) for name in _IDS):
        return None
    endpoint = urljoin(url, str(params.get("endpoint") or _PROXY))
    per_page = int(params.get("per_page") or (found.per_page if found else 15))
    if found is None:
        return Widget(endpoint, fields, per_page)
    if not params.get("endpoint"):
        endpoint = found.endpoint
    return Widget(endpoint, fields, per_page, found.group, found.total)


def number_of(text: str | None) -> int | None:
    """A number in decimal digits; None for anything else."""
    return int(text) if text and text.isdecimal() else None


def _printed(text: str, url: str) -> list[Widget]:
    found = []
    for call in _CALL.split(text)[1:]:
        inside = call.partition("</script")[0]
        ajax = _AJAX.search(inside)
        if ajax is None:
            continue
        fields = _pairs(ajax[1])
        told = _pairs(_AJAX.sub("", inside))
        endpoint = urljoin(url, told.get("proxyUrl") or _PROXY)
        per_page, group = number_of(told.get("perPage")) or 15, number_of(told.get("groupSize")) or 1
        found.append(Widget(endpoint, fields, per_page, group, number_of(told.get("totalRecord"))))
    if not found and (asked := _asked(text)):
        told = _pairs(_CALL.split(text, maxsplit=1)[-1].partition("</script")[0])
        fields = dict(parse_qsl(asked[1], keep_blank_values=True))
        per_page = number_of(fields.get("perpage")) or number_of(told.get("perPage")) or 15
        group = number_of(told.get("groupSize")) or 1
        fields = {name: value for name, value in fields.items() if name not in _WINDOW}
        found.append(Widget(urljoin(url, asked[0]), fields, per_page, group, number_of(told.get("totalRecord"))))
    return found


_WINDOW = frozenset({"startrecord", "endrecord", "perpage", "page"})


def _asked(text: str) -> tuple[str, str] | None:
    """(path, query) of the first call of dataproxy.jsp with a unitid in its URL."""
    at = text.find(_PROXY_NAME)
    while at >= 0:
        path, query = _PATH_END.search(text[max(0, at - 200) : at]), _QUERY.match(text, at + len(_PROXY_NAME))
        if query and "unitid=" in query[0]:
            return (path[0] if path else "") + _PROXY_NAME[:-1], html.unescape(query[0])
        at = text.find(_PROXY_NAME, at + 1)
    return None


def _pairs(text: str) -> dict[str, str]:
    """The `name: value` pairs of a script's object; of a name given twice the first."""
    found: dict[str, str] = {}
    for name, one, two, bare in _PAIR.findall(text):
        found.setdefault(name, one or two or bare)
    return found
