"""What must bring no alert: pages that are broken, blocked or merely busy. Each ends without a version or an event."""

import pytest
from support.fault_server import in_turn, respond
from support.sites import COLUMN, MIIT, Ministry, Notice

SOURCE = "miit-wjfb-tz"
DAY = 24 * 3600
FIREWALL = """<html><head><meta charset="utf-8"><title>网站防火墙</title></head><body>
<p>您的请求带有不合法参数，已被网站管理员设置拦截！</p><p>可能原因：您提交的内容包含危险的攻击请求</p></body></html>"""


@pytest.fixture
def ministry(server, crawler):
    crawler.hosts = [MIIT]
    ministry = Ministry(server)
    ministry.notices = [Notice(number) for number in range(12, 0, -1)]
    crawler.crawl(SOURCE)
    server.forget()
    return ministry


def state(crawler):
    """What the archive holds and what it would tell."""
    versions = crawler.sql("SELECT document_id, seq FROM version ORDER BY 1, 2")
    events = crawler.sql("SELECT kind, document_id FROM event WHERE document_id IS NOT NULL ORDER BY id")
    return versions, events


def recheck(crawler):
    return crawler.crawl(SOURCE, "--recheck=all", clock=DAY)


def test_a_firewall_under_status_200_in_place_of_a_document(crawler, ministry, server):
    before = state(crawler)
    server.on(MIIT, ministry.notices[2].path, respond(FIREWALL))
    ended = recheck(crawler)
    assert ended.closed["counts"]["blocked"] == 1
    assert state(crawler) == before


def test_a_firewall_under_status_200_in_place_of_the_list(crawler, ministry, server):
    before = state(crawler)
    server.on(MIIT, COLUMN, respond(FIREWALL))
    assert recheck(crawler).verdict == "blocked"
    assert state(crawler) == before


def test_a_list_without_entries(crawler, ministry):
    before = state(crawler)
    ministry.notices = []
    ended = crawler.crawl(SOURCE, "--recheck=none", clock=DAY)
    assert ended.verdict == "quarantined"
    assert state(crawler) == before
    assert crawler.sql("SELECT kind FROM event WHERE document_id IS NULL") == [("source_failing",)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("浏览次数：198", "浏览次数：1509"),
        ("阅读量: 12 次", "阅读量: 3.4万 次"),
        ("点击数：<span>7</span>", "点击数：<span>2026</span>"),
    ],
)
def test_a_view_counter_that_moves(crawler, server, before, after):
    crawler.hosts = [MIIT]
    notice = Notice(1)
    page = notice.page().replace("<p>一、", "<p>{}</p><p>一、")
    server.on(MIIT, notice.path, in_turn(respond(page.replace("{}", before)), respond(page.replace("{}", after))))
    crawler.crawl("page", f"--url={notice.url}")
    held = state(crawler)
    ended = crawler.crawl("page", f"--url={notice.url}", clock=DAY)
    assert ended.closed["counts"]["same"] == 1
    assert state(crawler) == held


@pytest.mark.parametrize(
    ("header", "meta"),
    [
        ("text/html", ""),
        ("text/html; charset=utf-8", ""),
        ("text/html", '<meta charset="utf-8">'),
        ("text/html; charset=iso-8859-1", '<meta charset="gb2312">'),
    ],
    ids=["unlabelled", "header-says-utf-8", "meta-says-utf-8", "header-says-latin-1"],
)
def test_gbk_with_a_missing_or_a_wrong_label_is_the_same_text(crawler, server, header, meta):
    crawler.hosts = [MIIT]
    notice = Notice(1, text="为规范镕基工业园区管理，促进產業升级，根据《工业园区管理办法》，现就有关事项通知如下。")
    page = notice.page()
    labelled = respond(page, content_type="text/html; charset=utf-8")
    mislabelled = page.replace('<meta charset="utf-8">', meta).encode("gb18030")
    server.on(MIIT, notice.path, in_turn(labelled, respond(mislabelled, content_type=header)))
    crawler.crawl("page", f"--url={notice.url}")
    held = state(crawler)
    ended = crawler.crawl("page", f"--url={notice.url}", clock=DAY)
    assert ended.closed["counts"]["same"] == 1, ended.log
    assert state(crawler) == held
    assert crawler.sql("SELECT DISTINCT title FROM document") == [(notice.title,)]
    # Told first by the mislabelled bytes alone, the text is right as well.
    other = Notice(2)
    server.on(MIIT, other.path, respond(other.page().encode("gb18030"), content_type=header))
    crawler.crawl("page", f"--url={other.url}")
    assert crawler.sql("SELECT title FROM document ORDER BY id DESC LIMIT 1") == [(other.title,)]


def test_a_redirect_to_the_metadata_address_makes_no_connection(crawler, ministry, server):
    before = state(crawler)
    target = "http://169.254.169.254/latest/meta-data/"
    server.on(MIIT, ministry.notices[0].path, respond(status=302, headers=[("Location", target)]))
    ended = recheck(crawler)
    assert ended.closed["counts"].get("refused", 0) + ended.closed["counts"].get("error", 0) >= 1
    assert state(crawler) == before
    assert server.trapped() == []  # what reaches the connection is recorded there


def test_one_digit_and_one_word_are_told(crawler, ministry):
    ministry.notices[0].text = ministry.notices[0].text.replace("落到实处", "不落到实处")
    ministry.notices[1].text += "每月10日前报送。"
    ended = recheck(crawler)
    assert ended.closed["counts"]["changed"] == 2


def test_the_fetch_log_says_why_there_was_no_alert(crawler, ministry, server):
    ministry.notices[0].text = ministry.notices[0].text.replace("落到实处", "不落到实处")
    server.on(MIIT, ministry.notices[1].path, respond(FIREWALL))
    server.on(MIIT, ministry.notices[2].path, respond("gone", status=404))
    recheck(crawler)
    of_run = "SELECT url, recorded, reason FROM fetch WHERE purpose = 'recheck' AND run_id = 2"
    made = {url: (recorded, reason) for url, recorded, reason in crawler.sql(of_run)}
    assert made[ministry.notices[0].url][0] == "changed"
    assert made[ministry.notices[1].url][0] == "blocked"
    assert "拦截" in made[ministry.notices[1].url][1]
    assert made[ministry.notices[2].url] == ("missing", "HTTP status 404")
    assert sum(recorded == "same" for recorded, _ in made.values()) == 9
