"""Watches and mutes: who wants to know what, when, and what nobody wants to hear of."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, delete, func, or_, select, update
from sqlalchemy.orm import Session

from storage.clock import Clock
from storage.engine import reading, writing
from storage.errors import OperatorError
from storage.models import (
    Alert,
    Channel,
    Delivery,
    DeliveryAlert,
    Document,
    Event,
    Mute,
    Owner,
    Source,
    Watch,
    WatchChannel,
)
from storage.rows_watch import MuteRow, WatchRow
from storage.watch_queries import mute_rows, watch_rows

_EDITED = frozenset({"query", "filters", "include_backlog"})  # what a watch asks; the rest is how it tells


class WatchList:
    """The watches and mutes of one archive."""

    _engine: Engine
    _clock: Clock

    def add_watch(
        self,
        name: str,
        query: str,
        filters: dict[str, Any] | None = None,
        *,
        include_backlog: bool = False,
        channels: Iterable[int] = (),
        owner: str = "local",
        cadence: str = "at_once",
        quiet: str | None = None,
        zone: str | None = None,
    ) -> int:
        """Keep a watch; returns its id. Query, filters, cadence, quiet hours and zone are taken as given: read them
        first.

        Raises OperatorError where the owner has a watch of that name, or a channel does not exist."""
        now = self._clock.now()
        with writing(self._engine) as session:
            owner_id = self._owner(session, owner)
            if session.scalar(select(Watch.id).where(Watch.owner_id == owner_id, Watch.name == name)) is not None:
                raise OperatorError(
                    f"there is a watch named {name!r} already. Change it by 'policy-crawler watch edit', "
                    "or choose another name."
                )
            watch = Watch(
                owner_id=owner_id, name=name, query=query, filters=dict(filters or {}),
                include_backlog=include_backlog, cadence=cadence, quiet=quiet, zone=zone, enabled=True, created_at=now,
                follows_since=now, revision=_next_revision(session),
            )  # fmt: skip
            session.add(watch)
            session.flush()
            _set_channels(session, watch, channels)
            return watch.id

    def edit_watch(
        self, name: str, changes: dict[str, Any], *, channels: Iterable[int] | None = None, owner: str = "local"
    ) -> WatchRow:
        """Change what is given: name, query, filters, include_backlog, cadence, quiet, zone, enabled; all its channels,
        where given. What is collected already is sent when it is due.

        Raises OperatorError where there is no such watch, or the new name is another's."""
        with writing(self._engine) as session:
            watch = _named(session, name, owner)
            new = changes.get("name", name)
            taken = select(Watch.id).where(Watch.owner_id == watch.owner_id, Watch.name == new, Watch.id != watch.id)
            if session.scalar(taken) is not None:
                raise OperatorError(f"there is a watch named {new!r} already")
            asks = any(key in _EDITED and getattr(watch, key) != value for key, value in changes.items())
            if asks or (changes.get("enabled") and not watch.enabled):
                watch.follows_since = self._clock.now()
            for key, value in changes.items():
                setattr(watch, key, value)
            watch.revision = _next_revision(session)
            if channels is not None:
                session.execute(delete(WatchChannel).where(WatchChannel.watch_id == watch.id))
                _set_channels(session, watch, channels)
            session.flush()
            return watch_rows(session, Watch.id == watch.id)[0]

    def remove_watch(self, name: str, owner: str = "local") -> None:
        """Stop a watch; its alerts stay. Raises OperatorError where there is none of that name."""
        with writing(self._engine) as session:
            watch = _named(session, name, owner)
            watch.enabled, watch.removed_at, watch.revision = False, self._clock.now(), _next_revision(session)
            watch.name = f"{name} (removed {watch.id})"
            session.execute(delete(WatchChannel).where(WatchChannel.watch_id == watch.id))

    def watches(self, *, disabled: bool = False) -> list[WatchRow]:
        """The enabled watches, the oldest first; with `disabled` those, too, that are not."""
        with reading(self._engine) as session:
            return watch_rows(session, Watch.removed_at.is_(None) if disabled else Watch.enabled.is_(True))

    def find_watch(self, name: str, owner: str = "local") -> WatchRow:
        """The owner's watch of that name. Raises OperatorError where there is none."""
        with reading(self._engine) as session:
            return watch_rows(session, Watch.id == _named(session, name, owner).id)[0]

    def changed_watches(self, since: int) -> tuple[int, list[WatchRow]]:
        """The newest revision, and the watches that were made, changed, disabled or removed after revision `since`;
        with -1 all."""
        with reading(self._engine) as session:
            newest = session.scalar(select(func.max(Watch.revision))) or 0
            if newest == since:
                return newest, []
            return newest, watch_rows(session, Watch.revision > since)

    # -- mutes -----------------------------------------------------------------------------------------------------

    def mute(
        self,
        *,
        watch_id: int | None = None,
        source_id: str | None = None,
        document_id: int | None = None,
        until: datetime | None = None,
        reason: str = "",
        owner: str = "local",
    ) -> int:
        """Deliver nothing of this watch, source or document (what is given must all fit) until then, or for ever; of
        what is collected already, neither.

        Raises OperatorError where nothing is given, which would mute everything, or what is given does not exist."""
        if watch_id is None and source_id is None and document_id is None:
            raise OperatorError("say what to mute: a watch, a source or a document")
        with writing(self._engine) as session:
            for model, key in ((Watch, watch_id), (Source, source_id), (Document, document_id)):
                if key is not None and session.get(model, key) is None:
                    raise OperatorError(f"the archive has no {model.__tablename__} {key}")
            mute = Mute(
                owner_id=self._owner(session, owner), watch_id=watch_id, source_id=source_id,
                document_id=document_id, until=until, reason=reason, created_at=self._clock.now(),
            )  # fmt: skip
            session.add(mute)
            session.flush()
            _withhold(session, mute)
            return mute.id

    def unmute(self, mute_id: int) -> bool:
        """End a mute; answers whether there was one."""
        with writing(self._engine) as session:
            mute = session.get(Mute, mute_id)
            if mute is not None:
                session.delete(mute)
            return mute is not None

    def mutes(self, *, ended: bool = False) -> list[MuteRow]:
        """The mutes that hold now, the oldest first; with `ended` all."""
        with reading(self._engine) as session:
            return mute_rows(session, None if ended else self._clock.now())

    # -- owners ----------------------------------------------------------------------------------------------------

    def set_zone(self, zone: str | None, owner: str = "local") -> None:
        """The time zone of an owner's hours; None: China's."""
        with writing(self._engine) as session:
            owner_id = self._owner(session, owner)
            session.get_one(Owner, owner_id).zone = zone
            for watch in session.scalars(select(Watch).where(Watch.owner_id == owner_id, Watch.zone.is_(None))):
                watch.revision = _next_revision(session)

    def _owner(self, session: Session, name: str) -> int:
        owner = session.scalar(select(Owner).where(Owner.name == name))
        if owner is None:
            owner = Owner(name=name, created_at=self._clock.now())
            session.add(owner)
            session.flush()
        return owner.id


def _named(session: Session, name: str, owner: str) -> Watch:
    watch = session.scalar(select(Watch).join(Owner).where(Owner.name == owner, Watch.name == name))
    if watch is None or watch.removed_at is not None:
        raise OperatorError(f"there is no watch named {name!r}. See 'policy-crawler watch list'.")
    return watch


def _next_revision(session: Session) -> int:
    """One more than any watch has; a writer is alone, so that no two changes share one."""
    return (session.scalar(select(func.max(Watch.revision))) or 0) + 1


def _set_channels(session: Session, watch: Watch, channels: Iterable[int]) -> None:
    for channel_id in dict.fromkeys(channels):
        if session.get(Channel, channel_id) is None:
            raise OperatorError(f"there is no channel {channel_id}")
        session.add(WatchChannel(watch_id=watch.id, channel_id=channel_id))


def _withhold(session: Session, mute: Mute) -> None:
    """Take what is muted out of the messages that are still collecting; one that is left with nothing goes."""
    fits = [Watch.owner_id == mute.owner_id]
    if mute.watch_id is not None:
        fits.append(Alert.watch_id == mute.watch_id)
    if mute.document_id is not None:
        fits.append(Alert.document_id == mute.document_id)
    if mute.source_id is not None:
        fits.append(Event.source_id == mute.source_id)
    waiting = (
        select(DeliveryAlert)
        .join(Delivery, Delivery.id == DeliveryAlert.delivery_id)
        .join(Alert, Alert.id == DeliveryAlert.alert_id)
        .join(Watch, Watch.id == Alert.watch_id)
        .join(Event, Event.id == Alert.event_id)
        .where(Delivery.state == "pending", Delivery.attempts == 0, Delivery.digest.is_not(None), *fits)
    )
    found = session.scalars(waiting).all()
    for carried in found:
        session.execute(update(Alert).where(Alert.id == carried.alert_id).values(muted=True))
        session.delete(carried)
    session.flush()
    for delivery_id in {carried.delivery_id for carried in found}:
        left = select(DeliveryAlert.alert_id).where(DeliveryAlert.delivery_id == delivery_id).limit(1)
        if session.scalar(left) is None:
            session.execute(delete(Delivery).where(Delivery.id == delivery_id))


def holding(session: Session, now: datetime) -> list[Mute]:
    """The mutes that hold at `now`."""
    return list(session.scalars(select(Mute).where(or_(Mute.until.is_(None), Mute.until > now)).order_by(Mute.id)))
