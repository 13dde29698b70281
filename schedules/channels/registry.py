"""The kinds of channels."""

from typing import Final, TextIO

from schedules.channels.base import Channel
from schedules.channels.smtp import MailChannel, SmtpServer, check_address
from schedules.channels.terminal import TerminalChannel
from storage.errors import OperatorError

KINDS: Final = ("email", "terminal")


def registry(server: SmtpServer | None, terminal: TextIO) -> dict[str, Channel]:
    """A channel for each kind: mail leaves by `server`, terminal alerts are printed to `terminal`."""
    return {"email": MailChannel(server), "terminal": TerminalChannel(terminal)}


def check_target(kind: str, target: str) -> None:
    """Raise OperatorError unless a channel of `kind` can have `target`: a mail address, or nothing."""
    if kind not in KINDS:
        raise OperatorError(f"no channel kind {kind!r}; the kinds are {', '.join(KINDS)}")
    if kind == "email":
        check_address(target)
    elif target:
        raise OperatorError(f"a terminal channel has no target; found {target!r}")
