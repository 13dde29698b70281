"""ZIP with all that is in it; RAR and 7z by the names of their members only.

The reference unpacker of RAR has no free licence and Python has no other, so a RAR says plainly that it was not
unpacked. Format: RAR 4 and 5 technical notes; only headers are walked.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice

from policy_crawler.attachments.model import MAX_DEPTH, MAX_MEMBERS, Budget, FileState, FileText, Part, Refused
from policy_crawler.attachments.packages import Package, label

Reader = Callable[[bytes, str, Budget, int], FileText]  # payload, name, budget, depth
_SYMLINK = 0o120000
_MAC = "__MACOSX/"  # resource forks beside the files


def read_zip(package: Package, budget: Budget, depth: int, reader: Reader) -> FileText:
    """Every member by `reader`. One that cannot be read is named in the reason and costs only itself."""
    if depth >= MAX_DEPTH:
        raise Refused(FileState.TOO_LARGE, f"packages nested more than {MAX_DEPTH} deep")
    infos = [info for info in package.infos if not label(info).startswith(_MAC)]
    members = tuple(label(info) for info in infos)
    parts: list[Part] = []
    troubles: list[tuple[FileState, str]] = []
    for info in infos:
        name = label(info)
        budget.members -= 1
        if budget.members < 0:
            troubles.append((FileState.TOO_LARGE, f"more than {MAX_MEMBERS:,} members, packages in packages counted"))
            break
        if (info.external_attr >> 16) & 0o170000 == _SYMLINK:
            troubles.append((FileState.UNSUPPORTED, f"{name}: a link"))
            continue
        try:
            found = reader(package.read_info(info), name, budget, depth + 1)
        except Refused as error:
            found = FileText("unknown", error.state, error.reason)
        parts.extend(
            replace(part, member=name if part.member is None else f"{name}/{part.member}") for part in found.parts
        )
        if found.state is not FileState.TEXT or found.reason:
            troubles.append((found.state, f"{name}: {found.reason or found.state}"))
        if budget.characters < 0 or budget.unpacked < 0:
            break
    return _judged(members, parts, troubles)


def _judged(members: tuple[str, ...], parts: list[Part], troubles: list[tuple[FileState, str]]) -> FileText:
    reason = "; ".join(f"{words}" for _, words in troubles[:10]) + (" …" if len(troubles) > 10 else "")
    states = {state for state, _ in troubles}
    if not members:
        return FileText("zip", FileState.EMPTY, "the package has no members")
    if parts:
        state = FileState.TOO_LARGE if FileState.TOO_LARGE in states else FileState.TEXT
        return FileText("zip", state, reason, tuple(parts), members=members)
    state = states.pop() if len(states) == 1 else FileState.EMPTY
    return FileText("zip", state if state is not FileState.TEXT else FileState.EMPTY, reason, members=members)


def read_rar(payload: bytes) -> FileText:
    """The names; UNSUPPORTED, or ENCRYPTED where even the headers are."""
    try:
        names = tuple(islice(_rar5(payload) if payload[6:7] == b"\x01" else _rar4(payload), MAX_MEMBERS))
    except (struct.error, IndexError, ValueError):
        return FileText("rar", FileState.DAMAGED, "the headers of the RAR cannot be read")
    listed = f": {', '.join(names[:10])}" + (" …" if len(names) > 10 else "") if names else ""
    reason = f"a RAR of {len(names)} members, which is not unpacked: no free library can{listed}"
    return FileText("rar", FileState.UNSUPPORTED, reason, members=names)


def _rar4(payload: bytes) -> Iterator[str]:
    at = 7
    while at + 7 <= len(payload):
        kind, flags, size = payload[at + 2], *struct.unpack_from("<HH", payload, at + 3)
        if kind == 0x73 and flags & 0x80:
            raise Refused(FileState.ENCRYPTED, "the RAR needs a password, even for its names")
        data = struct.unpack_from("<I", payload, at + 7)[0] if flags & 0x8000 or kind == 0x74 else 0
        if kind == 0x74:
            length = struct.unpack_from("<H", payload, at + 26)[0]
            start = at + 32 + (8 if flags & 0x100 else 0)
            if flags & 0x100:
                data += struct.unpack_from("<I", payload, at + 32)[0] << 32
            raw = payload[start : start + length]
            # With Unicode the plain name comes first, then a zero and its compressed form.
            yield raw.partition(b"\0")[0].decode("gb18030", "replace").replace("\\", "/")
        if kind == 0x7B or size < 7:
            return
        at += size + data


def _rar5(payload: bytes) -> Iterator[str]:
    at = 8
    while at + 7 <= len(payload):
        size, start = _vint(payload, at + 4)
        kind, place = _vint(payload, start)
        flags, place = _vint(payload, place)
        _, place = _vint(payload, place) if flags & 1 else (0, place)
        data, place = _vint(payload, place) if flags & 2 else (0, place)
        if kind == 4:
            raise Refused(FileState.ENCRYPTED, "the RAR needs a password, even for its names")
        if kind == 2:
            inner, place = _vint(payload, place)
            for _ in range(2):  # unpacked size, attributes
                _, place = _vint(payload, place)
            place += (4 if inner & 2 else 0) + (4 if inner & 4 else 0)  # time, checksum
            for _ in range(2):  # compression, system
                _, place = _vint(payload, place)
            length, place = _vint(payload, place)
            yield payload[place : place + length].decode("utf-8", "replace")
        if kind == 5 or size == 0:
            return
        at = start + size + data


def _vint(payload: bytes, at: int) -> tuple[int, int]:
    """A RAR 5 number of up to ten bytes, and where the next thing begins."""
    value = 0
    for index in range(10):
        byte = payload[at + index]
        value |= (byte & 0x7F) << (7 * index)
        if not byte & 0x80:
            return value, at + index + 1
    raise ValueError("a number too long")
