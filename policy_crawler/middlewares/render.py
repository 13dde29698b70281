"""Draws pages by a browser, between their answer and the spider: of sources with `render = true`, and of previews that
ask for it (`meta["render"]`)."""

import asyncio
import re
from typing import Any

from scrapy import Request, signals
from scrapy.exceptions import DownloadFailedError
from scrapy.http import HtmlResponse
from scrapy.http.request import NO_CALLBACK

from policy_crawler.drawing import Answer, Asked, RenderError
from policy_crawler.errors import OperatorError
from policy_crawler.reading import decode, is_refusal
from policy_crawler.reading.model import PageState
from policy_crawler.rendering import Renderer, require

MARK = "X-Policy-Crawler-Rendered"
"""Header of a drawn page's snapshot: what drew it. Its body is what scripts had made of the page that was sent."""

PURPOSE = "script"
"""In the fetch log: asked for by a page while it was drawn."""

_PAGES = frozenset({"listing", "document", "recheck"})
_OF_THE_SENT_PAGE = ("ETag", "Last-Modified", "Content-Encoding", "Content-Length", "Transfer-Encoding", "Content-MD5")
_HTML = re.compile(rb"html", re.IGNORECASE)
_FIRST = 500  # priority: a page waits for it


class RenderMiddleware:
    """Does nothing to requests that need not be drawn, and starts the browser with the first that must.

    Lists and documents are drawn, files are not. A page that refuses us (a challenge, a login, another status than 200)
    goes to the spider as it came. What a drawn page asks for passes all middlewares as any request does. Whether it
    changed cannot be asked, since the page as sent may stay as it is while its data change."""

    def __init__(self, crawler: Any) -> None:
        self._crawler = crawler
        self._largest = crawler.settings.getint("DOWNLOAD_MAXSIZE")
        self._renderer: Renderer | None = None
        source = getattr(crawler.spider, "source", None)
        self._all = source is not None and source.render
        if self._all:
            self._make_renderer()  # a crawl that cannot draw does not begin
        crawler.signals.connect(self._close, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Any) -> "RenderMiddleware":
        """Raises OperatorError where a source needs the extra or the browser and it is missing."""
        return cls(crawler)

    def _make_renderer(self) -> Renderer:
        if self._renderer is None:
            settings = self._crawler.settings
            self._renderer = Renderer(
                require(settings.get("POLICY_BROWSER") or ""),
                self._fetch,
                agent=settings.get("USER_AGENT"),
                seconds=settings.getfloat("POLICY_BROWSER_SECONDS"),
                memory_mib=settings.getint("POLICY_BROWSER_MIB"),
                ending=self._ending,
            )
        return self._renderer

    async def process_request(self, request: Any) -> None:
        if self._is_drawn(request):
            request.meta["conditional"] = False

    async def process_response(self, request: Any, response: Any) -> Any:
        if not self._is_drawn(request) or response.status != 200 or not _HTML.search(_type(response)):
            return response
        if _refuses(response):
            return response
        text, _ = decode(response.body, _type(response).decode("latin-1"))
        fragment = request.url.partition("#")[2]
        url = f"{response.url}#{fragment}" if fragment and "#" not in response.url else response.url
        try:
            drawn = await self._make_renderer().draw(url, text)
        except (RenderError, OperatorError) as error:
            raise DownloadFailedError(f"rendering: {error}") from error
        if drawn.raw is not None:
            return response.replace(
                url=drawn.raw.url, body=drawn.raw.body, status=drawn.raw.status, headers=drawn.raw.headers
            )
        body = drawn.html.encode()
        if len(body) > self._largest:
            raise DownloadFailedError(f"rendering: the drawn page has {len(body)} bytes, at most {self._largest}")
        headers = response.headers.copy()
        for name in _OF_THE_SENT_PAGE:
            headers.pop(name, None)
        headers["Content-Type"] = "text/html; charset=utf-8"
        headers[MARK] = drawn.version
        return HtmlResponse(
            drawn.url.partition("#")[0],
            status=200,
            headers=headers,
            body=body,
            encoding="utf-8",
            flags=[*response.flags, "rendered"],
            request=request,
            certificate=response.certificate,
            ip_address=response.ip_address,
            protocol=response.protocol,
        )

    def _is_drawn(self, request: Any) -> bool:
        meta = request.meta
        return (
            (self._all or bool(meta.get("render")))
            and request.method == "GET"
            and meta.get("purpose", "document") in _PAGES
        )

    async def _fetch(self, asked: Asked) -> Answer:
        request = Request(
            asked.url,
            method=asked.method,
            headers=dict(asked.headers),
            body=asked.body or b"",
            callback=NO_CALLBACK,
            priority=_FIRST,
            dont_filter=True,
            meta={"purpose": PURPOSE},
        )
        response = await self._crawler.engine.download_async(request)
        headers = {
            name.decode("latin-1").lower(): b", ".join(values).decode("latin-1")
            for name, values in response.headers.items()
        }
        refused = asked.kind == "document" and (response.status != 200 or _refuses(response))
        return Answer(response.url, response.status, headers, response.body, refused)

    def _ending(self) -> bool:
        engine = self._crawler.engine
        slot = engine._slot if engine is not None else None  # noqa: SLF001 (Scrapy has no signal for it)
        return slot is None or slot.closing is not None

    async def _close(self) -> None:
        if self._renderer is not None:
            await asyncio.shield(self._renderer.close())


def _type(response: Any) -> bytes:
    found: bytes | None = response.headers.get("Content-Type")
    return b"text/html" if found is None and response.body.lstrip()[:1] == b"<" else found or b""


def _refuses(response: Any) -> bool:
    """Whether an answer is a challenge or a login: such pages are read as they are, and no script of them is run."""
    state, _ = is_refusal(response.body, response.url, _type(response).decode("latin-1"), response.status)
    return state in {PageState.BLOCKED, PageState.LOGIN}
