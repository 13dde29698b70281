"""The door: what one fetched page means for its document, in the decision order (rows H10, H14, H15, H5, I1 of the
fault table)."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Engine, func, select
from support.archives import ARTICLES, MIIT, Crawl, Moving, capture, changed, first_run, reading

from storage.archive import Archive
from storage.engine import reading as session_of
from storage.models import Document, Event, Page, Reading, Snapshot, Version
from storage.queries import Queries
from storage.records import Capture, Outcome, ReadingRecord, Verdict
from storage.snapshots import SnapshotStore

URL = "https://www.miit.gov.cn/zwgk/zcwj/wjfb/tz/art/2026/art_1.html"


def events(engine: Engine) -> list[tuple[str, str]]:
    with session_of(engine) as session:
        return [(event.kind, event.state) for event in session.scalars(select(Event).order_by(Event.id))]


def count(engine: Engine, table: type) -> int:
    with session_of(engine) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.fixture
def crawl(archive: Archive, clock: Moving) -> Crawl:
    first_run(archive, clock)
    return Crawl(archive, clock)


def test_a_new_page_is_added_with_one_event(crawl: Crawl, engine: Engine) -> None:
    recorded = crawl.page(URL, reading())
    assert recorded.outcome is Outcome.ADDED
    assert events(engine) == [("added", "staged")]
    crawl.close()
    assert events(engine) == [("added", "published")]
    document = Queries(engine).document(recorded.document_id or 0)
    assert document is not None
    assert document.number == "工信部信发〔2026〕12号"
    assert document.published == date(2026, 3, 1)
    assert document.url == URL
    assert not document.backlog


def test_one_changed_digit_is_a_version_that_says_where(crawl: Crawl) -> None:
    crawl.page(URL, reading())
    text = ARTICLES[3][1].replace("30%", "20%")
    recorded = crawl.page(URL, reading(blocks=changed(3, text)))
    assert recorded.outcome is Outcome.CHANGED
    assert [(change.operation, change.label) for change in recorded.changes] == [("changed", "第三条")]
    assert "30%" in (recorded.changes[0].before or "")
    assert "20%" in (recorded.changes[0].after or "")


def test_the_event_of_a_change_carries_the_clauses(crawl: Crawl, engine: Engine) -> None:
    crawl.page(URL, reading())
    recorded = crawl.page(URL, reading(blocks=changed(3, ARTICLES[3][1].replace("500", "800"))))
    crawl.close()
    event = Queries(engine).events(kinds=["changed"])[0]
    assert event.changes == recorded.changes
    assert event.version_seq == 2
    assert event.url == URL


def test_I1_a_moved_counter_is_the_same(crawl: Crawl, engine: Engine) -> None:
    crawl.page(URL, reading(blocks=(*ARTICLES, ("paragraph", "浏览次数：17"))))
    recorded = crawl.page(URL, reading(blocks=(*ARTICLES, ("paragraph", "浏览次数：18"))))
    assert recorded.outcome is Outcome.SAME
    assert events(engine) == [("added", "staged")]
    assert count(engine, Version) == 1


def test_equal_bytes_are_one_snapshot_and_no_reading(crawl: Crawl, engine: Engine) -> None:
    crawl.page(URL, reading())
    assert crawl.page(URL, reading()).outcome is Outcome.SAME
    assert (count(engine, Snapshot), count(engine, Reading)) == (1, 1)


@pytest.mark.parametrize(
    ("answer", "hint", "outcome"),
    [
        ({"truncated": True}, None, Outcome.ERROR),
        ({"status": 302}, None, Outcome.ERROR),
        ({}, Outcome.ERROR, Outcome.ERROR),
        ({"status": 403}, None, Outcome.BLOCKED),
        ({"status": 412}, None, Outcome.BLOCKED),
        ({"status": 503}, None, Outcome.BLOCKED),
        ({}, Outcome.BLOCKED, Outcome.BLOCKED),
        ({"status": 404}, None, Outcome.MISSING),
        ({"status": 410}, None, Outcome.MISSING),
        ({}, Outcome.MISSING, Outcome.MISSING),
        ({"final_url": "https://www.miit.gov.cn/"}, None, Outcome.MISSING),
        ({}, Outcome.SUSPECT, Outcome.SUSPECT),
    ],
)
def test_a_bad_answer_leaves_the_version_as_it_is(
    crawl: Crawl, engine: Engine, answer: dict[str, object], hint: Outcome | None, outcome: Outcome
) -> None:
    crawl.page(URL, reading())
    other = reading(blocks=changed(3, "第三条　全部删除。"))
    recorded = crawl.page(URL, other, hint=hint, **answer)
    assert recorded.outcome is outcome
    assert recorded.reason
    assert count(engine, Version) == 1
    assert events(engine) == [("added", "staged")]


@pytest.mark.parametrize("state", ["blocked", "login"])
def test_a_challenge_under_200_is_blocked(crawl: Crawl, engine: Engine, state: str) -> None:
    crawl.page(URL, reading())
    challenge = reading(state=state, state_reason="a challenge script", title=None, blocks=())
    recorded = crawl.page(URL, challenge)
    assert (recorded.outcome, recorded.reason) == (Outcome.BLOCKED, "a challenge script")
    assert recorded.snapshot_id is not None  # the proof
    assert crawl.page("https://www.miit.gov.cn/new.html", challenge).outcome is Outcome.BLOCKED
    assert count(engine, Document) == 1


# -- missing, withdrawn, restored --------------------------------------------------------------------------------------


def test_H10_withdrawn_once_after_six_hours_and_restored_once(
    crawl: Crawl, engine: Engine, archive: Archive, clock: Moving
) -> None:
    document_id = crawl.page(URL, reading()).document_id
    crawl.close()
    clock.forward(days=1)
    again = Crawl(archive, clock)
    assert again.gone(URL).outcome is Outcome.MISSING
    clock.forward(hours=5, minutes=59)
    assert again.gone(URL).outcome is Outcome.MISSING
    clock.forward(minutes=1)
    assert again.gone(URL).outcome is Outcome.WITHDRAWN
    assert again.gone(URL).outcome is Outcome.MISSING
    again.close()
    clock.forward(days=2)
    back = Crawl(archive, clock)
    assert back.gone(URL).outcome is Outcome.MISSING
    assert back.page(URL, reading()).outcome is Outcome.RESTORED
    assert back.page(URL, reading()).outcome is Outcome.SAME
    back.close()
    assert [kind for kind, _ in events(engine)] == ["added", "withdrawn", "restored"]
    document = Queries(engine).document(document_id or 0)
    assert document is not None
    assert document.state == "current"
    assert document.versions == 1


def test_missing_once_and_back_is_no_event(crawl: Crawl, engine: Engine, clock: Moving) -> None:
    document_id = crawl.page(URL, reading()).document_id or 0
    assert crawl.gone(URL).outcome is Outcome.MISSING
    assert getattr(Queries(engine).document(document_id), "state", None) == "missing"
    clock.forward(hours=7)
    assert crawl.page(URL, reading()).outcome is Outcome.SAME
    clock.forward(hours=1)
    assert crawl.gone(URL).outcome is Outcome.MISSING  # counted from anew
    assert [kind for kind, _ in events(engine)] == ["added"]


def test_restored_with_another_text_is_one_event_and_a_version(crawl: Crawl, engine: Engine, clock: Moving) -> None:
    crawl.page(URL, reading())
    crawl.gone(URL)
    clock.forward(hours=6)
    assert crawl.gone(URL).outcome is Outcome.WITHDRAWN
    recorded = crawl.page(URL, reading(blocks=changed(3, ARTICLES[3][1].replace("30%", "10%"))))
    assert recorded.outcome is Outcome.RESTORED
    assert recorded.changes
    assert [kind for kind, _ in events(engine)] == ["added", "withdrawn", "restored"]
    assert count(engine, Version) == 2


@pytest.mark.parametrize("verdict", [Verdict.BLOCKED, Verdict.QUARANTINED, Verdict.FAILED])
def test_H14_nothing_is_withdrawn_while_the_source_is_in_doubt(
    crawl: Crawl, engine: Engine, archive: Archive, clock: Moving, verdict: Verdict
) -> None:
    crawl.page(URL, reading())
    crawl.gone(URL)
    crawl.close(verdict)
    clock.forward(hours=7)
    later = Crawl(archive, clock)
    assert later.gone(URL).outcome is Outcome.MISSING
    later.close()  # the source is well again
    clock.forward(hours=7)
    assert Crawl(archive, clock).gone(URL).outcome is Outcome.WITHDRAWN
    assert [kind for kind, _ in events(engine) if kind in {"withdrawn", "restored"}] == ["withdrawn"]


@pytest.mark.parametrize("verdict", [Verdict.BLOCKED, Verdict.QUARANTINED])
def test_a_withdrawal_is_taken_back_when_its_own_run_ends_badly(
    crawl: Crawl, engine: Engine, archive: Archive, clock: Moving, verdict: Verdict
) -> None:
    document_id = crawl.page(URL, reading()).document_id or 0
    crawl.gone(URL)
    crawl.close()
    clock.forward(hours=7)
    bad = Crawl(archive, clock)
    assert bad.gone(URL).outcome is Outcome.WITHDRAWN
    bad.close(verdict)
    assert ("withdrawn", "dropped") in events(engine)
    assert getattr(Queries(engine).document(document_id), "state", None) == "missing"
    assert [page.url for page in archive.due_pages(MIIT.id, 9)] == [URL]


def test_H14_an_outage_of_all_documents_withdraws_none(archive: Archive, clock: Moving, engine: Engine) -> None:
    first_run(archive, clock)
    crawl = Crawl(archive, clock)
    urls = [f"https://www.miit.gov.cn/art/{number}.html" for number in range(12)]
    for number, url in enumerate(urls):
        crawl.page(url, reading(doc_number=f"工信部信发〔2026〕{number + 1}号"))
    crawl.close()
    for _ in range(3):  # a whole day: each page is asked for three times
        clock.forward(hours=8)
        down = Crawl(archive, clock)
        for url in urls:
            down.gone(url)
        down.close(Verdict.OK)
    assert {kind for kind, state in events(engine) if state == "published"} == {"added"}
    clock.forward(hours=8)
    up = Crawl(archive, clock)
    assert {up.page(url, reading(doc_number=f"工信部信发〔2026〕{number + 1}号")).outcome
            for number, url in enumerate(urls)} == {Outcome.SAME}  # fmt: skip
    up.close()
    assert {kind for kind, state in events(engine) if state == "published"} == {"added"}


def test_H14_a_failing_source_is_told_once_and_its_recovery_once(
    archive: Archive, clock: Moving, engine: Engine
) -> None:
    first_run(archive, clock)
    for _ in range(5):
        clock.forward(hours=4)
        Crawl(archive, clock).close(Verdict.FAILED, "no route to host")
    for _ in range(2):
        clock.forward(hours=4)
        Crawl(archive, clock).close()
    assert events(engine) == [("source_failing", "published"), ("source_recovered", "published")]


def test_one_of_many_gone_is_withdrawn(archive: Archive, clock: Moving) -> None:
    first_run(archive, clock)
    crawl = Crawl(archive, clock)
    for number in range(4):
        crawl.page(
            f"https://www.miit.gov.cn/art/{number}.html", reading(doc_number=f"工信部信发〔2026〕{number + 1}号")
        )
    crawl.gone("https://www.miit.gov.cn/art/0.html")
    crawl.close()
    clock.forward(hours=6)
    again = Crawl(archive, clock)
    assert again.gone("https://www.miit.gov.cn/art/0.html").outcome is Outcome.WITHDRAWN
    again.close()
    assert [event.kind for event in Queries(archive.engine).events(kinds=["withdrawn"])] == ["withdrawn"]


# -- suspect, same, flapping -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "gutted", [{"blocks": ARTICLES[:1]}, {"blocks": ()}, {"title": None}], ids=["short", "no text", "no title"]
)
def test_a_gutted_page_waits_until_the_same_comes_again_in_another_minute(
    crawl: Crawl, engine: Engine, clock: Moving, gutted: dict[str, object]
) -> None:
    crawl.page(URL, reading())
    assert crawl.page(URL, reading(**gutted)).outcome is Outcome.SUSPECT
    assert crawl.page(URL, reading(**gutted)).outcome is Outcome.SUSPECT  # the same minute
    clock.forward(minutes=1)
    assert crawl.page(URL, reading(**gutted)).outcome is Outcome.CHANGED
    assert [kind for kind, _ in events(engine)] == ["added", "changed"]


def test_a_gutted_page_that_heals_is_the_same(crawl: Crawl, engine: Engine, clock: Moving) -> None:
    crawl.page(URL, reading())
    assert crawl.page(URL, reading(blocks=ARTICLES[:1])).outcome is Outcome.SUSPECT
    clock.forward(minutes=2)
    assert crawl.page(URL, reading()).outcome is Outcome.SAME
    clock.forward(minutes=2)
    assert crawl.page(URL, reading(blocks=ARTICLES[:1])).outcome is Outcome.SUSPECT  # counted from anew
    assert [kind for kind, _ in events(engine)] == ["added"]


def test_an_empty_shell_never_becomes_a_version(crawl: Crawl, engine: Engine, clock: Moving) -> None:
    crawl.page(URL, reading())
    empty = reading(state="empty", title=None, blocks=(), doc_number=None)
    for _ in range(4):
        clock.forward(minutes=2)
        assert crawl.page(URL, empty).outcome is Outcome.SUSPECT
    assert crawl.page("https://www.miit.gov.cn/shell.html", empty).outcome is Outcome.SUSPECT
    assert count(engine, Version) == 1


def test_H15_two_servers_out_of_step_are_one_change_and_then_silence(crawl: Crawl, engine: Engine) -> None:
    old, new = reading(), reading(blocks=changed(3, ARTICLES[3][1].replace("30%", "20%")))
    outcomes = [crawl.page(URL, record).outcome for record in (old, new, old, new, old)]
    assert outcomes == [Outcome.ADDED, Outcome.CHANGED, Outcome.SAME, Outcome.SAME, Outcome.SAME]
    assert [kind for kind, _ in events(engine)] == ["added", "changed"]
    with session_of(engine) as session:
        assert session.scalars(select(Page.flaps)).one() == 2


def test_only_the_last_five_versions_are_compared(crawl: Crawl) -> None:
    texts = [ARTICLES[3][1].replace("30%", f"{share}%") for share in range(30, 36)]
    for text in texts:
        crawl.page(URL, reading(blocks=changed(3, text)))
    assert crawl.page(URL, reading(blocks=changed(3, texts[1]))).outcome is Outcome.SAME
    assert crawl.page(URL, reading(blocks=changed(3, texts[0]))).outcome is Outcome.CHANGED


# -- upgrades ----------------------------------------------------------------------------------------------------------


def test_a_newer_extractor_on_the_same_bytes_upgrades_silently(crawl: Crawl, engine: Engine) -> None:
    added = crawl.page(URL, reading(), "bytes")
    better = reading(extractor_version="2", blocks=changed(0, "各省工业和信息化主管部门，各有关单位："))
    recorded = crawl.page(URL, better, "bytes")
    assert (recorded.outcome, recorded.version_id) == (Outcome.UPGRADED, added.version_id)
    assert crawl.page(URL, better, "bytes").outcome is Outcome.SAME
    assert [kind for kind, _ in events(engine)] == ["added"]
    assert (count(engine, Version), count(engine, Reading)) == (1, 2)
    version = Queries(engine).latest_version(recorded.document_id or 0)
    assert version is not None
    assert version.extractor_version == "2"
    assert version.blocks[0][1] == "各省工业和信息化主管部门，各有关单位："


def test_a_newer_extractor_on_other_bytes_is_compared_with_its_own_reading_of_the_old(
    engine: Engine, snapshots: SnapshotStore, clock: Moving
) -> None:
    """The page's counter moved and our extractor improved between two crawls: no change of the document."""
    better = reading(extractor_version="2", blocks=changed(0, "better read"))
    archive = Archive(engine, snapshots, clock, reader=lambda before: better if b"one" in before.payload else None)
    first_run(archive, clock)
    crawl = Crawl(archive, clock)
    added = crawl.page(URL, reading(), "bytes one")
    recorded = crawl.page(URL, better, "bytes two")
    assert (recorded.outcome, recorded.version_id) == (Outcome.SAME, added.version_id)
    really = replace(better, blocks=(*better.blocks, ("paragraph", "附则")))
    assert crawl.page(URL, really, "bytes three").outcome is Outcome.CHANGED
    assert [kind for kind, _ in events(engine)] == ["added", "changed"]


def test_a_change_under_a_newer_extractor_is_told_with_what_really_changed(
    engine: Engine, snapshots: SnapshotStore, clock: Moving
) -> None:
    def reader(before: Capture) -> ReadingRecord:
        return reading(extractor_version="2", blocks=changed(0, "better read"))

    archive = Archive(engine, snapshots, clock, reader=reader)
    first_run(archive, clock)
    crawl = Crawl(archive, clock)
    crawl.page(URL, reading(), "bytes one")
    blocks = list(changed(0, "better read"))
    blocks[3] = ("article", blocks[3][1].replace("30%", "35%"))
    recorded = crawl.page(URL, reading(extractor_version="2", blocks=tuple(blocks)), "bytes two")
    assert recorded.outcome is Outcome.CHANGED
    assert [change.label for change in recorded.changes] == ["第三条"]


# -- when pages are due ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("published", "hours"),
    [(date(2026, 3, 1), 6), (date(2026, 2, 10), 24), (date(2025, 9, 1), 7 * 24), (date(2019, 1, 1), 30 * 24)],
)
def test_a_page_is_due_again_by_the_age_of_its_document(
    crawl: Crawl, archive: Archive, clock: Moving, published: date, hours: int
) -> None:
    crawl.page(URL, reading(published=published, written=published))
    assert archive.due_pages(MIIT.id, 9) == []
    clock.forward(hours=hours * 0.8 - 0.01)
    assert archive.due_pages(MIIT.id, 9) == []
    clock.forward(hours=hours * 0.2 + 0.01)
    assert [page.url for page in archive.due_pages(MIIT.id, 9)] == [URL]


def test_H11_validators_are_given_for_seven_days_then_the_whole_page_is_wanted(
    crawl: Crawl, archive: Archive, clock: Moving
) -> None:
    answer = {"headers": (("ETag", '"a"'), ("Last-Modified", "Sun, 01 Mar 2026 00:00:00 GMT"))}
    crawl.page(URL, reading(), **answer)
    for _ in range(6):
        clock.forward(days=1)
        page = archive.due_pages(MIIT.id, 1)[0]
        assert (page.etag, page.last_modified) == ('"a"', "Sun, 01 Mar 2026 00:00:00 GMT")
        unchanged = capture(URL, b"", clock=clock, status=304, headers=())
        assert archive.record(crawl.run_id, unchanged, None, purpose="recheck").outcome is Outcome.SAME
        assert archive.due_pages(MIIT.id, 1) == []
    clock.forward(days=1)
    page = archive.due_pages(MIIT.id, 1)[0]
    assert (page.etag, page.last_modified) == (None, None)
    crawl.page(URL, reading(), **answer)
    clock.forward(days=1)
    assert archive.due_pages(MIIT.id, 1)[0].etag == '"a"'


def test_a_failed_new_page_is_tried_again_later_and_not_before(crawl: Crawl, archive: Archive, clock: Moving) -> None:
    archive.discover(crawl.run_id, [(URL, "a title", date(2026, 3, 1))])
    assert [page.state for page in archive.pending_pages(MIIT.id, 9)] == ["new"]
    crawl.page(URL, None, "", hint=Outcome.ERROR)
    assert archive.pending_pages(MIIT.id, 9) == []
    clock.forward(hours=1)
    assert [(page.state, page.attempts) for page in archive.pending_pages(MIIT.id, 9)] == [("failed", 1)]
    assert crawl.page(URL, reading(published=None, title=None, state="document")).outcome is Outcome.ADDED
    assert archive.pending_pages(MIIT.id, 9) == []
    document = Queries(archive.engine).find_documents(URL)[0]
    assert (document.title, document.published) == ("a title", date(2026, 3, 1))  # what the listing said


def test_the_number_of_the_list_s_row_is_the_document_s_where_its_page_has_none(
    crawl: Crawl, archive: Archive, clock: Moving, engine: Engine
) -> None:
    bare = reading(doc_number=None)
    archive.discover(crawl.run_id, [(URL, "a title", date(2026, 3, 1), "鲁政办发〔2026〕18号")])
    assert crawl.page(URL, bare).outcome is Outcome.ADDED  # a later run, which has the page alone and no row
    (document,) = Queries(engine).find_documents("鲁政办发〔2026〕18号")
    assert (document.url, document.number) == (URL, "鲁政办发〔2026〕18号")
    for record in (bare, replace(bare, list_number="鲁政办发〔2026〕18号"), replace(bare, list_number="another")):
        clock.forward(days=1)
        assert crawl.page(URL, record).outcome is Outcome.SAME, "the row is no part of the text"
    other = URL.replace("art_1", "art_2")
    text = changed(3, ARTICLES[3][1].replace("30%", "45%"))
    crawl.page(other, replace(reading(title="另一份通知", blocks=text), list_number="鲁政办发〔2026〕19号"))
    assert [row.number for row in Queries(engine).find_documents(other)] == ["工信部信发〔2026〕12号"], "the page's own"


def test_a_refusing_server_is_left_alone_as_long_as_it_asks(crawl: Crawl, archive: Archive, clock: Moving) -> None:
    crawl.page(URL, None, "", status=429, headers=(("Retry-After", "7200"),))
    clock.forward(minutes=119)
    assert archive.pending_pages(MIIT.id, 9) == []
    clock.forward(minutes=1)
    assert [page.url for page in archive.pending_pages(MIIT.id, 9)] == [URL]


# -- events ------------------------------------------------------------------------------------------------------------


def test_what_the_first_run_finds_is_backlog_and_never_late(archive: Archive, clock: Moving, engine: Engine) -> None:
    crawl = Crawl(archive, clock)
    assert archive.run_is_backlog(crawl.run_id)
    crawl.page(URL, reading(published=date(2020, 1, 1)))
    crawl.close()
    event = Queries(engine).events()[0]
    assert (event.backlog, event.late) == (True, False)
    assert not archive.run_is_backlog(Crawl(archive, clock).run_id)
    assert archive.run_is_backlog(Crawl(archive, clock, trigger="backfill").run_id)


def test_an_old_document_found_in_normal_running_is_late(crawl: Crawl, engine: Engine) -> None:
    crawl.page(URL, reading(published=date(2026, 1, 30), doc_number="工信部信发〔2026〕1号"))
    crawl.page(URL + "?b", reading(published=date(2026, 1, 31), doc_number="工信部信发〔2026〕2号"))
    crawl.close()
    assert [event.late for event in Queries(engine).events()] == [True, False]


def test_characters_that_no_database_keeps_are_left_out(crawl: Crawl, engine: Engine) -> None:
    recorded = crawl.page(URL, reading(title="标\x00题\ud800", blocks=(("paragraph", "正\x00文\udfff" * 20),)), "x")
    version = Queries(engine).latest_version(recorded.document_id or 0)
    assert version is not None
    assert (version.title, version.body) == ("标题", "正文" * 20)
