"""`sources list` and `sources show`: what can be crawled, and how it goes."""

from typing import Annotated, Any

import typer
from rich.markup import escape

from console.cli.output import AsJson, err, json_line, out, plain, shown, table
from console.cli.sources_change import add_source, disable_sources, enable_sources, import_sources
from console.cli.sources_check import accept_source, check_sources, repair_source
from console.filters import check_filters
from console.installation import Installation
from policy_crawler.catalog import Source
from storage.rows import SourceRow


def add_to(app: typer.Typer) -> None:
    sources = typer.Typer(help="The columns and feeds that can be crawled, and how they go.", no_args_is_help=True)
    sources.command("list")(list_sources)
    sources.command("show")(show_source)
    sources.command("packs")(list_packs)
    sources.command("add")(add_source)
    sources.command("import")(import_sources)
    sources.command("enable")(enable_sources)
    sources.command("disable")(disable_sources)
    sources.command("check")(check_sources)
    sources.command("accept")(accept_source)
    sources.command("repair")(repair_source)
    app.add_typer(sources, name="sources")


def list_sources(
    issuer: Annotated[str | None, typer.Option(help="Only issuers whose name contains this.")] = None,
    level: Annotated[str | None, typer.Option(help="Only this level: central, province, city, district, news.")] = None,
    region: Annotated[str | None, typer.Option(help="Only this province, city or district.")] = None,
    topic: Annotated[str | None, typer.Option(help="Only this topic.")] = None,
    pack: Annotated[str | None, typer.Option(help="Only this pack; see `sources packs`.")] = None,
    family: Annotated[str | None, typer.Option(help="Only sources read in this way: jpaas, trs, feed, …")] = None,
    state: Annotated[
        str | None, typer.Option(help="Only this state: new, ok, degraded, blocked, quarantined, broken.")
    ] = None,
    enabled: Annotated[
        bool | None, typer.Option("--enabled/--disabled", help="Only those that are crawled by schedule, or are not.")
    ] = None,
    ready: Annotated[
        bool | None, typer.Option("--ready/--not-ready", help="Only those whose entry is trusted, or is not.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the sources of the catalog and your own, with the state of each.

    Example: policy-crawler sources list --issuer 工业和信息化部
    """
    here = Installation()
    check_filters(here.catalog, level=level, region=region, topic=topic, family=family, state=state)
    known = {row.id: row for row in here.queries.sources()}
    chosen = [
        (source, known.get(source.id))
        for source in here.catalog.select(
            issuer=issuer,
            level=level,
            region=region,
            topic=topic,
            pack=pack,
            family=family,
            enabled=enabled,
            ready=ready,
        )
        if state is None or _state(known.get(source.id)) == state
    ]
    for notice in here.catalog.notices:
        err().print(f"[yellow]{escape(notice)}[/yellow]", soft_wrap=True)
    if as_json:
        for source, row in chosen:
            json_line(_source_json(source, row))
        return
    table(
        f"{len(chosen)} sources, {sum(source.enabled for source, _ in chosen)} crawled by schedule",
        ("id", "name", "family", "level", "crawled", "state", "documents", "last success"),
        (
            (
                s.id,
                s.name,
                s.family,
                s.level,
                _crawled(s),
                _state(row),
                row.documents if row else 0,
                row.last_success_at if row else None,
            )
            for s, row in chosen
        ),
    )


def _crawled(source: Source) -> str:
    if not source.ready:
        return "not ready"
    return "by schedule" if source.enabled and source.family != "page" else "on demand"


def list_packs(as_json: AsJson = False) -> None:
    """List the packs: groups of sources that can be enabled together.

    Example: policy-crawler sources packs
    """
    here = Installation()
    rows = [(name, pack.title, here.catalog.select(pack=name)) for name, pack in sorted(here.catalog.packs.items())]
    if as_json:
        for name, title, members in rows:
            json_line({"pack": name, "title": title, "sources": [source.id for source in members]})
        return
    table(
        f"{len(rows)} packs; policy-crawler sources enable --pack NAME",
        ("pack", "what it holds", "sources", "ready", "enabled"),
        (
            (name, title, len(members), sum(s.ready for s in members), sum(s.enabled for s in members))
            for name, title, members in rows
        ),
    )


def _state(row: SourceRow | None) -> str:
    return row.state if row else "new"


def _source_json(source: Source, row: SourceRow | None) -> dict[str, Any]:
    data: dict[str, Any] = {"name": source.name, **plain(source.model_dump(mode="json")), "state": _state(row)}
    if row is not None:
        data |= {
            "state_since": row.state_since,
            "failures": row.failures,
            "documents": row.documents,
            "newest_document": row.newest_document,
            "last_success_at": row.last_success_at,
            "state_reason": row.state_reason,
            "entries": row.entries,
            "dated": row.dated,
            "newest_entry": row.newest,
            "moved_to": row.moved_to,
            "next_due_at": row.next_due_at,
        }
    return data


def show_source(
    source_id: Annotated[str, typer.Argument(metavar="SOURCE", help="The source's id.")],
    as_json: AsJson = False,
) -> None:
    """Show a source: where it is, how it is read, what is expected of it, and its last runs.

    Example: policy-crawler sources show miit-wjfb-tz
    """
    here = Installation()
    source = here.catalog.get(source_id)
    row = next((row for row in here.queries.sources() if row.id == source_id), None)
    if as_json:
        json_line(_source_json(source, row))
        return
    out().print(f"[bold]{escape(source.name)}[/bold]  {escape(source.id)}", soft_wrap=True)
    for name, value in _source_json(source, row).items():
        if value not in (None, "", {}, []) and name not in {"name", "id"}:
            out().print(f"  [dim]{name:16}[/dim] {escape(shown(value))}", soft_wrap=True)
    origin = here.catalog.origins.get(source.id)
    if origin:
        out().print(f"  [dim]{'file':16}[/dim] {escape(str(origin))}", soft_wrap=True)
    for run in here.queries.runs(5, source_id):
        out().print(
            f"  run {run.id}  {shown(run.started_at)}  {run.verdict or 'not finished'}  {escape(run.reason)}",
            soft_wrap=True,
        )
