"""A draft that is open for comments, end to end: its deadline is kept, a changed one told, a re-reading is not."""

from datetime import date

import pytest
from support.sites import MIIT, Draft, Ministry, Notice

SOURCE = "miit-wjfb-tz"


@pytest.fixture
def ministry(server, crawler):
    crawler.hosts = [MIIT]
    ministry = Ministry(server, range(10, 0, -1))
    ministry.notices.insert(0, Draft(11))
    return ministry


def versions(crawler):
    return crawler.sql(
        "SELECT version.seq, version.reason, reading.deadline, version.text_hash FROM version"
        " JOIN reading ON reading.id = version.reading_id JOIN document ON document.id = version.document_id"
        " WHERE document.type = 'consultation' ORDER BY version.seq"
    )


def changed(crawler):
    return crawler.sql("SELECT count(*) FROM event WHERE kind = 'changed'")[0][0]


def test_a_deadline_is_kept_and_a_changed_one_is_a_change(crawler, ministry):
    assert crawler.crawl(SOURCE).verdict == "ok"
    assert crawler.sql("SELECT title, deadline FROM document WHERE deadline IS NOT NULL") == [
        (Draft(11).title, "2026-12-20")
    ]
    (first,) = versions(crawler)
    assert first[:3] == (1, "added", "2026-12-20")

    ministry.notices[0].until = date(2027, 1, 15)
    ended = crawler.crawl(SOURCE, "--recheck", "all")
    assert ended.documents("changed") == [Draft(11).title], ended.log
    first, second = versions(crawler)
    assert second[:3] == (2, "changed", "2027-01-15")
    assert first[3] == second[3]  # the same text
    assert crawler.sql("SELECT deadline FROM document WHERE type = 'consultation'") == [("2027-01-15",)]
    (payload,) = crawler.sql("SELECT payload FROM event WHERE kind = 'changed'")[0]
    assert '"before":"2026-12-20","after":"2027-01-15"' in payload

    crawler.crawl(SOURCE, "--recheck", "all")
    assert (len(versions(crawler)), changed(crawler)) == (2, 1)


@pytest.mark.parametrize("other_bytes", [False, True])
def test_what_an_earlier_release_did_not_keep_comes_with_a_re_reading(crawler, ministry, other_bytes):
    """Whether the page answers with the same bytes or with others that say the same."""
    crawler.crawl(SOURCE)
    before = versions(crawler)
    crawler.change("DELETE FROM organ")
    crawler.change("UPDATE reading SET extractor_version = '1', deadline = NULL, images_carry_text = NULL")
    crawler.change("UPDATE page SET extractor_version = '1', etag = NULL")
    crawler.change("UPDATE document SET deadline = NULL")
    ministry.visits = 7 if other_bytes else 0
    assert crawler.crawl(SOURCE, "--recheck", "all").verdict == "ok"
    assert versions(crawler) == before
    assert changed(crawler) == 0
    assert crawler.sql("SELECT deadline FROM document WHERE type = 'consultation'") == [("2026-12-20",)]
    organs = crawler.sql(
        "SELECT DISTINCT organ.position, organ.name, organ.code FROM version"
        " JOIN organ ON organ.reading_id = version.reading_id ORDER BY organ.code"
    )
    assert organs == [(0, "工业和信息化部", "工信厅科函")]
    assert Notice(1).title in crawler.sql("SELECT title FROM document WHERE number_normal = '工信厅科函〔2026〕1号'")[0]
