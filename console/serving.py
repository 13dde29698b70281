"""The service as a process: scheduler and HTTP in one event loop, systemd told that it lives, a heartbeat sent out."""

import asyncio
import contextlib
import ipaddress
import logging
import os
import socket
import sys
import time

from console.installation import Installation
from policy_crawler.errors import OperatorError
from schedules.forkserver import ForkServer
from schedules.jobs import Runner
from schedules.vitals import Checkup, Pulse
from storage.accounts import Accounts

logger = logging.getLogger(__name__)


async def run(here: Installation, runner: Runner, *, host: str, port: int, until_idle: bool) -> None:
    """Serve until told to stop. With a port, also HTTP there: only on this machine, while there are no accounts."""
    settings, pulse = here.config.service, Pulse(time.monotonic)
    if sys.platform == "linux":  # elsewhere, system libraries start threads, which no fork survives
        runner.forks = ForkServer(runner.module)
    checkup = here.checkup(pulse)
    notify = Notify(checkup)
    web = Web(here, checkup, host, port) if port else None
    service = here.service(
        runner,
        here.dispatcher("serve"),
        pulse=pulse,
        on_run=web.metrics.ran if web else lambda _summary: None,
        on_sent=web.metrics.sent if web else lambda: None,
        on_beat=notify.beat,
    )
    helpers: list[asyncio.Task[None]] = []
    if settings.heartbeat_url:
        beating = heartbeat(here, checkup, settings.heartbeat_url, settings.heartbeat_minutes * 60)
        helpers.append(asyncio.create_task(beating))
    try:
        if web is not None:
            await web.begin()
        notify.say("READY=1")
        await service.run(until_idle=until_idle)
    finally:
        notify.say("STOPPING=1")
        for helper in helpers:
            helper.cancel()
        await asyncio.gather(*helpers, return_exceptions=True)
        if web is not None:
            await web.end()
        if runner.forks is not None:
            await runner.forks.close()


class Web:
    """HTTP of the service. Raises OperatorError for a host that others could reach where nobody has to sign in."""

    def __init__(self, here: Installation, checkup: Checkup, host: str, port: int) -> None:
        # FastAPI takes half a second to import, which a service without HTTP need not wait.
        from console.web.app import create_app, is_loopback  # noqa: PLC0415
        from console.web.server import server  # noqa: PLC0415
        from schedules.metrics import Metrics  # noqa: PLC0415

        if not is_loopback(host) and not Accounts(here.engine, here.clock).any():
            raise OperatorError(
                f"--host {host}: others could reach it, and there are no accounts that would keep them out. Make one "
                "('policy-crawler accounts add NAME --role operator'), or serve on 127.0.0.1."
            )
        self.metrics = Metrics(here.engine, checkup)
        self._server = server(create_app(here, checkup, self.metrics, names(host)), host, port)
        self._task: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Listen. Raises OperatorError where the port cannot be had."""
        from console.web.server import serve  # noqa: PLC0415

        self._task = asyncio.create_task(serve(self._server))
        while not self._server.started:
            if self._task.done():
                self._task.result()
                return
            await asyncio.sleep(0.01)
        where = self._server.servers[0].sockets[0].getsockname()
        logger.info("serving /healthz and /metrics on %s port %d", where[0], where[1])

    async def end(self) -> None:
        """Answer what was asked, and listen no more."""
        self._server.should_exit = True
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)


def names(host: str) -> list[str]:
    """What people may call the console that listens on `host`: its address, and where it is every address, also this
    machine's name."""
    everywhere = host.strip("[]") in {"0.0.0.0", "::"}  # noqa: S104 - compared, not bound
    return [f"[{host.strip('[]')}]" if ":" in host else host, *([socket.gethostname()] if everywhere else [])]


class Notify:
    """Tells systemd that the service is ready, lives, and stops (sd_notify); nothing where systemd did not ask.

    It is kept alive only while ticks go well enough: a scheduler that hangs is started anew by the watchdog. A locked
    archive or a full disk is no reason for that, as a new process would find the same."""

    def __init__(self, checkup: Checkup, address: str | None = None) -> None:
        self._pulse = checkup.pulse
        self._address = os.environ.get("NOTIFY_SOCKET", "") if address is None else address
        self._dead_after = 10 * checkup.stalled_after

    def beat(self) -> None:
        """The event loop runs."""
        if self._pulse.error or self._pulse.age < self._dead_after:
            self.say("WATCHDOG=1")

    def say(self, what: str) -> None:
        """Send one notice."""
        if not self._address:
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
            out.setblocking(False)
            out.sendto(what.encode(), address)


async def heartbeat(here: Installation, checkup: Checkup, url: str, seconds: float) -> None:
    """Ask `url` again and again while the service is well; where it is not, the silence tells."""
    failed = False
    while True:
        vitals = await asyncio.to_thread(checkup.look)
        if vitals.healthy:
            problem = await asyncio.to_thread(_ask, here, url)
            if problem and not failed:
                logger.warning("the heartbeat could not be sent: %s", problem)
            failed = bool(problem)
        await asyncio.sleep(seconds)


def _ask(here: Installation, url: str) -> str:
    """What went wrong, in words that do not say the URL, which may hold a token; empty when nothing did."""
    from schedules.channels.base import TemporaryError  # noqa: PLC0415
    from schedules.channels.web import Guard, post  # noqa: PLC0415
    from storage.errors import OperatorError as Refused  # noqa: PLC0415

    allowed = tuple(ipaddress.ip_network(network) for network in here.config.crawl.allow_networks)
    try:
        answer = post(url, b"", {}, Guard(allow=allowed, seconds=10))
    except (TemporaryError, Refused) as error:
        return str(error)
    return "" if answer.status < 300 else f"{answer.host} answered {answer.status}"
