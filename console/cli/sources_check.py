"""`sources check` and `sources repair`: how lists answer now, and other ways to read those that changed."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.markup import escape

from console.cli.output import FAILED, REFUSED, AsJson, err, json_line, out, plain, table
from console.installation import Installation
from console.own_sources import OwnSources
from policy_crawler.catalog import Source
from policy_crawler.errors import OperatorError
from policy_crawler.judgement import drift
from policy_crawler.listings import FAMILIES, recognise
from policy_crawler.listings.healing import Proposal, propose
from policy_crawler.previews import ListQuery, Preview, preview
from policy_crawler.reading import decode
from storage.errors import ArchiveError
from storage.records import Verdict

KNOWN_ENTRIES = 40


def check_sources(
    ids: Annotated[list[str] | None, typer.Argument(metavar="[SOURCE...]", help="Default: all enabled.")] = None,
    as_json: AsJson = False,
) -> None:
    """Fetch page 1 of each source and compare it with what is expected. Nothing is archived.

    Example: policy-crawler sources check miit-wjfb-tz ndrc-tz
    """
    here = Installation()
    sources = [here.catalog.get(one) for one in dict.fromkeys(ids)] if ids else here.catalog.enabled()
    if unlisted := next((one for one in sources if one.family == "page"), None):
        raise OperatorError(f"{unlisted.id} has no listing to check")
    if not sources:
        raise OperatorError("no source is enabled; see 'policy-crawler sources enable --help'")
    err().print(f"asking {len(sources)} source{'s' * (len(sources) != 1)} …")
    seen = preview([ListQuery(one.list_url, one.family, one.params, one.render) for one in sources], here.clock.today())
    rows = [_check(one, shown, here) for one, shown in zip(sources, seen, strict=True)]
    if as_json:
        for row in rows:
            json_line(row)
    else:
        columns = ("id", "state", "entries", "expected", "dated", "newest", "what is off")
        table(f"{len(rows)} sources", columns, ([_cell(row, name) for name in columns] for row in rows))
    states = {row["state"] for row in rows}
    raise typer.Exit(FAILED if "failed" in states else REFUSED if states & {"blocked", "changed"} else 0)


def _check(source: Source, seen: Preview, here: Installation) -> dict[str, Any]:
    facts = seen.facts()
    off = [seen.problem or drift(facts, source.expect, here.clock.today())]
    state = (
        "blocked" if seen.refused else "failed" if seen.problem and not seen.changed else "changed" if off[0] else "ok"
    )
    if seen.column is not None and seen.column.url == source.list_url and seen.column.final_url != source.list_url:
        off.append(f"moved to {seen.column.final_url}")
    if seen.column is not None and seen.column.tls_verified is False and not source.tls_exception:
        off.append("its certificate is not valid")
    return {
        "id": source.id,
        "name": source.name,
        "state": state,
        "entries": facts.first_page,
        "expected": source.expect.entries,
        "dated": seen.dated,
        "newest": facts.newest,
        "off": [why for why in off if why],
    }


def _cell(row: dict[str, Any], name: str) -> Any:
    if name == "what is off":
        return "; ".join(row["off"])
    if name == "dated" and row["dated"] is not None:
        return f"{round(100 * row['dated'])} %"
    return row[name]


def accept_source(
    source_id: Annotated[str, typer.Argument(metavar="SOURCE", help="The source's id.")],
) -> None:
    """Say that a source's list is right as its last run saw it: what is usual is learned anew from there.

    For a list that was held because it shows far fewer or more entries than before, and is meant to.

    Example: policy-crawler sources accept miit-wjfb-tz
    """
    here = Installation()
    source = here.catalog.get(source_id)
    try:
        run = here.archive.accept_list(source.id)
    except ArchiveError as error:
        raise OperatorError(str(error)) from error
    held = f"; what it held back: policy-crawler runs release {run.id}" if run.verdict is Verdict.QUARANTINED else ""
    err().print(f"{source.id}: the list of run {run.id} is what is usual from now on{held}")


def repair_source(
    source_id: Annotated[str, typer.Argument(metavar="SOURCE", help="The source's id.")],
    apply: Annotated[bool, typer.Option("--apply", help="Read it in the first way from now on.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Read it again as the catalog says.")] = False,
    as_json: AsJson = False,
) -> None:
    """Look for another way to read a list that changed: one that brings back the entries known from before.

    Example: policy-crawler sources repair miit-wjfb-tz
    """
    here = Installation()
    source = here.catalog.get(source_id)
    if undo:
        OwnSources(here.home.sources).forget(source.id, "family", "params")
        err().print(f"{source.id} is read as the catalog says")
        return
    known = here.archive.listed_pages(source.id, KNOWN_ENTRIES)
    if not known:
        raise OperatorError(f"{source.id}: nothing is known of its list yet, so no way of reading it can be compared")
    (seen,) = preview([ListQuery(source.list_url, render=source.render)], here.clock.today())
    if seen.column is None or seen.refused:
        raise OperatorError(f"{source.id} cannot be looked at: {seen.problem}")
    found = _proposals(source, seen, known, here)
    best = next((one for one in found if one.found_again), None)
    if as_json:
        for one in found:
            json_line(_proposal_json(one, source))
    else:
        _show(source, found)
    if best is None:
        raise typer.Exit(FAILED)
    if apply:
        OwnSources(here.home.sources).choose([source.id], family=best.family, params=plain(dict(best.params)))
        err().print(f"{source.id} is read as {best.family!r} from now on; undo: sources repair {source.id} --undo")


def _proposals(source: Source, seen: Preview, known: Sequence[str], here: Installation) -> list[Proposal]:
    """What the column's page gives by every family, and what its script brought."""
    today = here.clock.today()
    found: list[Proposal] = []
    for answer in {id(one): one for one in (seen.column, seen.last) if one is not None}.values():
        text, _ = decode(answer.body, answer.content_type)
        families = (recognise(text, answer.final_url), source.family, *FAMILIES)
        found += propose(text, answer.final_url, known, families=families, today=today, params=source.params)
    # A list that a script fetches was read by the recognised family already.
    if seen.listing is not None and seen.last is not seen.column:
        urls = {entry.url for entry in seen.listing.entries}
        again = len(urls & set(known))
        if again:
            found.insert(0, Proposal(seen.family, seen.params, seen.listing, again, len(known)))
    return sorted((one for one in found if one.found_again), key=lambda one: (-one.found_again, one.new))


def _proposal_json(one: Proposal, source: Source) -> dict[str, Any]:
    return {
        "family": one.family,
        "params": dict(one.params),
        "found_again": one.found_again,
        "known": one.known,
        "entries": len(one.listing.entries),
        "as_now": one.family == source.family and dict(one.params) == dict(source.params),
    }


def _show(source: Source, found: list[Proposal]) -> None:
    console = out()
    if not found:
        console.print(f"{escape(source.id)}: no way of reading its page brings back what is known from before")
        return
    for number, one in enumerate(found, 1):
        now = " (as now)" if one.family == source.family and dict(one.params) == dict(source.params) else ""
        params = f" {dict(one.params)}" if one.params else ""
        console.print(f"{number}. {escape(str(one))}, {len(one.listing.entries)} in all{escape(params)}{now}")
        for entry in one.listing.entries[:3]:
            console.print(f"     {entry.date or '          '}  {escape(entry.title)}", soft_wrap=True)
    console.print(f"To read it so: policy-crawler sources repair {escape(source.id)} --apply")
