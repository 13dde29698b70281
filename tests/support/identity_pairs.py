"""Pairs of pages for the question whether they show one document: own texts and real pages, and what sites do to them.

A pair names two pages. A page is an own text ("text": number) or a real one ("page": file under pages/), after the
edits that it names. `label` is the truth: same (must merge), apart (must not), undecided (a person should look)."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from support.archives import Moving, capture, reading

from storage import documents, works
from storage.documents import At
from storage.identity import url_key
from storage.models import Page, Run
from storage.records import ReadingRecord

NOW = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Paper:
    """A page: where it stands and what was read of it."""

    url: str
    record: ReadingRecord


@dataclass(frozen=True)
class Pair:
    """Two pages and whether they show one document."""

    id: str
    label: str
    one: dict[str, Any]
    other: dict[str, Any]


def pairs_in(file: Path) -> list[Pair]:
    """The pairs of a JSON Lines file."""
    return [Pair(**json.loads(line)) for line in file.read_text("utf-8").splitlines() if line]


# -- own texts ---------------------------------------------------------------------------------------------------------

_ORGANS = (
    ("工业和信息化部", "工信部信发", "www.miit.gov.cn"),
    ("财政部", "财建", "www.mof.gov.cn"),
    ("江苏省工业和信息化厅", "苏工信综合", "gxt.jiangsu.gov.cn"),
    ("国家药品监督管理局", "国药监械注", "www.nmpa.gov.cn"),
)
_SUBJECTS = (
    ("工业互联网平台", "平台企业", "建设和运营"),
    ("中小企业数字化转型", "试点城市", "改造和推广"),
    ("新能源汽车充电设施", "运营企业", "新建和改造"),
    ("医疗器械注册质量", "注册申请人", "研制和生产"),
    ("绿色制造示范", "示范工厂", "申报和评审"),
    ("首台（套）重大技术装备", "装备制造企业", "保险和推广"),
)


def own_text(number: int) -> Paper:
    """One of 24 notices of four issuers: twelve carry a measure, six call for applications in batches, six are
    announcements or orders numbered without a code."""
    organ, code, site = _ORGANS[number % 4]
    subject, firm, work = _SUBJECTS[number % 6]
    year, seq, form = 2024 + number % 3, 11 + number, number % 4
    day = date(year, 1 + number % 12, 3 + number)
    if form in {0, 1}:
        title, kind = f"{organ}关于印发《{subject}管理办法（{year}年版）》的通知", "通知"
    elif form == 2:
        title, kind = f"{organ}关于组织开展{year}年度{subject}项目（第三批）申报工作的通知", "通知"
    else:
        title, kind = f"关于{subject}有关事项的公告", "公告"
    printed = f"{code}〔{year}〕{seq}号"
    if form == 3:
        printed = f"{organ}公告{year}年第{seq}号" if number % 8 == 3 else f"{organ}令第{seq}号"
    blocks = (
        ("paragraph", f"各有关单位，各省、自治区、直辖市{subject}主管部门："),
        ("article", f"第一条　为了推动{subject}高质量发展，根据国家有关规定，结合{year}年工作安排，制定本规定。"),
        ("article", f"第二条　本规定适用于依法设立的{firm}，包括{work}以及为其提供支撑的单位。"),
        (
            "article",
            f"第三条　对符合条件的{firm}给予补助，标准不超过{work}投资额的{20 + number}%，每年不超过5{number:02}万元。",
        ),
        ("article", f"第四条　申请单位应当于{year}年6月{10 + number % 20}日前提交材料，逾期不予受理。"),
        ("article", f"第五条　主管部门应当自受理之日起{15 + number}个工作日内作出决定，并将{work}情况向社会公示。"),
        ("article", f"第六条　有关资金应当专款专用，任何单位和个人不得截留、挪用，违者依照规定追究{firm}的责任。"),
        ("article", f"第七条　本规定自{year}年{1 + number % 12}月{3 + number}日起施行，由{organ}负责解释。"),
        ("signature", organ),
        ("date", f"{day.year}年{day.month}月{day.day}日"),
    )
    record = reading(
        title=title, issuer=organ, issuers=(organ,), doc_number=printed, kind=kind, written=day, published=day,
        blocks=blocks,
    )  # fmt: skip
    return Paper(f"https://{site}/zwgk/{year}/art_{number}.html", record)


# -- what sites, and other papers, do to a text ------------------------------------------------------------------------

Edit = Callable[[Paper], Paper]
EDITS: dict[str, Edit] = {}


def edit(function: Edit) -> Edit:
    """Make `function` known by its name."""
    EDITS[function.__name__] = function
    return function


def _with(paper: Paper, url: str | None = None, **fields: Any) -> Paper:
    return Paper(url or paper.url, replace(paper.record, **fields))


def _words(paper: Paper, change: Callable[[str], str], *, number: bool = True) -> Paper:
    """`change` made to the title, the body and the number."""
    record = paper.record
    printed = change(record.doc_number) if record.doc_number and number else record.doc_number
    return _with(
        paper, title=change(record.title or ""), doc_number=printed,
        blocks=tuple((role, change(text)) for role, text in record.blocks),
    )  # fmt: skip


@edit
def elsewhere(paper: Paper) -> Paper:
    """On the site of a province."""
    return Paper(f"https://www.sichuan.gov.cn/zcwj/{abs(hash_of(paper.url))}.shtml", paper.record)


@edit
def moved(paper: Paper) -> Paper:
    """At another address of its site."""
    return Paper(paper.url.replace(".gov.cn/", ".gov.cn/new/") + "?id=1", paper.record)


@edit
def on_media(paper: Paper) -> Paper:
    """On a news site."""
    return Paper(f"https://www.news.example/{abs(hash_of(paper.url))}.html", paper.record)


@edit
def no_number(paper: Paper) -> Paper:
    return _with(paper, doc_number=None)


@edit
def no_issuer(paper: Paper) -> Paper:
    return _with(paper, issuer=None, issuers=())


@edit
def no_written(paper: Paper) -> Paper:
    return _with(paper, written=None)


@edit
def two_days_later(paper: Paper) -> Paper:
    """Put up later, the day of writing not read."""
    day = paper.record.published or paper.record.written
    return _with(paper, written=None, published=day + timedelta(days=2) if day else None)


@edit
def month_later(paper: Paper) -> Paper:
    day = paper.record.published or paper.record.written
    return _with(paper, written=None, published=day + timedelta(days=31) if day else None)


@edit
def number_variant(paper: Paper) -> Paper:
    """Other brackets, wide digits, spaces and 第."""
    wide = str.maketrans("0123456789〔〕", "０１２３４５６７８９[]")
    printed = re.sub(r"(?<=[〕])(?=\d)", "第", paper.record.doc_number or "").translate(wide)
    return _with(paper, doc_number=f"文号： {printed[:3]} {printed[3:]}")


@edit
def site_lines(paper: Paper) -> Paper:
    """The site's own lines above and below."""
    above = (
        ("paragraph", "当前位置：首页 > 政务公开 > 政策文件"),
        ("paragraph", "发布时间：2026-03-02 来源：本站 浏览次数：128"),
    )
    below = (("paragraph", "扫一扫在手机打开当前页"), ("paragraph", "主办单位：省人民政府办公厅 网站标识码0000000000"))
    return _with(paper, blocks=(*above, *paper.record.blocks, *below))


@edit
def other_punctuation(paper: Paper) -> Paper:
    """ASCII punctuation, spaces, and two paragraphs in one."""
    change = str.maketrans("，：；（）％", ",:;()%")
    blocks = tuple((role, f" {text.translate(change)} ") for role, text in paper.record.blocks)
    joined = (("paragraph", "".join(text for _, text in blocks[:2])), *blocks[2:])
    return _with(paper, blocks=joined)


@edit
def unsigned(paper: Paper) -> Paper:
    """Without its last lines, signature and day, and with where it was taken from."""
    kept = tuple(block for block in paper.record.blocks if block[0] not in {"signature", "date"})
    return _with(paper, blocks=(*kept, ("paragraph", "（来源：有关部门网站）")), reprinted_from="有关部门网站")


@edit
def title_short(paper: Paper) -> Paper:
    """Without who issues it and what it is: what it carries, or what it is about."""
    title = paper.record.title or ""
    inner = re.search(r"《(.+)》", title) or re.search(r"关于(.+?)(?:的[\u4e00-\u9fff]{2,3})?$", title)
    return _with(paper, title=inner[1] if inner else title)


@edit
def title_framed(paper: Paper) -> Paper:
    return _with(paper, title=f"【转载】{paper.record.title}_政策文件_门户网站")


@edit
def column_title(paper: Paper) -> Paper:
    return _with(paper, title="通知公告")


@edit
def reposter_as_issuer(paper: Paper) -> Paper:
    """The site that reprints it names itself as the one that publishes."""
    return _with(paper, issuer="四川省经济和信息化厅", issuers=("四川省经济和信息化厅",))


@edit
def joint(paper: Paper) -> Paper:
    """Issued with two others, all named."""
    organs = (*paper.record.issuers, "商务部", "国家税务总局")
    return _with(paper, issuer="、".join(organs), issuers=organs)


@edit
def joint_named_by_another(paper: Paper) -> Paper:
    """The site of one of those that joined names itself first."""
    organs = ("商务部", "国家税务总局", *paper.record.issuers)
    return _with(paper, issuer=" ".join(organs), issuers=organs)


@edit
def one_digit(paper: Paper) -> Paper:
    """One digit of the body is another."""
    blocks = list(paper.record.blocks)
    places = [at for at, (_, text) in enumerate(blocks) if re.search(r"\d", text)]
    role, text = blocks[places[len(places) // 2]]
    blocks[places[len(places) // 2]] = role, re.sub(r"\d", lambda found: str((int(found[0]) + 3) % 10), text, count=1)
    return _with(paper, blocks=tuple(blocks))


@edit
def one_not(paper: Paper) -> Paper:
    """A 不 more."""
    blocks = list(paper.record.blocks)
    at = max(range(len(blocks)), key=lambda place: len(blocks[place][1]))
    role, text = blocks[at]
    blocks[at] = role, f"{text[: len(text) // 2]}不{text[len(text) // 2 :]}"
    return _with(paper, blocks=tuple(blocks))


@edit
def other_year(paper: Paper) -> Paper:
    """The same template a year later."""
    changed = _words(paper, lambda text: re.sub(r"(?<!\d)(19|20)(\d\d)(?!\d)", _next_year, text))
    record = changed.record
    return _with(
        changed, written=_year_on(record.written), published=_year_on(record.published),
        title=record.title or "", url=paper.url + "?y=1",
    )  # fmt: skip


@edit
def next_number(paper: Paper) -> Paper:
    """The next number, for the same words on another day."""
    printed = re.sub(r"(\d+)(?=号$)", lambda found: str(int(found[1]) + 1), paper.record.doc_number or "")
    return _with(paper, doc_number=printed)


@edit
def next_batch(paper: Paper) -> Paper:
    """The next batch of the same template, on the same day."""
    title = (paper.record.title or "").replace("第三批", "第四批")
    if "第四批" not in title:
        title = f"{title}（第二批）"
    return _with(paper, title=title)


@edit
def other_issuer(paper: Paper) -> Paper:
    """The same template of another body."""
    mine, other = (paper.record.issuers or ("本机关",))[0], "贵州省大数据发展管理局"
    named = re.match(r"[\u4e00-\u9fff、]{2,}?(?=关于|印发|转发|对)", paper.record.title or "")
    names = sorted({mine, *([named[0]] if named else [])}, key=len, reverse=True)
    changed = _words(paper, lambda text: re.sub("|".join(names), other, text), number=False)
    return _with(changed, issuer=other, issuers=(other,))


@edit
def own_number(paper: Paper) -> Paper:
    return _with(paper, doc_number="黔数发〔2025〕7号")


@edit
def forwarding(paper: Paper) -> Paper:
    """A notice of a lower body that passes it on, with the whole text below."""
    title = f"四川省经济和信息化厅转发{paper.record.title}"
    above = (("paragraph", "各市（州）经济和信息化局：现将文件转发给你们，请结合实际认真贯彻执行。"),)
    return _with(
        paper, title=title, issuer="四川省经济和信息化厅", issuers=("四川省经济和信息化厅",),
        blocks=(*above, *paper.record.blocks), doc_number="川经信发〔2026〕9号",
    )  # fmt: skip


@edit
def forwarding_misread(paper: Paper) -> Paper:
    return _with(forwarding(paper), doc_number=paper.record.doc_number)


_EXPLAINED = (
    ("paragraph", "一、出台背景。近年来，相关产业规模不断扩大，企业普遍反映投入压力较大，需要进一步明确支持方向。"),
    ("paragraph", "二、主要内容。文件共七条，明确了适用范围、支持标准、申请程序和监督管理，强调专款专用。"),
    ("paragraph", "三、下一步工作。有关部门将加强宣传解读，组织开展培训，及时回应企业关切，确保落地见效。"),
)


@edit
def interpretation(paper: Paper) -> Paper:
    """What explains it, with its number."""
    title = f"《{paper.record.title}》解读"
    return _with(paper, type="interpretation", title=title, blocks=_EXPLAINED, kind=None)


@edit
def interpretation_misread(paper: Paper) -> Paper:
    """The same, taken for a policy."""
    return _with(interpretation(paper), type="policy")


@edit
def draft(paper: Paper) -> Paper:
    title = f"{paper.record.title}（征求意见稿）"
    return _with(paper, type="consultation", title=title, doc_number=None)


@edit
def draft_misread(paper: Paper) -> Paper:
    return _with(draft(paper), type="policy")


@edit
def as_news(paper: Paper) -> Paper:
    """A report that quotes it."""
    quoted = paper.record.blocks[1:4]
    lead = (("paragraph", "本网讯 记者日前获悉，有关部门发布通知，就相关工作作出部署。"),)
    return _with(
        paper, type="news", title=f"新政来了！{(paper.record.title or '')[-14:]}", blocks=(*lead, *quoted),
        issuer="新闻网", issuers=("新闻网",),
    )  # fmt: skip


@edit
def as_news_misread(paper: Paper) -> Paper:
    return _with(as_news(paper), type="policy")


@edit
def supplement(paper: Paper) -> Paper:
    """A further notice about it, whose number was taken from what it cites."""
    title = re.sub(r"关于", "关于调整", paper.record.title or "", count=1) + "部分事项的补充通知"
    return _with(paper, title=title, blocks=_EXPLAINED[1:])


@edit
def annex_only(paper: Paper) -> Paper:
    """Nothing but a link to its file."""
    return _with(paper, blocks=(("paragraph", "附件下载"),))


@edit
def first_half(paper: Paper) -> Paper:
    """Cut, as by a reprint that says 全文见附件."""
    blocks = paper.record.blocks
    return _with(paper, blocks=(*blocks[: max(2, len(blocks) // 2)], ("paragraph", "（全文见附件）")))


@edit
def year_before(paper: Paper) -> Paper:
    """Another order of that number a year earlier."""
    day = paper.record.written
    return _with(paper, written=day - timedelta(days=400) if day else None, published=None, blocks=_EXPLAINED,
                 title="关于废止部分规范性文件的决定")  # fmt: skip


def _next_year(found: re.Match[str]) -> str:
    return str(int(found[0]) + 1)


def _year_on(day: date | None) -> date | None:
    return day + timedelta(days=365) if day else None


def hash_of(text: str) -> int:
    """A number that a URL can hold, the same in each process."""
    return int.from_bytes(text.encode()[-6:], "big")


# -- pages of a pair ---------------------------------------------------------------------------------------------------


def papers(pair: Pair, real: Callable[[str], Paper]) -> Iterator[Paper]:
    """Both pages of a pair; `real` reads a real page by its file."""
    for side in (pair.one, pair.other):
        paper = real(side["page"]) if "page" in side else own_text(side["text"])
        for name in side.get("edits", ()):
            paper = EDITS[name](paper)
        yield paper


def are_merged(engine: Engine, one: Paper, other: Paper) -> bool:
    """Whether the archive that has `one` takes `other` for a copy of it. Nothing stays in the database."""
    with Session(engine) as session:
        run = session.scalars(select(Run)).one()
        page = kept(session, run, one)
        at = At(session, run, page, NOW)
        clock = Moving(NOW)
        snapshot = documents.keep_snapshot(session, page, run, capture(one.url, clock=clock), ("0" * 64, "f", 0, 1))
        reading = documents.keep_reading(session, snapshot, one.record, NOW)
        document = documents.add(at, one.record)
        documents.add_version(at, document, one.record, reading, "added")
        further = kept(session, run, other)
        type_ = documents.type_of(session, other.record, further)
        merged = works.same_work(session, other.record, type_, further, capture(other.url, clock=clock))
        session.rollback()
        return merged is not None


def kept(session: Session, run: Run, paper: Paper) -> Page:
    """The row of a page, as if a list had led to it."""
    page = Page(
        url_key=url_key(paper.url), url=paper.url, source_id=run.source_id, is_original=False, state="fetched",
        found_at=NOW - timedelta(hours=1), backlog=False, attempts=0, flaps=0,
    )  # fmt: skip
    session.add(page)
    session.flush()
    return page
