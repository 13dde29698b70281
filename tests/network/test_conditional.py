"""H11: conditional requests, and servers that answer 304 when they should not."""

from datetime import UTC, datetime

from support.crawl_child import crawl
from support.fault_server import FaultServer, in_turn, redirect, respond

HOST = "www.a.gov.cn"
URL = f"http://{HOST}/page"
CONDITIONAL = {"url": URL, "meta": {"conditional": True, "purpose": "recheck"}}
DATE = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)


def test_H11_an_unchanged_page_answers_304_to_the_callback(server: FaultServer) -> None:
    server.on(HOST, "/page", respond("<html>page</html>", etag='"v1"', last_modified=DATE))
    known: dict[str, list[str | None]] = {URL: ['"v1"', "Sun, 01 Nov 2026 08:00:00 GMT"]}
    result = crawl([CONDITIONAL], connection_map=server.map_for([HOST]), validators=known)
    assert result.pages[0].status == 304, result.log
    (request,) = server.requests(HOST, "/page")
    assert request.header("If-None-Match") == '"v1"'
    assert request.header("If-Modified-Since") == "Sun, 01 Nov 2026 08:00:00 GMT"
    assert [line["outcome"] for line in result.fetches if line["purpose"] == "recheck"] == ["not_modified"]


def test_H11_a_changed_page_answers_in_full(server: FaultServer) -> None:
    server.on(HOST, "/page", respond("<html>new</html>", etag='"v2"'))
    result = crawl([CONDITIONAL], connection_map=server.map_for([HOST]), validators={URL: ['"v1"', None]})
    assert result.pages[0].body == b"<html>new</html>", result.log


def test_H11_without_the_mark_nothing_conditional_is_asked(server: FaultServer) -> None:
    server.on(HOST, "/page", respond("<html>page</html>", etag='"v1"'))
    result = crawl([URL], connection_map=server.map_for([HOST]), validators={URL: ['"v1"', None]})
    assert result.pages[0].status == 200, result.log


def test_H11_validators_do_not_follow_a_redirect(server: FaultServer) -> None:
    server.on(HOST, "/page", redirect("/other"))
    server.on(HOST, "/other", respond("<html>other</html>", etag='"v1"'))
    result = crawl([CONDITIONAL], connection_map=server.map_for([HOST]), validators={URL: ['"v1"', None]})
    assert result.pages[0].body == b"<html>other</html>", result.log
    (request,) = server.requests(HOST, "/other")
    assert request.header("If-None-Match") is None


def test_H11_a_304_nobody_asked_for_is_asked_again_past_caches(server: FaultServer) -> None:
    server.on(HOST, "/page", in_turn(respond(status=304), respond("<html>page</html>")))
    result = crawl([URL], connection_map=server.map_for([HOST]))
    assert result.pages[0].body == b"<html>page</html>", result.log
    second = server.requests(HOST, "/page")[1]
    assert second.header("Cache-Control") == "no-cache"


def test_H11_a_304_after_a_redirect_is_asked_again(server: FaultServer) -> None:
    server.on(HOST, "/page", redirect("/other"))
    server.on(HOST, "/other", in_turn(respond(status=304), respond("<html>other</html>")))
    result = crawl([CONDITIONAL], connection_map=server.map_for([HOST]), validators={URL: ['"v1"', None]})
    assert result.pages[0].body == b"<html>other</html>", result.log


def test_H11_a_server_that_only_says_304_is_an_error(server: FaultServer) -> None:
    server.on(HOST, "/page", respond(status=304))
    result = crawl([URL], connection_map=server.map_for([HOST]))
    assert result.pages[0].reason == "unchanged", result.log
    assert len(server.requests(HOST, "/page")) == 2
