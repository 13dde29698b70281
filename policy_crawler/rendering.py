"""Pages that exist only through JavaScript, drawn by the system's Chromium without a network of its own.

The browser asks nobody. Every request of a page is taken from it (`context.route`) and answered by `fetch`, which is
the crawl's own downloader: guard, robots.txt, pauses, connection map, certificates and fetch log hold as for any other
request. What a page could do past that is closed twice: service workers, sockets, downloads and pop-ups are off, and
the browser's only way out is a proxy at a closed port of this machine, for loopback as well, with every name unknown.

scrapy-playwright is not used: its handler lets the browser fetch by itself, past the guard's resolver and the map.

Scripts and their data are fetched; pictures, fonts, media, frames, sockets and visit counters are not, and style sheets
are answered empty, as scripts wait for them. A page that turns out to be a challenge is given back as it came: no
script of it is run to the end, and cookies that scripts set never leave the browser.
"""

import asyncio
import contextlib
import logging
import os
import re
import shutil
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urldefrag

from policy_crawler.descendants import children, descendants, kill, memory_of, roomy
from policy_crawler.errors import OperatorError, SourceError

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Page, Request, Route, WebSocketRoute

logger = logging.getLogger(__name__)

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MOST_REQUESTS = 60  # of one page; a column needs a dozen
MOST_NAVIGATIONS = 3  # pages that lead on by script, one after another
MOST_CACHED = 64  # scripts kept from page to page of a run
LARGEST_CACHED = 2 * 2**20  # bytes
HEAP_MIB = 384  # of a page's scripts
QUIET = 0.5  # seconds
LOOK = 0.25  # seconds between two looks at memory and the end of the crawl

_FETCHED = frozenset({"script", "xhr", "fetch"})
_COUNTERS = re.compile(
    r"//(?:[\w-]+\.)*(?:hm\.baidu\.com|cnzz\.com|umeng\.com|51\.la|google-analytics\.com|googletagmanager\.com|gridsumdissector\.com"
    r"|bdstatic\.com/linksubmit|conac\.cn|kaipuyun\.cn|jiathis\.com|bdimg\.com/static/api)/",
    re.IGNORECASE,
)
# A closed port (discard): what is not intercepted finds no way, not even to this machine.
_ARGUMENTS = (
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
# WebRTC speaks UDP, which no proxy and no interception sees.
_NO_WEBRTC = "for (const n of ['RTCPeerConnection','webkitRTCPeerConnection','RTCDataChannel']) delete window[n];"
_KEPT_HEADERS = frozenset({"accept", "content-type", "x-requested-with", "referer", "origin", "authorization"})
_OWN_HEADER = re.compile(r"(?:sec|accept|upgrade|cache|pragma|user|cookie|host|connection|content|if)-?", re.IGNORECASE)


class RenderError(SourceError):
    """A page could not be drawn: the browser died, took too much memory, or too long."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that a page makes. `kind`: script, xhr, fetch, or document where it leads on."""

    url: str
    method: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None
    kind: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What `fetch` got. `headers` in small letters. `refused`: it is a challenge or another refusal."""

    url: str
    status: int
    headers: dict[str, str]
    body: bytes
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Drawn:
    """A page after its scripts. `url`: where it led; `version`: of the browser. `raw`: a challenge, as it came."""

    url: str
    html: str
    version: str
    raw: Answer | None = None


Fetch = Callable[[Asked], Awaitable[Answer]]
"""Answers a request of a page; any exception of it fails that request and no more."""


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
            view = _View(url, html, self._answer)
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
                    args=list(_ARGUMENTS),
                    chromium_sandbox=os.geteuid() != 0,  # Chromium has none for root
                    handle_sigint=False,
                    handle_sigterm=False,
                    handle_sighup=False,
                )
            except Error as error:
                await self.close()
                raise RenderError(f"{self._executable} does not start: {str(error).splitlines()[0]}") from error
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


class _View:
    """One page being drawn."""

    def __init__(self, url: str, html: str, answer: Fetch) -> None:
        self._url = url
        self._html: str | None = html  # until the first navigation took it
        self._answer = answer
        self._requests = 0
        self._navigations = 0
        self._raw: Answer | None = None
        self._fetching: set[asyncio.Task[Answer]] = set()
        self._context: BrowserContext | None = None

    async def draw(self, browser: "Browser", agent: str, seconds: float) -> tuple[str, str, Answer | None]:
        """(URL, HTML, the challenge it led to) when the page rests, or what there is after `seconds`."""
        from playwright.async_api import Error  # noqa: PLC0415

        self._context = context = await browser.new_context(
            service_workers="block", accept_downloads=False, locale="zh-CN", user_agent=agent or None
        )
        context.set_default_timeout(seconds * 1000)
        await context.add_init_script(_NO_WEBRTC)
        await context.route("**/*", self._on_request)
        await context.route_web_socket("**", _close_socket)
        page = await context.new_page()
        context.on("page", lambda other: asyncio.ensure_future(_close_other(other, page)))
        end = asyncio.get_running_loop().time() + seconds
        try:
            await page.goto(self._url, wait_until="commit")
            if not await self._rest(page, end):
                logger.info("%s does not come to rest within %.0f s; taken as it is", self._url, seconds)
        except Error:
            if self._raw is None:  # leading to a challenge ends the page's own navigation
                raise
        if self._raw is not None:
            return self._raw.url, "", self._raw
        if page.url.startswith("chrome-error:"):
            raise RenderError(f"{self._url}: the browser shows an error of its own")
        return self._url, await page.content(), None

    async def close(self) -> None:
        for task in self._fetching:
            task.cancel()  # what came too late for the page is not waited for
        if self._context is not None:
            with contextlib.suppress(Exception):  # the browser may be gone
                await asyncio.wait_for(self._context.close(), 5)

    async def _rest(self, page: "Page", end: float) -> bool:
        """Wait until the page is read and asked for nothing for QUIET seconds; False when it does not by `end`.

        Its own thread is asked too, since a script that works has yet to ask. (Playwright's "networkidle" never comes
        where a page tried to lead on and was not let.)"""
        loop = asyncio.get_running_loop()
        while loop.time() < end and self._raw is None:
            asked = (self._requests, self._navigations)
            await asyncio.sleep(QUIET)
            if self._fetching or asked != (self._requests, self._navigations):
                continue
            with contextlib.suppress(Exception):  # it is leading on
                state = await asyncio.wait_for(page.evaluate("document.readyState"), max(0.1, end - loop.time()))
                if state != "loading" and not self._fetching and asked == (self._requests, self._navigations):
                    return True
        return self._raw is not None

    async def _on_request(self, route: "Route", request: "Request") -> None:
        from playwright.async_api import Error  # noqa: PLC0415

        try:
            if request.resource_type == "stylesheet":
                await route.fulfill(status=200, content_type="text/css", body="")
            elif request.is_navigation_request():
                await self._navigate(route, request)
            elif request.resource_type not in _FETCHED or _COUNTERS.search(request.url):
                await route.abort("blockedbyclient")
            else:
                await self._serve(route, request)
        except Error:  # the page went on, or the browser ended, while we fetched for it
            logger.debug("%s: nobody waits for %s any more", self._url, request.url)

    async def _navigate(self, route: "Route", request: "Request") -> None:
        if request.frame.parent_frame is not None:
            await route.abort("blockedbyclient")  # the list of a frame is read from the frame itself
            return
        if self._html is not None:
            html, self._html = self._html, None
            await route.fulfill(status=200, content_type="text/html; charset=utf-8", body=html)
            return
        self._navigations += 1
        answer = None
        # 204 leaves the page as it is; with an error the browser would show a page of its own, or stop reading.
        if self._navigations <= MOST_NAVIGATIONS and request.method == "GET":
            answer = await self._fetched(request, "document")
        if answer is None:
            await route.fulfill(status=204)
        elif answer.refused:
            self._raw = answer
            await route.fulfill(status=204)
        else:
            self._url = answer.url
            await route.fulfill(status=answer.status, headers=_shown(answer), body=answer.body)

    async def _serve(self, route: "Route", request: "Request") -> None:
        answer = await self._fetched(request, request.resource_type)
        if answer is None:
            await route.abort("failed")
        else:
            await route.fulfill(status=answer.status, headers=_shown(answer), body=answer.body)

    async def _fetched(self, request: "Request", kind: str) -> Answer | None:
        self._requests += 1
        if self._requests > MOST_REQUESTS:
            logger.info("%s asks for more than %d files; %s is not fetched", self._url, MOST_REQUESTS, request.url)
            return None
        headers = await request.all_headers()
        asked = Asked(
            urldefrag(request.url).url, request.method, _sent(headers), request.post_data_buffer or None, kind
        )
        task = asyncio.ensure_future(self._answer(asked))
        self._fetching.add(task)
        task.add_done_callback(self._fetching.discard)
        try:
            return await task
        except asyncio.CancelledError:
            return None
        except Exception as error:  # refused, unreachable, too large: as a browser sees a failed request
            logger.info("%s: %s of the page is not to be had: %s", self._url, asked.url, error)
            return None


def _sent(headers: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """The headers of a page's request that mean something to its server: those that scripts set, and where it is
    from. Cookies are the crawl's own."""
    return tuple(
        (name, value)
        for name, value in headers.items()
        if name in _KEPT_HEADERS or not (_OWN_HEADER.match(name) or name.startswith(":"))
    )


def _shown(answer: Answer) -> dict[str, str]:
    """The headers of an answer that the browser needs: its type, and who may read it."""
    return {
        name: value
        for name, value in answer.headers.items()
        if name == "content-type" or name.startswith("access-control-")
    }


async def _close_socket(socket: "WebSocketRoute") -> None:
    await socket.close()


async def _close_other(other: "Page", own: "Page") -> None:
    if other is not own:
        with contextlib.suppress(Exception):
            await other.close()
