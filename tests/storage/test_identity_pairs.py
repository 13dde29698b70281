"""Whether two pages show one document, on labelled pairs: none merged that must not be, most found that must be.

The pairs of identity_pairs_test.jsonl were labelled before the rule was written, and it was never tuned on them."""

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from support.archives import MIIT, Moving, capture
from support.identity_pairs import Pair, Paper, pairs_in, papers

from policy_crawler.pipelines.convert import reading_record
from policy_crawler.reading import read
from storage import documents, works
from storage.archive import Archive
from storage.documents import At
from storage.identity import url_key
from storage.models import Page, Run
from storage.records import ReadingRecord

HERE = Path(__file__).parent
TRAIN, TEST = pairs_in(HERE / "identity_pairs.jsonl"), pairs_in(HERE / "identity_pairs_test.jsonl")
RECALL = 0.95
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def is_real(pair: Pair) -> bool:
    return "page" in pair.one


def own_only(file: str) -> Paper:
    raise AssertionError(f"{file} is a real page")


def test_there_are_enough_pairs_and_half_are_real() -> None:
    every = [*TRAIN, *TEST]
    real = [pair for pair in every if is_real(pair)]
    assert len(every) >= 300
    assert len(real) >= len(every) / 2
    assert len(TEST) >= 150
    assert {pair.label for pair in every} == {"same", "apart", "undecided"}


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize("pairs", [TRAIN, TEST], ids=["train", "test"])
def test_own_pairs(pairs: list[Pair], archive: Archive, engine: Engine) -> None:
    judged(archive, engine, [pair for pair in pairs if not is_real(pair)], own_only)


@pytest.mark.corpus
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize("pairs", [TRAIN, TEST], ids=["train", "test"])
def test_pairs_of_real_pages(pairs: list[Pair], archive: Archive, engine: Engine, corpus: Path) -> None:
    judged(archive, engine, [pair for pair in pairs if is_real(pair)], real_pages(corpus))


def real_pages(corpus: Path) -> Callable[[str], Paper]:
    """Reads real pages, each once. Two captures of one page have one address, and the edits part them."""
    read_before: dict[str, Paper] = {}

    def page(file: str) -> Paper:
        if file not in read_before:
            url = f"https://{file.split('_', maxsplit=1)[0].rpartition('/')[2]}.gov.cn/{file}"
            record = reading_record(read((corpus / "pages" / file).read_bytes(), file))
            read_before[file] = Paper(url, record)
        return read_before[file]

    return page


def judged(archive: Archive, engine: Engine, pairs: list[Pair], real: Callable[[str], Paper]) -> None:
    """Fails where a pair was merged that must not be, or too few were that must be."""
    archive.register_sources([MIIT])
    archive.open_run(MIIT.id, "manual", pid=1)
    found: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        one, other = papers(pair, real)
        merged = are_merged(engine, one, other)
        found[f"{pair.label} {'merged' if merged else 'parted'}"].append(pair)
    wrong = [(pair.id, pair.other) for pair in found["apart merged"]]
    missed = [(pair.id, pair.other) for pair in found["same parted"]]
    recall = len(found["same merged"]) / (len(found["same merged"]) + len(missed))
    print({name: len(list_) for name, list_ in found.items()}, f"recall {recall:.3f}", "missed:", missed)
    assert not wrong, wrong
    assert not found["undecided merged"], found["undecided merged"]
    assert recall >= RECALL, missed


def are_merged(engine: Engine, one: Paper, other: Paper) -> bool:
    """Whether the archive that has `one` takes `other` for a copy of it. Nothing stays in the database."""
    with Session(engine) as session:
        run = session.scalars(select(Run)).one()
        page = kept(session, run, one)
        at = At(session, run, page, NOW)
        clock = Moving(NOW)
        snapshot = documents.keep_snapshot(session, page, run, capture(one.url, clock=clock), ("0" * 64, "f", 0, 1))
        reading = documents.keep_reading(session, snapshot, one.record, NOW)
        document = documents.add(at, one.record)
        documents.add_version(at, document, one.record, reading, "added")
        further = kept(session, run, other)
        type_ = documents.type_of(session, other.record, further)
        merged = works.same_work(session, other.record, type_, further, capture(other.url, clock=clock))
        session.rollback()
        return merged is not None


def kept(session: Session, run: Run, paper: Paper) -> Page:
    """The row of a page, as if a list had led to it."""
    page = Page(
        url_key=url_key(paper.url), url=paper.url, source_id=run.source_id, is_original=False, state="fetched",
        found_at=NOW - timedelta(hours=1), backlog=False, attempts=0, flaps=0,
    )  # fmt: skip
    session.add(page)
    session.flush()
    return page


def test_each_edit_changes_the_page() -> None:
    for pair in (*TRAIN, *TEST):
        if not is_real(pair):
            one, other = papers(pair, own_only)
            assert isinstance(other.record, ReadingRecord)
            assert one != other, pair.id
