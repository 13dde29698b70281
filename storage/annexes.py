"""The lists of repealed or amended documents that decisions carry in their files. Pure.

A decision 关于废止和修改部分规范性文件的决定 often names none of them itself: the list is a table in 附件1.xlsx, a row
a document with its title and number. The file's name or a heading inside says what happens to what stands under it.
"""

import re
from dataclasses import dataclass

from storage.identity import number_key

MOST = 3_000  # documents of one file; ministries have repealed some hundreds at once
_LONGEST = 300  # characters of a line that is kept as the sentence

_KEPT = re.compile(r"继续有效|现行有效|保留|予以保留|继续执行")
_REPEALED = re.compile(r"废止|失效|停止执行|不再执行")
_AMENDED = re.compile(r"修改|修订|修正")
_LIST = re.compile(r"(?:修改|修订|清理).{0,12}(?:部分|一批|若干|目录|清单|规范性文件|规章)")
_HEADING = re.compile(r"目录|清单|列表|名单|一览表|明细表|汇总表|附件|文件$|规章$|[一二三四五六七八九十]+、|部分")
_QUOTED = re.compile(r"《([^《》]{2,150}(?:《[^《》]{2,100}》[^《》]{0,60}){0,3})》")
_TITLE_END = re.compile(
    r"(?:法|条例|规定|办法|细则|意见|通知|决定|方案|规划|计划|纲要|措施|公告|通告|通报|目录|标准|规范|规则|规程|指南|指引|要点|决议|批复|函|令|"
    r"清单|准则|章程|制度|解释|纪要|若干|安排|要求|复函|答复|试行|暂行|修订)(?:[（(〔\[][^（()）]{1,30}[）)〕\]])?[》〉]?$"
)
_NUMBER = re.compile(
    r"[\u4e00-\u9fff]{1,20}\s*[〔\[(（【]\s*[12]\d{3}\s*年?[〕\])）】]\s*第?\s*\d{1,5}\s*号|"
    r"[\u4e00-\u9fff]{0,30}(?:令|公告|通告)\s*(?:[12]\d{3}\s*年\s*)?第\s*[\d一二三四五六七八九十百零〇]{1,6}\s*号"
)
_ORDINAL = re.compile(r"^\s*(?:\d{1,4}|[（(]?[一二三四五六七八九十]{1,3}[)）])\s*[.．、\t ]\s*")


@dataclass(frozen=True, slots=True)
class Listed:
    """A document that a list names. `relation`: repeals or amends; `line` as it stands in the file."""

    relation: str
    title: str | None
    number: str | None
    line: str


def listed(text: str, *, decision: str | None, name: str) -> list[Listed]:
    """The documents that the file `name` of the document titled `decision` lists as repealed or amended.

    Empty where neither the file nor its document speaks of that, and for lists of what stays in force."""
    if not may_list(decision, name):
        return []
    relation = _relation(name) or _of_decision(decision)
    found: dict[tuple[str | None, str | None], Listed] = {}
    for line in text.split("\n"):
        entry = _entry(line)
        if entry is None:
            relation = _relation(line) or relation if _is_heading(line) else relation
        elif relation in {"repeals", "amends"} and len(found) < MOST:
            title, number = entry
            found.setdefault((title, number_key(number)), Listed(relation, title, number, _sentence(line)))
    return list(found.values())


def may_list(decision: str | None, name: str) -> bool:
    """Whether a file may be such a list. 关于修改《X》的决定 carries X as it now reads: what X cites is not amended."""
    said = f"{decision or ''} {name}"
    return bool(_REPEALED.search(said) or _LIST.search(said))


def _relation(words: str) -> str | None:
    """What a file's name or a heading says of what stands under it; "keeps" for what stays in force."""
    if _KEPT.search(words):
        return "keeps"
    if _REPEALED.search(words):
        return "repeals"
    return "amends" if _AMENDED.search(words) else None


def _of_decision(title: str | None) -> str | None:
    """What a decision does with all that its files list, where it does one thing only."""
    words = title or ""
    repeals, amends = bool(_REPEALED.search(words)), bool(_AMENDED.search(words))
    if _KEPT.search(words) or repeals == amends:
        return None
    return "repeals" if repeals else None


def _is_heading(line: str) -> bool:
    return len(line) <= 80 and (bool(_HEADING.search(line)) or _relation(line) is not None)


def _entry(line: str) -> tuple[str | None, str | None] | None:
    """(title, number) of a line that names a document; None for headings and other lines."""
    cells = [cell.strip() for cell in line.split("\t") if cell.strip()]
    printed = _NUMBER.search(line)
    number = re.sub(r"\s+", "", printed[0]) if printed else None
    if quoted := _QUOTED.search(line):
        return (quoted[1], number)
    if len(cells) > 1:
        names = [cell for cell in cells if len(cell) >= 6 and _TITLE_END.search(cell)]
        return (names[0].strip("《》"), number) if names else (None, number) if number else None
    numbered = _ORDINAL.match(line)
    plain = _ORDINAL.sub("", line).strip()
    if printed:
        before = plain[: plain.find(printed[0])].rstrip("（(〔[ ,，、") if printed[0] in plain else plain
        return (before if len(before) >= 6 and _TITLE_END.search(before) else None, number)
    if numbered and len(plain) >= 8 and _TITLE_END.search(plain):
        return plain, None
    return None


def _sentence(line: str) -> str:
    return " ".join(line.split())[:_LONGEST]
