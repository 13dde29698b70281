"""Which document a page shows: moved pages, two ways to one page, one text twice, and what only looks alike."""

from datetime import date

import pytest
from sqlalchemy import Engine
from support.archives import ARTICLES, MIIT, NEWS, PROVINCE, Crawl, Moving, changed, first_run, reading

from storage import possible
from storage.archive import Archive
from storage.engine import reading as reading_session
from storage.queries import Queries
from storage.records import Capture, Outcome, ReadingRecord
from storage.snapshots import SnapshotStore

OLD = "https://www.miit.gov.cn/art/1.html"
NEW = "https://www.miit.gov.cn/art/2026/art_1.html"
COPY = "https://gxt.jiangsu.gov.cn/art/9.html"


@pytest.fixture
def crawl(archive: Archive, clock: Moving) -> Crawl:
    for source in (MIIT, PROVINCE, NEWS):
        first_run(archive, clock, source)
    return Crawl(archive, clock)


def kinds(engine: Engine) -> list[str]:
    return [event.kind for event in Queries(engine).events(state=None)]


# -- one work ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "again",
    [
        {"doc_number": None},
        {"doc_number": None, "blocks": (("paragraph", "首页 > 通知"), *ARTICLES, ("paragraph", "扫一扫"))},
        {"title": "《工业互联网平台补贴办法》"},
        {"title": "通知公告", "blocks": (*ARTICLES, ("paragraph", "扫一扫"))},
    ],
    ids=["no number", "no number, lines of the site", "carried title", "a column for a title"],
)
def test_a_copy_is_known_by_its_number_or_its_text(crawl: Crawl, engine: Engine, again: dict[str, object]) -> None:
    crawl.page(OLD, reading())
    assert crawl.page(COPY, reading(**again)).outcome is Outcome.COPY
    assert kinds(engine) == ["added"]


def test_two_entries_that_lead_to_one_page_are_one_document(crawl: Crawl, engine: Engine) -> None:
    report = reading(type="news", doc_number=None, title="要闻", blocks=(("paragraph", "短讯"),))
    assert crawl.page(OLD, report, final_url=NEW).outcome is Outcome.ADDED
    assert crawl.page(f"{OLD}?p=2", report, final_url=NEW).outcome is Outcome.COPY
    assert crawl.page(NEW, report).outcome is Outcome.COPY
    other = reading(type="news", doc_number=None, title="另一条", blocks=(("paragraph", "短讯"),))
    assert (
        crawl.page(f"{OLD}?p=3", other, final_url=NEW).outcome is Outcome.ADDED
    )  # a server that routes all by one URL
    assert kinds(engine) == ["added", "added"]


@pytest.mark.parametrize(
    "again",
    [
        {"doc_number": None, "issuer": None, "issuers": ()},
        {"doc_number": None, "issuer": "中国政府网", "issuers": ("中国政府网",), "reprinted_from": "中国政府网"},
        {"doc_number": None, "type": "news", "issuer": "新华网", "issuers": ("新华网",)},
        {"type": "news", "issuer": "新华网", "issuers": ("新华网",), "title": "受权发布：工业互联网平台补贴办法"},
        {"issuer": "财政部、工业和信息化部", "issuers": ("财政部", "工业和信息化部"), "doc_number": None},
    ],
    ids=["no issuer", "the site it was taken from", "a medium", "a medium, with the number", "another lead"],
)
def test_who_signed_a_text_issued_it_whoever_prints_it(crawl: Crawl, engine: Engine, again: dict[str, object]) -> None:
    crawl.page(OLD, reading())
    assert crawl.page(COPY, reading(**again)).outcome is Outcome.COPY
    assert kinds(engine) == ["added"]


# -- what only looks alike ---------------------------------------------------------------------------------------------

UNSIGNED = (*((role, text.replace("工业和信息化", "")) for role, text in ARTICLES[:-1]), ("paragraph", "扫一扫"))
OTHER_TEXT = (
    ("paragraph", "问：为什么要制定这个办法？答：近年来产业规模不断扩大，企业反映投入压力较大，需要支持。" * 3),
)


@pytest.mark.parametrize(
    "other",
    [
        {"type": "interpretation", "title": "《工业互联网平台补贴办法》解读", "blocks": OTHER_TEXT},
        {"type": "consultation", "title": "工业互联网平台补贴办法（征求意见稿）", "blocks": OTHER_TEXT},
        {"title": "关于延长申报期限的公告", "blocks": OTHER_TEXT},  # its own number was taken from a citation
        {"doc_number": None, "written": date(2025, 3, 1)},
        {"doc_number": None, "blocks": changed(3, ARTICLES[3][1].replace("30%", "20%"))},
        {
            "doc_number": None,
            "issuer": None,
            "issuers": (),
            "title": "印发《工业互联网平台补贴办法》",
            "blocks": UNSIGNED,
        },
        {"doc_number": None, "issuer": "江苏省财政厅", "issuers": ()},
        {"doc_number": None, "type": "news", "title": "解读工业互联网平台补贴办法"},
        {"doc_number": None, "type": "news", "blocks": ARTICLES[:4]},
    ],
    ids=["interpretation", "draft", "cited number", "year", "a digit", "no issuer", "issuer", "news", "quoted"],
)
def test_what_contradicts_makes_another_document(crawl: Crawl, other: dict[str, object]) -> None:
    crawl.page(OLD, reading())
    assert crawl.page(COPY, reading(**other)).outcome is Outcome.ADDED


# -- what a person should look at --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"title": "通知公告"}, "one text under two titles"),
        ({"title": "工业互联网平台补贴办法"}, "copy"),
        ({"issuer": "江苏省财政厅", "issuers": ()}, "one text, but not of one issuer"),
        ({"published": date(2026, 4, 2), "written": date(2026, 4, 2)}, "one text on two days"),
        ({"blocks": ARTICLES[:4]}, "one text holds a part of the other"),
        ({"blocks": changed(3, ARTICLES[3][1].replace("30%", "20%"))}, None),
    ],
    ids=["column", "short title", "issuer", "day", "cut", "a digit"],
)
def test_what_nothing_decides_is_kept_for_a_person(
    crawl: Crawl, engine: Engine, other: dict[str, object], reason: str | None
) -> None:
    crawl.page(OLD, reading(doc_number=None))
    recorded = crawl.page(COPY, reading(**{"doc_number": None, **other}))
    assert recorded.outcome is (Outcome.COPY if reason == "copy" else Outcome.ADDED)
    with reading_session(engine) as session:
        found = [(row.document_id, row.other_id, row.reason) for row in possible.listed(session, 10)]
    assert found in ([], [(recorded.document_id, 1, reason)])
    assert bool(found) is (reason not in {None, "copy"})


def test_a_policy_first_seen_in_the_news_is_told_as_one(crawl: Crawl, engine: Engine) -> None:
    crawl.page(COPY, reading(type="news", doc_number=None, issuer="新华网", issuers=("新华网",)))
    assert crawl.page(OLD, reading()).outcome is Outcome.ADDED
    assert kinds(engine) == ["added", "added"]
    with reading_session(engine) as session:
        assert [row.reason for row in possible.listed(session, 10)] == ["one text, first seen as news"]


# -- moved pages -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["工信部信发〔2026〕12号", None])
def test_a_rebuilt_site_withdraws_and_adds_nothing(
    archive: Archive, clock: Moving, crawl: Crawl, engine: Engine, number: str | None
) -> None:
    """All addresses changed: the old ones answer 404, the list shows the new ones."""
    added = crawl.page(OLD, reading(doc_number=number))
    assert crawl.page(NEW, reading(doc_number=number)).outcome is Outcome.COPY
    for _ in range(3):
        assert crawl.gone(OLD).outcome is Outcome.MISSING
        clock.forward(hours=7)
    assert kinds(engine) == ["added"]
    document = Queries(engine).document(added.document_id or 0)
    assert document is not None
    assert (document.url, document.state) == (NEW, "current")
    amended = reading(doc_number=number, blocks=changed(3, ARTICLES[3][1].replace("30%", "20%")))
    assert crawl.page(NEW, amended).outcome is Outcome.CHANGED


def test_a_document_that_comes_back_elsewhere_on_its_site_is_restored(
    crawl: Crawl, engine: Engine, clock: Moving
) -> None:
    crawl.page(OLD, reading())
    crawl.gone(OLD)
    clock.forward(hours=7)
    assert crawl.gone(OLD).outcome is Outcome.WITHDRAWN
    assert crawl.page(NEW, reading()).outcome is Outcome.COPY
    assert kinds(engine) == ["added", "withdrawn", "restored"]


def test_a_copy_elsewhere_does_not_hide_that_the_issuer_withdrew_it(
    archive: Archive, crawl: Crawl, engine: Engine, clock: Moving
) -> None:
    crawl.page(OLD, reading())
    Crawl(archive, clock, PROVINCE).page(COPY, reading())
    crawl.gone(OLD)
    clock.forward(hours=7)
    assert crawl.gone(OLD).outcome is Outcome.WITHDRAWN
    assert kinds(engine) == ["added", "withdrawn"]


def test_a_url_that_leads_to_another_page_is_no_change(crawl: Crawl, engine: Engine, clock: Moving) -> None:
    crawl.page(OLD, reading())
    portal = reading(title="政务公开", doc_number=None, blocks=(("paragraph", "栏目列表" * 60),))
    assert crawl.page(OLD, portal, final_url="https://www.miit.gov.cn/zwgk/").outcome is Outcome.MISSING
    clock.forward(hours=1)
    assert crawl.page(OLD, reading(), final_url=NEW).outcome is Outcome.SAME  # the same document at its new address
    suffixed = reading(title=f"{reading().title}-工业和信息化部", doc_number=None)
    assert crawl.page(OLD, suffixed, final_url=f"{NEW}?x=1").outcome is Outcome.CHANGED  # it is still itself
    assert kinds(engine) == ["added", "changed"]


def test_a_page_with_a_query_that_is_sent_home_is_missing(crawl: Crawl) -> None:
    article = "https://www.miit.gov.cn/article?id=3"
    crawl.page(article, reading())
    home = reading(title="工业和信息化部", doc_number=None, blocks=(("paragraph", "首页" * 90),))
    assert crawl.page(article, home, final_url="https://www.miit.gov.cn/").outcome is Outcome.MISSING


# -- our own progress --------------------------------------------------------------------------------------------------


def test_an_upgrade_and_a_stale_server_together_are_no_change(
    engine: Engine, snapshots: SnapshotStore, clock: Moving
) -> None:
    """Two servers out of step, and a newer extractor in between: the older version's bytes are read again too."""
    amended = changed(3, ARTICLES[3][1].replace("30%", "20%"))

    def better(blocks: tuple[tuple[str, str], ...]) -> ReadingRecord:
        return reading(extractor_version="2", blocks=(*blocks, ("paragraph", "now read too")))

    def reread(before: Capture) -> ReadingRecord:
        return better(ARTICLES if b"one" in before.payload else amended)

    archive = Archive(engine, snapshots, clock, reader=reread)
    first_run(archive, clock)
    crawl = Crawl(archive, clock)
    outcomes = [
        crawl.page(OLD, reading(), "one").outcome,
        crawl.page(OLD, reading(blocks=amended), "two").outcome,
        crawl.page(OLD, better(ARTICLES), "one, counter 17").outcome,
        crawl.page(OLD, better(amended), "two, counter 18").outcome,
    ]
    assert outcomes == [Outcome.ADDED, Outcome.CHANGED, Outcome.SAME, Outcome.SAME]
    assert kinds(engine) == ["added", "changed"]
    assert Queries(engine).documents()[0].versions == 2


# -- a new template ----------------------------------------------------------------------------------------------------


def test_the_same_text_in_another_template_is_kept_and_not_told(crawl: Crawl, engine: Engine) -> None:
    crawl.page(OLD, reading())
    framed = reading(
        family="generic", title=f"{reading().title}_工信部", doc_number=None,
        blocks=(("paragraph", "首页 > 通知"), *ARTICLES, ("paragraph", "扫一扫")),
    )  # fmt: skip
    outcomes = [crawl.page(OLD, record).outcome for record in (framed, reading(), framed)]
    assert outcomes == [Outcome.SAME] * 3
    assert kinds(engine) == ["added"]


def test_another_text_by_another_familys_rules_must_come_twice(crawl: Crawl, engine: Engine, clock: Moving) -> None:
    crawl.page(OLD, reading())
    navigation = reading(family="generic", blocks=(*changed(3, "第三条　首页新闻政务服务互动"), *OTHER_TEXT))
    assert crawl.page(OLD, navigation).outcome is Outcome.SUSPECT
    clock.forward(hours=1)
    assert crawl.page(OLD, reading()).outcome is Outcome.SAME  # the container was missing for a moment
    amended = reading(family="generic", blocks=changed(3, ARTICLES[3][1].replace("30%", "20%")))
    assert crawl.page(OLD, amended).outcome is Outcome.SUSPECT
    clock.forward(hours=1)
    assert crawl.page(OLD, amended).outcome is Outcome.CHANGED  # a real amendment on a rebuilt site
    assert kinds(engine) == ["added", "changed"]


# -- copies of accounts, the press and databases -----------------------------------------------------------------------

ACCOUNT = "https://mp.example/s/1"
RULE = tuple(
    (
        "article",
        f"第{numeral}条　平台企业应当按照第{numeral}类要求建立管理制度，明确责任人员，定期检查并如实记录情况。",
    )
    for numeral in "一二三四五六七八九十"
)
MISTYPED = changed(3, ARTICLES[3][1].replace("30%", "80%"))
ANOTHER = (*RULE[:-1], ("article", RULE[-1][1].replace("定期", "每季度")))


@pytest.mark.parametrize(
    "again",
    [
        {"issuer": "政务微讯", "issuers": ("政务微讯",)},
        {"title": "【转发】工业和信息化部关于印发《工业互联网平台补贴办法》的通知"},
        {"title": "工信部印发《工业互联网平台补贴办法》（全文）", "issuer": None, "issuers": ()},
    ],
    ids=["an account", "a mark of the site", "a headline"],
)
def test_a_whole_text_taken_for_news_is_a_copy(crawl: Crawl, again: dict[str, object]) -> None:
    signed = {"blocks": (*ARTICLES, ("date", "2026年2月23日")), "written": date(2026, 2, 23)}
    notice = {"title": "工业和信息化部关于印发《工业互联网平台补贴办法》的通知", **signed}
    crawl.page(OLD, reading(**notice))
    news = {**notice, **again, "type": "news", "doc_number": None}
    assert crawl.page(ACCOUNT, reading(**news)).outcome is Outcome.COPY


@pytest.mark.parametrize(
    ("again", "outcome"),
    [
        ({"issuer": None, "issuers": ()}, Outcome.COPY),
        ({"issuer": None, "issuers": (), "blocks": ANOTHER}, Outcome.ADDED),
        ({"issuer": "江苏省工业和信息化厅", "issuers": ("江苏省工业和信息化厅",)}, Outcome.ADDED),
        ({"issuer": None, "issuers": (), "title": "平台企业管理通知"}, Outcome.ADDED),
    ],
    ids=["a copy", "another word", "another issuer", "another title"],
)
def test_a_rule_in_articles_needs_no_signature(crawl: Crawl, again: dict[str, object], outcome: Outcome) -> None:
    rule = {"title": "工业互联网平台企业管理规定", "blocks": RULE, "doc_number": None}
    crawl.page(OLD, reading(**rule))
    assert crawl.page(ACCOUNT, reading(**{**rule, **again})).outcome is outcome


@pytest.mark.parametrize(
    ("again", "outcome"),
    [
        ({"blocks": MISTYPED}, Outcome.COPY),
        ({"blocks": MISTYPED, "written": date(2026, 3, 2)}, Outcome.ADDED),
        ({"blocks": MISTYPED, "title": "新政来了，平台最高补贴500万元"}, Outcome.ADDED),
        ({"blocks": ARTICLES[:3]}, Outcome.ADDED),
    ],
    ids=["mistyped", "of another day", "a report", "a part"],
)
def test_news_that_bears_the_number(crawl: Crawl, again: dict[str, object], outcome: Outcome) -> None:
    notice = reading(written=date(2026, 2, 23))
    crawl.page(OLD, notice)
    news = {"type": "news", "issuer": None, "issuers": (), "written": date(2026, 2, 23), **again}
    assert crawl.page(ACCOUNT, reading(**news)).outcome is outcome
