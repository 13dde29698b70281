"""A merge, a split, or undoing one, broken at every fault point, is wholly done or not at all; then it can be done."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from support.archives import Crawl, Moving, first_run, reading
from support.faults import faults, passed, survived

from storage.archive import Archive
from storage.deciding import Decisions
from storage.engine import open_engine
from storage.engine import reading as reading_session
from storage.models import Document, IdentityDecision, Page, Version
from storage.verifying import verify

URL = "https://www.miit.gov.cn/art/{}.html"
POINTS = ("merge-moved", "merge-retired", "unmerge-parted", "split-versions", "split-decided", "unsplit-joined",
          "committing", "committed")  # fmt: skip


@pytest.fixture
def three(archive: Archive, clock: Moving) -> Archive:
    """Document 1 at two URLs, and document 2."""
    first_run(archive, clock)
    crawl = Crawl(archive, clock)
    crawl.page(URL.format(1), reading())
    crawl.page("https://www.gov.cn/art/1.html", reading())
    crawl.page(URL.format(2), reading(title="另一办法", doc_number="工信部信发〔2026〕90号", blocks=(
        ("paragraph", "另一件事的办法，自发布之日起施行，请各单位遵照执行，并于年底前报送有关材料，逾期不再受理。" * 2),
    )))  # fmt: skip
    crawl.close()
    archive.snapshots.close()
    return archive


def counts(engine: Engine) -> tuple[object, ...]:
    """What must be one of two states: the decisions that hold, the documents that stand, pages and versions of each."""
    with reading_session(engine) as session:
        held = session.scalar(
            select(func.count()).select_from(IdentityDecision).where(IdentityDecision.undone_at.is_(None))
        )
        standing = tuple(
            session.scalars(select(Document.id).where(Document.merged_into.is_(None)).order_by(Document.id))
        )
        of_pages = tuple(session.execute(
            select(Page.document_id, func.count()).group_by(Page.document_id).order_by(Page.document_id)
        ).all())  # fmt: skip
        numbered = select(Version.document_id, Version.seq).order_by(Version.document_id, Version.seq)
        return held, standing, of_pages, tuple(session.execute(numbered).all())


def merged(decide: Decisions) -> None:
    decide.merge([1, 2], into=1)


def split(decide: Decisions) -> None:
    decide.split(1, "https://www.gov.cn/art/1.html")


def undo(decide: Decisions) -> None:
    decide.undo(1)


# The loops over PostgreSQL take their time: `make test-long`.
@pytest.mark.parametrize(
    "backend", ["sqlite", pytest.param("postgresql", marks=[pytest.mark.postgres, pytest.mark.long])], indirect=True
)
@pytest.mark.parametrize(("before", "work"), [((), merged), ((merged,), undo), ((), split), ((split,), undo)],
                         ids=["merge", "undo a merge", "split", "undo a split"])  # fmt: skip
def test_a_killed_decision_is_whole_or_not_made(
    three: Archive, archive_url: str, clock: Moving, tmp_path: Path, *, before: tuple[Callable[[Decisions], None], ...],
    work: Callable[[Decisions], None],
) -> None:  # fmt: skip
    def decide(**more: bool) -> None:
        engine = open_engine(archive_url)
        work(Decisions(engine, clock.now(), by="li", **more))
        engine.dispose()

    for step in before:
        step(Decisions(three.engine, clock.now(), by="li"))
    three.engine.dispose()
    first = counts(three.engine)
    three.engine.dispose()
    points = passed(lambda: decide(preview=True), tmp_path)
    points["committing"] = points["committed"] = 1
    for fault in faults(points, ("kill",), most=1, only=set(POINTS) - {"committed"}):
        survived(fault, decide)
        assert counts(three.engine) == first, fault
        three.engine.dispose()
    (last,) = faults({"committed": 1}, ("kill",))
    survived(last, decide)
    assert counts(three.engine) != first
    assert verify(three.engine, three.snapshots.folder).damages == []
