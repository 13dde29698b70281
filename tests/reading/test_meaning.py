"""Issuers, kinds, types, references and the days of force."""

# ruff: noqa: E501  (pages stand as they are served)

from collections.abc import Callable
from datetime import date

import pytest
from support.reading_pages import PROSE, document

from policy_crawler.reading import DocumentType, Mention, Reading
from policy_crawler.reading.issuers import issuer_in_title, issuers_of, signed_by
from policy_crawler.reading.kinds import kind_of

Read = Callable[..., Reading]


@pytest.mark.parametrize(
    ("printed", "names"),
    [
        (
            "科技部 金融监管总局 工业和信息化部 国家知识产权局",
            ("科技部", "金融监管总局", "工业和信息化部", "国家知识产权局"),
        ),
        ("国务院、中央军委", ("国务院", "中央军委")),
        ("国家税务总局广东省税务局", ("国家税务总局广东省税务局",)),
        ("文化和旅游部", ("文化和旅游部",)),
        ("财 政 部", ("财政部",)),
        ("科技部等三部门", ("科技部",)),
    ],
)
def test_a_list_of_organs_is_parted_but_no_name_is(printed: str, names: tuple[str, ...]) -> None:
    assert issuers_of(printed) == names


@pytest.mark.parametrize(
    ("title", "issuer"),
    [
        ("国务院办公厅关于印发试点方案的通知", "国务院办公厅"),
        ("国务院、中央军委关于同意迁址的批复", "国务院、中央军委"),
        ("科技部 财政部关于印发办法的通知", "科技部 财政部"),
        ("全国人民代表大会常务委员会关于批准特别国债的决议", "全国人民代表大会常务委员会"),
        ("科技部等三部门关于修订印发办法的通知", None),
        ("关于开展试点工作的通知", None),
        ("解读《管理办法》", None),
        ("外商投资管理规定（国家市场监督管理总局令第7号）", "国家市场监督管理总局"),
        ("工信部：将支持符合条件的企业", None),
    ],
)
def test_the_organs_a_title_begins_with(title: str, issuer: str | None) -> None:
    assert issuer_in_title(title) == issuer


def test_who_signs_stands_above_the_date() -> None:
    assert (
        signed_by(["请遵照执行。", "科 技 部", "财 政 部", "国家税务总局", "2016年1月29日", "（此件主动公开）"])
        == "科技部、财政部、国家税务总局"
    )
    assert signed_by(["会议于2016年1月29日举行。", "2016年1月29日"]) is None


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("国务院办公厅关于印发…的通知", "通知"),
        ("示例管理办法（试行）", "办法"),
        ("示例条例（征求意见稿）", "条例"),
        ("国务院办公厅关于科技节水建议的复函", "复函"),
        ("关于深化改革的指导意见", "意见"),
        ("关于公布《目录》的公告（2022年第3号）", "公告"),
        ("中华人民共和国个人所得税法实施条例", "条例"),
        ("市政府召开常务会议", None),
    ],
)
def test_the_kind_is_the_last_word_of_the_title(title: str, kind: str | None) -> None:
    assert kind_of(title) == kind


TABLE = (
    "<table><tr><td>索引号</td><td>1/2026-1</td><td>发文机关</td><td>示例局</td><td>文号</td><td>{}</td></tr></table>"
)


@pytest.mark.parametrize(
    ("title", "number", "kind"),
    [
        ("国务院办公厅关于推行行政执法公示制度的指导意见", "国办发〔2018〕118号", DocumentType.POLICY),
        ("关于印发药品集中采购试点方案的通知", "国办发〔2019〕2号", DocumentType.POLICY),
        ("解读《示例管理办法》", "无", DocumentType.INTERPRETATION),
        ("一图读懂管理办法", "无", DocumentType.INTERPRETATION),
        ("示例局负责人就管理办法答记者问", "无", DocumentType.INTERPRETATION),
        ("示例管理办法（公开征求意见稿）", "无", DocumentType.CONSULTATION),
        ("关于向社会公开征求《条例》意见的公告", "无", DocumentType.CONSULTATION),
        ("关于李四同志职务任免的通知", "示任〔2020〕16号", DocumentType.NOTICE),
        ("计量授权许可结果公示（第三批）", "无", DocumentType.NOTICE),
    ],
)
def test_the_type_of_a_page_of_government(title: str, number: str, kind: DocumentType, reading_of: Read) -> None:
    html = document(
        f'{TABLE.format(number)}<div id="zoom">{PROSE}</div>', head=f'<meta name="ArticleTitle" content="{title}">'
    )
    assert reading_of(html).type is kind


def test_a_mediums_page_is_news_and_its_source_the_issuer(reading_of: Read) -> None:
    html = (
        '<html><head><title>工信部印发管理办法 - IT之家</title></head><body><h1>工信部印发管理办法</h1><span id="pubtime_baidu">2026/2/28 9:30:00</span>'
        '<span id="source_baidu">来源：<a>IT之家</a></span><span id="author_baidu">作者：<strong>张三</strong></span><span id="editor_baidu">责编：李四</span>'
        f'<div class="post_content" id="paragraph"><p><a class="s_tag" href="https://www.ithome.com/">IT之家</a> 2 月 28 日消息，工信部印发《示例管理办法》，自公布之日起施行。</p>{PROSE}</div></body></html>'
    )
    reading = reading_of(html, "https://www.ithome.com/0/612/800.htm")
    assert (reading.type, reading.issuer, reading.author, reading.title) == (
        DocumentType.NEWS,
        "IT之家",
        "张三",
        "工信部印发管理办法",
    )
    assert reading.published is not None
    assert reading.published.isoformat() == "2026-02-28T09:30:00+08:00"
    assert (reading.body or "").startswith("IT之家 2 月 28 日消息")
    assert [(mention.relation, mention.title) for mention in reading.mentions] == [("reports", "示例管理办法")]


def mentions(reading: Reading) -> list[tuple[str, str | None, str | None]]:
    return [(mention.relation, mention.title, mention.number) for mention in reading.mentions]


def policy(reading_of: Read, text: str, title: str = "关于印发《示例办法》的通知") -> Reading:
    return reading_of(document(f'<h1>{title}</h1><div id="zoom">{PROSE}{text}</div>', title=title))


class TestMentions:
    def test_titles_with_their_numbers_before_and_behind(self, reading_of: Read) -> None:
        text = "<p>见《国务院关于深化改革的意见》（国发〔2020〕3号）和财税〔2019〕12号《关于税收政策的通知》。</p>"
        assert mentions(policy(reading_of, text)) == [
            ("cites", "国务院关于深化改革的意见", "国发〔2020〕3号"),
            ("cites", "关于税收政策的通知", "财税〔2019〕12号"),
        ]

    @pytest.mark.parametrize(
        ("sentence", "relation"),
        [
            ("根据《中华人民共和国示例法》，制定本办法。", "implements"),
            ("《示例管理暂行办法》（国发〔2010〕3号）同时废止。", "repeals"),
            ("对《示例条例》作如下修改：", "amends"),
            ("现将《示例工作方案》转发给你们。", "forwards"),
            ("参见《示例技术规范》。", "cites"),
        ],
    )
    def test_the_relation_by_trigger_words(self, sentence: str, relation: str, reading_of: Read) -> None:
        assert mentions(policy(reading_of, f"<p>{sentence}</p>"))[0][0] == relation

    def test_one_sentence_names_several(self, reading_of: Read) -> None:
        found = mentions(policy(reading_of, "<p>《甲类管理办法》、《乙类管理规定》和《丙类实施细则》同时废止。</p>"))
        assert found == [
            ("repeals", "甲类管理办法", None),
            ("repeals", "乙类管理规定", None),
            ("repeals", "丙类实施细则", None),
        ]

    def test_own_title_and_number_and_plain_books_are_none(self, reading_of: Read) -> None:
        text = "<p>示发〔2026〕3号</p><p>会议学习了《红楼梦》，通过了《示例办法》。</p>"
        reading = policy(reading_of, text, title="示例办法")
        assert mentions(reading) == []

    def test_a_link_to_government_is_one_and_keeps_its_url(self, reading_of: Read) -> None:
        text = '<p>详见<a href="https://www.miit.gov.cn/art/2022/art_1.html">工作计划</a>，首页<a href="https://www.gov.cn/">中国政府网</a>。</p>'
        reading = policy(reading_of, text)
        assert reading.mentions == (
            Mention("cites", "工作计划", None, "https://www.miit.gov.cn/art/2022/art_1.html", "工作计划"),
        )

    def test_a_cited_number_is_not_the_documents_own(self, reading_of: Read) -> None:
        reading = policy(reading_of, "<p>按照国办发〔2020〕1号文件要求，认真落实。</p>")
        assert reading.doc_number is None
        assert mentions(reading) == [("cites", None, "国办发〔2020〕1号")]

    def test_the_sentence_is_kept(self, reading_of: Read) -> None:
        reading = policy(reading_of, "<p>前一句。根据《中华人民共和国示例法》制定。后一句。</p>")
        assert reading.mentions[0].sentence == "根据《中华人民共和国示例法》制定。"


class TestForce:
    @pytest.mark.parametrize(
        ("text", "effective", "expires"),
        [
            ("本办法自2026年5月1日起施行。", date(2026, 5, 1), None),
            ("本办法自2026年5月1日起施行，有效期至2031年4月30日。", date(2026, 5, 1), date(2031, 4, 30)),
            ("本办法自2026年5月1日起施行，有效期5年。", date(2026, 5, 1), date(2031, 5, 1)),
            ("本办法自2026年5月1日起施行，有效期三年。", date(2026, 5, 1), date(2029, 5, 1)),
            ("本办法自公布之日起施行。", date(2026, 2, 28), None),
        ],
    )
    def test_the_days_of_force_from_the_closing_words(
        self, text: str, effective: date, expires: date | None, reading_of: Read
    ) -> None:
        reading = policy(reading_of, f"<p>{text}</p><p>示例市人民政府</p><p>2026年2月28日</p>")
        assert (reading.effective, reading.expires) == (effective, expires)


def test_the_same_bytes_give_the_same_reading(reading_of: Read) -> None:
    html = document(f'<div id="zoom">{PROSE}</div>')
    assert reading_of(html) == reading_of(html)


class TestRelations:
    def test_each_title_has_the_words_beside_it(self, reading_of: Read) -> None:
        text = "<p>根据《中华人民共和国甲法》有关规定，为促进发展，我部对《乙类管理办法》进行了修订，《丙类暂行规定》（国发〔2010〕3号）同时废止。</p>"
        assert mentions(policy(reading_of, text)) == [
            ("implements", "中华人民共和国甲法", None),
            ("amends", "乙类管理办法", None),
            ("repeals", "丙类暂行规定", "国发〔2010〕3号"),
        ]

    def test_what_a_notice_carries_is_the_paper_itself(self, reading_of: Read) -> None:
        assert mentions(policy(reading_of, "<p>现将《示例办法》印发给你们，请贯彻执行。</p>")) == []

    def test_an_interpretation_interprets_what_its_title_and_its_links_name(self, reading_of: Read) -> None:
        html = document(
            '<h1>解读《示例管理办法》</h1><div id="zoom"><img src="a.png"><p>相关文件：<a href="b.html">示例市人民政府关于印发示例管理办法的通知</a></p></div>',
            title="解读《示例管理办法》",
        )
        reading = reading_of(html)
        assert reading.body is None
        assert [(mention.relation, mention.title, mention.url) for mention in reading.mentions] == [
            ("interprets", "示例管理办法", "https://www.example.gov.cn/zwgk/202602/b.html"),
        ]

    def test_the_old_papers_day_is_not_the_amendments(self, reading_of: Read) -> None:
        text = "<p>本决定自公布之日起施行。</p><p>示例市人民政府</p><p>2020年3月10日</p><p>第四十条 本办法自2011年11月1日起施行。</p>"
        assert policy(reading_of, text, title="关于修改《示例办法》的决定").effective == date(2020, 3, 10)


def test_a_wechat_article_has_the_moment_of_its_script(reading_of: Read) -> None:
    html = (
        '<html><body><h1 id="activity-name">示例发布管理办法</h1><a id="js_name">示例发布</a><em id="publish_time">昨天</em>'
        f'<div id="js_content" style="visibility: hidden">{PROSE}</div><script>var ct = "1581517074";</script></body></html>'
    )
    reading = reading_of(html, "https://mp.weixin.qq.com/s/abc")
    assert reading.published is not None
    assert reading.published.isoformat() == "2020-02-12T22:17:54+08:00"
    assert reading.issuer == "示例发布"
    assert (reading.body or "").startswith("各省、自治区")
