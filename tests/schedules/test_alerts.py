"""What messages say (reliability row L10: one message for several watches)."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from schedules.alerts import Found, Links, Match, Message, Notice, Other
from schedules.alerts import render as render_all
from schedules.alerts.data import Alert, json_schema
from schedules.alerts.outline import Language
from schedules.alerts.samples import digest, samples
from schedules.alerts.text import columns
from schedules.kinds import EVENTS
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


def test_an_added_document_in_chinese():
    message = render(ADDED, "zh")
    assert message.subject == (
        "[新文件] 工业和信息化部办公厅关于开展2026年工业互联网创新发展工程申报工作的通知 · 工业和信息化部办公厅"
    )
    assert message.text == (
        "新文件：工业和信息化部办公厅关于开展2026年工业互联网创新发展工程申报工作的通知\n"
        "\n"
        "发文机关：工业和信息化部办公厅\n"
        "文号：    工信厅信管函〔2026〕318号\n"
        "类别：    政策文件\n"
        "成文日期：2026-11-20\n"
        "发布日期：2026-11-23\n"
        "来源栏目：工信部 文件发布·通知\n"
        "发现时间：2026-11-24 09:05 +08:00\n"
        "存档：    文件 12，第 1 版（policy-crawler show 12）\n"
        "原文：    https://www.miit.gov.cn/zwgk/zcwj/wjfb/tz/art/2026/art_1.html\n"
        "\n"
        "提醒原因\n"
        "  关注“工业互联网”\n"
        "    标题：“工业互联网”\n"
        "    正文：“标识解析”  …推进标识解析体系建设…\n"
        "  关注“信管局的文件”\n"
    )


def test_a_consultation_says_until_when_comments_are_taken():
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


def test_a_body_of_pictures_is_said():
    languages: tuple[tuple[Language, str], ...] = (("zh", "正文是图片"), ("en", "the body is pictures"))
    for language, words in languages:
        message = render(replace(ADDED, images_carry_text=True), language)
        assert words in message.text
        assert words in message.html
        assert words not in render(ADDED, language).text


def test_a_change_says_the_clauses_before_and_after():
    text = render(CHANGED, "en").text
    assert "Document changed: 专项资金管理办法" in text
    assert (
        "Changes (3): Article 8 changed; Article 9 added; Article 10 removed\n"
        "\n"
        "  Article 8 changed\n"
        "    Before: 申报截止时间为[-2026年11月30日-]。\n"
        "    After: 申报截止时间为{+2026年12月20日+}。\n"
        "\n"
        "  Article 9 added\n"
        "    After: 逾期不予受理。\n"
        "\n"
        "  Article 10 removed\n"
        "    Before: 本办法自印发之日起施行。\n"
    ) in text
    assert render(CHANGED, "zh").subject == "[文件有修改] 专项资金管理办法 · 第八条、第九条、第十条"


def test_html_marks_what_differs():
    page = render(CHANGED, "zh").html
    assert ">2026年11月30日</del>。" in page
    assert ">2026年12月20日</ins>。" in page


def test_several_stretches_of_a_clause_are_marked():
    change = ClauseChange("changed", "第八条", "每月10日前报送，逾期可以补报。", "每月5日前报送，逾期不予受理。")
    message = render(replace(CHANGED, changes=(change,)), "zh")
    assert "修改前：每月[-10-]日前报送，逾期[-可以补报-]。" in message.text
    assert "修改后：每月{+5+}日前报送，逾期{+不予受理+}。" in message.text
    assert "> 修改后：每月 **5** 日前报送，逾期 **不予受理** 。" in message.markdown
    assert message.html.count("<del") == message.html.count("<ins") == 2


def test_L10_one_message_names_every_watch():
    message = render(ADDED, "zh")
    for body in (message.text, message.html):
        assert "工业互联网" in body
        assert "信管局的文件" in body


def test_late_and_backlog_are_said():
    late = Notice("added", AT, "s", (), title="t", document_id=1, late_days=45)
    assert "发布已 45 天" in render(late, "zh").text
    assert "published 45 days before" in render(late, "en").text
    backlog = Notice("added", AT, "s", (), title="t", document_id=1, late_days=900, backlog=True)
    assert "首次抓取" in render(backlog, "zh").text
    assert "900" not in render(backlog, "zh").text


@pytest.mark.parametrize(("kind", "said"), [("source_failing", "来源异常"), ("source_recovered", "来源恢复")])
def test_a_source_s_event_names_source_and_reason(kind, said):
    message = render(Notice(kind, AT, "工信部 通知", (), reason="page 1 has 0 entries, expected 15"), "zh")
    assert message.subject == f"[{said}] 工信部 通知"
    assert "原因：    page 1 has 0 entries, expected 15" in message.text
    assert "存档" not in message.text


def test_many_changes_are_counted_not_all_shown():
    changes = tuple(ClauseChange("added", f"第{n}条", None, f"文{n}。") for n in range(50))
    text = render(Notice("changed", AT, "s", (), title="t", document_id=7, changes=changes), "zh").text
    assert "修改之处（50）" in text
    assert "另有 30 处修改未列出" in text
    assert "policy-crawler diff 7" in text


def test_several_events_are_one_message_with_a_section_each():
    message = render_all([ADDED, replace(CHANGED, document_id=13), replace(ADDED, document_id=14)], "zh")
    assert message.subject == f"[3 条：新文件 2，文件有修改 1] {ADDED.title}"
    assert message.text.startswith("3 条：新文件 2，文件有修改 1\n")
    assert message.text.count("发文机关：工业和信息化部办公厅") == 2
    assert "第八条修改" in message.text
    assert message.html.count("<h1") == 3
    assert len(message.parts) == 3


def test_of_very_many_events_the_rest_is_a_list():
    message = render_all([replace(ADDED, document_id=number) for number in range(1, 41)], "zh")
    assert message.text.count("文号：") == 30
    assert "另有 10 条：" in message.text
    assert message.text.count(str(ADDED.url)) == 40
    assert message.html.count(f'<a href="{ADDED.url}"') == 70  # the title and the row of links
    assert [part.text.count("文号：") for part in message.parts] == [1] * 30 + [0]
    assert len(message.parts[-1].data["events"]) == 10


def test_renumbered_clauses_are_told_in_one_line():
    changes = (
        ClauseChange("changed", "表1第2行（首台套）", "首台套\t500", "首台套\t800", columns=("金额（万元）",)),
        ClauseChange("added", "第九条", None, "第九条 逾期不予受理。"),
        ClauseChange("renumbered", "第十条至第十二条", "第九条至第十一条", "第十条至第十二条", "第九条至第十一条"),
    )
    text = render(replace(CHANGED, changes=changes), "zh").text.replace("\n", "")
    assert "修改之处（3）：表1第2行（首台套）修改；新增第九条；原第九条至第十一条改为第十条至第十二条" in text
    assert "表1第2行（首台套）修改：金额（万元）" in text
    assert "首台套 | [-500-]" in text
    english = render(replace(CHANGED, changes=changes), "en").text
    assert "former Articles 9 to 11 are now Articles 10 to 12" in english


# -- links, days, rights -----------------------------------------------------------------------------------------------


def test_the_page_the_archive_and_the_snapshot_are_linked():
    linked = replace(ADDED, links=Links("https://c.example/documents/12", "https://c.example/snapshots/40"))
    message = render(linked, "zh")
    for url in (ADDED.url, linked.links.archive, linked.links.snapshot):
        assert f"{url}\n" in message.text
        assert f'href="{url}"' in message.html
        assert f"]({url})" in message.markdown
    assert "policy-crawler show" not in message.text
    assert message.data["events"][0]["links"] == {
        "source": ADDED.url, "archive": linked.links.archive, "snapshot": linked.links.snapshot,
    }  # fmt: skip


def test_a_withdrawn_document_is_still_in_the_archive():
    for language, said in (("zh", "存档仍保有最后一版"), ("en", "the archive keeps its last version")):
        assert said in render(replace(ADDED, kind="withdrawn"), language).text.replace("\n", " ")


def test_a_repeal_says_by_whom_and_from_when():
    by = Other(99, "《新办法》（某部令第120号）", "https://c.example/documents/99")
    message = render(replace(ADDED, kind="repealed", by=by, day=date(2027, 1, 1), partly=True), "zh")
    assert "废止依据：《新办法》（某部令第120号）" in message.text
    assert "废止日期：2027-01-01" in message.text
    assert "仅废止其中部分条款" in message.text
    assert message.data["events"][0]["by"] == {"id": 99, "name": by.name, "archive": by.link}


@pytest.mark.parametrize(
    ("day", "said"),
    [(date(2026, 11, 28), "还有 4 天（2026-11-28）"), (date(2026, 11, 20), "应于 2026-11-20 提醒，晚了 4 天")],
)
def test_a_day_that_is_near_or_was_missed_is_counted(day, said):
    assert said in render(replace(ADDED, kind="deadline_near", day=day), "zh").text


def test_of_news_only_title_excerpt_and_link_are_told():
    text = "新闻的全文是它的发布者的。" * 20
    report = replace(
        ADDED, type="news", source_name="某新闻网",
        changes=(ClauseChange("changed", "第3段", text, text + "更新。"),),
        matches=(Match("一", (Found("甲", "body", f"…{text}…"), Found("乙", "body", "又一段话"))),),
        links=Links("https://c.example/documents/12", "https://c.example/snapshots/1"),
    )  # fmt: skip
    message = render(report, "zh")
    for said in (message.text, message.html, message.markdown, json.dumps(message.data, ensure_ascii=False)):
        flat = said.replace("\n", "").replace(" ", "")
        assert flat.count("新闻的全文是它的发布者的") <= 13  # one excerpt of 160 characters
        assert "又一段话" not in said
        assert "更新。" not in said
        assert "snapshots" not in said
    assert message.data["events"][0]["changes"] == []


# -- grouping ----------------------------------------------------------------------------------------------------------


def _report(number: int, about: Other | None) -> Notice:
    return Notice(
        "added", AT, "某新闻网", (Match("工业互联网", (Found("甲", "body", f"第{number}段"),)),), title=f"报道{number}",
        type="news", document_id=100 + number, published=date(2026, 11, 24), about=about,
        url=f"https://news.example/{number}.html",
    )  # fmt: skip


POLICY = Other(12, "《某通知》（某函〔2026〕1号）", "https://c.example/documents/12")


@pytest.mark.parametrize("first", ["policy", "news"])
def test_news_about_a_policy_stands_under_it(first):
    news = [_report(number, POLICY) for number in (1, 2, 3)]
    notices = [ADDED, *news] if first == "policy" else [*news, ADDED]
    message = render_all(notices, "zh")
    assert message.subject.startswith("[4 条：")
    assert message.text.count("发文机关：") == 1
    assert message.text.index("发文机关：") < message.text.index("3 条相关新闻：") < message.text.index("报道2")
    assert message.html.count("<h1") == 1
    assert "**3 条相关新闻**" in message.markdown
    assert "[报道2](https://news.example/2.html)" in message.markdown
    assert message.parts == ()
    assert len(message.data["events"]) == 4


def test_news_about_a_policy_that_is_not_in_the_message_stands_under_its_name():
    text = render_all([_report(1, POLICY), _report(2, POLICY), _report(3, None)], "en").text
    assert "《某通知》（某函〔2026〕1号）\nhttps://c.example/documents/12\n\n2 news about it:" in text
    assert "News: 报道3" in text
    alone = render_all([_report(1, POLICY)], "en").text
    assert "About:     《某通知》（某函〔2026〕1号）" in alone


def test_what_happens_to_one_document_stands_together():
    message = render_all([ADDED, replace(CHANGED, document_id=13), replace(CHANGED, document_id=12)], "zh")
    assert message.html.count("<h1") == 2
    assert message.text.count("发文机关：") == 1
    assert message.text.index("第1版".replace("1", " 1 ")) < message.text.index("第 2 版（policy-crawler show 12）")
    assert len(message.parts) == 2


def test_many_sections_stand_by_issuer_an_office_with_its_ministry():
    def of(issuer: str | None, number: int) -> Notice:
        return replace(ADDED, issuer=issuer, document_id=number, title=f"标题{number}")

    notices = [of("工业和信息化部办公厅", 1), of("财政部", 2), of("工业和信息化部", 3), of(None, 4)]
    message = render_all([*notices, Notice("disk_low", AT, "", (), reason="full")], "zh")
    places = [message.text.index(said) for said in (
        "工业和信息化部（2）\n====", "标题1\n", "标题3\n", "财政部（1）\n", "标题2\n", "其他（1）\n", "系统运行（1）\n",
        "磁盘空间不足：policy-crawler 服务",
    )]  # fmt: skip
    assert places == sorted(places)
    assert message.markdown.count("\n## ") == 4
    assert "（1）\n====" not in render_all(notices[:3], "zh").text


# -- every kind of message ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_kind_is_said_in_every_way(language):
    notices = samples("https://c.example")
    for notice in notices:
        message = render(notice, language)
        assert "kind." not in message.subject
        assert "_" not in message.subject
        for said in (message.text, message.html, message.markdown):
            assert said.strip()
            assert "None" not in said
    assert len({render(notice, language).subject for notice in notices}) == len(notices)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_kind_that_a_watch_can_ask_for_has_its_words(language):
    for kind in EVENTS:
        assert "_" not in render(Notice(kind, AT, "s", (), title="t"), language).subject


@pytest.mark.parametrize(
    "notices", [samples(), samples("https://c.example"), digest()], ids=["bare", "linked", "digest"]
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_plain_text_fits_a_terminal(notices, language):
    for line in render_all(notices, language).text.splitlines():
        assert columns(line) <= 80 or line.split()[-1].rpartition("：")[2].startswith("https://")


def test_json_is_as_its_schema_says():
    schema = Path(__file__).parents[2] / "docs" / "alert.schema.json"
    assert json.loads(schema.read_text(encoding="utf-8")) == json_schema(), "renew it: see docs/messages.md"
    adapter = TypeAdapter(Alert)
    for notices in ([notice] for notice in samples("https://c.example")):
        data = render_all(notices, "zh").data
        again = json.loads(json.dumps(data, ensure_ascii=False))
        assert again == data
        assert adapter.validate_json(json.dumps(data)).model_dump(mode="json", by_alias=True) == data
        assert set(data) == {"schema", "events"}
        assert data["schema"] == "policy-crawler.alert.v1"
        assert set(data["events"][0]) == set(json_schema()["$defs"]["Event"]["properties"])


def test_the_documented_example_is_what_is_sent():
    page = (Path(__file__).parents[2] / "docs" / "messages.md").read_text(encoding="utf-8")
    example = page.split("```json\n")[1].split("```")[0]
    changed = next(notice for notice in samples("https://console.example.org") if notice.kind == "changed")
    assert json.loads(example) == render(replace(changed, changes=changed.changes[:1]), "zh").data
