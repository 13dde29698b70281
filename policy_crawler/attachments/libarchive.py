"""RAR, 7z and gzip by libarchive, through ctypes: a library of the system (BSD licence) that reads RAR 4 and RAR 5.

Everything stays in memory and is counted as it comes, whatever the headers promise. Called in the child of sandbox.py.
"""

import ctypes
import ctypes.util
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from policy_crawler.attachments.model import MAX_RATIO, MAX_UNPACKED, Budget, FileState, Refused
from policy_crawler.attachments.packages import named

PACKAGE = "libarchive13"  # Debian's name of it
_NAMES = ("libarchive.so.13", "libarchive.so", "libarchive.13.dylib", "libarchive.dylib")
_FORMATS = {"rar": ("rar", "rar5"), "7z": ("7zip",), "gzip": ("tar", "raw")}
_END, _WARN = 1, -20  # ARCHIVE_EOF, ARCHIVE_WARN: anything below a warning is an error
_TYPE = 0o170000  # AE_IFMT
_FILES = frozenset({0o100000, 0})  # AE_IFREG; 0 where the package does not say
_DIRECTORY = 0o040000
_BLOCK = 1 << 20
_RATIO_FROM = 1 << 20  # bytes unpacked below which no ratio is an attack


class Missing(Exception):
    """The machine has no libarchive. Raised before the first member."""


def available() -> bool:
    """Whether the machine has the library."""
    try:
        _library()
    except Missing:
        return False
    return True


def members(kind: str, payload: bytes, budget: Budget) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Each file in the package: its name and what unpacks it, to be called before the next is asked for.

    `kind`: rar, 7z or gzip. Raises Missing, and Refused where the package goes no further."""
    library = _library()
    archive = library.archive_read_new()
    try:
        library.archive_read_support_filter_gzip(archive)
        for name in _FORMATS[kind]:
            getattr(library, f"archive_read_support_format_{name}")(archive)
        if library.archive_read_open_memory(archive, payload, len(payload)) < _WARN:
            raise Refused(FileState.DAMAGED, f"the {kind} cannot be opened: {_error(library, archive)}")
        entry = ctypes.c_void_p()
        while (answer := library.archive_read_next_header(archive, ctypes.byref(entry))) != _END:
            if answer < _WARN:
                raise Refused(FileState.DAMAGED, f"the {kind} cannot be read further: {_error(library, archive)}")
            if library.archive_entry_filetype(entry) & _TYPE != _DIRECTORY:
                name = _name(library.archive_entry_pathname(entry))
                yield name, _Unpacking(library, archive, entry, len(payload), budget)
    finally:
        library.archive_read_free(archive)


class _Unpacking:
    """Unpacks the member that the archive stands at."""

    def __init__(self, library: Any, archive: Any, entry: Any, packed: int, budget: Budget) -> None:
        self._library, self._archive, self._entry = library, archive, entry
        self._packed, self._budget = packed, budget

    def __call__(self) -> bytes:
        if self._library.archive_entry_is_encrypted(self._entry) > 0:
            raise Refused(FileState.ENCRYPTED, "needs a password")
        if self._library.archive_entry_filetype(self._entry) & _TYPE not in _FILES:
            raise Refused(FileState.UNSUPPORTED, "a link")
        block = ctypes.create_string_buffer(_BLOCK)
        pieces, size = [], 0
        while (count := self._library.archive_read_data(self._archive, block, _BLOCK)) > 0:
            pieces.append(block.raw[:count])
            size += count
            self._budget.unpacked -= count
            if self._budget.unpacked < 0:
                reason = f"over {MAX_UNPACKED:,} bytes unpacked, packages in packages counted"
                raise Refused(FileState.TOO_LARGE, reason)
            if size > _RATIO_FROM and size > MAX_RATIO * self._packed:
                raise Refused(FileState.TOO_LARGE, f"unpacks to over {MAX_RATIO} times the size of its package")
        if count < 0:
            raise Refused(FileState.DAMAGED, f"cannot be unpacked: {_error(self._library, self._archive)}")
        return b"".join(pieces)


def _name(raw: bytes | None) -> str:
    """A member's name for people. RAR 5 keeps UTF-8; RAR 4 and tar also the packing machine's charset, mostly GBK."""
    return named(raw or b"", (raw or b"").decode("utf-8", "replace")).replace("\\", "/")


def _error(library: Any, archive: Any) -> str:
    raw: bytes | None = library.archive_error_string(archive)
    return (raw or b"no reason is given").decode("utf-8", "replace")


@cache
def _library() -> Any:
    """The library with the types of what is called. Raises Missing."""
    for name in (*_NAMES, ctypes.util.find_library("archive")):
        try:
            library = ctypes.CDLL(name) if name else None
        except OSError:
            continue
        if library is not None and hasattr(library, "archive_read_support_format_rar5"):  # 3.4, 2019
            return _typed(library)
    raise Missing


def _typed(library: Any) -> Any:
    pointer, text, whole = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
    formats = [f"format_{name}" for names in _FORMATS.values() for name in names]
    signatures: dict[str, tuple[Any, list[Any]]] = {
        "archive_read_new": (pointer, []),
        "archive_read_free": (whole, [pointer]),
        "archive_read_open_memory": (whole, [pointer, text, ctypes.c_size_t]),
        "archive_read_next_header": (whole, [pointer, ctypes.POINTER(pointer)]),
        "archive_read_data": (ctypes.c_ssize_t, [pointer, text, ctypes.c_size_t]),
        "archive_error_string": (text, [pointer]),
        "archive_entry_pathname": (text, [pointer]),
        "archive_entry_filetype": (ctypes.c_uint, [pointer]),
        "archive_entry_is_encrypted": (whole, [pointer]),
        **{f"archive_read_support_{name}": (whole, [pointer]) for name in ("filter_gzip", *formats)},
    }
    for name, (answer, arguments) in signatures.items():
        function = getattr(library, name)
        function.restype, function.argtypes = answer, arguments
    return library
