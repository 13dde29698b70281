"""Pairs of pages through the real door: read as a crawl reads them, kept through a crawl's ledger, matched with a watch
of everything. In one process, an archive for each pair."""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urljoin

from sqlalchemy import Engine
from support.archives import Moving, first_run
from support.page_pairs import Answer, Pair

from policy_crawler.attachments import extract
from policy_crawler.catalog import Source
from policy_crawler.errors import Unreadable
from policy_crawler.items import AttachmentItem, FetchedResponse, PageItem
from policy_crawler.pipelines.convert import read_file, reread
from policy_crawler.pipelines.ledger import Ledger
from policy_crawler.reading import read
from policy_crawler.reading.model import Reading
from schedules.watches import match_pending
from storage import migrations
from storage.archive import Archive
from storage.engine import open_engine
from storage.records import Outcome, Verdict
from storage.snapshots import SnapshotStore
from storage.watching import WatchBook

START = datetime(2026, 3, 6, 1, tzinfo=UTC)
SOURCE = Source(
    id="pairs", issuer="示例省人民政府办公厅", issuer_short="示例省", site="www.example.gov.cn", column="政策文件",
    list_url="https://www.example.gov.cn/zwgk/zcwj/index.html", family="links", publishes="policy", level="province",
)  # fmt: skip


_WITH_FILES = frozenset({Outcome.ADDED, Outcome.CHANGED, Outcome.SAME, Outcome.RESTORED})


@dataclass(frozen=True)
class Told:
    """What a pair brought: the outcomes of its later answers, and the kinds of their alerts."""

    outcomes: tuple[str, ...]
    alerts: tuple[tuple[str, ...], ...]  # of each later answer

    def count(self, start: int = 0) -> int:
        """How many alerts the later answers brought, from the `start`-th on."""
        return sum(len(kinds) for kinds in self.alerts[start:])


class Door:
    """An archive in a folder that is made ready again for each pair: tables, a source with a first run, a watch."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ready, self._file = folder / "ready.db", folder / "archive.db"
        self._engine = open_engine(f"sqlite:///{self._file}")  # one for all: it remembers how statements are compiled
        migrations.upgrade(self._engine)
        clock = Moving(START)
        archive = Archive(self._engine, SnapshotStore(folder / "snapshots"), clock)
        first_run(archive, clock)
        run = Ledger(archive, clock).begin(SOURCE, "manual")
        archive.close_run(run, Verdict.OK, "", {})
        WatchBook(self._engine, clock).add_watch("all", "*")
        self._engine.dispose()  # the last connection brings all into the file
        shutil.copy(self._file, self._ready)

    def told(self, pair: Pair) -> Told:
        """Let the archive see the pair, and nothing else before it."""
        self._engine.dispose()
        for file in self._folder.glob("archive.db*"):
            file.unlink()
        shutil.copy(self._ready, self._file)
        shutil.rmtree(self._folder / "snapshots", ignore_errors=True)
        return _Seen(self._engine, self._folder / "snapshots", pair).told()

    def close(self) -> None:
        self._engine.dispose()


class _Seen:
    def __init__(self, engine: Engine, folder: Path, pair: Pair) -> None:
        folder.mkdir()
        self.clock = Moving(START)
        self.pair = pair
        self.book = WatchBook(engine, self.clock)
        self.archive = Archive(engine, SnapshotStore(folder), self.clock, reader=reread, file_reader=read_file)

    def told(self) -> Told:
        runs = [self._answer(self.pair.first, "document")]
        runs += [self._answer(answer, "recheck") for answer in self.pair.later]
        match_pending(self.book)
        alerts: dict[int, list[str]] = {run: [] for run, _ in runs}
        for alert in reversed(self.book.alerts(limit=1_000)):
            alerts[alert.event.run_id].append(alert.event.kind)
        first, *later = (tuple(kinds) for kinds in alerts.values())
        assert first == ("added",), f"{self.pair.name}: {runs[0][1]}, {first}"
        return Told(tuple(outcome for _, outcome in runs[1:]), tuple(later))

    def _answer(self, answer: Answer, purpose: str) -> tuple[int, str]:
        """One run that sees one answer: its id, and what the archive made of it."""
        self.clock.forward(days=answer.days)
        ledger = Ledger(self.archive, self.clock)
        run = ledger.begin(SOURCE, "manual")
        if answer.failed:
            outcome = ledger.page_failed(self.pair.url, purpose).outcome
        else:
            response = self._response(self.pair.url, answer.body, answer)
            reading = _reading(response)
            outcome = ledger.record_page(PageItem(SOURCE.id, purpose, response, reading)).outcome
            if reading is not None and answer.files and outcome in _WITH_FILES:
                self._files(ledger, reading, answer, always=outcome is not Outcome.SAME)
        self.archive.close_run(run, Verdict.OK, "", {})
        return run, outcome.value

    def _files(self, ledger: Ledger, reading: Reading, answer: Answer, *, always: bool) -> None:
        """Fetch files as a crawl does: all of a new or changed page, of one that is as it was those that are due."""
        urls = [link.url for link in reading.attachments]
        due = set(urls if always else ledger.files_due(self.pair.url, urls, urls))
        for number, link in enumerate(reading.attachments, 1):
            payload = next(
                (body for end, body in answer.files.items() if link.url == urljoin(self.pair.url, end)), None
            )
            if payload is None or link.url not in due:
                continue
            response = self._response(link.url, payload, Answer(payload, "application/octet-stream"))
            item = AttachmentItem(
                SOURCE.id, self.pair.url, link.href, link.name, link.type, response,
                extract(payload, link.name, link.type), position=number,
            )  # fmt: skip
            ledger.record_attachment(item)

    def _response(self, url: str, body: bytes, answer: Answer) -> FetchedResponse:
        return FetchedResponse(
            url, answer.final_url or url, answer.status, (("Content-Type", answer.content_type),), body,
            self.clock.now(), "192.0.2.1", answer.truncated, None,
        )  # fmt: skip


def _reading(response: FetchedResponse) -> Reading | None:
    """As a spider reads an answer."""
    if response.status != 200:
        return None
    try:
        return read(response.body, response.final_url, content_type=response.content_type, status=response.status)
    except Unreadable:
        return None
