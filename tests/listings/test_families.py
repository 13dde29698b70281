"""Each family's listings, and how they are told apart."""

import json
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest

from policy_crawler.errors import PageChanged
from policy_crawler.listings import jcms, jpaas, read_listing, recognise, trs, ucap
from policy_crawler.listings.feed import feed_date
from policy_crawler.listings.feed import read as read_feed

URL = "https://www.gyb.example/zwgk/tz/index.html"
QUERY = (
    "{'webId':'8d82','pageId':'3e3a','parseType':'bulidstatic','pageType':'column',"
    "'tagId':'右侧内容','tplSetId':'2097','editType':'null'}"
)
PATH = "/api-gateway/jpaas-publish-server/front/page/build/unit"
UNIT = f"https://www.gyb.example{PATH}"


def column(*scripts):
    return "<html><body>" + "".join(scripts) + "</body></html>"


def unit(query=QUERY, tag="script"):
    return f'<{tag} src="/unitbuild.js" url="{PATH}" querydata="{query}"></{tag}>'


def answer(numbers, count=60, rows=24):
    items = "".join(
        f"<li><a href='/zwgk/art/2026/art_{n:032x}.html' title='关于印发第{n}号行动计划的通知'>关于印发第{n}号…</a>"
        f"<span class='fr'>2026-11-{n % 28 + 1:02}</span></li>"
        for n in numbers
    )
    html = f"<ul>{items}</ul><div class='pages' count='{count}' rows='{rows}' pageNo='1'></div>"
    return json.dumps({"success": True, "data": {"html": html}}, ensure_ascii=False)


class TestJpaas:
    def test_a_column_page_names_its_unit(self):
        listing = jpaas.read(column(unit()), URL)
        asked = urlsplit(listing.next_page.url)
        assert listing.by_script
        assert listing.entries == ()
        assert asked._replace(query="").geturl() == UNIT
        assert parse_qs(asked.query)["tagId"] == ["右侧内容"]
        assert parse_qs(asked.query)["parseType"] == ["bulidstatic"]

    def test_the_block_that_looks_like_a_list_is_asked(self):
        menu = unit(QUERY.replace("右侧内容", "导航"))
        listing = jpaas.read(column(menu, unit(QUERY.replace("右侧内容", "当前栏目_list"))), URL)
        assert "list" in parse_qs(urlsplit(listing.next_page.url).query)["tagId"][0]

    def test_the_answer_of_the_unit(self):
        first = jpaas.read(column(unit()), URL).next_page.url
        listing = jpaas.read(answer(range(24)), first, today=date(2026, 11, 29))
        assert len(listing.entries) == 24
        assert listing.entries[0].title == "关于印发第0号行动计划的通知"
        assert listing.entries[0].date == date(2026, 11, 1)
        assert listing.entries[0].url == f"https://www.gyb.example/zwgk/art/2026/art_{0:032x}.html"
        assert listing.total_pages == 3
        asked = parse_qs(urlsplit(listing.next_page.url).query)
        assert json.loads(asked["paramJson"][0]) == {"pageNo": 2, "pageSize": 24}
        assert "editType" not in asked
        assert asked["pageId"] == ["3e3a"]

    def test_the_last_page_has_no_next(self):
        first = jpaas.read(column(unit()), URL).next_page.url
        url = first
        for number in (1, 2, 3):
            listing = jpaas.read(answer(range(number * 24, min(number * 24 + 24, 84))), url)
            if number < 3:
                url = listing.next_page.url
        assert listing.next_page is None

    def test_a_column_with_its_first_page_inside(self):
        items = "".join(
            f"<li><a href='/art/2026/11/{n}/art_1_{n}.html'>关于做好第{n}项工作的通知</a><b>2026-11-{n:02}</b></li>"
            for n in (9, 8, 7)
        )
        pager = f'<div count="30" rows="15" pageNo="1" unitUrl="/front/page/build/unit" queryData="{QUERY}"></div>'
        listing = jpaas.read(column(f"<ul>{items}</ul>", pager), URL)
        assert (len(listing.entries), listing.total_pages, listing.by_script) == (3, 2, False)
        assert json.loads(parse_qs(urlsplit(listing.next_page.url).query)["paramJson"][0]) == {
            "pageNo": 2,
            "pageSize": 15,
        }

    @pytest.mark.parametrize(
        "text",
        [
            "<html><body><p>栏目改版</p></body></html>",
            column(unit("{'webId': __import__('os')}")),
            column(unit("{'webId':'1'}")),
            '{"success":true}',
            '{"data":{"html":null}}',
            '{"data":',
        ],
    )
    def test_what_is_neither_is_told(self, text):
        with pytest.raises(PageChanged, match=r"expected"):
            jpaas.read(text, URL)


class TestFeed:
    def test_split_cdata_missing_guid_and_odd_dates(self):
        items = read_feed(
            """<?xml version="1.0" encoding="gb2312"?><rss version="2.0"><channel><title>x</title>
            <item><title><![CDATA[工信部约谈三家]]><![CDATA[虚拟运营商]]></title><link>https://n.example/0/1/001.htm</link>
              <pubDate>Tue, 24 Nov 2026 23:53:22 GMT</pubDate></item>
            <item><title>只有标识</title><guid>https://n.example/0/1/002.htm</guid>
              <pubDate>2026-11-24 16:44:16</pubDate></item>
            <item><title>相对地址</title><link>/0/1/003.htm</link><pubDate>2026年11月24日 08:00</pubDate></item>
            <item><title>没有地址</title></item>
            <item><title>工信部约谈三家虚拟运营商</title><link>https://n.example/0/1/001.htm</link></item>
            </channel></rss>""",
            "https://n.example/rss/",
        )
        assert [(e.title, e.url, e.date) for e in items.entries] == [
            ("工信部约谈三家虚拟运营商", "https://n.example/0/1/001.htm", date(2026, 11, 25)),
            ("只有标识", "https://n.example/0/1/002.htm", date(2026, 11, 24)),
            ("相对地址", "https://n.example/0/1/003.htm", date(2026, 11, 24)),
        ]
        assert items.rejected == 1

    def test_atom(self):
        listing = read_feed(
            '<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title><entry><title>通知</title>'
            '<link href="https://n.example/a.html"/><id>urn:1</id>'
            "<updated>2026-11-24T20:00:00Z</updated></entry></feed>",
            "https://n.example/atom",
        )
        assert [(e.title, e.date) for e in listing.entries] == [("通知", date(2026, 11, 25))]

    def test_a_gbk_feed(self):
        item = "<item><title>镕基同志</title><link>https://n.example/1.html</link></item>"
        text = f"<?xml version='1.0' encoding='gb2312'?><rss version='2.0'><channel>{item}</channel></rss>"
        listing = read_listing(text.encode("gb18030"), "https://n.example/rss", content_type="text/xml")
        assert [e.title for e in listing.entries] == ["镕基同志"]

    def test_a_page_in_place_of_a_feed_is_told(self):
        with pytest.raises(PageChanged, match="expected an RSS"):
            read_feed("<html><body>维护中</body></html>", "https://n.example/rss")

    def test_a_file_name_is_not_opened(self, tmp_path):
        secret = tmp_path / "feed.xml"
        secret.write_text(
            "<rss version='2.0'><channel><item><title>a</title><link>https://x.example/</link></item></channel></rss>"
        )
        with pytest.raises(PageChanged):
            read_feed(str(secret), "https://n.example/rss")

    @pytest.mark.parametrize(
        ("printed", "expected"),
        [
            ("Sun, 19 Apr 2026 06:22:34 +0800", date(2026, 4, 19)),
            ("2026-08-25", date(2026, 8, 25)),
            ("2026/8/25 9:5", date(2026, 8, 25)),
            ("Sat, 5 Dec 2026 23:30:00 CST", date(2026, 12, 5)),
            ("2026年3月5日 10:00", date(2026, 3, 5)),
            ("", None),
            ("刚刚", None),
            ("99999999999999999999", None),
        ],
    )
    def test_dates(self, printed, expected):
        assert feed_date(printed) == expected


def test_jcms_records():
    text = """<datastore>
    <nextgroup><![CDATA[<a href="/module/web/jpage/dataproxy.jsp?page=1&amp;unitid=38&webname=%25E5"></a>]]></nextgroup>
    <recordset><record><![CDATA[
    <li><a href="/art/2026/1/20/art_1_86.html" title="关于春节文明祭祀的倡议书">关于春节…</a><b>2026-01-20</b></li>
    ]]></record><record><![CDATA[
    <li><a href="/art/2026/1/19/art_1_85.html">关于整改完成情况的公示</a><b>2026-01-19</b></li>
    ]]></record></recordset></datastore>"""
    listing = jcms.read(text, "https://www.city.example/col/col1/index.html")
    assert [(e.title, e.date) for e in listing.entries] == [
        ("关于春节文明祭祀的倡议书", date(2026, 1, 20)),
        ("关于整改完成情况的公示", date(2026, 1, 19)),
    ]
    assert (
        listing.next_page.url
        == "https://www.city.example/module/web/jpage/dataproxy.jsp?page=1&unitid=38&webname=%25E5"
    )


def test_ucap_articles_in_a_script():
    rows = [
        {
            "title": "甲解读",
            "showTitle": "<p>甲解读</p>",
            "urls": json.dumps({"pc": "/st/col/content_1.html"}),
            "pubDate": "2026-07-29 16:59",
            "topStatus": 0,
        },
        {
            "title": "",
            "showTitle": "<b>乙解读</b>",
            "urls": {"pc": "content_2.html"},
            "pubDate": 1785312000000,
            "topStatus": 1,
        },
        {"title": "无地址", "urls": "{}"},
    ]
    data = f"var d = {{ articleList: {json.dumps(rows, ensure_ascii=False)}, x: 1 }}"
    text = f"<html><head><base href='/st/'></head><script>{data}</script></html>"
    listing = ucap.read(text, "https://st.example/st/col/index.html")
    assert [(e.title, e.url, e.date, e.pinned) for e in listing.entries] == [
        ("甲解读", "https://st.example/st/col/content_1.html", date(2026, 7, 29), False),
        ("乙解读", "https://st.example/st/content_2.html", date(2026, 7, 29), True),
    ]
    assert listing.rejected == 1


def test_a_told_family_must_show_its_signs():
    with pytest.raises(PageChanged, match="createPageHTML"):
        trs.read("<html><body><h1>系统升级</h1></body></html>", URL)


@pytest.mark.parametrize(
    ("text", "url", "family"),
    [
        ("<?xml version='1.0'?><!-- x --><rss version='2.0'></rss>", URL, "feed"),
        ("\ufeff<feed xmlns='http://www.w3.org/2005/Atom'></feed>", URL, "feed"),
        (column(unit()), URL, "jpaas"),
        ('{"success": true, "data": {"html": "<ul></ul>"}}', URL, "jpaas"),
        ('{"a": 1}', URL, "links"),
        ("<script>createPageHTML(9, 0, 'index', 'html')</script>", URL, "trs"),
        ("<script>createPageHTML('page_div', 5, 1, 'fg', 'shtml', 89)</script>", URL, "ucap"),
        ("<datastore><recordset></recordset></datastore>", URL, "jcms"),
        ("<script>window._CONFIG = {SID:'755041', TREE:[{}]}</script>", URL, "gkmlpt"),
        ("<html></html>", "https://www.szx.example/gkmlpt/index", "gkmlpt"),
        ("<ul data='datasource:91fb3999d1964141b668e4a4cef4ed98'></ul>", URL, "xinhua"),
        ("<li id='line_u9_0'></li>", URL, "vsb"),
        ("<a href='/n100/c2090/content.html'>x</a>", URL, "nc"),
        ("<html><body>TRS</body></html>", URL, "links"),
    ],
)
def test_families_are_told_apart(text, url, family):
    assert recognise(text, url) == family


def test_json_of_no_family_has_no_entries():
    assert read_listing(b'{"a": ["<li>2026-01-01</li>"]}', URL, content_type="application/json").entries == ()
