"""The demonstration from end to end, as a user starts it: a process of its own, its words and its facts."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from console.demo.home import MARK, MARK_TEXT

SECONDS = 110  # what it may take on a busy machine; alone it takes under 30


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """Its home and how it ended, started where an earlier one was, by a user with settings of his own."""
    folder = tmp_path_factory.mktemp("demonstration")
    home = folder / ".demo"
    home.mkdir()
    (home / MARK).write_text(MARK_TEXT)
    (home / "archive.db").write_text("of an earlier demonstration, and no database")
    own = {"POLICY_CRAWLER_HOME": str(folder / "own"), "POLICY_CRAWLER_ARCHIVE": f"sqlite:///{folder}/own.db"}
    ended = subprocess.run(
        [sys.executable, "-m", "console.cli.main", "demo", "--home", str(home)],
        env={**os.environ, **own, "COLUMNS": "160", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return home, ended


@pytest.fixture(scope="module")
def facts(demonstration: tuple[Path, subprocess.CompletedProcess[str]]) -> dict[str, Any]:
    home, ended = demonstration
    assert ended.returncode == 0, ended.stdout + ended.stderr
    found: dict[str, Any] = json.loads((home / "demo.json").read_text(encoding="utf-8"))
    return found


def test_the_second_crawl_finds_exactly_what_happened(facts: dict[str, Any]) -> None:
    assert facts["second"] == {"added": 1, "changed": 1, "missing": 1, "blocked": 1}
    assert facts["differences"] == []
    clause = facts["changed_clause"]
    assert clause["label"] == "第八条"
    assert "20万台（套）" in clause["before"]
    assert clause["after"] == clause["before"].replace("20万台（套）", "30万台（套）")


def test_the_news_is_tied_to_the_policy(facts: dict[str, Any]) -> None:
    first = facts["first"]
    assert "5G 全连接工厂" in first["news"]["title"]
    assert first["policy"]["number"].startswith("示工信信函〔")
    assert first["policy"]["attachments"][1] == "重点任务分工表.pdf"
    assert first["documents"] == 30
    assert first["attachments"] == 4


def test_alerts_came_by_mail_for_each_event_of_the_watch_and_for_nothing_else(facts: dict[str, Any]) -> None:
    assert facts["first"]["alerts"] == 6
    assert facts["alerts_of_second"] == ["added", "changed"]
    assert facts["mails"] > 0


def test_it_says_what_changed_and_what_to_try(
    demonstration: tuple[Path, subprocess.CompletedProcess[str]], facts: dict[str, Any]
) -> None:
    home, ended = demonstration
    clause = facts["changed_clause"]
    for words in (
        str(home),
        "--include-backlog",
        clause["label"],
        clause["before"],
        clause["after"],
        "blocked",
        "view counter",
        f"export POLICY_CRAWLER_HOME={home}",
        "policy-crawler search",
    ):
        assert words in ended.stdout, words
    assert "Traceback" not in ended.stderr


def test_nothing_of_the_users_own_was_touched_and_no_packet_left(
    demonstration: tuple[Path, subprocess.CompletedProcess[str]], facts: dict[str, Any]
) -> None:
    home, _ended = demonstration
    assert facts["home"] == str(home)
    assert sorted(path.name for path in home.parent.iterdir()) == [".demo"]
    trap = home / "refused-connections.jsonl"
    assert not trap.exists() or trap.read_text() == ""
