"""A message as Markdown that every robot's dialect reads alike: headings, bold, links, quotes, lists; no HTML."""

from collections.abc import Iterable

from schedules.alerts.grouping import Contents, Section
from schedules.alerts.marked import Side
from schedules.alerts.outline import Clause, Outline
from schedules.alerts.text import inert
from schedules.alerts.words import Words


def document(contents: Contents) -> str:
    """The whole Markdown of a message."""
    words = contents.words
    parts = [f"## {inert(contents.heading)}"] if contents.heading else []
    for issuer, sections in contents.groups:
        if issuer:
            parts.append(f"## {inert(words['group'].format(issuer=issuer, count=len(sections)))}")
        parts += ["\n".join(_section(section, words)) for section in sections]
    if contents.brief:
        parts.append("\n".join(_brief(contents.brief, words)))
    return "\n\n".join(parts) + "\n"


def _section(section: Section, words: Words) -> list[str]:
    lines: list[str] = []
    for place, outline in enumerate(section.told):
        lines += ([""] if place else []) + _outline(outline, words, again=place > 0)
    if section.title:
        lines.append(f"### {_linked(section.title, section.link)}")
    if section.news:
        lines += ["", f"**{inert(section.news_heading)}**", ""]
    for news in section.news:
        lines.append(f"- {_linked(news.title, news.link)} {inert(words['in'].format(news.source + ' ' + news.day))}")
        lines += [f"  - {inert(news.excerpt)}"] if news.excerpt else []
        lines += [f"  - {words['watch']}{inert(words['quote'].format(watch))}" for watch, _ in news.why]
    if section.more_news:
        lines.append(f"- {words['more news'].format(count=section.more_news)}")
    return lines


def _outline(outline: Outline, words: Words, *, again: bool) -> list[str]:
    heading = f"**{inert(outline.happened)}**"
    if not again:
        heading = f"### {inert(outline.happened)}{words['colon']}{_linked(outline.title, outline.link)}"
    lines = [heading, ""]
    lines += [f"- {inert(label)}{words['colon']}{inert(value)}" for label, value in outline.rows]
    if outline.links:
        lines.append("- " + " · ".join(f"[{inert(label)}]({_target(url)})" for label, url in outline.links))
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
    for watch, terms in outline.why:
        lines.append(f"- {inert(words['watch'])}{inert(words['quote'].format(watch))}")
        lines += [f"  - {inert(term.line)}{f'  {inert(term.excerpt)}' if term.excerpt else ''}" for term in terms]
    return lines


def _linked(title: str, url: str | None) -> str:
    return f"[{inert(title)}]({_target(url)})" if url else inert(title)


def _target(url: str) -> str:
    """A web address where brackets would end it."""
    return url.replace("(", "%28").replace(")", "%29").replace("*", "%2A").replace(";", "%3B")


def _clause(clause: Clause, words: Words) -> list[str]:
    lines = [f"**{inert(clause.heading)}**"]
    for name, side in (("before", clause.before), ("after", clause.after)):
        if side is not None:
            lines += ["", f"> {words[name]}{words['colon']}{_marked(side)}"]
    return lines


def _marked(side: Side) -> str:
    """What differs is bold, with spaces around it: beside Chinese signs a bold would else not begin or end."""
    parts = []
    for differs, text in side:
        words = inert(text)
        parts.append(f" **{words.strip()}** " if differs and words.strip() else words)
    return "".join(parts).strip()


def _brief(sections: Iterable[Section], words: Words) -> list[str]:
    told = list(sections)
    lines = [f"**{inert(words['brief'].format(count=sum(len(section.notices) for section in told)))}**", ""]
    for section in told:
        outline = (*section.told, *section.news)[0]
        lines.append(f"- {inert(outline.happened)}{words['colon']}{_linked(outline.title, outline.link)}")
    return lines
