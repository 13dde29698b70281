"""Whether a document is in force: the rules, what the archive makes of later documents, and what time does."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, select
from support.archives import Crawl, Moving, capture, changed, first_run, reading

from policy_crawler.reading.validity import stated_validity
from storage import annexes
from storage.archive import Archive
from storage.models import Event, Setting, Validity
from storage.pictures import Pictures
from storage.queries import Queries
from storage.records import FileRecord, ReadingRecord
from storage.reprocessing import Reprocessor, Wanted
from storage.search import search
from storage.validity import Act, Facts, State, act_day, acts_partly, performs, stated_state, validity_on

DAY = date(2026, 3, 2)
OLD_URL = "https://www.miit.gov.cn/art/old.html"
NEW_URL = "https://www.miit.gov.cn/art/new.html"
OLD = reading(
    title="工业和信息化部关于印发《平台补贴暂行办法》的通知", doc_number="工信部信发〔2020〕3号",
    written=date(2020, 5, 1), published=date(2020, 5, 6), effective=date(2020, 6, 1),
)  # fmt: skip
SENTENCE = "本办法自2026年4月1日起施行，《平台补贴暂行办法》（工信部信发〔2020〕3号）同时废止。"


def repealing(**more: object) -> ReadingRecord:
    mention = ("repeals", "平台补贴暂行办法", "工信部信发〔2020〕3号", None, SENTENCE)
    return reading(**{"effective": date(2026, 4, 1), "mentions": (mention,), **more})


# -- the rules ---------------------------------------------------------------------------------------------------------

REPEAL = Act("repeals", 7, "《乙办法》（乙〔2026〕1号）", date(2026, 3, 1))


@pytest.mark.parametrize(
    ("facts", "state", "rule"),
    [
        (Facts("policy", "办法"), "unknown", "no_evidence"),
        (Facts("policy", "办法", printed="未知"), "unknown", "no_evidence"),
        (Facts("policy", "办法", printed="现行有效"), "in_force", "stated"),
        (Facts("policy", "办法", printed="全文废止"), "repealed", "stated"),
        (Facts("policy", "办法", printed="部分失效"), "partly_repealed", "stated"),
        (Facts("policy", "办法", effective=DAY), "in_force", "effective"),
        (Facts("policy", "办法", effective=DAY + timedelta(days=1)), "pending", "not_yet_effective"),
        (Facts("policy", "办法", effective=date(2020, 1, 1), expires=DAY), "in_force", "effective"),
        (Facts("policy", "办法", effective=date(2020, 1, 1), expires=DAY - timedelta(days=1)), "expired", "term_ended"),
        (Facts("policy", "办法", printed="有效", expires=date(2025, 1, 1)), "expired", "term_ended"),
        (Facts("policy", "办法", printed="失效", effective=DAY), "repealed", "stated"),
        (Facts("policy", "办法", printed="尚未生效", effective=DAY), "in_force", "effective"),
        (Facts("policy", "办法", printed="尚未生效"), "pending", "stated"),
        (Facts("policy", "办法", printed="已修改", effective=date(2020, 1, 1)), "amended", "stated"),
        (Facts("consultation", "办法", effective=DAY), "draft", "draft"),
        (Facts("policy", "办法（征求意见稿）"), "draft", "draft"),
        (Facts("news", "《办法》施行", effective=DAY, printed="有效"), "unknown", "no_evidence"),
        (Facts("interpretation", "《办法》解读", effective=DAY), "unknown", "no_evidence"),
        (Facts("policy", "办法", acts=(REPEAL,)), "repealed", "repealed_by"),
        (Facts("policy", "办法", printed="有效", acts=(REPEAL,)), "repealed", "repealed_by"),
        (Facts("policy", "办法", acts=(Act("supersedes", 7, "《乙》", DAY),)), "repealed", "superseded_by"),
        (Facts("policy", "办法", acts=(Act("repeals", 7, "《乙》", DAY, partly=True),)), "partly_repealed",
         "partly_repealed_by"),
        (Facts("policy", "办法", acts=(Act("amends", 7, "《乙》", DAY),)), "amended", "amended_by"),
        (Facts("policy", "办法", printed="全文有效", acts=(Act("amends", 7, "《乙》", DAY),)), "amended", "amended_by"),
        (Facts("policy", "办法", effective=date(2020, 1, 1), acts=(Act("repeals", 7, "《乙》", date(2026, 4, 1)),)),
         "in_force", "effective"),
    ],
)  # fmt: skip
def test_what_holds_on_a_day(facts: Facts, state: str, rule: str) -> None:
    chosen = validity_on(facts, DAY).chosen
    assert (chosen.state, chosen.rule) == (state, rule)
    assert chosen.reason


def test_what_the_page_says_and_what_is_derived_are_kept_apart() -> None:
    judged = validity_on(Facts("policy", "办法", printed="有效", acts=(REPEAL,)), DAY)
    assert judged.stated is not None
    assert judged.derived is not None
    assert (judged.stated.state, judged.derived.state, judged.disagree) == (State.IN_FORCE, State.REPEALED, True)
    assert judged.chosen.reason == "repealed by 《乙办法》（乙〔2026〕1号） on 2026-03-01"
    assert not validity_on(Facts("policy", "办法", printed="有效", effective=DAY), DAY).disagree


def test_the_words_of_pages_mean_the_same_here_and_in_reading() -> None:
    for printed in (
        "现行有效", "全文有效", "有效", "是", "否", "失效", "全文废止", "已废止", "全文失效", "已修改", "已被修订",
        "部分失效", "部分条款废止", "尚未生效", "未生效", "已过期", "有效期届满", "草案", "继续执行", "", None, "其他",
    ):  # fmt: skip
        theirs, ours = stated_validity(printed), stated_state(printed)
        assert (ours.value if ours else None) == (theirs.value.replace("effective", "in_force") if theirs else None)


@pytest.mark.parametrize(
    ("sentence", "partly"),
    [
        ("《平台补贴暂行办法》第五条同时废止。", True),
        ("《平台补贴暂行办法》（工信部信发〔2020〕3号）第五条、第六条第二款停止执行。", True),
        ("《平台补贴暂行办法》中的有关条款废止。", True),
        ("《平台补贴暂行办法》（工信部信发〔2020〕3号）同时废止。", False),
        ("按本办法第五条，《平台补贴暂行办法》废止。", False),
    ],
)
def test_clauses_alone_may_be_repealed(sentence: str, partly: bool) -> None:
    assert acts_partly(sentence, "平台补贴暂行办法", None) is partly


@pytest.mark.parametrize(
    ("relation", "sentence", "actor", "does"),
    [
        ("repeals", "本办法自2026年4月1日起施行，《甲办法》同时废止。", "乙办法", True),
        ("repeals", "《甲办法》、《应当废止办法》停止执行。", "乙办法", True),
        ("repeals", "各地应当遵守本办法，原《甲办法》同时废止。", "乙办法", True),
        ("repeals", "有关部门要抓紧研究废止《甲办法》。", "工作要点", False),
        ("repeals", "建议国务院宣布《甲办法》失效。", "工作要点", False),
        ("repeals", "适时将《甲办法》予以废止。", "工作要点", False),
        ("amends", "决定对《甲办法》作如下修改：", "关于甲办法的决定", True),
        ("amends", "将《甲办法》第五条中的“三年”修改为“五年”。", "通知", True),
        ("amends", "做好《甲办法》修订和立法工作。", "2026年工作要点", False),
        ("amends", "目前，有关部门正在对《甲办法》进行修订。", "复函", False),
        ("amends", "提出对《甲办法》的修订建议。", "通知", False),
        ("amends", "《甲办法》必须严格执行，任何部门不得随意修改。", "批复", False),
        ("amends", "《甲办法》", "国务院关于修改部分行政法规的决定", True),
        ("amends", "做好《甲办法》修订工作。", "关于《修改意见》的通知", False),
    ],
)
def test_to_speak_of_a_change_is_not_to_make_it(relation: str, sentence: str, actor: str, does: bool) -> None:
    assert performs(relation, sentence, "甲办法", actor) is does


def test_a_repeal_may_name_its_own_day() -> None:
    assert act_day("《甲》自2026 年5月1日起停止执行。") == date(2026, 5, 1)
    assert act_day("自2026年13月1日起废止") is None
    assert act_day("本办法自2026年5月1日起施行，《甲》同时废止。") is None


# -- in the archive ----------------------------------------------------------------------------------------------------


@pytest.fixture
def crawl(archive: Archive, clock: Moving) -> Crawl:
    first_run(archive, clock)
    return Crawl(archive, clock)


def row(engine: Engine, document_id: int | None) -> Validity:
    from storage.engine import reading as session_of

    with session_of(engine) as session:
        return session.scalars(select(Validity).where(Validity.document_id == document_id)).one()


def told(engine: Engine, *kinds: str) -> list[tuple[str, int | None, date | None, str]]:
    from storage.engine import reading as session_of

    with session_of(engine) as session:
        rows = session.scalars(select(Event).where(Event.kind.in_(kinds)).order_by(Event.id))
        return [(event.kind, event.document_id, event.day, event.state) for event in rows]


@pytest.mark.parametrize("old_first", [True, False])
def test_a_later_document_repeals_whichever_arrives_first(
    crawl: Crawl, engine: Engine, clock: Moving, old_first: bool
) -> None:
    pages = [(OLD_URL, OLD), (NEW_URL, repealing())]
    ids = {url: crawl.page(url, record).document_id for url, record in (pages if old_first else pages[::-1])}
    old = ids[OLD_URL] or 0
    assert row(engine, old).state == "in_force"
    assert "until 《工业和信息化部关于印发《工业互联网平台补贴办法》的通知》" in row(engine, old).reason
    assert row(engine, ids[NEW_URL]).state == "pending"
    clock.forward(days=30)
    crawl.archive.pass_time()
    kept = row(engine, old)
    assert (kept.state, kept.rule, kept.since) == ("repealed", "repealed_by", date(2026, 4, 1))
    assert (kept.by_document_id, kept.stated, kept.derived) == (ids[NEW_URL], None, "repealed")
    assert row(engine, ids[NEW_URL]).state == "in_force"
    judged = Queries(engine).validity(old, date(2026, 3, 31))
    assert judged is not None
    assert judged.chosen.state == "in_force"


def test_the_repeal_is_told_once_with_its_run(crawl: Crawl, engine: Engine, clock: Moving) -> None:
    old = crawl.page(OLD_URL, OLD).document_id
    new = crawl.page(NEW_URL, repealing()).document_id
    assert told(engine, "repealed") == [("repealed", old, date(2026, 4, 1), "staged")]
    crawl.page(NEW_URL, repealing(blocks=changed(1, "第一条　另一句话。")))
    crawl.close()
    assert told(engine, "repealed") == [("repealed", old, date(2026, 4, 1), "published")]
    event = Queries(engine).events(kinds=["repealed"])[0]
    assert (event.day, event.url) == (date(2026, 4, 1), OLD_URL)
    assert event.by is not None
    assert (event.by.document, event.by.relation, event.by.partly) == (new, "repeals", False)
    assert event.by.name.endswith("（工信部信发〔2026〕12号）")


def test_what_arrives_repealed_makes_no_event(crawl: Crawl, engine: Engine) -> None:
    crawl.page(NEW_URL, repealing())
    crawl.page(OLD_URL, OLD)
    assert told(engine, "repealed") == []


@pytest.mark.parametrize("undone", ["withdrawn", "corrected"])
def test_a_repeal_is_undone(archive: Archive, crawl: Crawl, engine: Engine, clock: Moving, undone: str) -> None:
    old = crawl.page(OLD_URL, OLD).document_id
    crawl.page(NEW_URL, repealing(effective=date(2026, 3, 1)))
    assert row(engine, old).state == "repealed"
    if undone == "corrected":
        crawl.page(NEW_URL, repealing(mentions=(), blocks=changed(1, "第一条　更正后的一句话。")))
        assert row(engine, old).state == "in_force"
        return
    crawl.close()
    for _ in range(2):
        clock.forward(hours=7)
        again = Crawl(archive, clock)
        again.gone(NEW_URL)
        again.close()
    assert row(engine, old).state == "in_force"
    again = Crawl(archive, clock)
    again.page(NEW_URL, repealing(effective=date(2026, 3, 1)))
    assert row(engine, old).state == "repealed"


@pytest.mark.parametrize("kind", ["consultation", "news", "interpretation"])
def test_only_papers_repeal(crawl: Crawl, engine: Engine, kind: str) -> None:
    old = crawl.page(OLD_URL, OLD).document_id
    crawl.page(NEW_URL, repealing(type=kind, effective=date(2026, 3, 1)))
    assert row(engine, old).state == "in_force"
    assert told(engine, "repealed") == []


def test_nothing_repeals_what_was_written_after_it(crawl: Crawl, engine: Engine) -> None:
    """A decision of 2026 that repeals 《平台补贴暂行办法》 says nothing of one that is made anew in 2027."""
    crawl.page(NEW_URL, repealing(effective=date(2026, 3, 1)))
    later = reading(
        title=OLD.title, doc_number="工信部信发〔2027〕3号", written=date(2027, 5, 1), published=date(2027, 5, 1),
        effective=date(2026, 1, 1),
    )  # fmt: skip
    document_id = crawl.page(OLD_URL, later).document_id
    assert row(engine, document_id).state == "in_force"


# -- lists in files ----------------------------------------------------------------------------------------------------

LIST = (
    "附件1\n决定废止的规范性文件目录\n序号\t文件名称\t文号\n1\t平台补贴暂行办法\t工信部信发[2020]3 号\n"
    "2\t工业节能管理规定\t工业和信息化部令第33号\n二、决定修改的规范性文件\n3\t《示范城市管理办法》\t工信部办〔2019〕7号\n"
)
DECISION = "工业和信息化部关于废止和修改部分规范性文件的决定"


def test_a_list_names_what_it_repeals_and_what_it_amends() -> None:
    found = annexes.listed(LIST, decision=DECISION, name="附件1.xlsx")
    assert [(one.relation, one.title, one.number) for one in found] == [
        ("repeals", "平台补贴暂行办法", "工信部信发[2020]3号"),
        ("repeals", "工业节能管理规定", "工业和信息化部令第33号"),
        ("amends", "示范城市管理办法", "工信部办〔2019〕7号"),
    ]


@pytest.mark.parametrize(
    ("decision", "name"),
    [
        ("工业和信息化部关于修改《平台补贴办法》的决定", "平台补贴办法.docx"),
        ("工业和信息化部关于公布继续有效的规范性文件目录的公告", "附件.xlsx"),
        (DECISION, "附件3：继续有效的规范性文件目录.xlsx"),
        ("工业和信息化部关于印发《平台补贴办法》的通知", "附件.xlsx"),
    ],
)
def test_other_files_list_nothing_repealed(decision: str, name: str) -> None:
    assert annexes.listed(LIST.split("\n", 3)[3].partition("二、")[0], decision=decision, name=name) == []


# -- time --------------------------------------------------------------------------------------------------------------

KINDS = ("in_force", "expires_soon", "expired", "deadline_near")


def test_time_makes_each_event_once(archive: Archive, crawl: Crawl, engine: Engine, clock: Moving) -> None:
    rule = crawl.page(
        NEW_URL, reading(effective=date(2026, 3, 5), expires=date(2026, 6, 30), mentions=())
    ).document_id  # fmt: skip
    draft = crawl.page(
        OLD_URL,
        reading(title="平台办法（征求意见稿）", doc_number=None, type="consultation", deadline=date(2026, 3, 20)),
    ).document_id
    crawl.close()
    assert archive.pass_time() == 0
    days = []
    for _ in range(130):
        clock.forward(days=1)
        for _ in range(2):
            days += [clock.today()] * archive.pass_time()
    assert [(kind, document, day) for kind, document, day, _ in told(engine, *KINDS)] == [
        ("in_force", rule, date(2026, 3, 5)),
        ("deadline_near", draft, date(2026, 3, 17)),
        ("expires_soon", rule, date(2026, 5, 31)),
        ("expired", rule, date(2026, 7, 1)),
    ]
    assert days == [day for _, _, day, _ in told(engine, *KINDS)]
    assert {state for *_, state in told(engine, *KINDS)} == {"published"}
    assert row(engine, rule).state == "expired"


def test_days_are_chinas(archive: Archive, crawl: Crawl, engine: Engine, clock: Moving) -> None:
    crawl.page(NEW_URL, reading(effective=date(2026, 3, 5)))
    object.__setattr__(clock, "moment", datetime(2026, 3, 4, 15, 59, tzinfo=UTC))
    assert archive.pass_time() == 0
    clock.forward(minutes=1)
    assert archive.pass_time() == 1


def test_days_without_a_service_are_caught_up_with(
    archive: Archive, crawl: Crawl, engine: Engine, clock: Moving
) -> None:
    """What is still true is told; that a term ends soon is not, once it has ended."""
    document = crawl.page(NEW_URL, reading(effective=date(2026, 3, 5), expires=date(2026, 6, 30))).document_id
    clock.forward(days=200)
    assert archive.pass_time() == 1
    assert [event[:3] for event in told(engine, *KINDS)] == [("expired", document, date(2026, 7, 1))]


def test_a_page_that_is_read_again_takes_no_event_away(
    archive: Archive, crawl: Crawl, engine: Engine, clock: Moving
) -> None:
    """A crawl at one minute past midnight judges the document before the service's tick does."""
    crawl.page(NEW_URL, reading(effective=date(2026, 3, 5)))
    clock.forward(days=3)
    crawl.page(NEW_URL, reading(effective=date(2026, 3, 5), blocks=changed(1, "第一条　另一句话。")))
    assert row(engine, 1).state == "in_force"
    assert archive.pass_time() == 1
    assert archive.pass_time() == 0


def test_a_clock_that_jumps_tells_nothing_twice(archive: Archive, crawl: Crawl, engine: Engine, clock: Moving) -> None:
    document = crawl.page(NEW_URL, reading(effective=date(2026, 3, 5), expires=date(2026, 12, 31))).document_id
    clock.forward(days=10)
    assert archive.pass_time() == 1
    clock.forward(days=-9)
    assert archive.pass_time() == 0
    assert row(engine, document).state == "pending"
    clock.forward(days=9)
    assert archive.pass_time() == 0
    assert row(engine, document).state == "in_force"


def test_an_extended_deadline_is_near_once_more(archive: Archive, crawl: Crawl, engine: Engine, clock: Moving) -> None:
    draft = reading(title="平台办法（征求意见稿）", doc_number=None, type="consultation", deadline=date(2026, 3, 20))
    crawl.page(OLD_URL, draft)
    clock.forward(days=16)
    assert archive.pass_time() == 1
    longer = reading(
        title="平台办法（征求意见稿）", doc_number=None, type="consultation", deadline=date(2026, 4, 20),
        blocks=changed(1, "第一条　延长征求意见时间。"),
    )  # fmt: skip
    crawl.page(OLD_URL, longer)
    assert archive.pass_time() == 0
    clock.forward(days=30)
    assert archive.pass_time() == 1
    assert [day for _, _, day, _ in told(engine, "deadline_near")] == [date(2026, 3, 17), date(2026, 4, 17)]


def test_news_of_a_rule_does_not_come_into_force(archive: Archive, crawl: Crawl, engine: Engine, clock: Moving) -> None:
    crawl.page(NEW_URL, reading(title="新办法三月施行", type="news", doc_number=None, effective=date(2026, 3, 5)))
    clock.forward(days=5)
    assert archive.pass_time() == 0
    assert row(engine, 1).state == "unknown"


def test_of_backlog_time_makes_backlog(archive: Archive, engine: Engine, clock: Moving) -> None:
    first = Crawl(archive, clock)
    first.page(NEW_URL, reading(effective=date(2026, 3, 5)))
    first.close()
    clock.forward(days=5)
    assert archive.pass_time() == 1
    assert [event.backlog for event in Queries(engine).events(kinds=["in_force"])] == [True]


def test_a_withdrawn_document_is_not_told_of(archive: Archive, crawl: Crawl, engine: Engine, clock: Moving) -> None:
    crawl.page(NEW_URL, reading(effective=date(2026, 3, 5)))
    crawl.close()
    for _ in range(2):
        clock.forward(hours=7)
        again = Crawl(archive, clock)
        again.gone(NEW_URL)
        again.close()
    clock.forward(days=5)
    assert archive.pass_time() == 0


def test_an_archive_of_an_earlier_release_is_judged_without_a_word(
    archive: Archive, crawl: Crawl, engine: Engine, clock: Moving
) -> None:
    from storage.engine import writing

    ids = [
        crawl.page(
            f"{NEW_URL}{n}", reading(doc_number=f"工信部信发〔2026〕{n}号", effective=date(2026, 1, n))
        ).document_id
        for n in range(1, 4)
    ]
    with writing(engine) as session:
        session.execute(Validity.__table__.delete())  # type: ignore[attr-defined]
        session.execute(Setting.__table__.delete().where(Setting.name == "validity_rules"))  # type: ignore[attr-defined]
    assert archive.pass_time() == 0
    assert [row(engine, one).state for one in ids] == ["in_force"] * 3
    assert search(engine, "validity:in_force").count == 3


# -- search ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def states(crawl: Crawl) -> dict[str, int]:
    made = {
        "in_force": reading(doc_number="甲〔2026〕1号", effective=date(2026, 1, 1)),
        "pending": reading(doc_number="甲〔2026〕2号", effective=date(2026, 5, 1)),
        "repealed": reading(doc_number="甲〔2026〕3号", validity="废止"),
        "unknown": reading(doc_number="甲〔2026〕4号"),
        "draft": reading(doc_number=None, title="平台办法（征求意见稿）", type="consultation"),
    }
    return {
        name: crawl.page(f"https://www.miit.gov.cn/s/{name}.html", record).document_id or 0
        for name, record in made.items()
    }


def test_search_finds_by_validity(states: dict[str, int], engine: Engine, archive: Archive, clock: Moving) -> None:
    for name, document_id in states.items():
        hits = search(engine, f"validity:{name}").hits
        assert [(hit.document_id, hit.validity) for hit in hits] == [(document_id, name)], name
    assert [hit.document_id for hit in search(engine, "时效:现行有效").hits] == [states["in_force"]]
    assert search(engine, "NOT validity:in_force").count == 4
    assert search(engine, "validity:in_force OR validity:pending 补贴").count == 2
    clock.forward(days=61)
    archive.pass_time()
    assert {hit.document_id for hit in search(engine, "validity:in_force").hits} == {
        states["in_force"], states["pending"]
    }  # fmt: skip
    assert search(engine, "validity:pending").hits == ()


def test_a_list_in_a_file_repeals(archive: Archive, crawl: Crawl, engine: Engine, clock: Moving) -> None:
    old = crawl.page(OLD_URL, OLD).document_id
    crawl.page(NEW_URL, reading(title=DECISION, doc_number="工业和信息化部公告2026年第8号", mentions=()))
    assert row(engine, old).state == "in_force"
    keep_file(archive, crawl, clock, LIST)
    assert (row(engine, old).state, row(engine, old).rule) == ("repealed", "repealed_by")
    assert row(engine, old).reason.endswith("on 2026-03-01, listed in its file 附件1.xlsx")
    assert told(engine, "repealed") == [("repealed", old, date(2026, 3, 1), "staged")]
    keep_file(archive, crawl, clock, LIST.replace("1\t平台补贴暂行办法\t工信部信发[2020]3 号\n", ""))
    assert row(engine, old).state == "in_force"


def test_a_list_that_ocr_reads_acts_at_once(archive: Archive, crawl: Crawl, engine: Engine, clock: Moving) -> None:
    old = crawl.page(OLD_URL, OLD).document_id
    crawl.page(NEW_URL, reading(title=DECISION, doc_number="工业和信息化部公告2026年第8号", mentions=()))
    keep_file(archive, crawl, clock, "scan", waiting=1)
    crawl.close()
    before = len(told(engine, "repealed"))
    pictures = Pictures(engine, archive.snapshots, clock=clock)
    (file,) = pictures.waiting(1)
    assert pictures.keep(file, FileRecord("1", "pdf", "text", "", LIST, (), confidence=95))
    assert (row(engine, old).state, row(engine, old).rule) == ("repealed", "repealed_by")
    assert len(told(engine, "repealed")) == before  # a better reader is no news


def test_a_list_that_is_read_anew_acts_at_once(archive: Archive, crawl: Crawl, engine: Engine, clock: Moving) -> None:
    old = crawl.page(OLD_URL, OLD).document_id
    new = reading(title=DECISION, doc_number="工业和信息化部公告2026年第8号", mentions=())
    crawl.page(NEW_URL, new)
    keep_file(archive, crawl, clock, "没有读出的表")
    crawl.close()
    archive.snapshots.close()
    again = Reprocessor(
        archive, lambda _: new, lambda *_: FileRecord("2", "xlsx", "text", "", LIST), Wanted("1", "2")
    )  # fmt: skip
    assert [done.failed for done in again.run()] == [""]
    assert row(engine, old).state == "repealed"
    assert told(engine, "repealed") == []


def test_a_long_list_is_judged_over_some_passes(
    archive: Archive, crawl: Crawl, engine: Engine, clock: Moving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.validity_rows.AT_ONCE", 2)
    monkeypatch.setattr("storage.timekeeping.AT_ONCE", 2)
    for number in range(1, 8):
        old = reading(title=f"平台{number}号办法", doc_number=f"甲〔2020〕{number}号", written=date(2020, 1, 1))
        crawl.page(f"{OLD_URL}?{number}", old)
    crawl.page(NEW_URL, reading(title=DECISION, doc_number="工业和信息化部公告2026年第8号", mentions=()))
    rows = "\n".join(f"{number}\t平台{number}号办法\t甲〔2020〕{number}号" for number in range(1, 8))
    keep_file(archive, crawl, clock, f"决定废止的规范性文件目录\n{rows}")
    assert search(engine, "validity:repealed").count == 2
    archive.pass_time()
    assert search(engine, "validity:repealed").count == 7
    assert len(told(engine, "repealed")) == 7
    assert archive.pass_time() == 0


def keep_file(archive: Archive, crawl: Crawl, clock: Moving, text: str, *, waiting: int = 0) -> None:
    url = "https://www.miit.gov.cn/files/1.xlsx"
    answer = capture(url, text, clock=clock, headers=(("Content-Type", "application/vnd.ms-excel"),))
    record = FileRecord("1", "xlsx", "text", "", text, waiting=waiting)
    archive.record_attachment(crawl.run_id, NEW_URL, "1.xlsx", "附件1.xlsx", "xlsx", answer, record)
