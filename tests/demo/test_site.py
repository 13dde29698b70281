"""The sample site serves what the real ones serve, over a real connection, and changes as it says."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import pytest

from console.demo import files, render
from console.demo.content import FGW, GXB, NEWS, load
from console.demo.site import (
    ADDED,
    BLOCKED,
    CHANGED,
    COUNTED,
    FEED,
    GXB_COLUMN,
    GXB_COOKIE,
    GXB_UNIT,
    WITHDRAWN,
    DemoSite,
)

TODAY = date(2026, 11, 24)


class Client:
    """Asks the site by host name, over one connection a request."""

    def __init__(self, site: DemoSite) -> None:
        self.site = site

    def ask(self, host: str, target: str, **headers: str) -> tuple[HTTPResponse, bytes]:
        address = self.site.connections[f"{host}:80"]
        connection = HTTPConnection(address, timeout=10)
        try:
            connection.request("GET", target, headers={"Host": host, **headers})
            response = connection.getresponse()
            return response, response.read()
        finally:
            connection.close()

    def text(self, host: str, target: str, **headers: str) -> str:
        return self.ask(host, target, **headers)[1].decode()

    def page(self, key: str) -> str:
        item = self.site.documents[key]
        return self.text(item.host, item.path)

    def unit(self, page: int, cookie: str = f"{GXB_COOKIE}=demo") -> dict[str, object]:
        query = {
            "webId": render.HANWEB["web_id"],
            "pageId": render.HANWEB["page_id"],
            "paramJson": json.dumps({"pageNo": page, "pageSize": 5}),
        }
        answer: dict[str, object] = json.loads(self.text(GXB, f"{GXB_UNIT}?{urlencode(query)}", Cookie=cookie))
        return answer

    def rows(self, page: int) -> list[str]:
        data = self.unit(page)["data"]
        assert isinstance(data, dict)
        return re.findall(r'<li class="cf">.*?</li>', data["html"])


@pytest.fixture
def client() -> Iterator[Client]:
    with DemoSite(TODAY) as site:
        yield Client(site)


def test_documents_are_dated_back_from_today_and_stand_in_one_order() -> None:
    documents = load(TODAY)
    assert documents["work-plan"].published.date() == TODAY - timedelta(days=2)
    assert documents["work-plan"].number == "示工信信函〔2026〕86号"
    assert load(TODAY.replace(year=2027))["work-plan"].number == "示工信信函〔2027〕86号"
    assert all(item.published.date() <= TODAY for item in documents.values())
    assert len({item.url for item in documents.values()}) == len(documents)
    assert not [item.key for item in documents.values() if any("$" in line for line in item.lines)]


def test_hanweb_column_builds_its_list_by_script_and_sets_a_cookie(client: Client) -> None:
    response, body = client.ask(GXB, GXB_COLUMN)
    assert "art_" not in body.decode(), "the column page itself holds no rows"
    assert f'url="{GXB_UNIT}" querydata="{{' in body.decode()
    assert str(response.headers["Set-Cookie"]).startswith(f"{GXB_COOKIE}=")


def test_hanweb_unit_refuses_who_has_no_cookie(client: Client) -> None:
    assert client.unit(1, cookie="")["success"] is False
    assert client.unit(1)["success"] is True


def test_hanweb_unit_pages_thirteen_rows_with_the_old_pinned_one_first(client: Client) -> None:
    pages = [client.rows(page) for page in (1, 2, 3, 4)]
    assert [len(rows) for rows in pages] == [5, 5, 3, 0]
    assert "置顶" in pages[0][0]
    assert "2026-09-24" in pages[0][0]
    dates = [re.findall(r"\d{4}-\d\d-\d\d", row)[-1] for rows in pages for row in rows][1:]
    assert dates == sorted(dates, reverse=True)


def test_hanweb_article_has_the_official_tags_the_table_and_sealed_attachment_links(client: Client) -> None:
    page = client.page("work-plan")
    assert '<meta name="SiteIDCode" content="bm99000001">' in page
    assert '<h1 id="con_title">示例工业和信息化部关于印发《工业互联网专项工作组2026年工作计划》的通知</h1>' in page
    assert '<span id="con_time">发布时间：2026-11-22 09:05</span>' in page
    assert "<td><b>发文字号：</b></td><td>示工信信函〔2026〕86号</td>" in page
    links = re.findall(r'href="(/api-gateway/jpaas-web-server/front/document/download\?fileUrl=[^"]+)"', page)
    assert len(links) == 2
    response, body = client.ask(GXB, links[0])
    assert response.headers["Content-Type"].endswith("wordprocessingml.document")
    assert "打造10个标杆工厂" in zipfile.ZipFile(io.BytesIO(body)).read("word/document.xml").decode()
    assert client.ask(GXB, links[1])[1].startswith(b"%PDF-1.4")


@pytest.mark.parametrize(("page", "rows"), [(0, 4), (1, 4), (2, 2)])
def test_trs_column_is_paged_by_create_page_html_with_relative_links(client: Client, page: int, rows: int) -> None:
    html = client.text(FGW, f"/zcfb/tz/index_{page}.html" if page else "/zcfb/tz/index.html")
    assert f'createPageHTML(3, {page}, "index", "html");' in html
    assert len(re.findall(r'<a href="\./2026\d\d/t2026\d{4}_\d+\.html" title=', html)) == rows


def test_trs_column_ends_after_its_last_page(client: Client) -> None:
    assert client.ask(FGW, "/zcfb/tz/index_3.html")[0].status == 404
    assert client.text(FGW, "/zcfb/tz/") == client.text(FGW, "/zcfb/tz/index.html")


def test_trs_attachment_lies_beside_its_article(client: Client) -> None:
    item = client.site.documents["investment"]
    (href,) = re.findall(r'href="\./(P0\d+\.pdf)"', client.page("investment"))
    response, body = client.ask(FGW, f"{item.path.rpartition('/')[0]}/{href}")
    assert (response.status, response.headers["Content-Type"]) == (200, "application/pdf")
    assert "可行性研究报告".encode("utf-16-be").hex().upper().encode() in body


def test_feed_lists_three_reports_with_moments_of_china(client: Client) -> None:
    items = ET.fromstring(client.text(NEWS, FEED)).findall("channel/item")  # noqa: S314  our own feed
    assert [item.findtext("pubDate", "")[-5:] for item in items] == ["+0800"] * 3
    assert "工业互联网" in items[-1].findtext("title", "")


def test_news_report_links_to_the_ministrys_page(client: Client) -> None:
    page = client.page("news-plan")
    target = client.site.documents["work-plan"].url
    assert f'《<a href="{target}" target="_blank">工业互联网专项工作组 2026 年工作计划</a>》' in page
    assert '<span id="pubtime_baidu">2026/11/22 10:26:00</span>' in page


def test_unknown_hosts_and_paths_are_not_found_and_robots_rules_are_served(client: Client) -> None:
    assert "Disallow: /admin/" in client.text(FGW, "/robots.txt")
    assert client.ask(GXB, "/nothing.html")[0].status == 404
    assert client.site.answer("other.example", "/").status == 404


def test_an_unchanged_page_is_answered_304(client: Client) -> None:
    path = client.site.documents["investment"].path
    tag = client.ask(FGW, path)[0].headers["ETag"]
    response, body = client.ask(FGW, path, **{"If-None-Match": tag})
    assert (response.status, body) == (304, b"")
    client.site.advance()
    assert client.ask(FGW, path, **{"If-None-Match": tag})[0].status == 200


def test_advance_changes_exactly_what_it_says(client: Client) -> None:
    documents = dict(client.site.documents)
    known = {key: client.site.answer(item.host, item.path) for key, item in documents.items()}
    feed, rows = client.text(NEWS, FEED), client.rows(1)
    client.site.advance()
    answers = {key: client.site.answer(item.host, item.path) for key, item in documents.items()}
    changed = {key for key in documents if answers[key] != known[key]}
    assert changed == {CHANGED[0], COUNTED, WITHDRAWN, ADDED}

    before, after = known[CHANGED[0]].body.decode(), answers[CHANGED[0]].body.decode()
    assert after == before.replace(CHANGED[1], CHANGED[2])
    assert re.findall(r"第.条　[^<]*30万台（套）", after)[0].startswith("第八条")
    without_counter = re.compile(r'<em id="hits">\d+</em>')
    assert without_counter.sub("", known[COUNTED].body.decode()) == without_counter.sub(
        "", answers[COUNTED].body.decode()
    )
    assert answers[WITHDRAWN].status == 404
    assert answers[ADDED].status == 200

    assert client.text(NEWS, FEED) == feed
    assert client.rows(1)[1] not in rows, "the new notice stands first below the pinned one"
    response, body = client.ask(FGW, "/zcfb/jd/index.html")
    assert response.status == 200
    assert "防火墙" in body.decode()
    assert BLOCKED == "fgw-jd"
    assert 'createPageHTML(3, 0, "index", "html");' in client.text(FGW, "/zcfb/tz/index.html")


def test_files_are_the_same_for_the_same_lines_and_pages_are_broken() -> None:
    lines = [f"第{n}行" for n in range(80)]
    assert files.pdf(lines) == files.pdf(lines)
    assert files.docx(lines) == files.docx(lines)
    assert b"/Count 3 >>" in files.pdf(lines)
    offset = int(files.pdf(lines).rsplit(b"startxref\n", 1)[1].split()[0])
    assert files.pdf(lines)[offset : offset + 4] == b"xref"
    with pytest.raises(ValueError, match="no file of type 'ofd'"):
        files.make("公告.ofd", lines)
