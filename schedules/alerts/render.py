"""Notices in words: grouped, outlined, and said as plain text, HTML, Markdown and JSON. Pure."""

from collections.abc import Sequence

from schedules.alerts import data, html, markdown, plain
from schedules.alerts.grouping import Contents, Section, contents_of
from schedules.alerts.model import Message, Notice
from schedules.alerts.outline import Language, Outline, subject
from schedules.alerts.text import clean
from schedules.alerts.text import plain as plain_words

__all__ = ["Language", "render"]


def render(notices: Sequence[Notice], language: Language = "zh") -> Message:
    """Say one or more notices in one message."""
    contents = contents_of(notices, language)
    title = _title(notices, contents)
    sections = (*contents.sections, *contents.brief)
    return Message(
        subject=clean(plain_words(title)),
        text=plain.document(contents),
        html=html.document(contents, title),
        markdown=markdown.document(contents),
        data=data.document(notices),
        parts=_parts(contents, language) if len(sections) > 1 else (),
    )


def _title(notices: Sequence[Notice], contents: Contents) -> str:
    first = _first((*contents.sections, *contents.brief)[0])
    if not contents.heading:
        return subject(notices[0], first)
    return clean(f"[{contents.heading}] {first.title}")


def _first(section: Section) -> Outline:
    return (*section.told, *section.news)[0]


def _parts(contents: Contents, language: Language) -> tuple[Message, ...]:
    """A message for each section told in full, and one for the rest, which is a list."""
    parts = [render(section.notices, language) for section in contents.sections]
    if contents.brief:
        rest = [notice for section in contents.brief for notice in section.notices]
        short = Contents(contents.words, "", (), contents.brief)
        title = contents.words["brief"].format(count=len(rest))
        parts.append(
            Message(
                subject=clean(plain_words(f"{title} {_first(contents.brief[0]).title}")),
                text=plain.document(short),
                html=html.document(short, title),
                markdown=markdown.document(short),
                data=data.document(rest),
            )
        )
    return tuple(parts)
