"""Organs: by the code of a number, by their short names, and beside the names as printed."""

# ruff: noqa: E501  (pages stand as they are served)

from collections.abc import Callable

import pytest
from support.reading_pages import PROSE, document

from policy_crawler.reading import Reading
from policy_crawler.reading.organs import organ_of_code, organs_of

Read = Callable[..., Reading]


@pytest.mark.parametrize(
    ("number", "organ", "whole"),
    [
        ("国办发〔2020〕2号", "国务院办公厅", True),
        ("国办发 [2020] 2号", "国务院办公厅", True),
        ("工信部联信管〔2022〕12号", "工业和信息化部", True),
        ("工信部联某新〔2022〕12号", "工业和信息化部", False),
        ("粤府办〔2020〕1号", "广东省人民政府办公厅", True),
        ("黔府办某〔2020〕1号", "贵州省人民政府办公厅", False),
        ("苏府办〔2020〕1号", "苏州市人民政府办公室", False),
        ("银保监办发〔2022〕118号", "中国银行保险监督管理委员会办公厅", True),
    ],
)
def test_a_code_names_its_organ(number: str, organ: str, whole: bool) -> None:
    assert organ_of_code(number) == (organ, whole)


@pytest.mark.parametrize("number", ["宁政发〔2020〕1号", "汕府〔2020〕1号", "教体〔2020〕1号", "国务院令第743号", None])
def test_a_shared_or_unknown_code_names_none(number: str | None) -> None:
    assert organ_of_code(number) is None


@pytest.mark.parametrize(
    ("printed", "number", "organs"),
    [
        (("工信部", "国家发展改革委"), None, ("工业和信息化部", "国家发展和改革委员会")),
        (("教育部办公厅",), None, ("教育部",)),
        (("国务院办公厅",), None, ("国务院办公厅",)),
        (("省政府办公厅",), "赣府厅发〔2020〕4号", ("江西省人民政府办公厅",)),
        (("省政府办公厅",), None, ("省政府办公厅",)),
        (("中国银行保险监督管理委员会",), None, ("国家金融监督管理总局",)),
        (("广州市政府",), None, ("广州市人民政府",)),
        (("某某学会",), None, ("某某学会",)),
    ],
)
def test_names_are_resolved_and_unknown_ones_stay(
    printed: tuple[str, ...], number: str | None, organs: tuple[str, ...]
) -> None:
    assert organs_of(printed, number) == organs


def test_a_page_that_names_no_issuer_has_the_one_of_its_code(reading_of: Read) -> None:
    title = "关于做好试点工作的通知"
    reading = reading_of(document(f'<h1>{title}</h1><p>财税〔2026〕3号</p><div id="zoom">{PROSE}</div>', title=title))
    assert reading.issuer is None
    assert reading.issuers == reading.organs == ("财政部", "国家税务总局")
    assert reading.evidence["issuers"].source == "code of the number"
    assert reading.evidence["issuers"].confidence <= 0.5


def test_a_printed_issuer_is_never_overridden(reading_of: Read) -> None:
    table = "<table><tr><td>索引号</td><td>1</td><td>发文机关</td><td>工信部</td><td>文号</td><td>国办发〔2026〕3号</td></tr></table>"
    reading = reading_of(document(f'{table}<div id="zoom">{PROSE}</div>'))
    assert (reading.issuer, reading.issuers, reading.organs) == ("工信部", ("工信部",), ("工业和信息化部",))
    assert "issuers" not in reading.evidence


def test_a_mediums_report_gets_no_issuer_from_a_number_it_prints(reading_of: Read) -> None:
    html = f"<html><head><title>印发通知</title></head><body><h1>国办印发通知</h1><div><p>国办发〔2026〕3号</p>{PROSE}</div></body></html>"
    assert reading_of(html, "https://news.example.com/1.html").issuers == ()
