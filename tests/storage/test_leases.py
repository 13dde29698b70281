"""Leases: one holder at a time, free again by time alone (row S1)."""

import threading

from sqlalchemy import Engine
from support.archives import Moving

from storage.leases import Leases


def test_one_holder_until_it_gives_up_or_is_late(engine: Engine, clock: Moving) -> None:
    leases = Leases(engine, clock)
    assert leases.holder("scheduler") is None
    assert leases.acquire("scheduler", "a", 60) == 1
    assert leases.acquire("scheduler", "b", 60) is None
    assert leases.acquire("scheduler", "a", 60) == 1  # its own
    assert leases.acquire("other", "b", 60) == 1
    assert leases.holder("scheduler") == "a"
    clock.forward(minutes=0.5)
    assert leases.renew("scheduler", "a", 60)
    assert not leases.renew("scheduler", "b", 60)
    clock.forward(minutes=0.9)
    assert leases.acquire("scheduler", "b", 60) is None
    clock.forward(minutes=0.1)
    assert leases.holder("scheduler") is None
    assert not leases.renew("scheduler", "a", 60)  # too late: it must take it anew
    assert leases.acquire("scheduler", "b", 60) == 2
    leases.release("scheduler", "a")  # another's: nothing happens
    assert leases.holder("scheduler") == "b"
    leases.release("scheduler", "b")
    assert leases.acquire("scheduler", "a", 60) == 3


def test_S1_of_many_that_start_together_one_holds(engine: Engine, clock: Moving) -> None:
    fences: list[int | None] = []

    def start(name: str) -> None:
        fences.append(Leases(engine, clock).acquire("scheduler", name, 60))

    threads = [threading.Thread(target=start, args=(f"service {number}",)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(fences, key=lambda fence: fence or 0) == [None] * 9 + [1]
