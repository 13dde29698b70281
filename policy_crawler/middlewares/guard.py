"""Vets every request before anything else sees it: redirect hops, robots.txt and inline requests too."""

from typing import Any

from scrapy.utils.httpobj import urlparse_cached

from policy_crawler.addresses import is_public, vet_url
from policy_crawler.errors import SourceError
from policy_crawler.network import Refused, assert_guarded

# What the handler and the middlewares note of one hop; redirects and retries copy the meta.
OF_ONE_HOP = ("fetch_at", "fetch_ms", "asked_to_wait", "tls_verified", "truncated", "proxy")


class RequestGuardMiddleware:
    """Refuses URLs that must not be asked, and leads requests through the operator's proxy where there is one.

    A proxy resolves names by itself, where the guarded resolver cannot see; so the names of proxied requests are
    resolved here first, at every hop, and one address that is not public refuses the request. A name that only the
    proxy can resolve is refused too: we cannot tell where it leads."""

    def __init__(self, crawler: Any) -> None:
        self._crawler = crawler
        self._guard: Any = None

    @classmethod
    def from_crawler(cls, crawler: Any) -> "RequestGuardMiddleware":
        return cls(crawler)

    async def process_request(self, request: Any) -> None:
        if self._guard is None:
            self._guard = assert_guarded(self._crawler)
        for name in OF_ONE_HOP:
            request.meta.pop(name, None)
        try:
            vet_url(request.url, allow=self._guard.allow, error=SourceError)
        except SourceError as error:
            raise Refused("url", str(error)) from error
        if self._guard.proxy is None:
            return
        # A proxy that the request itself named was dropped above: crawl.proxy is the operator's.
        await self._vet_name(urlparse_cached(request).hostname or "")
        host, port = self._guard.proxy
        request.meta["proxy"] = f"http://{host}:{port}"

    async def _vet_name(self, host: str) -> None:
        addresses = await self._guard.addresses(host)
        if not addresses:
            raise Refused("address", f"{host} cannot be resolved here, so where the proxy would go is not known")
        bad = [address for address in addresses if not is_public(address, self._guard.allow)]
        if bad:
            raise Refused("address", f"{host} leads to {', '.join(bad)}, not to the public internet")
