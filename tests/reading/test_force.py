"""Days of force, terms, deadlines of consultations, validity, and bodies that are pictures."""

# ruff: noqa: E501  (sentences stand as they are printed)

from collections.abc import Callable
from datetime import date, datetime

import pytest
from support.reading_pages import PROSE, document

from policy_crawler.reading import Reading, Validity, validity_of
from policy_crawler.reading.dates import CHINA
from policy_crawler.reading.validity import stated_validity
from policy_crawler.reading.workdays import after_workdays

Read = Callable[..., Reading]
SIGNED = "<p>示例市人民政府</p><p>2026年3月2日</p>"


def policy(reading_of: Read, text: str, title: str = "关于印发示例办法的通知", table: str = "") -> Reading:
    return reading_of(
        document(f'{table}<h1>{title}</h1><div id="zoom">{PROSE}<p>{text}</p>{SIGNED}</div>', title=title)
    )


@pytest.mark.parametrize(
    ("text", "effective", "expires"),
    [
        ("本办法自2026年4月1日起施行，有效期5年。", date(2026, 4, 1), date(2031, 4, 1)),
        ("本办法自2026年4月1日起施行，有效期为两年。", date(2026, 4, 1), date(2028, 4, 1)),
        ("本办法自2026年4月1日起施行，试行期18个月。", date(2026, 4, 1), date(2027, 10, 1)),
        ("本办法自2026年4月1日起试行，试行2年。", None, None),
        ("本通知自2026年4月1日起施行，有效期至2028年3月31日。", date(2026, 4, 1), date(2028, 3, 31)),
        ("本公告执行期限为2026年1月1日至2027年12月31日。", None, date(2027, 12, 31)),
        ("本办法自印发之日起施行，有效期3年。", date(2026, 3, 2), date(2029, 3, 2)),
        ("本办法自公布之日起30日后施行。", date(2026, 4, 1), None),
        ("本办法自2026年4月1日起施行。许可证有效期为5年。", date(2026, 4, 1), None),
        ("本办法自2026年4月1日起施行，原办法自2010年1月1日起施行的规定同时废止。", date(2026, 4, 1), None),
        ("本办法自2024年2月29日起施行，有效期1年。", None, None),
    ],
)
def test_days_of_force(text: str, effective: date | None, expires: date | None, reading_of: Read) -> None:
    reading = policy(reading_of, text)
    assert (reading.effective, reading.expires) == (effective, expires)


def test_a_term_from_a_leap_day_ends_in_february(reading_of: Read) -> None:
    html = document(
        f'<div id="zoom">{PROSE}<p>本办法自2024年2月29日起施行，有效期1年。</p><p>示例局</p><p>2024年2月1日</p></div>'
    )
    assert reading_of(html).expires == date(2025, 2, 28)


def consultation(reading_of: Read, text: str, around: str = "") -> date | datetime | None:
    title = "关于公开征求《示例管理办法（征求意见稿）》意见的通知"
    html = f'<h1>{title}</h1><div>发布时间：2026-02-28</div>{around}<div id="zoom">{PROSE}<p>{text}</p></div>'
    return reading_of(document(html, title=title)).deadline


@pytest.mark.parametrize(
    ("text", "deadline"),
    [
        ("意见反馈截止时间为2026年3月31日。", date(2026, 3, 31)),
        ("请于2026年3月31日前将意见反馈至邮箱。", date(2026, 3, 31)),
        ("请于3月31日（星期二）前以书面形式反馈意见。", date(2026, 3, 31)),
        ("征求意见时间为2026年3月1日至3月31日。", date(2026, 3, 31)),
        ("征求意见时间：2026-03-01 至 2026-04-01", date(2026, 4, 1)),
        ("公示时间自2026年2月28日起至2026年3月30日。", date(2026, 3, 30)),
        ("截止日期：2026年3月31日 17:30。", datetime(2026, 3, 31, 17, 30, tzinfo=CHINA)),
        ("公众可自公布之日起30日内提出意见。", date(2026, 3, 30)),
        ("请于1月15日前反馈意见。", date(2026, 1, 15)),
        ("公众可自公布之日起30个工作日内提出意见。", date(2026, 4, 13)),  # over 清明: 6 April is free
        ("征求意见期限为10个工作日。", date(2026, 3, 13)),
        ("《示例法》自2020年1月1日起施行，请提出宝贵意见。", None),
        ("欢迎提出意见。", None),
    ],
)
def test_the_deadline_of_a_consultation(text: str, deadline: date | datetime | None, reading_of: Read) -> None:
    assert consultation(reading_of, text) == deadline


def test_working_days_are_those_the_state_council_announces_and_weekdays_beyond() -> None:
    assert after_workdays(date(2026, 9, 30), 5) == (date(2026, 10, 13), True)  # 1 to 7 October free, the 10th worked
    assert after_workdays(date(2060, 3, 1), 5) == (date(2060, 3, 8), False)
    with pytest.raises(ValueError, match="up to 366"):
        after_workdays(date(2026, 1, 1), 367)


def test_a_rule_in_force_so_many_working_days_after_its_publication(reading_of: Read) -> None:
    html = document(
        f'<div id="zoom">{PROSE}<p>本办法自公布之日起30个工作日后施行。</p><p>示例局</p><p>2026年2月28日</p></div>'
    )
    found = reading_of(html)
    assert (found.effective, found.evidence["effective"].source) == (
        date(2026, 4, 13), "text 自公布之日起施行, working days",
    )  # fmt: skip


def test_a_deadline_kept_in_a_hidden_mark_or_beside_the_text(reading_of: Read) -> None:
    hidden = '<span class="endtime" style="display:none">1774972799000</span>'
    assert consultation(reading_of, "欢迎提出意见。", hidden) == datetime(2026, 3, 31, 23, 59, 59, tzinfo=CHINA)
    beside = '<div class="zj">征集时间：2026-03-01 至 2026-03-31</div>'
    assert consultation(reading_of, "欢迎提出意见。", beside) == date(2026, 3, 31)


def test_only_a_consultation_has_a_deadline(reading_of: Read) -> None:
    assert policy(reading_of, "请于2026年3月31日前将意见反馈至邮箱。").deadline is None


@pytest.mark.parametrize(
    ("printed", "validity"),
    [
        ("有效", Validity.EFFECTIVE),
        ("现行有效", Validity.EFFECTIVE),
        ("全文有效", Validity.EFFECTIVE),
        ("是", Validity.EFFECTIVE),
        ("失效", Validity.REPEALED),
        ("全文废止", Validity.REPEALED),
        ("部分失效", Validity.PARTLY_REPEALED),
        ("已被修订", Validity.AMENDED),
        ("尚未生效", Validity.PENDING),
        ("其他", None),
        (None, None),
    ],
)
def test_the_words_of_sites_for_validity(printed: str | None, validity: Validity | None) -> None:
    assert stated_validity(printed) is validity


def stating(word: str) -> str:
    return f"<table><tr><td>索引号</td><td>1</td><td>发文机关</td><td>示例局</td><td>有效性</td><td>{word}</td></tr></table>"


@pytest.mark.parametrize(
    ("text", "table", "today", "validity", "reason"),
    [
        ("本办法自2026年4月1日起施行。", "", date(2026, 3, 5), Validity.PENDING, "comes into force on 2026-04-01"),
        ("本办法自2026年4月1日起施行。", "", date(2026, 4, 1), Validity.EFFECTIVE, "in force since 2026-04-01"),
        ("本办法自2026年4月1日起施行，有效期5年。", "", date(2031, 4, 2), Validity.EXPIRED, "term ended on 2031-04-01"),
        (
            "本办法自2026年4月1日起施行，有效期5年。",
            "有效",
            date(2031, 4, 2),
            Validity.EXPIRED,
            "term ended on 2031-04-01",
        ),
        ("本办法自2026年4月1日起施行。", "失效", date(2026, 4, 2), Validity.REPEALED, "the page says 失效"),
        ("本办法自2026年4月1日起施行。", "已修改", date(2026, 5, 1), Validity.AMENDED, "the page says 已修改"),
        ("请遵照执行。", "有效", date(2026, 5, 1), Validity.EFFECTIVE, "the page says 有效"),
        ("请遵照执行。", "", date(2026, 5, 1), Validity.UNKNOWN, "names no day of force"),
    ],
)
def test_validity_on_a_day_with_its_reason(
    text: str, table: str, today: date, validity: Validity, *, reason: str, reading_of: Read
) -> None:
    reading = policy(reading_of, text, table=stating(table) if table else "")
    found, why = validity_of(reading, today)
    assert found is validity
    assert reason in why


def test_a_draft_is_a_draft_on_any_day(reading_of: Read) -> None:
    reading = policy(reading_of, "本办法自2020年4月1日起施行。", title="示例管理办法（征求意见稿）")
    assert validity_of(reading, date(2026, 1, 1))[0] is Validity.DRAFT


class TestPictures:
    def page(self, text: str) -> str:
        return document(
            f'<h1>示例工作计划</h1><div id="zoom"><p><img src="W1.jpg"></p><p><img src="W2.jpg"></p>{text}</div>',
            title="示例工作计划",
        )

    def test_a_body_of_pictures_is_known_as_such(self, reading_of: Read) -> None:
        reading = reading_of(self.page("<p>工作计划</p>"))
        assert reading.images_carry_text
        assert len(reading.images) == 2

    def test_a_text_with_pictures_is_none(self, reading_of: Read) -> None:
        assert not reading_of(self.page(PROSE)).images_carry_text
