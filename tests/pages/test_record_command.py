"""`policy-crawler record` makes a folder that the tests here would take, once a person has reviewed it."""

import json
import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from console.cli import record
from console.demo.site import DemoSite
from console.recording import found_in, load
from policy_crawler.errors import OperatorError

HERE = Path(__file__).parent
app = typer.Typer()
record.add_to(app)


@app.callback()
def _several() -> None:
    """With a callback the app keeps its command's name."""


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["record", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_document_is_recorded_with_what_is_read_from_it(tmp_path: Path) -> None:
    page = tmp_path / "saved.html"
    shutil.copy(HERE / "jpaas-detail" / "page.html", page)
    url = load(HERE / "jpaas-detail").request.url
    said = run(str(page), "--name", "new-page", "--url", url, "--to", str(tmp_path))
    recording = load(tmp_path / "new-page")
    assert "expected.json" in said
    assert recording.body == page.read_bytes()
    assert (recording.request.url, recording.request.kind) == (url, "document")
    assert not recording.request.reviewed, "only a person sets this"
    assert recording.expected["doc_number"] == "示工信软〔2026〕133号"
    assert recording.expected == {
        field: value for field, value in found_in(tmp_path / "new-page").items() if field in recording.expected
    }


def test_a_listing_is_recorded_with_its_entries(tmp_path: Path) -> None:
    source = load(HERE / "trs-list-first")
    page = HERE / "trs-list-first" / "page.html"
    said = run(str(page), "--listing", "--name", "column", "--url", source.request.url, "--to", str(tmp_path), "--json")
    assert json.loads(said)["folder"] == str(tmp_path / "column")
    expected = load(tmp_path / "column").expected
    assert expected["entries"] == source.expected["entries"]
    assert expected["next_page"] == source.expected["next_page"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--name", "jpaas-detail", "--to", str(HERE)], "exists"),
        (["--name", "../elsewhere"], "one folder name"),
        (["--name", "x", "--to", "/nowhere"], "no folder"),
    ],
)
def test_wrong_use_is_told_before_anything_is_written(arguments: list[str], words: str) -> None:
    with pytest.raises(OperatorError, match=words):
        run(str(HERE / "jpaas-detail" / "page.html"), *arguments)


def test_a_field_that_does_not_exist_is_told_with_its_file(tmp_path: Path) -> None:
    folder = tmp_path / "page"
    shutil.copytree(HERE / "soft-404", folder)
    (folder / "expected.json").write_text('{"stat": "missing"}')
    with pytest.raises(OperatorError, match=r"expected\.json: no field 'stat' of a document"):
        load(folder)
    (folder / "page.html").unlink()
    with pytest.raises(OperatorError, match=r"page\.html: No such file"):
        load(folder)


def test_a_url_is_fetched_as_a_crawl_would(tmp_path: Path) -> None:
    """In a process of its own: the fetch runs Scrapy's reactor, which starts once."""
    with DemoSite(date(2026, 11, 24)) as site:
        connection_map = tmp_path / "connections.json"
        connection_map.write_text(json.dumps({"connections": site.connections}))
        folder, item = tmp_path / "pages", site.documents["platform-grading"]
        folder.mkdir()
        arguments = ["record", item.url, "--name", "article", "--to", str(folder), "--json"]
        ended = subprocess.run(
            [sys.executable, "-m", "console.cli.main", *arguments],
            env={
                **os.environ,
                "POLICY_CRAWLER_HOME": str(tmp_path / "home"),
                "POLICY_CRAWLER_CONNECTION_MAP": str(connection_map),
            },
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert ended.returncode == 0, ended.stderr
    recording = load(folder / "article")
    assert (recording.request.url, recording.request.status) == (item.url, 200)
    assert recording.request.content_type == "text/html; charset=utf-8"
    assert recording.expected["title"] == item.title
    assert recording.expected["doc_number"] == item.number
