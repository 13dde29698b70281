"""Reads a file in a child process that may be lost: a bomb or a parser's crash costs one attachment, never the run."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from policy_crawler.attachments.model import FileState, FileText
from policy_crawler.attachments.ocr import Recognition
from policy_crawler.attachments.sniff import sniff

MAX_PAYLOAD = 200 << 20  # bytes of a file; the crawl's own limit lies below
MAX_ANSWER = 16 << 20  # bytes of JSON that a child may say
OUT_OF_MEMORY = 42  # the child's exit code for a MemoryError
_ROOT = Path(__file__).parents[2]  # where the child finds this package


@dataclass(frozen=True, slots=True)
class Limits:
    """What one child may use."""

    memory: int = 512 << 20  # bytes of address space
    cpu_seconds: int = 30
    wall_seconds: int = 90


READING = Limits()
RECOGNISING_MEMORY = 6 << 30  # bytes of address space: ONNX Runtime maps 2 GB (measured 2026-11)
LAST_PICTURE = (
    60  # seconds that the picture begun last may take beyond the time given, the start of the engine included
)
CORES = 2  # that OCR uses
_LOOK_EVERY = 0.1  # seconds between two looks whether a child shall stop

Stop = Callable[[], bool]


def extract_safely(
    payload: bytes,
    name: str = "",
    declared: str = "",
    *,
    ocr: Recognition | None = None,
    limits: Limits | None = None,
    stop: Stop | None = None,
) -> FileText:
    """As `extract`, in a child with `limits`. Any odd end of the child is a state with its reason; never raises for it.

    `ocr`: how much of the pictures and scanned pages is recognised, where the extra `ocr` is installed. `stop`: asked
    now and then; the child ends when it says so, as if its time were up."""
    if not payload:
        return FileText("empty", FileState.EMPTY, "the file is empty")
    if len(payload) > MAX_PAYLOAD:
        return FileText("unknown", FileState.TOO_LARGE, f"{len(payload):,} bytes; the limit is {MAX_PAYLOAD:,}")
    limits = limits or _limits(ocr)
    order = {
        "name": name, "declared": declared, "memory": limits.memory, "cpu": limits.cpu_seconds,
        "pictures": ocr.pictures if ocr else 0, "seconds": ocr.seconds if ocr else 0,
    }  # fmt: skip
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as answer:
        source.write(json.dumps(ocr.known if ocr else ()).encode() + b"\n" + payload)
        source.seek(0)
        ended = _run(order, source.fileno(), answer.fileno(), limits.wall_seconds, stop)
        answer.seek(0)
        said = answer.read(MAX_ANSWER + 1)
    return _understood(payload, ended, said, limits)


def _limits(ocr: Recognition | None) -> Limits:
    if ocr is None:
        return READING
    seconds = int(ocr.seconds) + LAST_PICTURE
    return Limits(RECOGNISING_MEMORY, CORES * seconds, seconds)


def _run(order: dict[str, object], source: int, answer: int, seconds: int, stop: Stop | None) -> int | None:
    """The child's exit code, negative for a signal; None when its time was up."""
    # No environment: the child shall not know where the archive is. Its own process group, so that none is left.
    child = subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-m", "policy_crawler.attachments.child", json.dumps(order)],
        stdin=source, stdout=answer, stderr=subprocess.DEVNULL, close_fds=True, start_new_session=True, cwd="/",
        env={"PYTHONPATH": str(_ROOT), "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": str(CORES)},
    )  # fmt: skip
    until = time.monotonic() + seconds
    try:
        while (left := until - time.monotonic()) > 0 and not (stop and stop()):
            with contextlib.suppress(subprocess.TimeoutExpired):
                return child.wait(min(left, _LOOK_EVERY) if stop else left)
        return None
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def _understood(payload: bytes, ended: int | None, said: bytes, limits: Limits) -> FileText:
    if ended == 0 and len(said) <= MAX_ANSWER:
        try:
            return FileText.from_json(json.loads(said))
        except (ValueError, KeyError, TypeError):
            pass
    kind = {"package": "zip", "bytes": "unknown"}.get(found := sniff(payload), found)
    over = {
        None: f"reading it took more than {limits.wall_seconds} s",
        -signal.SIGXCPU: f"reading it took more than {limits.cpu_seconds} s of the processor",
        -signal.SIGKILL: f"reading it took more than {limits.cpu_seconds} s of the processor, or the machine's memory",
        -signal.SIGXFSZ: f"its text is over {MAX_ANSWER >> 20} MiB",
        # How PDFium and Rust end when they get no memory.
        -signal.SIGABRT: f"its reader gave up: it needs more than {limits.memory >> 20} MB of memory, or is damaged",
        OUT_OF_MEMORY: f"reading it needs more than {limits.memory >> 20} MB of memory",
    }
    if len(said) > MAX_ANSWER:
        ended = -signal.SIGXFSZ
    if ended in over:
        return FileText(kind, FileState.TOO_LARGE, over[ended])
    how = f"signal {-ended}" if ended and ended < 0 else f"exit code {ended}"
    return FileText(kind, FileState.DAMAGED, f"its reader crashed on it ({how})")
