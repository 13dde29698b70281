"""The ministry's column end to end: its page, the unit API, the articles, the archive."""

import pytest
from support.sites import MIIT, Ministry

SOURCE = "miit-wjfb-tz"


@pytest.fixture
def ministry(server, crawler):
    crawler.hosts = [MIIT]
    return Ministry(server)


def test_a_first_crawl_archives_every_page_of_the_list(crawler, ministry):
    ended = crawler.crawl(SOURCE)
    assert (ended.code, ended.verdict) == (0, "ok"), ended.log
    assert len(ended.documents("added")) == 60
    assert ministry.lists_asked() == 3
    assert crawler.sql("SELECT count(*) FROM document") == [(60,)]
    (row,) = crawler.sql("SELECT title, number, published FROM document WHERE title LIKE '%第60批%'")
    assert row[:2] == (ministry.notices[0].title, "工信厅科函〔2026〕60号")
    (run,) = crawler.sql("SELECT verdict, backlog, state FROM run")
    assert run == ("ok", 1, "finished")
