"""Masks numbers that belong to persons before a text enters the archive's tables and its index. Pure.

What is masked, and why nothing else:

- Identity-card numbers (GB 11643-1999): 18 characters with a province's code, a day of birth and a right check
  character; one number in eleven would pass the check by chance, hardly any the day and the code too. A unified social
  credit code (GB 32100-2015) belongs to an organisation and stays, as whatever its label calls a code of one.
- Mobile numbers (1[3-9] and nine digits), also with +86 and in groups. Landlines, 12345 and 400 numbers never look so.
  One that its label gives as an office's line (咨询电话, 举报电话, 值班电话 …) stays: it is published to be called.
- Bank cards: 16 to 19 digits of a card scheme with a right check digit (Luhn, ISO/IEC 7812-1). Accounts that stand
  beside an organisation's name as holder (户名：某某局) stay, and so do other long numbers: they identify no person.

A masked number keeps its first three characters and its length, so that every place in a text stays where it was; the
original is in the WARC file alone.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any, Final

from storage.records import FileRecord, ReadingRecord

VERSION = "m1"  # part of the extractor's version: a text masked by other rules is another reading, and no change
KEPT = 3  # characters that stay, enough to tell which kind of number it was
MASK = "*"
LABEL = 14  # characters before a number in which its label stands
HOLDER = 60  # characters before an account in which its holder is named

_PLAIN = str.maketrans("０１２３４５６７８９Ｘｘ－＋　\u00a0", "0123456789Xx-+  ")  # one for one: places stay
_PROVINCES: Final = frozenset(
    str(code)
    for codes in (
        range(11, 16),
        range(21, 24),
        range(31, 38),
        range(41, 47),
        range(50, 55),
        range(61, 66),
        (71, 81, 82, 83),
    )
    for code in codes
)  # GB/T 2260; 81 to 83: residents from Hong Kong, Macao and Taiwan
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"

_IDENTITY = re.compile(r"(?<![0-9A-Za-z.])\d{6}[ -]?\d{8}[ -]?\d{3}[0-9Xx](?![0-9A-Za-z])")
_MOBILE = re.compile(r"(?<![0-9A-Za-z.])(?:(?:\+|00)?86[ -]?)?1[3-9]\d(?:\d{8}|[ -]\d{4}[ -]\d{4})(?![0-9A-Za-z]|\.\d)")
_CARD = re.compile(
    r"(?<![0-9A-Za-z.])(?=62|60|68|9558|4|5[1-5]|35)"
    r"(?:\d{16,19}|\d{4} \d{4} \d{4} \d{4}(?: \d{1,3})?)(?![0-9A-Za-z]|\.\d)"
)
_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"'，。；、）》]+", re.IGNORECASE)
_MONEY = re.compile(r"\s?[十百千万亿]*(?:元|美元|吨|千瓦|平方米|股)")
_CODE_LABEL = re.compile(
    r"(?:信用代码|机构代码|注册号|登记号|统一代码|项目代码|项目编号|许可证号|索引号|文号|批准文号|备案号)\W{0,4}$"
)
_OFFICE_LABEL = re.compile(
    r"(?:咨询|监督|举报|投诉|值班|办公|服务|受理|报名|报送|客服|热线|应急|传真|联络)(?:电话|热线|手机|专线|号码)?\W{0,3}"
    r"(?:(?:\d{3,4}-)?\d{7,12}\W{1,3}){0,3}$"
)
_HOLDER = re.compile(
    r"(?:户\s*名|账户名称|账户名|收款单位|收款人|单位名称|开户单位|名\s*称)\W{0,3}[^，。；\n]{0,40}?"
    r"(?:局|委|部|厅|公司|中心|院|会|所|处|社|学校|大学|医院|银行|财政|政府|基金|协会|集团)"
)


def mask(text: str) -> str:
    """`text` with the numbers of persons masked; as long as it was."""
    if sum(map(text.count, "0123456789０１２３４５６７８９")) < 11:  # the shortest number has eleven
        return text
    plain = text.translate(_PLAIN)
    urls = [match.span() for match in _URL.finditer(plain)]
    marked: list[tuple[int, int]] = []
    for pattern, is_personal in _RULES:
        for match in pattern.finditer(plain):
            start, end = match.span()
            inside = any(begin < end and start < stop for begin, stop in (*urls, *marked))
            if not inside and is_personal(plain, start, match[0]):
                marked.append((start, end))
    for start, end in marked:
        text = text[:start] + _masked(text[start:end]) + text[end:]
    return text


def _masked(number: str) -> str:
    """The number with its separators, without its digits after the first."""
    shown, out = 0, []
    for character in number:
        if not character.isalnum():
            out.append(character)
            continue
        shown += 1
        out.append(character if shown <= KEPT else MASK)
    return "".join(out)


def _is_identity(text: str, start: int, found: str) -> bool:
    number = re.sub(r"[ -]", "", found).upper()
    if number[:2] not in _PROVINCES or _CODE_LABEL.search(text, max(0, start - LABEL), start):
        return False
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _WEIGHTS, strict=True))
    return born.year >= 1900 and born.year < 2100 and _CHECKS[total % 11] == number[17]


def _is_mobile(text: str, start: int, found: str) -> bool:
    before = text[max(0, start - LABEL - 12) : start]
    if _CODE_LABEL.search(before) or _OFFICE_LABEL.search(before) or before.rstrip()[-1:] in {"¥", "￥", "$"}:
        return False
    return _MONEY.match(text, start + len(found)) is None


def _is_card(text: str, start: int, found: str) -> bool:
    number = found.replace(" ", "")
    if _CODE_LABEL.search(text, max(0, start - LABEL), start):
        return False
    if _HOLDER.search(text, max(0, start - HOLDER), start) or _MONEY.match(text, start + len(found)):
        return False
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


_RULES: Final[tuple[tuple[re.Pattern[str], Callable[[str, int, str], bool]], ...]] = (
    (_IDENTITY, _is_identity),
    (_CARD, _is_card),
    (_MOBILE, _is_mobile),
)


def mask_reading(record: ReadingRecord) -> ReadingRecord:
    """A reading whose texts for people carry no person's number. Numbers of documents are fields of their own."""
    return replace(
        record,
        extractor_version=masked_version(record.extractor_version),
        title=_maybe(record.title),
        author=_maybe(record.author),
        reprinted_from=_maybe(record.reprinted_from),
        blocks=tuple((role, mask(text)) for role, text in record.blocks),
        attachments=tuple((href, url, mask(name), type_) for href, url, name, type_ in record.attachments),
        mentions=tuple(
            (relation, _maybe(title), number, url, mask(sentence))
            for relation, title, number, url, sentence in record.mentions
        ),
        evidence=_deep(record.evidence),
        alternatives={
            name: tuple((mask(value), source, sure) for value, source, sure in others)
            for name, others in record.alternatives.items()
        },
    )


def mask_file(record: FileRecord) -> FileRecord:
    """A file's record whose text carries no person's number; where its pages begin stays as it was."""
    return replace(
        record,
        extractor_version=masked_version(record.extractor_version),
        text=mask(record.text),
        recognised=tuple((mask(words), sure) for words, sure in record.recognised),
    )


def masked_version(extractor_version: str) -> str:
    """The version of an extractor whose texts are masked."""
    return f"{extractor_version}-{VERSION}"


def _maybe(text: str | None) -> str | None:
    return None if text is None else mask(text)


def _deep(value: Any) -> Any:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, list | tuple):
        return [_deep(item) for item in value]
    if isinstance(value, dict):
        return {key: _deep(item) for key, item in value.items()}
    return value
