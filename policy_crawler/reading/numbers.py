"""发文字号 (GB/T 9704-2012, 7.2.5): what is one, and whether it is the document's own or a citation."""

import re
import unicodedata
from itertools import pairwise

from policy_crawler.reading.issuers import is_organ
from policy_crawler.reading.text import squeezed

_OPEN, _CLOSE = r"[〔\[\(（【﹝〈［{｛]", r"[〕\]\)）】﹞〉］}｝]"
_DIGIT = r"[0-9０-９]"
_CN = r"[〇零○一二三四五六七八九十百千]"
_YEAR = rf"(?:[12１２]{_DIGIT}{{3}}|[一二][〇零○一二三四五六七八九]{{3}})"
_ORGAN = r"[\u4e00-\u9fff]"

# 国办发〔2022〕1号, 工信部联信管[2022]12号, 黑政调〔２０２０〕６号, 国办发明电〔2020〕14号, 第 is wrong but printed.
_CODED = rf"{_ORGAN}{{1,16}}{_OPEN}{_YEAR}年?{_CLOSE}第?{_DIGIT}{{1,5}}(?:[-—]{_DIGIT}{{1,3}})?号"
# 国务院令第743号, 主席令第七十四号, 省政府令第223号, 国令第707号
_ORDER = rf"(?:{_ORGAN}|、){{1,40}}?令[（(]?第?(?:{_DIGIT}+|{_CN}+)号"
# 财政部税务总局公告2020年第8号, 中国人民银行公告〔2022〕第3号, 公告2022年第10号
_NOTICE = rf"(?:{_ORGAN}|、){{0,40}}?(?:公告|通告){_OPEN}?{_YEAR}年?{_CLOSE}?第?(?:{_DIGIT}+|{_CN}+)号{_CLOSE}?"
# (2000)财税字第12号, 财税字〔1999〕第45号
_OLD = rf"{_OPEN}{_YEAR}{_CLOSE}{_ORGAN}{{1,8}}字第?(?:{_DIGIT}+|{_CN}+)号"

_ANY = re.compile(f"{_CODED}|{_OLD}|{_NOTICE}|{_ORDER}")
_CODED_ONLY = re.compile(f"{_CODED}|{_OLD}")
_WHOLE = re.compile(f"(?:{_CODED}|{_OLD}|{_NOTICE}|{_ORDER})")
_BARE_NOTICE = re.compile(
    rf"^{_YEAR}年第?{_DIGIT}{{1,4}}号$|^第{_DIGIT}{{1,5}}号$|^{_ORGAN}{{1,8}}第{_DIGIT}{{1,5}}号$"
)
_TITLE_END = re.compile(
    r"[（(〔\[]([^（(）)]{4,60}(?:[〔（(\[［][^〕）)\]］]{4,6}[〕）)\]］])?[^（(）)]{0,20}号)[）)〕\]]\s*$"
)
_ORDER_HEAD = re.compile(r"(?:令|公告|通告)$")
_ORDER_REST = re.compile(rf"(?:{_YEAR}年?)?第(?:{_DIGIT}+|{_CN}+)号")
_EMPTY = frozenset(
    {
        "",
        "无",
        "暂无",
        "-",
        "--",
        "—",
        "——",
        "/",
        "\\",
        "null",
        "NULL",
        "None",
        "空",
        "无文号",
        "没有",
        "0",
        "。",
        "无。",
        "*",
    }
)

# What stands before a number that is another document's.
_CITING = re.compile(
    r"(?:按照|依照|遵照|参照|根据|依据|参见|详见|执行|转发|贯彻|落实|以及|及|和|与|对|将|《|》|》[（(]|经|按|见|原|号、|号，)[^。；]{0,12}$"
)


def is_empty(value: str) -> bool:
    """True for the words a form prints where a field has no value."""
    return squeezed(value) in _EMPTY


def printed_number(value: str) -> str | None:
    """The number in a field that is meant for it, spaces removed; None for `无` and for what is no number."""
    text = squeezed(value)
    if is_empty(text) or len(text) > 80:
        return None
    if _WHOLE.fullmatch(text) or _BARE_NOTICE.match(text):
        return text
    match = _ANY.search(text)
    if match:
        return match[0]
    # A field may hold forms no pattern knows; a number it must have.
    return text if re.search(r"\d|[一二三四五六七八九十]号$", text) and len(text) <= 40 and "号" in text else None


def number_line(line: str) -> str | None:
    """The number when `line` is a number and nothing else (brackets around it allowed)."""
    text = squeezed(line) if "号" in line else ""
    if not 5 <= len(text) <= 60:
        return None
    text = text.removeprefix("文号：").removeprefix("发文字号：")
    for candidate in (text, text.strip("（）()")):
        if _WHOLE.fullmatch(candidate):
            return candidate
    return None


def order_in(head: list[str]) -> str | None:
    """The number of an order or announcement printed in two lines: 中华人民共和国国务院令 / 第707号."""
    for above, below in pairwise(head):
        organ, rest = squeezed(above), squeezed(below).strip("（）()")
        kind = _ORDER_HEAD.search(organ)
        if kind and is_organ(organ[: kind.start()]) and _ORDER_REST.fullmatch(rest):
            return organ + rest
    return None


def number_in_title(title: str) -> str | None:
    """The number in brackets at the end of a title: …信息公开表（浙金罚决字〔2024〕52号）."""
    match = _TITLE_END.search(squeezed(title))
    if match and _WHOLE.fullmatch(match[1]):
        return match[1]
    return None


def citations(text: str) -> list[tuple[str, int, int]]:
    """Every number in `text` with where it stands; the text is read as printed (spaces allowed inside)."""
    found = _CODED_ONLY.finditer(text) if "号" in text else ()
    return [(match[0], match.start(), match.end()) for match in found]


def is_citing(before: str) -> bool:
    """True when the words `before` a number mark it as another document's."""
    return bool(_CITING.search(before))


_PARTS = re.compile(
    rf"(?P<code>{_ORGAN}{{1,16}}){_OPEN}(?P<year>{_YEAR})年?{_CLOSE}第?0*(?P<serial>{_DIGIT}+(?:[-—]{_DIGIT}+)?)号"
)
_OLD_PARTS = re.compile(
    rf"{_OPEN}(?P<year>{_YEAR}){_CLOSE}(?P<code>{_ORGAN}{{1,8}}字)第?0*(?P<serial>{_DIGIT}+|{_CN}+)号"
)
_NOTICE_PARTS = re.compile(
    rf"(?P<code>.{{0,40}}?(?:公告|通告)){_OPEN}?(?P<year>{_YEAR})年?{_CLOSE}?第?0*(?P<serial>{_DIGIT}+|{_CN}+)号"
)
_ORDER_PARTS = re.compile(rf"(?P<code>.{{1,40}}?令)[（(]?第?0*(?P<serial>{_DIGIT}+|{_CN}+)号")
_FORMS = (
    (_PARTS, "{code}〔{year}〕{serial}号"),
    (_OLD_PARTS, "{code}〔{year}〕{serial}号"),
    (_NOTICE_PARTS, "{code}{year}年第{serial}号"),
    (_ORDER_PARTS, "{code}第{serial}号"),
)
_CN_DIGITS = str.maketrans("〇零○一二三四五六七八九", "000123456789")
_UNITS = {"十": 10, "百": 100, "千": 1000}


def normal_number(printed: str | None) -> str | None:
    """The one form of a number (GB/T 9704-2012): 国办发〔2022〕1号, 国务院令第743号, 财政部公告2020年第8号.

    Brackets, width, spaces, 第, zeros in front and Chinese numerals are made alike; a form nobody knows stays as it is.
    """
    if not printed:
        return None
    text = squeezed(unicodedata.normalize("NFKC", printed))
    for pattern, form in _FORMS:
        match = pattern.fullmatch(text.rstrip(")") if pattern is _NOTICE_PARTS else text)
        if match:
            parts = match.groupdict()
            kept = "{code}{year}年第{serial}号" if parts["code"].endswith(("公告", "通告")) else form
            year = (parts.get("year") or "").translate(_CN_DIGITS)
            return kept.format(code=parts["code"], year=year, serial=_serial(parts["serial"]))
    return text


def _serial(printed: str) -> str:
    """A serial in ASCII digits: 07 is 7, 七十四 is 74, 三五〇 is 350."""
    if not any(unit in printed for unit in _UNITS):
        return printed.translate(_CN_DIGITS).lstrip("0") or "0"
    total, digit = 0, 0
    for character in printed:
        if character in _UNITS:
            total += max(1, digit) * _UNITS[character]
            digit = 0
        else:
            digit = int(character.translate(_CN_DIGITS))
    return str(total + digit)
