"""Text as it is kept: NFC, no control or direction characters, white space folded."""

import re
import unicodedata

# Zero-width, direction and control characters never carry meaning in these texts, but hide or reorder others (I5).
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u2069\ufe00-\ufe0f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_SPACES = re.compile(r"\s+")
_LINE_BREAKS = re.compile(r"[ \t]*\n\s*")
# Thirty marks on one letter are an attack on the reader (and quadratic to normalise), not a language.
_MARK_RUNS = re.compile(
    r"([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{8})[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)
_MARKS_CAP = 4096  # longest run of text that is normalised with other scripts' marks in it


def clean(text: str) -> str:
    """`text` without invisible characters, in NFC, each run of white space one space, none at the ends."""
    if not text:
        return ""
    text = _SPACES.sub(" ", text)
    if text.isascii():
        return _INVISIBLE.sub("", text).strip()
    text = _MARK_RUNS.sub(r"\1", _INVISIBLE.sub("", text))
    if not _plain(text):
        text = unicodedata.normalize("NFC", text)
    return text.strip()


def _plain(text: str) -> bool:
    """True when NFC cannot change `text`, or when it must not be tried: too many combining marks to be a text."""
    marks = sum(1 for character in text if unicodedata.combining(character))
    return (marks > _MARKS_CAP) or unicodedata.is_normalized("NFC", text)


def squeezed(text: str) -> str:
    """`text` without any white space or invisible characters: what labels and titles are compared by."""
    return _SPACES.sub("", _INVISIBLE.sub("", text))


def folded(text: str) -> str:
    """`text` for comparing: no white space, full width made half width, letters small."""
    return squeezed(unicodedata.normalize("NFKC", text[:2000])).casefold()


def lines_of(text: str) -> list[str]:
    """The non-empty lines of `text`, each cleaned."""
    return [line for line in map(clean, text.split("\n")) if line]


def shorten(text: str, limit: int) -> str:
    """`text`, cut to `limit` characters with … when longer."""
    return text if len(text) <= limit else text[: limit - 1] + "…"
