"""`watch`: what to follow."""

import dataclasses
from typing import Annotated, Any

import typer
from rich.markup import escape

from console.cli.output import AsJson, err, json_line, out, shown, table
from console.cli.watch_trials import dry_run, explain
from console.filters import check_filters, check_query
from console.installation import Installation
from console.own_sources import OwnSources
from schedules import digests
from schedules.channels import check_target
from schedules.examples import EXAMPLES, example
from schedules.watches import read_filters
from storage.errors import OperatorError
from storage.rows_channels import ChannelRow
from storage.rows_watch import WatchRow


def add_to(app: typer.Typer) -> None:
    watch = typer.Typer(help="What to follow: saved queries whose matches become alerts.", no_args_is_help=True)
    watch.command("add")(add_watch)
    watch.command("edit")(edit_watch)
    watch.command("list")(list_watches)
    watch.command("show")(show_watch)
    watch.command("enable")(enable_watch)
    watch.command("disable")(disable_watch)
    watch.command("remove")(remove_watch)
    watch.command("dry-run")(dry_run)
    watch.command("explain")(explain)
    watch.command("examples")(list_examples)
    app.add_typer(watch, name="watch")


To = Annotated[
    list[str] | None,
    typer.Option("--to", help="An e-mail address, 'terminal', or a channel by number or name. Repeatable."),
]
Source = Annotated[list[str] | None, typer.Option(help="Only documents of this source. Repeatable.")]
Issuer = Annotated[list[str] | None, typer.Option(help="Only issuers whose name contains this. Repeatable.")]
Kind = Annotated[
    list[str] | None,
    typer.Option("--type", help="Only this type: policy, interpretation, consultation, news, notice. Repeatable."),
]
Event = Annotated[
    list[str] | None,
    typer.Option(
        help="Only this kind of event: added, changed, withdrawn, restored, repealed, in_force, expires_soon, expired, "
        "deadline_near; for operators source_failing, source_recovered, scheduler_late, disk_low, delivery_failing."
    ),
]
Level = Annotated[
    list[str] | None,
    typer.Option(help="Only sources of this level: central, province, city, district, news. Repeatable."),
]
Region = Annotated[list[str] | None, typer.Option(help="Only sources of this region, as 广东 or 深圳. Repeatable.")]
Topic = Annotated[
    list[str] | None, typer.Option(help="Only sources about this, as 工业; 'sources list' has the words. Repeatable.")
]
Cadence = Annotated[
    str | None, typer.Option(help="at_once (if not given), hourly, 'daily 08:00' or 'weekly mon 09:00'.")
]
Quiet = Annotated[
    str | None,
    typer.Option(help="Hours in which nothing is sent, as 22:00-07:00; what comes then is sent at their end."),
]
Zone = Annotated[str | None, typer.Option(help="Time zone of its hours; Asia/Shanghai, if not given.")]
Name = Annotated[str, typer.Argument(help="The watch's name.")]


def add_watch(
    query: Annotated[
        str | None, typer.Argument(help="The query, as for search; '*' matches everything the filters let through.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="A name for it; the query, if not given.")] = None,
    to: To = None,
    source: Source = None,
    issuer: Issuer = None,
    kind: Kind = None,
    event: Event = None,
    level: Level = None,
    region: Region = None,
    topic: Topic = None,
    cadence: Cadence = None,
    quiet: Quiet = None,
    zone: Zone = None,
    include_backlog: Annotated[
        bool, typer.Option("--include-backlog", help="Also tell what a source's first crawl finds.")
    ] = False,
    of_example: Annotated[
        str | None, typer.Option("--example", help="Begin with this ready-made one; see 'watch examples'.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Follow a query: each new, changed or withdrawn document that matches becomes an alert.

    Example: policy-crawler watch add '工业互联网 OR 5G' --to me@example.com --issuer 工业和信息化部
    """
    here = Installation()
    made_ready = example(of_example) if of_example else None
    if query is None and made_ready is None:
        raise OperatorError("say what to follow: a query, or --example with a name of 'policy-crawler watch examples'")
    asked = query if query is not None else made_ready.query if made_ready else ""
    filters = dict(made_ready.filters) if made_ready else {}
    filters |= _filters(here, source, issuer, kind, event, level, region, topic)
    check_query(here.catalog, asked)
    read_filters(filters)
    cadence = digests.read_cadence(cadence or (made_ready.cadence if made_ready else digests.AT_ONCE))
    quiet_hours = digests.read_quiet(quiet or "")
    digests.check(cadence, quiet_hours)
    called = name or (of_example if made_ready and query is None else None) or asked or "everything"
    channels = [_channel(here, target) for target in dict.fromkeys(to or ["terminal"])]
    here.watches.add_watch(
        called, asked, filters, include_backlog=include_backlog, channels=channels, cadence=cadence, quiet=quiet_hours,
        zone=digests.read_zone(zone) if zone else None,
    )  # fmt: skip
    _enable_named(here, [*filters.get("sources", ()), *filters.get("issuers", ())])
    made = here.watches.find_watch(called)
    if as_json:
        json_line(made)
        return
    when = "" if made.cadence == digests.AT_ONCE else f", {made.cadence}"
    out().print(
        f"watch {escape(made.name)}: alerts go to {escape(', '.join(map(_where, made.channels)))}{when}",
        soft_wrap=True,
    )
    if not include_backlog:
        err().print(
            "[dim]What a source's first crawl finds is backlog and is not told; --include-backlog tells it.[/dim]",
            soft_wrap=True,
        )


def edit_watch(
    name: Name,
    query: Annotated[str | None, typer.Option(help="Another query.")] = None,
    rename: Annotated[str | None, typer.Option(help="Another name.")] = None,
    to: To = None,
    source: Source = None,
    issuer: Issuer = None,
    kind: Kind = None,
    event: Event = None,
    level: Level = None,
    region: Region = None,
    topic: Topic = None,
    without: Annotated[
        list[str] | None,
        typer.Option(help="Take this filter away: sources, issuers, types, events, levels, regions, topics."),
    ] = None,
    cadence: Cadence = None,
    quiet: Quiet = None,
    zone: Zone = None,
    include_backlog: Annotated[
        bool | None, typer.Option("--include-backlog/--no-backlog", help="Whether backlog is told.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Change a watch: what is given takes the place of what was. '--quiet none' ends its quiet hours.

    Example: policy-crawler watch edit 工业互联网 --cadence 'daily 08:00' --to me@example.com
    """
    here = Installation()
    before = here.watches.find_watch(name)
    given = _filters(here, source, issuer, kind, event, level, region, topic)
    gone = set(without or ())
    read_filters({key: [] for key in gone})
    filters = {key: values for key, values in {**before.filters, **given}.items() if key not in gone or key in given}
    read_filters(filters)
    changes: dict[str, Any] = {"filters": filters}
    if query is not None:
        check_query(here.catalog, query)
        changes["query"] = query
    if rename is not None:
        changes["name"] = rename
    if cadence is not None:
        changes["cadence"] = digests.read_cadence(cadence)
    if quiet is not None:
        changes["quiet"] = digests.read_quiet(quiet)
    if zone is not None:
        changes["zone"] = digests.read_zone(zone)
    if include_backlog is not None:
        changes["include_backlog"] = include_backlog
    digests.check(changes.get("cadence", before.cadence), changes.get("quiet", before.quiet))
    channels = [_channel(here, target) for target in dict.fromkeys(to)] if to else None
    after = here.watches.edit_watch(name, changes, channels=channels)
    _enable_named(here, [*given.get("sources", ()), *given.get("issuers", ())])
    _show(after, as_json=as_json)


def _filters(
    here: Installation, source: list[str] | None, issuer: list[str] | None, kind: list[str] | None,
    event: list[str] | None, level: list[str] | None, region: list[str] | None, topic: list[str] | None,
) -> dict[str, list[str]]:  # fmt: skip
    """The filters that are given. Raises OperatorError for a word that no source has."""
    given = {
        "sources": source, "issuers": issuer, "types": kind, "events": event, "levels": level, "regions": region,
        "topics": topic,
    }  # fmt: skip
    filters = {key: list(values) for key, values in given.items() if values}
    for one in source or ():
        here.catalog.get(one)
    for one in region or ():
        check_filters(here.catalog, region=one)
    for one in topic or ():
        check_filters(here.catalog, topic=one)
    return filters


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
    """The channel meant by a --to: one there is, by its number or name, an address, or the terminal."""
    for channel in here.watches.channels():
        if target in {str(channel.id), channel.target, f"{channel.kind}:{channel.target}"}:
            return here.watches.add_channel(channel.kind, channel.target) if channel.kind == "email" else channel.id
    kind, address = ("terminal", "") if target == "terminal" else ("email", target)
    if kind == "email" and "@" not in target:
        raise OperatorError(f"there is no channel {target!r}, and it is no e-mail address. See 'channels list'.")
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
    rows: list[WatchRow] = Installation().watches.watches(disabled=True)
    if as_json:
        for row in rows:
            json_line(row)
        return
    table(
        "Watches",
        ("name", "query", "filters", "tells", "backlog", "enabled", "alerts go to"),
        (
            (
                row.name, row.query, _said(row), _rhythm(row), row.include_backlog, row.enabled,
                ", ".join(map(_where, row.channels)),
            )
            for row in rows
        ),
    )  # fmt: skip


def _said(row: WatchRow) -> str:
    return " ".join(f"{key}={','.join(values)}" for key, values in row.filters.items())


def _rhythm(row: WatchRow) -> str:
    said = row.cadence.replace("_", " ") + (f", quiet {row.quiet}" if row.quiet else "")
    return said if row.zone == digests.CHINA_ZONE else f"{said} ({row.zone})"


def show_watch(name: Name, as_json: AsJson = False) -> None:
    """Show a watch, and what it told last.

    Example: policy-crawler watch show 工业互联网
    """
    here = Installation()
    row = here.watches.find_watch(name)
    alerts = here.watches.alerts(5, watch=name)
    mutes = [mute for mute in here.watches.mutes() if mute.watch == name]
    if as_json:
        json_line({**dataclasses.asdict(row), "mutes": mutes, "last_alerts": [alert.id for alert in alerts]})
        return
    _show(row)
    for mute in mutes:
        until = f" until {shown(mute.until)}" if mute.until else ""
        out().print(f"muted{until}{escape(f': {mute.reason}' if mute.reason else '')} (mute {mute.id})")
    for alert in alerts:
        title = alert.event.title or alert.event.source_name
        out().print(f"  {shown(alert.created_at)}  {alert.event.kind}  {escape(title)}  [dim]{alert.state}[/dim]")


def _show(row: WatchRow, *, as_json: bool = False) -> None:
    if as_json:
        json_line(row)
        return
    facts = (
        ("query", row.query), ("filters", _said(row) or "none"), ("tells", _rhythm(row)),
        ("backlog", "told too" if row.include_backlog else "not told"),
        ("alerts go to", ", ".join(map(_where, row.channels)) or "nowhere"), ("made", shown(row.created_at)),
        ("asks this since", shown(row.follows_since or row.created_at)),
    )  # fmt: skip
    out().print(f"[bold]{escape(row.name)}[/bold]{'' if row.enabled else '  (disabled)'}")
    for label, value in facts:
        out().print(f"  {label}: {escape(value)}", soft_wrap=True)


def enable_watch(name: Name) -> None:
    """Let a watch that was disabled match again, from now on.

    Example: policy-crawler watch enable 工业互联网
    """
    Installation().watches.edit_watch(name, {"enabled": True})
    out().print(f"watch {escape(name)} is enabled")


def disable_watch(name: Name) -> None:
    """Let a watch match nothing, until it is enabled.

    Example: policy-crawler watch disable 工业互联网
    """
    Installation().watches.edit_watch(name, {"enabled": False})
    out().print(f"watch {escape(name)} is disabled")


def remove_watch(name: Name) -> None:
    """Stop a watch. What it told stays.

    Example: policy-crawler watch remove 工业互联网
    """
    Installation().watches.remove_watch(name)
    out().print(f"watch {escape(name)} removed")


def list_examples(as_json: AsJson = False) -> None:
    """List ready-made watches, to be used as they are or as a beginning.

    Example: policy-crawler watch examples
    """
    if as_json:
        for one in EXAMPLES:
            json_line(one)
        return
    for one in EXAMPLES:
        out().print(f"[bold]{one.name}[/bold]  {escape(one.about)}", soft_wrap=True)
        filters = " ".join(f"{key}={','.join(values)}" for key, values in one.filters.items())
        out().print(
            f"  [dim]{escape('  '.join(filter(None, (one.query, filters, one.cadence))))}[/dim]", soft_wrap=True
        )
    out().print("use one: policy-crawler watch add --example NAME --to me@example.com")
