"""Masks what was kept before masking was switched on and reading again does not reach: readings that no version rests
on any more, former texts of files, titles in lists, sentences of references, what events tell.

A former reading with a person's number is emptied, and that is noted beside the hash chain, so that `verify` accepts
it; the other rows are in no chain and are masked where they stand. The bytes in WARC files stay as published.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session, aliased

from storage.archive import Archive
from storage.engine import reading as reading_session
from storage.engine import writing
from storage.erasing import NO_TEXT
from storage.errors import OperatorError
from storage.faults import fp
from storage.masking import mask
from storage.models import Attachment, AttachmentVersion, Event, Organ, Page, Reading, Reference, Version
from storage.retention import note

BATCH: Final = 200  # rows in one transaction
_FIELDS: Final = ("title", "author", "reprinted_from", "blocks", "attachments", "mentions", "evidence", "alternatives")


@dataclass(slots=True)
class Masked:
    """How many rows: former readings emptied, others masked where they stand; `left` are readings with such a number on
    which a version still rests, because their bytes could not be read again."""

    readings: int = 0
    rows: int = 0
    left: int = 0


def mask_former(archive: Archive, *, dry: bool = False) -> Masked:
    """Mask what is left, once `reprocess` has read what can be read again; `dry` only counts. Done again, it goes on.

    Raises OperatorError where the archive does not mask."""
    if not archive.mask:
        raise OperatorError("privacy.mask is false: there is nothing to mask")
    done = Masked()
    for batch in _readings(archive):
        with writing(archive.engine) as session:
            resting = set(session.scalars(select(Version.reading_id).where(Version.reading_id.in_(batch))))
            gone = [row_id for row_id in batch if row_id not in resting]
            done.left += len(resting)
            done.readings += len(gone)
            if gone and not dry:
                session.execute(update(Reading).where(Reading.id.in_(gone)).values(**NO_TEXT))
                session.execute(Organ.__table__.delete().where(Organ.reading_id.in_(gone)))  # type: ignore[attr-defined]
                now = archive.clock.now()
                note(session, "masking", now, now, readings=gone)
        fp("unmasked-emptied")
    for model, columns in _IN_PLACE.items():
        done.rows += _in_place(archive, model, columns, dry=dry)
    return done


def _readings(archive: Archive) -> Iterator[list[int]]:
    """The readings that carry a person's number, some at a time."""
    last = 0
    while True:
        with reading_session(archive.engine) as session:
            rows = session.scalars(select(Reading).where(Reading.id > last).order_by(Reading.id).limit(BATCH)).all()
            found = [row.id for row in rows if any(_differs(getattr(row, name)) for name in _FIELDS)]
        if not rows:
            return
        last = rows[-1].id
        if found:
            yield found


_IN_PLACE: Final[dict[Any, tuple[str, ...]]] = {
    Page: ("title",),
    Attachment: ("name",),
    AttachmentVersion: ("text",),
    Reference: ("title", "sentence"),
    Event: ("payload",),
}


def _in_place(archive: Archive, model: Any, columns: tuple[str, ...], *, dry: bool) -> int:
    """Mask the columns of a table; of files' texts only former ones, as the newest are read again."""
    last = count = 0
    while True:
        with reading_session(archive.engine) as session:
            query = select(model).where(model.id > last).order_by(model.id).limit(BATCH)
            rows = session.scalars(query).all()
            found = {
                row.id: {c: _masked(getattr(row, c)) for c in columns if _differs(getattr(row, c))} for row in rows
            }
            if model is AttachmentVersion:
                found = {row_id: values for row_id, values in found.items() if not _is_newest(session, row_id)}
        if not rows:
            return count
        last = rows[-1].id
        changes = {row_id: values for row_id, values in found.items() if values}
        count += len(changes)
        if changes and not dry:
            with writing(archive.engine) as session:
                for row_id, values in changes.items():
                    session.execute(update(model).where(model.id == row_id).values(**values))


def _changes(row: Any, columns: tuple[str, ...]) -> dict[str, Any]:
    """The row's columns that carry a person's number, masked."""
    return {name: _masked(getattr(row, name)) for name in columns if _differs(getattr(row, name))}


def _is_newest(session: Session, version_id: int) -> bool:
    later = aliased(AttachmentVersion)
    newer = exists().where(
        later.attachment_id == AttachmentVersion.attachment_id, later.seq > AttachmentVersion.seq
    )  # fmt: skip
    query = select(func.count()).where(AttachmentVersion.id == version_id, ~newer)
    return bool(session.scalar(query.select_from(AttachmentVersion)))


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, list | tuple):
        return [_masked(item) for item in value]
    if isinstance(value, dict):
        return {key: _masked(item) for key, item in value.items()}
    return value


def _differs(value: Any) -> bool:
    return value is not None and _masked(value) != (list(value) if isinstance(value, tuple) else value)
