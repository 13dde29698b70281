"""`watch`, `mute`, `mutes` and `alerts` as they are typed, in this process: quick, and on an empty archive."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from console.cli.main import app
from policy_crawler import errors as crawler
from storage.errors import OperatorError


@pytest.fixture
def typed(home: Path) -> Any:
    """Runs a command; answers with its standard output, or raises what it refused with."""

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(app, list(arguments))
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == 0, result.output
        return str(result.stdout)

    return run


def test_a_watch_is_made_shown_changed_and_removed(typed: Any) -> None:
    asked = ("--cadence", "weekly 周五", "--quiet", "22:00-7:00", "--zone", "Europe/Berlin", "--to", "terminal")
    filters = ("--region", "广东", "--level", "province", "--topic", "工业")
    made = json.loads(typed("watch", "add", "补贴", *asked, *filters, "--json"))
    assert (made["cadence"], made["quiet"], made["zone"]) == ("weekly fri 09:00", "22:00-07:00", "Europe/Berlin")
    assert made["filters"] == {"levels": ["province"], "regions": ["广东"], "topics": ["工业"]}
    given = ("--quiet", "none", "--without", "topics", "--type", "policy", "--rename", "b", "--json")
    changed = json.loads(typed("watch", "edit", "补贴", *given))
    assert (changed["name"], changed["quiet"], changed["cadence"]) == ("b", None, "weekly fri 09:00")
    assert changed["filters"] == {"levels": ["province"], "regions": ["广东"], "types": ["policy"]}
    typed("watch", "disable", "b")
    assert "(disabled)" in typed("watch", "show", "b")
    typed("watch", "enable", "b")
    typed("mute", "watch", "b", "--until", "7d", "--reason", "休假")
    assert "休假" in typed("watch", "show", "b")
    (mute,) = [json.loads(line) for line in typed("mutes", "list", "--json").splitlines()]
    assert (mute["watch"], mute["reason"]) == ("b", "休假")
    typed("unmute", str(mute["id"]))
    assert typed("mutes", "list", "--json") == ""
    assert "no alerts" in typed("alerts", "--watch", "b", "--since", "7d", "--state", "muted")
    assert "0 would have matched" in typed("watch", "dry-run", "b")
    typed("watch", "remove", "b")
    assert typed("watch", "list", "--json") == ""


def test_an_example_is_taken_and_changed(typed: Any) -> None:
    assert "subsidies" in typed("watch", "examples")
    made = json.loads(typed("watch", "add", "--example", "validity", "--cadence", "daily 8:00", "--json"))
    assert (made["name"], made["query"], made["cadence"]) == ("validity", "type:policy", "daily 08:00")
    assert "repealed" in made["filters"]["events"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("watch", "add"), "say what to follow"),
        (("watch", "add", "((补贴"), "never closed"),
        (("watch", "add", "补贴", "--cadence", "often"), "cannot read 'often'"),
        (("watch", "add", "补贴", "--cadence", "daily 06:00", "--quiet", "22:00-07:00"), "within the quiet hours"),
        (("watch", "add", "补贴", "--region", "火星"), "no source has '火星'"),
        (("watch", "add", "补贴", "--event", "new"), "no kind of event 'new'"),
        (("watch", "add", "补贴", "--to", "nowhere"), "there is no channel 'nowhere'"),
        (("watch", "edit", "x"), "no watch named 'x'"),
        (("watch", "explain", "x", "1"), "no watch named 'x'"),
        (("mute", "source", "x"), "the archive has no source x"),
        (("mute", "document", "1"), "no document '1'"),
        (("unmute", "1"), "no mute 1"),
        (("alerts", "--since", "soon"), "cannot read 'soon'"),
        (("alerts", "--event", "new"), "no kind of event 'new'"),
    ],
)
def test_what_is_refused(typed: Any, arguments: tuple[str, ...], said: str) -> None:
    with pytest.raises((OperatorError, crawler.OperatorError), match=said):
        typed(*arguments)
