"""Where documents are read from that people see on a page drawn by a script: the URL that script asks.

A pure function of the URL, for the sites named here; any other URL is read from where people see it.
"""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, urlsplit


@dataclass(frozen=True, slots=True)
class Detail:
    """A site whose documents are JSON. `key`: the parameter of the page's URL that names the document."""

    host: str
    path: re.Pattern[str]
    key: str
    template: str  # a path of the same site, {} for the document's name


_DETAILS = (
    Detail(
        "www.nfra.gov.cn",
        re.compile(r"/cn/view/pages/\w*Detail\.html"),
        "docId",
        "/cn/static/data/DocInfo/SelectByDocId/data_docId={}.json",
    ),
    Detail("flk.npc.gov.cn", re.compile(r"/detail"), "id", "/law-search/search/flfgDetails?bbbs={}"),
    Detail("www.npc.gov.cn", re.compile(r"/flcaw/userIndex\.html"), "lid", "/flcaw/flca/{}/info/"),
    Detail("sfj.cq.gov.cn", re.compile(r"/xzwjk/page/[\w/]*detail\.html"), "id", "/xzwjk/fileLib/data/detail/{}"),
)
_NAME = re.compile(r"[\w.-]{1,100}", re.ASCII)


def detail_url(url: str) -> str:
    """Where the document that people see at `url` is read from; `url` itself for sites that serve pages."""
    parts = urlsplit(url)
    for detail in _DETAILS:
        if parts.hostname == detail.host and detail.path.fullmatch(parts.path):
            name = parse_qs(parts.query).get(detail.key, [""])[0]
            if _NAME.fullmatch(name):
                return f"{parts.scheme}://{parts.netloc}{detail.template.format(quote(name, safe=''))}"
    return url
