"""What the headers of a RAR tell without unpacking it: names, passwords, volumes (RAR 4 and 5 technical notes)."""

import struct
from dataclasses import dataclass, field

from policy_crawler.attachments.model import MAX_MEMBERS, FileState, Refused
from policy_crawler.attachments.packages import named


@dataclass(slots=True)
class Headers:
    """The members of a RAR as its headers name them, folders included."""

    names: tuple[str, ...] = ()
    locked: set[str] = field(default_factory=set)  # those that need a password
    volume: bool = False  # one of several files that are one RAR

    def add(self, name: str, locked: bool) -> None:
        self.names += (name.replace("\\", "/"),)
        if locked:
            self.locked.add(self.names[-1])


def headers(payload: bytes) -> Headers:
    """Raises Refused: ENCRYPTED where even the names need a password, DAMAGED."""
    found = Headers()
    try:
        (_rar5 if payload[6:7] == b"\x01" else _rar4)(payload, found)
    except (struct.error, IndexError, ValueError) as error:
        raise Refused(FileState.DAMAGED, "the headers of the RAR cannot be read") from error
    return found


def _rar4(payload: bytes, found: Headers) -> None:
    at = 7
    while at + 7 <= len(payload) and len(found.names) < MAX_MEMBERS:
        kind, flags, size = payload[at + 2], *struct.unpack_from("<HH", payload, at + 3)
        if kind == 0x73:
            found.volume = bool(flags & 0x1)
            if flags & 0x80:
                raise Refused(FileState.ENCRYPTED, "the RAR needs a password, even for its names")
        data = struct.unpack_from("<I", payload, at + 7)[0] if flags & 0x8000 or kind == 0x74 else 0
        if kind == 0x74:
            length = struct.unpack_from("<H", payload, at + 26)[0]
            start = at + 32 + (8 if flags & 0x100 else 0)
            if flags & 0x100:
                data += struct.unpack_from("<I", payload, at + 32)[0] << 32
            # With Unicode the plain name comes first, then a zero and its compressed form.
            raw = payload[start : start + length].partition(b"\0")[0]
            found.add(named(raw, raw.decode("utf-8", "replace")), bool(flags & 0x4))
        if kind == 0x7B or size < 7:
            return
        at += size + data


def _rar5(payload: bytes, found: Headers) -> None:
    at = 8
    while at + 7 <= len(payload) and len(found.names) < MAX_MEMBERS:
        size, start = _number(payload, at + 4)
        kind, place = _number(payload, start)
        flags, place = _number(payload, place)
        extra, place = _number(payload, place) if flags & 1 else (0, place)
        data, place = _number(payload, place) if flags & 2 else (0, place)
        if kind == 4:
            raise Refused(FileState.ENCRYPTED, "the RAR needs a password, even for its names")
        if kind == 1:
            found.volume = bool(_number(payload, place)[0] & 1)
        if kind == 2:
            inner, place = _number(payload, place)
            for _ in range(2):  # unpacked size, attributes
                _, place = _number(payload, place)
            place += (4 if inner & 2 else 0) + (4 if inner & 4 else 0)  # time, checksum
            for _ in range(2):  # compression, system
                _, place = _number(payload, place)
            length, place = _number(payload, place)
            locked = 1 in _records(payload, start + size - extra, start + size)
            found.add(payload[place : place + length].decode("utf-8", "replace"), locked)
        if kind == 5 or size == 0:
            return
        at = start + size + data


def _records(payload: bytes, at: int, end: int) -> set[int]:
    """The types of a header's extra records; 1 is encryption."""
    types = set()
    while at < end:
        size, at = _number(payload, at)
        types.add(_number(payload, at)[0])
        at += max(size, 1)
    return types


def _number(payload: bytes, at: int) -> tuple[int, int]:
    """A RAR 5 number of up to ten bytes, and where the next thing begins."""
    value = 0
    for index in range(10):
        byte = payload[at + index]
        value |= (byte & 0x7F) << (7 * index)
        if not byte & 0x80:
            return value, at + index + 1
    raise ValueError("a number too long")
