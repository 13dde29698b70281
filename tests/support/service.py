"""The service as a process of its own: `python -m support.service SETUP`, SETUP being JSON: sources [[id, site,
every_minutes], …], tick, lease, concurrency, seconds (of a crawl), mail_port."""

import asyncio
import json
import logging
import os
import sys
from pathlib import Path
from typing import Any

from support.world import World, catalog, source

from schedules.channels import SmtpServer, registry
from schedules.child import Limits
from schedules.dispatch import Dispatcher
from schedules.scheduler import Service


def build(world: World, setup: dict[str, Any], role: str = "service", **more: Any) -> Service:
    """A service on `world`, wired as the console wires it; `more` is passed on to it."""
    server = None
    if setup.get("mail_port"):
        server = SmtpServer("127.0.0.1", setup["mail_port"], "alerts@example.org", security="none", timeout=5)
    runner = world.runner(role, Limits(seconds=setup.get("seconds", 30), grace=2))
    return Service(
        catalog=catalog(*(source(*given) for given in setup["sources"])),
        archive=world.archive,
        timetable=world.timetable,
        leases=world.leases,
        runner=runner,
        dispatcher=Dispatcher(
            book=world.book,
            queries=world.queries,
            channels=registry(server, sys.stdout),
            clock=world.clock,
            holder=runner.holder,
        ),
        clock=world.clock,
        every_minutes=setup.get("every_minutes", 60),
        concurrency=setup.get("concurrency", 4),
        tick_seconds=setup.get("tick", 0.2),
        lease_seconds=setup.get("lease", 3),
        **more,
    )


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    world = World(Path(os.environ["POLICY_CRAWLER_HOME"]), os.environ["POLICY_CRAWLER_ARCHIVE"])
    asyncio.run(build(world, json.loads(sys.argv[1])).run())


if __name__ == "__main__":
    main()
