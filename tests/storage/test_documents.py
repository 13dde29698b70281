"""One work, many pages: copies, originals, references, reports, attachments."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Engine
from support.archives import ARTICLES, MIIT, NEWS, PROVINCE, Crawl, Moving, capture, changed, reading

from storage.archive import Archive
from storage.queries import Queries
from storage.records import Outcome, ReadingRecord
from storage.search import search
from storage.snapshots import SnapshotStore

ORIGINAL = "https://www.miit.gov.cn/art/1.html"
COPY = "https://gxt.jiangsu.gov.cn/art/9.html"
REPORT = "https://www.news.example/0/1.html"


@pytest.fixture
def crawl(archive: Archive, clock: Moving) -> Crawl:
    return Crawl(archive, clock)


@pytest.fixture
def queries(engine: Engine) -> Queries:
    return Queries(engine)


def report(**fields: object) -> ReadingRecord:
    """A news report that links and names the policy."""
    usual: dict[str, object] = {
        "title": "工信部：推动平台补贴", "type": "news", "doc_number": None, "issuer": "新闻网", "issuers": (),
        "blocks": (("paragraph", "工信部近日印发《工业互联网平台补贴办法》。"),), "written": None,
        "mentions": (("reports", "工业互联网平台补贴办法", None, ORIGINAL, "近日印发《工业互联网平台补贴办法》。"),),
    }  # fmt: skip
    return reading(**{**usual, **fields})


# -- copies ------------------------------------------------------------------------------------------------------------


def test_a_second_page_with_the_same_number_and_issuer_is_a_copy(
    archive: Archive, clock: Moving, crawl: Crawl, queries: Queries
) -> None:
    added = crawl.page(ORIGINAL, reading())
    province = Crawl(archive, clock, PROVINCE)
    copy = reading(
        doc_number="工信部信发[2026]12 号", issuer="工信部", issuers=(), title="转载：" + (reading().title or "")
    )
    recorded = province.page(COPY, copy)
    assert (recorded.outcome, recorded.document_id) == (Outcome.COPY, added.document_id)
    copies = queries.copies(added.document_id or 0)
    assert [(row.url, row.is_original, row.differs) for row in copies] == [(ORIGINAL, True, False), (COPY, False, True)]
    assert [event.kind for event in queries.events(state=None)] == ["added"]


def test_a_copys_own_text_makes_no_version(archive: Archive, clock: Moving, crawl: Crawl, queries: Queries) -> None:
    document_id = crawl.page(ORIGINAL, reading()).document_id or 0
    province = Crawl(archive, clock, PROVINCE)
    province.page(COPY, reading(blocks=(*ARTICLES, ("paragraph", "本站编辑：某某"))))
    recorded = province.page(COPY, reading(blocks=changed(3, ARTICLES[3][1].replace("30%", "33%"))))
    assert recorded.outcome is Outcome.SAME
    assert len(queries.versions(document_id)) == 1
    assert province.gone(COPY).outcome is Outcome.MISSING
    clock.forward(hours=7)
    assert province.gone(COPY).outcome is Outcome.MISSING  # a copy's end is not the document's
    document = queries.document(document_id)
    assert document is not None
    assert document.state == "current"
    assert (
        crawl.page(ORIGINAL, reading(blocks=changed(3, ARTICLES[3][1].replace("30%", "40%")))).outcome
        is Outcome.CHANGED
    )


def test_the_issuers_own_page_becomes_the_original_without_a_word(
    archive: Archive, clock: Moving, crawl: Crawl, queries: Queries
) -> None:
    province = Crawl(archive, clock, PROVINCE)
    document_id = province.page(COPY, reading(blocks=(*ARTICLES, ("paragraph", "本站编辑：某某")))).document_id or 0
    assert crawl.page(ORIGINAL, reading()).outcome is Outcome.COPY
    document = queries.document(document_id)
    assert document is not None
    assert document.url == ORIGINAL
    assert [version.reason for version in queries.versions(document_id)] == ["added", "original"]
    assert [event.kind for event in queries.events(state=None)] == ["added"]
    assert (
        crawl.page(ORIGINAL, reading(blocks=changed(3, ARTICLES[3][1].replace("30%", "40%")))).outcome
        is Outcome.CHANGED
    )
    assert province.page(COPY, reading()).outcome is Outcome.SAME


def test_there_is_one_original_however_many_pages_come(
    archive: Archive, clock: Moving, crawl: Crawl, queries: Queries
) -> None:
    province = Crawl(archive, clock, PROVINCE)
    document_id = province.page(COPY, reading()).document_id or 0
    gov = "https://www.gov.cn/zhengce/1.htm"
    for url in (gov, ORIGINAL, "https://wap.miit.gov.cn/art/1.html", "https://gxt.jiangsu.gov.cn/again.html"):
        assert crawl.page(url, reading()).outcome is Outcome.COPY
    assert [row.url for row in queries.copies(document_id) if row.is_original] == [ORIGINAL]
    assert len(queries.versions(document_id)) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"doc_number": "工信部信发〔2026〕13号"},
        {"doc_number": "工信部信发〔2025〕12号"},
        {"issuer": "江苏省工业和信息化厅", "issuers": ("江苏省工业和信息化厅",), "doc_number": "第12号"},
        {
            "type": "news",
            "title": "工信部印发平台补贴办法",
            "blocks": (("paragraph", "记者获悉，平台补贴办法日前印发。"),),
        },
        {"issuer": None, "issuers": (), "title": "另一标题", "blocks": (("paragraph", "另一正文。"),)},
    ],
    ids=["number", "year", "issuer", "news", "no issuer, another title"],
)
def test_another_number_issuer_or_year_is_another_document(crawl: Crawl, other: dict[str, object]) -> None:
    first = crawl.page(ORIGINAL, reading())
    recorded = crawl.page("https://www.miit.gov.cn/art/2.html", reading(**other))
    assert recorded.outcome is Outcome.ADDED
    assert recorded.document_id != first.document_id


def test_news_that_print_the_whole_text_are_a_copy(crawl: Crawl) -> None:
    crawl.page(ORIGINAL, reading())
    assert crawl.page("https://www.news.example/2.html", reading(type="news")).outcome is Outcome.COPY


def test_without_an_issuer_the_same_number_and_title_is_a_copy(crawl: Crawl) -> None:
    crawl.page(ORIGINAL, reading())
    assert crawl.page(COPY, reading(issuer=None, issuers=())).outcome is Outcome.COPY


@pytest.mark.parametrize(
    ("number", "year", "outcome"),
    [
        ("工业和信息化部令第50号", 2026, Outcome.COPY),
        ("工业和信息化部令第50号", 2025, Outcome.ADDED),
        ("第50号", 2026, Outcome.COPY),
        ("第50号", 2025, Outcome.ADDED),
        ("公告2026年第50号", 2025, Outcome.COPY),
    ],
)
def test_a_number_without_a_year_needs_the_year_of_its_document(
    crawl: Crawl, number: str, year: int, outcome: Outcome
) -> None:
    crawl.page(ORIGINAL, reading(doc_number=number))
    again = reading(doc_number=number, written=date(year, 3, 1), published=date(year, 3, 1))
    assert crawl.page(COPY, again).outcome is outcome
    nameless = replace(again, issuer=None, issuers=())
    # An order's number may name its issuer itself; else the title and the signature of the same text do.
    named = number.startswith("工业和信息化部") or number == "第50号"
    expected = Outcome.COPY if named else Outcome.ADDED
    assert crawl.page("https://other.example/1.html", nameless).outcome is expected


def test_documents_are_found_by_id_url_and_number(crawl: Crawl, queries: Queries) -> None:
    document_id = crawl.page(ORIGINAL, reading()).document_id
    order = crawl.page(COPY, reading(doc_number="工业和信息化部令第50号")).document_id
    for ref in (str(document_id), ORIGINAL, "http://www.miit.gov.cn/art/1.html#top", "www.miit.gov.cn/art/1.html",
                "工信部信发[2026]12号", " 工信部信发〔２０２６〕12 号 "):  # fmt: skip
        assert [row.id for row in queries.find_documents(ref)] == [document_id], ref
    assert [row.id for row in queries.find_documents("第50号")] == [order]
    for ref in ("0", "https://www.miit.gov.cn/art/3.html", "工信部信发〔2026〕99号", "no such thing", ""):
        assert queries.find_documents(ref) == []


# -- references --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("policy_first", [True, False])
@pytest.mark.parametrize("found_by", ["url", "number", "title"])
def test_a_reference_resolves_whichever_arrives_first(
    archive: Archive, clock: Moving, queries: Queries, policy_first: bool, found_by: str
) -> None:
    mention = {
        "url": ("cites", None, None, ORIGINAL.replace("https", "http"), "按通知要求。"),
        "number": ("cites", None, "工信部信发[2026]12号", None, "按通知要求。"),
        "title": ("cites", "工业互联网平台补贴办法", None, None, "依照《工业互联网平台补贴办法》。"),
    }[found_by]
    crawl = Crawl(archive, clock)
    citing = reading(title="实施细则", doc_number="工信部信发〔2026〕90号", mentions=(mention,))
    pages = [(ORIGINAL, reading()), (COPY, citing)]
    ids = [crawl.page(url, record).document_id or 0 for url, record in (pages if policy_first else reversed(pages))]
    policy, citer = ids if policy_first else reversed(ids)
    assert [(row.target_document_id, row.resolved_by) for row in queries.references_from(citer)] == [(policy, found_by)]
    incoming = queries.references_to(policy)
    assert [(row.document_id, row.relation, row.sentence) for row in incoming] == [(citer, "cites", mention[4])]
    assert queries.references_from(policy) == []


def test_two_documents_that_fit_a_title_are_none(crawl: Crawl, queries: Queries) -> None:
    for number in (1, 2):
        crawl.page(f"https://www.miit.gov.cn/art/{number}.html", reading(doc_number=f"甲〔2026〕{number}号"))
    mention = ("cites", "工业互联网平台补贴办法", None, None, "")
    citer = crawl.page(COPY, reading(title="细则", doc_number="乙〔2026〕1号", mentions=(mention,))).document_id or 0
    assert [row.target_document_id for row in queries.references_from(citer)] == [None]


@pytest.mark.parametrize("policy_first", [True, False])
def test_a_report_that_led_to_a_policy_reports_it(
    archive: Archive, clock: Moving, queries: Queries, policy_first: bool
) -> None:
    news, ministry = Crawl(archive, clock, NEWS), Crawl(archive, clock)
    linking = report(mentions=(("cites", None, None, ORIGINAL, "详见通知。"),))
    policy = 0
    if policy_first:
        policy = ministry.page(ORIGINAL, reading()).document_id or 0
    news_id = news.page(REPORT, linking).document_id or 0
    policy = news.page(ORIGINAL, reading(), reported_by=REPORT).document_id or policy
    news.page(ORIGINAL, reading(), reported_by=REPORT)
    rows = queries.references_from(news_id)
    assert [(row.relation, row.target_document_id) for row in rows] == [("cites", policy), ("reports", policy)]
    assert rows[1].sentence == "详见通知。"
    assert [row.id for row in queries.news_about(policy)] == [news_id]


def test_a_report_found_after_its_policy_still_reports_it(archive: Archive, clock: Moving, queries: Queries) -> None:
    """A crawl that was cut short: the policy's page was recorded, the report's only in the next run."""
    news = Crawl(archive, clock, NEWS)
    policy = news.page(ORIGINAL, reading(), reported_by=REPORT).document_id or 0
    news_id = news.page(REPORT, report(mentions=())).document_id or 0
    assert [(row.relation, row.target_document_id) for row in queries.references_from(news_id)] == [("reports", policy)]


def test_every_report_that_links_a_known_policy_reports_it(
    archive: Archive, clock: Moving, crawl: Crawl, queries: Queries
) -> None:
    policy = crawl.page(ORIGINAL, reading()).document_id or 0
    news = Crawl(archive, clock, NEWS)
    ids = []
    for number in (1, 2):
        url = f"https://www.news.example/0/{number}.html"
        ids.append(news.page(url, report(mentions=(), title=f"报道{number}")).document_id)
        assert archive.discover(news.run_id, [(ORIGINAL, None, None)], reported_by=url) == [False]
    assert sorted(row.id for row in queries.news_about(policy)) == ids
    assert [row.relation for row in queries.references_to(policy)] == ["reports", "reports"]


def test_references_are_those_of_the_current_version(crawl: Crawl, queries: Queries) -> None:
    mentions = (("cites", "甲法", None, None, "据甲法。"), ("cites", "乙法", None, None, "据乙法。"))
    document_id = crawl.page(ORIGINAL, reading(mentions=mentions)).document_id or 0
    blocks = changed(1, "第一条　根据乙法，制定本办法。")
    crawl.page(ORIGINAL, reading(mentions=mentions[1:], blocks=blocks))
    assert [row.title for row in queries.references_from(document_id)] == ["乙法"]


# -- attachments -------------------------------------------------------------------------------------------------------

FILE = "https://www.miit.gov.cn/files/a.pdf"


def test_a_files_bytes_over_time(
    archive: Archive, crawl: Crawl, queries: Queries, clock: Moving, snapshots: SnapshotStore
) -> None:
    link = ("/files/a.pdf", FILE, "附件：申报表", "pdf")
    document_id = crawl.page(ORIGINAL, reading(attachments=(link,))).document_id or 0
    (linked,) = queries.attachments(document_id)
    assert (linked.name, linked.versions, linked.digest) == ("附件：申报表", 0, None)

    def fetch(body: bytes, **more: object) -> Outcome:
        file = capture(FILE, body, clock=clock, headers=(("Content-Type", "application/pdf"),), **more)
        return archive.record_attachment(crawl.run_id, ORIGINAL, link[0], link[2], link[3], file).outcome

    outcomes = [fetch(b"%PDF-1.7 one"), fetch(b"%PDF-1.7 one"), fetch(b"%PDF-1.7 two")]
    assert outcomes == [Outcome.ADDED, Outcome.SAME, Outcome.CHANGED]
    assert fetch(b"<!DOCTYPE html><title>404</title>") is Outcome.SUSPECT
    assert fetch(b"") is Outcome.ERROR
    assert fetch(b"no", status=404) is Outcome.MISSING
    assert fetch(b"no", status=403) is Outcome.BLOCKED
    assert fetch(b"%PDF", truncated=True) is Outcome.ERROR
    (kept,) = queries.attachments(document_id)
    assert kept.versions == 2
    assert snapshots.load(kept.file or "", kept.offset or 0, kept.digest) == b"%PDF-1.7 two"
    assert [event.kind for event in queries.events(state=None)] == ["added"]
    stranger = archive.record_attachment(crawl.run_id, COPY, "a", "b", "pdf", capture(FILE, b"%PDF", clock=clock))
    assert stranger.outcome is Outcome.ERROR


# -- what is derived follows -------------------------------------------------------------------------------------------


def test_sources_count_their_documents(archive: Archive, crawl: Crawl, queries: Queries, clock: Moving) -> None:
    crawl.page(ORIGINAL, reading())
    crawl.page(
        "https://www.miit.gov.cn/art/2.html", reading(doc_number=None, title="另一个", published=date(2026, 1, 2))
    )
    rows = {row.id: row for row in queries.sources()}
    assert (rows[MIIT.id].documents, rows[MIIT.id].newest_document) == (2, date(2026, 3, 1))
    assert (rows[NEWS.id].documents, rows[NEWS.id].newest_document) == (0, None)
    assert rows[MIIT.id].last_run_id == crawl.run_id


def test_a_type_that_reading_cannot_tell_is_what_the_source_publishes_on_its_own_site(
    archive: Archive, clock: Moving, crawl: Crawl, queries: Queries
) -> None:
    other = (("paragraph", "另一正文，与前文无关，说的是别的事情。"),)
    crawl.page(ORIGINAL, reading(type="other"))
    news = Crawl(archive, clock, NEWS)
    news.page(REPORT, report(type="other"))
    news.page("https://www.mof.gov.cn/1.html", reading(type="other", doc_number=None, title="另一标题", blocks=other))
    assert [row.type for row in reversed(queries.documents())] == ["policy", "news", "other"]


def test_a_copy_is_found_by_the_source_of_either_page(
    archive: Archive, clock: Moving, crawl: Crawl, engine: Engine
) -> None:
    crawl.page(ORIGINAL, reading())
    assert search(engine, f"source:{PROVINCE.id}").count == 0
    Crawl(archive, clock, PROVINCE).page(COPY, reading())
    for source in (MIIT, PROVINCE):
        assert search(engine, f"source:{source.id}").count == 1
