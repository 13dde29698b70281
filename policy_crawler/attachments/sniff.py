"""What kind of file bytes are. The name is asked only where the content cannot tell (plain text)."""

import io
import re

import olefile

_HTML = re.compile(
    rb"^(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|script|meta|table)\b",
    re.IGNORECASE | re.DOTALL,
)
_START = (
    (b"{\\rtf", "rtf"),
    (b"Rar!\x1a\x07", "rar"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x1f\x8b", "gzip"),
    (b"MZ", "executable"),
    (b"\x7fELF", "executable"),
    (b"\xca\xfe\xba\xbe", "executable"),
    (b"\xcf\xfa\xed\xfe", "executable"),
    (b"#!", "executable"),
    (b"\x89PNG\r\n\x1a\n", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
    (b"BM", "picture"),
    (b"II*\0", "picture"),
    (b"MM\0*", "picture"),
    (b"Founder CEB", "ceb"),
)
_STREAMS = (  # the stream that makes an OLE file what it is
    ("EncryptedPackage", "encrypted"),
    ("WordDocument", "doc"),  # also WPS text
    ("Workbook", "xls"),  # also WPS ET
    ("Book", "xls"),
    ("PowerPoint Document", "ppt"),  # also WPS DPS
)


def sniff(payload: bytes) -> str:
    """The kind of `payload`: one of those `FileText.kind` lists, or "empty", "package" (a zip), "ole", "bytes".

    A package is looked into by its reader; "bytes" may be text."""
    if not payload.strip(b"\0 \t\r\n"):
        return "empty"
    head = payload[:4096]
    if payload.startswith(olefile.MAGIC):
        return _ole(payload)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return "package"
    if kind := _by_start(head):
        return kind
    if _HTML.match(head):
        return "html"
    # ISO 32000-1, 7.5.2, note: readers accept the header anywhere in the first 1,024 bytes.
    return "pdf" if b"%PDF-" in head[:1024] else "bytes"


def _by_start(head: bytes) -> str | None:
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "picture"
    if head.startswith(b"BM") and head[6:10] != bytes(4):  # two letters are no proof; a bitmap's header has zeros here
        return None
    return next((kind for start, kind in _START if head.startswith(start)), None)


def _ole(payload: bytes) -> str:
    try:
        with olefile.OleFileIO(io.BytesIO(payload)) as ole:
            found = {entry[0] for entry in ole.listdir() if len(entry) == 1}
    except (OSError, ValueError, IndexError, RecursionError):
        return "ole"
    return next((kind for stream, kind in _STREAMS if stream in found), "ole")
