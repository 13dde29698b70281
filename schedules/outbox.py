"""The outbox: brings due deliveries to their channels, at least once, each channel in a thread of its own.

A delivery is claimed in SQL, sent, and marked. Killed between sending and marking, it is sent again when the claim has
run out, with the same id: the receiver can tell. One channel that hangs or fails keeps no other waiting.
"""

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from schedules import cadence
from schedules.alerts import Message
from schedules.channels import Channel, Envelope, RefusedError, TemporaryError
from storage.clock import Clock
from storage.faults import fp
from storage.watching import DeliveryRow, WatchBook

CLAIM_SECONDS = 120  # a channel gives up on its own well before
BATCH = 100  # deliveries of a channel looked at in one pass

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Report:
    """What a pass did. `unfinished`: channels whose sending still went on when the pass returned."""

    sent: int = 0
    retrying: int = 0
    dead: int = 0
    unfinished: int = 0

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

    def deliver(self, seconds: float) -> Report:
        """Send what is due; wait at most `seconds` for slow channels, which go on by themselves.

        A channel whose sending from an earlier pass still goes on is left alone."""
        self._busy = {channel: thread for channel, thread in self._busy.items() if thread.is_alive()}
        due: defaultdict[int, list[DeliveryRow]] = defaultdict(list)
        for delivery in self._book.due_deliveries(self._clock.now(), per_channel=BATCH):
            if delivery.channel.id not in self._busy:
                due[delivery.channel.id].append(delivery)
        results: list[str] = []
        begun = []
        for channel, deliveries in due.items():
            # A daemon: a server that never answers must not keep the process from ending.
            thread = threading.Thread(
                target=self._bring, args=(deliveries, results), name=f"channel-{channel}", daemon=True
            )
            self._busy[channel] = thread
            thread.start()
            begun.append(thread)
        deadline = time.monotonic() + seconds
        for thread in begun:
            thread.join(max(0.0, deadline - time.monotonic()))
        unfinished = sum(thread.is_alive() for thread in self._busy.values())
        done = list(results)
        return Report(done.count("sent"), done.count("retrying"), done.count("dead"), unfinished)

    def _bring(self, deliveries: list[DeliveryRow], results: list[str]) -> None:
        """Send one channel's deliveries in their order. After a failure that may pass, the rest waits for the next
        pass: a server that is down is asked once a pass, not once a mail."""
        for due in deliveries:
            try:
                result = self._attempt(due.id)
            except Exception:  # the archive is locked or full: the claim runs out, and it is tried again
                logger.exception("delivery %d could not be attempted", due.id)
                return
            if result is not None:
                results.append(result)
            if result == "retrying":
                return

    def _attempt(self, delivery_id: int) -> str | None:
        """One attempt: sent, retrying or dead; None where another has it."""
        until = self._clock.now() + timedelta(seconds=CLAIM_SECONDS)
        delivery = self._book.claim_delivery(delivery_id, self._holder, until)
        if delivery is None:
            return None
        fp("claimed")
        try:
            receipt = self._channel(delivery.channel.kind).send(
                self._compose(delivery), Envelope(delivery.message_id, delivery.channel.target, delivery.created_at)
            )
        except RefusedError as error:
            return self._failed(delivery, str(error), final=True)
        except TemporaryError as error:
            return self._failed(delivery, str(error), final=False)
        except Exception as error:  # a mistake of ours in one message; the others go out
            logger.exception("delivery %d could not be sent", delivery.id)
            return self._failed(delivery, f"{type(error).__name__}: {error}", final=False)
        fp("sent")
        self._book.delivery_sent(delivery.id, receipt)
        fp("marked")
        return "sent"

    def _channel(self, kind: str) -> Channel:
        if kind not in self._channels:
            raise RefusedError(f"this release has no channels of kind {kind!r}")
        return self._channels[kind]

    def _failed(self, delivery: DeliveryRow, error: str, *, final: bool) -> str:
        again = None if final else cadence.retry_at(delivery.message_id, delivery.attempts, self._clock.now())
        self._book.delivery_failed(delivery.id, error, again, holder=self._holder)
        target = f"{delivery.channel.kind} {delivery.channel.target}".rstrip()
        if again is None:
            logger.error("%s: given up after %d attempts: %s", target, delivery.attempts, error)
            return "dead"
        logger.warning("%s: attempt %d failed, next at %s: %s", target, delivery.attempts, again, error)
        return "retrying"
