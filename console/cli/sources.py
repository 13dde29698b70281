"""`sources list` and `sources show`: what can be crawled, and how it goes."""

from typing import Annotated, Any

import typer
from rich.markup import escape

from console.cli.output import AsJson, json_line, out, plain, shown, table
from console.installation import Installation
from policy_crawler.catalog import Source
from storage.rows import SourceRow


def add_to(app: typer.Typer) -> None:
    sources = typer.Typer(help="The columns and feeds that can be crawled, and how they go.", no_args_is_help=True)
    sources.command("list")(list_sources)
    sources.command("show")(show_source)
    app.add_typer(sources, name="sources")


def list_sources(
    issuer: Annotated[str | None, typer.Option(help="Only issuers whose name contains this.")] = None,
    level: Annotated[str | None, typer.Option(help="Only this level: central, province, city, district, news.")] = None,
    family: Annotated[str | None, typer.Option(help="Only sources read in this way: jpaas, trs, feed, …")] = None,
    state: Annotated[str | None, typer.Option(help="Only this state: new, ok, blocked, quarantined, failing.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the sources of the catalog and your own, with the state of each.

    Example: policy-crawler sources list --issuer 工业和信息化部
    """
    here = Installation()
    known = {row.id: row for row in here.queries.sources()}
    chosen = []
    for source in here.catalog.sources.values():
        row = known.get(source.id)
        if issuer and issuer not in source.issuer and issuer not in source.issuer_short:
            continue
        if (level and source.level != level) or (family and source.family != family):
            continue
        if state and _state(row) != state:
            continue
        chosen.append((source, row))
    if as_json:
        for source, row in chosen:
            json_line(_source_json(source, row))
        return
    table(
        f"{len(chosen)} sources",
        ("id", "name", "family", "level", "crawled", "state", "documents", "last success"),
        (
            (
                s.id,
                s.name,
                s.family,
                s.level,
                "by schedule" if s.enabled and s.ready and s.family != "page" else "on demand",
                _state(row),
                row.documents if row else 0,
                row.last_success_at if row else None,
            )
            for s, row in chosen
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
