"""From published events to sent messages: match, then deliver. One pass; the service makes one whenever something may
have happened, a crawl from the command line makes one at its end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from schedules.alerts import Found, Match, Message, Notice, render
from schedules.alerts.render import Language
from schedules.channels import Channel
from schedules.outbox import Outbox, Report
from schedules.watches import match_pending
from storage.clock import CHINA, Clock
from storage.leases import Leases
from storage.queries import Queries
from storage.watching import AlertRow, DeliveryRow, WatchBook

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
    ) -> None:
        self._book = book
        self._clock = clock
        self._queries = queries
        self._language = language
        self._outbox = Outbox(book, channels, self.compose, clock, holder)

    def run(self, seconds: float = PASS_SECONDS) -> Dispatched:
        """One pass. Blocks for at most about `seconds`; slow channels then go on by themselves."""
        return Dispatched(match_pending(self._book), self._outbox.deliver(seconds))

    def compose(self, delivery: DeliveryRow) -> Message:
        """A delivery in words: one notice an event, each naming every watch that it matched."""
        return render(self.notices(delivery.alerts), self._language)

    def notices(self, alerts: Sequence[AlertRow]) -> list[Notice]:
        """The events behind alerts, in their order, each once."""
        by_event: dict[int, list[AlertRow]] = {}
        for alert in alerts:
            by_event.setdefault(alert.event.id, []).append(alert)
        return [self._notice(together) for together in by_event.values()]

    def _notice(self, alerts: Sequence[AlertRow]) -> Notice:
        event = alerts[0].event
        version = None if event.version_id is None else self._queries.version(event.version_id)
        today = self._clock.today()
        judged = None if event.document_id is None else self._queries.validity(event.document_id, today)
        late_days = None
        if event.late and event.published is not None:
            late_days = (event.at.astimezone(CHINA).date() - event.published).days
        return Notice(
            kind=event.kind,
            happened_at=event.at,
            source_name=event.source_name,
            matches=tuple(Match(alert.watch, tuple(Found(**term) for term in alert.terms)) for alert in alerts),
            title=event.title,
            issuer=event.issuer,
            doc_number=event.number,
            type=event.type,
            written=version.written if version else None,
            published=event.published,
            effective=version.effective if version else None,
            expires=version.expires if version else None,
            deadline=version.deadline if version else None,
            deadline_at=version.deadline_at if version else None,
            url=event.url,
            document_id=event.document_id,
            version_number=event.version_seq,
            changes=event.changes,
            late_days=late_days,
            backlog=event.backlog,
            images_carry_text=bool(version and version.images_carry_text),
            reason=event.reason or None,
            day=event.day,
            by=event.by.name if event.by else None,
            partly=bool(event.by and event.by.partly),
            validity=judged.chosen.state.value if judged else None,
            validity_since=judged.chosen.since if judged else None,
            event_id=event.id,
        )


def deliver_pending(dispatcher: Dispatcher, leases: Leases, seconds: float = 60.0) -> Dispatched | None:
    """Match and deliver once, for a command; None where a service is there to do it."""
    if leases.holder(SERVICE_LEASE) is not None:
        return None
    return dispatcher.run(seconds)
