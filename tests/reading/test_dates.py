"""Dates as pages write them; what is none gives None (I9)."""

from datetime import date, datetime

import pytest

from policy_crawler.reading import dates

CHINA = dates.CHINA


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2022年4月13日", date(2022, 4, 13)),
        ("2022 年 4 月 3 日", date(2022, 4, 3)),
        ("２０２２年４月１３日", date(2022, 4, 13)),
        ("2022-04-13", date(2022, 4, 13)),
        ("2022.04.13", date(2022, 4, 13)),
        ("2022/4/13", date(2022, 4, 13)),
        ("20220413", date(2022, 4, 13)),
        ("二〇二二年四月十三日", date(2022, 4, 13)),
        ("二○一九年十二月三十一日", date(2019, 12, 31)),
        ("一九九六年十月二十日", date(1996, 10, 20)),
        ("二零零五年三月廿一日", date(2005, 3, 21)),
    ],
)
def test_every_form_of_a_day(text: str, day: date) -> None:
    assert dates.find_day(text) == day


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2022-04-13 10:20:30", (2022, 4, 13, 10, 20, 30)),
        ("2022-04-13-10:20:30", (2022, 4, 13, 10, 20, 30)),
        ("2022年04月13日 09∶11", (2022, 4, 13, 9, 11, 0)),
        ("2022年04月13日09：11", (2022, 4, 13, 9, 11, 0)),
        ("2022-04-13T10:20:30+08:00", (2022, 4, 13, 10, 20, 30)),
        ("2022-04-13T02:20:30Z", (2022, 4, 13, 10, 20, 30)),
        ("Wed, 13 Apr 2022 07:26:00 GMT", (2022, 4, 13, 15, 26, 0)),
        ("Wed, 13 Apr 2022 07:26:00 +0800", (2022, 4, 13, 7, 26, 0)),
    ],
)
def test_every_form_of_a_moment_is_aware(text: str, moment: tuple[int, ...]) -> None:
    assert dates.of_meta(text) == datetime(*moment, tzinfo=CHINA)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "2022年2月30日",
        "0001-01-01",
        "2104-13-40",
        "无",
        "",
        "2026-02-00018",
        "014501068/2020-02678",
        "2021—2025年",
        "国发〔2022〕1号",
        "民国113年",
    ],
)
def test_I9_no_date_is_none(text: str) -> None:
    assert dates.find_date(text) is None


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://www.most.gov.cn/a/202602/t20260228_195992.html", date(2026, 2, 28)),
        ("http://www.jiangxi.gov.cn/art/2020/2/28/art_1_2.html", date(2020, 2, 28)),
        ("http://www.gov.cn/zhengce/content/2019-02/13/content_5365341.htm", date(2019, 2, 13)),
        ("http://www.news.cn/politics/20240509/3dd6e33cc6d749fbaae01fea337ff400/c.html", date(2024, 5, 9)),
        ("https://www.miit.gov.cn/zwgk/zcjd/art/2026/art_ef24128ee7304a63b6777d7023631e94.html", None),
        ("https://www.example.gov.cn/a.html?d=2020/02/02/", None),
    ],
)
def test_the_date_of_an_address(url: str, day: date | None) -> None:
    assert dates.of_path(url) == day


@pytest.mark.parametrize(
    ("text", "is_date"),
    [
        ("2022年4月13日", True),
        ("2022 年 4 月 3 日", True),
        ("二〇二二年四月十三日", True),
        ("2022年4月13日起施行", False),
        ("自2022年", False),
    ],
)
def test_a_date_line_is_a_date_alone(text: str, is_date: bool) -> None:
    assert dates.is_date_line(text) is is_date
