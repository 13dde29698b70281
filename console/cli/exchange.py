"""`export` and `import`: what leaves the archive, and what comes into it."""

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import IO, Annotated

import typer
from rich.markup import escape

from console.cli.output import DONE, FAILED, AsJson, err, json_line, out
from console.installation import Installation
from policy_crawler.errors import OperatorError
from storage.exchange import citing, flat, markdown
from storage.exchange.bundle import Bundle
from storage.exchange.choosing import Choice
from storage.exchange.importing import Bad, Import, Skipped, import_file
from storage.exchange.jsonl import objects
from storage.exchange.telling import entries

STDOUT = "-"


class Format(StrEnum):
    """What an export is written as; docs/export.md."""

    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"
    MARKDOWN = "markdown"
    BIBTEX = "bibtex"
    GBT7714 = "gbt7714"
    BUNDLE = "bundle"


class Type(StrEnum):
    """Types of document."""

    POLICY = "policy"
    INTERPRETATION = "interpretation"
    CONSULTATION = "consultation"
    NEWS = "news"
    NOTICE = "notice"
    OTHER = "other"


def add_to(app: typer.Typer) -> None:
    app.command("export")(export)
    app.command("import")(import_)


def export(
    query: Annotated[str | None, typer.Argument(metavar="[QUERY]", help="As for 'search'; without, all.")] = None,
    form: Annotated[Format, typer.Option("--format", help="jsonl is complete, and can be imported.")] = Format.JSONL,
    to: Annotated[str, typer.Option(metavar="FILE", help="Where to; - is standard output, a folder takes a file "
                                    "a document (markdown).")] = STDOUT,
    source: Annotated[str | None, typer.Option(help="Only documents that this source found or lists.")] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only documents published on this day or later.")
    ] = None,
    type_: Annotated[Type | None, typer.Option("--type", help="Only documents of this type.")] = None,
    with_versions: Annotated[
        bool, typer.Option("--with-versions", help="All versions, not the current ones alone; jsonl and bundle always.")
    ] = False,
    bom: Annotated[bool, typer.Option("--bom", help="Begin a CSV file as Excel wants it for UTF-8.")] = False,
) -> None:  # fmt: skip
    """Export documents: complete (jsonl), as tables, as texts, as citations, or as evidence. News without its text.

    Example: policy-crawler export 'issuer:工信部 AND 补贴' --format csv --bom --to 补贴.csv
    """
    if bom and form is not Format.CSV:
        raise OperatorError(f"--bom is for --format csv, not for {form}")
    here = Installation()
    choice = Choice(query or None, source, since.date() if since else None, type_.value if type_ else None)
    target = Path(to)
    if form is Format.MARKDOWN and to != STDOUT and (target.is_dir() or to.endswith(os.sep)):
        count = _folder(here, choice, target, with_versions=with_versions)
    else:
        count = _WRITERS.get(form, _texts)(here, choice, to, form, with_versions, bom)
    err().print(f"{count} {'document' if count == 1 else 'documents'} exported")


def import_(
    file: Annotated[Path, typer.Argument(help="A file that 'export --format jsonl' wrote; - is standard input.")],
    as_json: AsJson = False,
) -> None:
    """Read an export into the archive. What it brings is backlog; documents that are known stay as they are here.

    Again on the same file it goes on where it was cut off. Exit code 1 where lines were left out as bad.

    Example: policy-crawler import all.jsonl
    """
    here = Installation()

    def tell(one: Skipped | Bad) -> None:
        if as_json:
            json_line({"record": "bad" if isinstance(one, Bad) else "skipped", **_fields(one)})
        elif isinstance(one, Bad):
            err().print(f"[red]line {one.line}:[/red] {escape(one.problem)}", soft_wrap=True)
        else:
            name = escape(one.title or "(no title)")
            out().print(f"line {one.line}: skipped {name}: {escape(one.why)} (#{one.document_id})", soft_wrap=True)

    name, mask = "standard input" if str(file) == STDOUT else str(file), here.config.privacy.mask
    importer = Import(here.engine, here.clock, name=name, tell=tell, mask=mask)
    result = importer.run(sys.stdin.buffer) if str(file) == STDOUT else import_file(file, importer)
    if as_json:
        json_line({"record": "result", **_fields(result)})
    else:
        if result.unknown:
            names = ", ".join(sorted(result.unknown))
            err().print(f"fields of a newer release were left out: {escape(names)}", soft_wrap=True)
        out().print(f"{result.documents} imported, {result.skipped} skipped, {result.bad} bad")
    raise typer.Exit(FAILED if result.bad else DONE)


def _fields(row: object) -> dict[str, object]:
    return {name: getattr(row, name) for name in row.__dataclass_fields__}  # type: ignore[attr-defined]


# -- writing -----------------------------------------------------------------------------------------------------------


@contextmanager
def _open(to: str) -> Iterator[IO[bytes]]:
    """Standard output, or a file that stands under its name only when it is whole."""
    if to == STDOUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    target = Path(to)
    try:
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:100]}.", suffix=".part")
    except OSError as error:
        raise OperatorError(f"cannot write {target}: {error.strerror}. Name a file in a folder that exists.") from error
    part = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            yield stream
        _settle(part, target)
    finally:
        part.unlink(missing_ok=True)


def _settle(part: Path, target: Path) -> None:
    try:
        part.replace(target)
    except OSError as error:
        raise OperatorError(f"cannot write {target}: {error.strerror}") from error


def _texts(here: Installation, choice: Choice, to: str, form: Format, with_versions: bool, bom: bool) -> int:
    """The formats that are lines of text; answers how many documents, or versions, were written."""
    count = 0
    if form is Format.JSONL:
        with _open(to) as stream:
            for line in objects(here.engine, choice, here.clock.now()):
                count += line["record"] == "document"
                stream.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
        return count
    found = entries(here.engine, choice, with_versions=with_versions)
    if form is Format.CSV:
        pieces = flat.csv_lines(found, bom=bom)
    elif form is Format.MARKDOWN:
        pieces = markdown.documents(found)
    else:
        pieces = citing.lines(found, form.value)
    with _open(to) as stream:
        for piece in pieces:
            stream.write(piece.encode(errors="replace"))
            count += 1
    return count - (form is Format.CSV)


def _parquet(here: Installation, choice: Choice, to: str, _form: Format, with_versions: bool, _bom: bool) -> int:
    if to == STDOUT:
        raise OperatorError("a Parquet file needs a name: --to FILE.parquet")
    target = Path(to)
    if not target.parent.is_dir():
        raise OperatorError(f"cannot write {target}: its folder does not exist. Make it, or name another.")
    part = target.with_name(f".{target.name[:100]}.part")
    try:
        count = flat.write_parquet(part, entries(here.engine, choice, with_versions=with_versions))
        _settle(part, target)
    finally:
        part.unlink(missing_ok=True)
    return count


def _bundle(here: Installation, choice: Choice, to: str, _form: Format, _with_versions: bool, _bom: bool) -> int:
    bundle = Bundle(here.engine, here.archive.snapshots)
    with _open(to) as stream:
        count = bundle.write(stream, choice)
    if bundle.missing:
        err().print(f"[yellow]the bytes of {len(bundle.missing)} snapshots are not in the archive; manifest.json says "
                    "which. See 'policy-crawler verify'.[/yellow]", soft_wrap=True)  # fmt: skip
    return count


def _folder(here: Installation, choice: Choice, folder: Path, *, with_versions: bool) -> int:
    """A file a document."""
    count = 0
    try:
        folder.mkdir(exist_ok=True)
        for entry in entries(here.engine, choice, with_versions=with_versions):
            name = markdown.file_name(entry, with_version=with_versions)
            (folder / name).write_text(markdown.document(entry), encoding="utf-8", errors="replace")
            count += 1
    except OSError as error:
        raise OperatorError(f"cannot write {folder}: {error.strerror}") from error
    return count


_WRITERS: dict[Format, Callable[[Installation, Choice, str, Format, bool, bool], int]] = {
    Format.PARQUET: _parquet,
    Format.BUNDLE: _bundle,
}
