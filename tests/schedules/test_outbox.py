"""From a published event to the mail in the box: delivered at least once, told once, whatever breaks (L3, L7, L10,
L11, D1)."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.archives import MIIT, Crawl, Moving, changed, first_run, reading
from support.dispatch_once import dispatcher
from support.mailbox import CUT, HANG, Mailbox
from support.world import World

from schedules.dispatch import SERVICE_LEASE, Dispatched, deliver_pending
from storage.clock import Clock

URL = "https://www.miit.gov.cn/art/2026/3/1/art_{}.html"
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> Moving:
    return Moving(NOW)


@pytest.fixture
def told(tmp_path: Path, clock: Moving) -> Iterator[World]:
    """An archive with a source crawled before, and a watch that mails to an analyst."""
    made = World(tmp_path / "home", f"sqlite:///{tmp_path / 'archive.db'}", clock)
    first_run(made.archive, clock)
    made.book.add_watch("补贴", "补贴", channels=[made.book.add_channel("email", "analyst@example.org")])
    yield made
    made.close()


def publish(world: World, clock: Moving, *numbers: int, **fields: Any) -> None:
    """One run that finds documents."""
    crawl = Crawl(world.archive, clock, MIIT)
    for number in numbers or (1,):
        crawl.page(URL.format(number), reading(**{"doc_number": f"工信部信发〔2026〕{number}号", **fields}))
    crawl.close()


def run(world: World, box: Mailbox) -> Dispatched:
    return dispatcher(world, box.port).run()


def test_a_mail_says_what_where_why(told: World, clock: Moving, box: Mailbox) -> None:
    publish(told, clock)
    assert run(told, box).deliveries.sent == 1
    (received,) = box.accepted()
    text = received.part("plain")
    assert "新文件：工业和信息化部关于印发《工业互联网平台补贴办法》的通知" in text
    assert "文号：    工信部信发〔2026〕1号" in text
    assert "成文日期：2026-03-01" in text
    assert "关注“补贴”" in text
    assert "标题：“补贴”" in text
    assert f"原文：    {URL.format(1)}" in text
    assert "文件 1，第 1 版" in text
    (delivery,) = told.book.deliveries()
    assert (delivery.state, delivery.receipt) == ("sent", "2.0.0 taken")
    assert received.message_id == f"<{delivery.message_id}@example.org>"


def test_a_change_is_told_by_its_clause(told: World, clock: Moving, box: Mailbox) -> None:
    publish(told, clock)
    run(told, box)
    clock.forward(hours=1)
    old = "补贴标准不超过投资额的30%，每个企业每年不超过500万元。"
    publish(told, clock, blocks=changed(3, f"第三条　对符合条件的企业给予补贴，{old}".replace("500", "800")))
    run(told, box)
    text = box.accepted()[1].part("plain")
    assert "文件有修改" in text
    assert "第三条修改" in text
    assert "每年不超过[-500-]万元" in text
    assert "每年不超过{+800+}万元" in text
    assert "第四条  " not in text  # no heading of a clause that did not change


def test_nothing_new_sends_nothing(told: World, clock: Moving, box: Mailbox) -> None:
    publish(told, clock)
    run(told, box)
    publish(told, clock)
    run(told, box)
    assert len(box.received) == 1


def test_L10_three_watches_and_two_documents_of_a_run_are_one_mail(told: World, clock: Moving, box: Mailbox) -> None:
    (channel,) = told.book.channels()
    told.book.add_watch("平台", "平台", channels=[channel.id])
    told.book.add_watch("工信部", "issuer:工信部", channels=[channel.id])
    publish(told, clock, 1, 2, title="工业和信息化部关于平台补贴的通知")
    run(told, box)
    (received,) = box.received
    text = received.part("plain")
    assert text.startswith("2 条：新文件 2")
    for watch in ("补贴", "平台", "工信部"):
        assert text.count(f"关注“{watch}”") == 2


def test_late_is_said(told: World, clock: Moving, box: Mailbox) -> None:
    publish(told, clock, published=datetime(2026, 1, 5, tzinfo=UTC).date())
    run(told, box)
    assert "此文件发布已 56 天" in box.received[0].part("plain")


def test_L7_greylisted_mail_is_tried_on_the_schedule_with_one_id(told: World, clock: Moving, box: Mailbox) -> None:
    publish(told, clock)
    box.will("rcpt", "450 4.2.0 greylisted", times=2)
    box.will("text", CUT, times=1)
    assert run(told, box).deliveries.retrying == 1
    assert run(told, box).deliveries.failed == 0  # not due yet
    clock.forward(seconds=6)
    assert run(told, box).deliveries.retrying == 1
    clock.forward(seconds=6)
    assert run(told, box).deliveries.failed == 0  # the second wait is five minutes
    clock.forward(minutes=6)
    assert run(told, box).deliveries.retrying == 1  # cut after the text: it may have arrived
    clock.forward(minutes=34)
    assert run(told, box).deliveries.sent == 1
    assert len({received.message_id for received in box.received}) == 1
    assert [received.accepted for received in box.received] == [False, True]


def test_L7_a_refused_recipient_is_given_up_and_says_why(told: World, clock: Moving, box: Mailbox) -> None:
    publish(told, clock)
    box.will("rcpt", "550 5.1.1 no such user")
    assert run(told, box).deliveries.dead == 1
    (delivery,) = told.book.deliveries()
    assert delivery.state == "dead"
    assert "550 5.1.1 no such user" in str(delivery.error)
    clock.forward(days=2)
    assert run(told, box).deliveries == Dispatched(0, run(told, box).deliveries).deliveries
    assert not box.received


def test_while_nothing_gets_through_it_is_not_given_up_for_five_days(told: World, clock: Moving, box: Mailbox) -> None:
    publish(told, clock)
    box.will("rcpt", "451 4.3.0 try later", times=2_000)
    begun = clock.now()
    while told.book.channels()[0].enabled:
        run(told, box)
        clock.forward(hours=2)
    assert told.book.deliveries()[0].state == "dead"
    assert "5 days" in str(told.book.channels()[0].disabled_reason)
    assert timedelta(days=5) < clock.now() - begun < timedelta(days=5, hours=5)


def test_a_server_of_ours_that_is_down_disables_no_channel(told: World, clock: Moving, box: Mailbox) -> None:
    publish(told, clock)
    box.will("mail", "421 4.3.2 shutting down", times=200)
    for _ in range(12):
        run(told, box)
        clock.forward(hours=12)
    (channel,) = told.book.channels()
    assert channel.enabled
    assert told.book.deliveries()[0].state == "pending"


def test_L11_a_channel_that_hangs_keeps_no_other_waiting(told: World, clock: Moving, box: Mailbox) -> None:
    book = told.book
    channels = [book.add_channel("email", f"r{number}@example.org") for number in range(5)]
    book.add_watch("all", "*", channels=channels)
    publish(told, clock)
    box.will("rcpt", HANG, recipient="r0@example.org")
    begun = time.monotonic()
    working = dispatcher(told, box.port, timeout=6)
    done = working.run(seconds=3)
    assert time.monotonic() - begun < 5
    assert done.deliveries.sent == 5  # four of the watch's, and the analyst
    assert done.deliveries.unfinished == 1
    # The hanging one is still at it, so the next pass leaves it alone; when it timed out, it is due again.
    assert working.run(seconds=0.1).deliveries.unfinished == 1
    deadline = time.monotonic() + 20
    while working.run(seconds=0.1).deliveries.unfinished:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    clock.forward(seconds=10)
    assert working.run().deliveries.sent == 1
    assert {received.recipient for received in box.accepted()} == {
        "analyst@example.org", *(f"r{number}@example.org" for number in range(5)),
    }  # fmt: skip


def test_two_at_once_send_once(told: World, clock: Moving, box: Mailbox) -> None:
    import threading

    publish(told, clock)
    threads = [threading.Thread(target=run, args=(told, box)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(box.received) == 1
    assert len(told.book.alerts()) == 1


def test_a_terminal_channel_prints(
    told: World, clock: Moving, box: Mailbox, capsys: pytest.CaptureFixture[str]
) -> None:
    told.book.add_watch("here", "补贴", channels=[told.book.add_channel("terminal", "")])
    publish(told, clock)
    assert run(told, box).deliveries.sent == 2
    assert "关注“here”" in capsys.readouterr().out


def test_a_command_leaves_delivery_to_a_service_that_is_there(told: World, clock: Moving, box: Mailbox) -> None:
    publish(told, clock)
    told.leases.acquire(SERVICE_LEASE, "a service", 60)
    assert deliver_pending(dispatcher(told, box.port), told.leases) is None
    assert not box.received
    told.leases.release(SERVICE_LEASE, "a service")
    done = deliver_pending(dispatcher(told, box.port), told.leases)
    assert done is not None
    assert done.deliveries.sent == 1


POINTS = ["matching:1", "matched:1", "claimed:1", "claimed:2", "sent:1", "sent:2", "marked:1", "marked:2"]


@pytest.mark.parametrize("point", POINTS)
def test_D1_a_kill_at_any_point_loses_nothing(world: World, box: Mailbox, point: str) -> None:
    _kill_and_go_on(world, box, point)


@pytest.mark.parametrize("point", ["matching:1", "sent:1"])
def test_D1_on_either_database(pair_world: World, box: Mailbox, point: str) -> None:
    _kill_and_go_on(pair_world, box, point)


def _kill_and_go_on(world: World, box: Mailbox, point: str) -> None:
    """Two watches with a mailbox each make two deliveries. A process is killed at the point; the next one, when the
    claim has run out, brings what is missing."""
    clock = Moving(Clock().now())
    first_run(world.archive, clock)
    for name in ("analyst", "lawyer"):
        world.book.add_watch(name, "补贴", channels=[world.book.add_channel("email", f"{name}@example.org")])
    publish(world, clock, 1)
    command = [sys.executable, "-m", "support.dispatch_once", str(box.port)]
    killed = subprocess.run(
        command, env={**os.environ, **world.settings(), "POLICY_CRAWLER_FAULT": f"{point}:kill"}, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    later = Clock(timedelta(minutes=3)).environment()
    subprocess.run(command, env={**os.environ, **world.settings(), **later}, check=True)

    assert {delivery.state for delivery in world.book.deliveries()} == {"sent"}
    received = [mail.message_id for mail in box.accepted()]
    assert len(set(received)) == 2
    # The one point of a duplicate: after the server took it, before it was marked. At the kill the other channel's
    # thread may stand there, wherever this one stands; none is sent a third time.
    assert max(Counter(received).values()) <= 2
    assert len(received) > 2 or not point.startswith("sent")
    assert len(world.book.alerts()) == 2
