"""A reading in the archive's terms: nothing that it knows is lost on the way."""

from datetime import UTC, date, datetime

from policy_crawler.pipelines.convert import KEPT, reading_record
from policy_crawler.reading import EXTRACTOR_VERSION
from policy_crawler.reading.model import Evidence, PageState, Reading
from storage.clock import CHINA


def reading(**fields):
    return Reading("https://www.miit.gov.cn/1.html", PageState.DOCUMENT, "", "utf-8", "jpaas", **fields)


def test_the_organ_whose_number_it_is_has_its_code():
    record = reading_record(
        reading(
            issuers=("财政部", "工信部"), organs=("财政部", "工业和信息化部"), number_normal="工信部联信管〔2026〕12号"
        )
    )
    assert record.organs == (("财政部", None), ("工业和信息化部", "工信部联信管"))
    assert record.number_normal == "工信部联信管〔2026〕12号"


def test_a_ministry_and_its_office_are_one_organ():
    record = reading_record(reading(organs=("工业和信息化部", "工业和信息化部"), number_normal="工信厅科函〔2026〕1号"))
    assert record.organs == (("工业和信息化部", "工信厅科函"),)


def test_a_number_without_a_code_gives_none():
    for number in (None, "国务院令第743号", "不知哪〔2026〕1号"):
        record = reading_record(reading(organs=("国务院",), number_normal=number))
        assert record.organs == (("国务院", None),)


def test_a_deadline_is_a_day_and_where_the_page_says_so_a_moment():
    assert reading_record(reading(deadline=date(2026, 12, 20))).deadline == date(2026, 12, 20)
    record = reading_record(reading(deadline=datetime(2026, 12, 20, 0, 30, tzinfo=CHINA)))
    assert record.deadline == date(2026, 12, 20)
    assert record.deadline_at == datetime(2026, 12, 19, 16, 30, tzinfo=UTC)


def test_pictures_and_what_else_the_page_says_are_kept():
    others = (("别的标题", Evidence("meta og:title", 0.6)),)
    days = ((date(2026, 3, 1), Evidence("meta PubDate", 0.5)),)
    record = reading_record(reading(images_carry_text=True, alternatives={"title": others, "published": days}))
    assert record.images_carry_text
    assert record.alternatives == {
        "title": (("别的标题", "meta og:title", 0.6),),
        "published": (("2026-03-01", "meta PubDate", 0.5),),
    }


def test_what_the_archive_keeps_is_part_of_the_extractors_version():
    assert reading_record(reading()).extractor_version == f"{EXTRACTOR_VERSION}-{KEPT}"
