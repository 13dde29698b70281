"""The fault loop: a piece of work is broken at every fault point that it passes, in every way, and done again.

    def test_D1_…(tmp_path):
        for fault in faults(passed(work, tmp_path)):            # work: a callable without arguments
            prepare()                                           # the state that the work begins at
            assert broke(fault, work) or survived_is_fine       # it ran in a process of its own, and broke there
            check()                                             # what was there is there, `verify` is content
            work()                                              # a second run finishes
            check_end()

`work` runs in a child made by fork: quick, but it must open its own database and segments (no engine of the parent's,
whose connections are shared with the child). For a command use `broke_command`, which runs a program.

Points that any archive's work has: `writing` (a transaction is to begin), `committing` (all is written), `committed`;
others are named where they stand (`grep -rn 'fp(' storage schedules`).
"""

import errno
import os
import signal
import subprocess
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from storage import faults as points

ACTIONS = ("kill", "enospc", "locked")
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Fault:
    """The `number`-th pass of `point` fails by `action`."""

    point: str
    number: int
    action: str
    lasting: bool = False  # and every later pass too

    def __str__(self) -> str:
        return f"{self.point}:{self.number}{'+' if self.lasting else ''}:{self.action}"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a broken process ended: by the signal, or with the last line that it said."""

    status: int  # as subprocess has it: negative for a signal
    said: str

    @property
    def killed(self) -> bool:
        return self.status == -signal.SIGKILL


def passed(work: Callable[[], object], folder: Path) -> Counter[str]:
    """Do the work once, cleanly, in a child; answers how often it passes each point."""
    trace = folder / "fault-points"
    trace.unlink(missing_ok=True)
    ended = _forked(work, {points.TRACE: str(trace), points.VARIABLE: ""})
    assert ended.status == 0, ended.said
    return Counter(trace.read_text().split()) if trace.exists() else Counter()


def faults(
    passes: Mapping[str, int], actions: Sequence[str] = ACTIONS, *, most: int = 3, only: Iterable[str] = ()
) -> Iterator[Fault]:  # fmt: skip
    """Every point × pass × action: of a point that is passed often, the first passes and the last one, `most` in all.

    `only` names the points to look at; all, if it names none."""
    chosen = set(only)
    for point, count in passes.items():
        if chosen and point not in chosen:
            continue
        numbers = [*range(1, min(count, most) + 1)]
        if count > most:
            numbers[-1] = count
        for number in numbers:
            for action in actions:
                yield Fault(point, number, action)


def broke(fault: Fault, work: Callable[[], object]) -> Ended:
    """Do the work in a child with the fault. Fails where it was not broken as asked: killed, or ended by the error
    that the fault raises, or by one that the code made of it."""
    ended = _forked(work, {points.VARIABLE: str(fault)})
    _as_asked(fault, ended)
    return ended


def survived(fault: Fault, work: Callable[[], object]) -> Ended:
    """As `broke`, where the work may also live through an error; of a killed one it is asked that it was killed."""
    ended = _forked(work, {points.VARIABLE: str(fault)})
    if fault.action == "kill":
        assert ended.killed, f"{fault}: ended with {ended.status}: {ended.said}"
    return ended


def broke_command(fault: Fault | None, command: Sequence[str], environment: Mapping[str, str]) -> Ended:
    """Run a program with the fault, or cleanly; answers how it ended."""
    done = subprocess.run(
        list(command), env={**os.environ, **environment, points.VARIABLE: str(fault or "")},
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    ended = Ended(done.returncode, (done.stderr.strip() or done.stdout.strip())[-2000:])
    if fault is None:
        assert ended.status == 0, ended.said
    else:
        _as_asked(fault, ended)
    return ended


def _as_asked(fault: Fault, ended: Ended) -> None:
    if fault.action == "kill":
        assert ended.killed, f"{fault}: ended with {ended.status}: {ended.said}"
        return
    assert ended.status > 0, f"{fault}: ended with {ended.status}: {ended.said}"
    expected = {"enospc": os.strerror(errno.ENOSPC), "eio": os.strerror(errno.EIO), "locked": "database is locked"}
    assert expected[fault.action] in ended.said, f"{fault}: {ended.said}"


def _forked(work: Callable[[], object], environment: Mapping[str, str]) -> Ended:
    """Do the work in a child of this process."""
    reads, writes = os.pipe()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.close(reads)
            os.environ.update(environment)
            points.forget()
            work()
            status = 0
        except BaseException as error:
            os.write(writes, "".join(traceback.format_exception(error)).encode()[-60_000:])
        finally:
            os._exit(status)  # nothing of the parent's is closed or flushed
    os.close(writes)
    with os.fdopen(reads, "rb") as stream:
        said = stream.read().decode(errors="replace")
    _, status = os.waitpid(pid, 0)
    sys.stdout.flush()
    return Ended(os.waitstatus_to_exitcode(status), said.strip())
