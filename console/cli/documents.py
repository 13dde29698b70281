"""`documents`: which pages show one document, where a person should look."""

from typing import Annotated

import typer
from rich.markup import escape

from console.cli.erasing import erase
from console.cli.output import AsJson, json_line, out
from console.installation import Installation
from storage import possible as possible_copies
from storage.engine import reading


def add_to(app: typer.Typer) -> None:
    documents = typer.Typer(help="Documents by hand: which may be one, and those to be erased.", no_args_is_help=True)
    documents.command("possible")(possible)
    documents.command("erase")(erase)
    app.add_typer(documents, name="documents")


def possible(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Pairs to list.")] = 30,
    as_json: AsJson = False,
) -> None:
    """List the documents that may be one, the newest first: a person should look.

    Nothing contradicts that they are one, and yet too little agrees: one text under two titles, of two issuers or on
    two days, a text that is cut, or one too short to tell.

    Example: policy-crawler documents possible --json
    """
    with reading(Installation().engine) as session:
        rows = possible_copies.listed(session, limit)
        count = possible_copies.count(session)
    if as_json:
        for row in rows:
            json_line(row)
        return
    if not rows:
        out().print("No documents that may be one.")
    for row in rows:
        out().print(f"[bold]{escape(row.reason)}[/bold]", soft_wrap=True)
        for number, title, url in (
            (row.document_id, row.title, row.url),
            (row.other_id, row.other_title, row.other_url),
        ):
            out().print(f"  #{number} {escape(title or '(no title)')} {escape(url)}", soft_wrap=True)
    if count > len(rows):
        out().print(f"{len(rows)} of {count}; --limit shows more.")
