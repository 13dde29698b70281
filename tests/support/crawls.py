"""Crawls in processes of their own that start quickly.

`policy_crawler.crawl` runs as it does in production, but forked from a server that has imported it already: 0.3 s of
work in place of 1.7. What depends on the start itself is tested with a process from scratch.
"""

import multiprocessing
import os
import sys
from multiprocessing.context import ForkServerProcess
from pathlib import Path

PRELOADED = [
    "policy_crawler.crawl",
    "policy_crawler.process",
    "policy_crawler.pipelines",
    "policy_crawler.middlewares.conditional",
    "policy_crawler.middlewares.fetchlog",
    "policy_crawler.middlewares.guard",
    "policy_crawler.middlewares.politeness",
    "policy_crawler.middlewares.robots",
    "policy_crawler.middlewares.transfer",
    "policy_crawler.spiders.families",
    "policy_crawler.spiders.loader",
    "policy_crawler.spiders.news",
    "policy_crawler.spiders.page",
    "scrapy.core.engine",
    "scrapy.core.scheduler",
    "scrapy.core.scraper",
    "scrapy.pqueues",
]


def start(arguments: list[str], environment: dict[str, str], events: Path, log: Path) -> ForkServerProcess:
    """Start a crawl that writes its events and its log to files (`events` may be a named pipe)."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    process = context.Process(target=_run, args=(arguments, environment, str(events), str(log)))
    process.start()
    return process


def _run(arguments: list[str], environment: dict[str, str], events: str, log: str) -> None:
    os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT, 0o600), 2)
    sys.stderr = os.fdopen(2, "w", buffering=1, encoding="utf-8", closefd=False)
    descriptor = os.open(events, os.O_WRONLY)
    os.environ.clear()
    os.environ.update(environment, POLICY_CRAWLER_EVENTS_FD=str(descriptor))

    from policy_crawler.crawl import main

    sys.exit(main(arguments))
