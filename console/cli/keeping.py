"""`backup`, `restore`, `db`: the archive as a whole."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from console.cli.output import FAILED, AsJson, err, json_line, out
from console.installation import Installation
from storage import backup as backups
from storage import migrations
from storage.engine import check_database, open_engine

File = Annotated[Path, typer.Argument(metavar="FILE", help="The backup, a tar file.")]


def add_to(app: typer.Typer) -> None:
    app.command("backup")(backup)
    app.command("restore")(restore)
    db = typer.Typer(help="The archive's database: its schema and its soundness.", no_args_is_help=True)
    db.command("upgrade")(upgrade)
    db.command("check")(check)
    app.add_typer(db, name="db")


def backup(file: File, as_json: AsJson = False) -> None:
    """Write the whole installation to one file: database, snapshots, settings and sources. Crawls may go on meanwhile.

    The head that it prints is the archive's: after a restore, `verify --head` shows that all of it came back.

    Example: policy-crawler backup /mnt/backups/policy-2026-11-24.tar
    """
    here = Installation()
    with err().status("backing up") as status:
        made = backups.back_up(
            here.engine, here.home.path, file.absolute(), here.clock.now(),
            step=lambda name, size: status.update(f"backing up {escape(name)}, {size:,} bytes"),
        )  # fmt: skip
    _tell("written", made, as_json)


def restore(
    file: File,
    home: Annotated[Path, typer.Option(metavar="NEW", help="The new home; a folder that is not there, or empty.")],
    archive: Annotated[
        str | None, typer.Option(metavar="URL", help="An empty PostgreSQL database, for a backup of one.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Bring a backup back into a new home, each file checked against its SHA-256.

    Example: policy-crawler restore policy-2026-11-24.tar --home /var/lib/policy-crawler
    """
    made = backups.restore(file, home.absolute(), archive=archive)
    _tell(f"restored to {home}", made, as_json)


def _tell(what: str, made: backups.Backup, as_json: bool) -> None:
    if as_json:
        json_line({"file": str(made.file), "bytes": made.bytes, "members": made.members, "schema": made.schema,
                   "head": made.head})  # fmt: skip
    else:
        files = f"{made.members} {'file' if made.members == 1 else 'files'}"
        out().print(f"{escape(str(made.file))}: {files}, {made.bytes:,} bytes {escape(what)}", soft_wrap=True)
        out().print(f"head {made.head}", soft_wrap=True)


def upgrade(as_json: AsJson = False) -> None:
    """Bring the archive's schema to this release, whole or not at all. Every command that opens the archive does so.

    Example: policy-crawler db upgrade
    """
    here = Installation()
    here.home.create()
    engine = open_engine(here.home.database_url(here.config))
    before = migrations.current(engine)
    migrations.upgrade(engine)
    after = migrations.current(engine)
    if as_json:
        json_line({"before": before, "after": after})
    else:
        out().print(f"schema {after}" if before == after else f"schema {before or 'none'} → {after}")


def check(as_json: AsJson = False) -> None:
    """Look whether the archive's schema is this release's, and its database is sound; changes nothing.

    `verify` looks at what it holds.

    Example: policy-crawler db check
    """
    here = Installation()
    here.home.create()
    engine = open_engine(here.home.database_url(here.config))
    migrations.check(engine)
    problems = check_database(engine)
    if as_json:
        json_line({"schema": migrations.current(engine), "problems": problems})
    else:
        for problem in problems:
            out().print(f"[red]{escape(problem)}[/red]", soft_wrap=True)
        if not problems:
            out().print(f"schema {migrations.current(engine)}; the database is sound")
    raise typer.Exit(FAILED if problems else 0)
