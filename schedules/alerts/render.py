"""Notices in words: one outline each, said as plain text and as HTML. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from schedules.alerts import data, markdown
from schedules.alerts.html import page
from schedules.alerts.model import Match, Message, Notice
from schedules.alerts.text import CLAUSE_LIMIT, TITLE_LIMIT, clean, differing, web_link, window
from schedules.alerts.words import LANGUAGES, Words
from storage.clock import CHINA
from storage.diff import summary
from storage.records import ClauseChange

MOST_CHANGES = 20  # shown in one message; the rest is counted and left to the archive
MOST_TERMS = 12  # per watch
MOST_NOTICES = 30  # told in full in one message; of the rest title and link

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Clause:
    """A change, cut for marking: (same, differing, same) before and after; None on the side that has no clause."""

    heading: str
    before: tuple[str, str, str] | None
    after: tuple[str, str, str] | None


@dataclass(frozen=True, slots=True)
class Outline:
    """What a message says, in its order. All texts are cleaned; none is escaped yet."""

    words: Words
    happened: str
    title: str
    rows: tuple[tuple[str, str], ...]
    link: str | None
    notes: tuple[str, ...]
    why: tuple[tuple[str, tuple[str, ...]], ...]  # (watch, lines that say which terms stand where)
    changes_heading: str
    changes: tuple[Clause, ...]
    more: str | None


def render(notices: Sequence[Notice], language: Language = "zh") -> Message:
    """Say one or more notices in one message."""
    words = LANGUAGES[language]
    outlines = [outline_of(notice, language) for notice in notices]
    full, brief = outlines[:MOST_NOTICES], outlines[MOST_NOTICES:]
    heading = "" if len(outlines) == 1 else _heading(outlines, words)
    subject = _subject(notices[0], outlines[0]) if not heading else clean(f"[{heading}] {outlines[0].title}")
    return Message(
        subject=subject,
        text=_text(full, brief, heading, words),
        html=page(full, brief, heading, words),
        markdown=markdown.document(full, brief, heading, words),
        data=data.document(notices),
        parts=tuple(render([notice], language) for notice in notices) if heading else (),
    )


def _heading(outlines: Sequence[Outline], words: Words) -> str:
    """How many of what: 5 条：新文件 3，文件有修改 2."""
    kinds = Counter(outline.happened for outline in outlines)
    counted = words["and"].join(f"{kind} {count}" for kind, count in kinds.items())
    return f"{words['many'].format(count=len(outlines))}{words['colon']}{counted}"


def outline_of(notice: Notice, language: Language) -> Outline:
    """Choose and clean what is said of `notice`."""
    words = LANGUAGES[language]
    title = clean(notice.title or "") or (notice.source_name if notice.document_id is None else words["untitled"])
    shown = notice.changes[:MOST_CHANGES]
    left = len(notice.changes) - len(shown)
    return Outline(
        words=words,
        happened=words.get(f"kind.{notice.kind}", clean(notice.kind)),
        title=clean(title),
        rows=tuple(_rows(notice, words)),
        link=web_link(notice.url),
        notes=tuple(_notes(notice, words)),
        why=tuple((clean(match.watch), _terms(match, words)) for match in notice.matches),
        changes_heading=_changes_heading(notice.changes, words, language),
        changes=tuple(_clause(change, words) for change in shown),
        more=words["more"].format(count=left, id=notice.document_id) if left else None,
    )


def _changes_heading(changes: Sequence[ClauseChange], words: Words, language: Language) -> str:
    """修改之处（3）：第八条修改；新增第九条；…"""
    heading = words["changes"].format(count=len(changes))
    return heading + words["colon"] + clean(summary(changes, language), CLAUSE_LIMIT) if len(changes) > 1 else heading


def _rows(notice: Notice, words: Words) -> list[tuple[str, str]]:
    kind = notice.type and words.get(f"type.{notice.type}", notice.type)
    archive = None
    if notice.document_id is not None:
        archive = words["archive.id"].format(id=notice.document_id, version=notice.version_number or 1)
    rows = [
        ("issuer", notice.issuer),
        ("number", notice.doc_number),
        ("type", kind),
        ("written", notice.written and notice.written.isoformat()),
        ("published", notice.published and notice.published.isoformat()),
        ("effective", notice.effective and notice.effective.isoformat()),
        ("expires", notice.expires and notice.expires.isoformat()),
        ("deadline", _deadline(notice)),
        ("validity", _validity(notice, words)),
        ("by", notice.by),
        ("repealed.from", notice.day.isoformat() if notice.kind == "repealed" and notice.day else None),
        ("source", notice.source_name),
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
    if notice.partly:
        notes.append(words["partly"])
    if notice.kind in {"in_force", "expires_soon", "expired", "deadline_near"} and notice.day is not None:
        days = (notice.happened_at.astimezone(CHINA).date() - notice.day).days
        notes += [words["days.late"].format(day=notice.day, days=days)] if days > 0 else []
    if notice.late_days is not None and not notice.backlog:
        notes.append(words["late"].format(days=notice.late_days))
    if notice.backlog:
        notes.append(words["backlog"])
    if notice.images_carry_text:
        notes.append(words["pictures"])
    return notes


def _terms(match: Match, words: Words) -> tuple[str, ...]:
    lines = []
    for found in match.found[:MOST_TERMS]:
        place = words.get(f"place.{found.place}", clean(found.place))
        line = f"{place}{words['colon']}{words['quote'].format(clean(found.term, 60))}"
        if found.excerpt:
            line += f"  {clean(found.excerpt, 160)}"
        lines.append(line)
    return tuple(lines)


def _clause(change: ClauseChange, words: Words) -> Clause:
    heading = f"{clean(change.label, 60)}  {words.get(f'op.{change.operation}', clean(change.operation))}"
    if change.was is not None:
        heading = clean(summary((change,), "zh" if words["lang"].startswith("zh") else "en"), 120)
    if change.columns:
        heading += f"  {clean(words['listed'].join(change.columns), 60)}"
    if change.operation == "renumbered":  # the words are the same
        return Clause(heading, None, None)
    before = None if change.before is None else clean(change.before, 100_000)
    after = None if change.after is None else clean(change.after, 100_000)
    if before is not None and after is not None:
        old, new = differing(before, after)
        return Clause(heading, window(old), window(new))
    whole = [None if side is None else window(("", side, "")) for side in (before, after)]
    return Clause(heading, whole[0], whole[1])


def _subject(notice: Notice, outline: Outline) -> str:
    issuer = f" · {clean(notice.issuer, 60)}" if notice.issuer else ""
    changed = ""
    if notice.changes:
        labels = list(dict.fromkeys(clean(change.label, 20) for change in notice.changes))
        changed = f" · {'、'.join(labels[:3])}{'…' if len(labels) > 3 else ''}"
    room = TITLE_LIMIT - len(outline.happened) - 2 - len(issuer) - len(changed)
    return clean(f"[{outline.happened}] {clean(outline.title, max(room, 40))}{changed}{issuer}")


def _text(full: Sequence[Outline], brief: Sequence[Outline], heading: str, words: Words) -> str:
    parts = [f"{heading}\n"] if heading else []
    parts += [_section(outline) for outline in full]
    if brief:
        lines = [words["brief"].format(count=len(brief))]
        lines += [
            f"  {outline.happened}{words['colon']}{outline.title} {outline.link or ''}".rstrip() for outline in brief
        ]
        parts.append("\n".join(lines) + "\n")
    return ("\n" + "—" * 20 + "\n\n").join(parts)


def _section(outline: Outline) -> str:
    words = outline.words
    lines = [f"{outline.happened}{words['colon']}{outline.title}", ""]
    lines += [f"{label}{words['colon']}{value}" for label, value in outline.rows]
    if outline.link:
        lines.append(f"{words['page']}{words['colon']}{outline.link}")
    for note in outline.notes:
        lines += ["", note]
    if outline.changes:
        lines += ["", outline.changes_heading]
    for clause in outline.changes:
        lines.append(f"  {clause.heading}")
        for name, side in (("before", clause.before), ("after", clause.after)):
            if side is not None:
                lines.append(f"    {words[name]}{words['colon']}{''.join(side)}")
    if outline.more:
        lines.append(f"  {outline.more}")
    if outline.why:
        lines += ["", words["why"]]
    for watch, found in outline.why:
        lines.append(f"  {words['watch']}{words['quote'].format(watch)}")
        lines += [f"    {line}" for line in found]
    return "\n".join(lines) + "\n"
