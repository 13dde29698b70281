"""Fault points do nothing in production, and exactly what the test asked for in a test."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError
from support.faults import Fault, broke, faults, passed

from storage.faults import VARIABLE, forget, fp

ROOT = Path(__file__).parents[2]
PROGRAM = "from storage.faults import fp\nfor n in range(3):\n    fp('a'); fp('b'); print(n, flush=True)"


def run(fault: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), VARIABLE: fault}
    return subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("fault", "printed"), [("b:1:kill", ""), ("b:3:kill", "0\n1\n"), ("a:2:kill", "0\n")])
def test_the_nth_pass_kills(fault: str, printed: str) -> None:
    done = run(fault)
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, printed)


@pytest.mark.parametrize("fault", ["", "c:1:kill", "a:4:kill"])
def test_nothing_happens_unasked(fault: str) -> None:
    assert run(fault).stdout == "0\n1\n2\n"


@pytest.mark.parametrize("fault", ["here:1:explode", "here:x:kill", "here", "here:1"])
def test_an_unknown_fault_is_said(monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    monkeypatch.setenv(VARIABLE, fault)
    with pytest.raises(ValueError, match="expected name:n:action, where action is one of kill, stop, enospc"):
        fp("here")


@pytest.mark.parametrize(
    ("action", "error", "said"),
    [("enospc", OSError, "No space left"), ("eio", OSError, "Input/output"), ("locked", OperationalError, "is locked")],
)
def test_an_error_comes_once_or_lasts(
    monkeypatch: pytest.MonkeyPatch, action: str, error: type[Exception], said: str
) -> None:
    forget()
    monkeypatch.setenv(VARIABLE, f"here:2:{action}")
    fp("here")
    with pytest.raises(error, match=said):
        fp("here")
    fp("here")
    forget()
    monkeypatch.setenv(VARIABLE, f"here:2+:{action}")
    fp("here")
    for _ in range(3):
        with pytest.raises(error, match=said):
            fp("here")
    forget()


def test_one_that_stops_goes_on_when_told() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), VARIABLE: "b:2:stop"}
    child = subprocess.Popen([sys.executable, "-c", PROGRAM], env=environment, stdout=subprocess.PIPE, text=True)
    _, status = os.waitpid(child.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    child.send_signal(signal.SIGCONT)
    assert child.communicate()[0] == "0\n1\n2\n"


def test_the_loop_goes_through_every_point_in_every_way(tmp_path: Path) -> None:
    done = tmp_path / "done"

    def work() -> None:
        for number in range(5):
            fp("writing")
            with done.open("a") as stream:
                stream.write(f"{number}\n")
            fp("written")

    passes = passed(work, tmp_path)
    assert passes == {"writing": 5, "written": 5}
    tried = list(faults(passes, most=2, only=["written"]))
    assert [str(fault) for fault in tried] == [
        "written:1:kill", "written:1:enospc", "written:1:locked",
        "written:5:kill", "written:5:enospc", "written:5:locked",
    ]  # fmt: skip
    for fault in tried:
        done.unlink()
        assert broke(fault, work).killed == (fault.action == "kill")
        assert done.read_text().split() == [str(number) for number in range(fault.number)]
    with pytest.raises(AssertionError, match="ended with 0"):
        broke(Fault("nowhere", 1, "kill"), work)
