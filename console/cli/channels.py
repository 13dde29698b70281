"""`channels`: where alerts go."""

import sys
import uuid
from collections.abc import Sequence
from getpass import getpass
from typing import Annotated, Literal

import typer
from rich.markup import escape

from console.cli.output import FAILED, AsJson, err, json_line, out, shown, table
from console.installation import Installation
from schedules.alerts import Message, render
from schedules.alerts.samples import samples
from schedules.channels import KINDS, ROBOTS, Channel, Envelope, RefusedError, TemporaryError, check_channel, secrets
from schedules.channels.webhook import new_secret
from schedules.outbox import signing
from storage.errors import OperatorError
from storage.rows_channels import ChannelRow

Number = Annotated[int, typer.Argument(help="The channel's number; 'channels list' shows it.")]
UrlFile = Annotated[
    str | None,
    typer.Option("--url-file", help="A file that holds the URL, where that is a secret; - asks for it and keeps it."),
]
UrlEnv = Annotated[str | None, typer.Option("--url-env", help="An environment variable that holds the URL.")]
SecretFile = Annotated[
    str | None,
    typer.Option("--secret-file", help="A file that holds the secret that signs; - asks for it and keeps it."),
]
SecretEnv = Annotated[str | None, typer.Option("--secret-env", help="An environment variable that holds the secret.")]


def add_to(app: typer.Typer) -> None:
    channels = typer.Typer(
        help="Where alerts go: mail, webhooks, robots of DingTalk, Feishu and WeCom, apprise, feeds, a terminal.",
        no_args_is_help=True,
    )
    channels.command("add")(add_channel)
    channels.command("list")(list_channels)
    channels.command("test")(send_samples)
    channels.command("disable")(disable_channel)
    channels.command("enable")(enable_channel)
    channels.command("rotate")(rotate_secret)
    channels.command("remove")(remove_channel)
    app.add_typer(channels, name="channels")


def add_channel(
    kind: Annotated[str, typer.Argument(help=f"The kind: {', '.join(KINDS)}.")],
    target: Annotated[
        str, typer.Argument(help="The e-mail address, the webhook's URL, a feed's name; for robots a name you choose.")
    ] = "",
    url_file: UrlFile = None,
    url_env: UrlEnv = None,
    secret_file: SecretFile = None,
    secret_env: SecretEnv = None,
    operator: Annotated[
        bool, typer.Option("--operator", help="Tell it of the service's own troubles too, as failing channels.")
    ] = False,
) -> None:
    """Keep a place that alerts can go to. Secrets stay where they are: the archive keeps the file's or variable's name.

    Example: policy-crawler channels add dingtalk 政策组 --url-file ~/dingtalk.url --secret-file ~/dingtalk.secret
    """
    here = Installation()
    if kind in {*ROBOTS, "apprise"} and not target:
        target = kind
    address = _kept(here, kind, "url", url_file, url_env)
    secret = _kept(here, kind, "secret", secret_file, secret_env)
    check_channel(kind, target, address, secret, here.guard())
    same = next((row for row in here.watches.channels() if (row.kind, row.target) == (kind, target)), None)
    if same is not None and address not in {None, same.address}:
        raise OperatorError(f"channel {same.id} is named {target!r} already; choose another name, or remove it first")
    made = None
    if kind == "webhook" and secret is None and (same is None or same.secret is None):
        secret = made = secrets.store(here.home.secrets, "webhook", new_secret())
    channel_id = here.watches.add_channel(kind, target, address=address, secret=secret, operator=operator)
    out().print(f"channel {channel_id}: {escape(f'{kind} {target}'.rstrip())}")
    if made is not None:
        out().print(f"signed by the secret in {escape(_file(made))}; give it to the receiver", soft_wrap=True)
    for where in filter(None, (address, secret)):
        if secrets.is_open_to_others(where):
            err().print(
                f"[yellow]others on this machine can read {escape(_file(where))}[/yellow]; chmod 600 it", soft_wrap=True
            )
    err().print(f"try it: policy-crawler channels test {channel_id}")


def _kept(here: Installation, kind: str, what: str, file: str | None, variable: str | None) -> str | None:
    """The reference to a secret; one that is typed or piped in is kept in a file of the home."""
    if file == "-":
        prompt = f"{what} of the {kind} channel (not shown): "
        typed = (getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline()).strip()
        if not typed:
            raise OperatorError(f"no {what} was given")
        return secrets.store(here.home.secrets, f"{kind}-{what}", typed)
    return secrets.reference(file, variable)


def _file(where: str) -> str:
    return where.partition(":")[2]


def list_channels(as_json: AsJson = False) -> None:
    """List the channels: what they are, whether they work, and where their secrets are kept.

    Example: policy-crawler channels list
    """
    rows = Installation().watches.channels()
    if as_json:
        for row in rows:
            json_line(row)
        return
    table(
        "Channels",
        ("id", "kind", "target", "state", "last sent", "secrets in", "operator"),
        (
            (
                row.id, row.kind, row.target, state_of(row), row.worked_at,
                ", ".join(filter(None, (row.address, row.secret))), row.operator,
            )
            for row in rows
        ),
    )  # fmt: skip


def state_of(row: ChannelRow) -> str:
    """How a channel is, in a few words."""
    if not row.enabled:
        return f"disabled: {row.disabled_reason}" if row.disabled_reason else "disabled"
    if row.failing_since is not None:
        return f"failing since {shown(row.failing_since)}: {row.error}"
    return "well"


def send_samples(
    channel_id: Number,
    language: Annotated[Literal["zh", "en", "both"], typer.Option(help="In which language the samples are.")] = "both",
    event: Annotated[
        list[str] | None, typer.Option("--event", help="Only samples of this kind: added, changed, … Repeatable.")
    ] = None,
) -> None:
    """Send a sample of each kind of message: added, changed, withdrawn, … in Chinese and in English. A robot, which
    takes 20 messages a minute, gets them together.

    Example: policy-crawler channels test 2 --event changed
    """
    here = Installation()
    row = here.watches.channel(channel_id)
    channel = here.channels()[row.kind]
    sent = 0
    for message in _samples(here, language, event, together=bool(channel.paces)):
        sent += _send(here, row, channel, message)
    out().print(f"{sent} messages sent to {escape(row.name)}")


def _samples(here: Installation, language: str, events: Sequence[str] | None, *, together: bool) -> list[Message]:
    notices = [one for one in samples(here.config.console.url) if not events or one.kind in events]
    if not notices:
        known = ", ".join(dict.fromkeys(one.kind for one in samples()))
        raise OperatorError(f"no sample of that kind; there are {known}")
    messages = []
    for one in ("zh", "en"):
        if language in {one, "both"}:
            messages += [render(notices, one)] if together else [render([notice], one) for notice in notices]
    return messages


def _send(here: Installation, row: ChannelRow, channel: Channel, message: Message) -> int:
    """Send one sample now, past the outbox. Says what went wrong, and ends."""
    now, key = here.clock.now(), uuid.uuid4().hex
    parts = channel.split(message)
    for number, part in enumerate(parts, 1):
        envelope = Envelope(f"{key}.{number}", row.target, now, row.address, signing(row, now))
        try:
            receipt = channel.send(part, envelope)
        except (TemporaryError, RefusedError) as error:
            err().print(f"[red]{escape(row.name)}[/red]: {escape(str(error))}", soft_wrap=True)
            raise typer.Exit(FAILED) from None
        out().print(f"  {escape(part.subject)}  [dim]{escape(receipt)}[/dim]", soft_wrap=True)
    return len(parts)


def disable_channel(channel_id: Number) -> None:
    """Send nothing there until it is enabled again. What waits stays; what comes meanwhile is not kept for it.

    Example: policy-crawler channels disable 2
    """
    here = Installation()
    row = here.watches.channel(channel_id)
    here.watches.disable_channel(channel_id)
    out().print(f"channel {channel_id}: {escape(row.name)} disabled")


def enable_channel(channel_id: Number) -> None:
    """Send there again, and say how much was given up meanwhile.

    Example: policy-crawler channels enable 2
    """
    here = Installation()
    given_up = here.watches.enable_channel(channel_id)
    out().print(f"channel {channel_id}: {escape(here.watches.channel(channel_id).name)} enabled")
    if given_up:
        out().print(f"{given_up} deliveries were given up; policy-crawler deliveries replay --channel {channel_id}")


def rotate_secret(channel_id: Number, secret_file: SecretFile = None, secret_env: SecretEnv = None) -> None:
    """Sign by a new secret; for a day by the old one too, so that the receiver can change over. Without one given, a
    webhook's is made.

    Example: policy-crawler channels rotate 2
    """
    here = Installation()
    row = here.watches.channel(channel_id)
    secret = _kept(here, row.kind, "secret", secret_file, secret_env)
    if secret is None:
        if row.kind != "webhook":
            raise OperatorError(f"a secret of kind {row.kind} is made by its vendor: --secret-file or --secret-env")
        secret = secrets.store(here.home.secrets, "webhook", new_secret())
    if secret == row.secret:
        raise OperatorError("that is where the present secret is kept; put the new one into another file or variable")
    check_channel(row.kind, row.target, row.address, secret, here.guard())
    here.watches.rotate_secret(channel_id, secret)
    out().print(f"channel {channel_id}: signed by the secret in {escape(_file(secret))}", soft_wrap=True)
    if row.kind == "webhook" and row.secret:
        out().print(f"for a day by that in {escape(_file(row.secret))} too", soft_wrap=True)


def remove_channel(channel_id: Number) -> None:
    """Forget a channel: watches use it no more, what waits for it is given up. What it was sent stays listed.

    Example: policy-crawler channels remove 2
    """
    here = Installation()
    row = here.watches.channel(channel_id)
    here.watches.remove_channel(channel_id)
    out().print(f"channel {channel_id}: {escape(row.name)} removed")
