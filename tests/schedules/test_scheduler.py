"""The service against real archives and real child processes (reliability rows S1, S2, S4, S5, S6)."""

import asyncio
import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from support.service import build
from support.world import MovingClock, World, source

from schedules import cadence
from schedules.scheduler import LEASE, Service
from storage.records import Verdict
from storage.scheduling import slot_name


def until(condition: Callable[[], object], seconds: float = 30) -> None:
    """Wait for `condition`; fail when it does not come true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


async def until_async(condition: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.05)


@contextmanager
def service_process(world: World, **setup: Any) -> Iterator[subprocess.Popen[str]]:
    """A running service; whatever the test left of it is killed at the end."""
    with (world.home / f"service-{time.monotonic_ns()}.log").open("w+") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "support.service", json.dumps(setup)],
            env={**os.environ, **world.settings()}, stderr=log, stdout=log, text=True,
        )  # fmt: skip
        process.log = log.name  # type: ignore[attr-defined]
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def said(process: subprocess.Popen[str]) -> str:
    with open(process.log) as log:  # type: ignore[attr-defined]  # noqa: PTH123
        return log.read()


def starts(world: World) -> Counter[str]:
    return Counter(name for name, _run, what, _at in world.journal() if what == "start")


def all_judged(world: World) -> bool:
    """Whether no run is under way: a source that runs takes no further slot."""
    return all(run.verdict for run in world.queries.runs(limit=50))


def run_until_idle(service: Service) -> None:
    asyncio.run(asyncio.wait_for(service.run(until_idle=True), 60))


def test_due_sources_are_crawled_once_and_have_a_next_slot(world: World) -> None:
    service = build(world, {"sources": [["one"], ["two"], ["three"]]})
    before = world.clock.now()
    run_until_idle(service)
    assert starts(world) == {"one": 1, "two": 1, "three": 1}
    assert {(run.source_id, run.verdict, run.trigger) for run in world.queries.runs(limit=9)} == {
        (name, "ok", "schedule") for name in ("one", "two", "three")
    }
    dues = world.timetable.scheduled()
    assert len(dues) == 3
    for due in dues:
        assert due.due_at == cadence.next_due(due.source_id, 60, before) or due.due_at > before
        assert due.due_at <= world.clock.now() + timedelta(minutes=61)
    assert world.leases.holder(LEASE) is None  # given up at the end


def test_nothing_due_runs_nothing(world: World) -> None:
    setup = {"sources": [["one"]]}
    run_until_idle(build(world, setup))
    run_until_idle(build(world, setup))
    assert starts(world) == {"one": 1}


def test_a_source_taken_out_of_the_catalog_is_due_no_more(world: World) -> None:
    run_until_idle(build(world, {"sources": [["one"], ["two"]]}))
    run_until_idle(build(world, {"sources": [["two"]]}))
    assert [due.source_id for due in world.timetable.scheduled()] == ["two"]


def test_a_cadence_of_its_own_is_kept(world: World) -> None:
    run_until_idle(build(world, {"sources": [["often", None, 10]]}))
    (due,) = world.timetable.scheduled()
    assert due.due_at <= world.clock.now() + timedelta(minutes=10, seconds=1)


def test_no_more_than_concurrency_at_once_and_one_to_a_site(world: World) -> None:
    sources = [[f"slow-{n}", f"{'shared' if n < 3 else f'own-{n}'}.example.cn"] for n in range(6)]
    run_until_idle(build(world, {"sources": sources, "concurrency": 2}))
    running: set[str] = set()
    most = 0
    for name, _run, what, _at in sorted(world.journal(), key=lambda row: row[3]):
        (running.add if what == "start" else running.discard)(name)
        most = max(most, len(running))
        assert len(running & {"slow-0", "slow-1", "slow-2"}) <= 1
    assert starts(world) == {f"slow-{n}": 1 for n in range(6)}
    assert most == 2


def test_S1_two_services_fill_every_slot_once(pair_world: World) -> None:
    world = pair_world
    sources = [[f"source-{n}"] for n in range(8)]
    # Once a day: with an hour, one test in fifty meets the slot of one of the eight.
    setup = {"sources": sources, "tick": 0.2, "lease": 2, "every_minutes": 1440}
    with service_process(world, **setup) as one, service_process(world, **setup) as two:
        until(lambda: sum(starts(world).values()) >= 8 and all_judged(world))
        for source_id in ("source-0", "source-1"):
            world.timetable.hurry(source_id)
        until(lambda: starts(world)["source-0"] == 2 and starts(world)["source-1"] == 2)
        until(lambda: all_judged(world))
        texts = [said(one), said(two)]
        assert sum("standing by" in text for text in texts) == 1
        assert sum("scheduling 8 sources" in text for text in texts) == 1
        leader, follower = (one, two) if "scheduling" in texts[0] else (two, one)
        # The leader is killed: the other takes over within its lease.
        leader.kill()
        world.timetable.hurry("source-2")
        until(lambda: starts(world)["source-2"] == 2)
        assert "scheduling 8 sources" in said(follower)
        until(lambda: all_judged(world))
        follower.send_signal(signal.SIGTERM)
        assert follower.wait(20) == 0
    assert starts(world) == {f"source-{n}": 2 if n < 3 else 1 for n in range(8)}


def test_a_kill_between_queueing_and_moving_on_repeats_no_slot(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    setup = {"sources": [["one"], ["two"]], "lease": 1}
    monkeypatch.setenv("POLICY_CRAWLER_FAULT", "queued:1:kill")
    with service_process(world, **setup) as process:
        assert process.wait(30) == -signal.SIGKILL
    assert [queued.source_id for queued in world.timetable.queued()] == ["one"]
    monkeypatch.delenv("POLICY_CRAWLER_FAULT")
    with service_process(world, **setup):
        until(lambda: starts(world) == {"one": 1, "two": 1})
        until(lambda: all(due.due_at > world.clock.now() for due in world.timetable.scheduled()))
    assert starts(world) == {"one": 1, "two": 1}


def test_S6_a_crawl_that_is_killed_is_said_and_the_others_go_on(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    run_until_idle(build(world, {"sources": [["crash-here"], ["good"]]}))
    verdicts = {run.source_id: run.verdict for run in world.queries.runs(limit=5)}
    assert verdicts == {"crash-here": "died", "good": "ok"}
    assert any("SIGSEGV" in message for message in caplog.messages)
    assert len(world.timetable.scheduled()) == 2


def test_S6_a_source_that_fails_again_and_again_is_asked_less_often(world: World) -> None:
    for _ in range(3):
        run_until_idle(build(world, {"sources": [["broken-here"]]}))
        world.timetable.hurry("broken-here")
    run_until_idle(build(world, {"sources": [["broken-here"]]}))
    (due,) = world.timetable.scheduled()
    assert due.failures == 4
    assert timedelta(hours=3) <= due.due_at - world.clock.now() <= timedelta(hours=4, seconds=1)


@pytest.mark.parametrize("lap", [0, 3])
def test_a_hurried_source_is_due_at_once_however_often(world: World, lap: int) -> None:
    """Also within one second, in slots of its own: a service that is idle must not leave before it is due."""
    world.register("one")
    world.timetable.plan(["one"])
    slots = set()
    for _ in range(5):
        (due,) = world.timetable.scheduled()
        later = (world.clock.now() + timedelta(hours=1)).replace(microsecond=lap)
        world.timetable.move("one", due.due_at, later)
        world.timetable.hurry("one")
        (due,) = world.timetable.due()
        slots.add(slot_name(due.due_at))
        run_id = world.archive.queue_run("one", "schedule", slot=slot_name(due.due_at))
        assert run_id is not None
        world.timetable.withdraw(run_id, "a test")
    assert len(slots) == 5


def test_a_crawl_of_the_command_line_that_was_killed_does_not_stop_its_source(world: World) -> None:
    """Killed with its parent while a service runs: nobody else would close its run."""

    async def scenario() -> None:
        service = build(world, {"sources": [["one"]], "tick": 0.1})
        task = asyncio.create_task(service.run())
        await until_async(lambda: starts(world) == {"one": 1})
        await until_async(lambda: all_judged(world))
        await until_async(lambda: world.leases.holder("site:one.example.cn") is None)
        gone = subprocess.Popen(["/bin/true"])
        gone.wait()
        world.archive.open_run("one", "manual", pid=gone.pid)
        world.timetable.hurry("one")
        await until_async(lambda: starts(world) == {"one": 2})
        service.stop()
        await task

    asyncio.run(scenario())
    assert [run.verdict for run in world.queries.runs(limit=5)][-2:] == ["died", "ok"]


def test_S5_a_hang_keeps_nobody_waiting(world: World) -> None:
    run_until_idle(build(world, {"sources": [["hang-deaf-here"], ["good"], ["fine"]], "seconds": 3, "concurrency": 2}))
    verdicts = {run.source_id: run.verdict for run in world.queries.runs(limit=5)}
    assert verdicts == {"hang-deaf-here": "died", "good": "ok", "fine": "ok"}


def verdicts(world: World) -> dict[str, Verdict | None]:
    """How the last run of each source ended."""
    return {run.source_id: run.verdict for run in world.queries.runs(limit=5)}


def test_sigterm_ends_crawls_first_and_the_service_cleanly(world: World) -> None:
    with service_process(world, sources=[["hang-here"], ["good"]]) as process:
        # The good one is done, the other one hangs: only then is it known what the signal meets.
        until(lambda: len(starts(world)) == 2 and verdicts(world)["good"] is Verdict.OK)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        assert "stopped" in said(process)
    assert verdicts(world) == {"hang-here": Verdict.INTERRUPTED, "good": Verdict.OK}
    assert world.leases.holder(LEASE) is None
    assert world.leases.holder("site:hang-here.example.cn") is None


def test_runs_whose_service_was_killed_are_closed_by_the_next(world: World) -> None:
    with service_process(world, sources=[["hang-here"]], lease=1) as process:
        until(lambda: starts(world))
        process.kill()
    run_until_idle_after_kill = build(world, {"sources": [["good"]], "lease": 1})
    run_until_idle(run_until_idle_after_kill)
    verdicts = {run.source_id: run.verdict for run in world.queries.runs(limit=5)}
    assert verdicts == {"hang-here": "died", "good": "ok"}


def _move(world: World, by: timedelta) -> None:
    assert isinstance(world.clock, MovingClock)
    world.clock.moves.append(by)


SETUP = {"sources": [["quarterly", None, 15], ["hourly", None, 60], ["daily", None, 1440]], "tick": 0.1, "lease": 5}


def test_S4_a_day_asleep_is_one_run_a_source(moving_world: World) -> None:
    async def scenario() -> None:
        service = build(moving_world, SETUP)
        task = asyncio.create_task(service.run())
        await until_async(lambda: starts(moving_world) == {"quarterly": 1, "hourly": 1, "daily": 1})
        await until_async(lambda: all_judged(moving_world))
        _move(moving_world, timedelta(days=1))
        await until_async(lambda: starts(moving_world) == {"quarterly": 2, "hourly": 2, "daily": 2})
        await asyncio.sleep(1)  # ten ticks, in which nothing more may start
        service.stop()
        await task

    asyncio.run(scenario())
    assert starts(moving_world) == {"quarterly": 2, "hourly": 2, "daily": 2}


def test_S2_an_hour_set_back_neither_stalls_nor_repeats(moving_world: World) -> None:
    async def scenario() -> None:
        service = build(moving_world, SETUP)
        task = asyncio.create_task(service.run())
        await until_async(lambda: starts(moving_world) == {"quarterly": 1, "hourly": 1, "daily": 1})
        await until_async(lambda: all_judged(moving_world))
        before = {due.source_id: due.due_at - moving_world.clock.now() for due in moving_world.timetable.scheduled()}
        _move(moving_world, -timedelta(hours=1))
        first = [due.due_at.microsecond for due in moving_world.timetable.scheduled()]
        assert first == [0, 0, 0]
        await until_async(lambda: all(due.due_at.microsecond == 1 for due in moving_world.timetable.scheduled()))
        # As far away as before: nothing waits an hour longer, nothing starts now.
        for due in moving_world.timetable.scheduled():
            left = due.due_at - moving_world.clock.now()
            assert timedelta(0) <= before[due.source_id] - left < timedelta(seconds=30)
        assert sum(starts(moving_world).values()) == 3
        # The hour that comes twice: all four of its quarters run, in slots of their own.
        for count in (2, 3, 4, 5):
            _move(moving_world, timedelta(minutes=15))
            await until_async(lambda count=count: starts(moving_world)["quarterly"] == count)
            await until_async(lambda: all_judged(moving_world))
        service.stop()
        await task

    asyncio.run(scenario())


def test_S2_a_clock_set_back_while_no_service_ran_is_repaired(moving_world: World) -> None:
    run_until_idle(build(moving_world, SETUP))
    _move(moving_world, -timedelta(days=3))
    run_until_idle(build(moving_world, SETUP))
    now = moving_world.clock.now()
    for due in moving_world.timetable.scheduled():
        every = {"quarterly": 15, "hourly": 60, "daily": 1440}[due.source_id]
        assert timedelta(0) < due.due_at - now <= timedelta(minutes=every, seconds=2)


def test_S2_a_machine_that_wakes_up_in_1970_serves(moving_world: World) -> None:
    run_until_idle(build(moving_world, SETUP))
    # Killed services leave leases; these end in 2026.
    moving_world.leases.acquire(LEASE, "a service that was killed", 60)
    moving_world.leases.acquire("site:hourly.example.cn", "a crawl that was killed", 60)
    _move(moving_world, datetime(1970, 1, 1, 0, 0, 5, tzinfo=UTC) - moving_world.clock.now())
    run_until_idle(build(moving_world, SETUP))
    for due in moving_world.timetable.scheduled():
        assert due.due_at - moving_world.clock.now() <= timedelta(days=1, seconds=2)
    _move(moving_world, timedelta(hours=2))
    run_until_idle(build(moving_world, SETUP))
    assert starts(moving_world)["hourly"] == starts(moving_world)["quarterly"] == 2


def test_S2_ticks_come_when_the_machine_s_clock_is_set_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """APScheduler waits for a time on the machine's clock. Set that back under it, and see that ticks go on."""

    async def scenario() -> None:
        service = build(world, {"sources": [["one"]], "tick": 0.3})
        kept: list[AsyncIOScheduler] = []
        start = AsyncIOScheduler.start
        monkeypatch.setattr(AsyncIOScheduler, "start", lambda self: (kept.append(self), start(self))[1])
        task = asyncio.create_task(service.run())
        await until_async(lambda: starts(world) == {"one": 1} and all_judged(world))
        job = kept[0].get_job("tick")
        # What a clock set back by an hour leaves: the next tick an hour away.
        job.modify(next_run_time=job.next_run_time + timedelta(hours=1))
        world.timetable.hurry("one")
        await until_async(lambda: starts(world) == {"one": 2}, seconds=10)
        service.stop()
        await task

    asyncio.run(scenario())


def test_a_locked_database_costs_a_tick_not_the_service(world: World, caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        service = build(world, {"sources": [["one"]], "tick": 0.2})
        task = asyncio.create_task(service.run())
        await until_async(lambda: starts(world) == {"one": 1} and all_judged(world))
        queue_run = world.archive.queue_run
        failed = []

        def fail_once(*given: Any, **named: Any) -> int | None:
            if not failed:
                failed.append(1)
                raise OSError("database is locked")
            return queue_run(*given, **named)

        world.archive.queue_run = fail_once  # type: ignore[method-assign]
        world.timetable.hurry("one")
        await until_async(lambda: starts(world) == {"one": 2})
        assert failed
        service.stop()
        await task

    asyncio.run(scenario())


def test_the_catalog_s_own_page_source_is_never_scheduled(world: World) -> None:
    from policy_crawler.catalog import load_catalog

    assert "page" not in [entry.id for entry in load_catalog().enabled()]
    assert source("one").id == "one"
