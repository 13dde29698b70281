"""The processes that one started: what they hold, and how to end them. Only Linux tells of them."""

import contextlib
import os
import resource
import signal
import sys
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def roomy() -> Iterator[None]:
    """Start programs without this process's limit of address space, which Chromium reserves by the terabyte."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def children(pid: int) -> set[int]:
    """The processes that `pid` started."""
    found: set[int] = set()
    if sys.platform == "linux":
        for task in Path(f"/proc/{pid}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                found |= {int(child) for child in task.read_text().split()}
    return found


def descendants(roots: frozenset[int]) -> frozenset[int]:
    """All processes below `roots`, and these."""
    found, new = set(roots), set(roots)
    while new:
        new = set().union(*(children(pid) for pid in new)) - found
        found |= new
    return frozenset(found)


def memory_of(roots: frozenset[int]) -> int:
    """Bytes that `roots` and all below them hold, shared pages counted once each (PSS where it can be read)."""
    total = 0
    for pid in descendants(roots):
        with contextlib.suppress(OSError, ValueError, IndexError):
            total += _held(pid)
    return total


def _held(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) << 10
    except PermissionError:
        pass
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()


def kill(pids: frozenset[int]) -> None:
    """End processes at once."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
