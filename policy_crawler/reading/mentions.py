"""References as a text makes them: 《…》 with its number, numbers alone, links to government, and their relation."""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from policy_crawler.reading.model import Block, Mention
from policy_crawler.reading.numbers import citations
from policy_crawler.reading.text import folded, shorten, squeezed

_TITLE = re.compile(r"《([^《》]{2,120}(?:《[^《》]{2,100}》[^《》]{0,60}){0,3})》")
_SENTENCE_END = re.compile(r"(?<=[。；！？\n])")
_NUMBER_BEHIND = re.compile(r"\s*[（(]([^（()）]{4,40}号)[，,、）)]")
# A book, a play or a contract is none of ours: the last word of a title must be one of rules or papers.
_LEGAL = re.compile(
    r"(?:法|条例|规定|办法|细则|意见|通知|决定|方案|规划|计划|纲要|措施|公告|通告|目录|标准|规范|规则|规程|指南|要点|决议|批复|函|令|清单|"
    r"准则|章程|公报|制度|报告|导则|协定|公约|条约|议案|草案|稿|修订|试行|暂行|版|政策|部署|行动|若干|解释)[）)〉>]*$"
)
# Words that run into a number and are none of its code; 经, 对 and the like stand inside codes (国经贸, 外经贸发).
_LEAD_IN = re.compile(
    r"^.*?(?:按照|依照|遵照|参照|根据|依据|参见|详见|执行|转发|贯彻|落实|以及|关于|通知|的|和|与|及|将|原|见|按)"
    r"(?=[\u4e00-\u9fff]{2,}[〔\[(（【])"
)
_REPEAL = re.compile(r"废止|停止执行|停止施行|不再执行|宣布失效|予以失效|同时失效|取代|代替|替代")
_AMEND = re.compile(r"修改|修订|修正|增加一条|替换为|删除|删去")
_FORWARD = re.compile(r"转发|批转")
_IMPLEMENT = re.compile(r"根据|依据|贯彻|落实|为了?实施|细化")
_LISTED = re.compile(r"^(?:\s*[（(][^（()）]{0,60}[）)])?[、，,和及与以\s]{1,4}(?:原)?$")
_FAR = 60  # characters around a title in which its trigger stands
_LONGEST = 500
_MOST = 400  # mentions a document: a list of repealed papers has hundreds; more is noise


def mentions_of(
    blocks: Sequence[Block],
    links: Sequence[tuple[str, str]],
    *,
    title: str | None,
    own_number: str | None,
    own_url: str,
    default: str,
    related: Sequence[tuple[str, str]] = (),
) -> tuple[Mention, ...]:
    """Each document the text names, once a relation, in order of first naming.

    `default` is the relation where no trigger word stands by: reports for news, interprets for an interpretation,
    drafts for a consultation, else cites. `links` are the body's (absolute URL, text); `related` those that a page
    gives beside an interpretation, which lead to what it interprets.
    """
    found = _Found(title, own_number)
    addresses = {folded(text.strip("《》")): url for url, text in (*links, *related) if text}
    if default in {"interprets", "reports"} and title:
        _add_all(found, title, addresses, default)
    for block in blocks:
        if "《" not in block.text and "号" not in block.text:
            continue
        for sentence in _SENTENCE_END.split(block.text):
            _add_all(found, sentence, addresses, default)
        if len(found.mentions) >= _MOST:
            break
    known = {mention.url for mention in found.mentions.values()}
    for url, text in (*related, *(link for link in links if is_government_page(link[0]))):
        if url not in known and url != own_url:
            found.add(Mention(default, text.strip("《》 ") or None, None, url, shorten(text or url, _LONGEST)))
    return tuple(found.mentions.values())[:_MOST]


class _Found:
    """The mentions so far, one a relation and document; the document's own title and number are none."""

    def __init__(self, title: str | None, own_number: str | None) -> None:
        self.mentions: dict[tuple[str, str], Mention] = {}
        self._title = folded((title or "").strip("《》"))
        self._number = squeezed(own_number or "")

    def add(self, mention: Mention) -> None:
        name = folded(mention.title or "")
        if self._number and mention.number and squeezed(mention.number) == self._number:
            return
        # A 通知 that issues 《办法》 carries it: that is the paper itself, whatever it amends or repeals.
        if name and self._title and mention.relation in {"cites", "implements"} and name in self._title:
            return
        key = (mention.relation, name or folded(mention.number or "") or mention.url or "")
        known = self.mentions.get(key)
        if known is None:
            self.mentions[key] = mention
        elif (known.number is None and mention.number) or (known.url is None and mention.url):
            number, url = known.number or mention.number, known.url or mention.url
            self.mentions[key] = Mention(known.relation, known.title, number, url, known.sentence)


def _add_all(found: _Found, sentence: str, addresses: dict[str, str], default: str) -> None:
    text = sentence.strip()
    for mention in _in_sentence(text, addresses, default) if text else ():
        found.add(mention)


def _in_sentence(text: str, addresses: dict[str, str], default: str) -> Iterator[Mention]:
    quoted = shorten(text, _LONGEST)
    numbers = citations(text)
    titles = list(_TITLE.finditer(text))
    taken: list[tuple[int, int]] = []
    for place, match in enumerate(titles):
        number, start, end = _number_of(text, match, numbers)
        taken.append((start, end))
        name = match[1].strip()
        url = _address(name, addresses)
        if number or url or _LEGAL.search(name):
            yield Mention(_relation(text, titles, place, default), name, number, url, quoted)
    for number, start, end in numbers:
        if not any(begin <= start < stop for begin, stop in taken):
            before, behind = text[max(0, start - _FAR) : start], text[end : end + _FAR]
            yield Mention(_by_words(f"{before}{number}", behind, default), None, _own_part(number), None, quoted)


def _number_of(text: str, match: re.Match[str], numbers: list[tuple[str, int, int]]) -> tuple[str | None, int, int]:
    """The number printed in brackets behind a title or right before it, and the places the two take up."""
    behind = _NUMBER_BEHIND.match(text, match.end())
    if behind:
        inside = citations(squeezed(behind[1]))
        if inside:
            return _own_part(inside[0][0]), match.start(), behind.end()
    for number, start, end in numbers:
        if end == match.start():
            return _own_part(number), start, match.end()
    return None, match.start(), match.end()


def _own_part(number: str) -> str:
    """A number without the words that run into it: `请按照国办发〔2020〕1号` is 国办发〔2020〕1号."""
    return _LEAD_IN.sub("", number)


def _address(name: str, addresses: dict[str, str]) -> str | None:
    key = folded(name)
    return addresses.get(key) or next(
        (url for text, url in addresses.items() if len(text) > 6 and (text in key or key in text)), None
    )


def _relation(text: str, titles: list[re.Match[str]], place: int, default: str) -> str:
    """The relation of one title by the words before and behind it; titles of one list share them."""
    first = last = place
    while first > 0 and _LISTED.match(text[titles[first - 1].end() : titles[first].start()]):
        first -= 1
    while last + 1 < len(titles) and _LISTED.match(text[titles[last].end() : titles[last + 1].start()]):
        last += 1
    begin = titles[first - 1].end() if first else 0
    end = titles[last + 1].start() if last + 1 < len(titles) else len(text)
    return _by_words(
        text[max(begin, titles[first].start() - _FAR) : titles[first].start()],
        text[titles[last].end() : min(end, titles[last].end() + _FAR)],
        default,
    )


def _by_words(before: str, behind: str, default: str) -> str:
    if _REPEAL.search(behind) or re.search(r"(?:废止|取代|代替|替代)[^，。]{0,6}$", before):
        return "repeals"
    if _AMEND.search(behind) or re.search(r"(?:修改|修订|修正)[^，。]{0,6}$", before):
        return "amends"
    if _FORWARD.search(before) or re.search(r"^[^，。]{0,12}(?:转发|批转)", behind):
        return "forwards"
    if default in {"cites", "drafts"} and _IMPLEMENT.search(before):
        return "implements"
    return "cites" if default == "drafts" else default


def is_government_page(url: str) -> bool:
    """True for a page (no home page or index) under gov.cn, where ministries, courts and congresses publish."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    host = parts.hostname or ""
    last = parts.path.rsplit("/", 1)[-1]
    return (host == "gov.cn" or host.endswith(".gov.cn")) and last not in {"", "index.html", "index.htm", "index.shtml"}
