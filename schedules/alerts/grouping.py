"""Notices of one message in sections: what is about one document stands together, news about a policy under it; many
sections stand by issuer. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from schedules.alerts.model import Notice, Other
from schedules.alerts.outline import Language, Outline, outline_of
from schedules.alerts.text import clean, web_link
from schedules.alerts.words import LANGUAGES, Words
from storage.identity import issuer_key

MOST_SECTIONS = 30  # told in full in one message; of the rest title and link
MOST_NEWS = 20  # under one policy
ISSUERS_FROM = 4  # sections; fewer need no headings


@dataclass(frozen=True, slots=True)
class Section:
    """What happened about one document. `told`: each notice of it; none where there is only news about it, which then
    stands under `title`. `notices` are all, news too, for a message of this section alone."""

    notices: tuple[Notice, ...]
    told: tuple[Outline, ...]
    title: str  # of the policy that the news is about, where nothing else happened about it
    link: str | None
    news_heading: str  # 3 条相关新闻
    news: tuple[Outline, ...]
    more_news: int
    issuer: str


@dataclass(frozen=True, slots=True)
class Contents:
    """A whole message. `heading`: 5 条：新文件 3，文件有修改 2; empty for one notice."""

    words: Words
    heading: str
    groups: tuple[tuple[str, tuple[Section, ...]], ...]  # (issuer, or "" where there are no headings; its sections)
    brief: tuple[Section, ...]

    @property
    def sections(self) -> tuple[Section, ...]:
        """All that is told in full, in order."""
        return tuple(section for _, sections in self.groups for section in sections)

    @property
    def full(self) -> tuple[Outline, ...]:
        """Every outline told in full, in order."""
        return tuple(outline for section in self.sections for outline in (*section.told, *section.news))


def contents_of(notices: Sequence[Notice], language: Language) -> Contents:
    """Group `notices` in the order in which each document, and each issuer, comes first."""
    words = LANGUAGES[language]
    sections = [_section(together, language) for together in _together(notices)]
    full, brief = sections[:MOST_SECTIONS], sections[MOST_SECTIONS:]
    groups: dict[str, list[Section]] = {}
    keys = [issuer_key(section.issuer) or section.issuer for section in full]  # a ministry and its office are one
    by_issuer = len(full) >= ISSUERS_FROM and len(set(keys)) > 1
    for key, section in zip(keys, full, strict=True):
        groups.setdefault(key if by_issuer else "", []).append(section)
    return Contents(
        words=words,
        heading=_heading(notices, words, language) if len(notices) > 1 else "",
        groups=tuple(
            (min((section.issuer for section in of_it), key=len) if by_issuer else "", tuple(of_it))
            for of_it in groups.values()
        ),
        brief=tuple(brief),
    )


def _heading(notices: Sequence[Notice], words: Words, language: Language) -> str:
    kinds = Counter(outline_of(notice, language).happened for notice in notices)
    counted = words["and"].join(f"{kind} {count}" for kind, count in kinds.items())
    return f"{words['many'].format(count=len(notices))}{words['colon']}{counted}"


def _together(notices: Sequence[Notice]) -> list[list[Notice]]:
    """Notices of one document together, and with the news about it; what is of no document stands alone."""
    groups: dict[tuple[str, int], list[Notice]] = {}
    for place, notice in enumerate(notices):
        if notice.type == "news" and notice.about is not None:
            key = ("document", notice.about.document_id)
        elif notice.document_id is not None:
            key = ("document", notice.document_id)
        else:
            key = ("alone", place)
        groups.setdefault(key, []).append(notice)
    return list(groups.values())


def _section(notices: Sequence[Notice], language: Language) -> Section:
    words = LANGUAGES[language]
    news = [notice for notice in notices if notice.type == "news" and notice.about is not None]
    own = [notice for notice in notices if notice not in news]
    if len(news) == 1 and not own:  # one report and nothing else: told in full, with what it is about
        own, news = news, []
    told: list[Outline] = []
    for notice in own:
        outline = outline_of(notice, language)
        told.append(_without(outline, told[0]) if told else outline)
    policy: Other | None = news[0].about if news and not own else None
    heading = words["news"].format(count=len(news)) if news else ""
    return Section(
        notices=tuple(notices),
        told=tuple(told),
        title=clean(policy.name) if policy else "",
        link=web_link(policy.link) if policy else None,
        news_heading=heading,
        news=tuple(outline_of(notice, language) for notice in news[:MOST_NEWS]),
        more_news=max(0, len(news) - MOST_NEWS),
        issuer=_issuer(own, words),
    )


def _issuer(own: Sequence[Notice], words: Words) -> str:
    if not own:
        return words["no issuer"]
    if own[0].document_id is None:
        return words["operations"]
    return clean(own[0].issuer or "", 60) or words["no issuer"]


def _without(outline: Outline, first: Outline) -> Outline:
    """A further notice of the same document, without what was said before."""
    return Outline(
        **{name: getattr(outline, name) for name in Outline.__slots__}
        | {
            "rows": tuple(row for row in outline.rows if row not in first.rows),
            "links": tuple(link for link in outline.links if link not in first.links),
            "why": tuple(reason for reason in outline.why if reason not in first.why),
        }
    )
