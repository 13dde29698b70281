"""Text as it is kept: NFC, no control or direction characters, white space folded."""

import re
import unicodedata

# Zero-width, direction and control characters never carry meaning in these texts, but hide or reorder others (I5).
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u2069\ufe00-\ufe0f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
# Everything but Latin, CJK, kana, hangul and punctuation: only among these can combining marks stand.
_UNUSUAL = re.compile(
    "[^\u0000-\u02ff\u2010-\u20cf\u2100-\u2bff\u2e80-\u3029\u3030-\u3098\u309b-\ua66e\uac00-\ud7a3\uf900-\ufe1f\uff00-\uffff\U00020000-\U0003ffff]"
)
# What nearly all texts consist of: ASCII, CJK, their punctuation and full width forms. None of it is invisible, can
# carry a mark, or is written otherwise in NFC.
_NOT_PLAIN = re.compile("[^ -~\u00b7\u2014\u2018-\u201d\u2026\u3001-\u3020\u4e00-\u9fa5\uff01-\uff5e]")
_MOST_MARKS = 30  # combining marks on one letter; more is an attack, and normalising a long run is quadratic


def clean(text: str) -> str:
    """`text` without invisible characters, in NFC, each run of white space one space, none at the ends."""
    text = " ".join(text.split())
    if text.isascii():
        return _INVISIBLE.sub("", text).strip() if not text.isprintable() else text
    if not _NOT_PLAIN.search(text):
        return text
    text = _INVISIBLE.sub("", text)
    if _UNUSUAL.search(text):
        text = _without_mark_runs(text)
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    return text.strip()


def _without_mark_runs(text: str) -> str:
    """`text` with at most 30 combining marks in a row."""
    kept: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= _MOST_MARKS:
            kept.append(character)
    return "".join(kept)


def squeezed(text: str) -> str:
    """`text` without any white space or invisible characters: what labels and titles are compared by."""
    text = "".join(text.split())
    return text if text.isascii() and text.isprintable() else _INVISIBLE.sub("", text)


def folded(text: str) -> str:
    """`text` for comparing: no white space, full width made half width, letters small; cut at 2,000 characters."""
    return squeezed(unicodedata.normalize("NFKC", clean(text[:2000]))).casefold()


def shorten(text: str, limit: int) -> str:
    """`text`, cut to `limit` characters with … when longer."""
    return text if len(text) <= limit else text[: limit - 1] + "…"
