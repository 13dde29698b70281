"""Lists and documents that are JSON, end to end: rows that are documents, documents read from an API, posted lists."""

import pytest
from support.files import docx, paragraph
from support.json_sites import (
    CHANNEL,
    CYBER,
    LAW_FILES,
    LAWS,
    PLATFORM,
    PROVINCE,
    REGULATOR,
    Province,
    Regulator,
    Rule,
    cyber,
    laws,
    platform,
)

HOUR = 3600
LAW = docx(paragraph("第一条 为了保护和改善海洋环境，保护海洋资源，防治污染损害，制定本法。"))


def add_source(crawler, **keys):
    crawler.source(issuer="某机关", issuer_short="某机关", column="文件", publishes="policy", level="central", **keys)


@pytest.fixture
def province(server, crawler):
    crawler.hosts = [PROVINCE]
    return Province(server)


def rows_source(crawler, **params):
    add_source(
        crawler,
        id="hlj-rules",
        list_url=f"https://{PROVINCE}/common/search/{CHANNEL}",
        family="ucap_api",
        params={"page_size": 10, **params},
    )


def events(crawler):
    """(kind, title) of what was told."""
    return crawler.sql(
        "SELECT event.kind, document.title FROM event JOIN document ON document.id = event.document_id "
        "WHERE event.state = 'published' AND NOT event.backlog ORDER BY event.id"
    )


def test_rows_that_bring_the_text_are_the_documents(crawler, province):
    province.rules[0].files = ("/hlj/files/form.pdf",)
    rows_source(crawler, body="api")
    ended = crawler.crawl("hlj-rules")
    assert (ended.verdict, len(ended.documents("added"))) == ("ok", 25), ended.log
    assert province.pages_asked() == []
    (document,) = crawler.sql("SELECT title, number, published FROM document WHERE title LIKE '%之25'")
    assert document == ("黑龙江省城乡供水管理规定之25", "黑政规〔2026〕25号", "2026-10-16")
    assert crawler.sql("SELECT url FROM page WHERE title LIKE '%之25'") == [(province.rules[0].url,)]
    # What is kept is the row, and its headers say so.
    ((headers,),) = crawler.sql("SELECT headers FROM snapshot WHERE url LIKE '%31870025%'")
    assert "Row-Of" in headers
    assert f"/common/search/{CHANNEL}" in headers
    # Its file is fetched like any other.
    assert [one.path for one in province.server.requests(PROVINCE) if one.path.endswith(".pdf")] == [
        "/hlj/files/form.pdf"
    ]


def test_a_row_seen_again_is_its_recheck(crawler, province):
    rows_source(crawler, body="api")
    crawler.crawl("hlj-rules")
    province.server.forget()

    # The same rows, but for what is no part of the document: nothing is told, and no page is asked for.
    for rule in province.rules:
        rule.clicks += 7
    ended = crawler.crawl("hlj-rules", clock=8 * HOUR)
    assert ended.verdict == "ok", ended.log
    assert events(crawler) == []
    assert crawler.sql("SELECT count(*) FROM version") == [(25,)]
    assert province.pages_asked() == []

    # One row with another text: one change, told with its clause.
    province.rules[
        3
    ].second = "本省行政区域内城乡供水、用水、节水及其监督管理活动，适用本规定；法律、法规另有规定的，从其规定。"
    ended = crawler.crawl("hlj-rules", clock=16 * HOUR)
    assert ended.verdict == "ok", ended.log
    assert events(crawler) == [("changed", "黑龙江省城乡供水管理规定之22")]
    assert ended.documents("changed") == ["黑龙江省城乡供水管理规定之22"]

    # And the same again: no second one.
    crawler.crawl("hlj-rules", clock=24 * HOUR)
    assert len(events(crawler)) == 1
    assert province.pages_asked() == []


def test_rows_far_down_the_list_are_checked_when_all_are(crawler, province):
    rows_source(crawler, body="api")
    crawler.crawl("hlj-rules")
    province.rules[
        -1
    ].second = "本省行政区域内城乡供水及其监督管理活动，适用本规定；国家另有规定的，从其规定，不再重复。"
    crawler.crawl("hlj-rules", clock=8 * HOUR)
    assert events(crawler) == []  # one page was read, and every entry of it was known
    crawler.crawl("hlj-rules", "--recheck=all", clock=16 * HOUR)
    assert events(crawler) == [("changed", "黑龙江省城乡供水管理规定之1")]


def test_a_new_row_is_added_and_known_ones_are_compared(crawler, province):
    rows_source(crawler, body="api")
    crawler.crawl("hlj-rules")
    province.rules.insert(0, Rule(26))
    crawler.crawl("hlj-rules", clock=HOUR)
    assert events(crawler) == [("added", "黑龙江省城乡供水管理规定之26")]


def test_a_row_is_never_compared_with_a_page(crawler, province):
    rows_source(crawler)  # the pages are fetched
    crawler.crawl("hlj-rules")
    assert len(province.pages_asked()) == 25
    province.server.forget()
    rows_source(crawler, body="api")
    for hours in (8, 16):
        ended = crawler.crawl("hlj-rules", clock=hours * HOUR)
        assert ended.verdict == "ok", ended.log
    assert events(crawler) == []
    assert crawler.sql("SELECT count(*) FROM version") == [(25,)]


@pytest.fixture
def regulator(server, crawler):
    crawler.hosts = [REGULATOR]
    add_source(
        crawler,
        id="nfra-rules",
        list_url=f"https://{REGULATOR}/cn/view/pages/ItemList.html?itemPId=923&itemId=928",
        family="nfra",
        params={"item_id": "928", "page_size": 3},
    )
    return Regulator(server)


def test_documents_are_read_where_the_script_of_their_page_reads_them(crawler, regulator):
    ended = crawler.crawl("nfra-rules")
    assert (ended.verdict, len(ended.documents("added"))) == ("ok", 8), ended.log
    (page,) = crawler.sql("SELECT url, etag FROM page WHERE title LIKE '%第8项%'")
    assert page[0] == f"https://{REGULATOR}/cn/view/pages/ItemDetail.html?docId=1230008&itemId=928&generaltype=0"
    assert page[1]
    assert crawler.sql("SELECT number FROM document WHERE title LIKE '%第8项%'") == [("金办发〔2026〕8号",)]

    # Rechecks ask the API conditionally, with the validators of the page that people see.
    regulator.server.forget()
    ended = crawler.crawl("nfra-rules", clock=26 * HOUR)
    assert ended.verdict == "ok", ended.log
    asked = [one for one in regulator.server.requests(REGULATOR) if "SelectByDocId" in one.path]
    assert len(asked) == 8
    assert all(one.header("If-None-Match") for one in asked)
    assert events(crawler) == []

    regulator.texts[1230005] = "各金融监管局、各银行保险机构要加强组织领导，压实主体责任，确保各项要求按期落到实处。"
    crawler.crawl("nfra-rules", clock=52 * HOUR)
    assert events(crawler) == [("changed", regulator.title(1230005))]


def test_any_source_reads_such_documents_from_the_api(crawler, regulator):
    url = f"https://{REGULATOR}/cn/view/pages/ItemDetail.html?docId=1230003&itemId=928"
    ended = crawler.crawl("page", f"--url={url}")
    assert ended.documents("added") == [regulator.title(1230003)], ended.log


def test_a_list_that_is_posted_for(crawler, server):
    crawler.hosts = [CYBER]
    cyber(server, rows=7, size=3)
    add_source(
        crawler,
        id="cac-news",
        list_url=f"https://{CYBER}/wxzw/wxfb/A093702index_1.htm",
        family="cac",
        params={"page_size": 3},
    )
    ended = crawler.crawl("cac-news")
    assert (ended.verdict, len(ended.documents("added"))) == ("ok", 7), ended.log
    asked = server.requests(CYBER, "/cms/JsonList")
    assert [one.body.decode() for one in asked] == [f"channelCode=A093702&perPage=3&pageno={n}" for n in (1, 2, 3)]
    assert {one.header("Referer") for one in asked} == {f"https://{CYBER}/wxzw/wxfb/A093702index_1.htm"}


def test_the_index_of_the_platform_leads_to_its_api(crawler, server):
    crawler.hosts = [PLATFORM]
    platform(server, articles=140)
    add_source(crawler, id="jtys", list_url=f"https://{PLATFORM}/gkmlpt/index", family="gkmlpt")
    ended = crawler.crawl("jtys", "--pages=5", settings=("POLICY_MAX_PAGES=40",))
    asked = [one.query for one in server.requests(PLATFORM, "/gkmlpt/api/all/0")]
    assert asked == ["page=1&sid=755018", "page=2&sid=755018"], ended.log
    assert crawler.sql("SELECT count(*) FROM page") == [(140,)]


def test_laws_have_their_text_from_a_signed_link(crawler, server):
    crawler.hosts = [LAWS, LAW_FILES]
    laws(server, ["中华人民共和国海洋环境保护法", "快递暂行条例", "安徽省数据条例"], LAW)
    add_source(
        crawler,
        id="flk",
        list_url=f"https://{LAWS}/search",
        family="flk",
        params={"page_size": 2},
    )
    ended = crawler.crawl("flk")
    assert (ended.verdict, len(ended.documents("added"))) == ("ok", 3), ended.log
    assert len(server.requests(LAWS, "/law-search/search/list")) == 2
    assert crawler.sql("SELECT url FROM page ORDER BY url LIMIT 1") == [(f"https://{LAWS}/detail?id=ff800",)]
    assert crawler.sql("SELECT DISTINCT validity, effective FROM reading") == [("有效", "2027-01-01")]
    # The file is known by the address that stays, not by the one that is signed for a while.
    query = "SELECT url, text_state, text FROM attachment_version JOIN attachment ON attachment.id = attachment_id"
    files = crawler.sql(query)
    assert len(files) == 3
    assert all(url.startswith(f"https://{LAWS}/law-search/download/pc?") for url, _, _ in files)
    assert all("保护海洋资源" in text for _, _, text in files), files
