"""Foreign text made harmless: one line, no control characters, no direction tricks, of bounded length; and for each way
of saying it, nothing that would be more than read there."""

import html
import re
import unicodedata
from typing import Final
from urllib.parse import quote, urlsplit

TITLE_LIMIT = 200  # characters of a title in a subject and a message
CLAUSE_LIMIT = 600  # characters of a clause shown before and after a change

# C0 and C1 controls, direction marks and overrides, characters without width or ink, variation selectors, halves of
# surrogate pairs, tags.
_UNWANTED = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)
_BREAKS = re.compile("[\t\n\x0b\x0c\r\x85\u2028\u2029]+")

# Programs make links of what looks like one: an address with its scheme, and a host by itself. The ends of names of
# files are no hosts.
_SCHEME = re.compile(r"(?<=[A-Za-z]):(?=//)|(?<=mailto):|(?<=tel):", re.IGNORECASE)
_HOST = re.compile(
    r"(?<=[A-Za-z0-9-])\.(?=[A-Za-z]{2})(?!(?:docx?|xlsx?|pptx?|wps|et|pdf|ofd|txt|html?|jpe?g|png)(?![A-Za-z0-9]))"
)
_WIDE: Final = 0xFEE0  # from an ASCII character to its full-width form
_PLAIN = str.maketrans({char: chr(ord(char) + _WIDE) for char in "@<>"})
_INERT = str.maketrans({char: chr(ord(char) + _WIDE) for char in "\\`*_{}[]<>#|~@&!$^"})


def clean(text: str, limit: int = TITLE_LIMIT) -> str:
    """`text` as one line of at most `limit` characters, without anything that is not seen."""
    line = _UNWANTED.sub("", _BREAKS.sub(" ", text[: limit * 8]))
    line = re.sub(" {2,}", " ", line).strip()
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def unlinked(text: str) -> str:
    """Cleaned `text` of which no program makes a link: what a page wrote must not lead anywhere by itself."""
    return _HOST.sub("\uff0e", _SCHEME.sub("\uff1a", text))


def plain(text: str) -> str:
    """Cleaned `text` for plain text. Robots take `<at user_id="all">` and `@all` in it for a mention."""
    return unlinked(text).translate(_PLAIN)


def inert(text: str) -> str:
    """Cleaned `text` for Markdown, as words that no dialect takes for markup, a mention or a link.

    Robots differ in how a character is escaped, and some know no way: what is markup in any of them is written in its
    full-width form, which is none anywhere and reads the same."""
    return unlinked(text).translate(_INERT)


def escaped(text: str) -> str:
    """Cleaned `text` for the content of HTML."""
    return html.escape(unlinked(text), quote=True)


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


def ascii_link(url: str) -> str:
    """A web address with all but plain characters quoted, so that nothing in it ends a link in text or Markdown."""
    parts = urlsplit(url)
    try:
        host = parts.netloc.encode("idna").decode("ascii") if not parts.netloc.isascii() else parts.netloc
    except UnicodeError:
        host = quote(parts.netloc)
    rest = parts._replace(scheme="", netloc="").geturl()
    return f"{parts.scheme}://{quote(host, safe='.:-[]')}{quote(rest, safe='%/:?#@!$&+,;=-.')}"


def columns(text: str) -> int:
    """How many columns of a terminal `text` takes; what is wide in some terminals only counts as wide."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in text
    )


# Signs that may not begin a line, and those that may not end one (GB/T 15834).
_CLOSING = frozenset("，。、；：？！）》〉」』】〕］｝”’…％℃·,.;:?!)]}%")
_OPENING = frozenset("（《〈「『【〔［｛“‘([{")


def wrapped(text: str, width: int, first: str = "", then: str = "") -> list[str]:
    """`text` in lines of at most `width` columns, the first with `first` before it, the others with `then`.

    Chinese breaks anywhere but before a closing and after an opening sign; Latin words only where they must."""
    lines: list[str] = []
    line, used, room = first, columns(first), width
    for unit in _units(text):
        for part in _fitting(unit, width - columns(then)):
            wide = columns(part)
            if used + wide > room and line.strip() and line not in {first, then}:
                lines.append(line.rstrip())
                line, used = then, columns(then)
                if part == " ":
                    continue
            line += part
            used += wide
    lines.append(line.rstrip())
    return lines


def _units(text: str) -> list[str]:
    """What a line may not break within."""
    units: list[str] = []
    for part in re.findall(r"[!-~]+| |[^!-~ ]", text):
        glued = units and part != " " and units[-1] != " " and (part[0] in _CLOSING or units[-1][-1] in _OPENING)
        if glued and len(units[-1]) < 24:
            units[-1] += part
        else:
            units.append(part)
    return units


def _fitting(unit: str, width: int) -> list[str]:
    """A unit that is longer than a line, cut."""
    if columns(unit) <= width:
        return [unit]
    size = max(1, width // 2)
    return [unit[at : at + size] for at in range(0, len(unit), size)]
