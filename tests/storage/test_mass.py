"""Many documents that go or change at once (rows I10, H14)."""

from datetime import date

import pytest
from sqlalchemy import Engine
from support.archives import ARTICLES, MIIT, Crawl, Moving, changed, first_run, reading

from storage.archive import Archive
from storage.queries import Queries
from storage.records import Outcome, ReadingRecord, Verdict


def url(number: int) -> str:
    return f"https://www.miit.gov.cn/art/{number}.html"


def policy(number: int, **fields: object) -> ReadingRecord:
    return reading(**{"doc_number": f"工信部信发〔2026〕{number + 1}号", "title": f"关于事项{number}的通知", **fields})


def amended(number: int) -> ReadingRecord:
    return policy(number, blocks=changed(3, ARTICLES[3][1].replace("30%", "20%")))


def archived(archive: Archive, clock: Moving, count: int) -> None:
    """So many documents of the source, found in normal running."""
    first_run(archive, clock)
    crawl = Crawl(archive, clock)
    for number in range(count):
        assert crawl.page(url(number), policy(number)).outcome is Outcome.ADDED
    crawl.close()
    clock.forward(days=40)


def states(engine: Engine, kind: str) -> list[str]:
    return [event.state for event in Queries(engine).events(kinds=[kind], state=None)]


def told(engine: Engine) -> list[str]:
    return [e.kind for e in Queries(engine).events() if e.kind in {"source_failing", "source_recovered"}]


# -- I10: a template change -------------------------------------------------------------------------------------------


def test_I10_changes_of_very_many_documents_are_held_with_one_notice(
    archive: Archive, clock: Moving, engine: Engine
) -> None:
    archived(archive, clock, 12)
    crawl = Crawl(archive, clock)
    for number in range(12):
        crawl.page(url(number), amended(number) if number < 5 else policy(number))
    crawl.page(url(99), policy(99))
    summary = archive.close_run(crawl.run_id, Verdict.OK, "", {})
    assert summary.verdict is Verdict.QUARANTINED
    assert summary.reason == "probable template change: 5 of 12 documents looked at within a day changed"
    assert states(engine, "changed") == ["quarantined"] * 5
    assert states(engine, "added")[-1] == "published"  # a new document stands on its own page
    assert told(engine) == ["source_failing"]
    clock.forward(hours=1)
    Crawl(archive, clock).close()  # says nothing of the template
    assert told(engine) == ["source_failing"]
    assert archive.release_run(crawl.run_id) == 5
    assert states(engine, "changed") == ["published"] * 5
    clock.forward(hours=1)
    Crawl(archive, clock).close()
    assert told(engine) == ["source_failing", "source_recovered"]


def test_I10_a_template_that_is_met_page_by_page_is_held_from_the_fifth_on(
    archive: Archive, clock: Moving, engine: Engine
) -> None:
    archived(archive, clock, 12)
    for number in range(8):
        clock.forward(hours=2)
        crawl = Crawl(archive, clock)
        crawl.page(url(number), amended(number))
        crawl.close()
    assert states(engine, "changed") == ["published"] * 4 + ["quarantined"] * 4
    assert told(engine) == ["source_failing"]
    clock.forward(hours=25)
    Crawl(archive, clock).close()
    assert told(engine) == ["source_failing", "source_recovered"]


@pytest.mark.parametrize(("documents", "changes"), [(6, 4), (20, 6)], ids=["four", "30 percent"])
def test_I10_fewer_changes_are_told(
    archive: Archive, clock: Moving, engine: Engine, documents: int, changes: int
) -> None:
    archived(archive, clock, documents)
    crawl = Crawl(archive, clock)
    for number in range(documents):
        crawl.page(url(number), amended(number) if number < changes else policy(number))
    assert archive.close_run(crawl.run_id, Verdict.OK, "", {}).verdict is Verdict.OK
    assert states(engine, "changed") == ["published"] * changes


def test_I10_many_new_documents_are_no_template_change(archive: Archive, clock: Moving, engine: Engine) -> None:
    first_run(archive, clock)
    crawl = Crawl(archive, clock)
    for number in range(30):
        crawl.page(url(number), policy(number))
    assert archive.close_run(crawl.run_id, Verdict.OK, "", {}).verdict is Verdict.OK


# -- H14: an outage ---------------------------------------------------------------------------------------------------


def test_H14_an_outage_met_page_by_page_withdraws_none(archive: Archive, clock: Moving, engine: Engine) -> None:
    """Pages are due at different times: no single run sees more than one of them."""
    archived(archive, clock, 6)
    for turn in range(12):
        clock.forward(hours=2)
        crawl = Crawl(archive, clock)
        crawl.gone(url(turn % 6))
        crawl.close()
    assert "published" not in states(engine, "withdrawn")


def test_two_of_many_gone_are_withdrawn_once_the_others_were_seen(
    archive: Archive, clock: Moving, engine: Engine
) -> None:
    """Only the two were due; so the next run asks for some of the others before anyone is told."""
    archived(archive, clock, 12)
    for _ in range(2):
        clock.forward(hours=7)
        crawl = Crawl(archive, clock)
        crawl.gone(url(0))
        crawl.gone(url(1))
        crawl.close()
    assert states(engine, "withdrawn") == ["dropped", "dropped"]
    clock.forward(hours=7)
    crawl = Crawl(archive, clock)
    due = [page.url for page in archive.due_pages(MIIT.id, 50)]
    assert {url(0), url(1)} < set(due)
    for address in due:
        number = int(address.rpartition("/")[2].removesuffix(".html"))
        if number < 2:
            crawl.gone(address)
        else:
            crawl.page(address, policy(number))
    crawl.close()
    assert states(engine, "withdrawn") == ["dropped", "dropped", "published", "published"]


def test_a_small_source_that_lost_all_is_believed_after_two_weeks(
    archive: Archive, clock: Moving, engine: Engine
) -> None:
    archived(archive, clock, 2)
    for _ in range(16):
        crawl = Crawl(archive, clock)
        crawl.gone(url(0))
        crawl.gone(url(1))
        crawl.close()
        clock.forward(days=1)
    assert states(engine, "withdrawn").count("published") == 2
    assert Queries(engine).documents()[0].state == "withdrawn"
    assert date(2026, 4, 25) <= clock.today()


def test_pages_held_for_an_outage_are_not_asked_for_in_every_run(archive: Archive, clock: Moving) -> None:
    archived(archive, clock, 3)
    for _ in range(2):
        clock.forward(hours=7)
        crawl = Crawl(archive, clock)
        for number in range(3):
            crawl.gone(url(number))
        crawl.close()
    assert archive.due_pages(MIIT.id, 9) == []
