"""Runs that somebody asks for: queued once, made before scheduled ones, seen from outside, ended when told."""

import asyncio
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from support.service import build
from support.world import World, source

from schedules.jobs import Crawl
from schedules.scheduler import LISTEN_SECONDS
from storage.errors import ArchiveError
from storage.on_demand import OnDemand, Progress
from storage.records import Verdict


@pytest.fixture
def rows(pair_world: World) -> OnDemand:
    pair_world.register("one", "two", "three")
    return OnDemand(pair_world.engine, pair_world.clock)


async def until(condition: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.05)


def test_a_thousand_wishes_for_one_source_are_one_run(rows: OnDemand) -> None:
    asked = [rows.ask("one", "manual") for _ in range(1000)]
    assert len({one.run_id for one in asked}) == 1
    assert [one.joined for one in asked] == [False] + [True] * 999
    other = rows.ask("one", "backfill", {"pages": 3})
    assert not other.joined
    assert rows.ask("one", "backfill", {"pages": 3}).run_id == other.run_id
    assert len(rows.under_way()) == 2


def test_what_is_asked_for_goes_before_what_is_scheduled(pair_world: World, rows: OnDemand) -> None:
    pair_world.archive.queue_run("one", "schedule", slot="2026-11-24T00:00:00.000000+00:00")
    assert not rows.asked()
    second, third = rows.ask("two", "manual"), rows.ask("three", "url", {"url": "https://www.elsewhere.cn/a.html"})
    assert rows.asked()
    assert [(run.source_id, run.site) for run in pair_world.timetable.queued()] == [
        ("two", "two.example.cn"),
        ("three", "www.elsewhere.cn"),
        ("one", "one.example.cn"),
    ]
    ahead = [row.ahead for row in (rows.progress(second.run_id), rows.progress(third.run_id)) if row]
    assert ahead == [0, 1]


def test_a_wish_that_a_scheduled_run_fulfils_joins_it(pair_world: World, rows: OnDemand) -> None:
    run_id = pair_world.archive.queue_run("one", "schedule", slot="2026-11-24T00:00:00.000000+00:00")
    assert rows.ask("one", "manual").run_id == run_id


def test_the_wishes_reach_the_crawl(pair_world: World, rows: OnDemand) -> None:
    given = Crawl("one", "one.example.cn", since=date(2026, 1, 5), pages=2, recheck="all")
    assert given.trigger == "backfill"
    rows.ask("one", given.trigger, given.request())
    (waiting,) = pair_world.timetable.queued()
    assert Crawl.queued(waiting).arguments()[:-1] == given.arguments()


def test_a_run_that_waits_is_cancelled_at_once(pair_world: World, rows: OnDemand) -> None:
    asked = rows.ask("one", "manual")
    assert rows.cancel(asked.run_id, "ana") == "finished"
    row = pair_world.queries.run(asked.run_id)
    assert row is not None
    assert (row.verdict, row.reason) == (Verdict.INTERRUPTED, "cancelled by ana before it began")
    with pytest.raises(ArchiveError, match="has ended"):
        rows.cancel(asked.run_id, "ana")
    assert rows.ask("one", "manual").run_id != asked.run_id


def serve(world: World, setup: dict[str, Any], scenario: Callable[[], Any]) -> None:
    async def main() -> None:
        service = build(world, setup)
        task = asyncio.create_task(service.run())
        await scenario()
        service.stop()
        await task

    asyncio.run(asyncio.wait_for(main(), 60))


def test_a_run_is_made_at_once_and_says_how_far_it_is(world: World) -> None:
    """The ticks are a minute apart: it does not wait for one."""
    rows = OnDemand(world.engine, world.clock)
    found: list[Progress] = []

    async def scenario() -> None:
        await until(lambda: world.queries.runs(limit=1) and all(run.verdict for run in world.queries.runs(limit=9)))
        asked = rows.ask("tell-long", "manual")
        before = time.monotonic()
        await until(lambda: (rows.progress(asked.run_id) or found[0]).requests == 2)
        assert time.monotonic() - before < LISTEN_SECONDS + 10
        found.extend(row for row in [rows.progress(asked.run_id)] if row)
        assert rows.cancel(asked.run_id, "ana") == "running"
        await until(lambda: (rows.progress(asked.run_id) or found[0]).state == "finished")
        found.extend(row for row in [rows.progress(asked.run_id)] if row)

    world.archive.register_sources([])
    world.register("tell-long")
    later = {"sources": [["one"], ["tell-long", None, 60]], "tick": 60, "lease": 180}
    world.timetable.plan(["tell-long"])
    (due,) = world.timetable.scheduled()
    world.timetable.move("tell-long", due.due_at, due.due_at.replace(year=due.due_at.year + 1))
    serve(world, later, scenario)
    running, ended = found
    assert (running.state, running.queued, running.documents) == ("running", 5, {"added": 1})
    assert running.latest[0]["title"] == "关于工业互联网的通知"
    assert (ended.verdict, ended.reason, ended.cancelled_by) == ("interrupted", "cancelled by ana", "ana")


def test_a_crawl_that_ignores_being_cancelled_is_ended_and_no_fault_of_its_source(world: World) -> None:
    world.register("hang-deaf-here")
    runner = world.runner()
    runner.limits = type(runner.limits)(seconds=60, grace=1)

    async def main() -> None:
        task = asyncio.create_task(runner.run(Crawl("hang-deaf-here", "hang-deaf-here.example.cn")))
        rows = runner.on_demand
        await until(lambda: [row for row in rows.under_way() if row.state == "running"])
        (row,) = rows.under_way()
        rows.cancel(row.run_id, "ana")
        summary = await task
        assert (summary.verdict, summary.reason) == (Verdict.INTERRUPTED, "cancelled by ana")

    asyncio.run(asyncio.wait_for(main(), 60))
    (state,) = world.queries.sources()
    assert (state.failures, state.state) == (0, "new")
    assert source("one").id == "one"
