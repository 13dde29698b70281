"""Pages that exist only through JavaScript, drawn by the system's Chromium without a network of its own.

The browser asks nobody. Every request of a page is taken from it (`context.route`) and answered by `fetch`, which is
the crawl's own downloader: guard, robots.txt, pauses, connection map, certificates and fetch log hold as for any other
request. What a page could do past that is closed twice: service workers, sockets, downloads and pop-ups are off, and
the browser's only way out is a proxy at a closed port of this machine, for loopback as well, with every name unknown.

scrapy-playwright is not used: its handler lets the browser fetch by itself, past the guard's resolver and the map.

Scripts and their data are fetched; pictures, fonts, media, frames, sockets and visit counters are not, and style sheets
are answered empty, as scripts wait for them. A page that is a challenge, or leads to one, is given back as it came: no
script of it is run, and cookies that scripts set never leave the browser.
"""

import asyncio
import contextlib
import logging
import os
import re
import shutil
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from policy_crawler.descendants import children, descendants, kill, memory_of, roomy
from policy_crawler.drawing import Answer, Asked, Fetch, RenderError, View
from policy_crawler.errors import OperatorError

if TYPE_CHECKING:
    from playwright.async_api import Browser

logger = logging.getLogger(__name__)

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MOST_CACHED = 64  # scripts kept from page to page of a run
LARGEST_CACHED = 2 * 2**20  # bytes
HEAP_MIB = 384  # of a page's scripts
LOOK = 0.25  # seconds between two looks at memory and the end of the crawl

# A closed port (discard): what is not intercepted finds no way, not even to this machine.
ARGUMENTS = (
    "--proxy-server=http://127.0.0.1:9",
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--dns-prefetch-disable",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--disable-extensions",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--renderer-process-limit=1",
    "--disable-gpu",
    "--mute-audio",
    f"--js-flags=--max-old-space-size={HEAP_MIB}",
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A page after its scripts. `url`: where it led; `version`: of the browser. `raw`: a challenge, as it came."""

    url: str
    html: str
    version: str
    raw: Answer | None = None


def find_browser(named: str = "") -> str | None:
    """The Chromium to use: `named` (a path, or a name on PATH), else the first known one. None: there is none."""
    return next((found for name in ([named] if named else NAMES) if (found := shutil.which(name))), None)


def require(named: str = "") -> str:
    """The browser's path. Raises OperatorError that says what is missing and how to get it."""
    try:
        import playwright.async_api  # noqa: F401, PLC0415 - an extra, and slow
    except ImportError as error:
        raise OperatorError(
            "a source with `render = true` needs the extra [browser]: pip install 'policy-crawler[browser]'"
        ) from error
    found = find_browser(named)
    if found is None:
        wanted = f"browser.executable is {named!r}, which is no program" if named else f"none of {', '.join(NAMES)}"
        raise OperatorError(
            f"a source with `render = true` needs Chromium ({wanted} on PATH): apt-get install chromium, "
            "or name it in browser.executable"
        )
    return found


class Renderer:
    """One browser for one crawl, started with the first page. Pages are drawn one at a time.

    `seconds`: the longest a page may take, with all that it fetches. `memory_mib`: what all the browser's processes
    may hold together (resident). `ending`: True when the crawl is to stop. `agent`: what scripts see as user agent."""

    def __init__(
        self,
        executable: str,
        fetch: Fetch,
        *,
        agent: str = "",
        seconds: float = 60,
        memory_mib: int = 1024,
        ending: Callable[[], bool] = lambda: False,
    ) -> None:
        self._executable = executable
        self._fetch = fetch
        self._agent = agent
        self._seconds = seconds
        self._memory_mib = memory_mib
        self._ending = ending
        self._turn = asyncio.Lock()
        self._driver: Any = None
        self._browser: Browser | None = None
        self._processes: frozenset[int] = frozenset()
        self._cached: OrderedDict[str, Answer] = OrderedDict()

    async def draw(self, url: str, html: str) -> Drawn:
        """Draw the page `html` that was fetched from `url` (its fragment counts, as some pages choose by it).

        Raises RenderError."""
        async with self._turn:
            browser = await self._started()
            view = View(url, html, self._answer)
            try:
                return await self._guarded(view.draw(browser, self._agent, self._seconds), browser.version)
            finally:
                await view.close()

    async def close(self) -> None:
        """End the browser; nothing of it is left."""
        for end in (self._browser.close if self._browser else None, self._driver.stop if self._driver else None):
            if end is not None:
                with contextlib.suppress(Exception):  # it is dead already, which is what we want
                    await asyncio.wait_for(end(), 5)
        kill(self._processes)
        self._browser = self._driver = None

    async def _guarded(self, drawing: Any, version: str) -> Drawn:
        """Await `drawing` while looking at memory, time and the end of the crawl."""
        from playwright.async_api import Error  # noqa: PLC0415

        task = asyncio.ensure_future(drawing)
        loop = asyncio.get_running_loop()
        end = loop.time() + self._seconds + 10  # the view itself gives what there is at `_seconds`
        try:
            while not task.done():
                await asyncio.wait({task}, timeout=LOOK)
                held = memory_of(self._processes) >> 20
                if held > self._memory_mib:
                    await self._give_up(f"the browser took {held} MiB, at most {self._memory_mib} are allowed")
                if loop.time() > end or self._ending():
                    await self._give_up("the crawl is ending" if self._ending() else "the browser does not answer")
            url, found, raw = task.result()
        except Error as error:
            if self._browser is None or not self._browser.is_connected():
                await self.close()
            raise RenderError(f"the page cannot be drawn: {str(error).splitlines()[0]}") from error
        finally:
            task.cancel()
        return Drawn(url, found, f"Chromium/{version}", raw)

    async def _give_up(self, why: str) -> None:
        kill(descendants(self._processes))
        await self.close()
        raise RenderError(why)

    async def _started(self) -> "Browser":
        if self._browser is not None and self._browser.is_connected():
            return self._browser
        from playwright.async_api import Error, async_playwright  # noqa: PLC0415

        await self.close()
        before = children(os.getpid())
        with roomy():
            self._driver = await async_playwright().start()
            self._processes = frozenset(children(os.getpid()) - before)
            try:
                self._browser = await self._driver.chromium.launch(
                    executable_path=self._executable,
                    args=list(ARGUMENTS),
                    chromium_sandbox=os.geteuid() != 0,  # Chromium has none for root
                    handle_sigint=False,
                    handle_sigterm=False,
                    handle_sighup=False,
                )
            except Error as error:
                await self.close()
                raise RenderError(f"{self._executable} does not start: {_cause(error)}") from error
        logger.info("%s %s draws pages", self._executable, self._browser.version)
        return self._browser

    async def _answer(self, asked: Asked) -> Answer:
        """Fetch for a page, scripts once a run."""
        lasting = asked.kind == "script" and asked.method == "GET"
        if lasting and asked.url in self._cached:
            self._cached.move_to_end(asked.url)
            return self._cached[asked.url]
        answer = await self._fetch(asked)
        if lasting and answer.status == 200 and len(answer.body) <= LARGEST_CACHED:
            self._cached[asked.url] = answer
            if len(self._cached) > MOST_CACHED:
                self._cached.popitem(last=False)
        return answer


def _cause(error: Exception) -> str:
    """The line of a browser's last words that says why."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return next((line for line in lines if re.search(r"sandbox|FATAL|error while loading", line)), (lines or ["?"])[0])
