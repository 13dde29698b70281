"""Which events reach which watches."""

import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from support.archives import MIIT, PROVINCE, Crawl, Moving, changed, first_run, reading
from support.world import World

from schedules.watches import match_pending, read_filters
from storage.errors import OperatorError
from storage.query import MatchText, Query
from storage.records import Verdict

URL = "https://www.miit.gov.cn/art/2026/3/1/art_1.html"


@pytest.fixture
def clock() -> Moving:
    return Moving(datetime(2026, 3, 2, 1, 0, tzinfo=UTC))


@pytest.fixture
def archive_world(tmp_path: Path, clock: Moving) -> Iterator[World]:
    """An archive whose sources have been crawled before, so that what comes is news."""
    made = World(tmp_path / "home", f"sqlite:///{tmp_path / 'archive.db'}", clock)
    first_run(made.archive, clock)
    first_run(made.archive, clock, PROVINCE)
    match_pending(made.book)
    yield made
    made.close()


def publish(world: World, clock: Moving, url: str = URL, source: Any = MIIT, **fields: Any) -> None:
    crawl = Crawl(world.archive, clock, source)
    crawl.page(url, reading(**fields))
    crawl.close()
    clock.forward(minutes=5)


def alerted(world: World) -> list[tuple[str, str]]:
    match_pending(world.book)
    return [(alert.watch, alert.event.kind) for alert in reversed(world.book.alerts())]


def test_an_added_document_reaches_the_watches_it_matches(archive_world: World, clock: Moving) -> None:
    for name, query in (
        ("yes", "工业互联网 补贴"),
        ("also", "title:补贴办法 OR 房地产"),
        ("no", "工业互联网 NOT 补贴"),
    ):
        archive_world.book.add_watch(name, query)
    publish(archive_world, clock)
    assert alerted(archive_world) == [("yes", "added"), ("also", "added")]
    terms = {alert.watch: alert.terms for alert in archive_world.book.alerts()}
    assert [(term["term"], term["place"]) for term in terms["yes"]] == [
        ("工业互联网", "title"), ("工业互联网", "body"), ("补贴", "title"), ("补贴", "body"),
    ]  # fmt: skip
    assert "补贴标准不超过投资额" in next(
        term["excerpt"] for term in terms["yes"] if term["term"] == "补贴" and term["excerpt"]
    )


def test_matching_again_adds_nothing(archive_world: World, clock: Moving) -> None:
    archive_world.book.add_watch("w", "补贴")
    publish(archive_world, clock)
    assert match_pending(archive_world.book) == 1
    assert match_pending(archive_world.book) == 0
    assert len(archive_world.book.alerts()) == 1


def test_a_change_is_a_new_alert_the_same_page_again_is_none(archive_world: World, clock: Moving) -> None:
    archive_world.book.add_watch("w", "补贴")
    publish(archive_world, clock)
    publish(archive_world, clock)
    publish(archive_world, clock, blocks=changed(3, "第三条　对符合条件的企业给予补贴，补贴标准不超过投资额的20%。"))
    assert alerted(archive_world) == [("w", "added"), ("w", "changed")]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["added", "changed"]),
        ({"events": ["changed"]}, ["changed"]),
        ({"sources": ["miit-tz"]}, ["added", "changed"]),
        ({"sources": ["gxt-js"]}, []),
        ({"types": ["policy", "news"]}, ["added", "changed"]),
        ({"types": ["news"]}, []),
        ({"issuers": ["工业和信息化部"]}, ["added", "changed"]),
        ({"issuers": ["财政部", "信息化"]}, ["added", "changed"]),
        ({"issuers": ["财政部"]}, []),
        ({"events": ["added"], "sources": ["gxt-js", "miit-tz"], "types": ["policy"]}, ["added"]),
    ],
)
def test_filters(archive_world: World, clock: Moving, filters: dict[str, Any], expected: list[str]) -> None:
    archive_world.book.add_watch("w", "*", filters)
    publish(archive_world, clock)
    publish(archive_world, clock, blocks=changed(2, "第二条　本办法适用于全部企业。"))
    assert [kind for _, kind in alerted(archive_world)] == expected


def test_backlog_reaches_only_watches_that_include_it(tmp_path: Path, clock: Moving) -> None:
    world = World(tmp_path / "home", f"sqlite:///{tmp_path / 'archive.db'}", clock)
    world.book.add_watch("new only", "补贴")
    world.book.add_watch("all", "补贴", include_backlog=True)
    publish(world, clock)  # the first run of its source
    assert alerted(world) == [("all", "added")]
    (alert,) = world.book.alerts()
    assert alert.event.backlog
    world.close()


def test_a_further_source_tells_only_those_who_follow_it_and_were_not_told(archive_world: World, clock: Moving) -> None:
    archive, book = archive_world.archive, archive_world.book
    book.add_watch("all", "补贴")
    book.add_watch("province", "补贴", {"sources": ["gxt-js"]})
    publish(archive_world, clock)
    assert alerted(archive_world) == [("all", "added")]
    publish(archive_world, clock, blocks=changed(2, "第二条　本办法适用于全部企业。"))
    assert alerted(archive_world) == [("all", "added"), ("all", "changed")]
    book.add_watch("later", "补贴")
    for _ in range(2):
        crawl = Crawl(archive, clock, PROVINCE)
        archive.discover(crawl.run_id, [(URL, "题", None)])
        crawl.close()
    assert alerted(archive_world) == [("all", "added"), ("all", "changed"), ("province", "added")]


def test_a_document_found_late_is_told_and_said_to_be_late(archive_world: World, clock: Moving) -> None:
    archive_world.book.add_watch("w", "补贴")
    publish(archive_world, clock, published=date(2026, 1, 5), written=date(2026, 1, 4))
    match_pending(archive_world.book)
    (alert,) = archive_world.book.alerts()
    assert alert.event.late


def test_a_mute_keeps_the_alert_and_stages_no_delivery(archive_world: World, clock: Moving) -> None:
    book = archive_world.book
    channel = book.add_channel("email", "a@example.org")
    quiet = book.add_watch("quiet", "补贴", channels=[channel])
    book.add_watch("loud", "补贴", channels=[channel])
    book.mute(watch_id=quiet)
    publish(archive_world, clock)
    match_pending(book)
    assert {alert.watch: alert.muted for alert in book.alerts()} == {"quiet": True, "loud": False}
    (delivery,) = book.deliveries()
    assert [alert.watch for alert in delivery.alerts] == ["loud"]


def test_a_quarantined_run_s_events_reach_nobody(archive_world: World, clock: Moving) -> None:
    archive_world.book.add_watch("w", "*")
    crawl = Crawl(archive_world.archive, clock)
    crawl.page(URL, reading())
    crawl.close(Verdict.QUARANTINED, "page 1 has 0 entries, expected 15")
    assert alerted(archive_world) == []


def test_a_source_s_events_reach_only_watches_that_ask_for_them(archive_world: World, clock: Moving) -> None:
    book = archive_world.book
    book.add_watch("analyst", "*")
    book.add_watch("operator", "*", {"events": ["source_failing", "source_recovered"]})
    book.add_watch("operator of another", "*", {"events": ["source_failing"], "sources": ["gxt-js"]})
    book.add_watch("by name", "工信部", {"events": ["source_failing"]})
    for verdict in (Verdict.QUARANTINED, Verdict.QUARANTINED, Verdict.OK):
        Crawl(archive_world.archive, clock).close(verdict, "page 1 has 0 entries, expected 15")
        clock.forward(minutes=30)
    assert alerted(archive_world) == [
        ("operator", "source_failing"), ("by name", "source_failing"), ("operator", "source_recovered"),
    ]  # fmt: skip


def test_S7_a_watch_that_cannot_be_read_is_said_and_the_others_go_on(  # a row written into the database by hand
    archive_world: World, clock: Moving, caplog: pytest.LogCaptureFixture
) -> None:
    book = archive_world.book
    book.add_watch("broken query", "((补贴")
    book.add_watch("broken filter", "补贴", {"__class__": ["x"]})
    book.add_watch("good", "补贴")
    publish(archive_world, clock)
    with caplog.at_level(logging.ERROR):
        assert alerted(archive_world) == [("good", "added")]
    assert ["broken query" in caplog.text, "broken filter" in caplog.text] == [True, True]


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        ({"event": ["added"]}, "no filter 'event'"),
        ({"events": ["new"]}, "no kind of event 'new'; there are added, changed"),
        ({"sources": "miit"}, "expected a list of texts, found 'miit'"),
        ({"types": [1]}, "expected a list"),
        ({"issuers": ["（）"]}, "holds no letter"),
    ],
)
def test_filters_that_cannot_be_read(filters: dict[str, Any], said: str) -> None:
    with pytest.raises(OperatorError, match=said):
        read_filters(filters)


def test_a_query_that_fails_on_one_text_holds_up_nobody(
    archive_world: World, clock: Moving, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No text is known that does this; a query's own evaluation is made to fail."""
    real = Query.matches

    def broken(self: Query, document: MatchText) -> Any:
        if self.text == "补贴 坏":
            raise RecursionError("too deep")
        return real(self, document)

    monkeypatch.setattr(Query, "matches", broken)
    archive_world.book.add_watch("broken", "补贴 坏")
    archive_world.book.add_watch("w", "补贴")
    publish(archive_world, clock, title="工业互联网补贴坏办法")
    assert alerted(archive_world) == [("w", "added")]
    assert "could not be matched" in caplog.text
