"""The fault server does what its name says, seen by another client than ours."""

import http.client
import socket
import ssl
from datetime import UTC, datetime

import pytest
from support.fault_server import FaultServer, hang_up, in_turn, raw, respond


def get(server: FaultServer, path: str, **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    connection.request("GET", path, headers={"Host": "www.a.gov.cn:80", **headers})
    return connection.getresponse()


def test_answers_come_in_turn_and_the_last_stays(server: FaultServer) -> None:
    server.on("www.a.gov.cn", "/x", in_turn(respond("one"), respond("two", framing="chunked"), respond(status=404)))
    answers = [get(server, "/x") for _ in range(4)]
    assert [answer.status for answer in answers] == [200, 200, 404, 404]
    assert [request.path for request in server.requests("www.a.gov.cn")] == ["/x"] * 4


def test_a_query_is_matched_before_the_path_and_the_path_before_the_host(server: FaultServer) -> None:
    server.on("www.a.gov.cn", "*", respond("host"))
    server.on("www.a.gov.cn", "/x", respond("path"))
    server.on("www.a.gov.cn", "/x?a=1", respond("query"))
    assert [get(server, target).read() for target in ("/x?a=1", "/x?a=2", "/y")] == [b"query", b"path", b"host"]
    assert [request.query for request in server.requests(path="/x")] == ["a=1", "a=2"]


def test_conditional_requests(server: FaultServer) -> None:
    date = datetime(2026, 11, 1, tzinfo=UTC)
    server.on("www.a.gov.cn", "/x", respond("page", etag='"1"', last_modified=date))
    same = {"If-None-Match": '"1"'}
    other = {"If-None-Match": '"0"', "If-Modified-Since": "Sun, 01 Nov 2026 00:00:00 GMT"}
    since = {"If-Modified-Since": "Sun, 01 Nov 2026 00:00:00 GMT"}
    before = {"If-Modified-Since": "Sat, 31 Oct 2026 00:00:00 GMT"}
    assert [get(server, "/x", **headers).status for headers in (same, other, since, before)] == [304, 200, 304, 200]


def test_cuts_resets_and_raw_answers(server: FaultServer) -> None:
    server.on("www.a.gov.cn", "/cut", respond("0123456789", cut=4))
    server.on("www.a.gov.cn", "/reset", hang_up())
    server.on("www.a.gov.cn", "/raw", raw(b"HTTP/1.0 200 Fine\r\n\r\nbody"))
    with pytest.raises(http.client.IncompleteRead):
        get(server, "/cut").read()
    with pytest.raises(ConnectionError):
        get(server, "/reset")
    assert get(server, "/raw").read() == b"body"


def test_certificates_are_chosen_by_name(server: FaultServer) -> None:
    server.certificate("old.gov.cn", "expired")
    context = ssl.create_default_context(cafile=str(server.ca_file))

    def connect(host: str) -> None:
        with socket.create_connection(("127.0.0.1", server.tls_port), timeout=5) as plain:
            context.wrap_socket(plain, server_hostname=host).close()

    connect("www.a.gov.cn")
    with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
        connect("old.gov.cn")
