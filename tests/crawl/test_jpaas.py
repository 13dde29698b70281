"""The ministry's column end to end: its page, the unit API, the articles, the archive."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.fault_server import respond, silence
from support.sites import COLUMN, MIIT, UNIT, Ministry, Notice

ROOT = Path(__file__).parents[2]
SOURCE = "miit-wjfb-tz"
HOUR = 3600


@pytest.fixture
def ministry(server, crawler):
    crawler.hosts = [MIIT]
    return Ministry(server)


def test_a_first_crawl_archives_every_page_of_the_list(crawler, ministry):
    ended = crawler.start(SOURCE, path=os.devnull).wait()  # from scratch, as in production
    assert (ended.code, ended.verdict) == (0, "ok"), ended.log
    assert len(ended.documents("added")) == 30
    assert ministry.lists_asked() == 3
    assert crawler.sql("SELECT count(*) FROM document") == [(30,)]
    (row,) = crawler.sql("SELECT title, number, published FROM document WHERE title LIKE '%第30批%'")
    assert row == (ministry.notices[0].title, "工信厅科函〔2026〕30号", str(ministry.notices[0].day))
    (run,) = crawler.sql("SELECT verdict, backlog, state, trigger FROM run")
    assert run == ("ok", 1, "finished", "manual")
    assert {request.header("User-Agent") for request in ministry.server.requests()} == {"policy-crawler/0.1.0"}
    assert {request.header("Accept-Language") for request in ministry.server.requests()} == {"zh-CN,zh;q=0.9,en;q=0.5"}


def test_the_next_crawls_ask_for_what_is_new_and_no_more(crawler, ministry):
    crawler.crawl(SOURCE)
    ministry.server.forget()
    ended = crawler.crawl(SOURCE)
    assert (ended.verdict, ministry.lists_asked(), ministry.articles_asked()) == ("ok", 1, [])

    # Two new ones, and an old one pinned on top: neither one known entry nor a pinned one ends the list.
    pinned = ministry.notices[25]
    ministry.notices = [pinned, Notice(32), Notice(31), *ministry.notices]
    ministry.server.forget()
    ended = crawler.crawl(SOURCE)
    assert ended.verdict == "ok"
    assert sorted(ended.documents("added")) == [Notice(31).title, Notice(32).title]
    assert (ministry.lists_asked(), len(ministry.articles_asked())) == (2, 2)
    assert crawler.sql("SELECT count(*) FROM event WHERE state = 'published' AND kind = 'added' AND NOT backlog") == [
        (2,)
    ]


def test_a_server_that_ignores_the_page_number_ends_the_list(crawler, ministry):
    ministry.stuck = True
    ended = crawler.crawl(SOURCE)
    assert (ended.verdict, ministry.lists_asked(), len(ended.documents("added"))) == ("ok", 2, 12)


def test_a_run_that_died_on_the_second_page_leaves_no_gap(crawler, ministry):
    crawler.crawl(SOURCE)
    ministry.notices = [*(Notice(number) for number in range(50, 30, -1)), *ministry.notices]
    unit = ministry._unit

    async def stuck(exchange):
        await (silence() if "paramJson" in exchange.request.query else unit)(exchange)

    ministry.server.on(MIIT, UNIT, stuck)
    ministry.server.forget()
    running = crawler.start(SOURCE)
    deadline = time.monotonic() + 30
    while ministry.lists_asked() < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    running.send(signal.SIGKILL)
    running.wait()
    ministry.server.on(MIIT, UNIT, unit)
    ended = crawler.crawl(SOURCE)
    assert (ended.verdict, ministry.lists_asked()) == ("ok", 2 + 3)
    assert crawler.sql("SELECT count(*) FROM document") == [(50,)]


def test_pages_and_since_read_past_known_entries(crawler, ministry):
    crawler.crawl(SOURCE, "--pages=1")
    assert (ministry.lists_asked(), len(ministry.articles_asked())) == (1, 12)
    ended = crawler.crawl(SOURCE, f"--since={Notice(16).day}")
    assert len(ended.documents("added")) == 12  # the second page, whose last entries are older than that day
    assert crawler.sql("SELECT trigger, backlog FROM run") == [("backfill", 1), ("backfill", 1)]


def test_a_changed_text_is_told_clause_by_clause_and_unchanged_pages_cost_little(crawler, ministry):
    ministry.notices = [Notice(number) for number in range(12, 0, -1)]
    crawler.crawl(SOURCE)
    ministry.notices[3].text = ministry.notices[3].text.replace("落到实处", "落到实处，并于2026年12月31日前完成整改")
    ministry.server.forget()
    ended = crawler.crawl(SOURCE, "--recheck=all", clock=2 * HOUR)
    assert ended.verdict == "ok"
    assert ended.documents("changed") == [ministry.notices[3].title]
    (told,) = [event for event in ended.events if event.get("outcome") == "changed"]
    assert [change["operation"] for change in told["changes"]] == ["changed"]
    assert ended.closed["counts"]["same"] == 11
    statuses = dict(crawler.sql("SELECT status, count(*) FROM fetch WHERE purpose = 'recheck' GROUP BY status"))
    assert statuses == {200: 1, 304: 11}


def test_scrapy_crawls_like_any_other(crawler, ministry):
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", "crawl", SOURCE, "-s", "DOWNLOAD_DELAY=0", "-a", "pages=1"],
        env=crawler.environment(),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert crawler.sql("SELECT verdict, trigger FROM run") == [("ok", "backfill")]
    assert crawler.sql("SELECT count(*) FROM document") == [(12,)]


def test_scrapys_own_tools_go_through_the_guard_and_record_nothing(crawler, ministry):
    def scrapy(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "scrapy", *arguments],
            env=crawler.environment(),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    assert SOURCE in scrapy("list").stdout.split()
    done = scrapy("fetch", "--nolog", ministry.notices[0].url)
    assert ministry.notices[0].title in done.stdout, done.stderr
    assert "工业" not in scrapy("fetch", "--nolog", "http://169.254.169.254/").stdout
    assert not (crawler.home / "archive.db").exists()


def test_a_queued_run_is_started_not_opened_anew(crawler, ministry):
    ministry.notices = ministry.notices[:12]
    crawler.crawl(SOURCE)
    from sqlalchemy import create_engine

    from storage.archive import Archive
    from storage.clock import Clock
    from storage.snapshots import SnapshotStore

    engine = create_engine(f"sqlite:///{crawler.home / 'archive.db'}")
    queued = Archive(engine, SnapshotStore(crawler.home / "snapshots"), Clock()).queue_run(SOURCE, "schedule", "slot-1")
    engine.dispose()
    ended = crawler.crawl(SOURCE, f"--run={queued}")
    assert ended.events[0]["run"] == queued
    assert crawler.sql("SELECT trigger, verdict FROM run ORDER BY id") == [("manual", "ok"), ("schedule", "ok")]


def test_a_page_after_the_first_that_fails_makes_the_run_partial(crawler, ministry):
    async def broken(exchange):
        if "paramJson" in exchange.request.query:
            await respond("", status=502)(exchange)
        else:
            await ministry._unit(exchange)

    ministry.server.on(MIIT, UNIT, broken)
    ended = crawler.crawl(SOURCE)
    assert (ended.code, ended.verdict) == (1, "partial")
    assert "page 2 of the list could not be read" in ended.closed["reason"]
    assert len(ended.documents("added")) == 12


def test_a_redesigned_column_is_quarantined_and_loses_nothing(crawler, ministry):
    crawler.crawl(SOURCE)
    ministry.server.on(MIIT, COLUMN, respond("<html><body><div id='app'></div><h1>通知公告</h1></body></html>"))
    ended = crawler.crawl(SOURCE, "--recheck=all")
    assert (ended.code, ended.verdict) == (3, "quarantined")
    assert "querydata" in ended.closed["reason"]
    assert crawler.sql("SELECT DISTINCT state FROM document") == [("current",)]


def test_a_list_without_entries_is_no_success(crawler, ministry):
    ministry.notices = []
    ended = crawler.crawl(SOURCE)
    assert (ended.code, ended.verdict) == (3, "quarantined")
    assert ended.closed["reason"] == "0 entries on page 1, expected usually 15"


def test_progress_is_told_on_the_pipe(crawler, ministry):
    ended = crawler.crawl(SOURCE, "--pages=1")
    kinds = [event["event"] for event in ended.events]
    assert (kinds[0], kinds[-1]) == ("opened", "closed")
    assert "progress" in kinds
    document = next(event for event in ended.events if event["event"] == "document")
    assert document.keys() >= {"outcome", "title", "url", "doc_number", "changes", "run"}
    assert document["doc_number"].startswith("工信厅科函")
