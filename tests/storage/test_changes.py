"""What differs between versions with their files, and between a consultation draft and its final text."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Engine, select
from support.archives import PROVINCE, Crawl, Moving, capture, changed, reading

from storage import changes
from storage.archive import Archive
from storage.diff import summary
from storage.drafting import Text, became, work_title
from storage.engine import writing
from storage.models import Event
from storage.queries import Queries
from storage.records import ClauseChange, FileRecord

PAGE = "https://www.miit.gov.cn/art/1.html"
FILE = "https://www.miit.gov.cn/files/a.docx"
LINK = ("/files/a.docx", FILE, "工业互联网平台补贴办法（征求意见稿）", "docx")
CALL = "工业和信息化部关于公开征求《工业互联网平台补贴办法（征求意见稿）》意见的通知"
FINAL = "工业和信息化部关于印发《工业互联网平台补贴办法》的通知"
DRAFT_TEXT = (
    "工业互联网平台补贴办法\n（征求意见稿）\n第一条 为了推动工业互联网发展，制定本办法。\n"
    "第二条 本办法适用于工业互联网平台企业，包括平台的建设、运营和服务。\n"
    "第三条 补贴标准不超过投资额的20%，每个企业每年不超过500万元。\n第四条 本办法自2026年6月1日起施行。"
)
FINAL_BLOCKS = (
    ("paragraph", "各省、自治区、直辖市工业和信息化主管部门："),
    ("paragraph", "现将《工业互联网平台补贴办法》印发给你们，请遵照执行。"),
    ("heading", "工业互联网平台补贴办法"),
    ("article", "第一条　为了推动工业互联网发展，制定本办法。"),
    ("article", "第二条　本办法适用于工业互联网平台企业，包括平台的建设、运营和服务。"),
    ("article", "第三条　补贴标准不超过投资额的30%，每个企业每年不超过500万元。"),
    ("article", "第四条　对弄虚作假的企业，三年内不再受理其申请。"),
    ("article", "第五条　本办法自2026年7月1日起施行。"),
)


@pytest.fixture
def queries(engine: Engine) -> Queries:
    return Queries(engine)


def file(crawl: Crawl, body: bytes, text: str, link: tuple[str, str, str, str] = LINK) -> None:
    record = FileRecord("1", "docx", "text", "", text, ())
    answer = capture(link[1], body, clock=crawl.clock, headers=(("Content-Type", "application/msword"),))
    crawl.archive.record_attachment(crawl.run_id, PAGE, link[0], link[2], link[3], answer, record)


def test_versions_are_compared_with_their_files(
    archive: Archive, clock: Moving, engine: Engine, queries: Queries
) -> None:
    crawl = Crawl(archive, clock)
    crawl.page(PAGE, reading(attachments=(LINK,)))
    clock.forward(seconds=5)
    file(crawl, b"one", DRAFT_TEXT)
    crawl.close()
    clock.forward(days=1)
    crawl = Crawl(archive, clock)
    crawl.page(PAGE, reading(attachments=(LINK,), blocks=changed(2, "第二条　本办法适用于平台企业。")))
    clock.forward(seconds=5)
    file(crawl, b"two", DRAFT_TEXT.replace("20%", "25%"))
    crawl.close()
    clock.forward(days=1)
    crawl = Crawl(archive, clock)
    file(crawl, b"three", DRAFT_TEXT.replace("20%", "30%"))
    crawl.close()
    one, two, three = queries.versions(1)
    named = f"附件《{LINK[2]}》第三条"
    assert [change.label for change in changes.between(engine, one, two)][-1] == named
    (only,) = changes.between(engine, two, three)
    assert (only.label, "25%" in (only.before or ""), "30%" in (only.after or "")) == (named, True, True)
    assert [change.label for change in changes.between(engine, one, three)][-1] == named
    assert changes.between(engine, two, two) == ()


def test_a_file_that_a_page_links_no_more_is_told(
    archive: Archive, clock: Moving, engine: Engine, queries: Queries
) -> None:
    other = ("/b.xlsx", "https://www.miit.gov.cn/b.xlsx", "申报表", "xlsx")
    Crawl(archive, clock).page(PAGE, reading(attachments=(LINK,)))
    clock.forward(days=1)
    Crawl(archive, clock).page(PAGE, reading(attachments=(other,), blocks=changed(3, "第三条　补贴标准另行通知。")))
    found = changes.between(engine, *queries.versions(1))
    assert [(change.operation, change.label) for change in found if "附件" in change.label] == [
        ("added", "附件《申报表》"), ("removed", f"附件《{LINK[2]}》"),
    ]  # fmt: skip


@pytest.fixture
def draft_and_final(archive: Archive, clock: Moving) -> tuple[int, int]:
    """A call for comments whose draft is a file, and the notice that carries the final text."""
    crawl = Crawl(archive, clock)
    asked = ("paragraph", "现公开征求意见，请于2026年4月30日前反馈。")
    draft = reading(title=CALL, type="consultation", doc_number=None, published=date(2026, 3, 1), written=None,
                    blocks=(asked,), attachments=(LINK,))  # fmt: skip
    one = crawl.page(PAGE, draft).document_id
    file(crawl, b"draft", DRAFT_TEXT)
    final = reading(title=FINAL, published=date(2026, 6, 20), written=date(2026, 6, 18), blocks=FINAL_BLOCKS)
    two = crawl.page("https://www.miit.gov.cn/art/2.html", final).document_id
    assert one is not None
    assert two is not None
    return one, two


def test_a_draft_and_its_final_text_find_each_other_and_differ_by_clause(
    draft_and_final: tuple[int, int], engine: Engine
) -> None:
    draft, final = draft_and_final
    assert changes.counterparts(engine, draft) == [final]
    compared = changes.documents(engine, draft, final)
    assert compared is not None
    assert (compared.before, compared.after) == (f"附件《{LINK[2]}》", "正文")
    told = [(change.operation, change.label, change.was) for change in compared.changes]
    assert ("changed", "第三条", None) in told
    assert ("added", "第四条", None) in told
    assert ("changed", "第五条", "第四条") in told
    assert "第三条修改" in summary(compared.changes)
    assert "原第四条改为第五条并修改" in summary(compared.changes)


def test_the_final_text_finds_its_draft_by_the_reference_and_by_title(
    draft_and_final: tuple[int, int], archive: Archive, clock: Moving, engine: Engine
) -> None:
    draft, final = draft_and_final
    crawl = Crawl(archive, clock)
    title = "工业互联网平台补贴办法（征求意见稿）"
    named = reading(title=title, type="consultation", doc_number=None, published=date(2026, 2, 1), written=None,
                    blocks=(("paragraph", "第一条 另一次征求意见的文本。"),))  # fmt: skip
    earlier = crawl.page("https://www.miit.gov.cn/art/3.html", named).document_id
    assert earlier in changes.counterparts(engine, final)
    mention = ("drafts", "工业互联网平台补贴办法（征求意见稿）", None, None, "现公开征求意见。")
    asked = reading(title=CALL + "的函", type="consultation", doc_number=None, published=date(2026, 4, 1), written=None,
                    blocks=(("paragraph", "再次征求意见，请反馈。"),), mentions=(mention,))  # fmt: skip
    again = crawl.page("https://www.miit.gov.cn/art/4.html", asked).document_id
    found = changes.counterparts(engine, final)
    assert found[0] == again  # the nearest in time
    assert set(found) == {again, draft, earlier}


def test_another_issuer_s_draft_and_a_later_one_are_not_taken(
    draft_and_final: tuple[int, int], archive: Archive, clock: Moving, engine: Engine
) -> None:
    draft, final = draft_and_final
    crawl = Crawl(archive, clock, PROVINCE)
    elsewhere = reading(
        title="江苏省工业和信息化厅关于印发《工业互联网平台补贴办法》的通知", issuer="江苏省工业和信息化厅",
        issuers=("江苏省工业和信息化厅",), doc_number="苏工信发〔2026〕3号", published=date(2026, 7, 1), written=None,
        blocks=FINAL_BLOCKS[3:],
    )  # fmt: skip
    crawl.page("https://gxt.jiangsu.gov.cn/art/1.html", elsewhere)
    assert changes.counterparts(engine, draft) == [final]


def test_texts_that_share_nothing_are_not_compared() -> None:
    one = Text("正文", (("paragraph", "关于组织开展专项行动的通知，请各单位认真落实。"),))
    other = Text("正文", (("paragraph", "今年粮食收购价格每斤上调五分钱，自秋收起执行。"),))
    assert became([one], [other]) is None
    found = became([one, other], [replace(other, name="附件《价格》")])
    assert found is not None
    assert (found.before.name, found.after.name, found.difference.changes) == ("正文", "附件《价格》", ())


@pytest.mark.parametrize(
    ("title", "work"),
    [
        (CALL, "工业互联网平台补贴办法"),
        (FINAL, "工业互联网平台补贴办法"),
        ("工业互联网平台补贴办法（公开征求意见稿）", "工业互联网平台补贴办法"),
        ("网络安全法（修正草案）", "网络安全法"),
        ("市场监管总局关于《广告绝对化用语执法指南》公开征求意见的公告", "广告绝对化用语执法指南"),
        ("数据安全管理办法", "数据安全管理办法"),
        ("工业和信息化部关于公开征求数据安全管理办法意见的通知", "数据安全管理办法"),
        ("关于数据安全管理办法（修订草案）向社会公开征求意见的公告", "数据安全管理办法"),
        (None, None),
    ],
)
def test_the_work_that_a_title_is_about(title: str | None, work: str | None) -> None:
    assert work_title(title) == work


def test_changes_kept_by_an_earlier_release_are_read(
    archive: Archive, clock: Moving, engine: Engine, queries: Queries
) -> None:
    Crawl(archive, clock).page(PAGE, reading())
    clock.forward(days=1)
    Crawl(archive, clock).page(PAGE, reading(blocks=changed(3, "第三条　补贴标准另行通知。")))
    kept = {"operation": "moved", "label": "第五条", "before": "第四条 甲", "after": "第五条 甲"}
    with writing(engine) as session:
        event = session.scalars(select(Event).where(Event.kind == "changed")).one()
        event.payload = {**event.payload, "changes": [kept]}
    (change,) = queries.events(state=None, kinds=["changed"])[0].changes
    assert change == ClauseChange(**kept)
    assert (change.was, change.columns, summary([change])) == (None, (), "第五条移位")
