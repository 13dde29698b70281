"""What differs in one line, as people write it: 第八条修改；新增第四十一条；原第九条改为第十条. Pure."""

import re
from collections.abc import Callable, Sequence
from typing import Final, Literal

from storage.diff.numerals import value_of
from storage.records import ClauseChange

MOST_NAMED = 12  # clauses of one operation; the rest is counted
SHORTEST_RUN = 3  # clauses one after another
_LAST = re.compile(r"(.*?)([〇零一二三四五六七八九十百千]+|[0-9]+)([^〇零一二三四五六七八九十百千0-9]*)$")
_PART = re.compile(r"(?<![一二三四五六七八九十百第])([一二三四五六七八九十百]{1,4})、")
_FILE = re.compile(r"附件《[^》]*》")

Language = Literal["zh", "en"]


def summary(changes: Sequence[ClauseChange], language: Language = "zh") -> str:
    """One line for people; empty where nothing differs."""
    say = _ZH if language == "zh" else _EN
    parts = []
    for operation, listed in _ORDER:
        told = [c for c in changes if c.operation == operation and (not listed or c.was is None)]
        if listed:
            labels = [_label(label, language) for label in _runs(list(dict.fromkeys(c.label for c in told)))]
            parts += [say[operation](_several(labels, language), "")] if labels else []
            continue
        told = [change for change in told if change.was is not None or operation not in _LISTED]
        parts += [_one(change, language, say[operation]) for change in told[:MOST_NAMED]]
        if len(told) > MOST_NAMED:
            left = len(told) - MOST_NAMED
            parts.append(f"等{len(told)}处" if language == "zh" else f"{left} more")
    return ("；" if language == "zh" else "; ").join(parts)


_LISTED: Final = frozenset({"changed", "added", "removed"})
# The operations in the order they are told; whether their clauses are named in one list.
_ORDER: Final = (
    ("changed", True), ("added", True), ("removed", True), ("split", False), ("merged", False), ("moved", False),
    ("changed", False), ("renumbered", False),
)  # fmt: skip


def _one(change: ClauseChange, language: Language, sentence: Callable[[str, str], str]) -> str:
    label, was = change.label, change.was or ""
    file = _FILE.match(label)
    before = ""
    if file and was.startswith(file[0]):  # the file is named once
        before = _label(file[0], language) + ("" if language == "zh" else ", ")
        label, was = label[file.end() :], was[file.end() :]
    return before + sentence(_label(label, language), _label(was, language))


def _several(labels: list[str], language: Language) -> str:
    """第三条、第五条等20处."""
    if language == "zh":
        return "、".join(labels[:MOST_NAMED]) + (f"等{len(labels)}处" if len(labels) > MOST_NAMED else "")
    left = len(labels) - MOST_NAMED
    return ", ".join(labels[:MOST_NAMED]) + (f" and {left} more" if left > 0 else "")


def _runs(labels: list[str]) -> list[str]:
    """Three or more that follow one another are said as 第一条至第五条."""
    runs: list[list[str]] = []
    for label in labels:
        if runs and _follows(runs[-1][-1], label):
            runs[-1].append(label)
        else:
            runs.append([label])
    said: list[str] = []
    for run in runs:
        if len(run) < SHORTEST_RUN:
            said += run
        elif match := _LAST.match(run[-1]):
            at = match[1].rfind("第") if "第" in match[1] else len(match[1])
            said.append(f"{run[0]}至{run[-1][at:]}")
    return said


def _follows(label: str, other: str) -> bool:
    one, two = _LAST.match(label), _LAST.match(other)
    if one is None or two is None or (one[1], one[3]) != (two[1], two[3]):
        return False
    first, second = value_of(one[2]), value_of(two[2])
    return first is not None and second is not None and second == first + 1


def _changed_zh(label: str, was: str) -> str:
    if not was:
        return f"{label}修改"
    return f"原{was}移位并修改" if was == label else f"原{was}改为{label}并修改"


def _changed_en(label: str, was: str) -> str:
    if not was:
        return f"{label} changed"
    return f"former {was} moved and changed" if was == label else f"former {was} is now {label}, changed"


def _is(label: str) -> str:
    return "are" if re.search(" (?:to|and) ", label) else "is"


_ZH: Final[dict[str, Callable[[str, str], str]]] = {
    "changed": _changed_zh,
    "added": lambda label, _: f"新增{label}",
    "removed": lambda label, _: f"删除{label}",
    "split": lambda label, was: f"原{was}分为{label}",
    "merged": lambda label, was: f"原{was}合并为{label}",
    "moved": lambda label, was: f"{label}移位" if was in {"", label} else f"原{was}移至{label}",
    "renumbered": lambda label, was: f"原{was}改为{label}" if was else f"{label}序号改变",
}
_EN: Final[dict[str, Callable[[str, str], str]]] = {
    "changed": _changed_en,
    "added": lambda label, _: f"{label} added",
    "removed": lambda label, _: f"{label} removed",
    "split": lambda label, was: f"former {was} split into {label}",
    "merged": lambda label, was: f"former {was} merged into {label}",
    "moved": lambda label, was: f"{label} moved" if was in {"", label} else f"former {was} moved to {label}",
    "renumbered": lambda label, was: f"former {was} {_is(was)} now {label}" if was else f"{label} renumbered",
}

_NAMES: Final = {
    "标题": "title", "文号": "number", "落款": "signature", "附件说明": "list of attachments", "表头": "header",
    "征求意见截止日期": "deadline for comments",
}  # fmt: skip
_UNITS: Final = {
    "编": "Part", "分编": "Subpart", "部分": "Part", "章": "Chapter", "节": "Section", "条": "Article",
    "款": "paragraph", "段": "paragraph", "行": "row",
}  # fmt: skip
_STEP = re.compile(
    r"(?P<name>标题|文号|落款|附件说明|表头|征求意见截止日期)|附件《(?P<file>[^》]*)》|附(?:件|录|表)(?P<annex>[0-9一二三四五六七八九十]*)"
    r"|表(?P<table>[0-9]+)|第（?(?P<item>[^条款章节编行段项目第]{1,8}?)）?(?P<what>项|目)"
    r"|第(?P<number>[〇零一二三四五六七八九十百千0-9]+)(?P<unit>分编|部分|[编章节条款段行])(?:之(?P<sub>[一二三四五六七八九十]+))?"
    r"|(?P<and>[至、])(?=第|表|附|[一二三四五六七八九十百]+、)|(?P<heading>[一二三四五六七八九十百]+)、|（(?P<cell>[^）]*)）|(?P<column>“[^”]*”)列"
)


def _label(label: str, language: Language) -> str:
    """A label as English says it: 第八条第二款第（三）项 is Article 8 paragraph 2 item 3."""
    if language == "zh":
        file = _FILE.match(label)
        at = file.end() if file else 0
        return label[:at] + _PART.sub(r"第\1部分", label[at:])  # 一、（二） among others in a list
    said: list[str] = []
    at = 0
    for match in _STEP.finditer(label):
        if rest := label[at : match.start()].strip():
            said.append(rest)
        at = match.end()
        said.append(_step(match))
    if rest := label[at:].strip():
        said.append(rest)
    text = ", ".join(said)
    text = " ".join(said)
    return re.sub(
        r"\b(Article|Chapter|Section|Part|section|paragraph|row|item) (\S+) (to|and) \1 (?=\S+$)", r"\1s \2 \3 ", text
    )


def _step(match: re.Match[str]) -> str:  # noqa: PLR0911 -- one return a form
    if match["name"]:
        return _NAMES[match["name"]]
    if match["file"] is not None:
        return f"attachment “{match['file']}”"
    if match["annex"] is not None:
        return f"Annex {_value(match['annex'])}".strip()
    if match["table"]:
        return f"table {match['table']}"
    if match["item"]:
        return f"item {_value(match['item'].strip('（）'))}"
    if match["unit"]:
        sub = f"-{_value(match['sub'])}" if match["sub"] else ""
        return f"{_UNITS[match['unit']]} {_value(match['number'])}{sub}"
    if match["and"]:
        return "to" if match["and"] == "至" else "and"
    if match["heading"]:
        return f"section {_value(match['heading'])}"
    if match["column"]:
        return f"column {match['column']}"
    inner = match["cell"]
    return f"({_value(inner)})"


def _value(numeral: str) -> str:
    value = value_of(numeral)
    return numeral if value is None else str(value)
