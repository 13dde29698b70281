"""The child of sandbox.py: limits first, then the parsers are loaded and the file read. Says one JSON value.

`python -m policy_crawler.attachments.child ORDER < KNOWN + file`; not for people. KNOWN is a line of JSON.
"""

import ctypes
import json
import os
import resource
import signal
import sys
from dataclasses import asdict, replace
from typing import Any

_PATIENCE = 10  # OCR takes the cores for minutes; what else the machine does goes first
_DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG, <sys/prctl.h>
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000  # <sched.h>


def _confine(order: dict[str, Any]) -> None:
    """Limits of memory, processor, files and answer; no network where the kernel lets an ordinary process leave it."""
    from policy_crawler.attachments.sandbox import MAX_ANSWER  # noqa: PLC0415

    ctypes.CDLL(None).prctl(_DIES_WITH_PARENT, signal.SIGKILL)  # a crawl that is killed leaves no child reading
    _soft, hard = resource.getrlimit(resource.RLIMIT_AS)  # an ordinary process cannot lift the hard limit
    memory = order["memory"] if hard == resource.RLIM_INFINITY else min(order["memory"], hard)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    if order["pictures"]:
        os.nice(_PATIENCE)
    resource.setrlimit(resource.RLIMIT_CPU, (order["cpu"], order["cpu"] + 2))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_ANSWER + 1, MAX_ANSWER + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ctypes.CDLL(None).unshare(_NEW_USER | _NEW_NETWORK)  # refused inside most containers; then the other limits hold


def _recogniser(order: dict[str, Any], known: list[list[Any]]) -> Any:
    """What reads the pictures; None where that is not asked for or not installed."""
    from policy_crawler.attachments import ocr  # noqa: PLC0415

    if not order["pictures"] or not ocr.available():
        return None
    before = tuple((str(words), float(sure)) for words, sure in known)
    return ocr.Recogniser(ocr.Recognition(order["pictures"], order["seconds"], before))


def main() -> int:
    """Exit code 0 with JSON on stdout, or OUT_OF_MEMORY."""
    order = json.loads(sys.argv[1])
    _confine(order)
    from policy_crawler.attachments.sandbox import OUT_OF_MEMORY  # noqa: PLC0415

    try:
        from policy_crawler.attachments import ocr  # noqa: PLC0415
        from policy_crawler.attachments.extract import extract  # noqa: PLC0415 - under the limits

        known = json.loads(sys.stdin.buffer.readline())
        found = extract(sys.stdin.buffer.read(), order["name"], order["declared"], recogniser=_recogniser(order, known))
        if found.waiting and order["pictures"] and not ocr.available():
            found = replace(found, reason=f"{found.reason}. {ocr.MISSING}")
        said = json.dumps(asdict(found), ensure_ascii=False).encode("utf-8", "replace")
        sys.stdout.buffer.write(said)
        sys.stdout.buffer.flush()
    except MemoryError:
        os._exit(OUT_OF_MEMORY)  # no cleaning up: that may need memory
    return 0


if __name__ == "__main__":
    sys.exit(main())
