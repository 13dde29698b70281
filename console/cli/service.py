"""`serve`: crawl on schedule and send alerts, until told to stop."""

import asyncio
import logging
import os
from typing import Annotated

import typer

from console.installation import Installation
from policy_crawler.errors import OperatorError
from schedules.jobs import Crawl


def add_to(app: typer.Typer) -> None:
    app.command("serve")(serve)


def serve(
    until_idle: Annotated[
        bool, typer.Option("--until-idle", help="Stop when nothing is due, running or to be delivered.")
    ] = False,
    allow_root: Annotated[bool, typer.Option("--allow-root", help="Run as root all the same.")] = False,
) -> None:
    """Crawl every enabled source when it is due and deliver alerts. A second service on the same archive stands by.

    Example: policy-crawler serve
    """
    if os.name == "posix" and os.geteuid() == 0 and not allow_root:
        raise OperatorError("serve does not run as root: give it a user of its own, or say --allow-root")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.WARNING)  # one line a tick says nothing
    here = Installation()
    runner = here.runner("serve", on_log=_child_log)
    service = here.service(runner, here.dispatcher("serve"))
    asyncio.run(service.run(until_idle=until_idle))


def _child_log(crawl: Crawl, line: str) -> None:
    logging.getLogger("policy_crawler.crawl").info("%s: %s", crawl.source_id, line)
