"""Mails that a `crawl` from the command line sends, through a real SMTP server."""

import re

import pytest
from support.mailbox import flowing, mailbox
from support.sites import MIIT, Ministry, Notice

SOURCE = "miit-wjfb-tz"
ANALYST = "analyst@example.org"


@pytest.fixture
def box():
    with mailbox() as running:
        yield running


@pytest.fixture
def ministry(server, command, box):
    command.more = {
        "POLICY_CRAWLER_CONNECTION_MAP": str(server.map_for([f"https://{MIIT}"])),
        "POLICY_CRAWLER_CRAWL__DELAY": "0",
        "POLICY_CRAWLER_MAIL__HOST": "127.0.0.1",
        "POLICY_CRAWLER_MAIL__PORT": str(box.port),
        "POLICY_CRAWLER_MAIL__SECURITY": "none",
        "POLICY_CRAWLER_MAIL__SENDER": "alerts@example.org",
    }
    return Ministry(server, numbers=range(12, 0, -1))


def test_what_is_new_and_what_changed_comes_in_one_mail_and_backlog_in_none(command, ministry, box):
    assert command("watch", "add", "专项行动", "--to", ANALYST).code == 0
    assert command("crawl", SOURCE).code == 0
    assert not box.received

    ministry.notices[4].text = ministry.notices[4].text.replace("落到实处", "于2026年12月31日前落到实处")
    ministry.notices.insert(0, Notice(13))
    answer = command("crawl", SOURCE, "--recheck", "all")
    assert answer.code == 0, answer.err
    assert "2 new alerts" in answer.err
    (received,) = box.accepted()
    assert received.mail["To"] == ANALYST
    assert received.mail["From"].endswith("<alerts@example.org>")
    assert Notice(13).title in received.mail["Subject"]
    for kind in ("plain", "html"):
        text = received.part(kind)
        words = flowing(re.sub("<[^>]*>", "", text))
        assert Notice(13).url in text
        assert "工信厅科函〔2026〕13号" in text
        assert "2026年12月31日前" in words
        assert "专项行动" in text
    assert "数据安全管理工作于2026年12月31日前落到实处" in flowing(received.part("plain"))
    assert {row["state"] for row in command("alerts", "--json").lines} == {"sent"}

    command("crawl", SOURCE, "--recheck", "all")
    assert len(box.received) == 1


def test_a_page_that_is_named_is_told_the_first_time_too(command, ministry, box):
    command("watch", "add", "专项行动", "--to", ANALYST)
    answer = command("crawl", "--url", ministry.notices[0].url, "--json")
    assert answer.lines[0]["backlog"] is False
    assert [one.mail["To"] for one in box.accepted()] == [ANALYST]
