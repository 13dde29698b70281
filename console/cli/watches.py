"""`watch`, `channels` and `alerts`: what to follow, where to tell it, and what was told."""

from typing import Annotated

import typer
from rich.markup import escape

from console.cli.output import AsJson, err, json_line, out, shown, table
from console.installation import Installation
from console.own_sources import OwnSources
from schedules.channels import KINDS, check_target
from schedules.watches import read_filters
from storage.rows_watch import AlertRow, ChannelRow, WatchRow
from storage.search import parse


def add_to(app: typer.Typer) -> None:
    watch = typer.Typer(help="What to follow: saved queries whose matches become alerts.", no_args_is_help=True)
    watch.command("add")(add_watch)
    watch.command("list")(list_watches)
    watch.command("remove")(remove_watch)
    app.add_typer(watch, name="watch")
    channels = typer.Typer(help="Where alerts go: e-mail addresses and this terminal.", no_args_is_help=True)
    channels.command("add")(add_channel)
    channels.command("list")(list_channels)
    app.add_typer(channels, name="channels")
    app.command("alerts")(list_alerts)


def add_watch(
    query: Annotated[
        str, typer.Argument(help="The query, as for search; '*' matches everything the filters let through.")
    ],
    name: Annotated[str | None, typer.Option(help="A name for it; the query, if not given.")] = None,
    to: Annotated[
        list[str] | None, typer.Option("--to", help="An e-mail address, or 'terminal'. Repeatable. Default: terminal.")
    ] = None,
    source: Annotated[list[str] | None, typer.Option(help="Only documents of this source. Repeatable.")] = None,
    issuer: Annotated[list[str] | None, typer.Option(help="Only issuers whose name contains this. Repeatable.")] = None,
    kind: Annotated[
        list[str] | None,
        typer.Option("--type", help="Only this type: policy, interpretation, consultation, news, notice. Repeatable."),
    ] = None,
    event: Annotated[
        list[str] | None,
        typer.Option(
            help="Only this kind of event: added, changed, withdrawn, restored, repealed, in_force, expires_soon, "
            "expired, deadline_near, source_failing, source_recovered."
        ),
    ] = None,
    include_backlog: Annotated[
        bool, typer.Option("--include-backlog", help="Also tell what a source's first crawl finds.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Follow a query: each new, changed or withdrawn document that matches becomes an alert.

    Example: policy-crawler watch add '工业互联网 OR 5G' --to me@example.com --issuer 工业和信息化部
    """
    here = Installation()
    parse(query)
    given = {"sources": source, "issuers": issuer, "types": kind, "events": event}
    filters = {key: values for key, values in given.items() if values}
    read_filters(filters)
    for source_id in source or []:
        here.catalog.get(source_id)
    channels = [_channel(here, target) for target in dict.fromkeys(to or ["terminal"])]
    here.watches.add_watch(
        name or query or "everything", query, filters, include_backlog=include_backlog, channels=channels
    )
    _enable_named(here, [*(source or []), *(issuer or [])])
    made = next(row for row in here.watches.watches() if row.name == (name or query or "everything"))
    if as_json:
        json_line(made)
        return
    out().print(
        f"watch {escape(made.name)}: alerts go to {escape(', '.join(map(_where, made.channels)))}", soft_wrap=True
    )
    if not include_backlog:
        err().print(
            "[dim]What a source's first crawl finds is backlog and is not told; --include-backlog tells it.[/dim]",
            soft_wrap=True,
        )


def _enable_named(here: Installation, names: list[str]) -> None:
    """A watch on a source that nobody crawls would never tell anything: what it names is crawled from now on."""
    idle = {one.id: one for name in names for one in here.catalog.named(name) if one.ready and not one.enabled}
    if not idle:
        return
    OwnSources(here.home.sources).choose(idle, enabled=True)
    shown = ", ".join(list(idle)[:5]) + (" …" if len(idle) > 5 else "")
    what = "1 source is" if len(idle) == 1 else f"{len(idle)} sources are"
    err().print(
        f"{what} crawled by schedule from now on, as the watch names {'it' if len(idle) == 1 else 'them'}: "
        f"{escape(shown)}; undo: policy-crawler sources disable",
        soft_wrap=True,
    )


def _channel(here: Installation, target: str) -> int:
    """The channel meant by a --to: an address, or the terminal."""
    kind, address = ("terminal", "") if target == "terminal" else ("email", target)
    check_target(kind, address)
    if kind == "email" and not here.config.mail.host:
        err().print(
            f"[yellow]mail.host is not set, so mail to {escape(target)} waits until it is[/yellow] "
            f"({escape(str(here.home.config_file))})",
            soft_wrap=True,
        )
    return here.watches.add_channel(kind, address)


def _where(channel: ChannelRow) -> str:
    return channel.target or channel.kind


def list_watches(as_json: AsJson = False) -> None:
    """List the watches.

    Example: policy-crawler watch list
    """
    rows: list[WatchRow] = Installation().watches.watches()
    if as_json:
        for row in rows:
            json_line(row)
        return
    table(
        "Watches",
        ("name", "query", "filters", "backlog", "alerts go to"),
        (
            (
                row.name,
                row.query,
                " ".join(f"{key}={','.join(values)}" for key, values in row.filters.items()),
                row.include_backlog,
                ", ".join(map(_where, row.channels)),
            )
            for row in rows
        ),
    )


def remove_watch(name: Annotated[str, typer.Argument(help="The watch's name.")]) -> None:
    """Stop a watch. What it told stays.

    Example: policy-crawler watch remove 工业互联网
    """
    Installation().watches.remove_watch(name)
    out().print(f"watch {escape(name)} removed")


def add_channel(
    kind: Annotated[str, typer.Argument(help=f"The kind: {', '.join(KINDS)}.")],
    target: Annotated[str, typer.Argument(help="The e-mail address; nothing for a terminal.")] = "",
) -> None:
    """Keep a place that alerts can go to.

    Example: policy-crawler channels add email me@example.com
    """
    check_target(kind, target)
    channel_id = Installation().watches.add_channel(kind, target)
    out().print(f"channel {channel_id}: {escape(target or kind)}")


def list_channels(as_json: AsJson = False) -> None:
    """List the channels.

    Example: policy-crawler channels list
    """
    rows = Installation().watches.channels()
    if as_json:
        for row in rows:
            json_line(row)
        return
    table("Channels", ("id", "kind", "target", "enabled"), ((r.id, r.kind, r.target, r.enabled) for r in rows))


def list_alerts(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Alerts to list, newest first.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List alerts, newest first: what happened, which watch matched which words where, and whether it was delivered.

    Example: policy-crawler alerts --limit 5
    """
    rows = Installation().watches.alerts(limit)
    if as_json:
        for row in rows:
            json_line(row)
        return
    if not rows:
        out().print("no alerts yet. 'policy-crawler watch list' shows what is followed.")
    for row in rows:
        _print_alert(row)


def _print_alert(row: AlertRow) -> None:
    event = row.event
    title = event.title or event.source_name
    out().print(f"[bold]{event.kind}[/bold]  {escape(title)}  [dim]{row.state}[/dim]", soft_wrap=True)
    validity = row.validity.replace("_", " ") if row.validity not in {None, "unknown"} else None
    facts = [shown(row.created_at), f"watch {row.watch}", event.number, event.issuer, validity, event.url]
    out().print(f"  [dim]{escape('  '.join(filter(None, facts)))}[/dim]", soft_wrap=True)
    for change in event.changes:
        out().print(f"  {escape(change.label)} {change.operation}", soft_wrap=True)
