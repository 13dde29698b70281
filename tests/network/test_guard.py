"""F1-F6 on the wire: a crawl makes no connection to an address that is not public."""

from pathlib import Path

import pytest
from support.crawl_child import Crawled, crawl
from support.fault_server import FaultServer, redirect, respond
from support.unguarded import SETTINGS as UNGUARDED

INSIDE = ["127.0.0.1", "169.254.169.254", "100.100.100.200", "10.0.0.1", "::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1"]
SPELLINGS = ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "[::ffff:127.0.0.1]", "１２７.0.0.1"]
TARGET = "http://169.254.169.254/latest/meta-data"


def connected(server: FaultServer) -> list[object]:
    """What a crawl tried to connect to and no map led anywhere."""
    return [line["host"] for line in server.trapped() if line["kind"] == "connect"]


def test_F1_literal_addresses_in_every_spelling_are_not_asked(server: FaultServer) -> None:
    spelt = [f"http://{host}/" for host in (*SPELLINGS, "localhost.")]
    result = crawl(spelt, connection_map=server.map_for(["http://127.0.0.1"]))
    assert [page.reason for page in result.pages] == ["url"] * len(spelt), result.log
    assert server.requests() == []
    assert connected(server) == []


def test_F1_names_that_lead_inside_are_not_connected_to(server: FaultServer) -> None:
    answers = {f"n{number}.evil.cn": [[address]] for number, address in enumerate(INSIDE)}
    result = crawl([f"http://{host}/" for host in answers], connection_map=server.map_for([], answers=answers))
    assert [page.reason for page in result.pages] == ["address"] * len(INSIDE), result.log
    assert "leads to" in result.pages[0].message
    assert connected(server) == []


def test_F1_the_resolver_alone_holds_literals_back(server: FaultServer) -> None:
    """Scrapy's handler and no middleware of ours: the last line of defence, taken by itself."""
    settings = {**UNGUARDED, "TWISTED_DNS_RESOLVER": "policy_crawler.network.GuardedResolver"}
    spelt = [f"http://{host}/" for host in (*SPELLINGS, "localhost.")]
    result = crawl(spelt, connection_map=server.map_for(["http://127.0.0.1"]), settings=settings)
    assert {page.error for page in result.pages} == {"CannotResolveHostError"}, result.log
    assert server.requests() == []
    assert connected(server) == []


def test_F1_the_same_crawl_without_the_guard_gets_through(server: FaultServer) -> None:
    server.on("*", "*", respond("secret"))
    spelt = [f"http://{host}/" for host in SPELLINGS]
    connection_map = server.map_for(["http://127.0.0.1", "http://[::ffff:127.0.0.1]"])
    result = crawl(spelt, connection_map=connection_map, settings=UNGUARDED)
    assert [page.body for page in result.pages] == [b"secret"] * len(spelt), result.log


def test_F2_a_redirect_inside_is_not_followed(server: FaultServer) -> None:
    literal, named = [], []
    for status in (301, 302, 303, 307, 308):
        server.on("www.a.gov.cn", f"/r{status}", redirect(TARGET, status))
        server.on("www.a.gov.cn", f"/n{status}", redirect("http://inside.evil.cn/", status))
        literal.append(f"http://www.a.gov.cn/r{status}")
        named.append(f"http://www.a.gov.cn/n{status}")
    connection_map = server.map_for(["www.a.gov.cn"], answers={"inside.evil.cn": [["127.0.0.1"]]})
    result = crawl([*literal, *named], connection_map=connection_map)
    assert [result.page(url).reason for url in literal] == ["url"] * 5, result.log
    assert [result.page(url).reason for url in named] == ["address"] * 5, result.log
    assert connected(server) == []
    logged = [line for line in result.fetches if line["final_url"] == TARGET]
    assert [line["outcome"] for line in logged] == ["refused"] * 5
    assert {line["url"] for line in logged} == set(literal)


def test_F2_the_same_redirect_without_the_guard_is_followed(server: FaultServer) -> None:
    server.on("www.a.gov.cn", "/r", redirect(TARGET))
    connection_map = server.map_for(["www.a.gov.cn"])
    result = crawl(["http://www.a.gov.cn/r"], connection_map=connection_map, settings=UNGUARDED)
    assert result.pages[0].error == "DownloadConnectionRefusedError", result.log
    assert connected(server) == ["169.254.169.254"]


def test_F2_meta_refresh_and_robots_redirects_inside_are_not_followed(server: FaultServer) -> None:
    refresh = f'<html><head><meta http-equiv="refresh" content="0; url={TARGET}"></head></html>'
    server.on("www.a.gov.cn", "/m", respond(refresh))
    server.on("www.b.gov.cn", "/robots.txt", redirect(TARGET))
    connection_map = server.map_for(["www.a.gov.cn", "www.b.gov.cn"])
    result = crawl(["http://www.a.gov.cn/m", "http://www.b.gov.cn/"], connection_map=connection_map)
    assert [page.reason for page in result.pages] == ["url", "url"], result.log
    assert connected(server) == []
    assert server.requests("www.b.gov.cn", "/") == []


def test_F3_a_name_that_changes_its_address_is_checked_at_every_connection(server: FaultServer) -> None:
    server.on("rebind.cn", "*", respond("<html>public</html>", framing="close"))
    connection_map = server.map_for(["http://rebind.cn"], answers={"rebind.cn": [["*"], ["*"], ["127.0.0.1"]]})
    result = crawl(["http://rebind.cn/1", "http://rebind.cn/2"], connection_map=connection_map)
    assert {page.reason for page in result.pages} == {None, "address"}, result.log
    assert len(server.requests()) == 2  # robots.txt and the page that came before the change
    assert connected(server) == []


def test_F3_of_a_mixed_answer_only_public_addresses_are_connected_to(server: FaultServer) -> None:
    server.on("mixed.cn", "/1", respond("public"))
    connection_map = server.map_for(["http://mixed.cn"], answers={"mixed.cn": [["::1", "127.0.0.1", "*", "fe80::1"]]})
    result = crawl(["http://mixed.cn/1"], connection_map=connection_map)
    assert result.pages[0].body == b"public", result.log
    assert connected(server) == []


LOCATIONS = [
    "http://169.254.169.254:80\\@www.a.gov.cn/",
    "http://a@127.0.0.1#@www.a.gov.cn/",
    "http://127.0.0.1\t/",
    "//2130706433/",
    "\\\\127.0.0.1\\",
    "http://user:secret@www.a.gov.cn/other",
    "file:///etc/passwd",
    "data:text/html,hi",
    "ftp://127.0.0.1/",
    "gopher://127.0.0.1/",
    "javascript:alert(1)",
]


def test_F4_F5_no_form_of_location_leads_inside(server: FaultServer) -> None:
    for number, location in enumerate(LOCATIONS):
        server.on("www.a.gov.cn", f"/{number}", redirect(location))
    urls = [f"http://www.a.gov.cn/{number}" for number in range(len(LOCATIONS))]
    result = crawl(urls, connection_map=server.map_for(["www.a.gov.cn"]))
    for url in urls:
        page = result.page(url)
        # Refused, or the redirect's own answer: never a page from elsewhere.
        assert page.reason in ("url", "redirect") or page.status in (302, 404), (page, result.log)
    assert {request.host for request in server.requests()} == {"www.a.gov.cn"}
    assert server.requests(path="/other") == []
    assert server.trapped() == []


def test_F5_other_schemes_are_refused_and_have_no_handler(server: FaultServer) -> None:
    urls = ["file:///etc/hostname", "data:,hi", "ftp://ftp.a.gov.cn/", "s3://bucket/key"]
    result = crawl(urls, connection_map=server.map_for([]))
    assert [page.reason for page in result.pages] == ["url"] * 4, result.log
    bare = {"DOWNLOADER_MIDDLEWARES": UNGUARDED["DOWNLOADER_MIDDLEWARES"]}
    result = crawl(urls, connection_map=server.map_for([]), settings=bare)
    assert [page.error for page in result.pages] == ["NotSupported"] * 4, result.log


def refused_to_crawl(server: FaultServer, result: Crawled) -> bool:
    assert server.requests() == []
    assert connected(server) == []
    return not any(page.status for page in result.pages) and "guard" in result.log + str(result.pages)


HTTP11 = "scrapy.core.downloader.handlers.http11.HTTP11DownloadHandler"
HTTPX = "scrapy.core.downloader.handlers._httpx.HttpxDownloadHandler"


@pytest.mark.parametrize(
    "custom_settings",
    [
        {"DOWNLOAD_HANDLERS": {"http": HTTP11}},
        {"DOWNLOAD_HANDLERS": {"http": HTTPX}},
        {"DOWNLOAD_HANDLERS": {"file": "scrapy.core.downloader.handlers.file.FileDownloadHandler"}},
        {"HTTPPROXY_ENABLED": True},
    ],
)
def test_F6_a_spider_that_takes_the_guard_away_crawls_nothing(
    server: FaultServer, custom_settings: dict[str, object]
) -> None:
    server.on("www.a.gov.cn", "/", respond("page"))
    connection_map = server.map_for(["www.a.gov.cn"])
    result = crawl(["http://www.a.gov.cn/"], connection_map=connection_map, custom_settings=custom_settings)
    assert refused_to_crawl(server, result), result.log


def test_F6_a_process_with_another_resolver_crawls_nothing(server: FaultServer) -> None:
    settings = {"TWISTED_DNS_RESOLVER": UNGUARDED["TWISTED_DNS_RESOLVER"]}
    result = crawl(["http://www.a.gov.cn/"], connection_map=server.map_for(["www.a.gov.cn"]), settings=settings)
    assert refused_to_crawl(server, result), result.log
    # Named only in a spider's settings, Scrapy ignores our resolver: the guard sees that it is not there.
    custom = {"TWISTED_DNS_RESOLVER": "policy_crawler.network.GuardedResolver"}
    result = crawl(
        ["http://www.a.gov.cn/"],
        connection_map=server.map_for(["www.a.gov.cn"]),
        settings=settings,
        custom_settings=custom,
    )
    assert refused_to_crawl(server, result), result.log


def test_F6_the_handler_refuses_when_the_middlewares_are_gone(server: FaultServer) -> None:
    settings = {**UNGUARDED, "DOWNLOAD_HANDLERS": {}}
    settings.pop("DOWNLOAD_HANDLERS")
    result = crawl(["http://www.a.gov.cn/"], connection_map=server.map_for(["www.a.gov.cn"]), settings=settings)
    assert refused_to_crawl(server, result), result.log


def test_F6_proxies_of_the_environment_are_not_used(server: FaultServer, tmp_path: Path) -> None:
    server.on("www.a.gov.cn", "/", respond("direct"))
    connection_map = server.map_for(["www.a.gov.cn", "http://proxy.cn:3128"])
    environment = {"HTTP_PROXY": "http://proxy.cn:3128", "http_proxy": "http://proxy.cn:3128"}
    request = {"url": "http://www.a.gov.cn/", "meta": {"proxy": "http://proxy.cn:3128"}}
    result = crawl([request], connection_map=connection_map, environment=environment)
    assert result.pages[0].body == b"direct", result.log
    assert [request.target for request in server.requests()] == ["/robots.txt", "/"]


def test_F6_through_the_operators_proxy_targets_are_vetted_first(server: FaultServer) -> None:
    server.on("www.a.gov.cn", "/", respond("proxied"))
    server.on("www.a.gov.cn", "/r", redirect("http://inside.evil.cn/"))
    connection_map = server.map_for(
        ["http://proxy.cn:3128", "http://www.a.gov.cn"],
        answers={"proxy.cn": [["10.0.0.9"]], "inside.evil.cn": [["8.8.8.8", "127.0.0.1"]]},
    )
    # The proxy stands on a private address, as the operator's may; the map must know it by that address.
    text = connection_map.read_text(encoding="utf-8").replace("proxy.cn:3128", "10.0.0.9:3128")
    connection_map.write_text(text, encoding="utf-8")
    urls = ["http://www.a.gov.cn/", "http://www.a.gov.cn/r", "http://unknown.cn/", "http://127.0.0.1/"]
    result = crawl(urls, connection_map=connection_map, settings={"POLICY_PROXY": "http://proxy.cn:3128"})
    assert result.page("http://www.a.gov.cn/").body == b"proxied", result.log
    reasons = [result.page(url).reason for url in urls[1:]]
    assert reasons == ["address", "address", "url"], result.log
    assert {request.target for request in server.requests()} == {
        "http://www.a.gov.cn/robots.txt",
        "http://www.a.gov.cn/",
        "http://www.a.gov.cn/r",
    }


def test_F6_https_goes_through_the_operators_proxy_verified(server: FaultServer) -> None:
    hosts = ["www.a.gov.cn", "old.gov.cn"]
    server.on("*", "/", respond("tunnelled"))
    server.certificate("old.gov.cn", "expired")
    connection_map = server.map_for(["http://proxy.cn:3128", *hosts], answers={"inside.evil.cn": [["127.0.0.1"]]})
    urls = [f"https://{host}/" for host in (*hosts, "inside.evil.cn")]
    settings = {"POLICY_PROXY": "http://proxy.cn:3128", "POLICY_RETRY_PAUSES": []}
    result = crawl(urls, connection_map=connection_map, settings=settings)
    assert result.page(urls[0]).body == b"tunnelled", result.log
    assert result.page(urls[0]).meta["tls_verified"] is True
    assert [result.page(url).reason for url in urls[1:]] == ["unreachable", "address"], result.log
    tunnels = {request.target for request in server.requests() if request.method == "CONNECT"}
    assert tunnels == {"www.a.gov.cn:443", "old.gov.cn:443"}
    assert server.requests("old.gov.cn", "/") == []


def test_the_operators_networks_are_reached(server: FaultServer) -> None:
    server.on("oa.intranet", "/", respond("inside"))
    answers = {"oa.intranet": [["10.1.2.3"]], "db.intranet": [["10.2.0.1"]]}
    connection_map = server.map_for(["http://10.1.2.3"], answers=answers)
    urls = ["http://oa.intranet/", "http://db.intranet/"]
    settings = {"POLICY_ALLOW_NETWORKS": ["10.1.0.0/16"]}
    result = crawl(urls, connection_map=connection_map, settings=settings)
    assert result.page(urls[0]).body == b"inside", result.log
    assert result.page(urls[1]).reason == "address"
    assert connected(server) == []
