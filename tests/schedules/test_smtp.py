"""Mail against a real SMTP server with failure programmes (reliability rows L7, L8)."""

import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import pytest
from support.mailbox import CUT, HANG, Mailbox, mailbox

from schedules.alerts import Message
from schedules.channels import Envelope, RefusedError, SmtpServer, TemporaryError, check_target, registry
from schedules.channels.smtp import MailChannel, compose
from storage.errors import OperatorError

MESSAGE = Message(
    "[新文件] 工业和信息化部办公厅关于开展工业互联网创新发展工程申报工作的通知 · 工业和信息化部",
    "新文件：通知\n.\n. 句点开头的一行\n正文",
    "<!DOCTYPE html><html><body><p>正文</p></body></html>",
)
ENVELOPE = Envelope("d-7f3a", "analyst@example.org", datetime(2026, 11, 24, 3, 0, tzinfo=UTC))


def channel(
    box: Mailbox, security: Literal["starttls", "tls", "none"] = "none", ca: Path | None = None, **more: str
) -> MailChannel:
    return MailChannel(
        SmtpServer(
            "127.0.0.1", box.port, "alerts@example.org", security=security, timeout=2, ca_file=ca and str(ca), **more
        )
    )


def test_a_mail_arrives_whole(box: Mailbox) -> None:
    receipt = channel(box).send(MESSAGE, ENVELOPE)
    assert receipt == "2.0.0 taken"
    (received,) = box.received
    assert (received.sender, received.recipient) == ("alerts@example.org", "analyst@example.org")
    assert received.mail["Subject"] == MESSAGE.subject
    assert received.part("plain").splitlines() == MESSAGE.text.splitlines()
    assert received.part("html").strip() == MESSAGE.html
    assert received.message_id == "<d-7f3a@example.org>"
    assert received.mail["Date"].datetime == ENVELOPE.created_at
    assert received.mail["Auto-Submitted"] == "auto-generated"
    assert received.content.isascii()
    assert max(map(len, received.content.split(b"\r\n"))) <= 998


def test_every_attempt_sends_the_same_bytes(box: Mailbox) -> None:
    channel(box).send(MESSAGE, ENVELOPE)
    channel(box).send(MESSAGE, ENVELOPE)
    first, second = box.received
    assert first.content == second.content


@pytest.mark.parametrize("answer", ["421 4.3.2 shutting down", "450 4.2.0 greylisted, come back", "452 4.2.2 full"])
@pytest.mark.parametrize("step", ["mail", "rcpt", "text"])
def test_L7_a_4xx_anywhere_is_tried_again(box: Mailbox, step: str, answer: str) -> None:
    box.will(step, answer)
    with pytest.raises(TemporaryError, match=answer[:9]):
        channel(box).send(MESSAGE, ENVELOPE)
    channel(box).send(MESSAGE, ENVELOPE)
    assert len(box.accepted()) == 1


@pytest.mark.parametrize("step", ["rcpt", "text"])
def test_L7_a_5xx_to_the_recipient_or_the_text_is_final(box: Mailbox, step: str) -> None:
    box.will(step, "550 5.1.1 no such user")
    with pytest.raises(RefusedError, match=r"550 5\.1\.1 no such user"):
        channel(box).send(MESSAGE, ENVELOPE)


def test_L7_a_5xx_to_the_sender_is_ours_and_not_final(box: Mailbox) -> None:
    box.will("mail", "550 5.7.1 sender unknown")
    with pytest.raises(TemporaryError, match="sender unknown"):
        channel(box).send(MESSAGE, ENVELOPE)


def test_L7_of_ten_recipients_only_the_bad_one_fails(box: Mailbox) -> None:
    box.will("rcpt", "550 5.1.1 no such user", recipient="r3@example.org")
    sender = channel(box)
    for number in range(10):
        envelope = Envelope(f"d-{number}", f"r{number}@example.org", ENVELOPE.created_at)
        if number == 3:
            with pytest.raises(RefusedError):
                sender.send(MESSAGE, envelope)
        else:
            sender.send(MESSAGE, envelope)
    assert [mail.recipient for mail in box.accepted()] == [
        f"r{number}@example.org" for number in range(10) if number != 3
    ]


def test_L7_a_cut_after_the_text_is_tried_again_with_the_same_message_id(box: Mailbox) -> None:
    box.will("text", CUT)
    with pytest.raises(TemporaryError):
        channel(box).send(MESSAGE, ENVELOPE)
    channel(box).send(MESSAGE, ENVELOPE)
    first, second = box.received
    assert (first.accepted, second.accepted) == (False, True)
    assert first.message_id == second.message_id


def test_a_server_that_never_answers_times_out(box: Mailbox) -> None:
    box.will("rcpt", HANG)
    with pytest.raises(TemporaryError, match=r"(?i)time"):
        channel(box).send(MESSAGE, ENVELOPE)


def test_nobody_listening_is_tried_again(box: Mailbox) -> None:
    server = SmtpServer("127.0.0.1", 1, security="none", timeout=2)
    with pytest.raises(TemporaryError, match=r"127\.0\.0\.1:1"):
        MailChannel(server).send(MESSAGE, ENVELOPE)


def test_no_server_set_says_which_key() -> None:
    with pytest.raises(TemporaryError, match=r"mail\.host"):
        MailChannel(None).send(MESSAGE, ENVELOPE)


def test_L7_starttls_stripped_is_refused_in_the_clear(box: Mailbox) -> None:
    with pytest.raises(TemporaryError, match="no STARTTLS"):
        channel(box, "starttls").send(MESSAGE, ENVELOPE)
    assert box.connections == 0  # not even MAIL FROM was said


def test_starttls_and_login(authority: tuple[Path, ssl.SSLContext], tmp_path: Path) -> None:
    ca, context = authority
    secret = tmp_path / "password"
    secret.write_text("geheim-7\n", encoding="utf-8")
    with mailbox(starttls=context, username="alerts", password="geheim-7") as box:
        channel(box, "starttls", ca, username="alerts", password_file=str(secret)).send(MESSAGE, ENVELOPE)
        assert len(box.accepted()) == 1
        secret.write_text("wrong", encoding="utf-8")
        with pytest.raises(TemporaryError, match="535") as caught:
            channel(box, "starttls", ca, username="alerts", password_file=str(secret)).send(MESSAGE, ENVELOPE)
        assert "wrong" not in str(caught.value)


def test_tls_from_the_first_byte(authority: tuple[Path, ssl.SSLContext]) -> None:
    ca, context = authority
    with mailbox(tls=context) as box:
        channel(box, "tls", ca).send(MESSAGE, ENVELOPE)
        assert len(box.accepted()) == 1


def test_an_unknown_certificate_gets_no_mail(authority: tuple[Path, ssl.SSLContext]) -> None:
    with mailbox(tls=authority[1]) as box:
        with pytest.raises(TemporaryError, match="CERTIFICATE_VERIFY_FAILED"):
            channel(box, "tls").send(MESSAGE, ENVELOPE)
        assert not box.received


@pytest.mark.parametrize(
    "subject",
    [
        "x\r\nBcc: a@example.net",
        "x\nTo: all",
        "通知\u202egnp.exe",
        "a" * 1_000_000,
        "关于" * 5_000,
        "\x1b[31mred\x07",
        "\ud800",
    ],
)
def test_L8_no_subject_makes_a_header_or_breaks_the_mail(box: Mailbox, subject: str) -> None:
    channel(box).send(Message(subject, "text", "<p>text</p>"), ENVELOPE)
    (received,) = box.received
    assert sorted(received.mail.keys()) == sorted(compose(MESSAGE, ENVELOPE, "a@example.org").keys())
    assert received.mail["Bcc"] is None
    seen = str(received.mail["Subject"])
    assert len(seen) <= 200
    assert not set(seen) & set("\r\n\x1b\x07\u202e")


@pytest.mark.parametrize(
    "target", ["", "a", "a@b, c@d", "a@b\nBcc: c@d", "甲@例.中国", "a@b.c\x00", "x" * 250 + "@b.c", "<a@b>"]
)
def test_a_target_is_one_address(target: str) -> None:
    with pytest.raises(OperatorError, match="mail address"):
        check_target("email", target)


def test_targets_that_are_good() -> None:
    check_target("email", "first.last+alerts@sub.example.org")
    check_target("terminal", "")


def test_an_unknown_kind_is_named() -> None:
    with pytest.raises(OperatorError, match="email, webhook"):
        check_target("pigeon", "")


def test_the_registry_has_every_kind(capsys: pytest.CaptureFixture[str]) -> None:
    import sys

    from schedules.channels import KINDS

    assert tuple(registry(None, sys.stdout)) == KINDS
