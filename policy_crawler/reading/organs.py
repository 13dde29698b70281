"""Organs by their one name: what a 机关代字 stands for, and what the short names in print mean.

`codes.tsv` has a code a row with the organ that uses it now (empty where two organs share the code), and the name it
bore when the code was in use where that was another; `names.tsv` has short names of central organs.
"""

import re
from functools import cache
from importlib import resources

from policy_crawler.reading.text import squeezed

_CODE = re.compile(r"^([\u4e00-\u9fff]{1,16})[〔\[(（【﹝〈［]")
_LOCAL = re.compile(r"^(省|市|县|区|自治区)(委|政府|人民政府)")
_SHORTEST = 2  # characters of a code that may be the beginning of a longer one: 教, 建 and 公 begin too many
_OFFICE = re.compile(r"^(?!国务院|中共|.*人民政府)(.{2,}?(?:部|委员会|总局|署|局|委))办公[厅室]$")
# Bodies that put their word between number and organ: 粤府办〔2020〕1号 is of the office, not of the government.
_OFFICE_CODE = re.compile(r"^[办厅]")


def organ_of_code(number: str | None) -> tuple[str, bool] | None:
    """The organ that used the 机关代字 of `number`, and whether the whole code is known (else its beginning is).

    Joint organs are parted by 、. None for a code nobody knows, one that two organs share, and orders and
    announcements, which name their organ.
    """
    match = _CODE.match(squeezed(number or ""))
    if not match:
        return None
    code, table = match[1], _codes()
    if code in table:
        return (table[code], True) if table[code] else None
    for length in range(len(code) - 1, _SHORTEST - 1, -1):
        if code[:length] not in table:
            continue
        organ = table[code[:length]]
        if organ and _OFFICE_CODE.match(code[length:]) and not organ.endswith(("办公厅", "办公室")):
            organ = _office(organ)
        return (organ, False) if organ else None
    return None


def organs_of(issuers: tuple[str, ...], number: str | None) -> tuple[str, ...]:
    """The one name of each issuer, in the same order; a name that no table knows stays as printed.

    A name without its place (省政府办公厅) is completed by the code of the document's number.
    """
    lead = organ_of_code(number)
    return tuple(_organ(name, lead[0] if lead else "") for name in issuers)


def _organ(printed: str, lead: str) -> str:
    name = squeezed(printed)
    if _LOCAL.match(name):
        whole = _LOCAL.sub(lambda match: f"{match[1]}{'人民政府' if match[2] == '政府' else match[2]}", name)
        return lead if lead and lead.endswith(whole) else printed
    known = _names().get(name)
    if known:
        return known
    office = _OFFICE.match(name)  # the office of a ministry acts for it; those of governments and the Party are apart
    if office:
        return _names().get(office[1], office[1])
    return re.sub(r"(?<=[^国]{2}[省市县区州])政府(?=$|办公[厅室]$)", "人民政府", name)


def _office(organ: str) -> str:
    """The office of a government; a ministry's office acts for the ministry."""
    if not organ.endswith("人民政府"):
        return organ
    province = organ.endswith(("省人民政府", "自治区人民政府")) or organ[:2] in {"北京", "天津", "上海", "重庆"}
    return f"{organ}{'办公厅' if province else '办公室'}"


@cache
def _codes() -> dict[str, str]:
    return {code: former or organ for code, organ, former, _level in _rows("codes.tsv")}


@cache
def _names() -> dict[str, str]:
    former = {former: organ for _code, organ, former, _level in _rows("codes.tsv") if former and organ}
    return former | {row[0]: row[1] for row in _rows("names.tsv")}


def _rows(name: str) -> list[list[str]]:
    text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines()[1:]]
