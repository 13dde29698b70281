"""What people keep on documents: each owner's own marks, and what all see."""

import pytest
from sqlalchemy import Engine, text
from support.archives import Crawl, Moving, reading

from storage.accounts import Accounts
from storage.archive import Archive
from storage.desk import Desk, OnDesk
from storage.erasing import erase
from storage.errors import OperatorError

PAGE = "https://www.miit.gov.cn/art/1.html"


@pytest.fixture
def desk(engine: Engine, clock: Moving) -> Desk:
    return Desk(engine, clock)


@pytest.fixture
def crawl(archive: Archive, clock: Moving) -> Crawl:
    return Crawl(archive, clock)


@pytest.fixture
def document(crawl: Crawl) -> int:
    return crawl.page(PAGE, reading()).document_id or 0


@pytest.fixture
def people(engine: Engine, clock: Moving) -> tuple[int, int]:
    accounts = Accounts(engine, clock)
    return accounts.add("li", "operator", None).owner_id, accounts.add("wang", "analyst", None).owner_id


def test_marks_are_each_owners_own_and_the_rest_is_seen_by_all(
    desk: Desk, document: int, people: tuple[int, int]
) -> None:
    li, wang = people
    desk.read(document, li)
    desk.star(document, li, on=True)
    desk.tag(document, " 工业  互联网 ", li)
    desk.assign(document, "wang", li)
    number = desk.note(document, "与去年相比，第一条有变化。", wang, clause="第一条")
    mine, theirs = desk.of([document], li)[document], desk.of([document], wang)[document]
    assert (mine.read_version, mine.starred, theirs.read_version, theirs.starred) == (1, True, None, False)
    assert mine.tags == theirs.tags == ("工业 互联网",)
    assert (mine.assigned_to, mine.notes[0].clause, mine.notes[0].owner) == ("wang", "第一条", "wang")
    assert not desk.edit_note(number, "", li)
    assert desk.edit_note(number, "", wang)
    desk.untag(document, "工业 互联网")
    assert (desk.listed(li, "starred"), desk.listed(wang, "assigned"), desk.tags()) == ([document], [document], [])
    desk.done(document)
    assert desk.listed(wang, "assigned") == []
    desk.read(document, li, unread=True)
    desk.star(document, li, on=False)
    desk.assign(document, None, li)
    assert desk.of([document], li)[document] == OnDesk()


@pytest.mark.parametrize("text", ["", "  ", "x" * 10_001])
def test_a_note_that_is_none_is_refused(desk: Desk, document: int, people: tuple[int, int], text: str) -> None:
    with pytest.raises(OperatorError, match="1 to 10,000 characters"):
        desk.note(document, text, people[0])
    with pytest.raises(OperatorError, match="there is no document"):
        desk.star(document + 7, people[0], on=True)
    with pytest.raises(OperatorError, match="a tag has 1 to 40"):
        desk.tag(document, "<b>", people[0])


def test_what_was_kept_on_an_erased_document_goes_with_it(
    archive: Archive, crawl: Crawl, desk: Desk, document: int, people: tuple[int, int]
) -> None:
    desk.note(document, "每个平台的补贴不超过二百万元", people[0])
    desk.star(document, people[0], on=True)
    crawl.close()
    archive.snapshots.close()
    erase(archive, document, "asked to")
    with archive.engine.connect() as connection:
        kept = [connection.scalar(text(f"SELECT count(*) FROM {table}")) for table in ("note", "mark")]  # noqa: S608
    assert kept == [0, 0]
