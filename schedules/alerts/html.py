"""A message as an HTML mail: one column, styles inline (many mail programs drop style sheets), no images, no scripts.
A style sheet adds what those cannot say: dark colours where the reader's machine is dark, less room on phones."""

from collections.abc import Iterable
from typing import Final

from schedules.alerts.grouping import Contents, Section
from schedules.alerts.marked import Side
from schedules.alerts.outline import Clause, Outline, Term
from schedules.alerts.text import escaped
from schedules.alerts.words import Words

_FONT = "font-family:-apple-system,'Segoe UI','PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif"
_BODY = f"margin:0;padding:20px 12px;background:#f4f5f7;color:#1f2328;{_FONT};font-size:15px;line-height:1.65"
_CARD = "margin:0 0 14px;padding:20px 24px;background:#ffffff;border:1px solid #d8dee4;border-radius:8px"
_LABEL = "padding:2px 14px 2px 0;text-align:left;vertical-align:top;color:#59636e;font-weight:normal;white-space:nowrap"
_QUOTE = "margin:4px 0;padding:6px 12px;border-left:3px solid;border-radius:0 4px 4px 0"
_STRUCK = "text-decoration:line-through"
_SIDES: Final = {
    "before": ("old", "border-color:#cf222e;background:#fff5f5", "del", f"background:#ffc9c9;{_STRUCK}"),
    "after": ("new", "border-color:#1a7f37;background:#f2fbf4", "ins", "background:#aceebb;text-decoration:none"),
}  # fmt: skip
_MUTED = "color:#59636e"
_NOTE = "margin:12px 0;padding:6px 12px;background:#fff8c5;border-radius:4px"
_BETWEEN = "&nbsp; · &nbsp;"
_LINK = "color:#0550ae;text-decoration:none"
_GOOD, _CHANGED, _GONE, _TIME, _TROUBLE = "#1a7f37", "#9a6700", "#cf222e", "#0550ae", "#8250df"
_COLOURS: Final = {
    "added": _GOOD, "restored": _GOOD, "changed": _CHANGED, "withdrawn": _GONE, "repealed": _GONE, "expired": _GONE,
    "in_force": _TIME, "expires_soon": _TIME, "deadline_near": _TIME,
}  # fmt: skip
_SHEET = """
a:hover{text-decoration:underline!important}
.text{overflow-wrap:anywhere}
@media (max-width:480px){body{padding:8px 0!important;font-size:16px!important}
.card{padding:16px!important;border-radius:0!important;border-left:0!important;border-right:0!important}
th,td{display:block;padding:0!important}td{margin-bottom:6px}}
@media (prefers-color-scheme:dark){body{background:#0d1117!important;color:#e6edf3!important}
.card{background:#161b22!important;border-color:#30363d!important}
.muted,th{color:#9198a1!important}a{color:#58a6ff!important}
.note{background:#3a2d05!important;color:#f2e3b3!important}
.old{background:#2b1517!important;border-color:#f85149!important}
.new{background:#12261a!important;border-color:#3fb950!important}
del{background:#8e1519!important;color:#ffdcd7!important}ins{background:#116329!important;color:#d2f8dc!important}
.plain{background:#1c2129!important}mark{background:#5a4a10!important;color:#f2e3b3!important}
.rule{border-color:#30363d!important}}
"""


def document(contents: Contents, title: str) -> str:
    """The whole page of a message. Every text is escaped here, once."""
    words = contents.words
    parts = [
        f'<!DOCTYPE html><html lang="{words["lang"]}"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        f"<title>{escaped(title)}</title><style>{_SHEET}</style></head>",
        f'<body style="{_BODY}"><div style="max-width:700px;margin:0 auto">',
    ]
    if contents.heading:
        parts.append(f'<p style="margin:0 12px 12px;font-weight:600">{escaped(contents.heading)}</p>')
    for issuer, sections in contents.groups:
        if issuer:
            heading = words["group"].format(issuer=issuer, count=len(sections))
            parts.append(f'<h2 style="margin:22px 12px 8px;font-size:16px">{escaped(heading)}</h2>')
        parts += ["\n".join(_section(section, words)) for section in sections]
    if contents.brief:
        parts.append("\n".join(_brief(contents.brief, words)))
    parts.append(
        f'<p class="muted" style="margin:12px;{_MUTED};font-size:12px">{escaped(words["footer"])}</p>'
        "</div></body></html>"
    )
    return "\n".join(parts)


def _section(section: Section, words: Words) -> list[str]:
    parts = [f'<div class="card text" style="{_CARD}">']
    for place, outline in enumerate(section.told):
        parts += _outline(outline, words, again=place > 0)
    if section.title:
        parts.append(
            f'<h1 style="margin:0 0 4px;font-size:19px;line-height:1.45">{_linked(section.title, section.link)}</h1>'
        )
    if section.news:
        parts.append(f'<h2 style="margin:16px 0 4px;font-size:15px">{escaped(section.news_heading)}</h2>')
        parts.append('<ul style="margin:0;padding-left:20px">')
        parts += [_news(news, words) for news in section.news]
        parts.append("</ul>")
    if section.more_news:
        parts.append(f'<p class="muted" style="{_MUTED}">{words["more news"].format(count=section.more_news)}</p>')
    parts.append("</div>")
    return parts


def _outline(outline: Outline, words: Words, *, again: bool) -> list[str]:
    colour = _COLOURS.get(outline.kind, _TROUBLE)
    badge = (
        f'<p style="margin:0"><span style="padding:2px 10px;border-radius:10px;background:{colour};color:#ffffff;'
        f'font-size:13px">{escaped(outline.happened)}</span></p>'
    )
    parts = [
        f'<hr class="rule" style="margin:20px 0;border:0;border-top:1px solid #d8dee4">{badge}' if again else badge
    ]
    if not again:
        title = _linked(outline.title, outline.link)
        parts.append(f'<h1 style="margin:8px 0 12px;font-size:19px;line-height:1.45">{title}</h1>')
    if outline.rows:
        parts.append('<table role="presentation" style="border-collapse:collapse;font-size:14px;margin-top:8px">')
        parts += [
            f'<tr><th style="{_LABEL}">{escaped(label)}</th><td style="padding:2px 0">{escaped(value)}</td></tr>'
            for label, value in outline.rows
        ]
        parts.append("</table>")
    if outline.links:
        links = (
            f'<a href="{_href(url)}" rel="noreferrer" style="{_LINK}">{escaped(name)}</a>'
            for name, url in outline.links
        )
        parts.append(f'<p style="margin:10px 0 0;font-size:14px">{_BETWEEN.join(links)}</p>')
    parts += [f'<p class="note" style="{_NOTE}">{escaped(note)}</p>' for note in outline.notes]
    if outline.changes:
        parts.append(f'<h2 style="margin:18px 0 6px;font-size:15px">{escaped(outline.changes_heading)}</h2>')
        parts += [_clause(clause, words) for clause in outline.changes]
    if outline.more:
        parts.append(f'<p class="muted" style="{_MUTED}">{escaped(outline.more)}</p>')
    if outline.why:
        parts.append(f'<h2 style="margin:18px 0 4px;font-size:15px">{escaped(words["why"])}</h2>')
        parts.append('<ul style="margin:0;padding-left:20px;font-size:14px">')
        parts += [_reason(watch, terms, words) for watch, terms in outline.why]
        parts.append("</ul>")
    return parts


def _href(url: str) -> str:
    return url.replace("&", "&amp;")


def _linked(title: str, url: str | None) -> str:
    if url is None:
        return escaped(title)
    return f'<a href="{_href(url)}" rel="noreferrer" style="{_LINK}">{escaped(title)}</a>'


def _clause(clause: Clause, words: Words) -> str:
    lines = [f'<p style="margin:12px 0 2px;font-weight:600">{escaped(clause.heading)}</p>']
    for name, side in (("before", clause.before), ("after", clause.after)):
        if side is not None:
            kind, look, tag, mark = _SIDES[name]
            label = f'<span class="muted" style="{_MUTED};font-size:12px">{escaped(words[name])}</span>'
            lines.append(f'<p class="{kind}" style="{_QUOTE};{look}">{label} {_marked(side, tag, mark)}</p>')
    return "".join(lines)


def _marked(side: Side, tag: str, look: str) -> str:
    return "".join(
        f'<{tag} style="{look}">{escaped(text)}</{tag}>' if differs else escaped(text) for differs, text in side
    )


def _reason(watch: str, terms: tuple[Term, ...], words: Words) -> str:
    told = "".join(f"<br>{_term(term)}" for term in terms)
    return f"<li>{escaped(words['watch'])}<strong>{escaped(words['quote'].format(watch))}</strong>{told}</li>"


def _term(term: Term) -> str:
    excerpt = f" {_excerpt(term.excerpt, term.term)}" if term.excerpt else ""
    return f'<span class="muted" style="{_MUTED}">{escaped(term.line)}{excerpt}</span>'


def _excerpt(excerpt: str, term: str) -> str:
    """The words around a term, the term marked where it stands in them as it is written."""
    start, found, end = excerpt.partition(term) if term else (excerpt, "", "")
    marked = f'<mark style="background:#fff3b0;color:inherit">{escaped(found)}</mark>' if found else ""
    return f"{escaped(start)}{marked}{escaped(end)}"


def _news(news: Outline, words: Words) -> str:
    excerpt = ""
    if news.excerpt:
        term = next(term.term for _, terms in news.why for term in terms if term.excerpt)
        excerpt = f"<br>{_excerpt(news.excerpt, term)}"
    watches = words["listed"].join(words["quote"].format(watch) for watch, _ in news.why)
    why = f"<br>{escaped(words['watch'] + watches)}" if watches else ""
    where = escaped(words["in"].format(f"{news.source} {news.day}"))
    return (
        f'<li style="margin:4px 0">{_linked(news.title, news.link)} '
        f'<span class="muted" style="{_MUTED};font-size:13px">{where}{excerpt}{why}</span></li>'
    )


def _brief(sections: Iterable[Section], words: Words) -> list[str]:
    told = list(sections)
    count = sum(len(section.notices) for section in told)
    parts = [
        f'<div class="card text" style="{_CARD}">',
        f'<p style="margin:0 0 6px">{escaped(words["brief"].format(count=count))}</p>',
    ]
    for section in told:
        outline = (*section.told, *section.news)[0]
        happened = f'<span class="muted" style="{_MUTED}">{escaped(outline.happened)}</span>'
        parts.append(f'<p style="margin:3px 0">{happened} {_linked(outline.title, outline.link)}</p>')
    return [*parts, "</div>"]
