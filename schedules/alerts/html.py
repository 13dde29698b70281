"""An outline as an HTML mail: one column, styles inline (mail programs drop style sheets), no images, no scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schedules.alerts.text import escaped
from schedules.alerts.words import Words

if TYPE_CHECKING:  # render.py stands on this module
    from collections.abc import Sequence

    from schedules.alerts.render import Clause, Outline

_FONT = "font-family:-apple-system,'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif"
_CARD = "margin:0 0 12px;padding:20px;background:#ffffff;border:1px solid #d0d7de"
_LABEL = "padding:2px 12px 2px 0;text-align:left;vertical-align:top;color:#59636e;font-weight:normal;white-space:nowrap"
_MARK = {"before": "background:#ffd7d5;text-decoration:line-through", "after": "background:#ccffd8"}
_LONG = 4_000


def page(full: Sequence[Outline], brief: Sequence[Outline], heading: str, words: Words) -> str:
    """The whole HTML page of a message. Every text is escaped here, once."""
    title = heading or full[0].title
    parts = [
        f'<!DOCTYPE html><html lang="{words["lang"]}"><head><meta charset="utf-8">',
        f"<title>{escaped(title)}</title></head>",
        f'<body style="margin:0;padding:16px;background:#f6f8fa;color:#1f2328;{_FONT};font-size:15px;line-height:1.6">',
        '<div style="max-width:680px;margin:0 auto">',
    ]
    if heading:
        parts.append(f'<p style="margin:0 0 12px">{escaped(heading)}</p>')
    parts += [_section(outline) for outline in full]
    if brief:
        parts.append(f'<div style="{_CARD}"><p>{escaped(words["brief"].format(count=len(brief)))}</p>')
        parts += [f'<p style="margin:2px 0">{escaped(outline.happened)} {_title(outline)}</p>' for outline in brief]
        parts.append("</div>")
    parts.append(f'<p style="color:#59636e;font-size:12px">{escaped(words["footer"])}</p></div></body></html>')
    return "\n".join(parts)


def _section(outline: Outline) -> str:
    words = outline.words
    parts = [
        f'<div style="{_CARD}">',
        f'<p style="margin:0;color:#59636e">{escaped(outline.happened)}</p>',
        f'<h1 style="margin:4px 0 12px;font-size:19px">{_title(outline)}</h1>',
        '<table style="border-collapse:collapse;font-size:14px">',
    ]
    parts += [
        f'<tr><th style="{_LABEL}">{escaped(label)}</th><td style="padding:2px 0">{escaped(value)}</td></tr>'
        for label, value in outline.rows
    ]
    parts.append("</table>")
    parts += [f'<p style="padding:6px 10px;background:#fff8c5">{escaped(note)}</p>' for note in outline.notes]
    if outline.changes:
        parts.append(f'<h2 style="font-size:16px">{escaped(outline.changes_heading)}</h2>')
        parts += [_clause(clause, words) for clause in outline.changes]
    if outline.more:
        parts.append(f"<p>{escaped(outline.more)}</p>")
    if outline.why:
        parts.append(f'<h2 style="font-size:16px">{escaped(words["why"])}</h2><ul style="padding-left:20px">')
        parts += [_reason(watch, lines, words) for watch, lines in outline.why]
        parts.append("</ul>")
    parts.append("</div>")
    return "\n".join(parts)


def _title(outline: Outline) -> str:
    title = escaped(outline.title)
    if outline.link is None:
        return title
    return f'<a href="{escaped(outline.link, _LONG)}" rel="noreferrer" style="color:#0550ae">{title}</a>'


def _clause(clause: Clause, words: Words) -> str:
    lines = [f'<p style="margin:12px 0 2px"><strong>{escaped(clause.heading)}</strong></p>']
    for name, side in (("before", clause.before), ("after", clause.after)):
        if side is not None:
            start, middle, end = (escaped_in_place(part) for part in side)
            marked = f'<span style="{_MARK[name]}">{middle}</span>' if middle else ""
            lines.append(
                f'<p style="margin:2px 0;padding-left:10px;border-left:3px solid #d0d7de">'
                f'<span style="color:#59636e">{escaped(words[name])}</span> {start}{marked}{end}</p>'
            )
    return "".join(lines)


def _reason(watch: str, lines: tuple[str, ...], words: Words) -> str:
    told = "".join(f'<br><span style="color:#59636e">{escaped(line)}</span>' for line in lines)
    return f"<li>{escaped(words['watch'])} <strong>{escaped(watch)}</strong>{told}</li>"


def escaped_in_place(part: str) -> str:
    """A part of a clause that is cleaned already, escaped with the spaces at its ends kept."""
    inner = escaped(part, _LONG)
    lead = " " if part[:1] == " " else ""
    trail = " " if len(part) > 1 and part[-1:] == " " else ""
    return f"{lead}{inner}{trail}"
