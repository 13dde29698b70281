"""The demonstration: a first crawl, a day on the sample site, a second crawl by the scheduler, and the proof."""

import asyncio
import io
import json
import logging
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

from rich.console import Console

from console.cli.output import plain
from console.demo import findings
from console.demo import home as demo_home
from console.demo.mailbox import Mailbox
from console.demo.report import Report
from console.demo.site import COUNTED, DemoSite
from console.installation import Installation
from policy_crawler.catalog import Catalog
from policy_crawler.config import Home
from schedules.alerts import Message
from schedules.channels import Channel, Envelope
from schedules.channels.terminal import TerminalChannel
from schedules.jobs import Crawl, CrawlError, Runner
from storage.clock import Clock
from storage.records import RunSummary
from storage.rows_watch import AlertRow

QUERY = "工业互联网"
DAY = timedelta(days=1)
LONGEST = 90.0  # seconds that the scheduler may take for what is due
LOG = "demo.log"
TICK_SECONDS = 1.0  # the service's own is 15; here somebody is waiting


def run_demo(home: Path) -> int:
    """Run the demonstration in `home`, which is emptied first. Answers 0 when all came out as expected, else 1."""
    began = time.monotonic()
    report = Report(Console(highlight=False))
    place = demo_home.empty(home)
    report.opening(place.path)
    clock = Clock()
    with DemoSite(clock.today()) as site, Mailbox() as mailbox:
        connection_map = demo_home.furnish(place, site.connections, mailbox.port)
        with demo_home.environment(place, connection_map), _logged(place.path / LOG):
            demo = _Demo(place, clock, site, mailbox, report)
            facts, differences = demo.run()
    (place.path / "demo.json").write_text(json.dumps(facts, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    report.closing(place.path, differences, _commands(facts), time.monotonic() - began)
    return 1 if differences else 0


@contextmanager
def _logged(file: Path) -> Iterator[None]:
    """Inside, what this process logs goes to `file`, not between the lines of the report."""
    handler = logging.FileHandler(file, encoding="utf-8")
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        handler.close()


class _Screen(Channel):
    """The terminal channel, with what it printed kept until the report has room for it."""

    def __init__(self) -> None:
        self._shown: list[str] = []

    def send(self, message: Message, envelope: Envelope) -> str:
        """Print `message` as the terminal channel does."""
        stream = io.StringIO()
        receipt = TerminalChannel(stream).send(message, envelope)
        self._shown.append(stream.getvalue())
        return receipt

    def about(self, title: str) -> str:
        """The alert about `title`: its part of the message that carries it. Empty where there was none."""
        parts = [part for text in self._shown for part in re.split(r"^—+$", text, flags=re.MULTILINE)]
        return next((part.strip() for part in parts if title and f": {title}" in part), "")


class _Demo:
    """The steps, on one home."""

    def __init__(self, home: Home, clock: Clock, site: DemoSite, mailbox: Mailbox, report: Report) -> None:
        self._home = home
        self._site = site
        self._mailbox = mailbox
        self._report = report
        self._screen = _Screen()
        self._log = home.path / LOG
        self._here = Installation(home, clock)
        catalog = self._here.catalog
        self._sources = [source for source in catalog.enabled() if catalog.origins[source.id].parent == home.sources]
        self._names = {source.id: source.name for source in self._sources}

    def run(self) -> tuple[dict[str, Any], list[str]]:
        """All steps; answers the facts for demo.json and what was not as expected."""
        self._introduce()
        found, first_alerts = self._first_crawl()
        views = self._next_day()
        then, second_alerts = self._second_crawl(views)
        differences = findings.differences(found, then, self._site)
        mails = [str(mail["Message-ID"]) for mail in self._mailbox.mails]
        deliveries = self._here.watches.deliveries(1000)
        differences += findings.alert_differences(second_alerts, deliveries, mails, self._site)
        facts = {
            "home": str(self._home.path),
            "first": {**asdict(found), "alerts": len(first_alerts)},
            "second": then.counts,
            "changed_clause": findings.clause_of(then),
            "alerts_of_second": sorted(alert.event.kind for alert in second_alerts),
            "mails": len(mails),
            "details": asdict(then),
            "differences": differences,
        }
        return plain(facts), differences

    def _introduce(self) -> None:
        self._report.step("A news site and two ministries")
        self._report.sites(self._sources)
        self._report.step(f"A watch for {QUERY}")
        self._here.register(self._sources)
        book = self._here.watches
        channels = [book.add_channel("terminal", ""), book.add_channel("email", demo_home.ANALYST)]
        book.add_watch(QUERY, QUERY, include_backlog=True, channels=channels)
        self._report.say(f"   Made as by: policy-crawler watch add {QUERY} --include-backlog")
        self._report.say(
            "   Without --include-backlog the first crawl of a source tells nothing: all of it would be new."
        )
        self._report.say(f"   Alerts go to this terminal, and by SMTP to a mailbox here ({demo_home.ANALYST}).")

    def _first_crawl(self) -> tuple[findings.First, list[AlertRow]]:
        self._report.step("The first crawl")
        runs = asyncio.run(self._crawl_all())
        self._here.dispatcher("demo", {"terminal": self._screen}).run()
        self._report.runs(runs, self._names, ("requests", "entries", "added", "attachments"))
        found = findings.first(self._here.queries, self._site, runs)
        self._report.first(found)
        alerts = self._here.watches.alerts(1000)
        self._report.say(
            f"   Alerts: {len(alerts)} documents match {QUERY}, {len(self._mailbox.mails)} mails came. "
            "The one about that policy, as a terminal shows it:"
        )
        self._report.quote(self._screen.about(found.policy.title if found.policy else ""))
        return found, alerts

    def _next_day(self) -> tuple[int, int]:
        self._report.step("A day later on the sites")
        before = self._site.views(COUNTED)
        self._site.advance()
        for line in (
            "one clause of a policy says another number",
            "a view counter has moved",
            "a notice is gone (404)",
            "a column answers with a firewall's page, under status 200",
            "a new notice is out",
        ):
            self._report.say(f"   - {line}")
        return before, self._site.views(COUNTED)

    def _second_crawl(self, views: tuple[int, int]) -> tuple[findings.Second, list[AlertRow]]:
        self._report.step("The clock is moved on by a day, and the scheduler runs what is due")
        known = {alert.id for alert in self._here.watches.alerts(1000)}
        since_event = max((event.id for event in self._here.queries.events(state=None)), default=0)
        mails = len(self._mailbox.mails)
        self._move_clock()
        runs = asyncio.run(self._serve())
        self._report.runs(runs, self._names, ("requests", "added", "changed", "missing", "same"))
        then = findings.second(self._here.queries, self._site, runs, since_event, views)
        self._report.second(then, self._names)
        alerts = [alert for alert in self._here.watches.alerts(1000) if alert.id not in known]
        self._report.say(f"   Alerts: {len(alerts)}, to the terminal and by mail:")
        for mail in self._mailbox.mails[mails:]:
            self._report.quote(f"Subject: {mail['Subject']}\nMessage-ID: {mail['Message-ID']}")
        return then, alerts

    async def _crawl_all(self) -> list[RunSummary]:
        """The news first, so that its link leads to the policy; then the ministries."""
        runner = self._runner()
        crawls = [Crawl(source.id, source.site) for source in self._sources]
        results = [*await runner.run_all(crawls[:1], concurrency=1), *await runner.run_all(crawls[1:], concurrency=2)]
        for result in results:
            if isinstance(result, CrawlError):
                self._note(str(result))
        return [result for result in results if isinstance(result, RunSummary)]

    def _move_clock(self) -> None:
        """Close the installation and open it again, a day later."""
        self._here.engine.dispose()
        self._here = Installation(self._home, self._here.clock.moved(DAY))

    async def _serve(self) -> list[RunSummary]:
        """The service as `policy-crawler serve` runs it, for the demonstration's sources, until nothing is due."""
        runs: list[RunSummary] = []
        service = self._here.service(
            self._runner(),
            self._here.dispatcher("demo", {"terminal": self._screen}),
            catalog=Catalog(self._sources),
            tick_seconds=TICK_SECONDS,
            on_run=runs.append,
        )
        with suppress(TimeoutError):  # what is missing then is told as a difference
            await asyncio.wait_for(service.run(until_idle=True), LONGEST)
        order = list(self._names)
        return sorted(runs, key=lambda run: order.index(run.source_id))

    def _runner(self) -> Runner:
        return self._here.runner("demo", on_log=lambda crawl, line: self._note(f"{crawl.source_id}  {line}"))

    def _note(self, line: str) -> None:
        with self._log.open("a", encoding="utf-8") as file:
            file.write(line + "\n")


def _commands(facts: dict[str, Any]) -> list[str]:
    """What to try next, with numbers that the archive knows."""
    policy = facts["first"]["policy"] or {}
    changed: dict[str, Any] = next(iter(facts["details"]["changed"]), {})
    return [
        f".venv/bin/policy-crawler search {QUERY}",
        f".venv/bin/policy-crawler show {policy.get('number')}",
        f".venv/bin/policy-crawler history {changed.get('url')}",
        f".venv/bin/policy-crawler diff {changed.get('url')}",
        ".venv/bin/policy-crawler alerts",
    ]
