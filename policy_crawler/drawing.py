"""One page in a browser: what it may ask for, and when it has come to rest. See `policy_crawler.rendering`."""

import asyncio
import contextlib
import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urldefrag

from policy_crawler.errors import SourceError

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Page, Request, Route, WebSocketRoute

logger = logging.getLogger(__name__)

MOST_REQUESTS = 60  # of one page; a column needs a dozen
MOST_NAVIGATIONS = 3  # pages that lead on by script, one after another
QUIET = 0.5  # seconds without a request after which a page rests
PATIENCE = 20.0  # seconds without a request or an answer after which what is still open is not waited for (long polls)

_FETCHED = frozenset({"script", "xhr", "fetch"})
_COUNTERS = re.compile(
    r"//(?:[\w-]+\.)*(?:hm\.baidu\.com|cnzz\.com|umeng\.com|51\.la|google-analytics\.com|googletagmanager\.com|gridsumdissector\.com"
    r"|bdstatic\.com/linksubmit|conac\.cn|kaipuyun\.cn|jiathis\.com|bdimg\.com/static/api)/",
    re.IGNORECASE,
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


Fetch = Callable[[Asked], Awaitable[Answer]]
"""Answers a request of a page; any exception of it fails that request and no more."""


class View:
    """One page being drawn."""

    def __init__(self, url: str, html: str, answer: Fetch) -> None:
        self._url = url
        self._html: str | None = html  # until the first navigation took it
        self._answer = answer
        self._requests = 0
        self._navigations = 0
        self._stirred = 0.0  # when it last asked for something or got it, by the loop's clock
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
            if self._waits() or asked != (self._requests, self._navigations):
                continue
            with contextlib.suppress(Exception):  # it is leading on
                state = await asyncio.wait_for(page.evaluate("document.readyState"), max(0.1, end - loop.time()))
                if state != "loading" and not self._waits() and asked == (self._requests, self._navigations):
                    return True
        return self._raw is not None

    def _waits(self) -> bool:
        return bool(self._fetching) and asyncio.get_running_loop().time() - self._stirred < PATIENCE

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
        loop = asyncio.get_running_loop()
        self._stirred = loop.time()
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
        finally:
            self._stirred = loop.time()


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
