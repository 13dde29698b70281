"""Replaces itself by a crawl, under the limits that hold for it from its first instruction.

Run as a script of its own (`python -I -S launch.py LIMITS COMMAND…`): between fork and exec no Python code of the
parent may run, since the parent has threads. Takes nothing from the project.
"""

import json
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main(limits: dict[str, int], command: list[str]) -> None:
    """Set `limits` (memory, files and core in bytes or counts, the parent's process id), then become `command`."""
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415 - takes 10 ms, and only here

        # Without this a crawl would go on, unwatched, after its parent was killed.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != limits["parent"]:
            sys.exit(1)
    if limits["memory"]:
        # The hard limit stays: a crawl that draws pages starts its browser, which reserves terabytes, without one.
        _soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        soft = limits["memory"] if hard == resource.RLIM_INFINITY else min(limits["memory"], hard)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY or hard > limits["files"]:
        resource.setrlimit(resource.RLIMIT_NOFILE, (limits["files"], limits["files"]))
    os.execv(command[0], command)  # noqa: S606 - an argument list, no shell


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), sys.argv[2:])
