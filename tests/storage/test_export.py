"""What leaves an archive comes into another, on either database, and answers alike there."""

import hashlib
import io
import json
import subprocess
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from support.archives import MIIT, NEWS, Crawl, Moving, capture, changed, first_run, reading
from warcio.archiveiterator import ArchiveIterator

from schedules.watches import match_pending
from storage import migrations
from storage.archive import Archive
from storage.engine import open_engine
from storage.engine import reading as reading_session
from storage.erasing import erase
from storage.errors import OperatorError
from storage.exchange import citing, flat, markdown
from storage.exchange.bundle import Bundle
from storage.exchange.choosing import Choice, batches
from storage.exchange.importing import Bad, Import, Skipped
from storage.exchange.jsonl import text_lines
from storage.exchange.telling import entries
from storage.models import Document, Fingerprint, Run
from storage.queries import Queries
from storage.records import FileRecord, Outcome
from storage.search import search
from storage.snapshots import SnapshotStore
from storage.stats import last_months, stats
from storage.watching import WatchBook

SITE = "https://www.miit.gov.cn/zwgk/zcwj"
POLICY = f"{SITE}/12.html"
NOTICE = f"{SITE}/30.html"
REPORT = "https://www.news.example/2026/1.html"
NUMBER = "工信部信发〔2026〕12号"
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def fill(archive: Archive, clock: Moving) -> None:
    """A policy with two versions, a copy and a file; a notice that repeals it; a news report of it."""
    first_run(archive, clock)
    first_run(archive, clock, NEWS)
    mention = ("repeals", "工业互联网平台补贴办法", NUMBER, None, f"《工业互联网平台补贴办法》（{NUMBER}）同时废止。")
    crawl = Crawl(archive, clock)
    crawl.page(
        NOTICE,
        reading(
            title="工业和信息化部关于废止部分文件的公告", doc_number="工信部信发〔2026〕30号", mentions=(mention,),
            organs=(("工业和信息化部", "工信部"),), written=date(2026, 3, 1), effective=date(2026, 3, 1),
        ),
    )  # fmt: skip
    crawl.page(POLICY, reading(attachments=(("附件.pdf", f"{SITE}/附件.pdf", "补贴目录", "pdf"),)))
    answer = replace(capture(f"{SITE}/附件.pdf", b"%PDF-1.4 table", clock=clock), headers=())
    found = FileRecord("1", "pdf", "text", "", "补贴目录\n光伏逆变器\t三百万元", places=((0, "page 1"),))
    archive.record_attachment(crawl.run_id, POLICY, "附件.pdf", "补贴目录", "pdf", answer, found)
    crawl.page("https://www.gov.cn/zhengce/12.html", reading(reprinted_from="工业和信息化部网站"))
    crawl.close()
    clock.forward(days=1)
    later = Crawl(archive, clock)
    blocks = changed(3, "第三条　对符合条件的企业给予补贴，补贴标准不超过投资额的50%。")
    assert (
        later.page(
            POLICY, reading(blocks=blocks, attachments=(("附件.pdf", f"{SITE}/附件.pdf", "补贴目录", "pdf"),))
        ).outcome
        is Outcome.CHANGED
    )
    later.close()
    told = Crawl(archive, clock, NEWS)
    told.page(
        REPORT,
        reading(
            title="工业互联网补贴标准提高", type="news", doc_number=None, issuer="新闻网", issuers=("新闻网",),
            blocks=(("paragraph", "记者获悉，" + "补贴标准有了新的规定。" * 40 + "结尾只有全文才有。"),),
            mentions=(("cites", None, NUMBER, None, f"该文件（{NUMBER}）"),),
        ),
    )  # fmt: skip
    told.close()


EVERYTHING = Choice()
QUERIES = (
    "补贴", "光伏逆变器", "number:工信部信发〔2026〕12号", "issuer:工信部", "type:news", "50%", "validity:repealed",
    "source:miit-tz", "title:废止 OR 投资额", "NOT 补贴",
)  # fmt: skip


def exported(archive: Archive, choice: Choice = EVERYTHING) -> bytes:
    return "".join(text_lines(archive.engine, choice, NOW)).encode()


def other_archive(kind: str, tmp_path, request, clock: Moving) -> Archive:
    """An empty archive on a database of another kind or of the same."""
    if kind == "sqlite":
        engine = open_engine(f"sqlite:///{tmp_path / 'other.db'}")
        migrations.upgrade(engine)
    else:
        from sqlalchemy import create_engine, text

        server = request.getfixturevalue("postgres_server")
        admin = create_engine(server.format("postgres"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text("DROP DATABASE IF EXISTS other WITH (FORCE)"))
            connection.execute(text("CREATE DATABASE other"))
        admin.dispose()
        engine = open_engine(server.format("other"))
        migrations.upgrade(engine)
    request.addfinalizer(engine.dispose)
    return Archive(engine, SnapshotStore(tmp_path / "other-snapshots"), clock)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def other(request, tmp_path, clock) -> Archive:
    return other_archive(request.param, tmp_path, request, clock)


@pytest.fixture
def twin(request, tmp_path, clock) -> Archive:
    return other_archive("sqlite", tmp_path, request, clock)


def take(archive: Archive, data: bytes, **more):
    told = []
    result = Import(archive.engine, archive.clock, tell=told.append, **more).run(io.BytesIO(data))
    return result, told


def answers(archive: Archive) -> dict:
    """What search, show and history say, without numbers of rows other than documents', and places of bytes."""
    queries = Queries(archive.engine)
    found = {}
    for query in QUERIES:
        result = search(archive.engine, query)
        hits = [replace(hit, version_id=0) for hit in result.hits]
        found[query] = (result.count, result.count_exact, hits)
    for url in (POLICY, NOTICE, REPORT, NUMBER):
        (document,) = queries.find_documents(url)
        key = document.id
        found[url] = {
            "document": replace(document, backlog=True),
            "versions": [
                replace(row, id=0, run_id=0, snapshot=replace(row.snapshot, id=0, file="", offset=0, length=0))
                for row in queries.versions(key)
            ],
            "copies": queries.copies(key),
            "attachments": [replace(row, id=0, file="", offset=0) for row in queries.attachments(key)],
            "from": [replace(row, id=0) for row in queries.references_from(key)],
            "to": [replace(row, id=0) for row in queries.references_to(key)],
            "news": [replace(row, backlog=True) for row in queries.news_about(key)],
            "events": [
                replace(row, id=0, run_id=0, version_id=0, matched_at=None, backlog=True)
                for row in queries.events(document_id=key)
            ],
        }
    return found


def test_an_import_into_an_empty_archive_gives_the_same_answers(archive, clock, other):
    fill(archive, clock)
    data = exported(archive)
    result, told = take(other, data)
    assert (result.documents, result.skipped, result.bad, told) == (3, 0, 0, [])
    assert result.unknown == set()
    theirs, mine = answers(other), answers(archive)
    for answer in (theirs, mine):  # of news there is the excerpt alone
        for version in answer[REPORT]["versions"]:
            assert version.title == "工业互联网补贴标准提高"
        answer[REPORT]["versions"] = [replace(row, blocks=()) for row in answer[REPORT]["versions"]]
        answer["补贴"] = (answer["补贴"][:2], [(hit.document_id, hit.title) for hit in answer["补贴"][2]])
    assert theirs == mine
    assert [hit.validity for hit in theirs["number:工信部信发〔2026〕12号"][2]] == ["repealed"]
    assert [row.days_after for row in theirs[POLICY]["to"]] == [0, 0]
    assert exported(other, Choice(query="补贴")) != b""
    again, told = take(other, data)
    assert (again.documents, again.skipped) == (0, 3)
    assert told[0] == Skipped(told[0].line, told[0].title, told[0].document_id, f"the archive has {NOTICE}")


def test_what_comes_back_is_what_went_out(archive, clock, other):
    fill(archive, clock)
    take(other, exported(archive))

    def plain(data: bytes):
        for line in map(json.loads, data.splitlines()[1:]):
            if line["record"] == "document":
                line["validity"]["judged_on"] = None
            for row in (*line.get("pages", ()), *line.get("events", ())):
                row["backlog"] = True
            yield line

    for theirs, mine in zip(plain(exported(other)), plain(exported(archive)), strict=True):
        for part, rows in mine.items():
            assert theirs[part] == rows, part


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


def test_an_import_is_backlog_and_alerts_nobody(archive, clock, twin):
    fill(archive, clock)
    book = WatchBook(twin.engine, clock)
    quiet = book.add_watch("补贴", "补贴")
    asks = book.add_watch("补贴，也要旧的", "补贴", include_backlog=True)
    take(twin, exported(archive))
    events = Queries(twin.engine).events()
    assert {event.backlog for event in events} == {True}
    assert {event.kind for event in events if event.matched_at is None} == {"added"}
    assert match_pending(book) == 3
    assert {alert.watch_id for alert in book.alerts()} == {asks} != {quiet}
    assert {run.trigger for run in Queries(twin.engine).runs()} == {"import"}


def test_a_document_known_by_its_number_is_not_doubled(archive, clock, twin):
    fill(archive, clock)
    crawl = Crawl(twin, clock)
    crawl.page("https://wap.miit.gov.cn/other/12.html", reading(doc_number="工信部信发[2026]12号"))
    crawl.close()
    result, told = take(twin, exported(archive))
    assert (result.documents, result.skipped, result.bad) == (2, 1, 0)
    (skipped,) = told
    assert skipped.document_id == 1
    assert skipped.why == "the archive has 工信部信发[2026]12号 of 工业和信息化部"
    references = Queries(twin.engine).references_to(1)
    assert {row.relation for row in references} == {"repeals", "cites"}
    (hit,) = search(twin.engine, "wap OR title:补贴办法 type:policy").hits[:1]
    assert (hit.document_id, hit.validity) == (1, "repealed")


def test_what_was_erased_does_not_come_back_by_an_import(archive, clock):
    fill(archive, clock)
    out = exported(archive)
    archive.snapshots.close()
    erase(archive, 1, "个人信息")
    result, told = take(archive, out)
    assert (result.documents, result.skipped) == (0, 3)
    assert (1, "it was erased here") in {(one.document_id, one.why) for one in told}


def test_a_later_crawl_of_what_was_imported_finds_it_unchanged(archive, clock, twin):
    fill(archive, clock)
    take(twin, exported(archive))
    clock.forward(days=1)
    crawl = Crawl(twin, clock)
    blocks = changed(3, "第三条　对符合条件的企业给予补贴，补贴标准不超过投资额的50%。")
    again = reading(blocks=blocks, attachments=(("附件.pdf", f"{SITE}/附件.pdf", "补贴目录", "pdf"),))
    assert crawl.page(POLICY, again).outcome is Outcome.SAME
    version = Queries(twin.engine).versions(crawl.page(POLICY, again).document_id)[-1]
    kept = version.snapshot
    assert hashlib.sha256(twin.snapshots.load(kept.file, kept.offset, kept.digest)).hexdigest() == kept.digest
    assert crawl.page(POLICY, reading(blocks=changed(3, "第三条　停止补贴。"))).outcome is Outcome.CHANGED


def test_numbers_of_persons_are_masked_as_in_what_is_crawled(archive, clock, twin):
    first_run(archive, clock)
    person = changed(2, "第二条　联系人张三，身份证号11010519491231002X，手机13912345678，负责本办法的解释工作。")
    crawl = Crawl(archive, clock)
    crawl.page(POLICY, reading(blocks=person))
    crawl.close()
    assert b"11010519491231002X" in exported(archive)
    take(twin, exported(archive), mask=True)
    left = exported(twin).decode()
    assert "11010519491231002X" not in left
    assert "13912345678" not in left
    assert "身份证号110***************，手机139********" in left
    assert search(twin.engine, "13912345678").count == 0
    masking = Archive(twin.engine, twin.snapshots, clock, mask=True)
    clock.forward(days=1)
    assert Crawl(masking, clock).page(POLICY, reading(blocks=person)).outcome is Outcome.UPGRADED


def test_a_copy_of_what_was_imported_is_found_by_its_text(archive, clock, twin):
    fill(archive, clock)
    take(twin, exported(archive))
    with reading_session(archive.engine) as mine, reading_session(twin.engine) as theirs:
        query = select(Fingerprint.document_id, Fingerprint.hash).where(Fingerprint.document_id != 3)  # news is cut
        wanted = sorted(tuple(row) for row in mine.execute(query))
        assert len(wanted) > 0
        assert sorted(tuple(row) for row in theirs.execute(query)) == wanted


def test_a_newer_extractor_meets_what_was_imported_without_its_bytes(archive, clock, twin):
    fill(archive, clock)
    take(twin, exported(archive))
    clock.forward(days=1)
    newer = Archive(twin.engine, twin.snapshots, clock, reader=lambda _: reading(extractor_version="2"))
    crawl = Crawl(newer, clock)
    links = (("附件.pdf", f"{SITE}/附件.pdf", "补贴目录", "pdf"),)
    same = changed(3, "第三条　对符合条件的企业给予补贴，补贴标准不超过投资额的50%。")
    assert crawl.page(POLICY, reading(extractor_version="2", blocks=same, attachments=links)).outcome is Outcome.SAME
    other = reading(extractor_version="2", blocks=changed(3, "第三条　停止补贴。"), attachments=links)
    assert crawl.page(POLICY, other).outcome is Outcome.CHANGED


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda line: line["document"].update(published="2026-13-01"),
         "document.published: expected a date, as 2026-03-02, found '2026-13-01'"),
        (lambda line: line["document"].update(state="gone"),
         "document.state: expected one of current, missing, withdrawn, found 'gone'"),
        (lambda line: line["pages"][0].update(url="file:///etc/passwd"),
         "pages[0].url: expected a URL of http or https, found 'file:///etc/passwd'"),
        (lambda line: line["readings"][0].update(blocks=[["paragraph"]]),
         "readings[0].blocks: expected a list of lists of 2, found [['paragraph']]"),
        (lambda line: line["versions"][0].update(reading=9), "versions[0].reading: expected a place from 0 to"),
        (lambda line: line["versions"].clear(), "versions: expected seq 1 to"),
        (lambda line: line["pages"].extend(line["pages"]), "pages: expected one that is_original"),
        (lambda line: line["document"].update(source_id="nobody"), "source_id: expected a source of an earlier line"),
        (lambda line: line.update(record="memo"), "record: expected document or source, found 'memo'"),
        (lambda line: line["snapshots"][0].update(bytes=10**30), "snapshots[0].bytes: expected a whole number"),
        (lambda line: line.pop("events"), "events: expected a list, found nothing"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_bad_line_is_told_and_nothing_of_it_is_kept(archive, clock, twin, change, problem):
    fill(archive, clock)
    lines = exported(archive).splitlines()
    at = next(number for number, line in enumerate(lines) if NUMBER in line.decode() and b'"record":"document"' in line
              and json.loads(line)["document"]["number"] == NUMBER)  # fmt: skip
    line = json.loads(lines[at])
    change(line)
    lines[at] = json.dumps(line).encode()
    result, told = take(twin, b"\n".join(lines))
    assert (result.documents, result.bad) == (2, 1)
    assert isinstance(told[0], Bad)
    assert told[0].line == at + 1
    assert problem in told[0].problem
    assert Queries(twin.engine).find_documents(POLICY) == []
    whole, _ = take(twin, exported(archive))
    assert (whole.documents, whole.skipped) == (1, 2)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("data", "found"),
    [(b"", "nothing"), (b"not json\n", "expected JSON"), (b"\xff\n", "expected UTF-8"), (b"[1]\n", "an object"),
     (b'{"record":"export","format":"policy-crawler-export","version":2}\n', "found version 2")],
)  # fmt: skip
def test_a_file_that_is_no_export_is_refused(archive, data, found):
    with pytest.raises(OperatorError, match="expected an export of version 1 on line 1") as caught:
        take(archive, data)
    assert found in str(caught.value)


def test_an_import_that_was_cut_off_goes_on(archive, clock, twin):
    fill(archive, clock)
    data = exported(archive)
    half = data[: len(data) * 2 // 3]
    result, told = take(twin, half)
    assert (result.bad, len(told)) == (1, 1)
    assert result.documents < 3
    rest, _ = take(twin, data)
    assert (rest.documents + result.documents, rest.skipped) == (3, result.documents)
    assert [row.relation for row in Queries(twin.engine).references_to(2 if result.documents else 1)] != []


def test_fields_of_a_newer_release_are_left_out_and_named(archive, clock, twin):
    fill(archive, clock)
    lines = [json.loads(line) for line in exported(archive).splitlines()]
    for line in lines:
        if line["record"] == "document":
            line["document"]["mood"] = "good"
    result, _ = take(twin, "\n".join(json.dumps(line) for line in lines).encode())
    assert (result.documents, result.unknown) == (3, {"document.mood"})


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


def test_what_a_run_brought_is_in_its_counts(archive, clock, twin):
    fill(archive, clock)
    take(twin, exported(archive), name="all.jsonl")
    with reading_session(twin.engine) as session:
        runs = {run.source_id: run for run in session.scalars(select(Run))}
        assert {key: run.counts for key, run in runs.items()} == {MIIT.id: {"added": 2}, NEWS.id: {"added": 1}}
        assert {run.reason for run in runs.values()} == {"read from all.jsonl"}
        assert session.scalar(select(Document.first_run_id).where(Document.source_id == NEWS.id)) == runs[NEWS.id].id
