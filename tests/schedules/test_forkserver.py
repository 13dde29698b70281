"""Crawls that are forked: as limited, as ended and as alone as fresh processes, and cheaper. Real crawls."""

import asyncio
import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from support.fault_server import FaultServer, silence
from support.sites import article
from support.world import World

from schedules.child import MODULE, Ended, Limits, environment, is_crawl, run_child
from schedules.forkserver import ForkServer

HOST = "www.example.gov.cn"


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as running:
        yield running


def crawl(world: World, server: FaultServer, forks: ForkServer, path: str, heard: list[Any], **more: Any) -> Any:
    settings = {
        **world.settings(),
        "POLICY_CRAWLER_CONNECTION_MAP": str(server.map_for([f"http://{HOST}"])),
        "POLICY_CRAWLER_CRAWL__DELAY": "0",
    }
    limits = more.pop("limits", Limits(seconds=60, grace=5))
    return run_child(
        ["--source=page", f"--url=http://{HOST}{path}"], environment(os.environ, settings), limits,
        on_event=heard.append, on_log=lambda line: heard.append({"log": line}), module=MODULE, forks=forks, **more,
    )  # fmt: skip


def of(heard: list[Any], name: str) -> list[Any]:
    return [event for event in heard if event.get("event") == name]


def run(scenario: Any) -> Any:
    return asyncio.run(asyncio.wait_for(scenario, 100))


PAGE = article("关于印发甲办法的通知", "<p>第一条 为了规范甲，制定本办法。</p>" * 20)


def test_forked_crawls_are_crawls(world: World, server: FaultServer) -> None:
    server.on(HOST, "/a.html", PAGE)
    heard: list[Any] = []

    async def scenario() -> list[Ended]:
        forks = ForkServer(MODULE)
        ended = [await crawl(world, server, forks, "/a.html", heard) for _ in range(2)]
        ended.append(await crawl(world, server, forks, "/gone.html", heard))
        await forks.close()
        return ended

    ended = run(scenario())
    assert [event["verdict"] for event in of(heard, "closed")][:2] == ["ok", "ok"], heard
    assert [one.code for one in ended[:2]] == [0, 0]
    assert len({one.pid for one in ended}) == 3
    assert [run.verdict for run in world.queries.runs(limit=9)][1:] == ["ok", "ok"]
    assert not [line for line in heard if "fresh process" in str(line)]


def test_S5_a_forked_crawl_that_hangs_is_ended_and_is_known_as_a_crawl(world: World, server: FaultServer) -> None:
    server.on(HOST, "/slow.html", silence())
    heard: list[Any] = []

    async def scenario() -> tuple[Ended, bool]:
        forks, stop = ForkServer(MODULE), asyncio.Event()
        task = asyncio.create_task(crawl(world, server, forks, "/slow.html", heard, stop=stop))
        while not of(heard, "opened"):
            await asyncio.sleep(0.05)
        (row,) = world.queries.runs(limit=1)
        with world.engine.connect() as connection:
            pid = connection.exec_driver_sql("SELECT pid FROM run").scalar()
        known = is_crawl(int(pid or 0))
        stop.set()
        ended = await task
        await forks.close()
        assert row.id == ended.run_id
        return ended, known

    ended, known = run(scenario())
    assert known
    assert ended.stopped
    world.archive.fail_dead_runs(is_crawl)  # where its request was under way already, it was killed after its grace
    assert world.queries.runs(limit=1)[0].verdict in {"interrupted", "died"}


def test_S6_when_the_process_that_forks_is_killed_its_crawls_end_and_the_next_is_forked_anew(
    world: World, server: FaultServer
) -> None:
    server.on(HOST, "/a.html", PAGE)
    server.on(HOST, "/slow.html", silence())
    heard: list[Any] = []

    async def scenario() -> tuple[Ended, Ended]:
        forks = ForkServer(MODULE)
        task = asyncio.create_task(crawl(world, server, forks, "/slow.html", heard))
        while not of(heard, "opened"):
            await asyncio.sleep(0.05)
        assert forks.pid is not None
        os.kill(forks.pid, signal.SIGKILL)
        died = await task
        good = await crawl(world, server, forks, "/a.html", heard)
        await forks.close()
        return died, good

    died, good = run(scenario())
    assert died.code == -signal.SIGKILL
    assert good.code == 0


def test_limits_hold_for_forks(world: World, server: FaultServer) -> None:
    """Too little memory for a crawl: it ends by itself, and says so; the process that forks goes on."""
    server.on(HOST, "/a.html", PAGE)
    heard: list[Any] = []

    async def scenario() -> tuple[Ended, Ended]:
        forks = ForkServer(MODULE)
        poor = await crawl(world, server, forks, "/a.html", heard, limits=Limits(memory_mib=64, seconds=60, grace=5))
        good = await crawl(world, server, forks, "/a.html", heard)
        await forks.close()
        return poor, good

    poor, good = run(scenario())
    assert poor.code != 0
    assert good.code == 0


def test_where_nothing_can_be_forked_a_fresh_process_crawls(
    world: World, server: FaultServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.on(HOST, "/a.html", PAGE)
    ended = run(crawl(world, server, ForkServer("no.such.module"), "/a.html", []))
    assert ended.code == 0
    assert any("as a fresh process" in message for message in caplog.messages)
