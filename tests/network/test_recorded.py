"""H6, H12 with the archive: what the network keeps for later runs, and the fetch log, as the production writes them."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

from support.fault_server import FaultServer, in_turn, redirect, respond

ROOT = Path(__file__).parents[2]
HOST = "www.a.gov.cn"


def crawl_page(home: Path, connection_map: Path, url: str, clock: int = 0) -> str:
    """One run of the built-in source `page`, as the command starts it; answers its log."""
    ours = {
        "POLICY_CRAWLER_HOME": str(home),
        "POLICY_CRAWLER_CONNECTION_MAP": str(connection_map),
        "POLICY_CRAWLER_CLOCK_OFFSET": str(clock),
        "PYTHONPATH": str(ROOT),
    }
    quick = ["--set=DOWNLOAD_DELAY=0", "--set=POLICY_RETRY_PAUSES=0.01"]
    command = [sys.executable, "-m", "policy_crawler.crawl", "--source", "page", "--url", url, *quick]
    done = subprocess.run(command, env={**os.environ, **ours}, capture_output=True, text=True, check=False, timeout=90)
    return done.stderr


def logged(home: Path) -> list[tuple[object, ...]]:
    with sqlite3.connect(home / "archive.db") as archive:
        return archive.execute("SELECT run_id, purpose, outcome, status FROM fetch ORDER BY id").fetchall()


def test_H6_a_hold_outlives_its_run_and_ends(server: FaultServer, home: Path) -> None:
    busy = respond("<html>busy</html>", status=429, headers=[("Retry-After", "3600")])
    server.on(HOST, "/1", in_turn(busy, respond("<html><title>页</title>页</html>")))
    connection_map = server.map_for([HOST])
    url = f"http://{HOST}/1"
    log = crawl_page(home, connection_map, url)
    assert logged(home) == [(1, "robots", "status", 404), (1, "document", "status", 429)], log
    crawl_page(home, connection_map, url, clock=3000)
    assert len(server.requests(HOST, "/1")) == 1
    assert logged(home)[2:] == [(2, "robots", "refused", None), (2, "document", "refused", None)]
    crawl_page(home, connection_map, url, clock=3700)
    assert len(server.requests(HOST, "/1")) == 2
    assert logged(home)[4:] == [(3, "robots", "status", 404), (3, "document", "fetched", 200)]


def test_every_hop_and_every_retry_is_in_the_log(server: FaultServer, home: Path) -> None:
    server.on(HOST, "/1", redirect("/2"))
    server.on(HOST, "/2", in_turn(respond(status=500), redirect("http://169.254.169.254/")))
    log = crawl_page(home, server.map_for([HOST]), f"http://{HOST}/1")
    with sqlite3.connect(home / "archive.db") as archive:
        rows = archive.execute("SELECT url, final_url, outcome, status, error FROM fetch ORDER BY id").fetchall()
    first = f"http://{HOST}/1"
    assert [row[:4] for row in rows[1:]] == [
        (first, None, "redirect", 302),
        (first, f"http://{HOST}/2", "status", 500),
        (first, f"http://{HOST}/2", "redirect", 302),
        (first, "http://169.254.169.254/", "refused", None),
    ], log
    assert rows[-1][4].startswith("url: URL 'http://169.254.169.254/' is refused")
