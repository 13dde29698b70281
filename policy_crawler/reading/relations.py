"""What the words around a title or number say of it: repeals, amends, supersedes, forwards, implements, or no more."""

import re
from collections.abc import Sequence

_SUPERSEDE = re.compile(r"取代|代替|替代")
_REPEAL = re.compile(
    r"废止|停止(?:执行|施行|使用)|不再(?:执行|施行|适用|有效)|宣布失效|予以失效|同时失效|自行失效|即行失效|失效$"
)
_AMEND = re.compile(r"(?:作|做)(?:如下|以下|相应)?.{0,4}修(?:改|订|正)|修改|修订|修正|增加一条|替换为|删除|删去|调整为")
_FORWARD = re.compile(r"转发|批转")
_IMPLEMENT = re.compile(r"根据|依据|贯彻|落实|为了?实施|细化")
_BASED = re.compile(r"根据|依据|依照|按照|遵照|贯彻|落实|为了?实施|细化")
_BEFORE_REPEALED = re.compile(r"(?:废止|宣布.{0,8}失效)[^，。；]{0,12}$")
_BEFORE_SUPERSEDED = re.compile(r"(?:取代|代替|替代)[^，。；]{0,6}$")
_BEFORE_AMENDED = re.compile(r"(?:修改|修订|修正)(?:了|后的)?[^，。；]{0,6}$")
# 经修订的《办法》 and the year of an amendment in brackets say nothing of what this paper does.
_WAS_AMENDED = re.compile(r"(?:新|已|经)(?:修订|修改|修正)的?$|(?:修订|修正|修改)(?:的|后的)$")
_MADE = re.compile(r"印发|出台|发布|公布|制定|起草|研究|修订|编制|颁布|下发|联合|解读|《$|关于")
_DRAFT = re.compile(r"征求意见稿|送审稿|草案|征求意见|公开征集")
_DRAFTED = re.compile(
    r"(?:起草|研究|制定|制订|编制|修订|形成|拟订|草拟)(?:起草|制定|编制|形成|修订)?了?[^，。；]{0,12}$"
)
_LISTED = re.compile(
    r"^(?:\s*[（(][^（()）]{0,60}[）)])?(?:[、，,；;\s]{1,3}(?:和|及|以及)?|和|及|以及|与|并)(?:原)?(?:[^\s《》，。；]{2,20}(?=《)|)$"
)
_COLONS = ("：", ":")
_FAR = 60  # characters around a title in which its trigger stands


def spread(text: str, titles: Sequence[re.Match[str]], place: int) -> tuple[str, str]:
    """The words before and behind the list of titles that the one at `place` stands in: they speak of all of it."""
    first = last = place
    while first > 0 and _LISTED.match(text[titles[first - 1].end() : titles[first].start()]):
        first -= 1
    while last + 1 < len(titles) and _LISTED.match(text[titles[last].end() : titles[last + 1].start()]):
        last += 1
    begin = titles[first - 1].end() if first else 0
    behind = (
        text[titles[last].end() : titles[last + 1].start()] if last + 1 < len(titles) else text[titles[last].end() :]
    )
    if last + 1 < len(titles):  # the clause right before the next title speaks of that one: …，不再执行《乙规定》
        behind = behind[: max(behind.rfind("，"), behind.rfind("、"), behind.rfind("；")) + 1] or behind
    return text[max(begin, titles[first].start() - _FAR) : titles[first].start()], behind[:_FAR]


def relation_of(before: str, behind: str, name: str, default: str, *, early: bool = False) -> str:
    """The relation by the words `before` and `behind`; `early`: it is named in the title or the first sentences.

    Without such words it is what a document of this kind does: `default` is reports, interprets, drafts or cites.
    """
    if _SUPERSEDE.search(behind) or _BEFORE_SUPERSEDED.search(before):
        return "supersedes"
    if _REPEAL.search(behind) or _BEFORE_REPEALED.search(before):
        return "repeals"
    if (_AMEND.search(behind) and not _DRAFT.search(behind[:12])) or (
        _BEFORE_AMENDED.search(before) and not _WAS_AMENDED.search(before)
    ):
        return "amends"
    if _FORWARD.search(before) or re.search(r"^[^，。]{0,12}(?:转发|批转)", behind):
        return "forwards"
    return _by_kind(before, name, default, early=early)


def _by_kind(before: str, name: str, default: str, *, early: bool) -> str:
    founded = bool((_IMPLEMENT if default in {"cites", "drafts"} else _BASED).search(before))
    if default == "drafts":
        if _DRAFT.search(name) or _DRAFTED.search(before):
            return "drafts"
        return "implements" if founded else "cites"
    if default == "cites":
        return "implements" if founded else "cites"
    if founded and not _MADE.search(before[-8:]):
        return "cites"  # what a report or an interpretation says a paper is based on
    if default == "interprets" and not early and not _MADE.search(before[-16:]):
        return "cites"
    return default


def opens_list_of_repealed(sentence: str) -> bool:
    """True for `下列文件予以废止：`: the lines under it are what is repealed."""
    return sentence.endswith(_COLONS) and bool(_REPEAL.search(sentence))


def is_repeal(title: str | None) -> bool:
    """True for the title of a decision that repeals: 关于废止部分规范性文件的决定."""
    return bool(title and re.search(r"废止|宣布失效|失效", title))
