"""The outbox: brings due deliveries to their channels, at least once, each channel in a thread of its own.

A delivery is claimed in SQL, its messages are written down, sent one by one, and marked. Killed between sending and
marking, a message is sent again when the claim has run out, with the same id and the same words: the receiver can tell.
One channel that hangs or fails keeps no other waiting; of one that fails a single delivery is tried, not all that wait.
"""

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from schedules import cadence
from schedules.alerts import Message
from schedules.channels import Channel, Envelope, GoneError, RefusedError, TemporaryError
from storage.clock import Clock
from storage.deliveries import Failure
from storage.faults import fp
from storage.rows_channels import ChannelRow, PartRow
from storage.watching import DeliveryRow, WatchBook

CLAIM_SECONDS = 120  # a channel gives up on its own well before
BATCH = 100  # deliveries of a channel looked at in one pass
SOON = timedelta(seconds=15)  # the service's next tick looks after what is due later
DISABLED_AFTER = timedelta(days=5)  # of failing without a break
TOLD_AFTER = timedelta(hours=1)
OVERLAP = timedelta(hours=24)  # for which the secret before the last change signs too

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Report:
    """What a pass did. `unfinished`: channels whose sending still went on when the pass returned. `soon`: whether
    something is to be sent within seconds."""

    sent: int = 0
    retrying: int = 0
    dead: int = 0
    unfinished: int = 0
    soon: bool = False

    @property
    def failed(self) -> int:
        """Deliveries that did not get through."""
        return self.retrying + self.dead


class Outbox:
    """Sends what is due. `compose` says a delivery in words; `channels` are by kind."""

    def __init__(
        self,
        book: WatchBook,
        channels: Mapping[str, Channel],
        compose: Callable[[DeliveryRow], Message],
        clock: Clock,
        holder: str,
    ) -> None:
        self._book = book
        self._channels = channels
        self._compose = compose
        self._clock = clock
        self._holder = holder
        self._busy: dict[int, threading.Thread] = {}  # by channel

    def deliver(self, seconds: float, *, early: bool = False) -> Report:
        """Send what is due; wait at most `seconds` for slow channels, which go on by themselves.

        A channel whose sending from an earlier pass still goes on is left alone. `early`: send also what waits a
        moment for more to come."""
        self._busy = {channel: thread for channel, thread in self._busy.items() if thread.is_alive()}
        if told := self._book.tell_failing(TOLD_AFTER):
            logger.warning("%d channels have failed for an hour; others were told", told)
        due: defaultdict[int, list[int]] = defaultdict(list)
        for delivery_id, channel_id in self._book.due_deliveries(self._clock.now(), per_channel=BATCH, early=early):
            if channel_id not in self._busy:
                due[channel_id].append(delivery_id)
        results: list[str] = []
        begun = []
        for channel, deliveries in due.items():
            # A daemon: a server that never answers must not keep the process from ending.
            thread = threading.Thread(
                target=self._bring, args=(deliveries, results, early), name=f"channel-{channel}", daemon=True
            )
            self._busy[channel] = thread
            thread.start()
            begun.append(thread)
        deadline = time.monotonic() + seconds
        for thread in begun:
            thread.join(max(0.0, deadline - time.monotonic()))
        unfinished = sum(thread.is_alive() for thread in self._busy.values())
        done = list(results)
        soon = bool(self._book.due_deliveries(self._clock.now() + SOON, per_channel=1))
        return Report(done.count("sent"), done.count("retrying"), done.count("dead"), unfinished, soon)

    def _bring(self, deliveries: list[int], results: list[str], early: bool) -> None:
        """Send one channel's deliveries in their order. After a failure that may pass, the rest waits for the next
        pass: a server that is down is asked once, not once a mail."""
        for due in deliveries:
            try:
                result = self._attempt(due, early=early)
            except Exception:  # the archive is locked or full: the claim runs out, and it is tried again
                logger.exception("delivery %d could not be attempted", due)
                return
            if result in {"sent", "retrying", "dead"}:
                results.append(result)
            if result in {"retrying", "paced"}:
                return

    def _attempt(self, delivery_id: int, *, early: bool) -> str:
        """One attempt: sent, retrying, dead; paced where the channel takes no more for now; taken where another has
        it, or it is not due."""
        delivery = self._book.claim_delivery(delivery_id, self._holder, self._until(), early=early)
        if delivery is None:
            return "taken"
        fp("claimed")
        try:
            channel = self._channel(delivery.channel.kind)
            receipt = self._send(delivery, channel, delivery.parts or self._written(delivery, channel))
        except _PacedError as error:
            self._book.postpone_delivery(delivery.id, error.until, holder=self._holder)
            return "paced"
        except (RefusedError, TemporaryError) as error:
            return self._failed(delivery, error)
        except OSError:  # the disk is full, or a fault point says so
            raise
        except Exception as error:  # a mistake of ours in one message; the others go out
            if _is_of_archive(error):
                raise
            logger.exception("delivery %d could not be sent", delivery.id)
            return self._failed(delivery, TemporaryError(f"{type(error).__name__}: {error}", about="message"))
        self._book.delivery_sent(delivery.id, receipt)
        fp("marked")
        return "sent"

    def _written(self, delivery: DeliveryRow, channel: Channel) -> tuple[PartRow, ...]:
        """The messages of a delivery, written down before the first is sent."""
        messages = channel.split(self._compose(delivery))
        contents = [{name: asdict(message)[name] for name in channel.keeps} for message in messages]
        parts = self._book.freeze_delivery(delivery.id, contents)
        fp("written")
        return parts

    def _send(self, delivery: DeliveryRow, channel: Channel, parts: tuple[PartRow, ...]) -> str:
        """Send what was not yet taken, in its order; answers with the last receipt."""
        receipt = ""
        for part in parts:
            if part.sent_at is not None:
                receipt = part.receipt or ""
                continue
            if (until := self._paced(channel, delivery.channel.id)) is not None:
                raise _PacedError(until)
            message = Message(**{"subject": "", "text": "", "html": "", **(part.content or {})})
            receipt = channel.send(message, self._envelope(delivery, part.number, len(parts)))
            fp("sent")
            if len(parts) > 1:
                self._book.part_sent(delivery.id, part.number, receipt, self._until())
                fp("part_marked")
        return receipt

    def _until(self) -> datetime:
        return self._clock.now() + timedelta(seconds=CLAIM_SECONDS)

    def _paced(self, channel: Channel, channel_id: int) -> datetime | None:
        """Until when the channel takes no more messages; None where it takes one now."""
        now = self._clock.now()
        for pace in channel.paces:
            window = timedelta(seconds=pace.seconds)
            taken = self._book.sent_since(channel_id, now - window)
            if len(taken) >= pace.most:
                return min(taken[-pace.most] + window, now + window)
        return None

    def _envelope(self, delivery: DeliveryRow, number: int, count: int) -> Envelope:
        channel = delivery.channel
        key = delivery.message_id if count == 1 else f"{delivery.message_id}.{number}"
        return Envelope(key, channel.target, delivery.created_at, channel.address, signing(channel, self._clock.now()))

    def _channel(self, kind: str) -> Channel:
        if kind not in self._channels:
            raise RefusedError(f"this release has no channels of kind {kind!r}")
        return self._channels[kind]

    def _failed(self, delivery: DeliveryRow, error: RefusedError | TemporaryError) -> str:
        failure = verdict(delivery, error, self._clock.now())
        self._book.delivery_failed(delivery.id, failure, holder=self._holder)
        name, attempts = delivery.channel.name, delivery.attempts
        if failure.disable is not None:
            logger.error("%s is disabled: %s", name, failure.disable)
        if failure.again is None:
            logger.error("%s: given up after %d attempts: %s", name, attempts, error)
            return "dead"
        next_at = min(filter(None, (failure.again, failure.probe)))
        logger.warning("%s: attempt %d failed, next at %s: %s", name, attempts, next_at, error)
        return "retrying"


def signing(channel: ChannelRow, now: datetime) -> tuple[str, ...]:
    """Where what signs is kept: the channel's secret, and for a day after a change the one before."""
    if channel.secret is None:
        return ()
    recent = channel.rotated_at is not None and now < channel.rotated_at + OVERLAP
    return (channel.secret, channel.secret_before) if recent and channel.secret_before else (channel.secret,)


def verdict(delivery: DeliveryRow, error: RefusedError | TemporaryError, now: datetime) -> Failure:
    """What becomes of a delivery that failed, and of its channel. Pure.

    A message is given up when the receiver refuses it, or after ten attempts, if others got through meanwhile. While
    nothing gets through, it is the channel that fails: it is probed, and disabled after five days."""
    channel = delivery.channel
    if isinstance(error, RefusedError):
        return Failure(str(error), None, disable=str(error) if isinstance(error, GoneError) else None)
    again: datetime | None = delivery.next_attempt_at  # a probe leaves the delivery's own schedule as it is
    if delivery.next_attempt_at <= now:
        again = cadence.retry_at(delivery.message_id, max(delivery.attempts, 1), now)
        others = channel.worked_at is not None and channel.worked_at > delivery.created_at
        if again is None and error.about != "message" and not others:
            again = now + cadence.LONGEST_BACKOFF
    if again is not None and error.retry_after is not None:
        again = max(again, now + error.retry_after)
    if error.about == "message":
        return Failure(str(error), again)
    probe = cadence.probe_at(f"{channel.id}/{delivery.message_id}", channel.failures + 1, now, error.retry_after)
    if error.about == "channel" and now - (channel.failing_since or now) >= DISABLED_AFTER:
        return Failure(str(error), None, probe, f"nothing got through for {DISABLED_AFTER.days} days: {error}")
    return Failure(str(error), again, probe)


class _PacedError(Exception):
    """The channel takes no more messages until then."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


def _is_of_archive(error: Exception) -> bool:
    """Whether an error is of the database, so that nothing can be marked either."""
    return type(error).__module__.startswith("sqlalchemy")
