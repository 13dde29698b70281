"""The fetch log: every request, how it went, and what the archive made of its answer."""

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from storage.identity import url_key
from storage.models import Fetch
from storage.records import FetchRecord, Recorded


def log(session: Session, run_id: int, fetch: FetchRecord) -> None:
    """Add one request, whatever came of it."""
    session.add(
        Fetch(
            run_id=run_id, url=fetch.url, final_url=fetch.final_url, url_key=url_key(fetch.url),
            purpose=fetch.purpose, at=fetch.at, status=fetch.status, outcome=fetch.outcome,
            bytes=fetch.bytes, duration_ms=fetch.duration_ms, error=fetch.error,
        )
    )  # fmt: skip


def note(session: Session, run_id: int, url: str, recorded: Recorded) -> None:
    """Write beside the run's last request for `url` what became of its answer. Nothing happens where none is logged."""
    last = select(func.max(Fetch.id)).where(Fetch.run_id == run_id, Fetch.url_key == url_key(url)).scalar_subquery()
    session.execute(
        update(Fetch).where(Fetch.id == last).values(recorded=recorded.outcome.value, reason=recorded.reason or None)
    )
