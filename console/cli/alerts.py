"""`alerts`: what was told. `mute`, `unmute`, `mutes`: what is not to be told."""

import re
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated

import typer
from rich.markup import escape

from console.cli.output import AsJson, json_line, out, shown, table
from console.installation import Installation
from schedules.kinds import EVENTS
from storage.clock import CHINA, Clock
from storage.errors import OperatorError
from storage.rows_watch import AlertRow, MuteRow


class State(StrEnum):
    """How far an alert has come."""

    MUTED = "muted"
    NO_CHANNEL = "no channel"
    PENDING = "pending"
    SENT = "sent"
    DEAD = "dead"


Until = Annotated[
    str | None,
    typer.Option(help="When it ends: a day, 2026-12-31, or a time from now, 12h, 7d, 4w; never, if not given."),
]
Reason = Annotated[str, typer.Option(help="Why, for those who wonder later.")]


def add_to(app: typer.Typer) -> None:
    app.command("alerts")(list_alerts)
    mute = typer.Typer(help="Hear nothing of a document, a source or a watch for a time.", no_args_is_help=True)
    mute.command("document")(mute_document)
    mute.command("source")(mute_source)
    mute.command("watch")(mute_watch)
    app.add_typer(mute, name="mute")
    app.command("unmute")(unmute)
    mutes = typer.Typer(help="What is muted.", no_args_is_help=True)
    mutes.command("list")(list_mutes)
    app.add_typer(mutes, name="mutes")


def list_alerts(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Alerts to list, newest first.")] = 20,
    watch: Annotated[str | None, typer.Option(help="Only of this watch.")] = None,
    event: Annotated[str | None, typer.Option(help="Only this kind of event: added, changed, …")] = None,
    source: Annotated[str | None, typer.Option(help="Only of this source.")] = None,
    document: Annotated[
        str | None, typer.Option(help="Only of this document: its number in the archive, or URL.")
    ] = None,
    state: Annotated[State | None, typer.Option(help="Only in this state.")] = None,
    since: Annotated[str | None, typer.Option(help="Only since this day, or this long ago: 2026-11-01, 7d.")] = None,
    why: Annotated[bool, typer.Option("--why", help="Also which words were found where, and each delivery.")] = False,
    as_json: AsJson = False,
) -> None:
    """List alerts, newest first: what happened, which watch matched, and whether it was delivered.

    Example: policy-crawler alerts --watch 工业互联网 --since 7d --why
    """
    here = Installation()
    if event is not None and event not in EVENTS:
        raise OperatorError(f"no kind of event {event!r}; there are {', '.join(sorted(EVENTS))}")
    document_id = None if document is None else _document(here, document)
    moment = None if since is None else _moment(since, here.clock, ahead=False)
    rows = here.watches.alerts(
        limit, watch=watch, kind=event, source_id=source, document_id=document_id, since=moment,
        state=state.value if state else None,
    )  # fmt: skip
    if as_json:
        for row in rows:
            json_line(row)
        return
    if not rows:
        out().print("no alerts. 'policy-crawler watch list' shows what is followed.")
    for row in rows:
        _print_alert(row, why=why)


def _print_alert(row: AlertRow, *, why: bool) -> None:
    event = row.event
    title = event.title or event.source_name
    out().print(f"[bold]{event.kind}[/bold]  {escape(title)}  [dim]{row.state}[/dim]", soft_wrap=True)
    validity = row.validity.replace("_", " ") if row.validity not in {None, "unknown"} else None
    later = f"matched later, by its {row.later}" if row.later else None
    facts = [shown(row.created_at), f"watch {row.watch}", event.number, event.issuer, validity, later, event.url]
    out().print(f"  [dim]{escape('  '.join(filter(None, facts)))}[/dim]", soft_wrap=True)
    for change in event.changes:
        out().print(f"  {escape(change.label)} {change.operation}", soft_wrap=True)
    if not why:
        return
    for term in row.terms:
        excerpt = f"  {term['excerpt']}" if term.get("excerpt") else ""
        out().print(f"  {escape(term['term'])} in {term['place']}[dim]{escape(excerpt)}[/dim]", soft_wrap=True)
    for one in row.deliveries:
        when = shown(one.sent_at) if one.sent_at else f"due {shown(one.due_at)}"
        rhythm = f", {one.digest}" if one.digest else ""
        error = f": {one.error}" if one.error and one.state != "sent" else ""
        out().print(f"  to {escape(one.channel)}: {one.state} {when}{rhythm}{escape(error)}", soft_wrap=True)


def mute_document(
    document: Annotated[str, typer.Argument(help="Its number in the archive, URL or document number.")],
    until: Until = None,
    reason: Reason = "",
) -> None:
    """Hear nothing more of a document.

    Example: policy-crawler mute document 12 --until 4w --reason '已处理'
    """
    here = Installation()
    _mute(here, until, reason, document_id=_document(here, document))


def mute_source(
    source: Annotated[str, typer.Argument(help="The source's id.")], until: Until = None, reason: Reason = ""
) -> None:
    """Hear nothing of a source.

    Example: policy-crawler mute source miit-wjfb-tz --until 7d
    """
    _mute(Installation(), until, reason, source_id=source)


def mute_watch(
    name: Annotated[str, typer.Argument(help="The watch's name.")], until: Until = None, reason: Reason = ""
) -> None:
    """Hear nothing of a watch, which goes on matching.

    Example: policy-crawler mute watch 工业互联网 --until 2026-12-31 --reason 休假
    """
    here = Installation()
    _mute(here, until, reason, watch_id=here.watches.find_watch(name).id)


def _mute(
    here: Installation, until: str | None, reason: str, *, watch_id: int | None = None, source_id: str | None = None,
    document_id: int | None = None,
) -> None:  # fmt: skip
    moment = None if until is None else _moment(until, here.clock, ahead=True)
    number = here.watches.mute(
        watch_id=watch_id, source_id=source_id, document_id=document_id, until=moment, reason=reason
    )
    out().print(f"muted{f' until {shown(moment)}' if moment else ''}; undo: policy-crawler unmute {number}")


def unmute(number: Annotated[int, typer.Argument(help="The mute's number; see 'mutes list'.")]) -> None:
    """End a mute. What it kept from being told stays untold; 'alerts --state muted' lists it.

    Example: policy-crawler unmute 3
    """
    if not Installation().watches.unmute(number):
        raise OperatorError(f"there is no mute {number}. See 'policy-crawler mutes list'.")
    out().print(f"mute {number} ended")


def list_mutes(
    every: Annotated[bool, typer.Option("--all", help="Those, too, that have ended.")] = False, as_json: AsJson = False
) -> None:
    """List what is muted, until when and why.

    Example: policy-crawler mutes list
    """
    rows = Installation().watches.mutes(ended=every)
    if as_json:
        for row in rows:
            json_line(row)
        return
    table(
        "Mutes", ("number", "what", "until", "reason", "since"),
        ((row.id, _what(row), row.until, row.reason, row.created_at) for row in rows),
    )  # fmt: skip


def _what(row: MuteRow) -> str:
    parts = (
        row.watch and f"watch {row.watch}",
        row.source_id and f"source {row.source_id}",
        row.document_id is not None and f"document {row.document_id} {row.title or ''}".rstrip(),
    )
    return ", ".join(part for part in parts if part)


def _document(here: Installation, reference: str) -> int:
    found = here.queries.find_documents(reference)
    if len(found) != 1:
        what = "no document" if not found else f"{len(found)} documents"
        raise OperatorError(f"the archive has {what} {reference!r}. Give its number in the archive, or its URL.")
    return found[0].id


_SPAN = re.compile(r"(\d{1,4})\s*([hdw])")
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


def _moment(written: str, clock: Clock, *, ahead: bool) -> datetime:
    """A day (its end, where it is to come; else its beginning, in China) or a time from now."""
    if match := _SPAN.fullmatch(written.strip().lower()):
        span = timedelta(**{_UNITS[match[2]]: int(match[1])})
        return clock.now() + span if ahead else clock.now() - span
    try:
        day = date.fromisoformat(written.strip())
    except ValueError:
        raise OperatorError(f"cannot read {written!r}; write a day as 2026-12-31, or a time as 12h, 7d, 4w") from None
    moment = datetime.combine(day, time(), CHINA)
    if not ahead:
        return moment
    moment += timedelta(days=1)
    if moment <= clock.now():
        raise OperatorError(f"{written} is past")
    return moment
