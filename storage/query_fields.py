"""The fields of the query language, their values, and days and ranges of days. Pure."""

import re
from calendar import monthrange
from datetime import date
from difflib import get_close_matches
from typing import Final

__all__ = ["DATE_FIELDS", "FIELDS", "VALUES", "days", "known", "nearest"]

FIELDS = {
    "title": "title", "标题": "title",
    "issuer": "issuer", "发文机关": "issuer", "发文单位": "issuer", "发布机构": "issuer",
    "number": "number", "文号": "number", "发文字号": "number", "字号": "number",
    "type": "type", "类型": "type",
    "source": "source", "来源": "source",
    "region": "region", "地区": "region", "地域": "region", "省份": "region",
    "level": "level", "层级": "level",
    "validity": "validity", "时效": "validity", "有效性": "validity",
    "kind": "kind", "文种": "kind",
    "topic": "topic", "主题": "topic", "主题分类": "topic",
    "cites": "cites", "引用": "cites",
    "attachment": "attachment", "附件": "attachment",
    "published": "published", "发布": "published", "发布日期": "published", "发布时间": "published",
    "effective": "effective", "施行": "effective", "施行日期": "effective",
    "written": "written", "成文": "written", "成文日期": "written",
    "deadline": "deadline", "截止": "deadline", "截止日期": "deadline",
    "exact": "exact", "原词": "exact",
    "change": "change", "改动": "change",
    "in": "in", "限于": "in",
}  # fmt: skip
_TYPES = {
    "policy": "policy", "政策": "policy",
    "interpretation": "interpretation", "解读": "interpretation",
    "consultation": "consultation", "征求意见": "consultation", "征求意见稿": "consultation",
    "news": "news", "新闻": "news",
    "notice": "notice", "公示": "notice",
    "other": "other", "其他": "other",
}  # fmt: skip


_VALIDITIES = {
    "pending": "pending", "尚未生效": "pending", "尚未施行": "pending",
    "in_force": "in_force", "现行有效": "in_force", "有效": "in_force",
    "amended": "amended", "已修改": "amended", "已被修订": "amended",
    "partly_repealed": "partly_repealed", "部分废止": "partly_repealed", "部分失效": "partly_repealed",
    "repealed": "repealed", "废止": "repealed", "已废止": "repealed",
    "expired": "expired", "失效": "expired", "已失效": "expired",
    "draft": "draft", "草案": "draft",
    "unknown": "unknown", "不明": "unknown",
}  # fmt: skip

_LEVELS = {
    "central": "central", "中央": "central", "国家": "central",
    "province": "province", "省级": "province", "省": "province",
    "city": "city", "市级": "city", "市": "city",
    "district": "district", "区县": "district", "区县级": "district",
    "news": "news", "新闻": "news", "媒体": "news",
}  # fmt: skip
VALUES: Final = {
    "type": _TYPES, "validity": _VALIDITIES, "level": _LEVELS, "in": {"change": "change", "改动": "change"},
}  # fmt: skip
"""Fields of which all values are known: each way to write one, and what is meant."""

DATE_FIELDS: Final = frozenset({"published", "effective", "written", "deadline"})

_DAY = re.compile(r"(\d{4})(?:(?:[-/.]|年)(\d{1,2})(?:(?:[-/.]|月)(\d{1,2})日?|月)?|年)?")
_COMPARED = re.compile(r"([<>＜＞])=?(.+)")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})?")
_BETWEEN = re.compile(r"\.\.+|…|～|~|至")


def days(written: str) -> tuple[date, date]:
    """The first and the last day of what is written: 2026, 2026-03, 2026年3月1日, 2026-01..2026-03, 2026-01.., ..2026.

    Raises ValueError that says what is wrong."""
    parts = _BETWEEN.split(written)
    if len(parts) > 2:
        raise ValueError(f"{written!r} is no range: write two days with .. between, as 2026-01..2026-03")
    if not any(parts):
        raise ValueError("this range has neither a first nor a last day; write 2026-01.. or ..2026-03")
    first = _span(parts[0])[0] if parts[0] else date.min
    last = _span(parts[-1])[1] if parts[-1] else date.max
    if first > last:
        raise ValueError(f"this range is empty, it ends before it begins: did you mean {parts[1]}..{parts[0]}?")
    return first, last


def _span(written: str) -> tuple[date, date]:
    match = _DAY.fullmatch(written)
    if match is None:
        raise ValueError(f"{written!r} is no day{_meant(written) or ': write 2026, 2026-03 or 2026-03-01'}")
    year, month, day = (int(part) if part else None for part in match.groups())
    assert year is not None  # noqa: S101 - the expression has it
    try:
        if month is None:
            return date(year, 1, 1), date(year, 12, 31)
        if day is None:
            return date(year, month, 1), date(year, month, monthrange(year, month)[1])
        return date(year, month, day), date(year, month, day)
    except ValueError as error:  # calendar.IllegalMonthError is one
        raise ValueError(f"there is no day {written!r} in the calendar") from error


def _meant(written: str) -> str:
    """A question after the day or range that was probably meant; empty where that cannot be told."""
    if match := _COMPARED.fullmatch(written):
        return f"; did you mean {match[2]}..?" if match[1] in ">＞" else f"; did you mean ..{match[2]}?"
    if match := _COMPACT.fullmatch(written):
        return f"; did you mean {'-'.join(filter(None, match.groups()))}?"
    return ""


def known(names: dict[str, str]) -> str:
    """The English names, for messages."""
    return ", ".join(name for name in names if name.isascii())


def nearest(written: str, names: dict[str, str]) -> str:
    """A question after the name that was probably meant; empty where none is near."""
    close = get_close_matches(written.lower(), names, n=1, cutoff=0.6)
    return f"; did you mean {close[0]}?" if close else ""
