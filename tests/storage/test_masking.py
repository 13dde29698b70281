"""Numbers of persons are masked, and no other number is. Those here are made up, with right check digits."""

import pytest
from sqlalchemy import Engine, func, select, text
from support.archives import ARTICLES, Crawl, Moving, capture, first_run, reading

from storage.archive import Archive
from storage.engine import reading as reading_session
from storage.masking import mask, mask_file, mask_reading
from storage.models import AttachmentVersion, Event, Reading
from storage.records import FileRecord, Outcome
from storage.search import search
from storage.snapshots import SnapshotStore

IDENTITY, MOBILE, CARD = "11010519491231002X", "13812345678", "6222021234567890128"
URL = "https://www.miit.gov.cn/art/1.html"


@pytest.mark.parametrize(
    ("printed", "kept"),
    [
        (f"张三，身份证号{IDENTITY}。", "张三，身份证号110***************。"),
        ("身份证号：１１０１０５１９４９１２３１００２Ｘ", "身份证号：１１０***************"),
        ("110105 19491231 002x", "110*** ******** ****"),
        (f"联系人：李四 {MOBILE}", "联系人：李四 138********"),
        ("手机+86 138-1234-5678", "手机+86 1**-****-****"),
        (f"王五\t{MOBILE}\t{CARD}", "王五\t138********\t622****************"),
        ("卡号 6222 0212 3456 7890 128", "卡号 622* **** **** **** ***"),
    ],
)
def test_numbers_of_persons_are_masked(printed: str, kept: str) -> None:
    assert mask(printed) == kept
    assert len(mask(printed)) == len(printed)
    assert mask(kept) == kept


@pytest.mark.parametrize(
    "printed",
    [
        "工信部信发〔2026〕12号，索引号000014349/2026-00012",
        "110105194912310021",  # the check character is wrong
        "11010519491331002X",  # there is no 13th month
        "统一社会信用代码：91110108551385082N，统一社会信用代码 11010519491231002X",
        f"项目代码：{IDENTITY}",
        "010-68205588，电话 68205588，12345热线，400-810-1234-5",
        f"咨询电话：{MOBILE}；监督电话 010-68205588、{MOBILE}",
        f"举报热线：{MOBILE}",
        f"投资{MOBILE}元、{MOBILE}万元，{MOBILE}.50",
        f"https://www.example.gov.cn/art/{MOBILE}.html?id={IDENTITY}",
        "6222021234567890129",  # the check digit is wrong
        f"户名：某某市财政局，开户行：某某银行，账号：{CARD}",
        "2023110512345678901234567890",
        "1380013800",
        "2026年3月1日至2026年12月31日，共1234567890123件",
    ],
)
def test_other_numbers_stay(printed: str) -> None:
    assert mask(printed) == printed


def test_a_reading_is_masked_wherever_a_text_stands() -> None:
    said = f"联系人手机{MOBILE}"
    record = mask_reading(
        reading(
            title=said, author=said, blocks=(("paragraph", said),), doc_number="工信部信发〔2026〕12号",
            attachments=(("a.pdf", "https://x/a.pdf", said, "pdf"),), mentions=(("cites", said, None, None, said),),
            evidence={"author": {"value": said, "places": [said]}}, alternatives={"title": ((said, "meta", 0.5),)},
        )
    )  # fmt: skip
    assert MOBILE not in repr(record)
    assert record.doc_number == "工信部信发〔2026〕12号"
    file = mask_file(FileRecord("1", "pdf", "text", "", f"甲\n{said}\n乙", ((0, "page 1"), (20, "page 2"))))
    assert (file.text[-1], file.places) == ("乙", ((0, "page 1"), (20, "page 2")))
    assert MOBILE not in file.text


@pytest.fixture
def masking(engine: Engine, snapshots: SnapshotStore, clock: Moving) -> Archive:
    return Archive(engine, snapshots, clock, mask=True)


def test_what_enters_the_archive_is_masked_and_the_snapshot_is_not(masking: Archive, clock: Moving) -> None:
    first_run(masking, clock)
    said = f"联系人张三，手机{MOBILE}，身份证{IDENTITY}"
    record = reading(blocks=(*ARTICLES, ("paragraph", said)))
    crawl = Crawl(masking, clock)
    crawl.page(URL, record, said, list_title=said)
    answer = capture("https://www.miit.gov.cn/1.pdf", b"%PDF-1", clock=clock, headers=())
    masking.record_attachment(
        crawl.run_id, URL, "1.pdf", said, "pdf", answer, FileRecord("1", "pdf", "text", "", said, ())
    )
    assert masking.knows_file(URL, answer.url, "0", "1") is False
    crawl.close()
    with masking.engine.connect() as connection:
        for table in ("reading", "attachment", "attachment_version", "document", "page", "event"):
            rows = connection.execute(text(f'SELECT * FROM "{table}"')).all()  # noqa: S608 - names of ours
            assert rows
            assert MOBILE not in repr(rows), table
            assert IDENTITY not in repr(rows), table
        place = connection.execute(text('SELECT file, "offset", digest FROM snapshot WHERE id = 1')).one()
    assert masking.snapshots.load(*place).decode() == said
    assert search(masking.engine, MOBILE).count == 0
    assert search(masking.engine, "联系人张三").count == 1


def test_masking_begins_without_a_change(engine: Engine, snapshots: SnapshotStore, clock: Moving) -> None:
    record = reading(blocks=(*ARTICLES, ("paragraph", f"联系人张三，手机{MOBILE}")))
    plain = Archive(engine, snapshots, clock, reader=lambda _: record)
    first_run(plain, clock)
    crawl = Crawl(plain, clock)
    crawl.page(URL, record, "a")
    crawl.close()
    clock.forward(days=1)
    masking = Archive(engine, snapshots, clock, reader=lambda _: record, mask=True)
    crawl = Crawl(masking, clock)
    assert crawl.page(URL, record, "b").outcome is not Outcome.CHANGED  # other bytes, the same text, now masked
    crawl.close()
    with reading_session(engine) as session:
        assert session.scalar(select(func.count()).select_from(Event).where(Event.kind == "changed")) == 0
        newest = session.scalars(select(Reading).order_by(Reading.id.desc())).first()
        assert newest is not None
        assert newest.extractor_version == "1-m1"
        assert MOBILE not in repr(newest.blocks)
        assert session.scalar(select(func.count()).select_from(AttachmentVersion)) == 0
