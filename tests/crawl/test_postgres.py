"""The same crawl into PostgreSQL."""

import os
from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, text
from support import postgres
from support.sites import MIIT, Ministry, Notice

pytestmark = pytest.mark.postgres
SOURCE = "miit-wjfb-tz"


@pytest.fixture
def database() -> Iterator[str]:
    binaries = postgres.find_binaries()
    if binaries is None:
        missing = pytest.fail if "postgres" in os.environ.get("POLICY_REQUIRE", "") else pytest.skip
        missing(postgres.MISSING)
    assert binaries is not None
    with postgres.running(binaries) as server:
        yield server.format("postgres")


def test_a_crawl_into_postgresql(crawler, server, database):
    crawler.hosts = [MIIT]
    crawler.more["POLICY_CRAWLER_ARCHIVE"] = database
    ministry = Ministry(server)
    ended = crawler.crawl(SOURCE)
    assert (ended.code, ended.verdict, len(ended.documents("added"))) == (0, "ok", 30), ended.log
    ministry.notices.insert(0, Notice(31))
    ended = crawler.crawl(SOURCE)
    assert (ended.verdict, ended.documents("added")) == ("ok", [Notice(31).title])
    with create_engine(database).connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM document")).scalar_one() == 31
        assert connection.execute(text("SELECT verdict, backlog FROM run ORDER BY id")).all() == [
            ("ok", True),
            ("ok", False),
        ]
    assert not (crawler.home / "archive.db").exists()
