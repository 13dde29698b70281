"""PPTX slides in order, and the text records of legacy PPT ([MS-PPT] 2.9.41 TextCharsAtom, 2.9.43 TextBytesAtom)."""

import io
import re
import struct

import olefile

from policy_crawler.attachments.markup import local, parse
from policy_crawler.attachments.model import MAX_PAGES, Budget, FileState, FileText, Part, Refused
from policy_crawler.attachments.packages import Package

_SLIDE = re.compile(r"ppt/slides/slide(\d+)\.xml")
_CHARACTERS, _BYTES, _CONTAINER = 0x0FA0, 0x0FA8, 0xF


def read_pptx(package: Package, budget: Budget) -> FileText:
    """The paragraphs of each slide. Slides are numbered as stored, which is their order unless they were moved."""
    found = sorted((int(match[1]), name) for name in package.names if (match := _SLIDE.fullmatch(name)))
    if len(found) > MAX_PAGES:
        raise Refused(FileState.TOO_LARGE, f"{len(found):,} slides; the limit is {MAX_PAGES:,}")
    parts: list[Part] = []
    for number, name in found:
        paragraphs = (node for node in parse(package.read(name) or b"", name).iter() if local(node) == "p")
        lines = ("".join(t.text or "" for t in paragraph.iter() if local(t) == "t").strip() for paragraph in paragraphs)
        parts.extend(budget.within([Part("\n".join(filter(None, lines)), page=number)]))
    if parts:
        return FileText("pptx", FileState.TEXT, parts=tuple(parts), pages=len(found))
    return FileText("pptx", FileState.EMPTY, "the slides have no text (pictures are not looked into)", pages=len(found))


def read_ppt(payload: bytes, budget: Budget) -> FileText:
    """The text of all records in the order they are stored."""
    try:
        with olefile.OleFileIO(io.BytesIO(payload)) as ole:
            stream = ole.openstream("PowerPoint Document").read()
    except (OSError, ValueError, IndexError, RecursionError) as error:
        raise Refused(FileState.DAMAGED, f"the slides cannot be read: {error}") from error
    texts, at = [], 0
    while at + 8 <= len(stream):
        version, kind, length = struct.unpack_from("<HHI", stream, at)
        at += 8
        if version & 0xF == _CONTAINER:
            continue  # its records follow
        if kind == _CHARACTERS:
            texts.append(stream[at : at + length].decode("utf-16-le", "replace"))
        elif kind == _BYTES:
            texts.append(stream[at : at + length].decode("cp1252", "replace"))
        at += length
    parts = tuple(budget.within(Part(re.sub("[\r\x0b]", "\n", text).strip()) for text in texts))
    if parts:
        return FileText("ppt", FileState.TEXT, parts=parts)
    return FileText("ppt", FileState.EMPTY, "the slides have no text (pictures are not looked into)")
