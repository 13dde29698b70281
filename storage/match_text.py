"""What a query sees of a document: its texts and the forms that its fields are found by. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from storage import tokens
from storage.identity import issuer_key, number_key
from storage.organs import full_name


@dataclass(frozen=True)
class MatchText:
    """What a query can say of one document. Canonical forms are made once, on first use."""

    title: str | None
    number: str | None
    issuer: str | None
    body: str
    type: str
    issuers: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    attachments: str = ""  # the texts of its files
    organs: tuple[str, ...] = ()  # the one name of each issuer, lead first
    number_normal: str | None = None
    validity: str = "unknown"  # its state, as last judged
    kind: str | None = None  # 文种: 通知, 意见, …
    topic: str | None = None  # 主题分类
    cited: tuple[tuple[str | None, str | None], ...] = ()  # (title, number) of each document that it refers to
    dates: Mapping[str, date | None] = field(default_factory=dict)  # published, effective, written, deadline
    regions: tuple[str, ...] = ()  # of its sources: 广东/深圳
    levels: tuple[str, ...] = ()  # of its sources: central, province, city, district, news
    changes: tuple[str, ...] = ()  # clauses that an event says changed, as they are and as they were

    @cached_property
    def places(self) -> tuple[tuple[str, str], ...]:
        """(place, canonical text) of all that a plain word is looked for in."""
        parts = (
            ("title", self.title), ("number", self.number), ("issuer", self.issuer), ("body", self.body),
            ("attachment", self.attachments),
        )  # fmt: skip
        return tuple((place, tokens.canonical(part)) for place, part in parts if part)

    @cached_property
    def _origins(self) -> dict[str, list[int]]:
        return {}

    def around(self, at: int, place: str = "body") -> str:
        """The words of the body or of the attachments around a place in its canonical text."""
        text = self.body if place == "body" else self.attachments
        if place not in self._origins:
            self._origins[place] = tokens.canonical_with_places(text)[1]
        return words_around(text, self._origins[place][at])

    @cached_property
    def changed(self) -> tuple[tuple[str, str], ...]:
        """(canonical text, text) of each changed clause."""
        return tuple((tokens.canonical(clause), clause) for clause in self.changes)

    @cached_property
    def of_field(self) -> dict[str, tuple[str, ...]]:
        """The canonical texts that a field's phrase is looked for in."""
        return {
            "title": (tokens.canonical(self.title or ""),),
            "number": number_forms(self.number, self.number_normal),
            "issuer": issuer_forms(self.issuer, self.issuers, self.organs),
            "topic": _forms((self.topic,)),
            "cites": _forms([form for title, number in self.cited for form in (title, *number_forms(number))]),
        }


def words_around(text: str, at: int) -> str:
    """The words of a text around a place in it, in one line."""
    return " ".join(text[max(0, at - 30) : at + 60].split())


def number_forms(number: str | None, normal: str | None = None) -> tuple[str, ...]:
    """A document number as printed, in its normal form, and by its key, canonical."""
    return _forms((number, normal, number_key(number) or number_key(normal)))


def issuer_forms(issuer: str | None, issuers: Sequence[str], organs: Sequence[str] = ()) -> tuple[str, ...]:
    """All that a document's issuers are found by: as printed, by their keys, and the organs' one names, canonical."""
    names = [name for name in (issuer, *issuers) if name]
    return _forms([*names, *(issuer_key(name) for name in names), *organs])


_OFFICE = re.compile(r"(?<=..)办公[厅室]$")
_SEVERAL = re.compile(r"[、,，;；/|\s]|等[0-9一二三四五六七八九十]*个?(?:部门|单位|部委|机关)?$")


def asked_issuer(written: str) -> tuple[str, ...]:
    """What to look for where someone asks for an issuer: as written, and by what it is short for.

    An organ's office is asked for as such, and several organs as they are printed: `issuer_key`, by which the same
    document is known again, would find what the organ itself or the first of them issued."""
    written = written.strip()
    if office := _OFFICE.search(written):
        return _forms((written, full_name(written), full_name(written[: office.start()]) + office[0]))
    return _forms((written, None if _SEVERAL.search(written) else issuer_key(written), full_name(written)))


def _forms(texts: Sequence[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(form for text in texts if text and (form := tokens.canonical(text))))
