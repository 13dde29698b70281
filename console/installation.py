"""One installation, wired: its home, settings, archive and catalog. Each part is made when first asked for."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine

from policy_crawler import config as configuration
from policy_crawler.catalog import Catalog, Source, load_catalog
from policy_crawler.catalog.following import CatalogFiles
from policy_crawler.config import Config, Home
from storage import migrations, synonyms
from storage.archive import Archive
from storage.clock import Clock
from storage.engine import open_engine
from storage.leases import Leases
from storage.queries import Queries
from storage.records import RunSummary, SourceRecord
from storage.retention import Rules
from storage.scheduling import Timetable
from storage.search_index import renew
from storage.search_places import place, unplaced
from storage.snapshots import SnapshotStore
from storage.upkeep import Upkeep
from storage.watching import WatchBook

if TYPE_CHECKING:  # most commands crawl nothing and tell nobody: what that takes is imported where it is made
    from schedules.channels import Channel, Guard
    from schedules.dispatch import Dispatcher
    from schedules.jobs import Crawl, Runner
    from schedules.pacing import Pacing
    from schedules.scheduler import Service
    from schedules.vitals import Checkup, Pulse


class Installation:
    """What every command works on."""

    def __init__(self, home: Home | None = None, clock: Clock | None = None) -> None:
        self.home = home or Home.find()
        self.clock = clock or Clock.from_environment()

    @cached_property
    def config(self) -> Config:
        """The checked settings. Raises OperatorError that names the key."""
        return configuration.load(self.home)

    @cached_property
    def catalog(self) -> Catalog:
        """The shipped sources and the user's own."""
        return load_catalog(self.home.sources)

    @cached_property
    def engine(self) -> Engine:
        """The archive's database, brought to the newest schema and search index, asked with the user's synonyms."""
        synonyms.use(self.home.synonyms)
        self.home.create()
        engine = open_engine(self.home.database_url(self.config))
        migrations.upgrade(engine)
        renew(engine)
        if missing := unplaced(engine):  # an archive of an earlier release, or an import of one
            known = {facts.id: facts.region for facts in self.catalog.sources.facts()}
            place(engine, {source_id: known.get(source_id, "") for source_id in missing})
        return engine

    @cached_property
    def archive(self) -> Archive:
        return Archive(self.engine, SnapshotStore(self.home.snapshots), self.clock, mask=self.config.privacy.mask)

    @property
    def retention_rules(self) -> Rules:
        """What is let go after how many days."""
        return Rules(**self.config.retention.model_dump())

    @property
    def head_file(self) -> Path | None:
        """Where the hash chain's head is noted, outside the archive."""
        return Path(self.config.keeping.head_file).expanduser() if self.config.keeping.head_file else None

    @cached_property
    def upkeep(self) -> Upkeep:
        """What the service does for the archive in its quiet time."""
        keeping = self.config.keeping
        return Upkeep(
            self.archive, self.retention_rules, compact=keeping.compact, hours=keeping.hours, head_file=self.head_file
        )

    @cached_property
    def queries(self) -> Queries:
        return Queries(self.engine)

    @cached_property
    def watches(self) -> WatchBook:
        return WatchBook(self.engine, self.clock, timedelta(seconds=self.config.deliveries.window_seconds))

    @cached_property
    def leases(self) -> Leases:
        return Leases(self.engine, self.clock)

    @cached_property
    def timetable(self) -> Timetable:
        return Timetable(self.engine, self.clock)

    @cached_property
    def pacing(self) -> Pacing:
        """How often each source is crawled."""
        from schedules.pacing import Pacing  # noqa: PLC0415

        schedule = self.config.schedule
        return Pacing(
            self.engine,
            self.clock,
            every_minutes=schedule.every_minutes,
            floor=timedelta(minutes=schedule.floor_minutes),
            ceiling=timedelta(minutes=schedule.ceiling_minutes),
        )

    def checkup(self, pulse: Pulse) -> Checkup:
        """What looks after the service that beats `pulse`."""
        from schedules.vitals import Checkup  # noqa: PLC0415

        return Checkup.of(pulse, self.engine, self.clock, self.home.path, self.config.service.disk_low_mib)

    def register(self, sources: Iterable[Source]) -> None:
        """Tell the archive of these sources, so that it can keep their runs."""
        self.archive.register_sources([SourceRecord.of(source) for source in sources])

    def child_environment(self) -> dict[str, str]:
        """What a crawl child needs to work on this same installation: the home and the settings."""
        own = {name: value for name, value in os.environ.items() if name.startswith(configuration.PREFIX)}
        return {**own, configuration.HOME_VARIABLE: str(self.home.path)}

    def runner(
        self,
        role: str,
        on_event: Callable[[Crawl, dict[str, Any]], None] = lambda _crawl, _event: None,
        on_log: Callable[[Crawl, str], None] = lambda _crawl, _line: None,
    ) -> Runner:
        """What starts crawls as child processes; `role` names this process in leases."""
        from schedules.child import Limits  # noqa: PLC0415
        from schedules.jobs import Runner, new_holder  # noqa: PLC0415

        return Runner(
            archive=self.archive,
            queries=self.queries,
            timetable=self.timetable,
            leases=self.leases,
            clock=self.clock,
            base=os.environ,
            settings=self.child_environment(),
            holder=new_holder(role),
            # The crawl ends itself at max_minutes, cleanly; what is still there a minute later is ended from here.
            limits=Limits(seconds=(self.config.crawl.max_minutes + 1) * 60),
            on_event=on_event,
            on_log=on_log,
        )

    def guard(self) -> Guard:
        """Which addresses webhooks and robots may have."""
        from policy_crawler.addresses import networks  # noqa: PLC0415
        from schedules.channels import Guard  # noqa: PLC0415

        return Guard(networks(self.config.deliveries.allow_networks), self.config.deliveries.ca_file)

    def channels(self) -> dict[str, Channel]:
        """What brings messages to each kind of channel."""
        from schedules.channels import SmtpServer, registry  # noqa: PLC0415

        mail = self.config.mail
        server = SmtpServer(
            mail.host,
            mail.port,
            mail.sender,
            username=mail.username,
            password_file=mail.password_file,
            security=mail.security,
        )
        return registry(server, sys.stderr, guard=self.guard(), clock=self.clock, feeds=self.home.feeds)

    def dispatcher(self, role: str, channels: dict[str, Channel] | None = None) -> Dispatcher:
        """What matches events and delivers alerts; `channels` replaces kinds of channels."""
        from schedules.dispatch import Dispatcher  # noqa: PLC0415
        from schedules.jobs import new_holder  # noqa: PLC0415

        return Dispatcher(
            book=self.watches,
            queries=self.queries,
            channels={**self.channels(), **(channels or {})},
            clock=self.clock,
            holder=new_holder(role),
            language=self.config.language,
            console=self.config.console.url,
        )

    def service(
        self,
        runner: Runner,
        dispatcher: Dispatcher,
        *,
        catalog: Catalog | None = None,
        tick_seconds: float | None = None,
        pulse: Pulse | None = None,
        on_run: Callable[[RunSummary], None] = lambda _summary: None,
        on_sent: Callable[[], None] = lambda: None,
        on_beat: Callable[[], None] = lambda: None,
    ) -> Service:
        """The long-lived service: scheduler, crawls and deliveries. Without `catalog` it has that of this installation
        and follows its changes."""
        from schedules.scheduler import TICK_SECONDS, Service  # noqa: PLC0415

        return Service(
            catalog=catalog or self.catalog,
            archive=self.archive,
            timetable=self.timetable,
            leases=self.leases,
            runner=runner,
            dispatcher=dispatcher,
            clock=self.clock,
            pacing=self.pacing,
            reread=CatalogFiles(self.home.sources).reread if catalog is None else lambda: None,
            concurrency=self.config.schedule.concurrency,
            pulse=pulse,
            checkup=self.checkup(pulse) if pulse is not None else None,
            tell=self.watches.tell_operators,
            on_run=on_run,
            on_sent=on_sent,
            on_beat=on_beat,
            upkeep=self.upkeep,
            tick_seconds=TICK_SECONDS if tick_seconds is None else tick_seconds,
        )
