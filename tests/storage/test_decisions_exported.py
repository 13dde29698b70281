"""What persons decided about which documents are one leaves and comes back with exports, on both databases."""

import pytest
from sqlalchemy import select
from support.archives import NEWS, PROVINCE, Crawl, first_run, reading
from support.exchange import exported, take

from storage import possible
from storage.deciding import Decisions
from storage.engine import reading as reading_session
from storage.engine import writing
from storage.errors import OperatorError
from storage.merged import are_distinct
from storage.models import Document, PossibleCopy
from storage.queries import Queries
from storage.records import Outcome

ONE, COPY = "https://www.miit.gov.cn/art/1.html", "https://gxt.jiangsu.gov.cn/art/1.html"
PARTS = ("智能制造", "绿色工厂", "数据安全", "车联网")


@pytest.fixture
def decided(archive, clock):
    """Documents 1 and 5, split by hand; 2, into which 3 was merged; 4, said not to be 2, and maybe 1."""
    for source in (PROVINCE, NEWS):
        first_run(archive, clock, source)
    first_run(archive, clock)
    crawl = Crawl(archive, clock)
    crawl.page(ONE, reading())
    assert crawl.page(COPY, reading()).outcome is Outcome.COPY
    for number, part in enumerate(PARTS[:3], 2):
        crawl.page(f"https://www.miit.gov.cn/art/{number}.html", about(part, number))
    crawl.close()
    decide = Decisions(archive.engine, clock.now(), by="li", reason="why")
    decide.split(1, COPY)
    decide.merge([2, 3], into=2)
    decide.distinct(2, 4)
    with writing(archive.engine) as session:
        session.add(PossibleCopy(document_id=4, other_id=1, reason="one text on two days", found_at=clock.now()))
    return archive


def about(part: str, number: int):
    blocks = (
        ("paragraph", f"为推进{part}工作，各单位应当按照要求报送{part}有关材料，逾期不再受理，并做好{part}宣传。" * 2),
    )
    return reading(title=f"关于{part}的通知", doc_number=f"工信部信发〔2026〕{20 + number}号", blocks=blocks)


def test_decisions_come_back_and_hold(decided, clock, other) -> None:
    result, told = take(other, exported(decided))
    assert (result.documents, told) == (4, [])
    queries = Queries(other.engine)
    (split,) = queries.find_documents(COPY)
    (first,) = queries.find_documents(ONE)
    assert split.id != first.id  # one number and issuer, and yet two
    (standing,) = queries.find_documents("工信部信发〔2026〕23号")
    assert (standing.id, [row.id for row in queries.find_documents("3")]) == (2, [2])
    with reading_session(other.engine) as session:
        assert are_distinct(session, 2, 4) is not None
        assert are_distinct(session, first.id, split.id) is not None
        assert session.get_one(Document, 3).merged_into == 2
        (pair,) = possible.listed(session, 10)
        assert (pair.document_id, pair.other_id, pair.reason) == (4, 1, "one text on two days")
    decide = Decisions(other.engine, clock.now(), by="wang")
    with pytest.raises(OperatorError, match="kept apart"):
        decide.merge([2, 4])
    with pytest.raises(OperatorError, match="came with an import"):
        decide.undo(1)
    later = Crawl(other, clock)
    assert later.page("https://www.gov.cn/zhengce/3.html", about(PARTS[1], 3)).document_id == 2


def test_what_went_out_comes_back_alike(decided, other) -> None:
    first = exported(decided)
    take(other, first)
    with reading_session(other.engine) as session:
        assert len(session.scalars(select(Document)).all()) == 5
    again = exported(other)
    kept = [line.partition(b'"decisions"')[2].partition(b'"validity"')[0] for line in first.splitlines()]
    assert kept == [line.partition(b'"decisions"')[2].partition(b'"validity"')[0] for line in again.splitlines()]
