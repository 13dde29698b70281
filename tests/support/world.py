"""An archive with sources, and everything the scheduler needs on it, wired as the console wires it."""

import os
import sys
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from policy_crawler.catalog import Catalog, Source
from schedules.child import Limits
from schedules.jobs import Runner, new_holder
from storage import migrations
from storage.archive import Archive
from storage.clock import Clock
from storage.engine import open_engine
from storage.leases import Leases
from storage.queries import Queries
from storage.records import SourceRecord
from storage.scheduling import Timetable
from storage.snapshots import SnapshotStore
from storage.watching import WatchBook

TESTS = Path(__file__).parents[1]
TINY = "support.tiny_crawl"


class MovingClock(Clock):
    """A clock that a test moves while everything that was given it goes on."""

    moves: list[timedelta]

    def __init__(self) -> None:
        object.__setattr__(self, "offset", timedelta(0))
        object.__setattr__(self, "moves", [])

    def now(self) -> datetime:
        return Clock.now(self) + sum(self.moves, timedelta(0))

    def environment(self) -> dict[str, str]:
        return Clock(sum(self.moves, timedelta(0))).environment()


def source(source_id: str, site: str | None = None, every_minutes: int | None = None) -> Source:
    """A source of the catalog; each has a site of its own unless told."""
    host = site or f"{source_id}.example.cn"
    return Source(
        id=source_id,
        issuer="某部",
        issuer_short="某部",
        site=host,
        column=source_id,
        list_url=f"https://{host}/list.html",
        family="links",
        publishes="policy",
        level="central",
        every_minutes=every_minutes,
    )


def record(entry: Source) -> SourceRecord:
    return SourceRecord(
        entry.id, entry.name, entry.issuer, entry.site, entry.family, entry.level, str(entry.publishes), entry.list_url
    )


@dataclass
class World:
    """One installation for a test."""

    home: Path
    url: str
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        (self.home / "snapshots").mkdir(exist_ok=True, parents=True)
        self.engine: Engine = open_engine(self.url)
        migrations.upgrade(self.engine)
        self.archive = Archive(self.engine, SnapshotStore(self.home / "snapshots"), self.clock)
        self.queries = Queries(self.engine)
        self.timetable = Timetable(self.engine, self.clock)
        self.leases = Leases(self.engine, self.clock)
        self.book = WatchBook(self.engine, self.clock)

    def settings(self) -> dict[str, str]:
        """The environment that processes on this installation need."""
        return {
            "POLICY_CRAWLER_HOME": str(self.home),
            "POLICY_CRAWLER_ARCHIVE": self.url,
            "PYTHONPATH": f"{TESTS}{os.pathsep}{TESTS.parent}",
        }

    def register(self, *source_ids: str) -> None:
        self.archive.register_sources([record(source(source_id)) for source_id in source_ids])

    def runner(self, role: str = "test", limits: Limits | None = None, module: str = TINY, **more: Any) -> Runner:
        return Runner(
            archive=self.archive,
            queries=self.queries,
            timetable=self.timetable,
            leases=self.leases,
            clock=self.clock,
            base=os.environ,
            settings=self.settings(),
            holder=new_holder(role),
            limits=limits or Limits(seconds=30, grace=5),
            module=module,
            **more,
        )

    def journal(self) -> list[tuple[str, int, str, float]]:
        """What crawls did: (source, run, start or end, monotonic seconds)."""
        file = self.home / "journal"
        rows = [line.split() for line in file.read_text().splitlines()] if file.exists() else []
        return [(source_id, int(run), what, float(at)) for source_id, run, what, at in rows]

    def close(self) -> None:
        self.engine.dispose()


def catalog(*entries: Source) -> Catalog:
    return Catalog(entries)


PYTHON = sys.executable
