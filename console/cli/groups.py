"""The commands and the module of each, which is imported when its command is asked for: no command waits for the
libraries of the others, `--help` for all."""

from importlib import import_module
from typing import Any, Final

import typer
from typer.core import TyperGroup
from typer.main import get_group

MODULES: Final = {
    "crawl": "crawl",
    "read": "reading",
    "entries": "reading",
    "search": "searching",
    "show": "archive",
    "history": "changes",
    "diff": "changes",
    "references": "citing",
    "wanted": "citing",
    "gaps": "citing",
    "documents": "documents",
    "stats": "stats",
    "export": "exchange",
    "import": "exchange",
    "runs": "runs",
    "verify": "proof",
    "snapshots": "upkeep",
    "retention": "upkeep",
    "reprocess": "reprocessing",
    "backup": "keeping",
    "restore": "keeping",
    "db": "keeping",
    "ocr": "ocr",
    "sources": "sources",
    "watch": "watches",
    "channels": "channels",
    "deliveries": "deliveries",
    "alerts": "alerts",
    "mute": "alerts",
    "unmute": "alerts",
    "mutes": "alerts",
    "serve": "service",
    "accounts": "accounts",
    "tokens": "accounts",
    "schedule": "schedule",
    "doctor": "doctor",
    "record": "record",
    "demo": "demo",
}
"""Commands in the order in which `--help` shows them, each with its module in this package."""


class Commands(TyperGroup):
    """All commands of the program."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._loaded: set[str] = set()

    def list_commands(self, ctx: Any) -> list[str]:
        """Their names, in order."""
        return list(MODULES)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name; None when there is none."""
        # A name that there is not is answered with the nearest, of them all.
        for module in {MODULES[cmd_name]} if cmd_name in MODULES else set(MODULES.values()):
            if module not in self._loaded:
                app = typer.Typer(rich_markup_mode="rich")
                import_module(f"console.cli.{module}").add_to(app)
                self.commands.update(get_group(app).commands)
                self._loaded.add(module)
        return super().get_command(ctx, cmd_name)
