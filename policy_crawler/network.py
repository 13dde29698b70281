"""The guard at the connection: a crawl reaches public addresses only, whatever a page, a redirect or a name says.

Every URL is vetted as text (`vet_url`); every name is resolved by `GuardedResolver`, which passes on public addresses
only, and the address it passes on is the one connected to, so a name cannot change between check and use. It sees IP
literals in every spelling and every hop of a redirect. It must be named in the process's settings, because Scrapy
ignores the resolver in a spider's `custom_settings`, and it guards only handlers that connect through the reactor:

    TWISTED_DNS_RESOLVER = network.RESOLVER
    DOWNLOAD_HANDLERS = network.HANDLERS
    DOWNLOADER_MIDDLEWARES = middlewares.DOWNLOADER_MIDDLEWARES
    HTTPPROXY_ENABLED = False            # HTTP_PROXY of the environment would lead around the guard
    RETRY_ENABLED = False                # PolitenessMiddleware retries
    ROBOTSTXT_OBEY = False               # RobotsMiddleware obeys; this setting names Scrapy's own, which is racy
    DOWNLOAD_VERIFY_CERTIFICATES = True
    REDIRECT_MAX_TIMES = 5
    HTTPERROR_ALLOW_ALL = True           # 304, 403, 404, 5xx reach the callback, which tells the archive
    POLICY_ALLOW_NETWORKS = config.crawl.allow_networks
    POLICY_PROXY = config.crawl.proxy

An extension calls `assert_guarded(crawler)` when it is made: it raises OperatorError when any of these is not so.
The handler and the first middleware of the list also check for themselves, so a crawl without the guard asks nobody.
"""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

from scrapy.exceptions import IgnoreRequest
from scrapy.utils.misc import load_object
from twisted.internet.interfaces import IHostnameResolver, IResolutionReceiver
from zope.interface import implementer

from policy_crawler import connections
from policy_crawler.addresses import LONGEST_URL, Network, is_public, networks, vet_url
from policy_crawler.errors import OperatorError

__all__ = [
    "HANDLERS",
    "LONGEST_URL",
    "RESOLVER",
    "GuardedResolver",
    "Refused",
    "assert_guarded",
    "guard_of",
    "is_public",
    "networks",
    "vet_url",
]

RESOLVER = "policy_crawler.network.GuardedResolver"
HANDLERS: dict[str, str | None] = {
    "http": "policy_crawler.handler.GuardedHandler",
    "https": "policy_crawler.handler.GuardedHandler",
    # None turns Scrapy's own handlers off: URLs come from pages and users.
    "file": None,
    "data": None,
    "ftp": None,
    "s3": None,
}


class Refused(IgnoreRequest):  # type: ignore[misc]
    """A request that we did not make, or whose answer we did not take. `reason` is a word the run counts by:

    robots (robots.txt disallows it), unreachable (robots.txt could not be had, or
    the host is down), held (the host asked us to wait),
    url (its text), address (its name leads to no public address), redirect (a loop, or a hop that must not be made),
    size (larger than allowed), unchanged (304 to a question that was not conditional)."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@implementer(IHostnameResolver)
class GuardedResolver:
    """Passes on only the public addresses of a name. `refusals` keeps why a name had none, for the fetch log."""

    def __init__(self, reactor: Any, allow: Iterable[str] = (), proxy: str = "") -> None:
        self._reactor = reactor
        connections.install(reactor)
        below = reactor.nameResolver
        self.below: Any = below.below if isinstance(below, GuardedResolver) else below
        self.allow: tuple[Network, ...] = networks(allow)
        self.proxy = proxy_address(proxy)
        self.refusals: dict[str, str] = {}

    @classmethod
    def from_crawler(cls, crawler: Any, reactor: Any) -> "GuardedResolver":
        """Scrapy passes its process, which has settings as a crawler has."""
        return cls(
            reactor, crawler.settings.getlist("POLICY_ALLOW_NETWORKS"), crawler.settings.get("POLICY_PROXY") or ""
        )

    def install_on_reactor(self) -> None:
        """Called by Scrapy before the reactor runs."""
        self._reactor.installNameResolver(self)

    def resolveHostName(  # noqa: N802 (Twisted's interface)
        self,
        resolutionReceiver: Any,  # noqa: N803
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        addressTypes: Sequence[Any] | None = None,  # noqa: N803
        transportSemantics: str = "TCP",  # noqa: N803
    ) -> Any:
        # The proxy is the operator's word, also where it stands on this machine. What goes through it is vetted by
        # RequestGuardMiddleware. Twisted's tunnel asks for it with port 0.
        exempt = self.proxy is not None and hostName == self.proxy[0] and portNumber in (0, self.proxy[1])
        receiver = resolutionReceiver if exempt else _PublicOnly(resolutionReceiver, hostName, self)
        return self.below.resolveHostName(receiver, hostName, portNumber, addressTypes, transportSemantics)

    async def addresses(self, host: str) -> list[str]:
        """The addresses of `host`, public or not, for requests that a proxy will resolve for itself."""
        collector = _Collector()
        self.below.resolveHostName(collector, host)
        return await collector.found


@implementer(IResolutionReceiver)
class _PublicOnly:
    """Stands between the resolver and its receiver and holds back what is not public."""

    def __init__(self, receiver: Any, host: str, guard: GuardedResolver) -> None:
        self._receiver, self._host, self._guard = receiver, host, guard
        self._passed = False
        self._refused: list[str] = []

    def resolutionBegan(self, resolution: Any) -> None:  # noqa: N802 (Twisted's interface)
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:  # noqa: N802
        if is_public(address.host.partition("%")[0], self._guard.allow):
            self._passed = True
            self._receiver.addressResolved(address)
        else:
            self._refused.append(address.host)

    def resolutionComplete(self) -> None:  # noqa: N802
        if self._refused and not self._passed:
            self._guard.refusals[self._host] = ", ".join(self._refused)
        else:
            self._guard.refusals.pop(self._host, None)
        self._receiver.resolutionComplete()


@implementer(IResolutionReceiver)
class _Collector:
    def __init__(self) -> None:
        self.found: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()
        self._addresses: list[str] = []

    def resolutionBegan(self, resolution: Any) -> None:  # noqa: N802
        pass

    def addressResolved(self, address: Any) -> None:  # noqa: N802
        self._addresses.append(address.host.partition("%")[0])

    def resolutionComplete(self) -> None:  # noqa: N802
        if not self.found.done():
            self.found.set_result(self._addresses)


def proxy_address(proxy: str) -> tuple[str, int] | None:
    """(host, port) of the operator's proxy; None when there is none. Raises OperatorError when it is no
    'http://host:port'."""
    if not proxy:
        return None
    try:
        parts = urlsplit(proxy)
        if parts.scheme == "http" and parts.hostname and parts.port and "@" not in parts.netloc:
            return parts.hostname, parts.port
    except ValueError:
        pass
    raise OperatorError(f"crawl.proxy: expected 'http://host:port', found {proxy!r}")


def guard_of(crawler: Any) -> GuardedResolver:
    """The resolver that guards the running reactor. Raises OperatorError when another one is installed."""
    from twisted.internet import reactor  # noqa: PLC0415 (importing it installs one)

    installed: Any = reactor.nameResolver
    if not isinstance(installed, GuardedResolver):
        raise OperatorError(
            f"the guard against private addresses is inactive: expected TWISTED_DNS_RESOLVER = {RESOLVER!r} in the "
            f"settings of the process (a spider's custom_settings cannot set it), found {type(installed).__name__}"
        )
    return installed


def assert_guarded(crawler: Any) -> GuardedResolver:
    """The guard of this crawl. Raises OperatorError that says what is missing and where it belongs when the crawl
    would go without."""
    from policy_crawler import handler, middlewares  # noqa: PLC0415 (they import this module)

    settings = crawler.settings
    if not settings.getbool("TWISTED_REACTOR_ENABLED"):
        raise OperatorError("the guard is inactive: TWISTED_REACTOR_ENABLED is off, so names are resolved elsewhere")
    for scheme, path in settings.getwithbase("DOWNLOAD_HANDLERS").items():
        expected = HANDLERS.get(scheme)
        if path is None and expected is None:
            continue
        if expected is None or path is None or not issubclass(load_object(path), handler.GuardedHandler):
            raise OperatorError(
                f"the guard is inactive: DOWNLOAD_HANDLERS[{scheme!r}] is {path!r}, expected {expected!r}; "
                "other handlers connect around it"
            )
    if settings.getbool("HTTPPROXY_ENABLED"):
        raise OperatorError(
            "the guard is inactive: HTTPPROXY_ENABLED is on, so a proxy of the environment would be used; "
            "turn it off and name a proxy in crawl.proxy"
        )
    if not settings.getbool("DOWNLOAD_VERIFY_CERTIFICATES"):
        raise OperatorError("DOWNLOAD_VERIFY_CERTIFICATES is off; for one site, give its source a tls_exception")
    order = settings.get_component_priority_dict_with_base("DOWNLOADER_MIDDLEWARES")
    active = {load_object(component) for component, place in order.items() if place is not None}
    for path in middlewares.REQUIRED:
        if load_object(path) not in active:
            raise OperatorError(f"the guard is inactive: {path} is missing from DOWNLOADER_MIDDLEWARES")
    return guard_of(crawler)
