"""One installation, wired: its home, settings, archive and catalog. Each part is made when first asked for."""

import os
from functools import cached_property

from sqlalchemy import Engine

from policy_crawler import config as configuration
from policy_crawler.catalog import Catalog, Source, load_catalog
from policy_crawler.config import Config, Home
from storage import migrations
from storage.archive import Archive
from storage.clock import Clock
from storage.engine import open_engine
from storage.leases import Leases
from storage.queries import Queries
from storage.records import SourceRecord
from storage.snapshots import SnapshotStore
from storage.watching import WatchBook


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
        """The archive's database, brought to the newest schema."""
        self.home.create()
        engine = open_engine(self.home.database_url(self.config))
        migrations.upgrade(engine)
        return engine

    @cached_property
    def archive(self) -> Archive:
        return Archive(self.engine, SnapshotStore(self.home.snapshots), self.clock)

    @cached_property
    def queries(self) -> Queries:
        return Queries(self.engine)

    @cached_property
    def watches(self) -> WatchBook:
        return WatchBook(self.engine, self.clock)

    @cached_property
    def leases(self) -> Leases:
        return Leases(self.engine, self.clock)

    def register(self, sources: list[Source]) -> None:
        """Tell the archive of these sources, so that it can keep their runs."""
        self.archive.register_sources([source_record(source) for source in sources])

    def child_environment(self) -> dict[str, str]:
        """What a crawl child needs to work on this same installation: the home, the clock, the settings."""
        own = {name: value for name, value in os.environ.items() if name.startswith(configuration.PREFIX)}
        return {**own, configuration.HOME_VARIABLE: str(self.home.path), **self.clock.environment()}


def source_record(source: Source) -> SourceRecord:
    """A catalog entry in the archive's terms."""
    return SourceRecord(
        id=source.id,
        name=source.name,
        issuer=source.issuer,
        site=source.site,
        family=source.family,
        level=source.level,
        publishes=source.publishes,
        list_url=source.list_url,
    )
