"""What leaves an archive comes into another, on either database, and answers alike there."""

import hashlib
import json
from dataclasses import replace

import pytest
from sqlalchemy import select
from support.archives import MIIT, NEWS, Crawl, changed, first_run, reading
from support.exchange import (
    NOTICE,
    NUMBER,
    POLICY,
    REPORT,
    SITE,
    answers,
    exported,
    fill,
    take,
)

from schedules.watches import match_pending
from storage.archive import Archive
from storage.engine import reading as reading_session
from storage.erasing import erase
from storage.errors import OperatorError
from storage.exchange.choosing import Choice
from storage.exchange.importing import Bad, Skipped
from storage.models import Document, Fingerprint, Run
from storage.queries import Queries
from storage.records import Outcome
from storage.search import search
from storage.watching import WatchBook


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


def test_what_a_run_brought_is_in_its_counts(archive, clock, twin):
    fill(archive, clock)
    take(twin, exported(archive), name="all.jsonl")
    with reading_session(twin.engine) as session:
        runs = {run.source_id: run for run in session.scalars(select(Run))}
        assert {key: run.counts for key, run in runs.items()} == {MIIT.id: {"added": 2}, NEWS.id: {"added": 1}}
        assert {run.reason for run in runs.values()} == {"read from all.jsonl"}
        assert session.scalar(select(Document.first_run_id).where(Document.source_id == NEWS.id)) == runs[NEWS.id].id
