"""`serve`: crawl on schedule and send alerts, until told to stop."""

import asyncio
import logging
import os
import re
from enum import StrEnum
from typing import Annotated

import typer

from console import logs, serving
from console.installation import Installation
from policy_crawler.errors import OperatorError
from schedules.jobs import Crawl

# A line of a crawl's log begins with its time, which the service's own line says too.
LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \[(?P<logger>[^\]]+)\] (?P<level>[A-Z]+): (?P<text>.*)")


class LogFormat(StrEnum):
    """How the service logs."""

    TEXT = "text"
    JSON = "json"


def add_to(app: typer.Typer) -> None:
    app.command("serve")(serve)


def serve(
    host: Annotated[str | None, typer.Option(help="Where to answer HTTP; only this machine's own addresses.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Answer /healthz and /metrics there; 0: no HTTP.")
    ] = None,
    log_format: Annotated[LogFormat | None, typer.Option(help="How to log, on standard error.")] = None,
    until_idle: Annotated[
        bool, typer.Option("--until-idle", help="Stop when nothing is due, running or to be delivered.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Log all that the crawls say, not only what is wrong.")
    ] = False,
    allow_root: Annotated[bool, typer.Option("--allow-root", help="Run as root all the same.")] = False,
) -> None:
    """Crawl every enabled source when it is due and deliver alerts. A second service on the same archive stands by.

    Its settings stand in [service] of config.toml; the options go before them.

    Example: policy-crawler serve --port 8321
    """
    if os.name == "posix" and os.geteuid() == 0 and not allow_root:
        raise OperatorError("serve does not run as root: give it a user of its own, or say --allow-root")
    here = Installation()
    settings = here.config.service
    logs.set_up(log_format.value if log_format else settings.log_format)
    asyncio.run(
        serving.run(
            here,
            here.runner("serve", on_log=CrawlLog(verbose)),
            host=host or settings.host,
            port=settings.port if port is None else port,
            until_idle=until_idle,
        )
    )


class CrawlLog:
    """What crawls say, in the service's log: their warnings and errors with the lines that belong to them."""

    def __init__(self, verbose: bool) -> None:
        """`verbose`: all that they say."""
        self._verbose = verbose
        self._levels: dict[str, int] = {}  # of each source's last line that named one
        self._logger = logging.getLogger("policy_crawler.crawl")

    def __call__(self, crawl: Crawl, line: str) -> None:
        """One line of a crawl's log."""
        if found := LINE.fullmatch(line):
            self._levels[crawl.source_id] = logging.getLevelNamesMapping()[found["level"]]
            line = f"{found['logger']}: {found['text']}"
        level = self._levels.get(crawl.source_id, logging.WARNING)  # before any: an import that failed
        if self._verbose or level >= logging.WARNING:
            self._logger.log(level, "%s: %s", crawl.source_id, line)
