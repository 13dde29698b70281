"""`crawl` where a service runs: a real service and its queue; who follows, joins or ends what it makes."""

import os
import subprocess
import sys
import time

import pytest
from support.sites import MIIT, Ministry

SOURCE = "miit-wjfb-tz"
SERVE = """
import asyncio
from console.installation import Installation
from policy_crawler.catalog import Catalog
here = Installation()
only = Catalog([here.catalog.get("miit-wjfb-tz")])
service = here.service(here.runner("serve"), here.dispatcher("serve"), catalog=only)
asyncio.run(service.run())
"""


@pytest.fixture
def ministry(server, command):
    command.more = {
        "POLICY_CRAWLER_CONNECTION_MAP": str(server.map_for([f"https://{MIIT}"])),
        "POLICY_CRAWLER_CRAWL__DELAY": "0.02",
        "POLICY_CRAWLER_SCHEDULE__EVERY_MINUTES": "600",
    }
    return Ministry(server, numbers=range(24, 0, -1))


@pytest.fixture
def service(command, ministry):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("POLICY_CRAWLER_")}
    command("runs", "list")  # makes the home
    with (command.home / "serve.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE],
            env={**kept, "POLICY_CRAWLER_HOME": str(command.home), **command.more}, stdout=log, stderr=log,
        )  # fmt: skip
        deadline = time.monotonic() + 60
        while not command("runs", "list", "--json").lines:
            assert time.monotonic() < deadline, (command.home / "serve.log").read_text()
        yield process
        process.kill()
        process.wait()


def test_without_a_service_nothing_is_left_to_one(command, ministry):
    answer = command("crawl", SOURCE, "--detach")
    assert answer.code == 2
    assert "no service runs on this archive" in answer.err
    assert command("runs", "cancel", "7").code == 2
    assert command("runs", "watch", "7").code == 2


def test_the_service_makes_the_crawl_and_is_followed_to_its_end(command, service):
    made = command("crawl", SOURCE, "--json")
    assert made.code == 0, made.err
    (line,) = made.lines
    assert (line["source"], line["verdict"]) == (SOURCE, "ok")
    asked = command("crawl", SOURCE, "--pages", "1", "--detach", "--json")
    (line,) = asked.lines
    followed = command("runs", "watch", str(line["run"]), "--json")
    assert followed.code == 0, followed.err
    assert followed.lines[0]["run"] == line["run"]
    assert command("runs", "cancel", str(line["run"])).code == 2  # it has ended
    runs = command("runs", "list", "--json").lines
    assert [run["trigger"] for run in runs if run["source_id"] == SOURCE][:1] == ["backfill"]
