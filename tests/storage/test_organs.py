"""The archive and the reading agree on what organs and numbers are called: each has its own table, for its own end."""

from importlib import resources

import pytest

from policy_crawler.reading.numbers import normal_number
from storage.identity import number_key
from storage.match_text import asked_issuer, issuer_forms
from storage.organs import full_name

NAMES = [
    line.split("\t")
    for line in resources.files("policy_crawler.reading").joinpath("names.tsv").read_text(encoding="utf-8").splitlines()
][1:]
# Bodies that were renamed or merged: whoever asks for the old name means its papers, not all of its successor's.
FORMER = {
    *("中国银保监会", "中国银行保险监督管理委员会", "银保监会", "银监会", "保监会"),
    *("农业部", "国土资源部", "环境保护部"),
}


@pytest.mark.parametrize(("short", "organ"), NAMES, ids=[short for short, _ in NAMES])
def test_a_short_name_that_readings_know_finds_its_organ(short: str, organ: str) -> None:
    found = set(asked_issuer(short)) & set(issuer_forms(None, (), (organ,)))
    assert bool(found) is (short not in FORMER)


@pytest.mark.parametrize(
    ("written", "full"),
    [
        ("工信部", "工业和信息化部"),
        (" 工 信 部 ", "工业和信息化部"),
        ("中华人民共和国工业和信息化部", "工业和信息化部"),
        ("江苏省人民政府办公厅", "江苏省人民政府办公厅"),
        ("中华人民共和国", "中华人民共和国"),
        ("", ""),
    ],
)
def test_full_names(written: str, full: str) -> None:
    assert full_name(written) == full


@pytest.mark.parametrize(
    "printed",
    [
        "工信部联信管[2022]012号",
        "工信部联信管〔２０２２〕１２号",
        "工信部联信管【2022】第12号",
        "国务院令第七百四十三号",
        "中华人民共和国主席令第74号",
        "财政部 税务总局公告2020年第8号",
        "财政部、税务总局公告2020年第八号",
        "公告〔2021〕第3号",
        "（2000）财税字第12号",
        "财税字〔1999〕45号",
        "第50号",
        "2022年第10号",
    ],
)
def test_a_number_and_its_normal_form_have_one_key(printed: str) -> None:
    assert number_key(normal_number(printed)) == number_key(printed)
