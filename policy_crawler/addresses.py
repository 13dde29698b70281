"""Which addresses and URLs may be asked. Pure: no name is resolved here (that check is in `policy_crawler.network`)."""

import ipaddress
import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import urlsplit

from w3lib.url import safe_url_string

from policy_crawler.errors import OperatorError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LONGEST_URL = 2083  # what browsers and Scrapy's URLLENGTH_LIMIT take
SCHEMES = ("http", "https")

# Not public although `is_global` says so (measured on Python 3.11.7).
_DENIED: tuple[Network, ...] = tuple(
    ipaddress.ip_network(network)
    for network in (
        "64:ff9b::/96",  # NAT64: carries an IPv4 address
        "64:ff9b:1::/48",  # local NAT64
        "2002::/16",  # 6to4: carries an IPv4 address
        "2001::/32",  # Teredo: carries an IPv4 address
        "::/96",  # IPv4-compatible
        "192.88.99.0/24",  # 6to4 relays
        "168.63.129.16/32",  # metadata service of a cloud, in public space
        "5f00::/16",  # segment routing
        "3fff::/20",  # documentation
        "fec0::/10",  # site-local, deprecated yet routed in old networks
    )
)
# A host label may hold these besides ASCII letters, digits and hyphens: Chinese characters (政务.cn). Letters of other
# scripts look like ASCII ones and are refused.
_HAN = re.compile(r"[\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)")


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """CIDR texts as networks. Raises ValueError for one that is none."""
    return tuple(ipaddress.ip_network(text) for text in texts)


def is_public(address: str | Address, allow: Iterable[Network] = ()) -> bool:
    """Whether a connection to `address` may be made: a unicast address of the public internet, or one inside
    `allow`, the operator's own networks. An IPv4 address mapped into IPv6 is judged as the IPv4 address it is.

    >>> is_public("202.108.0.1"), is_public("100.100.100.200"), is_public("::ffff:127.0.0.1")
    (True, False, False)
    """
    parsed = ipaddress.ip_address(address) if isinstance(address, str) else address
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    if any(parsed in network for network in allow):
        return True
    return parsed.is_global and not parsed.is_multicast and not any(parsed in network for network in _DENIED)


def vet_url(url: str, *, allow: Iterable[Network] = (), error: type[Exception] = OperatorError) -> None:
    """Refuse a URL that must never be asked, whatever its name resolves to.

    Raises `error` that says what is wrong: another scheme than http and https, a name or password, characters that
    parsers read differently, a host that two parsers see differently, a host that is no public name or address, or
    more than 2083 characters."""
    problem = _problem_of_text(url) or _problem_of_parts(url, tuple(allow))
    if problem:
        shown = url if len(url) <= 200 else url[:200] + "…"
        raise error(f"URL {shown!r} is refused: {problem}")


def _problem_of_text(url: str) -> str | None:
    if len(url) > LONGEST_URL:
        return f"it has {len(url)} characters, at most {LONGEST_URL} are sent"
    if url != url.strip():
        return "it begins or ends with white space"
    for character in url:
        category = unicodedata.category(character)
        if category in ("Cc", "Cf", "Cs", "Zl", "Zp") or (category == "Zs" and character != " "):
            return f"it contains the control or space character U+{ord(character):04X}"
    if "\\" in url:
        return "it contains a backslash, which browsers and servers read differently"
    return None


def _problem_of_parts(url: str, allow: tuple[Network, ...]) -> str | None:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
        seen_by_w3lib = urlsplit(safe_url_string(url)).hostname
    except ValueError as error:
        return f"it cannot be read: {error}"
    if parts.scheme.lower() not in SCHEMES:
        return f"expected http or https, found {parts.scheme or 'no scheme'!r}"
    if "@" in parts.netloc:
        return "it carries a user name or password"
    if not host:
        return "it has no host"
    if port == 0:
        return "port 0 is no port"
    ascii_host, problem = _ascii_host(host)
    if problem is None and seen_by_w3lib != ascii_host:
        problem = f"its host is {ascii_host!r} to one reader and {seen_by_w3lib!r} to another"
    return problem or _problem_of_host(ascii_host, allow)


def _ascii_host(host: str) -> tuple[str, str | None]:
    """The host in ASCII, and what is wrong with its characters."""
    if ":" in host:
        return host, "an IPv6 address with a zone" if "%" in host else None
    if unicodedata.normalize("NFKC", host) != host:
        return host, "its host has characters that stand for others (full-width or circled digits and letters)"
    labels = []
    for label in host.removesuffix(".").split("."):
        try:
            shown = label.encode("ascii").decode("idna") if label.startswith("xn--") else label
            labels.append(label if label.isascii() else label.encode("idna").decode("ascii"))
        except UnicodeError:
            return host, f"the host label {label!r} is no valid internationalised name"
        if not all(character.isascii() or _HAN.fullmatch(character) for character in shown):
            return host, f"the host label {shown!r} mixes in letters that look like others"
        if not _LABEL.fullmatch(labels[-1]):
            return host, f"{label!r} is no valid host label"
    return ".".join(labels) + ("." if host.endswith(".") else ""), None


def _problem_of_host(host: str, allow: tuple[Network, ...]) -> str | None:
    name = host.removesuffix(".")
    if ":" in name or _NUMBER.fullmatch(name.rsplit(".", 1)[-1]):
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return f"{name!r} is a number in disguise, no host name"
        return None if is_public(address, allow) else f"{name} is not an address of the public internet"
    if allow:
        return None  # an intranet has names of its own; the address check at the connection still holds
    if "." not in name or name.endswith((".localhost", ".local", ".internal", ".home.arpa", ".onion")):
        return f"{name!r} is a name of this machine or its network, not of the public internet"
    return None
