"""Operators hear of a broken source once, and once when it is well again; nobody else does."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from support.archives import MIIT, Crawl, Moving
from support.dispatch_once import dispatcher
from support.mailbox import Mailbox
from support.world import World

from schedules.cadences import Fixed
from schedules.health import late, tell_operator
from storage.records import Verdict

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def test_a_source_that_fails_and_recovers_is_two_mails(world: World, box: Mailbox) -> None:
    clock = Moving(world.clock.now())
    world.book.add_watch("analyst", "*", channels=[world.book.add_channel("email", "analyst@example.org")])
    for _ in range(2):  # asked for twice, told once
        tell_operator(world.book, [world.book.add_channel("email", "operator@example.org")])
    for verdict in (Verdict.OK, Verdict.QUARANTINED, Verdict.QUARANTINED, Verdict.DIED, Verdict.OK, Verdict.OK):
        Crawl(world.archive, clock).close(verdict, "page 1 has 0 entries, expected 15")
        dispatcher(world, box.port).run()
    assert [received.recipient for received in box.accepted()] == ["operator@example.org"] * 2
    failing, recovered = (received.mail["Subject"] for received in box.accepted())
    assert failing == f"[来源异常] {MIIT.name}"
    assert recovered == f"[来源恢复] {MIIT.name}"
    assert "page 1 has 0 entries, expected 15" in box.accepted()[0].part("plain")


@pytest.mark.parametrize(
    ("hours_ago", "failures", "is_late"),
    [(1, 0, False), (1.9, 0, False), (2.1, 0, True), (7, 4, False), (8.1, 4, True), (47, 12, False), (49, 12, True)],
)
def test_late_is_twice_the_cadence_without_a_success(
    world: World, hours_ago: float, failures: int, is_late: bool
) -> None:
    world.register("one")
    (row,) = world.queries.sources()
    assert late(row, Fixed(60), NOW) is None  # not scheduled
    row = replace(row, next_due_at=NOW, last_success_at=NOW - timedelta(hours=hours_ago), failures=failures)
    assert (late(row, Fixed(60), NOW) is not None) == is_late
