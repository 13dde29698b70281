"""F1, F4: which addresses and URLs are refused before anything is asked."""

import ipaddress
import socket
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy import Request
from twisted.web.client import URI

from policy_crawler.addresses import is_public, networks, vet_url
from policy_crawler.errors import OperatorError, SourceError

NOT_PUBLIC = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",  # metadata of a Chinese cloud, in the carrier range
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "168.63.129.16",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:10.0.0.1",
    "::ffff:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]
PUBLIC = ["1.1.1.1", "8.8.8.8", "202.108.0.1", "11.0.0.1", "::ffff:8.8.8.8", "2400:da00::6666", "2606:4700::1111"]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_F1_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_F1_public_addresses(address: str) -> None:
    assert is_public(address)


def test_F1_the_operators_networks_are_allowed_and_no_others() -> None:
    allow = networks(["10.1.0.0/16", "fd00::/8"])
    assert is_public("10.1.2.3", allow)
    assert is_public("::ffff:10.1.2.3", allow)
    assert is_public("fd00::1", allow)
    assert not is_public("10.2.0.1", allow)
    assert not is_public("127.0.0.1", allow)


DISGUISED = [
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://0177.0.0.1/",
    "http://127.0.0.1./",
    "http://127。0。0。1/",
    "http://①②⑦.0.0.1/",
    "http://１２７.０.０.１/",
    "http://[::ffff:10.0.0.1]/",
    "http://[::1]/",
    "http://[fe80::1%25eth0]/",
    "http://localhost/",
    "http://localhost./",
    "http://a.localhost/",
    "http://printer.local/",
    "http://metadata.google.internal/",
    "http://intranet/",
]


@pytest.mark.parametrize("url", [f"http://[{a}]/" if ":" in a else f"http://{a}/" for a in NOT_PUBLIC] + DISGUISED)
def test_F1_urls_that_lead_inside(url: str) -> None:
    with pytest.raises(OperatorError, match="is refused"):
        vet_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254:80\\@www.gov.cn/",
        "http://www.gov.cn\\@169.254.169.254/",
        "http://a@127.0.0.1#@www.gov.cn/",
        "http://user:secret@www.gov.cn/",
        "http://www.gov.cn@evil.example/",
        "http://www.gov.cn/\t",
        "http://www.gov\n.cn/",
        "http://www.gov.cn/\r\nX-Evil: 1",
        "http://www.gov.cn/\x00",
        "http://www.gov.cn/\u2028a",
        "http://www.gov.cn/a\u202eb",
        " http://www.gov.cn/",
        "http://www.gov.cn:0/",
        "http://www.gov.cn:99999/",
        "http://www.gov.cn:80:80/",
        "http://[::1/",
        "http://",
        "http:///path",
        "http://.cn/",
        "http://-a.cn/",
        "http://a_b.c d.cn/",
        "http://%31%32%37.0.0.1/",
        "http://www.gоv.cn/",  # the o is Cyrillic
        "http://xn--www-hoc.cn/",
        "http://xn--gv-fmc.cn/",  # the same o, in ASCII
        "http://ɡov.cn/",
    ],
)
def test_F4_urls_that_two_readers_read_differently(url: str) -> None:
    with pytest.raises(OperatorError, match="is refused"):
        vet_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "FILE:///etc/passwd",
        "data:text/html,hi",
        "ftp://ftp.gov.cn/",
        "s3://bucket/key",
        "gopher://www.gov.cn/",
        "javascript:alert(1)",
        "//www.gov.cn/",
        "www.gov.cn/zhengce",
        "",
    ],
)
def test_F5_only_http_and_https(url: str) -> None:
    with pytest.raises(SourceError, match="is refused"):
        vet_url(url, error=SourceError)


@pytest.mark.parametrize(
    "url",
    [
        "https://www.miit.gov.cn/zwgk/zcwj/wjfb/tz/index.html",
        "http://www.gov.cn:8080/zhengce/content/2026-11/24/content_1.htm?a=b&c=%E6%94%BF",
        "http://www.gov.cn/附件 1.pdf",
        "HTTPS://WWW.GOV.CN/",
        "http://中国政府网.政务/",
        "http://xn--fiq228c5hs.xn--55qx5d.cn/",
        "http://www.gov.cn./",
        "http://8.8.8.8/",
        "http://[2606:4700::1111]/",
        "http://a_b.gov.cn/",
        "http://3g.gov.cn/",
    ],
)
def test_ordinary_urls_pass(url: str) -> None:
    vet_url(url)


def test_urls_longer_than_2083_characters_are_refused() -> None:
    vet_url("http://www.gov.cn/" + "a" * (2083 - 18))
    with pytest.raises(OperatorError, match="2084 characters"):
        vet_url("http://www.gov.cn/" + "a" * (2084 - 18))


def test_an_allowed_intranet_has_names_and_addresses_of_its_own() -> None:
    allow = networks(["10.0.0.0/8"])
    vet_url("http://intranet/", allow=allow)
    vet_url("http://10.1.2.3/", allow=allow)
    with pytest.raises(OperatorError, match="not an address of the public internet"):
        vet_url("http://127.0.0.1/", allow=allow)


PIECES = ["a.cn", "127.0.0.1", "169.254.169.254", "0x7f", "1", "80", "政府", "xn--fiq", "ⅰ", "①", "。", "．", "K", "ß"]
SIGNS = [
    "@",
    ":",
    "/",
    "//",
    "\\",
    "#",
    "?",
    ".",
    "..",
    "%",
    "%40",
    "%2f",
    "%00",
    "\t",
    "[",
    "]",
    "[::1]",
    ";",
    "|",
    " ",
]
SCHEMES = ["http://", "https://", "http:"]


@settings(max_examples=1500, deadline=None)
@given(
    st.sampled_from(["http://", "https://", "http:"]), st.lists(st.sampled_from(PIECES + SIGNS), min_size=1, max_size=7)
)
def test_F4_a_url_that_passes_leads_where_it_says(scheme: str, parts: list[str]) -> None:
    """What urllib reads, what Scrapy sends and what Twisted connects to are one host, and no private address."""
    url = scheme + "".join(parts)
    try:
        vet_url(url, error=SourceError)
    except SourceError:
        return
    connected = URI.fromBytes(Request(url).url.partition("#")[0].encode()).host.decode()
    assert connected == str(urlsplit(url).hostname).encode("idna").decode()
    try:
        socket.getaddrinfo(connected, 0, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:
        return
    assert is_public(ipaddress.ip_address(connected))
