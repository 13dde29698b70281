"""Whether two pages show one document, on labelled pairs: none merged that must not be, most found that must be.

The pairs of identity_pairs_test.jsonl were labelled before the rule was written, and it was never tuned on them."""

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine
from support.archives import MIIT
from support.identity_pairs import Pair, Paper, are_merged, pairs_in, papers

from policy_crawler.pipelines.convert import reading_record
from policy_crawler.reading import read
from storage.archive import Archive
from storage.records import ReadingRecord

HERE = Path(__file__).parent
TRAIN, TEST = pairs_in(HERE / "identity_pairs.jsonl"), pairs_in(HERE / "identity_pairs_test.jsonl")
RECALL = 0.95


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


def test_each_edit_changes_the_page() -> None:
    for pair in (*TRAIN, *TEST):
        if not is_real(pair):
            one, other = papers(pair, own_only)
            assert isinstance(other.record, ReadingRecord)
            assert one != other, pair.id
