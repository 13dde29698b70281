"""Runs: opened, queued, judged, died; what they staged is published, held, or taken over."""

import pytest
from sqlalchemy import Engine
from support.archives import MIIT, NEWS, PROVINCE, Crawl, Moving, first_run, reading

from storage.archive import Archive
from storage.errors import ArchiveError
from storage.queries import Queries
from storage.records import Outcome, Verdict

URL = "https://www.miit.gov.cn/art/1.html"


def states(engine: Engine) -> list[tuple[str, str]]:
    return [(event.kind, event.state) for event in Queries(engine).events(state=None)]


def state_of(engine: Engine, source_id: str = MIIT.id) -> str:
    return next(source.state for source in Queries(engine).sources() if source.id == source_id)


@pytest.mark.parametrize(
    ("verdict", "state"),
    [
        (Verdict.OK, "published"),
        (Verdict.PARTIAL, "published"),
        (Verdict.BLOCKED, "published"),
        (Verdict.INTERRUPTED, "published"),
        (Verdict.QUARANTINED, "quarantined"),
        (Verdict.FAILED, "staged"),
    ],
)
def test_the_end_of_a_run_decides_over_its_events(
    archive: Archive, clock: Moving, engine: Engine, verdict: Verdict, state: str
) -> None:
    crawl = Crawl(archive, clock)
    crawl.page(URL, reading())
    summary = archive.close_run(crawl.run_id, verdict, "because", {"added": 1})
    assert states(engine)[0] == ("added", state)
    assert (summary.verdict, summary.reason, summary.counts) == (verdict, "because", {"added": 1})
    assert Queries(engine).run(crawl.run_id) == summary
    held = [event.kind for event in Queries(engine).unpublished_events()]
    assert held == ([] if state == "published" else ["added"])


@pytest.mark.parametrize("end", ["died", "failed"])
def test_what_a_dead_run_staged_is_judged_with_the_next_one(
    archive: Archive, clock: Moving, engine: Engine, end: str
) -> None:
    crawl = Crawl(archive, clock)
    crawl.page(URL, reading())
    other = Crawl(archive, clock, PROVINCE)
    other.page("https://gxt.jiangsu.gov.cn/a.html", reading(issuer="江苏省工业和信息化厅", issuers=(), doc_number=None))
    if end == "died":
        assert archive.fail_dead_runs(lambda pid: False) == [crawl.run_id, other.run_id]
    else:
        crawl.close(Verdict.FAILED)
    following = Crawl(archive, clock)
    assert archive.run_is_backlog(following.run_id)  # no run of the source has succeeded yet
    following.close()
    published = Queries(engine).events(kinds=["added"])
    assert [(event.run_id, event.backlog) for event in published] == [(following.run_id, True)]


def test_a_quarantined_run_can_be_released_by_hand(archive: Archive, clock: Moving, engine: Engine) -> None:
    crawl = Crawl(archive, clock)
    crawl.page(URL, reading())
    crawl.close(Verdict.QUARANTINED, "3 entries, expected 15")
    assert archive.release_run(crawl.run_id) == 1
    assert states(engine)[0] == ("added", "published")
    assert archive.release_run(crawl.run_id) == 0
    well = Crawl(archive, clock)
    well.close()
    with pytest.raises(ArchiveError, match="not quarantined"):
        archive.release_run(well.run_id)


def test_a_run_that_lives_is_left_alone(archive: Archive, clock: Moving) -> None:
    crawl = Crawl(archive, clock)
    assert archive.fail_dead_runs(lambda pid: pid == 1) == []
    crawl.close()
    with pytest.raises(ArchiveError, match="finished ok"):
        archive.close_run(crawl.run_id, Verdict.OK, "", {})


def test_a_slot_is_filled_once_and_a_busy_source_is_not_queued_again(archive: Archive, clock: Moving) -> None:
    archive.register_sources([MIIT, NEWS])
    first = archive.queue_run(MIIT.id, "schedule", slot="2026-03-02T01:00")
    assert first is not None
    assert archive.queue_run(MIIT.id, "schedule", slot="2026-03-02T02:00") is None  # still waits
    assert archive.queue_run(MIIT.id, "manual") is None
    assert archive.queue_run(NEWS.id, "schedule", slot="2026-03-02T01:00") is not None  # another source's slot
    archive.start_run(first, 1)
    assert archive.queue_run(MIIT.id, "manual") is None  # runs
    archive.close_run(first, Verdict.OK, "", {})
    assert archive.queue_run(MIIT.id, "schedule", slot="2026-03-02T01:00") is None  # filled
    assert archive.queue_run(MIIT.id, "schedule", slot="2026-03-02T02:00") is not None
    with pytest.raises(ArchiveError, match="cannot be started"):
        archive.start_run(first, 1)
    with pytest.raises(ArchiveError, match="no source 'nowhere'"):
        archive.queue_run("nowhere", "manual")


def test_a_refusal_is_told_at_the_third_run_and_a_broken_expectation_at_once(
    archive: Archive, clock: Moving, engine: Engine
) -> None:
    first_run(archive, clock)
    for told in (0, 0, 1, 1):
        Crawl(archive, clock).close(Verdict.BLOCKED, "a challenge script")
        assert len(states(engine)) == told
        assert state_of(engine) == "blocked"
    Crawl(archive, clock).close(Verdict.INTERRUPTED)  # says nothing of the source
    assert state_of(engine) == "blocked"
    Crawl(archive, clock).close(Verdict.PARTIAL)
    assert state_of(engine) == "ok"
    Crawl(archive, clock).close(Verdict.QUARANTINED, "3 entries, expected 15")
    assert state_of(engine) == "quarantined"
    assert [kind for kind, _ in states(engine)] == ["source_failing", "source_recovered", "source_failing"]
    event = Queries(engine).events(kinds=["source_failing"])[-1]
    assert (event.reason, event.source_name, event.document_id) == ("3 entries, expected 15", MIIT.name, None)


def test_registering_again_keeps_what_is_known(archive: Archive, clock: Moving, engine: Engine) -> None:
    first_run(archive, clock)
    archive.register_sources([MIIT])
    assert state_of(engine) == "ok"
    assert not archive.run_is_backlog(Crawl(archive, clock).run_id)


# -- pages -------------------------------------------------------------------------------------------------------------


def test_entries_are_new_once_however_they_are_written(archive: Archive, clock: Moving) -> None:
    crawl = Crawl(archive, clock)
    entries = [(URL, "甲", None), ("http://www.miit.gov.cn/art/1.html#x", "甲", None), (URL + "?p=2", "乙", None)]
    assert archive.discover(crawl.run_id, entries) == [True, False, True]
    assert archive.discover(crawl.run_id, entries) == [False, False, False]
    assert [page.title for page in archive.pending_pages(MIIT.id, 9)] == ["甲", "乙"]
    assert [page.url for page in archive.pending_pages(MIIT.id, 1)] == [URL]
    known = archive.known_page("http://www.miit.gov.cn/art/1.html")
    assert known is not None
    assert (known.url, known.state, known.document_id) == (URL, "new", None)
    assert archive.known_page("https://www.miit.gov.cn/art/2.html") is None


def test_a_page_found_by_a_report_passes_to_the_source_of_its_site(archive: Archive, clock: Moving) -> None:
    news = Crawl(archive, clock, NEWS)
    archive.discover(news.run_id, [(URL, None, None)], reported_by="https://www.news.example/1.html")
    assert [page.url for page in archive.pending_pages(NEWS.id, 9)] == [URL]
    ministry = Crawl(archive, clock, MIIT)
    assert archive.discover(ministry.run_id, [(URL, "甲", None)]) == [True]  # new to it, and not read yet
    assert archive.discover(ministry.run_id, [(URL, "甲", None)]) == [False]
    assert archive.pending_pages(NEWS.id, 9) == []
    assert [(page.url, page.title) for page in archive.pending_pages(MIIT.id, 9)] == [(URL, "甲")]
    archive.discover(news.run_id, [(URL, None, None)])  # and stays there
    assert archive.pending_pages(NEWS.id, 9) == []


def test_pages_left_by_an_interrupted_run_are_found_again(archive: Archive, clock: Moving) -> None:
    crawl = Crawl(archive, clock)
    archive.discover(crawl.run_id, [(f"{URL}?p={number}", None, None) for number in range(3)])
    crawl.page(f"{URL}?p=1", reading())
    crawl.close(Verdict.INTERRUPTED)
    assert [page.url for page in archive.pending_pages(MIIT.id, 9)] == [f"{URL}?p=0", f"{URL}?p=2"]


def test_every_fetch_is_found_by_its_run_and_its_url(archive: Archive, clock: Moving, engine: Engine) -> None:
    from storage.records import FetchRecord

    crawl = Crawl(archive, clock)
    line = FetchRecord(URL, "document", clock.now(), None, "error", 0, 1_203, "connection refused")
    archive.log_fetch(crawl.run_id, line)
    archive.log_fetch(crawl.run_id, FetchRecord(MIIT.list_url, "listing", clock.now(), 200, "listing", 9, 5))
    rows = Queries(engine).fetches(crawl.run_id)
    assert [(row.purpose, row.status, row.error) for row in rows] == [
        ("document", None, "connection refused"), ("listing", 200, None),
    ]  # fmt: skip
    assert [row.id for row in Queries(engine).fetches(url="http://www.miit.gov.cn/art/1.html")] == [rows[0].id]
    assert rows[0].at == clock.now()


def test_a_304_for_a_page_never_read_is_an_error(archive: Archive, clock: Moving) -> None:
    crawl = Crawl(archive, clock)
    recorded = crawl.page(URL, None, "", status=304)
    assert (recorded.outcome, recorded.reason) == (Outcome.ERROR, "HTTP status 304")
    assert crawl.page(URL, reading()).outcome is Outcome.ADDED


def test_what_a_documents_text_was_read_from_is_known(archive: Archive, clock: Moving) -> None:
    crawl = Crawl(archive, clock)
    assert archive.content_type(URL) is None
    archive.discover(crawl.run_id, [(URL, "甲", None)])
    assert archive.content_type(URL) is None
    row = '{"title": "甲"}'
    crawl.page(URL, reading(), row, headers=(("content-type", "application/json; charset=utf-8"),))
    assert archive.content_type("http://www.miit.gov.cn/art/1.html") == "application/json; charset=utf-8"
    # Neither what says the same nor what says nothing changes what the text at hand was read from.
    clock.forward(hours=1)
    crawl.page(URL, reading())
    clock.forward(hours=1)
    crawl.gone(URL)
    assert archive.content_type(URL) == "application/json; charset=utf-8"
