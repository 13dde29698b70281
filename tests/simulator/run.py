"""The run over a whole catalog: two processes, each with its server and its share of the hosts.

    python -m simulator.run [--mark] [ID…]        (with tests/ and the repository on the path; see `make simulate`)

Prints one line a failure; `--mark` keeps in the catalog which entries passed (`verified.tsv`)."""

import argparse
import json
import multiprocessing
import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from simulator.comparing import check, column_of
from simulator.crawling import Crawled, crawl
from simulator.sites import served
from simulator.table import Column

from policy_crawler.catalog import Source, load_catalog
from policy_crawler.catalog.verified import write_marks
from storage.clock import CHINA

PROCESSES = 2


@dataclass(frozen=True)
class Outcome:
    """How one entry fared; `problems` is empty when it is right."""

    source: str
    family: str
    problems: tuple[str, ...]
    seconds: float

    def __str__(self) -> str:
        return f"{self.source} ({self.family}): " + "; ".join(self.problems)


Job = tuple[Source, Column | None]
"""An entry, and the column that it should bring."""


def run(sources: Sequence[Source], folder: Path) -> list[Outcome]:
    """Crawl all sources against the simulator, each over two pages of its list."""
    return crawl_in_processes([(source, column_of(source)) for source in sources], folder)


def crawl_in_processes(jobs: Sequence[Job], folder: Path, *, apart: bool = False) -> list[Outcome]:
    """Crawl entries against the simulator in PROCESSES processes, each with a reactor, a server and an archive, or
    with an archive for each entry (`apart`)."""
    context = multiprocessing.get_context("spawn")
    workers = []
    for number, part in enumerate(shares(jobs, PROCESSES)):
        home = folder / str(number)
        home.mkdir(parents=True)
        workers.append((part, home, context.Process(target=_work, args=(part, home, apart))))
    for _, _, process in workers:
        process.start()
    for _, _, process in workers:
        process.join()
    return sorted((one for part, home, _ in workers for one in _told(part, home)), key=lambda one: one.source)


def shares(jobs: Sequence[Job], count: int) -> list[list[Job]]:
    """The jobs in `count` parts of about one size; those of a host stay together."""
    by_host: dict[str, list[Job]] = defaultdict(list)
    for job in jobs:
        by_host[job[0].site].append(job)
    parts: list[list[Job]] = [[] for _ in range(count)]
    for group in sorted(by_host.values(), key=len, reverse=True):
        min(parts, key=len).extend(group)
    return [part for part in parts if part]


def _told(jobs: Sequence[Job], home: Path) -> Iterator[Outcome]:
    """What a worker wrote down; an entry that it did not come to has failed."""
    results = home / "results.jsonl"
    lines = results.read_text(encoding="utf-8").splitlines() if results.exists() else []
    told = {line["source"]: line for line in map(json.loads, lines)}
    for source, _ in jobs:
        line = told.get(source.id, {"problems": ["the process ended before its crawl did"], "seconds": 0})
        yield Outcome(source.id, source.family, tuple(line["problems"]), line["seconds"])


def _work(jobs: list[Job], home: Path, apart: bool) -> None:
    for name in [name for name in os.environ if name.startswith("POLICY_CRAWLER_")]:
        del os.environ[name]
    by_id = {source.id: (source, column) for source, column in jobs}
    sites = {column.id: served(column.id) for _, column in jobs if column is not None}
    with (home / "results.jsonl").open("w", encoding="utf-8") as results:

        def told(one: Crawled) -> None:
            source, column = by_id[one.source]
            problems = check(source, one, column)
            results.write(json.dumps({"source": one.source, "problems": problems, "seconds": one.seconds}) + "\n")
            results.flush()

        crawl([source for source, _ in jobs], list(sites.values()), home, told, apart=apart)


def crawlable() -> list[Source]:
    """The entries of the shipped catalog that are lists."""
    return [source for source in load_catalog().sources.values() if source.family != "page"]


def _mark(sources: Sequence[Source], failed: set[str]) -> None:
    passed = [source.model_dump() for source in sources if source.id not in failed]
    write_marks(passed, datetime.now(CHINA).date(), tried={source.id for source in sources})


def main() -> int:
    parser = argparse.ArgumentParser(description="Crawl the catalog against simulated sites.")
    parser.add_argument("ids", nargs="*", help="sources; all without any")
    parser.add_argument("--mark", action="store_true", help="mark the entries that passed as verified")
    options = parser.parse_args()
    sources = [source for source in crawlable() if not options.ids or source.id in options.ids]
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        outcomes = run(sources, Path(folder))
    failures = [outcome for outcome in outcomes if outcome.problems]
    for failure in failures:
        print(failure)
    print(f"{len(outcomes)} crawled, {len(failures)} failed, {time.monotonic() - started:.0f} s")
    if options.mark:
        _mark(sources, {failure.source for failure in failures})
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
