"""What messages say, and that nothing a page wrote can do more than be read (reliability rows L8, L10)."""

import html.parser
from dataclasses import replace
from datetime import UTC, date, datetime
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.alerts import Found, Match, Message, Notice
from schedules.alerts import render as render_all
from schedules.alerts.render import Language
from schedules.alerts.text import clean, differing, web_link, window
from schedules.channels import Envelope
from schedules.channels.terminal import TerminalChannel
from storage.records import ClauseChange

AT = datetime(2026, 11, 24, 1, 5, tzinfo=UTC)
ADDED = Notice(
    kind="added",
    happened_at=AT,
    source_name="工信部 文件发布·通知",
    title="工业和信息化部办公厅关于开展2026年工业互联网创新发展工程申报工作的通知",
    issuer="工业和信息化部办公厅",
    doc_number="工信厅信管函〔2026〕318号",
    type="policy",
    written=date(2026, 11, 20),
    published=date(2026, 11, 23),
    url="https://www.miit.gov.cn/zwgk/zcwj/wjfb/tz/art/2026/art_1.html",
    document_id=12,
    version_number=1,
    matches=(
        Match("工业互联网", (Found("工业互联网", "title"), Found("标识解析", "body", "…推进标识解析体系建设…"))),
        Match("信管局的文件", ()),
    ),
)
CHANGED = Notice(
    kind="changed",
    happened_at=AT,
    source_name="工信部 文件发布·通知",
    title="专项资金管理办法",
    document_id=12,
    version_number=2,
    matches=(Match("资金", (Found("资金", "title"),)),),
    changes=(
        ClauseChange("changed", "第八条", "申报截止时间为2026年11月30日。", "申报截止时间为2026年12月20日。"),
        ClauseChange("added", "第九条", None, "逾期不予受理。"),
        ClauseChange("removed", "第十条", "本办法自印发之日起施行。", None),
    ),
)


def render(notice: Notice, language: Language) -> Message:
    return render_all([notice], language)


def test_an_added_document_in_chinese() -> None:
    message = render(ADDED, "zh")
    assert message.subject == (
        "[新文件] 工业和信息化部办公厅关于开展2026年工业互联网创新发展工程申报工作的通知 · 工业和信息化部办公厅"
    )
    assert message.text == (
        "新文件：工业和信息化部办公厅关于开展2026年工业互联网创新发展工程申报工作的通知\n"
        "\n"
        "发文机关：工业和信息化部办公厅\n"
        "文号：工信厅信管函〔2026〕318号\n"
        "类别：政策文件\n"
        "成文日期：2026-11-20\n"
        "发布日期：2026-11-23\n"
        "来源栏目：工信部 文件发布·通知\n"
        "发现时间：2026-11-24 09:05 +08:00\n"
        "存档：文件 12，第 1 版（policy-crawler show 12）\n"
        "原文：https://www.miit.gov.cn/zwgk/zcwj/wjfb/tz/art/2026/art_1.html\n"
        "\n"
        "提醒原因\n"
        "  关注“工业互联网”\n"
        "    标题：“工业互联网”\n"
        "    正文：“标识解析”  …推进标识解析体系建设…\n"
        "  关注“信管局的文件”\n"
    )


def test_a_consultation_says_until_when_comments_are_taken() -> None:
    draft = replace(ADDED, type="consultation", deadline=date(2026, 12, 20))
    languages: tuple[tuple[Language, str], ...] = (
        ("zh", "意见截止：2026-12-20\n"),
        ("en", "Comments until: 2026-12-20\n"),
    )
    for language, row in languages:
        assert row in render(draft, language).text
    assert ">2026-12-20</td>" in render(draft, "zh").html
    at = replace(draft, deadline_at=datetime(2026, 12, 20, 9, 0, tzinfo=UTC))
    assert "意见截止：2026-12-20 17:00\n" in render(at, "zh").text
    assert "意见截止" not in render(ADDED, "zh").text


def test_a_body_of_pictures_is_said() -> None:
    languages: tuple[tuple[Language, str], ...] = (("zh", "正文是图片"), ("en", "the body is pictures"))
    for language, words in languages:
        message = render(replace(ADDED, images_carry_text=True), language)
        assert words in message.text
        assert words in message.html
        assert words not in render(ADDED, language).text


def test_a_change_says_the_clauses_before_and_after() -> None:
    text = render(CHANGED, "en").text
    assert "Document changed: 专项资金管理办法" in text
    assert (
        "Changes (3): Article 8 changed; Article 9 added; Article 10 removed\n"
        "  第八条  changed\n"
        "    Before: 申报截止时间为2026年11月30日。\n"
        "    After: 申报截止时间为2026年12月20日。\n"
        "  第九条  added\n"
        "    After: 逾期不予受理。\n"
        "  第十条  removed\n"
        "    Before: 本办法自印发之日起施行。\n"
    ) in text
    assert render(CHANGED, "zh").subject == "[文件有修改] 专项资金管理办法 · 第八条、第九条、第十条"


def test_html_marks_what_differs() -> None:
    page = render(CHANGED, "zh").html
    assert ">11月30</span>日。" in page
    assert ">12月20</span>日。" in page


def test_L10_one_message_names_every_watch() -> None:
    message = render(ADDED, "zh")
    for body in (message.text, message.html):
        assert "工业互联网" in body
        assert "信管局的文件" in body


def test_late_and_backlog_are_said() -> None:
    late = Notice("added", AT, "s", (), title="t", document_id=1, late_days=45)
    assert "发布已 45 天" in render(late, "zh").text
    assert "published 45 days before" in render(late, "en").text
    backlog = Notice("added", AT, "s", (), title="t", document_id=1, late_days=900, backlog=True)
    assert "首次抓取" in render(backlog, "zh").text
    assert "900" not in render(backlog, "zh").text


@pytest.mark.parametrize(("kind", "said"), [("source_failing", "来源异常"), ("source_recovered", "来源恢复")])
def test_a_source_s_event_names_source_and_reason(kind: str, said: str) -> None:
    message = render(Notice(kind, AT, "工信部 通知", (), reason="page 1 has 0 entries, expected 15"), "zh")
    assert message.subject == f"[{said}] 工信部 通知"
    assert "原因：page 1 has 0 entries, expected 15" in message.text
    assert "存档" not in message.text


def test_many_changes_are_counted_not_all_shown() -> None:
    changes = tuple(ClauseChange("added", f"第{n}条", None, f"文{n}。") for n in range(50))
    text = render(Notice("changed", AT, "s", (), title="t", document_id=7, changes=changes), "zh").text
    assert "修改之处（50）" in text
    assert "另有 30 处修改未列出" in text
    assert "policy-crawler diff 7" in text


def test_several_events_are_one_message_with_a_section_each() -> None:
    message = render_all([ADDED, CHANGED, ADDED], "zh")
    assert message.subject == f"[3 条：新文件 2，文件有修改 1] {ADDED.title}"
    assert message.text.startswith("3 条：新文件 2，文件有修改 1\n")
    assert message.text.count("发文机关：工业和信息化部办公厅") == 2
    assert "第八条  修改" in message.text
    assert message.html.count("<h1") == 3


def test_of_very_many_events_the_rest_is_a_list() -> None:
    message = render_all([ADDED] * 40, "zh")
    assert message.text.count("文号：") == 30
    assert "另有 10 条：" in message.text
    assert message.text.count(str(ADDED.url)) == 40
    assert message.html.count(f'href="{ADDED.url}"') == 40


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</title></head><body onload=alert(1)>",
    "&lt;script&gt;",
    "x\r\nBcc: a@b",
    "{{7*7}}{0.__class__}%s%(x)s",
    "[bold red]x[/bold red][link=https://evil.example]y[/link]",
    "\x1b]8;;https://evil.example\x07click\x1b]8;;\x07\x1b[2J",
    "a\u202egnp.exe",
    "\ud83d",
    "",
]


class _Tags(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs


def _hostile_notice(text: str) -> Notice:
    return Notice(
        kind="changed",
        happened_at=AT,
        source_name=text,
        title=text,
        issuer=text,
        doc_number=text,
        type=text,
        url=f"https://a.example/{text}",
        document_id=1,
        matches=(Match(text, (Found(text, text, text),)),),
        changes=(ClauseChange("changed", text, text + "一", text + "二"),),
        reason=text,
    )


def _assert_harmless(text: str) -> None:
    message = render_all([_hostile_notice(text)] * 32, "zh")
    assert "\n" not in message.subject
    assert "\r" not in message.subject
    assert len(message.subject) <= 200
    for body in (message.subject, message.text.replace("\n", ""), message.html.replace("\n", "")):
        assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or 0xD800 <= ord(c) < 0xE000 for c in body)
        assert not set(body) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u200b\ufeff")
    seen = _Tags()
    seen.feed(message.html)
    # Exactly our own tags: the same as for a harmless text, with or without the link.
    assert set(seen.tags) <= {"html", "head", "meta", "title", "body", "div", "p", "h1", "h2", "table", "tr", "th",
                              "td", "strong", "span", "ul", "li", "br", "a"}  # fmt: skip
    assert {name for name, _ in seen.attributes} <= {"lang", "charset", "style", "href", "rel"}
    assert all(value and value.startswith("https://a.example/") for name, value in seen.attributes if name == "href")


@pytest.mark.parametrize("text", HOSTILE)
def test_L8_foreign_text_is_only_read(text: str) -> None:
    _assert_harmless(text)


@given(st.text(max_size=400))
def test_L8_any_text_is_only_read(text: str) -> None:
    _assert_harmless(text)


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "ftp://a/b", "//a/b", "https://", "http://u:p@a/", "https://a/ b",
     "https://a/\"onclick", "http://[::1", "https://a/\n", None, "", "https://a/" + "x" * 3000],
)  # fmt: skip
def test_what_is_no_ordinary_web_address_is_no_link(url: str | None) -> None:
    assert web_link(url) is None


def test_a_megabyte_title_makes_a_short_message() -> None:
    message = render(_hostile_notice("关于" * 500_000), "zh")
    assert len(message.subject) <= 200
    assert len(message.text) < 10_000
    assert len(message.html) < 40_000


def test_the_terminal_prints_foreign_text_literally() -> None:
    stream = StringIO()
    message = render(_hostile_notice("[bold red]x[/bold red] :smile:"), "zh")
    TerminalChannel(stream).send(message, Envelope("d", "", AT))
    assert stream.getvalue().split() == message.text.split()


@pytest.mark.parametrize(
    ("before", "after", "old", "new"),
    [
        ("共30日内", "共20日内", "30", "20"),
        ("应当报送", "不应当报送", "", "不"),
        ("甲乙", "甲乙", "", ""),
        ("1234", "124", "1234", "124"),
        ("", "新", "", "新"),
        ("一一", "一", "一", ""),
    ],
)
def test_differing_keeps_numbers_whole(before: str, after: str, old: str, new: str) -> None:
    cut_before, cut_after = differing(before, after)
    assert (cut_before[1], cut_after[1]) == (old, new)


@given(st.text("一二3 4", max_size=12), st.text("一二3 4", max_size=12))
def test_differing_loses_nothing(before: str, after: str) -> None:
    cut_before, cut_after = differing(before, after)
    assert "".join(cut_before) == before
    assert "".join(cut_after) == after
    assert cut_before[0] == cut_after[0]
    assert cut_before[2] == cut_after[2]


def test_a_long_clause_is_shortened_around_the_difference() -> None:
    cut, _ = differing("甲" * 5_000 + "30" + "乙" * 5_000, "甲" * 5_000 + "20" + "乙" * 5_000)
    start, middle, end = window(cut)
    assert middle == "30"
    assert len(start + middle + end) <= 600
    assert start.startswith("…")
    assert end.endswith("…")


def test_clean_keeps_what_people_write() -> None:
    assert (
        clean(" 关于《“十五五”规划》的通知\n（工信部〔2026〕1号）\t𠀀é ")
        == "关于《“十五五”规划》的通知 （工信部〔2026〕1号） 𠀀é"
    )


def test_renumbered_clauses_are_told_in_one_line() -> None:
    changes = (
        ClauseChange("changed", "表1第2行（首台套）", "首台套\t500", "首台套\t800", columns=("金额（万元）",)),
        ClauseChange("added", "第九条", None, "第九条 逾期不予受理。"),
        ClauseChange("renumbered", "第十条至第十二条", "第九条至第十一条", "第十条至第十二条", "第九条至第十一条"),
    )
    text = render(replace(CHANGED, changes=changes), "zh").text
    assert "修改之处（3）：表1第2行（首台套）修改；新增第九条；原第九条至第十一条改为第十条至第十二条" in text
    assert "表1第2行（首台套）  修改  金额（万元）" in text
    english = render(replace(CHANGED, changes=changes), "en").text
    assert "former Articles 9 to 11 are now Articles 10 to 12" in english
