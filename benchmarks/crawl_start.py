"""What it costs to start a crawl: the child process that every crawl is, on one page of a server on loopback.

    python -m benchmarks.crawl_start [--rounds 7] [--keep]

Beside it a bare Scrapy process that fetches the same page and keeps nothing, and Python alone. They take turns; CPU
seconds (user and system) of the process, the least of the rounds', and the median of the rounds' ratios.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Self

from benchmarks import report
from schedules.child import MODULE, Limits, run_child
from schedules.forkserver import ForkServer

HOST = "www.example.gov.cn"
FORKED = "our crawl, forked by the service"
PAGE = (
    "<html><head><title>示例市人民政府关于印发示例办法的通知</title></head><body><h1>示例市人民政府关于印发示例办法的通知</h1>"
    "<p>示政发〔2026〕1号</p><div class='TRS_Editor'>"
    + "".join(
        f"<p>第{number}条 各有关部门应当按照职责做好相关工作，并于每年年底前报告情况。</p>" for number in "一二三四五六"
    )
    + "</div></body></html>"
).encode()
BARE = """
import sys
import scrapy
from scrapy.crawler import AsyncCrawlerProcess

class Bare(scrapy.Spider):
    name = "bare"
    start_urls = sys.argv[1:]

    def parse(self, response):
        yield {"title": response.css("title::text").get()}

process = AsyncCrawlerProcess({"LOG_LEVEL": "WARNING", "TELNETCONSOLE_ENABLED": False})
process.crawl(Bare)
process.start()
"""


class _Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        found = self.path == "/page.html"
        body = PAGE if found else b"not found"
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing: the terminal is for the figures."""


@contextmanager
def serving() -> Iterator[int]:
    """The port of a server for the page."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Page) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def spent(command: list[str], environment: dict[str, str]) -> float:
    """CPU seconds of one process. Exits when the process fails."""
    child = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert child.stderr is not None  # noqa: S101
    said = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"{command} ended with {child.returncode}:\n{said.decode(errors='replace')}")
    return usage.ru_utime + usage.ru_stime


class Forks:
    """The process that forks the service's crawls, and what its children spend."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        self._loop = asyncio.new_event_loop()
        self._server = ForkServer(MODULE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._loop.run_until_complete(self._server.close())
        self._loop.close()

    def spent(self, arguments: list[str]) -> float:
        """CPU seconds of one crawl. Exits when it fails."""
        before = self._children()
        crawl = run_child(
            arguments, self._environment, Limits(), on_event=lambda _: None, on_log=lambda _: None, forks=self._server
        )
        ended = self._loop.run_until_complete(crawl)
        if ended.code:
            sys.exit(f"a forked crawl ended with {ended.code}: {ended.reason}")
        return self._children() - before

    def _children(self) -> float:
        if self._server.pid is None:
            return 0.0
        fields = Path(f"/proc/{self._server.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")  # cutime, cstime


def main() -> None:
    """Measure, print; with --keep also write docs/performance.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--keep", action="store_true", help="write the table into docs/performance.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, serving() as port:
        address = Path(folder, "map.json")
        address.write_text(json.dumps({"connections": {f"{HOST}:80": f"127.0.0.1:{port}"}, "ca": None, "trap": None}))
        bare = Path(folder, "bare.py")
        bare.write_text(BARE)
        environment = {
            **os.environ,
            "PYTHONPATH": str(report.ROOT),
            "POLICY_CRAWLER_HOME": str(Path(folder, "home")),
            "POLICY_CRAWLER_CONNECTION_MAP": str(address),
        }
        page = f"http://{HOST}/page.html"
        commands = {
            "our crawl": [sys.executable, "-m", "policy_crawler.crawl", "--source", "page", "--url", page],
            "bare Scrapy": [sys.executable, str(bare), f"http://127.0.0.1:{port}/page.html"],
            "Python alone": [sys.executable, "-c", "pass"],
        }
        seconds: dict[str, list[float]] = {name: [] for name in (*commands, FORKED)}
        with Forks(environment) as forks:
            for number in range(options.rounds + 1):  # the first makes archive and byte code, and does not count
                for name, command in commands.items():
                    taken = spent(command, environment)
                    if number:
                        seconds[name].append(taken)
                taken = forks.spent(["--source", "page", "--url", page])
                if number:
                    seconds[FORKED].append(taken)
    report.write("crawl start", _section(seconds), keep=options.keep)


def _section(seconds: dict[str, list[float]]) -> str:
    ours, forked = seconds["our crawl"], seconds[FORKED]
    rows = []
    for name in ("our crawl", FORKED, "bare Scrapy", "Python alone"):
        taken = seconds[name]
        ratios = [
            statistics.median(own / theirs for own, theirs in zip(mine, taken, strict=True)) for mine in (ours, forked)
        ]
        rows.append([name, f"{min(taken):.2f}", *(f"{ratio:.2f}" for ratio in ratios)])
    under = (
        f"{len(ours)} rounds. Ours asks for robots.txt first, checks every address, reads the page, and keeps the "
        "snapshot, the version and the run in the archive (SQLite); bare Scrapy fetches the page and reads its title. "
        "The service forks crawls from a process that has imported what they need; the command line starts each anew."
    )
    return "\n".join(
        [
            report.table(["process", "CPU s", "ours is × this", "forked is × this"], rows),
            "",
            under,
            f"\nTaken {report.circumstances()}, {report.versions('scrapy', 'twisted', 'sqlalchemy')}.",
        ]
    )


if __name__ == "__main__":
    main()
