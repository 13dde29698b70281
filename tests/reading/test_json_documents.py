"""Documents served as JSON: details of four services and rows of lists, written after the real answers."""

import json
from datetime import date, datetime
from typing import Any

import pytest

from policy_crawler.reading import read
from policy_crawler.reading.dates import CHINA
from policy_crawler.reading.model import DocumentType, PageState, Reading

URL = "https://www.example.gov.cn/api/detail.json"
TEXT = (
    "<p>第一条 为规范金融机构产品适当性管理，保护金融消费者合法权益，制定本办法。</p>"
    "<p>第二条 本办法自印发之日起施行。</p>"
)

NFRA = {
    "rptCode": 200,
    "data": {
        "docId": 1230000,
        "docTitle": "关于印发适当性管理办法",
        "docSubtitle": "国家金融监督管理总局关于印发金融机构产品适当性管理办法的通知",
        "docClob": f'<html><head><style>p{{}}</style></head><body><div class="Section0">{TEXT}'
        "<p>国家金融监督管理总局</p><p>2026年11月18日</p></div></body></html>",
        "documentNo": "金规〔2026〕18号",
        "indexNo": "717804719-2026-118",
        "docSource": "法规司",
        "publishDate": "2026-11-20 17:30:00",
        "pdfFileUrl": "/cn/static/data/file/1.pdf",
        "attachmentInfoVOList": [{"title": "附表.xls", "urlOtherName": "/chinese/docfile/2026/fubiao.xls"}],
    },
}
FLK = {
    "code": 200,
    "data": {
        "bbbs": "ff8081819a",
        "title": "中华人民共和国海洋环境保护法",
        "flxz": "法律",
        "gbrq": "2026-10-24",
        "sxrq": "2027-01-01",
        "sxx": 4,
        "zdjgName": "全国人民代表大会常务委员会",
        "content": [
            {
                "title": "第一章　总则",
                "children": [{"title": "第一条", "content": "为了保护和改善海洋环境，保护海洋资源，制定本法。"}],
            }
        ],
    },
}
FLCAW = {"flxxmc": "某某法（修订草案）", "tsy": TEXT, "ksrq": "2026-10-28", "jsrq": "2026-11-26"}
RULE = {
    "code": 200,
    "data": {"ruleId": "9", "title": "重庆市供水管理办法", "content": TEXT, "publicationDate": "2026-09-01"},
}
ROW = {
    "title": "黑龙江省供水条例",
    "url": "/hlj/c107923/202611/c00_31870000.shtml",
    "publishedTime": 1795136400000,
    "publishedTimeStr": "2026-11-20 09:00:00",
    "contentHtml": TEXT,
    "resList": [{"filePath": "/hlj/files/1.docx", "title": "附件1.docx"}],
    "domainMetaList": [
        {
            "resultList": [
                {"key": "refno", "name": "文号", "value": "黑政规〔2026〕3号"},
                {"key": "writedate", "name": "成文日期", "value": "2026-11-18"},
                {"key": "aging", "name": "时效性", "value": "有效"},
            ]
        }
    ],
}
POST = {"id": 7, "date": "2026-11-20T10:00:00", "title": {"rendered": "某某发布"}, "content": {"rendered": TEXT}}


def reading_of(document: Any) -> Reading:
    return read(json.dumps(document, ensure_ascii=False).encode(), URL, content_type="application/json")


def source(reading: Reading, field: str) -> str:
    return reading.evidence[field].source


def test_nfra_details_are_read_from_their_keys() -> None:
    reading = reading_of(NFRA)
    assert (reading.state, reading.family) == (PageState.DOCUMENT, "nfra")
    assert reading.title == "国家金融监督管理总局关于印发金融机构产品适当性管理办法的通知"
    assert reading.doc_number == "金规〔2026〕18号"
    assert reading.index_number == "717804719-2026-118"
    assert reading.written == date(2026, 11, 18)
    assert reading.published == datetime(2026, 11, 20, 17, 30, tzinfo=CHINA)
    assert [block.role for block in reading.blocks][:2] == ["article", "article"]
    assert reading.reprinted_from is None  # docSource is a department of the house
    assert source(reading, "title") == "key docSubtitle"
    assert source(reading, "doc_number") == "key documentNo"
    assert source(reading, "published") == "key publishDate"
    assert source(reading, "body") == "key docClob"
    # The text is there, so its PDF is no attachment; what hangs on it is.
    assert [(file.url, file.type) for file in reading.attachments] == [
        ("https://www.example.gov.cn/chinese/docfile/2026/fubiao.xls", "xls")
    ]


def test_an_nfra_document_without_text_is_its_file() -> None:
    reading = reading_of({"data": {**NFRA["data"], "docClob": None, "attachmentInfoVOList": None}})
    assert [file.url for file in reading.attachments] == ["https://www.example.gov.cn/cn/static/data/file/1.pdf"]
    assert reading.state is PageState.DOCUMENT


def test_laws_say_whether_they_are_in_force() -> None:
    reading = reading_of(FLK)
    assert (reading.title, reading.family) == ("中华人民共和国海洋环境保护法", "flk")
    assert reading.issuer == "全国人民代表大会常务委员会"
    assert (reading.published, reading.effective) == (date(2026, 10, 24), date(2027, 1, 1))
    assert (reading.validity, source(reading, "validity")) == ("尚未生效", "key sxx")
    assert reading.blocks[0].text == "第一章 总则"
    assert "保护海洋资源" in (reading.body or "")


@pytest.mark.parametrize(("number", "words"), [(1, "已废止"), ("2", "已修改"), (3, "有效"), (9, None)])
def test_the_numbers_of_validity(number: int | str, words: str | None) -> None:
    assert reading_of({"data": {**FLK["data"], "sxx": number}}).validity == words


def test_drafts_of_laws_are_consultations_with_a_deadline() -> None:
    reading = reading_of(FLCAW)
    assert reading.type is DocumentType.CONSULTATION
    assert (reading.published, reading.deadline) == (date(2026, 10, 28), date(2026, 11, 26))
    assert source(reading, "deadline") == "key jsrq"


def test_rules_of_chongqing() -> None:
    reading = reading_of(RULE)
    assert (reading.title, reading.published, reading.family) == ("重庆市供水管理办法", date(2026, 9, 1), "gzk")
    assert len(reading.blocks) == 2


def test_a_row_of_a_list_is_a_document() -> None:
    reading = reading_of(ROW)
    assert (reading.title, reading.family) == ("黑龙江省供水条例", "ucap-row")
    assert (reading.doc_number, reading.written, reading.validity) == ("黑政规〔2026〕3号", date(2026, 11, 18), "有效")
    assert reading.published == datetime(2026, 11, 20, 9, tzinfo=CHINA)
    assert [file.name for file in reading.attachments] == ["附件1.docx"]
    assert source(reading, "doc_number").endswith("refno")


def test_a_row_without_a_text_of_its_date_has_its_moment() -> None:
    row = {name: value for name, value in ROW.items() if name != "publishedTimeStr"}
    assert reading_of(row).published == datetime(2026, 11, 20, 9, tzinfo=CHINA)


def test_a_post_of_wordpress() -> None:
    reading = reading_of(POST)
    assert (reading.title, reading.family) == ("某某发布", "wordpress")
    assert len(reading.blocks) == 2


@pytest.mark.parametrize("document", [{"code": 404, "msg": "数据不存在"}, [], [1, 2], {"data": {"rows": [ROW]}}])
def test_other_json_is_no_document(document: Any) -> None:
    reading = reading_of(document)
    assert (reading.state, reading.title, reading.blocks) == (PageState.EMPTY, None, ())


def test_a_refusal_in_json_is_one() -> None:
    assert reading_of({"code": -1, "msg": "您的访问过于频繁，请稍后再试"}).state is PageState.BLOCKED


def test_a_page_that_begins_with_a_bracket_is_a_page() -> None:
    page = "[网站首页]<h1>关于做好供水工作的通知</h1><div id='zoom'>" + TEXT + "</div>"
    assert read(page.encode(), URL, content_type="text/html").title == "关于做好供水工作的通知"


def test_words_are_never_markup() -> None:
    row = {**ROW, "title": "关于&lt;<em>试行</em>&gt;的通知", "contentHtml": "第一行文字\n\n第二行 a < b 文字"}
    reading = reading_of(row)
    assert reading.title == "关于<试行>的通知"
    assert [block.text for block in reading.blocks] == ["第一行文字", "第二行 a < b 文字"]


def test_a_law_without_its_text_is_its_file() -> None:
    reading = reading_of({"data": {**FLK["data"], "content": None}})
    (file,) = reading.attachments
    assert file.url == "https://www.example.gov.cn/law-search/download/pc?format=docx&bbbs=ff8081819a&fileId="
    assert (file.type, file.name) == ("docx", "中华人民共和国海洋环境保护法.docx")
    assert reading_of(FLK).attachments == ()
