"""H6: hosts that ask for time get it."""

import itertools
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from scrapy.http import Response
from support.crawl_child import crawl
from support.fault_server import FaultServer, hang_up, in_turn, respond, robots

from policy_crawler.middlewares.holds import retry_after

HOST = "www.a.gov.cn"
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
DAY = timedelta(hours=24)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("3600", timedelta(hours=1)),
        (" 120 ", timedelta(minutes=2)),
        ("0", None),
        ("-1", None),
        ("1e9", None),
        ("soon", None),
        ("", None),
        ("³", None),
        (str(10**9), DAY),
        ("9" * 400, DAY),
        (format_datetime(NOW + timedelta(hours=2), usegmt=True), timedelta(hours=2)),
        (format_datetime(NOW - timedelta(hours=2), usegmt=True), None),
        ("Fri, 31 Dec 9999 23:59:59 GMT", DAY),
        ("Tue, 24 Nov 2026 13:00:00", None),  # no zone: not an HTTP date
    ],
)
def test_H6_retry_after(value: str, expected: timedelta | None) -> None:
    response = Response("http://a.cn", status=429, headers={"Retry-After": value.encode()})
    assert retry_after(response, NOW) == expected


def test_H6_a_date_is_relative_to_the_servers_own_clock() -> None:
    ahead = NOW + timedelta(days=3)
    headers = {
        "Date": format_datetime(ahead, usegmt=True),
        "Retry-After": format_datetime(ahead + timedelta(minutes=5), usegmt=True),
    }
    assert retry_after(Response("http://a.cn", status=503, headers=headers), NOW) == timedelta(minutes=5)


def test_H6_a_long_retry_after_ends_the_run_for_that_host(server: FaultServer) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    asked = {"seconds": "3600", "absurd": str(10**9), "date": date}
    hosts = {f"www.{name}{status}.cn": (status, asked[name]) for name in asked for status in (429, 503)}
    for host, (status, value) in hosts.items():
        server.on(host, "*", respond("<html>busy</html>", status=status, headers=[("Retry-After", value)]))
        server.on(host, "/robots.txt", robots(""))
    server.on("www.b.gov.cn", "/", respond("<html>other host</html>"))
    urls = [f"http://{host}/{number}" for host in hosts for number in range(5)]
    result = crawl([*urls, "http://www.b.gov.cn/"], connection_map=server.map_for([*hosts, "www.b.gov.cn"]))
    assert result.page("http://www.b.gov.cn/").status == 200
    for host, (status, _) in hosts.items():
        assert len(server.requests(host)) == 2, result.log  # robots.txt and one page, whichever came first
        here = [page for page in result.pages if host in page.url]
        assert [page.status for page in here if page.status] == [status]
        held = [page for page in here if page.reason == "held"]
        assert len(held) == 4
        assert f"it answered {status}" in held[0].message
        kept = datetime.fromisoformat(result.holds[host]) - datetime.now(UTC)
        assert timedelta(minutes=55) < kept < DAY


def test_H6_a_hold_of_an_earlier_run_is_kept(server: FaultServer) -> None:
    until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    result = crawl([f"http://{HOST}/1"], connection_map=server.map_for([HOST]), held={HOST: until})
    assert result.pages[0].reason == "held", result.log
    assert server.requests() == []


def test_H6_a_hold_that_is_over_is_over(server: FaultServer) -> None:
    server.on(HOST, "/1", respond("<html>page</html>"))
    until = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    result = crawl([f"http://{HOST}/1"], connection_map=server.map_for([HOST]), held={HOST: until})
    assert result.pages[0].status == 200, result.log


def test_H6_a_short_retry_after_is_waited_out_by_all(server: FaultServer) -> None:
    busy = respond("<html>busy</html>", status=429, headers=[("Retry-After", "1")])
    server.on(HOST, "*", in_turn(busy, respond("<html>page</html>")))  # whichever page is asked first
    server.on(HOST, "/robots.txt", robots(""))
    urls = [f"http://{HOST}/{number}" for number in range(3)]
    result = crawl(urls, connection_map=server.map_for([HOST]))
    assert [result.page(url).status for url in urls] == [200] * 3, result.log
    _, refused, *later = server.requests(HOST)
    assert len(later) == 3
    assert all(request.at - refused.at > 0.95 for request in later)
    assert result.holds == {}


def test_H6_a_crawl_that_is_ended_does_not_wait(server: FaultServer) -> None:
    busy = respond("<html>busy</html>", status=429, headers=[("Retry-After", "50")])
    server.on(HOST, "/0", busy)
    began = time.monotonic()
    urls = [f"http://{HOST}/{number}" for number in range(3)]
    result = crawl(urls, connection_map=server.map_for([HOST]), settings={"CLOSESPIDER_TIMEOUT": 1})
    assert time.monotonic() - began < 10
    assert result.finish_reason == "closespider_timeout", result.log
    assert len(result.pages) == 3
    assert result.page(urls[0]).status == 429


def test_H6_a_429_that_names_no_time_is_retried_twice_then_left_alone(server: FaultServer) -> None:
    hosts = {"www.negative.cn": "-1", "www.words.cn": "soon"}
    for host, value in hosts.items():
        server.on(host, "/0", respond("<html>busy</html>", status=429, headers=[("Retry-After", value)]))
    result = crawl([f"http://{host}/0" for host in hosts], connection_map=server.map_for(list(hosts)))
    for host in hosts:
        assert result.page(f"http://{host}/0").status == 429, result.log
        assert len(server.requests(host, "/0")) == 3
        assert datetime.fromisoformat(result.holds[host]) > datetime.now(UTC) + timedelta(minutes=9)


def test_transient_failures_are_tried_again(server: FaultServer) -> None:
    statuses = (408, 500, 502, 503, 504, 522)
    for status in statuses:
        server.on(HOST, f"/{status}", in_turn(respond(status=status), respond("<html>page</html>")))
    result = crawl([f"http://{HOST}/{status}" for status in statuses], connection_map=server.map_for([HOST]))
    for status in statuses:
        url = f"http://{HOST}/{status}"
        assert result.page(url).status == 200, result.log
        logged = [(line["outcome"], line["status"]) for line in result.fetches if line["url"] == url]
        assert logged == [("status", status), ("fetched", 200)]


def test_refusals_are_not_tried_again(server: FaultServer) -> None:
    statuses = (400, 403, 404, 410, 412, 521)
    for status in statuses:
        server.on(HOST, f"/{status}", respond("<html>no</html>", status=status))
    result = crawl([f"http://{HOST}/{status}" for status in statuses], connection_map=server.map_for([HOST]))
    for status in statuses:
        assert result.page(f"http://{HOST}/{status}").status == status, result.log
        assert len(server.requests(HOST, f"/{status}")) == 1


def test_requests_to_one_host_never_overlap(server: FaultServer) -> None:
    """Also where there is no delay between them, where Scrapy's own limit does not hold (2.19)."""
    server.on(HOST, "*", respond("<html>page</html>", delay=0.1))
    result = crawl([f"http://{HOST}/{number}" for number in range(4)], connection_map=server.map_for([HOST]))
    assert [page.status for page in result.pages] == [200] * 4, result.log
    times = [request.at for request in server.requests(HOST)]
    assert all(after - before > 0.1 for before, after in itertools.pairwise(times)), times


def test_a_site_that_goes_down_is_not_asked_for_every_page(server: FaultServer) -> None:
    server.on(HOST, "*", hang_up())
    server.on(HOST, "/robots.txt", robots(""))
    server.on("www.b.gov.cn", "*", respond("<html>page</html>"))
    urls = [f"http://{HOST}/{number}" for number in range(10)]
    other = [f"http://www.b.gov.cn/{number}" for number in range(10)]
    result = crawl([*urls, *other], connection_map=server.map_for([HOST, "www.b.gov.cn"]))
    # Twisted itself repeats a request whose kept-alive connection turns out to be closed: once here.
    assert len(server.requests(HOST)) <= 1 + 6 + 1, result.log
    assert all(result.page(url).error is not None for url in urls)
    last = [page for page in result.pages if page.reason == "unreachable"]
    assert len(last) >= 8
    assert "gave no answer 6 times in a row" in last[-1].message
    assert [result.page(url).status for url in other] == [200] * 10


def test_a_page_that_fails_between_good_ones_counts_alone(server: FaultServer) -> None:
    server.on(HOST, "*", respond("<html>page</html>"))
    for number in range(0, 20, 4):
        server.on(HOST, f"/{number}", hang_up())
    urls = [f"http://{HOST}/{number}" for number in range(20)]
    settings = {"POLICY_RETRY_PAUSES": []}
    result = crawl(urls, connection_map=server.map_for([HOST]), settings=settings)
    assert len([page for page in result.pages if page.status == 200]) == 15, result.log
