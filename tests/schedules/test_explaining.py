"""Why an alert came, or did not; and what a watch would have told over the last year."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.archives import PROVINCE, Crawl, Moving, changed, first_run, reading
from support.world import World

from schedules.digests import due, read_cadence
from schedules.examples import EXAMPLES, example
from schedules.explaining import Explainer, Explanation
from schedules.kinds import EVENTS
from schedules.rehearsing import rehearse
from schedules.watches import match_pending, read_filters
from storage.errors import OperatorError
from storage.query import parse
from storage.records import FetchRecord, Verdict
from storage.rows_watch import WatchRow

URL = "https://www.miit.gov.cn/art/2026/3/1/art_1.html"


@pytest.fixture
def clock() -> Moving:
    return Moving(datetime(2026, 3, 2, 2, 0, tzinfo=UTC))


@pytest.fixture
def told(tmp_path: Path, clock: Moving) -> Iterator[World]:
    made = World(tmp_path / "home", f"sqlite:///{tmp_path / 'archive.db'}", clock)
    first_run(made.archive, clock)
    match_pending(made.book)
    made.book.add_channel("email", "a@example.org")
    yield made
    made.close()


def publish(world: World, clock: Moving, url: str = URL, *, verdict: Verdict = Verdict.OK, **fields: Any) -> None:
    crawl = Crawl(world.archive, clock)
    crawl.page(url, reading(**fields))
    crawl.close(verdict, "" if verdict is Verdict.OK else "page 1 has 0 entries, expected 15")
    clock.forward(minutes=5)


def why(world: World, watch: str, document_id: int = 1) -> Explanation:
    return Explainer(world.book, world.queries).of_document(world.book.find_watch(watch), document_id)[0]


def said(found: Explanation) -> str:
    return "\n".join(f"{check.what} {check.met}: {check.said}" for check in found.checks)


def test_why_an_alert_came(told: World, clock: Moving) -> None:
    told.book.add_watch("w", "补贴 NOT 房地产", channels=[1])
    publish(told, clock)
    assert why(told, "w").verdict == "not told: matched"
    match_pending(told.book)
    found = why(told, "w")
    assert found.verdict == "to be told"
    assert "query 补贴 True: title; body" in said(found)
    assert "补贴标准不超过投资额" in said(found)
    assert "delivery 1 to a@example.org None: 0 attempts, the next 2026-03-02 10:05" in said(found)
    told.book.edit_watch("w", {"cadence": "daily 18:00"})
    publish(told, clock, f"{URL}?2", doc_number="工信部信发〔2026〕2号")
    match_pending(told.book)
    found = why(told, "w", 2)
    assert "collected until 2026-03-02 18:00 (daily 18:00 Asia/Shanghai)" in said(found)


@pytest.mark.parametrize(
    ("query", "filters", "more", "verdict", "reason"),
    [
        ("补贴 医保", {}, {}, "query 医保", "not found"),
        ("补贴 NOT 工业互联网", {}, {}, "query NOT 工业互联网", "excluded by 工业互联网 in the title"),
        ("医保 OR 社保", {}, {}, "query (医保 OR 社保)", "none of it is found"),
        ("补贴 published:2025", {}, {}, "query published:2025", "not found"),
        ("*", {"types": ["news"]}, {}, "filter types", "asks for news; the event has policy"),
        ("*", {"sources": ["gxt-js"]}, {}, "filter sources", "asks for gxt-js; the event has miit-tz"),
        ("*", {"issuers": ["财政部"]}, {}, "filter issuers", "the event has 工业和信息化部"),
        ("*", {"levels": ["city"]}, {}, "filter levels", "asks for city; the event has central"),
        ("*", {"regions": ["广东省"]}, {}, "filter regions", "asks for 广东; the event has none"),
        ("*", {"events": ["repealed"]}, {}, "filter events", "asks for repealed; the event has added"),
        ("补贴", {}, {"enabled": False}, "enabled", "disabled"),
    ],
)
def test_why_none_came(
    told: World, clock: Moving, *, query: str, filters: dict[str, Any], more: dict[str, Any], verdict: str, reason: str
) -> None:
    told.book.add_watch("w", query, filters, channels=[1])
    if more:
        told.book.edit_watch("w", more)
    publish(told, clock)
    match_pending(told.book)
    found = why(told, "w")
    assert found.verdict == f"not told: {verdict}"
    assert reason in next(check.said for check in found.checks if check.met is False)


def test_why_none_came_of_what_is_older_muted_told_before_or_held_back(told: World, clock: Moving) -> None:
    publish(told, clock)
    match_pending(told.book)
    told.book.add_watch("new", "补贴", channels=[1])
    assert why(told, "new").verdict == "not told: since"
    told.book.mute(source_id="miit-tz", until=clock.now() + timedelta(days=1), reason="网站改版")
    publish(told, clock, blocks=changed(2, "第二条　本办法适用于全部企业。"))
    match_pending(told.book)
    found = why(told, "new")
    assert found.verdict == "not told: muted"
    assert "source miit-tz is muted until 2026-03-03 10:05: 网站改版 (mute 1)" in said(found)
    publish(told, clock, verdict=Verdict.QUARANTINED, blocks=changed(2, "第二条　本办法适用于小企业。"))
    match_pending(told.book)
    found = why(told, "new")
    assert found.verdict == "not told: published"
    assert "page 1 has 0 entries, expected 15" in said(found)
    told.book.unmute(1)
    told.book.add_watch("nowhere", "补贴")
    publish(told, clock, blocks=changed(2, "第二条　本办法适用于大企业。"))
    match_pending(told.book)
    assert why(told, "nowhere").verdict == "not told: no channel"


def test_why_none_came_of_backlog_and_of_a_further_source(told: World, clock: Moving) -> None:
    told.book.add_watch("all", "补贴", channels=[1])
    crawl = Crawl(told.archive, clock, PROVINCE)  # its first run
    crawl.page("https://gxt.jiangsu.gov.cn/1.html", reading(doc_number="苏工信〔2026〕1号", title="江苏补贴办法"))
    crawl.close()
    match_pending(told.book)
    assert why(told, "all").verdict == "not told: backlog"
    clock.forward(hours=1)
    publish(told, clock, url=f"{URL}?2")
    crawl = Crawl(told.archive, clock, PROVINCE)
    told.archive.discover(crawl.run_id, [(f"{URL}?2", "题", None)])
    crawl.close()
    match_pending(told.book)
    newest = why(told, "all", 2)
    assert newest.verdict == "not told: filter sources"
    assert "told to watches of that source alone" in said(newest)


def test_what_is_known_of_a_page_without_a_document(told: World, clock: Moving) -> None:
    explainer = Explainer(told.book, told.queries)
    assert "nothing ever asked" in explainer.of_url(URL)[0].said
    crawl = Crawl(told.archive, clock)
    crawl.gone(URL, 403)
    told.archive.log_fetch(crawl.run_id, FetchRecord(URL, "document", clock.now(), 403, "blocked", 0, 12))
    crawl.close()
    assert "in run 2: blocked" in explainer.of_url(URL)[0].said
    assert explainer.of_event(WatchRow(0, "w", "*", {}, False, True, "local", (), clock.now()), 99) is None


def test_a_year_is_rehearsed_with_what_the_archive_holds(told: World, clock: Moving) -> None:
    crawl = Crawl(told.archive, clock, PROVINCE)  # a first run: backlog, and yet of this year
    for week in range(10):
        day = date(2026, 2, 27) - timedelta(weeks=week)
        for number in range(3):
            fields = {
                "doc_number": f"苏工信〔{day.year}〕{week * 3 + number + 1}号",
                "title": f"补贴办法{week}之{number}",
            }
            record = reading(**fields, published=day, written=day)
            crawl.page(f"https://gxt.jiangsu.gov.cn/{week}/{number}.html", record)
    crawl.page(
        "https://gxt.jiangsu.gov.cn/old.html",
        reading(doc_number="苏工信〔2019〕1号", published=date(2019, 3, 1), written=None),
    )
    crawl.close()
    publish(told, clock)
    publish(told, clock, blocks=changed(2, "第二条　本办法适用于全部企业。"))
    steps: list[int] = []
    watch = WatchRow(0, "补贴", "补贴", {}, False, True, "local", (), clock.now())
    found = rehearse(told.book, watch, samples=2, step=steps.append)
    assert found.kinds == {"added": 31, "changed": 1}
    assert (sum(found.matches), len(found.matches), found.complete) == (32, 52, True)
    assert steps == [found.looked_at] == [32]
    assert [(sample.event.kind, sample.on) for sample in found.samples] == [
        ("changed", date(2026, 3, 2)), ("added", date(2026, 3, 1)),
    ]  # fmt: skip
    weekly = rehearse(
        told.book, WatchRow(0, "w", "补贴", {}, False, True, "local", (), clock.now(), "weekly mon 09:00")
    )
    assert sum(weekly.messages) <= 12 < sum(weekly.matches)
    assert 0 < weekly.messages_a_week < 1
    filtered = rehearse(
        told.book, WatchRow(0, "w", "补贴", {"levels": ["central"]}, False, True, "local", (), clock.now())
    )
    assert filtered.kinds == {"added": 1, "changed": 1}
    short = rehearse(told.book, watch, most=5)
    assert (short.looked_at, short.complete) == (5, False)


def test_the_examples_can_be_used_as_they_are() -> None:
    names = [one.name for one in EXAMPLES]
    assert len(names) == len(set(names)) >= 10
    for one in EXAMPLES:
        parse(one.query)
        assert read_filters(one.filters).events <= EVENTS
        assert read_cadence(one.cadence) == one.cadence
        due(one.cadence, None, "Asia/Shanghai", datetime(2026, 3, 2, tzinfo=UTC))
    assert example("subsidies").about
    with pytest.raises(OperatorError, match="no example 'x'; there are subsidies"):
        example("x")
