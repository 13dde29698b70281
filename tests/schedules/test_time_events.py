"""What time and later documents do is told: by the service's tick, once, to watches that match, in both languages."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from support.archives import Crawl, first_run, reading
from support.mailbox import Mailbox
from support.service import build
from support.world import MovingClock, World

from schedules.alerts import Match, Notice, Other, render
from schedules.watches import read_filters

POLICY = "https://www.miit.gov.cn/art/1.html"
DRAFT = "https://www.miit.gov.cn/art/2.html"
REPEALING = "https://www.miit.gov.cn/art/3.html"


@pytest.fixture
def moving(tmp_path: Path) -> Iterator[World]:
    home = tmp_path / "home"
    home.mkdir()
    made = World(home, f"sqlite:///{home / 'archive.db'}", MovingClock())
    yield made
    made.close()


def forward(world: World, **by: float) -> None:
    assert isinstance(world.clock, MovingClock)
    world.clock.moves.append(timedelta(**by))


def serve(world: World, box: Mailbox) -> None:
    """The service until nothing is due; each call is a process that starts anew."""
    service = build(world, {"sources": [], "mail_port": box.port})
    asyncio.run(asyncio.wait_for(service.run(until_idle=True), 30))


def watch(world: World, name: str, query: str, **more: object) -> None:
    channel = world.book.add_channel("email", f"{name}@example.org")
    world.book.add_watch(name, query, channels=[channel], **more)  # type: ignore[arg-type]


def told(box: Mailbox, name: str) -> list[str]:
    return [str(one.mail["Subject"]) for one in box.received if one.recipient == f"{name}@example.org"]


def test_the_tick_tells_what_time_does_once(moving: World, box: Mailbox) -> None:
    watch(moving, "all", "补贴")
    watch(moving, "force", "validity:in_force", filters={"events": ["in_force"]})
    watch(moving, "others", "没有这个词")
    first_run(moving.archive, moving.clock)  # type: ignore[arg-type]
    today = moving.clock.today()
    crawl = Crawl(moving.archive, moving.clock)  # type: ignore[arg-type]
    crawl.page(POLICY, reading(effective=today + timedelta(days=2), published=today, written=today))
    crawl.page(
        DRAFT,
        reading(
            title="补贴办法（征求意见稿）", doc_number=None, type="consultation", deadline=today + timedelta(days=10),
            published=today, written=today,
        ),
    )  # fmt: skip
    crawl.close()
    serve(moving, box)
    assert len(told(box, "all")) == 1  # both are new, in one mail
    for _ in range(9):
        forward(moving, days=1)
        serve(moving, box)
    assert [subject[: subject.find("]") + 1] for subject in told(box, "all")[1:]] == [
        "[文件开始施行]",
        "[征求意见即将截止]",
    ]
    assert [subject[: subject.find("]") + 1] for subject in told(box, "force")] == ["[文件开始施行]"]
    assert told(box, "others") == []
    body = next(one.part("plain") for one in box.received if one.recipient == "force@example.org")
    assert f"时效：    现行有效（自 {today + timedelta(days=2)}）" in body


def test_of_backlog_only_those_hear_who_ask(moving: World, box: Mailbox) -> None:
    watch(moving, "news", "补贴", filters={"events": ["in_force"]})
    watch(moving, "everything", "补贴", filters={"events": ["in_force"]}, include_backlog=True)
    first = Crawl(moving.archive, moving.clock)  # type: ignore[arg-type]
    first.page(POLICY, reading(effective=moving.clock.today() + timedelta(days=2)))
    first.close()
    forward(moving, days=3)
    serve(moving, box)
    assert (len(told(box, "news")), len(told(box, "everything"))) == (0, 1)
    body = box.received[0].part("plain")
    assert "晚了 1 天" in body
    assert "存量" in body


def test_a_repeal_is_told_with_what_repeals(moving: World, box: Mailbox) -> None:
    watch(moving, "repeals", "旧办法", filters={"events": ["repealed"]})
    first_run(moving.archive, moving.clock)  # type: ignore[arg-type]
    crawl = Crawl(moving.archive, moving.clock)  # type: ignore[arg-type]
    crawl.page(POLICY, reading(title="平台补贴旧办法", doc_number="工信部信发〔2020〕3号", written=date(2020, 5, 1)))
    mention = ("repeals", "平台补贴旧办法", None, None, "《平台补贴旧办法》同时废止。")
    crawl.page(REPEALING, reading(effective=date(2026, 3, 1), mentions=(mention,)))
    crawl.close()
    serve(moving, box)
    serve(moving, box)
    assert told(box, "repeals") == ["[文件被废止] 平台补贴旧办法 · 工业和信息化部"]
    assert [(alert.event.kind, alert.validity) for alert in moving.book.alerts()] == [("repealed", "repealed")]
    body = box.received[0].part("plain")
    for line in (
        "时效：    已废止（自 2026-03-01）",
        "废止依据：《工业和信息化部关于印发《工业互联网平台补贴办法》的通知》（工信部信发〔2026〕12号）",
        "废止日期：2026-03-01",
    ):
        assert line in body.replace("\r\n          ", "")


NOTICE = Notice(
    kind="repealed", happened_at=datetime(2026, 3, 2, 1, tzinfo=UTC), source_name="工信部 通知",
    matches=(Match("办法", ()),), title="旧办法", document_id=3, version_number=1, day=date(2026, 3, 1),
    by=Other(4, "《新办法》（甲〔2026〕1号）"), partly=True, validity="partly_repealed",
    validity_since=date(2026, 3, 1),
)  # fmt: skip


def test_both_languages_say_it() -> None:
    english = render([NOTICE], "en")
    assert english.subject == "[Document repealed] 旧办法"
    for line in ("Validity:      partly repealed (since 2026-03-01)", "Repealed by:   《新办法》（甲〔2026〕1号）",
                 "Repealed from: 2026-03-01", "only some of its clauses are repealed"):  # fmt: skip
        assert line in english.text
    assert all(word in english.html for word in ("Repealed by", "《新办法》（甲〔2026〕1号）", "partly repealed"))
    chinese = render([NOTICE], "zh")
    for line in ("时效：    部分废止（自 2026-03-01）", "废止依据：《新办法》（甲〔2026〕1号）", "仅废止其中部分条款"):
        assert line in chinese.text


@pytest.mark.parametrize("kind", ["in_force", "expires_soon", "expired", "deadline_near", "repealed"])
def test_every_kind_has_its_words_and_can_be_asked_for(kind: str) -> None:
    assert read_filters({"events": [kind]}).events == {kind}
    notice = Notice(kind=kind, happened_at=NOTICE.happened_at, source_name="来源", matches=(), title="办法")
    for language in ("zh", "en"):
        assert f"[{kind}]" not in render([notice], language).subject
