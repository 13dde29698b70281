"""The command's entry: all commands together, and what an error looks like."""

import gc
import io
import os
import signal
import sys
from typing import Annotated

import typer
from rich.markup import escape

from console.cli.groups import Commands
from console.cli.output import FAILED, INTERRUPTED, err, out
from policy_crawler import __version__
from policy_crawler.errors import OperatorError
from storage import errors as storage_errors

app = typer.Typer(
    name="policy-crawler",
    cls=Commands,
    help="Reads what Chinese ministries and governments publish, keeps every version, and tells you what changed.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        out().print(f"policy-crawler {__version__}")
        raise typer.Exit


@app.callback()
def _everywhere(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Say what holds for every command."""
    if os.name == "posix" and os.geteuid() == 0:
        err().print("[dim]warning: running as root; policy-crawler needs no such rights[/dim]")


def main() -> None:
    """Run one command; operator errors end with exit code 2 and a message that says what to do."""
    gc.set_threshold(50_000, 10, 10)  # default 700: nearly all that imports make stays, and is looked through in vain
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `policy-crawler search … | head` ends quietly
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # JSON is UTF-8 in every locale; odd file names are escaped as in JSON
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="backslashreplace")
    try:
        app()
    except (OperatorError, storage_errors.OperatorError) as error:
        err().print(f"[red]error:[/red] {escape(str(error))}", soft_wrap=True)
        sys.exit(2)
    except storage_errors.ArchiveError as error:
        err().print(f"archive error: {error}", markup=False, soft_wrap=True)
        sys.exit(FAILED)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
