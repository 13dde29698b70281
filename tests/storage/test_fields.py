"""What a reading knows beside its text is kept, found again, and told where it changes: organs, number, deadline."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select, text
from support.archives import Crawl, Moving, changed, first_run, reading

from schedules.watches import WatchSet
from storage.archive import Archive
from storage.models import Organ, Version
from storage.queries import Queries
from storage.records import Capture, ClauseChange, Outcome, ReadingRecord
from storage.rows import OrganRow
from storage.search import search
from storage.snapshots import SnapshotStore
from storage.watching import WatchBook

URL = "https://www.miit.gov.cn/art/2026/3/1/art_{}.html"
MOMENT = datetime(2026, 3, 31, 9, 0, tzinfo=UTC)  # 17:00 in China


def draft(**fields: Any) -> ReadingRecord:
    """A consultation draft with a deadline."""
    usual: dict[str, Any] = {
        "title": "公开征求对《工业互联网平台补贴办法（征求意见稿）》的意见", "type": "consultation", "doc_number": None,
        "deadline": date(2026, 3, 31),
    }  # fmt: skip
    return reading(**{**usual, **fields})


def joint(*organs: tuple[str, str | None], **fields: Any) -> ReadingRecord:
    """A document issued by these organs."""
    names = tuple(name for name, _ in organs)
    return reading(organs=organs, issuers=names, issuer="、".join(names), **fields)


@pytest.fixture
def crawl(archive: Archive, clock: Moving) -> Crawl:
    first_run(archive, clock)
    return Crawl(archive, clock)


def only_version(engine: Engine) -> Any:
    versions = Queries(engine).versions(1)
    assert len(versions) == 1
    return versions[0]


# -- kept ----------------------------------------------------------------------------------------------------------


def test_all_fields_come_back(crawl: Crawl, engine: Engine) -> None:
    organs = (("工业和信息化部", "工信部联信发"), ("财政部", None))
    others = {"title": (("别的标题", "meta og:title", 0.6),)}
    crawl.page(
        URL.format(1),
        draft(
            organs=organs, doc_number="工信部联信发[2026]012号", number_normal="工信部联信发〔2026〕12号",
            deadline_at=MOMENT, images_carry_text=True, alternatives=others,
        ),
    )  # fmt: skip
    version, document = only_version(engine), Queries(engine).document(1)
    assert version.organs == (OrganRow("工业和信息化部", "工信部联信发"), OrganRow("财政部", None))
    assert (version.number_normal, version.deadline, version.deadline_at) == (
        "工信部联信发〔2026〕12号", date(2026, 3, 31), MOMENT,
    )  # fmt: skip
    assert version.images_carry_text is True
    assert version.alternatives == {"title": [["别的标题", "meta og:title", 0.6]]}
    assert document is not None
    assert (document.number_normal, document.deadline) == ("工信部联信发〔2026〕12号", date(2026, 3, 31))


@pytest.mark.parametrize(
    ("name", "lead", "expected"),
    [
        ("工业和信息化部", None, [3, 1]),
        ("工信部", None, [3, 1]),
        ("工业和信息化部", True, [1]),
        ("工业和信息化部", False, [3]),
        ("财政部", None, [3, 2, 1]),
        ("教育部", None, []),
    ],
)
def test_documents_of_an_organ_alone_or_joint(
    crawl: Crawl, engine: Engine, name: str, lead: bool | None, expected: list[int]
) -> None:
    miit, mof = ("工业和信息化部", None), ("财政部", None)
    for number, organs in enumerate([(miit, mof), (mof,), (mof, miit)], 1):
        numbered = {"title": f"第{number}号文", "doc_number": f"财建〔2026〕{number}号"}
        crawl.page(URL.format(number), joint(*organs, **numbered, blocks=changed(1, f"第一条　{number}")))
    assert [row.id for row in Queries(engine).documents_of_organ(name, lead=lead)] == expected


def test_the_question_in_the_docs_is_answered(crawl: Crawl, engine: Engine) -> None:
    page = Path(__file__).parents[2] / "docs" / "reading.md"
    (block,) = re.findall(r"(?m)^    SELECT (?:.*\n)(?:    .*\n)+", page.read_text(encoding="utf-8"))
    for number, organs in enumerate([("工业和信息化部", "财政部"), ("财政部",), ("财政部", "工业和信息化部")], 1):
        numbered = {"title": f"第{number}号文", "doc_number": f"财建〔2026〕{number}号"}
        crawl.page(URL.format(number), joint(*((name, None) for name in organs), **numbered))
    with engine.connect() as connection:
        rows = connection.execute(text(f"{block} ORDER BY document.id")).all()
    assert [(row.id, bool(row.leads)) for row in rows] == [(1, True), (3, False)]


def test_an_organ_of_an_earlier_version_only_takes_no_part(crawl: Crawl, engine: Engine) -> None:
    crawl.page(URL.format(1), joint(("工业和信息化部", None), ("财政部", None)))
    crawl.page(URL.format(1), joint(("工业和信息化部", None), blocks=changed(1, "第一条　为了别的目的，制定本办法。")))
    assert [row.id for row in Queries(engine).documents_of_organ("财政部")] == []
    assert [row.id for row in Queries(engine).documents_of_organ("工业和信息化部")] == [1]


# -- found ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "finds"),
    [
        ("issuer:工信部", True),
        ("issuer:工业和信息化部", True),
        ("issuer:国家发展改革委", True),
        ("issuer:发改委", True),
        ("issuer:国家发展和改革委员会", True),
        ("发文机关:国家市场监督管理总局", True),
        ("issuer:市场监管总局", True),
        ("issuer:财政部", False),
        ("issuer:发改委 issuer:工信部", True),
        ("NOT issuer:工信部", False),
        ("number:工信部联信发[2026]12号", True),
        ("number:工信部联信发（2026）012号", True),
        ("number:工信部联信发〔２０２６〕１２号", True),
        ("文号:工信部联信发〔二〇二六〕十二号", True),
        ("number:12号", True),
        ("number:2号", False),
        ("number:工信部联信发〔2025〕12号", False),
    ],
)
def test_a_query_matches_alike_in_both_databases_and_in_memory(
    crawl: Crawl, engine: Engine, clock: Moving, query: str, finds: bool
) -> None:
    record = reading(
        issuer="工信部 国家发改委 市场监管总局", issuers=("工信部", "国家发改委", "市场监管总局"),
        organs=(("工业和信息化部", "工信部联信发"), ("国家发展和改革委员会", None), ("国家市场监督管理总局", None)),
        doc_number="工信部联信发【2026】第012号", number_normal="工信部联信发〔2026〕12号",
    )  # fmt: skip
    crawl.page(URL.format(1), record)
    crawl.close()
    book = WatchBook(engine, clock)
    watch = book.add_watch("w", query)
    (event,) = book.unmatched_events()
    assert event.text is not None
    in_sql = search(engine, query).count == 1
    in_memory = [watch_id for watch_id, _ in WatchSet(book.watches()).match(event)] == [watch]
    assert (in_sql, in_memory) == (finds, finds)


def test_an_order_is_found_by_chinese_and_arabic_numerals(crawl: Crawl, engine: Engine) -> None:
    crawl.page(
        URL.format(1), reading(doc_number="国务院令第七百四十三号", number_normal="国务院令第743号", issuer="国务院")
    )
    for query in ("number:国务院令第743号", "number:国务院令第七百四十三号", "number:第743号"):
        assert search(engine, query).count == 1, query
    assert search(engine, "number:国务院令第43号").count == 0


def test_a_number_of_a_form_that_no_key_has_names_its_document(crawl: Crawl, engine: Engine) -> None:
    crawl.page(URL.format(1), reading(doc_number="粤建函 20号", number_normal="粤建函20号"))
    for printed in ("粤建函20号", "粤建函２０号", "粤建函 20 号"):
        assert [row.id for row in Queries(engine).find_documents(printed)] == [1], printed
    assert Queries(engine).find_documents("粤建函2号") == []


def test_a_filter_for_an_issuer_takes_short_names(crawl: Crawl, engine: Engine, clock: Moving) -> None:
    crawl.page(URL.format(1), joint(("国家发展和改革委员会", None), ("财政部", None)))
    crawl.close()
    book = WatchBook(engine, clock)
    wanted = [
        book.add_watch(name, "*", {"issuers": [name]}) for name in ("国家发改委", "财政部", "国家发展和改革委员会")
    ]
    book.add_watch("not", "*", {"issuers": ["教育部"]})
    (event,) = book.unmatched_events()
    assert [watch_id for watch_id, _ in WatchSet(book.watches()).match(event)] == wanted


def test_a_hit_says_until_when_comments_are_taken(crawl: Crawl, engine: Engine) -> None:
    crawl.page(URL.format(1), draft())
    assert [hit.deadline for hit in search(engine, "type:consultation").hits] == [date(2026, 3, 31)]


# -- told ----------------------------------------------------------------------------------------------------------


def changes(crawl: Crawl, engine: Engine, clock: Moving, records: Sequence[ReadingRecord]) -> list[Outcome]:
    """What the door says of one page as it is read anew, an hour apart, each time in other bytes."""
    outcomes = []
    for number, record in enumerate(records):
        outcomes.append(crawl.page(URL.format(1), record, f"bytes {number}").outcome)
        clock.forward(hours=1)
    return outcomes


def test_another_deadline_beside_the_same_text_is_a_change(crawl: Crawl, engine: Engine, clock: Moving) -> None:
    later = draft(deadline=date(2026, 4, 15))
    assert changes(crawl, engine, clock, [draft(), later, later]) == [Outcome.ADDED, Outcome.CHANGED, Outcome.SAME]
    first, second = Queries(engine).versions(1)
    assert (first.deadline, second.deadline) == (date(2026, 3, 31), date(2026, 4, 15))
    assert first.text_hash == second.text_hash
    told = [event for event in Queries(engine).events(state=None) if event.kind == "changed"]
    assert [event.changes for event in told] == [
        (ClauseChange("changed", "征求意见截止日期", "2026-03-31", "2026-04-15"),)
    ]
    document = Queries(engine).document(1)
    assert document is not None
    assert document.deadline == date(2026, 4, 15)


@pytest.mark.parametrize(
    ("records", "outcomes"),
    [
        # A deadline that disappears is no news; the same again is the same.
        ([draft(), draft(deadline=None), draft()], ["added", "same", "same"]),
        # Two servers out of step: the last versions count, as for texts.
        ([draft(), draft(deadline=date(2026, 4, 15)), draft()], ["added", "changed", "same"]),
        # A day that now has its hour is the same day; another hour is another deadline.
        ([draft(), draft(deadline_at=MOMENT)], ["added", "same"]),
        ([draft(deadline_at=MOMENT), draft(deadline_at=MOMENT.replace(hour=4))], ["added", "changed"]),
        # One that a draft did not name before is told.
        ([draft(deadline=None), draft()], ["added", "changed"]),
        # Another name for an organ, and another way to write a number, are none of the text.
        ([draft(organs=(("工信部", None),)), draft(organs=(("工业和信息化部", None),))], ["added", "same"]),
        ([draft(number_normal=None), draft(number_normal="工信部信发〔2026〕12号")], ["added", "same"]),
    ],
)
def test_what_is_a_change_beside_the_text(
    crawl: Crawl, engine: Engine, clock: Moving, records: list[ReadingRecord], outcomes: list[str]
) -> None:
    assert changes(crawl, engine, clock, records) == outcomes


def test_a_deadline_in_another_text_is_told_first(crawl: Crawl, engine: Engine, clock: Moving) -> None:
    after = draft(deadline=date(2026, 4, 15), blocks=changed(1, "第一条　为了别的目的，制定本办法。"))
    assert changes(crawl, engine, clock, [draft(), after]) == [Outcome.ADDED, Outcome.CHANGED]
    (event,) = [event for event in Queries(engine).events(state=None) if event.kind == "changed"]
    assert [change.label for change in event.changes] == ["征求意见截止日期", "第一条"]


# -- never told: our own progress ------------------------------------------------------------------------------------


def read_by(records: dict[bytes, ReadingRecord]) -> Any:
    """A newer extractor, which makes these records of these bytes."""

    def reader(capture: Capture) -> ReadingRecord | None:
        return records[capture.payload]

    return reader


@pytest.mark.parametrize("payload", ["bytes one", "bytes two"])
def test_fields_that_a_newer_extractor_finds_are_no_change(
    engine: Engine, snapshots: SnapshotStore, clock: Moving, payload: str
) -> None:
    """Of the same bytes, and of others that say the same: the version gets them, and nobody is told."""
    richer = replace(
        draft(), extractor_version="2", organs=(("工业和信息化部", None),), deadline=date(2026, 4, 1),
        number_normal="工信部信发〔2026〕12号",
    )  # fmt: skip
    archive = Archive(engine, snapshots, clock, reader=read_by({b"bytes one": richer}))
    first_run(archive, clock)
    crawl = Crawl(archive, clock)
    poor = draft(deadline=None)
    hash_before = None
    crawl.page(URL.format(1), poor, "bytes one")
    hash_before = only_version(engine).text_hash
    clock.forward(hours=1)
    recorded = crawl.page(URL.format(1), richer, payload)
    assert recorded.outcome is (Outcome.UPGRADED if payload == "bytes one" else Outcome.SAME)
    version = only_version(engine)
    assert version.text_hash == hash_before
    assert (version.deadline, version.organs) == (date(2026, 4, 1), (OrganRow("工业和信息化部", None),))
    assert [event.kind for event in Queries(engine).events(state=None)] == ["added"]


def test_a_deadline_changed_on_the_page_is_told_across_an_upgrade(
    engine: Engine, snapshots: SnapshotStore, clock: Moving
) -> None:
    """The old bytes are read by the newer extractor first; what the page then says otherwise is a change."""
    old_bytes = replace(draft(), extractor_version="2")
    archive = Archive(engine, snapshots, clock, reader=read_by({b"bytes one": old_bytes}))
    first_run(archive, clock)
    crawl = Crawl(archive, clock)
    crawl.page(URL.format(1), draft(deadline=None), "bytes one")
    clock.forward(hours=1)
    new = replace(draft(deadline=date(2026, 4, 15)), extractor_version="2")
    assert crawl.page(URL.format(1), new, "bytes two").outcome is Outcome.CHANGED
    (event,) = [event for event in Queries(engine).events(state=None) if event.kind == "changed"]
    assert [(change.before, change.after) for change in event.changes] == [("2026-03-31", "2026-04-15")]


def test_old_bytes_that_now_read_otherwise_are_left_alone(
    engine: Engine, snapshots: SnapshotStore, clock: Moving
) -> None:
    """A newer extractor that makes another text of the old bytes, but the known one of the new, told nobody before
    and tells nobody now."""
    other = replace(draft(blocks=changed(0, "better read")), extractor_version="2")
    archive = Archive(engine, snapshots, clock, reader=read_by({b"bytes one": other}))
    first_run(archive, clock)
    crawl = Crawl(archive, clock)
    crawl.page(URL.format(1), draft(), "bytes one")
    clock.forward(hours=1)
    assert crawl.page(URL.format(1), replace(draft(), extractor_version="2"), "bytes two").outcome is Outcome.SAME


def test_organs_are_kept_once_for_each_reading(crawl: Crawl, engine: Engine, clock: Moving) -> None:
    record = joint(("工业和信息化部", None), ("财政部", None))
    changes(crawl, engine, clock, [record, record, replace(record, extractor_version="2")])
    with engine.connect() as connection:
        rows = connection.execute(select(Organ.reading_id, Organ.position, Organ.name).order_by(Organ.reading_id)).all()
        version = connection.execute(select(Version.reading_id)).scalar_one()
    assert [(position, name) for reading_id, position, name in rows if reading_id == version] == [
        (0, "工业和信息化部"), (1, "财政部"),
    ]  # fmt: skip
    assert len(rows) == 2 * len({reading_id for reading_id, _, _ in rows})


def test_a_name_of_any_length_is_kept(crawl: Crawl, engine: Engine) -> None:
    crawl.page(URL.format(1), joint(("某" * 5_000, None)))
    assert len(only_version(engine).organs[0].name) <= 300
