"""One crawl as a child process: started under limits, listened to, ended when its time is over."""

import asyncio
import json
import logging
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from schedules.forkserver import Forked, ForkError, ForkServer

MODULE = "policy_crawler.crawl"
EVENTS_VARIABLE = "POLICY_CRAWLER_EVENTS_FD"
LAUNCHER = Path(__file__).with_name("launch.py")

# What a crawl needs of our environment: where programs, time zones, certificates and the database are. Of our own
# settings all but those of mail; everything else (tokens, cloud credentials, proxies) stays here.
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TZDIR", "TMPDIR", "VIRTUAL_ENV", "PYTHONPATH",
        "LD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "COVERAGE_PROCESS_START")  # fmt: skip
KEPT_PREFIXES = ("PG", "POLICY_CRAWLER_")
DROPPED_PREFIX = "POLICY_CRAWLER_MAIL"

LONGEST_LINE = 1 << 20  # bytes of one event
TAIL_LINES = 20  # of the log, kept to say why a crawl died

logger = logging.getLogger(__name__)

T = TypeVar("T")
OnEvent = Callable[[dict[str, Any]], None]
OnLog = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one crawl may take. `seconds`, then SIGTERM; `grace` seconds later SIGKILL, for its whole process group."""

    memory_mib: int = 1024  # address space; 0: no limit. lxml takes 40 times a page's size (measured 2026-11)
    seconds: float = 15 * 60
    grace: float = 30
    files: int = 512  # open files and sockets


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child process ended. `code` as `returncode` has it: minus the signal that killed it."""

    pid: int
    code: int
    timed_out: bool
    run_id: int | None  # as its `opened` event said
    tail: tuple[str, ...]  # its last log lines
    stopped: bool = False  # it was told to end by `stop`

    @property
    def reason(self) -> str:
        """Why it left no verdict, in words."""
        if self.timed_out:
            said = "it took longer than it may, and was ended"
        elif self.code < 0:
            said = f"it was killed by {signal.Signals(-self.code).name}"
        else:
            said = f"it exited with code {self.code} before its end"
        return said + (f"; its last words: {self.tail[-1]}" if self.tail else "")


def environment(base: Mapping[str, str], more: Mapping[str, str]) -> dict[str, str]:
    """The environment of a crawl: the kept part of `base`, overlaid with `more`."""
    kept = {name: value for name, value in base.items() if name in KEPT or name.startswith(KEPT_PREFIXES)}
    # Each arena of the allocator reserves 64 MiB of address space a thread, which the limit would count.
    made = {**kept, "MALLOC_ARENA_MAX": "2", "PYTHONUNBUFFERED": "1", **more}
    return {name: value for name, value in made.items() if not name.startswith(DROPPED_PREFIX)}


def is_crawl(pid: int, module: str = MODULE) -> bool:
    """Whether process `pid` exists and is a crawl, ours or `scrapy crawl`: after a restart its number may be another
    program's."""
    command_line = Path(f"/proc/{pid}/cmdline")
    if Path("/proc/self/cmdline").exists():
        try:
            words = command_line.read_bytes().split(b"\0")
            return module.encode() in words or (b"crawl" in words and any(b"scrapy" in word for word in words))
        except OSError:
            return False
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


async def run_child(
    arguments: Sequence[str],
    env: Mapping[str, str],
    limits: Limits,
    *,
    on_event: OnEvent,
    on_log: OnLog,
    module: str = MODULE,
    stop: asyncio.Event | None = None,
    forks: ForkServer | None = None,
) -> Ended:
    """Run `python -m module arguments…` to its end. Cancelled, it ends the child first, the soft way if it can; so it
    does once `stop` is set, and then answers as usual. With `forks` it is a fork of that process; where that cannot be,
    a fresh one.

    An error of a callback does not hold up the child; it is raised when the child has ended."""
    # Pipes of our own: asyncio's would keep `wait` from returning while a forked grandchild holds them open.
    events, events_end = os.pipe()
    log, log_end = os.pipe()
    try:
        process = await _start(arguments, env, limits, module=module, ends=(events_end, log_end), forks=forks)
    except BaseException:
        os.close(events)
        os.close(log)
        raise
    finally:
        os.close(events_end)
        os.close(log_end)
    hearing = _Hearing(on_event, on_log)
    listeners = [
        asyncio.create_task(_listen(events, hearing.event)),
        asyncio.create_task(_listen(log, hearing.log)),
    ]
    try:
        timed_out = await _wait(process, limits, stop or asyncio.Event())
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)  # what it forked and left behind
        # Whoever still holds the pipes was killed just now; so they end.
        await asyncio.wait(listeners, timeout=5)
        for listener in listeners:
            listener.cancel()
    if hearing.error is not None:
        raise hearing.error
    assert process.returncode is not None  # noqa: S101 - `_wait` returned
    stopped = stop is not None and stop.is_set()
    return Ended(process.pid, process.returncode, timed_out, hearing.run_id, tuple(hearing.tail), stopped)


async def _start(
    arguments: Sequence[str],
    env: Mapping[str, str],
    limits: Limits,
    *,
    module: str,
    ends: tuple[int, int],
    forks: ForkServer | None,
) -> asyncio.subprocess.Process | Forked:
    """The child, in a process group of its own, so that whatever it starts ends with it."""
    events_end, log_end = ends
    if forks is not None:
        try:
            asked = {"memory": limits.memory_mib << 20, "files": limits.files}
            return await forks.spawn(arguments, env, asked, events_end, log_end)
        except ForkError as error:
            logger.warning("a crawl is started as a fresh process, as none could be forked: %s", error)
    return await asyncio.create_subprocess_exec(
        *_command(arguments, limits, module),
        env={**env, EVENTS_VARIABLE: str(events_end)},
        stdin=subprocess.DEVNULL,
        stdout=log_end,
        stderr=log_end,
        pass_fds=(events_end,),
        start_new_session=True,
    )


def _command(arguments: Sequence[str], limits: Limits, module: str) -> list[str]:
    told = {"memory": limits.memory_mib << 20, "files": limits.files, "parent": os.getpid()}
    return [sys.executable, "-I", "-S", str(LAUNCHER), json.dumps(told), sys.executable, "-m", module, *arguments]


async def _wait(process: asyncio.subprocess.Process | Forked, limits: Limits, stop: asyncio.Event) -> bool:
    """Wait for the end; at the deadline, or when told, bring it about. Answers whether the deadline did."""
    ended, told = asyncio.ensure_future(process.wait()), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({ended, told}, timeout=limits.seconds, return_when=asyncio.FIRST_COMPLETED)
        if ended.done():
            return False
        await _end(process, limits.grace)
        return not told.done()
    except asyncio.CancelledError:
        await asyncio.shield(_end(process, limits.grace))
        raise
    finally:
        ended.cancel()
        told.cancel()


async def _end(process: asyncio.subprocess.Process | Forked, grace: float) -> None:
    for number, seconds in ((signal.SIGTERM, grace), (signal.SIGKILL, None)):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(process.wait()), seconds)
            return


class _Hearing:
    """What a child says: events on their pipe, log lines on its output."""

    def __init__(self, on_event: OnEvent, on_log: OnLog) -> None:
        self._on_event = on_event
        self._on_log = on_log
        self.run_id: int | None = None
        self.error: Exception | None = None
        self.tail: deque[str] = deque(maxlen=TAIL_LINES)

    def event(self, line: bytes) -> None:
        try:
            event = json.loads(line)
        except ValueError:
            return  # half a line of a killed child
        if isinstance(event, dict) and isinstance(event.get("event"), str):
            if event["event"] == "opened" and isinstance(event.get("run"), int):
                self.run_id = event["run"]
            self._tell(self._on_event, event)

    def log(self, line: bytes) -> None:
        text = line.decode("utf-8", "replace").rstrip()
        if text:
            self.tail.append(text[:500])
            self._tell(self._on_log, text)

    def _tell(self, callback: Callable[[T], None], what: T) -> None:
        try:
            callback(what)
        except Exception as error:  # kept, and raised when the child has ended
            self.error = self.error or error


async def _listen(fd: int, hear: Callable[[bytes], None]) -> None:
    """Give every line that comes through the pipe to `hear`, until its writers are gone."""
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(fd, "rb")
    )
    try:
        async for line in _lines(reader):
            hear(line)
    finally:
        transport.close()


async def _lines(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """The lines of a stream; of one that is longer than LONGEST_LINE only that much."""
    rest = b""
    skipping = False
    while chunk := await reader.read(1 << 16):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            if not skipping:
                yield line
            skipping = False
        if len(rest) > LONGEST_LINE:
            if not skipping:
                yield rest
            rest, skipping = b"", True
    if rest and not skipping:
        yield rest
