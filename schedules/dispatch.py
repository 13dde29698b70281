"""From published events to sent messages: match, then deliver. One pass; the service makes one whenever something may
have happened, a crawl from the command line makes one at its end."""

from collections.abc import Mapping
from dataclasses import dataclass

from schedules.alerts import Message, render
from schedules.alerts.render import Language
from schedules.channels import Channel
from schedules.notices import Notices
from schedules.outbox import Outbox, Report
from schedules.troubles import notice_of
from schedules.watches import Matcher
from storage.clock import Clock
from storage.leases import Leases
from storage.queries import Queries
from storage.watching import DeliveryRow, WatchBook

SERVICE_LEASE = "scheduler"
# How long a pass of the service waits for its channels. Slow ones go on by themselves, and what comes in meanwhile for
# the others must not wait for them.
PASS_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Dispatched:
    """What a pass did: alerts that are new, and how their and older deliveries went."""

    alerts: int
    deliveries: Report


class Dispatcher:
    """Matches and delivers on one archive. `holder` names this process in claims."""

    def __init__(
        self,
        *,
        book: WatchBook,
        queries: Queries,
        channels: Mapping[str, Channel],
        clock: Clock,
        holder: str,
        language: Language = "zh",
        console: str = "",
    ) -> None:
        """`console`: the address at which others open the console, for links; empty where there is none."""
        self._matcher = Matcher(book)
        self._notices = Notices(queries, clock, console)
        self._language = language
        self._outbox = Outbox(book, channels, self.compose, clock, holder)

    def run(self, seconds: float = PASS_SECONDS, *, at_once: bool = False) -> Dispatched:
        """One pass. Blocks for at most about `seconds`; slow channels then go on by themselves. `at_once`: nothing more
        is to come, so that no message waits for it."""
        return Dispatched(self._matcher.run(), self._outbox.deliver(seconds, early=at_once))

    def compose(self, delivery: DeliveryRow) -> Message:
        """A delivery in words: one notice an event, each naming every watch that it matched."""
        told = self._notices.of(delivery.alerts) if delivery.notice is None else [notice_of(delivery.notice)]
        return render(told, self._language)


def deliver_pending(dispatcher: Dispatcher, leases: Leases, seconds: float = 60.0) -> Dispatched | None:
    """Match and deliver once, for a command; None where a service is there to do it."""
    if leases.holder(SERVICE_LEASE) is not None:
        return None
    return dispatcher.run(seconds, at_once=True)
