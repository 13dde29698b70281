"""From a document appearing on a site to the mail in its reader's box: the real service, real crawls, real SMTP.

    python -m benchmarks.publication_to_mail [--sources 200] [--minutes 20] [--every 10] [--keep] [--json]

A fleet of simulated columns on loopback, each on a host of its own, publishes documents at random moments;
`policy-crawler serve` runs as a process of its own, every crawl is its child, and the mails go to an SMTP server here.
Nothing of the program is replaced. What is measured: from the document being on the list to the mail's last byte, and
from the due time of the run that found it. Between two due times nobody looks: that part is the cadence's.
"""

import argparse
import json
import os
import random
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread

from benchmarks import report
from console.demo.mailbox import Mailbox
from console.installation import Installation
from policy_crawler.config import Home
from storage.records import Verdict

FIRST = 4  # documents that each list shows from the start
ENDS_AFTER = 4.0  # cadences without a missing mail: then it is lost
NUMBER = re.compile(r"第(\d{6,})号工作")

CONFIG = """\
[crawl]
contact = "bench@example.org"
delay = {delay}

[mail]
host = "127.0.0.1"
port = {port}
security = "none"
sender = "policy-crawler@bench.example"

[schedule]
concurrency = {concurrency}
"""
SOURCE = """
[[source]]
id = "fleet-{number}"
issuer = "示例{number}市人民政府"
issuer_short = "示例{number}市"
column = "通知"
list_url = "http://{host}/tz/index.html"
family = "links"
publishes = "policy"
level = "city"
{cadence}
"""


@dataclass
class Fleet:
    """The sites. `published`: when each document came onto its list, by its number."""

    size: int
    documents: dict[str, list[int]] = field(default_factory=dict)  # by host, the newest first
    published: dict[int, float] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)
    requests: int = 0

    def __post_init__(self) -> None:
        for number in range(self.size):
            self.documents[host(number)] = [number * 1_000 + 100_000_000 + place for place in range(FIRST, 0, -1)]

    def publish(self, number: int) -> None:
        """Put one more document on the list of a source."""
        with self.lock:
            shown = self.documents[host(number)]
            shown.insert(0, shown[0] + 1)
            self.published[shown[0]] = time.time()

    def answer(self, named: str, path: str) -> str | None:
        """The page at `path` of a host; None where there is none."""
        with self.lock:
            self.requests += 1
            shown = list(self.documents.get(named, ()))
        if path == "/tz/index.html":
            rows = "".join(
                f'<li><a href="/tz/202611/t{number}.html" title="{title(number)}">{title(number)}</a>'
                f"<span>{datetime.now(UTC):%Y-%m-%d}</span></li>"
                for number in shown[:20]
            )
            head = "<meta charset=utf-8><title>通知</title>"
            return f"<html><head>{head}</head><body><ul class=list>{rows}</ul></body></html>"
        found = re.fullmatch(r"/tz/202611/t(\d+)\.html", path)
        if found and int(found[1]) in shown:
            return page(int(found[1]))
        return None


def host(number: int) -> str:
    """The host of a source."""
    return f"www.fleet{number}.gov.example"


def title(number: int) -> str:
    """The title of a document."""
    return f"关于做好第{number}号工作的通知"


def page(number: int) -> str:
    """The page of a document."""
    body = "".join(
        f"<p>第{place}条　第{number}号工作由有关部门按职责分工负责，每年{place}月底前报告第{number % 97}项情况。</p>"
        for place in range(1, 9)
    )
    return f"""<html><head><meta charset="utf-8"><title>{title(number)}</title>
<meta name="ArticleTitle" content="{title(number)}"><meta name="PubDate" content="{datetime.now(UTC):%Y-%m-%d %H:%M}">
</head><body><h1>{title(number)}</h1><div class="TRS_Editor" id="zoom"><p>各有关单位：</p>{body}</div></body></html>"""


@contextmanager
def served(fleet: Fleet) -> Iterator[int]:
    """The port at which the fleet answers."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            found = fleet.answer(self.headers.get("Host", "").partition(":")[0], self.path)
            body = (found or "not found").encode()
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing: the terminal is for the figures."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@contextmanager
def service(folder: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """`policy-crawler serve`, ended as systemd ends it."""
    with (folder / "serve.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "console.cli.main", "serve", "--allow-root"],
            env=environment, stdout=log, stderr=log, cwd=report.ROOT,
        )  # fmt: skip
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()


@dataclass(frozen=True)
class Figures:
    """What a run showed; seconds."""

    sources: int
    minutes: float
    published: int
    mailed: int
    from_publication: tuple[float, float, float]  # p50, p95, most
    from_due: tuple[float, float, float]
    crawls: int
    not_ok: int
    requests: int
    mails: int
    twice: int


def measure(options: argparse.Namespace, folder: Path) -> Figures:
    """Run the service over the fleet."""
    fleet = Fleet(options.sources)
    home = Home(folder / "home")
    home.create()
    cadence = f'cron = "{options.cron}"' if options.cron else f"every_minutes = {options.every}"
    (home.sources / "fleet.toml").write_text(
        "".join(SOURCE.format(number=n, host=host(n), cadence=cadence) for n in range(options.sources)), "utf-8"
    )
    with served(fleet) as port, Mailbox() as box:
        home.config_file.write_text(
            CONFIG.format(delay=options.delay, port=box.port, concurrency=options.concurrency), "utf-8"
        )
        home.config_file.chmod(0o600)
        address = folder / "map.json"
        pairs = {f"{host(number)}:80": f"127.0.0.1:{port}" for number in range(options.sources)}
        address.write_text(json.dumps({"connections": pairs, "ca": None, "trap": None}))
        kept = {name: value for name, value in os.environ.items() if not name.startswith("POLICY_CRAWLER_")}
        environment = {
            **kept, "PYTHONPATH": str(report.ROOT), "POLICY_CRAWLER_HOME": str(home.path),
            "POLICY_CRAWLER_CONNECTION_MAP": str(address),
        }  # fmt: skip
        here = Installation(home)
        switch_off_the_rest(here)
        channel = here.watches.add_channel("email", "analyst@bench.example")
        here.watches.add_watch("all", "*", channels=[channel])
        with service(folder, environment) as process:
            began = time.time()
            while first_runs(here) < options.sources:
                alive(process, folder)
                if time.time() - began > 60 + 15 * options.sources:
                    sys.exit(f"the first crawls did not end; see {folder / 'serve.log'}")
                time.sleep(1)
            say(options, f"{options.sources} sources crawled first in {time.time() - began:.0f} s")
            arrived = publish_and_wait(fleet, box, options, lambda: alive(process, folder))
            return figures(here, fleet, box, arrived, options, since=began)


def switch_off_the_rest(here: Installation) -> None:
    """Only the fleet is crawled: the catalog's own sources are on the internet."""
    others = [source.id for source in here.catalog.enabled() if not source.id.startswith("fleet-")]
    lines = "".join(f"[[source]]\nid = {json.dumps(name)}\nenabled = false\n\n" for name in others)
    (here.home.sources / "choices.toml").write_text(lines, "utf-8")


def first_runs(here: Installation) -> int:
    """How many sources were crawled."""
    return sum(row.last_success_at is not None for row in here.queries.sources() if row.id.startswith("fleet-"))


def alive(process: "subprocess.Popen[bytes]", folder: Path) -> None:
    """Exit where the service has ended."""
    if process.poll() is not None:
        sys.exit(f"the service ended with {process.returncode}:\n{(folder / 'serve.log').read_text()[-3_000:]}")


def publish_and_wait(fleet: Fleet, box: Mailbox, options: argparse.Namespace, check: object) -> dict[int, float]:
    """Publish at random moments for the minutes given, then wait for the mails; when each document's mail came."""
    chance = random.Random(options.seed)  # noqa: S311 - the same every time
    count = max(1, round(options.minutes * 60 / options.pause))
    moments = sorted(chance.uniform(0, options.minutes * 60) for _ in range(count))
    arrived: dict[int, float] = {}
    seen, began = 0, time.time()
    # A look every fifth of a second; what came in between is dated at its end.
    waits_until = began + options.minutes * 60 + ENDS_AFTER * 60 * (1 if options.cron else options.every)
    while moments or (len(arrived) < count and time.time() < waits_until):
        while moments and time.time() - began >= moments[0]:
            moments.pop(0)
            fleet.publish(chance.randrange(options.sources))
        now, mails = time.time(), list(box.mails)
        for mail in mails[seen:]:
            text = mail.get_body(("plain",))
            for number in NUMBER.findall(text.get_content() if text is not None else ""):
                arrived.setdefault(int(number), now)
        seen = len(mails)
        check()  # type: ignore[operator]
        time.sleep(0.2)
    return {number: at for number, at in arrived.items() if number in fleet.published}


def figures(
    here: Installation,
    fleet: Fleet,
    box: Mailbox,
    arrived: dict[int, float],
    options: argparse.Namespace,
    *,
    since: float,
) -> Figures:
    """What the archive and the mailbox say."""
    slots = due_times(here)
    from_due = [at - max(slots[number], fleet.published[number]) for number, at in arrived.items() if number in slots]
    runs = [run for run in here.queries.runs(limit=1_000_000) if run.verdict is not None]
    told = [
        number for mail in box.mails if (text := mail.get_body(("plain",))) is not None
        for number in set(NUMBER.findall(text.get_content()))
    ]  # fmt: skip
    return Figures(
        sources=options.sources,
        minutes=round((time.time() - since) / 60, 1),
        published=len(fleet.published),
        mailed=len(arrived),
        from_publication=spread([at - fleet.published[number] for number, at in arrived.items()]),
        from_due=spread(from_due),
        crawls=len(runs),
        not_ok=sum(run.verdict is not Verdict.OK for run in runs),
        requests=fleet.requests,
        mails=len(box.mails),
        twice=len(told) - len(set(told)),
    )


def due_times(here: Installation) -> dict[int, float]:
    """When the run that found each document was due, by the document's number."""
    from sqlalchemy import select  # noqa: PLC0415

    from storage.engine import reading  # noqa: PLC0415
    from storage.models import Fetch, Run  # noqa: PLC0415

    query = select(Fetch.url, Run.slot).join(Run, Run.id == Fetch.run_id)
    found: dict[int, float] = {}
    with reading(here.engine) as session:
        for url, slot in session.execute(query.where(Fetch.recorded == "added", Run.slot.is_not(None))):
            if (number := re.search(r"/t(\d+)\.html", url)) and slot:
                found[int(number[1])] = datetime.fromisoformat(slot).timestamp()
    return found


def spread(seconds: list[float]) -> tuple[float, float, float]:
    """p50, p95 and the most, in seconds with one decimal."""
    if not seconds:
        return (float("nan"),) * 3
    ordered = sorted(seconds)
    return (
        round(statistics.median(ordered), 1),
        round(ordered[min(len(ordered) - 1, len(ordered) * 95 // 100)], 1),
        round(ordered[-1], 1),
    )


def say(options: argparse.Namespace, text: str) -> None:
    """A line about the progress."""
    if not options.json:
        print(text, flush=True)


def main() -> None:
    """Measure, print; with --keep also write docs/performance.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sources", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=20, help="how long documents are published")
    parser.add_argument("--every", type=int, default=10, help="minutes between two runs of a source")
    parser.add_argument("--cron", help="a cron expression in its place")
    parser.add_argument("--pause", type=float, default=6, help="seconds between two documents, on average")
    parser.add_argument("--delay", type=float, default=2, help="seconds between two requests to a site")
    parser.add_argument("--concurrency", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="keep everything here")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON, nothing else")
    parser.add_argument("--keep", action="store_true", help="write the table into docs/performance.md")
    options = parser.parse_args()
    if options.folder:
        options.folder.mkdir(parents=True)
        found = measure(options, options.folder)
    else:
        with tempfile.TemporaryDirectory() as folder:
            found = measure(options, Path(folder))
    if options.json:
        print(json.dumps(asdict(found)))
        return
    report.write("publication to mail", _section(found, options), keep=options.keep)


def _section(found: Figures, options: argparse.Namespace) -> str:
    rows = [
        ["the document is on the site's list", *(f"{seconds:.0f} s" for seconds in found.from_publication)],
        ["the run that finds it is due (or the document appears, if later)", *(f"{s:.0f} s" for s in found.from_due)],
    ]
    cadence = f"cron {options.cron}" if options.cron else f"every {options.every} minutes"
    under = (
        f"{found.sources} sources, each asked {cadence}, {options.concurrency} crawls at once, {options.delay:g} s "
        f"between two requests to a site; {found.published} documents published in {options.minutes:g} minutes: "
        f"{found.mailed} mailed, {found.published - found.mailed} lost, {found.twice} twice, in {found.mails} mails. "
        f"{found.crawls} crawls ({found.not_ok} not ok) made {found.requests} requests in {found.minutes:g} minutes, "
        "the first crawl of each source included."
    )
    return "\n".join(
        [
            report.table(["until the mail is in the box, since", "p50", "p95", "most"], rows),
            "",
            under,
            f"\nTaken {report.circumstances()}, {report.versions('scrapy', 'apscheduler', 'sqlalchemy')}.",
        ]
    )


if __name__ == "__main__":
    main()
