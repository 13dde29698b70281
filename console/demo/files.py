"""Attachments as real files: a PDF and a DOCX of a few lines, made without any library.

The PDF names STSong-Light, one of the fonts that every PDF reader knows how to show, with the predefined encoding
UniGB-UCS2-H (PDF 32000-1:2008, 9.7.5.2): the text can be shown and extracted, nothing is embedded.
"""

import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

LINES_A_PAGE = 36

_CONTENT_TYPES = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/word/document.xml" \
ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>
</Types>"""

_RELATIONSHIPS = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Target="word/document.xml" \
Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/>
</Relationships>"""

_CID_FONT = (
    b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /FontDescriptor 5 0 R /DW 1000"
    b" /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> >>"
)
_FONT_DESCRIPTOR = (
    b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880]"
    b" /ItalicAngle 0 /Ascent 752 /Descent -271 /CapHeight 737 /StemV 58 >>"
)


def make(name: str, lines: Sequence[str]) -> tuple[str, bytes]:
    """The content type and the bytes of a file called `name`; the same lines give the same bytes."""
    match name.rpartition(".")[2]:
        case "pdf":
            return "application/pdf", pdf(lines)
        case "docx":
            return "application/vnd.openxmlformats-officedocument.wordprocessingml.document", docx(lines)
        case extension:
            raise ValueError(f"no file of type {extension!r} can be made here: {name}")


def docx(lines: Sequence[str]) -> bytes:
    """A Word document with one paragraph a line."""
    paragraphs = "".join(f'<w:p><w:r><w:t xml:space="preserve">{escape(line)}</w:t></w:r></w:p>' for line in lines)
    document = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        f"<w:body>{paragraphs}<w:sectPr/></w:body></w:document>"
    )
    parts = {"[Content_Types].xml": _CONTENT_TYPES, "_rels/.rels": _RELATIONSHIPS, "word/document.xml": document}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, text in parts.items():
            # A fixed time: the bytes, and so the digest, depend on the text alone.
            archive.writestr(zipfile.ZipInfo(part, (2020, 1, 1, 0, 0, 0)), text)
    return buffer.getvalue()


def pdf(lines: Sequence[str]) -> bytes:
    """A PDF with one line of text a line, on A4 pages."""
    pages = [lines[start : start + LINES_A_PAGE] for start in range(0, len(lines), LINES_A_PAGE)] or [[]]
    kids = " ".join(f"{7 + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [4 0 R] >>",
        _CID_FONT,
        _FONT_DESCRIPTOR,
        b"<< /Producer (policy-crawler demonstration) >>",
    ]
    for number, page in enumerate(pages):
        stream = _stream(page)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >>"
            + f" /Contents {8 + 2 * number} 0 R >>".encode()
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n".encode() + stream + b"\nendstream")
    return _assemble(objects)


def _stream(lines: Sequence[str]) -> bytes:
    shown = [f"<{line.encode('utf-16-be').hex().upper()}> Tj T*" for line in lines]
    return "\n".join(["BT /F1 12 Tf 20 TL 72 770 Td", *shown, "ET"]).encode()


def _assemble(objects: Sequence[bytes]) -> bytes:
    body = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    start = len(body)
    body += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    body += b"".join(f"{offset:010d} 00000 n \n".encode() for offset in offsets)
    body += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R /Info 6 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(body)
