"""Bytes to text: labels lie, bytes do not (I4, I5)."""

import pytest

from policy_crawler.errors import Unreadable
from policy_crawler.reading import decode, read

TEXT = "<html><head>{meta}<title>关于印发《镕基工程管理办法》的通知</title></head><body><p>{body}</p></body></html>"
BODY = "各有关单位：现将《工程管理办法》印发给你们，请结合实际认真贯彻执行。执行中的问题请及时反馈。" * 3
RARE = "㐂𠮷镕，喆玥堃。"


def page(meta: str = "", body: str = BODY) -> str:
    return TEXT.format(meta=meta, body=body)


@pytest.mark.parametrize(
    "content_type", [None, "text/html; charset=utf-8", "text/html; charset=gb2312", "text/html; charset=iso-8859-1"]
)
@pytest.mark.parametrize(
    "meta", ["", '<meta charset="utf-8">', '<meta charset="gb2312">', '<meta charset="iso-8859-1">']
)
@pytest.mark.parametrize("codec", ["utf-8", "gb18030"])
def test_I4_the_bytes_decide_whatever_header_and_meta_say(codec: str, meta: str, content_type: str | None) -> None:
    text = page(meta, BODY + RARE)
    assert decode(text.encode(codec), content_type) == (text, codec)


def test_four_byte_characters_survive_a_gb2312_label() -> None:
    text, charset = decode(page('<meta charset="gb2312">', RARE * 20).encode("gb18030"), None)
    assert charset == "gb18030"
    assert "㐂𠮷镕" in text


def test_big5_is_told_by_its_bytes_or_its_label() -> None:
    text = page(body="各有關單位：現將管理辦法印發給你們，請結合實際認真貫徹執行。執行中的問題請及時反饋。" * 3)
    assert decode(text.encode("big5", "ignore"), "text/html; charset=big5")[1] == "big5"


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_wins(codec: str) -> None:
    text, charset = decode(page().encode(codec), "text/html; charset=gbk")
    assert text == page()
    assert charset == ("utf-8" if codec == "utf-8-sig" else "utf-16-le")


def test_a_few_broken_bytes_are_borne_in_utf8() -> None:
    raw = page(body=BODY * 20).encode()
    middle = raw.index("反馈".encode()) + 1
    text, charset = decode(raw[:middle] + b"\xff" + raw[middle:], None)
    assert charset == "utf-8"
    assert 1 <= text.count("\ufffd") <= 6


def test_a_page_cut_inside_a_character_is_still_utf8() -> None:
    assert decode(page().encode()[:-20] + "通".encode()[:2], None)[1] == "utf-8"


def test_noise_is_no_text() -> None:
    noise = bytes(range(128, 256)) * 40
    with pytest.raises(Unreadable, match=r"charset|binary"):
        read(bytes([0xFF, 0x00, 0x81, 0x20]) * 500 + noise, "https://www.example.gov.cn/a.html")


def test_the_reading_names_the_charset_used() -> None:
    reading = read(page('<meta charset="utf-8">').encode("gbk"), "https://www.example.gov.cn/a.html")
    assert reading.charset == "gb18030"
    assert reading.title == "关于印发《镕基工程管理办法》的通知"
    assert reading.body is not None
    assert "\ufffd" not in reading.body


def test_I5_invisible_characters_go_and_text_is_nfc() -> None:
    body = (
        "请\u202e认真\u200b贯\x00彻执行，e\u0301tudes"
        "a" + "\u0301" * 100_000 + "。以上意见请遵照执行，并将情况报送我办。"
    )
    reading = read(page(body=body).encode(), "https://www.example.gov.cn/a.html")
    assert reading.body is not None
    assert reading.body.startswith("请认真贯彻执行，\u00e9tudes")
    assert len(reading.body) < 200


def test_I5_lone_surrogates_and_a_title_of_a_megabyte() -> None:
    raw = page().replace("关于印发", "关于印发" * 250_000).encode() + b"\xed\xa0\x80"
    reading = read(raw, "https://www.example.gov.cn/a.html")
    assert reading.title is not None
    assert len(reading.title) <= 500
