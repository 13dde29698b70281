"""OCR of scans and pictures; skips where the extra `ocr` is not installed."""

import io

import pytest

from policy_crawler.attachments import FileState, extract, extract_safely, ocr

PAGE_WIDTH, LINE = 1400, 70


def test_boxes_of_one_line_are_a_row_and_wide_gaps_are_tabs():
    def box(left: float, top: float, width: float) -> list[list[float]]:
        return [[left, top], [left + width, top], [left + width, top + 20], [left, top + 20]]

    found = [
        (box(300, 41, 60), "甲公司"),
        (box(10, 40, 40), "序号"),
        (box(10, 0, 90), "标题"),
        (box(365, 40, 40), "续"),
    ]
    assert ocr.lines(found) == ["标题", "序号\t甲公司 续"]


def test_without_the_extra_a_scan_says_how_to_read_it(monkeypatch):
    monkeypatch.setattr(ocr, "available", lambda: False)
    payload = b"\x89PNG\r\n\x1a\n" + bytes(60)
    found = ocr.recognised(payload, extract(payload))
    assert found.state is FileState.PICTURE
    assert "policy-crawler[ocr]" in found.reason


def test_a_picture_of_text_is_read():
    if not ocr.available():
        pytest.skip("the extra ocr is not installed: pip install 'policy-crawler[ocr]'")
    from PIL import Image, ImageDraw, ImageFont

    page = Image.new("RGB", (PAGE_WIDTH, 3 * LINE), "white")
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default(40)  # Pillow's own, which has no Chinese: the test needs no font of the machine
    draw.text((40, 20), "GB/T 9704-2012 effective 2012-07-01", font=font, fill="black")
    draw.text((40, 20 + LINE), "No. 17 of 2026, 1280.50", font=font, fill="black")
    for form in ("PNG", "PDF"):
        buffer = io.BytesIO()
        page.save(buffer, form)
        found = extract_safely(buffer.getvalue(), ocr=True)
        assert found.state is FileState.TEXT, found
        assert "9704-2012" in found.text
        assert "1280.50" in found.text
        assert [part.page for part in found.parts] == [1 if form == "PDF" else None]
