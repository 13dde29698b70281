"""Channels: where people are told, which of them work, and who hears of it when one does not."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, delete, select, update
from sqlalchemy.orm import Session

from storage.clock import Clock
from storage.delivery_queries import channel_row
from storage.engine import reading, writing
from storage.errors import OperatorError
from storage.models import Channel, Delivery, Owner, WatchChannel
from storage.rows_channels import ChannelRow

REMOVED = "the channel was removed"


class ChannelList:
    """The channels of one archive."""

    _engine: Engine
    _clock: Clock

    def add_channel(
        self,
        kind: str,
        target: str,
        owner: str = "local",
        *,
        address: str | None = None,
        secret: str | None = None,
        operator: bool = False,
    ) -> int:
        """Keep a channel; one of that kind and target that is there already is used again, and enabled. `address` and
        `secret` say where secrets are kept; those given replace those known. Returns its id."""
        with writing(self._engine) as session:
            owner_id = owner_of(session, owner, self._clock.now())
            channel = session.scalar(
                select(Channel).where(Channel.owner_id == owner_id, Channel.kind == kind, Channel.target == target)
            )
            if channel is None:
                channel = Channel(
                    owner_id=owner_id, kind=kind, target=target, enabled=True, failures=0, operator=operator,
                    created_at=self._clock.now(),
                )  # fmt: skip
                session.add(channel)
            channel.address = address or channel.address
            channel.secret = secret or channel.secret
            channel.operator = operator or channel.operator
            _enable(channel)
            session.flush()
            return channel.id

    def channels(self) -> list[ChannelRow]:
        """All channels that were not removed, the oldest first."""
        query = select(Channel, Owner.name).join(Owner, Owner.id == Channel.owner_id).order_by(Channel.id)
        with reading(self._engine) as session:
            return [
                channel_row(channel, owner)
                for channel, owner in session.execute(query.where(Channel.removed_at.is_(None)))
            ]

    def channel(self, channel_id: int) -> ChannelRow:
        """One channel. Raises OperatorError where there is none of that number."""
        found = next((row for row in self.channels() if row.id == channel_id), None)
        if found is None:
            raise OperatorError(f"there is no channel {channel_id}. See 'policy-crawler channels list'.")
        return found

    def enable_channel(self, channel_id: int) -> int:
        """Send there again, as if it had never failed. Returns how many deliveries were given up meanwhile."""
        with writing(self._engine) as session:
            _enable(_channel(session, channel_id))
            given_up = select(Delivery.id).where(Delivery.channel_id == channel_id, Delivery.state == "dead")
            return len(list(session.scalars(given_up)))

    def disable_channel(self, channel_id: int, reason: str | None = None) -> None:
        """Send nothing there any more. With a `reason` the service did it: what waits is given up, what comes is
        kept as given up, both can be replayed, and others are told. Without, a person did: nothing more is staged,
        and what waits stays until it is enabled again."""
        with writing(self._engine) as session:
            channel = _channel(session, channel_id)
            if not channel.enabled:
                return
            channel.enabled = False
            if reason is not None:
                give_up_channel(session, channel, reason, self._clock.now())

    def remove_channel(self, channel_id: int) -> None:
        """Forget a channel; what it was sent stays listed. Watches use it no more."""
        with writing(self._engine) as session:
            channel = _channel(session, channel_id)
            channel.enabled, channel.removed_at = False, self._clock.now()
            channel.address = channel.secret = channel.secret_before = None
            session.execute(delete(WatchChannel).where(WatchChannel.channel_id == channel_id))
            _give_up_waiting(session, channel_id, REMOVED)

    def rotate_secret(self, channel_id: int, secret: str) -> None:
        """Sign by the secret kept at `secret` from now on, and for a day by the one before too."""
        with writing(self._engine) as session:
            channel = _channel(session, channel_id)
            channel.secret_before, channel.secret = channel.secret, secret
            channel.rotated_at = self._clock.now()

    def tell_failing(self, after: timedelta) -> int:
        """Tell of channels that failed for at least that long, each once, through others. Returns how many."""
        now = self._clock.now()
        failing = select(Channel).where(
            Channel.enabled.is_(True), Channel.failing_since <= now - after, Channel.told_at.is_(None)
        )
        with reading(self._engine) as session:
            if session.scalars(failing).first() is None:
                return 0
        with writing(self._engine) as session:
            found = list(session.scalars(failing))
            for channel in found:
                channel.told_at = now
                tell_of_channel(session, channel, "delivery_failing", channel.error or "", now)
            return len(found)

    def tell_operators(self, kind: str, title: str, reason: str) -> int:
        """Stage a notice of the service itself, as scheduler_late or disk_low, for every operator's channel; for the
        first that works where none is an operator's. Returns for how many."""
        now = self._clock.now()
        with writing(self._engine) as session:
            to = _operators(session, None) or _first_of(_working(session, None))
            stage_notice(session, [channel.id for channel in to], notice(kind, title, reason, now), now)
            return len(to)


def notice(kind: str, title: str, reason: str, now: datetime) -> dict[str, Any]:
    """What a delivery tells of the service itself."""
    return {"kind": kind, "title": title, "reason": reason, "at": now.isoformat()}


def stage_notice(session: Session, channel_ids: Sequence[int], told: dict[str, Any], now: datetime) -> None:
    """A delivery of a notice to each of these channels."""
    session.add_all(
        Delivery(
            channel_id=channel_id, message_id=uuid.uuid4().hex, state="pending", attempts=0, probes=0,
            next_attempt_at=now, created_at=now, notice=told,
        )
        for channel_id in channel_ids
    )  # fmt: skip
    session.flush()


def tell_of_channel(session: Session, channel: Channel, kind: str, reason: str, now: datetime) -> None:
    """Say that a channel fails, was disabled, or works again: to the operators, and to its owner by another one."""
    operators = _operators(session, channel.id)
    others = [other for other in _working(session, channel.id) if other.owner_id == channel.owner_id]
    told_already = [other for other in operators if other.owner_id == channel.owner_id]
    to = operators + ([] if told_already else _first_of(others))
    name = f"{channel.kind} {channel.target}".rstrip()
    stage_notice(session, [other.id for other in to], notice(kind, name, reason, now), now)


def give_up_channel(session: Session, channel: Channel, reason: str, now: datetime) -> None:
    """Disable a channel for a reason: give up what waits, and say so."""
    channel.enabled, channel.disabled_reason, channel.probe_at = False, reason, None
    count = _give_up_waiting(session, channel.id, f"the channel was disabled: {reason}")
    more = f" {count} more deliveries were given up." if count else ""
    what = f"disabled: {reason}.{more} When it is put right: policy-crawler channels enable {channel.id}"
    tell_of_channel(session, channel, "delivery_disabled", what, now)


def owner_of(session: Session, name: str, now: datetime) -> int:
    """The id of the owner of that name, who is made where there is none."""
    owner = session.scalar(select(Owner).where(Owner.name == name))
    if owner is None:
        owner = Owner(name=name, created_at=now)
        session.add(owner)
        session.flush()
    return owner.id


def _channel(session: Session, channel_id: int) -> Channel:
    channel = session.get(Channel, channel_id, with_for_update=True)
    if channel is None or channel.removed_at is not None:
        raise OperatorError(f"there is no channel {channel_id}. See 'policy-crawler channels list'.")
    return channel


def _enable(channel: Channel) -> None:
    channel.enabled, channel.removed_at, channel.disabled_reason = True, None, None
    channel.failing_since = channel.probe_at = channel.told_at = channel.error = None
    channel.failures = 0


def _give_up_waiting(session: Session, channel_id: int, error: str) -> int:
    waiting = (Delivery.channel_id == channel_id) & (Delivery.state == "pending")
    count = len(list(session.scalars(select(Delivery.id).where(waiting))))
    gone = {"state": "dead", "error": error, "holder": None, "held_until": None}
    session.execute(update(Delivery).where(waiting).values(**gone))
    return count


def _operators(session: Session, but: int | None) -> list[Channel]:
    return [channel for channel in _working(session, but) if channel.operator]


def _working(session: Session, but: int | None) -> list[Channel]:
    """Channels that something can be told by: not failing, mail first, a terminal last, which nobody may look at."""
    query = select(Channel).where(Channel.enabled.is_(True), Channel.failing_since.is_(None)).order_by(Channel.id)
    found = [channel for channel in session.scalars(query) if channel.id != but]
    return sorted(found, key=lambda channel: {"email": 0, "terminal": 2}.get(channel.kind, 1))


def _first_of(channels: list[Channel]) -> list[Channel]:
    return channels[:1]
