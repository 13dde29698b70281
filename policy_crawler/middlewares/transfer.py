"""Redirects, time limits, compression and cookies: Scrapy's own middlewares where they let too much through."""

import logging
import struct
from collections.abc import Callable
from typing import Any

from scrapy.downloadermiddlewares import cookies
from scrapy.downloadermiddlewares.cookies import CookiesMiddleware
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.downloadermiddlewares.redirect import MetaRefreshMiddleware, RedirectMiddleware
from scrapy.exceptions import DownloadFailedError, IgnoreRequest
from scrapy.utils.httpobj import urlparse_cached
from tldextract import TLDExtract

from policy_crawler.middlewares.fetchlog import log_fetch
from policy_crawler.network import Refused

logger = logging.getLogger(__name__)

# Headers that may follow a redirect to another origin. Scrapy drops Authorization and Cookie only; keys that sites
# invent (X-Api-Key) would leak.
HARMLESS_HEADERS = frozenset(
    name.encode()
    for name in ("Accept", "Accept-Language", "Accept-Encoding", "User-Agent", "Cache-Control", "Pragma", "Referer")
)
LONGEST_REFRESH = 5  # seconds of a meta refresh that is followed
ATTACHMENT_TIMES = 4  # how many times DOWNLOAD_TIMEOUT a file may take
PORTS = {"http": 80, "https": 443}


class TimeLimitMiddleware:
    """Gives files more time than pages: DOWNLOAD_TIMEOUT is for the whole answer, and a scan of 20 MiB comes at the
    200 kB/s of a slow site in 100 seconds."""

    def __init__(self, crawler: Any) -> None:
        self._seconds = ATTACHMENT_TIMES * crawler.settings.getfloat("DOWNLOAD_TIMEOUT")

    @classmethod
    def from_crawler(cls, crawler: Any) -> "TimeLimitMiddleware":
        return cls(crawler)

    async def process_request(self, request: Any) -> None:
        if request.meta.get("purpose") == "attachment":
            request.meta.setdefault("download_timeout", self._seconds)


class _Careful:
    """What both redirecting middlewares add to Scrapy's: nothing private follows to another origin, no cookie goes
    from https to http, and a target that was seen before is still fetched for the page that leads to it."""

    crawler: Any

    def _build_redirect_request(self, source_request: Any, response: Any, *, url: str, **kwargs: Any) -> Any:
        try:
            redirected = super()._build_redirect_request(source_request, response, url=url, **kwargs)  # type: ignore[misc]
        except ValueError as error:  # Scrapy's Request takes no "javascript:alert(1)"
            raise self._refused(source_request, f"a redirect to {url[:200]!r}, which is no URL") from error
        here, there = urlparse_cached(source_request), urlparse_cached(redirected)
        origins = [(p.scheme, p.hostname, p.port or PORTS.get(p.scheme)) for p in (here, there)]
        if origins[0] != origins[1]:
            for name in [name for name in redirected.headers if name not in HARMLESS_HEADERS]:
                if name != b"Content-Type" or not redirected.body:
                    del redirected.headers[name]
        if here.scheme == "https" and there.scheme == "http":
            redirected.meta["dont_merge_cookies"] = True
            redirected.headers.pop("Cookie", None)
        return redirected

    def _redirect(self, redirected: Any, request: Any, reason: Any) -> Any:
        if redirected.body and urlparse_cached(redirected).hostname != urlparse_cached(request).hostname:
            raise self._refused(request, f"a redirect would send the request's body to {redirected.url}")
        try:
            following = super()._redirect(redirected, request, reason)  # type: ignore[misc]
        except IgnoreRequest as error:
            hops = len(request.meta.get("redirect_urls", ()))
            raise self._refused(request, f"more than {hops} redirects, the last to {redirected.url}") from error
        following.dont_filter = True  # Scrapy's filter would drop a known target and the page would never answer
        return following

    def _refused(self, request: Any, message: str) -> Refused:
        refused = Refused("redirect", message)
        log_fetch(self.crawler, request, error=refused)
        return refused


class CarefulRedirectMiddleware(_Careful, RedirectMiddleware):  # type: ignore[misc]
    """Redirects by status."""


class CarefulMetaRefreshMiddleware(_Careful, MetaRefreshMiddleware):  # type: ignore[misc]
    """Redirects by `<meta http-equiv="refresh">`, where the page is only a gate: Scrapy follows up to 100 seconds, and
    would run in circles on a list that reloads itself every minute."""

    def __init__(self, settings: Any) -> None:
        super().__init__(settings)
        self._maxdelay = LONGEST_REFRESH


class BoundedCompressionMiddleware(HttpCompressionMiddleware):  # type: ignore[misc]
    """Decompresses up to DOWNLOAD_MAXSIZE, and says so when a body is larger, broken or cut short."""

    crawler: Any

    @classmethod
    def from_crawler(cls, crawler: Any) -> "BoundedCompressionMiddleware":
        middleware: BoundedCompressionMiddleware = super().from_crawler(crawler)
        middleware.crawler = crawler
        return middleware

    def process_response(self, request: Any, response: Any) -> Any:
        codings = b",".join(response.headers.getlist("Content-Encoding")).lower()
        try:
            decoded = super().process_response(request, response)
        except IgnoreRequest as error:
            refused = Refused("size", f"the answer is larger than {self._max_size} bytes when decompressed")
            log_fetch(self.crawler, request, error=refused)
            raise refused from error
        except Exception as error:  # each codec has its own errors: zlib.error, brotli.error, ZstdError, OSError
            failed = DownloadFailedError(f"the body is no valid {codings.decode('latin-1')}: {error}")
            log_fetch(self.crawler, request, error=failed)
            raise failed from error
        if codings in (b"gzip", b"x-gzip") and _gzip_is_cut(response.body, decoded.body):
            decoded.flags.append("partial")
        return decoded


def _gzip_is_cut(packed: bytes, unpacked: bytes) -> bool:
    """Scrapy gives what it could unpack of a cut stream without a word. A whole one ends with its length."""
    return len(packed) < 18 or struct.unpack("<I", packed[-4:])[0] != len(unpacked) & 0xFFFFFFFF


def looks_cut(response: Any) -> bool:
    """Whether the body was cut short.

    A body whose end was only told by closing the connection is flagged `partial` by Scrapy, whole or not; it is taken
    as whole when it ends as its kind ends. (A body shorter than its Content-Length or without its last chunk fails
    before it comes here.)"""
    if "partial" not in response.flags and "dataloss" not in response.flags:
        return False
    body: bytes = response.body
    for start, is_whole in _BINARY_ENDS:
        if body.startswith(start):
            return not is_whole(body)
    tail = body[-1024:].rstrip().lower()
    kind = (response.headers.get("Content-Type") or b"").split(b";")[0].strip().lower()
    if kind.endswith((b"json", b"javascript")):
        return not tail.endswith((b"}", b"]", b")", b";"))
    if kind.endswith(b"xml") and not kind.endswith(b"html+xml"):
        return not tail.endswith(b">")
    if b"html" in kind or body[:512].lstrip().startswith(b"<"):
        return b"</html" not in tail
    return True


# How files begin, and how one can tell that they are whole. Names and types of files lie too often to go by.
_BINARY_ENDS: tuple[tuple[bytes, Callable[[bytes], bool]], ...] = (
    (b"%PDF", lambda body: b"%%EOF" in body[-1024:]),
    (b"PK\x03\x04", lambda body: b"PK\x05\x06" in body[-65557:]),  # docx, xlsx, ofd, zip: the directory is last
    (b"\xd0\xcf\x11\xe0", lambda body: len(body) % 512 == 0),  # doc, xls, wps: whole sectors
    (b"\xff\xd8\xff", lambda body: body.rstrip(b"\x00\r\n").endswith(b"\xff\xd9")),  # JPEG
    (b"\x89PNG", lambda body: b"IEND" in body[-16:]),
)


class OfflineCookiesMiddleware(CookiesMiddleware):  # type: ignore[misc]
    """Scrapy's cookies with the public-suffix list that tldextract ships. Scrapy's own extractor downloads the list
    from two hosts at the first cookie that names a domain, outside the guard and blocking the crawl."""

    @classmethod
    def from_crawler(cls, crawler: Any) -> "OfflineCookiesMiddleware":
        cookies._split_domain = TLDExtract(  # noqa: SLF001 (a module's global is the only way in)
            include_psl_private_domains=True, suffix_list_urls=(), cache_dir=None
        )
        middleware: OfflineCookiesMiddleware = super().from_crawler(crawler)
        return middleware
