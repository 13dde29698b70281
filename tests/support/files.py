"""Small files of every kind, made here: packages, OLE containers, Word and Excel of both ages, OFD, RAR headers."""

import io
import struct
import zipfile
import zlib
from xml.sax.saxutils import escape

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
END, FREE, FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def package(members: dict[str, bytes | str], *, stored: bool = False) -> bytes:
    """A zip with these members, deflated."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(
                zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), content, None if stored else zipfile.ZIP_DEFLATED
            )
    return buffer.getvalue()


def paragraph(text: str, properties: str = "") -> str:
    return f"<w:p>{f'<w:pPr>{properties}</w:pPr>' if properties else ''}<w:r><w:t>{escape(text)}</w:t></w:r></w:p>"


def table(rows: list[list[str]]) -> str:
    cells = lambda row: "".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row)  # noqa: E731
    return "<w:tbl>" + "".join(f"<w:tr>{cells(row)}</w:tr>" for row in rows) + "</w:tbl>"


def docx(body: str, **more: bytes | str) -> bytes:
    """A Word package with this XML as its body; `more` are members under word/ by their stem."""
    members: dict[str, bytes | str] = {
        "[Content_Types].xml": "<Types/>",
        "word/document.xml": f"<?xml version='1.0'?><w:document {W}><w:body>{body}</w:body></w:document>",
    }
    members.update({f"word/{name}.xml": content for name, content in more.items()})
    return package(members)


def xlsx(sheets: dict[str, list[list[str | float]]]) -> bytes:
    """An Excel package with inline strings and numbers."""
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    names = "".join(f'<sheet name="{escape(name)}" sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(sheets, 1))
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{rel}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    main_part = f'<Relationship Id="rId1" Type="{rel}/officeDocument" Target="xl/workbook.xml"/>'
    members: dict[str, bytes | str] = {
        "[Content_Types].xml": f"<Types xmlns='{PACKAGE}/content-types'/>",
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{main_part}</Relationships>',
        "xl/workbook.xml": f'<workbook {main} xmlns:r="{rel}"><sheets>{names}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{links}</Relationships>',
    }
    for n, rows in enumerate(sheets.values(), 1):
        lines = "".join(
            f"<row r='{r}'>{''.join(_cell(r, c, v) for c, v in enumerate(row))}</row>" for r, row in enumerate(rows, 1)
        )
        members[f"xl/worksheets/sheet{n}.xml"] = f"<worksheet {main}><sheetData>{lines}</sheetData></worksheet>"
    return package(members)


def _cell(row: int, column: int, value: str | float) -> str:
    place = f"{chr(65 + column)}{row}"
    if isinstance(value, str):
        return f'<c r="{place}" t="inlineStr"><is><t>{escape(value)}</t></is></c>' if value else ""
    return f'<c r="{place}"><v>{value}</v></c>'


def ole(streams: dict[str, bytes]) -> bytes:
    """A compound file ([MS-CFB], version 3) with these streams in its root, each kept in whole sectors."""
    names = list(streams)
    contents = [content.ljust(4096, b"\0") for content in streams.values()]  # below 4,096 they would be mini streams
    directory_sectors = (len(names) + 1 + 3) // 4
    sectors = [-(-len(content) // 512) for content in contents]
    fat_sectors = 1
    while fat_sectors * 128 < fat_sectors + directory_sectors + sum(sectors):
        fat_sectors += 1
    fat = [FAT] * fat_sectors
    fat += [*range(fat_sectors + 1, fat_sectors + directory_sectors), END]
    starts = []
    for count in sectors:
        starts.append(len(fat))
        fat += [*range(len(fat) + 1, len(fat) + count), END]
    fat += [FREE] * (fat_sectors * 128 - len(fat))
    header = struct.pack(
        "<8s16sHHHHH6xIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", bytes(16), 0x3E, 3, 0xFFFE, 9, 6, 0, fat_sectors,
        fat_sectors, 0, 4096, END, 0, END, 0,
    )  # fmt: skip
    header += struct.pack("<109I", *range(fat_sectors), *[FREE] * (109 - fat_sectors))
    entries = [_entry("Root Entry", 5, END, 0, child=1)]
    for index, name in enumerate(names):
        following = index + 2 if index + 1 < len(names) else FREE
        entries.append(_entry(name, 2, starts[index], len(contents[index]), right=following))
    directory = b"".join(entries).ljust(directory_sectors * 512, b"\0")
    body = b"".join(content.ljust(count * 512, b"\0") for content, count in zip(contents, sectors, strict=True))
    return header + struct.pack(f"<{len(fat)}I", *fat) + directory + body


def _entry(name: str, kind: int, start: int, size: int, *, right: int = FREE, child: int = FREE) -> bytes:
    raw = (name + "\0").encode("utf-16-le")
    return raw.ljust(64, b"\0") + struct.pack(
        "<HBBIII16sIQQIQ", len(raw), kind, 1, FREE, right, child, bytes(16), 0, 0, 0, start, size
    )


def doc(
    pieces: list[tuple[str, bool]],
    *,
    rows: bool = True,
    flags: int = 0,
    notes: str = "",
    forms: list[tuple[int, str]] | None = None,
    depths: list[int | None] | None = None,
    style: int | None = None,
) -> bytes:
    """A Word 97 document of these pieces: text, and whether it is kept in 8-bit characters. With `rows`, "\\x07"
    after a "\\x07" ends a row, and the paragraph marks say so. `forms`: the levels of its one list, each its MSONFC and
    text, in which "\\0" stands for the number of the first level; `depths`: the level of each paragraph; `style`: the
    level that a style gives to every paragraph."""
    text = "".join(piece for piece, _ in pieces)
    word = bytearray(bytes(0x600))
    places, at = [], 0
    descriptors = b""
    stretches = []  # (offset of the character, character, width)
    for piece, narrow in [*pieces, (notes, False)]:
        offset, width = len(word), 1 if narrow else 2
        raw = piece.encode("cp1252") if narrow else piece.encode("utf-16-le")
        stretches += [(offset + n * width, character, width) for n, character in enumerate(piece)]
        word += raw
        places.append(at)
        at += len(piece)
        descriptors += struct.pack("<HIH", 0, offset * 2 | 1 << 30 if narrow else offset, 0)
    plc = struct.pack(f"<{len(places) + 1}I", *places, at) + descriptors
    clx = b"\x02" + struct.pack("<I", len(plc)) + plc
    struct.pack_into("<H", word, 0, 0xA5EC)
    struct.pack_into("<H", word, 2, 0xC1)
    struct.pack_into("<H", word, 0x0A, flags | 0x200)
    struct.pack_into("<7i", word, 0x4C, len(text), len(notes), 0, 0, 0, 0, 0)
    struct.pack_into("<Ii", word, 0x1A2, 0, len(clx))
    bins = b""
    if rows:
        word += bytes(-len(word) % 512)
        bins = struct.pack("<III", 0, len(word), len(word) // 512)
        word += _paragraph_marks(stretches, depths or [])
        struct.pack_into("<II", word, 0x102, len(clx), len(bins))
    table = clx + bins
    if forms:
        heads, uses = _list_tables(forms)
        struct.pack_into("<II", word, 0x2E2, len(table), 2 + 28)
        struct.pack_into("<II", word, 0x2EA, len(table) + len(heads), len(uses))
        table += heads + uses
    if style is not None:
        sheet = _style_sheet(style)
        struct.pack_into("<II", word, 0xA2, len(table), len(sheet))
        table += sheet
    return ole({"WordDocument": bytes(word), "1Table": table})


def _list_tables(forms: list[tuple[int, str]]) -> tuple[bytes, bytes]:
    """PlfLst with its levels, and PlfLfo with one use of the list."""
    heads = struct.pack("<Hii18xBB", 1, 77, 0, 0, 0)
    for form, text in [*forms, *[(255, "")] * (9 - len(forms))]:
        heads += struct.pack("<iB19xBBBB", 1, form, 2, 3, 0, 0) + b"\x0f\x84\x00" + b"\x4a\x00"
        heads += struct.pack("<H", len(text)) + text.encode("utf-16-le")
    return heads, struct.pack("<IiIIBBBBI", 1, 77, 0, 0, 0, 0, 0, 0, 0xFFFFFFFF)


def _style_sheet(depth: int) -> bytes:
    """One paragraph style, 正文, that numbers at this level."""
    papx = struct.pack("<HHhHB", 0, 0x460B, 1, 0x260A, depth)
    name = "正文"
    entry = struct.pack("<HHHHH", 0, 0xFFF << 4 | 1, 1, 0, 0) + struct.pack("<H", len(name))
    entry += name.encode("utf-16-le") + b"\0\0" + struct.pack("<H", len(papx)) + papx
    return struct.pack("<HHH14x", 18, 1, 10) + struct.pack("<H", len(entry)) + entry + bytes(len(entry) & 1)


def _paragraph_marks(stretches: list[tuple[int, str, int]], depths: list[int | None]) -> bytes:
    """One FKP: for each paragraph whether it stands in a table or ends a row, and the level of its number."""
    runs: list[tuple[int, int, bytes]] = []
    start, last = None, ""
    for offset, character, width in stretches:
        start = offset if start is None else start
        if character in "\r\x07":
            ends_row = character == "\x07" and last == "\x07"
            cell = character == "\x07" or last == "\x0e"
            kind = b"\x16\x24\x01\x17\x24\x01" if ends_row else b"\x16\x24\x01" if cell else b""
            depth = depths[len(runs)] if len(runs) < len(depths) else None
            numbered = struct.pack("<HhHB", 0x460B, 1, 0x260A, depth) if depth is not None else b""
            runs.append((start, offset + width, kind + numbered))
            start = None
        last = "" if character == "\x07" and last == "\x07" else character
    page = bytearray(512)
    struct.pack_into(f"<{len(runs) + 1}I", page, 0, *[run[0] for run in runs], runs[-1][1] if runs else 0)
    free = 510
    for index, (_, _, properties) in enumerate(runs):
        if properties:
            whole = properties + bytes(len(properties) & 1)
            content = bytes([0, (len(whole) + 2) // 2]) + b"\0\0" + whole
            free = (free - len(content)) & ~1
            page[free : free + len(content)] = content
            page[4 * (len(runs) + 1) + 13 * index] = free // 2
    page[511] = len(runs)
    return bytes(page)


def ofd(
    pages: list[list[tuple[float, float, str]]],
    template: list[tuple[float, float, str]] | None = None,
    picture: bytes = b"",
) -> bytes:
    """An OFD whose pages have words at (x, y) in mm; with a `picture` (PNG) those without words show it."""
    space = 'xmlns:ofd="http://www.ofdspec.org/2016"'

    def layer(words: list[tuple[float, float, str]]) -> str:
        if picture and not words:
            return '<ofd:ImageObject ID="7" Boundary="0 0 210 297" ResourceID="5"/>'
        return "".join(
            f'<ofd:TextObject ID="1" Boundary="{x} {y} {5 * len(text)} 5" Size="5">'
            f'<ofd:TextCode X="0" Y="4">{escape(text)}</ofd:TextCode></ofd:TextObject>'
            for x, y, text in words
        )

    listed = "".join(f'<ofd:Page ID="{n}" BaseLoc="Pages/Page_{n}/Content.xml"/>' for n in range(len(pages)))
    common = '<ofd:TemplatePage ID="90" BaseLoc="Tpls/0.xml"/>' if template else ""
    common += "<ofd:DocumentRes>DocumentRes.xml</ofd:DocumentRes>" if picture else ""
    frame = f"<ofd:CommonData>{common}</ofd:CommonData>"
    members: dict[str, bytes | str] = {
        "OFD.xml": f"<ofd:OFD {space}><ofd:DocRoot>/Doc_0/Document.xml</ofd:DocRoot></ofd:OFD>",
        "Doc_0/Document.xml": f"<ofd:Document {space}>{frame}<ofd:Pages>{listed}</ofd:Pages></ofd:Document>",
    }
    if picture:
        medium = '<ofd:MultiMedia ID="5" Type="Image"><ofd:MediaFile>scan.png</ofd:MediaFile></ofd:MultiMedia>'
        members["Doc_0/DocumentRes.xml"] = (
            f'<ofd:Res {space} BaseLoc="Res"><ofd:MultiMedias>{medium}</ofd:MultiMedias></ofd:Res>'
        )
        members["Doc_0/Res/scan.png"] = picture
    if template:
        members["Doc_0/Tpls/0.xml"] = (
            f"<ofd:Page {space}><ofd:Content><ofd:Layer>{layer(template)}</ofd:Layer></ofd:Content></ofd:Page>"
        )
    for n, words in enumerate(pages):
        use = '<ofd:Template TemplateID="90"/>' if template else ""
        members[f"Doc_0/Pages/Page_{n}/Content.xml"] = (
            f"<ofd:Page {space}>{use}<ofd:Content><ofd:Layer>{layer(words)}</ofd:Layer></ofd:Content></ofd:Page>"
        )
    return package(members)


def rar4(members: dict[str, bytes], *, locked: bool = False, volume: bool = False) -> bytes:
    """A RAR 4 of stored members, their names in GBK. `locked`: the headers say that they need a password."""
    out = b"Rar!\x1a\x07\x00" + _rar4_block(0x73, 1 if volume else 0, bytes(6))
    for name, content in members.items():
        raw = name.encode("gb18030")
        fields = struct.pack(
            "<IIBIIBBHI", len(content), len(content), 2, zlib.crc32(content), 0x5D780000, 20, 0x30, len(raw), 0o100644
        )
        out += _rar4_block(0x74, 0x8000 | (4 if locked else 0), fields + raw) + content
    return out + _rar4_block(0x7B, 0x4000, b"")


def _rar4_block(kind: int, flags: int, content: bytes) -> bytes:
    block = struct.pack("<BHH", kind, flags, 7 + len(content)) + content
    return struct.pack("<H", zlib.crc32(block) & 0xFFFF) + block


def rar5(members: dict[str, bytes], *, locked: bool = False, encrypted: bool = False) -> bytes:
    """A RAR 5 of stored members. `locked`: they need a password; `encrypted`: even the names do."""
    out = b"Rar!\x1a\x07\x01\x00" + _rar5_block(bytes([1, 0, 0]))
    if encrypted:
        return out + _rar5_block(bytes([4, 0, 0, 0]))
    for name, content in members.items():
        raw, extra = name.encode(), bytes([3, 1, 0, 0]) if locked else b""  # a record of the type "encryption"
        size = _rar5_number(len(content))
        head = bytes([2, 3 if extra else 2]) + (bytes([len(extra)]) if extra else b"") + size
        fields = b"\x04" + size + _rar5_number(0o100644) + struct.pack("<I", zlib.crc32(content)) + b"\x00\x01"
        out += _rar5_block(head + fields + bytes([len(raw)]) + raw + extra) + content
    return out + _rar5_block(bytes([5, 0, 0]))


def _rar5_block(content: bytes) -> bytes:
    block = _rar5_number(len(content)) + content
    return struct.pack("<I", zlib.crc32(block)) + block


def _rar5_number(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def picture_pdf(password: bool = False) -> bytes:
    """A PDF whose one page is a picture; or one that cannot be opened without a password."""
    secret = (
        b"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <"
        + b"61" * 32
        + b"> /U <"
        + b"62" * 32
        + b"> >> /ID [<01> <01>]"
    )
    pixels = bytes(range(256)) * 3
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /XObject << /I 4 0 R >> >>"
            b" /Contents 5 0 R >>"
        ),
        b"<< /Type /XObject /Subtype /Image /Width 16 /Height 16 /ColorSpace /DeviceRGB /BitsPerComponent 8"
        b" /Length 768 >>\nstream\n" + pixels + b"\nendstream",
        b"<< /Length 31 >>\nstream\nq 500 0 0 700 40 60 cm /I Do Q \nendstream",
    ]
    return assembled(objects, secret if password else b"")


def assembled(objects: list[bytes], trailer: bytes = b"") -> bytes:
    """A PDF of these objects, the first being its catalog."""
    body, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    start = len(body)
    body += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    body += b"".join(f"{offset:010d} 00000 n \n".encode() for offset in offsets)
    body += b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, start)
    return bytes(body)


def text_pdf(lines: list[str], *, producer: str = "Word", day: str = "20260305") -> bytes:
    """A PDF of one page with these lines as text, its characters mapped by a ToUnicode table."""
    signs = sorted(set("".join(lines)))
    codes = {sign: number for number, sign in enumerate(signs, 1)}
    mapped = "".join(f"<{code:04X}> <{sign.encode('utf-16-be').hex().upper()}>\n" for sign, code in codes.items())
    table_ = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def\n"
        "1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
        + "".join(
            f"{len(part)} beginbfchar\n{''.join(part)}endbfchar\n"
            for start in range(0, len(signs), 100)
            if (part := mapped.splitlines(keepends=True)[start : start + 100])
        )
        + "endcmap end end"
    ).encode()
    shown = "".join(f"<{''.join(f'{codes[sign]:04X}' for sign in line)}> Tj 0 -20 Td\n" for line in lines)
    page = f"BT /F1 12 Tf 60 780 Td\n{shown}ET".encode()
    box = b"/MediaBox [0 0 595 842]"
    composite = b"<< /Type /Font /Subtype /Type0 /BaseFont /Song /Encoding /Identity-H"
    descendant = b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Song /CIDSystemInfo << /Registry (Adobe) /Ordering "
    return assembled(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> " + box + b" >>",
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(page), page),
            composite + b" /DescendantFonts [6 0 R] /ToUnicode 7 0 R >>",
            descendant + b"(Identity) /Supplement 0 >> /DW 1000 >>",
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(table_), table_),
            f"<< /Producer ({producer}) /CreationDate (D:{day}101200+08'00') >>".encode(),
        ],
        b"/Info 8 0 R",
    )
