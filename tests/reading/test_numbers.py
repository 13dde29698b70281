"""发文字号: every printed form, and own numbers apart from citations."""

import pytest

from policy_crawler.reading import numbers


@pytest.mark.parametrize(
    "printed",
    [
        "国办发〔2022〕1号",
        "工信部联信管[2022]12号",
        "黑政调〔２０２０〕６号",
        "国发〔2020]3号",
        "银发【2019】41号",
        "赣府厅字（2020）14号",
        "国办发明电〔2020〕14号",
        "国务院令第743号",
        "主席令第七十四号",
        "省政府令第223号",
        "国令第707号",
        "财政部税务总局公告2020年第8号",
        "中国人民银行公告〔2022〕第3号",
        "(2000)财税字第12号",
        "国发〔二〇二〇〕十号".replace("十", "10"),
    ],
)
def test_a_field_of_any_form_is_kept_as_printed(printed: str) -> None:
    assert numbers.printed_number(printed) == printed


@pytest.mark.parametrize(
    ("field", "number"), [("国办发〔 2020 〕 1 号", "国办发〔2020〕1号"), ("国 发 〔2020〕 12号", "国发〔2020〕12号")]
)
def test_spaces_inside_are_taken_out(field: str, number: str) -> None:
    assert numbers.printed_number(field) == number


@pytest.mark.parametrize("field", ["无", "", " - ", "暂无", "—", "\u3000", "null", "/"])
def test_a_placeholder_is_no_number(field: str) -> None:
    assert numbers.printed_number(field) is None


@pytest.mark.parametrize(
    ("title", "number"),
    [
        ("行政处罚信息公开表（浙金罚决字〔2024〕52号）", "浙金罚决字〔2024〕52号"),
        ("关于税收政策的公告（财政部 税务总局公告2020年第8号）", "财政部税务总局公告2020年第8号"),
        ("药品经营企业GSP认证公告（第2018011号）", None),
        ("关于转发国发〔2020〕3号文件的通知", None),
        ("信息通告（2020年第10期）", None),
    ],
)
def test_only_a_full_number_in_the_last_brackets_of_a_title_counts(title: str, number: str | None) -> None:
    assert numbers.number_in_title(title) == number


def test_a_number_line_is_a_number_alone() -> None:
    assert numbers.number_line("国办函〔2018〕74号") == "国办函〔2018〕74号"
    assert numbers.number_line("（国科发火〔2016〕32号）") == "国科发火〔2016〕32号"
    assert numbers.number_line("根据国办函〔2018〕74号文件要求") is None


def test_numbers_in_running_text_with_their_places() -> None:
    text = "按照国发〔2020〕3号和财税字〔1999〕第45号办理"
    assert [text[start:end] for _, start, end in numbers.citations(text)][-1].endswith("财税字〔1999〕第45号")
