"""References as a text makes them: 《…》 with its number, numbers alone, links to government, and their relation."""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from policy_crawler.reading.model import Block, Mention
from policy_crawler.reading.numbers import citations
from policy_crawler.reading.text import folded, shorten, squeezed

_TITLE = re.compile(r"《([^《》]{2,120}(?:《[^《》]{2,100}》[^《》]{0,60}){0,3})》")
_SENTENCE_END = re.compile(r"(?<=[。；！？\n])")
_NUMBER_AFTER = re.compile(r"^\s*[（(]([^（()）]{4,40}号)[，,、）)]")
_LEGAL = re.compile(
    r"(?:法|条例|规定|办法|细则|意见|通知|决定|方案|规划|计划|纲要|措施|公告|通告|目录|标准|规范|规则|规程|指南|要点|决议|批复|函|令|清单|准则|"
    r"章程|公报|制度|报告|导则|协定|公约|条约|议案|草案|征求意见稿|稿|修订|试行|暂行|版|本|年|政策|部署|行动|若干|解释)[）)〉>]*$"
)
_RELATIONS = (
    ("repeals", re.compile(r"废止|停止执行|停止施行|不再执行|宣布失效|予以失效|同时失效|取代|代替|替代")),
    ("amends", re.compile(r"修改|修订|修正|作如下修改|增加一条|替换为")),
    ("forwards", re.compile(r"转发|批转")),
    ("implements", re.compile(r"根据|依据|按照|依照|遵照|贯彻|落实|执行|为了?实施|细化")),
)
_INTERPRETED = re.compile(r"解读|答记者问|问答|图解|读懂")
_LONGEST = 500
_MOST = 400  # mentions a document: a list of repealed papers has hundreds, a page of noise more


def mentions_of(
    blocks: Sequence[Block],
    links: Sequence[tuple[str, str]],
    *,
    title: str | None,
    own_number: str | None,
    own_url: str,
    default: str,
) -> tuple[Mention, ...]:
    """Each document the text names, once a relation, in order of first naming.

    `default` is the relation when no trigger word stands in the sentence: `reports` for news, `interprets` for an
    interpretation's own subject, else `cites`. `links` are the body's (absolute URL, text).
    """
    found: dict[tuple[str, str], Mention] = {}
    urls = {folded(text.strip("《》")): url for url, text in links if text}
    own_title = folded((title or "").strip("《》"))
    for block in blocks:
        if "《" not in block.text and "号" not in block.text:
            continue
        for sentence in _SENTENCE_END.split(block.text):
            for mention in _in_sentence(sentence, urls, default):
                if own_number and mention.number and squeezed(mention.number) == squeezed(own_number):
                    continue
                if mention.title and own_title and folded(mention.title) == own_title:
                    continue
                key = (mention.relation, folded(mention.title or "") or folded(mention.number or ""))
                known = found.get(key)
                if known is None or (known.number is None and mention.number) or (known.url is None and mention.url):
                    found[key] = _joined(known, mention)
                if len(found) >= _MOST:
                    return tuple(found.values())
    _add_links(found, links, own_url, default)
    return tuple(found.values())


def _joined(known: Mention | None, mention: Mention) -> Mention:
    if known is None:
        return mention
    return Mention(
        known.relation, known.title, known.number or mention.number, known.url or mention.url, known.sentence
    )


def _in_sentence(sentence: str, urls: dict[str, str], default: str) -> list[Mention]:
    text = sentence.strip()
    if not text:
        return []
    relation = _relation(text, default)
    quoted = shorten(text, _LONGEST)
    found: list[Mention] = []
    taken: list[tuple[int, int]] = []
    numbers = citations(text)
    for match in _TITLE.finditer(text):
        name = match[1].strip()
        after = _NUMBER_AFTER.match(text[match.end() : match.end() + 60])
        number = None
        if after:
            inside = citations(squeezed(after[1]))
            number = inside[0][0] if inside else None
        else:
            before = next((item for item in numbers if item[2] == match.start()), None)
            number = before[0] if before else None
            if before:
                taken.append((before[1], before[2]))
        url = urls.get(folded(name)) or next(
            (found_url for key, found_url in urls.items() if key and len(key) > 6 and key in folded(name)), None
        )
        if not number and not url and not _LEGAL.search(name):
            continue
        found.append(Mention(relation, name, _own_part(number) if number else None, url, quoted))
        taken.append((match.start(), match.end() + (after.end() if after else 0)))
    for number, start, end in numbers:
        if not any(begin <= start < stop for begin, stop in taken):
            found.append(Mention(relation, None, _own_part(number), None, quoted))
            taken.append((start, end))
    return found


# Words that run into a number and are none of its code; 经, 对 and the like stand inside codes (国经贸, 外经贸发).
_LEAD_IN = re.compile(
    r"^.*?(?:按照|依照|遵照|参照|根据|依据|参见|详见|执行|转发|贯彻|落实|以及|关于|通知|的|和|与|及|将|原|见|按)(?=[\u4e00-\u9fff]{2,}[〔\[(（【])"
)


def _own_part(number: str) -> str:
    """A number without the words that run into it: `请按照国办发〔2020〕1号` is 国办发〔2020〕1号."""
    shorter = _LEAD_IN.sub("", number)
    return shorter if re.match(r"[\u4e00-\u9fff]", shorter) else number


def _relation(sentence: str, default: str) -> str:
    for relation, trigger in _RELATIONS:
        if trigger.search(sentence):
            if relation == "implements" and default in {"reports", "interprets"}:
                continue
            return relation
    return default


def _add_links(
    found: dict[tuple[str, str], Mention], links: Sequence[tuple[str, str]], own_url: str, default: str
) -> None:
    """Links in the body to pages of government that no 《…》 carried."""
    known = {mention.url for mention in found.values()}
    for url, text in links:
        if url in known or url == own_url or not is_government(url):
            continue
        path = urlsplit(url).path
        if path in {"", "/"} or path.rsplit("/", 1)[-1] in {"index.html", "index.htm", "index.shtml"}:
            continue
        known.add(url)
        name = text.strip("《》 ") or None
        found[default, url] = Mention(default, name, None, url, shorten(text or url, _LONGEST))


def is_government(url: str) -> bool:
    """True for addresses under gov.cn and those of the organs that publish law elsewhere."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    return host == "gov.cn" or host.endswith((".gov.cn", ".npc.gov.cn", ".court.gov.cn"))
