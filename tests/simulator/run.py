"""The run over a whole catalog: two processes, each with its server and its share of the hosts.

    python -m simulator.run [ID…]        (with tests/ and the repository on the path; see `make simulate`)

Prints one line a failure, and marks in the catalog which entries were crawled when none failed."""

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

from policy_crawler.catalog import Source, load_catalog
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


def shares(sources: Sequence[Source], count: int) -> list[list[Source]]:
    """The sources in `count` parts of about one size; those of a host stay together."""
    by_host: dict[str, list[Source]] = defaultdict(list)
    for source in sources:
        by_host[source.site].append(source)
    parts: list[list[Source]] = [[] for _ in range(count)]
    for group in sorted(by_host.values(), key=len, reverse=True):
        min(parts, key=len).extend(group)
    return [part for part in parts if part]


def run(sources: Sequence[Source], folder: Path) -> list[Outcome]:
    """Crawl all sources against the simulator, each over two pages of its list."""
    context = multiprocessing.get_context("spawn")  # each with a reactor of its own
    workers = []
    for number, part in enumerate(shares(sources, PROCESSES)):
        home = folder / str(number)
        home.mkdir(parents=True)
        workers.append((part, home, context.Process(target=_work, args=(part, home))))
    for _, _, process in workers:
        process.start()
    for _, _, process in workers:
        process.join()
    return sorted((one for part, home, _ in workers for one in _told(part, home)), key=lambda one: one.source)


def _told(sources: Sequence[Source], home: Path) -> Iterator[Outcome]:
    """What a worker wrote down; a source that it did not come to has failed."""
    results = home / "results.jsonl"
    lines = results.read_text(encoding="utf-8").splitlines() if results.exists() else []
    told = {line["source"]: line for line in map(json.loads, lines)}
    for source in sources:
        line = told.get(source.id, {"problems": ["the process ended before its crawl did"], "seconds": 0})
        yield Outcome(source.id, source.family, tuple(line["problems"]), line["seconds"])


def _work(sources: list[Source], home: Path) -> None:
    for name in [name for name in os.environ if name.startswith("POLICY_CRAWLER_")]:
        del os.environ[name]
    by_id = {source.id: source for source in sources}
    sites = {column.id: served(column.id) for source in sources if (column := column_of(source))}
    with (home / "results.jsonl").open("w", encoding="utf-8") as results:

        def told(one: Crawled) -> None:
            line = {"source": one.source, "problems": check(by_id[one.source], one), "seconds": one.seconds}
            results.write(json.dumps(line, ensure_ascii=False) + "\n")
            results.flush()

        crawl(sources, list(sites.values()), home, told)


def crawlable() -> list[Source]:
    """The entries of the shipped catalog that are lists."""
    return [source for source in load_catalog().sources.values() if source.family != "page"]


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
        from policy_crawler.catalog.verified import write_marks

        bad = {failure.source for failure in failures}
        write_marks([s.model_dump() for s in sources if s.id not in bad], datetime.now(CHINA).date())
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
