"""The demonstration empties only what is its own, and keeps to its own settings."""

import os
from contextlib import suppress
from pathlib import Path

import pytest

from console.demo import home as demo_home
from policy_crawler.catalog import load_catalog
from policy_crawler.config import Home, load
from policy_crawler.connections import VARIABLE, ConnectionMap
from policy_crawler.errors import OperatorError


def test_a_new_folder_an_empty_one_and_its_own_are_emptied(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    demo_home.empty(folder)
    (folder / "archive.db").write_text("of an earlier demonstration")
    demo_home.empty(folder)
    assert sorted(path.name for path in folder.iterdir()) == ["snapshots", "sources", demo_home.MARK]
    (tmp_path / "bare").mkdir()
    demo_home.empty(tmp_path / "bare")


@pytest.mark.parametrize("kind", ["somebody's folder", "a file", "a link"])
def test_what_is_not_its_own_stays(tmp_path: Path, kind: str) -> None:
    folder, kept = tmp_path / "work", tmp_path / "work" / "thesis.txt"
    if kind == "a file":
        kept = folder
    else:
        folder.mkdir()
    kept.write_text("years of work")
    if kind == "a link":
        (folder / demo_home.MARK).write_text("")
        folder = tmp_path / "link"
        folder.symlink_to(tmp_path / "work")
    with pytest.raises(OperatorError, match="--home"):
        demo_home.empty(folder)
    assert kept.read_text() == "years of work"


def test_its_settings_sources_and_map_are_valid(tmp_path: Path) -> None:
    home = demo_home.empty(tmp_path / "demo")
    path = demo_home.furnish(home, {"www.gxb.example:80": "127.0.0.1:9"}, 2525)
    config = load(home, {})
    assert (config.language, config.mail.port, config.crawl.delay) == ("en", 2525, 0)
    sources = load_catalog(home.sources).sources
    assert [id_ for id_ in sources if id_.startswith("demo-")] == [
        "demo-news",
        "demo-gxb-tz",
        "demo-fgw-tz",
        "demo-fgw-jd",
    ]
    assert ConnectionMap.load(path).connections == {("www.gxb.example", 80): ("127.0.0.1", 9)}


def test_the_users_own_settings_are_out_of_reach_and_come_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLICY_CRAWLER_ARCHIVE", "sqlite:////home/analyst/archive.db")
    monkeypatch.setenv("POLICY_CRAWLER_HOME", "/home/analyst")
    with suppress(ZeroDivisionError), demo_home.environment(Home(tmp_path), tmp_path / "map.json"):
        assert "POLICY_CRAWLER_ARCHIVE" not in os.environ
        assert os.environ["POLICY_CRAWLER_HOME"] == str(tmp_path)
        raise ZeroDivisionError
    assert os.environ["POLICY_CRAWLER_ARCHIVE"] == "sqlite:////home/analyst/archive.db"
    assert os.environ["POLICY_CRAWLER_HOME"] == "/home/analyst"
    assert VARIABLE not in os.environ
