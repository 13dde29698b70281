"""Search: the language, the index, and the same answers as a plain scan on both databases (row W4)."""

import random
import re
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete
from sqlalchemy import text as sql
from support.archives import MIIT, NEWS, PROVINCE, Crawl, Moving, reading

from storage import tokens
from storage.archive import Archive
from storage.engine import reading as reading_session
from storage.engine import writing
from storage.errors import OperatorError
from storage.models import SearchEntry, Setting
from storage.query import MatchText, Query, QueryError, parse
from storage.search import Order, SearchHit, search, snippet
from storage.search_asking import Index
from storage.search_facets import one_in
from storage.search_index import PARTS, PER_DAY, forget, renew
from storage.search_rank import density
from storage.search_snippets import FileText, best_snippet
from storage.traditional import SIMPLIFIED, TRADITIONAL

POLICY = MatchText(
    title="工业和信息化部关于印发《首台（套）装备补贴办法》的通知",
    number="工信部信发〔2026〕12号",
    issuer="工业和信息化部",
    body="一、对5G基站建设给予补\n贴，最高2,000万元。\n二、新能源汽车 推广，财税〔2024〕12号停止执行。“放管服”改革。",
    type="policy",
    issuers=("工业和信息化部", "财政部"),
    sources=("miit-tz",),
    kind="通知",
    topic="工业、交通\\信息产业",
    attachments="附件一　申报指南：联系人张三",
    cited=(("关于促进集成电路产业发展的意见", "国发〔2011〕4号"), (None, "财税[2024]12号")),
    dates={"published": date(2026, 2, 28), "effective": date(2026, 4, 1), "written": None},
    regions=("广东/深圳/龙岗区",),
    levels=("district",),
    changes=("第三条　补助标准不超过30%。", "第九条　本办法有效\n期五年。"),
)


def finds(query: str, document: MatchText = POLICY) -> bool:
    return parse(query).matches(document) is not None


FOUND = """
补贴 | 首台套 | 首台（套） | 套装备补 | 放管服改革 | ５Ｇ基站 | 5g | 5G基站 | 补 | 信 | 新能源汽车推广 | 号停 | 000万元
财税〔2024〕12号 | 财税[2024]12号 | 2000万元 OR 2,000万元 | 补贴 新能源 | 补贴 AND 新能源 | 补贴与新能源 OR 补贴
补贴 与 新能源 | 医保 OR 补贴 | 医保 或 补贴 | 补贴 NOT 医保 | 补贴 非 医保 | 补贴 -医保 | NOT 医保
(医保 OR 补贴) 新能源 | （医保 或 补贴）（新能源） | "新能源汽车" | “新能源汽车” | title:补贴 | 标题：补贴
title:首台套装备 | issuer:工信部 | issuer:财政部 | 发文机关:工业和信息化部 | number:工信部信发[2026]12号
文号:12号 | type:policy | 类型:政策 | source:miit-tz | * | * -医保 | NOT NOT 补贴 | title:"首台（套）"
工业和信息化部 | 12号
kind:通知 | 文种:通知 | topic:信息产业 | 主题:工业 | cites:国发[2011]4号 | cites:集成电路产业 | 引用:财税〔2024〕12号
attachment:申报指南 | 附件:张三 | 申报指南 | published:2026 | published:2026-02 | published:2026-02-28 | 发布:2026年2月
published:2026-01.. | published:..2026-02
published:2026-01..2026-03 | effective:2026-04-01.. | 施行:2026-04
issuer:(教育部 OR 工信部) | title:(首台套 补贴) | title:(首台套 NOT 医保) | 類型:政策 | 補貼 與 新能源 | title:補貼
類型:新聞 OR 補貼 | 新能源汽車推廣
补助 | 基本医疗保险 OR 第五代移动通信 | title:补助 | title:(医保 OR 补助) | 補助 | 工信部 | NOT (医保 OR 社保)
exact:补贴 | 原词:补贴 | exact:(医保 OR 补贴) | "补贴"
region:广东 | 地区:广东省 | region:深圳市 | region:广东/深圳 | region:深圳/龙岗区 | region:(江苏 OR 深圳)
level:district | 层级:区县 | NOT region:江苏 | NOT region:中央 | NOT level:central
change:补助 | 改动:30 | 补助 in:change | in:change 有效期 | in:change | 限于:改动
in:change (医保 OR 有效期) type:policy | (补贴 in:change) 新能源 | 新能源 (有效期 in:change) | in:change NOT 医保
in:change -5G | change:"有效期五年"
NOT NOT 补助 | NOT written:2026 | published:(2024 OR 2026) | published:2026/2/28 | published:..2026年2月28日
"""
NOT_FOUND = """
医保 | 补贴 医保 | 补贴 NOT 新能源 | g基站 | title:新能源 | issuer:教育部 | number:2号 | type:news
source:miit | NOT * | 2号 | NOT 补贴 | (医保 OR 社保) 补贴 | 改革一
kind:意见 | kind:通 | topic:教育 | cites:国发〔2011〕14号
cites:首台套 | attachment:补贴 | published:2025 | published:2026-03..
published:..2026-01 | published:2026-02-27 | effective:..2026-03
written:1900.. | deadline:..2030 | issuer:(教育部 OR 商务部)
title:(首台套 新能源) | NOT published:2026
exact:补助 | "补助" | 补助办法 | exact:(补助 OR 医保) | 补贴 NOT 补贴
region:江苏 | region:圳 | region:深圳/广东 | region:中央 | level:province | NOT region:深圳
change:首台套 | 新能源 in:change | 补助 新能源 in:change | in:change -有效期 | change:标准本办法 | exact:补贴 in:change
"""


def _listed(text: str) -> list[str]:
    return [query.strip() for line in text.strip().splitlines() for query in line.split(" | ")]


@pytest.mark.parametrize("query", _listed(FOUND))
def test_found(query: str) -> None:
    assert finds(query)


@pytest.mark.parametrize("query", _listed(NOT_FOUND))
def test_not_found(query: str) -> None:
    assert not finds(query)


@pytest.mark.parametrize(
    ("query", "position", "problem"),
    [
        ("", 0, "empty"),
        ("   ", 3, "empty"),
        ("补贴 AND", 6, "missing after AND"),
        ("OR 补贴", 0, "missing here"),
        ("补贴 NOT", 6, "missing after NOT"),
        ("(补贴", 0, "never closed"),
        ("补贴)", 2, "closes nothing"),
        ('新能源 "补贴', 4, "never closed"),
        ("col:x", 0, "no field 'col'"),
        ("title: 补贴", 6, "right behind it"),
        ("title:", 6, "right behind it"),
        ("type:law", 5, "no type:law; there are policy, interpretation"),
        ("in:title", 3, "no in:title; there is change"),
        ("level:省会", 6, "no level:省会"),
        ("医保 or 社保", 3, 'or is a word here, no operator; write OR, or "or"'),
        ("医保|社保", 2, "write OR"),
        ("医保 && 社保", 3, "write AND"),
        ("医保 & 社保", 3, "write AND"),
        ("医保 + 社保", 3, "alone means nothing"),
        ("医保 - 社保", 3, "right before a word"),
        ("title:新能源*", 9, "no wildcards"),
        ("exact: 补贴", 6, "right behind it"),
        ("exact:(补贴 title:x)", 10, "looked for in exact"),
        ("发文机构:工信部", 0, "did you mean 发文机关?"),
        ("published:>=2026-03", 10, "did you mean 2026-03..?"),
        ("published:<2026", 10, "did you mean ..2026?"),
        ("published:20260301", 10, "did you mean 2026-03-01?"),
        ("published:202603", 10, "did you mean 2026-03?"),
        ("titel:补贴", 0, "did you mean title?"),
        ("type:polcy", 5, "did you mean policy?"),
        ("published:2026-13", 10, "no day '2026-13' in the calendar"),
        ("published:2026-02-30", 10, "in the calendar"),
        ("补贴 published:spring", 13, "is no day"),
        ("published:..", 10, "neither a first nor a last day"),
        ("published:2026-03..2026-01", 10, "did you mean 2026-01..2026-03?"),
        ("published:2024..2025..2026", 10, "is no range"),
        ("issuer:(工信部 title:补贴)", 12, "looked for in issuer"),
        ("issuer:(工信部", 7, "never closed"),
        ("!!! ，", 0, "nothing to search for"),
        ("()", 1, "missing after ("),
        ("(" * 60 + "a" + ")" * 60, 50, "50 brackets"),
        ("a " * 300, 400, "200 words"),
        ("a" * 2_001, 2_000, "2001 characters"),
    ],
)
def test_an_error_points_at_its_place(query: str, position: int, problem: str) -> None:
    with pytest.raises(QueryError, match=r"(?s)" + re.escape(problem)) as caught:
        parse(query)
    assert caught.value.position == position
    assert isinstance(caught.value, OperatorError)
    lines = str(caught.value).splitlines()
    assert lines[-1].endswith("^")
    assert len(lines) == 3


def test_the_pointer_stands_under_wide_characters() -> None:
    with pytest.raises(QueryError) as caught:
        parse("新能源 AND OR 补贴")
    line, pointer = str(caught.value).splitlines()[1:]
    assert (line, pointer) == ("  新能源 AND OR 补贴", "  " + " " * (2 * 3 + 5) + "^")


@settings(max_examples=400, deadline=None)
@given(st.text(alphabet=list("补贴医保 ()（）\"“”*-:：ANDORNOT与或非titleabc2021〔〕%_'\\\x00\ud800"), max_size=40))
def test_W4_any_text_is_a_query_or_a_query_error(text: str) -> None:
    position = 0
    try:
        query = parse(text)
        assert isinstance(query, Query)
        query.matches(POLICY)
    except QueryError as error:
        position = error.position
    assert 0 <= position <= len(text)


def test_hits_say_which_term_stands_where() -> None:
    hits = parse("补贴 title:首台套 (5G OR 医保) NOT 社保").matches(POLICY)
    assert hits is not None
    assert {(hit.term, hit.place) for hit in hits} == {
        ("补贴", "title"), ("补贴", "body"), ("title:首台套", "title"), ("5G", "body"),
    }  # fmt: skip
    assert all("5G基站建设给予补 贴" in (hit.excerpt or "") for hit in hits if hit.place == "body")


@given(first=st.dates(), last=st.dates(), day=st.dates())
def test_a_day_has_a_token_of_a_range_only_where_it_lies_in_it(first: date, last: date, day: date) -> None:
    first, last = min(first, last), max(first, last)
    for tried in (day, first, last):
        shared = set(tokens.date_tokens(tried, "")) & set(tokens.range_tokens(first, last, ""))
        assert len(shared) == (first <= tried <= last)
    assert len(tokens.range_tokens(first, last, "")) < 150


def test_folding_twice_changes_nothing_more() -> None:
    folded = tokens.fold(TRADITIONAL)
    assert folded == SIMPLIFIED
    assert tokens.fold(folded) == folded


@given(st.text(alphabet=list("補贴办法（）《》〔〕“” \n\t　,，.。AbＡ１1-2号"), max_size=60))
def test_places_belong_to_the_canonical_text(text: str) -> None:
    canonical, places = tokens.canonical_with_places(text)
    assert canonical == tokens.canonical(text)
    assert len(places) == len(canonical)
    assert all(char in {tokens.fold(text)[place], tokens.BREAK} for char, place in zip(canonical, places, strict=True))
    assert places == sorted(places)


def test_a_snippet_shows_the_words_and_marks_them() -> None:
    body = "无关的文字。" * 60 + "对首台（套）装备给予补\n贴。" + "更多无关文字。" * 60
    shown = snippet(body, parse("首台套 补贴 NOT 医保"))
    marked = [shown.text[start:end] for start, end in shown.highlights]
    assert marked == ["首台（套", "补 贴"]
    assert len(shown.text) <= 120
    assert snippet("开头的文字", parse("医保")).text == "开头的文字"


# -- in the databases --------------------------------------------------------------------------------------------------

TOPICS = ["工业、交通", "财政、金融、审计", None]
KINDS = ["通知", "意见", "公告", None]
FIRST = date(2026, 1, 1)


WORDS = ["补贴", "医保", "新能源汽车", "工业互联网", "5G基站", "首台（套）", "平台", "财税〔2024〕12号", "AI", "2026年",
         "数据要素", "不", "税", "放管服"]  # fmt: skip


def _documents(count: int) -> list[MatchText]:
    chance = random.Random(7)  # noqa: S311 - a corpus, no secret
    kinds = [
        ("policy", "工业和信息化部", MIIT.id),
        ("news", "新闻网", NEWS.id),
        ("notice", "江苏省工业和信息化厅", PROVINCE.id),
    ]
    found = []
    for number in range(count):
        type_, issuer, source = chance.choice(kinds)
        body = "".join(chance.choice([*WORDS, "的", "和", "，", "。", "\n", " "]) for _ in range(60))
        cited = ((None, f"国发〔2025〕{number % 7 + 1}号"),) if number % 3 else ()
        published = FIRST + timedelta(days=number % 20)
        effective = published + timedelta(days=40 * (number % 13)) if number % 4 else None
        found.append(
            MatchText(
                kind=chance.choice(KINDS), topic=chance.choice(TOPICS), cited=cited,
                dates={"published": published, "effective": effective},
                title=chance.choice(WORDS) + chance.choice(["办法", "通知", "规划"]),
                number=f"工信部信发〔2026〕{number + 1}号" if type_ == "policy" else None,
                issuer=issuer, body=body, type=type_, issuers=(issuer,), sources=(source,),
                regions=(SOURCES[source].region,), levels=(SOURCES[source].level,),
            )
        )  # fmt: skip
    return found


SOURCES = {MIIT.id: MIIT, NEWS.id: NEWS, PROVINCE.id: PROVINCE}
DOCUMENTS = _documents(40)


@pytest.fixture(scope="module")
def kept(shared_archive: Archive) -> Engine:
    """The documents in an archive that tests only read."""
    return fill(shared_archive, shared_archive.clock)  # type: ignore[arg-type]


@pytest.fixture
def filled(archive: Archive, clock: Moving) -> Engine:
    return fill(archive, clock)


def fill(archive: Archive, clock: Moving) -> Engine:
    crawls = {source_id: Crawl(archive, clock, source) for source_id, source in SOURCES.items()}
    for number, text in enumerate(DOCUMENTS):
        record = reading(
            title=text.title, doc_number=text.number, issuer=text.issuer, issuers=text.issuers, type=text.type,
            blocks=(("paragraph", text.body),), published=text.dates["published"], effective=text.dates["effective"],
            kind=text.kind, topic=text.topic, written=None,
            mentions=tuple(("cites", title, cited, None, "") for title, cited in text.cited),
        )  # fmt: skip
        crawls[text.sources[0]].page(f"https://{text.sources[0]}.example/{number}.html", record)
    return archive.engine


SHAPES = """
* | title:补贴 | title:办法 | issuer:工信部 | type:news | source:news-rss | number:12号 | NOT 补贴
type:policy -医保 | 税 OR AI | (补贴 OR 医保) NOT title:通知 | NOT (补贴 医保) | NOT 新能源汽车
NOT NOT 工业互联网 | title:通知 OR NOT 平台 | 不 税 | NOT source:miit-tz NOT type:news | "补贴的" | issuer:信息化
kind:通知 | kind:(意见 OR 公告) | NOT kind:通知 | topic:金融
topic:交通 补贴 | cites:国发[2025]3号 | cites:1号 | NOT cites:国发
published:2026-01-05..2026-01-09 | published:2026
published:2025 | NOT published:..2026-01-10 | effective:2026-03..2026-06
effective:..2026-02 OR kind:意见 | NOT effective:2026..
written:2026 | deadline:2026.. | published:(2026-01-01 OR 2026-01-03)
补助 | 医疗保险 -exact:医疗保险 | title:补助 | NOT 补助 | exact:补助 | 基本医疗保险 OR 第五代移动通信
region:江苏 | NOT region:江苏省 | 补贴 region:江苏 | level:province | level:city | NOT level:city | region:中央 OR AI
補貼 | 新能源汽車 | attachment:补贴 | NOT attachment:补贴 | ５ｇ基站
"""


def _queries() -> list[str]:
    chance = random.Random(11)  # noqa: S311
    bodies = [tokens.canonical(text.body) for text in DOCUMENTS]
    found = [*WORDS, *_listed(SHAPES)]
    for length in (2, 3, 4, 6, 9, 14):
        for _ in range(4):
            body = chance.choice(bodies)
            start = chance.randrange(max(1, len(body) - length))
            found.append('"' + body[start : start + length].strip("|").replace("|", " ") + '"')
    return [query for query in found if query != '""']


def test_the_index_answers_like_a_plain_scan(kept: Engine) -> None:
    _compare_with_a_plain_scan(kept, _queries())


def _compare_with_a_plain_scan(kept: Engine, queries: list[str]) -> None:
    order = sorted(range(len(DOCUMENTS)), key=lambda number: (number % 20, number), reverse=True)
    for query in queries:
        parsed = parse(query)
        expected = [number for number in order if parsed.matches(DOCUMENTS[number]) is not None]
        result = search(kept, parsed, limit=100)
        found = [int((hit.url or "").rsplit("/", 1)[1].removesuffix(".html")) for hit in result.hits]
        assert found == expected, query
        assert (result.count, result.count_exact) == (len(expected), True), query
        second = search(kept, parsed, limit=3, offset=2)
        assert [hit.document_id for hit in second.hits] == [hit.document_id for hit in result.hits[2:5]], query
        assert second.count == len(expected), query


RANKED = [
    "补贴",
    "补贴 平台",
    "补贴 OR 平台 OR AI",
    "工信部信发〔2026〕12号",
    "title:办法",
    "*",
    "办法 NOT 平台",
    "规划 不",
]


def _rank(query: Query, document: MatchText) -> int:
    """0 is the best: the number, all words in the title, one of them, none."""
    words = [term for term in query.terms() if term.field is None]
    title = [replace(word, field="title").find(document) != [] for word in words]
    if any(document.number and tokens.canonical(document.number) in word.phrases for word in words):
        return 0
    return 1 if words and all(title) else 2 if any(title) else 3


def _whole(form: str) -> str:
    before = "(?<![a-z0-9])" if form[0].isascii() else ""
    return before + re.escape(form) + ("(?![a-z0-9])" if form[-1].isascii() else "")


def _dense(query: Query, document: MatchText) -> tuple[int, float]:
    """How many words its body has, and how dense they are there."""
    words = [term for term in query.terms() if term.field is None]
    body = tokens.canonical(document.body)
    counts = [sum(len(re.findall(_whole(form), body)) for form in word.phrases) for word in words]
    return -sum(map(bool, counts)), -sum(counts) / max(1_000, len(body))


@pytest.mark.parametrize("query", RANKED)
@pytest.mark.parametrize("block", [7, 200])
def test_by_relevance_number_then_title_then_newest_and_densest(
    kept: Engine, query: str, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.search_rank.BLOCK", block)
    parsed = parse(query)
    newest = search(kept, parsed, limit=100).hits
    expected: list[int] = []
    for rank in range(4):
        tier = [hit for hit in newest if _rank(parsed, DOCUMENTS[_number(hit)]) == rank]
        for start in range(0, len(tier), block):
            dense = sorted(tier[start : start + block], key=lambda hit: _dense(parsed, DOCUMENTS[_number(hit)]))
            expected += [hit.document_id for hit in dense]
    result = search(kept, parsed, limit=100, order="relevance")
    assert [hit.document_id for hit in result.hits] == expected
    assert (result.count, result.after) == (len(expected), None)


def test_density_counts_words_not_characters() -> None:
    text = replace(POLICY, body="补贴医疗保险基本医疗保险15G5G。" + "。的" * 2_000, attachments="5G补助")
    assert density(parse("补贴"), text)[0] == 1
    assert density(parse("补贴 5G 社保"), text)[0] == 2
    length = len(tokens.canonical(text.body)) + len(tokens.canonical(text.attachments))
    assert density(parse("补贴"), text) == (1, 2_000_000 // length)  # and 补助
    assert density(parse("医保"), text) == (1, 2_000_000 // length)  # 基本医疗保险 is one of the two 医疗保险
    assert density(parse("5G"), text) == (1, 1_000_000 // length)  # 15G5G is another word


def _number(hit: SearchHit) -> int:
    return int((hit.url or "").rsplit("/", 1)[1].removesuffix(".html"))


@pytest.mark.parametrize("order", ["date", "relevance"])
@pytest.mark.parametrize("query", ["补贴", "*", "新能源汽车 OR title:办法"])
def test_pages_follow_each_other_without_gap_or_repetition(kept: Engine, query: str, order: Order) -> None:
    whole = [hit.document_id for hit in search(kept, query, limit=100, order=order).hits]
    found: list[int] = []
    after: str | None = None
    while True:
        page = search(kept, query, limit=7, order=order, after=after)
        assert page.count == len(whole)
        found += [hit.document_id for hit in page.hits]
        after = page.after
        if after is None:
            break
        assert len(page.hits) == 7
    assert found == whole


@pytest.mark.parametrize("after", ["", "x1", "d", "r7", "d-1", "d1;", "d" + "9" * 30])
def test_a_place_that_no_page_named_is_refused(kept: Engine, after: str) -> None:
    with pytest.raises(OperatorError, match="no place in this result"):
        search(kept, "*", after=after)


def test_facets_count_the_hits(kept: Engine) -> None:
    query = parse("补贴 NOT title:通知")
    hits = [document for document in DOCUMENTS if query.matches(document) is not None]
    facets = search(kept, query, limit=1, facets=True).facets
    assert facets is not None
    regions = {MIIT.id: "中央", PROVINCE.id: "江苏"}
    expected = {
        "type": [document.type for document in hits], "issuer": [document.issuer for document in hits],
        "source": [document.sources[0] for document in hits], "kind": [document.kind for document in hits],
        "topic": [document.topic for document in hits], "year": ["2026"] * len(hits),
        "region": [regions.get(document.sources[0]) for document in hits],
    }  # fmt: skip
    for name, values in expected.items():
        assert dict(facets.counts()[name]) == Counter(value for value in values if value), name
    assert sum(count for _, count in facets.validity) == facets.of == facets.looked_at == len(hits)
    assert facets.exact
    assert [count for _, count in facets.type] == sorted((count for _, count in facets.type), reverse=True)
    for region, count in facets.region:  # what a facet names can be asked for
        assert search(kept, f"补贴 NOT title:通知 region:{region}").count == count
    assert search(kept, query).facets is None


def test_facets_of_very_many_hits_are_scaled(kept: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.search.COUNTED_EXACTLY", 10)
    monkeypatch.setattr("storage.search_facets.LOOKED_AT", 12)
    facets = search(kept, "*", facets=True).facets
    assert facets is not None
    assert (facets.of, facets.exact) == (40, False)
    assert 5 <= facets.looked_at <= 20  # about one in three
    assert facets.year == (("2026", 40),)
    assert sum(count for _, count in facets.type) in range(38, 43)


def test_one_in_many_is_a_prime_that_no_day_has() -> None:
    for count in (0, 1, 1_999, 2_000, 3_999, 4_000, 9_999, 50_000, 1_000_000, 3_141_592):
        step = one_in(count)
        assert step == 1 or (all(step % divisor for divisor in range(2, step)) and PER_DAY % step), count
        assert count // step >= 1_000 or step == 1


def test_a_snippet_names_the_file_and_its_page() -> None:
    guide = FileText("指南.pdf", "封面\n" + "无关。" * 100 + "\n申报材料由张三接收", [[0, "page 1"], [303, "page 2"]])
    files = [FileText("表.xlsx", "名称", [[0, "sheet 1"]]), guide]
    shown = best_snippet("正文里没有。", files, parse("申报材料"))
    assert (shown.file, shown.page) == ("指南.pdf", "page 2")
    assert [shown.text[start:end] for start, end in shown.highlights] == ["申报材料"]
    assert best_snippet("申报材料", files, parse("申报材料")).file is None
    assert best_snippet("申报材料", files, parse("attachment:申报材料")).file == "指南.pdf"
    assert best_snippet("正文", files, parse("医保")).text == "正文"


def test_dates_narrow_the_answer(kept: Engine) -> None:
    result = search(kept, "*", limit=100, published_from=date(2026, 1, 5), published_to=date(2026, 1, 6))
    assert {hit.published for hit in result.hits} == {date(2026, 1, 5), date(2026, 1, 6)}
    assert result.count == 4


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(alphabet=list("补贴医保 ()\"*-:ANDORNOTtitle2021%_'\\&|!<\x00"), max_size=30))
def test_W4_no_query_reaches_the_database_as_syntax(kept: Engine, text: str) -> None:
    try:
        query = parse(text)
    except QueryError:
        return
    expected = sum(1 for document in DOCUMENTS if query.matches(document) is not None)
    assert search(kept, query, limit=1).count == expected


def test_only_the_current_version_is_found_and_its_new_date_counts(archive: Archive, clock: Moving) -> None:
    crawl = Crawl(archive, clock)
    url = "https://www.miit.gov.cn/1.html"
    crawl.page(url, reading(blocks=(("paragraph", "旧的文字里有医保。"),)))
    crawl.page(url, reading(blocks=(("paragraph", "新的文字里有社保。"),), published=date(2026, 3, 2)))
    engine = archive.engine
    assert search(engine, "医保").count == 0
    (hit,) = search(engine, "社保").hits
    assert (hit.published, hit.state, hit.url) == (date(2026, 3, 2), "current", url)
    assert [hit.snippet.text[start:end] for start, end in hit.snippet.highlights] == ["社保"]
    assert search(engine, "*").count == 1


def test_titles_are_marked(archive: Archive, clock: Moving) -> None:
    Crawl(archive, clock).page("https://www.miit.gov.cn/1.html", reading(title="关于首台（套）补贴的通知"))
    (hit,) = search(archive.engine, "title:首台套 通知").hits
    assert [(hit.title or "")[start:end] for start, end in hit.title_highlights] == ["首台（套", "通知"]


def test_the_index_is_rebuilt_to_the_same_answers(filled: Engine, archive: Archive) -> None:
    before = search(filled, "补贴", limit=100)
    assert archive.rebuild_search(only_if_outdated=False) == len(DOCUMENTS)
    assert archive.rebuild_search() is None
    after = search(filled, "补贴", limit=100)
    assert {hit.url for hit in after.hits} == {hit.url for hit in before.hits}
    assert after.count == before.count


def test_an_index_of_other_tokens_is_made_anew_when_the_archive_is_opened(filled: Engine) -> None:
    before = [hit.document_id for hit in search(filled, "補貼", limit=100).hits]
    with writing(filled) as session:
        session.merge(Setting(name="tokenizer_version", value="1"))
        session.execute(delete(SearchEntry))
    assert search(filled, "補貼").count == 0
    assert renew(filled) == len(DOCUMENTS)
    assert sorted(hit.document_id for hit in search(filled, "補貼", limit=100).hits) == sorted(before)
    assert renew(filled) is None


def test_a_count_over_a_thousand_is_said_to_be_about(kept: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.search.COUNTED_EXACTLY", 10)
    for query in ("*", "type:policy OR type:news OR type:notice", "NOT 不存在的长词语"):
        result = search(kept, query, limit=5)
        assert (result.count, result.count_exact, len(result.hits)) == (40, False, 5)


def test_documents_of_several_rows_are_answered_like_a_plain_scan(
    archive: Archive, clock: Moving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "ROW_TOKENS", 112)  # half of these documents have more
    engine = fill(archive, clock)
    with reading_session(engine) as session:
        large = {row.document: row for row in Index(session).large.values()}
    assert 10 < len(large) < len(DOCUMENTS)
    _compare_with_a_plain_scan(engine, _queries()[::3])
    (gone, *_) = [hit.document_id for hit in search(engine, "*", limit=100).hits if hit.document_id in large]
    with writing(engine) as session:
        forget(session, gone)
        if engine.dialect.name == "postgresql":
            rows = session.scalars(sql("SELECT rowid FROM document_fts")).all()
            assert not [row for row in rows if large[gone].rowid in {row, -row // PARTS}]
    found = [hit.document_id for query in ("*", *WORDS) for hit in search(engine, query, limit=100).hits]
    assert found
    assert gone not in found


def test_every_word_of_a_huge_document_is_found(archive: Archive, clock: Moving) -> None:
    chance = random.Random(3)  # noqa: S311
    body = "".join(chr(chance.randrange(0x4E00, 0x9FA5)) for _ in range(250_000))  # three rows
    long, longer = "a" * 1_900, "a" * 3_000  # PostgreSQL refuses a token of more than 2,046 bytes
    blocks = (("paragraph", body), ("paragraph", f"编码{long}为准，{longer}，{'b' * 200}不是。"))
    recorded = Crawl(archive, clock).page("https://www.miit.gov.cn/1.html", reading(blocks=blocks))
    engine = archive.engine
    first, last = body[10:18], body[-18:-10]
    for query in (f'"{first}"', f'"{last}"', f"{first} {last}", f"{last[:2]} {first[:2]} title:补贴办法", long):
        assert [hit.document_id for hit in search(engine, query).hits] == [recorded.document_id], query
    for query in (f"{first} NOT {last}", f"NOT {last[:2]}", f"{first} 不存在的词", "a" * 199, "a" * 200, "b" * 201):
        assert search(engine, query).count == 0, query
    assert search(engine, "b" * 200).count == 1
    assert search(engine, f"{first[:2]} OR 不存在的词").count_exact


def test_a_region_without_a_source_is_said(kept: Engine) -> None:
    with pytest.raises(QueryError, match="no source of this archive is in '江苏州'; did you mean 江苏\\?") as caught:
        search(kept, "补贴 region:江苏州")
    assert caught.value.position == 10
    with pytest.raises(QueryError, match="no source of this archive is in '西藏'; there are sources in 江苏"):
        search(kept, "region:(江苏 OR 西藏)")


@pytest.mark.parametrize(
    ("query", "problem"),
    [("source:miit", "there are miit-tz"), ("source:miit-tx", "did you mean miit-tz?"), ("-source:x", "sources list")],
)
def test_a_source_that_is_not_there_is_said(kept: Engine, query: str, problem: str) -> None:
    with pytest.raises(QueryError, match="this archive has no source") as caught:
        search(kept, query)
    assert problem in str(caught.value)


def test_a_source_that_moves_needs_no_new_index(filled: Engine, archive: Archive) -> None:
    archive.register_sources([replace(NEWS, region="江苏/南京", level="city")])
    moved = [number for number, document in enumerate(DOCUMENTS) if document.sources[0] in {NEWS.id, PROVINCE.id}]
    assert sorted(_number(hit) for hit in search(filled, "region:江苏", limit=100).hits) == moved
    assert {hit.source_id for hit in search(filled, "region:南京", limit=100).hits} == {NEWS.id}
    assert {hit.source_id for hit in search(filled, "level:city", limit=1).hits} == {NEWS.id}


@pytest.mark.parametrize("query", ["in:change 补贴", "NOT in:change", "医保 change:补贴"])
def test_changes_are_for_watches(kept: Engine, query: str) -> None:
    with pytest.raises(QueryError, match="for watches") as caught:
        search(kept, query)
    assert query[caught.value.position :] in {"change", "change 补贴", "补贴"}


def test_the_same_terms_in_memory_and_in_sql(kept: Engine) -> None:
    document = replace(DOCUMENTS[0], title="没有这样的标题")
    assert parse("title:没有").matches(document) is not None
    assert search(kept, "title:没有").hits == ()
