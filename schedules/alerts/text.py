"""Foreign text made harmless: one line, no control characters, no direction tricks, of bounded length."""

import html
import re
from urllib.parse import urlsplit

TITLE_LIMIT = 200  # characters of a title in a subject and a message
CLAUSE_LIMIT = 600  # characters of a clause shown before and after a change

# C0 and C1 controls, direction marks and overrides, zero-width characters, halves of surrogate pairs, tags.
_UNWANTED = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)
_BREAKS = re.compile("[\t\n\x0b\x0c\r\x85\u2028\u2029]+")


def clean(text: str, limit: int = TITLE_LIMIT) -> str:
    """`text` as one line of at most `limit` characters, without anything that is not seen."""
    line = _UNWANTED.sub("", _BREAKS.sub(" ", text[: limit * 8]))
    line = re.sub(" {2,}", " ", line).strip()
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def escaped(text: str, limit: int = CLAUSE_LIMIT) -> str:
    """`text` cleaned and escaped for HTML, content and attribute alike."""
    return html.escape(clean(text, limit), quote=True)


def web_link(url: str | None) -> str | None:
    """`url` if it is an ordinary web address that can be followed from a mail, else None."""
    if not url or len(url) > 2_000 or _UNWANTED.search(url) or any(c in url for c in " <>\"'`\\"):
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and host and "@" not in parts.netloc else None


def differing(before: str, after: str) -> tuple[tuple[str, str, str], tuple[str, str, str]]:
    """Cut two states of a clause into (same start, what differs, same end), for marking the difference.

    Digits stand together: 30日 → 20日 differs in 30 and 20, not in 3 and 2."""
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    while start and before[start - 1].isdigit():
        start -= 1
    end = 0
    while end < min(len(before), len(after)) - start and before[-1 - end] == after[-1 - end]:
        end += 1
    while end and before[len(before) - end].isdigit():
        end -= 1
    return (
        (before[:start], before[start : len(before) - end], before[len(before) - end :]),
        (after[:start], after[start : len(after) - end], after[len(after) - end :]),
    )


def window(parts: tuple[str, str, str], limit: int = CLAUSE_LIMIT) -> tuple[str, str, str]:
    """Shorten a cut clause to about `limit` characters, keeping what differs in sight."""
    start, middle, end = parts
    if len(start) + len(middle) + len(end) <= limit:
        return parts
    if len(middle) > limit - 80:
        middle = middle[: limit - 81] + "…"
    side = (limit - len(middle)) // 2
    if len(start) > side:
        start = "…" + start[-side + 1 :]
    if len(end) > side:
        end = end[: side - 1] + "…"
    return start, middle, end
