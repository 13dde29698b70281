"""The URLs the archive knows: finding them, and when each is due again."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from storage import documents, runs
from storage.decisions import FULL_CHECK_EVERY
from storage.documents import At
from storage.identity import host_of, same_site, url_key
from storage.models import Document, Lead, Page, Reading, Run, Sighting, Snapshot, Source
from storage.records import KnownPage
from storage.references import keep_reports

# URL, title, date of a listing's row, and the document number that it prints
Entry = tuple[str, str | None, date | None] | tuple[str, str | None, date | None, str | None]


def listed(session: Session, source_id: str, limit: int) -> list[str]:
    """URLs that the source's listing showed, the newest first."""
    query = select(Page.url).join(Sighting, Sighting.page_id == Page.id).where(Sighting.source_id == source_id)
    return list(session.scalars(query.order_by(Sighting.seen_at.desc(), Page.id).limit(limit)))


def find(session: Session, url: str) -> Page | None:
    """The page at `url`, however it is written."""
    return session.scalar(select(Page).where(Page.url_key == url_key(url)))


def find_or_add(
    session: Session,
    run: Run,
    url: str,
    now: datetime,
    *,
    title: str | None = None,
    list_date: date | None = None,
    found_on: str | None = None,
    reported_by: str | None = None,
) -> tuple[Page, bool]:
    """The page at `url` and whether it is new. What led here is kept where nothing was known before."""
    page, new = _found(session, run, find(session, url), (url, title, list_date), now=now, found_on=found_on)
    session.flush()
    if reported_by and session.get(Lead, (page.id, url_key(reported_by))) is None:
        session.add(Lead(page_id=page.id, report_key=url_key(reported_by)))
        session.flush()
        keep_reports(session, page)
    return page, new


def _found(
    session: Session, run: Run, page: Page | None, entry: Entry, *, now: datetime, found_on: str | None
) -> tuple[Page, bool]:
    """The page of an entry, `page` where it is known, and whether it is new; not flushed."""
    url, title, list_date = entry[:3]
    new = page is None
    if page is None:
        page = Page(
            url_key=url_key(url), url=url, source_id=run.source_id, is_original=False, state="new",
            found_at=now, attempts=0, flaps=0, backlog=run.backlog and not runs.would_be_new(session, run, list_date),
        )  # fmt: skip
        session.add(page)
    else:
        _hand_over(session, page, run)
    page.title = page.title or title
    page.list_date = page.list_date or list_date
    page.list_number = page.list_number or (entry[3] if len(entry) == 4 else None)
    page.found_on = page.found_on or found_on
    return page, new


def _hand_over(session: Session, page: Page, run: Run) -> None:
    """A page found by a news report's link belongs to the source of its own site, once that finds it too."""
    if page.source_id == run.source_id:
        return
    host, of_run, of_page = host_of(page.url), session.get(Source, run.source_id), session.get(Source, page.source_id)
    if of_run and of_page and same_site(host, of_run.site) and not same_site(host, of_page.site):
        page.source_id = run.source_id


def discover(
    session: Session,
    run: Run,
    entries: Iterable[Entry],
    now: datetime,
    *,
    found_on: str | None = None,
    reported_by: str | None = None,
) -> list[bool]:
    """Make every entry's URL a page; answers for each whether it was new, or is to this source and was never read."""
    entries = list(entries)
    if reported_by is not None:
        return [
            find_or_add(
                session, run, url, now, title=title, list_date=list_date, found_on=found_on, reported_by=reported_by
            )[1]
            for url, title, list_date in (entry[:3] for entry in entries)
        ]
    source = session.get_one(Source, run.source_id)  # held, as a session forgets what nobody holds and asks again
    known = _known_by_key(session, [url_key(entry[0]) for entry in entries])
    found: list[tuple[Page, bool, bool]] = []
    for entry in entries:
        former = known.get(url_key(entry[0]))
        of_another = former is not None and former.source_id != source.id
        page, new = _found(session, run, former, entry, now=now, found_on=found_on)
        known[page.url_key] = page
        found.append((page, new, of_another))
    session.flush()  # once for all rows of the page: new pages have their ids now
    first = _sight(session, run, [page for page, _, _ in found], now)
    answers = []
    for page, was_new, of_another in found:
        new = was_new
        if page.id in first and of_another:
            new = page.document_id is None and page.state in {"new", "failed"}
            page.backlog = page.backlog and run.backlog
            if page.document_id is not None:
                documents.found_also(At(session, run, page, now), session.get_one(Document, page.document_id))
        answers.append(new)
    return answers


def _known_by_key(session: Session, keys: list[str]) -> dict[str, Page]:
    """The pages of these keys that there are."""
    parts = [keys[start : start + 500] for start in range(0, len(keys), 500)]  # SQLite binds 32,766 values at most
    return {
        page.url_key: page for part in parts for page in session.scalars(select(Page).where(Page.url_key.in_(part)))
    }


def _sight(session: Session, run: Run, found: list[Page], now: datetime) -> set[int]:
    """Keep that the run's source lists these pages; answers the ids of those that it did not before."""
    ids = {page.id for page in found}
    listed_before = select(Sighting.page_id).where(Sighting.source_id == run.source_id, Sighting.page_id.in_(ids))
    first = ids - set(session.scalars(listed_before))
    session.add_all(Sighting(page_id=page_id, source_id=run.source_id, seen_at=now) for page_id in sorted(first))
    session.flush()
    return first


def pending(session: Session, source_id: str, limit: int, now: datetime) -> list[KnownPage]:
    """Pages found but not read yet: new ones first, then failed ones whose time to be tried again has come."""
    failed = and_(Page.state == "failed", Page.next_check_at <= now)
    return _select(session, source_id, or_(Page.state == "new", failed), limit, now)


def due(session: Session, source_id: str, limit: int, now: datetime, *, early: bool = False) -> list[KnownPage]:
    """Pages of known documents whose time to be checked again has come: missing ones, then the longest overdue.

    `early`: also those whose time has not come."""
    checked = Page.state.in_(("fetched", "missing"))
    return _select(session, source_id, checked if early else and_(checked, Page.next_check_at <= now), limit, now)


def content_type(session: Session, url: str) -> str | None:
    """The Content-Type of what the text at hand of a URL was read from; None when there is none."""
    page = find(session, url)
    if page is None:
        return None
    headers = session.scalar(
        select(Snapshot.headers)
        .join(Reading, Reading.snapshot_id == Snapshot.id)
        .where(Snapshot.page_id == page.id)
        .order_by(Snapshot.id.desc())
        .limit(1)
    )
    return next((value for name, value in headers or () if name.lower() == "content-type"), None)


def known(page: Page, now: datetime) -> KnownPage:
    """What a crawl needs of a page. Without validators where the whole body is wanted: every seven days, and while
    the page is missing or doubtful."""
    whole = (
        page.state != "fetched"
        or page.suspect_since is not None
        or page.full_check_at is None
        or now - page.full_check_at >= FULL_CHECK_EVERY - timedelta(minutes=1)
    )
    return KnownPage(
        url=page.url,
        state=page.state,
        etag=None if whole else page.etag,
        last_modified=None if whole else page.last_modified,
        document_id=page.document_id,
        title=page.title,
        attempts=page.attempts,
    )


def _select(
    session: Session, source_id: str, condition: ColumnElement[bool], limit: int, now: datetime
) -> list[KnownPage]:
    rows = session.scalars(
        select(Page)
        .where(Page.source_id == source_id, condition)
        .order_by(Page.state.desc(), Page.next_check_at, Page.id)  # "new" after "failed", "missing" before "fetched"
        .limit(limit)
    )
    return [known(page, now) for page in rows]
