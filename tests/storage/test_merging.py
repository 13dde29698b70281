"""Merging and splitting documents by a person's word: nothing is lost, all of it can be undone, and it holds."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, text
from support.archives import ARTICLES, MIIT, NEWS, PROVINCE, Crawl, Moving, changed, first_run, reading

from storage import merged, possible
from storage.archive import Archive
from storage.deciding import Decisions
from storage.engine import reading as reading_session
from storage.engine import writing
from storage.errors import OperatorError
from storage.models import (
    Alert,
    Attachment,
    AttachmentVersion,
    Document,
    Event,
    IdentityDecision,
    Mute,
    Organ,
    Owner,
    Page,
    PossibleCopy,
    Reading,
    Reference,
    SearchEntry,
    Snapshot,
    Validity,
    Version,
)
from storage.queries import Queries
from storage.records import Capture, FileRecord, Outcome, ReadingRecord
from storage.search import search
from storage.verifying import verify

HERE = "https://www.miit.gov.cn/art/1.html"
THERE = "https://gxt.jiangsu.gov.cn/art/9.html"
COPY = "https://www.sichuan.gov.cn/zc/7.html"
FILE = "https://gxt.jiangsu.gov.cn/art/9.doc"
OTHER_TEXT = tuple((role, body.replace("工业互联网", "车联网")) for role, body in ARTICLES)
# What a merge may not leave another way: these tables, but for what search and fingerprints were made anew with.
KEPT = (Document, Page, Version, Attachment, AttachmentVersion, Reference, Event, Alert, Mute, Validity, Organ, Reading,
        Snapshot, PossibleCopy)  # fmt: skip


@pytest.fixture
def crawl(archive: Archive, clock: Moving) -> Crawl:
    for source in (MIIT, PROVINCE, NEWS):
        first_run(archive, clock, source)
    return Crawl(archive, clock)


def decide(archive: Archive, **more: Any) -> Decisions:
    return Decisions(archive.engine, archive.clock.now(), by="li", reason="one text", **more)


def two(crawl: Crawl, clock: Moving) -> tuple[int, int]:
    """Two documents with two versions each, seen in turn, that cite each other's numbers; and one that cites both."""
    law = ("repeals", "旧办法", "工信部信发〔2020〕1号", None, "《旧办法》（工信部信发〔2020〕1号）同时废止。")
    crawl.page("https://www.miit.gov.cn/art/0.html", reading(title="旧办法", doc_number="工信部信发〔2020〕1号",
               written=date(2020, 1, 1), published=date(2020, 1, 1), blocks=changed(3, "旧。")))  # fmt: skip
    one = crawl.page(HERE, reading())
    link = (FILE, FILE, "附件", "doc")
    record = reading(
        title="工业互联网平台补贴办法（车联网）", doc_number="苏工信〔2026〕3号", issuer="江苏省工业和信息化厅",
        issuers=("江苏省工业和信息化厅",), blocks=OTHER_TEXT, attachments=(link,), mentions=(law,),
        effective=date(2026, 3, 1),
    )  # fmt: skip
    other = crawl.page(THERE, record)
    cite = ("cites", None, "苏工信〔2026〕3号", None, "按照苏工信〔2026〕3号执行。")
    both = ("cites", None, "工信部信发〔2026〕12号", None, "按照工信部信发〔2026〕12号执行。")
    crawl.page("https://www.miit.gov.cn/art/3.html", reading(
        title="关于贯彻的通知", doc_number="工信部信发〔2026〕40号", mentions=(cite, both), blocks=OTHER_TEXT[:3],
    ))  # fmt: skip
    clock.forward(hours=7)
    crawl.page(HERE, reading(blocks=changed(3, ARTICLES[3][1].replace("30%", "20%"))))
    clock.forward(hours=7)
    crawl.page(THERE, reading(
        title="工业互联网平台补贴办法（车联网）", doc_number="苏工信〔2026〕3号", issuer="江苏省工业和信息化厅",
        issuers=("江苏省工业和信息化厅",), attachments=(link,), mentions=(law,), effective=date(2026, 3, 1),
        blocks=(*OTHER_TEXT, ("article", "第五条　本办法自2026年3月1日起施行。")),
    ))  # fmt: skip
    file = Capture(url=FILE, final_url=FILE, status=200, headers=(), payload=b"a file", fetched_at=clock.now())
    crawl.archive.record_attachment(
        crawl.run_id, THERE, FILE, "附件", "doc", file, FileRecord("1", "doc", "text", "", "附件中的独特词语")
    )
    crawl.close()
    assert one.document_id
    assert other.document_id
    return one.document_id, other.document_id


def state(engine: Engine) -> dict[str, list[Any]]:
    with reading_session(engine) as session:
        found = {
            model.__tablename__: sorted(map(repr, session.execute(select(*model.__table__.columns)).all()))
            for model in KEPT
        }
        current = select(SearchEntry.document_id, SearchEntry.version_id).where(SearchEntry.current.is_(True))
        return {**found, "search": sorted(map(repr, session.execute(current).all()))}


def hits(engine: Engine, words: str) -> list[int]:
    return [hit.document_id for hit in search(engine, words).hits]


def chained(engine: Engine) -> list[Any]:
    with reading_session(engine) as session:
        return list(session.execute(text("SELECT * FROM chain ORDER BY 1")).all())


# -- merging -----------------------------------------------------------------------------------------------------------


def test_all_of_one_document_becomes_the_others(crawl: Crawl, clock: Moving, archive: Archive, engine: Engine) -> None:
    one, other = two(crawl, clock)
    owned = Queries(engine)
    texts = {row.text_hash for id_ in (one, other) for row in owned.versions(id_)}
    events, links = len(owned.events(state=None)), chained(engine)
    with writing(engine) as session:
        owner = Owner(name="li", created_at=clock.now())
        session.add(owner)
        session.flush()
        session.add(Mute(owner_id=owner.id, document_id=other, reason="", created_at=clock.now()))

    (done,) = decide(archive).merge([one, other])

    assert (done.document_id, done.other_id, done.versions, done.files, done.named_by) == (one, other, 2, 1, 1)
    rows = owned.versions(one)
    assert [row.seq for row in rows] == [1, 2, 3, 4, 5]
    assert {row.text_hash for row in rows} == texts
    assert [row.url for row in rows] == [HERE, THERE, HERE, THERE, HERE]  # in time, and last what the original shows
    assert [row.reason for row in rows][-1] == "merged"
    assert {copy.url for copy in owned.copies(one)} == {HERE, THERE}
    assert [file.name for file in owned.attachments(one)] == ["附件"]
    with reading_session(engine) as session:
        assert session.scalars(
            select(Reference.document_id).where(Reference.relation == "repeals").distinct()
        ).all() == [one]
    assert {row.number for row in owned.references_to(one)} == {"苏工信〔2026〕3号", "工信部信发〔2026〕12号"}
    assert len(owned.events(state=None)) == events  # nobody is told
    assert chained(engine) == links  # what is written stays
    assert one in hits(engine, "独特词语")
    assert other not in hits(engine, "车联网")
    assert owned.document(other) == owned.document(one)  # the old number leads to it
    assert [row.id for row in owned.find_documents(str(other))] == [one]
    assert [row.id for row in owned.find_documents("苏工信〔2026〕3号")] == [one]
    assert other not in {row.id for row in owned.documents()}
    with reading_session(engine) as session:
        assert session.scalars(select(Mute.document_id)).all() == [one]
        assert session.get_one(Document, other).versions == 0
    assert verify(engine, archive.snapshots.folder).damages == []


def test_undoing_a_merge_is_exact(crawl: Crawl, clock: Moving, archive: Archive, engine: Engine) -> None:
    one, other = two(crawl, clock)
    before = state(engine)
    (done,) = decide(archive).merge([one, other])
    assert state(engine) != before
    clock.forward(minutes=1)
    decide(archive).undo(done.decision)
    assert state(engine) == before
    with pytest.raises(OperatorError, match="was undone by li"):
        decide(archive).undo(done.decision)


def test_a_preview_keeps_nothing(crawl: Crawl, clock: Moving, archive: Archive, engine: Engine) -> None:
    one, other = two(crawl, clock)
    before = state(engine)
    (would,) = decide(archive, preview=True).merge([one, other])
    assert would.versions == 2
    decide(archive, preview=True).distinct(one, other)
    assert state(engine) == before
    with reading_session(engine) as session:
        assert session.scalar(select(func.count()).select_from(IdentityDecision)) == 0


def test_a_merge_holds_against_later_crawls(crawl: Crawl, clock: Moving, archive: Archive, engine: Engine) -> None:
    one, other = two(crawl, clock)
    decide(archive).merge([one, other])
    clock.forward(hours=7)
    again = Crawl(archive, clock)
    shown = reading(
        title="工业互联网平台补贴办法（车联网）", doc_number="苏工信〔2026〕3号", issuer="江苏省工业和信息化厅",
        issuers=("江苏省工业和信息化厅",), blocks=(*OTHER_TEXT, ("article", "第五条　本办法自2026年3月1日起施行。")),
    )  # fmt: skip
    assert again.page(THERE, shown, payload="<html>new bytes</html>").document_id == one
    assert again.page(THERE, shown, final_url=f"{THERE}?moved=1").outcome is Outcome.SAME
    later = again.page(COPY, shown)  # a further copy of what was merged
    assert (later.outcome, later.document_id) == (Outcome.COPY, one)
    assert again.page(HERE, reading(blocks=changed(3, ARTICLES[3][1].replace("30%", "20%")))).outcome is Outcome.SAME
    change = again.page(HERE, reading(blocks=changed(3, ARTICLES[3][1].replace("30%", "10%"))))
    assert (change.outcome, change.document_id) == (Outcome.CHANGED, one)
    cite = again.page("https://www.miit.gov.cn/art/8.html", reading(
        title="另一通知", doc_number="工信部信发〔2026〕50号",
        blocks=changed(3, "另一内容，与前述各件均不相同。" * 9)[1:4],
        mentions=(("cites", None, "苏工信〔2026〕3号", None, "按苏工信〔2026〕3号办理。"),),
    ))  # fmt: skip
    assert cite.document_id is not None
    assert [row.target_document_id for row in Queries(engine).references_from(cite.document_id)] == [one]


def test_what_came_since_goes_where_it_belongs(crawl: Crawl, clock: Moving, archive: Archive, engine: Engine) -> None:
    one, other = two(crawl, clock)
    (done,) = decide(archive).merge([one, other])
    clock.forward(hours=7)
    again = Crawl(archive, clock)
    again.page(HERE, reading(blocks=changed(3, ARTICLES[3][1].replace("30%", "10%"))))
    again.close()
    decide(archive).undo(done.decision)
    owned = Queries(engine)
    assert [row.url for row in owned.versions(one)] == [HERE, HERE, HERE]
    assert [row.url for row in owned.versions(other)] == [THERE, THERE]
    assert [event.document_id for event in owned.events(state=None) if event.kind == "changed"].count(other) == 1
    assert verify(engine, archive.snapshots.folder).damages == []


def test_events_of_time_stay_one_a_day(crawl: Crawl, clock: Moving, archive: Archive, engine: Engine) -> None:
    one, other = two(crawl, clock)
    with writing(engine) as session:
        for document in (one, other):
            version = session.scalars(select(Version).where(Version.document_id == document)).first()
            assert version is not None
            session.add(Event(
                kind="in_force", state="published", source_id=MIIT.id, run_id=version.run_id, document_id=document,
                version_id=version.id, backlog=False, late=False, at=clock.now(), day=date(2026, 3, 1), payload={},
            ))  # fmt: skip
    before = state(engine)
    (done,) = decide(archive).merge([one, other])
    with reading_session(engine) as session:
        days = select(Event.document_id).where(Event.kind == "in_force", Event.day == date(2026, 3, 1))
        assert sorted(session.scalars(days)) == sorted([one, other])  # the merged one's row keeps the second
    assert archive.pass_time() == 0
    decide(archive).undo(done.decision)
    assert state(engine) == before


def test_three_become_one_and_are_undone_in_turn(crawl: Crawl, clock: Moving, archive: Archive, engine: Engine) -> None:
    one, other = two(crawl, clock)
    before = state(engine)
    first, second = decide(archive).merge([other, one, 4], into=other)
    assert first.document_id == second.document_id == other
    assert Queries(engine).document(one) == Queries(engine).document(4) == Queries(engine).document(other)
    with pytest.raises(OperatorError, match=f"decision {second.decision} came later"):
        decide(archive).undo(first.decision)
    decide(archive).undo(second.decision)
    decide(archive).undo(first.decision)
    assert state(engine) == before


def test_what_cannot_be_merged_is_said(crawl: Crawl, clock: Moving, archive: Archive) -> None:
    one, other = two(crawl, clock)
    for ids, problem in (([one], "at least two"), ([one, 99], "no document 99"), ([one, one], "at least two")):
        with pytest.raises(OperatorError, match=problem):
            decide(archive).merge(ids)
    with pytest.raises(OperatorError, match="--into 4"):
        decide(archive).merge([one, other], into=4)
    decide(archive).merge([one, other])
    with pytest.raises(OperatorError, match=f"merged into {one} already"):
        decide(archive).merge([other, 4])


# -- apart -------------------------------------------------------------------------------------------------------------


def test_two_said_to_be_two_are_never_merged(crawl: Crawl, clock: Moving, archive: Archive, engine: Engine) -> None:
    one, other = two(crawl, clock)
    with writing(engine) as session:
        session.add(PossibleCopy(document_id=other, other_id=one, reason="one text", found_at=clock.now()))
    with reading_session(engine) as session:
        (pair,) = possible.listed(session, 10)
    assert {difference.field for difference in pair.differences} == {"title", "number", "issuer", "text"}
    (said,) = decide(archive).distinct(one, other)
    with reading_session(engine) as session:
        assert possible.listed(session, 10) == []
        assert possible.count(session) == 0
    with pytest.raises(OperatorError, match=f"kept apart by decision {said.decision}"):
        decide(archive).merge([one, other])
    with pytest.raises(OperatorError, match="says that already"):
        decide(archive).distinct(other, one)
    decide(archive).undo(said.decision)
    with reading_session(engine) as session:
        assert possible.count(session) == 1
    decide(archive).merge([one, other])


# -- splitting ---------------------------------------------------------------------------------------------------------


def copied(crawl: Crawl, clock: Moving) -> tuple[int, ReadingRecord]:
    """A document at three URLs, and what the second, a city's, shows."""
    link = (FILE, FILE, "附件", "doc")
    own = reading(attachments=(link,))
    document = crawl.page(HERE, own).document_id
    theirs = reading(attachments=(link,), blocks=(*ARTICLES, ("paragraph", "请各市认真组织实施。")))
    assert crawl.page(THERE, theirs).outcome is Outcome.COPY
    assert crawl.page(COPY, own).outcome is Outcome.COPY
    crawl.close()
    clock.forward(hours=7)
    assert document is not None
    return document, theirs


def test_a_copy_becomes_a_document(crawl: Crawl, clock: Moving, archive: Archive, engine: Engine) -> None:
    document, theirs = copied(crawl, clock)
    before, events = state(engine), len(Queries(engine).events(state=None))
    (done,) = decide(archive).split(document, THERE)
    owned = Queries(engine)
    assert [row.url for row in owned.copies(done.other_id)] == [THERE]
    assert {row.url for row in owned.copies(document)} == {HERE, COPY}
    (version,) = owned.versions(done.other_id)
    assert (version.reason, version.url) == ("split", THERE)
    assert [file.url for file in owned.attachments(done.other_id)] == [FILE]
    assert [file.url for file in owned.attachments(document)] == [FILE]
    assert len(owned.events(state=None)) == events
    assert set(hits(engine, "认真组织实施")) == {done.other_id}
    again = Crawl(archive, clock)  # it holds
    assert again.page(THERE, theirs).document_id == done.other_id
    later = reading(attachments=(), blocks=theirs.blocks)
    assert again.page("https://www.zj.gov.cn/art/4.html", later).document_id == done.other_id
    assert verify(engine, archive.snapshots.folder).damages == []
    again.close()
    with writing(engine) as session:  # a page that has lost its document, as by an import, is not taken for a copy
        page = session.scalars(select(Page).where(Page.url == THERE)).one()
        assert merged.never(session, [page.url_key]) == ({document}, done.other_id)
    assert before["document"] != state(engine)["document"]


def test_undoing_a_split_is_exact(crawl: Crawl, clock: Moving, archive: Archive, engine: Engine) -> None:
    document, _ = copied(crawl, clock)
    before = state(engine)
    (done,) = decide(archive).split(document, THERE)
    decide(archive).undo(done.decision)
    after = state(engine)
    after["document"] = [row for row in after["document"] if not row.startswith(f"({done.other_id},")]
    assert after == before
    assert [row.id for row in Queries(engine).find_documents(str(done.other_id))] == [document]


def test_the_original_is_split_off(crawl: Crawl, clock: Moving, archive: Archive, engine: Engine) -> None:
    document, _ = copied(crawl, clock)
    before = state(engine)
    (done,) = decide(archive).split(document, HERE)
    owned = Queries(engine)
    assert [(row.url, row.is_original) for row in owned.copies(done.other_id)] == [(HERE, True)]
    assert sum(row.is_original for row in owned.copies(document)) == 1
    assert [row.seq for row in owned.versions(document)] == [1]
    assert [row.seq for row in owned.versions(done.other_id)] == [1]
    decide(archive).undo(done.decision)
    after = state(engine)
    after["document"] = [row for row in after["document"] if not row.startswith(f"({done.other_id},")]
    assert after == before


def test_what_cannot_be_split_is_said(crawl: Crawl, clock: Moving, archive: Archive) -> None:
    document, _ = copied(crawl, clock)
    with pytest.raises(OperatorError, match=r"its copies are\n"):
        decide(archive).split(document, "https://www.example.cn/")
    decide(archive).split(document, THERE)
    decide(archive).split(document, COPY)
    with pytest.raises(OperatorError, match=r"stands at .* alone"):
        decide(archive).split(document, HERE)
