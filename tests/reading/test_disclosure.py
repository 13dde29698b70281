"""The disclosure table in every shape sites print it, and the official meta tags."""

# ruff: noqa: E501  (pages stand as they are served)

from collections.abc import Callable
from datetime import date, datetime

import pytest
from support.reading_pages import PROSE, document

from policy_crawler.reading import Reading, dates

Read = Callable[..., Reading]

SHAPES = {
    "td/td": """<table><tr><td>索 引 号：</td><td>000014349/2018-00205</td><td>主题分类：</td><td>综合政务\\政务公开</td></tr>
        <tr><td>发文机关：</td><td>国务院办公厅</td><td>成文日期：</td><td>2018年11月05日</td></tr>
        <tr><td>发文字号：</td><td>国办函〔2018〕74号</td><td>发布日期：</td><td>2018年11月12日</td></tr>
        <tr><td>有 效 性：</td><td colspan="3">有效</td></tr></table>""",
    "th/td without colons": """<table><tr><th>索引号</th><td>000014349/2018-00205</td><th>主题分类</th><td>综合政务\\政务公开</td></tr>
        <tr><th>发布机构</th><td>国务院办公厅</td><th>生成日期</th><td>2018-11-05</td></tr>
        <tr><th>文号</th><td>国办函〔2018〕74号</td><th>公开日期</th><td>2018-11-12</td></tr><tr><th>时效性</th><td>有效</td></tr></table>""",
    "bold label and value in one cell": """<table><tr><td><b><span>索  引  号: </span></b>000014349/2018-00205</td>
        <td><b> 发文机关: </b> 国务院办公厅</td><td><b>文      号:</b> 国办函〔2018〕74号</td></tr>
        <tr><td><b>主题分类: </b> 综合政务\\政务公开</td><td><b>发布日期: </b> 2018-11-12</td><td><b>成文日期: </b> 2018-11-05      </td></tr>
        <tr><td><b>有效性：</b>有效</td></tr></table>""",
    "dl": """<dl><dt>索引号</dt><dd>000014349/2018-00205</dd><dt>主题分类</dt><dd>综合政务\\政务公开</dd><dt>发文单位</dt><dd>国务院办公厅</dd>
        <dt>成文日期</dt><dd>2018-11-05</dd><dt>发文字号</dt><dd>国办函〔2018〕74号</dd><dt>发布日期</dt><dd>2018-11-12</dd>
        <dt>有效性</dt><dd>有效</dd></dl>""",
    "ul with strong and span": """<ul><li><strong>索引号：</strong><span>000014349/2018-00205</span></li>
        <li><strong>主题分类：</strong><span>综合政务\\政务公开</span></li><li><strong>发布机构：</strong><span>国务院办公厅</span></li>
        <li><strong>成文日期：</strong><span>2018-11-05</span></li><li><strong>发文字号：</strong><span>国办函〔2018〕74号</span></li>
        <li><strong>公开日期：</strong><span>2018-11-12</span></li><li><strong>有效性：</strong><span>有效</span></li></ul>""",
    "label and box": """<div><div><label><font>索引号</font></label><div class="display-block">000014349/2018-00205</div></div>
        <div><label><font>主题分类</font></label><div class="display-block">综合政务\\政务公开</div></div>
        <div><label><font>发布机构</font></label><div class="display-block">国务院办公厅</div></div>
        <div><label><font>成文日期</font></label><div class="display-block">2018-11-05</div></div>
        <div><label><font>发文字号</font></label><div class="display-block">国办函〔2018〕74号</div></div>
        <div><label><font>发布日期</font></label><div class="display-block">2018-11-12</div></div>
        <div><label><font>有效性</font></label><div class="display-block">有效</div></div></div>""",
    "text behind colons": """<div class="info"><p>索引号：000014349/2018-00205　　主题分类：综合政务\\政务公开</p>
        <p>发文机关：国务院办公厅　　发文字号：国办函〔2018〕74号</p><p>成文日期：2018-11-05　　发布日期：2018-11-12　　有效性：有效</p></div>""",
    "labels padded with U+3000 and in brackets": """<table><tr><td>【索　引　号】</td><td>000014349/2018-00205</td></tr>
        <tr><td>【主题分类】</td><td>综合政务\\政务公开</td></tr><tr><td>【发文机关】</td><td>国务院办公厅</td></tr>
        <tr><td>【成文日期】</td><td>二〇一八年十一月五日</td></tr><tr><td>【文　　号】</td><td>国办函〔2018〕74号</td></tr>
        <tr><td>【发布日期】</td><td>2018.11.12</td></tr><tr><td>【有效性】</td><td>有效</td></tr></table>""",
    "head row over values": """<table><tr><th>索引号</th><th>主题分类</th><th>发文机关</th><th>成文日期</th><th>发文字号</th><th>发布日期</th><th>有效性</th></tr>
        <tr><td>000014349/2018-00205</td><td>综合政务\\政务公开</td><td>国务院办公厅</td><td>2018-11-05</td><td>国办函〔2018〕74号</td><td>2018-11-12</td>
        <td>有效</td></tr></table>""",
}


@pytest.mark.parametrize("shape", SHAPES, ids=list(SHAPES))
@pytest.mark.parametrize("inside", [False, True], ids=["above the body", "inside its container"])
def test_a_table_of_any_shape_gives_its_fields(shape: str, inside: bool, reading_of: Read) -> None:
    table = SHAPES[shape]
    body = (
        f'<div id="zoom">{table}<div>{PROSE}</div></div>'
        if inside
        else f'<div class="head">{table}</div><div id="zoom">{PROSE}</div>'
    )
    reading = reading_of(document(body))
    assert reading.index_number == "000014349/2018-00205"
    assert reading.topic == "综合政务\\政务公开"
    assert reading.issuer == "国务院办公厅"
    assert reading.doc_number == "国办函〔2018〕74号"
    assert reading.written == date(2018, 11, 5)
    assert reading.published == date(2018, 11, 12)
    assert reading.validity == "有效"
    assert reading.evidence["doc_number"].confidence >= 0.9
    assert reading.body is not None
    assert reading.body.startswith("各省、自治区")


def test_an_empty_table_gives_nothing(reading_of: Read) -> None:
    table = """<table><tr><td>索引号：</td><td></td><td>主题分类：</td><td> </td></tr><tr><td>办文部门：</td><td></td>
        <td>发文日期：</td><td></td></tr><tr><td>文号：</td><td>无</td><td>公文名称：</td><td></td></tr></table>"""
    reading = reading_of(document(f'{table}<div id="zoom">{PROSE}</div>', title="通告"))
    assert (reading.index_number, reading.topic, reading.doc_number, reading.written) == (None, None, None, None)
    assert reading.issuer is None


def test_an_empty_value_does_not_take_the_next_labels_value(reading_of: Read) -> None:
    table = """<ul><li>索引号：<span></span></li><li>发文字号：<span>国办发〔2020〕1号</span></li><li>发文机关：<span>国务院办公厅</span></li></ul>"""
    reading = reading_of(document(f'{table}<div id="zoom">{PROSE}</div>'))
    assert reading.index_number is None
    assert reading.doc_number == "国办发〔2020〕1号"


def test_an_index_number_that_looks_like_a_date_is_opaque(reading_of: Read) -> None:
    table = """<table><tr><td>索引号</td><td>2026-02-00018</td></tr><tr><td>发文机关</td><td>国家医疗保障局</td></tr>
        <tr><td>发布日期</td><td>2026-03-05</td></tr></table>"""
    reading = reading_of(document(f'{table}<div id="zoom">{PROSE}</div>'))
    assert reading.index_number == "2026-02-00018"
    assert reading.published == date(2026, 3, 5)


def test_the_four_dates_are_kept_apart(reading_of: Read) -> None:
    table = """<table><tr><td>成文日期</td><td>2026-02-01</td><td>发布日期</td><td>2026-02-03</td></tr>
        <tr><td>施行日期</td><td>2026-03-01</td><td>废止日期</td><td>2031-03-01</td></tr><tr><td>发文机关</td><td>某局</td></tr></table>"""
    reading = reading_of(document(f'{table}<div id="zoom">{PROSE}</div>'))
    assert reading.written == date(2026, 2, 1)
    assert reading.published == date(2026, 2, 3)
    assert reading.effective == date(2026, 3, 1)
    assert reading.expires == date(2031, 3, 1)


def test_the_table_goes_before_the_tags_and_a_related_list_does_not_count(reading_of: Read) -> None:
    head = '<meta name="ArticleTitle" content="关于做好试点工作的通知"><meta name="PubDate" content="2026-03-02 04:58">'
    related = '<div class="related"><p>另一份文件　发布日期：2020-01-01　文号：国办发〔2020〕9号</p></div>'
    body = f'<div>发布日期：2026-03-01</div><div id="zoom">{PROSE}</div>{related}'
    reading = reading_of(document(body, head=head))
    assert reading.published == date(2026, 3, 1)
    assert reading.doc_number is None


class TestMetaTags:
    def test_tags_of_any_case_and_place(self, reading_of: Read) -> None:
        html = document(f'<div id="zoom">{PROSE}</div>', title="首页") + (
            "<META content='关于开展试点的意见' NAME='articletitle'><meta content=\"2022-04-13-10:20:30\" name=\"pubdate\">"
            "<meta name=contentsource content=新华社>"
        )
        reading = reading_of(html)
        assert reading.title == "关于开展试点的意见"
        assert reading.published == datetime(2022, 4, 13, 10, 20, 30, tzinfo=dates.CHINA)
        assert reading.reprinted_from == "新华社"
        assert reading.evidence["title"].source == "meta ArticleTitle"

    def test_the_first_pubdate_that_is_a_date_wins(self, reading_of: Read) -> None:
        head = '<meta name="PubDate" content=""><meta name="PubDate" content="无"><meta name="PubDate" content="2022-04-13 00:00">'
        reading = reading_of(document(f'<div id="zoom">{PROSE}</div>', head=head), "https://www.example.gov.cn/a.html")
        assert reading.published == date(2022, 4, 13)

    def test_a_tag_that_repeats_the_column_is_no_title(self, reading_of: Read) -> None:
        head = '<meta name="SiteName" content="示例市人民政府"><meta name="ColumnName" content="政策文件"><meta name="ArticleTitle" content="政策文件">'
        reading = reading_of(document(f"<h1>关于做好试点工作的通知</h1><div id='zoom'>{PROSE}</div>", head=head))
        assert reading.title == "关于做好试点工作的通知"

    def test_a_tag_cut_with_dots_gives_way_to_the_whole_heading(self, reading_of: Read) -> None:
        whole = "关于印发《示例市推动制造业高质量发展若干政策措施实施细则》的通知"
        head = f'<meta name="ArticleTitle" content="{whole[:20]}...">'
        reading = reading_of(document(f"<h1>{whole}</h1><div id='zoom'>{PROSE}</div>", head=head, title="通知"))
        assert reading.title == whole

    def test_placeholders_are_no_author(self, reading_of: Read) -> None:
        for name in ("admin", "系统管理员", "无", "webmaster", "name, email@example.com"):
            reading = reading_of(
                document(f'<div id="zoom">{PROSE}</div>', head=f'<meta name="Author" content="{name}">')
            )
            assert reading.author is None, name


def test_a_list_of_repealed_papers_is_the_text_and_gives_no_fields(reading_of: Read) -> None:
    rows = "".join(
        f"<tr><td>{n}</td><td>示例市第{n}号管理办法</td><td>示政发〔20{n:02}〕{n}号</td><td>示例市人民政府</td><td>20{n:02}-01-0{n}</td></tr>"
        for n in range(1, 9)
    )
    table = (
        f"<table><tr><td>序号</td><td>文件名称</td><td>文号</td><td>发布机关</td><td>发布日期</td></tr>{rows}</table>"
    )
    body = f'<div id="zoom">{PROSE}<p>附件：宣布失效的文件目录</p>{table}</div>'
    reading = reading_of(document(body, title="关于宣布失效一批文件的决定"), "https://www.example.gov.cn/a.html")
    assert reading.doc_number is None
    assert reading.published is None
    assert [block.role for block in reading.blocks].count("table") == 1
    assert "3\t示例市第3号管理办法\t示政发〔2003〕3号\t示例市人民政府\t2003-01-03" in (reading.body or "")
