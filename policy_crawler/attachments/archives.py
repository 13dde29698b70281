"""Packages of files: ZIP by the standard library; RAR, 7z and gzip by libarchive, where the machine has it.

Every member is read as a file of its own.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from zipfile import ZipInfo

from policy_crawler.attachments import libarchive, rar
from policy_crawler.attachments.model import (
    MAX_DEPTH,
    MAX_MEMBERS,
    Budget,
    FileState,
    FileText,
    Part,
    Refused,
)
from policy_crawler.attachments.packages import Package, label

COMPRESSED = frozenset({"rar", "7z", "gzip"})

Reader = Callable[[bytes, str, Budget, int], FileText]  # payload, name, budget, depth
Member = tuple[str, Callable[[], bytes]]  # its name, and what unpacks it; raises Refused
_SYMLINK = 0o120000
_MAC = "__MACOSX/"  # resource forks beside the files


def read_zip(package: Package, budget: Budget, depth: int, reader: Reader) -> FileText:
    """Every member by `reader`."""
    infos = [info for info in package.infos if not label(info).startswith(_MAC)]
    members = ((label(info), partial(_unpacked, package, info)) for info in infos)
    return _read("zip", members, tuple(map(label, infos)), budget, depth, reader)


def _unpacked(package: Package, info: ZipInfo) -> bytes:
    if (info.external_attr >> 16) & 0o170000 == _SYMLINK:
        raise Refused(FileState.UNSUPPORTED, "a link")
    return package.read_info(info)


def read_compressed(kind: str, payload: bytes, budget: Budget, depth: int, reader: Reader) -> FileText:
    """Every member of a RAR, a 7z or a gzip by `reader`. Raises Refused: UNSUPPORTED where libarchive is missing."""
    known = rar.headers(payload) if kind == "rar" else rar.Headers()
    try:
        found = _read(kind, _unlocked(kind, payload, budget, known), known.names, budget, depth, reader)
    except libarchive.Missing:
        names = known.names
        held = (
            f", of {len(names)} members: {', '.join(names[:10])}" + (" …" if len(names) > 10 else "") if names else ""
        )
        reason = f"a {kind} package needs libarchive to be unpacked (Debian: apt install {libarchive.PACKAGE}){held}"
        raise Refused(FileState.UNSUPPORTED, reason, names) from None
    if known.volume:
        found = replace(found, reason="; ".join(filter(None, ["one volume of a RAR in several", found.reason])))
    return found


def _unlocked(kind: str, payload: bytes, budget: Budget, known: rar.Headers) -> Iterator[Member]:
    """The members; those that need a password say so, which libarchive does not tell of every RAR."""
    for name, unpack in libarchive.members(kind, payload, budget):
        yield name, _locked if name in known.locked else unpack


def _locked() -> bytes:
    raise Refused(FileState.ENCRYPTED, "needs a password")


def _read(  # noqa: PLR0917 - what every reader of a package is given
    kind: str, members: Iterable[Member], names: tuple[str, ...], budget: Budget, depth: int, reader: Reader
) -> FileText:
    """One that cannot be read is named in the reason and costs only itself. `names`: of all, where they are known
    before."""
    if depth >= MAX_DEPTH:
        raise Refused(FileState.TOO_LARGE, f"packages nested more than {MAX_DEPTH} deep")
    parts: list[Part] = []
    troubles: list[tuple[FileState, str]] = []
    seen: list[str] = []
    waiting, whole = 0, False
    try:
        for name, unpack in members:
            seen.append(name)
            budget.members -= 1
            if budget.members < 0:
                reason = f"more than {MAX_MEMBERS:,} members, packages in packages counted"
                troubles.append((FileState.TOO_LARGE, reason))
                break
            try:
                found = reader(unpack(), name, budget, depth + 1)
            except Refused as error:
                found = FileText("unknown", error.state, error.reason)
            waiting += found.waiting
            parts.extend(
                replace(part, member=name if part.member is None else f"{name}/{part.member}") for part in found.parts
            )
            if found.state is not FileState.TEXT or found.reason:
                troubles.append((found.state, f"{name}: {found.reason or found.state}"))
            if budget.characters < 0 or budget.unpacked < 0:
                break
        else:
            whole = True
    except Refused as error:  # the package itself goes no further
        troubles.append((error.state, error.reason))
    held = tuple(seen) if whole or not names else names
    return replace(_judged(kind, held, parts, troubles), waiting=waiting)


def _judged(kind: str, members: tuple[str, ...], parts: list[Part], troubles: list[tuple[FileState, str]]) -> FileText:
    reason = "; ".join(f"{words}" for _, words in troubles[:10]) + (" …" if len(troubles) > 10 else "")
    states = {state for state, _ in troubles}
    if not members and not troubles:
        return FileText(kind, FileState.EMPTY, "the package has no members")
    if parts:
        state = FileState.TOO_LARGE if FileState.TOO_LARGE in states else FileState.TEXT
        return FileText(kind, state, reason, tuple(parts), members=members)
    state = states.pop() if len(states) == 1 else FileState.EMPTY
    return FileText(kind, state if state is not FileState.TEXT else FileState.EMPTY, reason, members=members)
