"""H7: robots.txt is obeyed, also by many requests at once and when it cannot be had."""

import itertools

import pytest
from support.crawl_child import Crawled, Page, crawl
from support.fault_server import Behaviour, FaultServer, hang_up, redirect, redirect_loop, respond, robots, silence

HOST = "www.a.gov.cn"
EIGHT = [f"http://{HOST}/{number}" for number in range(8)]
AT_ONCE = {"CONCURRENT_REQUESTS": 16, "CONCURRENT_REQUESTS_PER_DOMAIN": 8}


def crawl_eight(server: FaultServer, behaviour: Behaviour | None, **settings: object) -> Crawled:
    server.on(HOST, "*", respond("<html>page</html>"))
    server.on(HOST, "/robots.txt", behaviour or respond(status=404))
    return crawl(EIGHT, connection_map=server.map_for([HOST]), settings=AT_ONCE | settings)


def fetched(server: FaultServer) -> int:
    return len([request for request in server.requests(HOST) if request.path != "/robots.txt"])


@pytest.mark.parametrize("per_domain", [1, 8])
def test_H7_disallow_all_stops_eight_first_requests(server: FaultServer, per_domain: int) -> None:
    rules = robots("User-agent: *\nDisallow: /\n")
    result = crawl_eight(server, rules, CONCURRENT_REQUESTS_PER_DOMAIN=per_domain)
    assert [page.reason for page in result.pages] == ["robots"] * 8, result.log
    assert "robots.txt disallows" in result.pages[0].message
    assert fetched(server) == 0
    assert len(server.requests(HOST, "/robots.txt")) == 1


def crawl_many(server: FaultServer, behaviours: dict[str, Behaviour], **settings: object) -> tuple[Crawled, list[str]]:
    """Eight first requests to a host for each behaviour of its robots.txt, all in one crawl."""
    hosts = [f"www.{name}.gov.cn" for name in behaviours]
    for host, behaviour in zip(hosts, behaviours.values(), strict=True):
        server.on(host, "*", respond("<html>page</html>"))
        server.on(host, "/robots.txt", behaviour)
    urls = [f"http://{host}/{number}" for host in hosts for number in range(8)]
    return crawl(urls, connection_map=server.map_for(hosts), settings=AT_ONCE | settings), hosts


def pages_of(result: Crawled, host: str) -> list[Page]:
    return [page for page in result.pages if page.url.startswith(f"http://{host}/")]


def test_H7_robots_that_cannot_be_had_stop_everything(server: FaultServer) -> None:
    failing = {
        "e500": respond(status=500),
        "e503": respond(status=503),
        "e429": respond(status=429),
        "reset": hang_up(),
        "silent": silence(),
    }
    result, hosts = crawl_many(server, failing, DOWNLOAD_TIMEOUT=0.5, CONCURRENT_REQUESTS=64)
    for host in hosts:
        pages = pages_of(result, host)
        assert len(pages) == 8, result.log
        assert {page.reason for page in pages} <= {"unreachable", "held"}, result.log
        # Only robots.txt was asked, with two retries.
        assert [request.path for request in server.requests(host)] == ["/robots.txt"] * 3


def test_H7_robots_that_do_not_exist_allow_everything(server: FaultServer) -> None:
    missing = {f"e{status}": respond("<html>none</html>", status=status) for status in (401, 403, 404, 410)}
    result, hosts = crawl_many(server, missing)
    for host in hosts:
        assert [page.status for page in pages_of(result, host)] == [200] * 8, result.log
        assert len(server.requests(host)) == 9


def test_H7_endless_redirects_of_robots_count_as_none(server: FaultServer) -> None:
    result = crawl_eight(server, redirect_loop())
    assert [page.status for page in result.pages] == [200] * 8, result.log
    assert len(server.requests(HOST, "/robots.txt")) == 6


def test_H7_robots_are_followed_through_a_redirect(server: FaultServer) -> None:
    server.on("www.b.gov.cn", "/rules.txt", robots("User-agent: *\nDisallow: /\n"))
    server.on(HOST, "/robots.txt", redirect("http://www.b.gov.cn/rules.txt", 301))
    result = crawl(EIGHT, connection_map=server.map_for([HOST, "www.b.gov.cn"]), settings=AT_ONCE)
    assert [page.reason for page in result.pages] == ["robots"] * 8, result.log


def test_H7_our_own_group_wins_and_paths_count(server: FaultServer) -> None:
    rules = "User-agent: *\nDisallow: /\n\nUser-agent: policy-crawler\nDisallow: /1\n"
    result = crawl_eight(server, robots(rules))
    assert [page.url for page in result.pages if page.reason == "robots"] == [EIGHT[1]], result.log
    assert fetched(server) == 7


def test_H7_the_first_512_kib_count(server: FaultServer) -> None:
    filler = "# a comment\n" * (512 * 1024 // 12 + 1)
    early = robots("User-agent: *\nDisallow: /1\n" + filler * 20)  # 10 MB
    result = crawl_eight(server, early)
    assert [page.url for page in result.pages if page.reason == "robots"] == [EIGHT[1]], result.log
    server.forget()
    result = crawl_eight(server, robots(filler + "User-agent: *\nDisallow: /1\n"))
    assert [page.status for page in result.pages] == [200] * 8, result.log


def test_H7_rules_are_read_in_any_charset(server: FaultServer) -> None:
    text = "# 本站只允许访问公开栏目\nUser-agent: *\nDisallow: /1\n"
    charsets = ("gb18030", "utf-8-sig", "utf-16")
    rules = {charset: respond(text.encode(charset), content_type="text/plain") for charset in charsets}
    result, hosts = crawl_many(server, rules)
    for host in hosts:
        refused = [page.url for page in pages_of(result, host) if page.reason == "robots"]
        assert refused == [f"http://{host}/1"], result.log


def test_H7_rules_of_a_server_that_tells_no_length_are_taken_at_once(server: FaultServer) -> None:
    rules = respond("User-agent: *\nDisallow: /1\n", content_type="text/plain", framing="close")
    result = crawl_eight(server, rules)
    assert [page.url for page in result.pages if page.reason == "robots"] == [EIGHT[1]], result.log
    assert len(server.requests(HOST, "/robots.txt")) == 1


def test_H7_crawl_delay_is_kept(server: FaultServer) -> None:
    server.on(HOST, "*", respond("<html>page</html>"))
    server.on(HOST, "/robots.txt", robots("User-agent: *\nCrawl-delay: 0.6\n"))
    result = crawl(EIGHT[:4], connection_map=server.map_for([HOST]), settings=AT_ONCE | {"DOWNLOAD_DELAY": 0.05})
    assert [page.status for page in result.pages] == [200] * 4, result.log
    times = [request.at for request in server.requests(HOST)]
    gaps = [after - before for before, after in itertools.pairwise(times)]
    assert all(gap > 0.55 for gap in gaps), gaps


def test_H7_each_scheme_and_host_has_rules_of_its_own(server: FaultServer) -> None:
    server.on("*", "*", respond("<html>page</html>"))
    server.on("*", "/robots.txt", respond(status=404))
    server.on("www.b.gov.cn", "/robots.txt", robots("User-agent: *\nDisallow: /\n"))
    urls = ["http://www.a.gov.cn/", "https://www.a.gov.cn/", "http://www.b.gov.cn/"]
    result = crawl(urls, connection_map=server.map_for(["www.a.gov.cn", "www.b.gov.cn"]))
    assert [result.page(url).reason for url in urls] == [None, None, "robots"], result.log
    asked = [(request.host, request.tls) for request in server.requests(path="/robots.txt")]
    assert sorted(asked) == [("www.a.gov.cn", False), ("www.a.gov.cn", True), ("www.b.gov.cn", False)]


def test_H7_robots_are_in_the_fetch_log(server: FaultServer) -> None:
    result = crawl_eight(server, robots("User-agent: *\nDisallow: /\n"))
    lines = [(line["purpose"], line["outcome"], line["status"]) for line in result.fetches]
    assert lines.count(("robots", "fetched", 200)) == 1
    assert lines.count(("document", "refused", None)) == 8
    assert all(line["error"].startswith("robots: ") for line in result.fetches if line["outcome"] == "refused")
