"""One pass of matching and delivery as a process of its own: `python -m support.dispatch_once MAIL_PORT`. A test may
kill it at a fault point, and move its clock."""

import os
import sys
from pathlib import Path

from support.world import World

from schedules.channels import SmtpServer, registry
from schedules.dispatch import Dispatched, Dispatcher
from schedules.jobs import new_holder
from storage.clock import Clock


def dispatcher(world: World, port: int, timeout: float = 5) -> Dispatcher:
    """Matching and delivery on `world`, mail leaving by the server at `port`."""
    return Dispatcher(
        book=world.book,
        queries=world.queries,
        channels=registry(
            SmtpServer("127.0.0.1", port, "alerts@example.org", security="none", timeout=timeout), sys.stdout
        ),
        clock=world.clock,
        holder=new_holder("test"),
    )


def main() -> Dispatched:
    world = World(
        Path(os.environ["POLICY_CRAWLER_HOME"]), os.environ["POLICY_CRAWLER_ARCHIVE"], Clock.from_environment()
    )
    return dispatcher(world, int(sys.argv[1])).run()


if __name__ == "__main__":
    print(main())
