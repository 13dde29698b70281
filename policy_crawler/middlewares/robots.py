"""Obeys robots.txt (RFC 9309), also when many requests ask at once.

Scrapy's own middleware let 6 of 8 first requests through a `Disallow: /` and took a failing robots.txt as leave to
fetch everything (2.19)."""

import asyncio
import logging
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from protego import Protego
from scrapy import Request
from scrapy.http.request import NO_CALLBACK

from policy_crawler.middlewares.politeness import raise_delay
from policy_crawler.network import Refused

logger = logging.getLogger(__name__)

MOST_BYTES = 512 * 1024  # RFC 9309 §2.5: at least 500 KiB must be read
FIRST = 1000  # priority: nothing of a host can be asked before


@dataclass(frozen=True, slots=True)
class Rules:
    """What robots.txt of one scheme, host and port says. `refusal` is (reason, message) when it could not be had."""

    parsed: Any = None  # None: everything is allowed
    refusal: tuple[str, str] | None = None


class RobotsMiddleware:
    """One fetch of robots.txt per scheme, host and port; everybody waits for it.

    4xx: allowed. 5xx, 429, no answer: refused for this run. More than five redirects: allowed, as if it were not
    there (§2.3.1.2). The first 512 KiB count. Crawl-delay is kept, up to 30 s."""

    def __init__(self, crawler: Any) -> None:
        self._crawler = crawler
        self._agent: str = crawler.settings.get("ROBOTSTXT_USER_AGENT") or crawler.settings["USER_AGENT"]
        self._rules: dict[str, asyncio.Task[Rules]] = {}

    @classmethod
    def from_crawler(cls, crawler: Any) -> "RobotsMiddleware":
        return cls(crawler)

    async def process_request(self, request: Any) -> None:
        if request.meta.get("purpose") == "robots":
            return
        parts = urlsplit(request.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._rules:
            # A task of its own: it goes on, and answers all who wait, also when the first of them is cancelled.
            self._rules[origin] = asyncio.ensure_future(self._fetch(origin))
        rules = await asyncio.shield(self._rules[origin])
        if rules.refusal is not None:
            raise Refused(*rules.refusal)
        if rules.parsed is None:
            return
        if not rules.parsed.can_fetch(request.url, self._agent):
            raise Refused("robots", f"{origin}/robots.txt disallows {request.url}")
        if delay := rules.parsed.crawl_delay(self._agent):
            raise_delay(self._crawler, request, float(delay))

    async def _fetch(self, origin: str) -> Rules:
        url = f"{origin}/robots.txt"
        request = Request(url, callback=NO_CALLBACK, priority=FIRST, dont_filter=True, meta={"purpose": "robots"})
        try:
            response = await self._crawler.engine.download_async(request)
        except Refused as error:
            if error.reason == "redirect":
                return Rules()
            kept = error.reason in ("held", "address", "url")
            return Rules(refusal=(error.reason if kept else "unreachable", f"{url}: {error}"))
        except Exception as error:  # whatever the network does: no rules, no crawl
            logger.warning("%s could not be had (%s: %s): nothing of it is crawled", url, type(error).__name__, error)
            return Rules(refusal=("unreachable", f"{url} could not be had: {type(error).__name__}: {error}"))
        if response.status >= 500 or response.status == 429:
            logger.warning("%s answered %d: nothing of it is crawled", url, response.status)
            return Rules(refusal=("unreachable", f"{url} answered {response.status}"))
        if response.status >= 300:
            return Rules()
        return Rules(parsed=Protego.parse(decode_robots(response.body)))


def decode_robots(body: bytes) -> str:
    """The rules as text. UTF-8 is the standard's charset; bytes of another one stand in comments and paths, and a
    rule must not be lost to them."""
    body = body[:MOST_BYTES]
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return body.decode("utf-16", "replace")
    return body.decode("utf-8-sig", "replace")
