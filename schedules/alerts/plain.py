"""A message as plain text, for terminals and mail programs that show no HTML: lines of 80 columns at most, of which
Chinese signs take two; only links are longer, so that they stay whole."""

from collections.abc import Iterable

from schedules.alerts.grouping import Contents, Section
from schedules.alerts.marked import Side
from schedules.alerts.outline import Clause, Outline
from schedules.alerts.text import columns, plain, wrapped
from schedules.alerts.words import Words

WIDTH = 78  # leaves room for a quoting sign
_RULE = "-" * 40


def document(contents: Contents) -> str:
    """The whole text of a message."""
    words = contents.words
    parts: list[list[str]] = []
    if contents.heading:
        parts.append(_lines(contents.heading))
    for issuer, sections in contents.groups:
        for place, section in enumerate(sections):
            heading = words["group"].format(issuer=issuer, count=len(sections)) if issuer and place == 0 else ""
            parts.append([*([*_lines(heading), "=" * min(WIDTH, columns(heading)), ""] if heading else []),
                          *_section(section, words)])  # fmt: skip
    if contents.brief:
        parts.append(_brief(contents.brief, words))
    rule = f"\n\n{_RULE}\n\n" if len(parts) > 1 else "\n\n"
    return rule.join("\n".join(part) for part in parts) + "\n"


def _section(section: Section, words: Words) -> list[str]:
    lines: list[str] = []
    for place, outline in enumerate(section.told):
        lines += ([""] if place else []) + _outline(outline, words, again=place > 0)
    if section.title:
        lines += _lines(section.title)
        lines += [section.link] if section.link else []
    if section.news:
        lines += ["", plain(section.news_heading) + words["colon"].rstrip()]
    for news in section.news:
        lines += _lines(f"{news.title}{words['in'].format(news.source + words['and'] + news.day)}", "  · ", "    ")
        lines += [f"    {news.link}"] if news.link else []
        lines += _lines(news.excerpt, "    ", "    ") if news.excerpt else []
        if news.why:
            lines += _lines(_watches(news, words), "    ", "    ")
    if section.more_news:
        lines.append("  " + words["more news"].format(count=section.more_news))
    return lines


def _watches(outline: Outline, words: Words) -> str:
    watches = words["listed"].join(words["quote"].format(watch) for watch, _ in outline.why)
    return f"{words['watch']}{watches}"


def _outline(outline: Outline, words: Words, *, again: bool) -> list[str]:
    lines = _lines(outline.happened if again else f"{outline.happened}{words['colon']}{outline.title}")
    if outline.rows or outline.links:
        lines.append("")
    wide = max((columns(label) for label, _ in (*outline.rows, *outline.links)), default=0)
    for label, value in outline.rows:
        lines += _lines(value, _label(label, wide, words), " " * (wide + columns(words["colon"])))
    lines += [_label(label, wide, words) + url for label, url in outline.links]
    for note in outline.notes:
        lines += ["", *_lines(note)]
    if outline.changes:
        lines += ["", *_lines(outline.changes_heading)]
        for clause in outline.changes:
            lines += ["", *_clause(clause, words)]
    if outline.more:
        lines += ["", *_lines(outline.more)]
    if outline.why:
        lines += ["", words["why"]]
    for watch, terms in outline.why:
        lines += _lines(f"{words['watch']}{words['quote'].format(watch)}", "  ", "  ")
        for term in terms:
            lines += _lines(term.line + (f"  {term.excerpt}" if term.excerpt else ""), "    ", "    ")
    return lines


def _label(label: str, wide: int, words: Words) -> str:
    return f"{label}{words['colon']}{' ' * (wide - columns(label))}"


def _clause(clause: Clause, words: Words) -> list[str]:
    lines = _lines(clause.heading, "  ", "  ")
    for name, side, signs in (("before", clause.before, "[-{}-]"), ("after", clause.after, "{{+{}+}}")):
        if side is not None:
            label = f"    {words[name]}{words['colon']}"
            lines += wrapped(_marked(side, signs), WIDTH, label, "      ")
    return lines


def _marked(side: Side, signs: str) -> str:
    return "".join(signs.format(plain(text)) if differs else plain(text) for differs, text in side)


def _brief(sections: Iterable[Section], words: Words) -> list[str]:
    told = list(sections)
    lines = [words["brief"].format(count=sum(len(section.notices) for section in told))]
    for section in told:
        outline = (*section.told, *section.news)[0]
        lines += _lines(f"{outline.happened}{words['colon']}{outline.title}", "  · ", "    ")
        lines += [f"    {outline.link}"] if outline.link else []
    return lines


def _lines(text: str, first: str = "", then: str = "") -> list[str]:
    return wrapped(plain(text), WIDTH, first, then)
