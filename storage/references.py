"""References between documents: kept as printed, resolved as soon as the archive has their target."""

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from storage.identity import inner_title, is_bare, number_key, title_key, url_key
from storage.models import Document, Lead, Page, Reading, Reference, Version


def keep(session: Session, document: Document, reading: Reading) -> None:
    """Keep what `reading` of `document` mentions, once, and point each to its target, where that is known."""
    if session.scalar(select(Reference.id).where(Reference.reading_id == reading.id).limit(1)) is not None:
        return
    for relation, title, number, url, sentence in reading.mentions:
        reference = Reference(
            document_id=document.id,
            reading_id=reading.id,
            relation=relation,
            title=title,
            number=number,
            url=url,
            sentence=sentence,
            title_key=title_key(title),
            number_key=number_key(number),
            url_key=url_key(url) if url else None,
        )
        _point(session, reference)
        session.add(reference)
    session.flush()


def resolve_to(session: Session, document: Document) -> int:
    """Point waiting references to `document`, which has arrived or changed its keys; returns how many."""
    urls = select(Page.url_key).where(Page.document_id == document.id)
    fitting: list[ColumnElement[bool]] = [Reference.url_key.in_(urls)]
    if document.number_key and not is_bare(document.number_key):
        fitting.append(Reference.number_key == document.number_key)
    titles = {key for key in (document.title_key, document.inner_title_key) if key}
    if titles:
        fitting.append(Reference.title_key.in_(titles))
    count = 0
    for condition in fitting:  # one index each; an OR over three columns would read the table
        waiting = select(Reference).where(
            condition, Reference.target_document_id.is_(None), Reference.document_id != document.id
        )
        for reference in session.scalars(waiting).all():
            _point(session, reference)
            count += reference.target_document_id is not None
    session.flush()
    return count


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


def _point(session: Session, reference: Reference) -> None:
    """Find the target by URL, number, or exact title, in this order. Two that fit by number or title are none."""
    if reference.url_key is not None:
        target = session.scalar(select(Page.document_id).where(Page.url_key == reference.url_key))
        if target is not None and target != reference.document_id:
            reference.target_document_id, reference.resolved_by = target, "url"
            return
    if reference.number_key is not None and not is_bare(reference.number_key):
        by_number = Document.number_key == reference.number_key
        if (target := _only(session, reference, by_number)) is not None:
            reference.target_document_id, reference.resolved_by = target, "number"
            return
    if reference.title_key is not None:
        target = _only(session, reference, Document.title_key == reference.title_key)
        if target is None:
            target = _only(session, reference, Document.inner_title_key == reference.title_key)
        if target is not None:
            reference.target_document_id, reference.resolved_by = target, "title"


def _only(session: Session, reference: Reference, condition: ColumnElement[bool]) -> int | None:
    """The one document that fits; news and the referring document itself never do."""
    found = session.scalars(
        select(Document.id)
        .where(condition, Document.type != "news", Document.id != reference.document_id)
        .order_by(Document.id)
        .limit(2)
    ).all()
    return found[0] if len(found) == 1 else None


def inner_title_key(title: str | None) -> str | None:
    """The key of the title that a notice carries inside its own."""
    return title_key(inner_title(title))
