"""The service with real crawls of a ministry's column, and a crawl that is killed in the middle."""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from support.fault_server import FaultServer
from support.mailbox import Mailbox, flowing
from support.sites import MIIT, Ministry, Notice
from support.world import MovingClock, World

from policy_crawler.catalog import Catalog, load_catalog
from schedules.channels import SmtpServer, registry
from schedules.child import MODULE
from schedules.dispatch import Dispatcher
from schedules.jobs import Crawl
from schedules.scheduler import Service
from storage.models import Run

SOURCE = "miit-wjfb-tz"


@pytest.fixture
def ministry() -> Iterator[Ministry]:
    with FaultServer() as server:
        yield Ministry(server, numbers=range(14, 0, -1))
        assert server.trapped() == []


@pytest.fixture
def moving(tmp_path: Path) -> Iterator[World]:
    home = tmp_path / "home"
    home.mkdir()
    made = World(home, f"sqlite:///{home / 'archive.db'}", MovingClock())
    yield made
    made.close()


def serve(world: World, ministry: Ministry, box: Mailbox, *, delay: float = 0, on_event: Any = lambda *_: None) -> None:
    """Let the service do what is due, with the production's crawls."""
    runner = world.runner(module=MODULE, on_event=on_event)
    runner.settings = {
        **runner.settings,
        "POLICY_CRAWLER_CONNECTION_MAP": str(ministry.server.map_for([f"https://{MIIT}"])),
        "POLICY_CRAWLER_CRAWL__DELAY": str(delay),
    }
    mail = SmtpServer("127.0.0.1", box.port, "alerts@example.org", security="none")
    service = Service(
        catalog=Catalog([load_catalog().get(SOURCE)]),
        archive=world.archive,
        timetable=world.timetable,
        leases=world.leases,
        runner=runner,
        dispatcher=Dispatcher(
            book=world.book, queries=world.queries, channels=registry(mail, sys.stdout), clock=world.clock,
            holder=runner.holder,
        ),
        clock=world.clock,
        tick_seconds=0.2,
    )  # fmt: skip
    asyncio.run(asyncio.wait_for(service.run(until_idle=True), 90))


def test_a_crawl_killed_in_the_middle_costs_no_alert_and_doubles_none(
    moving: World, ministry: Ministry, box: Mailbox
) -> None:
    world = moving
    world.book.add_watch("行动", "专项行动", channels=[world.book.add_channel("email", "analyst@example.org")])
    serve(world, ministry, box)
    assert [run.verdict for run in world.queries.runs()] == ["ok"]
    assert world.book.alerts() == []  # the first run is backlog
    assert not box.received

    ministry.notices[2].text = "加快构建现代化产业体系，推动工业领域数据安全管理工作落到实处，现将九项要求通知如下。"
    ministry.notices.insert(0, Notice(15))
    ministry.notices.insert(0, Notice(16))
    assert isinstance(world.clock, MovingClock)
    world.clock.moves.append(timedelta(days=1))
    killed: list[int] = []

    def kill(_crawl: Crawl, event: dict[str, Any]) -> None:
        if event["event"] == "document" and not killed:
            with world.engine.connect() as connection:
                pid = connection.scalar(select(Run.pid).where(Run.id == event["run"]))
            assert pid
            killed.append(pid)
            os.kill(pid, signal.SIGKILL)

    serve(world, ministry, box, delay=0.5, on_event=kill)
    assert killed
    died = world.queries.runs()[0]
    assert died.verdict == "died"
    assert "SIGKILL" in died.reason
    assert not box.received  # what it staged waits for the source's next run

    world.timetable.hurry(SOURCE)
    serve(world, ministry, box)
    assert world.queries.runs()[0].verdict == "ok"
    told = sorted((alert.event.kind, str(alert.event.title)) for alert in world.book.alerts())
    assert told == [
        ("added", Notice(15).title), ("added", Notice(16).title), ("changed", ministry.notices[4].title),
    ]  # fmt: skip
    (received,) = box.accepted()
    text = received.part("plain")
    assert text.startswith("3 条：")
    assert "现将九项要求通知如下" in flowing(text)
    world.timetable.hurry(SOURCE)
    serve(world, ministry, box)
    assert len(box.received) == 1
