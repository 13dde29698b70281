"""The body: all of the text and nothing else, in blocks with roles, whatever the family."""

# ruff: noqa: E501  (pages stand as they are served)

import json
from collections.abc import Callable

import pytest
from support.reading_pages import PROSE, document

from policy_crawler.reading import Reading

Read = Callable[..., Reading]

START, END = "各省、自治区、直辖市人民政府，国务院各部委、各直属机构：", "明确责任分工，确保取得实效。"

CONTAINERS = {
    "trs": '<div class="TRS_Editor"><style>.TRS_Editor P{margin:0}</style><div class="TRS_Editor">{}</div></div>',
    "trs new": '<div class="html-content-fun"><div class="trs_editor_view TRS_UEDITOR trs_paper_default">{}</div></div>',
    "govcn": '<table><tr><td class="b12c" id="UCAP-CONTENT">{}</td></tr></table>',
    "ucap tags": "<ucaptitle>关于做好试点工作的通知</ucaptitle><ucapcontent>{}</ucapcontent><publishtime>2026-02-28</publishtime>",
    "jcms": '<div id="zoom"><!--ZJEG_RSS.content.begin--><meta name="ContentStart">{}<meta name="ContentEnd"><div>来源：示例局</div></div>',
    "jpaas": '<h1 id="con_title">关于做好试点工作的通知</h1><div class="ccontent center" id="con_con">{}</div>',
    "vsb": '<form name="_newscontent_fromname"><div id="vsb_content_2">{}</div></form>',
    "ithome": '<div class="post_content" id="paragraph">{}</div>',
    "unknown": '<div class="zczwr_texbo"><div class="inner">{}</div></div>',
    "unknown table": '<table width="90%"><tr><td><table><tr><td colspan="2">{}</td></tr></table></td></tr></table>',
    "named like a tool": '<div class="js_img_share_area"><div id="body_of_text">{}</div></div>',
}
FURNITURE = """<div class="bdsharebuttonbox"><a title="分享到微信">分享到微信</a></div>
<div id="qr_container">扫一扫在手机打开当前页</div><p>【打印本页】</p><p>【关闭窗口】</p>
<div class="prenext"><p>上一篇：<a href="a.html">关于做好上一项工作的通知</a></p></div>
<div class="related"><h3>相关文档</h3><ul><li><a href="b.html">关于相关工作的通知，请各单位认真执行。</a></li></ul></div>"""


@pytest.mark.parametrize("family", CONTAINERS)
def test_a_containers_text_is_whole_and_alone(family: str, reading_of: Read) -> None:
    html = document(CONTAINERS[family].replace("{}", PROSE) + FURNITURE)
    reading = reading_of(html)
    assert reading.body is not None
    assert reading.body.startswith(START)
    assert reading.body.endswith(END)
    assert len(reading.blocks) == 4


@pytest.mark.parametrize("family", CONTAINERS)
def test_furniture_inside_the_container_is_no_text(family: str, reading_of: Read) -> None:
    inner = f"<p>关于做好试点工作的通知</p><p>示发〔2026〕3号</p>{PROSE}<p>（责任编辑：张三）</p>{FURNITURE}"
    reading = reading_of(document(CONTAINERS[family].replace("{}", inner)))
    assert reading.body is not None
    assert reading.body.startswith(START)
    assert reading.body.endswith(END)
    assert reading.doc_number == "示发〔2026〕3号"


def test_roles_of_a_regulation(reading_of: Read) -> None:
    text = """<p align="center">示例市人民政府令</p><p align="center">第12号</p>
    <p>《示例管理办法》已经市政府常务会议通过，现予公布，自2026年5月1日起施行。</p><p style="text-align:right">市长　张三</p>
    <p>第一章　总则</p><p>第一条　为了规范管理，根据《中华人民共和国示例法》，制定本办法。</p><p>第二条　本办法所称示例，是指下列情形：</p>
    <p>（一）第一种情形；</p><p>（二）第二种情形。</p><p>第二节　职责</p><p>第三条之一　主管部门负责监督管理。</p>
    <h3>附　则</h3><p>一、其他规定</p><table><tr><td>序号</td><td>名称</td></tr><tr><td>1</td><td>甲</td></tr></table>
    <p>附件：1.申请表</p><p>示例市人民政府办公室</p><p>2026年2月28日</p>"""
    reading = reading_of(document(f'<div id="zoom">{text}</div>', title="示例管理办法"))
    roles = {block.text: block.role for block in reading.blocks}
    assert roles["第一章 总则"] == "chapter"
    assert roles["第一条 为了规范管理，根据《中华人民共和国示例法》，制定本办法。"] == "article"
    assert roles["（一）第一种情形；"] == "item"
    assert roles["第二节 职责"] == "section"
    assert roles["第三条之一 主管部门负责监督管理。"] == "article"
    assert roles["附 则"] == "heading"
    assert roles["一、其他规定"] == "heading"
    assert roles["序号\t名称\n1\t甲"] == "table"
    assert roles["附件：1.申请表"] == "attachment"
    assert roles["示例市人民政府办公室"] == "signature"
    assert roles["2026年2月28日"] == "date"
    assert reading.written is not None
    assert reading.written.isoformat() == "2026-02-28"
    assert reading.effective is not None
    assert reading.effective.isoformat() == "2026-05-01"


def test_merged_and_hidden_cells_of_a_table(reading_of: Read) -> None:
    table = """<table><tr><td rowspan="2">甲</td><td>乙<br>丙</td><td style="display:none">藏</td></tr><tr><td>丁</td><td></td></tr></table>"""
    reading = reading_of(document(f'<div id="zoom">{PROSE}{table}</div>'))
    assert reading.blocks[-1].role == "table"
    assert reading.blocks[-1].text == "甲\t乙 丙\n丁"


def test_a_hidden_print_copy_is_not_read_twice(reading_of: Read) -> None:
    html = document(
        f'<div class="ng-hide"><div id="wenzhang-content">{PROSE}</div></div><div id="wenzhang-content">{PROSE}</div>'
    )
    assert (reading_of(html).body or "").count("一、提高认识。") == 1


def test_text_outside_the_body_tag_is_read(reading_of: Read) -> None:
    html = f'<html><head><title>关于做好试点工作的通知</title></head><body><div>菜单</div></body></html><div id="zoom">{PROSE}</div>'
    assert (reading_of(html).body or "").startswith(START)


def test_a_fragment_without_html_or_body_is_read_like_a_page(reading_of: Read) -> None:
    html = (
        '<div id="nw_content"><div id="time">来源：市食品药品监督管理局  时间：2018-08-27 15:49  浏览量：103</div><div id="nr">'
        '<p style="text-align: center">药品经营企业认证公告</p><p style="text-align: center">（第2018011号）</p>'
        "<p>根据《中华人民共和国药品管理法》规定，经现场检查，对以下企业发给认证证书，现予以公布。</p><p>特此公告</p>"
        '<div>附件：<br><a href="/uploads/5b83.doc">5b83.doc</a></div><div>编辑：示例局</div></div></div>'
    )
    reading = reading_of(html, "http://sy.example.gov.cn/html/?4106.html")
    assert reading.title == "药品经营企业认证公告（第2018011号）"
    assert reading.issuer == "市食品药品监督管理局"
    assert reading.published is not None
    assert reading.published.isoformat() == "2018-08-27T15:49:00+08:00"
    assert reading.doc_number is None
    assert (
        reading.body
        == "根据《中华人民共和国药品管理法》规定，经现场检查，对以下企业发给认证证书，现予以公布。\n特此公告"
    )
    assert [file.href for file in reading.attachments] == ["/uploads/5b83.doc"]


def test_a_page_of_one_attachment_keeps_it_as_text(reading_of: Read) -> None:
    html = document(
        '<h1>计量许可结果公示</h1><div id="zoom"><p>附件：<a href="x.docx">许可结果.docx</a></p></div>',
        title="计量许可结果公示",
    )
    reading = reading_of(html)
    assert reading.body == "附件：许可结果.docx"
    assert reading.blocks[0].role == "attachment"


def test_a_page_of_pictures_has_no_text(reading_of: Read) -> None:
    html = document(
        '<h1>一图读懂管理办法</h1><div id="zoom"><p><img src="./W1.png"></p><p>相关解读：<a href="a.html">关于办法的通知</a></p></div>',
        title="一图读懂管理办法",
    )
    reading = reading_of(html)
    assert reading.body is None
    assert reading.images == ("https://www.example.gov.cn/zwgk/202602/W1.png",)
    assert reading.type == "interpretation"


def test_line_breaks_make_lines_and_inline_tags_do_not(reading_of: Read) -> None:
    html = document(
        '<div id="zoom">第一行，文字。<br>第二<span>行</span>，<b>文</b>字。<br/><br/>国办<span>发</span>〔2020〕1号文件要求，认真落实。</div>'
    )
    assert reading_of(html).body == "第一行，文字。\n第二行，文字。\n国办发〔2020〕1号文件要求，认真落实。"


class TestTitle:
    def test_a_title_broken_by_br_is_whole(self, reading_of: Read) -> None:
        html = document(
            f"<h1>示例市人民政府办公室<BR>关于做好试点工作的通知</h1><div id='zoom'>{PROSE}</div>",
            title="示例市人民政府办公室关于做好试点工作的通知",
        )
        assert (reading_of(html).title or "").replace(" ", "") == "示例市人民政府办公室关于做好试点工作的通知"

    @pytest.mark.parametrize(
        "document_title",
        [
            "{}_示例市人民政府",
            "{}-工作动态-示例网",
            "{} | 示例日报",
            "示例市人民政府 工作动态 {}",
            "{}——示例新闻网",
            "{}",
        ],
    )
    def test_the_sites_name_is_taken_off(self, document_title: str, reading_of: Read) -> None:
        title = "关于GB 44721—2026《自动驾驶-安全要求》的通知"
        html = f"<html><head><title>{document_title.format(title)}</title></head><body><div class=t>{title}</div><div id='zoom'>{PROSE}</div></body></html>"
        assert reading_of(html).title == title

    def test_the_line_above_the_date_is_a_title_where_nothing_else_is(self, reading_of: Read) -> None:
        html = f"<html><head><title>新闻动态</title></head><body><div>市政府召开常务会议</div><div>发布时间：2019-05-18 来源：示例报</div><div>{PROSE}</div></body></html>"
        assert reading_of(html).title == "市政府召开常务会议"


def test_a_clock_with_a_ratio_sign(reading_of: Read) -> None:
    html = document(f'<span>发布时间：2026年02月27日 09∶11</span><div id="zoom">{PROSE}</div>')
    published = reading_of(html).published
    assert published is not None
    assert published.isoformat() == "2026-02-27T09:11:00+08:00"


def test_a_date_in_a_note_of_adoption_is_no_publication(reading_of: Read) -> None:
    html = document(
        f'<h1>关于批准特别国债的决议</h1><div id="zoom"><p>（2007年6月29日第二十八次会议通过）</p>{PROSE}</div>',
        title="关于批准特别国债的决议",
    )
    assert reading_of(html, "page.html").published is None


def test_the_address_gives_a_date_last(reading_of: Read) -> None:
    reading = reading_of(document(f'<div id="zoom">{PROSE}</div>'))
    assert reading.published is not None
    assert reading.published.isoformat() == "2026-02-28"
    assert reading.evidence["published"].source == "address"


class TestGkmlpt:
    """The Guangdong platform keeps the document as JSON in a script."""

    def page(self, content: str) -> str:
        detail = {
            "title": "关于做好试点工作的通知",
            "identifier": "006939748/2022-00123",
            "document_number": "粤府〔2022〕3号",
            "publisher": "广东省人民政府办公厅",
            "date": 1649779200,
            "display_publish_time": 1649865600,
            "content": content,
        }
        raw = json.dumps(detail).replace("<", "\\u003C")
        return f"<html><head><title>广东省人民政府</title><script>window._CONFIG = {{SID:'2', DETAIL: {raw}, X:1}};</script></head><body><div id=app></div></body></html>"

    def test_the_document_is_read_as_if_drawn(self, reading_of: Read) -> None:
        reading = reading_of(self.page(PROSE), "http://www.gd.gov.cn/gkmlpt/content/3/3874/post_3874985.html")
        assert (reading.family, reading.title) == ("gkmlpt", "关于做好试点工作的通知")
        assert (reading.index_number, reading.doc_number) == ("006939748/2022-00123", "粤府〔2022〕3号")
        assert reading.issuer == "广东省人民政府办公厅"
        assert (str(reading.written), str(reading.published)) == ("2022-04-13", "2022-04-14")
        assert (reading.body or "").startswith(START)
        assert (reading.body or "").endswith(END)

    @pytest.mark.parametrize("detail", ["{", '{"content": 3}', "{}", '{"content": ""}', "[]"])
    def test_broken_data_is_no_document(self, detail: str, reading_of: Read) -> None:
        html = f"<script>window._CONFIG={{DETAIL:{detail}}};</script><div id=app></div>"
        assert reading_of(html).state == "empty"


class TestEdges:
    """What stands at the edges of a text and only looks like furniture stays."""

    @pytest.mark.parametrize(
        "last",
        [
            "申请人可关注“示例发布”微信公众号查询办理进度。",
            "政策解读由示例市发展和改革委员会负责。",
            "编辑出版管理规定",
            "分享经济发展情况报告",
            "链接机制另行制定。",
            "联系人：张三；联系电话：010-12345678。",
        ],
    )
    def test_a_last_line_of_government_is_kept(self, last: str, reading_of: Read) -> None:
        assert (reading_of(document(f'<div id="zoom">{PROSE}<p>{last}</p></div>')).body or "").endswith(last)

    def test_a_meetings_time_and_place_are_text(self, reading_of: Read) -> None:
        text = f"<p>时间：2026年2月28日上午9时</p><p>地点：市政府一号会议室</p>{PROSE}"
        assert (reading_of(document(f'<div id="zoom">{text}</div>')).body or "").startswith(
            "时间：2026年2月28日上午9时"
        )

    @pytest.mark.parametrize(
        "tail",
        [
            "<p>（责任编辑：张三）</p>",
            "<p>来源：示例日报</p>",
            "<p>相关链接：<a href='a.html'>关于做好工作的通知</a></p><p><a href='b.html'>一图读懂</a></p>",
            "<p>附件：</p><p>1.<a href='a.doc'>申请表.doc</a></p><p>2.<a href='b.doc'>汇总表.doc</a></p>",
            "<p>扫一扫在手机打开当前页</p><p>【打印本页】【关闭窗口】</p>",
            "<p>上一篇：无</p><p>下一篇：关于做好工作的通知</p>",
        ],
    )
    def test_furniture_behind_the_text_goes(self, tail: str, reading_of: Read) -> None:
        assert (reading_of(document(f'<div id="zoom">{PROSE}{tail}</div>')).body or "").endswith(END)

    def test_a_mediums_promotion_goes(self, reading_of: Read) -> None:
        html = f'<html><body><h1>工信部发布通知</h1><div id="paragraph"><div class="tougao-user">感谢IT之家网友 张三 的线索投递！</div>{PROSE}<p>大家在<a href="x">IT之家微信号</a>回复“测试”即可获得。</p></div></body></html>'
        body = reading_of(html, "https://www.ithome.com/0/1/2.htm").body or ""
        assert body.startswith(START)
        assert body.endswith(END)


def test_an_order_in_two_lines_has_its_number(reading_of: Read) -> None:
    text = f"<p align=center>中华人民共和国国务院令</p><p align=center>第707号</p>{PROSE}"
    reading = reading_of(document(f'<div id="zoom">{text}</div>', title="中华人民共和国示例法实施条例"))
    assert reading.doc_number == "中华人民共和国国务院令第707号"
    assert (reading.body or "").startswith("中华人民共和国国务院令\n第707号\n各省")


def test_I1_noise_around_the_text_changes_nothing_of_it(reading_of: Read) -> None:
    """A view counter, a clock, related news, class names and white space are no change of the document."""

    def page(count: int, related: str, css: str, gap: str) -> str:
        return document(
            f'<div class="{css}"><h1>关于做好试点工作的通知</h1><div>发布时间：2026-02-28 来源：示例局 浏览次数：{count}</div>'
            f'<div id="zoom" class="{css}" style="font-size:{count}px">{PROSE.replace("</p>", "</p>" + gap)}</div>'
            f'<div class="hot-news"><h3>热点新闻</h3><ul><li><a href="{count}.html">{related}</a></li></ul></div><span>{count}:00</span></div>'
        )

    first = reading_of(page(1, "甲新闻，今天发布。", "a1", ""))
    second = reading_of(page(99, "乙新闻，昨天发布，内容更长。", "b-77f", "\r\n\t&nbsp;<!-- x -->"))
    for name in ("title", "blocks", "published", "issuer", "doc_number", "attachments", "mentions", "type"):
        assert getattr(first, name) == getattr(second, name), name


def test_the_evidence_says_where_each_field_stood(reading_of: Read) -> None:
    head = '<meta name="ArticleTitle" content="示例局关于做好试点工作的通知">'
    reading = reading_of(document(f'<span>发布时间：2026-02-28</span><div id="zoom">{PROSE}</div>', head=head))
    assert {name: evidence.source for name, evidence in reading.evidence.items()} == {
        "title": "meta ArticleTitle",
        "body": "container #zoom",
        "published": "label 发布时间",
        "issuer": "head of the title",
        "kind": "end of the title",
    }
    assert all(0 < evidence.confidence <= 1 for evidence in reading.evidence.values())


def test_the_act_that_makes_a_rule_public_is_text(reading_of: Read) -> None:
    act = "《企业名称登记管理规定》已经2026年2月9日第4次局务会议审议通过，现予公布，自2026年7月1日起施行。"
    articles = "<p>第一条　为了规范企业名称登记，制定本规定。</p><p>第二条　在中国境内登记企业名称，适用本规定。</p>"
    reading = reading_of(
        document(
            f"<h1>企业名称登记管理规定</h1><div id=zoom><p>{act}</p><p>局　长　　张某</p><p>2026年2月9日</p>"
            f"<p>企业名称登记管理规定</p>{articles}</div>"
        )
    )
    assert reading.title == "企业名称登记管理规定"
    assert reading.blocks[0].text == act
    assert reading.blocks[-1].text.startswith("第二条")


def test_a_summary_above_the_title_is_no_text(reading_of: Read) -> None:
    reading = reading_of(
        document(f"<div id=zoom><p>本市将规范企业名称。</p><p>关于试点的通知</p>{PROSE}</div><h1>关于试点的通知</h1>")
    )
    assert "本市将规范" not in reading.blocks[0].text
