"""References: relations with their sentence, short names, lists of repealed papers, and what is no reference."""

from collections.abc import Callable

import pytest
from support.reading_pages import PROSE, document

from policy_crawler.reading import Reading
from policy_crawler.reading.mentions import is_title, split_titles
from policy_crawler.reading.numbers import normal_number
from policy_crawler.reading.shortnames import short_names

Read = Callable[..., Reading]


def found(
    reading_of: Read, text: str, title: str = "示例局关于做好试点工作的通知"
) -> list[tuple[str, str | None, str | None]]:
    html = document(f'<h1>{title}</h1><div id="zoom">{PROSE}{text}</div>', title=title)
    return [(mention.relation, mention.title, mention.number) for mention in reading_of(html).mentions]


@pytest.mark.parametrize(
    ("sentence", "relation"),
    [
        ("根据《中华人民共和国示例法》，制定本办法。", "implements"),
        ("为贯彻落实《示例规划纲要》，现通知如下。", "implements"),
        ("《示例管理暂行办法》（国发〔2010〕3号）同时废止。", "repeals"),
        ("自本办法施行之日起，原《示例管理暂行办法》停止执行。", "repeals"),
        ("现决定废止《示例管理暂行办法》。", "repeals"),
        ("本规范代替《示例技术规范（2010年版）》。", "supersedes"),
        ("《示例技术规范》由本规范取代。", "supersedes"),
        ("对《示例条例》作如下修改：", "amends"),
        ("现将新修订的《示例技术规范》同时参照使用。", "cites"),
        ("现将《示例工作方案》转发给你们。", "forwards"),
        ("具体按《示例技术规范》执行。", "cites"),
    ],
)
def test_the_words_beside_a_title_say_the_relation(sentence: str, relation: str, reading_of: Read) -> None:
    assert [name for name, _, _ in found(reading_of, f"<p>{sentence}</p>")] == [relation]


def test_a_short_name_is_the_paper_it_stands_for(reading_of: Read) -> None:
    text = (
        "<p>根据《国务院关于深化示例改革的意见》（国发〔2020〕3号，以下简称《意见》）制定方案。</p>"
        "<p>《意见》所列措施中，与《中华人民共和国示例法》（以下简称“示例法”）不一致的，依照法律。《意见》第三条予以修改。</p>"
    )
    assert found(reading_of, text) == [
        ("implements", "国务院关于深化示例改革的意见", "国发〔2020〕3号"),
        ("cites", "国务院关于深化示例改革的意见", None),
        ("cites", "中华人民共和国示例法", None),
        ("amends", "国务院关于深化示例改革的意见", None),
    ]


def test_the_papers_own_short_name_and_one_nobody_explains_are_none(reading_of: Read) -> None:
    text = "<p>现将《示例办法》（以下简称《办法》）印发给你们，请按《办法》执行。</p><p>《通知》指出，要做好工作。</p>"
    assert found(reading_of, text, title="关于印发《示例办法》的通知") == []


def test_definitions_in_all_their_forms() -> None:
    text = (
        "《甲省关于示例的意见》（甲政发〔2020〕1号）（以下简称《意见》），《乙办法》（下称“乙办法”），"
        "《丙〈试行〉通知》(以下统称为《丙通知》)，制定了本细则（以下简称《细则》）。"
    )
    assert short_names(text) == {
        "意见": "甲省关于示例的意见",
        "乙办法": "乙办法",
        "丙通知": "丙〈试行〉通知",
        "细则": None,
    }


def test_a_nested_title_is_one_reference(reading_of: Read) -> None:
    text = "<p>见《关于印发〈示例管理办法〉的通知》和《国务院关于修改《示例条例》的决定》。</p>"
    assert found(reading_of, text) == [
        ("cites", "关于印发〈示例管理办法〉的通知", None),
        ("cites", "国务院关于修改《示例条例》的决定", None),
    ]


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("安全生产法、消防法", ["安全生产法", "消防法"]),
        ("关于甲事的通知、关于乙事的通知", ["关于甲事的通知", "关于乙事的通知"]),
        ("关于规划、方案的通知", ["关于规划、方案的通知"]),
        ("信息收集、公开管理办法", ["信息收集、公开管理办法"]),
    ],
)
def test_several_titles_in_one_group_are_parted_and_no_title_is(name: str, parts: list[str]) -> None:
    assert split_titles(name) == parts


def test_names_of_attachments_are_none(reading_of: Read) -> None:
    text = (
        "<p>请填写附件1《示例申报指南》。</p><p>附件：1.《示例工作方案》</p><p>2.《示例任务清单》</p>"
        "<p>示例局</p><p>2026年3月1日</p>"
    )
    assert found(reading_of, text) == []


@pytest.mark.parametrize("name", ["红楼梦", "人民日报", "示例申请表", "承诺书", "新华字典（第12版）"])
def test_books_papers_and_forms_are_no_titles(name: str) -> None:
    assert not is_title(name)


@pytest.mark.parametrize(
    "name",
    [
        "中华人民共和国示例法（2018年修正）",
        "产业结构调整指导目录（2024年本）",
        "示例办法（试行）",
        "关于示例的若干意见",
        "示例事业“十四五”规划",
        "示例条例（征求意见稿）",
    ],
)
def test_titles_of_rules_and_papers_are(name: str) -> None:
    assert is_title(name)


def test_a_list_under_its_announcement_is_repealed(reading_of: Read) -> None:
    text = (
        "<p>下列文件自本决定印发之日起予以废止：</p><p>1.《甲示例办法》（国发〔2001〕1号）</p><p>2.《乙示例规定》</p>"
        "<p>有关工作参照《丙示例规范》。</p>"
    )
    assert found(reading_of, text) == [
        ("repeals", "甲示例办法", "国发〔2001〕1号"),
        ("repeals", "乙示例规定", None),
        ("cites", "丙示例规范", None),
    ]


def test_a_decisions_table_lists_what_is_repealed(reading_of: Read) -> None:
    rows = "<tr><td>序号</td><td>文件名称</td><td>文号</td></tr>" + "".join(
        f"<tr><td>{n}</td><td>示例市第{n}号管理办法</td><td>示政发（200{n}）0{n}号</td></tr>" for n in range(1, 4)
    )
    title = "示例市人民政府关于废止一批规范性文件的决定"
    assert found(reading_of, f"<table>{rows}</table>", title=title) == [
        ("repeals", f"示例市第{n}号管理办法", f"示政发〔200{n}〕{n}号") for n in range(1, 4)
    ]


class TestByKind:
    def test_a_consultation_drafts_what_it_asks_about(self, reading_of: Read) -> None:
        title = "关于公开征求《示例管理办法（征求意见稿）》意见的通知"
        text = "<p>为贯彻落实《示例法》，我局起草了《示例管理办法（征求意见稿）》，与《示例规范》衔接。</p>"
        assert found(reading_of, text, title=title) == [
            ("drafts", "示例管理办法（征求意见稿）", None),
            ("implements", "示例法", None),
            ("cites", "示例规范", None),
        ]

    def test_an_interpretation_interprets_its_paper_and_cites_what_that_rests_on(self, reading_of: Read) -> None:
        title = "《示例管理办法》政策解读"
        filler = "<p>这一段文字说明有关背景和考虑，不涉及其他文件，只为占据篇幅，让后文不再位于开头。</p>" * 8
        text = f"<p>依据《示例法》，省局印发了《示例管理办法》。</p>{filler}<p>二是与《示例登记条例》相衔接。</p>"
        assert found(reading_of, text, title=title) == [
            ("interprets", "示例管理办法", None),
            ("cites", "示例法", None),
            ("cites", "示例登记条例", None),
        ]


@pytest.mark.parametrize(
    ("printed", "normal"),
    [
        ("国办发〔2020]29号", "国办发〔2020〕29号"),
        ("黑政调〔２０２０〕６号", "黑政调〔2020〕6号"),
        ("国发 [2010] 第03 号", "国发〔2010〕3号"),
        ("国办发〔二〇二〇〕1号", "国办发〔2020〕1号"),
        ("主席令第七十四号", "主席令第74号"),
        ("国务院令第七四三号", "国务院令第743号"),
        ("国土资源部令第一百零三号", "国土资源部令第103号"),
        ("财政部 税务总局公告2020年第8号", "财政部税务总局公告2020年第8号"),
        ("应急管理部公告（2019年 第11号）", "应急管理部公告2019年第11号"),
        ("(2000)财税字第12号", "财税字〔2000〕12号"),
        ("工信部联信管〔2022〕12号", "工信部联信管〔2022〕12号"),
        ("无从归类", "无从归类"),
        (None, None),
    ],
)
def test_numbers_have_one_normal_form(printed: str | None, normal: str | None) -> None:
    assert normal_number(printed) == normal
