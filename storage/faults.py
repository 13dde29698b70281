"""Named points at which a test may kill the process, to show that a crash at any durable step loses nothing."""

import os
import signal

VARIABLE = "POLICY_CRAWLER_FAULT"  # name:n:kill, set by tests alone: the n-th pass (from 1) of `name` kills the process

_passes: dict[str, int] = {}


def fp(name: str) -> None:
    """Pass the fault point `name`. Does nothing unless the environment names it."""
    wanted = os.environ.get(VARIABLE)
    if not wanted:
        return
    point, number, action = wanted.split(":")
    if point != name:
        return
    _passes[name] = _passes.get(name, 0) + 1
    if _passes[name] != int(number):
        return
    if action != "kill":
        raise ValueError(f"{VARIABLE}={wanted}: the only action is 'kill'")
    os.kill(os.getpid(), signal.SIGKILL)  # as a power switch would: no cleanup, no flushing
