"""The graph of references: how targets are found, what is wanted, which serial numbers are missing."""

from datetime import date

import pytest
from sqlalchemy import Engine
from support.archives import NEWS, Crawl, Moving, first_run, reading

from storage.archive import Archive
from storage.citations import gaps, walk, wanted
from storage.naming import leading_organ, organ_before, serial_of, short_title_key
from storage.queries import Queries
from storage.records import ReadingRecord

SITE = "https://www.miit.gov.cn/art"
MOF = {"issuer": "财政部", "issuers": ("财政部",)}


@pytest.fixture
def crawl(archive: Archive, clock: Moving) -> Crawl:
    first_run(archive, clock)
    return Crawl(archive, clock)


@pytest.fixture
def queries(engine: Engine) -> Queries:
    return Queries(engine)


def citing(*mentions: tuple[str, str | None, str | None, str], **more: object) -> ReadingRecord:
    usual: dict[str, object] = {"title": "实施细则", "doc_number": "工信部信发〔2026〕90号"}
    return reading(
        **{**usual, **more},
        mentions=tuple((relation, title, number, None, sentence) for relation, title, number, sentence in mentions),
    )


# -- names -------------------------------------------------------------------------------------------------------------


def test_what_a_name_says_of_its_issuer() -> None:
    assert leading_organ("工业和信息化部等八部门关于推动平台发展的意见") == "工业和信息化部"
    assert leading_organ("工业和信息化部 财政部关于推动平台发展的意见") == "工业和信息化部"
    assert leading_organ("关于推动平台发展的意见") is None
    assert short_title_key("财政部关于推动平台发展的意见") == short_title_key("关于推动平台发展的意见")
    assert short_title_key("平台发展办法") is None
    assert organ_before("按照财政部《票据管理办法》的规定", "票据管理办法") == "财政部"
    assert organ_before("按照《票据管理办法》的规定", "票据管理办法") is None
    assert serial_of("国发〔2026〕12号") == ("国发", 2026, 12)
    assert serial_of("财政部公告2026年第8号") == ("财政部公告", 2026, 8)
    assert serial_of("国务院令第743号") == ("国务院令", None, 743)
    assert serial_of("第743号") is None


# -- targets -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target_first", [True, False])
@pytest.mark.parametrize(
    ("target", "mention", "by"),
    [
        ({"doc_number": "第50号", "title": "平台管理办法"}, (None, "工信部令第五十号", ""), "number"),
        ({"doc_number": "工业和信息化部令第50号", "title": "办法"}, (None, "工业和信息化部令第50号", ""), "number"),
        ({"doc_number": "公告2026年第8号", "title": "公告", **MOF}, (None, "财政部公告2026年第8号", ""), "number"),
        ({"title": "财政部关于平台补贴的意见", "doc_number": None, **MOF},
         ("关于平台补贴的意见", None, "按照财政部《关于平台补贴的意见》。"), "title"),
        ({"title": "关于平台补贴的意见", "doc_number": None, **MOF},
         ("财政部关于平台补贴的意见", None, "按照《财政部关于平台补贴的意见》。"), "title"),
        ({"title": "工业和信息化部关于平台补贴的意见", "doc_number": None},
         ("关于平台补贴的意见", None, "按照《关于平台补贴的意见》。"), "title"),
    ],
)  # fmt: skip
def test_a_target_is_found_by_the_ways_to_name_it(
    crawl: Crawl, queries: Queries, *, target: dict[str, object], mention: tuple[str | None, str | None, str], by: str,
    target_first: bool,
) -> None:  # fmt: skip
    pages = [(f"{SITE}/1.html", reading(**target)), (f"{SITE}/2.html", citing(("cites", *mention)))]
    ids = {url: crawl.page(url, record).document_id for url, record in (pages if target_first else pages[::-1])}
    row = queries.references_from(ids[f"{SITE}/2.html"] or 0)[0]
    assert (row.target_document_id, row.resolved_by) == (ids[f"{SITE}/1.html"], by)


@pytest.mark.parametrize(
    ("target", "mention"),
    [
        ({"doc_number": "第50号", "title": "平台管理办法"}, (None, "商务部令第50号", "")),
        ({"doc_number": "第50号", "title": "平台管理办法"}, (None, "第50号", "")),
        ({"title": "2025年平台补贴工作要点"}, ("2026年平台补贴工作要点", None, "")),
        ({"title": "财政部关于平台补贴的意见", "doc_number": None, **MOF}, ("商务部关于平台补贴的意见", None, "")),
        ({"title": "财政部关于平台补贴的意见", "doc_number": None, **MOF}, ("关于平台补贴的意见", None, "")),
        ({"title": "平台补贴办法", "written": date(2027, 1, 1)}, ("平台补贴办法", None, "")),
    ],
)
def test_another_issuer_year_or_later_paper_is_none(
    crawl: Crawl, queries: Queries, target: dict[str, object], mention: tuple[str | None, str | None, str]
) -> None:
    crawl.page(f"{SITE}/1.html", reading(**target))
    citer = crawl.page(f"{SITE}/2.html", citing(("cites", *mention))).document_id or 0
    assert [row.target_document_id for row in queries.references_from(citer)] == [None]


def test_of_two_with_one_title_the_named_issuers_is_meant(crawl: Crawl, queries: Queries) -> None:
    ours = crawl.page(f"{SITE}/1.html", reading(title="平台补贴办法", doc_number="甲〔2026〕1号")).document_id
    theirs = crawl.page(f"{SITE}/2.html", reading(title="平台补贴办法", doc_number="乙〔2026〕1号", **MOF)).document_id
    citer = crawl.page(
        f"{SITE}/3.html",
        citing(
            ("cites", "平台补贴办法", None, "按照财政部《平台补贴办法》执行。"),
            ("implements", "平台补贴办法", None, "根据《平台补贴办法》，制定本细则。"),
        ),
    ).document_id  # fmt: skip
    assert [row.target_document_id for row in queries.references_from(citer or 0)] == [theirs, ours]


def test_a_number_of_a_policy_is_not_its_interpretation(crawl: Crawl, queries: Queries) -> None:
    policy = crawl.page(f"{SITE}/1.html", reading()).document_id
    crawl.page(f"{SITE}/2.html", reading(title="《工业互联网平台补贴办法》解读", type="interpretation"))
    citer = crawl.page(f"{SITE}/3.html", citing(("cites", None, "工信部信发〔2026〕12号", ""))).document_id
    assert [row.target_document_id for row in queries.references_from(citer or 0)] == [policy]


# -- the graph ---------------------------------------------------------------------------------------------------------


def test_both_directions_are_walked_by_relation(archive: Archive, crawl: Crawl, engine: Engine, clock: Moving) -> None:
    law = crawl.page(f"{SITE}/1.html", reading(title="平台法", doc_number=None, written=date(2020, 1, 1))).document_id
    policy = crawl.page(
        f"{SITE}/2.html",
        citing(("implements", "平台法", None, "根据《平台法》。"), ("repeals", "旧办法", None, "《旧办法》废止。"),
               title="平台补贴办法", doc_number="甲〔2026〕1号"),
    ).document_id or 0  # fmt: skip
    explained = crawl.page(
        f"{SITE}/3.html", citing(("interprets", "平台补贴办法", None, "解读。"), type="interpretation", doc_number=None)
    ).document_id
    news = Crawl(archive, clock, NEWS)
    report = news.page(
        "https://www.news.example/1.html",
        citing(("cites", "平台补贴办法", None, "印发《平台补贴办法》。"), type="news", doc_number=None, title="报道",
               published=date(2026, 3, 4)),
    ).document_id  # fmt: skip
    steps = walk(engine, policy)
    assert [(step.outgoing, step.relation, step.other_id) for step in steps] == [
        (True, "repeals", None),
        (True, "implements", law),
        (False, "explained by", explained),
        (False, "reported by", report),
    ]
    assert [step.reference.days_after for step in steps] == [None, 0, 0, 3]
    assert [(step.depth, step.other_id) for step in walk(engine, law or 0, depth=2) if not step.outgoing] == [
        (1, policy), (2, explained), (2, report),
    ]  # fmt: skip


def test_a_circle_ends(crawl: Crawl, engine: Engine) -> None:
    first = crawl.page(f"{SITE}/1.html", citing(("cites", "乙办法", None, ""), title="甲办法", doc_number=None))
    crawl.page(f"{SITE}/2.html", citing(("cites", "甲办法", None, ""), title="乙办法", doc_number=None))
    assert len(walk(engine, first.document_id or 0, depth=9)) == 4


# -- wanted and gaps ---------------------------------------------------------------------------------------------------


def test_the_most_named_are_wanted_first_until_they_arrive(crawl: Crawl, engine: Engine) -> None:
    for number in range(1, 4):
        crawl.page(
            f"{SITE}/{number}.html",
            citing(
                ("cites", "平台法", None, "依照《平台法》。"),
                *([("repeals", None, "财建〔2019〕35 号", "废止。")] if number < 3 else []),
                *([("implements", "某某条例", None, "根据《某某条例》。")] if number == 1 else []),
                title=f"细则{number}", doc_number=f"甲〔2026〕{number}号",
            ),
        )  # fmt: skip
    assert [(row.title, row.number, row.documents, row.relations) for row in wanted(engine)] == [
        ("平台法", None, 3, {"cites": 3}),
        (None, "财建〔2019〕35 号", 2, {"repeals": 2}),
        ("某某条例", None, 1, {"implements": 1}),
    ]
    assert [row.title for row in wanted(engine, limit=1, offset=2)] == ["某某条例"]
    crawl.page(f"{SITE}/8.html", reading(title="平台法", doc_number=None, written=date(2020, 1, 1)))
    assert [row.documents for row in wanted(engine)] == [2, 1]


def test_what_is_wanted_of_an_issuer(crawl: Crawl, engine: Engine) -> None:
    crawl.page(
        f"{SITE}/1.html",
        reading(title="平台公告", doc_number="财建〔2019〕1号", organs=(("财政部", "财建"),), **MOF),
    )
    crawl.page(
        f"{SITE}/2.html",
        citing(
            ("cites", None, "财建〔2019〕35号", ""),
            ("cites", "财政部关于平台的意见", None, ""),
            ("cites", "平台法", None, ""),
        ),
    )
    assert {row.number or row.title for row in wanted(engine, issuer="财政部")} == {
        "财建〔2019〕35号", "财政部关于平台的意见"
    }  # fmt: skip


def test_gaps_of_a_code_and_year(crawl: Crawl, engine: Engine) -> None:
    for serial in (1, 2, 4, 9):
        crawl.page(f"{SITE}/{serial}.html", reading(title=f"通知{serial}", doc_number=f"国发〔2026〕{serial}号"))
    crawl.page(f"{SITE}/20.html", reading(title="去年的通知", doc_number="国发〔2025〕2号"))
    crawl.page(f"{SITE}/21.html", reading(title="国务院令", doc_number="第743号", issuers=("国务院",), issuer="国务院"))
    crawl.page(f"{SITE}/22.html", reading(title="国务院令二", doc_number="国务院令第746号", issuers=("国务院",)))
    crawl.page(
        f"{SITE}/23.html",
        citing(("cites", None, "国发[2026]5号", ""), ("cites", None, "国发〔2026〕99999号", ""),
               ("cites", None, "国发〔2026〕4号", ""), ("cites", None, "国务院令第745号", "")),
    )  # fmt: skip
    found = {(one.code, one.year): one for one in gaps(engine)}
    one = found["国发", 2026]
    assert (sorted(one.archived), sorted(one.cited), one.highest) == ([1, 2, 4, 9], [5, 99999], 9)
    assert one.missing == [3, 6, 7, 8]
    assert found["国发", 2025].missing == [1]
    assert found["国务院令", None].missing == [744]
    assert [(series.code, series.year) for series in gaps(engine, code="国发", year=2026)] == [("国发", 2026)]
    assert [series.missing for series in gaps(engine, code="国务院令")] == [[744]]
