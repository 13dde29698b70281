"""`sources`: what can be crawled, what this installation crawls, and lists that changed."""

import tomllib

import pytest
from support.fault_server import redirect, respond, robots
from support.sites import COLUMN, MIIT, WAF, Ministry, article, trs_column, trs_rows

HOST = "fgw.example.gov.cn"
LIST = "/xxgk/zcfb/tz/index.html"
URL = f"https://{HOST}{LIST}"
FEED = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>示例新闻 滚动</title>{}</channel></rss>"""
ITEM = "<item><title>{0}月的一条消息说了什么</title><link>https://{1}/n/{0}.html</link><pubDate>{2}</pubDate></item>"


@pytest.fixture
def site(server, command):
    """A TRS column of six documents, known to the resolver together with a ministry's and a news site."""
    places = [f"https://{HOST}", f"https://{MIIT}", "https://www.news.example"]
    command.more = {"POLICY_CRAWLER_CONNECTION_MAP": str(server.map_for(places)), "POLICY_CRAWLER_CRAWL__DELAY": "0"}
    server.on(HOST, LIST, respond(trs_column(trs_rows(range(6, 0, -1)), pages=3)))
    for number in range(1, 7):
        body = f"<p>各区发展改革委：</p><p>现就第{number}项工作通知如下，请认真贯彻执行，并按时报送进展情况。</p>" * 3
        server.on(
            HOST, f"/xxgk/zcfb/tz/202611/t20261120_{number}.html", article(f"关于做好第{number}项工作的通知", body)
        )
    return server


def added(command):
    return tomllib.loads((command.home / "sources" / "added.toml").read_text(encoding="utf-8"))["source"]


def test_add_finds_out_what_can_be_found_out_and_what_was_added_is_crawled(command, site):
    answer = command("sources", "add", URL, "--yes")
    assert answer.code == 0, answer.err
    assert "国家发展和改革委员会 通知" in answer.out
    assert "6 entries, 100 % with a date, further pages:" in answer.out
    assert "2026-11-20  关于做好第6项工作的通知" in answer.out
    (entry,) = added(command)
    assert {name: entry[name] for name in ("id", "family", "publishes", "list_url", "column")} == {
        "id": "example-fgw-tz",
        "family": "trs",
        "publishes": "notice",
        "list_url": URL,
        "column": "通知",
    }
    assert entry["expect"] == {"entries": 6}
    assert command("crawl", entry["id"], "--json").lines[0]["verdict"] == "ok"
    shown = [row for row in command("sources", "list", "--enabled", "--json").lines if row["id"] == entry["id"]]
    assert [(row["enabled"], row["ready"], row["state"], row["documents"]) for row in shown] == [(True, True, "ok", 6)]


def test_add_asks_before_it_writes_and_json_only_previews(command, site):
    answer = command("sources", "add", URL)
    assert answer.code == 1
    assert "Add this source?" in answer.err
    previewed = command(
        "sources", "add", URL, "--json", "--column", "发文", "--level", "city", "--region", "示例市"
    ).lines[0]
    assert (previewed["written"], previewed["level"], previewed["region"]) == (False, "city", "示例市")
    assert len(previewed["preview"]["entries"]) == 6
    assert not (command.home / "sources").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ftp://a.example/"], "expected an http or https URL, found 'ftp://a.example/'"),
        ([f"https://{HOST}/xxgk/zcfb/tz/202611/t20261120_1.html"], "expected a list with at least 3 entries, found 0"),
        ([f"https://{HOST}/none/"], "status 404"),
        ([f"https://{HOST}/waf/"], "cannot be added: "),
        ([URL, "--level", "galaxy"], "--level: "),
        ([URL, "--id", "miit-wjfb-tz"], "there is a source 'miit-wjfb-tz' already"),
        ([f"https://{MIIT}{COLUMN}"], "is a source already: miit-wjfb-tz"),
    ],
)
def test_add_says_why_it_does_not_add(command, site, arguments, said):
    site.on(HOST, "/waf/", respond(WAF, status=521))
    Ministry(site)
    answer = command("sources", "add", "--yes", *arguments)
    assert answer.code == 2, answer.out
    assert said in " ".join(answer.err.split()), answer.err
    assert not (command.home / "sources").exists()


def test_import_adds_what_can_be_read_and_names_what_cannot(command, site, tmp_path):
    items = "".join(ITEM.format(n, "www.news.example", f"0{n} Nov 2026 08:00:00 +0800") for n in range(1, 6))
    site.on("www.news.example", "/rss.xml", respond(FEED.format(items), content_type="application/rss+xml"))
    site.on("www.news.example", "/robots.txt", robots("User-agent: *\nDisallow: /closed/"))
    opml = tmp_path / "feeds.opml"
    opml.write_text(
        """<?xml version="1.0" encoding="utf-8"?><opml version="2.0"><body><outline text="新闻">
<outline text="示例新闻" type="rss" xmlUrl="https://www.news.example/rss.xml"/>
<outline text="关闭" xmlUrl="https://www.news.example/closed/rss.xml"/></outline></body></opml>""",
        encoding="utf-8",
    )
    answer = command("sources", "import", str(opml), "--yes", "--json")
    assert answer.code == 1
    good, bad = answer.lines
    assert (good["family"], good["column"], good["publishes"], good["level"]) == ("feed", "示例新闻", "news", "news")
    assert "robots" in bad["error"]
    assert [entry["column"] for entry in added(command)] == ["示例新闻"]
    plain = tmp_path / "urls.txt"
    plain.write_text(f"# columns\n发改委通知, {URL}\n{URL}\n", encoding="utf-8")
    assert command("sources", "import", str(plain), "--yes").code == 0
    assert [entry["column"] for entry in added(command)] == ["示例新闻", "发改委通知"]
    (tmp_path / "none.txt").write_text("nothing here\n", encoding="utf-8")
    assert "expected an OPML file with xmlUrl" in command("sources", "import", str(tmp_path / "none.txt")).err


def test_enable_and_disable_are_kept_over_the_catalog(command):
    before = {row["id"] for row in command("sources", "list", "--enabled", "--json").lines}
    assert 15 <= len(before) <= 30, "a starter set"
    answer = command("sources", "enable", "--issuer", "生态环境部", "--json")
    assert answer.code == 0, answer.err
    changed = {row["id"] for row in answer.lines}
    assert changed
    assert not changed & before
    enabled = {row["id"] for row in command("sources", "list", "--enabled", "--json").lines}
    assert enabled == before | changed
    assert command("sources", "disable", *sorted(changed)).code == 0
    assert {row["id"] for row in command("sources", "list", "--enabled", "--json").lines} == before
    assert command("sources", "enable", "--pack", "nonsense").code == 2
    assert command("sources", "enable").code == 2
    unready = command("sources", "list", "--not-ready", "--json").lines[0]["id"]
    assert "is not ready" in command("sources", "enable", unready).err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--level", "galaxy"], "--level: expected one of central, city, district, news, province, found 'galaxy'"),
        (["--state", "silly"], "--state: expected one of blocked, broken, degraded, new, ok, quarantined"),
        (["--family", "jpas"], "--family: no source has 'jpas'; did you mean jpaas"),
        (["--region", "火星"], "--region: no source has '火星'"),
        (["--topic", "nonsense"], "--topic: "),
    ],
)
def test_a_word_that_no_source_can_have_is_a_mistake(command, arguments, said):
    answer = command("sources", "list", *arguments)
    assert answer.code == 2
    assert said in " ".join(answer.err.split())
    if arguments[0] in {"--level", "--region", "--topic"}:
        assert command("sources", "enable", *arguments).code == 2
    assert command("sources", "list", "--region", "广东省", "--json").lines


def test_a_watch_enables_the_sources_it_names(command):
    idle = next(
        row for row in command("sources", "list", "--disabled", "--ready", "--json").lines if row["level"] == "central"
    )
    answer = command("watch", "add", "数据", "--source", idle["id"])
    assert answer.code == 0, answer.err
    assert f"1 source is crawled by schedule from now on, as the watch names it: {idle['id']}" in answer.err
    assert idle["id"] in {row["id"] for row in command("sources", "list", "--enabled", "--json").lines}
    of_issuer = command("watch", "add", "*", "--issuer", idle["issuer"])
    assert of_issuer.code == 0
    ready = command("sources", "list", "--issuer", idle["issuer"], "--ready", "--json").lines
    assert all(row["enabled"] for row in ready if row["issuer"] == idle["issuer"])


def test_what_is_chosen_of_a_source_that_is_gone_breaks_nothing(command):
    (command.home / "sources").mkdir(parents=True)
    (command.home / "sources" / "choices.toml").write_text('[[source]]\nid = "gone"\nenabled = true\n')
    answer = command("sources", "list", "--enabled")
    assert answer.code == 0
    assert "'gone' is in the catalog no more" in answer.err


def test_check_compares_page_1_with_what_is_expected(command, site):
    assert command("sources", "add", URL, "--yes").code == 0
    Ministry(site)
    answer = command("sources", "check", "example-fgw-tz", "miit-wjfb-tz", "--json")
    assert answer.code == 0, answer.err
    assert [(row["state"], row["entries"], row["dated"], row["off"]) for row in answer.lines] == [
        ("ok", 6, 1.0, []),
        ("ok", 12, 1.0, []),
    ]
    site.on(HOST, LIST, redirect("/new/tz/index.html"))
    site.on(HOST, "/new/tz/index.html", respond(trs_column(trs_rows([1]))))
    site.on(MIIT, COLUMN, respond(WAF, status=521))
    answer = command("sources", "check", "example-fgw-tz", "miit-wjfb-tz", "--json")
    assert answer.code == 3
    changed, blocked = answer.lines
    assert (changed["state"], changed["off"]) == (
        "changed",
        ["1 entry on page 1, expected usually 6", f"moved to https://{HOST}/new/tz/index.html"],
    )
    assert blocked["state"] == "blocked"


def test_repair_proposes_another_way_and_applies_it_only_when_told(command, site):
    assert command("sources", "add", URL, "--yes").code == 0
    name = "example-fgw-tz"
    assert "nothing is known of its list yet" in command("sources", "repair", name).err
    assert command("crawl", name).code == 0
    rows = trs_rows(range(6, 0, -1)).split("</li>")[:-1]
    records = "".join(f"<record><![CDATA[{row}</li>]]></record>" for row in rows)
    island = f'<script type="text/xml"><datastore><recordset>{records}</recordset></datastore></script>'
    site.on(HOST, LIST, respond(f"<html><body>{island}</body></html>"))
    ended = command("crawl", name, "--json").lines[0]
    assert ended["verdict"] == "quarantined"
    assert f"policy-crawler sources repair {name}" in ended["reason"]
    answer = command("sources", "repair", name)
    assert answer.code == 0, answer.err
    assert "1. read as 'jcms': 6 of the 6 entries known from before, 6 in all" in answer.out
    assert command("crawl", name, "--json").lines[0]["verdict"] == "quarantined", "shown, not applied"
    assert command("sources", "repair", name, "--apply").code == 0
    assert command("crawl", name, "--json").lines[0]["verdict"] == "ok"
    assert command("sources", "repair", name, "--undo").code == 0
    assert command("sources", "show", name, "--json").lines[0]["family"] == "trs"


def test_accept_makes_a_smaller_list_usual(command, site):
    assert command("sources", "add", URL, "--yes").code == 0
    name = "example-fgw-tz"
    for _ in range(3):
        assert command("crawl", name).code == 0
    site.on(HOST, LIST, respond(trs_column(trs_rows([2, 1]))))
    assert command("crawl", name, "--json").lines[0]["reason"] == "2 entries on page 1, usually 6"
    answer = command("sources", "accept", name)
    assert answer.code == 0, answer.err
    assert command("crawl", name, "--json").lines[0]["verdict"] == "ok"
    assert "no run has read its list yet" in command("sources", "accept", "miit-wjfb-tz").err
