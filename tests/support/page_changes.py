"""What people change in documents, down to one digit or one 不: each pair must bring an alert."""

import re
from collections.abc import Callable, Iterator

from support.files import docx, paragraph, table, text_pdf, xlsx
from support.page_pairs import FAMILIES, Answer, NothingTurnedError, Page, Pair, in_turn

_TABLE = (
    "<table border=1><tr><td>序号</td><td>项目</td><td>金额（万元）</td></tr>"
    "<tr><td>1</td><td>数据中心</td><td>500</td></tr><tr><td>2</td><td>算力平台</td><td>800</td></tr></table>"
)
_REPORT = "征求意见时间：2026年3月5日至2026年{}日"


def _texts(old: str, new: str) -> Callable[[Page], tuple[Page, Page]]:
    return lambda page: (page, page.turn(old, new))


def _within(snippet: str, old: str, new: str) -> Callable[[Page], tuple[Page, Page]]:
    """A page with `snippet` at the end of its text, and the same with `old` as `new` in it."""
    return lambda page: (page.put("end", snippet), page.put("end", snippet.replace(old, new)))


def _number(page: Page) -> tuple[Page, Page]:
    return page, page.turn("〔2026〕12号", "〔2026〕21号")


EDITS: dict[str, Callable[[Page], tuple[Page, Page]]] = {
    "one digit of a term": _texts("有效期5年", "有效期3年"),
    "a digit of a day": _texts("2026年4月1日起施行", "2026年4月7日起施行"),
    "a month": _texts("2026年4月1日起施行", "2026年5月1日起施行"),
    "a year": _texts("2026年4月1日起施行", "2027年4月1日起施行"),
    "不": _texts("建立数据目录", "不建立数据目录"),
    "may for must": _texts("要会同有关部门", "可会同有关部门"),
    "and for or": _texts("各地各部门要", "各地或各部门要"),
    "a clause removed": _texts("三、强化监督检查。", ""),
    "a clause added": _texts("三、强化监督检查。", "三、强化监督检查。对落实不力的予以通报。"),
    "a paragraph removed": lambda page: (
        page,
        page.turn("（一）加强统筹协调。省数据局要会同有关部门，定期调度工作进展，及时解决存在的问题。", ""),
    ),
    "a cited rule": _texts("《示例省数据条例》", "《示例省数据管理条例》"),
    "the number": _number,
    "the title": lambda page: (page, page.turn("数据要素流通工作的通知", "公共数据要素流通工作的通知")),
    "the day of signature": _texts("2026年3月2日", "2026年3月3日"),
    "the draft made final": lambda page: (
        page.turn("工作的通知", "工作的通知（征求意见稿）"),
        page,
    ),
    "a table's cell": _within(_TABLE, "<td>500</td>", "<td>600</td>"),
    "a table's row": _within(_TABLE, "<tr><td>2</td><td>算力平台</td><td>800</td></tr>", ""),
    "a unit": _within("<p>补助总额为3亿元。</p>", "亿元", "万元"),
    "a percentage": _within("<p>比例不超过30%。</p>", "30%", "3%"),
    "a decimal point": _within("<p>税率为1.5%。</p>", "1.5%", "15%"),
    "a Latin letter": _within("<p>适用A类企业。</p>", "A类", "B类"),
    "a hotline": _within("<p>咨询电话：010-12345678。</p>", "12345678", "12345679"),
    "an address": _within("<p>申报网址：https://sb.example.gov.cn/2026。</p>", "/2026", "/2027"),
    "the deadline in the text": _within("<p>请于2026年4月10日前反馈意见。</p>", "4月10日", "4月20日"),
    "two clauses in another order": lambda page: (
        page,
        page.turn("一、提高思想认识。各地各部门要充分认识", "一、强化监督检查。各地各部门要充分认识").turn(
            "三、强化监督检查。", "三、提高思想认识。"
        ),
    ),
}  # fmt: skip


def edits() -> Iterator[Pair]:
    """Each edit on pages of two families."""
    for number, (kind, edit) in enumerate(EDITS.items()):
        made = 0
        for case in in_turn(number, len(FAMILIES)):
            if "gov" not in case.url:
                continue
            try:
                before, after = edit(Page(case.html, case))
            except NothingTurnedError:
                continue
            yield Pair(kind, case.name, case.url, before.answer(), (after.answer(),))
            made += 1
            if made == 2:
                break


def beside() -> Iterator[Pair]:
    """What stands beside the text: the deadline of a consultation, the validity that the page states."""
    titled = "关于进一步做好数据要素流通工作的通知"
    for number, case in enumerate(in_turn(9, 30)):
        page = Page(case.html, case)
        if number < 12 and page.has(titled) and "gov" in case.url:
            draft = page.turn(titled, "关于公开征求《数据要素流通管理办法（征求意见稿）》意见的公告")
            seen = [draft.put("top", f"<div class='time'>{_REPORT.format(day)}</div>") for day in ("4月5", "4月15")]
            yield Pair("the deadline beside the text", case.name, case.url, seen[0].answer(), (seen[1].answer(),))
        if re.search(r"有\s*效\s*性|时效", case.html):
            later = case.html.replace("有效</", "废止</")
            if later != case.html:
                yield Pair("the validity stated", case.name, case.url, page.answer(), (Page(later, case).answer(),))


def gone() -> Iterator[Pair]:
    """A page that is taken down, and seen so again after six hours."""
    nothing = Answer(b"<html><head><title>404</title></head><body>404 Not Found</body></html>", status=404)
    for case in in_turn(2, 2):
        yield Pair("withdrawn", case.name, case.url, Page(case.html, case).answer(), (nothing, nothing))


_LINES = [
    "申报指南",
    "一、申报条件",
    "申报单位应当于2026年6月30日前提交材料。",
    "二、补助标准",
    "每项补助不超过500万元。",
]
_ROWS = [["序号", "项目", "金额"], ["1", "数据中心", "500"], ["2", "算力平台", "800"]]


def _word(lines: list[str]) -> bytes:
    return docx("".join(paragraph(line) for line in lines))


def _edited(old: str, new: str) -> list[str]:
    return [line.replace(old, new) for line in _LINES]


def files() -> Iterator[Pair]:
    """Files replaced under their address, and under another while the page reads as before."""
    rows = [[cell.replace("800", "900") for cell in row] for row in _ROWS]
    swapped: tuple[tuple[str, str, str, bytes, bytes], ...] = (
        ("a digit in a Word file", "/f/1.docx", "/f/1.docx", _word(_LINES), _word(_edited("500", "600"))),
        ("不 in a Word file", "/f/1.docx", "/f/1.docx", _word(_LINES), _word(_edited("应当", "不应当"))),
        ("a digit in a PDF", "/f/1.pdf", "/f/1.pdf", text_pdf(_LINES), text_pdf(_edited("30日", "20日"))),
        ("a cell of a sheet", "/f/1.xlsx", "/f/1.xlsx", xlsx({"a": _ROWS}), xlsx({"a": rows})),  # type: ignore[dict-item]
        ("a cell of a Word table", "/f/2.docx", "/f/2.docx", docx(table(_ROWS)), docx(table(rows))),
        ("another file under another address", "/f/a1.docx", "/f/b2.docx", _word(_LINES), _word(_edited("500", "600"))),
        ("a clause removed from a file", "/f/1.docx", "/f/1.docx", _word(_LINES), _word(_LINES[:3])),
    )
    for number, (kind, old, new, first, later) in enumerate(swapped):
        for case in in_turn(number + 1, 2):
            page = Page(case.html, case)
            seen = [
                page.put("end", f'<p><a href="{address}">附件：申报指南</a></p>').answer(
                    files={address: payload}, days=8
                )
                for address, payload in ((old, first), (new, later))
            ]
            yield Pair(kind, case.name, case.url, seen[0], (seen[1],))
    for case in in_turn(8, 3):
        page, more = Page(case.html, case), '<p><a href="/f/9.docx">申报书（补充）</a></p>'
        later = page.put("end", more).answer(files={"/f/9.docx": _word(_LINES)})
        yield Pair("a file more", case.name, case.url, page.answer(), (later,))


def pairs() -> list[Pair]:
    """All pairs that must bring an alert after the first answer."""
    return [*edits(), *beside(), *gone(), *files()]
