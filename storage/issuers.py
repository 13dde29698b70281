"""Who issued what a page shows, for the question whether two pages show one document. Pure.

A page that takes a text over names itself, or where it took it from, in the place of the issuer; another names the
issuer short (省政府办公厅), or the second of three first. What stands in the text decides then."""

import re
from collections.abc import Collection, Sequence

from storage.identity import issuer_key, short_names, title_key
from storage.naming import ORGAN_END, order_parts

_LOCAL = re.compile(r"^(?:省|市|县|区|自治区|州|盟|旗)")
# A medium or a site, or what is no name at all: a title with the order's number in brackets.
_NO_ORGAN = re.compile(
    r"(?:网|网站|报|日报|晚报|杂志|新闻|频道|客户端|公众号|电视台|通讯社|新华社|政府门户)$|[（(《]|.{40}"
)
_ORGAN = re.compile(rf"(?:{ORGAN_END})$")


def stated(issuers: Sequence[str], issuer: str | None, *, news: bool = False) -> set[str]:
    """The keys of the organs that a page names as issuers; a medium or a site that the text was taken from is none.

    On a page taken for `news` the account or column that put it up stands there, unless the name is an organ's."""
    names = [name.strip() for name in (list(issuers) or ([issuer] if issuer else []))]
    if news:
        names = [name for name in names if _ORGAN.search(name)]
    keys = {issuer_key(name) for name in names if not _NO_ORGAN.search(name)}
    return {_plain(key) for key in keys if key}


def share(one: Collection[str], other: Collection[str]) -> bool:
    """Whether an organ is among both, however short its name is on one side."""
    return any(_one_organ(mine, theirs) for mine in one for theirs in other)


def _one_organ(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return short == long or (len(short) >= 3 and bool(_LOCAL.match(short)) and long.endswith(short))


def named_in(organs: Collection[str], title: str | None, text: str) -> bool:
    """Whether a page that names no issuer is signed or headed by one of these organs."""
    said = _plain(title_key(title) or "") + " " + _plain(title_key(text[-200:] + text[:200]) or "")
    names = {name for organ in organs for name in (organ, *short_names(organ))}
    return any(len(name) >= 3 and name in said for name in names)


def numbers_agree(one: str | None, mine: Collection[str], other: str | None, theirs: Collection[str]) -> bool:
    """Whether two number keys may be of one document: 国令第707号 is 国务院令第707号, 省政府令第223号 that of the
    province whose government issued it. Where one is missing nothing contradicts."""
    if one is None or other is None or one == other:
        return True
    first, second = order_parts(one), order_parts(other)
    if first is None or second is None:
        return False
    rest = [part[1] if not part[1].startswith("第") else f"令{part[1]}" for part in (first, second)]
    if rest[0] != rest[1]:
        return False
    organs = [
        {_plain(_GOVERNMENT.get(part[0], part[0]))} if part[0] else set(issuers)
        for part, issuers in ((first, mine), (second, theirs))
    ]
    return not organs[0] or not organs[1] or share(*organs)


_GOVERNMENT = {"国": "国务院", "中华人民共和国国务院": "国务院", "主席": "中华人民共和国主席"}


def _plain(name: str) -> str:
    return name.replace("人民政府", "政府")
