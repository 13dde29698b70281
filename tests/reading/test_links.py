"""Attachments, links and pictures: addresses made absolute, hrefs kept as printed, names for people."""

# ruff: noqa: E501  (pages stand as they are served)

from collections.abc import Callable

import pytest
from support.reading_pages import PROSE, document

from policy_crawler.reading import Reading
from policy_crawler.reading.files import file_name, file_type

Read = Callable[..., Reading]


@pytest.mark.parametrize(
    ("href", "text", "kind"),
    [
        ("./P020260203.pdf", "", "pdf"),
        ("a.DOCX", "", "docx"),
        ("/x/%E9%99%84%E4%BB%B6.ofd", "", "ofd"),
        ("/module/download/downfile.jsp?classid=0&filename=d4070f.doc", "办法.doc", "doc"),
        ("/api-gateway/jpaas-web-server/front/document/download?fileUrl=ab12", "附件1.xlsx", "xlsx"),
        ("/api-gateway/jpaas-web-server/front/document/download?fileUrl=ab12", "附件1", ""),
        ("/system/_content/download.jsp?urltype=news.DownloadAttachUrl&wbfileid=1", "申报表.xls", "xls"),
        ("a.html", "", None),
        ("javascript:void(0)", "a.pdf", None),
        ("mailto:a@b.cn", "", None),
        ("http://[::1", "", None),
    ],
)
def test_what_is_a_file(href: str, text: str, kind: str | None) -> None:
    assert file_type(href, text) == kind


def test_a_files_name_is_what_people_read() -> None:
    assert file_name("P020.pdf", "管理办法.pdf") == "管理办法.pdf"
    assert file_name("P020.pdf", "下载", "管理办法") == "管理办法"
    assert file_name("/x/%E5%8A%9E%E6%B3%95.pdf", "") == "办法.pdf"
    assert file_name("/d.jsp?filename=%E8%A1%A8.doc", "点击下载") == "表.doc"


def test_attachments_of_the_text_and_of_a_box_beside_it(reading_of: Read) -> None:
    html = document(
        f'<div class="main"><div class="TRS_Editor">{PROSE}<p>附件：<a href="./P020260228.pdf" title="x">管理办法.pdf</a></p></div>'
        '<div class="fujian"><a href="../files/b.xlsx">一览表</a></div></div>'
        '<ul class="list"><li><a href="/other/c.pdf">另一份文件的附件</a></li></ul>'
    )
    reading = reading_of(html)
    assert [(file.href, file.url, file.name, file.type) for file in reading.attachments] == [
        ("./P020260228.pdf", "https://www.example.gov.cn/zwgk/202602/P020260228.pdf", "管理办法.pdf", "pdf"),
        ("../files/b.xlsx", "https://www.example.gov.cn/zwgk/files/b.xlsx", "一览表", "xlsx"),
    ]
    assert (reading.body or "").endswith("确保取得实效。")


def test_an_attachment_amid_the_text_stays_a_line_of_it(reading_of: Read) -> None:
    html = document(
        f'<div id="zoom">{PROSE}<p>附件：<a href="a.doc">不合格信息.doc</a></p><p>示例市市场监督管理局</p><p>2026年2月26日</p></div>'
    )
    reading = reading_of(html)
    assert [block.role for block in reading.blocks][-3:] == ["attachment", "signature", "date"]
    assert reading.issuer == "示例市市场监督管理局"


def test_base_href_is_minded(reading_of: Read) -> None:
    html = document(
        f'<div id="zoom">{PROSE}<p><a href="a.pdf">办法</a><img src="i.png"><a href="b.html">原文</a>见此。</p></div>',
        head='<base href="/files/">',
    )
    reading = reading_of(html)
    assert reading.attachments[0].url == "https://www.example.gov.cn/files/a.pdf"
    assert reading.attachments[0].href == "a.pdf"
    assert reading.images == ("https://www.example.gov.cn/files/i.png",)
    assert reading.links == (("https://www.example.gov.cn/files/b.html", "原文"),)


def test_only_the_bodys_links_count_and_each_once(reading_of: Read) -> None:
    text = '<p>见<a href="//www.gov.cn/a.htm">《示例条例》</a>和<a href="//www.gov.cn/a.htm">原文</a>，<a href="javascript:x()">点此</a>，<a href="#top">上</a>。</p>'
    reading = reading_of(document(f'<div id="zoom">{PROSE}{text}</div>'))
    assert reading.links == (("https://www.gov.cn/a.htm", "《示例条例》"),)


def test_addresses_no_url_can_be_made_of_are_borne(reading_of: Read) -> None:
    reading = reading_of(document(f'<div id="zoom">{PROSE}<p>见<a href="http://[::1">此处</a>说明。</p></div>'))
    assert reading.links == (("http://[::1", "此处"),)


@pytest.mark.parametrize(
    "url", ["", "page.html", "http://[::1", "file:///tmp/a.html", "//x", "http://a.gov.cn:99999/a.html"]
)
def test_a_page_may_be_read_under_any_address(url: str, reading_of: Read) -> None:
    html = document(f'<div id="zoom">{PROSE}<p>附件：<a href="a.pdf">办法</a></p></div>')
    reading = reading_of(html, url)
    assert reading.attachments[0].href == "a.pdf"
    assert (reading.body or "").endswith("确保取得实效。")


def test_a_page_read_from_a_file_uses_the_address_it_names(reading_of: Read) -> None:
    head = '<meta name="Url" content="https://www.example.gov.cn/art/2020/2/24/art_1_2.html">'
    reading = reading_of(
        document(f'<div id="zoom">{PROSE}<p>附件：<a href="/a.pdf">办法</a></p></div>', head=head), "saved/page.html"
    )
    assert reading.attachments[0].url == "https://www.example.gov.cn/a.pdf"
    assert str(reading.published) == "2020-02-24"
    assert reading.url == "saved/page.html"
