"""One page by its URL, archived or only fetched."""

import json
import subprocess
import sys

from support.fault_server import redirect, respond, robots
from support.sites import MIIT, WAF, Ministry

from policy_crawler.catalog import PAGE

FETCH = """
import json, sys
from datetime import date
from policy_crawler.fetching import fetch
from policy_crawler.previews import ListQuery, preview
if sys.argv[1] == "lists":
    seen = preview([ListQuery(url) for url in sys.argv[2:]], date(2026, 11, 24))
    print(json.dumps([[a.family, len(a.listing.entries), a.column.final_url, a.last.final_url] for a in seen]))
    sys.exit()
answers = fetch(sys.argv[2:])
print(json.dumps([[a.status, a.url, a.final_url, len(a.body)] if hasattr(a, "status") else str(a) for a in answers]))
"""


def test_a_page_by_its_url(crawler, server):
    crawler.hosts = [MIIT]
    notice = Ministry(server).notices[0]
    ended = crawler.crawl("page", "--url", notice.url)
    assert (ended.code, ended.verdict, ended.documents("added")) == (0, "ok", [notice.title])
    assert crawler.sql("SELECT source_id, trigger FROM run") == [(PAGE.id, "url")]
    ended = crawler.crawl("page", "--url", notice.url, "--recheck=due")
    assert (ended.code, ended.closed["counts"]["same"]) == (0, 1)


def test_a_page_that_refuses_or_is_not_there(crawler, server):
    crawler.hosts = [MIIT]
    server.on(MIIT, "/a.html", respond(WAF, status=521))
    ended = crawler.crawl("page", "--url", f"https://{MIIT}/a.html")
    assert (ended.code, ended.verdict) == (3, "blocked")
    ended = crawler.crawl("page", "--url", f"https://{MIIT}/b.html")
    assert ended.closed["counts"]["missing"] == 1
    assert crawler.crawl("page").code == 2


def test_fetching_keeps_nothing_and_obeys_the_same_rules(crawler, server):
    crawler.hosts = [MIIT, "no.example.gov.cn"]
    ministry = Ministry(server)
    server.on(MIIT, "/old.html", redirect(ministry.notices[0].path))
    server.on("no.example.gov.cn", "/robots.txt", robots("User-agent: *\nDisallow: /"))
    urls = [
        f"https://{MIIT}/old.html",
        "https://no.example.gov.cn/a.html",
        f"https://{MIIT}/none.html",
        "http://127.0.0.1/",
    ]
    answers = fetched(crawler, "pages", *urls)
    assert answers[0][:3] == [200, urls[0], ministry.notices[0].url]
    assert answers[1].startswith("robots: ")
    assert answers[2][0] == 404
    assert answers[3].startswith(("address: ", "url: "))
    assert not (crawler.home / "archive.db").exists()


def test_a_preview_of_a_list_follows_its_script(crawler, server):
    crawler.hosts = [MIIT]
    Ministry(server)
    url = f"https://{MIIT}/zwgk/zcwj/wjfb/tz/index.html"
    (seen,) = fetched(crawler, "lists", url)
    assert seen[:3] == ["jpaas", 12, url]
    assert "/front/page/build/unit?" in seen[3]
    assert not (crawler.home / "archive.db").exists()


def fetched(crawler, kind, *urls):
    done = subprocess.run(
        [sys.executable, "-c", FETCH, kind, *urls],
        env={**crawler.environment(), "POLICY_CRAWLER_CRAWL__DELAY": "0"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])
