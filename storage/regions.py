"""Regions as sources name them: province, city, district (广东/深圳/龙岗区); central bodies have none. Pure."""

import re

_ENDING = re.compile(r"(?:(?:壮族|回族|维吾尔)?自治区|省|市)$")
CENTRAL = frozenset({"中央", "全国", "国家"})  # asked for as a region, they mean the central bodies, which have none


def path_of(written: str) -> tuple[str, ...]:
    """The parts of what someone asks for, as sources name them: 广东省/深圳市 is 广东, 深圳."""
    return tuple(_plain(part) for part in re.split(r"[/／]", written) if part.strip())


def _plain(part: str) -> str:
    part = part.strip()
    return _ENDING.sub("", part) or part


def lies_in(region: str, path: tuple[str, ...]) -> bool:
    """Whether a region (广东/深圳/龙岗区) is what `path` names, or lies in it; any part may be named."""
    here = tuple(_plain(part) for part in region.split("/"))
    return bool(path) and any(here[start : start + len(path)] == path for start in range(len(here)))


def names_in(region: str) -> tuple[str, ...]:
    """All by which a region is found: 广东, 广东/深圳 and 深圳 for 广东/深圳."""
    parts = region.split("/") if region else []
    whole = ["/".join(parts[:end]) for end in range(1, len(parts) + 1)]
    return tuple(dict.fromkeys([*whole, *parts]))
