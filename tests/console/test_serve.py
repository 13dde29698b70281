"""`serve` as a process: what it answers by HTTP, what it logs, whom it tells that it lives."""

import asyncio
import contextlib
import http.client
import http.server
import io
import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from console import logs, serving
from console.installation import Installation
from policy_crawler.config import Home
from schedules.vitals import Pulse

OPTIONS = ("--allow-root", "--log-format", "json", "--port")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ask(port: int, path: str, host: str | None = None) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    with contextlib.closing(connection):
        connection.request("GET", path, headers={"Host": host} if host else {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


@pytest.fixture
def served(command, tmp_path):
    """A service with HTTP and nothing to crawl, and the socket that it tells systemd by."""
    chosen = [row["id"] for row in command("sources", "list", "--json").lines if row.get("enabled")]
    assert chosen
    assert command("sources", "disable", *chosen).code == 0
    port = free_port()
    told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    told.bind(str(tmp_path / "notify"))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("POLICY_CRAWLER_")}
    with (tmp_path / "log").open("w+") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "console.cli.main", "serve", *OPTIONS, str(port)],
            env={**kept, "POLICY_CRAWLER_HOME": str(command.home), "NOTIFY_SOCKET": str(tmp_path / "notify")},
            stdout=log, stderr=log, cwd=Path(__file__).parents[2],
        )  # fmt: skip
        told.settimeout(60)
        assert told.recv(100) == b"READY=1", (tmp_path / "log").read_text()
        yield process, port, told, tmp_path / "log"
        process.kill()
        process.wait()
    told.close()


def test_the_service_says_how_it_is(served, command):
    process, port, told, log = served
    deadline = time.monotonic() + 60
    while json.loads(ask(port, "/healthz")[1])["role"] != "leading":
        assert time.monotonic() < deadline
        time.sleep(0.1)
    status, body = ask(port, "/healthz")
    said = json.loads(body)
    assert (status, said["status"], said["database"], said["reasons"]) == (200, "ok", "ok", [])
    assert said["tick_age"] < 60
    status, body = ask(port, "/metrics")
    assert status == 200
    figures = dict(re.findall(r"^(policy_crawler_\w+) (\S+)$", body, re.MULTILINE))
    assert figures["policy_crawler_up"] == figures["policy_crawler_leading"] == "1.0"
    assert "policy_crawler_alert_delay_seconds_bucket" in body
    assert ask(port, "/healthz", "evil.example")[0] == 421  # a page elsewhere that rebinds its name to 127.0.0.1
    assert ask(port, "/nothing")[0] == 404
    status, body = ask(port, "/")
    assert (status, "档案还是空的" in body) == (200, True)
    assert command("schedule").code == 0
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    heard = {told.recv(100)}
    with contextlib.suppress(TimeoutError):
        told.settimeout(1)
        while True:
            heard.add(told.recv(100))
    assert b"STOPPING=1" in heard
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    assert {"at", "level", "logger", "message"} <= lines[0].keys()
    assert lines[-1]["message"] == "stopped"


def test_nobody_else_is_answered_while_there_are_no_accounts(command):
    answer = command("serve", "--allow-root", "--host", "0.0.0.0", "--port", "8321")
    assert answer.code == 2
    assert "others could reach it" in answer.err


def test_a_port_that_is_taken_is_said(command):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        answer = command("serve", "--allow-root", "--port", str(taken.getsockname()[1]))
    assert answer.code == 2
    assert "is it in use?" in answer.err


@pytest.fixture
def monitor():
    """A monitor elsewhere, as the heartbeat finds it: how often it was asked."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/ping/secret", asked
        server.shutdown()


def test_S8_the_heartbeat_stops_when_the_service_is_not_well(monkeypatch, home, monitor):
    url, asked = monitor
    for name in [name for name in os.environ if name.startswith("POLICY_CRAWLER_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("POLICY_CRAWLER_CRAWL__ALLOW_NETWORKS", "127.0.0.0/8")
    here = Installation(Home(home))
    here.home.create()
    steady = [0.0]
    pulse = Pulse(lambda: steady[0])

    async def scenario():
        beating = asyncio.create_task(serving.heartbeat(here, here.checkup(pulse), url, 0.05))
        while len(asked) < 2:
            await asyncio.sleep(0.02)
        steady[0] = 100  # no tick for that long
        await asyncio.sleep(0.3)
        before = len(asked)
        await asyncio.sleep(0.5)
        assert len(asked) == before
        pulse.well()
        while len(asked) == before:
            await asyncio.sleep(0.02)
        beating.cancel()

    asyncio.run(asyncio.wait_for(scenario(), 60))
    assert set(asked) == {"/ping/secret"}


def test_a_heartbeat_that_cannot_be_sent_is_said_without_its_secret(monkeypatch, home, caplog):
    for name in [name for name in os.environ if name.startswith("POLICY_CRAWLER_")]:
        monkeypatch.delenv(name)
    here = Installation(Home(home))
    here.home.create()

    async def scenario():
        beating = asyncio.create_task(
            serving.heartbeat(here, here.checkup(Pulse(time.monotonic)), "https://127.0.0.1/ping/secret", 60)
        )
        while not caplog.messages:
            await asyncio.sleep(0.02)
        beating.cancel()

    asyncio.run(asyncio.wait_for(scenario(), 60))
    assert "the heartbeat could not be sent" in caplog.messages[0]
    assert "secret" not in caplog.text


@pytest.mark.parametrize("style", ["text", "json"])
def test_W11_what_comes_from_outside_stays_on_its_line(style):
    stream = io.StringIO()
    logs.set_up(style, stream)
    try:
        logging.getLogger("t").warning("title %s", "x\n2026-01-01 ERROR fake\x1b[31m\u2028 %s" + "长" * 10_000)
    finally:
        logging.basicConfig(force=True)
    (line,) = stream.getvalue().splitlines()
    assert "\x1b" not in line
    assert len(line.encode()) < 13_000
    assert "\\n2026-01-01 ERROR fake" in (json.loads(line)["message"] if style == "json" else line)
