"""`documents erase`: takes a document out of the archive for good."""

from typing import Annotated

import typer
from rich.markup import escape

from console.cli.archive import find_one
from console.cli.output import FAILED, AsJson, err, json_line, out
from console.installation import Installation
from storage import erasing


def erase(
    document: Annotated[str, typer.Argument(metavar="DOCUMENT", help="A document's id, URL or number (发文字号).")],
    reason: Annotated[str, typer.Option(help="Why; the tombstone keeps it.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Erase a document for good: texts, files' texts, its place in search, and its records in the WARC files.

    A tombstone stays, which `verify` accepts, and its URLs are not archived again. Backups made before still have it.

    Example: policy-crawler documents erase 4711 --reason 'names private persons'
    """
    here = Installation()
    erasing.finish(here.archive)
    found = find_one(here, document)
    if not yes:
        err().print(f"#{found.id} {escape(found.title or '(no title)')}: {found.versions} versions", soft_wrap=True)
        if not typer.confirm("Erase it for good?", err=True):
            raise typer.Exit(FAILED)
    done = erasing.erase(here.archive, found.id, reason)
    if as_json:
        json_line(done)
        return
    kept = f"; {done.shared} that other documents have too stay for them" if done.shared else ""
    out().print(f"#{done.document_id} erased: {done.readings} readings, {done.records} records{kept}")
    for url in done.urls:
        out().print(f"  not archived again: {escape(url)}", soft_wrap=True)
