"""What is said of a notice, chosen and cleaned, before it is said in plain text, HTML or Markdown. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from schedules.alerts.marked import Side, sides
from schedules.alerts.model import Match, Notice
from schedules.alerts.text import CLAUSE_LIMIT, TITLE_LIMIT, ascii_link, clean, unlinked, web_link
from schedules.alerts.words import LANGUAGES, Words
from storage.clock import CHINA
from storage.diff import summary
from storage.records import ClauseChange

MOST_CHANGES = 20  # shown in one message; the rest is counted and left to the archive
MOST_TERMS = 12  # per watch
MOST_WATCHES = 20
EXCERPT = 160  # characters of what stands around a term
OF_TIME = frozenset({"in_force", "expires_soon", "expired", "deadline_near"})

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Clause:
    """A change: a line that says which, and its states; None on the side that has no clause."""

    heading: str
    before: Side | None
    after: Side | None


@dataclass(frozen=True, slots=True)
class Term:
    """A term of a watch, found. `line`: 正文：“标识解析”; `excerpt`: the words around it, where they are shown."""

    line: str
    term: str
    excerpt: str | None


@dataclass(frozen=True, slots=True)
class Outline:
    """What a message says of one notice, in its order. All texts are cleaned; none is escaped yet."""

    words: Words
    kind: str  # the event's, for its colour
    happened: str
    title: str
    link: str | None  # where the title leads
    rows: tuple[tuple[str, str], ...]
    links: tuple[tuple[str, str], ...]  # (page, archive, snapshot in words, web address)
    notes: tuple[str, ...]
    changes_heading: str
    changes: tuple[Clause, ...]
    more: str | None
    why: tuple[tuple[str, tuple[Term, ...]], ...]  # (watch, its terms)
    day: str  # of publication, else of what happened
    source: str

    @property
    def excerpt(self) -> str | None:
        """The first words around a term."""
        return next((term.excerpt for _, terms in self.why for term in terms if term.excerpt), None)


def outline_of(notice: Notice, language: Language) -> Outline:
    """Choose and clean what is said of `notice`. Of news: title, excerpt and link, for its text is its publisher's."""
    words = LANGUAGES[language]
    news = notice.type == "news"
    changes = () if news else notice.changes
    shown = changes[:MOST_CHANGES]
    left = len(changes) - len(shown)
    links = _links(notice, words)
    day = notice.published or notice.happened_at.astimezone(CHINA).date()
    return Outline(
        words=words,
        kind=notice.kind,
        happened=_happened(notice, words),
        title=title_of(notice, words),
        link=links[0][1] if links else None,
        rows=tuple(_rows(notice, words)),
        links=links,
        notes=tuple(_notes(notice, words)),
        changes_heading=_changes_heading(changes, words, language),
        changes=tuple(_clause(change, words, language) for change in shown),
        more=words["more"].format(count=left, id=notice.document_id) if left else None,
        why=_why(notice.matches, words, one_excerpt=news),
        day=day.isoformat(),
        source=clean(notice.source_name),
    )


def title_of(notice: Notice, words: Words) -> str:
    """The document's title, or the name of what the event is of."""
    if notice.document_id is None:
        return clean(notice.source_name) or words["service"]
    return clean(notice.title or "") or words["untitled"]


def _happened(notice: Notice, words: Words) -> str:
    of_type = words.get(f"kind.{notice.kind}.{notice.type}")
    return of_type or words.get(f"kind.{notice.kind}", clean(notice.kind, 40))


def subject(notice: Notice, outline: Outline) -> str:
    """[文件有修改] title · 第八条、第九条 · issuer: one line of at most 200 characters."""
    issuer = f" · {clean(notice.issuer, 60)}" if notice.issuer else ""
    changed = ""
    if outline.changes:
        labels = list(dict.fromkeys(clean(change.label, 20) for change in notice.changes))
        changed = f" · {outline.words['listed'].join(labels[:3])}{'…' if len(labels) > 3 else ''}"
    room = TITLE_LIMIT - len(outline.happened) - 3 - len(issuer) - len(changed)
    return clean(f"[{outline.happened}] {clean(outline.title, max(room, 40))}{changed}{issuer}")


def _links(notice: Notice, words: Words) -> tuple[tuple[str, str], ...]:
    named = [("page", notice.url), ("archive", notice.links.archive)]
    named += [("snapshot", notice.links.snapshot)] if notice.type != "news" else []
    found = ((words[name], web_link(url)) for name, url in named)
    return tuple((name, ascii_link(url)) for name, url in found if url)


def _changes_heading(changes: Sequence[ClauseChange], words: Words, language: Language) -> str:
    """修改之处（3）：第八条修改；新增第九条；…"""
    heading = words["changes"].format(count=len(changes))
    return heading + words["colon"] + clean(summary(changes, language), CLAUSE_LIMIT) if len(changes) > 1 else heading


def _rows(notice: Notice, words: Words) -> list[tuple[str, str]]:
    kind = notice.type and words.get(f"type.{notice.type}", notice.type)
    archive = None
    if notice.document_id is not None and not notice.links.archive:
        archive = words["archive.id"].format(id=notice.document_id, version=notice.version_number or 1)
    about = "interprets" if notice.type == "interpretation" else "about"
    rows = [
        (about, notice.about and notice.about.name),
        ("issuer", notice.issuer),
        ("number", notice.doc_number),
        ("type", kind),
        ("written", notice.written and notice.written.isoformat()),
        ("published", notice.published and notice.published.isoformat()),
        ("effective", notice.effective and notice.effective.isoformat()),
        ("expires", notice.expires and notice.expires.isoformat()),
        ("deadline", _deadline(notice)),
        ("validity", _validity(notice, words)),
        ("by", notice.by and notice.by.name),
        ("repealed.from", notice.day.isoformat() if notice.kind == "repealed" and notice.day else None),
        ("source", notice.source_name if notice.document_id is not None else None),
        ("found", f"{notice.happened_at.astimezone(CHINA):%Y-%m-%d %H:%M} +08:00"),
        ("reason", notice.reason),
        ("archive", archive),
    ]
    return [(words[name], clean(value, CLAUSE_LIMIT)) for name, value in rows if value]


def _deadline(notice: Notice) -> str | None:
    if notice.deadline_at is not None:
        return f"{notice.deadline_at.astimezone(CHINA):%Y-%m-%d %H:%M}"
    return notice.deadline.isoformat() if notice.deadline else None


def _validity(notice: Notice, words: Words) -> str | None:
    if notice.validity in {None, "unknown"}:
        return None
    since = words["since"].format(day=notice.validity_since) if notice.validity_since else ""
    return words.get(f"validity.{notice.validity}", notice.validity or "") + since


def _notes(notice: Notice, words: Words) -> list[str]:
    notes = []
    if notice.kind == "withdrawn":
        notes.append(words["withdrawn.note"])
    if notice.partly:
        notes.append(words["partly"])
    if notice.kind in OF_TIME and notice.day is not None:
        days = (notice.day - notice.happened_at.astimezone(CHINA).date()).days
        if days < 0:
            notes.append(words["days.late"].format(day=notice.day, days=-days))
        elif days > 0:
            notes.append(words["days.left"].format(day=notice.day, days=days))
    if notice.late_days is not None and not notice.backlog:
        notes.append(words["late"].format(days=notice.late_days))
    if notice.backlog:
        notes.append(words["backlog"])
    if notice.images_carry_text:
        notes.append(words["pictures"])
    return notes


def _why(matches: Sequence[Match], words: Words, *, one_excerpt: bool) -> tuple[tuple[str, tuple[Term, ...]], ...]:
    told = []
    excerpts = 1 if one_excerpt else MOST_TERMS * MOST_WATCHES
    for match in matches[:MOST_WATCHES]:
        terms = []
        for found in match.found[:MOST_TERMS]:
            place = words.get(f"place.{found.place}", clean(found.place, 60))
            term = unlinked(clean(found.term, 60))
            excerpt = unlinked(clean(found.excerpt, EXCERPT)) if found.excerpt and excerpts > 0 else None
            excerpts -= excerpt is not None
            terms.append(Term(f"{place}{words['colon']}{words['quote'].format(term)}", term, excerpt))
        told.append((clean(match.watch), tuple(terms)))
    return tuple(told)


def _clause(change: ClauseChange, words: Words, language: Language) -> Clause:
    said = summary((change,), language) or f"{change.label} {change.operation}"
    heading = clean(said, 120)
    if change.columns:
        heading += f"{words['colon']}{clean(words['listed'].join(change.columns), 60)}"
    if change.operation == "renumbered":  # the words are the same
        return Clause(heading, None, None)
    before, after = sides(change.before, change.after)
    return Clause(heading, before, after)
