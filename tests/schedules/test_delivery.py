"""Webhooks and robots that fail as such endpoints do: nothing is lost, nothing told twice, and who must know is told
(L1–L5, L10–L12)."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook
from support.archives import MIIT, Crawl, Moving, first_run, reading
from support.dispatch_once import dispatcher
from support.mailbox import Mailbox
from support.receivers import TOKEN, Fault, Receiver, receiver, said
from support.world import World

from schedules.channels import Guard, TemporaryError
from schedules.channels.web import post
from schedules.channels.webhook import new_secret
from storage.clock import Clock
from storage.errors import OperatorError
from storage.rows_channels import ChannelRow

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
URL = "https://www.miit.gov.cn/art/2026/3/1/art_{}.html"
SECRET = "SEC7c1f3e5b8d7a9026ac9d8f1e0b34d52a"
DOWN = Fault(500, b"upstream is down")


class Wire:
    """A world with watches, and receivers for their channels."""

    def __init__(self, world: World, clock: Moving, box: Mailbox, folder: Path, stack: ExitStack) -> None:
        self.world, self.clock, self.box, self.folder, self.stack = world, clock, box, folder, stack
        self.secret = new_secret()
        self.seconds = 5.0
        self.ca_file = ""
        self._dispatcher: Any = None
        self._documents = 0

    def kept(self, name: str, text: str) -> str:
        """A secret in a file; its reference."""
        file = self.folder / name
        file.write_text(text + "\n", encoding="utf-8")
        file.chmod(0o600)
        return f"file:{file}"

    def channel(self, kind: str, *, tls: ssl.SSLContext | None = None, watch: str = "*") -> tuple[Receiver, int]:
        """A receiver, and a watch that tells it of everything."""
        secret = self.secret if kind == "webhook" else None if kind == "wecom" else SECRET
        got = self.stack.enter_context(
            receiver(kind, secret=None if kind == "webhook" else secret, now=self.clock.now, tls=tls)
        )
        target = got.url if kind == "webhook" else f"group {got.port}"
        channel_id = self.world.book.add_channel(
            kind, target,
            address=None if kind == "webhook" else self.kept(f"url-{got.port}", got.url),
            secret=secret and self.kept(f"secret-{got.port}", secret),
        )  # fmt: skip
        self.world.book.add_watch(f"all {got.port}", watch, channels=[channel_id])
        return got, channel_id

    def publish(self, count: int = 1, **fields: Any) -> None:
        """One run that finds so many new documents."""
        crawl = Crawl(self.world.archive, self.clock, MIIT)
        for _ in range(count):
            self._documents += 1
            number = self._documents
            title = f"工业和信息化部关于印发《第{number}号办法》的通知"
            crawl.page(
                URL.format(number),
                reading(**{"doc_number": f"工信部信发〔2026〕{number}号", "title": title, **fields}),
            )
        crawl.close()

    def run(self, seconds: float = 20, **more: Any) -> Any:
        if self._dispatcher is None:
            self._dispatcher = dispatcher(self.world, self.box.port, ca_file=self.ca_file, seconds=self.seconds)
        return self._dispatcher.run(seconds, **more).deliveries

    def row(self, channel_id: int) -> ChannelRow:
        return self.world.book.channel(channel_id)

    def states(self, channel_id: int) -> list[str]:
        rows = self.world.book.deliveries(1_000)
        return [row.state for row in reversed(rows) if row.channel.id == channel_id]


def to_now(clock: Moving) -> None:
    clock.forward(seconds=(Clock().now() - clock.now()).total_seconds())


@pytest.fixture
def clock() -> Moving:
    return Moving(NOW)


@pytest.fixture
def wire(tmp_path: Path, clock: Moving, box: Mailbox) -> Iterator[Wire]:
    world = World(tmp_path / "home", f"sqlite:///{tmp_path / 'archive.db'}", clock)
    first_run(world.archive, clock)
    with ExitStack() as stack:
        yield Wire(world, clock, box, tmp_path, stack)
    world.close()


# -- Standard Webhooks ---------------------------------------------------------------------------------------------


def test_the_reference_library_verifies_a_webhook(wire: Wire, clock: Moving) -> None:
    to_now(clock)  # the library takes no other clock than the machine's
    got, _ = wire.channel("webhook")
    wire.publish()
    assert wire.run().sent == 1
    (request,) = got.requests
    told = Webhook(wire.secret).verify(request.body, request.headers)
    assert told["schema"] == "policy-crawler.alert.v1"
    (event,) = told["events"]
    assert (event["kind"], event["document"]["number"]) == ("added", "工信部信发〔2026〕1号")
    with pytest.raises(Exception, match="No matching signature"):
        Webhook(new_secret()).verify(request.body, request.headers)


def test_L1_three_hours_of_500_are_caught_up_within_ten_minutes(wire: Wire, clock: Moving) -> None:
    got, channel_id = wire.channel("webhook")
    got.always = DOWN
    began = clock.now()
    attempts: list[datetime] = []
    published = 0
    while clock.now() < began + timedelta(hours=3):
        if published < 5 and clock.now() >= began + timedelta(minutes=30 * published):
            wire.publish()
            published += 1
        before = len(got.requests)
        wire.run()
        attempts += [clock.now()] * (len(got.requests) - before)
        clock.forward(seconds=60)
    assert 25 <= len(attempts) <= 42  # one probe in five minutes, whatever waits
    assert len({request.id for request in got.requests}) == 1  # the oldest is the one that is tried
    assert len({request.body for request in got.requests}) == 1
    assert wire.row(channel_id).failing_since is not None

    got.always = None
    recovered = clock.now()
    while wire.states(channel_id).count("sent") < len(wire.states(channel_id)):
        wire.run()
        clock.forward(seconds=15)
        assert clock.now() <= recovered + timedelta(minutes=10)
    taken = got.taken()
    numbers = [event["document"]["number"] for request in taken for event in request.json["events"]]
    assert numbers == [f"工信部信发〔2026〕{number}号" for number in range(1, 6)]  # all, in their order, once
    assert taken[0].body == got.requests[0].body
    assert wire.row(channel_id).failing_since is None


@pytest.mark.parametrize(
    ("fault", "state", "taken"),
    [
        (Fault(410), "dead", 0),
        (Fault(404), "pending", 0),
        (Fault(302, headers=(("Location", "http://169.254.169.254/"),)), "pending", 0),
        (Fault(204), "sent", 1),
        (Fault(201, b"made"), "sent", 1),
        (Fault(200, endless=10), "sent", 1),
        (Fault(413), "pending", 0),
    ],
)
def test_L2_what_an_answer_means(wire: Wire, fault: Fault, state: str, taken: int) -> None:
    got, channel_id = wire.channel("webhook")
    wire.publish()
    got.will(fault)
    wire.run()
    assert wire.states(channel_id) == [state]
    assert len(got.taken()) == taken
    assert len(got.requests) == 1  # no redirect was followed
    assert wire.row(channel_id).enabled == (fault.status != 410)
    assert (wire.row(channel_id).failing_since is not None) == (fault.status in {404, 302})  # 413 is about the message


def test_L2_a_410_is_told_through_another_channel(wire: Wire) -> None:
    mail = wire.world.book.add_channel("email", "owner@example.org")
    got, channel_id = wire.channel("webhook")
    wire.publish()
    got.will(Fault(410, b"unsubscribed"))
    wire.run()
    wire.run()
    (told,) = wire.box.accepted()
    assert "渠道已停用" in told.mail["Subject"]
    text = told.part("plain")
    assert str(got.port) in text
    assert "410" in text
    assert f"channels enable {channel_id}" in text
    # What comes meanwhile is kept as given up, and both are sent when somebody has put it right.
    wire.publish()
    wire.run()
    assert wire.states(channel_id) == ["dead", "dead"]
    assert wire.states(mail) == ["sent"]
    assert wire.world.book.enable_channel(channel_id) == 2
    assert wire.world.book.replay(wire.world.book.given_up(channel_id=channel_id)) == 2
    assert wire.run().sent == 2
    assert [len(request.json["events"]) for request in got.taken()] == [1, 1]
    assert got.requests[0].id == got.taken()[0].id


def test_L2_a_certificate_that_nobody_knows_is_refused_until_it_is_trusted(
    wire: Wire, authority: tuple[Path, ssl.SSLContext], clock: Moving
) -> None:
    file, context = authority
    got, channel_id = wire.channel("webhook", tls=context)
    wire.publish()
    assert wire.run().retrying == 1
    assert "certificate verify failed" in str(wire.row(channel_id).error)
    assert not got.requests
    wire.ca_file, wire._dispatcher = str(file), None
    clock.forward(seconds=6)
    assert wire.run().sent == 1


@pytest.mark.parametrize(
    "fault",
    [Fault(200, reset=True, process=True), Fault(200, seconds=6, process=True), Fault(200, drip=True, process=True)],
    ids=["cut", "silent", "drips"],
)
def test_L3_processed_but_never_said_is_sent_again_with_its_id(wire: Wire, clock: Moving, fault: Fault) -> None:
    wire.seconds = 0.8
    got, channel_id = wire.channel("webhook")
    wire.publish()
    got.will(fault)
    assert wire.run().retrying == 1
    clock.forward(seconds=6)
    assert wire.run().sent == 1
    first, second = got.requests
    assert first.id == second.id
    assert first.body == second.body
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]
    assert wire.states(channel_id) == ["sent"]


def test_a_retry_after_is_waited_for(wire: Wire, clock: Moving) -> None:
    got, channel_id = wire.channel("webhook")
    wire.publish()
    got.will(Fault(429, headers=(("Retry-After", "3600"),)))
    wire.run()
    for _ in range(11):
        clock.forward(minutes=5)
        wire.run()
    assert len(got.requests) == 1
    clock.forward(minutes=6)
    assert wire.run().sent == 1
    assert wire.states(channel_id) == ["sent"]


# -- disabling and telling -----------------------------------------------------------------------------------------


def test_a_channel_that_fails_for_an_hour_is_told_of_and_after_five_days_disabled(wire: Wire, clock: Moving) -> None:
    wire.world.book.add_channel("email", "ops@example.org", operator=True)
    wire.world.book.add_channel("email", "owner@example.org")
    got, channel_id = wire.channel("webhook")
    got.always = DOWN
    wire.publish()
    began = clock.now()
    while clock.now() < began + timedelta(hours=2):
        wire.run()
        clock.forward(minutes=20)
    (told,) = wire.box.accepted()  # once, and the operator is the owner too
    assert told.recipient == "ops@example.org"
    assert "500" in told.part("plain")
    while wire.row(channel_id).enabled:
        wire.run()
        clock.forward(hours=6)
        assert clock.now() < began + timedelta(days=5, hours=20)
    assert clock.now() > began + timedelta(days=5)
    wire.run()
    assert "渠道已停用" in wire.box.accepted()[-1].mail["Subject"]
    assert wire.states(channel_id) == ["dead"]
    assert len(wire.box.accepted()) == 2


def test_a_recovery_is_told_to_whom_the_failure_was(wire: Wire, clock: Moving) -> None:
    wire.world.book.add_channel("email", "owner@example.org")
    got, _ = wire.channel("webhook")
    got.always = DOWN
    wire.publish()
    for _ in range(6):
        wire.run()
        clock.forward(minutes=15)
    got.always = None
    for _ in range(3):
        wire.run()
        clock.forward(minutes=5)
    assert [mail.mail["Subject"].partition("]")[0] for mail in wire.box.accepted()] == ["[送达失败", "[送达恢复"]


def test_a_message_that_a_receiver_cannot_take_holds_up_no_other_for_long(wire: Wire, clock: Moving) -> None:
    got, channel_id = wire.channel("webhook")
    wire.publish()
    got.will(Fault(422, b"cannot read it"), times=1)
    wire.run()
    wire.publish()
    assert wire.run().sent == 1  # it is the message's trouble, not the channel's
    clock.forward(seconds=6)
    got.will(Fault(422), times=20)
    while "pending" in wire.states(channel_id):
        clock.forward(hours=12)
        wire.run()
    assert sorted(wire.states(channel_id)) == ["dead", "sent"]
    dead = wire.world.book.given_up(channel_id=channel_id)
    assert wire.world.book.delivery(dead[0]).attempts == 10


# -- robots --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["dingtalk", "feishu", "wecom"])
def test_a_robot_takes_a_signed_message(wire: Wire, kind: str) -> None:
    got, channel_id = wire.channel(kind)
    wire.publish()
    assert wire.run().sent == 1
    assert "第1号办法" in got.taken()[0].body.decode()
    (row,) = wire.world.book.deliveries()
    assert row.receipt is not None
    assert TOKEN not in str(row)
    assert wire.states(channel_id) == ["sent"]


CODES = [
    ("dingtalk", said(310000, "sign not match"), "gone"),
    ("dingtalk", said(300005, "token is not exist"), "gone"),
    ("dingtalk", said(130101, "send too fast"), "hasty"),
    ("dingtalk", said(430102, "inappropriate text"), "unfit"),
    ("dingtalk", said(-1, "system busy"), "later"),
    ("feishu", said(19021, "sign match fail", "code", "msg"), "gone"),
    ("feishu", said(11232, "frequency limited", "code", "msg"), "hasty"),
    ("feishu", said(9499, "too many request", "code", "msg"), "hasty"),
    ("feishu", said(9499, "Bad Request", "code", "msg"), "unfit"),
    ("wecom", said(93000, "invalid webhook url"), "gone"),
    ("wecom", said(45009, "api freq out of limit"), "hasty"),
    ("wecom", said(40058, "exceed max length"), "unfit"),
    ("wecom", said(42001, "access_token expired"), "later"),
    *((kind, Fault(body=body), "later")
      for kind in ("dingtalk", "feishu", "wecom")
      for body in (b"<html>gateway</html>", b"", b"not json", b"[]", b'"errcode"')),
    ("wecom", Fault(502), "later"),
    ("feishu", Fault(429), "hasty"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "fault", "meaning"), CODES)
def test_L4_an_error_inside_a_200_is_an_error(wire: Wire, clock: Moving, kind: str, fault: Fault, meaning: str) -> None:
    got, channel_id = wire.channel(kind)
    wire.publish()
    got.will(fault)
    report = wire.run()
    assert report.sent == 0
    row = wire.row(channel_id)
    assert row.enabled == (meaning != "gone")
    assert wire.states(channel_id) == ["dead" if meaning in {"gone", "unfit"} else "pending"]
    if meaning == "hasty":
        assert row.probe_at is not None
        assert row.probe_at - clock.now() >= timedelta(minutes=10)
    if meaning in {"hasty", "later"}:
        clock.forward(minutes=11)
        assert wire.run().sent == 1
    for secret in (TOKEN, SECRET):
        assert secret not in str(wire.world.book.deliveries()) + str(row)


@pytest.mark.parametrize(
    ("kind", "most", "count"),
    [
        ("wecom", 20, 60),
        *(pytest.param(kind, most, 500, marks=pytest.mark.long)
          for kind, most in (("dingtalk", 20), ("wecom", 20), ("feishu", 100))),
    ],
)  # fmt: skip
def test_L5_hundreds_of_alerts_in_a_minute(wire: Wire, clock: Moving, kind: str, most: int, count: int) -> None:
    got, channel_id = wire.channel(kind)
    for _ in range(3):
        wire.publish(count // 3)
        wire.run()
        clock.forward(seconds=15)
    wire.publish(count - 3 * (count // 3))
    for _ in range(60):
        wire.run()
        clock.forward(seconds=15 if kind != "feishu" else 1.2)
        if "pending" not in wire.states(channel_id):
            break
    assert set(wire.states(channel_id)) == {"sent"}
    assert len(wire.world.book.alerts(1_000)) == count
    text = "".join(request.body.decode() for request in got.taken())
    assert [number for number in range(1, count + 1) if f"第{number}号办法" not in text] == []
    assert len(got.taken()) == len(got.requests)  # nothing was refused
    times = [request.at for request in got.requests]
    assert all(b - a >= timedelta(minutes=1) for a, b in zip(times, times[most:], strict=False) if a and b)
    assert len(times) < count / 2  # told together


# -- one message, and the others' peace ----------------------------------------------------------------------------


def test_L10_what_comes_within_the_window_is_one_message(wire: Wire, clock: Moving) -> None:
    wire.world.book._window = timedelta(seconds=30)
    got, channel_id = wire.channel("webhook")
    wire.world.book.add_watch("办法", "办法", channels=[channel_id])
    wire.publish()
    assert wire.run().soon is False
    assert not got.requests
    clock.forward(seconds=20)
    wire.publish(2)
    assert wire.run().soon
    assert not got.requests
    clock.forward(seconds=11)
    assert wire.run().sent == 1
    (request,) = got.requests
    events = request.json["events"]
    assert len(events) == 3
    assert all(len(event["matches"]) == 2 for event in events)
    # A command that ends waits for nothing.
    wire.publish()
    assert wire.run(at_once=True).sent == 1


def test_L11_a_channel_that_hangs_delays_no_other(wire: Wire, clock: Moving) -> None:
    wire.seconds = 3
    slow, slow_id = wire.channel("webhook")
    slow.always = Fault(200, seconds=6)
    others = [wire.channel("webhook") for _ in range(3)]
    delays = []
    for _ in range(3):
        wire.publish(20)
        begun = time.monotonic()
        wire.run(seconds=0.2)
        deadline = time.monotonic() + 10
        while any("pending" in wire.states(one) for _, one in others) and time.monotonic() < deadline:
            wire.run(seconds=0.2)
        delays.append(time.monotonic() - begun)
    assert sorted(delays)[1] < 5
    assert all(set(wire.states(one)) == {"sent"} for _, one in others)
    assert wire.states(slow_id)[0] == "pending"
    while any(thread.name == f"channel-{slow_id}" for thread in threading.enumerate()):
        time.sleep(0.05)


def test_L12_a_rotated_secret_signs_with_both_for_a_day(wire: Wire, clock: Moving) -> None:
    got, channel_id = wire.channel("webhook")
    to_now(clock)
    old, new = wire.secret, new_secret()
    wire.world.book.rotate_secret(channel_id, wire.kept("new", new))
    wire.publish()
    wire.run()
    for secret in (old, new):
        Webhook(secret).verify(got.requests[0].body, got.requests[0].headers)
    clock.forward(hours=25)
    wire.publish()
    wire.run()
    (alone,) = got.requests[1].headers["webhook-signature"].split()
    assert alone != got.requests[0].headers["webhook-signature"].split()[0]
    assert len(got.requests[0].headers["webhook-signature"].split()) == 2


@pytest.mark.parametrize("kind", ["dingtalk", "feishu"])
def test_L12_a_skewed_clock_is_no_lost_message(wire: Wire, clock: Moving, kind: str) -> None:
    got, channel_id = wire.channel(kind)
    got.now = lambda: clock.now() + timedelta(minutes=10)
    wire.publish()
    assert wire.run().sent == 1  # within the hour that both allow
    got.now = lambda: clock.now() + timedelta(hours=2)
    wire.publish()
    wire.run()
    assert not wire.row(channel_id).enabled  # and who must know is told
    assert wire.states(channel_id) == ["sent", "dead"]


def test_L12_a_revoked_token_disables_the_channel(wire: Wire) -> None:
    got, channel_id = wire.channel("wecom")
    Path(str(wire.row(channel_id).address).removeprefix("file:")).write_text(got.url.replace(TOKEN, "0" * 32) + "\n")
    wire.publish()
    wire.run()
    assert "93000" in str(wire.row(channel_id).disabled_reason)


# -- parts ---------------------------------------------------------------------------------------------------------


def test_a_long_message_goes_on_at_the_part_not_yet_taken(wire: Wire, clock: Moving) -> None:
    got, _ = wire.channel("wecom")
    got.programme.extend([None, said(-1, "busy")])  # type: ignore[list-item]
    wire.publish(15)
    assert wire.run().retrying == 1
    taken = [request.body for request in got.taken()]
    assert len(taken) == 1
    (row,) = wire.world.book.deliveries()
    assert [part.sent_at is not None for part in row.parts][:2] == [True, False]
    clock.forward(seconds=6)
    assert wire.run().sent == 1
    bodies = [request.body for request in got.taken()]
    assert bodies[0] == taken[0]
    assert len(set(bodies)) == len(bodies) == len(row.parts)
    assert "（1/" in bodies[0].decode()
    assert all(f"第{number}号办法" in b"".join(bodies).decode() for number in range(1, 16))
    assert wire.world.book.delivery(row.id).parts[0].content is None  # not kept once it is through


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/x", "https://localhost/x", "https://10.0.0.1/", "https://[::1]/", "https://2130706433/",
        "https://169.254.169.254/latest", "http://www.example.com/", "https://a@127.0.0.1/", "file:///etc/passwd",
    ],
)  # fmt: skip
def test_F1_a_private_address_is_asked_nothing(url: str) -> None:
    with pytest.raises(OperatorError, match="the URL is refused"):
        post(url, b"", {}, Guard())


def test_F3_a_name_that_resolves_to_a_private_address_is_asked_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in ("10.0.0.1", "127.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_arguments, **_named: found)
    with pytest.raises(TemporaryError, match="not of the public internet"):
        post("https://hook.example.com/x", b"", {}, Guard())


def test_many_threads_send_each_message_once(wire: Wire) -> None:
    got, _ = wire.channel("webhook")
    wire.publish(3)
    workers: list[Callable[[], Any]] = [dispatcher(wire.world, wire.box.port).run for _ in range(4)]
    threads = [threading.Thread(target=work) for work in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({request.id for request in got.requests}) == len(got.requests) == 1
