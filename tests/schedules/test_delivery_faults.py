"""The fault loop of delivery: matching, staging, sending and marking are broken at every fault point by a kill, a full
disk and a lock. No alert is lost, and none comes more than twice, the second time with the id of the first (D1)."""

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from support.archives import MIIT, Crawl, Moving, first_run, reading
from support.dispatch_once import dispatcher
from support.faults import ACTIONS, Fault, faults, passed, survived
from support.receivers import Receiver, receiver
from support.world import World

from schedules.channels.webhook import new_secret

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
DOCUMENTS = 12  # make several messages for a robot
NAMED = ("matching", "matched", "claimed", "written", "sent", "part_marked", "marked")
URL = "https://www.miit.gov.cn/art/2026/3/1/art_{}.html"


class Bench:
    """An archive with news that nobody was told yet, made anew for each fault, and two receivers."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self.clock = Moving(NOW)
        self.hook = stack.enter_context(receiver("webhook", now=self.clock.now))
        self.robot = stack.enter_context(receiver("wecom", now=self.clock.now))
        self._prepare()

    def _prepare(self) -> None:
        world = World(self.folder / "home", self.url("template"), self.clock)
        first_run(world.archive, self.clock)
        (self.folder / "secret").write_text(new_secret())
        (self.folder / "url").write_text(self.robot.url)
        book = world.book
        channels = [
            book.add_channel("webhook", self.hook.url, secret=f"file:{self.folder / 'secret'}"),
            book.add_channel("wecom", "group", address=f"file:{self.folder / 'url'}"),
        ]
        book.add_watch("all", "*", channels=channels)
        crawl = Crawl(world.archive, self.clock, MIIT)
        for number in range(DOCUMENTS):
            crawl.page(
                URL.format(number),
                reading(
                    doc_number=f"工信部信发〔2026〕{number}号", title=f"关于印发《第{number}号办法》的通知" + "长" * 100
                ),
            )
        crawl.close()
        world.close()  # the last connection writes the log of the database back into it

    def url(self, name: str) -> str:
        return f"sqlite:///{self.folder / name}.db"

    def anew(self) -> None:
        """The archive as it was before anybody was told, and receivers that got nothing."""
        for old in self.folder.glob("work.db*"):
            old.unlink()
        shutil.copyfile(self.folder / "template.db", self.folder / "work.db")
        object.__setattr__(self.clock, "moment", NOW)
        for one in (self.hook, self.robot):
            one.requests.clear()

    def work(self) -> None:
        world = World(self.folder / "home", self.url("work"), self.clock)
        dispatcher(world).run(seconds=30)
        world.close()

    def check(self, fault: Fault) -> None:
        """All was told to both; of each message at most one came twice, word for word."""
        world = World(self.folder / "home", self.url("work"), self.clock)
        assert {row.state for row in world.book.deliveries()} == {"sent"}, fault
        assert len(world.book.alerts()) == DOCUMENTS, fault
        with world.engine.connect() as connection:
            assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
        world.close()
        told = [event["document"]["number"] for event in self._once(self.hook)[0].json["events"]]
        assert len(set(told)) == len(told) == DOCUMENTS, fault
        bodies = [request.body for request in self.robot.taken()]
        repeated = [body for body, count in Counter(bodies).items() if count > 1]
        assert max(Counter(bodies).values()) <= 2, fault
        assert len(repeated) <= 1, fault
        said = b"".join(dict.fromkeys(bodies)).decode()
        assert [number for number in range(DOCUMENTS) if said.count(f"《第{number}号办法》") != 1] == [], fault

    def _once(self, one: Receiver) -> list:  # type: ignore[type-arg]
        ids = Counter((request.id, request.body) for request in one.taken())
        assert len({key for key, _ in ids}) == 1
        assert len(ids) == 1  # the same words at every attempt
        assert max(ids.values()) <= 2
        return one.taken()


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with ExitStack() as stack:
        yield Bench(tmp_path_factory.mktemp("deliveries"), stack)


def go_through(bench: Bench, chosen: Iterator[Fault]) -> int:
    """Break delivery at each fault, let time pass, and finish it."""
    count = 0
    for fault in chosen:
        bench.anew()
        survived(fault, bench.work)
        for _ in range(2):  # until the claim of what was killed has run out, and what failed is due
            bench.clock.forward(minutes=6)
            bench.work()
        bench.check(fault)
        count += 1
    return count


CHOSEN = (
    Fault("matched", 1, "locked"),
    Fault("written", 1, "enospc"),
    Fault("sent", 2, "kill"),
    Fault("part_marked", 1, "kill"),
)


@pytest.mark.parametrize("fault", CHOSEN, ids=str)
def test_D1_delivery_broken_where_most_is_at_stake(bench: Bench, fault: Fault) -> None:
    assert go_through(bench, iter([fault])) == 1


@pytest.mark.long
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("action", ACTIONS)
def test_D1_delivery_broken_at_every_point(bench: Bench, action: str) -> None:
    bench.anew()
    passes = passed(bench.work, bench.folder)
    assert set(NAMED) <= set(passes)
    assert go_through(bench, faults(passes, (action,), most=12)) >= 25
