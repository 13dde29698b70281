"""What becomes of an item on its way to the archive."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from scrapy.exceptions import DropItem

from policy_crawler.catalog import load_catalog
from policy_crawler.config import Home
from policy_crawler.items import AttachmentItem, FetchedResponse, PageItem
from policy_crawler.judgement import End, Judgement
from policy_crawler.pipelines import (
    ArchivePipeline,
    DeduplicatePipeline,
    NormalisePipeline,
    ValidatePipeline,
)
from policy_crawler.pipelines.ledger import Ledger
from policy_crawler.reading.model import AttachmentLink, Block, PageState, Reading
from storage.clock import Clock

URL = "https://www.miit.gov.cn/art/2026/art_1.html"
NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)
READING = Reading(
    url=URL,
    state=PageState.DOCUMENT,
    state_reason="",
    charset="utf-8",
    family="jpaas",
    title="\u3000关于开展\xa0专项行动的通知\u200b ",
    issuer=" 工业和信息化部 办公厅",
    doc_number="工信厅科函〔2026〕 1号",
    kind="  ",
    published=date(2026, 11, 20),
    blocks=(Block("paragraph", "现就有关事项通知如下，请认真贯彻执行。"),),
    attachments=(
        AttachmentLink("./1.pdf", "https://www.miit.gov.cn/a/1.pdf", " 附件1 ", "pdf"),
        AttachmentLink("./1.pdf#page=2", "https://www.miit.gov.cn/a/1.pdf#page=2", "附件1", "pdf"),
        AttachmentLink("javascript:void(0)", "javascript:void(0)", "下载", "pdf"),
        AttachmentLink("./2.doc", "https://www.miit.gov.cn/a/2.doc", "", "doc"),
    ),
)


def answer(url=URL, body=b"<html></html>", status=200):
    return FetchedResponse(url, url, status, (), body, NOW, "11.0.0.1", truncated=False, tls_verified=True)


def page(reading=READING, **changes):
    return replace(PageItem("miit-wjfb-tz", "document", answer(), reading), **changes)


@pytest.fixture
def ledger(home):
    ledger = Ledger.open(Home.find(), Clock(NOW - datetime.now(UTC)))
    ledger.begin(load_catalog().get("miit-wjfb-tz"), "manual")
    return ledger


def test_normalise_gives_one_form():
    reading = NormalisePipeline().process_item(page()).reading
    assert (reading.title, reading.issuer) == ("关于开展 专项行动的通知", "工业和信息化部 办公厅")
    assert (reading.doc_number, reading.kind) == ("工信厅科函〔2026〕 1号", None)
    assert [(link.url, link.name) for link in reading.attachments] == [
        ("https://www.miit.gov.cn/a/1.pdf", "附件1"),
        ("https://www.miit.gov.cn/a/2.doc", "./2.doc"),
    ]
    assert NormalisePipeline().process_item(page(None)).reading is None


def test_a_date_of_publication_yet_to_come_is_not_taken(ledger):
    validate = ValidatePipeline(ledger)
    assert validate.process_item(page()).reading.published == date(2026, 11, 20)
    for late in (date(2027, 1, 1), datetime(2027, 1, 1, 8, tzinfo=UTC)):
        assert validate.process_item(page(replace(READING, published=late))).reading.published is None


def test_what_cannot_be_archived_is_dropped(ledger):
    validate = ValidatePipeline(ledger)
    with pytest.raises(DropItem, match="expected an http"):
        validate.process_item(page(response=answer("ftp://www.miit.gov.cn/1.html")))
    with pytest.raises(DropItem, match="the file is empty"):
        validate.process_item(AttachmentItem("x", URL, "./1.pdf", "附件", "pdf", answer(body=b"")))


def test_nothing_is_recorded_twice_in_a_run(ledger):
    once = DeduplicatePipeline(ledger)
    file = AttachmentItem(
        "miit-wjfb-tz", URL, "./1.pdf", "附件", "pdf", answer("https://www.miit.gov.cn/a/1.pdf", b"1")
    )
    assert once.process_item(page()) == page()
    assert once.process_item(file) == file
    for item in (page(), page(response=answer(URL.replace("https", "http"))), file):
        with pytest.raises(DropItem, match="in this run"):
            once.process_item(item)
    assert once.process_item(replace(file, document_url=URL + "?2"))  # two documents may share a file


def test_the_archive_answers_what_it_made_of_it(ledger):
    archived = ArchivePipeline(ledger).process_item(NormalisePipeline().process_item(page()))
    assert (archived.outcome, archived.title) == ("added", "关于开展 专项行动的通知")
    again = ArchivePipeline(ledger).process_item(page())
    assert (again.outcome, again.document_id) == ("same", archived.document_id)
    blocked = ArchivePipeline(ledger).process_item(page(None, response=answer(status=503)))
    assert blocked.outcome == "blocked"
    assert ledger.counts == {"added": 1, "same": 1, "blocked": 1}


def test_a_run_closes_once_with_its_counts(ledger):
    ledger.count("requests", 3)
    summary = ledger.end(Judgement(End.PARTIAL, "truncated"))
    assert (summary.verdict.value, summary.reason, summary.counts) == ("partial", "truncated", {"requests": 3})


def test_a_hold_is_remembered_and_ends(ledger, home):
    until = NOW + timedelta(hours=2)
    ledger.hold("www.miit.gov.cn", until)
    ledger.hold("www.miit.gov.cn", until + timedelta(hours=1))
    other = Ledger.open(Home.find(), ledger.clock)
    assert other.held_until("www.miit.gov.cn") == until + timedelta(hours=1)
    assert other.held_until("www.ndrc.gov.cn") is None
    assert Ledger.open(Home.find(), ledger.clock.moved(timedelta(hours=4))).held_until("www.miit.gov.cn") is None
