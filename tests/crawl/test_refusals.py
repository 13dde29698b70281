"""Sites that refuse, fail, gut their pages or never end: what the run says of them."""

import signal
import time
from datetime import UTC, datetime

import pytest
from support.fault_server import hang_up, redirect, respond, robots
from support.sites import WAF, article, trs_column, trs_rows

HOST = "fgw.example.gov.cn"
LIST = "/xxgk/tz/index.html"
SOURCE = "fgw-tz"


@pytest.fixture
def column(server, crawler):
    """A TRS column of six documents."""
    crawler.hosts = [HOST]
    crawler.source(
        id=SOURCE,
        issuer="示例发展改革委",
        issuer_short="示例发改委",
        column="通知",
        list_url=f"https://{HOST}{LIST}",
        family="trs",
        publishes="policy",
        level="city",
        expect={"entries": 6},
    )
    server.on(HOST, LIST, respond(trs_column(trs_rows(range(6, 0, -1)))))
    for number in range(1, 7):
        body = f"<p>各区发展改革委：</p><p>现就第{number}项工作通知如下，请认真贯彻执行，并按时报送进展情况。</p>" * 3
        server.on(HOST, path(number), article(f"关于做好第{number}项工作的通知", body))
    return server


def path(number):
    return f"/xxgk/tz/202611/t20261120_{number}.html"


def asked(server):
    return [request.path for request in server.requests(HOST) if "/t2026" in request.path]


def test_a_healthy_column(crawler, column):
    ended = crawler.crawl(SOURCE)
    assert (ended.code, ended.verdict, len(ended.documents("added"))) == (0, "ok", 6), ended.log


@pytest.mark.parametrize("status", [200, 521])
def test_a_challenge_in_place_of_the_list_is_blocked_whatever_its_status(crawler, column, status):
    column.on(HOST, LIST, respond(WAF, status=status))
    ended = crawler.crawl(SOURCE)
    assert (ended.code, ended.verdict) == (3, "blocked")
    assert LIST in ended.closed["reason"]
    assert asked(column) == []


def test_robots_txt_blocks_and_nothing_is_asked(crawler, column):
    column.on(HOST, "/robots.txt", robots("User-agent: *\nDisallow: /xxgk/"))
    ended = crawler.crawl(SOURCE)
    assert (ended.code, ended.verdict) == (3, "blocked")
    assert "robots" in ended.closed["reason"]
    assert [request.path for request in column.requests(HOST)] == ["/robots.txt"]
    assert crawler.sql("SELECT purpose, outcome FROM fetch WHERE outcome = 'refused'") == [("listing", "refused")]


@pytest.mark.parametrize("behaviour", [respond("", status=500), hang_up(), respond("", status=404)])
def test_a_list_that_cannot_be_had_is_a_failure(crawler, column, behaviour):
    column.on(HOST, LIST, behaviour)
    ended = crawler.crawl(SOURCE)
    assert (ended.code, ended.verdict) == (1, "failed")


def test_a_login_page_in_place_of_the_list(crawler, column):
    column.on(HOST, LIST, respond("<title>用户登录</title><form><input type=password name=p></form>请先登录"))
    assert crawler.crawl(SOURCE).verdict == "blocked"


def test_I7_a_list_gone_empty_alarms_at_once_and_withdraws_nothing(crawler, column):
    crawler.crawl(SOURCE)
    column.on(HOST, LIST, respond(trs_column("")))
    column.forget()
    ended = crawler.crawl(SOURCE, "--recheck=all")
    assert (ended.code, ended.verdict) == (3, "quarantined")
    assert ended.closed["reason"] == "0 entries on page 1, expected usually 6"
    assert asked(column) == []
    assert crawler.sql("SELECT DISTINCT state FROM document") == [("current",)]


def test_I8_a_list_with_far_fewer_entries_is_stored_and_not_published(crawler, column):
    column.on(HOST, LIST, respond(trs_column(trs_rows([2, 1]))))
    ended = crawler.crawl(SOURCE)
    assert (ended.verdict, len(ended.documents("added"))) == ("quarantined", 2)
    assert crawler.sql("SELECT DISTINCT state FROM event WHERE kind = 'added'") == [("quarantined",)]


def test_I8_one_title_for_every_entry_is_drift(crawler, column):
    rows = trs_rows(range(6, 0, -1))
    for number in range(1, 7):
        rows = rows.replace(f"第{number}项", "某项")
    column.on(HOST, LIST, respond(trs_column(rows)))
    ended = crawler.crawl(SOURCE)
    assert ended.verdict == "quarantined"
    assert "same title" in ended.closed["reason"]


def test_I7_a_list_served_in_another_way_is_held_and_the_way_is_named(crawler, column):
    crawler.crawl(SOURCE)
    records = "".join(
        f"<record><![CDATA[{row}</li>]]></record>" for row in trs_rows(range(6, 0, -1)).split("</li>")[:-1]
    )
    island = f'<script type="text/xml"><datastore><recordset>{records}</recordset></datastore></script>'
    column.on(HOST, LIST, respond(trs_column(island)))
    ended = crawler.crawl(SOURCE)
    assert ended.verdict == "quarantined"
    assert ended.closed["reason"] == (
        "0 entries on page 1, expected usually 6; read as 'jcms': 6 of the 6 entries known from before; "
        f"see: policy-crawler sources repair {SOURCE}"
    )
    assert crawler.sql("SELECT state, state_reason FROM source WHERE id = :id", id=SOURCE) == [
        ("quarantined", ended.closed["reason"])
    ]


def test_I8_fewer_entries_than_usual_are_drift_where_the_entry_expects_nothing(crawler, column):
    crawler.source(
        id="fgw-gg", issuer="示例发展改革委", issuer_short="示例发改委", column="公告", family="trs",
        publishes="policy", list_url=f"https://{HOST}{LIST}", level="city",
    )  # fmt: skip
    for _ in range(3):
        assert crawler.crawl("fgw-gg").verdict == "ok"
    assert crawler.sql("SELECT entries, dated, newest FROM run WHERE source_id = 'fgw-gg'")[0][:2] == (6, 6)
    column.on(HOST, LIST, respond(trs_column(trs_rows([2, 1]))))
    ended = crawler.crawl("fgw-gg")
    assert (ended.verdict, ended.closed["reason"]) == ("quarantined", "2 entries on page 1, usually 6")


def test_a_list_that_moved_for_good_is_read_and_said(crawler, column):
    column.on(HOST, "/zwgk/tz/index.html", respond(trs_column(trs_rows(range(6, 0, -1)))))
    column.on(HOST, LIST, redirect("/zwgk/tz/index.html", status=301))
    assert crawler.crawl(SOURCE).verdict == "ok"
    assert crawler.sql("SELECT state, state_reason FROM source WHERE id = :id", id=SOURCE) == [
        ("degraded", f"the list moved to https://{HOST}/zwgk/tz/index.html")
    ]


def test_a_column_that_begins_anew_with_the_year_is_believed(crawler, column):
    assert crawler.crawl(SOURCE).verdict == "ok"
    now = datetime.now(UTC)
    for month, verdict in ((1, "ok"), (6, "quarantined")):
        day = datetime(now.year + 1, month, 6, 4, tzinfo=UTC)
        column.on(HOST, LIST, respond(trs_column(trs_rows([6], day.date()))))
        ended = crawler.crawl(SOURCE, clock=(day - now).total_seconds())
        assert ended.verdict == verdict, ended.closed


@pytest.mark.parametrize(
    ("kind", "why"), [("expired", "expired"), ("self-signed", "authority"), ("wrong-host", "host")]
)
def test_H12_a_bad_certificate_fails_the_run_with_a_plain_reason(crawler, column, kind, why):
    column.certificate(HOST, kind)
    ended = crawler.crawl(SOURCE)
    assert (ended.code, ended.verdict) == (1, "failed")
    assert "certificate" in ended.closed["reason"]
    assert why in ended.closed["reason"]
    assert crawler.sql("SELECT state FROM source WHERE id = :id", id=SOURCE) == [("broken",)]


def test_H8_a_challenge_alarms_at_the_third_run_and_its_end_is_told_once(crawler, column):
    def told():
        return [kind for (kind,) in crawler.sql("SELECT kind FROM event WHERE kind LIKE 'source_%' ORDER BY id")]

    list_page = respond(trs_column(trs_rows(range(6, 0, -1))))
    for number in range(1, 5):
        column.on(HOST, LIST, respond(WAF, status=521))
        assert crawler.crawl(SOURCE, clock=7200 * number).verdict == "blocked"
        assert told() == (["source_failing"] if number >= 3 else [])
    column.on(HOST, LIST, list_page)
    for number in range(5, 7):
        assert crawler.crawl(SOURCE, clock=7200 * number).verdict == "ok"
        assert told() == ["source_failing", "source_recovered"]


def test_some_pages_that_fail_make_it_partial_and_are_asked_again(crawler, column):
    column.on(HOST, path(3), respond("", status=502))
    ended = crawler.crawl(SOURCE)
    assert (ended.code, ended.verdict, len(ended.documents("added"))) == (1, "partial", 5)
    assert "1 of 6 pages" in ended.closed["reason"]
    column.on(HOST, path(3), article("关于做好第3项工作的通知", "<p>现就第3项工作通知如下，请认真贯彻执行。</p>" * 9))
    ended = crawler.crawl(SOURCE, clock=2 * 86400)
    assert (ended.verdict, ended.documents("added")) == ("ok", ["关于做好第3项工作的通知"])


def test_every_page_failing_is_a_failure_every_page_refusing_a_block(crawler, column):
    for number in range(1, 7):
        column.on(HOST, path(number), hang_up())
    assert crawler.crawl(SOURCE).verdict == "failed"
    for number in range(1, 7):
        column.on(HOST, path(number), respond(WAF, status=521))
    ended = crawler.crawl(SOURCE, clock=2 * 86400)
    assert (ended.code, ended.verdict) == (3, "blocked")
    assert crawler.sql("SELECT count(*) FROM document") == [(0,)]


def test_H13_a_limit_on_requests_makes_the_run_partial_never_complete(crawler, column):
    ended = crawler.crawl(SOURCE, settings=["POLICY_MAX_PAGES=4"])
    assert (ended.code, ended.verdict) == (1, "partial")
    assert "truncated: 4 requests" in ended.closed["reason"]
    assert len(column.requests(HOST)) <= 6
    # What was found and not fetched is fetched by the next run.
    ended = crawler.crawl(SOURCE)
    assert ended.verdict == "ok"
    assert crawler.sql("SELECT count(*) FROM document") == [(6,)]


def test_H13_a_calendar_without_end_is_cut_and_says_so(crawler, column):
    column.on(HOST, LIST, respond(trs_column(trs_rows(range(6, 0, -1)))))
    crawler.crawl(SOURCE)
    crawler.source(
        id=SOURCE, issuer="示例发展改革委", issuer_short="示例发改委", column="通知", list_url=f"https://{HOST}{LIST}",
        family="links", publishes="policy", level="city",
    )  # fmt: skip

    async def endless(exchange):
        month = int(exchange.request.query.partition("month=")[2] or 1)
        page = f"<ul>{trs_rows(range(month * 10, month * 10 + 6))}</ul><a href='{LIST}?month={month + 1}'>下一页</a>"
        await respond(f"<html><body>{page}</body></html>")(exchange)

    column.on(HOST, LIST, endless)
    column.on(HOST, "*", article("关于做好某项工作的通知", "<p>现就某项工作通知如下。</p>" * 9))
    ended = crawler.crawl(SOURCE)
    assert ended.verdict == "partial"
    assert "truncated: 5 pages of the list" in ended.closed["reason"]
    assert len(column.requests(HOST, LIST)) == 6


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_the_run_in_good_order(crawler, column, number, code):
    running = crawler.start(SOURCE, settings=["DOWNLOAD_DELAY=0.5"])
    running.until(lambda event: event["event"] == "document")
    running.send(number)
    ended = running.wait()
    assert (ended.code, ended.verdict) == (code, "interrupted")
    kept = len(ended.documents("added"))
    assert 1 <= kept < 6
    # The next run goes on where this one stopped.
    column.forget()
    assert crawler.crawl(SOURCE).verdict == "ok"
    assert crawler.sql("SELECT count(*) FROM document") == [(6,)]
    assert len(asked(column)) == 6 - kept


def test_after_a_kill_the_next_run_finds_what_was_left(crawler, column):
    running = crawler.start(SOURCE, settings=["DOWNLOAD_DELAY=0.5"])
    running.until(lambda event: event["event"] == "document")
    running.send(signal.SIGKILL)
    assert running.wait().code == -signal.SIGKILL
    assert crawler.crawl(SOURCE).verdict == "ok"
    assert crawler.sql("SELECT count(*) FROM document") == [(6,)]


def test_a_page_that_says_it_is_gone_is_missing_not_archived(crawler, column):
    column.on(HOST, path(2), respond("<title>404</title><p>您访问的页面不存在或已删除</p>"))
    ended = crawler.crawl(SOURCE)
    assert ended.closed["counts"]["missing"] == 1
    assert crawler.sql("SELECT count(*) FROM document") == [(5,)]


def test_wrong_use_is_told_with_the_next_step(crawler, column):
    ended = crawler.crawl("fgw-tt")
    assert (ended.code, ended.events) == (2, [])
    assert "Did you mean 'fgw-tz'?" in ended.log
    ended = crawler.crawl(SOURCE, "--since=2026-13-01")
    assert ended.code == 2
    assert "since: expected a date" in ended.log


def test_a_site_that_asks_to_be_left_alone_is_left_alone_by_later_runs(crawler, column):
    column.on(HOST, LIST, respond("", status=429, headers=[("Retry-After", "7200")]))
    ended = crawler.crawl(SOURCE)
    assert (ended.code, ended.verdict) == (3, "blocked")
    assert "429" in ended.closed["reason"]
    column.on(HOST, LIST, respond(trs_column(trs_rows(range(6, 0, -1)))))
    column.forget()
    ended = crawler.crawl(SOURCE, clock=3600)
    assert (ended.verdict, "held: " in ended.closed["reason"]) == ("blocked", True)
    assert column.requests(HOST) == []
    assert crawler.crawl(SOURCE, clock=7300).verdict == "ok"


def test_H13_a_limit_on_time_makes_the_run_partial(crawler, column):
    ended = crawler.crawl(SOURCE, settings=["DOWNLOAD_DELAY=1", "POLICY_MAX_MINUTES=0.03"])
    assert (ended.code, ended.verdict) == (1, "partial")
    assert "truncated: 0.03 minutes were over" in ended.closed["reason"]
    assert len(ended.documents("added")) < 6


def test_a_second_signal_ends_it_at_once_and_the_run_is_found_dead(crawler, column):
    running = crawler.start(SOURCE, settings=["DOWNLOAD_DELAY=5"])
    running.until(lambda event: event["event"] == "progress")
    running.send(signal.SIGTERM)
    deadline = time.monotonic() + 20
    while not running.ended() and time.monotonic() < deadline:
        running.send(signal.SIGTERM)
        time.sleep(0.05)
    assert running.wait().code == -signal.SIGTERM
    assert crawler.sql("SELECT state FROM run") == [("running",)]
    assert crawler.crawl(SOURCE).verdict == "ok"


def test_an_error_of_our_reader_in_one_page_is_told_and_holds_nothing_back(crawler, column, tmp_path):
    # The extractor's module is shadowed for this crawl by one that fails for one page.
    broken = tmp_path / "sitecustomize.py"
    broken.write_text(
        "import policy_crawler.reading as r\n"
        "whole = r.read\n"
        "def read(body, url, **more):\n"
        "    if url.endswith('_3.html'): raise ZeroDivisionError('a mistake')\n"
        "    return whole(body, url, **more)\n"
        "r.read = read\n"
    )
    ended = crawler.start(SOURCE, path=str(tmp_path)).wait()
    assert (ended.code, ended.verdict, len(ended.documents("added"))) == (1, "partial", 5)
    assert "an error of this program: ZeroDivisionError: a mistake" in ended.closed["reason"]
    assert "Traceback" in ended.log
