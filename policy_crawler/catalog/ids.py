"""Ids of sources: the host's telling part and the column's path, as people would write it down."""

import re
from collections.abc import Collection, Iterator
from urllib.parse import urlsplit

from policy_crawler.catalog.regions import PROVINCES

_PINYIN = {label: pinyin for _, pinyin, label in PROVINCES.values() if label not in {"xz", "gz"}}
# Files that only show the list of their folder: index.html, common_list.shtml, newxxgklist.html, subPage.html.
_FILE = re.compile(r"(?:index|default|home|zfxxgk|search|wjk-glrb).*|.*(?:list|page|moreinfo|index-?\d).*")
_HIDDEN = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}|[0-9a-f]{32}")
LONGEST = 60


def host_part(host: str) -> str:
    """What tells one site from others: `www.miit.gov.cn` is miit, `fgw.sc.gov.cn` is sichuan-fgw.

    Labels are turned round, so that the sites of one body stand together in a list."""
    labels = host.lower().split(".")
    for ending in (["gov", "cn"], ["com", "cn"], ["org", "cn"], ["net", "cn"]):
        if labels[-2:] == ending:
            labels = labels[:-2]
            break
    else:
        labels = labels[:-1]
    labels = [label for label in labels if label not in {"www", "wap", "m"}]
    if len(labels) > 1 or (labels and labels[-1] in _PINYIN):
        labels[-1] = _PINYIN.get(labels[-1], labels[-1])
    return "-".join(_slug(label) for label in reversed(labels)) or "site"


def suggestions(url: str, hint: str = "") -> Iterator[str]:
    """Ids for the column at `url`, the shortest first; `hint` is a word that stands for the path where that is hidden
    (an API's path)."""
    parts = urlsplit(url)
    host = host_part(parts.hostname or "")
    segments = [part for part in parts.path.split("/") if part and not _HIDDEN.match(part)]
    if segments and "." in segments[-1] and _FILE.fullmatch(_slug(_without_ending(segments[-1]))):
        del segments[-1]
    segments = [_slug(_without_ending(part)) for part in segments]
    query = [_slug(value) for value in re.findall(r"=([^&]{1,20})", parts.query)]
    if hint:
        yield _fit(f"{host}-{_slug(hint)}")
    elif not segments:
        yield host if not query else _fit("-".join([host, *query]))
    if segments and (bare := re.sub(r"-\d{3,}$", "", segments[-1])) != segments[-1] and not bare.isdigit():
        yield _fit(f"{host}-{bare}")  # zcwj_94757: the number tells only columns of one name apart
    for depth in range(1, len(segments) + 1):
        yield _fit("-".join([host, *segments[-depth:]]))
    if query:
        yield _fit("-".join([host, *segments[-1:], *query]))
    for number in range(2, 1000):
        yield _fit("-".join([host, *([_slug(hint)] if hint else segments[-1:]), str(number)]))


def suggest_id(url: str, taken: Collection[str], hint: str = "") -> str:
    """The shortest good id for the column at `url` that is not `taken`."""
    return next(name for name in suggestions(url, hint) if name not in taken)


def _without_ending(segment: str) -> str:
    return re.sub(r"\.(?:s?html?|jspx?|aspx?|json|xml|php|jhtml)$", "", segment)


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _fit(name: str) -> str:
    return name[:LONGEST].strip("-")
