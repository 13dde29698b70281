"""What leaves an archive: complete, as tables, texts, citations and evidence."""

import hashlib
import io
import json
import subprocess
import zipfile
from dataclasses import replace
from datetime import date

import pytest
from support.archives import MIIT, NEWS, Crawl, reading
from support.exchange import (
    NUMBER,
    POLICY,
    REPORT,
    SITE,
    exported,
    fill,
    take,
)
from warcio.archiveiterator import ArchiveIterator

from storage.engine import reading as reading_session
from storage.exchange import citing, flat, markdown
from storage.exchange.bundle import Bundle
from storage.exchange.choosing import Choice, batches
from storage.exchange.telling import entries
from storage.queries import Queries
from storage.search import search
from storage.stats import last_months, stats


def test_news_leaves_as_title_excerpt_and_link(archive, clock):
    fill(archive, clock)
    whole = exported(archive).decode()
    assert "补贴标准有了新的规定。补贴标准" in whole
    assert "结尾只有全文才有" not in whole
    found = list(entries(archive.engine, Choice(type="news")))
    assert [entry.text for entry in found] == [""]
    for text in ("".join(flat.csv_lines(found)), markdown.document(found[0])):
        assert "工业互联网补贴标准提高" in text
        assert REPORT in text
        assert "结尾只有全文才有" not in text
    stream = io.BytesIO()
    Bundle(archive.engine, archive.snapshots).write(stream, Choice(type="news"))
    with zipfile.ZipFile(stream) as packed:
        assert not [name for name in packed.namelist() if name.startswith(("warc/", "payload/"))]
        assert not [name for name in packed.namelist() if "结尾只有全文才有" in packed.read(name).decode()]


@pytest.mark.parametrize("choice", [
    Choice(), Choice(query="补贴"), Choice(query="type:policy"), Choice(type="news"), Choice(source=MIIT.id),
    Choice(since=date(2026, 3, 1)), Choice(since=date(2027, 1, 1)), Choice(query="补贴", type="policy", source=MIIT.id),
])  # fmt: skip
def test_an_export_carries_what_is_asked_for(archive, clock, choice):
    fill(archive, clock)
    queries = Queries(archive.engine)
    every = {row.id: row for row in queries.documents()}
    hits = {hit.document_id for hit in search(archive.engine, choice.query, limit=200).hits} if choice.query else every
    wanted = {
        key for key, row in every.items()
        if key in hits and choice.type in {None, row.type} and choice.source in {None, row.source_id}
        and (choice.since is None or (row.published is not None and row.published >= choice.since))
    }  # fmt: skip
    with reading_session(archive.engine) as session:
        found = [one for ids in batches(archive.engine, session, choice) for one in ids]
    assert sorted(found) == sorted(wanted)


def test_a_query_with_many_hits_of_one_day_brings_each_once(archive, clock, monkeypatch):
    from storage.exchange import choosing

    crawl = Crawl(archive, clock)
    for number in range(1, 24):
        day = date(2026, 2, 1 + number // 9)
        record = reading(
            doc_number=f"工信部函〔2026〕{number}号", published=day, written=day, title=f"第{number}批补贴公告"
        )
        crawl.page(f"{SITE}/n{number}.html", record)
    crawl.close()
    monkeypatch.setattr(choosing, "_HITS", 4)
    with reading_session(archive.engine) as session:
        found = [one for ids in batches(archive.engine, session, Choice(query="补贴")) for one in ids]
    assert sorted(found) == list(range(1, 24))


def test_csv_has_no_formula_and_quotes_every_cell():
    dangerous = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", " =1", "＝1", "　+1"]
    assert [flat.safe_cell(cell) for cell in dangerous] == [f"'{cell}" for cell in dangerous]
    assert flat.safe_cell("国发〔2026〕1号") == "国发〔2026〕1号"
    assert (flat.safe_cell(-1), flat.safe_cell(None), flat.safe_cell(date(2026, 3, 1))) == (-1, None, "2026-03-01")


def test_csv_is_a_row_a_document_or_a_version(archive, clock):
    import csv

    fill(archive, clock)
    rows = list(csv.DictReader(io.StringIO("".join(flat.csv_lines(entries(archive.engine, Choice()))))))
    assert [row["number"] for row in rows if row["type"] == "policy"] == ["工信部信发〔2026〕30号", NUMBER]
    assert rows[1]["attachments"] == "补贴目录"
    whole = "".join(flat.csv_lines(entries(archive.engine, Choice(), with_versions=True), bom=True))
    assert whole.startswith('\ufeff"id","version"')
    assert [row["version"] for row in csv.DictReader(io.StringIO(whole[1:])) if row["number"] == NUMBER] == ["1", "2"]


def test_markdown_says_what_the_text_says_and_nothing_more(archive, clock):
    fill(archive, clock)
    entry = next(entry for entry in entries(archive.engine, Choice()) if entry.document.number == NUMBER)
    text = markdown.document(entry)
    assert text.startswith("# 工业和信息化部关于印发《工业互联网平台补贴办法》的通知\n")
    assert f"- 链接 link：<{POLICY}>" in text
    assert "50%" in text
    assert markdown.escape("1. [a](http://x) <b>*c*") == r"1\. \[a\](http://x) \<b\>\*c\*"
    assert (
        markdown.file_name(entry, with_version=True) == "2-v2 工业和信息化部关于印发《工业互联网平台补贴办法》的通知.md"
    )


def test_a_citation_follows_gbt_7714_and_bibtex_is_escaped(archive, clock):
    fill(archive, clock)
    entry = next(entry for entry in entries(archive.engine, Choice()) if entry.document.number == NUMBER)
    assert citing.gbt7714(entry) == (
        "工业和信息化部. 工业和信息化部关于印发《工业互联网平台补贴办法》的通知: 工信部信发〔2026〕12号[EB/OL]. "
        f"(2026-03-01)[2026-03-03]. {POLICY}.\n"
    )
    joint = replace(entry, version=replace(entry.version, organs=(), issuers=("甲部", "乙部", "丙部", "丁部")))
    assert citing.gbt7714(joint).startswith("甲部, 乙部, 丙部, 等. ")
    standard = replace(entry, version=replace(entry.version, number="GB/T 9704-2012", title="党政机关公文格式"))
    assert "党政机关公文格式: GB/T 9704-2012[S/OL]. " in citing.gbt7714(standard)
    odd = replace(entry, version=replace(entry.version, title=r"50% {A}_B \ C&D #1 ~^$"))
    assert (
        r"title = {{50\% \{A\}\_B \textbackslash{} C\&D \#1 \textasciitilde{}\textasciicircum{}\$}},"
        in citing.bibtex(odd)
    )
    lines = citing.bibtex(entry).splitlines()
    assert lines[0] == "@misc{policy2,"
    assert "  author = {{工业和信息化部}}," in lines
    assert "  month = mar," in lines
    assert lines[-1] == "}"


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_bundle_proves_itself(archive, clock, tmp_path):
    fill(archive, clock)
    made = []
    for _ in range(2):
        stream = io.BytesIO()
        bundle = Bundle(archive.engine, archive.snapshots)
        assert bundle.write(stream, Choice(type="policy")) == 2
        assert bundle.missing == []
        made.append(stream.getvalue())
    assert made[0] == made[1]
    with zipfile.ZipFile(io.BytesIO(made[0])) as packed:
        assert packed.testzip() is None
        packed.extractall(tmp_path / "bundle")
    checked = subprocess.run(
        ["sha256sum", "-c", "--strict", "--quiet", "SHA256SUMS"],
        cwd=tmp_path / "bundle",
        capture_output=True,
        check=False,
    )
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")
    listed = {line.split("  ", 1)[1] for line in (tmp_path / "bundle/SHA256SUMS").read_text().splitlines()}
    present = {
        str(path.relative_to(tmp_path / "bundle")) for path in (tmp_path / "bundle").rglob("*") if path.is_file()
    }
    assert present == listed | {"SHA256SUMS"}
    manifest = json.loads((tmp_path / "bundle/manifest.json").read_text())
    snapshots = [row for document in manifest["documents"] for row in document["snapshots"]]
    assert len(snapshots) == 5
    for row in snapshots:
        payload = (tmp_path / "bundle" / row["payload"]).read_bytes()
        assert hashlib.sha256(payload).hexdigest() == row["digest"] == row["payload"].split("/")[1].split(".")[0]
        with (tmp_path / "bundle" / row["warc"]).open("rb") as stream:
            assert [record.raw_stream.read() for record in ArchiveIterator(stream, check_digests="raise")] == [payload]
    assert "证据包" in (tmp_path / "bundle/README.txt").read_text()
    (tmp_path / "bundle" / snapshots[0]["payload"]).write_bytes(b"another")
    edited = subprocess.run(
        ["sha256sum", "-c", "SHA256SUMS"], cwd=tmp_path / "bundle", capture_output=True, check=False
    )
    assert edited.returncode == 1


def test_a_bundle_says_which_bytes_the_archive_lacks(archive, clock, twin):
    fill(archive, clock)
    take(twin, exported(archive))
    stream = io.BytesIO()
    bundle = Bundle(twin.engine, twin.snapshots)
    bundle.write(stream, Choice(query="number:工信部信发〔2026〕30号"))
    assert len(bundle.missing) == 1
    with zipfile.ZipFile(stream) as packed:
        (document,) = json.loads(packed.read("manifest.json"))["documents"]
    assert [(row["digest"], row["payload"]) for row in document["snapshots"]] == [(bundle.missing[0], None)]


def test_parquet_has_every_column_and_the_text(archive, clock, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    fill(archive, clock)
    assert flat.write_parquet(tmp_path / "all.parquet", entries(archive.engine, Choice(), with_versions=True)) == 4
    table = parquet.read_table(tmp_path / "all.parquet").to_pylist()
    assert list(table[0]) == [*flat.COLUMNS, "text"]
    assert [row["version"] for row in table if row["number"] == NUMBER] == [1, 2]
    assert [row["text"] for row in table if row["type"] == "news"] == [None]
    assert table[0]["published"] == date(2026, 3, 1)


def test_stats_count_what_came_by_issuer_month_source_and_type(archive, clock):
    fill(archive, clock)
    by_issuer = stats(archive.engine, clock)
    assert by_issuer.months[-2:] == ("2026-02", "2026-03")
    assert [(came.group, came.documents, came.months[-1]) for came in by_issuer.groups] == [
        ("工业和信息化部", 2, 2), ("新闻网", 1, 1),
    ]  # fmt: skip
    assert by_issuer.documents == 3
    assert [(came.group, came.documents) for came in stats(archive.engine, clock, by="month").groups] == [
        ("2026-03", 3)
    ]
    assert {came.group: came.documents for came in stats(archive.engine, clock, by="source").groups} == {
        MIIT.id: 2, NEWS.id: 1,
    }  # fmt: skip
    assert {came.group for came in stats(archive.engine, clock, by="type", issuer="工信部").groups} == {"policy"}
    assert last_months(date(2026, 2, 9), 3) == ("2025-12", "2026-01", "2026-02")
