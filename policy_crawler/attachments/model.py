"""What reading a file gives, and the limits it is read under."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, Self

EXTRACTOR_VERSION = "2"  # raise it when the same bytes may give another text

MAX_PAGES = 2_000  # pages of a PDF or an OFD, slides
MAX_CHARACTERS = 4_000_000  # of one file, its members together; the State Council's longest plan has 0.1 million
MAX_ROWS = 200_000  # of a workbook
MAX_MEMBERS = 1_000  # files in a package, those of nested packages together
MAX_DEPTH = 3  # packages in packages
MAX_UNPACKED = 200 << 20  # bytes of all members of one package
MAX_RATIO = 100  # unpacked to packed
SCANNED_BELOW = 20  # characters a page: fewer on a page with a picture is a scan


class FileState(StrEnum):
    """What came of a file. Only TEXT, and TOO_LARGE up to its limit, have words to compare and to search."""

    TEXT = "text"
    EMPTY = "empty"  # no bytes, or a sound file without a word
    SCANNED = "scanned"  # pages that are pictures
    PICTURE = "picture"  # an image file
    ENCRYPTED = "encrypted"  # needs a password
    DAMAGED = "damaged"  # begins like its kind and cannot be read
    UNSUPPORTED = "unsupported"  # a sound file of a kind that nothing here reads
    TOO_LARGE = "too_large"  # over a limit of pages, members, bytes, characters, memory or time
    HTML_ERROR_PAGE = "html_error_page"  # a web page in place of the file
    EXECUTABLE = "executable"  # a program, whatever it is called


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of text with its place. Table rows have their cells parted by tabs.

    `page` and `row` count from 1; `member` is the path inside a package, `outer.zip/inner.doc` when nested.
    `confidence`: how sure OCR was of the words, 0 to 1; None for text that needed no OCR."""

    text: str
    page: int | None = None
    sheet: str | None = None
    row: int | None = None
    member: str | None = None
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class FileText:
    """A file's text. `kind` is told by the content, never by the name; `reason` says in plain words why there is no
    text, or what is missing from it."""

    # pdf, docx, doc, xlsx, xls, pptx, ppt, ofd, zip, rar, 7z, gzip, rtf, html, csv, text, picture, executable, ceb,
    # ole, empty, unknown
    kind: str
    state: FileState
    reason: str = ""
    parts: tuple[Part, ...] = ()
    pages: int | None = None  # how many pages or slides there are, where the kind has them
    members: tuple[str, ...] = ()  # what a package holds, whether or not it could be read
    waiting: int = 0  # pictures and pages that are pictures whose words are still to be recognised
    recognised: tuple[tuple[str, float], ...] = ()  # words and confidence of those that were, in the order of the file

    @property
    def text(self) -> str:
        """All parts, one a line."""
        return "\n".join(part.text for part in self.parts)

    @property
    def confidence(self) -> float | None:
        """How sure OCR was, the mean over its characters; None where no words are by OCR."""
        read = [(len(part.text), part.confidence) for part in self.parts if part.confidence is not None]
        total = sum(length for length, _ in read)
        return round(sum(length * sure for length, sure in read) / total, 4) if total else None

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """The value that `dataclasses.asdict` was made of. Raises KeyError, TypeError, ValueError for anything else."""
        parts = tuple(Part(**part) for part in value["parts"])
        return cls(
            str(value["kind"]),
            FileState(value["state"]),
            str(value["reason"]),
            parts,
            value["pages"],
            tuple(value["members"]),
            int(value["waiting"]),
            tuple((str(words), float(sure)) for words, sure in value["recognised"]),
        )


class Refused(Exception):
    """A file or member that gives no text. Raised by the readers of each kind, caught in `extract`."""

    def __init__(self, state: FileState, reason: str, members: tuple[str, ...] = ()) -> None:
        super().__init__(reason)
        self.state, self.reason, self.members = state, reason, members


class Recogniser(Protocol):
    """What reads pictures, where OCR was asked for (ocr.py)."""

    def words(self, picture: Callable[[], bytes]) -> tuple[str, float] | None:
        """The picture's lines and how sure they are, 0 to 1; None where it has to wait. `picture` is called only where
        it is read now. Raises Refused for a picture that cannot be read."""


class Budget:
    """What one file may still cost: characters and members are counted over all that it contains."""

    def __init__(self, recogniser: Recogniser | None = None) -> None:
        self.characters, self.members, self.unpacked = MAX_CHARACTERS, MAX_MEMBERS, MAX_UNPACKED
        self._recogniser = recogniser

    def words(self, picture: Callable[[], bytes]) -> tuple[str, float] | None:
        """As the recogniser's; None also where OCR was not asked for."""
        return self._recogniser.words(picture) if self._recogniser else None

    def within(self, parts: Iterable[Part]) -> Iterator[Part]:
        """The parts with a word in them, until the characters are used up; then Refused(TOO_LARGE)."""
        for part in parts:
            if not part.text.strip():
                continue
            self.characters -= len(part.text)
            if self.characters < 0:
                raise Refused(FileState.TOO_LARGE, f"cut after {MAX_CHARACTERS:,} characters")
            yield part
