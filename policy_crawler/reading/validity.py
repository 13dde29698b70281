"""Whether a document is in force, by what its own page says. Whether a later one repeals it, the archive knows."""

import re
from datetime import date
from enum import StrEnum

from policy_crawler.reading.model import DocumentType, Reading
from policy_crawler.reading.text import squeezed


class Validity(StrEnum):
    """时效, in one vocabulary for what sites print in many (现行有效, 全文废止, 尚未生效 …)."""

    EFFECTIVE = "effective"
    AMENDED = "amended"
    PARTLY_REPEALED = "partly_repealed"
    REPEALED = "repealed"
    EXPIRED = "expired"
    PENDING = "pending"
    DRAFT = "draft"
    UNKNOWN = "unknown"


# Most telling words first: 部分失效 holds 失效, 尚未生效 holds 生效, 无效 holds 效.
_STATED = (
    (Validity.PENDING, re.compile(r"尚未(?:生效|施行|实施)|未生效|待生效")),
    (Validity.PARTLY_REPEALED, re.compile(r"部分(?:条款)?(?:失效|废止|有效)|条款失效")),
    (Validity.EXPIRED, re.compile(r"(?:已)?过期|到期失效|有效期届满")),
    (Validity.REPEALED, re.compile(r"废止|失效|无效|撤销|停止执行|^否$")),
    (Validity.AMENDED, re.compile(r"(?:已被?|全文)?(?:修改|修订|修正)")),
    (Validity.DRAFT, re.compile(r"草案|征求意见")),
    (Validity.EFFECTIVE, re.compile(r"有效|^是$|生效|施行|继续执行")),
)
_DRAFT = re.compile(r"征求意见稿|送审稿|[（(]草案|草案[）)]?$|公开征求")


def stated_validity(printed: str | None) -> Validity | None:
    """What a page's word for 有效性 means; None for no word and for one nobody knows."""
    text = squeezed(printed or "")
    return next((validity for validity, words in _STATED if words.search(text)), None) if text else None


def validity_of(reading: Reading, today: date) -> tuple[Validity, str]:
    """The validity on the day `today` and why: a draft, its dates, the page's own word; UNKNOWN without any of them.

    Dates go before the word: a page printed 有效 on the day it was made, and nobody renewed it.
    """
    if reading.type is DocumentType.CONSULTATION or _DRAFT.search(squeezed(reading.title or "")):
        return Validity.DRAFT, "the title or the call for comments says that it is a draft"
    stated, said = stated_validity(reading.validity), f"the page says {reading.validity}"
    if stated in {Validity.REPEALED, Validity.EXPIRED}:
        return stated, said
    dated = _by_dates(reading, today)
    if dated and (dated[0] is not Validity.EFFECTIVE or stated in {None, Validity.PENDING}):
        return dated
    return (stated, said) if stated else (Validity.UNKNOWN, "the page names no day of force and no validity")


def _by_dates(reading: Reading, today: date) -> tuple[Validity, str] | None:
    if reading.expires and reading.expires < today:
        return Validity.EXPIRED, f"its term ended on {reading.expires}{_of(reading, 'expires')}"
    if reading.effective is None:
        return None
    if reading.effective > today:
        return Validity.PENDING, f"comes into force on {reading.effective}{_of(reading, 'effective')}"
    until = f"until {reading.expires}" if reading.expires else "without an end"
    return Validity.EFFECTIVE, f"in force since {reading.effective}{_of(reading, 'effective')}, {until}"


def _of(reading: Reading, field: str) -> str:
    evidence = reading.evidence.get(field)
    return f" ({evidence.source})" if evidence else ""
