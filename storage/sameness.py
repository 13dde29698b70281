"""Whether two texts are one text, clause by clause. Pure.

No measure of likeness tells a reprint from next year's plan or from a text with one digit changed: what differs decides
(measured 2026-11 on 20,000 texts: every threshold that found the reprints merged the templates too)."""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum

from rapidfuzz import fuzz

from storage.normal import Blocks

SHORTEST = 60  # letters and digits of a text that can show by itself that two pages are one work
SHARE = 0.8  # of the longer text; a site adds its own lines above and below, or leaves out who signed
QUOTED = 0.4  # of the shorter text: from here on a person should look
CLAUSE = 12  # letters and digits of a clause that says something of its own
PRINTS = 16  # clauses that a text is found again by: the ones with the smallest hashes, the same in every copy
_ALIKE = 75  # percent: a clause that was changed, not another one

_END = re.compile(r"[。；！？：;!?\n\t]|(?<=[\u4e00-\u9fff）)])[.:]|[.:](?=[\u4e00-\u9fff])")
_NOISE = re.compile(r"[\W_]+")
_NUMERAL = re.compile(r"\d+|[〇零一二三四五六七八九十百千万亿]+")
_SIGNED = re.compile(
    r"[\d〇零一二三四五六七八九十]{4}年[\d一二三四五六七八九十]{1,3}月[\d一二三四五六七八九十]{1,3}日"
    r"|[\u4e00-\u9fff]{2,20}[部委局厅院府会办室署行]"
)
# What a site writes around a text.
_FRAME = re.compile(
    r"当前位置|您(?:现在)?的位置|浏览次数|阅读次数|点击数|发布时间\d|扫一扫|扫码|打印本页|关闭窗口|字体大小|字号大小"
    r"|主办单位|承办单位|网站标识码|网站地图|icp备|公网安备|版权所有|责任编辑|分享到|^来源|^附件下载$|^上一篇|^下一篇"
    r"|^此件(?:主动|依申请|不予|删减后)?(?:公开|发布)(?:发布)?$"
)


class Text(StrEnum):
    """How two texts stand to each other."""

    SAME = "same"  # one text; at most lines above and below differ
    DIFFERS = "differs"  # the same but for some clauses: another year, a digit, a 不
    PART = "part"  # one is a part of the other, or they share much
    OTHER = "other"
    SHORT = "short"  # too short to say


LONG = 1000  # letters and digits: nobody writes so long a text twice without a word changed
ARTICLES = 300  # the same of a rule in articles under its own name, which is printed without who signed it
_NAMED_RULE = re.compile(r"(?:条例|规定|办法|规则|细则|规程|规范|准则)(?:[（(][^（）()]*[）)])?$")
_ARTICLE = re.compile(r"第[一1]条")


def clauses(blocks: Blocks) -> list[str]:
    """The clauses of a body in order: letters and digits alone, lines of the site left out."""
    texts = (unicodedata.normalize("NFKC", text).replace("○", "〇") for _, text in blocks)
    bare = (_NOISE.sub("", clause).lower() for text in texts for clause in _END.split(text))
    return [clause for clause in bare if clause and not _FRAME.search(clause)]


def compare_texts(one: Sequence[str], other: Sequence[str]) -> Text:
    """How two texts stand to each other, given by their clauses."""
    mine, theirs = "".join(one), "".join(other)
    if min(len(mine), len(theirs)) < SHORTEST:
        return Text.SHORT
    if mine == theirs:
        return Text.SAME
    common = Counter(one) & Counter(other)
    shared = sum(len(clause) * count for clause, count in common.items())
    if shared < QUOTED * min(len(mine), len(theirs)):
        return Text.OTHER
    if _contradict(one, other):
        return Text.DIFFERS
    enough = SHARE * max(len(mine), len(theirs))
    for tail_first in (True, False):  # a name may stand both above the text and below it
        inner = _inner(one, common, tail_first=tail_first)
        if inner == _inner(other, common, tail_first=tail_first) and len(inner) >= enough:
            return Text.SAME
    return Text.PART


def writes_alone(title: str | None, one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two texts are one as they stand, nothing above or below, and so long that no two bodies write it."""
    said = "".join(one)
    rule = bool(_NAMED_RULE.search(title or "")) and bool(_ARTICLE.search(said))
    return said == "".join(other) and len(said) >= (ARTICLES if rule else LONG)


def _contradict(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether a clause of one text stands changed in the other."""
    mine, theirs = Counter(one) - Counter(other), Counter(other) - Counter(one)
    masked = {_NUMERAL.sub("#", clause) for clause in theirs}
    if any(_NUMERAL.sub("#", clause) in masked for clause in mine):
        return True
    longer = [clause for clause in theirs if len(clause) >= CLAUSE]
    return any(
        fuzz.ratio(clause, theirs_) >= _ALIKE and clause not in theirs_ and theirs_ not in clause
        for clause in mine
        if len(clause) >= CLAUSE
        for theirs_ in longer
    )


def _inner(clauses_: Sequence[str], common: Counter[str], *, tail_first: bool) -> str:
    """A text without the clauses above and below it that the other has not, or not as often; and without who signed
    and when, which stands in the middle where a notice carries a text, and which reprints leave out."""
    over, kept = Counter(clauses_) - common, list(clauses_)
    for end in (-1, 0) if tail_first else (0, -1):
        while kept and over[kept[end]]:
            over[kept.pop(end)] -= 1
    said = []
    for clause in kept:
        if over[clause] and _SIGNED.fullmatch(clause):
            over[clause] -= 1
        else:
            said.append(clause)
    return "".join(said)


def prints(clauses_: Sequence[str]) -> list[int]:
    """What a text is found again by: hashes of clauses, signed 64 bit, at most PRINTS."""
    hashes = {
        int.from_bytes(hashlib.sha256(clause.encode("utf-8", "surrogatepass")).digest()[:8], "big", signed=True)
        for clause in clauses_
        if len(clause) >= CLAUSE
    }
    return sorted(hashes)[:PRINTS]


# Words by which a title says that its paper is about another: an explanation, a draft, an amendment, a list.
_ABOUT = re.compile(
    r"解读|问答|答记者问|图解|读懂|说明|征求意见|草案|送审稿|讨论稿|修改|修订|修正|调整|补充|更正|废止|延长|延期|推迟|暂停"
    r"|实施细则|贯彻|评审|公示|名单|附件"
)
_PASSED_ON = re.compile(r"转发|批转")


def about_another(one: str | None, other: str | None) -> bool:
    """Whether one of two titles says that its paper is about a text, and the other does not."""
    return set(_ABOUT.findall(one or "")) != set(_ABOUT.findall(other or ""))


def passed_on(one: str | None, other: str | None) -> bool:
    """Whether one of two titles says that it passes on what another body wrote, and the other does not."""
    return bool(_PASSED_ON.search(one or "")) != bool(_PASSED_ON.search(other or ""))


_MARK = re.compile(r"^\s*[【\[［（(](?:转发|转载)[】\]］）)]")  # a site's own; the paper that passes on says who does
_OWN_NUMBER = re.compile(
    r"[（(〔\[](?:[^（()）〔〕]{0,40}(?:[〔(（\[]\d{4}[〕)）\]])?)(?:\d{4}年)?第?\d{1,5}号[）)〕\]]"
)


def plain_titles(one: str | None, other: str | None) -> tuple[str, str]:
    """Two titles for comparing: without a site's 【转发】, and without a number in brackets that only one has."""
    titles = [_MARK.sub("", title or "") for title in (one, other)]
    numbered = [bool(_OWN_NUMBER.search(title)) for title in titles]
    if sum(numbered) == 1:
        titles = [_OWN_NUMBER.sub("", title) for title in titles]
    return titles[0], titles[1]


_BATCH = re.compile(r"第[\d〇零一二三四五六七八九十百]+[批期号次轮届辑]")


def other_numerals(one: str | None, other: str | None) -> bool:
    """Whether two titles name other years or numbers, or one a batch that the other does not. A title without any
    number contradicts none that has one: reprints shorten titles."""
    if set(_BATCH.findall(one or "")) != set(_BATCH.findall(other or "")):
        return True
    mine, theirs = Counter(_NUMERAL.findall(one or "")), Counter(_NUMERAL.findall(other or ""))
    return bool(mine - theirs) and bool(theirs - mine)
