"""Edits that mean nothing keep the text's hash; edits that mean something change it."""

# ruff: noqa: E501  (pages stand as they are served)

import re

from hypothesis import given, settings
from hypothesis import strategies as st
from support.mixed_pages import mix
from support.reading_pages import document

from policy_crawler.reading import read
from storage.diff import text_hash

URL = "https://www.example.gov.cn/zwgk/202602/8812.html"
LINES = (
    "各市、县人民政府，省政府各部门：",
    "为规范管理，推动发展，经研究，现就有关事项通知如下。",
    "第一条　申请人应当在15日内提交材料，不得收取费用。",
    "（一）年满18周岁的，可以申请1200元补助；",
    "第二条　主管部门可以委托有关机构办理，有关机构必须按时办结。",
    "本办法自2026年4月1日起施行。",
)
CELLS = (("项目", "金额"), ("甲类", "100万元"), ("乙类", "20.5%"))
TITLE = "关于做好试点工作的通知"


def page(lines: tuple[str, ...] = LINES, cells: tuple[tuple[str, str], ...] = CELLS, around: str = "") -> str:
    text = "".join(f'<p class="MsoNormal">{line}</p>' for line in lines)
    table = "".join(f"<tr><td>{a}</td><td>{b}</td></tr>" for a, b in cells)
    return document(
        f'<h1>{TITLE}</h1><div>发布时间：2026-03-01</div><div class="zw_a1b2">{text}<table>{table}</table></div>{around}'
    )


def hashed(html: str) -> str:
    reading = read(html.encode(), URL)
    return text_hash(reading.title, reading.doc_number, [(block.role, block.text) for block in reading.blocks])


PLAIN = hashed(page())
COUNTERS = st.integers(0, 99_999).map(lambda count: f"<div class='info'>浏览次数：{count}次 打印 关闭</div>")
RELATED = st.lists(st.integers(1, 99), max_size=6, unique=True).map(
    lambda numbers: (
        "<div class='related'><h3>相关文件</h3><ul>"
        + "".join(f'<li><a href="{n}.html">关于第{n}项工作的通知，请执行</a></li>' for n in numbers)
        + "</ul></div>"
    )
)
TOOLS = st.sampled_from(
    [
        "",
        "<p>【打印本页】【关闭窗口】</p>",
        "<div class='ewm'><p>扫一扫在手机打开当前页</p></div>",
        "<p>（责任编辑：张三）</p>",
        "<p>（责任编辑：李四）</p>",
        "<div class='comments'><p>网友：支持，写得好。</p></div>",
        "<div class='bdshare'>分享到：微信 微博</div>",
    ]
)


@settings(max_examples=80, deadline=None)
@given(COUNTERS, RELATED, TOOLS)
def test_what_stands_around_a_text_is_no_change(counter: str, related: str, tools: str) -> None:
    assert hashed(page(around=f"{counter}{tools}{related}")) == PLAIN


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_markup_space_and_width_are_no_change(data: st.DataObject) -> None:
    html = page()
    if data.draw(st.booleans()):  # class names of a rebuilt template
        html = html.replace("zw_a1b2", data.draw(st.from_regex(r"zw_[a-f0-9]{4}", fullmatch=True)))
    if data.draw(st.booleans()):  # attributes in another order, more of them
        html = html.replace('<p class="MsoNormal">', "<p style='text-indent:2em' align=left class='MsoNormal'>")
    if data.draw(st.booleans()):  # white space between and inside elements
        gap = data.draw(st.sampled_from(["\n", "\r\n\t", "  ", "\n\n   "]))
        html = html.replace("</p>", f"{gap}</p>{gap}").replace("<td>", f"{gap}<td>{gap}")
    if data.draw(st.booleans()):  # indents of another kind
        html = html.replace(
            'MsoNormal">', f'MsoNormal">{data.draw(st.sampled_from(["　　", "&nbsp;&nbsp;", "&emsp;"]))}'
        )
    if data.draw(st.booleans()):  # full width
        html = html.replace("15日", "１５日").replace("1200元", "１２００元")
    if data.draw(st.booleans()):  # emphasis
        html = html.replace("不得", "<strong>不</strong>得").replace("必须", "<span>必须</span>")
    if data.draw(st.booleans()):  # invisible characters
        html = html.replace("材料", "材\u200b料").replace("通知如下", "\ufeff通知如下")
    if data.draw(st.booleans()):  # a script and a comment more
        html = html.replace("</h1>", "</h1><script>var a = 12345;</script><!-- 2026-03-09 12:00 -->")
    assert hashed(html) == PLAIN


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(range(1, len(LINES))), st.data())
def test_a_digit_more_or_less_is_a_change(place: int, data: st.DataObject) -> None:
    digits = [match.start() for match in re.finditer(r"\d", LINES[place])]
    if not digits:
        return
    at = data.draw(st.sampled_from(digits))
    old = LINES[place][at]
    new = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != old]))
    line = LINES[place][:at] + new + LINES[place][at + 1 :]
    assert hashed(page(lines=(*LINES[:place], line, *LINES[place + 1 :]))) != PLAIN


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(
        [("不得", "得"), ("可以", "不可以"), ("应当", "可以"), ("必须", "应当"), ("以内", "以外"), ("15日内", "15日前")]
    )
)
def test_a_word_of_law_is_a_change(words: tuple[str, str]) -> None:
    old, new = words
    html = page()
    if old in html:
        assert hashed(html.replace(old, new, 1)) != PLAIN


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 2), st.integers(0, 1), st.text("甲乙丙丁0123456789", min_size=1, max_size=4))
def test_a_cell_of_a_table_is_a_change(row: int, column: int, text: str) -> None:
    cells = [list(pair) for pair in CELLS]
    if cells[row][column] == text:
        return
    cells[row][column] = text
    assert hashed(page(cells=tuple((a, b) for a, b in cells))) != PLAIN


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(range(len(LINES))))
def test_a_lost_paragraph_is_a_change(place: int) -> None:
    assert hashed(page(lines=(*LINES[:place], *LINES[place + 1 :]))) != PLAIN


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 100_000))
def test_reading_is_deterministic(seed: int) -> None:
    raw = mix(seed).html.encode()
    assert read(raw, URL) == read(raw, URL)
