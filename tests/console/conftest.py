"""The command as a user runs it: a process, its two streams, its exit code."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from support.fault_server import FaultServer

ROOT = Path(__file__).parents[2]


@dataclass
class Answer:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Standard output as JSON lines; anything else there fails."""
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass
class Command:
    """`policy-crawler` on one home. `more` is laid over the environment."""

    home: Path
    more: dict[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: str, cwd: Path | None = None) -> Answer:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("POLICY_CRAWLER_")}
        ended = subprocess.run(
            [sys.executable, "-m", "console.cli.main", *arguments],
            env={**kept, "PYTHONPATH": str(ROOT), "POLICY_CRAWLER_HOME": str(self.home), **self.more},
            cwd=cwd or ROOT,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=100,
            check=False,
        )
        return Answer(ended.returncode, ended.stdout, ended.stderr)


@pytest.fixture
def command(home: Path) -> Command:
    return Command(home)


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as server:
        yield server
        assert server.trapped() == []
