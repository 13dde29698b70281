"""The texts of files over time: only another text is a change, and it is told once."""

import hashlib
from dataclasses import replace

import pytest
from sqlalchemy import Engine
from support.archives import Crawl, Moving, capture, changed, reading

from storage.archive import Archive
from storage.pictures import Pictures
from storage.queries import Queries
from storage.records import FileRecord, Outcome, Recorded
from storage.search import parse, search
from storage.watching import WatchBook

PAGE = "https://www.miit.gov.cn/art/1.html"
FILE = "https://www.miit.gov.cn/files/a.pdf"
LINK = ("/files/a.pdf", FILE, "申报指南", "pdf")
TEXT = (
    "第一条 本指南适用于工业互联网平台的补贴申报，由省级主管部门受理。\n第二条 每个平台的补贴不超过二百万元。\n"
    "附表\n序号\t名称\t金额\n1\t甲平台\t200\n2\t乙平台\t150"
)


class Files:
    """Fetches the one file of the document, each time as its bytes and text are then."""

    def __init__(self, archive: Archive, crawl: Crawl, clock: Moving) -> None:
        self.archive, self.crawl, self.clock = archive, crawl, clock

    def fetch(
        self, body: bytes, text: str, *, state: str = "text", extractor: str = "1", record: FileRecord | None = None
    ) -> Recorded:
        record = record or FileRecord(extractor, "pdf", state, "", text, ((0, "page 1"),) if text else ())
        file = capture(FILE, body, clock=self.clock, headers=(("Content-Type", "application/pdf"),))
        return self.archive.record_attachment(self.crawl.run_id, PAGE, LINK[0], LINK[2], LINK[3], file, record)


@pytest.fixture
def crawl(archive: Archive, clock: Moving) -> Crawl:
    found = Crawl(archive, clock)
    found.page(PAGE, reading(attachments=(LINK,)))
    return found


@pytest.fixture
def files(archive: Archive, crawl: Crawl, clock: Moving) -> Files:
    return Files(archive, crawl, clock)


@pytest.fixture
def queries(engine: Engine) -> Queries:
    return Queries(engine)


def kinds(queries: Queries) -> list[str]:
    return [event.kind for event in queries.events(state=None)]


def test_a_file_is_kept_with_its_text_and_its_places(files: Files, queries: Queries) -> None:
    document_id = files.fetch(b"%PDF one", TEXT).document_id or 0
    (row,) = queries.attachments(document_id)
    assert (row.kind, row.text_state, row.text, row.text_places) == ("pdf", "text", TEXT, ((0, "page 1"),))


def test_files_stand_in_the_order_of_their_page_whichever_came_first(
    archive: Archive, crawl: Crawl, files: Files, clock: Moving, queries: Queries
) -> None:
    document_id = files.fetch(b"%PDF one", TEXT).document_id or 0
    for place in (3, 2):
        picture = capture(f"https://www.miit.gov.cn/files/{place}.png", b"\x89PNG%d" % place, clock=clock)
        archive.record_attachment(
            crawl.run_id, PAGE, f"{place}.png", f"图{place}", "png", picture, None, position=place
        )  # fmt: skip
    assert [row.name for row in queries.attachments(document_id)] == ["申报指南", "图2", "图3"]


def test_other_bytes_with_the_same_text_are_a_version_of_the_file_and_nothing_to_tell(
    files: Files, queries: Queries
) -> None:
    document_id = files.fetch(b"%PDF one", TEXT).document_id or 0
    again = files.fetch(b"%PDF two", TEXT.replace("，", " ，").replace("本指南适用于工业", "本指南\n适用于工业"))
    assert (again.outcome, again.changes) == (Outcome.SAME, ())
    (row,) = queries.attachments(document_id)
    assert row.versions == 2
    assert kinds(queries) == ["added"]


def test_another_text_changes_the_document_by_its_clause(
    files: Files, crawl: Crawl, archive: Archive, clock: Moving, queries: Queries
) -> None:
    document_id = files.fetch(b"%PDF one", TEXT).document_id or 0
    crawl.close()
    files.crawl = Crawl(archive, clock)
    after = files.fetch(b"%PDF two", TEXT.replace("二百万元", "三百万元").replace("150", "180"))
    assert after.outcome is Outcome.CHANGED
    event = queries.events(state=None)[-1]
    assert (event.kind, event.document_id, event.state) == ("changed", document_id, "staged")
    assert "申报指南" in event.reason
    assert [(change.label, change.operation) for change in event.changes] == [
        ("附件《申报指南》第二条", "changed"), ("附件《申报指南》附表第3行（乙平台）", "changed"),
    ]  # fmt: skip
    assert [row.seq for row in queries.versions(document_id)] == [1, 2]
    assert event.version_id == after.version_id
    # The next change is a version of its own again, so that an alert a version tells each.
    files.fetch(b"%PDF three", TEXT.replace("二百万元", "四百万元"))
    assert len([kind for kind in kinds(queries) if kind == "changed"]) == 1  # one run tells one change
    files.crawl.close()
    files.crawl = Crawl(archive, clock)
    files.fetch(b"%PDF four", TEXT.replace("二百万元", "五百万元"))
    assert [row.seq for row in queries.versions(document_id)] == [1, 2, 3]
    assert kinds(queries) == ["added", "changed", "changed"]


def test_a_page_and_its_file_that_change_in_one_run_are_one_change(
    files: Files, crawl: Crawl, queries: Queries
) -> None:
    document_id = files.fetch(b"%PDF one", TEXT).document_id or 0
    crawl.page(PAGE, reading(attachments=(LINK,), blocks=changed(1, "第二条　补贴标准另行通知。")))
    files.fetch(b"%PDF two", TEXT.replace("二百万元", "三百万元"))
    assert kinds(queries) == ["added", "changed"]
    labels = [change.label for change in queries.events(state=None)[-1].changes]
    assert labels[-1] == "附件《申报指南》第二条"
    assert len(labels) >= 2
    assert [row.seq for row in queries.versions(document_id)] == [1, 2]


def test_two_servers_out_of_step_make_one_change_at_most(files: Files, queries: Queries) -> None:
    files.fetch(b"%PDF one", TEXT)
    files.fetch(b"%PDF two", TEXT.replace("二百万元", "三百万元"))
    for body, text in ((b"%PDF one again", TEXT), (b"%PDF two again", TEXT.replace("二百万元", "三百万元"))):
        assert files.fetch(body, text).outcome is Outcome.SAME
    assert kinds(queries).count("changed") == 1


@pytest.mark.parametrize(("state", "text"), [("scanned", ""), ("encrypted", ""), ("damaged", "")])
def test_a_file_that_lost_its_words_is_no_change_of_text(files: Files, queries: Queries, state: str, text: str) -> None:
    files.fetch(b"%PDF one", TEXT)
    assert files.fetch(b"%PDF two", text, state=state).outcome is Outcome.CHANGED
    assert kinds(queries) == ["added"]


def test_a_better_reader_tells_nobody(files: Files, queries: Queries) -> None:
    document_id = files.fetch(b"%PDF one", TEXT).document_id or 0
    assert files.fetch(b"%PDF one", TEXT + "\n脚注", extractor="2").outcome is Outcome.UPGRADED
    files.fetch(b"%PDF two", TEXT + "\n脚注\n页眉", extractor="3")  # bytes and reader differ: not comparable
    assert kinds(queries) == ["added"]
    assert queries.attachments(document_id)[0].text.endswith("页眉")


def test_old_bytes_are_read_anew_before_a_newer_readers_text_is_compared(
    files: Files, archive: Archive, queries: Queries
) -> None:
    files.fetch(b"%PDF one", TEXT)
    better = FileRecord("2", "pdf", "text", "", TEXT + "\n脚注")
    asked = []

    def read_anew(payload: bytes, name: str, type_: str) -> FileRecord:
        asked.append((payload, name, type_))
        return better

    archive._file_reader = read_anew
    assert files.fetch(b"%PDF two", TEXT + "\n脚注", extractor="2").outcome is Outcome.SAME
    assert asked == [(b"%PDF one", "申报指南", "pdf")]
    changed_text = TEXT.replace("二百万元", "三百万元") + "\n脚注"
    assert files.fetch(b"%PDF three", changed_text, extractor="2").outcome is Outcome.CHANGED
    assert kinds(queries) == ["added", "changed"]


def test_a_file_whose_bytes_and_reader_are_known_need_not_be_read(files: Files, archive: Archive) -> None:
    files.fetch(b"%PDF one", TEXT)
    assert not archive.knows_file(PAGE, FILE, hashlib.sha256(b"%PDF two").hexdigest(), "1")
    digest = hashlib.sha256(b"%PDF one").hexdigest()
    assert archive.knows_file(PAGE, FILE, digest, "1")
    assert not archive.knows_file(PAGE, FILE, digest, "2")


def test_a_watch_sees_the_words_of_the_files(files: Files, crawl: Crawl, engine: Engine, clock: Moving) -> None:
    files.fetch(b"%PDF one", TEXT)
    crawl.close()
    (event,) = WatchBook(engine, clock).unmatched_events()
    assert event.text is not None
    (hit,) = parse("乙平台").matches(event.text) or ()
    assert (hit.place, "乙平台" in (hit.excerpt or "")) == ("attachment", True)


def test_a_document_is_found_by_the_words_of_its_files(files: Files, engine: Engine) -> None:
    assert search(engine, "乙平台").count == 0
    document_id = files.fetch(b"%PDF one", TEXT).document_id
    (hit,) = search(engine, '"乙平台" NOT 丙平台').hits
    assert hit.document_id == document_id
    start, end = hit.snippet.highlights[0]
    assert hit.snippet.text[start:end] == "乙平台"
    files.fetch(b"%PDF two", TEXT.replace("乙平台", "丙平台"))
    assert (search(engine, "乙平台").count, search(engine, "丙平台").count) == (0, 1)


def scanned(text: str, waiting: int, *, sure: int | None = None, own: str = "") -> FileRecord:
    """A scan of which OCR read `text` after the words `own` of its first page."""
    places = ((0, "page 1"), (len(own) + 1, f"page 2, OCR {sure} %")) if own else ((0, f"page 1, OCR {sure} %"),)
    state = "scanned" if waiting or not text else "text"
    words = f"{own}\n{text}" if own and text else own or text
    return FileRecord(
        "1", "pdf", state, "", words, places if text else (), waiting=waiting, confidence=sure,
        recognised=((text, 0.9),) if text else (),
    )  # fmt: skip


@pytest.fixture
def pictures(engine: Engine, archive: Archive) -> Pictures:
    return Pictures(engine, archive.snapshots)


def test_a_scan_waits_and_its_words_arrive_as_an_upgrade_that_search_finds(
    files: Files, crawl: Crawl, engine: Engine, queries: Queries, pictures: Pictures
) -> None:
    document_id = files.fetch(b"%PDF scan", "", record=scanned("", 3)).document_id or 0
    crawl.close()
    (file,) = pictures.waiting(10)
    assert (file.document_id, file.waiting, file.name, file.recognised) == (document_id, 3, "申报指南", ())
    assert pictures.load(file).payload == b"%PDF scan"
    assert pictures.waiting(10, "another-source") == []

    assert pictures.keep(file, scanned("第一页乙平台", 2, sure=93))
    (file,) = pictures.waiting(10)
    assert (file.waiting, file.recognised) == (2, (("第一页乙平台", 0.9),))
    assert pictures.keep(file, scanned("第一页乙平台\n第二页", 0, sure=95))
    assert (pictures.waiting(10), pictures.count()) == ([], 0)

    (row,) = queries.attachments(document_id)
    assert (row.text_state, row.ocr_confidence, row.pictures_waiting) == ("text", 95, 0)
    assert row.text_places == ((0, "page 1, OCR 95 %"),)
    assert [hit.document_id for hit in search(engine, parse("乙平台")).hits] == [document_id]
    assert kinds(queries) == ["added"]


def test_words_by_ocr_are_never_compared_and_those_beside_them_are(
    files: Files, crawl: Crawl, archive: Archive, clock: Moving, queries: Queries
) -> None:
    own = "第一条 本指南适用于工业互联网平台的补贴申报，由省级主管部门受理。"
    files.fetch(b"%PDF one", "", record=scanned("扫描的内容", 0, sure=90, own=own))
    crawl.close()
    files.crawl = Crawl(archive, clock)
    again = files.fetch(b"%PDF two", "", record=scanned("扫猫的内客", 0, sure=80, own=own))
    assert (again.outcome, kinds(queries)) == (Outcome.SAME, ["added"])
    after = files.fetch(b"%PDF three", "", record=scanned("扫描的内容", 0, sure=90, own=own.replace("省级", "市级")))
    assert after.outcome is Outcome.CHANGED
    assert [change.label for change in after.changes] == ["附件《申报指南》第一条"]


def test_a_scan_that_is_read_anew_keeps_the_words_that_ocr_read(
    files: Files, queries: Queries, pictures: Pictures
) -> None:
    document_id = files.fetch(b"%PDF scan", "", record=scanned("", 1)).document_id or 0
    (file,) = pictures.waiting(1)
    pictures.keep(file, scanned("扫描的内容", 0, sure=90))
    newer = replace(scanned("", 1), extractor_version="2")
    assert files.fetch(b"%PDF scan", "", record=newer).outcome is Outcome.UPGRADED
    (row,) = queries.attachments(document_id)
    assert (row.text, row.pictures_waiting) == ("扫描的内容", 1)
