"""The text that versions are compared by: nothing that a site changes by itself may move it (width, spacing,
counters), and one digit or one 不 must. Pure.
"""

import re
import unicodedata
from collections.abc import Sequence

Blocks = Sequence[tuple[str, str]]  # (role, text), as in ReadingRecord.blocks

# Width and shape of punctuation, beyond what NFKC folds.
_SHAPES = {
    **dict.fromkeys("〔［【﹝〖", "("),
    **dict.fromkeys("〕］】﹞〗", ")"),
    **dict.fromkeys("“”„‟「」『』＂〝〞", '"'),
    **dict.fromkeys("‘’‚‛", "'"),
    **dict.fromkeys("—–‐‑‒―−─━", "-"),
    **dict.fromkeys("～〜∼", "~"),
    **dict.fromkeys("·•・‧∙", "·"),
    "。": ".",
    "、": ",",
    "∶": ":",
    "〇": "零",
    "○": "零",
    "…": "...",
}
_SHAPED = re.compile(f"[{re.escape(''.join(_SHAPES))}]")  # a search for the few: translate looks each character up
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\x00-\x08\x0e-\x1f\x7f]"
)
_SPACE = re.compile(r"\s+")
_SPACE_WITHOUT_SENSE = re.compile(r"(?<![A-Za-z0-9]) | (?![A-Za-z0-9])")

# Lines a site writes around a text: a counter among other facts of the page. A line of the text that speaks of
# visits says something else besides, and stays.
_COUNTER = r"(?:本站|总|已)?(?:浏览|阅读|点击|访问|查看|已阅)(?:次数|数量|人数|人次|总数|量|数|率)?|人气|热度"
_COUNT = r"[0-9][0-9,]*(?:\.[0-9]+)?\s*万?\s*(?:次|人次|人)?"
_COUNTED = re.compile(
    rf"(?:{_COUNTER})\s*:?\s*[\[(【]?\s*{_COUNT}\s*[\])】]?|^\W*已有?\s*{_COUNT}\s*(?:{_COUNTER})\W*$"
)
_PAGE_FACTS = re.compile(
    r"(?:发布|发文|成文|更新|公开|添加|录入)?(?:日期|时间)\s*:?[0-9年月日时分秒:/.\s-]+"
    r"|(?:信息来源|文章来源|来源|作者|责任编辑|编辑|审核|发布机构|发布单位)\s*:\s*[^\s:|]{0,30}"
    r"|(?:字体|字号|视力保护色)\s*:?|[大中小](?=[\s|\])】大中小]|$)|默认|打印(?:本页|本文)?|关闭(?:窗口|本页)?|收藏|分享(?:到)?\s*:?"
    r"|[|\[\]()【】\s]"
)
_PAGE_ONLY = re.compile(
    r"^(?:上|下)一(?:篇|条|页):?.*|^今天是?:?[0-9]{4}年.*|^当前(?:时间|日期):.*"
    r"|^\W*(?:责任编辑|网络编辑|值班编辑|责编|编辑|审核|校对)\s*:\s*[A-Za-z\u4e00-\u9fff·、\s]{2,20}\W*$"
    r"|^(?:本(?:网)?站|我们|[Tt]his (?:web)?site|[Ww]e)\W?.{0,20}(?:使用|use).{0,20}[Cc]ookies?.*"
)


def fold(text: str) -> str:
    """`text` without differences of width, spacing and punctuation shape; spaces stay only between Latin letters
    or digits, where they part words."""
    text = _INVISIBLE.sub("", _shaped(unicodedata.normalize("NFKC", _shaped(text))))
    return _SPACE_WITHOUT_SENSE.sub("", _SPACE.sub(" ", text).strip())


def _shaped(text: str) -> str:
    return _SHAPED.sub(lambda match: _SHAPES[match[0]], text)


def fold_body(blocks: Blocks) -> str:
    """The body for comparing: folded, counters out. How lines are broken into paragraphs does not matter;
    in a table, where a cell ends does."""
    parts: list[str] = []
    for role, text in blocks:
        if role == "table":
            rows = ("|".join(fold(cell) for cell in row.split("\t")) for row in text.splitlines())
            parts.append("\n" + "\n".join(rows) + "\n")
        else:
            parts.extend(without_counter(line) for line in text.splitlines())
    return _SPACE_WITHOUT_SENSE.sub("", " ".join(part for part in parts if part))


def without_counter(line: str) -> str:
    """`line` folded; empty or shorter where it is made of facts of the page with a counter among them."""
    shaped = _SPACE.sub(" ", unicodedata.normalize("NFKC", line)).strip()
    if len(shaped) > 160:  # no line of page facts is that long
        return fold(line)
    if _PAGE_ONLY.match(shaped):
        return ""
    uncounted = _COUNTED.sub(" ", shaped)
    if uncounted != shaped and not _PAGE_FACTS.sub("", uncounted):
        return fold(uncounted)
    return fold(line)
