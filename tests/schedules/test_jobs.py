"""Crawls as child processes: real ones, that end well, crash, hang, fork and take too much."""

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from support.world import World

from schedules.child import Ended, Limits, environment, is_crawl
from schedules.jobs import Crawl, CrawlError
from storage.records import RunSummary, Verdict


def crawl(source_id: str, site: str | None = None, run_id: int | None = None) -> Crawl:
    return Crawl(source_id, site or f"{source_id}.example.cn", run_id)


def run(world: World, source_id: str, limits: Limits | None = None, **more: Any) -> RunSummary:
    world.register(source_id)
    return asyncio.run(world.runner(limits=limits, **more).run(crawl(source_id)))


def test_a_crawl_is_judged_by_its_row_and_tells_as_it_goes(world: World) -> None:
    events: list[dict[str, Any]] = []
    lines: list[str] = []
    summary = run(
        world,
        "good",
        on_event=lambda _crawl, event: events.append(event),
        on_log=lambda _crawl, line: lines.append(line),
    )
    assert summary.verdict is Verdict.OK
    assert summary.counts == {"entries": 3}
    assert [event["event"] for event in events] == ["opened", "closed"]
    assert events[0]["run"] == summary.id
    assert "crawling good" in lines


def test_a_queued_run_is_filled(world: World) -> None:
    world.register("good")
    run_id = world.archive.queue_run("good", "schedule", slot="2026-11-24T00:00:00+00:00")
    summary = asyncio.run(world.runner().run(crawl("good", run_id=run_id)))
    assert (summary.id, summary.verdict) == (run_id, Verdict.OK)


@pytest.mark.parametrize(("source_id", "said"), [("crash-here", "SIGSEGV"), ("kill-here", "SIGKILL")])
def test_a_crawl_that_is_killed_is_a_died_run_and_says_so(world: World, source_id: str, said: str) -> None:
    summary = run(world, source_id)
    assert summary.verdict is Verdict.DIED
    assert said in summary.reason
    assert summary.finished_at is not None


def test_a_queued_run_whose_process_never_opened_it_is_a_died_run(world: World) -> None:
    world.register("unopened")
    run_id = world.archive.queue_run("unopened", "schedule")
    summary = asyncio.run(world.runner().run(crawl("unopened", run_id=run_id)))
    assert summary.verdict is Verdict.DIED
    assert "cannot open the archive" in summary.reason


def test_a_crawl_that_opened_no_run_is_an_error_with_its_last_words(world: World) -> None:
    with pytest.raises(CrawlError, match=r"exited with code 1.*cannot open the archive"):
        run(world, "unopened")


def test_S5_a_hang_is_ended_at_its_deadline(world: World) -> None:
    begun = time.monotonic()
    summary = run(world, "hang-here", Limits(seconds=3, grace=5))
    assert summary.verdict is Verdict.INTERRUPTED  # SIGTERM was enough: it closed its own run
    assert "longer than it may" in summary.reason
    assert time.monotonic() - begun < 15


def test_S5_a_hang_that_ignores_sigterm_is_killed(world: World) -> None:
    summary = run(world, "hang-deaf-here", Limits(seconds=3, grace=1))
    assert summary.verdict is Verdict.DIED
    assert "longer than it may" in summary.reason


def test_S5_what_a_crawl_forked_ends_with_it(world: World) -> None:
    begun = time.monotonic()
    summary = run(world, "fork-here")
    assert summary.verdict is Verdict.OK
    assert time.monotonic() - begun < 10  # the grandchild holds the pipes for ten minutes
    grandchild = int((world.home / "grandchild").read_text())
    assert _state(grandchild) in {None, "Z"}


def _state(pid: int) -> str | None:
    """The process's state letter, None where it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return None


def test_memory_is_limited(world: World) -> None:
    summary = run(world, "greedy-here", Limits(memory_mib=768, seconds=30))
    assert summary.verdict is Verdict.DIED
    assert "MemoryError" in summary.reason


def test_a_cancelled_crawl_is_ended_the_soft_way_and_gives_its_site_up(world: World) -> None:
    world.register("hang-here")
    opened = asyncio.Event()
    runner = world.runner(on_event=lambda _crawl, event: opened.set() if event["event"] == "progress" else None)

    async def start_and_cancel() -> None:
        task = asyncio.create_task(runner.run(crawl("hang-here")))
        await opened.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(start_and_cancel())
    (row,) = world.queries.runs(limit=5, source_id="hang-here")
    assert row.verdict == Verdict.INTERRUPTED
    assert world.leases.holder("site:hang-here.example.cn") is None


def test_two_sources_of_one_site_never_run_together_others_do(world: World) -> None:
    world.register("slow-a", "slow-b", "slow-c")
    crawls = [crawl("slow-a", "one.example.cn"), crawl("slow-b", "one.example.cn"), crawl("slow-c", "two.example.cn")]
    results = asyncio.run(world.runner().run_all(crawls, concurrency=4))
    assert [result.source_id for result in results if isinstance(result, RunSummary)] == ["slow-a", "slow-b", "slow-c"]
    times = {(name, what): at for name, _run, what, at in world.journal()}
    assert times["slow-a", "end"] <= times["slow-b", "start"] or times["slow-b", "end"] <= times["slow-a", "start"]
    assert times["slow-c", "start"] < max(times["slow-a", "end"], times["slow-b", "end"])


def test_a_site_taken_by_another_process_is_waited_for(world: World) -> None:
    world.register("good")
    world.leases.acquire("site:good.example.cn", "somebody else", 60)
    events: list[str] = []
    runner = world.runner(on_event=lambda _crawl, event: events.append(event["event"]))

    async def wait_then_free() -> RunSummary:
        task = asyncio.create_task(runner.run(crawl("good")))
        while not events:
            await asyncio.sleep(0.01)
        world.leases.release("site:good.example.cn", "somebody else")
        return await task

    assert asyncio.run(wait_then_free()).verdict is Verdict.OK
    assert events == ["waiting", "opened", "closed"]


def test_an_error_in_a_callback_is_raised_when_the_crawl_has_ended(world: World) -> None:
    def fail(_crawl: Crawl, _event: dict[str, Any]) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(world, "good", on_event=fail)
    (row,) = world.queries.runs(limit=5, source_id="good")
    assert row.verdict == Verdict.OK


def test_a_child_dies_with_its_parent(world: World) -> None:
    """A service that is killed leaves no crawl behind that nobody watches."""
    import signal
    import subprocess
    import sys

    world.register("hang-here")
    program = (
        "import asyncio; from pathlib import Path\n"
        "from support.world import World; from schedules.jobs import Crawl\n"
        f"w = World(Path({str(world.home)!r}), {world.url!r})\n"
        "asyncio.run(w.runner(on_event=lambda c, e: print(e.get('pid', 0), flush=True))"
        ".run(Crawl('hang-here', 'hang-here.example.cn')))"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program], env={**os.environ, **world.settings()}, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    pid, _ = (int(parent.stdout.readline()) for _ in range(2))
    assert is_crawl(pid, "support.tiny_crawl")
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    deadline = time.monotonic() + 10
    while _state(pid) not in {None, "Z"}:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    (row,) = world.queries.runs(limit=5, source_id="hang-here")
    assert row.verdict is None
    assert world.archive.fail_dead_runs(lambda pid: is_crawl(pid, "support.tiny_crawl")) == [row.id]


def test_the_environment_of_a_crawl_has_no_secrets() -> None:
    base = {
        "PATH": "/bin",
        "HOME": "/home/a",
        "PGPASSFILE": "/home/a/.pgpass",
        "POLICY_CRAWLER_CRAWL__DELAY": "3",
        "POLICY_CRAWLER_MAIL__USERNAME": "alerts",
        "AWS_SECRET_ACCESS_KEY": "canary",
        "HTTPS_PROXY": "http://user:canary@proxy",
        "API_TOKEN": "canary",
    }
    made = environment(base, {"POLICY_CRAWLER_HOME": "/h", "POLICY_CRAWLER_MAIL__PASSWORD_FILE": "/canary"})
    assert "canary" not in str(made)
    assert set(made) == {
        "PATH", "HOME", "PGPASSFILE", "POLICY_CRAWLER_CRAWL__DELAY", "POLICY_CRAWLER_HOME", "MALLOC_ARENA_MAX",
        "PYTHONUNBUFFERED",
    }  # fmt: skip


def test_another_program_with_the_number_of_a_crawl_is_no_crawl() -> None:
    assert not is_crawl(os.getpid())
    assert not is_crawl(2**22 - 1)


def test_a_crawl_that_scrapy_itself_was_asked_for_is_a_crawl() -> None:
    """`scrapy crawl SOURCE` opens runs too; a service must not take it for dead."""
    command = [sys.executable, "-c", "import sys; sys.stdin.read()", "/venv/bin/scrapy", "crawl", "miit-wjfb-tz"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        ready = time.monotonic() + 10
        while not is_crawl(process.pid) and time.monotonic() < ready:
            time.sleep(0.01)  # in the middle of its exec a process has no command line
        assert is_crawl(process.pid)
        process.communicate()
    assert not is_crawl(process.pid)


@pytest.mark.parametrize(
    ("ended", "said"),
    [
        (Ended(1, -9, False, None, ()), "killed by SIGKILL"),
        (Ended(1, -15, True, None, ()), "longer than it may"),
        (Ended(1, 3, False, None, ("a", "b")), "exited with code 3 before its end; its last words: b"),
    ],
)
def test_the_reason_of_an_end(ended: Ended, said: str) -> None:
    assert said in ended.reason
