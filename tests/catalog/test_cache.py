"""What the files said is kept between commands, and never believed when they have changed."""

import json
import os

import pytest

from policy_crawler.catalog import SHIPPED, load_catalog
from policy_crawler.catalog import cache as cache_module
from policy_crawler.catalog import catalog as catalog_module
from policy_crawler.catalog.cache import cache_file
from policy_crawler.errors import OperatorError

ENTRY = """
[[source]]
id = "{name}"
issuer = "示例工业部"
issuer_short = "工业部"
column = "通知"
list_url = "https://www.gyb.example/{name}/"
family = "trs"
publishes = "policy"
level = "central"
seen = 2026-09-01
"""


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    """A catalog of forty sources in a folder of its own, shipped; and an empty cache folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "shipped"
    (folder / "central").mkdir(parents=True)
    text = "".join(ENTRY.format(name=f"gyb-{number}") for number in range(120))
    (folder / "central" / "gyb.toml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(catalog_module, "SHIPPED", folder)
    return folder


def test_a_second_command_parses_nothing(shipped, monkeypatch):
    first = load_catalog()
    assert cache_file(shipped).exists()
    monkeypatch.setattr(catalog_module, "read_entries", None)
    second = load_catalog()
    assert list(second.sources) == list(first.sources)
    assert list(second.sources.values()) == list(first.sources.values())
    assert second.origins == first.origins
    assert second.packs == first.packs
    assert second.enabled() == first.enabled() == []


def test_a_changed_file_is_read_anew(shipped):
    load_catalog()
    file = shipped / "central" / "gyb.toml"
    before = file.stat()
    file.write_text(file.read_text(encoding="utf-8").replace("gyb-119", "gyb-999"), encoding="utf-8")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    assert "gyb-999" in load_catalog().sources
    (shipped / "central" / "more.toml").write_text(ENTRY.format(name="gyb-more"), encoding="utf-8")
    assert "gyb-more" in load_catalog().sources
    (shipped / "central" / "more.toml").unlink()
    assert "gyb-more" not in load_catalog().sources


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"no json",
        b"{}",
        b"[1]",
        b"\xff\xfe",
        json.dumps({"state": "other", "entries": 0, "said": {}}).encode(),
    ],
)
def test_a_damaged_cache_is_as_if_it_were_not_there(shipped, damage):
    expected = list(load_catalog().sources)
    cache_file(shipped).write_bytes(damage)
    assert list(load_catalog().sources) == expected


def test_a_cache_cut_short_is_not_believed(shipped):
    expected = list(load_catalog().sources)
    whole = cache_file(shipped).read_text(encoding="utf-8")
    cache_file(shipped).write_text(whole[: len(whole) // 2], encoding="utf-8")
    assert list(load_catalog().sources) == expected


def test_without_a_place_for_the_cache_all_goes_on(shipped, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert len(load_catalog().sources) == 121
    assert len(load_catalog().sources) == 121


def test_a_mistake_is_told_and_not_kept(shipped):
    file = shipped / "central" / "gyb.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('level = "central"', 'level = "centre"', 1), encoding="utf-8")
    with pytest.raises(OperatorError, match="level"):
        load_catalog()
    assert not cache_file(shipped).exists()


def test_a_small_folder_is_not_kept(tmp_path):
    (tmp_path / "own.toml").write_text(ENTRY.format(name="gyb-own"), encoding="utf-8")
    assert cache_module.state_of([tmp_path / "own.toml"]) is None
    assert cache_module.state_of([tmp_path / "none.toml"]) is None


def test_the_cache_of_the_shipped_catalog_is_one_file():
    load_catalog()
    assert cache_file(SHIPPED).exists()
    assert list(cache_file(SHIPPED).parent.glob(".catalog-*")) == []
