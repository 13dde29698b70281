"""References as a text makes them: 《…》 with its number, numbers alone, links to government, and their relation."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from urllib.parse import urlsplit

from policy_crawler.reading.model import Block, Mention
from policy_crawler.reading.numbers import citations, normal_number, number_line
from policy_crawler.reading.relations import is_repeal, opens_list_of_repealed, relation_of, spread
from policy_crawler.reading.shortnames import short_names
from policy_crawler.reading.text import folded, shorten, squeezed

_TITLE = re.compile(r"《([^《》]{2,120}(?:《[^《》]{2,100}》[^《》]{0,60}){0,3})》")
_SENTENCE_END = re.compile(r"(?<=[。；！？\n])")
_BRACKET_BEHIND = re.compile(r"\s*[（(]((?:[^（()）]|[（(][^（()）]{2,12}[）)]){3,60}?号)[，,、）)]")
# A book, a play or a contract is none of ours: the last word of a title, brackets aside, is one of rules or papers.
_LEGAL = re.compile(
    r"(?:法|条例|规定|办法|细则|意见|通知|决定|方案|规划|计划|纲要|措施|公告|通告|通报|目录|标准|规范|规则|规程|指南|指引|要点|决议|批复|函|令|"
    r"清单|准则|章程|公报|制度|报告|导则|协定|公约|条约|议案|草案|征求意见稿|送审稿|政策|部署|行动|若干|解释|纪要|说明|安排|定额|要求|大纲|"
    r"事项|预案|名录|声明|倡议|白皮书|建议|试行|暂行|修订|工作)$"
)
_BRACKETS = re.compile(r"\s*[（(〔\[][^（()）〔〕\[\]]{1,30}[）)〕\]]\s*$")
_BARE = re.compile(
    r"^(?:本)?(?:条例|规定|办法|细则|意见|通知|决定|方案|规划|计划|纲要|措施|公告|通告|目录|标准|规范|规则|规程|指南|要点|批复|函|清单|"
    r"章程|制度|报告|导则|征求意见稿|解释|实施意见|实施细则|实施方案|管理办法|若干措施|若干意见|指导意见|行动计划|工作方案)$"
)
# Parts of one 《…、…》: each is a title of its own when all are built alike and none is a piece of a longer one.
_PARTS_FULL = re.compile(r"、(?=关于|中华人民共和国|[^、]{2,20}关于)")
_PART_PLAIN = re.compile(r"^[^、的]{2,40}(?:法|条例|办法|细则|规定|规则)$")
# Words that run into a number and are none of its code; 经, 对 and the like stand inside codes (国经贸, 外经贸发).
_LEAD_IN = re.compile(
    r"^.*?(?:按照|依照|遵照|参照|根据|依据|参见|详见|执行|转发|贯彻|落实|以及|关于|通知|的|和|与|及|将|原|见|按)"
    r"(?=[\u4e00-\u9fff]{2,}[〔\[(（【])"
)
_ATTACHED = re.compile(r"附\s*(?:件|表|录)\s*\d{0,2}\s*[:：.．]?\s*\d{0,2}\s*[.．、]?\s*$")
_NUMBERED = re.compile(r"^\s*(?:\d{1,3}\s*[.．、]|[（(]\d{1,3}[）)]|[（(]?[一二三四五六七八九十]{1,3}[）)、])?\s*《")
_EARLY = 300  # characters at the top in which an interpretation names what it explains
_AROUND = 60  # characters around a number in which its trigger stands
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
    gives beside an interpretation, which lead to what it interprets. Names of attachments are none.
    """
    addresses = {folded(text.strip("《》")): url for url, text in (*links, *related) if text}
    shorts = short_names("\n".join(block.text for block in blocks if "称" in block.text))
    found = _Found(title, own_number, addresses, shorts, default)
    if default != "cites" and title:
        found.add_all(title, early=True)
    _walk(found, blocks, title)
    known = {mention.url for mention in found.mentions.values()}
    for url, text in (
        *related,
        *(link for link in links if "gov.cn" in link[0].lower() and is_government_page(link[0])),
    ):
        if url not in known and url != own_url:
            found.add(Mention(default, text.strip("《》 ") or None, None, url, shorten(text or url, _LONGEST)))
    return tuple(found.mentions.values())[:_MOST]


def _walk(found: "_Found", blocks: Sequence[Block], title: str | None) -> None:
    """Every sentence in order; a list under 下列文件予以废止： is of repealed papers, one under 附件： of files."""
    repealing, attached, length = is_repeal(title), False, 0
    listing = False
    for block in blocks:
        text = block.text
        if block.role == "attachment":
            attached = True
            continue
        if attached and _NUMBERED.match(text):
            continue
        attached = False
        if block.role == "table":
            if listing or repealing:
                found.add_rows(text)
                continue
        elif listing and not (_NUMBERED.match(text) or block.role in {"item", "heading"}):
            listing = False
        if "《" in text or "号" in text:
            for sentence in _SENTENCE_END.split(text):
                found.add_all(sentence, early=length < _EARLY, listed=listing)
        length += len(text)
        listing = listing or opens_list_of_repealed(text) or (repealing and block.role == "attachment")
        if len(found.mentions) >= _MOST:
            break


class _Found:
    """The mentions so far, one a relation and document; the document's own title and number are none."""

    def __init__(
        self,
        title: str | None,
        own_number: str | None,
        addresses: dict[str, str],
        shorts: dict[str, str | None],
        default: str,
    ) -> None:
        self.mentions: dict[tuple[str, str], Mention] = {}
        self._title = folded((title or "").strip("《》"))
        self._number = normal_number(own_number) or ""
        self._addresses = addresses
        self._shorts = shorts
        self._default = default

    def add(self, mention: Mention) -> None:
        name = folded(mention.title or "")
        if self._number and mention.number == self._number:
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

    def add_all(self, sentence: str, *, early: bool, listed: bool = False) -> None:
        """The documents one sentence names; `listed`: it stands in a list of repealed ones."""
        text = sentence.strip()
        if "《" in text or "号" in text:
            for mention in self._in_sentence(text, early=early, listed=listed):
                self.add(mention)

    def add_rows(self, table: str) -> None:
        """The documents in the rows of a table of repealed ones: a cell names each, its number stands beside."""
        for row in table.split("\n"):
            cells = [cell.strip() for cell in row.split("\t")]
            number = next((whole for cell in cells if (whole := number_line(cell))), None)
            names = [cell.strip("《》") for cell in cells if len(cell) >= 6 and is_title(cell.strip("《》"))]
            if names or number:
                name = names[0] if names else None
                self.add(Mention("repeals", name, normal_number(number), None, shorten(" ".join(cells), _LONGEST)))

    def _in_sentence(self, text: str, *, early: bool, listed: bool) -> Iterator[Mention]:
        quoted = shorten(text, _LONGEST)
        numbers = citations(text)[:_MOST]
        titles = list(islice(_TITLE.finditer(text), _MOST))
        taken: list[tuple[int, int]] = []
        for place, match in enumerate(titles):
            number, start, end = _number_of(text, match, numbers)
            taken.append((start, end))
            before, behind = spread(text, titles, place)
            if _ATTACHED.search(before):
                continue
            for printed in split_titles(match[1].strip()):
                name = self._shorts.get(printed, printed)
                if name is None or (name == printed and _BARE.match(name)):
                    continue  # the paper's own short name, or one that nothing explains
                url = self._address(name)
                if number or url or is_title(name):
                    relation = "repeals" if listed else relation_of(before, behind, name, self._default, early=early)
                    yield Mention(relation, name, number, url, quoted)
        for number, start, end in numbers:
            if not any(begin <= start < stop for begin, stop in taken):
                before, behind = text[max(0, start - _AROUND) : start], text[end : end + _AROUND]
                relation = relation_of(f"{before}{number}", behind, "", self._default, early=early)
                yield Mention("repeals" if listed else relation, None, _own_part(number), None, quoted)

    def _address(self, name: str) -> str | None:
        key = folded(name)
        return self._addresses.get(key) or next(
            (url for text, url in self._addresses.items() if len(text) > 6 and (text in key or key in text)), None
        )


def is_title(name: str) -> bool:
    """True for the title of a rule or a paper: its last word, brackets aside, says so."""
    for _ in range(3):
        shorter = _BRACKETS.sub("", name)
        if shorter == name:
            break
        if re.search(r"稿|草案|试行|暂行|修订|修正|\d年(?:版|本)", name[len(shorter) :]):
            return True
        name = shorter
    return bool(_LEGAL.search(name.rstrip("》〉")))


def split_titles(name: str) -> list[str]:
    """The titles in one 《…》: 《甲法、乙法》 names two; 《关于规划、方案的通知》 names one."""
    parts = _PARTS_FULL.split(name)
    if len(parts) > 1 and all("关于" in part or part.startswith("中华人民共和国") for part in parts):
        return [part.strip("〈〉 ") for part in parts]
    plain = name.split("、")
    return plain if len(plain) > 1 and all(map(_PART_PLAIN.match, plain)) and "关于" not in name else [name]


def _number_of(text: str, match: re.Match[str], numbers: list[tuple[str, int, int]]) -> tuple[str | None, int, int]:
    """The number printed in brackets behind a title or right before it, and the places the two take up."""
    behind = _BRACKET_BEHIND.match(text, match.end())
    if behind:
        inside = citations(squeezed(behind[1]))
        printed = inside[0][0] if inside else number_line(behind[1])
        if printed:
            return _own_part(printed), match.start(), behind.end()
    for number, start, end in numbers:
        if end == match.start():
            return _own_part(number), start, match.end()
    return None, match.start(), match.end()


def _own_part(number: str) -> str | None:
    """A number in its normal form, without words that run into it: `请按照国办发〔2020〕1号` is 国办发〔2020〕1号."""
    return normal_number(_LEAD_IN.sub("", number))


def is_government_page(url: str) -> bool:
    """True for a page (no home page or index) under gov.cn, where ministries, courts and congresses publish."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    host = parts.hostname or ""
    last = parts.path.rsplit("/", 1)[-1]
    return (host == "gov.cn" or host.endswith(".gov.cn")) and last not in {"", "index.html", "index.htm", "index.shtml"}
