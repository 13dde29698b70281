"""The demonstration's mail server, asked by smtplib."""

import smtplib
from email.message import EmailMessage

from console.demo.mailbox import Mailbox


def test_a_mail_arrives_as_it_was_sent() -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@mail.example", "b@mail.example", "第八条变更"
    mail.set_content("第一行\n.一个点开头\n..两个点\n.\n末行\n")
    with Mailbox() as mailbox, smtplib.SMTP("127.0.0.1", mailbox.port, "[127.0.0.1]", timeout=10) as connection:
        connection.send_message(mail)
        connection.send_message(mail)
        assert connection.docmd("VRFY", "b")[0] == 502
    assert len(mailbox.mails) == 2
    assert mailbox.mails[0]["Subject"] == "第八条变更"
    assert mailbox.mails[0].get_content().splitlines() == mail.get_content().splitlines()
