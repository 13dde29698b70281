"""The candidates hold every query that matches: compared with evaluating each one."""

import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.anchors import Anchors, asked, tokens_of
from storage.search import MatchText, parse

WORDS = [
    "工业互联网",
    "补贴",
    "税",
    "5g",
    "数据安全",
    "通知",
    "标识解析体系",
    "a股",
    "2026年",
    "的5g基站",
    "首台（套）",
]
FIELDS = [
    "",
    "title:",
    "number:工信部 ",
    "issuer:工信部 ",
    "type:policy ",
    "type:news ",
    "source:miit ",
    "issuer:",
    "number:",
    "attachment:",
    "cites:",
    "topic:",
]

terms = st.builds('{}"{}"'.format, st.sampled_from(FIELDS), st.sampled_from(WORDS))
queries = st.recursive(
    terms | st.just("*"),
    lambda inner: st.one_of(
        st.builds("({} AND {})".format, inner, inner),
        st.builds("({} OR {})".format, inner, inner),
        st.builds("NOT {}".format, inner),
    ),
    max_leaves=6,
)
texts = st.lists(st.sampled_from([*WORDS, "，", "。", " ", "关于", "套", "基站", "（", "x"]), max_size=8).map("".join)
documents = st.builds(
    MatchText,
    title=st.none() | texts,
    number=st.none() | st.sampled_from(["工信部信发〔2026〕12号", "财税〔2024〕5号"]),
    issuer=st.none() | st.sampled_from(["工业和信息化部", "工信部", "财政部"]),
    body=texts,
    type=st.sampled_from(["policy", "news"]),
    sources=st.sampled_from([(), ("miit",), ("miit", "mof")]),
)


@given(st.lists(queries, min_size=1, max_size=12), documents)
def test_no_match_is_missed(written: list[str], document: MatchText) -> None:
    parsed = {number: parse(query) for number, query in enumerate(written)}
    matching = {number for number, query in parsed.items() if query.matches(document) is not None}
    assert matching <= Anchors(parsed).candidates(tokens_of(document))


def test_many_watches_leave_few_candidates() -> None:
    chance = random.Random(7)  # noqa: S311 - the same texts every time
    characters = [chr(0x4E00 + n) for n in range(3_000)]
    written = [
        f"{''.join(chance.sample(characters, 3))} 通知 NOT {''.join(chance.sample(characters, 2))}"
        for _ in range(5_000)
    ]
    written.append("工业互联网 通知")
    anchors = Anchors({number: parse(query) for number, query in enumerate(written)})
    document = MatchText("关于工业互联网的通知", None, None, "".join(chance.sample(characters, 800)), "policy")
    found = anchors.candidates(tokens_of(document))
    assert 5_000 in found
    assert len(found) < 50


@pytest.mark.parametrize("query", ["*", "NOT 补贴", "* OR 补贴"])
def test_a_query_without_an_anchor_is_always_a_candidate(query: str) -> None:
    assert Anchors({1: parse(query)}).candidates(tokens_of(MatchText(None, None, None, "", "policy"))) == {1}


def test_a_query_for_one_character_or_for_days_costs_no_scan() -> None:
    anchors = Anchors({1: parse("税"), 2: parse("补贴 OR 税"), 3: parse("published:2026-03")})
    there = MatchText("税", None, None, "", "policy", dates={"published": date(2026, 3, 5)})
    assert anchors.candidates(tokens_of(there)) == {1, 2, 3}
    assert anchors.candidates(tokens_of(MatchText("费", None, None, "", "policy"))) == set()


def test_questions_come_and_go() -> None:
    anchors: Anchors[int] = Anchors({1: parse("补贴"), 2: parse("*")})
    document = MatchText("补贴", None, None, "", "policy")
    anchors.remove(1)
    anchors.remove(2)
    anchors.remove(3)
    assert anchors.candidates(tokens_of(document)) == set()
    anchors.add_all({1: asked(parse("补贴").root)})
    anchors.add_all({1: asked(parse("房产").root), 4: asked(parse("补贴 NOT 房产").root)})
    assert anchors.candidates(tokens_of(document)) == {4}
