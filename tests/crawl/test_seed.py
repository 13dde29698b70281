"""The founding example: a news report, read as the site serves it, leads to the plan it reports."""

import re
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from support.fault_server import respond

from policy_crawler.attachments import ocr
from storage.search import search

NEWS, MIIT, IMAGES = "www.ithome.com", "www.miit.gov.cn", "img.ithome.com"
REPORT = "/0/612/794.htm"
TITLE = "工信部：将支持符合条件的工业互联网企业首次公开发行证券并上市"
PLAN = "/jgsj/xgj/wjfb/art/2022/art_ba2cbe22f20a4cd1bed031ff183ddec4.html"
FILE = "/api-gateway/jpaas-web-server/front/document/download?fileUrl=c2VlZA&amp;fileName=plan.pdf"
PICTURE = (Path(__file__).parents[1] / "attachments" / "pictures" / "plan.png").read_bytes()
PLAN_TITLE = "工业互联网专项工作组2022年工作计划"
FEED = f"""<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>IT之家</title>
<item><title>{TITLE}</title><link>https://{NEWS}{REPORT}</link><guid>https://{NEWS}{REPORT}</guid>
<pubDate>Wed, 13 Apr 2022 07:26:00 GMT</pubDate></item></channel></rss>"""

pytestmark = pytest.mark.corpus


def report_page(seed: Path) -> str:
    """The report's own HTML in the frame that ithome puts around every article."""
    text = seed.read_text(encoding="utf-8")
    (body,) = re.findall(r"<div>(.*)</div>", text, re.DOTALL)
    return f"""<!doctype html><html lang="zh"><head><meta charset="utf-8"><title>{TITLE} - IT之家</title></head><body>
<div id="nav"><a href="https://{NEWS}/">首页</a><a href="https://{MIIT}/">工信部</a></div>
<div id="dt"><h1>{TITLE}</h1><div class="info"><span id="pubtime_baidu">2022/4/13 15:26:00</span>
<span id="source_baidu">来源：<a href="https://{NEWS}">IT之家</a></span>
<span id="author_baidu">作者：<strong>汪淼</strong></span>
<span id="editor_baidu">责编：<strong>汪淼</strong></span></div><div class="post_content" id="paragraph">{body}</div>
<div class="related_post"><a href="https://{MIIT}/jgsj/xgj/wjfb/art/2022/art_0.html">相关文章</a></div></div></body></html>"""


def plan_page() -> str:
    return f"""<!doctype html><html><head><meta charset="utf-8"><meta name="SiteName" content="工业和信息化部">
<meta name="ColumnName" content="文件发布"><meta name="ArticleTitle" content="《{PLAN_TITLE}》印发">
<meta name="PubDate" content="2022-04-13 14:00"></head><body><h1 id="con_title">关于印发《{PLAN_TITLE}》的通知</h1>
<span id="con_time">发布时间：2022-04-13 14:00</span><div class="ccontent" id="con_con">
<p style="text-align:center">工信厅信管函〔2022〕86号</p><p>工业互联网专项工作组各成员单位：</p>
<p>《{PLAN_TITLE}》已经专项工作组会议审议通过，现印发给你们，请认真抓好落实。</p>
<p>附件：<a href="{FILE}">{PLAN_TITLE}.pdf</a></p>
<p style="text-align:right">工业和信息化部办公厅</p><p style="text-align:right">2022年4月8日</p></div></body></html>"""


@pytest.fixture
def web(server, crawler, corpus):
    crawler.hosts = [NEWS, MIIT, IMAGES]
    crawler.source(id="ithome-rss", expect={"entries": 1})
    (seed,) = sorted((corpus / "seed").glob("*.txt"))
    server.on(NEWS, "/rss/", respond(FEED, content_type="text/xml; charset=utf-8"))
    server.on(NEWS, REPORT, respond(report_page(seed)))
    for path in re.findall(rf'<img src="https://{IMAGES}(/[^"]+)"', report_page(seed)):
        # Not the plan itself, which the seed does not hold; each other bytes, as each shows another page.
        server.on(IMAGES, path, respond(PICTURE + path.encode(), content_type="image/png"))
    server.on(MIIT, FILE.partition("?")[0], respond(b"%PDF-1.7 pictures", content_type="application/pdf"))
    return server


def test_the_report_is_read_its_one_link_followed_and_tied(crawler, web):
    web.on(MIIT, PLAN, respond(plan_page()))
    ended = crawler.crawl("ithome-rss")
    assert (ended.code, ended.verdict) == (0, "ok"), ended.log
    asked = [request.path for request in web.requests(MIIT) if not request.path.startswith(("/robots", "/api"))]
    assert asked == [PLAN]

    ((report_id, author, moment, blocks),) = crawler.sql(
        "SELECT d.id, r.author, r.published_at, r.blocks FROM document d JOIN version v ON v.document_id = d.id"
        " JOIN reading r ON r.id = v.reading_id WHERE d.type = 'news'"
    )
    assert crawler.sql("SELECT title FROM document WHERE id = :id", id=report_id) == [(TITLE,)]
    assert author == "汪淼"
    assert str(moment).startswith("2022-04-13 07:26:00")  # UTC; 15:26 in China
    assert "加快 5G 全连接工厂建设" in blocks
    assert "工业互联网初创企业投入力度" in blocks
    assert "相关文章" not in blocks

    ((number, written, published),) = crawler.sql(
        "SELECT number, written, published FROM document WHERE type = 'policy'"
    )
    assert (number, str(written), str(published)) == ("工信厅信管函〔2022〕86号", "2022-04-08", "2022-04-13")
    tied = crawler.sql(
        "SELECT DISTINCT t.number FROM reference r JOIN document t ON t.id = r.target_document_id"
        " WHERE r.document_id = :id AND r.relation = 'reports'",
        id=report_id,
    )
    assert tied == [(number,)]
    # The report shows the plan's pages as pictures, whose alternative text is its title: they are files of the report.
    assert crawler.sql("SELECT name FROM attachment WHERE document_id != :id", id=report_id) == [(f"{PLAN_TITLE}.pdf",)]
    shown = crawler.sql("SELECT name, type FROM attachment WHERE document_id = :id ORDER BY position", id=report_id)
    assert [(re.sub(r"\s", "", name), kind) for name, kind in shown] == [
        (f"{PLAN_TITLE}（图{number}）", "png") for number in (1, 2, 3)
    ]
    states = {(state, words) for state, words in crawler.sql("SELECT text_state, text FROM attachment_version")
              if state != "damaged"}  # fmt: skip
    if ocr.available():
        assert {state for state, _ in states} == {"text"}
        engine = create_engine(f"sqlite:///{crawler.home / 'archive.db'}")
        assert [hit.document_id for hit in search(engine, "建设标识解析节点").hits] == [report_id]
    else:
        assert states == {("picture", "")}


def test_the_title_it_names_stays_a_reference_until_the_plan_arrives(crawler, web):
    web.on(MIIT, PLAN, respond("gone for now", status=503))
    crawler.crawl("ithome-rss")
    named = "SELECT title, target_document_id IS NOT NULL FROM reference WHERE title IS NOT NULL"
    assert {(re.sub(r"\s", "", title), known) for title, known in crawler.sql(named)} == {(PLAN_TITLE, 0)}

    web.on(MIIT, PLAN, respond(plan_page()))
    ended = crawler.crawl("page", f"--url=https://{MIIT}{PLAN}")
    assert ended.verdict == "ok", ended.log
    assert crawler.sql(
        "SELECT count(*) FROM reference WHERE document_id = (SELECT id FROM document WHERE type = 'news') ORDER BY id"
        " AND title IS NOT NULL AND target_document_id = (SELECT id FROM document WHERE type = 'policy')"
    ) == [(1,)]
