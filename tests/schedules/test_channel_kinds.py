"""Splitting by bytes, feeds, apprise, and secrets that nobody sees (L6)."""

import html
import json
import time
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.archives import Moving
from support.dispatch_once import LOOPBACK
from support.receivers import TOKEN, Fault, receiver

from schedules.alerts import Found, Match, Message, Notice, render
from schedules.alerts.samples import samples
from schedules.channels import Envelope, Guard, RefusedError, TemporaryError, check_channel, registry, secrets
from schedules.channels.splitting import packed, pieces, shortened, size
from storage.errors import OperatorError

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
CLOCK = Moving(NOW)
MENTIONS = "@all <at id=all></at> <@all> [点这里](https://evil.example) **粗** `x` ![i](https://evil.example/i.png)"


def notice(title: str = "某部关于印发《办法》的通知", **more: object) -> Notice:
    told = {"url": "https://www.miit.gov.cn/art_1.html", "document_id": 1, "version_number": 1, **more}
    return Notice("added", NOW, "工信部 通知", (Match("补贴", (Found("补贴", "title"),)),), title, **told)  # type: ignore[arg-type]


def envelope(folder: Path, url: str, key: str = "d-1") -> Envelope:
    file = folder / "url"
    file.write_text(url + "\n")
    file.chmod(0o600)
    return Envelope(key, "group", NOW, address=f"file:{file}")


# -- splitting -----------------------------------------------------------------------------------------------------

TEXTS = st.lists(st.text(alphabet="长文件号a \n*-[]()（）👍", min_size=1, max_size=400), min_size=1, max_size=12)


@settings(max_examples=150, deadline=None)
@given(TEXTS, st.integers(120, 900))
def test_packed_messages_fit_and_keep_what_fits(texts: list[str], limit: int) -> None:
    made = packed(texts, limit)
    assert all(0 < size(text) <= limit or not text.strip() for text in made)
    whole = "".join(made)
    assert all(text in whole for text in texts if size(text) <= limit)


def test_a_cut_is_at_a_character_and_ends_with_the_link() -> None:
    text = "### 新文件：[某办法](https://www.miit.gov.cn/a.html)\n\n" + "很长的条款" * 2_000
    cut = shortened(text, 4_096)
    assert size(cut) <= 4_096
    assert cut.endswith("[……](https://www.miit.gov.cn/a.html)")
    assert "\ufffd" not in cut


def test_many_events_are_cut_between_them_and_all_are_there() -> None:
    message = render([notice(f"第{number}号通知", document_id=number, event_id=number) for number in range(1, 121)])
    made = packed(pieces(message), 4_000)
    assert all(size(text) <= 4_000 for text in made)
    assert [number for number in range(1, 121) if sum(f"第{number}号通知" in text for text in made) != 1] == []
    assert made[0].startswith("## 120 条")


# -- L6 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["dingtalk", "feishu", "wecom"])
def test_L6_a_page_mentions_nobody_and_links_nothing(tmp_path: Path, kind: str) -> None:
    channel = registry(None, StringIO(), guard=Guard(LOOPBACK), clock=CLOCK)[kind]
    long = "第一条　补贴按投资额的百分之三十发放。" * 600  # 30 kB
    message = render([notice(MENTIONS), notice(MENTIONS + long, document_id=2, reason=long)])
    with receiver(kind, now=CLOCK.now) as got:
        parts = channel.split(message)
        for number, part in enumerate(parts, 1):
            channel.send(part, envelope(tmp_path, got.url, f"d-1.{number}"))
        assert len(got.taken()) == len(parts)  # none was too long
        said = "".join(json.dumps(request.json, ensure_ascii=False) for request in got.taken())
    for bad in ("@all", "<at", "<@", "](https://evil"):
        assert bad not in said
    assert all("`x`" not in part.markdown for part in parts)  # a title is plain text, where it means nothing
    assert "](https://www.miit.gov.cn/art_1.html)" in said


@pytest.mark.parametrize(
    "title",
    [
        "{{''.__class__.__mro__}}", "{{'a'*10**10}}", "{0.__class__}", "{title}", "%099999999d", "%(x)s", "${7*7}",
        "{% include '/etc/passwd' %}", "<%= 7*7 %>", "{% for a in range(9999) %}{% for b in range(9999) %}x",
    ],
)  # fmt: skip
def test_L9_a_page_is_no_template(title: str) -> None:
    begun = time.process_time()
    message = render([notice(title, reason=title, issuer=title)])
    assert time.process_time() - begun < 0.5
    assert html.escape(title) in message.html
    for said in (message.text, message.html, message.markdown, message.subject):
        assert len(said.encode()) < 20_000
        assert "root:" not in said
    assert "49" not in message.text + message.subject


# -- feeds ---------------------------------------------------------------------------------------------------------


def test_a_feed_is_three_files_that_readers_read(tmp_path: Path) -> None:
    channel = registry(None, StringIO(), feeds=tmp_path / "feeds")["feed"]
    message = render(samples())
    parts = channel.split(message)
    for number, part in enumerate(parts, 1):
        for _ in range(2):  # told again after a crash: there once
            channel.send(part, Envelope(f"d-1.{number}", "政策", NOW))
    told = json.loads((tmp_path / "feeds" / "政策.json").read_text())
    assert told["version"] == "https://jsonfeed.org/version/1.1"
    assert len(told["items"]) == len(parts)
    for ending in ("rss", "atom"):
        read = feedparser.parse((tmp_path / "feeds" / f"政策.{ending}").read_bytes())
        assert not read.bozo
        assert [entry.id for entry in read.entries] == [item["id"] for item in told["items"]]
        assert [entry.title for entry in read.entries] == [item["title"] for item in told["items"]]
        assert read.entries[-1].link == told["items"][-1]["url"]
    assert not list((tmp_path / "feeds").glob(".*.part"))


@pytest.mark.parametrize("name", ["", "../x", "a/b", "/feeds/../etc/x", "a b"])
def test_a_feed_stays_where_it_belongs(name: str) -> None:
    with pytest.raises(OperatorError, match="not a feed's name"):
        check_channel("feed", name, None, None, Guard())


# -- apprise -------------------------------------------------------------------------------------------------------


def test_apprise_brings_a_message(tmp_path: Path) -> None:
    channel = registry(None, StringIO())["apprise"]
    with receiver("webhook", now=CLOCK.now) as got:
        where = envelope(tmp_path, f"json://127.0.0.1:{got.port}/{TOKEN}")
        channel.send(Message("标题", "正文", "<p>正文</p>"), where)
        told = got.requests[0].json
        assert (told["title"], told["message"]) == ("标题", "正文")
        got.always = Fault(500)
        with pytest.raises(TemporaryError, match="json did not take it") as raised:
            channel.send(Message("标题", "正文", "<p>正文</p>"), where)
        assert TOKEN not in str(raised.value)
    (tmp_path / "url").write_text("pigeon://home\n")
    with pytest.raises(OperatorError, match="knows no such URL"):
        check_channel("apprise", "x", where.address, None, Guard())


# -- secrets -------------------------------------------------------------------------------------------------------


def test_a_secret_is_where_it_says_or_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK", "https://hooks.example.com/abc")
    assert secrets.reference(variable="HOOK") == "env:HOOK"
    assert secrets.read("env:HOOK") == "https://hooks.example.com/abc"
    with pytest.raises(OperatorError, match="holds no secret"):
        secrets.reference(variable="NOT_SET")
    with pytest.raises(OperatorError, match="No such file"):
        secrets.reference(file=str(tmp_path / "none"))
    with pytest.raises(OperatorError, match="no name of an environment variable") as raised:
        secrets.reference(variable=f"https://x/{TOKEN}")
    assert TOKEN not in str(raised.value)
    open_file = tmp_path / "open"
    open_file.write_text("x")
    open_file.chmod(0o666)
    with pytest.raises(OperatorError, match="anybody may write"):
        secrets.reference(file=str(open_file))
    stored = secrets.store(tmp_path / "secrets", "../webhook", "whsec_x")
    file = Path(stored.removeprefix("file:"))
    assert file.parent == tmp_path / "secrets"
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("kind", ["dingtalk", "feishu", "wecom"])
def test_a_token_stands_in_no_error(tmp_path: Path, kind: str) -> None:
    channel = registry(None, StringIO(), guard=Guard(LOOPBACK, seconds=2), clock=CLOCK)[kind]
    part = channel.split(render([notice()]))[0]
    with receiver(kind, now=CLOCK.now) as got:
        echoes = Fault(500, f"no robot {got.url}".encode()), Fault(200, f"<p>{TOKEN}</p>".encode())
        for fault in (*echoes, Fault(200, reset=True)):
            got.will(fault)
            with pytest.raises((TemporaryError, RefusedError)) as raised:
                channel.send(part, envelope(tmp_path, got.url))
            assert TOKEN not in str(raised.value)
        gone = got.url
    with pytest.raises(TemporaryError) as raised:
        channel.send(part, envelope(tmp_path, gone))
    assert TOKEN not in str(raised.value)
    with pytest.raises(OperatorError, match="refused") as refused:
        check_channel(kind, "x", envelope(tmp_path, f"https://10.0.0.1/{TOKEN}").address, None, Guard())
    assert TOKEN not in str(refused.value)
