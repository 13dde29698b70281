"""Keys: the same thing in every spelling, and never two things in one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.identity import has_year, inner_title, is_bare, issuer_key, number_key, same_site, title_key, url_key


@pytest.mark.parametrize(
    "url",
    [
        "http://www.miit.gov.cn:80/a/b.html?utm_source=x&b=2&a=1#top",
        "https://WWW.MIIT.gov.cn/a/b.html?a=1&b=2",
        "https://www.miit.gov.cn:443/a/b.html?a=1&spm=a2c&b=2",
        " https://www.miit.gov.cn./a/b.html;jsessionid=0A1B?a=1&b=2 ",
    ],
)
def test_one_page_has_one_url_key(url: str) -> None:
    assert url_key(url) == "www.miit.gov.cn/a/b.html?a=1&b=2"


def test_parameters_that_name_the_article_stay() -> None:
    first = "https://mp.weixin.qq.com/s?__biz=MzA&mid=1&idx=1&sn=ab&chksm=f1&scene=27"
    second = "https://mp.weixin.qq.com/s?__biz=MzA&mid=2&idx=1&sn=cd&chksm=f2&scene=27"
    assert url_key(first) == "mp.weixin.qq.com/s?__biz=MzA&idx=1&mid=1&sn=ab"
    assert url_key(first) != url_key(second)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.gov.cn/x", "https://b.gov.cn/x"),
        ("https://a.gov.cn/X", "https://a.gov.cn/x"),
        ("https://a.gov.cn:8080/x", "https://a.gov.cn/x"),
        ("https://a.gov.cn/#/detail/1", "https://a.gov.cn/#/detail/2"),
        ("https://a.gov.cn/x?id=1", "https://a.gov.cn/x?id=2"),
    ],
)
def test_two_pages_have_two_url_keys(one: str, other: str) -> None:
    assert url_key(one) != url_key(other)


@given(st.text(max_size=600))
def test_any_text_has_a_url_key_of_bounded_length(text: str) -> None:
    assert len(url_key(text)) <= 300


def test_long_urls_keep_their_difference() -> None:
    long = "https://a.gov.cn/x?q=" + "y" * 3_000
    assert url_key(long + "1") != url_key(long + "2")
    assert len(url_key(long)) <= 300


@pytest.mark.parametrize(
    "raw",
    [
        "工信部联信管〔2022〕12号",
        "工信部联信管[2022]12号",
        "工信部联信管（2022）12 号",
        "工信部联信管【2022】012号",
        "工信部联信管〔２０２２〕１２号",
        "工信部联信管〔 2022 ]第12号",
        "工信部联信管〔二〇二二〕十二号",
        "文号：工信部联信管〔2022〕12号",
        "工业和信息化部文件 工信部联信管﹝2022﹞12号",
    ],
)
def test_every_spelling_of_a_number_has_one_key(raw: str) -> None:
    assert number_key(raw) == "工信部联信管〔2022〕12号"


@pytest.mark.parametrize(
    ("raw", "key", "bare", "year"),
    [
        ("国务院令第743号", "国务院令第743号", True, False),
        ("中华人民共和国主席令第七十四号", "主席令第74号", True, False),
        ("中华人民共和国工业和信息化部令第五十号", "工业和信息化部令第50号", True, False),
        ("公告 2022年第10号", "公告2022年第10号", True, True),
        ("财政部 税务总局公告2020年第8号", "财政部税务总局公告2020年第8号", True, True),
        ("应急管理部公告（2019年 第11号）", "应急管理部公告2019年第11号", True, True),
        ("中国人民银行公告〔2021〕第3号", "中国人民银行公告2021年第3号", True, True),
        ("第三五零号", "第350号", True, False),
        ("(2000)某字第12号", "某字〔2000〕12号", False, True),
        ("国办发明电〔2020〕1号", "国办发明电〔2020〕1号", False, True),
    ],
)
def test_other_forms_of_numbers(raw: str, key: str, bare: bool, year: bool) -> None:
    assert number_key(raw) == key
    assert is_bare(key) is bare
    assert has_year(key) is year


@pytest.mark.parametrize("raw", [None, "", "无", "2022年", "关于补贴的通知", "12345"])
def test_what_is_no_number_has_no_key(raw: str | None) -> None:
    assert number_key(raw) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("工信部信发〔2022〕12号", "工信部信发〔2022〕13号"),
        ("工信部信发〔2022〕12号", "工信部信发〔2023〕12号"),
        ("工信部信发〔2022〕12号", "工信厅信发〔2022〕12号"),
        ("公告2022年第1号", "公告2023年第1号"),
    ],
)
def test_another_number_year_or_code_is_another_key(one: str, other: str) -> None:
    assert number_key(one) != number_key(other)


@pytest.mark.parametrize(
    "raw",
    ["工业和信息化部", "工信部", "中华人民共和国工业和信息化部", "工业和信息化部办公厅", "工业和信息化部等八部门",
     "工业和信息化部、财政部", "工业和信息化部 教育部 财政部"],
)  # fmt: skip
def test_every_name_of_an_issuer_has_one_key(raw: str) -> None:
    assert issuer_key(raw) == "工业和信息化部"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("国务院", "国务院办公厅"),
        ("国家税务总局", "国家税务总局广东省税务局"),
        ("江苏省工业和信息化厅", "浙江省工业和信息化厅"),
        ("发展改革委", "国家发展改革委"),  # without 国家 it may be a city's
    ],
)
def test_two_issuers_have_two_keys(one: str, other: str) -> None:
    assert issuer_key(one) != issuer_key(other)


def test_titles_differ_by_letters_and_digits_alone() -> None:
    assert title_key("关于印发《Ａ规划（2021—2025年）》的 通知") == title_key("关于印发《a规划(2021-2025年)》的通知")
    assert title_key("A规划（2021—2025年）") != title_key("A规划（2022—2025年）")
    assert title_key("某办法（征求意见稿）") != title_key("某办法")
    assert title_key(" ，。 ") is None


@pytest.mark.parametrize(
    ("title", "inner"),
    [
        ("工业和信息化部关于印发《工业互联网行动计划（2021-2023年）》的通知", "工业互联网行动计划（2021-2023年）"),
        ("关于印发《关于贯彻《某法》的意见》的通知", "关于贯彻《某法》的意见"),
        ("国务院关于印发新能源规划的通知", "新能源规划"),
        ("国务院办公厅关于某事的意见", None),
        ("关于印发《甲》《乙》的通知", None),
        (None, None),
    ],
)
def test_the_title_that_a_notice_carries(title: str | None, inner: str | None) -> None:
    assert inner_title(title) == inner


def test_a_site_has_its_subdomains_and_no_others() -> None:
    assert same_site("wap.miit.gov.cn", "www.miit.gov.cn")
    assert same_site("www.gov.cn", "www.gov.cn")
    assert not same_site("www.miit.gov.cn", "www.gov.cn")
    assert not same_site("notmiit.gov.cn", "www.miit.gov.cn")
    assert not same_site("", "")
