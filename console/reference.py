"""The reference pages: commands, settings, tables, sources, alerts' JSON. `python -m console.reference [--check]`.

`--check` writes nothing and exits 1 where a page differs from the code, so that no command, setting,
table or source goes undocumented.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from sqlalchemy import Dialect
from sqlalchemy.dialects import postgresql

from console.cli.main import app
from console.source_pages import sources
from policy_crawler import config
from schedules.alerts.data import json_schema
from storage.models import Base

_POSTGRESQL: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # its type names say the most; SQLite has the same columns
DOCS = Path(__file__).resolve().parent.parent / "docs"

COMMANDS = """\
Made from the code by `make docs`. Exit codes of every command: 0 all done (also: nothing new, no hits); 1 anything
failed, also when others were done; 2 wrong use or configuration; 3 nothing failed but a source is blocked or
quarantined; 130 and 143 interrupted. `--json` prints JSON lines on standard output and nothing else there; progress
and messages go to standard error."""

CONFIGURATION = """\
Made from the code by `make docs`. All state of an installation lies in one home, `POLICY_CRAWLER_HOME` (default: the
user's data folder by platform convention): `config.toml`, `archive.db`, `snapshots/`, `sources/`. Every key below
stands in `config.toml`, or in the environment, which wins: `crawl.delay` is `POLICY_CRAWLER_CRAWL__DELAY`. An unknown
key or a wrong value ends a command with exit code 2 and names the key."""

TABLES = """\
Made from the code by `make docs`. The archive's tables, in SQLite and PostgreSQL alike."""


def commands() -> str:
    """Every command with its arguments and options."""
    lines = ["# Commands", "", COMMANDS, ""]
    for path, command in _walk(typer.main.get_command(app), "policy-crawler"):
        lines += _command(path, command)
    return "\n".join(lines).rstrip() + "\n"


def _walk(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    if not hasattr(command, "list_commands"):
        yield path, command
        return
    for name in sorted(command.list_commands(None)):
        yield from _walk(command.get_command(None, name), f"{path} {name}")


def _command(path: str, command: Any) -> list[str]:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option" and not getattr(p, "hidden", False)]
    context = command.make_context(path, [], resilient_parsing=True)
    pieces = [piece for argument in arguments for piece in argument.get_usage_pieces(context)]
    usage = " ".join([path, *pieces, *(["[OPTIONS]"] * bool(options))])
    lines = [f"## {path}", "", f"    {usage}", "", _reflow(command.help or ""), ""]
    if options:
        lines += ["| option | meaning |", "|---|---|"]
        for option in options:
            names = ", ".join(f"`{name}`" for name in [*option.opts, *option.secondary_opts])
            lines.append(f"| {names} | {(getattr(option, 'help', None) or '').replace('|', chr(92) + '|')} |")
        lines.append("")
    return lines


def _reflow(text: str) -> str:
    """A docstring's paragraphs, examples as code."""
    paragraphs = []
    for paragraph in text.split("\n\n"):
        joined = " ".join(line.strip() for line in paragraph.splitlines() if line.strip())
        if joined.startswith("Example: "):
            joined = f"Example: `{joined.removeprefix('Example: ')}`"
        paragraphs.append(joined)
    return "\n\n".join(paragraphs)


def configuration() -> str:
    """Every setting with its default."""
    lines = ["# Configuration", "", CONFIGURATION, "", "| key | default | meaning |", "|---|---|---|"]
    lines += [f"| `{key}` | `{default}` | {meaning} |" for key, default, meaning in config.describe()]
    return "\n".join(lines) + "\n"


def tables() -> str:
    """Every table and column of the archive."""
    lines = ["# Tables", "", TABLES, ""]
    for table in Base.metadata.sorted_tables:
        lines += [f"## {table.name}", "", table.comment or "", "", "| column | type | meaning |", "|---|---|---|"]
        for column in table.columns:
            meaning = column.comment or ("key" if column.primary_key else "")
            target = next((f" → `{key.target_fullname}`" for key in column.foreign_keys), "")
            optional = "" if not column.nullable else ", optional"
            lines.append(
                f"| `{column.name}` | {column.type.compile(dialect=_POSTGRESQL)}{optional} | {meaning}{target} |"
            )
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def schema() -> str:
    """The form of the JSON that webhooks carry."""
    return json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n"


PAGES = {
    "commands.md": commands,
    "configuration.md": configuration,
    "tables.md": tables,
    "sources.md": sources,
    "alert.schema.json": schema,
}


def main() -> int:
    """Write the pages, or with --check compare them."""
    check = "--check" in sys.argv[1:]
    stale = []
    for name, make in PAGES.items():
        path, text = DOCS / name, make()
        if check:
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                stale.append(str(path.relative_to(DOCS.parent)))
        else:
            path.write_text(text, encoding="utf-8")
    if stale:
        sys.stderr.write(f"differs from the code: {', '.join(stale)}; run 'make docs' and commit the result\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
