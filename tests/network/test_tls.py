"""H12: certificates are verified; a source may state an exception for its own host."""

from typing import Any

import pytest
from support.crawl_child import crawl
from support.fault_server import FaultServer, respond

HOST, OTHER = "www.a.gov.cn", "www.b.gov.cn"
SOURCE = {"site": HOST, "list_url": f"https://{HOST}/list", "tls_exception": None}


def test_H12_a_bad_certificate_is_refused_and_not_tried_again(server: FaultServer) -> None:
    kinds: tuple[Any, ...] = ("expired", "self-signed", "wrong-host")
    hosts = [f"{kind}.gov.cn" for kind in kinds]
    for host, kind in zip(hosts, kinds, strict=True):
        server.certificate(host, kind)
    result = crawl([f"https://{host}/" for host in hosts], connection_map=server.map_for(hosts), source=SOURCE)
    assert server.requests() == []
    for host in hosts:
        page = result.page(f"https://{host}/")
        assert page.reason == "unreachable", result.log  # robots.txt comes first
        assert "TLS" in page.message
        assert [line["outcome"] for line in result.fetches if host in line["url"]] == ["error", "refused"]


def test_H12_tls_1_0_is_refused() -> None:
    with FaultServer(only_tls_1_0=True) as server:
        server.on(HOST, "*", respond("<html>page</html>"))
        result = crawl([f"https://{HOST}/"], connection_map=server.map_for([HOST]), source=SOURCE)
        assert result.pages[0].reason == "unreachable", result.log
        assert server.requests() == []


def test_H12_a_good_certificate_is_verified(server: FaultServer) -> None:
    server.on(HOST, "/", respond("<html>page</html>"))
    result = crawl([f"https://{HOST}/", f"http://{HOST}/"], connection_map=server.map_for([HOST]), source=SOURCE)
    assert result.page(f"https://{HOST}/").meta["tls_verified"] is True, result.log
    assert result.page(f"http://{HOST}/").meta["tls_verified"] is None


def test_H12_the_test_ca_is_trusted_only_through_the_map(server: FaultServer) -> None:
    connection_map = server.map_for([HOST])
    text = connection_map.read_text(encoding="utf-8").replace(f'"ca": "{server.ca_file}"', '"ca": null')
    connection_map.write_text(text, encoding="utf-8")
    result = crawl([f"https://{HOST}/"], connection_map=connection_map)
    assert result.pages[0].reason == "unreachable", result.log
    assert server.requests() == []


@pytest.mark.parametrize("kind", ["self-signed", "wrong-host"])
def test_H12_an_exception_holds_for_its_own_host_and_is_marked(server: FaultServer, kind: Any) -> None:
    server.on("*", "/", respond("<html>page</html>"))
    server.certificate(HOST, kind)
    server.certificate(OTHER, kind)
    source = {**SOURCE, "tls_exception": "certificate expired 2026-03, told the site"}
    urls = [f"https://{HOST}/", f"https://{OTHER}/"]
    result = crawl(urls, connection_map=server.map_for([HOST, OTHER]), source=source)
    assert result.page(urls[0]).status == 200, result.log
    assert result.page(urls[0]).meta["tls_verified"] is False
    assert result.page(urls[1]).reason == "unreachable"
    assert server.requests(OTHER) == []
