"""Which document a page shows: the same work is found again by its number, by the URL that answers, or by its text.

What contradicts decides: another number, issuer, year, title or type is another document, however alike the texts.
Where nothing contradicts and yet too little agrees, a person should look: then it is another document for now."""

from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from rapidfuzz import fuzz
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from storage import fingerprints, issuers, merged, sameness
from storage.identity import has_year, host_of, is_bare, number_key, same_site, title_key, url_key
from storage.models import Document, IdentityDecision, Page, Reading, Version
from storage.naming import order_parts
from storage.normal import fold_body
from storage.records import Capture, ReadingRecord
from storage.references import inner_title_key
from storage.sameness import Text, clauses, compare_texts

# A policy, what explains it and what it was drafted as carry one number and nearly one title.
_APART = frozenset({"interpretation", "consultation", "news"})
# Of a page that is taken for less than what its document is, the document is told already; not the other way round.
_TELLS = {"policy": 2, "notice": 1}
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


class Face(NamedTuple):
    """A document as it is found: `work`, by what its current text says, or by what one that was merged into it said."""

    work: Document
    named: Document  # whose title, number and days these are
    reading: Reading
    url: str

    def issuers(self) -> set[str]:
        """Who issued it."""
        return issuers.stated(self.reading.issuers, self.named.issuer, news=self.named.type == "news")

    def says(self) -> list[str]:
        """The clauses of its text."""
        return clauses(pairs(self.reading.blocks))


class Asked(NamedTuple):
    """A page that is asked for: what it says, and of whom."""

    reading: ReadingRecord
    type: str
    said: list[str]
    issuers: set[str]
    page: Page

    def text(self) -> str:
        """Its text as printed."""
        return "\n".join(text for _, text in self.reading.blocks)


def find_work(
    session: Session, reading: ReadingRecord, type_: str, page: Page, capture: Capture
) -> tuple[Document | None, list[Doubt]]:
    """The document that a page not known before shows, None where it is a new one; and those that it may be.

    What persons decided comes first: a URL that was split off a document never shows that one again."""
    apart, own = merged.never(session, (page.url_key, url_key(capture.final_url)))
    if own is not None:
        return session.get_one(Document, own), []
    named = issuers.stated(reading.issuers, reading.issuer, news=type_ == "news")
    asked = Asked(reading, type_, clauses(reading.blocks), named, page)
    doubts: list[Doubt] = []
    work = (
        _by_number(session, asked, apart)
        or _by_final_url(session, reading, page, capture, apart)
        or _by_text(session, asked, apart, doubts)
    )
    return work, [] if work else doubts


def same_work(session: Session, reading: ReadingRecord, type_: str, page: Page, capture: Capture) -> Document | None:
    """The document that a page not known before shows; None where it is a new one."""
    return find_work(session, reading, type_, page, capture)[0]


def _by_number(session: Session, asked: Asked, apart: set[int]) -> Document | None:
    """The document that has this number. Of several, as persons have parted them, the one whose text it is.

    A 令, 公告 or bare 第N号 names a document only with its issuer and its year; another issuer or year is another
    document. A number with its code names one by itself; but a page may bear the number of what it passes on,
    explains, amends or cites, so title or text must agree, and both where the issuers do not. News that bears one
    reports; only where it prints the whole text it is a copy."""
    number = number_key(asked.reading.doc_number)
    if number is None:
        return None
    faces = _faces(session, Document.number_key == number, oldest=True)
    fitting = [face for face in faces if face.work.id not in apart and _of_number(asked, number, face)]
    if len({face.work.id for face in fitting}) > 1:
        same = [face for face in fitting if compare_texts(face.says(), asked.said) is Text.SAME]
        fitting = [face for face in same if face.says() == asked.said] or same or fitting
    return fitting[0].work if fitting else None


def _of_number(asked: Asked, number: str, face: Face) -> bool:
    """Whether a page is the document whose number it bears."""
    reading, document, theirs = asked.reading, face.named, face.issuers()
    title = title_key(reading.title)
    others = bool(asked.issuers and theirs) and not issuers.share(asked.issuers, theirs)
    unnamed = not asked.issuers or not theirs
    titles = sameness.plain_titles(reading.title, document.title)
    types = {document.type, asked.type}
    if (
        (is_bare(number) and (others or (unnamed and (order_parts(number) or (None,))[0] is None)))
        or (not has_year(number) and not _same_year(reading, document))
        or (len(types) > 1 and bool(types & _APART - {"news"}))
        or (document.type == "news" and asked.type != "news")
        or (others and sameness.passed_on(*titles))
    ):
        return False
    if "news" in types:  # a copy may be mistyped; what reports has a title of its own
        agree = title is not None and title == document.title_key and _mistyped(asked, face)
    elif others or unnamed:
        agree = title is not None and title == document.title_key
    else:
        agree = not sameness.about_another(*titles) and _titles_agree(title, document)
    return agree or (
        compare_texts(face.says(), asked.said) is Text.SAME
        and ("news" not in types or not sameness.about_another(*titles))
    )


def _mistyped(asked: Asked, face: Face) -> bool:
    """Whether two texts written on one day differ in some clauses alone, neither being a part of the other."""
    day, short, long = asked.reading.written, *sorted((face.says(), asked.said), key=lambda said: len("".join(said)))
    return (
        day is not None
        and day == face.named.written
        and len("".join(short)) >= SAME_TEXT_SHARE * len("".join(long))
        and compare_texts(short, long) is Text.DIFFERS
    )


def still_shows(session: Session, document: Document, reading: ReadingRecord) -> bool:
    """Whether what a document's URL leads to now is still that document, or one that was merged into it: by number,
    title or text."""
    number, title, body = number_key(reading.doc_number), title_key(reading.title), fold_body(reading.blocks)
    ids = [document.id, *merged.merged_into(session, document.id)]
    return any(
        (number is not None and number == face.named.number_key)
        or _titles_agree(title, face.named)
        or _same_text(fold_body(pairs(face.reading.blocks)), body)
        for face in _faces(session, Document.id.in_(ids))
    )


def _by_final_url(
    session: Session, reading: ReadingRecord, page: Page, capture: Capture, apart: set[int]
) -> Document | None:
    """The document of another page that is answered by the same URL: two entries of a list that lead to one page."""
    key, title = url_key(capture.final_url), title_key(reading.title)
    if title is None:
        return None
    other = select(Document).join(Page, Page.document_id == Document.id)
    other = other.where(or_(Page.url_key == key, Page.final_key == key), Page.id != page.id)
    other = other.where(Document.title_key == title, Document.id.not_in(apart))
    return session.scalar(other.order_by(Document.id).limit(1))


def _by_text(session: Session, asked: Asked, apart: set[int], doubts: list[Doubt]) -> Document | None:
    """The document that says the same, of this issuer and day and a title that does not contradict. Whatever a page is
    taken for, one that prints a whole policy is a copy of it; a report that other media take over is one of theirs.
    A policy that was first seen in the news is told as one, and a person may merge the two.
    Adds to `doubts` what a person should see."""
    reading, number = asked.reading, number_key(asked.reading.doc_number)
    for face in _candidates(session, asked):
        document, theirs = face.named, face.issuers()
        if face.work.id in apart or not issuers.numbers_agree(number, asked.issuers, document.number_key, theirs):
            continue
        here = same_site(host_of(face.url), host_of(asked.page.url)) or same_site(
            host_of(asked.page.url), host_of(face.url)
        )
        if document.type == asked.type == "news" and not here:
            continue
        titles = sameness.plain_titles(reading.title, document.title)
        if sameness.about_another(*titles) or sameness.passed_on(*titles) or sameness.other_numerals(*titles):
            continue
        says = face.says()
        text = compare_texts(says, asked.said)
        if text in {Text.DIFFERS, Text.OTHER} or (document.type != asked.type and text is not Text.SAME):
            continue
        long = sameness.writes_alone(reading.title, says, asked.said)
        whole = long and not (asked.issuers and theirs)  # two that name themselves may have issued one template
        days = (
            _same_days(reading, document, long=long)
            or (number is not None and document.number_key is not None and _same_year(reading, document))
        )  # fmt: skip
        reason = _doubt(asked, face, text, strange=not whole and _strange(asked, face, here=here), days=days)
        if not reason:
            return face.work
        if face.work.id not in {doubt.document_id for doubt in doubts} and (
            text is Text.SAME or _titles_contained(reading, document)
        ):
            doubts.append(Doubt(face.work.id, reason))
    return None


def _strange(asked: Asked, face: Face, *, here: bool) -> bool:
    """Whether nothing says that one issuer stands behind both: none named by both, nor by one and signed by the other;
    where neither names one, the site must be the same."""
    mine, theirs = asked.issuers, face.issuers()
    if mine and theirs:
        return not issuers.share(mine, theirs)
    if not mine and not theirs:
        return not here
    if here and "news" in {asked.type, face.named.type}:
        return False
    if mine:
        body = "\n".join(text for _, text in face.reading.blocks)
        return not issuers.named_in(mine, face.named.title, body)
    return not issuers.named_in(theirs, asked.reading.title, asked.text())


def _doubt(asked: Asked, face: Face, text: Text, *, strange: bool, days: bool) -> str:
    """What does not suffice for one work; empty where all does."""
    told_as = face.named.type
    doubts = (
        (text is Text.SHORT, "the texts are too short to tell"),
        (text is Text.PART, "one text holds a part of the other"),
        (not _titles_contained(asked.reading, face.named) and not _headline(asked, face), "one text under two titles"),
        (_TELLS.get(asked.type, 0) > _TELLS.get(told_as, 0), f"one text, first seen as {told_as}"),
        (strange, "one text, but not of one issuer"),
        (not days, "one text on two days"),
    )
    return next((reason for holds, reason in doubts if holds), "")


def _titles_contained(reading: ReadingRecord, document: Document) -> bool:
    """Whether one title is the other, or a part of it that names more than 通知公告 does; a part may also be what is
    left where something was taken out of the middle, as who announces it."""
    mine, theirs = map(title_key, sameness.plain_titles(reading.title, document.title))
    if mine is None or theirs is None:
        return False
    short, long = sorted((mine, theirs), key=len)
    if short == long:
        return True
    ends = _common(short, long) + _common(short[::-1], long[::-1])
    return len(short) >= SHORTEST_TITLE and (short in long or ends >= len(short))


def _headline(asked: Asked, face: Face) -> bool:
    """Whether the press prints a whole text, to the day it was written on, under a headline that has most of its title:
    五部门公布X for 国家发展改革委 …关于公布X的通知."""
    return (
        "news" in {asked.type, face.named.type}
        and asked.reading.written is not None
        and asked.reading.written == face.named.written
        and "".join(face.says()) == "".join(asked.said)
        and _titles_agree(title_key(asked.reading.title), face.named)
    )


def _common(one: str, other: str) -> int:
    """How many letters two texts begin with alike."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _same_days(reading: ReadingRecord, document: Document, *, long: bool) -> bool:
    """Whether the days agree: of writing where both say it; else that of publication with either, a few days apart at
    most. A page that says no day contradicts none under the same title; nor, where none says when it was written, does
    the day on which a whole long text was put up."""
    if reading.written is not None and document.written is not None:
        return reading.written == document.written
    mine = [day for day in (reading.written, reading.published) if day]
    theirs = [day for day in (document.written, document.published) if day]
    if not mine or not theirs:
        return title_key(reading.title) == document.title_key
    if long and reading.written is None and document.written is None:
        return True
    return any(abs(one - other) <= NEAR for one in mine for other in theirs)


def _candidates(session: Session, asked: Asked) -> Iterator[Face]:
    """Documents that have its title, then those that share clauses with it; none of a type that never is its copy."""
    title = title_key(asked.reading.title)
    seen: set[int] = set()
    conditions: list[ColumnElement[bool]] = [Document.title_key == title] if title else []
    if found := fingerprints.candidates(session, asked.said):
        conditions.append(Document.id.in_(found))
    apart = _APART - {"news"}
    fits = Document.type == asked.type if asked.type in apart else Document.type.not_in(apart)
    for condition in conditions:
        for face in _faces(session, condition & fits):
            if face.named.id not in seen:
                seen.add(face.named.id)
                yield face


def _faces(session: Session, condition: ColumnElement[bool], *, oldest: bool = False) -> list[Face]:
    """Documents by their current texts; and by the texts that those had which persons merged into others."""
    order = Document.id if oldest else Document.id.desc()
    query = (
        select(Document, Reading, Page.url)
        .join(Version, (Version.document_id == Document.id) & (Version.seq == Document.versions))
        .join(Reading, Reading.id == Version.reading_id)
        .join(Page, (Page.document_id == Document.id) & Page.is_original.is_(True))
        .where(condition)
        .order_by(order)
        .limit(CANDIDATES)
    )
    found = [Face(row[0], row[0], row[1], row[2]) for row in session.execute(query)]
    gone = (
        select(Document, Reading)
        .join(IdentityDecision, IdentityDecision.other_id == Document.id)
        .join(Reading, Reading.id == IdentityDecision.reading_id)
        .where(condition, Document.merged_into.is_not(None), IdentityDecision.undone_at.is_(None))
        .order_by(order)
        .limit(CANDIDATES)
    )
    for document, reading in session.execute(gone).all():
        work = merged.survivor(session, document)
        url = session.scalar(select(Page.url).where(Page.document_id == work.id, Page.is_original.is_(True)))
        found.append(Face(work, document, reading, url or ""))
    return found


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


def _same_text(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return len(short) >= max(SHORTEST_TEXT, SAME_TEXT_SHARE * len(long)) and short in long


def pairs(blocks: list[list[str]]) -> list[tuple[str, str]]:
    """Blocks as a row keeps them, as (role, text)."""
    return [(role, text) for role, text in blocks]
