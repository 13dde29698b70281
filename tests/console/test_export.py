"""`export`, `import` and `stats` as people run them, on an archive that a crawl filled."""

import csv
import json
import zipfile

import pytest
from support.sites import MIIT, Ministry, Notice

from console.cli.stats import sparkline

SOURCE = "miit-wjfb-tz"


@pytest.fixture
def filled(server, command):
    command.more = {
        "POLICY_CRAWLER_CONNECTION_MAP": str(server.map_for([f"https://{MIIT}"])),
        "POLICY_CRAWLER_CRAWL__DELAY": "0",
    }
    Ministry(server, numbers=range(12, 0, -1))
    assert command("crawl", SOURCE).code == 0
    return command


def test_each_format_is_written_and_an_export_comes_into_another_home(filled, tmp_path):
    made = filled("export", "--to", str(tmp_path / "all.jsonl"))
    assert (made.code, made.out) == (0, ""), made.err
    assert "12 documents exported" in made.err
    piped = filled("export", "第3批")
    assert [line["document"]["title"] for line in piped.lines if line["record"] == "document"] == [Notice(3).title]
    assert filled("export", "--format", "csv", "--bom", "--to", str(tmp_path / "all.csv")).code == 0
    rows = list(csv.DictReader((tmp_path / "all.csv").read_text("utf-8-sig").splitlines()))
    assert {row["title"] for row in rows} == {Notice(number).title for number in range(1, 13)}
    assert filled("export", "--format", "markdown", "--to", f"{tmp_path}/texts/").code == 0
    assert len(list((tmp_path / "texts").glob("*.md"))) == 12
    assert filled("export", "--format", "markdown").out.count("# ") == 12
    assert filled("export", "--format", "bibtex").out.count("@misc{policy") == 12
    assert filled("export", "第3批", "--format", "gbt7714").out.startswith("[1] 工业和信息化部")
    assert filled("export", "--format", "bundle", "--to", str(tmp_path / "all.zip")).code == 0
    with zipfile.ZipFile(tmp_path / "all.zip") as packed:
        assert {"README.txt", "SHA256SUMS", "manifest.json"} <= set(packed.namelist())

    home = filled.home
    filled.home = tmp_path / "other"
    taken = filled("import", str(tmp_path / "all.jsonl"))
    assert (taken.code, taken.out) == (0, "12 imported, 0 skipped, 0 bad\n"), taken.err
    shown = [filled("search", "专项", "--json").lines]
    again = filled("import", str(tmp_path / "all.jsonl"), "--json")
    assert (again.code, again.lines[-1]["skipped"], again.lines[0]["record"]) == (0, 12, "skipped")
    filled.home = home
    for line in (*shown[0], *(there := filled("search", "专项", "--json").lines)):
        line["version_id"] = 0
    assert shown[0] == there


def test_a_bad_line_is_told_with_its_number_and_ends_with_1(filled, tmp_path):
    file = tmp_path / "all.jsonl"
    filled("export", "--to", str(file))
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    lines[-1]["document"]["published"] = "yesterday"
    file.write_text("\n".join(json.dumps(line) for line in lines))
    filled.home = tmp_path / "other"
    answer = filled("import", str(file))
    assert answer.code == 1
    assert f"line {len(lines)}: document.published: expected a date, as 2026-03-02, found 'yesterday'" in answer.err
    assert answer.out == "11 imported, 0 skipped, 1 bad\n"


def test_wrong_use_ends_with_2_and_says_what_to_do(command, tmp_path):
    assert "expected an export of version 1" in command("import", __file__).err
    for arguments, told in (
        (("import", str(tmp_path / "none.jsonl")), "cannot read"),
        (("export", "--format", "parquet"), "--to FILE.parquet"),
        (("export", "--bom"), "--bom is for --format csv"),
        (("export", "--to", str(tmp_path / "no/such/file")), "in a folder that exists"),
    ):
        answer = command(*arguments)
        assert (answer.code, told in answer.err) == (2, True), answer.err
    assert list(tmp_path.glob(".*")) == []


def test_stats_by_issuer_and_month(filled):
    (row,) = filled("stats", "--json").lines
    assert (row["by"], row["documents"], row["group"]) == ("issuer", 12, "工业和信息化部")
    assert len(row["months"]) == 12
    assert "工业和信息化部" in filled("stats").out
    assert filled("stats", "--by", "source", "--json").lines[0]["group"] == SOURCE
    assert sum(row["documents"] for row in filled("stats", "--by", "month", "--issuer", "工信部", "--json").lines) == 12
    assert filled("stats", "--issuer", "农业农村部", "--json").lines == []
    assert sparkline((0, 1, 4, 8)) == "·▁▄█"
