"""`channels` and `deliveries` from the command line: secrets stay where they are, samples arrive, what was given up is
sent again."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from support.receivers import TOKEN, Fault, Receiver, receiver

from storage.clock import Clock

SECRET = "SEC0123456789abcdef0123456789abcdef"


def now() -> datetime:
    return Clock().now()


@pytest.fixture
def robot() -> Iterator[Receiver]:
    with receiver("dingtalk", secret=SECRET, now=now) as running:
        yield running


def kept(folder: Path, name: str, text: str) -> str:
    file = folder / name
    file.write_text(text + "\n")
    file.chmod(0o600)
    return str(file)


def test_a_robot_is_added_tried_and_removed(command: Any, robot: Receiver, tmp_path: Path) -> None:
    command.more["POLICY_CRAWLER_DELIVERIES__ALLOW_NETWORKS"] = "127.0.0.0/8"
    url, secret = kept(tmp_path, "robot.url", robot.url), kept(tmp_path, "robot.secret", SECRET)
    refused = command("channels", "add", "dingtalk", robot.url)
    assert refused.code == 2
    added = command("channels", "add", "dingtalk", "政策组", "--url-file", url, "--secret-file", secret)
    assert added.code == 0, added.err
    tried = command("channels", "test", "1")
    assert tried.code == 0, tried.err
    said = "".join(request.body.decode() for request in robot.taken())
    for word in ("新文件", "文件有修改", "文件已撤下", "New document", "Document changed", "Document withdrawn"):
        assert word in said
    robot.will(Fault(body=b'{"errcode": 310000, "errmsg": "sign not match"}'))
    failed = command("channels", "test", "1", "--event", "added")
    assert failed.code == 1
    assert "310000 sign not match" in failed.err
    listed = command("channels", "list", "--json")
    (row,) = [json.loads(line) for line in listed.out.splitlines()]
    assert (row["kind"], row["target"], row["address"]) == ("dingtalk", "政策组", f"file:{url}")
    for answer in (refused, added, tried, failed, listed, command("channels", "list")):
        assert TOKEN not in answer.out + answer.err.replace(robot.url, "")
        assert SECRET not in answer.out + answer.err
    assert command("channels", "remove", "1").code == 0
    assert command("channels", "list", "--json").out == ""
    archive = b"".join(file.read_bytes() for file in command.home.rglob("archive.db*"))
    assert TOKEN.encode() not in archive
    assert SECRET.encode() not in archive


def test_a_webhook_has_a_secret_that_can_be_changed(command: Any) -> None:
    assert command("channels", "add", "webhook", "https://hooks.example.com/in").code == 0
    first = (command.home / "secrets" / "webhook-1").read_text().strip()
    assert first.startswith("whsec_")
    answer = command("channels", "rotate", "1")
    assert answer.code == 0
    assert "for a day" in answer.out
    assert (command.home / "secrets" / "webhook-2").read_text().strip() not in {first, ""}
    assert first not in answer.out + answer.err
    private = command("channels", "add", "webhook", "https://192.168.1.1/in")
    assert (private.code, "not an address of the public internet" in private.err) == (2, True)


def test_replay_says_what_it_needs(command: Any) -> None:
    assert command("deliveries", "list").code == 0
    assert "say which" in command("deliveries", "replay").err
    assert "no delivery 7" in command("deliveries", "replay", "7").err
    assert command("deliveries", "replay", "--all", "--since", "2026-03-01").out.startswith("0 deliveries")
