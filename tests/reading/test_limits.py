"""What a reader must survive: deep, wide, costly and random bytes (I2, I3)."""

# ruff: noqa: E501  (pages stand as they are served)

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.reading_pages import PROSE, URL, document

from policy_crawler.errors import Unreadable
from policy_crawler.reading import Reading, is_refusal, read


@pytest.mark.parametrize("tag", ["div", "span", "font", "b", "ul", "blockquote"])
def test_I2_text_in_and_behind_2500_nested_tags_is_kept(tag: str) -> None:
    html = document(f"<div id='zoom'>{f'<{tag}>' * 2500}<p>深处的文字，不能丢失。</p>{f'</{tag}>' * 2500}{PROSE}</div>")
    body = read(html.encode(), URL).body or ""
    assert "深处的文字，不能丢失。" in body
    assert body.endswith("确保取得实效。")


def test_I2_nesting_no_document_has_is_refused_at_once() -> None:
    html = "<html><body>" + "<div>" * 300_000 + "文字" + "</div>" * 300_000
    start = time.process_time()
    with pytest.raises(Unreadable, match="nested 300000 deep"):
        read(html.encode(), URL)
    assert time.process_time() - start < 5


def test_I3_unclosed_formatting_times_many_blocks_is_refused_at_once() -> None:
    html = "<div>" + "".join(f"<b class=c{n}>" for n in range(3000)) + "</div>" + "<p>字</p>" * 5000
    start = time.process_time()
    with pytest.raises(Unreadable, match="unclosed formatting"):
        read(html.encode(), URL)
    assert time.process_time() - start < 5


def test_I3_more_than_eight_mebibytes_are_refused() -> None:
    with pytest.raises(Unreadable, match="limit 8388608"):
        read(b"<p>a</p>" * (1024 * 1024) + b"<", URL)


def test_I3_a_wide_page_is_read_in_bounded_time() -> None:
    html = document("<div id='zoom'>" + "<p>一段文字，说明情况。</p>" * 20_000 + "</div>")
    start = time.process_time()
    reading = read(html.encode(), URL)
    assert len(reading.blocks) == 20_000
    assert time.process_time() - start < 10


@pytest.mark.parametrize(
    "head",
    [b"%PDF-1.7\n", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x89PNG\r\n", b"\xff\xd8\xff\xe0", b"GIF89a"],
)
def test_a_file_is_no_page(head: bytes) -> None:
    with pytest.raises(Unreadable, match="binary content"):
        read(head + bytes(200), URL)


def test_an_ordinary_page_is_read_fast() -> None:
    raw = document(f"<table><tr><td>索引号：</td><td>1</td></tr></table><div id='zoom'>{PROSE * 10}</div>").encode()
    read(raw, URL)
    start = time.process_time()
    for _ in range(20):
        read(raw, URL)
    assert (time.process_time() - start) / 20 < 0.05


PIECES = st.sampled_from(
    ["<div>", "</div>", "<p>", "<table><tr><td>", "</td></tr></table>", "索引号：", "发布日期：2022-04-13", "《管理办法》", "国发〔2022〕1号", "<br>",
     "<a href='a.pdf'>附件</a>", "<a href='http://[::1'>", "<img src=x>", "<meta name=PubDate content='x'>", "<!--", "-->", "<script>", "</script>",
     "&#x110000;", "&lt;", "---\n", "title: 'a'\n", "\x00", "第一条", "。", "来源：", "<title>", "</title>", "<base href='//'>", "\u202e", "\ufffd"]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=600),
        st.lists(PIECES, max_size=40).map(lambda parts: "".join(parts).encode("utf-8", "replace")),
    )
)
def test_any_bytes_give_a_reading_or_unreadable_and_always_the_same(raw: bytes) -> None:
    def once() -> Reading | str:
        try:
            return read(raw, URL)
        except Unreadable as error:
            return str(error)

    assert once() == once()


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200), st.text(max_size=100))
def test_any_text_in_a_page_gives_a_reading(body: str, title: str) -> None:
    html = document(f"<h1>{title}</h1><div id='zoom'><p>{body}</p>{PROSE}</div>")
    try:
        reading = read(html.encode("utf-8", "surrogatepass"), URL)
    except Unreadable:
        return
    assert len(reading.title or "") <= 500


@pytest.mark.parametrize(
    "raw",
    [
        b"<" * 2_000_000,
        b"<!--" * 500_000,
        b"<noscript>" * 200_000,
        b"<title>" * 300_000,
        b"<meta charset" * 100_000,
        b"<script>" * 9_000,
    ]
    + [
        text.encode() * 200_000
        for text in ("《", "国发〔2020〕", "来源：", "公告通告", "局部委厅", "令", "&nbsp;", "第一", "2022-", "http://")
    ],
    ids=lambda raw: raw[:12].decode("utf-8", "ignore"),
)
def test_no_pattern_is_slow_on_what_repeats(raw: bytes) -> None:
    start = time.process_time()
    for body in (raw, b"<div id=zoom><p>" + raw, b"---\ntitle: a\n---\n" + raw):
        try:
            read(body, URL)
            is_refusal(body, URL, None, 200)
        except Unreadable:
            continue
    assert time.process_time() - start < 20


@pytest.mark.parametrize("rest", ["1" * 60 + "年", "附1 " * 30 + "年", "附件下载：" * 30 + "年", "1 、" * 40 + "年"])
def test_digits_beside_a_link_to_a_file_cost_no_time(rest: str) -> None:
    html = document(f"<div id='zoom'>{PROSE}<p>{rest}<a href='a.pdf'>目录.pdf</a></p></div>")
    start = time.process_time()
    assert read(html.encode(), URL).attachments
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    "piece", ["局等", "局、", "《甲办法》（国发〔2020〕1号，以下简称《办法》）", "《甲、", "自2020年1月1日起"]
)
def test_what_repeats_in_title_and_text_costs_no_time(piece: str) -> None:
    html = document(f"<h1>{piece * 60}</h1><div id='zoom'><p>{piece * 3000}</p></div>", title=piece * 60)
    start = time.process_time()
    read(html.encode(), URL)
    assert time.process_time() - start < 5
