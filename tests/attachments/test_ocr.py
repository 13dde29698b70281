"""OCR of scans and pictures. What needs the engine skips where the extra `ocr` is not installed."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from support import files

from policy_crawler.attachments import FileState, Recognition, extract, extract_safely, ocr

PICTURE = Path(__file__).parent / "pictures" / "plan.png"  # a plan of two items and a table, drawn for these tests


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


class Told:
    """A recogniser that is told what it will see: `most` pictures, then the rest waits. It asks for no picture."""

    def __init__(self, most: int, words: str = "关于补贴的通知") -> None:
        self.most, self.words_, self.done = most, words, []

    def words(self, picture: Callable[[], bytes]) -> tuple[str, float] | None:
        if len(self.done) == self.most:
            return None
        self.done.append((f"{self.words_}{len(self.done) + 1}", 0.9))
        return self.done[-1]


def scan(pages: int, text: int = 0) -> bytes:
    """A PDF whose pages are pictures, the last `text` of them with words of their own."""
    pictured = b" /Resources << /XObject << /I 4 0 R >> /Font << /F 5 0 R >> >>"
    first = 8
    kids = b" ".join(b"%d 0 R" % number for number in range(first, first + pages))
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842]" + pictured
    streams = [b"q 500 0 0 700 40 60 cm /I Do Q", b"BT /F 12 Tf 40 700 Td (Article 1 of the measures for funds) Tj ET"]
    return files.assembled(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [" + kids + b"] /Count %d >>" % pages,
            b"<< >>",
            b"<< /Type /XObject /Subtype /Image /Width 16 /Height 16 /ColorSpace /DeviceGray /BitsPerComponent 8"
            b" /Length 256 >>\nstream\n" + bytes(range(256)) + b"\nendstream",
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
            *(b"<< /Length %d >>\nstream\n" % len(stream) + stream + b"\nendstream" for stream in streams),
            *(page + b" /Contents %d 0 R >>" % (7 if number >= pages - text else 6) for number in range(pages)),
        ]
    )


def test_a_scan_has_its_pages_and_how_sure_they_are():
    waits = extract(scan(3))
    assert (waits.state, waits.waiting, waits.confidence) == (FileState.SCANNED, 3, None)
    found = extract(scan(3), recogniser=Told(9))
    assert (found.state, found.waiting, found.confidence) == (FileState.TEXT, 0, 0.9)
    assert [(part.page, part.text, part.confidence) for part in found.parts] == [
        (n, f"关于补贴的通知{n}", 0.9) for n in (1, 2, 3)
    ]
    assert "OCR" in found.reason


def test_what_a_scan_is_too_long_for_waits_and_is_told():
    found = extract(scan(5), recogniser=Told(2))
    assert (found.state, found.waiting, len(found.recognised)) == (FileState.SCANNED, 3, 2)
    assert found.reason == "its 5 pages are pictures without text; OCR read 2 of them"
    assert found.text == "关于补贴的通知1\n关于补贴的通知2"


def test_pages_that_are_pictures_among_pages_of_text_are_read():
    found = extract(scan(3, text=2), recogniser=Told(9))
    assert (found.state, found.waiting, found.reason) == (FileState.TEXT, 0, "pages 1 read by OCR, which may err")
    assert [part.confidence is None for part in found.parts] == [False, True, True]
    assert extract(scan(3, text=2)).reason == "pages that are pictures: 1"


def test_pictures_in_a_package_have_their_member():
    payload = files.package({"附件/扫描.pdf": scan(2), "图.png": PICTURE.read_bytes(), "说明.txt": "说明"})
    assert extract(payload).waiting == 3
    found = extract(payload, recogniser=Told(2))
    assert (found.state, found.waiting) == (FileState.TEXT, 1)
    assert [(part.member, part.page) for part in found.parts] == [
        ("附件/扫描.pdf", 1),
        ("附件/扫描.pdf", 2),
        ("说明.txt", None),
    ]


def test_pages_of_an_ofd_that_are_pictures_are_read_from_the_package():
    payload = files.ofd([[], [(20, 20, "第二页有自己的文字，不需要识别，也不会识别。")]], picture=PICTURE.read_bytes())
    assert (extract(payload).waiting, extract(payload).state) == (1, FileState.TEXT)
    found = extract(payload, recogniser=Told(9))
    assert [(part.page, part.confidence) for part in found.parts] == [(1, 0.9), (2, None)]
    scanned = extract(files.ofd([[], []], picture=PICTURE.read_bytes()))
    assert (scanned.state, scanned.waiting) == (FileState.SCANNED, 2)


def test_without_the_extra_a_scan_says_how_to_read_it():
    if ocr.available():
        pytest.skip("the extra ocr is installed")
    found = extract_safely(PICTURE.read_bytes(), ocr=Recognition())
    assert (found.state, found.waiting) == (FileState.PICTURE, 1)
    assert "policy-crawler[ocr]" in found.reason


def test_a_child_is_ended_when_it_shall_stop():
    found = extract_safely(scan(3), stop=lambda: True)
    assert (found.state, found.text) == (FileState.TOO_LARGE, "")


@pytest.fixture
def engine() -> None:
    if not ocr.available():
        pytest.skip("the extra ocr is not installed: pip install 'policy-crawler[ocr]'")


def test_a_chinese_picture_is_read_with_its_table(engine):
    found = extract_safely(PICTURE.read_bytes(), "plan.png", ocr=Recognition())
    assert (found.kind, found.state, found.waiting) == ("picture", FileState.TEXT, 0)
    assert "二、支持企业首次公开发行证券并上市" in found.text
    assert "建设标识解析节点\t信息通信管理局" in found.text
    assert (found.confidence or 0) > 0.9


def test_a_scan_is_read_on_from_where_it_was_left(engine):
    from PIL import Image

    buffer = io.BytesIO()
    with Image.open(PICTURE) as picture:
        page = picture.convert("RGB")
        page.save(buffer, "PDF", save_all=True, append_images=[page])
    first = extract_safely(buffer.getvalue(), ocr=Recognition(pictures=1))
    assert (first.state, first.waiting, len(first.recognised)) == (FileState.SCANNED, 1, 1)
    known = (("已经读过的第一页", 0.5),)
    second = extract_safely(buffer.getvalue(), ocr=Recognition(pictures=1, known=known))
    assert (second.state, second.waiting, len(second.recognised)) == (FileState.TEXT, 0, 2)
    assert second.parts[0].text == "已经读过的第一页"
    assert "示例工业互联网工作计划" in second.parts[1].text


def test_an_ofd_of_pictures_is_read(engine):
    found = extract_safely(files.ofd([[]], picture=PICTURE.read_bytes()), ocr=Recognition())
    assert (found.kind, found.state) == ("ofd", FileState.TEXT)
    assert "打造十个标杆工厂" in found.text
