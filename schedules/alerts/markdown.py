"""An outline as Markdown that every robot's dialect reads alike: headings, bold, links, quotes, lists.

Robots differ in how a character is escaped, and some know no way: so what is markup or a mention in any of them is
written in its full-width form, which is none of it anywhere and reads the same.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from schedules.alerts.text import CLAUSE_LIMIT, clean
from schedules.alerts.words import Words

if TYPE_CHECKING:  # render.py stands on this module
    from collections.abc import Sequence

    from schedules.alerts.render import Clause, Outline

_WIDE = str.maketrans({char: chr(ord(char) + 0xFEE0) for char in "\\`*_{}[]<>#|~@&!$^"})
_SCHEME = re.compile(r"(?<=[A-Za-z]):(?=//)|(?<=mailto):|(?<=tel):", re.IGNORECASE)
_HOST = re.compile(r"(?<=[A-Za-z0-9-])\.(?=[A-Za-z]{2})")


def document(full: Sequence[Outline], brief: Sequence[Outline], heading: str, words: Words) -> str:
    """A whole message."""
    parts = [f"## {inert(heading)}"] if heading else []
    parts += [_section(outline) for outline in full]
    if brief:
        lines = [f"**{inert(words['brief'].format(count=len(brief)))}**", ""]
        lines += [f"- {inert(outline.happened)}{words['colon']}{_title(outline)}" for outline in brief]
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def inert(text: str, limit: int = CLAUSE_LIMIT) -> str:
    """`text` as words that no dialect takes for markup, a mention or a link."""
    return _HOST.sub("\uff0e", _SCHEME.sub("\uff1a", clean(text, limit))).translate(_WIDE)


def _section(outline: Outline) -> str:
    words = outline.words
    lines = [f"### {inert(outline.happened)}{words['colon']}{_title(outline)}", ""]
    lines += [f"- {inert(label)}{words['colon']}{inert(value)}" for label, value in outline.rows]
    for note in outline.notes:
        lines += ["", f"**{inert(note)}**"]
    if outline.changes:
        lines += ["", f"**{inert(outline.changes_heading)}**"]
    for clause in outline.changes:
        lines += ["", *_clause(clause, words)]
    if outline.more:
        lines += ["", inert(outline.more)]
    if outline.why:
        lines += ["", f"**{inert(words['why'])}**", ""]
    for watch, found in outline.why:
        lines.append(f"- {words['watch']}{words['quote'].format(inert(watch))}")
        lines += [f"  - {inert(line)}" for line in found]
    return "\n".join(lines)


def _title(outline: Outline) -> str:
    title = inert(outline.title)
    return f"[{title}]({target(outline.link)})" if outline.link else title


def target(url: str) -> str:
    """A web address as a link's target: nothing in it ends the link."""
    return quote(url, safe="%/:?#@!$&'+,;=-._~")


def _clause(clause: Clause, words: Words) -> list[str]:
    lines = [f"**{inert(clause.heading)}**"]
    for name, side in (("before", clause.before), ("after", clause.after)):
        if side is not None:
            start, middle, end = (inert(part) for part in side)
            marked = f" **{middle}** " if middle and (start or end) else middle
            lines += ["", f"> {words[name]}{words['colon']}{start}{marked}{end}"]
    return lines
