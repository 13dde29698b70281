"""What the service counts, for Prometheus. Totals count since the process started; what stands in SQL is asked for when
somebody looks."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import Engine, func, select

from schedules.vitals import Checkup
from storage.engine import reading
from storage.models import Alert, Delivery, DeliveryAlert, Event, Fetch, Run, Source
from storage.records import RunSummary

NAME = "policy_crawler"
DELAYS = (1, 5, 15, 30, 60, 120, 300, 900, 1_800, 3_600, 21_600, 86_400)
LATEST = 500  # deliveries looked at after a pass that sent some


class Metrics:
    """The figures of one service."""

    def __init__(self, engine: Engine, checkup: Checkup) -> None:
        self._engine = engine
        self.registry = CollectorRegistry()
        self._runs = Counter(f"{NAME}_runs", "Crawls that ended, by verdict.", ["verdict"], registry=self.registry)
        self._fetches = Counter(
            f"{NAME}_fetches", "Requests that crawls made, by how they went.", ["outcome"], registry=self.registry
        )
        self._documents = Counter(
            f"{NAME}_documents", "What the archive made of pages, by outcome.", ["outcome"], registry=self.registry
        )
        self._delay = Histogram(
            f"{NAME}_alert_delay_seconds", "From seeing a document to the channel that took its alert.",
            buckets=DELAYS, registry=self.registry,
        )  # fmt: skip
        self._sent_until: datetime | None = None
        self.registry.register(_Gauges(engine, checkup))

    def ran(self, summary: RunSummary) -> None:
        """A crawl ended."""
        self._runs.labels(str(summary.verdict or "unjudged")).inc()
        query = select(Fetch.outcome, func.count()).where(Fetch.run_id == summary.id).group_by(Fetch.outcome)
        made = select(Fetch.recorded, func.count()).where(Fetch.run_id == summary.id, Fetch.recorded.is_not(None))
        with reading(self._engine) as session:
            for outcome, count in session.execute(query):
                self._fetches.labels(outcome).inc(count)
            for recorded, count in session.execute(made.group_by(Fetch.recorded)):
                self._documents.labels(recorded).inc(count)

    def sent(self) -> None:
        """Deliveries were sent: observe how long what they carry took."""
        latest = select(Delivery.id, Delivery.sent_at).where(Delivery.state == "sent").order_by(Delivery.id.desc())
        with reading(self._engine) as session:
            rows = [(key, at) for key, at in session.execute(latest.limit(LATEST)) if at is not None]
            before, self._sent_until = self._sent_until, max((at for _, at in rows), default=None)
            new = {key: at for key, at in rows if before is None or at > before}
            query = (
                select(DeliveryAlert.delivery_id, Event.at)
                .join(Alert, Alert.id == DeliveryAlert.alert_id)
                .join(Event, Event.id == Alert.event_id)
                .where(DeliveryAlert.delivery_id.in_(new))
            )
            for key, at in session.execute(query):
                self._delay.observe(max(0.0, (new[key] - at) / timedelta(seconds=1)))

    def text(self) -> bytes:
        """All figures in Prometheus' text format."""
        return generate_latest(self.registry)


class _Gauges(Collector):
    """What stands in SQL, and the service's own vitals."""

    def __init__(self, engine: Engine, checkup: Checkup) -> None:
        self._engine = engine
        self._checkup = checkup

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Nothing: at registration the database need not be asked."""
        return iter(())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Every figure as it is now."""
        vitals = self._checkup.look()
        yield _one("up", "1 while nothing is wrong with the service.", float(vitals.healthy))
        yield _one("leading", "1 for the service that schedules, 0 for one that stands by.", vitals.role == "leading")
        yield _one("tick_age_seconds", "Seconds since a tick of the scheduler went well.", vitals.tick_age)
        yield _one("disk_free_bytes", "Room on the disk of the home.", vitals.disk_free_mib << 20)
        yield _one("late_seconds", "How long the slot that waits longest has waited.", vitals.late_seconds)
        if vitals.database != "ok":
            return
        with reading(self._engine) as session:
            for name, words, column, only in (
                ("queue_length", "Runs that wait for a process, or run.", Run.state, Run.state != "finished"),
                ("sources", "Scheduled sources by state.", Source.state, Source.next_due_at.is_not(None)),
                ("deliveries", "Deliveries by state.", Delivery.state, Delivery.id > 0),
            ):
                family = GaugeMetricFamily(f"{NAME}_{name}", words, labels=["state"])
                for state, count in session.execute(select(column, func.count()).where(only).group_by(column)):
                    family.add_metric([state], count)
                yield family


def _one(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"{NAME}_{name}", words, value=value)
