"""News reports, the documents they link to, and feeds."""

import pytest
from support.fault_server import respond, robots
from support.sites import article

NEWS, GOV, CITY, SHOP = "www.ithome.com", "www.miit.gov.cn", "jxj.example.gov.cn", "shop.example.com"
FEED = "/rss/"
POLICY = "/zwgk/art/2026/art_00000000000000000000000000000007.html"
REPORT = "/0/950/117.htm"


def item(path, title, when="Tue, 24 Nov 2026 01:48:37 GMT"):
    url = f"https://{NEWS}{path}"
    ids = f"<link>{url}</link><guid>{url}</guid><pubDate>{when}</pubDate>"
    return f"<item><title>{title}</title>{ids}<description><![CDATA[<p>摘要</p>]]></description></item>"


def feed(*items):
    return respond(
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>IT之家</title>{"".join(items)}</channel></rss>',
        content_type="text/xml; charset=utf-8",
    )


def report(title, body):
    filler = "<p>IT之家 11 月 24 日消息，工信部今日印发相关文件，部署下一阶段重点工作，行业企业需要抓紧落实。</p>" * 3
    return respond(
        f"""<html><head><meta charset="utf-8"><title>{title} - IT之家</title></head><body>
<div class="nav"><a href="https://{CITY}/nav/202611/t20261101_9.html">导航里的链接</a></div>
<h1>{title}</h1><span id="pubtime_baidu">2026/11/24 9:48:37</span><span id="source_baidu">来源：IT之家</span>
<div class="post_content" id="paragraph">{filler}{body}</div></body></html>"""
    )


@pytest.fixture
def web(server, crawler):
    crawler.hosts = [NEWS, GOV, CITY, SHOP]
    crawler.source(id="ithome-rss", expect={"entries": 1})
    body = f"""<p>《工业数据分类分级指南》原文见<a href="https://{GOV}{POLICY}">工信部网站</a>，
此前<a href="https://{CITY}/tz/202611/t20261101_5.html">市经信局</a>曾征求意见。</p>
<p>更多见<a href="https://{GOV}/">工信部首页</a>、<a href="https://{GOV}/zwgk/index.html">政务公开</a>、
<a href="https://{SHOP}/buy/1.html">优惠购买</a>、<a href="https://{NEWS}/0/950/001.htm">此前报道</a>、
<a href="https://{CITY}/logo/a.png">图</a></p>"""
    server.on(NEWS, FEED, feed(item(REPORT, "工信部印发《工业数据分类分级指南》")))
    server.on(NEWS, REPORT, report("工信部印发《工业数据分类分级指南》", body))
    text = "<p>各有关单位：</p><p>现将《工业数据分类分级指南》印发给你们，请结合实际认真贯彻落实。</p>" * 4
    further = f'<p>另见<a href="https://{CITY}/tz/202611/t20261101_6.html">再一份文件</a></p>'
    server.on(GOV, POLICY, article("关于印发《工业数据分类分级指南》的通知", text + further))
    server.on(
        CITY,
        "/tz/202611/t20261101_5.html",
        article("关于征求数据分类意见的公告", text.replace("印发", "征求意见稿发送")),
    )
    return server


def paths(server, host):
    return [request.path for request in server.requests(host) if request.path != "/robots.txt"]


def test_a_report_and_the_documents_it_links_to_are_archived(crawler, web):
    ended = crawler.crawl("ithome-rss")
    assert (ended.code, ended.verdict) == (0, "ok"), ended.log
    assert len(ended.documents("added")) == 3
    # One hop, documents only: no home page, no index, no shop, no picture, no navigation, no link of the document.
    assert paths(web, GOV) == [POLICY]
    assert paths(web, CITY) == ["/tz/202611/t20261101_5.html"]
    assert paths(web, SHOP) == []
    assert paths(web, NEWS) == [FEED, REPORT]
    rows = crawler.sql(
        "SELECT url, found_on, (SELECT count(*) FROM lead WHERE page_id = page.id) FROM page ORDER BY id"
    )
    assert rows == [
        (f"https://{NEWS}{REPORT}", f"https://{NEWS}{FEED}", 0),
        (f"https://{GOV}{POLICY}", f"https://{NEWS}{REPORT}", 1),
        (f"https://{CITY}/tz/202611/t20261101_5.html", f"https://{NEWS}{REPORT}", 1),
    ]
    assert crawler.sql("SELECT type FROM document WHERE title LIKE '工信部印发%'") == [("news",)]
    reports = crawler.sql(
        "SELECT count(*) FROM reference JOIN document d ON d.id = target_document_id WHERE relation = 'reports'"
        " AND d.title LIKE '关于印发%'"
    )
    assert reports[0][0] >= 1


def test_a_known_document_is_not_asked_for_again(crawler, web):
    crawler.crawl("ithome-rss")
    body = f'<p>见<a href="https://{GOV}{POLICY}#top">原文</a></p>'
    web.on(NEWS, "/0/950/118.htm", report("再谈《工业数据分类分级指南》", body))
    web.on(NEWS, FEED, feed(item("/0/950/118.htm", "再谈指南"), item(REPORT, "工信部印发《工业数据分类分级指南》")))
    web.forget()
    ended = crawler.crawl("ithome-rss")
    assert (ended.verdict, len(ended.documents("added"))) == ("ok", 1)
    assert paths(web, GOV) == []


def test_a_site_that_disallows_it_keeps_its_document(crawler, web):
    web.on(GOV, "/robots.txt", robots("User-agent: *\nDisallow: /"))
    ended = crawler.crawl("ithome-rss")
    assert (ended.code, ended.verdict) == (1, "partial")
    assert "robots" in ended.closed["reason"]
    assert paths(web, GOV) == []


def test_an_empty_feed_is_no_success(crawler, web):
    web.on(NEWS, FEED, feed())
    assert crawler.crawl("ithome-rss").verdict == "quarantined"


def test_a_page_in_place_of_the_feed(crawler, web):
    web.on(NEWS, FEED, respond("<html><body><h1>系统维护</h1></body></html>"))
    ended = crawler.crawl("ithome-rss")
    assert ended.verdict == "quarantined"
    assert "expected an RSS" in ended.closed["reason"]


def test_a_list_of_news_follows_links_too(crawler, web):
    rows = "".join(
        f"<li><a class='c' href='https://{NEWS}/c{n}/'>业界</a><a class='t' href='https://{NEWS}{path}'>"
        f"工信部印发《工业数据分类分级指南》要点{n}</a><i>2026/11/24 9:4{n}:00</i></li>"
        for n, path in enumerate((REPORT, "/0/950/118.htm", "/0/950/119.htm"))
    )
    web.on(
        NEWS, "/list/", respond(f"<html><body><div id='list'><div class='fl'><ul>{rows}</ul></div></div></body></html>")
    )
    web.on(NEWS, "*", report("另一条消息的标题文字", "<p>内容。</p>"))
    ended = crawler.crawl("ithome-list")
    assert (ended.verdict, ended.closed["counts"]["entries"]) == ("ok", 3)
    assert paths(web, GOV) == [POLICY]


def test_a_document_left_for_the_next_run_is_not_followed_further(crawler, web):
    web.on(GOV, POLICY, respond("", status=502))
    web.on(CITY, "/tz/202611/t20261101_5.html", respond("", status=502))
    crawler.crawl("ithome-rss")
    text = "<p>现将《工业数据分类分级指南》印发给你们，请结合实际认真贯彻落实，并做好总结。</p>" * 5
    further = f'<p>另见<a href="https://{CITY}/tz/202611/t20261101_6.html">再一份文件</a></p>'
    web.on(GOV, POLICY, article("关于印发《工业数据分类分级指南》的通知", text + further))
    web.forget()
    ended = crawler.crawl("ithome-rss", clock=2 * 86400)
    assert ended.documents("added") == ["关于印发《工业数据分类分级指南》的通知"]
    assert "/tz/202611/t20261101_6.html" not in paths(web, CITY)


def test_the_links_of_a_ministrys_own_feed_are_not_followed(crawler, web):
    crawler.source(id="ithome-rss", expect={"entries": 1}, publishes="policy", level="central")
    ended = crawler.crawl("ithome-rss")
    assert (ended.verdict, len(ended.documents("added"))) == ("ok", 1)
    assert paths(web, GOV) == []
