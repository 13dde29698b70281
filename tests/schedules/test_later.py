"""What arrives for a version later: told to those who did not match before, once; to nobody what only we read anew."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from support.archives import MIIT, Crawl, Moving, capture, changed, first_run, reading
from support.world import World

from schedules.watches import match_pending
from storage.pictures import Pictures
from storage.records import FileRecord, Verdict

URL = "https://www.miit.gov.cn/art/2026/3/1/art_1.html"
FILE = "https://www.miit.gov.cn/art/2026/3/1/guide.pdf"
LINKED = (("guide.pdf", FILE, "申报指南", "pdf"),)


@pytest.fixture
def clock() -> Moving:
    return Moving(datetime(2026, 3, 2, 2, 0, tzinfo=UTC))


@pytest.fixture
def told(pair_world: World, clock: Moving) -> Iterator[World]:
    made = World(pair_world.home, pair_world.url, clock)
    first_run(made.archive, clock)
    match_pending(made.book)
    made.book.add_channel("email", "a@example.org")
    yield made
    made.close()


def text(words: str, version: str = "1", **more: Any) -> FileRecord:
    return FileRecord(version, "pdf", "text" if words else "scanned", "", words, (), **more)


def fetch(world: World, crawl: Crawl, record: FileRecord | None, body: str = "%PDF 1") -> None:
    world.archive.record_attachment(
        crawl.run_id, URL, "guide.pdf", "申报指南", "pdf", capture(FILE, body, clock=crawl.clock), record
    )


def publish(
    world: World, clock: Moving, record: FileRecord | None = None, *, file: bool = False, **fields: Any
) -> None:
    crawl = Crawl(world.archive, clock)
    crawl.page(URL, reading(attachments=LINKED, **fields))
    if file:
        fetch(world, crawl, record)
    crawl.close()
    match_pending(world.book)


def later(world: World, clock: Moving, record: FileRecord | None, body: str = "%PDF 1", **end: Any) -> None:
    """A later crawl brings the file."""
    clock.forward(hours=1)
    crawl = Crawl(world.archive, clock)
    fetch(world, crawl, record, body)
    match_pending(world.book)  # the run goes on: nothing is told yet
    crawl.close(**end)
    match_pending(world.book)


def alerts(world: World) -> list[tuple[str, str, str | None]]:
    return [(alert.watch, alert.event.kind, alert.later) for alert in reversed(world.book.alerts())]


def test_a_file_s_text_that_comes_later_is_told_to_those_who_did_not_match_before(told: World, clock: Moving) -> None:
    told.book.add_watch("body", "补贴", channels=[1])
    told.book.add_watch("file", "算力", channels=[1])
    told.book.add_watch("both", "补贴 OR 算力", channels=[1])
    publish(told, clock)
    assert alerts(told) == [("body", "added", None), ("both", "added", None)]
    clock.forward(minutes=1)
    told.book.add_watch("new", "算力", channels=[1])  # of what was told before it was made, it hears nothing
    later(told, clock, text("算力平台的申报"))
    assert alerts(told)[2:] == [("file", "added", "attachment")]
    (alert,) = told.book.alerts(1)
    assert [(term["place"], term["excerpt"]) for term in alert.terms] == [("attachment", "算力平台的申报")]
    assert [(one.channel, one.state) for one in alert.deliveries] == [("a@example.org", "pending")]
    later(told, clock, text("算力平台的申报"))
    assert match_pending(told.book) == 0
    assert len(alerts(told)) == 3


def test_what_comes_with_the_event_is_matched_with_it(told: World, clock: Moving) -> None:
    told.book.add_watch("file", "算力", channels=[1])
    publish(told, clock, text("算力平台的申报"), file=True)
    assert alerts(told) == [("file", "added", None)]
    assert told.book.enriched_events() == ([], [])


def test_words_that_ocr_reads_later(told: World, clock: Moving) -> None:
    told.book.add_watch("file", "算力", channels=[1])
    publish(told, clock, text("", waiting=1), file=True)
    pictures = Pictures(told.engine, told.archive.snapshots, clock=clock)
    (file,) = pictures.waiting(1)
    assert pictures.keep(file, text("算力平台", confidence=90))
    assert match_pending(told.book) == 1
    assert alerts(told) == [("file", "added", "ocr")]


def test_a_later_version_is_new_and_its_text_that_comes_later_too(told: World, clock: Moving) -> None:
    told.book.add_watch("both", "补贴 OR 算力", channels=[1])
    told.book.add_watch("file", "算力", channels=[1])
    publish(told, clock)
    clock.forward(hours=1)
    publish(told, clock, blocks=changed(2, "第二条　本办法适用于全部企业。"))
    assert alerts(told) == [("both", "added", None), ("both", "changed", None)]
    later(told, clock, text("算力平台"))
    assert alerts(told)[2:] == [("file", "changed", "attachment")]


@pytest.mark.parametrize("backlog", [False, True])
def test_what_a_newer_reader_finds_is_told_only_where_backlog_is_asked_for(
    told: World, clock: Moving, backlog: bool
) -> None:
    told.book.add_watch("file", "算力", include_backlog=backlog, channels=[1])
    publish(told, clock, text("表格", version="1"), file=True)
    later(told, clock, text("算力平台", version="2"))
    assert alerts(told) == ([("file", "added", "reading")] if backlog else [])


def test_a_page_read_anew_is_told_only_where_backlog_is_asked_for(told: World, clock: Moving) -> None:
    told.book.add_watch("usual", "issuer:海关总署", channels=[1])
    told.book.add_watch("backlog", "issuer:海关总署", include_backlog=True, channels=[1])
    crawl = Crawl(told.archive, clock)
    crawl.page(URL, reading(), payload="<html>same</html>")
    crawl.close()
    match_pending(told.book)
    clock.forward(hours=1)
    crawl = Crawl(told.archive, clock)
    crawl.page(
        URL, reading(issuer="海关总署", issuers=("海关总署",), extractor_version="2"), payload="<html>same</html>"
    )
    crawl.close()
    match_pending(told.book)
    assert alerts(told) == [("backlog", "added", "reading")]


def test_a_quarantined_run_brings_nothing(told: World, clock: Moving) -> None:
    told.book.add_watch("file", "算力", channels=[1])
    publish(told, clock)
    later(told, clock, text("算力平台"), verdict=Verdict.QUARANTINED, reason="page 1 has 0 entries, expected 15")
    assert alerts(told) == []
    assert told.book.enriched_events() == ([], [])


def test_what_comes_after_a_month_is_backlog(told: World, clock: Moving) -> None:
    told.book.add_watch("usual", "算力", channels=[1])
    told.book.add_watch("backlog", "算力", include_backlog=True, channels=[1])
    publish(told, clock)
    clock.forward(days=31)
    later(told, clock, text("算力平台"))
    assert alerts(told) == [("backlog", "added", "attachment")]


def test_backlog_stays_backlog(told: World, clock: Moving) -> None:
    other = replace(MIIT, id="miit-other")
    told.archive.register_sources([other])
    told.book.add_watch("usual", "算力", channels=[1])
    crawl = Crawl(told.archive, clock, other)  # its first run
    crawl.page(URL, reading(attachments=LINKED))
    crawl.close()
    match_pending(told.book)
    later(told, clock, text("算力平台"))
    assert alerts(told) == []


def test_in_change_is_of_changed_clauses_alone(told: World, clock: Moving) -> None:
    told.book.add_watch("here", "in:change 20%", channels=[1])
    told.book.add_watch("before", "change:30%", channels=[1])
    told.book.add_watch("elsewhere", "in:change 工业互联网平台", channels=[1])
    publish(told, clock, blocks=changed(3, "第三条　对符合条件的企业给予补贴，补贴标准不超过投资额的30%。"))
    assert alerts(told) == []
    clock.forward(hours=1)
    publish(told, clock, blocks=changed(3, "第三条　对符合条件的企业给予补贴，补贴标准不超过投资额的20%。"))
    assert alerts(told) == [("here", "changed", None), ("before", "changed", None)]
    assert [term["place"] for term in told.book.alerts()[1].terms] == ["in", "change"]
