"""One crawl in a process of its own, with the production settings, for tests of the network.

    result = crawl(["http://a.gov.cn/1", {"url": "http://a.gov.cn/2", "meta": {"conditional": True}}],
                   connection_map=server.map_for(["a.gov.cn"]))
    assert result.page("http://a.gov.cn/1").status == 200
    assert result.outcomes() == {"robots.txt": …}

The spider only asks for what it is told and writes down what came back; the ledger keeps the fetch log in memory.
Everything between them is the production's own: settings, resolver, handler, middlewares.
"""

import atexit
import base64
import functools
import json
import os
import signal
import subprocess
import sys
import tempfile
import traceback
import types
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

# Quick enough for tests, otherwise as in production.
QUICK = {"DOWNLOAD_DELAY": 0, "POLICY_RETRY_PAUSES": [0.05, 0.1], "LOG_LEVEL": "INFO", "DOWNLOAD_TIMEOUT": 15}
# The run's row and the archive are not what these tests are about.
NO_ARCHIVE = {"EXTENSIONS": {"policy_crawler.extensions.RunRecorder": None}, "ITEM_PIPELINES": {}}


@dataclass(frozen=True, slots=True)
class Page:
    """What came back for one request. `error` is the exception's class, `reason` that of a refusal."""

    url: str
    final_url: str
    status: int | None = None
    body: bytes = b""
    flags: tuple[str, ...] = ()
    error: str | None = None
    reason: str | None = None
    message: str = ""
    meta: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Crawled:
    """How a crawl went. `fetches` is its fetch log; `grown_mib` what its process took beyond its start."""

    pages: list[Page]
    fetches: list[dict[str, Any]]
    holds: dict[str, str]
    finish_reason: str | None
    grown_mib: float
    exit_code: int
    log: str

    def page(self, url: str) -> Page:
        """The one result for `url`."""
        found = [page for page in self.pages if page.url == url]
        assert len(found) == 1, f"expected one result for {url}, found {len(found)}\n{self.log}"
        return found[0]


def crawl(
    requests: Sequence[str | dict[str, Any]],
    *,
    connection_map: Path,
    settings: dict[str, Any] | None = None,
    custom_settings: dict[str, Any] | None = None,
    source: dict[str, Any] | None = None,
    validators: dict[str, list[str | None]] | None = None,
    held: dict[str, str] | None = None,
    environment: dict[str, str] | None = None,
    timeout: float = 90,
) -> Crawled:
    """Crawl in a child process. `requests` are URLs or arguments of scrapy.Request; `settings` those of the process,
    `custom_settings` those of the spider; `validators` and `held` what the ledger knows from earlier."""
    spec = {
        "requests": [{"url": request} if isinstance(request, str) else request for request in requests],
        "settings": {**QUICK, **(settings or {})},
        "custom_settings": custom_settings or {},
        "source": source,
        "validators": validators or {},
        "held": held or {},
    }
    with tempfile.TemporaryDirectory(prefix="home-") as home:
        ours = {"POLICY_CRAWLER_HOME": home, "POLICY_CRAWLER_CONNECTION_MAP": str(connection_map)}
        exit_code, data, log = _template().run(spec, ours | (environment or {}), timeout)
    pages = [Page(**{**page, "body": base64.b64decode(page["body"])}) for page in data.get("pages", [])]
    return Crawled(
        pages=pages,
        fetches=data.get("fetches", []),
        holds=data.get("holds", {}),
        finish_reason=data.get("finish_reason"),
        grown_mib=data.get("grown_mib", 0.0),
        exit_code=exit_code,
        log=log,
    )


class _Template:
    """A process that has imported Scrapy and us and started nothing; each crawl is a fork of it. An import takes a
    second, a crawl of these tests a tenth."""

    def __init__(self) -> None:
        root = Path(__file__).parents[2]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("POLICY_CRAWLER_")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "support.crawl_child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=root,
            env=kept | {"PYTHONPATH": f"{root}:{root / 'tests'}"},
        )
        atexit.register(self.stop)

    def run(self, spec: dict[str, Any], environment: dict[str, str], timeout: float) -> tuple[int, dict[str, Any], str]:
        """(exit code, result, log) of one crawl."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with tempfile.TemporaryDirectory(prefix="crawl-") as folder:
            line = json.dumps({"spec": spec, "environment": environment, "folder": folder, "timeout": timeout})
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
            exit_code = int(self.process.stdout.readline())
            result = Path(folder, "result.json")
            data = json.loads(result.read_text(encoding="utf-8")) if result.exists() else {}
            return exit_code, data, Path(folder, "log").read_text(encoding="utf-8", errors="replace")

    def stop(self) -> None:
        """End the process; it ends when its input does."""
        self.process.communicate()


@functools.cache
def _template() -> _Template:
    return _Template()


class RecordingLedger:
    """The ledger of these crawls: in memory."""

    def __init__(self, validators: dict[str, list[str | None]], held: dict[str, str]) -> None:
        self._validators = validators
        self.fetches: list[dict[str, Any]] = []
        self.holds = {host: datetime.fromisoformat(until) for host, until in held.items()}

    def validators(self, url: str) -> tuple[str | None, str | None]:
        etag, last_modified = self._validators.get(url, (None, None))
        return etag, last_modified

    def log_fetch(self, **line: Any) -> None:
        self.fetches.append({**line, "at": line["at"].isoformat()})

    def hold(self, host: str, until: datetime) -> None:
        self.holds[host] = until

    def held_until(self, host: str) -> datetime | None:
        return self.holds.get(host)


def _memory(name: str) -> float:
    """VmRSS or VmHWM (the most so far) in MiB. (ru_maxrss would count the parent's, from before the exec.)"""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split(f"{name}:")[1].split()[0]) / 1024


def serve() -> None:
    """The template's loop: fork for each line of input, answer with the fork's exit code."""

    import policy_crawler.handler
    import policy_crawler.middlewares.conditional
    import policy_crawler.middlewares.guard
    import policy_crawler.middlewares.robots
    import policy_crawler.pipelines.ledger
    import policy_crawler.settings  # noqa: F401

    for line in sys.stdin:
        job = json.loads(line)
        child = os.fork()
        if child == 0:
            _be_a_child(job)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _be_a_child(job: dict[str, Any]) -> NoReturn:
    exit_code = 70
    try:
        signal.alarm(int(job["timeout"]))
        log = os.open(Path(job["folder"], "log"), os.O_WRONLY | os.O_CREAT)
        for number in (1, 2):
            os.dup2(log, number)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.environ.update(job["environment"])
        exit_code, result = run(job["spec"])
        Path(job["folder"], "result.json").write_text(json.dumps(result), encoding="utf-8")
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(exit_code)


def run(spec: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Crawl as told, in this process; answers the exit code and what came back."""
    import scrapy
    from scrapy.crawler import AsyncCrawlerProcess
    from scrapy.settings import Settings

    from policy_crawler.pipelines import ledger as ledgers

    ledger = RecordingLedger(spec["validators"], spec["held"])
    pages: list[dict[str, Any]] = []
    began_with: list[float] = []

    class Asking(scrapy.Spider):
        name = "asking"
        custom_settings = spec["custom_settings"]
        source = types.SimpleNamespace(**{"render": False, **spec["source"]}) if spec["source"] else None

        async def start(self) -> Any:
            began_with.append(_memory("VmRSS"))
            for number, arguments in enumerate(spec["requests"]):
                meta = {**arguments.get("meta", {}), "number": number}
                yield scrapy.Request(
                    **{**arguments, "meta": meta}, callback=self.came, errback=self.failed, dont_filter=True
                )

        async def came(self, response: Any) -> None:
            body = base64.b64encode(response.body).decode()
            note(response.request, final_url=response.url, status=response.status, body=body, flags=response.flags)

        async def failed(self, failure: Any) -> None:
            error = failure.value
            reason = getattr(error, "reason", None)
            note(failure.request, error=type(error).__name__, reason=reason, message=str(error))

    def note(request: Any, **result: Any) -> None:
        kept = ("tls_verified", "fetch_ms", "truncated", "retry_times", "redirect_urls")
        url = spec["requests"][request.meta["number"]]["url"]
        meta = {name: request.meta[name] for name in kept if name in request.meta}
        pages.append({"url": url, "final_url": request.url, "body": "", "meta": meta, **result})

    settings = Settings()
    settings.setmodule("policy_crawler.settings", priority="project")
    for name, value in {**NO_ARCHIVE, **spec["settings"]}.items():
        settings.set(name, value, priority="cmdline")
    process = AsyncCrawlerProcess(settings)
    crawler = process.create_crawler(Asking)
    ledgers._ledgers[crawler] = ledger  # type: ignore[assignment]
    process.crawl(crawler)
    process.start()
    result = {
        "pages": pages,
        "fetches": ledger.fetches,
        "holds": {host: until.isoformat() for host, until in ledger.holds.items()},
        "finish_reason": crawler.stats.get_value("finish_reason") if crawler.stats else None,
        "grown_mib": _memory("VmHWM") - began_with[0],
    }
    return int(process.bootstrap_failed), result


if __name__ == "__main__":
    serve()
