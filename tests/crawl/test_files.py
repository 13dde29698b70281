"""Files of documents, and documents that are files."""

import json

import pytest
from support import files
from support.fault_server import respond
from support.sites import article, trs_column, trs_rows

from console.demo.files import pdf

HOST, FILES = "czj.example.gov.cn", "files.example.cn"
LIST = "/zwgk/wj/index.html"
SOURCE = "czj-wj"
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
TEXT = "<p>各有关单位：</p><p>现将有关资金管理办法印发给你们，请遵照执行，执行中的问题请及时反馈。</p>" * 4


@pytest.fixture
def site(server, crawler):
    crawler.hosts = [HOST, FILES]
    crawler.source(
        id=SOURCE, issuer="示例财政局", issuer_short="示例财政局", column="文件", list_url=f"https://{HOST}{LIST}",
        family="trs", publishes="policy", level="city",
    )  # fmt: skip
    links = f"""<p>附件：<a href="./P020261120.pdf">1.资金管理办法.pdf</a></p>
<p><a href="https://{FILES}/f/2.doc">2.申报表.doc</a></p>"""
    server.on(HOST, LIST, respond(trs_column(trs_rows([1]) + trs_rows([2]) + trs_rows([3]))))
    for number in (1, 2, 3):
        body = TEXT.replace("有关资金", f"第{number}类资金") + (links if number == 1 else "")
        server.on(HOST, f"/zwgk/wj/202611/t20261120_{number}.html", article(f"关于做好第{number}项工作的通知", body))
    server.on(HOST, "/zwgk/wj/202611/P020261120.pdf", respond(PDF, content_type="application/pdf"))
    server.on(FILES, "/f/2.doc", respond(b"\xd0\xcf\x11\xe0" + bytes(600), content_type="application/msword"))
    return server


def test_the_files_of_a_new_document_are_kept_wherever_they_lie(crawler, site):
    ended = crawler.crawl(SOURCE)
    assert (ended.code, ended.verdict) == (0, "ok"), ended.closed["reason"]
    assert ended.closed["counts"]["attachments"] == 2
    rows = crawler.sql("SELECT name, type, url FROM attachment ORDER BY id")
    assert sorted((kind, url) for _, kind, url in rows) == [
        ("doc", f"https://{FILES}/f/2.doc"),
        ("pdf", f"https://{HOST}/zwgk/wj/202611/P020261120.pdf"),
    ]
    assert any("资金管理办法" in name for name, *_ in rows)
    assert crawler.sql("SELECT purpose, count(*) FROM fetch WHERE purpose = 'attachment'") == [("attachment", 2)]
    assert {request.header("Referer") for request in site.requests(FILES, "/f/2.doc")} == {
        f"https://{HOST}/zwgk/wj/202611/t20261120_1.html"
    }


def test_files_of_unchanged_documents_are_not_asked_for_again(crawler, site):
    crawler.crawl(SOURCE)
    site.forget()
    crawler.crawl(SOURCE, "--recheck=all", clock=7200)
    assert [request.path for request in site.requests() if request.path.endswith((".pdf", ".doc"))] == []


def test_a_file_that_cannot_be_had_does_not_undo_its_document(crawler, site):
    site.on(FILES, "/f/2.doc", respond("", status=404))
    ended = crawler.crawl(SOURCE)
    assert (ended.code, ended.verdict, len(ended.documents("added"))) == (1, "partial", 3)
    assert "1 file could not be had" in ended.closed["reason"]


def test_a_file_larger_than_allowed_is_refused(crawler, site):
    site.on(HOST, "/zwgk/wj/202611/P020261120.pdf", respond(bytes(3 << 20), content_type="application/pdf"))
    ended = crawler.crawl(SOURCE, settings=["DOWNLOAD_MAXSIZE=1048576"])
    assert (ended.verdict, ended.closed["counts"]["attachments"]) == ("partial", 1)
    assert "size: " in ended.closed["reason"]


def test_a_document_that_is_a_file(crawler, site):
    rows = "".join(
        f"<li><a href='./202611/P02026112{n}.pdf'>示例财政局关于第{n}号预算调整的公告</a><span>2026-11-2{n}</span></li>"
        for n in (3, 2, 1)
    )
    site.on(HOST, LIST, respond(trs_column(rows)))
    for n in (1, 2, 3):
        site.on(HOST, f"/zwgk/wj/202611/P02026112{n}.pdf", respond(PDF + b"%%%d" % n, content_type="application/pdf"))
    ended = crawler.crawl(SOURCE)
    assert (ended.verdict, len(ended.documents("added"))) == ("ok", 3), ended.closed
    assert crawler.sql("SELECT published FROM document ORDER BY published") == [
        ("2026-11-21",),
        ("2026-11-22",),
        ("2026-11-23",),
    ]
    assert ended.closed["counts"]["attachments"] == 3


def test_the_text_of_files_is_kept_and_searched_and_its_change_is_told(crawler, site):
    path, policy = "/zwgk/wj/202611/P020261120.pdf", "/zwgk/wj/202611/t20261120_1.html"
    lines = ["第一条 补贴由省级财政部门审核。", "第二条 每个企业的补贴不超过二百万元。"]
    site.on(HOST, path, respond(pdf(lines), content_type="application/pdf"))
    site.on(
        FILES,
        "/f/2.doc",
        respond(files.doc([("申报表\r名称\x07金额\x07\x07", False)]), content_type="application/msword"),
    )
    crawler.crawl(SOURCE)
    query = "SELECT kind, text_state, text FROM attachment_version JOIN attachment ON attachment.id = attachment_id"
    assert sorted(crawler.sql(query)) == [("doc", "text", "申报表\n名称\t金额"), ("pdf", "text", "\n".join(lines))]
    # The page says something new, and the file says something else: one change that names both.
    lines[1] = "第二条 每个企业的补贴不超过三百万元。"
    site.on(HOST, path, respond(pdf(lines), content_type="application/pdf"))
    body = TEXT.replace("有关资金", "第1类资金，含专项资金").replace("请遵照执行", "请严格执行")
    link = '<p>附件：<a href="./P020261120.pdf">1.资金管理办法.pdf</a></p>'
    site.on(HOST, policy, article("关于做好第1项工作的通知", body + link))
    crawler.crawl(SOURCE, "--recheck=all", clock=7200)
    ((payload,),) = crawler.sql("SELECT payload FROM event WHERE kind = 'changed'")
    labels = [change["label"] for change in json.loads(payload)["changes"]]
    assert any("资金管理办法" in label and label.endswith("第二条") for label in labels), labels


def test_a_file_replaced_under_an_unchanged_page_is_found_within_a_week(crawler, site):
    path = "/zwgk/wj/202611/P020261120.pdf"
    lines = ["第一条 补贴由省级财政部门审核。", "第二条 每个企业的补贴不超过二百万元。"]
    site.on(HOST, path, respond(pdf(lines), content_type="application/pdf"))
    site.on(FILES, "/f/2.doc", respond(files.doc([("申报表\r", False)]), content_type="application/msword"))
    crawler.crawl(SOURCE)
    lines[1] = "第二条 每个企业的补贴不超过三百万元。"
    site.on(HOST, path, respond(pdf(lines), content_type="application/pdf"))
    crawler.crawl(SOURCE, "--recheck=all", clock=7200)
    assert crawler.sql("SELECT count(*) FROM event WHERE kind = 'changed'") == [(0,)]
    ended = crawler.crawl(SOURCE, "--recheck=all", clock=8 * 86400)
    assert ended.closed["counts"]["attachments"] == 2
    ((payload, state),) = crawler.sql("SELECT payload, state FROM event WHERE kind = 'changed'")
    labels = [change["label"] for change in json.loads(payload)["changes"]]
    assert (labels, state) == (["附件《1.资金管理办法.pdf》第二条"], "published")


def test_a_document_that_is_a_file_has_its_text(crawler, site):
    lines = ["各有关单位：", "现将第一批预算予以调整，请遵照执行，有关问题及时反馈。"]
    rows = "".join(
        f"<li><a href='./202611/P02026112{n}.pdf'>示例财政局关于第{n}号预算调整的公告</a><span>2026-11-2{n}</span></li>"
        for n in (3, 2, 1)
    )
    site.on(HOST, LIST, respond(trs_column(rows)))
    for n in (1, 2, 3):
        file = pdf([f"示财预〔2026〕{n}号", *lines])
        site.on(HOST, f"/zwgk/wj/202611/P02026112{n}.pdf", respond(file, content_type="application/pdf"))
    ended = crawler.crawl(SOURCE)
    assert (ended.verdict, len(ended.documents("added"))) == ("ok", 3), ended.closed
    assert set(crawler.sql("SELECT number FROM document")) == {(f"示财预〔2026〕{n}号",) for n in (1, 2, 3)}
    blocks = crawler.sql("SELECT blocks FROM reading ORDER BY id")
    assert all("现将第一批预算予以调整" in text for (text,) in blocks)
