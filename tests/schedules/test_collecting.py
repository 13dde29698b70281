"""Messages that collect until they are due: rows from the first alert on, each event told once by a channel."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from support.archives import Crawl, Moving, changed, first_run, reading
from support.world import World

from schedules.watches import Matcher, match_pending

URL = "https://www.miit.gov.cn/art/2026/3/1/art_1.html"


@pytest.fixture
def clock() -> Moving:
    return Moving(datetime(2026, 3, 2, 2, 0, tzinfo=UTC))  # a Monday, 10:00 in China


@pytest.fixture
def told(pair_world: World, clock: Moving) -> Iterator[World]:
    """An archive whose source was crawled before, and a channel, on both databases."""
    made = World(pair_world.home, pair_world.url, clock)
    first_run(made.archive, clock)
    match_pending(made.book)
    made.book.add_channel("email", "a@example.org")
    yield made
    made.close()


def publish(world: World, clock: Moving, number: int, **fields: Any) -> None:
    crawl = Crawl(world.archive, clock)
    crawl.page(f"{URL}?{number}", reading(doc_number=f"工信部信发〔2026〕{number}号", **fields))
    crawl.close()
    match_pending(world.book)


def waiting(world: World) -> list[tuple[datetime, int]]:
    """When each message is due, and how many alerts it carries; the first that is due first."""
    rows = [row for row in world.book.deliveries() if row.state == "pending"]
    return sorted((row.next_attempt_at, len(row.alerts)) for row in rows)


def china(day: int, hour: int) -> datetime:
    return datetime(2026, 3, day, hour - 8, tzinfo=UTC)


def test_what_comes_in_a_day_is_one_message_a_channel(told: World, clock: Moving) -> None:
    told.book.add_watch("daily", "补贴", channels=[1], cadence="daily 18:00")
    for number in (1, 2):
        publish(told, clock, number)
        clock.forward(hours=1)
    assert waiting(told) == [(china(2, 18), 2)]
    ids = {row.message_id for row in told.book.deliveries()}
    again = World(told.home, told.url, clock)  # the service was started anew
    publish(again, clock, 3)
    assert waiting(again) == [(china(2, 18), 3)]
    assert {row.message_id for row in again.book.deliveries()} == ids
    clock.forward(hours=7)  # past 18:00: due, and nothing is put into it any more
    publish(again, clock, 4)
    assert waiting(again) == [(china(2, 18), 3), (china(3, 18), 1)]
    assert len(again.book.due_deliveries(clock.now())) == 1
    again.close()


def test_quiet_hours_hold_what_comes_until_they_end(told: World, clock: Moving) -> None:
    told.book.add_watch("quiet", "补贴", channels=[1], quiet="22:00-07:00")
    publish(told, clock, 1)
    assert waiting(told) == [(clock.now(), 1)]
    clock.forward(hours=13)  # 23:00
    for number in (2, 3):
        publish(told, clock, number)
    assert waiting(told)[1:] == [(datetime(2026, 3, 2, 23, tzinfo=UTC), 2)]


def test_watches_with_the_same_time_share_a_message_and_zones_differ(told: World, clock: Moving) -> None:
    told.book.add_watch("one", "补贴", channels=[1], cadence="daily 18:00")
    told.book.add_watch("berlin", "title:nothing OR 数据", channels=[1], cadence="daily 18:00", zone="Europe/Berlin")
    publish(told, clock, 1)
    assert waiting(told) == [(china(2, 18), 1)]
    publish(told, clock, 2, title="数据补贴办法")
    assert waiting(told) == [(china(2, 18), 3)]  # told as early as any of its watches asks


def test_an_event_is_told_once_by_a_channel_as_early_as_any_watch_asks(told: World, clock: Moving) -> None:
    told.book.add_watch("weekly", "补贴", channels=[1], cadence="weekly fri 09:00")
    told.book.add_watch("now", "工业互联网", channels=[1])
    other = told.book.add_channel("email", "b@example.org")
    told.book.add_watch("elsewhere", "补贴", channels=[other], cadence="hourly")
    publish(told, clock, 1)
    by_channel = {row.channel.id: row for row in told.book.deliveries()}
    assert [alert.watch for alert in by_channel[1].alerts] == ["weekly", "now"]
    assert (by_channel[1].digest, by_channel[other].digest) == (None, "hourly Asia/Shanghai")


def test_a_clock_that_was_wrong_holds_up_no_digest(told: World, clock: Moving) -> None:
    told.book.add_watch("daily", "补贴", channels=[1], cadence="daily 18:00")
    told.book.add_watch("now", "医保", channels=[1])
    clock.forward(days=3)  # wrong
    publish(told, clock, 1)
    publish(told, clock, 2, title="医保办法", blocks=changed(2, "第二条　本办法适用于医保。"))
    assert waiting(told)[-1] == (china(5, 18), 1)
    clock.forward(days=-3)
    match_pending(told.book)
    assert waiting(told) == [(clock.now(), 2), (china(2, 18), 1)]
    clock.forward(hours=-1)
    match_pending(told.book)
    assert waiting(told)[-1] == (china(2, 18), 1)
    clock.forward(days=1, hours=1)  # a jump ahead: due once, no burst
    assert len(told.book.due_deliveries(clock.now())) == 2


def test_what_is_muted_while_it_collects_is_withheld(told: World, clock: Moving) -> None:
    watch = told.book.add_watch("daily", "补贴", channels=[1], cadence="daily 18:00")
    for number in (1, 2):
        publish(told, clock, number)
    document = told.book.alerts()[0].event.document_id
    mute = told.book.mute(document_id=document, reason="已处理")
    assert waiting(told) == [(china(2, 18), 1)]
    assert [alert.state for alert in told.book.alerts()] == ["muted", "pending"]
    assert told.book.mutes()[0].reason == "已处理"
    told.book.mute(watch_id=watch, until=clock.now() + timedelta(days=1))
    assert waiting(told) == []
    assert told.book.deliveries() == []
    assert told.book.unmute(mute)
    assert not told.book.unmute(mute)
    assert [row.watch for row in told.book.mutes()] == ["daily"]
    clock.forward(days=2)
    assert (told.book.mutes(), len(told.book.mutes(ended=True))) == ([], 1)
    publish(told, clock, 3)
    assert [alert.muted for alert in told.book.alerts()] == [False, True, True]


def test_a_pass_reads_only_the_watches_that_changed(told: World, clock: Moving) -> None:
    matcher = Matcher(told.book)
    one = told.book.add_watch("one", "补贴", channels=[1])
    told.book.add_watch("two", "补贴", channels=[1])
    assert len(matcher.refresh()) == 2
    before = matcher.watches.watch(one)
    assert told.book.changed_watches(matcher.revision) == (matcher.revision, [])
    told.book.edit_watch("two", {"query": "医保", "cadence": "daily 18:00"})
    matcher.refresh()
    assert matcher.watches.watch(one) is before
    publish(told, clock, 1)
    told.book.edit_watch("one", {"enabled": False})
    told.book.remove_watch("two")
    assert len(matcher.refresh()) == 0
    publish(told, clock, 2)
    assert [(alert.watch, alert.event.number) for alert in told.book.alerts()] == [("one", "工信部信发〔2026〕1号")]
    told.book.edit_watch("one", {"enabled": True, "name": "again"}, channels=[])
    publish(told, clock, 3)
    assert [alert.state for alert in told.book.alerts(watch="again")] == ["no channel", "pending"]
    assert [row.name for row in told.book.watches(disabled=True)] == ["again"]
