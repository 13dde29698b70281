"""The demonstration's own home: made empty at the start, never anybody's real one."""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

from policy_crawler import connections
from policy_crawler.config import HOME_VARIABLE, PREFIX, Home
from policy_crawler.errors import OperatorError

MARK = "this-is-the-demo.txt"
MARK_TEXT = "The demonstration of policy-crawler empties this folder whenever it starts.\n"
SENDER = "policy-crawler@demo.example"
ANALYST = "analyst@demo.example"

CONFIG = """\
# Written by the demonstration.
language = "en"

[crawl]
delay = 0             # the sites are on this machine; the default is 2 seconds between two requests to one site
contact = "{analyst}"

[mail]                # the mailbox listens only while the demonstration runs
host = "127.0.0.1"
port = {port}
security = "none"
sender = "{sender}"
"""


def empty(folder: Path) -> Home:
    """Make `folder` an empty home for the demonstration.

    Raises OperatorError rather than empty a folder that an earlier demonstration did not mark as its own."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise OperatorError(f"{folder}: not a folder; name another with --home")
    if folder.is_dir() and any(folder.iterdir()):
        if not (folder / MARK).is_file():
            raise OperatorError(
                f"{folder} holds files that the demonstration did not make, and it starts by emptying its home. "
                "Name an empty or a new folder with --home."
            )
        shutil.rmtree(folder)
    home = Home(folder)
    home.create()
    (folder / MARK).write_text(MARK_TEXT, encoding="utf-8")
    return home


def furnish(home: Home, connected: Mapping[str, str], mail_port: int) -> Path:
    """Write the settings, the sources and the connection map; answers where the map is."""
    config = CONFIG.format(analyst=ANALYST, port=mail_port, sender=SENDER)
    home.config_file.write_text(config, encoding="utf-8")
    sources = files("console.demo").joinpath("sources.toml").read_text(encoding="utf-8")
    (home.sources / "demo.toml").write_text(sources, encoding="utf-8")
    connection_map = home.path / "connections.json"
    trap = home.path / "refused-connections.jsonl"
    content = {"connections": dict(connected), "ca": None, "trap": str(trap)}
    connection_map.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    return connection_map


@contextmanager
def environment(home: Home, connection_map: Path) -> Iterator[None]:
    """Inside, this process and the crawls it starts know the demonstration's home and nothing of the user's own."""
    before = {name: value for name, value in os.environ.items() if name.startswith(PREFIX)}
    for name in before:
        del os.environ[name]
    os.environ[HOME_VARIABLE] = str(home.path)
    os.environ[connections.VARIABLE] = str(connection_map)
    try:
        yield
    finally:
        for name in [name for name in os.environ if name.startswith(PREFIX)]:
            del os.environ[name]
        os.environ.update(before)
