"""Commands are imported when they are asked for; so their table must name them all, each in its place."""

import pkgutil
import subprocess
import sys
from importlib import import_module

import typer
from typer.main import get_command, get_group

import console.cli
from console.cli.groups import MODULES
from console.cli.main import app


def test_every_command_is_in_the_table_with_its_module():
    found = {}
    for module in pkgutil.iter_modules(console.cli.__path__):
        if add_to := getattr(import_module(f"console.cli.{module.name}"), "add_to", None):
            add_to(own := typer.Typer())
            found.update(dict.fromkeys(get_group(own).commands, module.name))
    assert found == MODULES


def test_all_commands_are_there_and_a_wrong_name_is_answered_with_the_nearest():
    commands = get_command(app)
    context = commands.make_context("policy-crawler", ["doctor"])
    assert [commands.get_command(context, name).name for name in MODULES] == list(MODULES)
    wrong = subprocess.run(
        [sys.executable, "-m", "console.cli.main", "sorces"], capture_output=True, text=True, check=False
    )
    assert wrong.returncode == 2
    assert "'sources'" in wrong.stderr


def test_listing_the_sources_waits_for_none_of_the_libraries_that_crawl_or_tell():
    code = (
        "import sys, console.cli.sources, console.cli.main\n"
        "sys.exit(', '.join(sorted(set(sys.argv[1:]) & sys.modules.keys())) or None)"
    )
    unneeded = ["scrapy", "twisted", "alembic", "apscheduler", "psycopg", "feedparser", "smtplib"]
    done = subprocess.run([sys.executable, "-c", code, *unneeded], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
