"""Named points at which a test lets a durable step fail, to show that a crash, a full disk or a lock loses nothing.

`POLICY_CRAWLER_FAULT=name:n:action`, set by tests alone: at the n-th pass (from 1) of the point `name` the action is
done; with `n+` at every pass from the n-th on, as a disk that is full stays full. Actions:

    kill     SIGKILL, as a power switch would: no cleanup, no flushing
    stop     SIGSTOP, until somebody sends SIGCONT: to look while a process stands at the point
    enospc   OSError, as the system answers on a full disk
    eio      OSError, as a broken disk answers
    locked   OperationalError, as SQLAlchemy raises it where another writer held the database too long

`POLICY_CRAWLER_FAULT_TRACE=file` appends the name of each point that is passed to `file`: a clean run lists what can
fail. tests/support/faults.py goes through all of them.
"""

import errno
import os
import signal
import sqlite3
from typing import Final

from sqlalchemy.exc import OperationalError

VARIABLE: Final = "POLICY_CRAWLER_FAULT"
TRACE: Final = "POLICY_CRAWLER_FAULT_TRACE"
ACTIONS: Final = ("kill", "stop", "enospc", "eio", "locked")

_passes: dict[str, int] = {}


def fp(name: str) -> None:
    """Pass the fault point `name`. Does nothing unless the environment names it.

    Raises what the action `enospc`, `eio` or `locked` stands for; ValueError for a fault that cannot be read."""
    if trace := os.environ.get(TRACE):
        _append(trace, name)
    if not (wanted := os.environ.get(VARIABLE)):
        return
    point, number, action = _parsed(wanted)
    if point != name:
        return
    passed = _passes[name] = _passes.get(name, 0) + 1
    if passed == int(number.rstrip("+")) or (number.endswith("+") and passed > int(number[:-1])):
        _fail(name, action)


def forget() -> None:
    """Count passes anew: for tests that go through several faults in one process."""
    _passes.clear()


def _parsed(wanted: str) -> tuple[str, str, str]:
    point, _, rest = wanted.partition(":")
    number, _, action = rest.partition(":")
    if not number.rstrip("+").isdecimal() or action not in ACTIONS:
        raise ValueError(f"{VARIABLE}={wanted}: expected name:n:action, where action is one of {', '.join(ACTIONS)}")
    return point, number, action


def _fail(name: str, action: str) -> None:
    if action in {"kill", "stop"}:
        os.kill(os.getpid(), signal.SIGKILL if action == "kill" else signal.SIGSTOP)
    elif action == "locked":
        told = sqlite3.OperationalError(f"database is locked (fault point {name})")
        raise OperationalError(f"fault point {name}", None, told)
    else:
        number = errno.ENOSPC if action == "enospc" else errno.EIO
        raise OSError(number, os.strerror(number), f"fault point {name}")


def _append(file: str, name: str) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        os.write(descriptor, f"{name}\n".encode())
    finally:
        os.close(descriptor)
