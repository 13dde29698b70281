"""`ocr`: reads the scans and pictures that crawls left over."""

from typing import Annotated

import typer
from rich.markup import escape

from console.cli.output import FAILED, AsJson, err, json_line, out
from console.installation import Installation
from policy_crawler.attachments.ocr import MISSING, available
from policy_crawler.errors import OperatorError
from storage.errors import ArchiveError
from storage.pictures import Pictures
from storage.records import WaitingFile

ALL = 1_000_000  # files; more than an archive has
SECONDS = 600.0  # that the next pictures of one file may take; twenty take two to four minutes


def add_to(app: typer.Typer) -> None:
    app.command("ocr")(ocr)


def ocr(
    limit: Annotated[int | None, typer.Option(min=1, help="Files to read at most; all that wait if not given.")] = None,
    source: Annotated[str | None, typer.Option(help="Only files of this source's documents.")] = None,
    as_json: AsJson = False,
) -> None:
    """Read the scans and pictures that crawls left over, from the snapshots; nothing is fetched.

    Their words become part of the archive's texts; nobody is told of a change.

    Example: policy-crawler ocr --limit 10
    """
    here = Installation()
    if source is not None:
        here.catalog.get(source)
    if not available():
        raise OperatorError(MISSING)
    book = Pictures(here.engine, here.archive.snapshots, mask=here.archive.mask, clock=here.clock)
    failed = False
    files = book.waiting(limit or ALL, source)
    for file in files:
        try:
            read = _all_of(book, file)
        except ArchiveError as error:
            err().print(f"[red]{escape(f'{file.url}: {error}')}[/red]", soft_wrap=True)
            failed = True
            continue
        left = book.find(file.version_id)
        failed = failed or read == 0
        if as_json:
            facts = {"url": file.url, "name": file.name, "document": file.document_id, "pictures_read": read}
            json_line({**facts, "pictures_waiting": left.waiting if left else 0})
        else:
            count = f"{read} {'picture' if read == 1 else 'pictures'}"
            out().print(f"#{file.document_id} {escape(file.name)}: {count} read", soft_wrap=True)
    if not as_json:
        out().print(f"{len(files)} {'file' if len(files) == 1 else 'files'}; {book.count()} wait")
    raise typer.Exit(FAILED if failed else 0)


def _all_of(book: Pictures, file: WaitingFile) -> int:
    """Read a file to its end, some pictures at a time; each time is kept, so that an interruption loses the last."""
    from policy_crawler.pipelines.recognition import recognise  # noqa: PLC0415 - loads Scrapy; wrong use need not wait

    total = 0
    following: WaitingFile | None = file
    while following is not None:
        read = recognise(book, following, seconds=SECONDS)
        if read == 0:
            break
        total += read
        following = book.find(file.version_id)
    return total
