"""Why a reading says what it says: the order in which sources are believed, field by field."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from policy_crawler.reading.model import Evidence, Reading

# The rule that chooses, a field: sources from the most trusted to the least.
RULES: Final[dict[str, str]] = {
    "title": (
        "the official tag ArticleTitle; the disclosure table where it is longer; the mark of the CMS; a heading that "
        "<title> repeats; og:title; structured data; the only h1; <title> confirmed by the page; the line above the "
        "date"
    ),
    "published": (
        "front matter; the disclosure table; a labelled line above the text; the CMS's mark; meta tags; "
        "structured data; a date under the title; a label in or behind the text; the address"
    ),
    "issuer": (
        "the disclosure table, 发文 and 制定 before 责任部门; the organs the title begins with; a labelled line; 来源; "
        "the signature. On a medium's page: 来源, the name beside the date, the publisher"
    ),
    "issuers": "the printed issuer, parted; where there is none, the code of the document number (机关代字)",
    "doc_number": (
        "the disclosure table; a labelled line; brackets at the end of the title; a line of its own at the head of the "
        "text; two lines of an order; a line above the text. A number in a sentence is a citation"
    ),
    "index_number": "the disclosure table, then labelled lines",
    "topic": "the disclosure table, then labelled lines",
    "kind": "the disclosure table, then the last word of the title",
    "validity": "as the disclosure table or a labelled line states it",
    "written": "the disclosure table, then the date under the signature, then a date at the end",
    "effective": "the disclosure table, then the closing words (自…起施行), then the day of publication (自公布之日起)",
    "expires": "the disclosure table, then 有效期至, then the day of force and the term (有效期5年)",
    "deadline": "the page's hidden moment, then the text's words, then what stands around it",
    "author": "front matter; the mark; a labelled line; structured data; on a medium's page the tag",
    "body": "ContentStart and ContentEnd; the family's container; the densest prose behind the title",
}


@dataclass(frozen=True, slots=True)
class Why:
    """One field: its value and evidence, the rule that chose it, and what other sources said."""

    field: str
    value: str | date | datetime
    evidence: Evidence
    rule: str
    alternatives: tuple[tuple[str | date | datetime, Evidence], ...]


def explain(reading: Reading) -> tuple[Why, ...]:
    """Every field of `reading` that has evidence, in the order of RULES."""
    found = []
    for name, rule in RULES.items():
        evidence = reading.evidence.get(name)
        value = reading.body if name == "body" else getattr(reading, name)
        if evidence is None or value is None:
            continue
        shown = "、".join(value) if isinstance(value, tuple) else value
        found.append(Why(name, shown, evidence, rule, reading.alternatives.get(name, ())))
    return tuple(found)
