"""A day of the service under a simulated clock: many sources, many watches, two thousand columns' worth of work.

    python -m benchmarks.day [--sources 1500] [--hours 24] [--watches 500] [--keep] [--json]

Real are the scheduler with its cadences and leases, the archive and its door, the reading of pages, matching and the
outbox. Replaced are the clock, which goes on by a minute a tick; the crawl's process, in whose place a run replays what
one records: its list, the pages that are new and those that are due to be checked again; and the mail server, which
takes all at once. Sources publish at random (seeded): some daily, most weekly, in office hours on working days; one of
fifty pages is changed later. A source's usual first day is over before the day that is counted begins.
"""

import argparse
import asyncio
import json
import logging
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from benchmarks import report
from console.installation import Installation
from policy_crawler.catalog import Catalog
from policy_crawler.config import Home
from policy_crawler.pipelines.convert import reading_record
from policy_crawler.reading import read
from schedules.alerts import Message
from schedules.channels import Channel, Envelope
from schedules.jobs import Crawl, Runner
from storage.clock import CHINA, Clock
from storage.records import Capture, FetchRecord, ListRecord, Outcome, RunSummary, Verdict

BEGIN = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)  # Tuesday 00:00 in China
OFFICE = (1, 1, 1, 1, 1, 1, 1, 2, 10, 30, 34, 20, 8, 10, 26, 34, 36, 22, 8, 4, 3, 2, 1, 1)  # weight of each hour
TOPICS = ("工业互联网", "补贴", "医保", "数据安全", "新能源汽车", "碳达峰", "中小企业", "招标", "网络安全", "人工智能",
          "养老", "教育", "农村", "环境影响", "金融", "知识产权", "应急管理", "食品安全", "药品", "水利")  # fmt: skip
SOURCE = """
[[source]]
id = "day-{number}"
issuer = "示例{number}市人民政府"
issuer_short = "示例{number}市"
column = "通知"
list_url = "http://www.day{site}.gov.example/s{number}/index.html"
family = "links"
publishes = "policy"
level = "city"
"""


class Simulated(Clock):
    """A clock that stands until it is moved."""

    moment: datetime

    def __init__(self, moment: datetime) -> None:
        object.__setattr__(self, "offset", timedelta(0))
        self.set(moment)

    def set(self, moment: datetime) -> None:
        """Move it."""
        object.__setattr__(self, "moment", moment)

    def now(self) -> datetime:
        """The simulated moment."""
        return self.moment

    def today(self) -> date:
        """The simulated date in China."""
        return self.moment.astimezone(CHINA).date()


@dataclass
class World:
    """What the sites hold. Each document: when it appears, and when it is changed, if ever."""

    documents: dict[str, list[tuple[datetime, datetime | None]]] = field(default_factory=dict)  # by source

    def shown(self, source: str, now: datetime) -> list[int]:
        """The numbers of the source's documents that are on its list, the newest first."""
        return [number for number, (at, _) in enumerate(self.documents[source]) if at <= now][::-1]

    def page(self, source: str, number: int, now: datetime) -> bytes:
        """A document's page as it is now."""
        at, changed = self.documents[source][number]
        chosen = random.Random(f"{source}/{number}")  # noqa: S311 - the same every time
        topics = "、".join(chosen.sample(TOPICS, 2))
        share = chosen.randint(10, 60) + (5 if changed is not None and changed <= now else 0)
        name = f"示例{source.removeprefix('day-')}市人民政府关于做好{topics}第{number}号工作的通知"
        clauses = "".join(
            f"<p>第{place}条　{topics}工作由{chosen.choice(TOPICS)}主管部门负责，比例不低于{share + place}%。</p>"
            for place in range(1, 12)
        )
        return (
            f'<html><head><meta charset="utf-8"><title>{name}</title><meta name="ArticleTitle" content="{name}">'
            f'<meta name="PubDate" content="{at.astimezone(CHINA):%Y-%m-%d %H:%M}"></head><body><h1>{name}</h1>'
            f'<div class="TRS_Editor"><p>各有关单位：</p>{clauses}</div></body></html>'
        ).encode()


@dataclass(slots=True)
class Replay(Runner):
    """Makes runs by replaying what a crawl would record; leases and rows are the service's own."""

    world: World = field(default_factory=World)
    requests: Counter[str] = field(default_factory=Counter)  # by site
    found_after: list[float] = field(default_factory=list)  # seconds from publication to being archived
    runs: Counter[str] = field(default_factory=Counter)  # by source

    async def _run(self, crawl: Crawl) -> RunSummary:
        return await asyncio.to_thread(self._replay, crawl, crawl.run_id or 0)

    def _replay(self, crawl: Crawl, run_id: int) -> RunSummary:
        now, archive = self.clock.now(), self.archive
        archive.start_run(run_id)
        self.runs[crawl.source_id] += 1
        shown = self.world.shown(crawl.source_id, now)[:20]
        urls = {number: f"http://{crawl.site}/{crawl.source_id}/t{number}.html" for number in shown}
        self._ask(run_id, crawl.site, f"http://{crawl.site}/{crawl.source_id}/index.html", "listing")
        new = archive.discover(run_id, [(url, f"第{number}号", None) for number, url in urls.items()])
        outcomes: Counter[str] = Counter(requests=1, listings=1, entries=len(shown))
        asked = [(url, number, "document") for (number, url), fresh in zip(urls.items(), new, strict=True) if fresh]
        due = [page.url for page in archive.due_pages(crawl.source_id, 20)]
        asked += [(url, int(url.rpartition("/t")[2].removesuffix(".html")), "recheck") for url in due]
        for url, number, purpose in asked:
            body = self.world.page(crawl.source_id, number, now)
            capture = Capture(url, url, 200, (("Content-Type", "text/html; charset=utf-8"),), body, now)
            self._ask(run_id, crawl.site, url, purpose, len(body))
            recorded = archive.record(run_id, capture, reading_record(read(body, url)), purpose=purpose)
            outcomes.update([recorded.outcome.value, "requests"])
            published = self.world.documents[crawl.source_id][number][0]
            if recorded.outcome is Outcome.ADDED and published >= BEGIN:
                self.found_after.append((now - published).total_seconds())
        listing = ListRecord(len(shown), len(shown), now.astimezone(CHINA).date())
        return archive.close_run(run_id, Verdict.OK, "", dict(outcomes), listing)

    def _ask(self, run_id: int, site: str, url: str, purpose: str, size: int = 2_000) -> None:
        self.requests[site] += 1
        self.archive.log_fetch(run_id, FetchRecord(url, purpose, self.clock.now(), 200, "listing", size, 100))


class Counting(Channel):
    """A channel that takes everything, and knows what it took twice."""

    def __init__(self) -> None:
        self.keys: Counter[str] = Counter()

    def send(self, message: Message, envelope: Envelope) -> str:
        """Take it."""
        del message
        self.keys[envelope.key] += 1
        return "250 counted"


@dataclass(frozen=True)
class Figures:
    """What the day showed."""

    sources: int
    watches: int
    hours: int
    runs: int
    runs_a_source: float
    requests: int
    requests_busiest_site: int
    published: int
    archived: int
    changed: int
    alerts: int
    messages: int
    twice: int
    found_minutes_median: float
    found_minutes_p95: float
    mib_begin: float
    mib_end: float
    cpu_seconds: float
    seconds: float


def main() -> None:
    """Simulate the day and print what it showed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sources", type=int, default=1_500)
    parser.add_argument("--hours", type=int, default=24)
    parser.add_argument("--watches", type=int, default=500)
    parser.add_argument("--keep", action="store_true", help="put the table into docs/performance.md")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory(prefix="policy-day-") as folder:
        figures = asyncio.run(simulated(Path(folder), asked.sources, asked.hours, asked.watches))
    if asked.json:
        sys.stdout.write(json.dumps(asdict(figures)) + "\n")
    else:
        report.write("day", told(figures), keep=asked.keep)


async def simulated(folder: Path, sources: int, hours: int, watches: int) -> Figures:
    """Run the day: eight hours in which all is found for the first time, then those that count."""
    home = Home(folder)
    home.create()
    (home.sources / "day.toml").write_text(
        "".join(SOURCE.format(number=number, site=number // 3) for number in range(sources)), encoding="utf-8"
    )
    clock = Simulated(BEGIN - timedelta(hours=8))
    here = Installation(home, clock)
    names = [f"day-{number}" for number in range(sources)]
    world = World({name: history(name, hours) for name in names})
    counting = Counting()
    channel = here.watches.add_channel("email", "analyst@day.example")
    for number in range(watches):
        chosen = random.Random(number)  # noqa: S311
        query = f"{chosen.choice(TOPICS)} {chosen.choice(('AND', 'OR', 'NOT'))} {chosen.choice(TOPICS)}"
        here.watches.add_watch(f"watch {number}", query, {}, channels=[channel])
    plain = here.runner("serve")
    runner = Replay(**{name: getattr(plain, name) for name in _GIVEN}, world=world)
    catalog = Catalog([here.catalog.get(name) for name in names])
    service = here.service(runner, here.dispatcher("serve", {"email": counting}), catalog=catalog)
    began = cpu = memory = 0.0
    while clock.moment < BEGIN + timedelta(hours=hours):
        if clock.moment >= BEGIN and not began:
            began, cpu, memory = time.perf_counter(), time.process_time(), resident()
            for counted in (runner.requests, runner.runs, counting.keys):
                counted.clear()
        await service.step()
        clock.set(clock.moment + timedelta(minutes=1))
    waited = sorted(second / 60 for second in runner.found_after)
    published = sum(BEGIN <= at < clock.moment for each in world.documents.values() for at, _ in each)
    events = here.queries.events(kinds=("added", "changed"), limit=10**6)
    news = [event for event in events if event.at >= BEGIN]
    return Figures(
        sources, watches, hours, runner.runs.total(), runner.runs.total() / sources, runner.requests.total(),
        max(runner.requests.values()), published, sum(event.kind == "added" for event in news),
        sum(event.kind == "changed" for event in news), len(here.watches.alerts(10**6, since=BEGIN)),
        len(counting.keys), sum(number > 1 for number in counting.keys.values()), at_share(waited, 0.5),
        at_share(waited, 0.95), memory, resident(), time.process_time() - cpu, time.perf_counter() - began,
    )  # fmt: skip


_GIVEN = ("archive", "queries", "timetable", "leases", "clock", "base", "settings", "holder")


def history(name: str, hours: int) -> list[tuple[datetime, datetime | None]]:
    """When a source's documents appear: ten before the day, and by its own pace in office hours during it."""
    chosen = random.Random(name)  # noqa: S311
    a_day = chosen.choices((3.0, 0.6, 0.2, 0.05), (1, 3, 8, 8))[0]
    found = [(BEGIN - timedelta(days=age, hours=9), None) for age in range(10, 0, -1)]
    during: list[tuple[datetime, datetime | None]] = []
    for hour in range(hours):
        rate = a_day * OFFICE[hour % 24] / sum(OFFICE)
        while chosen.random() < rate:
            at = BEGIN + timedelta(hours=hour, seconds=chosen.randrange(3_600))
            changed = at + timedelta(hours=chosen.randint(1, 8)) if chosen.random() < 0.02 else None
            during.append((at, changed))
            rate -= 1
    return [*found, *sorted(during, key=lambda one: one[0])]


def at_share(values: list[float], share: float) -> float:
    """The value below which that share of them lies; 0 where there are none."""
    return values[min(len(values) - 1, int(len(values) * share))] if values else 0.0


def resident() -> float:
    """MiB that this process holds now."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return pages * resource.getpagesize() / 2**20


def told(figures: Figures) -> str:
    """The figures as a section of docs/performance.md."""
    rows = [
        ("runs, each source", f"{figures.runs:,}, {figures.runs_a_source:.1f}"),
        ("requests, of the busiest site (three sources)", f"{figures.requests:,}, {figures.requests_busiest_site}"),
        ("documents published, archived, changed", f"{figures.published}, {figures.archived}, {figures.changed}"),
        ("alerts, messages, sent twice", f"{figures.alerts:,}, {figures.messages}, {figures.twice}"),
        ("minutes from publication to the archive, half and 95 %",
         f"{figures.found_minutes_median:.0f}, {figures.found_minutes_p95:.0f}"),
        ("memory of the service, at the day's begin and end", f"{figures.mib_begin:.0f}, {figures.mib_end:.0f} MiB"),
        ("CPU of scheduler, archive, reading, matching, outbox", f"{figures.cpu_seconds:.0f} s"),
    ]  # fmt: skip
    head = (f"{figures.hours} hours of {figures.sources:,} sources and {figures.watches} watches, the clock simulated; "
            "runs replay what a crawl records, nothing is fetched or mailed (`python -m benchmarks.day`).")  # fmt: skip
    return f"{head}\n\n{report.table(('', 'the day'), rows)}\n\n{report.circumstances()}"


if __name__ == "__main__":
    main()
