"""Sources, their runs, and every request that was made."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.columns import PlainJson
from storage.models.base import Base, row_id, to


class Source(Base):
    """A source of the catalog, as far as the archive must know it."""

    __tablename__ = "source"
    __table_args__ = ({"comment": "One column (栏目) or feed of a site that publishes."},)

    id: Mapped[str] = mapped_column(primary_key=True, comment="The source's id in the catalog, e.g. miit-wjfb-tz.")
    name: Mapped[str] = mapped_column(comment="Its name for people: issuer and column.")
    issuer: Mapped[str] = mapped_column(comment="The body that runs it.")
    issuer_key: Mapped[str | None] = mapped_column(index=True, comment="The issuer in its one normal form.")
    site: Mapped[str] = mapped_column(comment="Host of the site.")
    family: Mapped[str] = mapped_column(comment="How its listing is served (jpaas, trs, feed, …).")
    level: Mapped[str] = mapped_column(comment="Administrative level of the issuer (central, province, city, …).")
    region: Mapped[str | None] = mapped_column(
        comment="Province, city, district: 广东/深圳; empty: central; null: not said since the archive knows regions."
    )
    topics: Mapped[list[Any] | None] = mapped_column(PlainJson, comment="What it is about, as the catalog says.")
    publishes: Mapped[str] = mapped_column(comment="The type of document it publishes, unless a page says otherwise.")
    list_url: Mapped[str] = mapped_column(comment="URL of its listing.")
    state: Mapped[str] = mapped_column(
        comment="new, ok, degraded, blocked, quarantined or broken: how its last judged run went."
    )
    state_reason: Mapped[str | None] = mapped_column(comment="Why it is in this state, in words.")
    state_since: Mapped[datetime | None] = mapped_column(comment="When it came into this state.")
    failures: Mapped[int] = mapped_column(comment="Runs in a row that did not succeed.")
    alarmed: Mapped[bool] = mapped_column(comment="Whether a source_failing event is open, to be closed by a recovery.")
    usual_since: Mapped[datetime | None] = mapped_column(
        comment="Start of the run whose list a person accepted: what is usual is learned from there on."
    )
    last_success_at: Mapped[datetime | None] = mapped_column(comment="End of its last successful run; null: none yet.")
    next_due_at: Mapped[datetime | None] = mapped_column(
        index=True,
        comment="Its next slot; null: not scheduled. The microseconds count how often the clock was set back.",
    )
    due_reason: Mapped[str | None] = mapped_column(comment="Why the next slot is when it is, in words.")
    mentioned_at: Mapped[datetime | None] = mapped_column(
        comment="When a news report last named a document of its site or issuer that the archive has not."
    )


class Run(Base):
    """One crawl of one source."""

    __tablename__ = "run"
    __table_args__ = (
        UniqueConstraint("source_id", "slot"),
        Index("ix_run_state", "state"),
        Index("ix_run_source_id_id", "source_id", "id"),
        {"comment": "One crawl of one source, with its counts and how it ended."},
    )

    id: Mapped[int] = row_id()
    source_id: Mapped[str] = mapped_column(ForeignKey("source.id"), comment="The source crawled.")
    trigger: Mapped[str] = mapped_column(comment="What started it: manual, schedule, url, backfill, import, reprocess.")
    slot: Mapped[str | None] = mapped_column(comment="The due time it fills; a slot is filled once.")
    state: Mapped[str] = mapped_column(comment="queued, running or finished.")
    verdict: Mapped[str | None] = mapped_column(
        comment="ok, partial, blocked, quarantined, failed, interrupted or died; null until finished."
    )
    reason: Mapped[str] = mapped_column(comment="Why it was judged so, in words.")
    backlog: Mapped[bool] = mapped_column(comment="Whether what it finds is backlog: alerts only where a watch asks.")
    pid: Mapped[int | None] = mapped_column(comment="Process that crawls.")
    queued_at: Mapped[datetime] = mapped_column(comment="When it was asked for.")
    started_at: Mapped[datetime | None] = mapped_column(comment="When its process opened it.")
    finished_at: Mapped[datetime | None] = mapped_column(comment="When it was judged.")
    counts: Mapped[dict[str, Any]] = mapped_column(comment="How many of each outcome; entries, requests, attachments.")
    request: Mapped[dict[str, Any] | None] = mapped_column(
        comment="What was asked for beside the usual: url, since, pages, recheck; null: nothing."
    )
    progress: Mapped[dict[str, Any] | None] = mapped_column(
        comment="How far it is while it runs: requests, queued, documents by outcome, the last one's title."
    )
    progress_at: Mapped[datetime | None] = mapped_column(comment="When that was said.")
    cancelled_by: Mapped[str | None] = mapped_column(comment="Who asked that it end before its time.")
    entries: Mapped[int | None] = mapped_column(comment="Entries on page 1 of the list; null: it was not read.")
    dated: Mapped[int | None] = mapped_column(comment="How many of them had a date.")
    newest: Mapped[date | None] = mapped_column(comment="The newest of their dates.")
    moved_to: Mapped[str | None] = mapped_column(comment="Where the list's URL permanently leads, if elsewhere.")


class Fetch(Base):
    """One request and its outcome; every one is logged."""

    __tablename__ = "fetch"
    __table_args__ = ({"comment": "One request and its outcome: why was there no alert? is answered here."},)

    id: Mapped[int] = row_id()
    run_id: Mapped[int] = to("run.id", "The run that asked.", index=True)
    url: Mapped[str] = mapped_column(comment="URL asked for.")
    final_url: Mapped[str | None] = mapped_column(comment="URL that answered, after redirects.")
    url_key: Mapped[str] = mapped_column(index=True, comment="The URL's key, as in page.url_key.")
    purpose: Mapped[str] = mapped_column(comment="listing, document, recheck, attachment or robots.")
    at: Mapped[datetime] = mapped_column(comment="When.")
    status: Mapped[int | None] = mapped_column(comment="HTTP status; null: no answer.")
    outcome: Mapped[str] = mapped_column(
        comment="How the request went: fetched, not_modified, redirect, status, refused or error."
    )
    bytes: Mapped[int] = mapped_column(comment="Size of the answer, as transferred.")
    duration_ms: Mapped[int | None] = mapped_column(comment="Milliseconds it took.")
    error: Mapped[str | None] = mapped_column(comment="What went wrong, in words.")
    recorded: Mapped[str | None] = mapped_column(
        comment="What the archive made of the answer: added, same, changed, …; null: nothing to keep."
    )
    reason: Mapped[str | None] = mapped_column(comment="Why it did so, in words.")
