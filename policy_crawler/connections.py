"""The connection map: sends connections to servers on loopback while URLs stay those of the catalog.

For the tests and the demonstration only. The environment variable `POLICY_CRAWLER_CONNECTION_MAP` names a JSON file:

    {"connections": {"www.miit.gov.cn:443": "127.0.0.1:54321"},
     "ca": "ca.pem",            trust root for https while the map is active, or null
     "trap": "trap.jsonl",      every refused connection is recorded there, or null
     "answers": {"rebind.test": [["*"], ["127.0.0.1"]]}}       optional

It works below the address check of `policy_crawler.network`: a mapped host resolves to a fixed address that looks
public, the check sees that address, and the reactor's `connectTCP` turns (address, port) into the loopback address.
Whatever is not mapped is recorded and refused: with a map no packet leaves the machine, not even a name query.
`answers` scripts what a name resolves to, one list for each resolution and the last for ever; "*" is the fixed
address of that host.
"""

import ipaddress
import json
import logging
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.error import ConnectionRefusedError as TwistedConnectionRefusedError
from twisted.internet.interfaces import IConnector, IHostnameResolver, IHostResolution
from twisted.python.failure import Failure
from zope.interface import implementer

from policy_crawler.errors import OperatorError

VARIABLE = "POLICY_CRAWLER_CONNECTION_MAP"
logger = logging.getLogger(__name__)


@dataclass(slots=True)
class ConnectionMap:
    """A connection map, read and checked. `connections` goes from (host, port) to a loopback (address, port)."""

    path: Path
    connections: dict[tuple[str, int], tuple[str, int]]
    ca: Path | None = None
    trap: Path | None = None
    answers: dict[str, list[list[str]]] = field(default_factory=dict)
    _addresses: dict[str, str] = field(init=False, repr=False)
    _targets: dict[tuple[str | None, int], tuple[str, int]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        # Looked up at every connection, in maps of hundreds of hosts.
        self._addresses = {host: f"11.0.{n // 250}.{n % 250 + 1}" for n, host in enumerate(self.hosts)}
        self._targets = {
            (name, port): target
            for (host, port), target in self.connections.items()
            for name in (self.address(host), host)
        }

    @classmethod
    def load(cls, path: Path) -> "ConnectionMap":
        """Read the map at `path`. Raises OperatorError that names the file and what is wrong with it."""
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            connections = {_pair(here): _loopback(there) for here, there in data["connections"].items()}
        except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
            raise OperatorError(f"{VARIABLE}={path}: not a connection map: {error!r}") from error
        return cls(
            path=path,
            connections=connections,
            ca=Path(data["ca"]) if data.get("ca") else None,
            trap=Path(data["trap"]) if data.get("trap") else None,
            answers={host.lower(): answers for host, answers in data.get("answers", {}).items()},
        )

    @property
    def hosts(self) -> list[str]:
        """The mapped host names, in order."""
        return sorted({host for host, _ in self.connections} | set(self.answers))

    def address(self, host: str) -> str | None:
        """The fixed address that stands for `host`: in 11.0.0.0/8, which is public and which no test server has."""
        return host if _is_literal(host) else self._addresses.get(host)

    def target(self, address: str, port: int) -> tuple[str, int] | None:
        """Where a connection to (address, port) goes on loopback; None when it is not mapped. Twisted's tunnel through
        a proxy connects to a name."""
        return self._targets.get((address, port))

    def trapped(self, kind: str, host: str, port: int) -> None:
        """Record a refused connection or name query: one JSON line {"kind", "host", "port"}."""
        logger.warning("Connection map: refused to %s %s:%s, which is not mapped", kind, host, port)
        if self.trap is not None:
            with self.trap.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"kind": kind, "host": host, "port": port}) + "\n")


def active() -> ConnectionMap | None:
    """The connection map of this process, or None: connections go where their names say."""
    named = os.environ.get(VARIABLE)
    return ConnectionMap.load(Path(named)) if named else None


def install(reactor: Any) -> ConnectionMap | None:
    """Put the map named in the environment, if any, under `reactor`. Must run before a resolver is wrapped around
    the reactor's own. Installing twice changes nothing."""
    connection_map = active()
    if connection_map is None or isinstance(reactor.nameResolver, MappedResolver):
        return connection_map
    logger.warning(
        "Connection map %s is active: %d hosts are answered by servers on this machine, all others are refused",
        connection_map.path,
        len(connection_map.hosts),
    )
    reactor.installNameResolver(MappedResolver(connection_map, reactor.nameResolver))
    connect = reactor.connectTCP

    def connect_mapped(
        host: str,
        port: int,
        factory: Any,
        timeout: float = 30,
        bindAddress: Any = None,  # noqa: N803 (Twisted's name)
    ) -> Any:
        target = connection_map.target(host, port)
        if target is None:
            connection_map.trapped("connect", host, port)
            return _RefusedConnection(reactor, factory, f"{host}:{port} is not in the connection map")
        return connect(*target, factory, timeout, bindAddress)

    reactor.connectTCP = connect_mapped
    return connection_map


@implementer(IHostnameResolver)
class MappedResolver:
    """Answers mapped names with their fixed addresses and asks nobody about others.

    IP literals in every spelling and localhost go to the machine's resolver, which answers them without a query, so
    that the check above sees what it would see without a map."""

    def __init__(self, connection_map: ConnectionMap, below: Any) -> None:
        self.map = connection_map
        self.below = below

    def resolveHostName(  # noqa: N802 (Twisted's interface)
        self,
        resolutionReceiver: Any,  # noqa: N803
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        addressTypes: Sequence[Any] | None = None,  # noqa: N803
        transportSemantics: str = "TCP",  # noqa: N803
    ) -> Any:
        host = hostName.lower()
        if host in self.map.answers:
            script = self.map.answers[host]
            addresses = script.pop(0) if len(script) > 1 else script[0]
        elif (fixed := self.map.address(host)) is not None and not _is_literal(host):
            addresses = [fixed]
        elif _answers_itself(host):
            return self.below.resolveHostName(
                resolutionReceiver, hostName, portNumber, addressTypes, transportSemantics
            )
        else:
            self.map.trapped("resolve", host, portNumber)
            addresses = []
        resolution = _Resolution(hostName)
        resolutionReceiver.resolutionBegan(resolution)
        for address in addresses:
            text = self.map.address(host) if address == "*" else address
            kind = IPv6Address if ":" in str(text) else IPv4Address
            resolutionReceiver.addressResolved(kind("TCP", text, portNumber))
        resolutionReceiver.resolutionComplete()
        return resolution


@implementer(IHostResolution)
class _Resolution:
    def __init__(self, name: str) -> None:
        self.name = name

    def cancel(self) -> None:
        """Nothing runs that could be cancelled: the answer was complete at once."""


@implementer(IConnector)
class _RefusedConnection:
    """A connector whose connection fails at the reactor's next turn, as a refused one does."""

    def __init__(self, reactor: Any, factory: Any, reason: str) -> None:
        self._factory = factory
        factory.doStart()
        self._call = reactor.callLater(0, self._fail, reason)

    def _fail(self, reason: str) -> None:
        self._factory.clientConnectionFailed(self, Failure(TwistedConnectionRefusedError(string=reason)))
        self._factory.doStop()

    def stopConnecting(self) -> None:  # noqa: N802 (Twisted's interface)
        if self._call.active():
            self._call.cancel()
            self._fail("cancelled")

    disconnect = stopConnecting


def _pair(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host:
        raise ValueError(f"expected 'host:port', found {text!r}")
    return host.strip("[]").lower(), int(port)


def _loopback(text: str) -> tuple[str, int]:
    host, port = _pair(text)
    if not ipaddress.ip_address(host).is_loopback:
        raise ValueError(f"expected a loopback address, found {text!r}: the map never leads away from this machine")
    return host, port


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _answers_itself(host: str) -> bool:
    """Whether the machine's resolver answers `host` without asking anybody: 127.1, 0x7f000001, localhost."""
    if host.rstrip(".") == "localhost" or host.rstrip(".").endswith(".localhost"):
        return True
    try:
        socket.getaddrinfo(host, 0, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return False
    return True
