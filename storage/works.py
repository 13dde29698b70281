"""Which document a page shows: the same work is found again by its number, by the URL that answers, or by its text.

What contradicts decides: another number, issuer, year, title or type is another document, however alike the texts.
Where nothing contradicts and yet too little agrees, a person should look: then it is another document for now."""

from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from rapidfuzz import fuzz
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from storage import fingerprints, sameness
from storage.identity import has_year, host_of, is_bare, issuer_key, number_key, same_site, title_key, url_key
from storage.models import Document, Page, Reading, Version
from storage.naming import order_parts
from storage.normal import fold_body
from storage.records import Capture, ReadingRecord
from storage.references import inner_title_key
from storage.sameness import Text, clauses, compare_texts

# A policy, what explains it and what it was drafted as carry one number and nearly one title.
_APART = frozenset({"interpretation", "consultation", "news"})
TITLES_AGREE = 60  # percent of the shorter title found in the longer; a repost shortens, puts 转载 or the issuer before
SHORTEST_TEXT = 60  # characters of a text that can show by itself that two pages are one work
SAME_TEXT_SHARE = 0.8  # a site adds its own lines above and below, no more
SHORTEST_TITLE = 8  # letters of a title that names a paper
CANDIDATES = 20  # documents of one title that are compared; 公告 alone is the title of thousands
NEAR = timedelta(days=3)  # a reprint is put up days after the original, and may not say when that was written


class Doubt(NamedTuple):
    """A document that may be the one that a page shows."""

    document_id: int
    reason: str


def find_work(
    session: Session, reading: ReadingRecord, type_: str, page: Page, capture: Capture
) -> tuple[Document | None, list[Doubt]]:
    """The document that a page not known before shows, None where it is a new one; and those that it may be."""
    doubts: list[Doubt] = []
    work = (
        _by_number(session, reading, type_)
        or _by_final_url(session, reading, page, capture)
        or _by_text(session, reading, type_, page, doubts)
    )
    return work, [] if work else doubts


def same_work(session: Session, reading: ReadingRecord, type_: str, page: Page, capture: Capture) -> Document | None:
    """The document that a page not known before shows; None where it is a new one."""
    return find_work(session, reading, type_, page, capture)[0]


def _by_number(session: Session, reading: ReadingRecord, type_: str) -> Document | None:
    """The document that has this number; None for news, which is never merged with what it reports.

    A 令, 公告 or bare 第N号 names a document only with its issuer and its year; another issuer or year is another
    document. A number with its code names one by itself; but a page may bear the number of what it passes on,
    explains, amends or cites, so title or text must agree, and both where the issuers do not."""
    number = number_key(reading.doc_number)
    if number is None or type_ == "news":
        return None
    candidates = session.scalars(
        select(Document).where(Document.number_key == number, Document.type != "news").order_by(Document.id)
    )
    return next((document for document in candidates if _of_number(session, reading, type_, number, document)), None)


def _of_number(session: Session, reading: ReadingRecord, type_: str, number: str, document: Document) -> bool:
    """Whether a page is the document whose number it bears."""
    issuer, title = issuer_key(lead(reading)), title_key(reading.title)
    others = issuer is not None and document.issuer_key is not None and issuer != document.issuer_key
    unnamed = issuer is None or document.issuer_key is None
    titles = (reading.title, document.title)
    contradicted = (
        (is_bare(number) and (others or (unnamed and (order_parts(number) or (None,))[0] is None)))
        or (not has_year(number) and not _same_year(reading, document))
        or bool(document.type != type_ and {document.type, type_} & _APART)
        or (others and sameness.passed_on(*titles))
    )
    if contradicted:
        return False
    if others or unnamed:
        agree = title is not None and title == document.title_key
    else:
        agree = not sameness.about_another(*titles) and _titles_agree(title, document)
    return agree or compare_texts(clauses(pairs(_blocks(session, document))), clauses(reading.blocks)) is Text.SAME


def still_shows(session: Session, document: Document, reading: ReadingRecord) -> bool:
    """Whether what a document's URL leads to now is still that document: by number, title or text."""
    number = number_key(reading.doc_number)
    if number is not None and number == document.number_key:
        return True
    agree = _titles_agree(title_key(reading.title), document)
    return agree or _same_text(fold_body(pairs(_blocks(session, document))), fold_body(reading.blocks))


def _by_final_url(session: Session, reading: ReadingRecord, page: Page, capture: Capture) -> Document | None:
    """The document of another page that is answered by the same URL: two entries of a list that lead to one page."""
    key, title = url_key(capture.final_url), title_key(reading.title)
    if title is None:
        return None
    other = select(Document).join(Page, Page.document_id == Document.id)
    other = other.where(or_(Page.url_key == key, Page.final_key == key), Page.id != page.id)
    return session.scalar(other.where(Document.title_key == title).order_by(Document.id).limit(1))


def _by_text(session: Session, reading: ReadingRecord, type_: str, page: Page, doubts: list[Doubt]) -> Document | None:
    """The document that says the same, of this issuer and day and a title that does not contradict. Without an issuer,
    and for news, which media take from each other, only on its own site. Adds to `doubts` what a person should see."""
    said = clauses(reading.blocks)
    issuer, number = issuer_key(lead(reading)), number_key(reading.doc_number)
    for document, theirs, url in _candidates(session, reading, type_, said):
        if number is not None and document.number_key is not None and number != document.number_key:
            continue
        here = same_site(host_of(url), host_of(page.url)) or same_site(host_of(page.url), host_of(url))
        if type_ == "news" and not here:
            continue
        titles = (reading.title, document.title)
        if sameness.about_another(*titles) or sameness.passed_on(*titles) or sameness.other_numerals(*titles):
            continue
        text = compare_texts(clauses(pairs(theirs.blocks)), said)
        if text in {Text.DIFFERS, Text.OTHER}:
            continue
        reason = _doubt(reading, document, text, strange=issuer != document.issuer_key or (issuer is None and not here))
        if not reason:
            return document
        if text is Text.SAME or _titles_contained(reading, document):
            doubts.append(Doubt(document.id, reason))
    return None


def _doubt(reading: ReadingRecord, document: Document, text: Text, *, strange: bool) -> str:
    """What does not suffice for one work; empty where all does."""
    if text is Text.SHORT:
        return "the texts are too short to tell"
    if text is Text.PART:
        return "one text holds a part of the other"
    if not _titles_contained(reading, document):
        return "one text under two titles"
    if strange:
        return "one text, but not of one issuer"
    if not _same_days(reading, document):
        return "one text on two days"
    return ""


def _titles_contained(reading: ReadingRecord, document: Document) -> bool:
    """Whether one title is the other, or a part of it that names more than 通知公告 does."""
    mine, theirs = title_key(reading.title), document.title_key
    if mine is None or theirs is None:
        return False
    short, long = sorted((mine, theirs), key=len)
    return short == long or (len(short) >= SHORTEST_TITLE and short in long)


def _same_days(reading: ReadingRecord, document: Document) -> bool:
    """Whether the days agree: of writing where both say it; else that of publication with either, a few days apart at
    most."""
    if reading.written is not None and document.written is not None:
        return reading.written == document.written
    mine = [day for day in (reading.written, reading.published) if day]
    theirs = [day for day in (document.written, document.published) if day]
    return any(abs(one - other) <= NEAR for one in mine for other in theirs)


def _candidates(
    session: Session, reading: ReadingRecord, type_: str, said: list[str]
) -> Iterator[tuple[Document, Reading, str]]:
    """Documents of this type that have its title, then those that share clauses with it."""
    title = title_key(reading.title)
    seen: set[int] = set()
    conditions: list[ColumnElement[bool]] = [Document.title_key == title] if title else []
    if found := fingerprints.candidates(session, said):
        conditions.append(Document.id.in_(found))
    for condition in conditions:
        for document, theirs, url in _current(session, condition, type_):
            if document.id not in seen:
                seen.add(document.id)
                yield document, theirs, url


def _current(session: Session, condition: ColumnElement[bool], type_: str) -> list[tuple[Document, Reading, str]]:
    query = (
        select(Document, Reading, Page.url)
        .join(Version, (Version.document_id == Document.id) & (Version.seq == Document.versions))
        .join(Reading, Reading.id == Version.reading_id)
        .join(Page, (Page.document_id == Document.id) & Page.is_original.is_(True))
        .where(condition, Document.type == type_)
        .order_by(Document.id.desc())
        .limit(CANDIDATES)
    )
    return [(row[0], row[1], row[2]) for row in session.execute(query)]


def same_but_framed(before: Reading, after: ReadingRecord) -> bool:
    """Whether two readings of a page hold one text, with more or fewer of the site's own lines around it, and one
    title and number: what a new template does."""
    numbers = {key for key in (number_key(before.number), number_key(after.doc_number)) if key}
    titles = [key for key in (title_key(before.title), title_key(after.title)) if key]
    if len(numbers) > 1 or (len(titles) == 2 and titles[0] not in titles[1] and titles[1] not in titles[0]):
        return False
    return _same_text(fold_body(pairs(before.blocks)), fold_body(after.blocks))


def lead(reading: ReadingRecord) -> str | None:
    """The lead issuer as printed."""
    return reading.issuers[0] if reading.issuers else reading.issuer


def _same_year(reading: ReadingRecord, document: Document) -> bool:
    mine, theirs = reading.written or reading.published, document.written or document.published
    return mine is not None and theirs is not None and mine.year == theirs.year


def _titles_agree(title: str | None, document: Document) -> bool:
    """Whether two titles may name one work: what a notice carries stands for the notice."""
    mine = [key for key in (title, inner_title_key(title)) if key]
    theirs = [key for key in (document.title_key, document.inner_title_key) if key]
    if not mine or not theirs:
        return True
    return any(a in b or b in a or fuzz.partial_ratio(a, b) >= TITLES_AGREE for a in mine for b in theirs)


def _blocks(session: Session, document: Document) -> list[list[str]]:
    current = select(Reading.blocks).join(Version, Version.reading_id == Reading.id)
    blocks = session.scalar(current.where(Version.document_id == document.id, Version.seq == document.versions))
    return blocks or []


def _same_text(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return len(short) >= max(SHORTEST_TEXT, SAME_TEXT_SHARE * len(long)) and short in long


def pairs(blocks: list[list[str]]) -> list[tuple[str, str]]:
    """Blocks as a row keeps them, as (role, text)."""
    return [(role, text) for role, text in blocks]
