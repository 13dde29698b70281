"""A crawl without a network: takes the arguments of a real one, opens and closes its run in the archive, reports its
events, and does what the name of its source says (`hang-…`, `crash-…`). Started as `python -m support.tiny_crawl`."""

import argparse
import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

from sqlalchemy import Engine

from storage.archive import Archive
from storage.clock import Clock
from storage.engine import open_engine
from storage.records import Verdict
from storage.snapshots import SnapshotStore


def tell(**event: object) -> None:
    """One event on the pipe, if there is one."""
    fd = os.environ.get("POLICY_CRAWLER_EVENTS_FD")
    if fd:
        os.write(int(fd), json.dumps(event, ensure_ascii=False).encode() + b"\n")


def home() -> Path:
    return Path(os.environ["POLICY_CRAWLER_HOME"])


def archive_of(engine: Engine) -> Archive:
    return Archive(engine, SnapshotStore(home() / "snapshots"), Clock.from_environment())


def misbehave(source_id: str) -> None:
    """Do what the source's name says."""
    if source_id.startswith("hang"):
        if source_id.startswith("hang-deaf"):
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        tell(event="progress", fetched=1)
        time.sleep(600)
    if source_id.startswith("fork"):
        # A grandchild that inherits the pipes and outlives its parent, unless the whole group is ended.
        grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], close_fds=False)
        (home() / "grandchild").write_text(str(grandchild.pid))
    if source_id.startswith("greedy"):
        held = [bytearray(64 << 20) for _ in range(64)]
        print(len(held))
    if source_id.startswith("crash"):
        ctypes.string_at(0)
    if source_id.startswith("kill"):
        os.kill(os.getpid(), signal.SIGKILL)
    if source_id.startswith("tell"):
        tell(event="progress", requests=2, queued=5)
        tell(event="document", outcome="added", title="关于工业互联网的通知", url="https://a.example.cn/1")
        time.sleep(600 if source_id.startswith("tell-long") else 0)
    if source_id.startswith("slow"):
        time.sleep(0.5)


def interrupted(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", required=True)
    parser.add_argument("--run", type=int)
    for name in ("--url", "--since", "--pages", "--recheck"):
        parser.add_argument(name)
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, interrupted)
    if arguments.source.startswith("unopened"):
        print("cannot open the archive")
        return 1
    engine = open_engine(os.environ["POLICY_CRAWLER_ARCHIVE"])
    archive = archive_of(engine)
    run_id = arguments.run
    if run_id is None:
        run_id = archive.open_run(arguments.source, "manual", pid=os.getpid())
    else:
        archive.start_run(run_id, os.getpid())
    tell(event="opened", run=run_id, source=arguments.source, pid=os.getpid())
    print(f"crawling {arguments.source}", file=sys.stderr, flush=True)
    with (home() / "journal").open("a") as journal:  # what a test counts: who crawled when, on the machine's clock
        journal.write(f"{arguments.source} {run_id} start {time.monotonic()}\n")
    verdict, reason = Verdict.OK, "done"
    with contextlib.suppress(KeyboardInterrupt):
        try:
            misbehave(arguments.source)
        except KeyboardInterrupt:
            verdict, reason = Verdict.INTERRUPTED, "told to stop"
    if arguments.source.startswith("broken"):
        verdict, reason = Verdict.QUARANTINED, "page 1 has 0 entries, expected 15"
    with (home() / "journal").open("a") as journal:
        journal.write(f"{arguments.source} {run_id} end {time.monotonic()}\n")
    archive.close_run(run_id, verdict, reason, {"entries": 3})
    tell(event="closed", run=run_id, verdict=verdict)
    return 0


if __name__ == "__main__":
    sys.exit(main())
