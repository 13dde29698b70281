"""What people working together keep on documents: read, starred, assigned, tagged, noted.

Marks are each owner's own; assignments, tags and notes are seen by all. What was kept on a document that another stands
for now is shown with that one."""

import re
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session

from storage import merged
from storage.clock import Clock
from storage.engine import reading, writing
from storage.errors import OperatorError
from storage.models import Assignment, Base, Document, Mark, Note, Owner, Tag

LONGEST_NOTE: Final = 10_000
_TAG = re.compile(r"[\w][\w ./+#-]{0,39}")


@dataclass(frozen=True, slots=True)
class NoteRow:
    """A note on a document, or on one of its clauses."""

    id: int
    owner: str
    text: str
    clause: str | None
    created_at: datetime
    edited_at: datetime | None


@dataclass(frozen=True, slots=True)
class OnDesk:
    """What is kept on one document, as one owner sees it. `read_version`: the newest version that this owner read."""

    read_version: int | None = None
    starred: bool = False
    assigned_to: str | None = None
    done_at: datetime | None = None
    tags: tuple[str, ...] = ()
    notes: tuple[NoteRow, ...] = ()


class Desk:
    """Reads and writes what people keep on documents."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def of(self, document_ids: Collection[int], owner_id: int) -> dict[int, OnDesk]:
        """What is kept on each of these documents."""
        with reading(self._engine) as session:
            stands_for = {one: one for one in document_ids}
            for one in document_ids:
                stands_for.update(dict.fromkeys(merged.merged_into(session, one), one))
            return _gathered(session, stands_for, owner_id)

    def read(self, document_id: int, owner_id: int, *, unread: bool = False) -> None:
        """The owner has read the document's current version, or wants it as unread."""
        with writing(self._engine) as session:
            document = _document(session, document_id)
            mark = self._mark(session, document.id, owner_id)
            mark.read_version = None if unread else document.versions
            mark.read_at = None if unread else self._clock.now()

    def star(self, document_id: int, owner_id: int, *, on: bool) -> None:
        """Give the document a star, or take it."""
        with writing(self._engine) as session:
            mark = self._mark(session, _document(session, document_id).id, owner_id)
            mark.starred_at = (mark.starred_at or self._clock.now()) if on else None

    def assign(self, document_id: int, to: str | None, by_id: int) -> None:
        """Have somebody (an owner's name) look after the document; None: nobody."""
        with writing(self._engine) as session:
            document = _document(session, document_id)
            session.execute(delete(Assignment).where(Assignment.document_id == document.id))
            if to is None:
                return
            owner_id = session.scalar(select(Owner.id).where(Owner.name == to))
            if owner_id is None:
                raise OperatorError(f"nobody is called {to!r}")
            session.add(Assignment(document_id=document.id, owner_id=owner_id, by_id=by_id,
                                   assigned_at=self._clock.now(), done_at=None))  # fmt: skip

    def done(self, document_id: int, *, done: bool = True) -> None:
        """What was to be done with the document is done, or is not after all."""
        with writing(self._engine) as session:
            assignment = session.get(Assignment, _document(session, document_id).id)
            if assignment is None:
                raise OperatorError(f"document {document_id} is assigned to nobody")
            assignment.done_at = self._clock.now() if done else None

    def tag(self, document_id: int, tag: str, owner_id: int) -> None:
        """File the document under a word. Raises OperatorError for one that is no word."""
        word = " ".join(tag.lower().split())
        if not _TAG.fullmatch(word):
            raise OperatorError(f"a tag has 1 to 40 letters, digits, spaces and . / + # -; found {tag!r}")
        with writing(self._engine) as session:
            document = _document(session, document_id)
            if session.get(Tag, (word, document.id)) is None:
                session.add(Tag(tag=word, document_id=document.id, owner_id=owner_id, created_at=self._clock.now()))

    def untag(self, document_id: int, tag: str) -> None:
        """Take the document out from under a word."""
        word = " ".join(tag.lower().split())
        with writing(self._engine) as session:
            document = _document(session, document_id)
            ids = [document.id, *merged.merged_into(session, document.id)]
            session.execute(delete(Tag).where(Tag.document_id.in_(ids), Tag.tag == word))

    def note(self, document_id: int, text: str, owner_id: int, clause: str | None = None) -> int:
        """Write a note; its number. Raises OperatorError for an empty one, or one that is too long."""
        text = _note_text(text)
        with writing(self._engine) as session:
            note = Note(document_id=_document(session, document_id).id, owner_id=owner_id, text=text,
                        clause=clause or None, created_at=self._clock.now(), edited_at=None)  # fmt: skip
            session.add(note)
            session.flush()
            return note.id

    def edit_note(self, note_id: int, text: str, owner_id: int) -> bool:
        """Change one's own note; an empty text removes it. False where the owner has none such."""
        with writing(self._engine) as session:
            note = session.get(Note, note_id)
            if note is None or note.owner_id != owner_id:
                return False
            if text.strip():
                note.text, note.edited_at = _note_text(text), self._clock.now()
            else:
                session.delete(note)
            return True

    def listed(self, owner_id: int, what: str, limit: int = 200) -> list[int]:
        """Documents that have a star of the owner (`starred`), are the owner's to look after (`assigned`), or bear a
        tag (`tag:WORD`), those of late first."""
        if what == "starred":
            query = select(Mark.document_id).where(Mark.owner_id == owner_id, Mark.starred_at.is_not(None))
            query = query.order_by(Mark.starred_at.desc())
        elif what == "assigned":
            query = select(Assignment.document_id).where(Assignment.owner_id == owner_id, Assignment.done_at.is_(None))
            query = query.order_by(Assignment.assigned_at.desc())
        elif what.startswith("tag:"):
            query = select(Tag.document_id).where(Tag.tag == " ".join(what[4:].lower().split()))
            query = query.order_by(Tag.created_at.desc())
        else:
            raise OperatorError(f"nothing is listed by {what!r}; expected starred, assigned or tag:WORD")
        with reading(self._engine) as session:
            ids = list(session.scalars(query.limit(limit)))
            stand_for = merged.survivors(session, ids)
            return list(dict.fromkeys(stand_for[one] for one in ids if one in stand_for))

    def tags(self) -> list[tuple[str, int]]:
        """All tags with how many documents bear them."""
        with reading(self._engine) as session:
            rows = session.execute(select(Tag.tag, func.count()).group_by(Tag.tag).order_by(Tag.tag))
            return [(tag, count) for tag, count in rows]

    @staticmethod
    def _mark(session: Session, document_id: int, owner_id: int) -> Mark:
        mark = session.get(Mark, (owner_id, document_id))
        if mark is None:
            mark = Mark(owner_id=owner_id, document_id=document_id, read_version=None, read_at=None, starred_at=None)
            session.add(mark)
        return mark


def forget(session: Session, document_id: int) -> None:
    """Remove what was kept on a document that is erased: notes may quote it."""
    tables: Sequence[type[Base]] = (Mark, Assignment, Tag, Note)
    for table in tables:
        session.execute(delete(table).where(table.document_id == document_id))  # type: ignore[attr-defined]


def _gathered(session: Session, stands_for: dict[int, int], owner_id: int) -> dict[int, OnDesk]:
    ids = list(stands_for)
    tags: defaultdict[int, set[str]] = defaultdict(set)
    notes: defaultdict[int, list[NoteRow]] = defaultdict(list)
    read: dict[int, int | None] = {}
    starred: set[int] = set()
    assigned: dict[int, tuple[str, datetime | None]] = {}
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        for mark in session.scalars(select(Mark).where(Mark.document_id.in_(some), Mark.owner_id == owner_id)):
            at = stands_for[mark.document_id]
            if mark.document_id == at:
                read[at] = mark.read_version
            if mark.starred_at is not None:
                starred.add(at)
        of_all = select(Assignment, Owner.name).join(Owner, Owner.id == Assignment.owner_id)
        for assignment, name in session.execute(of_all.where(Assignment.document_id.in_(some))):
            at = stands_for[assignment.document_id]
            if assignment.document_id == at or at not in assigned:
                assigned[at] = (name, assignment.done_at)
        for tag in session.scalars(select(Tag).where(Tag.document_id.in_(some))):
            tags[stands_for[tag.document_id]].add(tag.tag)
        of_notes = select(Note, Owner.name).join(Owner, Owner.id == Note.owner_id).where(Note.document_id.in_(some))
        for note, name in session.execute(of_notes.order_by(Note.id)):
            row = NoteRow(note.id, name, note.text, note.clause, note.created_at, note.edited_at)
            notes[stands_for[note.document_id]].append(row)
    found = {}
    for one in dict.fromkeys(stands_for.values()):
        who, done_at = assigned.get(one, (None, None))
        found[one] = OnDesk(read.get(one), one in starred, who, done_at, tuple(sorted(tags[one])), tuple(notes[one]))
    return found


def _document(session: Session, document_id: int) -> Document:
    document = session.get(Document, document_id)
    if document is None:
        raise OperatorError(f"there is no document {document_id}")
    return merged.survivor(session, document)


def _note_text(text: str) -> str:
    text = text.strip()
    if not text or len(text) > LONGEST_NOTE:
        raise OperatorError(f"a note has 1 to {LONGEST_NOTE:,} characters; found {len(text):,}")
    return text
