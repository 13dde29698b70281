"""Every kind of file gives its text with the places, or says why not."""

import base64
import gzip
import io
import struct
import tarfile

import pytest
from support import files

from console.demo.files import pdf
from policy_crawler.attachments import FileState, extract, libarchive, packages


def lines(payload: bytes, name: str = "") -> list[str]:
    found = extract(payload, name)
    assert found.state is FileState.TEXT, found
    return found.text.split("\n")


def test_a_pdf_has_its_text_by_page():
    found = extract(pdf([f"第{n}行，关于资金管理的规定" for n in range(40)]))
    assert (found.kind, found.state, found.pages) == ("pdf", FileState.TEXT, 2)
    assert [part.page for part in found.parts] == [1, 2]
    assert found.parts[1].text.split("\n")[0] == "第36行，关于资金管理的规定"


def test_a_pdf_of_pictures_is_a_scan_and_a_locked_one_needs_its_password():
    assert extract(files.picture_pdf()).state is FileState.SCANNED
    locked = extract(files.picture_pdf(password=True))
    assert (locked.state, locked.reason) == (FileState.ENCRYPTED, "the PDF needs a password")
    assert extract(pdf([""])).state is FileState.EMPTY
    assert extract(b"%PDF-1.7\nnothing of a PDF").state is FileState.DAMAGED


def test_a_docx_keeps_tables_boxes_and_inserted_text_in_their_order():
    box = f"<w:p><w:r><w:txbxContent>{files.paragraph('框内文字')}</w:txbxContent></w:r></w:p>"
    tracked = (
        "<w:p><w:ins><w:r><w:t>增加的</w:t></w:r></w:ins><w:del><w:r><w:delText>删去的</w:delText></w:r></w:del>"
        "<w:r><w:t>文字</w:t><w:br/><w:t>换行</w:t></w:r></w:p>"
    )
    body = files.paragraph("通知") + files.table([["序号", "名称"], ["1", "甲\t公司"]]) + box + tracked
    notes = f"<w:footnotes {files.W}><w:footnote>{files.paragraph('脚注')}</w:footnote></w:footnotes>"
    assert lines(files.docx(body, footnotes=notes)) == [
        "通知", "序号\t名称", "1\t甲 公司", "框内文字", "增加的文字", "换行", "脚注",
    ]  # fmt: skip


def test_a_docx_prints_the_numbers_that_word_counts():
    """Articles that are numbered by Word have no 第一条 in their text."""
    article = (
        '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="第%1条 "/></w:lvl>'
    )
    item = (
        '<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="（%2）"/></w:lvl>'
    )
    numbering = (
        f'<w:numbering {files.W}><w:abstractNum w:abstractNumId="7">{article}{item}</w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num></w:numbering>'
    )

    def numbered(text: str, level: int) -> str:
        return files.paragraph(text, f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="1"/></w:numPr>')

    body = numbered("总则", 0) + numbered("甲", 1) + numbered("乙", 1) + numbered("附则", 0) + numbered("丙", 1)
    assert lines(files.docx(body, numbering=numbering)) == [
        "第一条 总则", "（一）甲", "（二）乙", "第二条 附则", "（一）丙",
    ]  # fmt: skip


def test_a_word_97_document_is_read_piece_by_piece_with_its_table_rows():
    pieces = [
        ("关于印发目录的通知\r序号\x07名称\x07\x07", False),
        ("1\x07ABC\x07\x07", True),
        ("二〇二六年\x0c", False),
    ]
    assert lines(files.doc(pieces, notes="脚注\r")) == [
        "关于印发目录的通知",
        "序号\t名称",
        "1\tABC",
        "二〇二六年",
        "脚注",
    ]


def test_of_a_field_only_its_result_is_text():
    field = "见\x13 HYPERLINK \x13 IF \x15 \x14附件一\x15。\r"
    assert lines(files.doc([(field, False)])) == ["见附件一。"]


def test_a_locked_word_document_says_so():
    assert extract(files.doc([("密\r", False)], flags=0x100)).state is FileState.ENCRYPTED
    assert extract(files.ole({"EncryptedPackage": b"x"})).state is FileState.ENCRYPTED


def test_a_workbook_keeps_its_rows_with_their_numbers():
    found = extract(files.xlsx({"明细": [["名称", "数量"], [], ["甲", 3.0], ["", 2.5]], "空": []}))
    assert [(part.sheet, part.row, part.text) for part in found.parts] == [
        ("明细", 1, "名称\t数量"), ("明细", 3, "甲\t3"), ("明细", 4, "\t2.5"),
    ]  # fmt: skip
    assert extract(files.xlsx({"空": []})).state is FileState.EMPTY


def test_an_ofd_is_read_as_it_is_seen():
    page = [(10, 50, "第二行"), (60, 20, "右"), (10, 20, "左")]
    found = extract(files.ofd([page, [(5, 5, "末页")]], template=[(30, 5, "红头文件")]))
    assert [(part.page, part.text) for part in found.parts] == [(1, "红头文件\n左 右\n第二行"), (2, "末页 红头文件")]


def test_a_package_gives_its_members_and_names_those_it_cannot_read():
    inner = files.package({"内/办法.docx": files.docx(files.paragraph("内层"))})
    payload = files.package({"外.zip": inner, "说明.txt": "说明".encode("gb18030"), "a.exe": b"MZ" + bytes(60)})
    found = extract(payload)
    assert {(part.member, part.text) for part in found.parts} == {("外.zip/内/办法.docx", "内层"), ("说明.txt", "说明")}
    assert found.state is FileState.TEXT
    assert "a.exe: a program" in found.reason
    assert found.members == ("外.zip", "说明.txt", "a.exe")


# 目录 in GBK is UTF-8 too, of Latin letters.
@pytest.mark.parametrize(
    ("raw", "name"),
    [("附件".encode("gb18030"), "附件"), ("目录".encode("gb18030"), "目录"), ("附".encode() + b"1", "附1")],
)
def test_member_names_of_chinese_windows_are_read(raw, name):
    payload = files.package({"AAAA.txt": "x"}).replace(b"AAAA.txt", raw + b".txt")
    assert extract(payload).members == (f"{name}.txt",)


def test_names_of_other_scripts_stay_as_they_are():
    assert packages.named("уииоотивл".encode(), "") == "уииоотивл"


CHAPTERS = [(39, "第\0章 "), (39, "第\1条 "), (0, "(\2)"), (23, "*")]


def test_a_doc_has_the_numbers_that_word_counts():
    text = "总则\r目的\r范围\r甲\r乙\r附则\r施行\r\r无号\r点\r"
    payload = files.doc([(text, False)], forms=CHAPTERS, depths=[0, 1, 1, 2, 2, 0, 1, 1, None, 3])
    assert lines(payload) == [
        "第一章 总则", "第一条 目的", "第二条 范围", "(1)甲", "(2)乙", "第二章 附则", "第一条 施行", "无号", "点",
    ]  # fmt: skip


def test_a_doc_is_numbered_by_its_style_also_over_pieces():
    payload = files.doc([("目的", False), ("\rscope\r", True), ("程序\r", False)], forms=CHAPTERS[:1], style=0)
    assert lines(payload) == ["第一章 目的", "第二章 scope", "第三章 程序"]


def test_damaged_lists_cost_a_doc_its_numbers_and_not_its_text():
    payload = files.doc([("目的\r", False)], forms=CHAPTERS, depths=[0])
    head = struct.pack("<Hi", 1, 77)  # how many lists, and the first one's id
    assert lines(payload.replace(head, struct.pack("<Hi", 9999, 77))) == ["目的"]


MEMBERS = {"目录/通知.txt": "关于补贴的通知".encode(), "b.exe": b"MZ" + bytes(60)}


# 附件.txt, packed by libarchive 3.6.2 with LZMA.
SEVEN = (
    "N3q8ryccAAPeW6DlGgAAAAAAAABAAAAAAAAAAMqSe68Ac6styLfUVj46T5CPhO9go0dq9X//1sIAAAEEBgABCRoABwsBAAEjAwEBBV0AAIAADA"
    "8ACAoBWfqRfAAABQERDwBElvZOLgB0AHgAdAAAABUGAQAggKSBAAA="
)


def unpacks() -> None:
    """Skip where the machine has no libarchive."""
    if not libarchive.available():
        pytest.skip(f"libarchive is not installed: apt install {libarchive.PACKAGE}")


@pytest.mark.parametrize("payload", [files.rar4(MEMBERS), files.rar5(MEMBERS)], ids=["rar4", "rar5"])
def test_a_rar_gives_its_members(payload):
    unpacks()
    found = extract(payload)
    assert (found.kind, found.state, found.members) == ("rar", FileState.TEXT, tuple(MEMBERS))
    assert [(part.member, part.text) for part in found.parts] == [("目录/通知.txt", "关于补贴的通知")]
    assert "b.exe: a program" in found.reason


@pytest.mark.parametrize("payload", [files.rar4(MEMBERS), files.rar5(MEMBERS)], ids=["rar4", "rar5"])
def test_without_libarchive_a_rar_lists_its_members_and_says_what_is_missing(payload, monkeypatch):
    def missing() -> None:
        raise libarchive.Missing

    monkeypatch.setattr(libarchive, "_library", missing)
    found = extract(payload)
    assert (found.state, found.members) == (FileState.UNSUPPORTED, tuple(MEMBERS))
    assert "apt install libarchive13" in found.reason
    assert "目录/通知.txt" in found.reason


@pytest.mark.parametrize(
    "payload",
    [
        files.rar5({}, encrypted=True), files.rar5({"a.txt": b"abc"}, locked=True),
        files.rar4({"a.txt": b"abc"}, locked=True),
    ],
    ids=["names", "rar5", "rar4"],
)  # fmt: skip
def test_a_rar_with_a_password_says_so(payload):
    unpacks()
    found = extract(payload)
    assert found.state is FileState.ENCRYPTED
    assert "needs a password" in found.reason


def test_a_volume_of_a_rar_in_several_says_so():
    unpacks()
    found = extract(files.rar4({"a.txt": b"abc"}, volume=True))
    assert found.reason.startswith("one volume of a RAR in several")


def test_a_7z_gives_its_members():
    unpacks()
    found = extract(base64.b64decode(SEVEN))
    assert (found.kind, found.state) == ("7z", FileState.TEXT)
    assert [(part.member, part.text) for part in found.parts] == [("附件.txt", "第一批名单")]


def test_a_gzip_and_a_tar_in_it_are_unpacked():
    unpacks()
    assert extract(gzip.compress("关于补贴的通知".encode())).text == "关于补贴的通知"
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        info = tarfile.TarInfo("附件.txt")
        info.size = 6
        archive.addfile(info, io.BytesIO("名单".encode()))
    found = extract(buffer.getvalue())
    assert [(part.member, part.text) for part in found.parts] == [("附件.txt", "名单")]


def test_rtf_has_code_page_and_unicode_characters_but_no_fonts():
    raw = r"{\rtf1\ansi\ansicpg936{\fonttbl{\f0 SimSun;}}\uc1 \'cd\'a8\'d6\'aa\par "
    raw += r"{\*\generator WPS}\u-27068?\u20214 ?\cell a\row}"
    assert lines(raw.encode()) == ["通知", "附件\ta"]


def test_text_in_any_charset_is_text():
    assert lines("名称,数量\n甲,3".encode("gb18030"), "a.csv") == ["名称,数量", "甲,3"]
    assert extract("名称,数量".encode(), "a.csv").kind == "csv"


def test_slides_are_pages():
    space = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    members = {
        f"ppt/slides/slide{n}.xml": f"<a:s {space}><a:p><a:r><a:t>第{n}张</a:t></a:r></a:p></a:s>" for n in (10, 2)
    }
    found = extract(files.package({"ppt/presentation.xml": "<p/>", **members}))
    assert [(part.page, part.text) for part in found.parts] == [(2, "第2张"), (10, "第10张")]


@pytest.mark.parametrize(
    ("payload", "name", "state"),
    [
        (b"", "a.pdf", FileState.EMPTY),
        (bytes(40), "a.pdf", FileState.EMPTY),
        (b"MZ" + bytes(100), "a.pdf", FileState.EXECUTABLE),
        (b"<!DOCTYPE html><html><title>404</title>", "a.pdf", FileState.HTML_ERROR_PAGE),
        (b"\xef\xbb\xbf\n<html><body>x", "a.doc", FileState.HTML_ERROR_PAGE),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "a.pdf", FileState.PICTURE),
        (b"\xff\xd8\xff\xe0" + bytes(50), "a.jpg", FileState.PICTURE),
        (b"Founder CEB 3.0" + bytes(50), "a.ceb", FileState.UNSUPPORTED),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "a.doc", FileState.UNSUPPORTED),
        (b"PK\x03\x04" + bytes(50), "a.docx", FileState.DAMAGED),
        (bytes(range(256)) * 4, "a.bin", FileState.UNSUPPORTED),
    ],
)
def test_the_content_tells_what_a_file_is(payload, name, state):
    found = extract(payload, name)
    assert (found.state, found.text) == (state, "")
    assert found.reason


def test_a_table_that_a_form_system_calls_xls_is_a_file():
    page = '<html xmlns:x="urn:schemas-microsoft-com:office:excel"><table><tr><td>甲<td>3</tr><tr><td>乙<td>4</table>'
    assert lines(page.encode(), "a.xls") == ["甲\t3", "乙\t4"]
