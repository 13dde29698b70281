"""Differences of real pages: pairs of one page seen twice, and texts of many kinds with one edit each."""

import random
from pathlib import Path

import pytest
from support.differing import rebuilt

from policy_crawler.reading import read
from storage.diff import Difference, difference
from storage.normal import fold

pytestmark = pytest.mark.corpus

NEW = "本条是新近补充的一段文字，此前从未出现过，特此说明其独一无二。"
# Pages seen twice, and what differs between the two readings: nothing, where only the frame around the text changed.
PAIRS = {
    "163_5": [],
    "thepaper1": [],
    "thepaper_nansha": [],
    "baijiahao1": [],
    "ifeng_gugong": ["added", "added"],
}


def body(page: Path) -> list[tuple[str, str]]:
    return [(block.role, block.text) for block in read(page.read_bytes(), page.name).blocks]


def compared(before: list[tuple[str, str]], after: list[tuple[str, str]]) -> Difference:
    found = difference(before, after)
    assert rebuilt(found) == [fold(clause.text) for clause in found.new]
    return found


@pytest.mark.parametrize("name", PAIRS)
def test_a_page_seen_twice(corpus: Path, name: str) -> None:
    first, *others = sorted((corpus / "pages" / "pairs").glob(f"{name}__*"))
    assert others
    for other in others:
        found = compared(body(first), body(other))
        assert [change.operation for change in found.changes] == PAIRS[name]


def test_one_edit_of_a_real_text_is_told_and_nothing_else(corpus: Path) -> None:
    told = 0
    for page in sorted((corpus / "pages" / "detail").iterdir()):
        before = body(page)
        if len(before) < 6:
            continue
        assert compared(before, before).changes == ()
        chance = random.Random(page.name)  # noqa: S311 - places in a text, no secret
        place = chance.randrange(len(before))
        role, text = before[place]
        middle = len(text) // 2
        edits = {
            "added": [*before[:place], ("paragraph", NEW), *before[place:]],
            "removed": before[:place] + before[place + 1 :],
        }
        if len(text) >= 12 and role != "table":
            edits["changed"] = [
                *before[:place],
                (role, f"{text[:middle]}并且另行{text[middle:]}"),
                *before[place + 1 :],
            ]
        for operation, after in edits.items():
            found = compared(before, after)
            assert [change.operation for change in found.changes] == [operation], f"{page.name} at {place}"
            told += 1
    assert told > 100
