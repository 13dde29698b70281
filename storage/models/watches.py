"""Who is told of what: owners, watches, mutes, alerts."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.columns import Identifier, PlainJson
from storage.models.base import Base, row_id, to


class Owner(Base):
    """Whose watches and channels they are."""

    __tablename__ = "owner"
    __table_args__ = ({"comment": "Whose watches, channels and mutes they are."},)

    id: Mapped[int] = row_id()
    name: Mapped[str] = mapped_column(unique=True, comment="The owner's name; local on an installation of one person.")
    zone: Mapped[str | None] = mapped_column(comment="Time zone of the owner's hours; null: Asia/Shanghai.")
    created_at: Mapped[datetime] = mapped_column(comment="When made.")


class Watch(Base):
    """An analyst's saved query."""

    __tablename__ = "watch"
    __table_args__ = (
        UniqueConstraint("owner_id", "name"),
        Index("ix_watch_revision", "revision"),
        {"comment": "An analyst's saved query with filters, channels and a cadence."},
    )

    id: Mapped[int] = row_id()
    owner_id: Mapped[int] = to("owner.id", "Whose it is.")
    name: Mapped[str] = mapped_column(comment="Its name, unique for its owner.")
    query: Mapped[str] = mapped_column(comment="The query, in the archive's query language.")
    filters: Mapped[dict[str, Any]] = mapped_column(comment="Further conditions: kinds of event, sources, types, …")
    include_backlog: Mapped[bool] = mapped_column(comment="Whether backlog alerts too.")
    cadence: Mapped[str] = mapped_column(comment="at_once, hourly, daily HH:MM, weekly mon HH:MM.")
    quiet: Mapped[str | None] = mapped_column(comment="Hours in which nothing is sent, HH:MM-HH:MM; null: none.")
    zone: Mapped[str | None] = mapped_column(comment="Time zone of its hours; null: the owner's.")
    enabled: Mapped[bool] = mapped_column(comment="Whether it is matched.")
    removed_at: Mapped[datetime | None] = mapped_column(comment="When it was removed; its alerts stay.")
    created_at: Mapped[datetime] = mapped_column(comment="When made.")
    follows_since: Mapped[datetime | None] = mapped_column(
        comment="Since when it asks what it asks; of what was published before, nothing that arrives later is told. "
        "Null: since it was made."
    )
    revision: Mapped[int] = mapped_column(
        server_default="0", comment="Counts on with every change of any watch; what a service knows is up to one."
    )


class WatchChannel(Base):
    """Which channels a watch uses."""

    __tablename__ = "watch_channel"
    __table_args__ = ({"comment": "Which channels a watch uses."},)

    watch_id: Mapped[int] = mapped_column(Identifier, ForeignKey("watch.id"), primary_key=True, comment="The watch.")
    channel_id: Mapped[int] = mapped_column(
        Identifier, ForeignKey("channel.id"), primary_key=True, comment="The channel."
    )


class Mute(Base):
    """What an owner wants to hear nothing of."""

    __tablename__ = "mute"
    __table_args__ = ({"comment": "What an owner wants to hear nothing of: a watch, a source or a document."},)

    id: Mapped[int] = row_id()
    owner_id: Mapped[int] = to("owner.id", "Whose it is.")
    watch_id: Mapped[int | None] = to("watch.id", "The watch muted; null: any.")
    source_id: Mapped[str | None] = mapped_column(ForeignKey("source.id"), comment="The source muted; null: any.")
    document_id: Mapped[int | None] = to("document.id", "The document muted; null: any.")
    until: Mapped[datetime | None] = mapped_column(comment="When it ends; null: never.")
    reason: Mapped[str] = mapped_column(comment="Why, in the owner's words.")
    created_at: Mapped[datetime] = mapped_column(comment="When made.")


class Alert(Base):
    """One event that a watch matched."""

    __tablename__ = "alert"
    __table_args__ = (
        UniqueConstraint("watch_id", "version_id", "kind"),
        UniqueConstraint("watch_id", "event_id"),
        {"comment": "One event that a watch matched; at most one for a watch, version and kind of event."},
    )

    id: Mapped[int] = row_id()
    watch_id: Mapped[int] = to("watch.id", "The watch.")
    event_id: Mapped[int] = to("event.id", "The event.", index=True)
    kind: Mapped[str] = mapped_column(comment="The event's kind.")
    document_id: Mapped[int | None] = to("document.id", "The event's document.")
    version_id: Mapped[int | None] = to("version.id", "The document's version.")
    terms: Mapped[list[Any]] = mapped_column(PlainJson, comment="What of the query was found where.")
    muted: Mapped[bool] = mapped_column(comment="Whether a mute kept it from being delivered.")
    later: Mapped[str | None] = mapped_column(
        comment="What arrived later and made it match: attachment, ocr, reference or reading; null: it matched at once."
    )
    created_at: Mapped[datetime] = mapped_column(comment="When matched.")


class Enrichment(Base):
    """A version that has more to it than when watches were matched against it."""

    __tablename__ = "enrichment"
    __table_args__ = (
        {"comment": "Versions of which something arrived later, to be matched again; a row goes when it was."},
    )

    id: Mapped[int] = row_id()
    version_id: Mapped[int] = to("version.id", "The version.", index=True)
    run_id: Mapped[int | None] = to("run.id", "The run that brought it, whose verdict decides; null: no run did.")
    reason: Mapped[str] = mapped_column(comment="attachment, ocr, reference or reading.")
    backlog: Mapped[bool] = mapped_column(comment="Whether only watches that ask for backlog are told.")
    at: Mapped[datetime] = mapped_column(comment="When it arrived.")
