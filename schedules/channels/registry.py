"""The kinds of channels."""

from pathlib import Path
from typing import Final, TextIO

from schedules.channels import everything, feed, secrets, webhook
from schedules.channels.base import Channel, TemporaryError
from schedules.channels.everything import AppriseChannel
from schedules.channels.feed import FeedChannel
from schedules.channels.robots import DingTalkChannel, FeishuChannel, WeComChannel
from schedules.channels.smtp import MailChannel, SmtpServer, check_address
from schedules.channels.terminal import TerminalChannel
from schedules.channels.web import Guard
from schedules.channels.webhook import WebhookChannel
from storage.clock import Clock
from storage.errors import OperatorError

ROBOTS: Final = ("dingtalk", "feishu", "wecom")
KINDS: Final = ("email", "webhook", *ROBOTS, "apprise", "feed", "terminal")


def registry(
    server: SmtpServer | None,
    terminal: TextIO,
    *,
    guard: Guard | None = None,
    clock: Clock | None = None,
    feeds: Path | None = None,
) -> dict[str, Channel]:
    """A channel for each kind: mail leaves by `server`, terminal alerts are printed to `terminal`, `guard` says which
    addresses webhooks may have, feeds are written to the folder `feeds`."""
    vetting, time = guard or Guard(), clock or Clock()
    return {
        "email": MailChannel(server),
        "webhook": WebhookChannel(vetting, time),
        "dingtalk": DingTalkChannel(vetting, time),
        "feishu": FeishuChannel(vetting, time),
        "wecom": WeComChannel(vetting, time),
        "apprise": AppriseChannel(),
        "feed": FeedChannel(feeds),
        "terminal": TerminalChannel(terminal),
    }


def check_target(kind: str, target: str) -> None:
    """Raise OperatorError unless a channel of `kind` can have `target`, as far as that needs no secret."""
    if kind not in KINDS:
        raise OperatorError(f"no channel kind {kind!r}; the kinds are {', '.join(KINDS)}")
    if kind == "email":
        check_address(target)
    elif kind == "feed":
        feed.check(target)
    elif kind == "terminal" and target:
        raise OperatorError(f"a terminal channel has no target; found {target!r}")
    elif kind in {*ROBOTS, "apprise"} and "://" in target:
        raise OperatorError(
            f"the URL of a channel of kind {kind} holds its token, which the shell's history and the list of processes "
            f"would show. Write it to a file: policy-crawler channels add {kind} NAME --url-file FILE (or - to type it)"
        )


def check_channel(kind: str, target: str, address: str | None, secret: str | None, guard: Guard) -> None:
    """Raise OperatorError unless there can be such a channel. Reads the secrets; says none of them."""
    check_target(kind, target)
    try:
        url = secrets.read(address) if address is not None else ""
        if kind == "webhook":
            webhook.check(url or target, guard)
            for line in secrets.lines(secret) if secret else []:
                webhook.key_of(line)
        elif kind in ROBOTS:
            if not url:
                raise OperatorError(
                    f"a channel of kind {kind} needs the robot's URL: --url-file FILE or --url-env NAME"
                )
            guard.vet(url)
        elif kind == "apprise":
            if not url:
                raise OperatorError("a channel of kind apprise needs its URL: --url-file FILE or --url-env NAME")
            everything.check(url)
        elif address is not None:
            raise OperatorError(f"a channel of kind {kind} has no URL")
    except TemporaryError as error:
        raise OperatorError(str(error)) from error
    if secret is not None and kind not in {"webhook", "dingtalk", "feishu"}:
        raise OperatorError(f"a channel of kind {kind} signs nothing, so it has no secret")
