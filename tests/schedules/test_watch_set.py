"""All watches at once give the answer of each watch alone; they come and go; filters are looked up, not scanned for."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.anchors import tokens_of
from schedules.watches import FILTERS, WatchSet, read_filters
from storage.query import MatchText, parse
from storage.rows import EventRow
from storage.rows_watch import UnmatchedEvent, WatchRow

NOW = datetime(2026, 3, 2, tzinfo=UTC)
ROW = EventRow(
    id=1, kind="added", state="published", source_id="miit", source_name="工信部 通知", run_id=1, document_id=1,
    version_id=1, version_seq=1, title=None, number=None, issuer=None, type="policy", published=None, url=None,
    backlog=False, late=False, at=NOW, published_at=NOW, matched_at=None, reason="", changes=(),
)  # fmt: skip
WORDS = ["工业互联网", "补贴", "税", "5g", "数据安全", "通知", "首台（套）", "2026年", "a股"]
TERMS = [
    "补贴", "税", "5g", '"数据安全 通知"', "title:通知", "issuer:工信部", "issuer:(财政部 OR 信息化)", "type:policy",
    "number:12号", "published:2026-03", "published:..2025", "source:miit", "validity:in_force", "kind:通知",
    "topic:工业", "cites:补贴", "attachment:附件", "region:广东", "level:central", "change:20%", "in:change 补贴",
    "exact:补贴", "*",
]  # fmt: skip

queries = st.recursive(
    st.sampled_from(TERMS),
    lambda inner: st.one_of(
        st.builds("({} AND {})".format, inner, inner),
        st.builds("({} OR {})".format, inner, inner),
        st.builds("NOT ({})".format, inner),
    ),
    max_leaves=5,
)
some = {
    "events": ["added", "changed", "repealed", "source_failing"], "sources": ["miit", "gd-gxt", "mof"],
    "types": ["policy", "news"], "issuers": ["工信部", "财政部", "信息化", "部"], "levels": ["central", "province"],
    "regions": ["广东", "深圳", "广东省/深圳市", "江苏"], "topics": ["工业", "税务"],
}  # fmt: skip
filters = st.fixed_dictionaries(
    {},
    optional={
        key: st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True) for key, values in some.items()
    },
)
texts = st.lists(st.sampled_from([*WORDS, "，", "。", " ", "套", "补助", "附件"]), max_size=8).map("".join)
documents = st.builds(
    MatchText,
    title=st.none() | texts,
    number=st.none() | st.sampled_from(["工信部信发〔2026〕12号", "财税〔2024〕5号"]),
    issuer=st.none() | st.sampled_from(["工业和信息化部", "财政部"]),
    body=texts,
    type=st.sampled_from(["policy", "news"]),
    sources=st.sampled_from([("miit",), ("miit", "gd-gxt")]),
    attachments=texts,
    validity=st.sampled_from(["unknown", "in_force"]),
    kind=st.none() | st.just("通知"),
    topic=st.none() | st.just("工业、交通"),
    cited=st.sampled_from([(), (("补贴办法", None),)]),
    dates=st.sampled_from([{}, {"published": date(2026, 3, 1)}, {"published": date(2024, 3, 1)}]),
    regions=st.sampled_from([(), ("广东/深圳",)]),
    levels=st.sampled_from([("central",), ("central", "city")]),
    changes=st.sampled_from([(), ("补贴不超过20%", "补贴不超过30%")]),
)
events = st.builds(
    UnmatchedEvent,
    event=st.builds(
        lambda kind, also, backlog: replace(ROW, kind=kind, also=also, backlog=backlog),
        st.sampled_from(["added", "changed", "repealed", "source_failing"]),
        st.booleans(),
        st.booleans(),
    ),
    text=documents,
    sources=st.sampled_from([("miit",), ("miit", "gd-gxt")]),
    levels=st.sampled_from([(), ("central",), ("central", "province")]),
    regions=st.sampled_from([(), ("广东/深圳",), ("江苏",)]),
    topics=st.sampled_from([(), ("工业", "数据")]),
    later=st.none() | st.just("ocr"),
)


def watch(number: int, query: str, given: dict[str, Any] | None = None, **more: Any) -> WatchRow:
    return replace(WatchRow(number, f"w{number}", query, given or {}, False, True, "local", (), NOW), **more)


def alone(row: WatchRow, event: UnmatchedEvent) -> list[Any] | None:
    assert event.text is not None
    if event.event.backlog and not row.include_backlog:
        return None
    admitted = read_filters(row.filters).admit(event, event.text)
    return parse(row.query).matches(event.text) if admitted else None


@given(st.lists(st.tuples(queries, filters, st.booleans()), min_size=1, max_size=10), st.lists(events, max_size=3))
def test_all_at_once_is_each_in_turn(made: list[tuple[str, dict[str, Any], bool]], told: list[UnmatchedEvent]) -> None:
    rows = [watch(number, query, by, include_backlog=backlog) for number, (query, by, backlog) in enumerate(made)]
    together = WatchSet(rows)
    for event in told:
        expected = [(row.id, hits) for row in rows if (hits := alone(row, event)) is not None]
        assert together.match(event) == expected


@given(st.lists(st.tuples(st.integers(0, 4), queries, filters, st.booleans()), max_size=12), events)
def test_watches_that_come_change_and_go_are_as_if_made_anew(
    steps: list[tuple[int, str, dict[str, Any], bool]], event: UnmatchedEvent
) -> None:
    kept, there = WatchSet(), {}
    for number, query, filtered, enabled in steps:
        there[number] = watch(number, query, filtered, enabled=enabled)
        kept.put([there[number]])
    anew = WatchSet(there.values())
    assert kept.match(event) == anew.match(event)
    assert len(kept) == len(anew)


def test_a_watch_without_words_costs_no_scan() -> None:
    asked = [
        {"issuers": ["财政部"]}, {"types": ["news"]}, {"regions": ["江苏"]}, {"sources": ["mof"]}, {"levels": ["city"]},
        {"topics": ["税务"]}, {"events": ["repealed"]},
    ]  # fmt: skip
    assert {key for one in asked for key in one} == set(FILTERS)
    made = WatchSet(watch(number, "*", asked[number % len(asked)]) for number in range(7_000))
    event = UnmatchedEvent(
        ROW, MatchText("通知", None, "工业和信息化部", "", "policy"), ("miit",), ("central",), ("广东",)
    )
    looked_at = 0

    class Counting(dict[int, Any]):
        def __getitem__(self, key: int) -> Any:
            nonlocal looked_at
            looked_at += 1
            return super().__getitem__(key)

    made._watches = Counting(made._watches)
    assert made.match(event) == []
    assert looked_at == 0


def test_a_hundred_thousand_watches_are_told_apart_quickly() -> None:
    """The speed itself is measured by benchmarks/matching.py: here, that few of many watches are evaluated."""
    chance = random.Random(7)  # noqa: S311 - the same texts every time
    characters = [chr(0x4E00 + n) for n in range(3_000)]
    words = ["".join(chance.sample(characters, 2)) for _ in range(3_000)]
    made = WatchSet(watch(number, " ".join(chance.sample(words, 2))) for number in range(3_000))
    text = MatchText(None, None, None, "，".join(words[:100]), "policy")
    candidates = made._anchors.candidates(tokens_of(text))
    assert {number for number, _ in made.match(UnmatchedEvent(ROW, text))} <= candidates
    assert len(candidates) < 30


@pytest.mark.parametrize(
    ("zone_of", "said"), [({"levels": ["省级"]}, "no level '省级'"), ({"places": ["x"]}, "no filter")]
)
def test_filters_that_nobody_has(zone_of: dict[str, Any], said: str) -> None:
    with pytest.raises(Exception, match=said):
        read_filters(zone_of)
