"""Fault points do nothing in production, and exactly what the test asked for in a test."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from storage.faults import VARIABLE, fp

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


def test_an_unknown_action_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "here:1:explode")
    with pytest.raises(ValueError, match="the only action is 'kill'"):
        fp("here")
