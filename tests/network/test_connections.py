"""The connection map that tests and the demonstration stand on: nothing leaves the machine."""

import json
from pathlib import Path

import pytest
from support.crawl_child import crawl
from support.fault_server import FaultServer, respond

from policy_crawler import connections
from policy_crawler.addresses import is_public
from policy_crawler.errors import OperatorError


def write(path: Path, **data: object) -> Path:
    path.write_text(json.dumps({"connections": {}, "ca": None, "trap": None} | data), encoding="utf-8")
    return path


def test_without_the_variable_no_map_is_active(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(connections.VARIABLE, raising=False)
    assert connections.active() is None


def test_hosts_have_fixed_distinct_public_addresses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = {f"www.h{number}.cn:{port}": f"127.0.0.1:{port + number}" for number in range(300) for port in (80, 443)}
    monkeypatch.setenv(connections.VARIABLE, str(write(tmp_path / "map.json", connections=pairs)))
    active = connections.active()
    assert active is not None
    addresses = [active.address(host) for host in active.hosts]
    assert len(set(addresses)) == 300
    assert all(address is not None and is_public(address) for address in addresses)
    assert active.target(str(active.address("www.h7.cn")), 443) == ("127.0.0.1", 450)
    assert active.target(str(active.address("www.h7.cn")), 8080) is None
    assert active.address("www.unknown.cn") is None


@pytest.mark.parametrize(
    "data",
    [
        {"connections": {"www.a.cn:80": "8.8.8.8:80"}},
        {"connections": {"www.a.cn:80": "www.b.cn:80"}},
        {"connections": {"www.a.cn": "127.0.0.1:80"}},
        {"connections": {"www.a.cn:http": "127.0.0.1:80"}},
        {"connections": ["www.a.cn:80"]},
    ],
)
def test_a_map_that_is_wrong_or_leads_away_is_refused(tmp_path: Path, data: dict[str, object]) -> None:
    with pytest.raises(OperatorError, match="not a connection map"):
        connections.ConnectionMap.load(write(tmp_path / "map.json", **data))
    with pytest.raises(OperatorError, match="not a connection map"):
        connections.ConnectionMap.load(tmp_path / "missing.json")


def test_what_is_not_mapped_is_refused_and_recorded(server: FaultServer) -> None:
    server.on("www.a.gov.cn", "/", respond("<html>page</html>"))
    urls = ["http://www.a.gov.cn/", "http://www.a.gov.cn:8080/", "http://www.unknown.cn/", "http://8.8.8.8/"]
    settings = {"POLICY_RETRY_PAUSES": []}
    result = crawl(urls, connection_map=server.map_for(["http://www.a.gov.cn"]), settings=settings)
    assert [result.page(url).status for url in urls] == [200, None, None, None], result.log
    assert {(line["kind"], line["host"], line["port"]) for line in server.trapped()} == {
        ("connect", "11.0.0.1", 8080),
        ("resolve", "www.unknown.cn", 80),
        ("connect", "8.8.8.8", 80),
    }
    assert "is active: 1 hosts are answered by servers on this machine" in result.log


def test_urls_and_headers_stay_those_of_the_site(server: FaultServer) -> None:
    server.on("www.a.gov.cn", "/", respond("<html>page</html>"))
    result = crawl(["https://www.a.gov.cn/"], connection_map=server.map_for(["https://www.a.gov.cn"]))
    assert result.pages[0].final_url == "https://www.a.gov.cn/", result.log
    (request,) = server.requests("www.a.gov.cn", "/")
    assert request.tls
    assert request.header("Host") == "www.a.gov.cn"
