"""A mail server on loopback that keeps what it is given: the demonstration's alerts arrive over real SMTP."""

import socketserver
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Self

GREETING = b"220 mailbox.example ESMTP of the demonstration\r\n"
OK = b"250 2.0.0 OK\r\n"


class Mailbox:
    """Takes every mail (RFC 5321: EHLO, MAIL, RCPT, DATA, RSET, NOOP, QUIT). A context manager: it runs inside."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self._server = _Server(("127.0.0.1", 0), _Session)
        self._server.mailbox = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def port(self) -> int:
        """Where it listens on 127.0.0.1."""
        return int(self._server.server_address[1])


class _Server(socketserver.ThreadingTCPServer):
    mailbox: Mailbox
    daemon_threads = True


class _Session(socketserver.StreamRequestHandler):
    server: _Server
    timeout = 30  # seconds a client may be silent

    def handle(self) -> None:
        self.wfile.write(GREETING)
        while line := self.rfile.readline(2048):
            command = line.strip().split(b" ", 1)[0].upper()
            if command == b"QUIT":
                self.wfile.write(b"221 2.0.0 Bye\r\n")
                return
            if command == b"DATA":
                self.wfile.write(b"354 End with a line that holds a dot\r\n")
                mail = message_from_bytes(self._text(), policy=policy.default)
                self.server.mailbox.mails.append(mail)
                self.wfile.write(f"250 2.0.0 kept as {len(self.server.mailbox.mails)}\r\n".encode())
            elif command == b"EHLO":
                self.wfile.write(b"250-mailbox.example\r\n250 8BITMIME\r\n")
            elif command in {b"HELO", b"MAIL", b"RCPT", b"RSET", b"NOOP"}:
                self.wfile.write(OK)
            else:
                self.wfile.write(b"502 5.5.1 Not known here\r\n")

    def _text(self) -> bytes:
        """The text up to the dot, with the dots that were doubled on the way made single (RFC 5321, 4.5.2)."""
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(lines)
