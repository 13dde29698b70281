"""Scrapy's HTTP/1.1 handler with what it lacks: certificates checked, headers bounded, holds kept, time taken.

It takes the place of `scrapy.core.downloader.handlers.http11.HTTP11DownloadHandler` for http and https, and every
request passes through it once. (Twisted repeats one by itself when a kept-alive connection turns out to be closed.)
After a request, its meta holds

    fetch_at         when it was sent (aware, UTC)
    fetch_ms         milliseconds until the answer was complete or failed
    asked_to_wait    seconds the answer asks us to leave the host alone (429, 503), or None
    tls_verified     True, False (the source's tls_exception let an unverified certificate pass), None (plain http)

DOWNLOAD_TIMEOUT is the whole time an answer may take from connecting to its last byte, not an idle time (Scrapy 2.19
cancels the request when it is over, also while bytes drip in). DOWNLOAD_MAXSIZE bounds the body.
"""

from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from OpenSSL import SSL
from scrapy.core.downloader.contextfactory import _get_creator_context, _ScrapyClientContextFactory
from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
)
from scrapy.exceptions import CannotResolveHostError, DownloadCancelledError, DownloadFailedError, ResponseDataLossError
from scrapy.utils.httpobj import urlparse_cached
from twisted.internet.ssl import Certificate, optionsForClientTLS, platformTrust, trustRootFromCertificates
from twisted.python.failure import Failure
from twisted.web._newclient import HEADER, STATUS

from policy_crawler import connections
from policy_crawler.middlewares.holds import Holds
from policy_crawler.network import Refused, guard_of

# Status line and headers of one answer, interim answers included. Scrapy has no limit: 200 MB were taken (2.19).
# One line is bounded by Twisted itself, at 16 KiB.
MOST_HEADER_BYTES = 256 * 1024

OP_LEGACY_SERVER_CONNECT = 0x4  # servers without RFC 5746, still common on government sites; Scrapy allows them too


class TlsError(DownloadFailedError):  # type: ignore[misc]
    """The server's certificate or protocol is not acceptable. Not retried: it does not pass by itself."""


class HeadersTooLongError(Exception):
    """More header bytes than MOST_HEADER_BYTES."""


class GuardedHandler(HTTP11DownloadHandler):  # type: ignore[misc]
    """Downloads http and https through the guard. Without the guard it cannot be made, and so nothing is asked."""

    def __init__(self, crawler: Any) -> None:
        super().__init__(crawler)
        self._guard = guard_of(crawler)
        self._holds = Holds.of(crawler)
        self._contextFactory = TlsPolicy.from_crawler(crawler)
        self._pool._factory = _BoundedFactory  # noqa: SLF001 (Scrapy sets its own so)

    async def download_request(self, request: Any) -> Any:
        host = urlparse_cached(request).hostname or ""
        async with self._holds.turn(host):
            await self._holds.wait(host)
            try:
                response = await self._download(request, host)
            except (Refused, ResponseDataLossError):  # it answered, if not well
                self._holds.answered(host)
                raise
            except Exception:
                self._holds.failed(host)
                raise
            self._holds.answered(host)
            return response

    async def _download(self, request: Any, host: str) -> Any:
        secure = urlparse_cached(request).scheme == "https"
        request.meta["tls_verified"] = host not in self._contextFactory.exempt if secure else None
        request.meta["fetch_at"] = self._holds.clock.now()
        started = monotonic()
        try:
            response = await super().download_request(request)
        except CannotResolveHostError as error:
            if refused := self._guard.refusals.get(host):
                raise Refused("address", f"{host} leads to {refused}, not to the public internet") from error
            raise
        except DownloadCancelledError as error:
            limit = request.meta.get("download_maxsize", self._default_maxsize)
            raise Refused("size", f"the answer is larger than {limit} bytes") from error
        except DownloadFailedError as error:
            raise _explained(error) from error
        finally:
            request.meta["fetch_ms"] = round((monotonic() - started) * 1000)
        wait = self._holds.heed(host, response, request.meta.get("retry_times", 0))
        request.meta["asked_to_wait"] = wait.total_seconds() if wait is not None else None
        return response


def _explained(error: Exception) -> Exception:
    """The failure by its cause, where the cause is one we know."""
    causes = [failure.value for failure in getattr(error.__cause__, "reasons", ())]
    for cause in causes:
        if isinstance(cause, HeadersTooLongError):
            return Refused("size", str(cause))
        if isinstance(cause, SSL.Error) or type(cause).__module__.startswith("service_identity"):
            return TlsError(_tls_reason(cause))
    said = "; ".join(str(cause) or type(cause).__name__ for cause in causes) or str(error)
    explained: Exception = DownloadFailedError(said)
    return explained


def _tls_reason(cause: Exception) -> str:
    """OpenSSL's own words: SSL.Error carries [(library, function, reason), …]."""
    if isinstance(cause, SSL.Error) and cause.args and cause.args[0]:
        said = "; ".join(part[-1] for part in cause.args[0])
        meant = ": it is expired, or no known authority signed it" if said == "certificate verify failed" else ""
        return f"TLS: {said}{meant}"
    return f"TLS: the certificate is for another host ({type(cause).__name__}: {cause})"


class TlsPolicy(_ScrapyClientContextFactory):  # type: ignore[misc]
    """Verifies every certificate against the platform's roots, or the connection map's CA while one is active.

    `exempt` hosts are connected to whatever they present: the site of a source with a `tls_exception`, no other."""

    def __init__(self, *args: Any, exempt: frozenset[str] = frozenset(), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.exempt = exempt
        connection_map = connections.active()
        ca = connection_map.ca if connection_map else None
        self._roots = trustRootFromCertificates([Certificate.loadPEM(ca.read_bytes())]) if ca else platformTrust()
        self._creators: dict[str, Any] = {}

    @classmethod
    def from_crawler(cls, crawler: Any, *args: Any, **kwargs: Any) -> Any:
        return super().from_crawler(crawler, *args, exempt=tls_exceptions(crawler), **kwargs)

    def creatorForNetloc(self, hostname: bytes, port: int) -> Any:  # noqa: N802 (Twisted's interface)
        name = hostname.decode("ascii")
        if name not in self._creators:
            self._verify_certificates = name not in self.exempt
            self._creators[name] = self._verifying(name) if self._verify_certificates else self._lenient(hostname, port)
        return self._creators[name]

    def _verifying(self, name: str) -> Any:
        options = self._get_cert_options_kwargs()
        creator = optionsForClientTLS(name, trustRoot=self._roots, extraCertificateOptions=options)
        _get_creator_context(creator).set_options(OP_LEGACY_SERVER_CONNECT)
        return creator

    def _lenient(self, hostname: bytes, port: int) -> Any:
        return super().creatorForNetloc(hostname, port)


def tls_exceptions(crawler: Any) -> frozenset[str]:
    """The hosts whose certificates are not verified: that of the spider's source, where it states an exception."""
    source = getattr(crawler.spider, "source", None)
    if source is None or not source.tls_exception:
        return frozenset()
    return frozenset(filter(None, (source.site, urlsplit(source.list_url).hostname)))


class _BoundedProtocol(_LenientHTTP11ClientProtocol):  # type: ignore[misc]
    """Gives up an answer whose headers do not end within MOST_HEADER_BYTES (plus one read of the socket)."""

    _header_bytes = 0

    def request(self, request: Any) -> Any:
        self._header_bytes = 0
        return super().request(request)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 (Twisted's interface)
        super().dataReceived(data)
        if self._parser is None or self._parser.state not in (STATUS, HEADER):
            return
        self._header_bytes += len(data)
        if self._header_bytes > MOST_HEADER_BYTES:
            transport = self.transport
            self._giveUp(Failure(HeadersTooLongError(f"the headers are longer than {MOST_HEADER_BYTES} bytes")))
            transport.abortConnection()


class _BoundedFactory(_LenientHTTP11ClientFactory):  # type: ignore[misc]
    def buildProtocol(self, addr: Any) -> Any:  # noqa: N802 (Twisted's interface)
        return _BoundedProtocol(self._quiescentCallback)
