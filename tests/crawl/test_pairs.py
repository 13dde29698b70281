"""Two corpora of pages seen twice: what sites change by themselves brings no alert, what people change does, each pair
through the real door. `make pairs` prints both as tables."""

from collections import defaultdict
from collections.abc import Iterator

import pytest
from support import page_changes, page_noise
from support.page_pairs import Pair
from support.recorded_pairs import Door

NOISE = page_noise.pairs()
CHANGES = page_changes.pairs()
PART = 24  # pairs tried in one test


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    opened = Door(tmp_path_factory.mktemp("pairs"))
    yield opened
    opened.close()


def _parts(pairs: list[Pair]) -> list[list[Pair]]:
    return [pairs[start : start + PART] for start in range(0, len(pairs), PART)]


@pytest.mark.parametrize("part", _parts(NOISE), ids=lambda part: part[0].kind)
def test_what_sites_change_by_themselves_brings_no_alert(door, part):
    told = {pair.name: door.told(pair) for pair in part}
    wrong = [f"{name}: {seen}" for name, seen in told.items() if seen.count()]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("part", _parts(page_noise.flapping()), ids=["flapping"])
def test_servers_out_of_step_tell_a_change_once(door, part):
    for pair in part:
        seen = door.told(pair)
        assert seen.alerts == (("changed",), (), (), ()), pair.name


@pytest.mark.parametrize("part", _parts(CHANGES), ids=lambda part: part[0].kind)
def test_what_people_change_is_told(door, part):
    told = {pair.name: door.told(pair) for pair in part}
    silent = [f"{name}: {seen}" for name, seen in told.items() if not seen.count()]
    assert not silent, "\n".join(silent)


def test_the_corpora_are_large_and_no_pair_is_there_twice():
    assert len(NOISE) >= 200
    assert len(CHANGES) >= 60
    for pairs in (NOISE, CHANGES):
        seen: dict[str, list[str]] = defaultdict(list)
        for pair in pairs:
            seen[repr((pair.first, pair.later))].append(pair.name)
        assert not [names for names in seen.values() if len(names) > 1]
