"""The door: what one fetched page means for its document, in the decision order."""

import pytest
from sqlalchemy import Engine, select
from support.archives import ARTICLES, Crawl, Moving, changed, first_run, reading

from storage.archive import Archive
from storage.engine import reading as session_of
from storage.models import Document, Event, Page, Snapshot, Version
from storage.records import Outcome, Verdict

URL = "https://www.miit.gov.cn/zwgk/zcwj/wjfb/tz/art/2026/art_1.html"


def events(engine: Engine) -> list[tuple[str, str]]:
    with session_of(engine) as session:
        return [(event.kind, event.state) for event in session.scalars(select(Event).order_by(Event.id))]


@pytest.fixture
def crawl(archive: Archive, clock: Moving) -> Crawl:
    first_run(archive, clock)
    return Crawl(archive, clock)


def test_a_new_page_is_added_with_one_event(crawl: Crawl, engine: Engine) -> None:
    recorded = crawl.page(URL, reading())
    assert recorded.outcome is Outcome.ADDED
    assert events(engine) == [("added", "staged")]
    crawl.close()
    assert events(engine) == [("added", "published")]


def test_one_changed_digit_is_a_version_that_says_where(crawl: Crawl, engine: Engine) -> None:
    crawl.page(URL, reading())
    text = ARTICLES[3][1].replace("30%", "20%")
    recorded = crawl.page(URL, reading(blocks=changed(3, text)))
    assert recorded.outcome is Outcome.CHANGED
    assert [(change.operation, change.label) for change in recorded.changes] == [("changed", "第三条")]
    assert "30%" in (recorded.changes[0].before or "")
    assert "20%" in (recorded.changes[0].after or "")


def test_a_moved_counter_is_the_same(crawl: Crawl, engine: Engine) -> None:
    crawl.page(URL, reading(blocks=(*ARTICLES, ("paragraph", "浏览次数：17"))))
    recorded = crawl.page(URL, reading(blocks=(*ARTICLES, ("paragraph", "浏览次数：18"))))
    assert recorded.outcome is Outcome.SAME
    assert events(engine) == [("added", "staged")]
