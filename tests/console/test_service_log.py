"""What the service's log says of its crawls: what is wrong, with the lines that belong to it."""

import logging

import pytest

from console.cli.service import CrawlLog
from schedules.jobs import Crawl

SAID = [
    "2026-11-24 13:00:00 [scrapy.utils.log] INFO: Versions:",
    "{'lxml': '6.1.3',",
    "2026-11-24 13:00:01 [ndrc-tz] WARNING: list https://a.example/: unreachable",
    "2026-11-24 13:00:02 [scrapy.core.scraper] ERROR: Spider error",
    "Traceback (most recent call last):",
    "2026-11-24 13:00:03 [scrapy.core.engine] INFO: Spider closed (finished)",
]


@pytest.mark.parametrize(("verbose", "kept"), [(False, [2, 3, 4]), (True, [0, 1, 2, 3, 4, 5])])
def test_warnings_and_errors_are_logged_with_what_belongs_to_them(caplog, verbose, kept):
    caplog.set_level(logging.DEBUG)
    log = CrawlLog(verbose)
    for line in SAID:
        log(Crawl("ndrc-tz", "a.example"), line)
    assert [record.levelname for record in caplog.records if "Traceback" in record.message] == ["ERROR"]
    assert len(caplog.records) == len(kept)
    for record, number in zip(caplog.records, kept, strict=True):
        assert record.message.startswith("ndrc-tz: ")
        assert record.message.endswith(SAID[number].rpartition(": ")[2])


def test_lines_before_the_first_level_are_logged(caplog):
    CrawlLog(False)(Crawl("ndrc-tz", "a.example"), "ModuleNotFoundError: No module named 'scrapy'")
    assert len(caplog.records) == 1
