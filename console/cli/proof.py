"""`verify`: whether the archive still holds what it once wrote."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from console.cli.output import FAILED, AsJson, err, json_line, out, table
from console.installation import Installation
from storage import heads as heads_of
from storage import verifying


def add_to(app: typer.Typer) -> None:
    app.command("verify")(verify)


def verify(
    sample: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Compare N rows and N records, chosen at random; all if not.")
    ] = None,
    head: Annotated[
        str | None, typer.Option(metavar="HASH", help="A head printed before, which must still be in the chain.")
    ] = None,
    heads: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Heads noted before; by default those of keeping.head_file."),
    ] = None,
    refetch: Annotated[
        bool, typer.Option("--refetch", help="Let the next crawls ask in full for what is damaged and still has a URL.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Compare the archive with its hash chain and WARC files; name each row and record that is not as it was written.

    Exits with 1 where anything is. The head that it prints, kept elsewhere, shows later that nothing was cut off; with
    the setting keeping.head_file it is noted there, and every head in that file must still be in the chain.

    Example: policy-crawler verify --sample 1000
    """
    here = Installation()
    file = heads or (here.head_file if here.head_file and here.head_file.exists() else None)
    noted = heads_of.read(file) if file else []
    with err().status("verifying") as status:
        found = verifying.verify(
            here.engine, here.home.snapshots, sample=sample, head=head, noted=noted,
            step=lambda what, done, total: status.update(f"verifying {what}: {done:,} of {total:,}"),
        )  # fmt: skip
    if here.head_file and not found.damages:
        heads_of.note(here.engine, here.head_file, here.clock.now())
    due = verifying.make_due(here.engine, found.damages, here.clock.now()) if refetch and found.damages else 0
    if as_json:
        for damage in found.damages:
            json_line(damage)
        json_line(
            {"links": found.links, "head": found.head, "rows": found.rows, "records": found.records,
             "segments": found.segments, "damages": len(found.damages), "notes": found.notes, "made_due": due}
        )  # fmt: skip
    else:
        _tell(found, due)
    raise typer.Exit(FAILED if found.damages else 0)


def _tell(found: verifying.Verified, due: int) -> None:
    if found.damages:
        rows = [
            (damage.table, damage.row_id, damage.what, damage.document_id, damage.reason) for damage in found.damages
        ]
        table("Not as it was written", ("table", "row", "what", "document", "how"), rows)
        out().print()
    for url in dict.fromkeys(damage.refetch for damage in found.damages if damage.refetch):
        out().print(f"can be fetched again: policy-crawler crawl --url {escape(url)}", soft_wrap=True)
    for damage in found.damages:
        if damage.url and not damage.refetch:
            text = f"cannot be fetched again: {damage.table} {damage.row_id}, {damage.url}: {damage.refetch_reason}"
            out().print(escape(text), soft_wrap=True)
    if due:
        out().print(f"{due} {'page is' if due == 1 else 'pages are'} due at once, to be asked for in full")
    for note in found.notes:
        out().print(f"[dim]{escape(note)}[/dim]", soft_wrap=True)
    segments = f" in {found.segments:,} segments" if found.segments else ""
    damages = f"[red]{len(found.damages)} not as written[/red]" if found.damages else "[green]all as written[/green]"
    out().print(f"{found.rows:,} rows, {found.records:,} records{segments}: {damages}")
    out().print(f"head {found.head} (link {found.links})", soft_wrap=True)
