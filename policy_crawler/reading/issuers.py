"""Issuing organs: as a table prints them, as a title begins with them, as a document is signed by them."""

import re

from policy_crawler.reading.dates import is_date_line
from policy_crawler.reading.text import squeezed

_SUFFIX = (
    "人民政府办公厅|人民政府办公室|人民政府|政府办公厅|政府办公室|委员会办公厅|委员会办公室|委员会|办公厅|办公室|总局|监管局|管理局|监督局|"
    "常务委员会|常委会|指挥部|领导小组|法院|检察院|银行|税务局|总署|署|国务院|中央军委|发展改革委|发改委|国资委|卫生健康委|卫健委|"
    "监委|工信厅|部|委|局|厅|院|中心|党组|党委|协会|联合会|公安厅|省政府|市政府|县政府|自治区政府|联席会议"
)
_ORGAN = rf"[\u4e00-\u9fff（）()]{{0,40}}?(?:{_SUFFIX})"
# 关于 opens the matter; 印发/转发/批转/发布 are what organs do; a kind of paper may follow the organ at once.
_TITLE = re.compile(
    rf"^(?P<organs>{_ORGAN}(?:(?:[、，\s]|等){{1,3}}{_ORGAN})*)(?=(?:联合)?(?:关于|印发|转发|批转|发布|公布|令|公告|通告|公报|行政处罚信息公开表|对.{{2,40}}(?:的答复|的批复)))"
)
_COUNTED = re.compile(r"等[一二三四五六七八九十\d]{1,3}(?:个)?(?:部门|单位|部委|委办局|机关)")
_SPLIT = re.compile(r"[、，,;；/\s\u3000]+")
_NOT_ORGANS = re.compile(r"^(?:全部|内部|外部|干部|各部|本部|一部|院|部|局|委|厅|署)$")


def issuers_of(printed: str) -> tuple[str, ...]:
    """The organs in a printed list, lead first: parted by spaces or 、, never inside a name (never by 和 or 及)."""
    names = [name for name in _SPLIT.split(printed.strip()) if name]
    if len(names) > 1 and sum(len(name) == 1 for name in names) >= len(names) - 1:
        return (squeezed(printed),)  # 财 政 部: one padded name
    kept = [_COUNTED.sub("", name) for name in names]
    return tuple(dict.fromkeys(name for name in kept if name))


def issuer_in_title(title: str) -> str | None:
    """The organs a title begins with, as printed; None for `科技部等三部门关于…`, which does not name them all."""
    text = re.sub(r"\s+", " ", title.strip())
    # Each 等 may end an organ or stand in one (高等法院): many would be tried in every way there is.
    if _COUNTED.search(text[:60]) or text.count("等") > 3:
        return None
    match = _TITLE.match(text)
    if not match:
        return None
    organs = match["organs"].strip(" 、，")
    if len(re.findall("[（(]", organs)) != len(re.findall("[）)]", organs)):  # X规定（Y令第1号）
        organs = re.split("[（(）)]", organs)[-1]
    if len(organs) < 2 or _NOT_ORGANS.match(organs):
        return None
    return organs


def is_organ(text: str) -> bool:
    """True when `text` is the name of an organ and nothing else."""
    text = squeezed(text)
    return 2 <= len(text) <= 40 and bool(re.fullmatch(_ORGAN, text)) and not _NOT_ORGANS.match(text)


def signed_by(lines: list[str]) -> str | None:
    """The organs that sign: lines right above the date in the last lines, joined by 、."""
    for index in range(len(lines) - 1, max(-1, len(lines) - 60), -1):
        if not is_date_line(lines[index]):
            continue
        names: list[str] = []
        for line in reversed(lines[max(0, index - 30) : index]):
            parts = issuers_of(line)
            if parts and all(is_organ(part) for part in parts):
                names[:0] = parts
            elif is_organ(line):
                names.insert(0, squeezed(line))
            else:
                break
        if names:
            return "、".join(names)
    return None
