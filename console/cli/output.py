"""How commands speak: JSON lines or tables on standard output, everything else on standard error."""

import dataclasses
import json
import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from storage.clock import CHINA

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON lines on standard output, and nothing else there.")]

# Exit codes, the same for every command.
DONE = 0  # also: nothing new, no hits
FAILED = 1  # anything failed, also when others were done
REFUSED = 3  # nothing failed, but a source is blocked or quarantined
INTERRUPTED = 130


def out() -> Console:
    """Standard output for people; wide where it is no terminal, so that tables in files and pipes do not wrap."""
    return Console(highlight=False) if sys.stdout.isatty() else Console(highlight=False, width=200)


def err() -> Console:
    """Standard error, for progress and messages."""
    return Console(stderr=True, highlight=False)


def plain(value: Any) -> Any:  # noqa: PLR0911 -- one return a kind of value
    """`value` as JSON can carry it: records as objects, moments in China's time, dates in ISO form."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, datetime):
        return value.astimezone(CHINA).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(inner) for inner in value]
    return value


def json_line(value: Any) -> None:
    """One object on one line of standard output."""
    sys.stdout.write(json.dumps(plain(value), ensure_ascii=False) + "\n")


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A table for people; texts from pages are never read as markup."""
    grid = Table(title=title, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for number, column in enumerate(columns):
        grid.add_column(column, overflow="fold", no_wrap=number == 0)
    for row in rows:
        grid.add_row(*(escape(shown(value)) for value in row))
    out().print(grid)


def shown(value: Any) -> str:  # noqa: PLR0911 -- one return a kind of value
    """A value as a person reads it: China's time to the minute, nothing as a dash."""
    if value is None or value == "":
        return "–"
    if isinstance(value, datetime):
        return value.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, dict):
        said = {key: inner for key, inner in value.items() if inner not in (None, "", [], {})}
        return ", ".join(f"{key} = {_nested(inner)}" for key, inner in said.items()) or "–"
    if isinstance(value, list | tuple):
        return ", ".join(shown(inner) for inner in value) or "–"
    return str(value)


def _nested(value: Any) -> str:
    return f"{{{shown(value)}}}" if isinstance(value, dict) else shown(value)
