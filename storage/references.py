"""References between documents: kept as printed, resolved as soon as the archive has their target.

A target is found by its URL, by its number, or by its title; by what several documents share (第50号, 关于X的通知, one
title of two issuers) only together with the issuer that the reference names, or else that of the document that refers.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from storage import annexes
from storage.identity import has_year, inner_title, is_bare, number_key, title_key, url_key
from storage.merged import survivor
from storage.models import Attachment, AttachmentVersion, Document, Lead, Page, Reading, Reference, Version, in_order
from storage.naming import leading_organ, order_keys, order_parts, organ_before, short_title_key
from storage.validity import ACTS

# A page may be put up weeks after the paper was signed; what was dated later cannot have been cited.
LATER = timedelta(days=60)
CANDIDATES = 20  # documents of one title that are looked at; 公告 alone is the title of thousands
_BEFORE_THEIR_TARGET = frozenset({"drafts"})  # relations whose target comes later by nature


def keep(session: Session, document: Document, reading: Reading) -> None:
    """Keep what `reading` of `document` and its files' lists mention, once, and point each to its target, where that
    is known."""
    if session.scalar(select(Reference.id).where(Reference.reading_id == reading.id).limit(1)) is None:
        for relation, title, number, url, sentence in reading.mentions:
            _add(session, document, reading, relation=relation, title=title, number=number, url=url, sentence=sentence)
        session.flush()
    files = select(Attachment).where(Attachment.document_id == document.id).order_by(*in_order())
    for file in session.scalars(files).all():
        if annexes.may_list(document.title, file.name):
            keep_listed(session, document, reading, file)


def keep_listed(session: Session, document: Document, reading: Reading, file: Attachment) -> set[int]:
    """Keep what the newest text of `file` lists as repealed or amended, in place of what it listed before; answers the
    documents of the archive that it lists now or did."""
    mine = (Reference.reading_id == reading.id, Reference.attachment_id == file.id)
    targets = select(Reference.target_document_id).where(*mine, Reference.target_document_id.is_not(None))
    before = session.scalars(targets).all()
    text = session.scalar(
        select(AttachmentVersion.text)
        .where(AttachmentVersion.attachment_id == file.id)
        .order_by(AttachmentVersion.seq.desc())
        .limit(1)
    )
    entries = annexes.listed(text or "", decision=document.title, name=file.name)
    session.execute(delete(Reference).where(*mine))
    for entry in entries:
        _add(
            session, document, reading, relation=entry.relation, title=entry.title, number=entry.number,
            sentence=entry.line, file_id=file.id,
        )  # fmt: skip
    session.flush()
    return {target for target in (*before, *session.scalars(targets)) if target is not None}


def _add(
    session: Session, document: Document, reading: Reading, *, relation: str, title: str | None, number: str | None,
    sentence: str, url: str | None = None, file_id: int | None = None,
) -> None:  # fmt: skip
    key = number_key(number)
    parts = order_parts(key)
    if parts and parts[0]:
        key = parts[0] + parts[1]  # 工信部令第50号 is 工业和信息化部令第50号
    reference = Reference(
        document_id=document.id,
        reading_id=reading.id,
        relation=relation,
        title=title,
        number=number,
        url=url,
        sentence=sentence,
        title_key=title_key(title),
        short_title_key=short_title_key(title),
        number_key=key,
        url_key=url_key(url) if url else None,
        attachment_id=file_id,
    )
    _point(session, reference, document)
    session.add(reference)


def resolve_to(session: Session, document: Document) -> int:
    """Point waiting references to `document`, which has arrived or changed its keys; returns how many."""
    urls = select(Page.url_key).where(Page.document_id == document.id)
    fitting: list[ColumnElement[bool]] = [Reference.url_key.in_(urls)]
    numbers = order_keys(document.number_key, document.issuer_key)
    if document.number_key and not is_bare(document.number_key):
        numbers.add(document.number_key)
    if numbers:
        fitting.append(Reference.number_key.in_(numbers))
    titles = {key for key in (document.title_key, document.inner_title_key) if key}
    if titles:
        fitting.append(Reference.title_key.in_(titles))
    if document.short_title_key:
        fitting.append(Reference.short_title_key == document.short_title_key)
    count = 0
    for condition in fitting:  # one index each; an OR over the columns would read the table
        waiting = select(Reference, Document).join(Document, Document.id == Reference.document_id)
        waiting = waiting.where(condition, Reference.target_document_id.is_(None), Reference.document_id != document.id)
        for reference, referring in session.execute(waiting).all():
            _point(session, reference, referring)
            count += reference.target_document_id is not None
    session.flush()
    return count


def resolve_from(session: Session, document: Document) -> None:
    """Point the waiting references of `document`, which came otherwise than by a crawl, to what the archive has."""
    own = select(Reference).where(Reference.document_id == document.id, Reference.target_document_id.is_(None))
    for reference in session.scalars(own.order_by(Reference.id)).all():
        _point(session, reference, document)
    session.flush()


def point(session: Session, reference: Reference) -> None:
    """Point one reference to its target, where that is known."""
    _point(session, reference, session.get_one(Document, reference.document_id))


def keep_reports(session: Session, page: Page) -> None:
    """Keep that the news reports which led to `page` report its document, once for each reading of a report."""
    if page.document_id is None:
        return
    reports = (
        select(Document, Reading)
        .join(Page, Page.document_id == Document.id)
        .join(Lead, Lead.report_key == Page.url_key)
        .join(Version, (Version.document_id == Document.id) & (Version.seq == Document.versions))
        .join(Reading, Reading.id == Version.reading_id)
        .where(Lead.page_id == page.id, Document.id != page.document_id)
        .order_by(Document.id)
    )
    for document, reading in session.execute(reports).all():
        _keep_report(session, document, reading, page)


def keep_reports_by(session: Session, document: Document) -> None:
    """Keep what the news report `document` reports, where its targets arrived first or its reading is new."""
    own = select(Page.url_key).where(Page.document_id == document.id)
    led_to = select(Page).join(Lead, Lead.page_id == Page.id).where(Lead.report_key.in_(own))
    for page in session.scalars(led_to.where(Page.document_id.is_not(None)).order_by(Page.id)).all():
        keep_reports(session, page)


def _keep_report(session: Session, report: Document, reading: Reading, page: Page) -> None:
    of_reading = select(Reference).where(Reference.reading_id == reading.id)
    known = session.scalars(of_reading.where(Reference.target_document_id == page.document_id)).all()
    if any(reference.relation == "reports" for reference in known):
        return
    told = session.scalars(of_reading.where(Reference.url_key == page.url_key)).first() or next(iter(known), None)
    session.add(
        Reference(
            document_id=report.id,
            reading_id=reading.id,
            relation="reports",
            title=told.title if told else page.title,
            number=told.number if told else None,
            url=page.url,
            sentence=told.sentence if told else "",
            title_key=told.title_key if told else title_key(page.title),
            number_key=told.number_key if told else None,
            url_key=page.url_key,
            target_document_id=page.document_id,
            resolved_by="url",
        )
    )
    session.flush()


# -- finding the target ------------------------------------------------------------------------------------------------


def _point(session: Session, reference: Reference, referring: Document) -> None:
    """Find the target by URL, number, or title, in this order. Several that fit alike are none."""
    if reference.url_key is not None:
        target = session.scalar(select(Page.document_id).where(Page.url_key == reference.url_key))
        if target is not None and target != reference.document_id:
            reference.target_document_id, reference.resolved_by = target, "url"
            return
    if (found := _by_number(session, reference, referring)) is not None:
        reference.target_document_id, reference.resolved_by = found.id, "number"
    elif (found := _by_title(session, reference, referring)) is not None:
        reference.target_document_id, reference.resolved_by = found.id, "title"


def _by_number(session: Session, reference: Reference, referring: Document) -> Document | None:
    key = reference.number_key
    if key is None:
        return None
    if not is_bare(key):  # says its year itself: what the pages' dates say counts less
        found = _fitting(session, reference, None, Document.number_key == key)
        return _one(session, found, reference, referring)
    parts = order_parts(key)
    if parts is None or parts[0] is None or not (has_year(key) or "令" in key):
        return None  # 第50号 names nothing by itself, 公告第8号 nothing without its year
    rest = parts[1]
    spelled = {key, rest, rest.removeprefix("令")}
    found = _fitting(session, reference, referring, Document.number_key.in_(spelled))
    fitting = [one for one in found if key in order_keys(one.number_key, one.issuer_key)]
    return _one(session, fitting, reference, referring)


def _by_title(session: Session, reference: Reference, referring: Document) -> Document | None:
    if reference.title_key is None:
        return None
    for column in (Document.title_key, Document.inner_title_key):
        found = _fitting(session, reference, referring, column == reference.title_key)
        if found:
            return _one(session, found, reference, referring)
    if reference.short_title_key is None:
        return None
    found = _fitting(session, reference, referring, Document.short_title_key == reference.short_title_key)
    organ = _named(reference) or referring.issuer_key
    return _one(session, [one for one in found if organ is not None and organ == one.issuer_key], reference, referring)


def _fitting(
    session: Session, reference: Reference, referring: Document | None, condition: ColumnElement[bool]
) -> Sequence[Document]:
    """The documents that fit and that the reference can mean: no news, not itself, none written after `referring`."""
    found = session.scalars(
        select(Document)
        .where(condition, Document.type != "news", Document.id != reference.document_id)
        .order_by(Document.id)
        .limit(CANDIDATES)
    ).all()
    written = dated(referring) if referring else None
    if written is None or reference.relation in _BEFORE_THEIR_TARGET:
        return found
    last = written if reference.relation in ACTS else written + LATER
    return [one for one in found if (day := dated(one)) is None or day <= last]


def _standing(session: Session, reference: Reference, found: Sequence[Document]) -> Sequence[Document]:
    """What stands for these documents now: a name of one that was merged names the one that it was merged into."""
    if all(one.merged_into is None for one in found):
        return found
    standing = {one.id: one for one in (survivor(session, row) for row in found)}
    return [one for one in standing.values() if one.id != reference.document_id]


def _one(session: Session, found: Sequence[Document], reference: Reference, referring: Document) -> Document | None:
    """The one that is meant: policies before what interprets or drafts them, the issuer that is named, or one's own."""
    found = _standing(session, reference, found)
    if len(found) > 1:
        found = [one for one in found if one.type not in {"interpretation", "consultation"}] or found
    organ = _named(reference)
    if len(found) > 1 or (organ is not None and reference.number_key is None):
        mine = [one for one in found if one.issuer_key == (organ or referring.issuer_key)]
        if len(found) > 1 or mine:
            found = mine
    return found[0] if len(found) == 1 else None


def _named(reference: Reference) -> str | None:
    """The issuer that a reference names: at the beginning of its title, or right before it."""
    return leading_organ(reference.title) or organ_before(reference.sentence, reference.title)


def dated(document: Document) -> date | None:
    """The day a document was written, or else published."""
    return document.written or document.published


def inner_title_key(title: str | None) -> str | None:
    """The key of the title that a notice carries inside its own."""
    return title_key(inner_title(title))
