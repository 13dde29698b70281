"""Whether two pages show one document, on a second set of pairs labelled before the rules were looked at.

Real pages and own texts, set as other kinds of sites set them. Both pages of a pair go through the archive's door in
two runs, as a crawl records them; what is asked is whether one document holds both.

The labels were kept in the repository before the first run. That blind run (2026-11-24) merged none of the 76 pairs
that must not be, and found 59 of the 80 that must (recall 0.74: own 25 of 38, real 34 of 42). Missed were posts of
accounts, which name themselves where the issuer stands; headlines of the press over a whole text; orders whose
promulgation was cut off above their title; days with spaces in them; numbers and 【转发】 in titles. Reading and rules
were then mended for all such pages, so that the set is blind no more: 76 of 80, none wrongly. Still missed are two
unsigned texts of 200 letters on the site of another, and reports that two media print, which are kept apart on
purpose."""

import json
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from support.archives import MIIT, Moving, capture, first_run
from support.more_reposts import shown
from support.reposts import Text

from policy_crawler.pipelines.convert import read_file, reading_record, reread
from policy_crawler.reading import read
from storage.archive import Archive
from storage.engine import open_engine
from storage.models import Page
from storage.records import ReadingRecord, Verdict
from storage.snapshots import SnapshotStore

HERE = Path(__file__).parent
PAIRS = [json.loads(line) for line in (HERE / "identity_pairs_second.jsonl").read_text("utf-8").splitlines()]
TEXTS = json.loads((HERE / "identity_texts_second.json").read_text("utf-8"))
RECALL_OWN, RECALL_REAL = 36 / 38, 40 / 42  # what was reached, as the floor
START = datetime(2026, 11, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Served:
    """A page as a site serves it, and what was read of it."""

    url: str
    body: bytes
    record: ReadingRecord


def is_real(pair: dict[str, Any]) -> bool:
    return "page" in pair["one"]


def own(name: str) -> Text:
    text = TEXTS[name]
    days = {field: date.fromisoformat(text[field]) for field in ("written", "published")}
    return Text(text["title"], text["number"], text["issuer"], lines=tuple(text["lines"]), **days)


def served(side: dict[str, Any], pages: Path | None, place: str) -> Served:
    """The page of one side of a pair, at an address of its own."""
    if "page" in side:
        assert pages is not None
        name = side["page"]
        body = (pages / name).read_bytes()
        record = reading_record(read(body, name))
        url = f"https://{side.get('at', 'www.' + name.split('/')[1].split('_')[0] + '.gov.cn')}/{place}/{name}"
        if "as" not in side:
            return Served(url, body, record)
        published = record.published or (record.published_at and record.published_at.date()) or None
        lines = tuple(line for _, text in record.blocks for line in text.split("\n"))
        text = Text(record.title or "", record.doc_number, record.issuer, record.written, published, lines)
    else:
        text, url = own(side["text"]), f"https://{side['at']}/zc/{place}/{side['text']}.html"
    html = shown(text, side).encode()
    return Served(url, html, reading_record(read(html, url)))


class Door:
    """An archive made ready again for each pair."""

    def __init__(self, folder: Path, template: Path) -> None:
        self._folder, self._ready = folder, template
        self._file = folder / "archive.db"
        self._engine = open_engine(f"sqlite:///{self._file}")

    def are_one(self, one: Served, other: Served) -> bool:
        """Whether both pages, recorded in two runs, lead to one document."""
        self._engine.dispose()
        for file in self._folder.glob("archive.db*"):
            file.unlink()
        shutil.copy(self._ready, self._file)
        shutil.rmtree(self._folder / "snapshots", ignore_errors=True)
        clock = Moving(START)
        snapshots = SnapshotStore(self._folder / "snapshots")
        archive = Archive(self._engine, snapshots, clock, reader=reread, file_reader=read_file)
        first_run(archive, clock)
        for page in (one, other):
            clock.forward(hours=1)
            run = archive.open_run(MIIT.id, "manual", pid=1)
            archive.record(run, capture(page.url, page.body, clock=clock), page.record, purpose="document")
            archive.close_run(run, Verdict.OK, "", {})
        with Session(self._engine) as session:
            held = session.scalars(select(Page.document_id).where(Page.url.in_([one.url, other.url]))).all()
        assert len(held) == 2, (one.url, other.url)
        assert None not in held, (one.url, other.url)
        return held[0] == held[1]

    def close(self) -> None:
        self._engine.dispose()


@pytest.fixture
def door(sqlite_template: Path, tmp_path: Path) -> Iterator[Door]:
    opened = Door(tmp_path, sqlite_template)
    yield opened
    opened.close()


def judged(door: Door, pairs: Iterable[dict[str, Any]], pages: Path | None, floor: float) -> None:
    """Fails where a pair was merged that must not be, or fewer were found than before."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for pair in pairs:
        one, other = served(pair["one"], pages, "a"), served(pair["other"], pages, "b")
        merged = door.are_one(one, other)
        found[f"{pair['label']} {'merged' if merged else 'parted'}"].append((pair["id"], pair["why"]))
    recall = len(found["same merged"]) / (len(found["same merged"]) + len(found["same parted"]))
    print({name: len(list_) for name, list_ in found.items()}, f"recall {recall:.3f}", "missed:", found["same parted"])
    assert not found["apart merged"], found["apart merged"]
    assert recall >= floor, found["same parted"]


def test_there_are_enough_pairs_and_half_are_real() -> None:
    assert len(PAIRS) >= 150
    assert 2 * sum(map(is_real, PAIRS)) >= len(PAIRS)
    assert len({pair["id"] for pair in PAIRS}) == len(PAIRS)


def test_own_pairs(door: Door) -> None:
    judged(door, [pair for pair in PAIRS if not is_real(pair)], None, RECALL_OWN)


@pytest.mark.corpus
def test_pairs_of_real_pages(door: Door, corpus: Path) -> None:
    judged(door, filter(is_real, PAIRS), corpus / "pages", RECALL_REAL)


@pytest.mark.parametrize("pair", [pair for pair in PAIRS if not is_real(pair)], ids=lambda pair: pair["id"])
def test_each_page_reads_as_a_document(pair: dict[str, Any]) -> None:
    for side in ("one", "other"):
        assert served(pair[side], None, side).record.state == "document"
