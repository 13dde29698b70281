"""Zip packages under limits: what every reader of DOCX, XLSX, PPTX, OFD and ZIP opens its file with.

Members are read into memory and never written: their names are labels for people and no paths.
"""

import io
import struct
import zipfile
import zlib

from policy_crawler.attachments.model import MAX_MEMBERS, MAX_RATIO, MAX_UNPACKED, Budget, FileState, Refused

_ENCRYPTED, _UTF8 = 0x1, 0x800
_LOCAL_HEADER = 30  # bytes before the name of a member (APPNOTE 4.3.7)
_RATIO_FROM = 1 << 20  # bytes unpacked below which no ratio is an attack: a blank sheet's XML packs 200:1


class Package:
    """An opened package whose promises were checked. Raises Refused: damaged, too large, encrypted."""

    def __init__(self, payload: bytes, budget: Budget) -> None:
        if payload.count(b"PK\x01\x02") > 20 * MAX_MEMBERS:  # before a million entries become objects
            raise Refused(FileState.TOO_LARGE, f"more than {20 * MAX_MEMBERS:,} members")
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(payload))
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, struct.error) as error:
            raise Refused(FileState.DAMAGED, f"the package cannot be opened: {error}") from error
        self._budget = budget
        self.infos = [info for info in self._zip.infolist() if not info.filename.endswith("/")]
        self.names = {label(info): info for info in self.infos}
        self._check(len(payload))

    def _check(self, size: int) -> None:
        if len(self.infos) > MAX_MEMBERS:
            raise Refused(FileState.TOO_LARGE, f"{len(self.infos):,} members; the limit is {MAX_MEMBERS:,}")
        total = sum(info.file_size for info in self.infos)
        if total > MAX_UNPACKED:
            raise Refused(FileState.TOO_LARGE, f"{total:,} bytes unpacked; the limit is {MAX_UNPACKED:,}")
        if total > _RATIO_FROM and total > MAX_RATIO * size:
            raise Refused(
                FileState.TOO_LARGE, f"unpacks to {total // max(size, 1)} times its size; the limit is {MAX_RATIO}"
            )
        end = 0
        for info in sorted(self.infos, key=lambda info: info.header_offset):
            if info.header_offset < end:  # CVE-2024-0450: Python 3.11.7 does not look
                raise Refused(FileState.DAMAGED, f"the members of the package overlap at {label(info)!r}")
            end = info.header_offset + _LOCAL_HEADER + len(info.orig_filename) + info.compress_size

    def read(self, name: str) -> bytes | None:
        """A member's bytes; None when there is none of that name."""
        info = self.names.get(name)
        return None if info is None else self.read_info(info)

    def read_info(self, info: zipfile.ZipInfo) -> bytes:
        """A member's bytes, never more than it promised."""
        if info.flag_bits & _ENCRYPTED:
            raise Refused(FileState.ENCRYPTED, f"{label(info)!r} needs a password")
        if info.file_size > MAX_RATIO * max(info.compress_size, 1) and info.file_size > _RATIO_FROM:
            raise Refused(FileState.TOO_LARGE, f"{label(info)!r} unpacks to over {MAX_RATIO} times its size")
        self._budget.unpacked -= info.file_size
        if self._budget.unpacked < 0:
            raise Refused(FileState.TOO_LARGE, f"over {MAX_UNPACKED:,} bytes unpacked, packages in packages counted")
        try:
            with self._zip.open(info) as stream:
                return stream.read(info.file_size)
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            ValueError,
            NotImplementedError,
            OSError,
            RuntimeError,
        ) as error:
            raise Refused(FileState.DAMAGED, f"{label(info)!r} cannot be unpacked: {error}") from error


def label(info: zipfile.ZipInfo) -> str:
    """A member's name for people. Without the UTF-8 flag it is mostly GBK, which zipfile takes for CP437."""
    if info.flag_bits & _UTF8:
        return info.filename
    try:
        return named(info.filename.encode("cp437"), info.filename)
    except UnicodeEncodeError:
        return info.filename


def named(raw: bytes, otherwise: str) -> str:
    """A name in a charset that is not told: UTF-8 or GBK. Half of all GBK names are UTF-8 too, of Latin and Hebrew
    letters: 目录 is Ŀ¼. So UTF-8 has to give Chinese, or plain ASCII."""
    found = _decoded(raw, "utf-8")
    if found is not None and (found.isascii() or any(character >= "\u2e80" for character in found)):
        return found
    # GB 2312 has the characters in use; of other scripts' UTF-8 it takes next to nothing, which GBK would.
    chinese = _decoded(raw, "gb2312" if found is not None else "gb18030")
    return chinese or found or otherwise


def _decoded(raw: bytes, charset: str) -> str | None:
    try:
        return raw.decode(charset)
    except UnicodeDecodeError:
        return None
