"""Hanweb's three systems: from the column to any page of its list, by whatever way the site lists."""

import contextlib
import json
import time
from datetime import date
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from policy_crawler.errors import OperatorError, PageChanged
from policy_crawler.listings import ListRequest, family_of, hanweb_xxgk, jcms, jpaas, read_listing, recognise

COLUMN = "https://www.su.example/col/col84242/index.html"
TODAY = date(2026, 11, 24)


def record(number):
    return (
        f"<record><![CDATA[<li><a href='/art/2026/3/{number % 28 + 1}/art_84242_{number}.html' "
        f"title='关于第{number}项工作的通知'>关于第{number}项…</a><span>2026-02-{number:05}</span>"
        f"<span>苏政发〔2026〕{number}号</span><b>2026-03-{number % 28 + 1:02}</b></li>]]></record>"
    )


def store(numbers, total=None):
    told = f"<totalrecord>{total}</totalrecord>" if total is not None else ""
    return f"<datastore>{told}<recordset>{''.join(map(record, numbers))}</recordset></datastore>"


def widget(total, per_page=15, group=3, unit="356383"):
    return (
        f"<script>$('#{unit}').jpage({{showMode:'full',totalRecord:{total},dataBefore:'',groupSize:{group},"
        f"proxyUrl:'/module/web/jpage/dataproxy.jsp',perPage:{per_page},ajaxParam:{{col:1,appid:'1',webid:1,path:'/',"
        f"columnid:84242,sourceContentType:1,unitid:'{unit}',webname:'某省',permissiontype:0}}}});</script>"
    )


def column(inside, *widgets):
    return f"<html><body><div id='x'><script type='text/xml'>{inside}</script></div>{''.join(widgets)}</body></html>"


def walk(family, page_at, list_url=COLUMN, params=None, most=60):
    """Every entry's number in the order of the crawl, as the spider follows `next_page`."""
    params = params or {}
    request, seen = family_of(family).first(list_url, params), []
    for _ in range(most):
        listing = family_of(family).read(page_at(request), request.url, today=TODAY, request=request, params=params)
        seen += [int(entry.url.rsplit("_", 1)[1].partition(".")[0]) for entry in listing.entries]
        if listing.next_page is None or (not listing.entries and not listing.by_script):
            return seen
        request = listing.next_page
    raise AssertionError(f"no end within {most} pages")


class Proxy:
    """dataproxy.jsp of a list of `total` records: windows are inclusive and begin at `base`; `cap` limits an answer."""

    def __init__(self, total, *, base=1, cap=None, tells=True, inside=0, prints=True):
        self.records, self.base, self.cap, self.tells = list(range(1, total + 1)), base, cap, tells
        self.inside, self.prints, self.asked = inside, prints, []

    def __call__(self, request):
        if "dataproxy" not in request.url:
            inside = store(self.records[: self.inside]) if self.inside else ""
            return column(inside, widget(len(self.records)) if self.prints else "")
        self.asked.append(request)
        asked, form = parse_qs(urlsplit(request.url).query), parse_qs(request.body.decode())
        assert (form["columnid"], form["unitid"], form["webid"]) == (["84242"], ["356383"], ["1"])
        start, end = int(asked["startrecord"][0]) - self.base, int(asked["endrecord"][0]) - self.base
        assert start >= 0
        found = self.records[start : end + 1][: self.cap]
        return store(found, len(self.records) if self.tells else None)


class TestJcms:
    @pytest.mark.parametrize("total", [1, 14, 45, 46, 90, 91, 200])
    @pytest.mark.parametrize("inside", [0, 45])
    def test_every_record_is_reached_once(self, total, inside):
        assert walk("jcms", Proxy(total, inside=inside)) == list(range(1, total + 1))

    @pytest.mark.parametrize("tells", [True, False])
    def test_a_server_that_answers_fewer_than_asked_for_skips_nothing(self, tells):
        assert walk("jcms", Proxy(100, cap=15, tells=tells)) == list(range(1, 101))

    def test_a_site_that_counts_from_nought(self):
        proxy = Proxy(50, base=0)
        assert walk("jcms", proxy, params={"first_record": 0}) == list(range(1, 51))
        assert "startrecord=0&endrecord=44&perpage=15" in proxy.asked[0].url

    def test_ids_that_the_page_does_not_print_come_from_the_entry(self):
        proxy = Proxy(30, prints=False)
        ids = {"unitid": "356383", "webid": "1", "per_page": 10, "endpoint": "/module/jpage/dataproxy.jsp"}
        assert walk("jcms", proxy, params=ids) == list(range(1, 31))
        assert proxy.asked[0].url.startswith(
            "https://www.su.example/module/jpage/dataproxy.jsp?startrecord=1&endrecord=10&"
        )

    def test_the_printed_ids_count_where_there_are_both(self):
        listing = jcms.read(column("", widget(9)), COLUMN, params={"unitid": "1", "webid": "9"})
        assert parse_qs(listing.next_page.body.decode())["unitid"] == ["356383"]

    def test_of_several_blocks_the_entry_chooses_else_the_longest(self):
        page = column("", widget(9, unit="11"), widget(300, unit="22"), widget(40, unit="33"))
        chosen = jcms.read(page, COLUMN, params={"unitid": "33"})
        assert b"unitid=33" in chosen.next_page.body
        assert b"unitid=22" in jcms.read(page, COLUMN).next_page.body

    def test_a_call_that_is_printed_without_the_widget(self):
        call = "<script>load('/module/jpage/dataproxy.jsp?columnid=7&amp;unitid=8&amp;webid=9&amp;perpage=20')</script>"
        request = jcms.read(column("", call), COLUMN).next_page
        assert request.url == "https://www.su.example/module/jpage/dataproxy.jsp?startrecord=1&endrecord=20&perpage=20"
        assert parse_qs(request.body.decode())["unitid"] == ["8"]

    def test_a_widget_with_the_ids_in_its_url(self):
        call = (
            "<script>var proxyUrl = '/module/web/jpage/dataproxy.jsp?webid=1&columnid=84242&unitid=356383&path=/';"
            "$('#356383').jpage({dataStore: dataStore, totalRecord: 45, perPage: 20, proxyUrl: proxyUrl});</script>"
        )
        listing = jcms.read(column(store(range(1, 21)), call), COLUMN)
        assert "startrecord=21&endrecord=40&perpage=20" in listing.next_page.url
        assert listing.total_pages == 3
        assert parse_qs(listing.next_page.body.decode())["unitid"] == ["356383"]

    def test_an_index_number_is_no_date_and_the_last_date_counts(self):
        entry = jcms.read(store([18]), COLUMN).entries[0]
        assert (entry.date, entry.doc_number) == (date(2026, 3, 19), "苏政发〔2026〕18号")

    def test_records_escaped_once_more(self):
        escaped = store([4]).replace("<li>", "&lt;li&gt;").replace("</li>", "&lt;/li&gt;")
        escaped = escaped.replace("<a ", "&lt;a ").replace("</a>", "&lt;/a&gt;").replace("'>关", "'&gt;关")
        assert [entry.title for entry in jcms.read(escaped, COLUMN).entries] == ["关于第4项工作的通知"]

    @pytest.mark.parametrize(
        "broken", ["<record><![CDATA[", "<datastore", "<nextgroup><![CDATA[<a ", ".jpage({ajaxParam:{"]
    )
    def test_what_is_never_closed_costs_no_time(self, broken):
        began = time.perf_counter()
        with contextlib.suppress(PageChanged):
            jcms.read(f"<html>{broken * 20_000}</html>", COLUMN)
        assert time.perf_counter() - began < 20  # it took minutes where each opening was searched to the end

    def test_an_empty_answer_deep_in_the_list_ends_it(self):
        proxy = "https://www.su.example/module/web/jpage/dataproxy.jsp?page=9"
        assert jcms.read("\n" * 54, proxy, request=ListRequest(proxy, page=9)).entries == ()
        with pytest.raises(PageChanged, match="expected a <datastore>"):
            jcms.read("<html>维护</html>", proxy, request=ListRequest(proxy, page=9))

    def test_pages_rendered_by_the_server(self):
        def at(request):
            number = int(parse_qs(urlsplit(request.url).query)["pageNum"][0])
            rows = range(number * 3 - 2, min(number * 3, 7) + 1)
            return "<html><ul>" + "".join(record(n)[17:-12] for n in rows) + "</ul></html>"

        params = {"paging": "uid", "unitid": "356383"}
        assert walk("jcms", at, params=params) == [1, 2, 3, 4, 5, 6, 7]

    def test_the_paging_that_a_column_needs_is_found_in_its_url_and_page(self):
        rendered = "<html><ul><li><a href='/art/2026/3/2/art_84242_1.html'>通知</a></li></ul></html>"
        assert jcms.discover(rendered, COLUMN + "?uid=356383&pageNum=1") == {"paging": "uid", "unitid": "356383"}
        assert recognise(rendered, COLUMN + "?uid=356383&pageNum=1") == "jcms"
        assert jcms.discover(rendered, COLUMN) == {}
        assert jcms.discover(column("", widget(9)), COLUMN + "?uid=356383&pageNum=1") == {}

    def test_an_unknown_paging_is_told(self):
        with pytest.raises(OperatorError, match="paging: expected dataproxy or uid"):
            jcms.first(COLUMN, {"paging": "ajax"})

    @pytest.mark.corpus
    def test_a_real_answer_leads_on(self, corpus):
        body = (corpus / "pages" / "api" / "dingxi_jpage_datastore.xml").read_bytes()
        column_url = "http://zwgk.dingxi.gov.cn/col/col12377/index.html"
        first = read_listing(body, column_url, family="jcms", today=TODAY)
        assert (len(first.entries), all(entry.date for entry in first.entries)) == (45, True)
        assert "dataproxy.jsp?page=1&" in first.next_page.url
        second = read_listing(body, first.next_page.url, family="jcms", request=first.next_page)
        assert "dataproxy.jsp?page=2&" in second.next_page.url  # though the answer prints page=1 again
        assert second.next_page.page == 3


QUERY = "{'webId':'149','pageId':'1229','parseType':'bulidstatic','tagId':'信息列表','tplSetId':'LW','editType':'null'}"
UNIT = "/api-gateway/jpaas-publish-server/front/page/build/unit"


def unit_answer(total, size):
    """The unit API of `total` entries: the page by paramJson or pageNo, else the first."""

    def at(request):
        asked = parse_qs(urlsplit(request.url).query)
        if "webId" not in asked:
            return f'<html><script src="AuthorizedRead.js" url="{UNIT}" queryData="{QUERY}"></script></html>'
        wanted = json.loads(asked.get("paramJson", ["{}"])[0])
        number = int(wanted.get("pageNo", asked.get("pageNo", [1])[0]))
        assert int(wanted.get("pageSize", asked.get("rows", [size])[0])) == size
        rows = "".join(
            f"<li><a href='/art/2026/11/3/art_1229_{n}.html'>关于第{n}项工作的通知</a><span>2026-11-03</span></li>"
            for n in range(number * size - size + 1, min(number * size, total) + 1)
        )
        pager = f"<div class='pagination' rows='{size}' count='{total}' pageNo='{number}'></div>"
        return json.dumps({"success": True, "data": {"html": f"<ul>{rows}</ul>{pager}"}})

    return at


class TestJpaas:
    @pytest.mark.parametrize("paging", jpaas.PAGINGS)
    @pytest.mark.parametrize("total", [1, 24, 25, 101])
    def test_every_entry_is_reached_once(self, paging, total):
        assert walk("jpaas", unit_answer(total, 24), params={"paging": paging}) == list(range(1, total + 1))

    def test_json_in_the_attribute_and_no_printed_endpoint(self):
        query = "{'webId':'1','pageId':'2','tagId':'列表','tplSetId':null}"
        page = f'<html><div class="pager" querydata="{query}"></div></html>'
        asked = urlsplit(jpaas.read(page, COLUMN).next_page.url)
        assert (asked.path, parse_qs(asked.query)["tplSetId"]) == (UNIT, ["null"])

    def test_ids_that_a_script_sets(self):
        ids = "{webId: '149', pageId: \"1229\", tagId: '规章库列表', tplSetId: 'LW'}"
        page = f"<html><script>$.get('{UNIT}', {ids})</script></html>"
        asked = parse_qs(urlsplit(jpaas.read(page, COLUMN).next_page.url).query)
        assert (asked["webId"], asked["tagId"]) == (["149"], ["规章库列表"])

    def test_a_refused_unit_says_why(self):
        with pytest.raises(PageChanged, match=r"expected data\.html.*模板不存在"):
            jpaas.read('{"success":false,"message":"模板不存在","data":null}', COLUMN)

    def test_an_unknown_paging_is_told(self):
        with pytest.raises(OperatorError, match="paging: expected paramJson or pageNo"):
            jpaas.read("<html></html>", COLUMN, params={"paging": "page"})


class TestXxgk:
    URL = "https://www.zj.example/col/col1229/index.html#B001G001"

    def answer(self, request, total=25, size=10):
        asked = parse_qs((request.body or b"").decode() or urlsplit(request.url).query, keep_blank_values=True)
        assert asked["infotypeId"] == ["B001G001"]
        number = int(asked["currpage"][0])
        rows = "".join(
            f"<tr class='tr_main_value_odd'><td>{n}</td><td><a href='/art/2026/5/6/art_1_{n}.html' "
            f"title='关于第{n}项的通知'>关于第{n}项…</a></td><td>2026-05-06</td></tr>"
            for n in range(number * size - size + 1, min(number * size, total) + 1)
        )
        return f"<table>{rows}</table><div>共&nbsp;{total}&nbsp;条&nbsp;&nbsp;共{-(-total // size)}页&nbsp;</div>"

    @pytest.mark.parametrize("method", hanweb_xxgk.METHODS)
    def test_every_row_is_reached_once(self, method):
        params = {"method": method, "form": {"infotypeId": "B001G001", "jdid": "3096"}}
        assert walk("hanweb_xxgk", self.answer, self.URL, params) == list(range(1, 26))

    def test_the_column_page_tells_the_form(self):
        page = (
            "<script>$('#xxgk').load('/module/xxgk/subjectinfo.jsp?area=000014349&amp;divid=div155&currpage=1');</script>"
            "<iframe src='/module/xxgk/tree.jsp?area=000014349'></iframe><script>var jdid = '3096';</script>"
        )
        found = hanweb_xxgk.discover(page, self.URL)
        assert found == {
            "form": {"area": "000014349", "divid": "div155", "jdid": "3096", "infotypeId": "B001G001"},
            "endpoint": "/module/xxgk/subjectinfo.jsp",
        }
        request = hanweb_xxgk.first(self.URL, found)
        assert request.url == "https://www.zj.example/module/xxgk/subjectinfo.jsp"
        assert urlencode({"area": "000014349", "divid": "div155"}).encode() in request.body

    def test_what_only_the_link_says(self):
        link = "<a href='/art/art_1_2.html' mc='关于全部的通知' rq='2026-05-06'>关于全…</a>"
        row = f"<tr class='tr_main_value_odd'><td>{link}</td></tr>"
        entry = hanweb_xxgk.read(f"<table>{row}{row.replace('_2', '_3')}</table>", self.URL).entries[0]
        assert (entry.title, entry.date) == ("关于全部的通知", date(2026, 5, 6))

    def test_an_unknown_method_is_told(self):
        with pytest.raises(OperatorError, match="method: expected POST or GET"):
            hanweb_xxgk.first(self.URL, {"method": "PUT"})
