"""One pass of matching and delivery as a process of its own: `python -m support.dispatch_once MAIL_PORT`. A test may
kill it at a fault point, and move its clock."""

import ipaddress
import os
import sys
from pathlib import Path

from support.world import World

from schedules.alerts.render import Language
from schedules.channels import Guard, SmtpServer, registry
from schedules.dispatch import Dispatched, Dispatcher
from schedules.jobs import new_holder
from storage.clock import Clock

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)


def dispatcher(
    world: World, port: int = 0, timeout: float = 5, *, ca_file: str = "", seconds: float = 5, language: Language = "zh"
) -> Dispatcher:
    """Matching and delivery on `world`, mail leaving by the server at `port`, webhooks and robots on loopback.

    `timeout` is that of an answer of the mail server, `seconds` that of a whole request."""
    return Dispatcher(
        book=world.book,
        queries=world.queries,
        channels=registry(
            SmtpServer("127.0.0.1", port, "alerts@example.org", security="none", timeout=timeout) if port else None,
            sys.stdout,
            guard=Guard(LOOPBACK, ca_file, seconds),
            clock=world.clock,
            feeds=world.home / "feeds",
        ),
        clock=world.clock,
        holder=new_holder("test"),
        language=language,
    )


def main() -> Dispatched:
    world = World(
        Path(os.environ["POLICY_CRAWLER_HOME"]), os.environ["POLICY_CRAWLER_ARCHIVE"], Clock.from_environment()
    )
    return dispatcher(world, int(sys.argv[1])).run()


if __name__ == "__main__":
    print(main())
