"""Laws that hold for every difference: nothing differs from itself, the operations make the later text of the earlier
one, and an edit is told at its place and nothing else is."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.differing import printed, rebuilt, regulation, sentence

from storage.diff import compare, difference, marks, summary
from storage.diff.numerals import chinese, value_of
from storage.normal import fold

SEEDS = range(12)


def told(before: list[list[str]], after: list[list[str]]) -> list[tuple[str, str]]:
    found = difference(printed(before), printed(after))
    assert rebuilt(found) == [fold(clause.text) for clause in found.new]
    return [(change.operation, change.label) for change in found.changes]


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_differs_from_itself(seed: int) -> None:
    text = regulation(seed)
    assert told(text, text) == []


@pytest.mark.parametrize("seed", SEEDS)
def test_an_edited_line_is_told_where_it_stands(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a text, no secret
    before = regulation(seed)
    after = [list(lines) for lines in before]
    article = chance.randrange(len(before))
    line = chance.randrange(len(before[article]))
    after[article][line] = after[article][line].replace("项", "个项", 1)
    ((operation, label),) = told(before, after)
    assert operation == "changed"
    text = before[article][line]
    paragraphs = [at for at, one in enumerate(before[article]) if not one.startswith("（")]
    wanted = f"第{chinese(article + 1)}条"
    if len(paragraphs) > 1:
        wanted += f"第{chinese(sum(at <= line for at in paragraphs))}款"
    if text.startswith("（"):
        wanted += f"第{text[: text.index('）') + 1]}项"
    assert label == wanted


@pytest.mark.parametrize("seed", SEEDS)
def test_a_new_article_is_told_and_the_rest_renumbered_in_one(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a text, no secret
    before = regulation(seed)
    place = chance.randrange(1, len(before) - 2)
    after = [*before[:place], [sentence(chance), f"（一）{sentence(chance)}"], *before[place:]]
    last, first = chinese(len(after)), chinese(place + 2)
    assert told(before, after) == [("added", f"第{chinese(place + 1)}条"), ("renumbered", f"第{first}条至第{last}条")]
    # and the other way round
    assert [operation for operation, _ in told(after, before)] == ["removed", "renumbered"]


@pytest.mark.parametrize("seed", SEEDS)
def test_an_article_moved_with_all_that_belongs_to_it_is_one_change(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a text, no secret
    before = regulation(seed)
    after = list(before)
    place = chance.randrange(10, 20)
    after.insert(3, after.pop(place))
    found = told(before, after)
    assert [label for operation, label in found if operation == "moved"] == ["第四条"]
    assert {operation for operation, _ in found} == {"moved", "renumbered"}


@pytest.mark.parametrize("seed", SEEDS)
def test_many_edits_at_once_still_make_the_later_text(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a text, no secret
    before = regulation(seed, 40)
    after = [list(lines) for lines in before]
    for _ in range(12):
        place = chance.randrange(len(after))
        match chance.randrange(5):
            case 0:
                del after[place]
            case 1:
                after.insert(place, [sentence(chance), sentence(chance)])
            case 2:
                after.insert(chance.randrange(len(after)), after.pop(place))
            case 3:
                after[place][-1] = sentence(chance)
            case _:
                after[place][0] = after[place][0].replace("应当", "可以").replace("数据", "信息") + sentence(chance, 2)
    assert told(before, after)
    assert told(after, before)


LINES = [
    "第一条 甲", "第二条 乙乙乙", "第二条 乙乙丙", "（一）丙丙", "（二）丙丙", "一、丁", "二、丁",
    "甲\t1", "甲\t2", "1\t乙", "", "浏览次数：3",
    "第一章 总则", "附件1", "1.戊", "（1）己：", "其中：（一）庚；（二）辛。", "第三条", "某部",
]  # fmt: skip
ROLES = ["paragraph", "table", "signature", "attachment", "title"]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(ROLES), st.sampled_from(LINES)), max_size=14),
    st.lists(st.tuples(st.sampled_from(ROLES), st.sampled_from(LINES)), max_size=14),
)
def test_any_two_texts_are_rebuilt(old: list[tuple[str, str]], new: list[tuple[str, str]]) -> None:
    found = difference(old, new)
    assert rebuilt(found) == [fold(clause.text) for clause in found.new]
    assert compare(old, old) == ()
    for language in ("zh", "en"):
        assert bool(summary(found.changes, language)) == bool(found.changes)


@settings(max_examples=200, deadline=None)
@given(
    st.text("第三条应当于2026年3月１日前，报送30%的 abc。", max_size=60),
    st.text("第三条应当于2026年4月1日前报送。", max_size=60),
)
def test_marks_make_both_texts(before: str, after: str) -> None:
    found = marks(before, after)
    assert "".join(text for sign, text in found if sign != "-") == after
    assert fold("".join(text for sign, text in found if sign != "+")) == fold(before)


@given(st.integers(1, 999))
def test_numerals_are_read_as_they_are_printed(number: int) -> None:
    assert value_of(chinese(number)) == number
