"""Long messages in several, measured in bytes of UTF-8, cut between events; an event too long for one is cut short."""

import re
from collections.abc import Sequence

from schedules.alerts import Message

_LINK = re.compile(r"\[[^\[\]]*\]\((?P<url>[^()\s]+)\)")


def pieces(message: Message) -> list[str]:
    """What a message tells as Markdown, an event each, the heading with the first; lists line by line."""
    if not message.parts:
        return [message.markdown.strip()]
    told = [piece for part in message.parts for piece in _lines_of_list(part.markdown.strip())]
    heading = message.markdown.lstrip().partition("\n")[0]
    if heading.startswith("## "):
        told[0] = f"{heading}\n\n{told[0]}"
    return told


def _lines_of_list(text: str) -> list[str]:
    """A part that is a list, as of events told by their title alone, in its lines; any other whole."""
    if text.startswith("### ") or "\n- " not in text:
        return [text]
    first, *rest = text.split("\n- ")
    return [f"{first}\n- {rest[0]}", *(f"- {line}" for line in rest[1:])]


def packed(texts: Sequence[str], limit: int, more: str = "……") -> list[str]:
    """`texts` in as few messages as they fit into, in their order, each of at most `limit` bytes."""
    made: list[str] = []
    for text in texts:
        piece = shortened(text, limit, more)
        joint = "\n" if piece.startswith("- ") and made and made[-1].rpartition("\n")[2].startswith("- ") else "\n\n"
        if made and size(made[-1]) + size(joint) + size(piece) <= limit:
            made[-1] += joint + piece
        else:
            made.append(piece)
    return made


def shortened(text: str, limit: int, more: str = "……") -> str:
    """`text` in at most `limit` bytes: cut after a line where that keeps most of it, never within a character or a
    link, with the link of its first line at the end."""
    if size(text) <= limit:
        return text
    link = _LINK.search(_first_line(text)[:4_000])
    tail = f"\n\n[{more}]({link['url']})" if link and size(link["url"]) < limit // 2 else f"\n\n{more}"
    kept = text.encode()[: limit - size(tail)].decode("utf-8", "ignore")
    line = kept.rfind("\n")
    if line > len(kept) // 2:
        kept = kept[:line]
    opened = kept.rfind("[")
    if opened > kept.rfind(")") and _LINK.match(text, opened):  # a link was cut in two
        kept = kept[:opened]
    if kept.count("**") % 2:
        kept = kept[: kept.rfind("**")]
    return kept.rstrip() + tail


def size(text: str) -> int:
    """The bytes of `text`."""
    return len(text.encode())


def _first_line(text: str) -> str:
    return next((line.lstrip("# ") for line in text.split("\n") if line.strip() and not line.startswith("## ")), "")
