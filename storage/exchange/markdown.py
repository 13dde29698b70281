"""Documents as Markdown: the fields as a list, then the text; news as title, excerpt and link."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from storage.exchange.telling import Entry

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&])")
_AT_START = re.compile(r"^(\s*)([-+=]|\d+[.)])(?=\s|$)")
_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]+')


def document(entry: Entry, level: int = 1) -> str:
    """One version as Markdown; `level` is that of its heading."""
    version = entry.version
    facts = (
        ("文号 number", version.number),
        ("发文机关 issuer", "、".join(entry.organs)),
        ("文种 kind", version.kind),
        ("成文日期 written", version.written),
        ("发布日期 published", version.published or entry.document.published),
        ("施行日期 effective", version.effective),
        ("失效日期 expires", version.expires),
        ("意见截止 comments until", version.deadline),
        ("效力 validity", entry.validity if entry.validity != "unknown" else None),
        ("版本 version", f"{version.seq} / {entry.document.versions}"),
        ("抓取 fetched", version.snapshot.fetched_at.isoformat(timespec="seconds")),
        ("SHA-256", version.snapshot.digest),
    )
    lines = [f"{'#' * level} {escape(entry.title) or '(无标题 no title)'}", ""]
    lines += [f"- {name}：{escape(str(value))}" for name, value in facts if value]
    lines += [f"- 链接 link：<{link(entry.url)}>"]
    lines += [f"- 附件 attachment：[{escape(name)}](<{link(url)}>)" for name, url in entry.files]
    lines += ["", *(_blocks(entry) if entry.text else (escape(entry.excerpt),))]
    return "\n".join(lines).rstrip() + "\n"


def documents(entries: Iterable[Entry]) -> Iterator[str]:
    """All of them for one file, a line between two."""
    for number, entry in enumerate(entries):
        yield ("\n---\n\n" if number else "") + document(entry)


def file_name(entry: Entry, *, with_version: bool) -> str:
    """A name that every file system takes: the document's number in the archive, then its title."""
    title = _UNSAFE.sub(" ", unicodedata.normalize("NFC", entry.title)).strip(" .")
    short = title.encode()[:150].decode(errors="ignore").strip()
    version = f"-v{entry.version.seq}" if with_version else ""
    return f"{entry.document.id}{version}{f' {short}' if short else ''}.md"


def escape(text: str) -> str:
    """A text on one line that Markdown reads as nothing but text."""
    line = _SPECIAL.sub(r"\\\1", " ".join(text.split()))
    return _AT_START.sub(lambda match: f"{match[1]}{match[2][:-1]}\\{match[2][-1]}", line)


def link(url: str) -> str:
    """A URL for angle brackets."""
    return re.sub(r"[<>\s\\]", lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode()), url)


def _blocks(entry: Entry) -> Iterator[str]:
    for role, text in entry.version.blocks:
        if role == "table":
            yield from _table(text)
        else:
            for line in text.split("\n"):
                if line.strip():
                    yield from (escape(line), "")


def _table(text: str) -> Iterator[str]:
    rows = [[escape(cell) for cell in line.split("\t")] for line in text.split("\n") if line.strip()]
    width = max((len(row) for row in rows), default=0)
    for number, row in enumerate(rows):
        yield f"| {' | '.join([*row, *[''] * (width - len(row))])} |"
        if number == 0:
            yield f"|{' --- |' * width}"
    yield ""
