"""`sources add`, `import`, `enable`, `disable`: what this installation crawls."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.markup import escape

from console.adding import Told, entry_of, twin_of, why_no_list
from console.cli.output import FAILED, AsJson, err, json_line, out, plain, table
from console.filters import check_filters
from console.importing import read_import
from console.installation import Installation
from console.own_sources import OwnSources
from policy_crawler.catalog import Catalog, Source
from policy_crawler.errors import OperatorError
from policy_crawler.previews import ListQuery, Preview, preview

SHOWN = 5  # entries of a preview

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Write without asking.")]
Ids = Annotated[list[str] | None, typer.Argument(metavar="[SOURCE...]", help="Ids of sources.")]


def add_source(
    url: Annotated[str, typer.Argument(help="The address of a column's first page, or of a feed.")],
    source_id: Annotated[str | None, typer.Option("--id", help="Its id; made from the address, if not given.")] = None,
    issuer: Annotated[str | None, typer.Option(help="Who publishes, in full.")] = None,
    column: Annotated[str | None, typer.Option(help="What the column is called.")] = None,
    publishes: Annotated[
        str | None, typer.Option(help="policy, interpretation, consultation, notice, news …; told by the name if not.")
    ] = None,
    level: Annotated[str | None, typer.Option(help="central, province, city, district or news.")] = None,
    region: Annotated[str | None, typer.Option(help="The province or city.")] = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Add a column or feed: recognise how it is served, show what would be read, and write it to your own sources.

    Example: policy-crawler sources add https://www.ndrc.gov.cn/xxgk/zcfb/tz/
    """
    here = Installation()
    if not url.startswith(("http://", "https://")):
        raise OperatorError(f"expected an http or https URL, found {url!r}")
    (seen,) = preview([ListQuery(url)], here.clock.today())
    told = Told(source_id, issuer, column, publishes, level, region)
    entry = _entry(seen, here.catalog, told, here)
    if as_json:
        json_line({**plain(entry), "preview": _preview_json(seen), "written": yes})
    else:
        _show(entry, seen)
    if not yes and not as_json and not typer.confirm("Add this source?", default=True, err=True):
        raise typer.Exit(FAILED)
    if yes or not as_json:
        file = OwnSources(here.home.sources).add([entry])
        err().print(f"written to {escape(str(file))}; try it: policy-crawler crawl {entry['id']}", soft_wrap=True)


def _entry(seen: Preview, catalog: Catalog, told: Told, here: Installation) -> dict[str, Any]:
    """The checked entry. Raises OperatorError where the page is no list, known already, or a told value is wrong."""
    if why := why_no_list(seen):
        raise OperatorError(f"{seen.query.url} cannot be added: {why.removeprefix(seen.query.url + ': ')}")
    if twin := twin_of(seen, catalog):
        state = "crawled by schedule" if twin.enabled else f"not crawled: policy-crawler sources enable {twin.id}"
        raise OperatorError(f"{seen.query.url} is a source already: {twin.id} ({twin.name}), {state}")
    entry = entry_of(seen, catalog, told, here.clock.today())
    if entry["id"] in catalog.sources:
        raise OperatorError(f"--id: there is a source {entry['id']!r} already; choose another id")
    try:
        Source.model_validate(entry)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"])) or "entry"
        message = first["msg"].removeprefix("Value error, ")
        raise OperatorError(f"--{name}: {message}, found {entry.get(name)!r}") from error
    return entry


def _preview_json(seen: Preview) -> dict[str, Any]:
    entries = seen.listing.entries if seen.listing else ()
    return {
        "entries": [{"title": one.title, "url": one.url, "date": one.date} for one in entries],
        "next_page": seen.listing.next_page.url if seen.listing and seen.listing.next_page else None,
        "dated": seen.dated,
    }


def _show(entry: dict[str, Any], seen: Preview) -> None:
    console = out()
    console.print(f"[bold]{escape(entry['issuer'])} {escape(entry['column'])}[/bold]  {escape(entry['id'])}")
    for name in ("list_url", "family", "params", "publishes", "level", "region"):
        if entry[name]:
            console.print(f"  [dim]{name:10}[/dim] {escape(str(entry[name]))}", soft_wrap=True)
    entries = seen.listing.entries if seen.listing else ()
    more = "further pages" if seen.listing and seen.listing.next_page else "no further page"
    console.print(f"  {len(entries)} entries, {round(100 * (seen.dated or 0))} % with a date, {more}:")
    for one in entries[:SHOWN]:
        console.print(f"    {one.date or '          '}  {escape(one.title)}", soft_wrap=True)
    if len(entries) > SHOWN:
        console.print(f"    … and {len(entries) - SHOWN} more")


def import_sources(
    file: Annotated[Path, typer.Argument(help="An OPML file, or a text with one URL a line.")],
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Add many sources at once: each address is looked at as `sources add` does; what cannot be read is told.

    Example: policy-crawler sources import feeds.opml --yes
    """
    here = Installation()
    wanted = read_import(file)
    err().print(f"looking at {len(wanted)} addresses …")
    seen = preview([ListQuery(one.url) for one in wanted], here.clock.today())
    known = here.catalog
    entries: list[dict[str, Any]] = []
    failed = False
    for one, shown in zip(wanted, seen, strict=True):
        try:
            entry = _entry(shown, known, Told(column=one.name or None), here)
        except OperatorError as error:
            failed = True
            problem = str(error)
            if as_json:
                json_line({"url": one.url, "error": problem})
            else:
                out().print(f"[red]not added[/red]  {escape(problem)}", soft_wrap=True)
            continue
        entries.append(entry)
        known = Catalog([*known.sources.values(), Source.model_validate(entry)], known.origins)
        if as_json:
            json_line({**plain(entry), "preview": _preview_json(shown), "written": yes})
        else:
            out().print(f"[green]readable[/green]   {escape(entry['id'])}  {escape(entry['column'])}", soft_wrap=True)
    if entries and not yes and not as_json and not typer.confirm(f"Add these {len(entries)}?", default=True, err=True):
        raise typer.Exit(FAILED)
    if entries and (yes or not as_json):
        written = OwnSources(here.home.sources).add(entries)
        err().print(f"{len(entries)} written to {escape(str(written))}", soft_wrap=True)
    raise typer.Exit(FAILED if failed else 0)


def enable_sources(
    ids: Ids = None,
    issuer: Annotated[str | None, typer.Option(help="Those of issuers whose name contains this.")] = None,
    level: Annotated[str | None, typer.Option(help="Those of this level.")] = None,
    region: Annotated[str | None, typer.Option(help="Those of this province or city.")] = None,
    topic: Annotated[str | None, typer.Option(help="Those of this topic.")] = None,
    pack: Annotated[str | None, typer.Option(help="Those of this pack; see `sources packs`.")] = None,
    as_json: AsJson = False,
) -> None:
    """Crawl these sources by schedule from now on.

    Example: policy-crawler sources enable --level central
    """
    here = Installation()
    chosen = _chosen(here.catalog, ids, issuer, level, region, topic, pack)
    if ids:
        for source in chosen:
            if not source.ready:
                raise OperatorError(
                    f"{source.id} cannot be crawled yet: it is not ready; see 'policy-crawler sources show {source.id}'"
                )
    _switch(here, [source for source in chosen if source.ready and not source.enabled], enabled=True, as_json=as_json)
    if waiting := sum(not source.ready for source in chosen):
        err().print(f"{waiting} more fit but are not ready: policy-crawler sources list --not-ready tells why")


def disable_sources(
    ids: Ids = None,
    issuer: Annotated[str | None, typer.Option(help="Those of issuers whose name contains this.")] = None,
    level: Annotated[str | None, typer.Option(help="Those of this level.")] = None,
    region: Annotated[str | None, typer.Option(help="Those of this province or city.")] = None,
    topic: Annotated[str | None, typer.Option(help="Those of this topic.")] = None,
    pack: Annotated[str | None, typer.Option(help="Those of this pack; see `sources packs`.")] = None,
    as_json: AsJson = False,
) -> None:
    """Crawl these sources no longer by schedule. What they brought stays in the archive.

    Example: policy-crawler sources disable ithome-list
    """
    here = Installation()
    chosen = _chosen(here.catalog, ids, issuer, level, region, topic, pack)
    _switch(here, [source for source in chosen if source.enabled], enabled=False, as_json=as_json)


def _chosen(
    catalog: Catalog,
    ids: Sequence[str] | None,
    issuer: str | None,
    level: str | None,
    region: str | None,
    topic: str | None,
    pack: str | None,
) -> list[Source]:
    if not ids and not any((issuer, level, region, topic, pack)):
        raise OperatorError("expected ids of sources, or --issuer, --level, --region, --topic or --pack; found none")
    if ids:
        return [catalog.get(one) for one in dict.fromkeys(ids)]
    check_filters(catalog, level=level, region=region, topic=topic)
    chosen = catalog.select(issuer=issuer, level=level, region=region, topic=topic, pack=pack)
    if not chosen:
        raise OperatorError("no source fits; see 'policy-crawler sources list'")
    return chosen


def _switch(here: Installation, sources: list[Source], *, enabled: bool, as_json: bool) -> None:
    if sources:
        OwnSources(here.home.sources).choose([source.id for source in sources], enabled=enabled)
    if as_json:
        for source in sources:
            json_line({"id": source.id, "name": source.name, "enabled": enabled})
        return
    word = "crawled by schedule from now on" if enabled else "crawled no longer by schedule"
    if not sources:
        out().print("nothing to change")
        return
    count = f"{len(sources)} source{'s' * (len(sources) != 1)}"
    table(f"{count} {word}", ("id", "name"), ((source.id, source.name) for source in sources))
