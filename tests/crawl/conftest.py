"""Crawls in their own process, as in production, against servers on loopback."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from support import crawls
from support.fault_server import FaultServer

ROOT = Path(__file__).parents[2]
QUICK = ("DOWNLOAD_DELAY=0", "DOWNLOAD_DELAY_JITTER=0", "POLICY_RETRY_PAUSES=0.01")


@dataclass
class Ended:
    """How a crawl ended: exit code, its events, its log."""

    code: int
    events: list[dict[str, Any]]
    log: str

    @property
    def closed(self) -> dict[str, Any]:
        """The last event, which tells the verdict."""
        assert self.events, self.log
        assert self.events[-1]["event"] == "closed", self.log
        return self.events[-1]

    @property
    def verdict(self) -> str:
        return str(self.closed["verdict"])

    def documents(self, outcome: str) -> list[str]:
        """The titles told with that outcome."""
        return [event["title"] for event in self.events if event["event"] == "document" and event["outcome"] == outcome]


@dataclass
class Crawler:
    """Runs crawls in one home with one connection map."""

    home: Path
    server: FaultServer
    hosts: list[str] = field(default_factory=list)
    more: dict[str, str] = field(default_factory=dict)  # of the environment

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("POLICY_CRAWLER_")}
        places = [host if "://" in host else f"https://{host}" for host in self.hosts]
        return {
            **kept,
            "PYTHONPATH": str(ROOT),
            "POLICY_CRAWLER_HOME": str(self.home),
            "POLICY_CRAWLER_CONNECTION_MAP": str(self.server.map_for(places)),
            **self.more,
        }

    def arguments(self, source: str, *more: str, settings: Sequence[str] = ()) -> list[str]:
        return ["--source", source, *(f"--set={pair}" for pair in (*QUICK, *settings)), *more]

    def crawl(self, source: str, *arguments: str, settings: Sequence[str] = (), clock: float = 0) -> Ended:
        """Run one crawl to its end. `clock`: seconds that its clock is ahead."""
        return self.start(source, *arguments, settings=settings, clock=clock).wait()

    def start(
        self, source: str, *arguments: str, settings: Sequence[str] = (), clock: float = 0, path: str = ""
    ) -> "Running":
        """Start a crawl. `path`: a folder whose modules come first; that needs a process from scratch."""
        environment = self.environment()
        environment["POLICY_CRAWLER_CLOCK_OFFSET"] = str(clock)
        given = self.arguments(source, *arguments, settings=settings)
        if not path:
            return Running(given, environment, self.home.parent)
        environment["PYTHONPATH"] = f"{path}:{environment['PYTHONPATH']}"
        return FromScratch(given, environment, self.home.parent)

    def sql(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        """Ask the archive."""
        engine = create_engine(f"sqlite:///{self.home / 'archive.db'}")
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query), values)]

    def change(self, statement: str) -> None:
        """Change the archive behind its back, as an earlier release would have left it."""
        engine = create_engine(f"sqlite:///{self.home / 'archive.db'}")
        with engine.begin() as connection:
            connection.execute(text(statement))
        engine.dispose()

    def source(self, **keys: Any) -> None:
        """Write a source of the user's own, or lay keys over a shipped one."""
        folder = self.home / "sources"
        folder.mkdir(exist_ok=True)
        lines = [f"{key} = {_toml(value)}" for key, value in keys.items()]
        (folder / f"{keys['id']}.toml").write_text("\n".join(["[[source]]", *lines, ""]), encoding="utf-8")


class Running:
    """A crawl in progress."""

    def __init__(self, arguments: list[str], environment: dict[str, str], folder: Path) -> None:
        self._folder = Path(tempfile.mkdtemp(dir=folder))
        self._log = self._folder / "log"
        pipe = self._folder / "events"
        os.mkfifo(pipe)
        self._begin(arguments, environment, pipe)
        self._lines = pipe.open(encoding="utf-8")
        self.events: list[dict[str, Any]] = []

    def _begin(self, arguments: list[str], environment: dict[str, str], pipe: Path) -> None:
        self._process = crawls.start(arguments, environment, pipe, self._log)
        self.pid = self._process.pid or 0

    def ended(self) -> bool:
        return self._process.exitcode is not None

    def _code(self) -> int:
        self._process.join(90)
        assert self._process.exitcode is not None, "the crawl takes too long"
        return self._process.exitcode

    def until(self, found: Callable[[dict[str, Any]], bool]) -> None:
        """Read events up to the one that is meant."""
        for line in self._lines:
            self.events.append(json.loads(line))
            if found(self.events[-1]):
                return
        raise AssertionError(f"the crawl ended first\n{self._log.read_text(encoding='utf-8')}")

    def send(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def wait(self) -> Ended:
        """Read what it has to tell until it ends."""
        with self._lines:
            self.events += [json.loads(line) for line in self._lines if line.endswith("\n")]
        return Ended(self._code(), self.events, self._log.read_text(encoding="utf-8"))


class FromScratch(Running):
    """A crawl as it is started in production: `python -m policy_crawler.crawl`."""

    def _begin(self, arguments: list[str], environment: dict[str, str], pipe: Path) -> None:
        script = 'exec 3>"$0"; exec "$@"'  # the shell opens the pipe, the crawl inherits it
        with self._log.open("w") as log:
            self._child = subprocess.Popen(
                ["sh", "-c", script, str(pipe), sys.executable, "-m", "policy_crawler.crawl", *arguments],
                env={**environment, "POLICY_CRAWLER_EVENTS_FD": "3"},
                cwd=ROOT,
                stderr=log,
            )
        self.pid = self._child.pid

    def ended(self) -> bool:
        return self._child.poll() is not None

    def _code(self) -> int:
        return self._child.wait(90)


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(inner)}" for key, inner in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as server:
        yield server
        assert server.trapped() == []


@pytest.fixture
def crawler(home: Path, server: FaultServer) -> Crawler:
    return Crawler(home, server)
