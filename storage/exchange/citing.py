"""Documents as they are cited: a BibTeX entry, and a line by GB/T 7714-2015.

GB/T 7714-2015, 4.6, of a resource on the net: 主要责任者. 题名: 其他题名信息[文献类型标识/文献载体标识].
(更新或修改日期)[引用日期]. 获取和访问路径. Up to three bodies are named, of more the first three with 等 (8.1).
In annex B S is a standard (标准), EB an announcement on the net (电子公告), OL the net. A 公文 or 规章 is no standard
and has no mark of its own there, so that it is EB; its number is further information of the title, as a standard's."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Final
from urllib.parse import quote

from storage.clock import CHINA
from storage.exchange.telling import Entry

_STANDARD = re.compile(r"^(?:GB|DB\d{2}|[A-Z]{2,3})(?:/[TZ])?\s?\d")  # GB/T 9704-2012, DB11/T 1234-2020, YD/T 5-2020
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TEX: Final[dict[str, str]] = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
}  # fmt: skip


def gbt7714(entry: Entry) -> str:
    """One line. The day of citing is the day, in China, on which the version's bytes were fetched."""
    names = ", ".join(entry.organs[:3]) + (", 等" if len(entry.organs) > 3 else "")
    number = (entry.version.number or "").strip()
    mark = "S/OL" if _STANDARD.match(number) else "EB/OL"
    title = _line(entry.title) or "无题名"
    published = f"({entry.published.isoformat()})" if entry.published else ""
    cited = f"[{_cited(entry)}]"
    parts = (
        f"{_line(names)}. " if names else "",
        title, f": {_line(number)}" if number and number not in title else "", f"[{mark}]. ",
        f"{published}{cited}. ", url(entry.url), ".",
    )  # fmt: skip
    return "".join(parts) + "\n"


def bibtex(entry: Entry) -> str:
    """An entry of type misc, whose key is the document's number in the archive. Names of bodies are not taken apart."""
    day, number = entry.published, (entry.version.number or "").strip()
    fields = [
        ("author", " and ".join(f"{{{tex(name)}}}" for name in entry.organs)),
        ("title", f"{{{tex(entry.title)}}}" if entry.title else ""),
        ("number", tex(number)),
        ("year", str(day.year) if day else ""),
        ("month", _MONTHS[day.month - 1] if day else ""),
        ("date", day.isoformat() if day else ""),
        ("howpublished", f"\\url{{{url(entry.url)}}}"),
        ("url", url(entry.url)),
        ("urldate", _cited(entry)),
        ("langid", "chinese"),
    ]
    lines = [
        f"  {name} = {value if name == 'month' else f'{{{value}}}'},"
        for name, value in fields
        if value
    ]  # fmt: skip
    return "\n".join((f"@misc{{{key(entry)},", *lines, "}\n"))


def key(entry: Entry) -> str:
    """The key by which a text cites the document: policy12, policy12v1 for a version that is not the current one."""
    version = "" if entry.version.seq == entry.document.versions else f"v{entry.version.seq}"
    return f"policy{entry.document.id}{version}"


def tex(text: str) -> str:
    """A text on one line, without what TeX would act on; its braces are balanced by being none."""
    return "".join(_TEX.get(char, char) for char in _line(text))


def url(address: str) -> str:
    r"""A URL for \url{}: braces, backslashes, spaces and what is not ASCII by their percent codes."""
    return quote(address, safe="%/:?#[]@!$&'()*+,;=~-._")


def lines(entries: Iterable[Entry], form: str) -> Iterator[str]:
    """All of them: `bibtex`, an empty line between two, or `gbt7714`, numbered as in a list of references."""
    for number, entry in enumerate(entries, 1):
        if form == "bibtex":
            yield ("\n" if number > 1 else "") + bibtex(entry)
        else:
            yield f"[{number}] {gbt7714(entry)}"


def _cited(entry: Entry) -> str:
    fetched: datetime = entry.version.snapshot.fetched_at
    day: date = fetched.astimezone(CHINA).date()
    return day.isoformat()


def _line(text: str) -> str:
    return " ".join(text.split())
