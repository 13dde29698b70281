"""What counts as a change, and in which words it is told."""

import random
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.archives import ARTICLES, changed

from storage.diff import compare, marks, summary, text_hash
from storage.records import ClauseChange

TITLE, NUMBER = "关于印发《办法》的通知", "工信部信发〔2026〕12号"
TABLE = ("table", "项目\t标准\t金额（万元）\n首台套\t不超过30%\t500\n改造\t不超过20%\t300")
BODY = (*ARTICLES, TABLE)


def hashed(blocks: tuple[tuple[str, str], ...], title: str = TITLE, number: str | None = NUMBER) -> str:
    return text_hash(title, number, blocks)


NOISE = {
    "more spaces": tuple((role, text.replace("，", " ，　") if role != "table" else text) for role, text in BODY),
    "half width": tuple((role, text.replace("，", ",").replace("：", ":")) for role, text in BODY),
    "full width": tuple((role, text.replace("30", "３０").replace("%", "％")) for role, text in BODY),
    "no-break spaces": (*((role, f"\u00a0\u2003{text}\u00a0") for role, text in ARTICLES), TABLE),
    "zero width": tuple((role, text.replace("工业", "工\u200b业\ufeff")) for role, text in BODY),
    "paragraphs split": (*((role, text.replace("，", "，\n")) for role, text in ARTICLES), TABLE),
    "paragraphs joined": (("paragraph", "".join(text for _, text in ARTICLES)), TABLE),
    "another role": tuple(("paragraph" if role != "table" else role, text) for role, text in BODY),
    "a counter": (*BODY, ("paragraph", "浏览次数：1,024次")),
    "a counter among facts": (*BODY, ("paragraph", "点击数：【55】")),
    "a counter in Latin brackets": (*BODY, ("paragraph", "阅读 12345")),
    "neighbours": (*BODY, ("paragraph", "上一篇：关于另一件事的通知"), ("paragraph", "下一篇：没有了")),
    "a clock": (*BODY, ("paragraph", "今天是2026年3月2日 星期一")),
    "empty paragraphs": (("paragraph", "　"), *BODY, ("paragraph", "")),
    "spaces in cells": (*ARTICLES, ("table", TABLE[1].replace("\t", " \t　"))),
}


@pytest.mark.parametrize("blocks", NOISE.values(), ids=NOISE.keys())
def test_I1_noise_keeps_the_hash(blocks: tuple[tuple[str, str], ...]) -> None:
    assert hashed(blocks) == hashed(BODY)


@pytest.mark.parametrize("name", [name for name in NOISE if not name.startswith("paragraphs")])
def test_noise_is_no_change_in_words_either(name: str) -> None:
    assert compare(BODY, NOISE[name]) == ()


def test_a_counter_that_moves_beside_other_facts_keeps_the_hash() -> None:
    line = "来源：某司 发布时间：2026-03-01 浏览次数：{} 次 【字体：大 中 小】 打印"
    one, two = ((*BODY, ("paragraph", line.format(count))) for count in ("17", "1,802"))
    assert hashed(one) == hashed(two)
    assert hashed(one) != hashed((*BODY, ("paragraph", line.format("17").replace("03-01", "03-02"))))


MEANING = {
    "a digit": changed(3, ARTICLES[3][1].replace("30%", "20%")),
    "a date": changed(4, ARTICLES[4][1].replace("6月30日", "6月20日")),
    "不": changed(3, ARTICLES[3][1].replace("不超过", "超过")),
    "a word": changed(2, ARTICLES[2][1].replace("服务", "服务、咨询")),
    "a full stop": changed(1, ARTICLES[1][1].replace("。", "；")),
    "an article gone": tuple(block for block in ARTICLES if not block[1].startswith("第三条")),
    "two articles swapped": (ARTICLES[0], ARTICLES[2], ARTICLES[1], *ARTICLES[3:]),
    "visits as a target": changed(3, "第三条　网站年访问量应当达到500万次，浏览次数不低于100万次。"),
}


@pytest.mark.parametrize("blocks", MEANING.values(), ids=MEANING.keys())
def test_meaning_changes_the_hash_and_is_told(blocks: tuple[tuple[str, str], ...]) -> None:
    assert hashed(blocks) != hashed(ARTICLES)
    assert compare(ARTICLES, blocks)


@pytest.mark.parametrize(
    ("old", "new"), [("500", "800"), ("\t不超过30%", "\t超过30%"), ("首台套\t不超过30%\t500", "首台套\t500\t不超过30%")]
)
def test_one_table_cell_is_told_by_its_row(old: str, new: str) -> None:
    after = (*ARTICLES, ("table", TABLE[1].replace(old, new)))
    assert hashed(after) != hashed(BODY)
    assert [(change.operation, change.label) for change in compare(BODY, after)] == [("changed", "表1第2行（首台套）")]


def test_a_figure_that_moves_to_the_next_cell_counts() -> None:
    assert hashed((("table", "甲\t1\t"),)) != hashed((("table", "甲\t\t1"),))
    assert hashed((("table", "1\t23"),)) != hashed((("table", "12\t3"),))


def test_title_and_number_count() -> None:
    assert hashed(BODY, title=TITLE + "（2026年修订）") != hashed(BODY)
    assert hashed(BODY, number="工信部信发〔2026〕13号") != hashed(BODY)
    assert hashed(BODY, number="工信部信发[2026]12 号") == hashed(BODY)
    changes = compare(
        (("title", "甲办法"), ("number", "甲〔2026〕1号")), (("title", "乙办法"), ("number", "甲〔2026〕2号"))
    )
    assert [change.label for change in changes if change.operation != "removed"] == ["标题", "文号"]


@given(st.integers(0, len(ARTICLES) - 1), st.data())
def test_any_changed_letter_or_digit_counts(place: int, data: st.DataObject) -> None:
    text = ARTICLES[place][1]
    at = data.draw(st.integers(0, len(text) - 1))
    char = text[at]
    if not char.isalnum():
        return
    other = "8" if char.isdigit() and char != "8" else "否" if char != "否" else "是"
    if unicodedata.normalize("NFKC", other) == unicodedata.normalize("NFKC", char):
        return
    assert hashed(changed(place, text[:at] + other + text[at + 1 :])) != hashed(ARTICLES)


def test_labels_say_article_paragraph_and_item() -> None:
    before = (
        ("chapter", "第二章　补贴"),
        ("article", "第八条　企业可以申请下列补贴："),
        ("item", "（一）设备补贴；"),
        ("item", "（二）人才补贴。"),
        ("paragraph", "前款补贴每年不超过100万元。"),
        ("article", "第八条之一　平台企业另行规定。"),
        ("article", "第九条　本办法自公布之日起施行。"),
    )
    after = tuple(
        (role, text.replace("人才补贴", "培训补贴").replace("100万元", "200万元").replace("另行规定", "不适用本办法"))
        for role, text in before
    )
    labels = [change.label for change in compare(before, after)]
    assert labels == ["第八条第一款第（二）项", "第八条第二款", "第八条之一"]


def test_labels_of_a_notice_without_articles() -> None:
    texts = (
        "各有关单位：",
        "一、总体要求",
        "坚持创新引领，推动发展。",
        "二、重点任务",
        "（一）建设平台。建成30个平台。",
    )
    before = tuple(("paragraph", text) for text in texts)
    after = tuple((role, text.replace("30个", "50个").replace("创新引领", "需求引领")) for role, text in before)
    assert [change.label for change in compare(before, after)] == ["一、第1段", "二、（一）"]
    plain = (("paragraph", "第一段文字内容很长。"), ("paragraph", "补贴30万元每年发放。"))
    assert [change.label for change in compare(plain, (plain[0], ("paragraph", "补贴50万元每年发放。")))] == ["第2段"]


def test_a_new_article_renumbers_the_rest_without_changing_it() -> None:
    after = list(ARTICLES)
    after[4] = ("article", after[4][1].replace("第四条", "第五条"))
    after.insert(4, ("article", "第四条　平台企业应当每年公布运营报告。"))
    changes = compare(ARTICLES, after)
    assert [(change.operation, change.label) for change in changes] == [("added", "第四条"), ("renumbered", "第五条")]
    assert (changes[1].was, changes[1].before, changes[1].after) == ("第四条", "第四条", "第五条")


def test_an_article_in_another_place_is_moved() -> None:
    after = (*ARTICLES[:1], ARTICLES[3], *ARTICLES[1:3], *ARTICLES[4:])
    assert {change.operation for change in compare(ARTICLES, after)} == {"moved"}


def test_articles_inside_one_paragraph_are_told_apart() -> None:
    joined = "第一条 为了发展，制定本办法。第二条 适用于企业。第三条 补贴30万元。"
    changes = compare((("paragraph", joined),), (("paragraph", joined.replace("30", "20")),))
    assert [change.label for change in changes] == ["第三条"]
    assert changes[0].after == "第三条 补贴20万元。"


def test_equal_bodies_have_no_changes_and_unequal_ones_some() -> None:
    assert compare(BODY, BODY) == ()
    assert compare((), ()) == ()
    assert [change.operation for change in compare((), ARTICLES)] == ["added"] * len(ARTICLES)
    assert [change.operation for change in compare(ARTICLES, ())] == ["removed"] * len(ARTICLES)


def _text(seed: int, paragraphs: int, length: int) -> tuple[tuple[str, str], ...]:
    chance = random.Random(seed)  # noqa: S311 - a text, no secret
    words = "工业互联网平台企业应当按照规定申请补贴标准不超过投资额主管部门建设运营服务管理办法评审公示"
    return tuple(
        ("article", f"第{number}条　" + "".join(chance.choice(words) for _ in range(length)))
        for number in range(paragraphs)
    )


def _alike(word: str) -> tuple[tuple[str, str], ...]:
    return tuple(("paragraph", f"应当按照规定程序报送主管机关{word}，编号{number}。") for number in range(1_000))


def _rows(count: int, first: int) -> str:
    return "序号\t名称\t金额\n" + "\n".join(f"{n + first}\t第{n}公司\t{n * first}" for n in range(count))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (_text(1, 200, 120), _text(2, 200, 120)),  # 25,000 characters that share nothing
        (_text(1, 2, 12_500), _text(2, 2, 12_500)),  # two endless paragraphs
        (
            (("paragraph", "各区人民政府\n" * 4_000),),
            (("paragraph", "各区人民政府\n" * 3_333 + "各县人民政府\n" * 600),),
        ),
        ((("paragraph", "一\n二\n" * 6_000),), (("paragraph", "二\n三\n" * 6_000),)),  # few lines, repeated
        (tuple(_text(3, 1_000, 20)), tuple(reversed(_text(3, 1_000, 20)))),  # everything moved
        (_alike("备案"), tuple(reversed(_alike("审批")))),  # a thousand alike, each edited and elsewhere
        (_text(4, 1, 300_000), _text(5, 1, 300_000)),  # one endless paragraph
        (
            (("table", _rows(5_000, 1)),),
            (("table", _rows(5_000, 2)),),
        ),  # every row counted anew and with another figure
    ],
    ids=["unlike", "two paragraphs", "one line repeated", "two lines repeated", "reversed", "alike", "endless", "rows"],
)
def test_the_worst_texts_take_bounded_time(
    before: tuple[tuple[str, str], ...], after: tuple[tuple[str, str], ...]
) -> None:
    started = time.process_time()
    assert compare(before, after)
    assert time.process_time() - started < 5  # about 0.1 s to 1 s on an idle machine, measured 2026-11


def test_one_line_says_it_all_in_both_languages() -> None:
    made = [
        ("changed", "第八条第二款第（三）项", None), ("changed", "二、（一）第1段", None),
        ("changed", "表1第2行（首台套）", None), ("added", "第三条", None), ("added", "第四条", None),
        ("added", "第五条", None), ("removed", "第八条之一", None), ("split", "第九条、第十条", "第九条"),
        ("moved", "第二章第一节", "第一章第二节"), ("renumbered", "三、至五、", "二、至四、"),
        ("changed", "附件《申报三、指南》第九条", "附件《申报三、指南》第八条"),
    ]  # fmt: skip
    changes = [ClauseChange(operation, label, "前", "后", was) for operation, label, was in made]
    assert summary(changes) == (
        "第八条第二款第（三）项、第二部分（一）第1段、表1第2行（首台套）修改；新增第三条至第五条；删除第八条之一；原第九条分为第九条、第十条；"
        "原第一章第二节移至第二章第一节；附件《申报三、指南》原第八条改为第九条并修改；原第二部分至第四部分改为第三部分至第五部分"
    )
    assert summary(changes, "en") == (
        "Article 8 paragraph 2 item 3, section 2 (1) paragraph 1, table 1 row 2 (首台套) changed; "
        "Articles 3 to 5 added; Article 8-1 removed; former Article 9 split into Articles 9 and 10; "
        "former Chapter 1 Section 2 moved to Chapter 2 Section 1; "
        "attachment “申报三、指南”, former Article 8 is now Article 9, changed; "
        "former sections 2 to 4 are now sections 3 to 5"
    )
    assert summary([]) == ""
    many = summary([ClauseChange("added", f"第{n}条", None, "后") for n in range(1, 60, 2)])
    assert many.endswith("等30处")


def test_marks_keep_dates_and_numbers_whole() -> None:
    found = marks(
        "自2026年3月1日起，不超过1,500万元的30%，共三十项。", "自2026年4月1日起，不超过1,800万元的30%，共二十项。"
    )
    assert [mark for mark in found if mark[0] != "="] == [
        ("-", "2026年3月1日"), ("+", "2026年4月1日"), ("-", "1,500"), ("+", "1,800"), ("-", "三十"), ("+", "二十"),
    ]  # fmt: skip
    assert marks("第三条　甲乙丙，丁", "第三条 甲乙丙,丁") == (("=", "第三条 甲乙丙,丁"),)
    assert marks("全文已经重写的一句话", "与此毫无关联之另种内容") == (
        ("-", "全文已经重写的一句话"),
        ("+", "与此毫无关联之另种内容"),
    )


def test_an_article_that_became_two_and_two_that_became_one() -> None:
    whole = "企业应当每年报送年度报告，并对报告的真实性负责；主管部门应当在三十日内公布报告摘要，接受社会监督。"
    parts = whole.split("；")
    before = (ARTICLES[0], ("article", "第一条　" + whole), ("article", "第二条　本办法由工业和信息化部负责解释。"))
    after = (
        ARTICLES[0], ("article", "第一条　" + parts[0] + "。"), ("article", "第二条　" + parts[1]),
        ("article", "第三条　本办法由工业和信息化部负责解释。"),
    )  # fmt: skip
    assert summary(compare(before, after)) == "原第一条分为第一条、第二条；原第二条改为第三条"
    assert summary(compare(after, before)) == "原第一条、第二条合并为第一条；原第三条改为第二条"


ROWS = "序号\t企业名称\t金额\n1\t甲科技有限公司\t100\n2\t乙科技有限公司\t200\n3\t丙科技有限公司\t300"


def test_rows_are_known_by_their_name_and_counted_anew_in_one() -> None:
    before = (("table", ROWS),)
    after = (
        (
            "table",
            ROWS.replace("2\t乙", "2\t丁科技有限公司\t50\n3\t乙").replace("3\t丙", "4\t丙").replace("300", "310"),
        ),
    )
    changes = compare(before, after)
    assert [(c.operation, c.label, c.columns) for c in changes] == [
        ("added", "表1第3行（丁科技有限公司）", ()), ("renumbered", "表1第4行（乙科技有限公司）", ()),
        ("changed", "表1第5行（丙科技有限公司）", ("金额",)),
    ]  # fmt: skip
    another = compare(before, (("table", ROWS.replace("乙科技", "戊贸易")),))
    assert {(c.operation, c.columns) for c in another} <= {("changed", ("企业名称",)), ("added", ()), ("removed", ())}
    assert [c.label for c in compare((), before)] == ["表1"]


def test_annexes_and_sections_are_cited_within_their_part() -> None:
    texts = [
        "现印发给你们。", "附件1", "管理办法", "第一章　总则", "第一节　一般规定", "第一条　甲方应当按照规定报送。",
        "附件2", "一、总体要求", "（一）目标。", "1.到2027年建成30个平台。", "（1）东部10个；（2）西部20个。",
    ]  # fmt: skip
    before = [("paragraph", text) for text in texts]
    after = [
        (role, text.replace("报送", "备案").replace("30个", "40个").replace("20个", "30个")) for role, text in before
    ]
    assert [c.label for c in compare(before, after)] == ["附件1第一条", "附件2一、（一）1.", "附件2一、（一）1.（2）"]
    renamed = [(role, text.replace("一般规定", "适用范围")) for role, text in before]
    assert [c.label for c in compare(before, renamed)] == ["附件1第一章第一节"]


def test_a_column_that_came_or_went_is_told_once_and_rows_by_the_others() -> None:
    wider = "\n".join(
        f"{line}\t{'联系人' if at == 0 else f'某人{at}'}"
        for at, line in enumerate(ROWS.replace("200", "250").split("\n"))
    )
    changes = compare((("table", ROWS),), (("table", wider),))
    assert [(c.operation, c.label, c.columns) for c in changes] == [
        ("added", "表1“联系人”列", ()), ("changed", "表1第3行（乙科技有限公司）", ("金额",)),
    ]  # fmt: skip
    assert changes[0].after == "联系人\n某人1\n某人2\n某人3"
    back = compare((("table", wider),), (("table", ROWS),))
    assert [(c.operation, c.label) for c in back] == [
        ("removed", "表1“联系人”列"),
        ("changed", "表1第3行（乙科技有限公司）"),
    ]
    assert summary(changes, "en") == "table 1 row 3 (乙科技有限公司) changed; table 1 column “联系人” added"
    swapped = "\n".join(f"{n}\t{c}\t{b}" for n, b, c in (line.split("\t") for line in ROWS.split("\n")))
    assert [(c.operation, c.label) for c in compare((("table", ROWS),), (("table", swapped),))] == [
        ("changed", "表1表头")
    ]
    assert compare((("table", ROWS),), (("table", ROWS.replace("金额", "金 额")),)) == ()
