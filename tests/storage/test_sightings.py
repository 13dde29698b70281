"""One document, several sources: who is told, and when what a source's first run found is news after all."""

from datetime import date

import pytest
from sqlalchemy import Engine
from support.archives import MIIT, NEWS, PROVINCE, Crawl, Moving, first_run, reading

from storage.archive import Archive
from storage.queries import Queries
from storage.records import Outcome, SourceRecord, Verdict
from storage.rows import EventRow
from storage.search import search

URL = "https://www.miit.gov.cn/art/1.html"
COPY = "https://gxt.jiangsu.gov.cn/art/9.html"


def added(engine: Engine) -> list[EventRow]:
    return Queries(engine).events(kinds=["added"])


def listed(archive: Archive, clock: Moving, source: SourceRecord, url: str = URL, **more: object) -> Crawl:
    """A run of the source whose list shows the page."""
    crawl = Crawl(archive, clock, source, **more)
    archive.discover(crawl.run_id, [(url, "题", None)], found_on=source.list_url)
    return crawl


def test_what_a_first_run_left_unread_is_backlog_in_the_next(archive: Archive, clock: Moving, engine: Engine) -> None:
    listed(archive, clock, MIIT).close(Verdict.PARTIAL, "truncated: 500 requests were made")
    crawl = Crawl(archive, clock)
    assert not archive.run_is_backlog(crawl.run_id)
    crawl.page(URL, reading())
    crawl.page(f"{URL}?new", reading(doc_number="工信部信发〔2026〕13号"))
    crawl.close()
    assert [event.backlog for event in added(engine)] == [True, False]


def test_a_change_seen_while_backfilling_is_told(archive: Archive, clock: Moving, engine: Engine) -> None:
    first_run(archive, clock)
    crawl = Crawl(archive, clock)
    crawl.page(URL, reading())
    crawl.close()
    backfill = Crawl(archive, clock, trigger="backfill")
    assert backfill.page(URL, reading(title="关于修改后的通知")).outcome is Outcome.CHANGED
    backfill.close()
    assert [event.backlog for event in Queries(engine).events(kinds=["changed"])] == [False]


@pytest.mark.parametrize(("day", "backlog"), [(date(2026, 3, 1), True), (date(2026, 3, 2), False)])
def test_a_backfill_that_comes_first_to_what_is_new_tells_it(
    archive: Archive, clock: Moving, engine: Engine, day: date, backlog: bool
) -> None:
    first_run(archive, clock)  # 2 March
    clock.forward(hours=2)
    crawl = Crawl(archive, clock, trigger="backfill")
    archive.discover(crawl.run_id, [(URL, None, day)])  # by the list's date
    crawl.page(URL, reading(published=None))
    crawl.page(f"{URL}?2", reading(published=day, doc_number="工信部信发〔2026〕13号"))  # by the page's
    crawl.close()
    assert [event.backlog for event in added(engine)] == [backlog, backlog]


def test_another_sources_backlog_is_news_where_a_followed_source_lists_it(
    archive: Archive, clock: Moving, engine: Engine
) -> None:
    first_run(archive, clock)
    other = listed(archive, clock, PROVINCE)  # the province's first run comes by it an hour earlier
    other.page(URL, reading())
    other.close()
    clock.forward(hours=1)
    for _ in range(2):  # told once
        listed(archive, clock, MIIT).close()
    assert [(event.source_id, event.backlog, event.also) for event in added(engine)] == [
        (PROVINCE.id, True, False), (MIIT.id, False, False),
    ]  # fmt: skip
    assert search(engine, f"source:{MIIT.id}").count == 1


def test_what_one_source_told_another_tells_its_own_watches(archive: Archive, clock: Moving, engine: Engine) -> None:
    first_run(archive, clock)
    first_run(archive, clock, NEWS)
    news = Crawl(archive, clock, NEWS)
    archive.discover(news.run_id, [(URL, None, None)], reported_by="https://www.news.example/1.html")
    news.page(URL, reading(), reported_by="https://www.news.example/1.html")
    news.close()
    clock.forward(hours=1)
    listed(archive, clock, MIIT).close()
    assert [(event.source_id, event.also) for event in added(engine)] == [(NEWS.id, False), (MIIT.id, True)]


def test_a_copy_on_a_further_source_is_told_to_that_sources_watches_once(
    archive: Archive, clock: Moving, engine: Engine
) -> None:
    first_run(archive, clock)
    first_run(archive, clock, PROVINCE)
    crawl = listed(archive, clock, MIIT)
    crawl.page(URL, reading())
    crawl.page(f"{URL}?again", reading())  # the same source shows it twice
    crawl.close()
    for url in (COPY, f"{COPY}?again"):
        province = listed(archive, clock, PROVINCE, url)
        assert province.page(url, reading()).outcome is Outcome.COPY
        province.close()
    assert [(event.source_id, event.also) for event in added(engine)] == [(MIIT.id, False), (PROVINCE.id, True)]


def test_an_old_document_that_is_listed_again_elsewhere_is_no_news(
    archive: Archive, clock: Moving, engine: Engine
) -> None:
    first_run(archive, clock)
    first_run(archive, clock, PROVINCE)
    crawl = listed(archive, clock, MIIT)
    crawl.page(URL, reading())
    crawl.close()
    clock.forward(days=40)
    listed(archive, clock, PROVINCE).close()
    assert len(added(engine)) == 1


def test_a_page_that_its_finder_never_came_to_read_is_read_by_the_next_source_that_lists_it(
    archive: Archive, clock: Moving, engine: Engine
) -> None:
    first_run(archive, clock)
    listed(archive, clock, PROVINCE).close(Verdict.INTERRUPTED)
    crawl = Crawl(archive, clock)
    assert archive.discover(crawl.run_id, [(URL, None, None)]) == [True]
    crawl.page(URL, reading())
    crawl.close()
    assert [event.backlog for event in added(engine)] == [False]


def test_what_a_source_lists_on_other_hosts_is_what_it_publishes(
    archive: Archive, clock: Moving, engine: Engine
) -> None:
    elsewhere = "https://www.mof.gov.cn/1.html"
    crawl = listed(archive, clock, MIIT, elsewhere)
    crawl.page(elsewhere, reading(type="other", doc_number=None))
    news = Crawl(archive, clock, NEWS)
    archive.discover(news.run_id, [(URL, None, None)], reported_by="https://www.news.example/1.html")
    news.page(URL, reading(type="other", doc_number=None, title="别的"), reported_by="https://www.news.example/1.html")
    assert [row.type for row in reversed(Queries(engine).documents())] == ["policy", "other"]
    listed(archive, clock, MIIT)
    assert [row.type for row in reversed(Queries(engine).documents())] == ["policy", "policy"]
