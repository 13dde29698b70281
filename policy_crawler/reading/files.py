"""Attachments: which links are files of the document, and what people call them."""

import re
from urllib.parse import parse_qs, unquote, urlsplit

EXTENSIONS = (
    "pdf",
    "doc",
    "docx",
    "wps",
    "xls",
    "xlsx",
    "et",
    "csv",
    "ofd",
    "ppt",
    "pptx",
    "dps",
    "zip",
    "rar",
    "7z",
    "txt",
    "rtf",
    "ceb",
    "tif",
    "tiff",
)
_EXTENSION = re.compile(r"\.(" + "|".join(EXTENSIONS) + r")(?=$|[?#&\s）)】\]])", re.IGNORECASE)
# Download services whose path has no extension (Hanweb, JPAAS, VSB, generic).
_SERVICE = re.compile(
    r"downfile\.jsp|download\.jsp|/document/download|/download/?\?|downloadfile|filedownload|attachdownload|/attach/down",
    re.IGNORECASE,
)
_TYPE_WORDS = re.compile(r"[.．](" + "|".join(EXTENSIONS) + r")\b", re.IGNORECASE)


def file_type(href: str, text: str = "") -> str | None:
    """The file extension a link leads to ("" when a download service does not say); None when it is no file."""
    href = href.strip()
    if not href or href.startswith(("javascript:", "mailto:", "#", "data:")):
        return None
    try:
        parts = urlsplit(href)
    except ValueError:
        return None
    match = _EXTENSION.search(parts.path) if parts.path else None
    if match and match.end() == len(parts.path):
        return match[1].lower()
    if _SERVICE.search(href):
        for values in parse_qs(parts.query).values():
            for value in values:
                found = _EXTENSION.search(unquote(value))
                if found:
                    return found[1].lower()
        named = _TYPE_WORDS.search(text)
        return named[1].lower() if named else ""
    return None


def file_name(href: str, text: str, title: str) -> str:
    """What people call the file: the link's words, its title, else the name in the address."""
    for candidate in (text, title):
        name = candidate.strip(" :：;；")
        if name and name not in {"下载", "点击下载", "附件", "查看", "附件下载", "点击查看"}:
            return name[:300]
    parts = urlsplit(href)
    query = [values[-1] for key, values in parse_qs(parts.query).items() if "name" in key.lower()]
    return unquote(query[0] if query else parts.path.rsplit("/", 1)[-1])[:300] or text or href
