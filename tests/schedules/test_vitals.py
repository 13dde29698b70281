"""How the service says how it is, and what its operators hear: ticks that stop, a locked archive, a disk that fills."""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from support.service import build
from support.world import MovingClock, World

from schedules import vitals
from schedules.metrics import Metrics
from schedules.vitals import Checkup, Pulse
from storage.records import Verdict


class Steady:
    """A clock that nobody sets, moved by the test."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def checkup(world: World, pulse: Pulse, disk_low_mib: int = 1) -> Checkup:
    return Checkup.of(pulse, world.engine, world.clock, world.home, disk_low_mib)


class Told(list[tuple[str, str]]):
    def __call__(self, kind: str, _title: str, reason: str) -> None:
        self.append((kind, reason))

    @property
    def kinds(self) -> list[str]:
        return [kind for kind, _ in self]


async def until(condition: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.05)


def test_S8_a_scheduler_that_ticks_no_more_is_unhealthy(pair_world: World) -> None:
    steady = Steady()
    pulse = Pulse(steady)
    looked = checkup(pair_world, pulse)
    pulse.well()
    steady.seconds = 59
    assert looked.look().healthy
    steady.seconds = 61
    found = looked.look()
    assert not found.healthy
    assert found.reasons == ("no tick went well for 61 s",)
    pulse.failed("database is locked")
    assert "database is locked" in looked.look().reasons[0]
    pulse.well()
    assert looked.look().healthy


def test_a_database_that_does_not_answer_is_a_reason(world: World) -> None:
    looked = checkup(world, Pulse(time.monotonic))
    with world.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE source RENAME TO elsewhere")
    found = looked.look()
    assert not found.healthy
    assert "no such table: source" in found.database
    metrics = Metrics(world.engine, looked).text().decode()
    assert "policy_crawler_up 0.0" in metrics


def test_a_disk_that_fills_is_told_once_and_once_when_there_is_room(
    pair_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, looked = Told(), checkup(pair_world, Pulse(time.monotonic), disk_low_mib=500)
    for free in (900, 499, 300, 550, 10):  # 550 is not yet "room again": it would come and go
        monkeypatch.setattr(vitals, "free_mib", lambda _folder, free=free: free)
        looked.tell(told)
    assert told.kinds == ["disk_low"]
    assert looked.look().reasons[0].startswith("10 MiB are free")
    assert looked.is_full()
    assert "disk_low" in looked.look().troubles
    monkeypatch.setattr(vitals, "free_mib", lambda _folder: 700)
    for _ in range(2):
        checkup(pair_world, Pulse(time.monotonic), disk_low_mib=500).tell(told)  # also after a restart
    assert told.kinds == ["disk_low", "disk_recovered"]
    assert not looked.is_full()


def test_slots_that_wait_are_told_once(pair_world: World) -> None:
    pair_world.register("one")
    pair_world.timetable.plan(["one"])
    looked, told = replace(checkup(pair_world, Pulse(time.monotonic)), late_after=timedelta(minutes=15)), Told()
    (due,) = pair_world.timetable.scheduled()
    for ago, expected in ((5, []), (16, ["scheduler_late"]), (90, ["scheduler_late"])):
        (due,) = pair_world.timetable.scheduled()
        pair_world.timetable.move("one", due.due_at, pair_world.clock.now() - timedelta(minutes=ago))
        looked.tell(told)
        assert told.kinds == expected
    (due,) = pair_world.timetable.scheduled()
    pair_world.timetable.move("one", due.due_at, pair_world.clock.now() + timedelta(minutes=60))
    looked.tell(told)
    assert told.kinds == ["scheduler_late", "scheduler_recovered"]
    assert "16 minutes" in told[0][1]


def test_on_a_full_disk_nothing_is_crawled_and_ticks_go_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    free = [10]
    monkeypatch.setattr(vitals, "free_mib", lambda _folder: free[0])
    told, pulse = Told(), Pulse(time.monotonic)
    looked = checkup(world, pulse, disk_low_mib=500)

    async def scenario() -> None:
        service = build(world, {"sources": [["one"]], "tick": 0.1}, pulse=pulse, checkup=looked, tell=told)
        task = asyncio.create_task(service.run())
        await until(lambda: told.kinds == ["disk_low"])
        await asyncio.sleep(0.5)
        assert world.journal() == []
        assert pulse.age < 2
        free[0] = 10_000
        await until(world.journal)
        service.stop()
        await task

    asyncio.run(asyncio.wait_for(scenario(), 60))
    assert told.kinds == ["disk_low", "disk_recovered"]


def test_a_locked_archive_is_said_and_costs_nothing(world: World) -> None:
    """Another program holds SQLite's write lock for longer than a writer waits: ticks fail, then all goes on."""
    pulse = Pulse(time.monotonic)
    looked = checkup(world, pulse)
    free = threading.Event()

    def hold() -> None:
        connection = sqlite3.connect(world.engine.url.database or "", isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        free.wait(30)
        connection.rollback()
        connection.close()

    async def scenario() -> None:
        service = build(world, {"sources": [["one"], ["two"]], "tick": 0.2, "lease": 5}, pulse=pulse, checkup=looked)
        task = asyncio.create_task(service.run())
        await until(
            lambda: len(world.queries.runs(limit=9)) == 2 and all(r.verdict for r in world.queries.runs(limit=9))
        )
        world.timetable.hurry("one")
        holder = threading.Thread(target=hold)
        with world.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout")
        holder.start()
        await until(lambda: not looked.look().healthy)
        assert "locked" in looked.look().reasons[0]
        free.set()
        holder.join()
        await until(lambda: len([run for run in world.queries.runs(limit=9) if run.verdict is Verdict.OK]) == 3)
        await until(lambda: looked.look().healthy)
        service.stop()
        await task

    _impatient(world)
    asyncio.run(asyncio.wait_for(scenario(), 60))


def _impatient(world: World) -> None:
    """Writers of this world wait 0.3 s for their turn, not half a minute."""
    from sqlalchemy import event

    world.engine.dispose()

    @event.listens_for(world.engine, "connect")
    def wait_less(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA busy_timeout = 300")


def test_what_ran_and_what_was_sent_is_counted(pair_world: World) -> None:
    world = pair_world
    looked = checkup(world, Pulse(time.monotonic))
    metrics = Metrics(world.engine, looked)

    async def scenario() -> None:
        service = build(world, {"sources": [["one"], ["broken-here"]], "tick": 0.2}, on_run=metrics.ran)
        await service.run(until_idle=True)

    asyncio.run(asyncio.wait_for(scenario(), 60))
    text = metrics.text().decode()
    assert 'policy_crawler_runs_total{verdict="ok"} 1.0' in text
    assert 'policy_crawler_runs_total{verdict="quarantined"} 1.0' in text
    assert 'policy_crawler_sources{state="quarantined"} 1.0' in text


def test_S4_a_day_that_passes_between_two_steps_is_one_run_a_source(moving_world: World) -> None:
    """A service whose time a simulation moves: `step` in place of `run`."""
    world = moving_world

    async def scenario() -> None:
        service = build(world, {"sources": [["one", None, 15], ["two"]], "lease": 60})
        for moved in (timedelta(0), timedelta(days=1), timedelta(0)):
            assert isinstance(world.clock, MovingClock)
            world.clock.moves.append(moved)
            await service.step()

    asyncio.run(asyncio.wait_for(scenario(), 60))
    assert sorted(run.source_id for run in world.queries.runs(limit=9)) == ["one", "one", "two", "two"]
