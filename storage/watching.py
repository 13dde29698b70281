"""Watches, channels, alerts and deliveries: all SQL of telling. `schedules` matches and sends; here it is kept: watches
and mutes by `watch_list`, what matched by `matches`, channels by `channels`, their deliveries by `deliveries`."""

from datetime import datetime, timedelta

from sqlalchemy import Engine, select

from storage.channels import ChannelList
from storage.clock import Clock
from storage.deliveries import Deliveries
from storage.engine import reading
from storage.matches import Matches
from storage.models import Alert, Event, Watch
from storage.rows_channels import ChannelRow
from storage.rows_watch import AlertRow, DeliveryRow, MuteRow, NewAlert, UnmatchedEvent, WatchRow
from storage.watch_list import WatchList
from storage.watch_queries import alert_rows

__all__ = ["AlertRow", "ChannelRow", "DeliveryRow", "MuteRow", "NewAlert", "UnmatchedEvent", "WatchBook", "WatchRow"]


class WatchBook(WatchList, Matches, ChannelList, Deliveries):
    """Keeps who wants to know what, and what became of it."""

    def __init__(self, engine: Engine, clock: Clock, window: timedelta = timedelta(0)) -> None:
        """`window`: how long a message waits for more to come to the same channel."""
        self._engine = engine
        self._clock = clock
        self._window = window

    @property
    def clock(self) -> Clock:
        """What tells the time for all that is kept here."""
        return self._clock

    def alerts(
        self,
        limit: int = 100,
        *,
        run_id: int | None = None,
        watch: str | None = None,
        kind: str | None = None,
        source_id: str | None = None,
        document_id: int | None = None,
        state: str | None = None,
        since: datetime | None = None,
    ) -> list[AlertRow]:
        """The last alerts, newest first; those of a run, a watch (its name), a kind of event, a source, a document, in
        a state (muted, no channel, pending, sent, dead), or made since then."""
        query = select(Alert.id).join(Event, Event.id == Alert.event_id).order_by(Alert.id.desc())
        given = (
            (Event.run_id, run_id), (Alert.kind, kind), (Event.source_id, source_id), (Alert.document_id, document_id),
        )  # fmt: skip
        for column, value in given:
            if value is not None:
                query = query.where(column == value)
        if watch is not None:
            query = query.join(Watch, Watch.id == Alert.watch_id).where(Watch.name == watch)
        if since is not None:
            query = query.where(Alert.created_at >= since)
        with reading(self._engine) as session:
            if state is None:
                return alert_rows(session, list(session.scalars(query.limit(limit))))
            found: list[AlertRow] = []  # a state is not a column: it is that of all deliveries together
            for ids in session.scalars(query).partitions(1_000):
                found += [row for row in alert_rows(session, list(ids)) if row.state == state]
                if len(found) >= limit:
                    break
            return found[:limit]
