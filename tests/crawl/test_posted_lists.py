"""Lists that are posted for, or that other pages lead to, end to end: JCMS windows, Hanweb's catalogue, TRS stubs."""

from urllib.parse import parse_qs, urlsplit

import pytest
from support.behaviours import Exchange
from support.fault_server import respond

HOST = "www.su.gov.cn"
COLUMN = "/col/col84242/index.html"
PROXY = "/module/web/jpage/dataproxy.jsp"
FORM = "col:1,appid:'1',webid:1,path:'/',columnid:84242,sourceContentType:1,unitid:'356383',permissiontype:0"


def title(number: int) -> str:
    return f"省政府办公厅关于做好第{number}项民生实事的通知"


def day(number: int) -> str:
    return f"2026-10-{number:02}"


class Bureau:
    """Documents 1 to `count`, the newest first in every list."""

    def __init__(self, server, count: int = 14) -> None:
        self.server, self.numbers = server, list(range(count, 0, -1))
        server.on(HOST, COLUMN, respond(self.column()))
        server.on(HOST, PROXY, self.window)
        server.on(HOST, "/module/xxgk/search.jsp", self.catalogue)
        server.on(HOST, "/zwgk/tjsj/", respond('<script>window.location.href="/zwgk/?classInfoId=360";</script>'))
        server.on(HOST, "/zwgk/", respond("<html><body><script>location.replace('./zfxxgkml/')</script></body></html>"))
        server.on(HOST, "/zwgk/zfxxgkml/", respond(self.static(1)))
        server.on(HOST, "/zwgk/zfxxgkml/index_1.html", respond(self.static(2)))
        server.on(HOST, "*", self.document)

    def rows(self, numbers) -> list[str]:
        return [
            f'<li><a href="/art/2026/10/{n}/art_84242_{n}.html" title="{title(n)}">{title(n)}</a>'
            f"<span>2026-10-{n:05}</span><b>{day(n)}</b></li>"
            for n in numbers
        ]

    def store(self, numbers) -> str:
        records = "".join(f"<record><![CDATA[{row}]]></record>" for row in self.rows(numbers))
        total = f"<totalrecord>{len(self.numbers)}</totalrecord>"
        return f"<datastore>{total}<recordset>{records}</recordset></datastore>"

    def column(self) -> str:
        call = (
            f"<script>$('#356383').jpage({{totalRecord:{len(self.numbers)},groupSize:3,perPage:2,proxyUrl:'{PROXY}',"
            f"ajaxParam:{{{FORM}}}}});</script>"
        )
        inside = f'<div id="356383"><script type="text/xml">{self.store(self.numbers[:6])}</script></div>'
        return f'<html><head><meta charset="utf-8"><title>文件</title></head><body>{inside}{call}</body></html>'

    def static(self, page: int) -> str:
        rows = "".join(self.rows(self.numbers[page * 7 - 7 : page * 7]))
        call = f'createPageHTML(2, {page - 1}, "index", "html");'
        return f'<html><head><meta charset="utf-8"></head><body><ul>{rows}</ul><script>{call}</script></body></html>'

    async def window(self, exchange: Exchange) -> None:
        asked, form = parse_qs(exchange.request.query), parse_qs(exchange.request.body.decode())
        ours = exchange.request.method == "POST" and form.get("unitid") == ["356383"] and form["webid"] == ["1"]
        start, end = int(asked["startrecord"][0]), int(asked["endrecord"][0])
        await respond(self.store(self.numbers[start - 1 : end] if ours else []), content_type="text/xml")(exchange)

    async def catalogue(self, exchange: Exchange) -> None:
        form = parse_qs(exchange.request.body.decode())
        page = int(form["currpage"][0])
        rows = "".join(
            f'<tr class="tr_main_value_odd"><td><a href="/art/2026/10/{n}/art_84242_{n}.html">{title(n)}</a></td>'
            f"<td>苏政办发〔2026〕{n}号</td><td>{day(n)}</td></tr>"
            for n in self.numbers[page * 5 - 5 : page * 5]
            if form["infotypeId"] == ["B001G001"]
        )
        await respond(f"<table>{rows}</table><div>共{len(self.numbers)}条 共3页</div>")(exchange)

    async def document(self, exchange: Exchange) -> None:
        name = exchange.request.path.rpartition("_")[2].removesuffix(".html")
        if not name.isdecimal():
            await respond("<html><title>404</title></html>", status=404)(exchange)
            return
        n = int(name)
        body = "".join(
            f"<p>{place}、各地各部门要认真做好第{n}项民生实事的组织实施工作，明确任务分工，按季度报送进展情况。</p>"
            for place in "一二三四"
        )
        await respond(
            f'<html><head><meta charset="utf-8"><meta name="ArticleTitle" content="{title(n)}">'
            f'<meta name="PubDate" content="{day(n)} 09:00"></head><body><h1>{title(n)}</h1>'
            f'<div id="zoom">{body}</div></body></html>'
        )(exchange)


@pytest.fixture
def bureau(server, crawler):
    crawler.hosts = [HOST]
    return Bureau(server)


def add(crawler, family, path, **params):
    crawler.source(
        id="su-tz",
        issuer="某省人民政府",
        issuer_short="某省政府",
        column="文件",
        list_url=f"https://{HOST}{path}",
        family=family,
        publishes="policy",
        level="province",
        params=params,
    )


def everything(bureau):
    return sorted(map(title, bureau.numbers))


def test_a_list_is_read_by_posted_windows_to_its_end(crawler, bureau):
    add(crawler, "jcms", COLUMN)
    ended = crawler.crawl("su-tz", "--pages=9")
    assert ended.verdict == "ok", ended.log
    assert sorted(ended.documents("added")) == everything(bureau)
    asked = bureau.server.requests(HOST, PROXY)
    assert [parse_qs(one.query)["startrecord"] for one in asked] == [["7"], ["13"]]
    assert {one.header("Referer") for one in asked} == {f"https://{HOST}{COLUMN}"}
    assert {urlsplit(one.target).path for one in asked if one.method == "POST"} == {PROXY}


def test_a_catalogue_is_read_by_posted_forms_to_its_end(crawler, bureau):
    add(crawler, "hanweb_xxgk", COLUMN, form={"infotypeId": "B001G001", "jdid": "3"})
    ended = crawler.crawl("su-tz", "--pages=9")
    assert ended.verdict == "ok", ended.log
    assert sorted(ended.documents("added")) == everything(bureau)
    asked = bureau.server.requests(HOST, "/module/xxgk/search.jsp")
    assert [parse_qs(one.body.decode())["currpage"] for one in asked] == [["1"], ["2"], ["3"]]


def test_stubs_lead_to_the_list_and_its_pages(crawler, bureau):
    add(crawler, "trs", "/zwgk/tjsj/")
    ended = crawler.crawl("su-tz", "--pages=9")
    assert ended.verdict == "ok", ended.log
    assert sorted(ended.documents("added")) == everything(bureau)


def test_a_wrong_form_finds_nothing_and_says_so(crawler, bureau):
    add(crawler, "hanweb_xxgk", COLUMN, form={"infotypeId": "B001X999"})
    ended = crawler.crawl("su-tz")
    assert ended.verdict == "quarantined", ended.log
    assert ended.documents("added") == []
