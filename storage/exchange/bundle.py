"""An evidence bundle: what the archive holds of some documents, in a ZIP that proves itself without this program.

For each document its texts, all that is known of it as JSON, the WARC records with the bytes as fetched, and the bytes
themselves; `sha256sum -c SHA256SUMS` checks every file, and the name of each payload is the digest that the archive
holds of it. The same archive makes the same bytes."""

import hashlib
import json
import os
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Engine

from storage import payloads
from storage.engine import reading
from storage.errors import ArchiveError
from storage.exchange.choosing import Choice, batches
from storage.exchange.gathering import document_lines
from storage.snapshots import SnapshotStore

_MADE = (1980, 1, 1, 0, 0, 0)  # of every file in the ZIP: the earliest that the format has
_EXTENSION = re.compile(r"\.([A-Za-z0-9]{1,5})(?:[?#].*)?$")

README = """证据包说明
==========

本包由 policy-crawler 从其档案库导出，内容为网上公开发布的政策文件及其抓取证据。

  SHA256SUMS                    每个文件的 SHA-256；核对：sha256sum -c SHA256SUMS
  manifest.json                 机器可读的清单：文件、网址、抓取时间、响应头、摘要
  documents/编号/document.json  档案库所知的全部：各版本、各次读取、事件与时间
  documents/编号/version-N.txt  第 N 个版本的文字（UTF-8）
  documents/编号/file-N-M.txt   第 N 个附件第 M 个版本的文字
  warc/摘要.warc.gz             原始抓取记录（ISO 28500 WARC，可独立打开，如 warcio check）
  payload/摘要.扩展名           抓取到的原始字节；文件名即其 SHA-256

抓取时间（fetched_at）为本机时钟的协调世界时（UTC）。摘要证明字节自抓取以来未变，不证明时间本身。
同一字节在多个网址出现时只存一份，其 WARC 记录的网址可能是最先抓到的那个；清单列出每个网址。
新闻报道只含标题、摘录和链接，不含全文和原始字节。

About this bundle
=================

Made by policy-crawler from its archive: policy documents as published on the web, with the evidence of their fetching.

  SHA256SUMS                    SHA-256 of every file; check with: sha256sum -c SHA256SUMS
  manifest.json                 for machines: documents, URLs, times of fetching, response headers, digests
  documents/ID/document.json    all that the archive knows: versions, readings, events and times
  documents/ID/version-N.txt    the text of version N (UTF-8)
  documents/ID/file-N-M.txt     the text of version M of attachment N
  warc/DIGEST.warc.gz           the record as fetched (ISO 28500 WARC, each valid on its own: warcio check)
  payload/DIGEST.EXTENSION      the bytes as fetched; the name is their SHA-256

Times of fetching (fetched_at) are UTC by the clock of the machine that fetched. The digests show that the bytes are
those that were fetched; they do not prove the time. Bytes that came from several URLs are kept once: the URL in their
WARC record may be that which was fetched first; the manifest names each.
Of news reports there are title, excerpt and link, neither text nor bytes.
"""


class Bundle:
    """Writes one bundle."""

    def __init__(self, engine: Engine, snapshots: SnapshotStore) -> None:
        self.engine, self.snapshots = engine, snapshots
        self.missing: list[str] = []  # digests whose bytes the archive does not have, or not whole
        self._sums: dict[str, str] = {}
        self._manifest: list[dict[str, Any]] = []

    def write(self, stream: IO[bytes], choice: Choice) -> int:
        """The whole ZIP; answers how many documents it has."""
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as packed:
            for line in self._lines(choice):
                self._document(packed, line)
            manifest = {"format": "policy-crawler-evidence", "version": 1, "documents": self._manifest}
            self._add(packed, "manifest.json", _json(manifest))
            self._add(packed, "README.txt", README.encode())
            sums = "".join(f"{digest}  {name}\n" for name, digest in sorted(self._sums.items()))
            packed.writestr(_entry("SHA256SUMS"), sums.encode())
        return len(self._manifest)

    def _lines(self, choice: Choice) -> Iterator[dict[str, Any]]:
        with reading(self.engine) as session:
            for ids in batches(self.engine, session, choice):
                yield from document_lines(session, ids)

    def _document(self, packed: zipfile.ZipFile, line: dict[str, Any]) -> None:
        folder, is_news = f"documents/{line['id']}", line["document"]["type"] == "news"
        self._add(packed, f"{folder}/document.json", _json(line))
        for version in line["versions"]:
            read = line["readings"][version["reading"]]
            text = "\n".join([read["title"] or "", "", *(text for _, text in read["blocks"])])
            self._add(packed, f"{folder}/version-{version['seq']}.txt", f"{text}\n".encode())
        for number, file in enumerate(line["attachments"], 1):
            for version in file["versions"]:
                if version["text"]:
                    self._add(packed, f"{folder}/file-{number}-{version['seq']}.txt", f"{version['text']}\n".encode())
        held = [] if is_news else [self._snapshot(packed, snapshot) for snapshot in line["snapshots"]]
        original = next(page["url"] for page in line["pages"] if page["is_original"])
        self._manifest.append(
            {
                "id": line["id"],
                **{name: line["document"][name] for name in ("title", "number", "issuer", "type", "published")},
                "url": original,
                "urls": [page["url"] for page in line["pages"]],
                "snapshots": held,
            }
        )

    def _snapshot(self, packed: zipfile.ZipFile, fields: dict[str, Any]) -> dict[str, Any]:
        """The record and the bytes of one snapshot, once for each digest; what the manifest says of it."""
        digest = fields["digest"]
        facts = {
            name: fields[name]
            for name in (
                "url", "final_url", "status", "headers", "fetched_at", "ip_address", "tls_verified", "bytes", "digest",
            )
        }  # fmt: skip
        try:
            where = fields["file"], fields["offset"], fields["length"]
            payload, (file, *place) = payloads.load_record(self.engine, self.snapshots, where, digest)
            record = _record(self.snapshots.folder / file, *place)
        except (ArchiveError, OSError):
            self.missing.append(digest)
            return {**facts, "warc": None, "payload": None}
        warc, path = f"warc/{digest}.warc.gz", f"payload/{digest}.{_extension(fields)}"
        known = next((name for name in self._sums if name.startswith(f"payload/{digest}.")), None)
        if known is None:
            self._add(packed, warc, record)
            self._add(packed, path, payload)
        return {**facts, "warc": warc, "payload": known or path}

    def _add(self, packed: zipfile.ZipFile, name: str, data: bytes) -> None:
        packed.writestr(_entry(name), data)
        self._sums[name] = hashlib.sha256(data).hexdigest()


def _entry(name: str) -> zipfile.ZipInfo:
    """A file of the ZIP whose bytes depend on nothing but its name and content."""
    entry = zipfile.ZipInfo(name, _MADE)
    entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o100644 << 16
    return entry


def _record(path: Path, offset: int, length: int) -> bytes:
    """The bytes of one record as its segment has them: a gzip member, which is a WARC file on its own."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb") as stream:
        stream.seek(offset)
        return stream.read(length)


def _extension(fields: dict[str, Any]) -> str:
    match = _EXTENSION.search(fields["url"].rsplit("/", 1)[-1])
    return match[1].lower() if match else "bin"


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()
