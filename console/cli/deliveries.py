"""`deliveries`: what was sent, what waits and what was given up, and sending it again."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import typer
from rich.markup import escape

from console.cli.output import AsJson, json_line, out, shown, table
from console.installation import Installation
from storage.clock import CHINA
from storage.errors import OperatorError
from storage.rows_watch import DeliveryRow

OfChannel = Annotated[int | None, typer.Option("--channel", help="Only those of this channel, by its number.")]
Since = Annotated[str | None, typer.Option(help="Only those made since then: 2026-03-01 or 2026-03-01T08:00.")]
Until = Annotated[str | None, typer.Option(help="Only those made before then.")]


def add_to(app: typer.Typer) -> None:
    deliveries = typer.Typer(
        help="What was sent to channels, what waits, what was given up; sending it again.", no_args_is_help=True
    )
    deliveries.command("list")(list_deliveries)
    deliveries.command("show")(show_delivery)
    deliveries.command("replay")(replay)
    app.add_typer(deliveries, name="deliveries")


def list_deliveries(
    state: Annotated[
        Literal["pending", "sent", "dead"] | None, typer.Option(help="Only those that wait, were sent, or given up.")
    ] = None,
    channel: OfChannel = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Deliveries to list, newest first.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List deliveries, newest first: to which channel, how often it was tried, and what went wrong last.

    Example: policy-crawler deliveries list --state dead
    """
    book = Installation().watches
    rows = book.deliveries(limit, state=state, channel_id=channel, since=moment(since), until=moment(until))
    if as_json:
        for row in rows:
            json_line(_told(row))
        return
    table(
        "Deliveries",
        ("id", "channel", "state", "alerts", "tried", "next or sent", "error"),
        (
            (
                row.id, row.channel.name, row.state, _count(row), row.attempts + row.probes,
                row.sent_at if row.state == "sent" else row.next_attempt_at if row.state == "pending" else None,
                row.error,
            )
            for row in rows
        ),
    )  # fmt: skip


def show_delivery(
    delivery_id: Annotated[int, typer.Argument(help="The delivery's number.")], as_json: AsJson = False
) -> None:
    """Show a delivery: its id at the receiver, each of its messages with the receipt, and the alerts that it carries.

    Example: policy-crawler deliveries show 12
    """
    row = Installation().watches.delivery(delivery_id)
    if as_json:
        json_line(_told(row))
        return
    facts = {
        "channel": row.channel.name, "state": row.state, "message id": row.message_id, "made": row.created_at,
        "tried": f"{row.attempts} by schedule, {row.probes} as a probe",
        "next": row.next_attempt_at if row.state == "pending" else None, "sent": row.sent_at,
        "receipt": row.receipt, "error": row.error,
    }  # fmt: skip
    for name, value in facts.items():
        if value is not None:
            out().print(f"[dim]{name}[/dim]  {escape(shown(value))}", soft_wrap=True)
    if len(row.parts) > 1:
        done = sum(part.sent_at is not None for part in row.parts)
        out().print(f"[dim]messages[/dim]  {done} of {len(row.parts)} taken")
    for alert in row.alerts:
        title = alert.event.title or alert.event.source_name
        out().print(f"  {alert.event.kind}  {escape(title)}  [dim]watch {escape(alert.watch)}[/dim]", soft_wrap=True)
    if row.notice is not None:
        out().print(f"  {escape(row.notice['kind'])}  {escape(row.notice['title'])}", soft_wrap=True)


def replay(
    delivery_ids: Annotated[list[int] | None, typer.Argument(help="The numbers of deliveries, sent ones too.")] = None,
    channel: OfChannel = None,
    since: Since = None,
    until: Until = None,
    everything: Annotated[bool, typer.Option("--all", help="All that were given up.")] = False,
) -> None:
    """Send again what was given up, or these deliveries whatever became of them, with the ids that they had: what the
    receiver has, it can drop.

    Example: policy-crawler deliveries replay --channel 2 --since 2026-03-01
    """
    book = Installation().watches
    chosen = channel is not None or since is not None or until is not None or everything
    if delivery_ids and chosen:
        raise OperatorError("give numbers, or say which of those that were given up; not both")
    if not delivery_ids and not chosen:
        raise OperatorError("say which: their numbers, --channel, --since, --until, or --all that were given up")
    for one in delivery_ids or []:
        book.delivery(one)  # a number that there is not is said
    ids = delivery_ids or book.given_up(channel_id=channel, since=moment(since), until=moment(until))
    disabled = sorted({row.channel.id for row in map(book.delivery, ids) if not row.channel.enabled})
    count = book.replay(ids)
    out().print(f"{count} deliveries are sent again by the service, or with the next crawl")
    for one in disabled:
        out().print(f"channel {one} is disabled: policy-crawler channels enable {one}")


def moment(text: str | None) -> datetime | None:
    """A day or a moment by China's clock, where the text names no other. Raises OperatorError where it is none."""
    if text is None:
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise OperatorError(f"not a day or moment: {text!r}; expected 2026-03-01 or 2026-03-01T08:00") from error
    return (read if read.tzinfo else read.replace(tzinfo=CHINA)).astimezone(UTC)


def _count(row: DeliveryRow) -> int | str:
    return len(row.alerts) if row.notice is None else str(row.notice["kind"])


def _told(row: DeliveryRow) -> dict[str, Any]:
    return {
        "id": row.id, "channel": {"id": row.channel.id, "kind": row.channel.kind, "target": row.channel.target},
        "message_id": row.message_id, "state": row.state, "attempts": row.attempts, "probes": row.probes,
        "created_at": row.created_at, "next_attempt_at": row.next_attempt_at if row.state == "pending" else None,
        "sent_at": row.sent_at, "receipt": row.receipt, "error": row.error, "notice": row.notice,
        "messages": [
            {"number": part.number, "sent_at": part.sent_at, "receipt": part.receipt} for part in row.parts
        ],
        "alerts": [
            {"id": alert.id, "watch": alert.watch, "kind": alert.event.kind, "document_id": alert.event.document_id,
             "title": alert.event.title}
            for alert in row.alerts
        ],
    }  # fmt: skip
