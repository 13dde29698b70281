"""Which document a page shows: the same work is found again by its number, by the URL that answers, or by its text.

What contradicts decides: another number, issuer, year, title or type is another document, however alike the texts."""

from rapidfuzz import fuzz
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from storage.identity import has_year, host_of, is_bare, issuer_key, number_key, same_site, title_key, url_key
from storage.models import Document, Page, Reading, Version
from storage.normal import fold_body
from storage.records import Capture, ReadingRecord
from storage.references import inner_title_key

# A policy, what explains it and what it was drafted as carry one number and nearly one title.
_APART = frozenset({"interpretation", "consultation", "news"})
TITLES_AGREE = 60  # percent of the shorter title found in the longer; a repost shortens, puts 转载 or the issuer before
SHORTEST_TEXT = 60  # characters of a text that can show by itself that two pages are one work
SAME_TEXT_SHARE = 0.8  # a site adds its own lines above and below, no more
CANDIDATES = 20  # documents of one title that are compared; 公告 alone is the title of thousands


def same_work(session: Session, reading: ReadingRecord, type_: str, page: Page, capture: Capture) -> Document | None:
    """The document that a page not known before shows; None where it is a new one."""
    return (
        _by_number(session, reading, type_)
        or _by_final_url(session, reading, page, capture)
        or _by_text(session, reading, type_, page)
    )


def _by_number(session: Session, reading: ReadingRecord, type_: str) -> Document | None:
    """The document that has this number and issuer; None for news, which is never merged with what it reports.

    A 令, 公告 or bare 第N号 names a document only with its issuer and its year; another number, issuer or year is
    another document. Where one side names no issuer, the titles must agree."""
    number = number_key(reading.doc_number)
    if number is None or type_ == "news":
        return None
    issuer, title = issuer_key(lead(reading)), title_key(reading.title)
    candidates = session.scalars(
        select(Document).where(Document.number_key == number, Document.type != "news").order_by(Document.id)
    )
    for document in candidates:
        if issuer is not None and document.issuer_key is not None:
            if issuer != document.issuer_key:
                continue
        elif is_bare(number) or title is None or title != document.title_key:
            continue
        if not has_year(number) and not _same_year(reading, document):
            continue
        if document.type != type_ and {document.type, type_} & _APART:
            continue
        if _alike(session, document, reading):
            return document
    return None


def still_shows(session: Session, document: Document, reading: ReadingRecord) -> bool:
    """Whether what a document's URL leads to now is still that document: by number, title or text."""
    number = number_key(reading.doc_number)
    return (number is not None and number == document.number_key) or _alike(session, document, reading)


def _alike(session: Session, document: Document, reading: ReadingRecord) -> bool:
    agree = _titles_agree(title_key(reading.title), document)
    return agree or _same_text(_body(session, document), fold_body(reading.blocks))


def _by_final_url(session: Session, reading: ReadingRecord, page: Page, capture: Capture) -> Document | None:
    """The document of another page that is answered by the same URL: two entries of a list that lead to one page."""
    key, title = url_key(capture.final_url), title_key(reading.title)
    if title is None:
        return None
    other = select(Document).join(Page, Page.document_id == Document.id)
    other = other.where(or_(Page.url_key == key, Page.final_key == key), Page.id != page.id)
    return session.scalar(other.where(Document.title_key == title).order_by(Document.id).limit(1))


def _by_text(session: Session, reading: ReadingRecord, type_: str, page: Page) -> Document | None:
    """The document of this title, issuer and day that says the same. Without an issuer, and for news, which media
    take from each other, only on its own site."""
    title, issuer, number = title_key(reading.title), issuer_key(lead(reading)), number_key(reading.doc_number)
    day, text = reading.written or reading.published, fold_body(reading.blocks)
    if title is None or day is None or len(text) < SHORTEST_TEXT:
        return None
    for document, theirs, url in _of_title(session, title, type_):
        if number is not None and document.number_key is not None and number != document.number_key:
            continue
        here = same_site(host_of(url), host_of(page.url)) or same_site(host_of(page.url), host_of(url))
        if issuer != document.issuer_key or ((issuer is None or type_ == "news") and not here):
            continue
        if day == (document.written or document.published) and _same_text(fold_body(pairs(theirs.blocks)), text):
            return document
    return None


def _of_title(session: Session, title: str, type_: str) -> list[tuple[Document, Reading, str]]:
    query = (
        select(Document, Reading, Page.url)
        .join(Version, (Version.document_id == Document.id) & (Version.seq == Document.versions))
        .join(Reading, Reading.id == Version.reading_id)
        .join(Page, (Page.document_id == Document.id) & Page.is_original.is_(True))
        .where(Document.title_key == title, Document.type == type_)
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


def _body(session: Session, document: Document) -> str:
    current = select(Reading.blocks).join(Version, Version.reading_id == Reading.id)
    blocks = session.scalar(current.where(Version.document_id == document.id, Version.seq == document.versions))
    return fold_body(pairs(blocks or []))


def _same_text(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return len(short) >= max(SHORTEST_TEXT, SAME_TEXT_SHARE * len(long)) and short in long


def pairs(blocks: list[list[str]]) -> list[tuple[str, str]]:
    """Blocks as a row keeps them, as (role, text)."""
    return [(role, text) for role, text in blocks]
