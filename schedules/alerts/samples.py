"""One notice of each kind, made up, to try channels with and to show what messages look like."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Final

from schedules.alerts.model import Found, Links, Match, Notice, Other
from storage.records import ClauseChange

_AT = datetime(2026, 11, 24, 1, 5, tzinfo=UTC)
_SITE = "https://www.example.gov.cn"
_OPERATORS = (
    Match(
        "运行",
    ),
)

_ADDED = Notice(
    kind="added",
    happened_at=_AT,
    source_name="某部 文件发布·通知",
    title="某部办公厅关于开展2026年工业互联网创新发展工程申报工作的通知",
    issuer="某部办公厅",
    doc_number="某厅函〔2026〕318号",
    type="policy",
    written=date(2026, 11, 20),
    published=date(2026, 11, 23),
    effective=date(2026, 12, 1),
    url=f"{_SITE}/zwgk/tz/art/2026/art_318.html",
    document_id=12,
    version_number=1,
    validity="pending",
    validity_since=date(2026, 12, 1),
    matches=(
        Match("工业互联网", (Found("工业互联网", "title"), Found("标识解析", "body", "…推进标识解析体系建设与应用…"))),
        Match("某部的文件"),
    ),
)
_CHANGED = replace(
    _ADDED,
    kind="changed",
    version_number=2,
    changes=(
        ClauseChange(
            "changed", "第八条第二款",
            "申报截止时间为2026年11月30日，由主管部门于每月10日前汇总报送，逾期可以补报。",
            "申报截止时间为2026年12月20日，由主管部门于每月5日前汇总报送，逾期不予受理。",
        ),
        ClauseChange("added", "第九条", None, "第九条 申报单位应当对材料的真实性负责。"),
        ClauseChange("removed", "第十条", "第十条 本办法自印发之日起施行。", None),
        ClauseChange("changed", "表1第2行（首台套）", "首台套\t500", "首台套\t800", columns=("金额（万元）",)),
    ),
)  # fmt: skip
_REPORT = Notice(
    kind="added",
    happened_at=_AT,
    source_name="某新闻网",
    title="工业互联网创新发展工程开始申报",
    type="news",
    published=date(2026, 11, 24),
    url="https://news.example.com/2026/11/24/1.html",
    document_id=101,
    version_number=1,
    about=Other(12, f"《{_ADDED.title}》（{_ADDED.doc_number}）"),
    matches=(Match("工业互联网", (Found("工业互联网", "body", "…某部日前启动工业互联网创新发展工程申报…"),)),),
)
_DRAFT = replace(
    _ADDED,
    kind="deadline_near",
    title="数据安全管理办法（征求意见稿）",
    type="consultation",
    doc_number=None,
    effective=None,
    document_id=30,
    deadline=date(2026, 11, 27),
    day=date(2026, 11, 27),
    validity="draft",
    validity_since=None,
)
_OLD = replace(_ADDED, title="招标投标管理办法", doc_number="某部令第87号", document_id=31, effective=date(2017, 10, 1))

_KINDS: Final = (
    _ADDED,
    _CHANGED,
    replace(_ADDED, kind="withdrawn"),
    replace(_ADDED, kind="restored"),
    replace(
        _OLD, kind="repealed", day=date(2027, 1, 1), validity="repealed", validity_since=date(2027, 1, 1),
        by=Other(32, "《招标投标办法》（某部令第120号）"),
    ),
    replace(_ADDED, kind="in_force", day=date(2026, 12, 1), happened_at=datetime(2026, 11, 30, 16, 1, tzinfo=UTC)),
    replace(_OLD, kind="expires_soon", expires=date(2026, 12, 24), day=date(2026, 12, 24)),
    replace(_OLD, kind="expired", expires=date(2026, 11, 23), day=date(2026, 11, 24), validity="expired"),
    _DRAFT,
    replace(_DRAFT, kind="added", day=None),
    replace(
        _ADDED, type="interpretation", title="《数据安全管理办法》解读", document_id=33, doc_number=None,
        effective=None, about=Other(34, "《数据安全管理办法》（某部令第12号）"), validity=None, validity_since=None,
    ),
    _REPORT,
    Notice("source_failing", _AT, "某部 文件发布·通知", _OPERATORS, reason="page 1 has 0 entries, expected 15"),
    Notice("source_recovered", _AT, "某部 文件发布·通知", _OPERATORS, reason="15 entries on page 1"),
    Notice("scheduler_late", _AT, "", _OPERATORS, reason="12 sources are late, the longest by 47 minutes"),
    Notice("disk_low", _AT, "", _OPERATORS, reason="1.2 GiB of 80 GiB are free where the archive is"),
    Notice("delivery_disabled", _AT, "", _OPERATORS, reason="webhook hooks.example.org: 54 hours without success"),
    Notice("delivery_failing", _AT, "", _OPERATORS, reason="email analyst@example.org: 5 attempts failed since 08:10"),
)  # fmt: skip


def samples(console: str = "") -> list[Notice]:
    """A notice of each kind, with an id of its own. `console`: the console's address, for links."""
    base = console.rstrip("/")
    made = [replace(notice, event_id=number) for number, notice in enumerate(_KINDS, 1)]
    if not base:
        return made
    return [
        replace(notice, links=Links(f"{base}/documents/{notice.document_id}", f"{base}/snapshots/{number}"))
        if notice.document_id is not None
        else notice
        for number, notice in enumerate(made, 1)
    ]


def digest(console: str = "") -> list[Notice]:
    """Notices for one message: a policy with three news about it, and others, of several issuers."""
    several = samples(console)
    report = next(notice for notice in several if notice.type == "news")
    more = [
        replace(report, title=f"{report.title}（{number}）", document_id=101 + number, event_id=100 + number,
                url=f"https://news.example.com/2026/11/24/{1 + number}.html")
        for number in (1, 2)
    ]  # fmt: skip
    return [
        replace(notice, issuer="某委") if notice.document_id in {31, 33} else notice
        for notice in [*several[:2], report, *more, *several[4:5], *several[8:9], *several[10:11], *several[12:14]]
    ]
